/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.h - deny patterns (spec 1.3): parse, and match component by component */
#ifndef CDXP_PATTERN_H
#define CDXP_PATTERN_H

#include "base.h"

struct arena;

/*
 * A pattern is a list of steps, one for each component.  A path is matched
 * by walking its components: the state after k components is the set of
 * positions in the list that are reachable, as a bit set; position n (== all
 * steps taken) means that the path so far matches.
 */
enum step_kind {
	STEP_LITERAL,		/* text compares equal */
	STEP_GLOB,		/* a component glob */
	STEP_ANY,		/* "**" with more behind it: any number of components, */
				/* none included; never two in a row */
	STEP_BELOW,		/* "**" as the last: at least one component */
};

struct glob;			/* a compiled component glob, see glob_match() */

struct pattern_step {
	enum step_kind	 kind;
	struct slice	 text;		/* LITERAL: unescaped bytes. GLOB: the component as written */
	const struct glob *glob;	/* GLOB only */
	bool		 spelling;	/* GLOB: every spelling of the literal `text', unescaped */
};

struct pattern {
	const char	*text;		/* as given */
	struct pattern_step *step;
	size_t		 nsteps;
	size_t		 nliteral;	/* leading steps that are LITERAL or `spelling': the literal part */
};

/*
 * True where the text has one of * ? [ ] { } \ that is not escaped by a
 * backslash (POSIX).  A backslash before anything else than one of these is
 * itself such a character: "a\b" is a pattern, for the file "ab".
 */
bool	pattern_is_special(const char *text, size_t len);
/* Remove backslash escapes: the literal path that an all-escaped text stands for. */
const char *pattern_unescape(struct arena *, const char *text, size_t len);

/*
 * Parse.  `text' is relative ("a/star.env") or absolute (leading slash is skipped);
 * `base' is literal text to put in front, component by component, without any
 * interpretation (the bound anchor), or NULL.  Returns NULL with *why set
 * (static: "has a class that holds more than ASCII", "needs more than 4096
 * states", ...) where the syntax of 1.3 or a limit forbids it.  An empty, "."
 * or ".." component is an error (a trailing slash makes an empty one), and so
 * is a component that matches no name.  What 1.3 leaves open: glob.h.
 *
 * The states of all component DFAs together are at most LIMIT_PATTERN_STATES,
 * the components LIMIT_PATH_DEPTH, and the work has a bound of its own.
 */
struct pattern *pattern_parse(struct arena *, const char *base, const char *text,
    const char **why);

/*
 * The same where names compare without regard to case (name_fold()), but for
 * the first `exact' components of base and text together.
 */
struct pattern *pattern_parse_folded(struct arena *, const char *base, const char *text,
    size_t exact, const char **why);

/* Component globs: bytes, `*' matches the empty string and a leading dot. */
bool	glob_match(const struct glob *, const char *component, size_t len);

/*
 * One step of the walk: `from' and `to' are bit sets of pattern_words(p)
 * 64-bit words (bit i: i steps taken).  pattern_start() gives the set before the
 * first component.  Sets are closed over STEP_ANY's empty case.
 */
size_t	pattern_words(const struct pattern *);
void	pattern_start(const struct pattern *, uint64_t *set);
void	pattern_advance(const struct pattern *, const uint64_t *from,
	    const char *component, size_t len, uint64_t *to);
/*
 * Some position is left / the path so far matches / the highest position
 * reached, 0 for none (spec 2.3 "matches more of").
 */
bool	pattern_alive(const struct pattern *, const uint64_t *set);
bool	pattern_matched(const struct pattern *, const uint64_t *set);
size_t	pattern_progress(const struct pattern *, const uint64_t *set);

/*
 * The path, or an ancestor of it, matches.  The first `taken' steps, literal
 * all of them, have been compared already; `rest' is what follows there.
 */
bool	pattern_covers(const struct pattern *, size_t taken, const char *rest);
/*
 * Whether a path with this last name can be the first on its way that the
 * pattern matches.  A quick no, where pattern_covers() reads the whole path.
 */
bool	pattern_can_end(const struct pattern *, const char *name, size_t len);

/* The whole path (normal, absolute) matches; not: an ancestor does. */
bool	pattern_match(const struct pattern *, const char *path);

#endif
