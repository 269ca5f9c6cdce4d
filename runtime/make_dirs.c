/* SPDX-License-Identifier: Apache-2.0 */
/* make_dirs.c - the directories that a policy lets a command write, and that do not exist */
#include <config.h>

#include "make_dirs.h"

#include "bound.h"

int
make_missing_grants(struct arena *a, const struct bound_policy *b, size_t *made,
    const char **why)
{
	*made = 0;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (e->source != BOUND_WRITTEN || e->access != ACCESS_WRITE)
			continue;
		const struct fact *f = bound_fact(b, e->path);
		if (f != NULL && f->kind != NODE_MISSING)
			continue;
		if (make_dirs(a, e->path, 0777, why) != 0)
			return -1;
		++*made;
	}
	return 0;
}
