/* SPDX-License-Identifier: Apache-2.0 */
/* stub_host.c - a host around another one, which asks of each place whether it is a stub */
#include <config.h>

#include "stub_host.h"

#include <errno.h>

#include "arena.h"
#include "host_wrap.h"
#include "path.h"
#include "stubs.h"

enum { TRIES = 100 };	/* of a place that comes and goes */

struct wrapped {
	struct host_wrap wrap;
	const char	*state_dir;
};

static int
stat_place(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	const struct wrapped *w = (const struct wrapped *)h;
	int rc;

	for (int i = 0; i < TRIES; i++) {
		rc = w->wrap.real->stat(w->wrap.real, a, path, out);
		/*
		 * A file with content, or that is not dated as ours are, is none of them,
		 * and nothing is made in /proc, which keeps no attributes: asking there
		 * made every run read the ledger.
		 */
		if (rc != 0 || !out->bare || path_within(path, "/proc"))
			break;
		out->stub = stub_is_ours(path, w->state_dir);
		/* Removed in between, it was a stub, and must not count as there and somebody's. */
		if (out->stub || errno != ENOENT)
			break;
	}
	return rc;
}

struct host *
stub_host(struct arena *a, struct host *real, const char *state_dir)
{
	struct wrapped *w = arena_alloc(a, sizeof(*w));
	host_wrap(&w->wrap, real, stat_place);
	w->state_dir = state_dir;
	return &w->wrap.host;
}
