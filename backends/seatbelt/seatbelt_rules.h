/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_rules.h - a Seatbelt profile as rules and filters: what the model's files share */
#ifndef CDXP_SEATBELT_RULES_H
#define CDXP_SEATBELT_RULES_H

#include "base.h"

struct arena;
struct dfa;
struct region;
struct sbpl_form;
struct seatbelt_query;
struct sources;
struct strmap;

enum sb_kind {
	SB_ALL, SB_ANY, SB_NOT,
	SB_PATH,		/* literal, subpath, path-ancestors: `place' */
	SB_REGEX,		/* regex, prefix: `index' of an automaton */
	SB_VNODE,		/* mask of types */
	SB_PTY,			/* the extension of a pseudo terminal */
	SB_NAME,		/* word, how, text */
	SB_SYMBOL,		/* target, socket-domain: word, text */
	SB_NET,			/* local or remote: word (protocol), host, port */
	SB_UNIX,		/* local or remote unix-socket, perhaps with a filter below */
};

/* Kinds of operation: which filters may stand beside them. */
enum sb_class { SB_FILE = 1, SB_NETWORK = 2, SB_OTHER = 4 };

struct sb_place {
	const char	*path;
	bool		 below;		/* and everything below */
};

/* What a filter comes to where the path is known and nothing else. */
enum sb_status { SB_FALSE, SB_TRUE, SB_OPEN };

struct sb_filter {
	enum sb_kind	 kind : 8;
	enum sb_status	 status : 8;
	bool		 remote;	/* NET, UNIX */
	bool		 linked;	/* among the open ones of the parent */
	uint32_t	 nth;		/* among its siblings */
	uint32_t	 index;		/* REGEX: automaton. VNODE: mask. NAME: 0 equal, 1 prefix, 2 regex */
	uint32_t	 holds;		/* PATH: places that hold; SB_ALL and its like: children that are true */
	uint32_t	 open;		/* children that are open */
	uint32_t	 nchild;
	struct sb_filter *parent, *child, *next;	/* next: sibling */
	struct sb_filter *open_child, *open_next, *open_prev;
	struct sb_rule	*rule;		/* of a filter without parent */
	const char	*word, *text, *port;
	const struct dfa *dfa;		/* NAME by regex */
	struct { struct sb_place *v; size_t len, cap; } place;
};

struct sb_rule {
	bool		 allow;
	uint64_t	 levels;	/* of what is walked over all paths; 0: none */
	const uint16_t	*op;		/* operations by number */
	size_t		 nops;
	struct sb_filter *filter;	/* an SB_ANY; NULL: everything */
	uint32_t	 segment;	/* of consecutive rules of one kind: rises with the order */
	uint32_t	 group;		/* rules with one segment and one set of levels */
	struct sb_rule	*open_next, *open_prev;
	bool		 linked;
	uint32_t	 line;
};

/* Terminal operations that are asked about every path; bits of a mask. */
enum sb_term {
	T_READ_DATA, T_READ_METADATA, T_READ_XATTR, T_TEST, T_MAP, T_CLONE, T_EXEC_INTERPRETER,
	T_EXEC_UPDATE,
	T_WRITE_DATA, T_WRITE_MODE, T_WRITE_OWNER, T_WRITE_FLAGS, T_WRITE_TIMES, T_WRITE_XATTR,
	T_WRITE_ACL, T_WRITE_SETUGID,
	T_CREATE, T_UNLINK, T_LINK, T_FINDERINFO, T_IOCTL, T_SEARCH,
	T_CHROOT, T_ISSUE, T_MKNOD, T_MOUNT, T_MOUNT_UPDATE, T_QUOTA, T_REVOKE, T_UNMOUNT,
	T_OUTBOUND, T_INBOUND, T_BIND,		/* of a Unix socket */
	TERMS,
};
#define TERM(t)		((uint64_t)1 << (t))

struct seatbelt_model {
	struct arena	*a;
	struct sources	*sources;
	struct strmap	*params;
	struct { struct sb_rule **v; size_t len, cap; } rules;
	struct { const struct dfa **v; size_t len, cap; } dfa;
	struct { struct sb_filter **v; size_t len, cap; } leaf;	/* SB_PATH of rules with levels */
	struct strmap	*by_regex;	/* text -> SB_REGEX filter that has its index */
	uint32_t	 vnodes;	/* types that some filter mentions: bits */
	bool		 pty;
	struct sb_residues *residues;
};

/* seatbelt_ops.c: the operations that exist */
#define SB_NO_OP	UINT16_MAX
uint16_t	 sb_op_find(const char *name);
const char	*sb_op_name(uint16_t);
uint16_t	 sb_op_parent(uint16_t);	/* SB_NO_OP above `default' */
enum sb_class	 sb_op_class(uint16_t);
bool		 sb_op_is_default(uint16_t);
/* Bit of a level of the walk, or 0; the levels of a term; its name. */
uint64_t	 sb_op_level(uint16_t);
const char	*sb_term_name(enum sb_term);
uint16_t	 sb_term_op(enum sb_term);

/* seatbelt_filter.c: NULL with *why. */
struct sb_reader {
	struct seatbelt_model *m;
	const char	*why;		/* the first error */
};
struct sb_filter *sb_filter_read(struct sb_reader *, const struct sbpl_form *, unsigned classes);
struct sb_filter *sb_filter_new(struct arena *, enum sb_kind);
void		 sb_filter_adopt(struct sb_filter *parent, struct sb_filter *child);
void		*sb_fail(struct sb_reader *, const struct sbpl_form *, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool		 sb_params_read(struct sb_reader *, const char *text, size_t len);

/* seatbelt_residue.c: what is left of the rules at a path once the path is known */
struct sb_answers { uint64_t kernel, flat; };	/* TERM() bits that are allowed */
struct sb_environment { uint32_t vnode; bool pty; };	/* vnode: a bit; 0: of no type that is mentioned */
struct sb_spot { uint32_t self, below; };	/* residues at, and strictly below without deeper places */
void		 sb_residues_build(struct seatbelt_model *);
/* The tree of places; each node's mark is a struct sb_spot. */
const struct region *sb_places(const struct seatbelt_model *);
/* `states': one for each automaton. */
struct sb_answers sb_answer(const struct seatbelt_model *, uint32_t residue,
	    const uint32_t *states, struct sb_environment);

#endif
