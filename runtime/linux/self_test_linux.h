/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_linux.h - a launch whose command is the self-test, and then the command */
#ifndef CDXP_SELF_TEST_LINUX_H
#define CDXP_SELF_TEST_LINUX_H

#include "base.h"

struct arena;
struct launch;

/*
 * In the place of the command the sandbox executes ourselves, from memory, as
 * the profile need not show where we lie.  If all goes as the policy says that
 * process becomes the command: what is tried is its very sandbox, with the same
 * filter, mounts and rules, before anything of it has run.
 */

/*
 * The launch whose command is the test and then the command of `l': a copy with
 * a request of its own.  0, or a status after one line on standard error.
 * self_test_end() must follow in either case.
 */
int	self_test_begin(struct arena *, const struct launch *l, struct launch *tested);
void	self_test_end(const struct launch *l);

/* In the sandbox: argv is of a process that self_test_begin() has planned.  Becomes the command, or ends. */
bool	self_test_is_stage(int argc, char **argv);
_Noreturn void	self_test_stage(int argc, char **argv);

#endif
