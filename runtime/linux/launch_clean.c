/* SPDX-License-Identifier: Apache-2.0 */
/* launch_clean.c - what killed runs left on the host, and what became of each, in words */
#include <config.h>

#include "launch.h"

#include <string.h>

#include "arena.h"
#include "ledger_sweep.h"
#include "state_dir.h"

static const char *
what_became(struct arena *a, const struct stub_left *s, bool dry)
{
	switch (s->fate) {
	case STUB_REMOVED:
		return dry ? "would be removed" : "removed";
	case STUB_HELD:
		return s->holder > 0 ? arena_printf(a, "in use by process %d, which removes it",
		    (int)s->holder) : "in use by a running command, which removes it";
	case STUB_DYING:
		return "in use by a command that was killed and has not ended yet";
	case STUB_TAKEN:
		return "left, as somebody has filled or replaced it";
	case STUB_UNSURE:
		return "left, as nothing tells whether it is ours (it was recorded before the last "
		    "restart, and this file system keeps no attributes): if it is empty and not yours, "
		    "remove it";
	case STUB_NOTHING:
		return "gone already";
	case STUB_STUCK:
		break;
	}
	return arena_printf(a, "cannot be removed: %s", strerror(s->error));
}

int
launch_clean(struct arena *a, bool dry, struct launch_left **left, size_t *n, const char **why)
{
	const char *dir = state_dir(a);
	struct stub_left *stubs;

	if (dir == NULL) {
		*why = "there is no place for records of mount points: set HOME or XDG_STATE_HOME to "
		    "an absolute path";
		return -1;
	}
	if (ledger_clean(a, dir, dry, &stubs, n, why) != 0)
		return -1;
	*left = arena_array(a, *n + 1, sizeof(**left));
	for (size_t i = 0; i < *n; i++)
		(*left)[i] = (struct launch_left){ stubs[i].path, what_became(a, &stubs[i], dry),
		    stubs[i].fate == STUB_STUCK };
	return 0;
}
