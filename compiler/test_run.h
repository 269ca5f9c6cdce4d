/* SPDX-License-Identifier: Apache-2.0 */
/* test_run.h - assertions held against the policies that they are about */
#ifndef CDXP_TEST_RUN_H
#define CDXP_TEST_RUN_H

#include "assertion.h"
#include "base.h"
#include "bind.h"
#include "subject.h"
#include "test_file.h"

struct arena;
struct diag;
struct diags;
struct net_rules;
struct profile_options;
struct sources;

/* A policy in its places: everything that decides. */
struct test_world {
	const struct ir_policy *ir;
	const struct bound_policy *bound;
	const struct decide_fs *fs;
	const struct net_rules *net;
};

/* One binding of one profile; cases with the same one share it. */
struct test_context {
	const char	*file;		/* "dir/config.toml#ci" */
	const struct subject *subject;
	struct bind_request request;
	bool		 host;
	struct test_world world;
	struct assertion_places places;
};

struct test_outcome {
	bool		 holds;
	/* What decided: of a claim that fails, else of the last one. */
	const char	*path;		/* PATH and UNIX */
	struct fs_verdict verdict;	/* PATH */
	const struct ir_origin *rule;	/* or NULL: nobody wrote one */
	const char	*why;		/* one line; PATH: NULL where it holds */
};

/* One test point. */
struct test_check {
	const struct test_file *file;
	const struct test_case *in;
	const struct assertion *as;
	const struct test_context *context;
	struct assertion_claims claims;
	struct test_outcome outcome;
	const char	*message;	/* NULL where it holds: one line that says how it fails */
};

/* What the command line says for all files. */
struct test_options {
	const struct profile_options *profile;
	bool		 host;
	const char	*cwd, *home, *tmpdir;	/* NULL: as the file says */
};

struct test_loaded {
	const char	*file;
	const struct subject *subject;
	int		 status;	/* EXIT_OK, or how loading failed */
};

struct test_run {
	struct arena	*a;
	struct sources	*sources;
	struct diags	*d;
	const struct test_options *o;
	struct { struct test_loaded *v; size_t len, cap; } loaded;
	struct { struct test_context **v; size_t len, cap; } contexts;
	struct { struct test_check *v; size_t len, cap; } checks;	/* in the order of the files */
	size_t		 failed;
};

/*
 * Load and bind what the cases of one file are about, and put their
 * assertions into their places.  EXIT_OK, or EXIT_INPUT or EXIT_USAGE after
 * errors in the queue.
 */
int	test_run_prepare(struct test_run *, const struct test_file *);

/* Decide all; each failure is an error in the queue that points at the assertion and the rule. */
void	test_run_decide(struct test_run *);

/* Bind another policy in the place of the context's.  False: it cannot be bound there. */
bool	test_world_make(struct arena *, const struct test_context *, const struct ir_policy *,
	    struct test_world *out, struct bind_error *err);

/* One assertion in some world.  -1 where it passes the limit of states. */
int	test_decide(struct arena *, const struct test_world *, const struct test_check *,
	    struct test_outcome *out);

/* Where a rule stands in the text of its file; {0,0}: not known, as for a bundle. */
struct span test_rule_span(const struct diags *, const struct subject *,
    const struct ir_origin *);

#endif
