/* SPDX-License-Identifier: Apache-2.0 */
/* launch_posix.c - what of a launch only Windows has, on the other systems */
#include <config.h>

#include "launch.h"

static int
set_up_nothing(const char **text, struct launch_error *err)
{
	*text = NULL;
	return refuse(err, "plan, apply, verify and undo are for Windows: here nothing that a profile "
	    "needs outlives the command");
}

int
launch_set_up(struct arena *a, const struct launch *l, enum launch_setup what, bool json,
    const char **text, struct launch_error *err)
{
	(void)a, (void)l, (void)what, (void)json;
	return set_up_nothing(text, err);
}

int
launch_machine(struct arena *a, const struct ir_policy *ir, const char *file, enum launch_setup what, bool json,
    const char **text, struct launch_error *err)
{
	(void)a, (void)ir, (void)file, (void)what, (void)json;
	return set_up_nothing(text, err);
}
