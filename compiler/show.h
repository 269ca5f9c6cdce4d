/* SPDX-License-Identifier: Apache-2.0 */
/* show.h - what cdxpc show prints, in four forms of the same content */
#ifndef CDXP_SHOW_H
#define CDXP_SHOW_H

#include "backend.h"
#include "base.h"
#include "denial_lines.h"
#include "sbuf.h"
#include "show_view.h"

struct arena;
struct subject;

struct show_backend {
	const char	*name;
	struct artifact	 artifact;	/* its bytes are freed already */
};

struct show {
	struct arena	*a;
	const struct subject *subject;
	const struct bound_policy *bound;
	const struct view *view;
	struct show_backend *backend;
	size_t		 nbackend;
	const struct show_denials *denials;	/* or NULL */
};

/* What a command was denied: put into the show, and how often below each row, runs taken as one. */
void	show_denials_add(struct show *, const struct denial_lines *);
uint64_t show_denied(const struct show *, const struct view_row *);
/* The most frequent first: "12 sh: create ~/x", and the rule. */
struct show_denied_line {
	const char	*what, *rule;
	const struct denial_line *line;		/* NULL: what the log does not name */
	const struct view_row *row;		/* that it falls under, or NULL */
};
struct show_denied_lines { struct show_denied_line *v; size_t len, cap; };
struct show_denied_lines show_denied_lines(const struct show *);
uint64_t show_denials_lost(const struct show *);	/* where there are any */

/* How text goes to a terminal or a file. */
struct show_style {
	bool		 colour;
	bool		 utf8;		/* else ASCII only: lines of a tree, and names as \uNNNN */
};

/* Each appends the whole document, ended by a newline. */
void	show_tree(const struct show *, struct show_style, struct sbuf *out);
void	show_dot(const struct show *, struct sbuf *out);
void	show_html(const struct show *, struct sbuf *out);
void	show_json(const struct show *, struct sbuf *out);

/* ---- words that the first three share ---- */

/* "write", "read", "no access". */
const char *show_access(enum access);
/* What `show_access' gives, in a sentence: "can be read and changed". */
const char *show_access_meaning(enum access);

/* What is said of the network, the sockets or the environment, one line each. */
enum show_tone { TONE_PLAIN, TONE_ALLOW, TONE_DENY };
struct show_fact {
	enum show_tone	 tone;
	const char	*text;
	const struct ir_origin *origin;		/* or NULL */
};
struct show_facts {
	struct show_fact *v;
	size_t		 len, cap;
};
/* The first one says how it is in general, the others go into particulars. */
struct show_facts show_network(const struct show *);
struct show_facts show_sockets(const struct show *);
struct show_facts show_environment(const struct show *);

/* "bwrap enforces it exactly", "... with 2 deviations", "... refuses it: WHY". */
const char *show_backend_words(struct arena *, const struct show_backend *);
const char *show_deviation_words(const struct show *, const struct deviation *);
/* "portable: ...", or the directories that it is bound to. */
const char *show_binding(const struct show *);
/* What the anchors stand for where they cannot be seen from the rows; or NULL. */
const char *show_roots(const struct show *);

/* An entry that changes nothing. */
const char *show_idle(const struct show *, const struct view_idle *);

/* The rule in a few words: "\"~/.ssh\"", "protected name", "no entry". */
const char *show_rule(const struct show *, const struct why *);
/* The same of n rows that are shown as one. */
const char *show_run_rule(const struct show *, const struct view_row *first, size_t n);
/* "work.toml:14", "built in, :workspace"; "" where there is no rule. */
const char *show_where(const struct show *, const struct ir_origin *);
/* The line of the text that is quoted; 0: the rule stands elsewhere. */
uint32_t show_line(const struct show *, const struct ir_origin *);

/* Labels of n children from `i' on, separated by spaces. */
const char *show_labels(const struct show *, const struct view_row *, size_t i, size_t n);
/*
 * Where more than SHOW_SAME places protect names, and all the same, these are
 * said once: ".agents .codex .git", and such places get a mark.  NULL: the
 * names have lines of their own.
 */
enum { SHOW_SAME = 4 };
const char *show_protected_once(const struct show *);
/* A row that is then left out, and one that gets the mark. */
bool	show_is_name(const struct view_row *);
bool	show_is_marked(const struct view_row *);

/*
 * Bytes of others in a form that cannot harm: what is no character is \xNN, what
 * controls or reorders is \uNNNN, and so is all beyond ASCII unless `utf8'.
 * Returns the columns taken.
 */
size_t	show_safe(struct sbuf *, const char *, bool utf8);

#endif
