/* SPDX-License-Identifier: Apache-2.0 */
/* assertion.h - one line of a test file, "write src/main.c": read, and put into its places */
#ifndef CDXP_ASSERTION_H
#define CDXP_ASSERTION_H

#include "base.h"
#include "claim.h"
#include "domain.h"
#include "source.h"

struct arena;
struct bound_policy;
struct canon;
struct diags;

enum assertion_kind {
	ASSERT_PATH,		/* read, write, create, remove, rename, list, execute */
	ASSERT_CONNECT,		/* connect HOST[:PORT] */
	ASSERT_UNIX,		/* unix PATH */
	ASSERT_ENV,		/* env NAME */
};

/* Where the path of an assertion begins. */
enum assertion_base {
	BASE_ROOT,		/* "/x", ":root" */
	BASE_CWD,		/* "x": below the working directory */
	BASE_HOME,		/* "~/x" */
	BASE_TMPDIR,		/* ":tmpdir/x" */
	BASE_SLASH_TMP,		/* ":slash_tmp/x" */
	BASE_WORKSPACE,		/* ":workspace_roots/x": below each of them */
	BASE_DRIVE,		/* "C:\\x" */
};

struct assertion {
	enum assertion_kind kind;
	bool		 allow;		/* it stands below `allow', not `deny' */
	const char	*text;		/* all of it, as written */
	struct span	 span;
	struct span	 what_span;	/* of what is behind the word */

	enum fs_op	 op;		/* PATH */
	enum assertion_base base;	/* PATH, UNIX */
	const char	*rest;		/* PATH, UNIX: below the base, not normal yet; may be a pattern */
	struct domain	 dest;		/* CONNECT */
	const char	*name;		/* ENV */
};

/*
 * A directory of a made-up host in its normal form, of Windows where it is spelt
 * so; NULL with *why, a phrase.
 */
const char *assertion_directory(struct arena *, const char *, const char **why);

/*
 * Read the text of a string in `source' that has that span.  0, or -1 after
 * one error that points into the string.
 */
int	assertion_read(struct arena *, struct diags *, const struct source *, const char *text,
	    struct span, struct assertion *out);
/* The same for a path or pattern alone, which assertions are not about. */
int	assertion_read_except(struct arena *, struct diags *, const char *text, struct span,
	    struct assertion *out);

/* The directories of one binding, each canonical. */
struct assertion_places {
	const struct bound_policy *bound;
	const char	*home;		/* NULL: nobody knows it */
	const char	*tmpdir;	/* NULL: not set */
	struct canon	*canon;		/* a real host's, or that of Windows; or NULL: there are no links */
};

/* Exceptions in their places. */
struct assertion_excepts { const struct pattern **v; size_t len, cap; };

/* An assertion in its places: every claim must hold. */
struct assertion_claims {
	struct { struct claim *v; size_t len, cap; } fs;	/* PATH */
	struct { const char **v; size_t len, cap; } sockets;	/* UNIX */
};

/* 0, or -1 after one error: a pattern is malformed, a path too long, $TMPDIR not set, ... */
int	assertion_place(struct arena *, struct diags *, const struct assertion *,
	    const struct assertion_excepts *, const struct assertion_places *,
	    struct assertion_claims *out);
/* Add what one exception stands for. */
int	assertion_place_except(struct arena *, struct diags *, const struct assertion *,
	    const struct assertion_places *, struct assertion_excepts *out);

#endif
