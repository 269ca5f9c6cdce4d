/* SPDX-License-Identifier: Apache-2.0 */
/* reference.c - spec 2.2 and 2.3 word by word, and random policies to hold against it */
#include <config.h>

#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "path.h"

uint64_t
test_seed(void)
{
	const char *s = getenv("SEED");
	return s != NULL ? strtoull(s, NULL, 0) : 20240917u;
}

uint32_t
prng_below(struct prng *r, uint32_t n)
{
	/* xorshift64*, Vigna 2016 */
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)((r->state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static const char *
random_path(struct arena *a, struct prng *r, unsigned max)
{
	static const char *const name[] = { "a", "b", "c", "ab" };
	const char *p = "/";
	for (unsigned n = prng_below(r, max + 1); n > 0; n--)
		p = path_join(a, p, name[prng_below(r, NELEMS(name))]);
	return p;
}

static struct ir_policy *
random_ir(struct arena *a)
{
	struct ir_policy *ir = arena_alloc(a, sizeof(*ir));
	struct ir_source s = { "test.toml" };
	ir->name = "t";
	VEC_PUSH(a, &ir->sources, s);
	return ir;
}

static struct ir_origin *
origin(struct arena *a, const char *text, uint32_t line)
{
	struct ir_origin *o = arena_alloc(a, sizeof(*o));
	*o = (struct ir_origin){ { 0, line, 1, 1 }, text, "t" };
	return o;
}

struct bound_policy *
random_policy(struct arena *a, struct prng *r)
{
	static const char *const glob[] = {
		"*", "?", "a*", "*b", "[ab]", "[!a]", "{a,c}", "**", "**/b", "a/**/c",
		"a", "ab", "*/c", "**/a*", "?/?", "A*", "b/**",
	};
	struct bound_policy *b = arena_alloc(a, sizeof(*b));
	const char *why;
	uint32_t line = 1;
	b->ir = random_ir(a);
	b->cwd = "/a";
	for (uint32_t n = prng_below(r, 6); n > 0; n--) {
		struct bound_entry e = { .path = random_path(a, r, 3),
		    .access = (enum access)prng_below(r, 3), .source = BOUND_WRITTEN };
		if (prng_below(r, 3) == 0)
			e.access = ACCESS_WRITE;
		e.spelt = e.path;
		e.origin = origin(a, e.path, line++);
		if (prng_below(r, 8) == 0) {
			e.source = BOUND_PLATFORM;
			e.access = ACCESS_READ;
		}
		VEC_PUSH(a, &b->entries, e);
		if (e.access == ACCESS_WRITE && prng_below(r, 2) == 0) {
			struct bound_shield s = { path_join(a, e.path, "c"), SHIELD_NAME,
			    e.origin, "c" };
			if (prng_below(r, 4) == 0)
				s = (struct bound_shield){ random_path(a, r, 2), SHIELD_GITDIR,
				    e.origin, ".git" };
			VEC_PUSH(a, &b->shields, s);
		}
	}
	for (uint32_t n = prng_below(r, 3); n > 0; n--) {
		const char *base = random_path(a, r, 2);
		struct bound_pattern p = { .pattern = pattern_parse(a, base,
		    glob[prng_below(r, NELEMS(glob))], &why) };
		if (p.pattern == NULL)
			continue;
		p.literal = "/";
		for (size_t i = 0; i < p.pattern->nliteral; i++)
			p.literal = path_join(a, p.literal, arena_strndup(a,
			    p.pattern->step[i].text.p, p.pattern->step[i].text.len));
		p.origin = origin(a, p.pattern->text, line++);
		VEC_PUSH(a, &b->patterns, p);
	}
	/* 1.4: a free policy is free of shields. */
	if (bound_is_free(b))
		b->shields.len = 0;
	return b;
}

static enum access
ref_access(const struct bound_policy *b, const char *p)
{
	static const int rank[] = {
		[ACCESS_READ] = 1, [ACCESS_WRITE] = 2, [ACCESS_DENY] = 3,
	};
	const struct bound_entry *best = NULL;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (!path_within(p, e->path))
			continue;
		int score = (int)path_depth(e->path) * 16 +
		    (e->source == BOUND_WRITTEN) * 8 + rank[e->access];
		int old = best == NULL ? -1 : (int)path_depth(best->path) * 16 +
		    (best->source == BOUND_WRITTEN) * 8 + rank[best->access];
		if (score > old)
			best = e;
	}
	return best != NULL ? best->access : ACCESS_DENY;
}

static bool
ref_globbed(const struct bound_policy *b, const char *p)
{
	char buf[4096];
	for (size_t i = 0; i < b->patterns.len; i++) {
		strcpy(buf, p);
		for (;;) {
			if (strcmp(buf, "/") != 0 && pattern_match(b->patterns.v[i].pattern, buf))
				return true;
			char *slash = strrchr(buf, '/');
			if (slash == NULL || slash == buf)
				break;
			*slash = '\0';
		}
	}
	return false;
}

static bool
ref_shielded(const struct bound_policy *b, const char *p)
{
	for (size_t i = 0; i < b->shields.len; i++) {
		const char *s = b->shields.v[i].path;
		bool lifted = false;
		if (!path_within(p, s))
			continue;
		for (size_t k = 0; k < b->entries.len; k++) {
			const struct bound_entry *f = &b->entries.v[k];
			if (f->access == ACCESS_WRITE && path_within(f->path, s) &&
			    path_within(p, f->path))
				lifted = true;
		}
		if (!lifted)
			return true;
	}
	return false;
}

static bool
ref_tree_writable(const struct bound_policy *b, const char *p)
{
	return ref_access(b, p) == ACCESS_WRITE && !ref_shielded(b, p);
}

static bool
ref_pinned(const struct bound_policy *b, const char *p)
{
	if (bound_is_free(b))
		return false;
	if (strcmp(p, "/") == 0)
		return true;
	char up[4096];
	strcpy(up, p);
	char *slash = strrchr(up, '/');
	slash[slash == up] = '\0';
	if (!ref_tree_writable(b, up))
		return true;
	for (size_t i = 0; i < b->entries.len; i++) {
		const char *e = b->entries.v[i].path;
		if (strcmp(e, p) == 0 || (path_below(e, p) && !ref_tree_writable(b, e)))
			return true;
	}
	for (size_t i = 0; i < b->shields.len; i++)
		if (path_below(b->shields.v[i].path, p) &&
		    !ref_tree_writable(b, b->shields.v[i].path))
			return true;
	for (size_t i = 0; i < b->patterns.len; i++)
		if (path_within(b->patterns.v[i].literal, p))
			return true;
	return false;
}

struct ref_verdict
reference(const struct bound_policy *b, const char *p)
{
	struct ref_verdict v = { false, false, false };
	if (ref_globbed(b, p))
		return v;
	v.readable = ref_access(b, p) != ACCESS_DENY;
	v.writable = ref_tree_writable(b, p);
	v.pinned = v.writable && ref_pinned(b, p);
	return v;
}

void
each_path(struct arena *a, unsigned depth, void (*f)(void *, const char *), void *arg)
{
	/* One name for each class that the globs above can tell apart, and their first representatives. */
	static const char *const name[] = {
		"A", "a", "b", "c", "d", "AA", "Ab", "aA", "ab", "bA", "ba", "cb",
	};
	struct { const char **v; size_t len, cap; } level = { NULL, 0, 0 }, next;
	VEC_PUSH(a, &level, "/");
	f(arg, "/");
	while (depth-- > 0) {
		next.v = NULL;
		next.len = next.cap = 0;
		for (size_t i = 0; i < level.len; i++)
			for (size_t k = 0; k < NELEMS(name); k++) {
				const char *p = path_join(a, level.v[i], name[k]);
				VEC_PUSH(a, &next, p);
				f(arg, p);
			}
		level.v = next.v;
		level.len = next.len;
	}
}
