/* SPDX-License-Identifier: Apache-2.0 */
/* host_wrap.c - the answers that a wrapped host passes on */
#include <config.h>

#include "host_wrap.h"

static struct host *
real_of(struct host *h)
{
	return ((const struct host_wrap *)h)->real;
}

static char *
read_file(struct host *h, struct arena *a, const char *path, size_t max)
{
	return real_of(h)->read(real_of(h), a, path, max);
}

static int
list_directory(struct host *h, const char *path,
    int (*each)(void *, const char *name, enum node_kind), void *arg)
{
	return real_of(h)->list(real_of(h), path, each, arg);
}

static const char *
home_directory(struct host *h, struct arena *a)
{
	return real_of(h)->home(real_of(h), a);
}

static bool
may_make(struct host *h, const char *dir)
{
	return real_of(h)->may_make == NULL || real_of(h)->may_make(real_of(h), dir);
}

static void
hold(struct host *h, const char *dir)
{
	if (real_of(h)->hold != NULL)
		real_of(h)->hold(real_of(h), dir);
}

void
host_wrap(struct host_wrap *w, struct host *real,
    int (*stat)(struct host *, struct arena *, const char *, struct fact *))
{
	w->host = (struct host){ stat, read_file, list_directory, home_directory, may_make, hold };
	w->real = real;
}
