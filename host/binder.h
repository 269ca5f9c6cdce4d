/* SPDX-License-Identifier: Apache-2.0 */
/* binder.h - the state of one binding, shared by bind.c and bind_*.c */
#ifndef CDXP_BINDER_H
#define CDXP_BINDER_H

#include "base.h"
#include "bind.h"
#include "canon.h"

struct arena;
struct strmap;

/* One path that an anchor stands for. */
struct anchor_base {
	const char	*spelt;		/* normal; "" for ANCHOR_ABS, whose paths bring their own "/" */
	const char	*path;		/* canonical */
	bool		 again;		/* an earlier base of this anchor has the same canonical path */
};

struct anchor_bases {
	struct anchor_base *v;
	size_t		 len, cap;
	struct strmap	*paths;		/* that are among them */
	bool		 ready;
};

enum mention_kind {
	MENTION_PATH,		/* an entry, workspace root, pattern, gitdir ...: goes through the links */
	MENTION_NAME,		/* a protected name that is a link */
	MENTION_MATCH,		/* a match of a deny pattern that is a link */
};

/* Something that holds only as long as nobody changes these links (spec 2.5). */
struct mention {
	enum mention_kind kind;
	const char	*what;		/* "the working directory", ".git"; NULL: the entry says it all */
	const struct ir_origin *origin;	/* or NULL */
	const char	*end;		/* where the links lead; NULL for MENTION_NAME and MENTION_MATCH */
	const struct fact *const *link;
	size_t		 nlinks;
};

struct binder {
	struct arena	*a;
	struct host	*host;
	const struct bind_request *rq;
	struct bind_error *err;
	bool		 generic;
	struct canon	*canon;
	struct bound_policy *out;
	struct anchor_bases bases[ANCHOR_WINDOWS + 1];
	struct strmap	*links;		/* paths in out->links */
	struct strmap	*writes;	/* paths of write entries */
	struct strmap	*shields;	/* paths in out->shields, but for the policy files */
	struct { struct mention *v; size_t len, cap; } mentions;
};

/* Report the one error of a binding.  Returns -1. */
int	bind_fail(struct binder *, const struct ir_origin *, const char *fmt, ...)
	    PRINTF_LIKE(3, 4);
/* The links of the way are kept for bind_links(). */
void	bind_mention(struct binder *, const struct canon_way *, const char *what,
	    const struct ir_origin *);
/* canon_resolve(), with bind_mention(). */
int	bind_resolve(struct binder *, const char *from, const char *path, const char *what,
	    const struct ir_origin *, struct canon_way *);
/* A way to something granted: its links can be read (spec 2.2). */
void	bind_record_links(struct binder *, const struct canon_way *, enum bound_source,
	    const struct ir_origin *);

/* bind_anchor.c: what an anchor stands for, worked out when first asked; NULL after bind_fail(). */
const struct anchor_bases *bind_anchor(struct binder *, enum anchor, const struct ir_origin *);
/* The path of an entry below one base, lexically normal. */
const char *anchor_path(struct arena *, const struct anchor_base *, const char *rel);

/* bind_device.c: an entry for each device that --device names. */
int	bind_device(struct binder *, const struct ir_device *);
/*
 * bind_windows.c: how paths of Windows are bound.  "C:\\a" as "/C:/a": a normal
 * path or glob in the form of all bound ones.
 */
const char *bind_windows_path(struct arena *, const char *windows);
/* The request with its directories in that form. */
int	bind_windows_request(struct binder *, const struct bind_request *, struct bind_request *out);
/*
 * Names that Windows gives another meaning to than the one that they are
 * spelt with, or none: streams, devices, trailing dots and spaces, short
 * names.  `end' is where the path leads.
 */
int	bind_windows_check(struct binder *, const char *path, const struct fact *end,
	    const char *what, const struct ir_origin *);
/* What a file of git's names, which may be a path of Windows: in the form of all bound ones, or relative. */
const char *bind_windows_named(struct arena *, const char *text);

/* bind_shield.c: protected names, gitdirs, policy files (spec 1.4); after entries and patterns. */
int	bind_shields(struct binder *);

/* bind_link.c: refuse what depends on a link that the policy lets the command change.  Last. */
int	bind_links(struct binder *);

#endif
