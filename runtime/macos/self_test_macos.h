/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_macos.h - the self-test of a Seatbelt profile, before the command */
#ifndef CDXP_SELF_TEST_MACOS_H
#define CDXP_SELF_TEST_MACOS_H

#include "base.h"

struct arena;
struct launch;
struct seatbelt_request;

/*
 * sandbox-exec executes ourselves with the command's profile, by our own path,
 * which the profile has to let be read.  `r': what the command is to be run by.
 * 0, or the status to end with after what there is to be said.
 */
int	self_test_before(struct arena *, const struct launch *, const struct seatbelt_request *r);

/* Where main()'s arguments are those of that: does not return. */
void	self_test_stage(int argc, char **argv);

#endif
