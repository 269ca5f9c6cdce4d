/* SPDX-License-Identifier: Apache-2.0 */
/* test_coverage.c - taking rules away one by one, to see which assertions notice */
#include <config.h>

#include "test_coverage.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "compare.h"
#include "decide_net.h"
#include "intern.h"
#include "ir.h"
#include "path.h"

/*
 * In a policy of more rules only those that an assertion's paths touch are
 * taken away: looking for idle ones takes time with the square of their number.
 */
enum { IDLE_SEARCH_RULES = 500 };

enum rule_kind {
	RULE_ENTRY, RULE_PATTERN, RULE_ROOT, RULE_NAME,		/* paths */
	RULE_SOCKET, RULE_NETWORK, RULE_DOMAIN,
	RULE_EXCLUDE, RULE_INCLUDE, RULE_SET,			/* environment */
	RULE_KINDS
};

/* Kinds of assertion that a rule of a kind can matter to. */
static const unsigned matters[RULE_KINDS] = {
	[RULE_ENTRY] = 1u << ASSERT_PATH,
	[RULE_PATTERN] = 1u << ASSERT_PATH,
	[RULE_ROOT] = 1u << ASSERT_PATH,
	[RULE_NAME] = 1u << ASSERT_PATH,
	[RULE_SOCKET] = 1u << ASSERT_UNIX,
	[RULE_NETWORK] = 1u << ASSERT_CONNECT | 1u << ASSERT_UNIX | 1u << ASSERT_ENV,
	[RULE_DOMAIN] = 1u << ASSERT_CONNECT,
	[RULE_EXCLUDE] = 1u << ASSERT_ENV,
	[RULE_INCLUDE] = 1u << ASSERT_ENV,
	[RULE_SET] = 1u << ASSERT_ENV,
};

static size_t
rule_count(const struct ir_policy *ir, enum rule_kind kind)
{
	switch (kind) {
	case RULE_ENTRY:	return ir->entries.len;
	case RULE_PATTERN:	return ir->patterns.len;
	case RULE_ROOT:		return ir->roots.len;
	case RULE_NAME:		return ir->protected.len;
	case RULE_SOCKET:	return ir->network.sockets.len;
	case RULE_NETWORK:	return ir->network.mode != NET_OFF;
	case RULE_DOMAIN:	return ir->network.domains.len;
	case RULE_EXCLUDE:	return ir->environment.exclude.len;
	case RULE_INCLUDE:	return ir->environment.include_only.len;
	case RULE_SET:		return ir->environment.set.len;
	case RULE_KINDS:	break;
	}
	return 0;
}

static const struct ir_origin *
rule_origin(const struct ir_policy *ir, enum rule_kind kind, size_t i)
{
	switch (kind) {
	case RULE_ENTRY:	return &ir->entries.v[i].origin;
	case RULE_PATTERN:	return &ir->patterns.v[i].origin;
	case RULE_ROOT:		return &ir->roots.v[i].origin;
	case RULE_NAME:		return &ir->protected.v[i].origin;
	case RULE_SOCKET:	return &ir->network.sockets.v[i].origin;
	case RULE_NETWORK:	return &ir->network.origin;
	case RULE_DOMAIN:	return &ir->network.domains.v[i].origin;
	case RULE_EXCLUDE:	return &ir->environment.exclude.v[i].origin;
	case RULE_INCLUDE:	return &ir->environment.include_only.v[i].origin;
	case RULE_SET:		return &ir->environment.set.v[i].origin;
	case RULE_KINDS:	break;
	}
	return NULL;
}

static const char *
rule_text(struct arena *a, const struct ir_policy *ir, enum rule_kind kind, size_t i)
{
	const char *text = rule_origin(ir, kind, i)->text;

	switch (kind) {
	case RULE_ENTRY:
		return arena_printf(a, "\"%s\" = \"%s\"", text, access_name(ir->entries.v[i].access));
	case RULE_PATTERN:
		return arena_printf(a, "\"%s\" = \"deny\"", text);
	case RULE_ROOT:
		return arena_printf(a, "workspace root \"%s\"", text);
	case RULE_NAME:
		return arena_printf(a, "protected name \"%s\"", text);
	case RULE_SOCKET:
		return arena_printf(a, "socket \"%s\" = \"%s\"", text,
		    ir->network.sockets.v[i].allow ? "allow" : "deny");
	case RULE_NETWORK:
		return "the network is on";
	case RULE_DOMAIN:
		return arena_printf(a, "domain \"%s\" = \"%s\"", text,
		    ir->network.domains.v[i].allow ? "allow" : "deny");
	case RULE_EXCLUDE:
		return arena_printf(a, "exclude \"%s\"", text);
	case RULE_INCLUDE:
		return arena_printf(a, "include_only \"%s\"", text);
	case RULE_SET:
		return arena_printf(a, "set \"%s\"", text);
	case RULE_KINDS:
		break;
	}
	return "";
}

/* A copy of the vector without its element i. */
#define WITHOUT(a, vec, i) do {						\
	void *all_ = (vec)->v;						\
	size_t size_ = sizeof(*(vec)->v), n_ = (vec)->len - 1;		\
	(vec)->v = arena_array((a), n_ + 1, size_);			\
	if ((i) > 0)							\
		memcpy((vec)->v, all_, (i) * size_);			\
	if (n_ > (i))							\
		memcpy((vec)->v + (i), (char *)all_ + ((i) + 1) * size_, (n_ - (i)) * size_); \
	(vec)->len = n_;						\
	(vec)->cap = n_ + 1;						\
} while (0)

static void
rule_remove(struct arena *a, struct ir_policy *ir, enum rule_kind kind, size_t i)
{
	switch (kind) {
	case RULE_ENTRY:
		WITHOUT(a, &ir->entries, i);
		break;
	case RULE_PATTERN:
		WITHOUT(a, &ir->patterns, i);
		break;
	case RULE_ROOT:
		WITHOUT(a, &ir->roots, i);
		break;
	case RULE_NAME:
		WITHOUT(a, &ir->protected, i);
		break;
	case RULE_SOCKET:
		WITHOUT(a, &ir->network.sockets, i);
		break;
	case RULE_NETWORK:
		ir->network.mode = NET_OFF;
		break;
	case RULE_DOMAIN:
		WITHOUT(a, &ir->network.domains, i);
		break;
	case RULE_EXCLUDE:
		WITHOUT(a, &ir->environment.exclude, i);
		break;
	case RULE_INCLUDE:
		WITHOUT(a, &ir->environment.include_only, i);
		break;
	case RULE_SET:
		WITHOUT(a, &ir->environment.set, i);
		break;
	case RULE_KINDS:
		break;
	}
}

/* Written in the profile's own file: not a built-in's, and not the command line's. */
static bool
is_written(const struct subject *s, const struct ir_origin *o)
{
	return o->span.line != 0 && o->span.source < s->ir->sources.len &&
	    strcmp(s->ir->sources.v[o->span.source].name, s->source_name) == 0;
}

/* Does some assertion about this binding have another result in the other world? */
static bool
is_noticed(struct arena *a, const struct test_run *r, const struct test_context *c,
    const struct test_world *w, unsigned kinds)
{
	for (size_t i = 0; i < r->checks.len; i++) {
		const struct test_check *t = &r->checks.v[i];
		struct test_outcome got;
		if (t->context != c || (kinds >> t->as->kind & 1) == 0)
			continue;
		if (test_decide(a, w, t, &got) == 0 && got.holds != t->outcome.holds)
			return true;
	}
	return false;
}

/*
 * Taking an entry or pattern at `path' away changes what is at or below it,
 * and the pins of its ancestors; on a host also what a gitdir leads to.  All
 * that a pattern matches is below its literal part.
 */
static bool
touches(const struct claim *c, const char *path)
{
	const char *rest = path;
	struct slice name;

	if (c->path != NULL)
		return path_within(c->path, path) || path_within(path, c->path);
	for (size_t i = 0; i < c->pattern->nliteral && path_next(&rest, &name); i++) {
		const struct slice *text = &c->pattern->step[i].text;
		if (text->len != name.len || memcmp(text->p, name.p, name.len) != 0)
			return false;
	}
	return true;
}

static bool
some_claim_touches(const struct test_run *r, const struct test_context *c, const char *path)
{
	for (size_t i = 0; i < r->checks.len; i++) {
		const struct test_check *t = &r->checks.v[i];
		for (size_t k = 0; t->context == c && k < t->claims.fs.len; k++)
			if (touches(&t->claims.fs.v[k], path))
				return true;
	}
	return false;
}

/* False only where it is certain that no assertion about this binding notices. */
static bool
may_be_noticed(const struct test_run *r, const struct test_context *c, enum rule_kind kind,
    const struct ir_origin *o)
{
	const struct bound_policy *b = c->world.bound;
	bool less = false;	/* some other rule is not `write' */

	if ((kind != RULE_ENTRY && kind != RULE_PATTERN) || c->host)
		return true;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (e->origin == o && some_claim_touches(r, c, e->path))
			return true;
		less |= e->origin != o && e->access != ACCESS_WRITE;
	}
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct bound_pattern *p = &b->patterns.v[i];
		if (p->origin == o && some_claim_touches(r, c, p->literal))
			return true;
		less |= p->origin != o;
	}
	/* Without the last of those the policy may be free, which concerns all paths. */
	return !less;
}

static bool
means_the_same(struct arena *a, const struct test_world *x, const struct test_world *y)
{
	const struct compare_side one = compare_side_of(a, x->fs), two = compare_side_of(a, y->fs);
	struct comparison c;

	return compare_fs_shortest(a, &one, &two, &c) == 0 && c.equal;
}

static enum rule_state
state_of(const struct test_run *r, const struct test_context *c, enum rule_kind kind, size_t i)
{
	struct arena *a = arena_new();
	struct ir_policy less = *c->world.ir;
	struct test_world w = c->world;
	enum rule_state state = RULE_UNCOVERED;
	struct bind_error err;
	const bool seek_idle = kind <= RULE_NAME &&
	    c->world.ir->entries.len + c->world.ir->patterns.len <= IDLE_SEARCH_RULES;
	const bool may = may_be_noticed(r, c, kind, rule_origin(c->world.ir, kind, i));

	if (!may && !seek_idle) {
		arena_free(a);
		return state;
	}
	rule_remove(a, &less, kind, i);
	w.ir = &less;
	bool made = true;
	if (kind <= RULE_NETWORK)
		made = test_world_make(a, c, &less, &w, &err);
	else if (kind == RULE_DOMAIN)
		w.net = net_rules_new(a, &less.network);
	if (made && may && is_noticed(a, r, c, &w, matters[kind]))
		state = RULE_COVERED;
	else if (made && seek_idle && means_the_same(a, &c->world, &w))
		state = RULE_IDLE;
	arena_free(a);
	return state;
}

/* In rising order of what is known of a rule: idle here, but it matters elsewhere; covered somewhere. */
static int
rank(enum rule_state s)
{
	return s == RULE_IDLE ? 0 : s == RULE_UNCOVERED ? 1 : 2;
}

struct measuring {
	const struct test_run *r;
	struct test_coverage *out;
	struct strmap	*known;		/* place of a rule -> its index + 1 */
};

static void
measure_rule(struct measuring *m, const struct test_context *c, enum rule_kind kind, size_t i)
{
	struct arena *a = m->r->a;
	const struct ir_policy *ir = c->world.ir;
	const struct ir_origin *o = rule_origin(ir, kind, i);

	if (!is_written(c->subject, o))
		return;
	/* The same line of the same text, through whichever profile or path it is tested. */
	const char *key = arena_printf(a, "%s/%s:%u:%u:%d", c->subject->source_sha256,
	    c->subject->source_name, (unsigned)o->span.line, (unsigned)o->span.column, (int)kind);
	uintptr_t at = (uintptr_t)strmap_get(m->known, key, strlen(key));
	if (at != 0 && m->out->rules.v[at - 1].state == RULE_COVERED)
		return;
	enum rule_state state = state_of(m->r, c, kind, i);
	if (at == 0) {
		struct test_rule rule = { c->subject, o, rule_text(a, ir, kind, i), state };
		VEC_PUSH(a, &m->out->rules, rule);
		strmap_put(m->known, key, strlen(key), (void *)(uintptr_t)m->out->rules.len);
	} else if (rank(state) > rank(m->out->rules.v[at - 1].state)) {
		m->out->rules.v[at - 1].state = state;
	}
}

static int
rule_cmp(const void *x, const void *y)
{
	const struct test_rule *a = x, *b = y;
	const struct ir_span *s = &a->origin->span, *t = &b->origin->span;
	int c = strcmp(a->subject->file, b->subject->file);

	if (c != 0)
		return c;
	if (s->line != t->line)
		return s->line < t->line ? -1 : 1;
	if (s->column != t->column)
		return s->column < t->column ? -1 : 1;
	return strcmp(a->text, b->text);
}

void
test_coverage_measure(const struct test_run *r, struct test_coverage *out)
{
	struct measuring m = { r, out, strmap_new(r->a) };

	*out = (struct test_coverage){ .percent = 100 };
	for (size_t i = 0; i < r->contexts.len; i++)
		for (enum rule_kind kind = 0; kind < RULE_KINDS; kind++) {
			size_t n = rule_count(r->contexts.v[i]->world.ir, kind);
			for (size_t k = 0; k < n; k++)
				measure_rule(&m, r->contexts.v[i], kind, k);
		}
	if (out->rules.len > 1)
		qsort(out->rules.v, out->rules.len, sizeof(out->rules.v[0]), rule_cmp);
	for (size_t i = 0; i < out->rules.len; i++) {
		enum rule_state s = out->rules.v[i].state;
		out->covered += s == RULE_COVERED;
		out->uncovered += s == RULE_UNCOVERED;
		out->idle += s == RULE_IDLE;
	}
	if (out->covered + out->uncovered > 0)
		out->percent = (unsigned)(out->covered * 100 / (out->covered + out->uncovered));
}
