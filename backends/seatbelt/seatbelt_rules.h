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
	SB_REGEX,		/* regex, prefix, as it was read: `text' */
	SB_TAIL,		/* the same: automaton `index' accepts what follows one of `place' */
	SB_VNODE,		/* mask of types */
	SB_PTY,			/* the extension of a pseudo terminal */
	SB_NAME,		/* word, how, text */
	SB_SYMBOL,		/* target, socket-domain: word, text */
	SB_NET,			/* local or remote: word (protocol), host, port */
	SB_UNIX,		/* local or remote unix-socket, perhaps with a filter below */
};

/* Kinds of operation: which filters may stand beside them. */
enum sb_class { SB_FILE = 1, SB_NETWORK = 2, SB_OTHER = 4 };

/*
 * A path as it is written, and behind it names that every spelling reaches:
 * "/.git", in lower case, or NULL.
 */
enum sb_reach { SB_SELF, SB_BELOW, SB_UNDER };	/* alone, with all that is below it, that alone */
struct sb_place {
	const char	*path;
	const char	*names;
	enum sb_reach	 reach;		/* SB_UNDER: only with names */
};
struct sb_places { struct sb_place *v; size_t len, cap; };

/* What a filter comes to where the path is known and nothing else. */
enum sb_status { SB_FALSE, SB_TRUE, SB_OPEN };

struct sb_filter {
	enum sb_kind	 kind : 8;
	enum sb_status	 status : 8;
	enum sb_status	 value : 8;	/* TAIL: what the path so far makes of it */
	bool		 remote;	/* NET, UNIX */
	bool		 prefix;	/* REGEX: all that begins with `text' */
	bool		 linked;	/* among the open ones of the parent */
	uint32_t	 nth;		/* among its siblings */
	uint32_t	 index;		/* TAIL: automaton. VNODE: mask. NAME: 0 equal, 1 prefix, 2 regex */
	uint32_t	 holds;		/* PATH: places that hold; SB_ALL and its like: children that are true */
	uint32_t	 atom;		/* TAIL: where the automaton is, if that is open */
	uint32_t	 open;		/* children that are open */
	uint32_t	 nchild;
	struct sb_filter *parent, *child, *next;	/* next: sibling */
	struct sb_filter *open_child, *open_next, *open_prev;
	struct sb_rule	*rule;		/* of a filter without parent */
	const char	*word, *text, *port;
	const struct dfa *dfa;		/* NAME by regex */
	struct sb_places place;
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
	const struct sbpl_form *form;
	unsigned	 classes;	/* of its operations */
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

/*
 * An automaton and a state of it at the end of a component.  There are no
 * atoms for states that no longer depend on what follows.
 */
#define SB_ATOM(dfa, state)	((uint32_t)(dfa) << 12 | (state))
#define SB_ATOM_DFA(atom)	((atom) >> 12)
#define SB_ATOM_STATE(atom)	((atom) & 0xfff)
#define SB_ATOM_FALSE		UINT32_MAX
#define SB_ATOM_TRUE		(UINT32_MAX - 1)

struct sb_dfa {
	const struct dfa *dfa;
	/* By state at the end of a component: one for all that are like it; what it comes to. */
	uint32_t	*alike;
	uint8_t		*settled;	/* an sb_status */
	bool		 caseless;	/* tells no cases of letters apart */
};

struct seatbelt_model {
	struct arena	*a;
	struct sources	*sources;
	struct strmap	*params;
	struct strmap	*procedures;	/* name -> what it puts in front */
	struct { struct sb_rule **v; size_t len, cap; } rules;
	struct { struct sb_dfa *v; size_t len, cap; } dfa;
	struct { struct sb_filter **v; size_t len, cap; } leaf;	/* PATH and TAIL of rules with levels */
	struct strmap	*by_regex;	/* text -> what is known of it: seatbelt_anchor.c */
	struct sb_names_reader *reader;	/* scratch of seatbelt_anchor.c */
	struct strmap	*by_table;	/* automaton -> its number + 1 */
	uint32_t	 vnodes;	/* types that some filter mentions: bits */
	bool		 pty;
	struct sb_tree	*tree;
	struct sb_residues *residues;
};

/*
 * seatbelt_model.c: the rules that name an operation of these classes, and
 * those for `default', as a model of their own: its places are theirs alone.
 * NULL past a limit.
 */
struct seatbelt_model *sb_model_part(const struct seatbelt_model *, unsigned classes);

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
/* (define (in-NAME ARGUMENT) (string-append STRING... ARGUMENT)), the only procedures that a profile has. */
bool		 sb_define(struct sb_reader *, const struct sbpl_form *);
void		*sb_fail(struct sb_reader *, const struct sbpl_form *, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool		 sb_params_read(struct sb_reader *, const char *text, size_t len);

/* seatbelt_atom.c: the automata, and where they are at the end of a name */
enum { SB_MAX_DFAS = 1 << 19 };
/* The number of an automaton, one for equal languages. */
uint32_t	 sb_dfa_index(struct seatbelt_model *, const struct dfa *);
/* No byte leads out of the state. */
bool		 sb_dfa_stays(const struct dfa *, uint32_t state);
/* The atom that a name leads to from another one; at "/" there is no slash between. */
uint32_t	 sb_atom_step(const struct seatbelt_model *, uint32_t atom, bool root, const char *name,
		    size_t len);
/* The one of an automaton at the place that it begins at. */
uint32_t	 sb_atom_start(const struct seatbelt_model *, uint32_t dfa, bool root);
/* The same for a state at the end of a name. */
uint32_t	 sb_atom_of(const struct seatbelt_model *, uint32_t dfa, uint32_t state);

/* seatbelt_spelt.c: the text as a list of names, whose paths are NULL; false where it is none. */
bool		 sb_names_read(struct seatbelt_model *, const char *text, struct sb_places *out);

/*
 * seatbelt_anchor.c: every expression below these siblings, all of which hold
 * together, becomes places or a tail: of the paths of a sibling that is a list
 * of subtrees of one depth.  Where there is none they stay as they are, but
 * for those below an SB_ANY, which are tails of "/".  False with *why.
 */
bool		 sb_anchor(struct sb_reader *, const struct sbpl_form *, struct sb_filter *all);
/* Whether a tail or a place holds for a path. */
bool		 sb_tail_holds(const struct seatbelt_model *, const struct sb_filter *, const char *path);
bool		 sb_place_holds(const struct sb_place *, const char *path);

/*
 * seatbelt_residue.c: what is left of something at a path once the path is
 * known, by number: groups that hold, and expressions over atoms and
 * attributes, each with a group that holds where it does.
 */
struct sb_words { uint32_t *v; size_t len, cap; };
enum { W_ALL = 1, W_ANY, W_NOT, W_REGEX, W_VNODE, W_PTY };
struct sb_answers { uint64_t kernel, flat; };	/* TERM() bits that are allowed */
struct sb_environment { uint32_t vnode; bool pty; };	/* vnode: a bit; 0: of no type that is mentioned */
struct sb_atoms { const uint32_t *v; size_t len; };	/* sorted, unique */
void		 sb_residues_new(struct seatbelt_model *);
/* What is written down: the groups that hold, and (group, expression)...; both are left in disorder. */
uint32_t	 sb_residue(struct seatbelt_model *, struct sb_words *holds, struct sb_words *open);
struct sb_atoms	 sb_residue_atoms(const struct seatbelt_model *, uint32_t residue);
/* What a name makes of it: `to' has an atom for each of `from', which are all of its own and may be more. */
uint32_t	 sb_residue_step(struct seatbelt_model *, uint32_t residue, struct sb_atoms from,
		    const uint32_t *to);
/* The groups below 32 that hold. */
uint32_t	 sb_residue_holds(struct seatbelt_model *, uint32_t residue);
/* What the rules say, where the groups are theirs. */
struct sb_answers sb_answer(struct seatbelt_model *, uint32_t residue, struct sb_environment);
/* Numbers a rule that has a filter, in order; `segment' counts from 1. */
uint32_t	 sb_group(struct seatbelt_model *, const struct sb_rule *);
void		 sb_bare(struct seatbelt_model *, struct sb_rule *);

/*
 * seatbelt_tree.c: the places of a profile as a tree, and the value of every
 * filter at the place that a walk over it is at.
 */
bool		 sb_residues_build(struct seatbelt_model *);	/* false: too many places */
const struct region *sb_tree_root(const struct seatbelt_model *);
struct sb_step { size_t undo, runs, from; const struct region *node; uint32_t before; };
/* Go down by a name; `node': of the tree, or NULL.  At "/" both are as they are and `name' is NULL. */
void		 sb_enter(struct seatbelt_model *, const struct region *node, bool below_root,
		    const char *name, size_t len, struct sb_step *);
void		 sb_leave(struct seatbelt_model *, const struct sb_step *);
/* Residues of what is below the place, deeper places left out, and of the place itself. */
uint32_t	 sb_below(struct seatbelt_model *);
uint32_t	 sb_self(struct seatbelt_model *, const struct region *node);
/* The same as the walk comes to it, for a path by its names; for tests. */
struct sb_answers sb_answer_at(struct seatbelt_model *, const char *path, struct sb_environment);
/* No automaton that can still move tells the cases of a letter apart. */
bool		 sb_caseless(const struct seatbelt_model *);
/* Atoms of those automata, appended. */
void		 sb_running(const struct seatbelt_model *, struct sb_words *atoms);

#endif
