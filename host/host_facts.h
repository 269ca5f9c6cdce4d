/* SPDX-License-Identifier: Apache-2.0 */
/* host_facts.h - everything that is asked of the host, in one struct */
#ifndef CDXP_HOST_FACTS_H
#define CDXP_HOST_FACTS_H

#include "base.h"
#include "fact.h"

struct arena;

/*
 * What an empty file is dated that was made for a run (runtime/linux/stubs.c):
 * one that is not has nothing to be asked beyond stat(2), and of those that a
 * pattern matches there are thousands.  2000-01-02 03:04:06 UTC, which every
 * file system can keep.
 */
enum { HOST_STUB_TIME = 946782246 };

/*
 * Two implementations: the real host (host_facts.c: nothing but POSIX, so
 * that it compiles anywhere) and a made-up one for tests (host_fake.c: a list
 * of paths).  Callbacks never follow the last link.  Who needs more (a host
 * that marks its own stubs) wraps one: the callbacks get the struct back.
 */
struct host {
	/*
	 * Fill *out for `path', whose parent is canonical: kind, dev, ino,
	 * target, and the path, whose last component is spelt as the directory
	 * has it, which may take other spellings for the same name.  0, also
	 * where there is nothing (ENOENT, ENOTDIR), else -1 with errno; EACCES:
	 * nobody with our rights sees what is there.
	 */
	int	(*stat)(struct host *, struct arena *, const char *path, struct fact *out);
	/*
	 * A small regular file: a NUL-terminated copy of its first `max' bytes
	 * in the arena, or NULL with errno.
	 */
	char	*(*read)(struct host *, struct arena *, const char *path, size_t max);
	/*
	 * Call back for each child of a directory with its kind, in any order;
	 * not "." and "..".  0, or -1 with errno, or what a callback returned
	 * that was not 0, which ends the listing.
	 */
	int	(*list)(struct host *, const char *path,
		    int (*each)(void *, const char *name, enum node_kind), void *arg);
	/* Home directory of the user in the user database, or NULL. */
	const char *(*home)(struct host *, struct arena *);
	/* Whether the host's own permissions let us make something in a directory.  NULL: they do. */
	bool	(*may_make)(struct host *, const char *dir);
	/*
	 * Much is to be asked below that directory, a canonical one: it may be
	 * kept open, until this is called with NULL.  The path stays where it
	 * is.  A NULL callback: it makes no difference.
	 */
	void	(*hold)(struct host *, const char *dir);
};

struct host *host_real(struct arena *);

/*
 * The host as a macOS target sees it: /tmp, /var and /etc are links to
 * private/tmp and so on.  A Mac is handed back as it is; on any other host
 * what lies below /private/tmp is what the host has below /tmp, so that
 * paths are printed there in the form that they would have.
 */
struct host *host_macos(struct arena *, struct host *);
/* How many bytes of a path are one of these links; 0 where it goes through none. */
size_t	host_macos_moves(const char *path);

/*
 * A host made of lines; later ones win.  Parents are made as directories,
 * paths that no line names are missing, inode numbers are unique on device 1.
 *
 *	d /a			directory
 *	f /a/b text		file, with that content (may have newlines)
 *	l /c -> target		symbolic link
 *	o /s			something else: a socket, a pipe
 *	v /dev/kvm		a device
 *	x /p			directory that cannot be listed (EACCES)
 *	s /w/.codex		directory that is a stub of ours
 *	c /			names are found in every case (ASCII), on all of the host
 *	h /home/u		home directory in the user database (made too)
 *
 * NULL: a line that is not of that form, or a path that is not normal.
 */
struct host *host_fake(struct arena *, const char *const *lines, size_t n);
/*
 * The same without lines: an empty host, and one place more on it, of which
 * path (normal), kind and target are taken; `content' is that of a file, and a
 * `closed' directory cannot be listed.  False: something else than a directory
 * is there already, or has the place as its parent.
 */
struct host *host_fake_new(struct arena *, bool caseless);
bool	host_fake_add(struct host *, struct arena *, const struct fact *, const char *content,
	    bool closed);

#endif
