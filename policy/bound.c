/* SPDX-License-Identifier: Apache-2.0 */
/* bound.c - questions that a bound policy answers by itself */
#include <config.h>

#include "bound.h"

#include <string.h>

const struct fact *
bound_fact(const struct bound_policy *b, const char *path)
{
	return fact_find(b->facts.v, b->facts.len, path);
}

bool
bound_is_free(const struct bound_policy *b)
{
	bool root = false;

	if (b->patterns.len > 0)
		return false;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (e->access != ACCESS_WRITE)
			return false;
		root |= strcmp(e->path, "/") == 0;
	}
	return root;
}
