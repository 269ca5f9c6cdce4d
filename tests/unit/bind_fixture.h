/* SPDX-License-Identifier: Apache-2.0 */
/* bind_fixture.h - a policy written by hand and a host made of lines, for the tests of binding */
#ifndef CDXP_BIND_FIXTURE_H
#define CDXP_BIND_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "bind.h"
#include "path.h"

/* One test's policy, request and host. */
struct fixture {
	struct arena	*a;
	struct ir_policy ir;
	struct bind_request rq;
	struct host	*host;
	struct bind_error err;
};

/* The working directory is /w; protected names are the built-in ones. */
static inline struct fixture *
fixture_new(const char *const *lines, size_t n)
{
	static const char *const names[] = { ".git", ".agents", ".codex" };
	struct arena *a = arena_new();
	struct fixture *x = arena_alloc(a, sizeof(*x));

	x->a = a;
	x->ir.name = "t";
	for (size_t i = 0; i < NELEMS(names); i++)
		VEC_PUSH(a, &x->ir.protected, ((struct ir_name){ .name = names[i] }));
	x->host = host_fake(a, lines, n);
	assert_non_null(x->host);
	x->rq = (struct bind_request){ .ir = &x->ir, .cwd = "/w", .home = "/home/u",
	    .network_off = true };
	return x;
}

#define FIXTURE(lines)	fixture_new((lines), NELEMS(lines))

static inline void
fixture_free(struct fixture *x)
{
	arena_free(x->a);
}

static inline void
entry(struct fixture *x, enum anchor anchor, const char *path, enum access access)
{
	struct ir_entry e = { anchor, path, access,
	    { .text = path[0] != '\0' ? path : anchor_name(anchor) } };

	VEC_PUSH(x->a, &x->ir.entries, e);
}

static inline void
pattern(struct fixture *x, enum anchor anchor, const char *glob)
{
	struct ir_pattern p = { anchor, glob, { .text = glob } };

	VEC_PUSH(x->a, &x->ir.patterns, p);
}

static inline void
root(struct fixture *x, enum anchor anchor, const char *path)
{
	struct ir_root r = { anchor, path, { .text = path } };

	VEC_PUSH(x->a, &x->ir.roots, r);
}

/* What holds for every binding, whatever was bound. */
static inline void
check_invariants(const struct bound_policy *b)
{
	const struct fact *top = bound_fact(b, "/");

	assert_non_null(top);
	assert_int_equal(top->kind, NODE_DIR);
	for (size_t i = 0; i < b->facts.len; i++) {
		const struct fact *f = &b->facts.v[i];
		if (i > 0)
			assert_true(path_order(b->facts.v[i - 1].path, f->path) < 0);
		assert_int_equal(f->kind == NODE_LINK, f->target != NULL);
		assert_true(f->kind != NODE_MISSING || (f->dev == 0 && f->ino == 0));
		/* All ancestors are known, and only directories have something below. */
		const char *slash = strrchr(f->path, '/');
		if (f->path[1] == '\0')
			continue;
		char up[LIMIT_PATH_BYTES + 1];
		size_t n = slash == f->path ? 1 : (size_t)(slash - f->path);
		memcpy(up, f->path, n);
		up[n] = '\0';
		const struct fact *parent = bound_fact(b, up);
		assert_non_null(parent);
		if (f->kind != NODE_MISSING)
			assert_int_equal(parent->kind, NODE_DIR);
	}
	for (size_t i = 0; i < b->entries.len; i++)
		assert_non_null(bound_fact(b, b->entries.v[i].path));
	for (size_t i = 0; i < b->shields.len; i++)
		assert_non_null(bound_fact(b, b->shields.v[i].path));
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct bound_pattern *p = &b->patterns.v[i];
		assert_non_null(bound_fact(b, p->literal));
		for (size_t j = 0; j < p->matches.len; j++)
			assert_non_null(bound_fact(b, p->matches.v[j]));
		for (size_t j = 0; j < p->partial.len; j++)
			assert_non_null(bound_fact(b, p->partial.v[j]));
	}
	for (size_t i = 0; i < b->links.len; i++) {
		const struct fact *f = bound_fact(b, b->links.v[i].path);
		assert_non_null(f);
		assert_int_equal(f->kind, NODE_LINK);
		assert_string_equal(f->target, b->links.v[i].target);
	}
}

static inline struct bound_policy *
bind_ok(struct fixture *x)
{
	struct bound_policy *b = bind_policy(x->a, &x->rq, x->host, &x->err);

	if (b == NULL)
		fail_msg("refused: %s", x->err.text);
	check_invariants(b);
	return b;
}

/* Refused, with a text that has all of the given pieces (ends with NULL). */
static inline void
bind_refused(struct fixture *x, ...)
{
	va_list ap;

	assert_null(bind_policy(x->a, &x->rq, x->host, &x->err));
	assert_non_null(x->err.text);
	va_start(ap, x);
	for (const char *s; (s = va_arg(ap, const char *)) != NULL;)
		if (strstr(x->err.text, s) == NULL)
			fail_msg("\"%s\" is not in: %s", s, x->err.text);
	va_end(ap);
}

static inline const struct bound_entry *
entry_at(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->entries.len; i++)
		if (strcmp(b->entries.v[i].path, path) == 0)
			return &b->entries.v[i];
	return NULL;
}

static inline const struct bound_shield *
shield_at(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->shields.len; i++)
		if (strcmp(b->shields.v[i].path, path) == 0)
			return &b->shields.v[i];
	return NULL;
}

#endif
