/* SPDX-License-Identifier: Apache-2.0 */
/* launch_one.c - what a system with one backend answers where Linux has several */
#include <config.h>

#include "launch.h"
#include "self_test.h"

bool
launch_maps_all_ids(void)
{
	return false;
}

/* The profile of macOS forbids those to other sandboxes' processes, and Windows has none. */
bool
launch_keeps_signals(void)
{
	return true;
}

unsigned
launch_landlock_abi(void)
{
	return 0;
}

/* Nothing can be begun before the policy is known. */
struct launch_start *
launch_begin(struct arena *a, const char *backend, char *const *argv, const int *keep_fds,
    size_t nkeep_fds, const char *cwd)
{
	(void)a, (void)backend, (void)argv, (void)keep_fds, (void)nkeep_fds, (void)cwd;
	return NULL;
}

void
launch_abandon(struct launch_start *s)
{
	(void)s;
}

int
launch_settle(struct arena *a, const struct launch *l, struct launch *other,
    struct launch_error *err)
{
	(void)a, (void)l, (void)other, (void)err;
	return 0;
}

/* A run on macOS makes nothing on the host but its profile, which the janitor removes. */
int
launch_clean(struct arena *a, bool dry, struct launch_left **left, size_t *n, const char **why)
{
	(void)a, (void)dry, (void)why;
	*left = NULL;
	*n = 0;
	return 0;
}

bool
self_test_tells_pins(const struct launch *l)
{
	(void)l;
	return true;
}
