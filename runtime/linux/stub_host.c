/* SPDX-License-Identifier: Apache-2.0 */
/* stub_host.c - a host around another one, which asks of each place whether it is a stub */
#include <config.h>

#include "stub_host.h"

#include "arena.h"
#include "host_facts.h"
#include "path.h"
#include "stubs.h"

/* `host' comes first: the callbacks get it back. */
struct wrapped {
	struct host	 host;
	struct host	*real;
	const char	*state_dir;
};

static int
stat_place(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	const struct wrapped *w = (const struct wrapped *)h;
	int rc = w->real->stat(w->real, a, path, out);
	/*
	 * A file with content is none of ours, and nothing is made in /proc,
	 * which keeps no attributes: asking there made every run read the ledger.
	 */
	if (rc == 0 && out->bare && !path_within(path, "/proc"))
		out->stub = stub_is_ours(path, w->state_dir);
	return rc;
}

static char *
read_file(struct host *h, struct arena *a, const char *path, size_t max)
{
	const struct wrapped *w = (const struct wrapped *)h;
	return w->real->read(w->real, a, path, max);
}

static int
list_directory(struct host *h, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	const struct wrapped *w = (const struct wrapped *)h;
	return w->real->list(w->real, path, each, arg);
}

static const char *
home_directory(struct host *h, struct arena *a)
{
	const struct wrapped *w = (const struct wrapped *)h;
	return w->real->home(w->real, a);
}

static bool
may_make(struct host *h, const char *dir)
{
	const struct wrapped *w = (const struct wrapped *)h;
	return w->real->may_make == NULL || w->real->may_make(w->real, dir);
}

struct host *
stub_host(struct arena *a, struct host *real, const char *state_dir)
{
	struct wrapped *w = arena_alloc(a, sizeof(*w));
	w->host = (struct host){ stat_place, read_file, list_directory, home_directory, may_make };
	w->real = real;
	w->state_dir = state_dir;
	return &w->host;
}
