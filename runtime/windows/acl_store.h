/* SPDX-License-Identifier: Apache-2.0 */
/* acl_store.h - what the system does for the Windows backend: objects, their descriptors, placeholders */
#ifndef CDXP_ACL_STORE_H
#define CDXP_ACL_STORE_H

#include "base.h"
#include "ace_list.h"
#include "sbuf.h"

struct arena;

/*
 * All decisions are made above this interface, in code that runs on every
 * system; what stands below it only does.  There are two of them: the files
 * of Windows (acl_store_win32.c), and a model of them (model_store.h).
 *
 * Paths are UTF-8 in the form of path_windows.h ("C:\dir\name"), which the
 * implementation gives to the system as \\?\C:\dir\name, so that nothing is
 * cut off or taken for something else; a lone surrogate in a name that the
 * system gives is written as its three bytes (WTF-8).
 *
 * Nothing is cached, and nothing inherits but at creation: write() changes
 * that object alone (SetKernelObjectSecurity(), not SetSecurityInfo()); what
 * children take over is computed and written by acl_spread.c.
 */
enum acl_status {
	ACL_OK,
	ACL_MISSING,		/* there is no such object, or a directory of its path is missing */
	ACL_EXISTS,		/* create, move: there is something already */
	ACL_NOT_EMPTY,		/* remove */
	ACL_DENIED,		/* the system does not let us */
	ACL_FAILED,		/* anything else; crashed, in a test */
};

enum acl_kind { ACL_FILE, ACL_DIR };

struct acl_facts {
	const char	*final_path;	/* of the open handle, as GetFinalPathNameByHandleW() gives it with
					 * FILE_NAME_NORMALIZED | VOLUME_NAME_DOS: \\?\C:\... or \\?\UNC\... */
	enum acl_kind	 kind;
	bool		 reparse;	/* the object itself is a link, junction or other reparse point */
	bool		 has_acls;	/* its volume has FILE_PERSISTENT_ACLS */
	uint32_t	 links;		/* names of a file; 1 for a directory */
	uint64_t	 size;		/* of a file */
	uint64_t	 volume;	/* serial number: with `id' the identity, as long as the object lives */
	uint64_t	 id[2];		/* FILE_ID_128, or the 64-bit one and 0 */
};

/* An open object, between open() and close(): all is done on that one handle. */
struct acl_object;

/* What to open for: reading a descriptor needs READ_CONTROL, writing WRITE_DAC besides; contents FILE_READ_DATA alone. */
enum acl_open { ACL_LOOK, ACL_CHANGE, ACL_CONTENTS };

/* One name in a directory. */
struct acl_child {
	const char	*name;		/* the long one, in its stored case */
	enum acl_kind	 kind;
	bool		 reparse;
};

struct acl_store {
	const struct acl_store_ops *ops;
	const char	*why;		/* words for the last status but ACL_OK; valid until the next call */
};

struct acl_store_ops {
	/*
	 * The last component is not followed where it is a reparse point.  What
	 * does not end in ACL_OK leaves *object alone.
	 */
	enum acl_status	(*open)(struct acl_store *, const char *path, enum acl_open,
			    struct acl_object **object);
	void		(*close)(struct acl_store *, struct acl_object *);

	/*
	 * Open, for ACL_CHANGE, the object with this identity, wherever it is now
	 * (OpenFileById()); ACL_MISSING too where the volume cannot do that.
	 */
	enum acl_status	(*open_id)(struct acl_store *, uint64_t volume, const uint64_t id[2],
			    struct acl_object **);

	/* Strings and arrays of the results live in the arena. */
	enum acl_status	(*facts)(struct acl_store *, struct arena *, struct acl_object *,
			    struct acl_facts *);
	enum acl_status	(*read)(struct acl_store *, struct arena *, struct acl_object *,
			    struct descriptor *);

	/*
	 * Replace the DACL by exactly this list, inherited entries with their
	 * flag included, keeping owner, protection and the auto-inherited bit
	 * as they are.  The caller reads back.
	 */
	enum acl_status	(*write)(struct acl_store *, struct acl_object *, const struct ace_list *);

	/*
	 * The names in a directory but "." and "..", in any order, at most
	 * `limit' of them; *more: there are others.
	 */
	enum acl_status	(*children)(struct acl_store *, struct arena *, struct acl_object *, size_t limit,
			    struct acl_child **, size_t *n, bool *more);

	/* Append a file's contents, of ACL_CONTENTS; ACL_FAILED beyond `limit' bytes. */
	enum acl_status	(*contents)(struct acl_store *, struct acl_object *, size_t limit, struct sbuf *);

	/*
	 * A new empty directory or file, with what it inherits; the real user
	 * owns it.  Never opens what is there: ACL_EXISTS.  The object is open for
	 * ACL_CHANGE.
	 */
	enum acl_status	(*create)(struct acl_store *, const char *path, enum acl_kind,
			    struct acl_object **);

	/* Rename within its directory; never replaces: ACL_EXISTS. */
	enum acl_status	(*move)(struct acl_store *, const char *from, const char *to);

	/*
	 * Remove the object with this identity, where it is an empty directory or
	 * a file without content: asked and done on one handle.  ACL_NOT_EMPTY,
	 * ACL_MISSING where it is another one.
	 */
	enum acl_status	(*remove)(struct acl_store *, const char *path, uint64_t volume,
			    const uint64_t id[2]);
};

#endif
