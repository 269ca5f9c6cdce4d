/* SPDX-License-Identifier: Apache-2.0 */
/* profile.h - a profile file understood: keys known, values typed, places in one spelling */
#ifndef CDXP_PROFILE_H
#define CDXP_PROFILE_H

#include "base.h"
#include "place.h"
#include "profile_schema.h"

struct arena;
struct diags;
struct source;
struct strmap;

/*
 * A file and each override on the command line are *layers*, numbered in the
 * order in which they were given.  Within one layer a profile names a place
 * once; a later layer, like a child over its parent, replaces what it names.
 * All that stands here lives in the compilation's arena.
 */

struct origin {
	struct span	 span;		/* the key; {0,0} where no text holds it */
	const char	*text;		/* as written, unquoted */
	const char	*profile;	/* who wrote it; also the source's name where there is no span */
};

/* A scalar, where it was set last. */
struct setting {
	bool		 set;
	bool		 flag;		/* booleans */
	int64_t		 number;	/* integers */
	const char	*text;		/* strings */
	struct span	 value;
	struct origin	 origin;
};

/*
 * One line of a table whose keys are normalised: a place, a workspace root, a
 * domain, a socket, a variable.  Two lines with a key of `same' in common name
 * the same thing.
 */
struct item {
	const char	*same[2];	/* [1]: NULL, but where read or write on a pattern below X names X too */
	struct origin	 origin;
	unsigned	 layer;
	bool		 gone;		/* replaced */
	bool		 pattern;	/* places: `path' is a pattern */
	bool		 on;		/* roots, domains, sockets: true, "allow" */
	enum anchor	 anchor;
	enum access	 access;	/* places */
	uint32_t	 port;		/* domains; 0: any */
	const struct item *replaced;	/* what this one took the place of, and so on; or NULL */
	const char	*path;		/* or domain pattern, or name of a variable */
	const char	*value;		/* variables */
};

struct items {
	struct item	*v;
	size_t		 len, cap;
	struct strmap	*index;		/* same -> position + 1 */
};

/* An array of strings: a later layer replaces it as a whole. */
struct word {
	const char	*text;
	struct origin	 origin;
};

struct words {
	struct word	*v;
	size_t		 len, cap;
	bool		 set;
};

struct network {
	bool		 written;	/* a network table exists */
	bool		 has_domains;
	bool		 has_sockets;
	struct origin	 origin;	/* of the table */
	struct setting	 s[SCHEMA_KEYS];	/* the scalar keys, by KEY_... */
	struct items	 domains, sockets;
	struct toml_node *mitm;		/* the layers and parents so far, merged; or NULL */
	struct origin	 mitm_origin;
};

/* A step of the chain that a merged profile came from. */
struct parent {
	const char	*profile, *parent;
	struct origin	 origin;	/* of the `extends' */
};

struct profile {
	const char	*name;
	struct origin	 origin;	/* its header */
	bool		 builtin;
	bool		 unsandboxed;
	/* profile_extend.c's own: */
	unsigned	 walk;		/* 0: not yet met */
	size_t		 height;	/* ancestors in the file */
	bool		 broken;	/* its chain does not end in a profile without a parent */
	struct setting	 description, extends, scan_depth;
	struct { struct parent *v; size_t len, cap; } parents;	/* once merged */
	struct items	 places, roots;
	struct network	 network;
};

struct environment {
	struct setting	 inherit, ignore_default_excludes;
	struct words	 exclude, include_only;
	struct items	 set;
};

struct legacy_options {
	struct origin	 origin;	/* the table; text is NULL where there is none */
	struct setting	 network_access, exclude_tmpdir, exclude_slash_tmp;
	struct items	 writable_roots;
};

struct config {
	struct arena	*a;
	struct diags	*d;
	bool		 partial;	/* not all was understood: what is absent proves nothing */
	size_t		 errors_before;	/* in the queue when this compilation began */
	bool		 allow_unknown_places;

	struct setting	 default_permissions, sandbox_mode, network_proxy;
	struct span	 permissions;	/* the first profile's header; {0,0}: none */
	struct { struct profile **v; size_t len, cap; } profiles;	/* in the order of the text */
	struct strmap	*by_name;
	struct legacy_options legacy;
	struct environment environment;
	struct words	 protect, acknowledge;
};

struct config *config_new(struct arena *, struct diags *, bool allow_unknown_places);
/* No error so far: what the profile lacks, its author left out. */
bool	config_is_whole(const struct config *);

/*
 * Add a layer.  Errors go to the queue, several in one go; what could not be
 * understood is left out.
 */
void	profile_read(struct config *, const struct toml_node *root, unsigned layer);
struct profile *profile_find(const struct config *, const char *name);
struct profile *profile_new(struct config *, const char *name, struct origin);

/* Parts of profile_read(), by table. */
void	profile_read_filesystem(struct config *, struct profile *, const struct toml_node *,
	    unsigned layer);
void	profile_read_roots(struct config *, struct profile *, const struct toml_node *,
	    unsigned layer);
void	profile_read_network(struct config *, struct profile *, const struct toml_key *,
	    unsigned layer);
void	profile_read_environment(struct config *, const struct toml_node *, unsigned layer);
void	profile_read_legacy(struct config *, const struct toml_key *, unsigned layer);
void	setting_read(struct setting *, const struct toml_key *, const char *profile);
/* An array of strings; the elements' texts.  False after an error. */
bool	words_read(struct config *, struct words *, const struct toml_key *, const char *profile);

/*
 * Add one item.  The same thing twice in one layer is an error that names both
 * lines; an earlier layer's is replaced, in its position.  `what' is "place"
 * in "names the same place as".
 */
void	items_add(struct config *, struct items *, struct item, const char *what);
/* The same without that error: what is there already is replaced. */
void	items_put(struct arena *, struct items *, struct item);
/* All of `over' upon `base', as a child over its parent. */
void	items_merge(struct arena *, struct items *base, const struct items *over);

/* From the command line: read already, laid over what the profile has. */
void	root_add(struct config *, struct profile *, struct item);
void	socket_add(struct config *, struct profile *, struct item);
void	protect_add(struct config *, const char *name, struct origin);

/*
 * The host of a proxy's URL, "SCHEME://HOST[:PORT][/]" in one of n schemes;
 * NULL with *why, a phrase to put behind the quoted text.
 */
const char *proxy_url_host(struct arena *, const char *url, const char *const *schemes,
    size_t n, const char **why);

/* ---- profile_place.c: keys of filesystem tables in one spelling ---- */

enum place_use {
	PLACE_ENTRY,		/* a key of a filesystem table: places and patterns */
	PLACE_ROOT,		/* a workspace or writable root: a path, literal */
	PLACE_SOCKET,		/* a socket: a path, literal */
};

/*
 * `text' names a place.  Fills anchor, path, pattern, and returns 0; -1 after
 * one error under `span'; 1, without a word, where it begins with a colon and
 * is unknown to this version.
 */
int	place_read(struct config *, enum place_use, const char *text, struct span,
    struct item *out);
/* A literal POSIX path as it stands among patterns: `\' in front of what is special. */
const char *place_escape(struct arena *, const char *text);
/* What is to be said then: a warning where its entry may be dropped, else an error. */
void	place_unknown(struct config *, const char *text, struct span, bool drop);
/* A key of a subpath table below the place `base', which is literal. */
int	subpath_read(struct config *, const struct item *base, const char *text,
	    struct span, struct item *out);
/*
 * With its access known: all that is below X becomes X for read and write, other
 * patterns are refused there.  Fills `same'.  -1 after one error.
 */
int	place_finish(struct config *, struct item *, struct span);

/* ---- built-ins, inheritance, choice ---- */

/* `name' or its older spelling; NULL: there is no such built-in. */
struct profile *profile_builtin(struct config *, const char *name);
const char *const *profile_builtin_names(size_t *n);	/* the current spellings */

/* Check every chain of the file: parents exist, none is its own ancestor. */
void	profile_extend_check(struct config *);
/*
 * `p' with all it inherits, as a profile without `extends'.  NULL where its
 * chain is broken, which profile_extend_check() has reported.  Once for a
 * config: the tables of the chain's root are added to, not copied.
 */
struct profile *profile_extend(struct config *, struct profile *p);

struct selection {
	const char	*profile;	/* -P, or NULL */
	bool		 legacy;	/* --legacy */
	bool		 full_auto;	/* --full-auto */
};

/* The profile that the command line and the file choose, merged; NULL after an error. */
struct profile *profile_select(struct config *, const struct selection *);

#endif
