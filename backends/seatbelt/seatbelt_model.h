/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_model.h - what a Seatbelt profile allows, worked out from its text alone */
#ifndef CDXP_SEATBELT_MODEL_H
#define CDXP_SEATBELT_MODEL_H

#include "base.h"

struct arena;
struct compare_side;
struct refusal;
struct region;
struct seatbelt_model;

/*
 * The text: SBPL behind lines `;; -D NAME=VALUE', VALUE escaped as in a string
 * literal, from which (param "NAME") has its values; they stand before the
 * first form.  Understood are version, allow, deny, (with message, report,
 * no-report, no-log), require-all, require-any, require-not; string-append,
 * param, regex-quote and (define (in-NAME ARGUMENT) (string-append ... ARGUMENT))
 * before its use; for files literal, path, subpath, prefix, regex,
 * path-ancestors, vnode-type and (extension "com.apple.sandbox.pty"); for the
 * network local and remote with ip, tcp, udp and unix-socket; for all else
 * filters by name (global-name, sysctl-name-prefix, ...), target and
 * socket-domain.  Whatever else there is, and a filter on an operation that
 * it is not for, is an error; nothing is passed over.
 *
 * Two readings of precedence (macOS has been seen to follow the first):
 *   kernel  the operation itself is looked up, then its wildcards, from the
 *           narrow to the wide, then `default'; at each level the last rule
 *           with a filter that matches decides, else the last rule without
 *           one; where there is neither, the next level is asked;
 *   flat    the last rule that matches decides, whatever it names; rules for
 *           `default' only where no other matches.
 */

/*
 * NULL with *why (one line, in the arena, with line and column) where the text
 * cannot be read, or where the two readings give different answers: for files
 * and Unix sockets that is worked out for every path and every operation, and
 * the line names the shortest path; for everything else a text that both
 * allows and denies one operation is refused.
 */
struct seatbelt_model *seatbelt_model_read(struct arena *, const char *text, size_t len,
	    const char **why);

/* The same without looking whether the readings differ: for tests. */
struct seatbelt_model *seatbelt_model_load(struct arena *, const char *text, size_t len,
	    const char **why);

/* What is asked about; the path, address or name goes by `operation'. */
struct seatbelt_query {
	const char	*operation;	/* "file-read-data"; no wildcard that has members */
	const char	*path;		/* file, or Unix socket (unix_socket); or NULL */
	bool		 unix_socket;
	const char	*vnode;		/* "DIRECTORY"; NULL: whatever is asked for matches */
	const char	*name;		/* Mach service, sysctl, ...; or NULL */
	const char	*name_kind;	/* "global-name"; NULL: what the operation has by default */
	const char	*protocol;	/* "tcp" or "udp", with host and port; or NULL */
	const char	*host;
	const char	*port;
	const char	*target;	/* "self", ...; or NULL */
	const char	*domain;	/* "AF_UNIX", ...; or NULL */
};
bool	seatbelt_model_asks(const struct seatbelt_model *, const struct seatbelt_query *, bool kernel);

/* One operation on one path.  An operation that does not exist is denied. */
bool	seatbelt_model_allows(const struct seatbelt_model *, const char *operation,
	    const char *path, bool kernel);

/*
 * The text against a policy, over all paths, under both readings.  0, or -1
 * with a refusal that holds the shortest witness in the order of spec 2.4.
 * With R readable, W writable, P pinned, T an ancestor of something readable,
 * or a link on the way to it (spec 2.3, 3.3), each operation is allowed on a
 * path exactly where
 *
 *   file-read-data, -xattr, file-map-executable, file-clone, process-exec*   R
 *   file-read-metadata, file-test-existence                                  R or T
 *   file-write-data, -mode, -owner, -flags, -times, -xattr, -acl, -setugid   W
 *   file-write-unlink, file-link                                             W, not P
 *   file-write-create                                   W, but see below where P
 *
 * and nowhere else than where
 *
 *   file-ioctl, file-search                                                  R
 *   everything else below file*                                              W, not P
 *
 * file-write-create on a pinned place must be denied where the place existed
 * at binding and allowed where it did not; `exists' says so of a node of the
 * policy's tree (NULL: either will do).  Where the policy's answer is part of every sandbox (WHY_BASE)
 * file-read*, file-test-existence and file-write-data are held to R and W and
 * everything else only not to exceed them.  /tmp, /var, /etc and
 * /dev/stdin, stdout, stderr are links that can always be looked at.
 * Metadata and ioctl of terminals (/dev/ttysN) are free, and so is all else
 * on the one whose extension com.apple.sandbox.pty the program holds; any
 * other path is judged with that extension and without.  A filter on the type
 * of a file is judged for every type.
 */
int	seatbelt_model_check(struct arena *, struct seatbelt_model *,
	    const struct compare_side *effective, struct refusal *out);
int	seatbelt_model_check_with(struct arena *, struct seatbelt_model *,
	    const struct compare_side *effective,
	    bool (*exists)(const void *, const struct region *), const void *arg,
	    struct refusal *out);

#endif
