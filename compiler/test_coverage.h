/* SPDX-License-Identifier: Apache-2.0 */
/* test_coverage.h - which rules of the profiles under test some assertion depends on */
#ifndef CDXP_TEST_COVERAGE_H
#define CDXP_TEST_COVERAGE_H

#include "base.h"
#include "test_run.h"

enum rule_state {
	RULE_COVERED,		/* without it some assertion would have another result */
	RULE_UNCOVERED,
	RULE_IDLE,		/* without it the policy means the same, so that no assertion can depend on it */
};

struct test_rule {
	const struct subject *subject;
	const struct ir_origin *origin;
	const char	*text;		/* for people: "vendor" = "read" */
	enum rule_state	 state;
};

struct test_coverage {
	struct { struct test_rule *v; size_t len, cap; } rules;	/* by file, line and column */
	size_t		 covered, uncovered, idle;
	unsigned	 percent;	/* of covered and uncovered, rounded down; 100 where there are none */
};

/*
 * Counted are the rules that the profiles' own files write: entries, patterns,
 * workspace roots, protected names, domains, sockets, the network being on,
 * and what the environment excludes, includes and sets.  Each is taken away in
 * turn, and the assertions are decided again: a rule that is written is not
 * yet a rule that is tested.  A rule is idle where that is so in every binding
 * that a test uses; only rules about paths are looked at for that.
 */
void	test_coverage_measure(const struct test_run *, struct test_coverage *out);

#endif
