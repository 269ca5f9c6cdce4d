/* SPDX-License-Identifier: Apache-2.0 */
/* bound.c - questions that a bound policy answers by itself */
#include <config.h>

#include "bound.h"

#include <string.h>

#include "path.h"

struct fact_list
bound_facts(const struct bound_policy *b)
{
	return (struct fact_list){ b->facts.v, b->facts.len, b->generic };
}

const struct fact *
bound_fact(const struct bound_policy *b, const char *path)
{
	const struct fact_list l = bound_facts(b);
	return fact_find(&l, path);
}

const struct fact *
bound_fact_near(const struct bound_policy *b, const char *path, size_t *near)
{
	const struct fact_list l = bound_facts(b);
	return fact_near(&l, path, near);
}

size_t
bound_exact(const struct bound_policy *b, const char *path)
{
	size_t near = 0;
	return bound_exact_near(b, path, &near);
}

/* The fact of the directory in which a missing place lies stands a few before that one's. */
static const struct fact *
just_before(const struct fact_list *l, const char *path, size_t len, size_t *near)
{
	for (size_t i = *near, k = 0; i < l->len && k < 8; i--, k++) {
		if (strncmp(l->v[i].path, path, len + 1) == 0) {
			*near = i;
			return &l->v[i];
		}
		if (i == 0)
			break;
	}
	return NULL;
}

size_t
bound_exact_near(const struct bound_policy *b, const char *path, size_t *near)
{
	const struct fact_list l = bound_facts(b);
	char at[LIMIT_PATH_BYTES + 1];
	size_t len = strlen(path), n = path_depth(path);

	if (b->target == TARGET_LINUX || l.all_dirs || len > LIMIT_PATH_BYTES)
		return n;
	memcpy(at, path, len + 1);
	for (; n > 0; n--) {
		const struct fact *f = path[len] == '\0' ? NULL : just_before(&l, at, len, near);
		if (f == NULL)
			f = fact_near(&l, at, near);
		if (f != NULL && f->kind != NODE_MISSING && !f->stub)
			break;
		while (at[--len] != '/')
			;
		at[len] = '\0';
	}
	return n;
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
