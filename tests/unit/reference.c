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

/* ---- paths and globs, by the words of 1.3 */

static bool
within(const char *p, const char *dir)
{
	size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
	return strncmp(p, dir, n) == 0 && (p[n] == '/' || p[n] == '\0');
}

static bool
below(const char *p, const char *dir)
{
	return within(p, dir) && strcmp(p, dir) != 0;
}

static int
depth_of(const char *p)
{
	int n = 0;
	for (; *p != '\0'; p++)
		n += p[0] == '/' && p[1] != '\0';
	return n;
}

/* Up to its parent; "/" has none. */
static void
cut(char *p)
{
	char *slash = strrchr(p, '/');
	slash[slash == p] = '\0';
}

/* Where the class at `g' ends, behind its "]"; NULL: it is not closed. */
static const char *
class_end(const char *g)
{
	g += g[1] == '!' || g[1] == '^' ? 2 : 1;
	for (bool first = true; *g != '\0'; g++, first = false) {
		if (*g == ']' && !first)
			return g + 1;
		if (*g == '\\' && g[1] != '\0')
			g++;
	}
	return NULL;
}

static bool
class_has(const char *g, const char *end, unsigned char c)
{
	bool negated = g[1] == '!' || g[1] == '^', has = false;
	for (g += negated ? 2 : 1; g < end - 1; g++) {
		g += *g == '\\';
		unsigned char low = (unsigned char)*g, high = low;
		if (g[1] == '-' && g + 2 < end - 1) {
			g += 2;
			g += *g == '\\';
			high = (unsigned char)*g;
		}
		has |= low <= c && c <= high;
	}
	return has != negated;
}

/* The partner of the "{" at `g', or the "," before it where `comma'. */
static const char *
brace_end(const char *g, bool comma)
{
	int nested = 0;
	for (g++; *g != '\0'; g++) {
		const char *end = *g == '[' ? class_end(g) : NULL;
		if (end != NULL)
			g = end - 1;
		else if (*g == '\\' && g[1] != '\0')
			g++;
		else if (*g == '{')
			nested++;
		else if (nested == 0 && (*g == '}' || (comma && *g == ',')))
			return g;
		else if (*g == '}')
			nested--;
	}
	return NULL;
}

/* The rest of a component's glob takes all of the rest of a name. */
static bool
glob_takes(const char *g, const char *name)
{
	const char *end;
	switch (*g) {
	case '\0':
		return *name == '\0';
	case '*':
		return glob_takes(g + 1, name) || (*name != '\0' && glob_takes(g, name + 1));
	case '?':
		return *name != '\0' && glob_takes(g + 1, name + 1);
	case '[':
		end = class_end(g);
		if (end != NULL)
			return *name != '\0' && class_has(g, end, (unsigned char)*name) &&
			    glob_takes(end, name + 1);
		break;
	case '{':
		end = brace_end(g, false);
		for (const char *from = g; from < end;) {
			char one[1024];
			const char *to = brace_end(from, true);
			snprintf(one, sizeof(one), "%.*s%s", (int)(to - from - 1), from + 1, end + 1);
			if (glob_takes(one, name))
				return true;
			from = to;	/* the comma does for the brace */
		}
		return false;
	case '\\':
		g++;
		break;
	}
	return *name == *g && glob_takes(g + 1, name + 1);
}

static bool
step_takes(const struct pattern_step *s, const char *name)
{
	char text[1024];
	snprintf(text, sizeof(text), "%.*s", (int)s->text.len, s->text.p);
	return s->kind == STEP_LITERAL ? strcmp(text, name) == 0 : glob_takes(text, name);
}

/* Steps from i on take all of `path', which is "" or begins with a slash. */
static bool
steps_take(const struct pattern *p, size_t i, const char *path)
{
	char name[1024];
	if (i == p->nsteps)
		return *path == '\0';
	if (p->step[i].kind == STEP_BELOW)
		return *path != '\0';
	if (p->step[i].kind == STEP_ANY && steps_take(p, i + 1, path))
		return true;
	if (*path == '\0')
		return false;
	size_t len = strcspn(path + 1, "/");
	snprintf(name, sizeof(name), "%.*s", (int)len, path + 1);
	if (p->step[i].kind == STEP_ANY)
		return steps_take(p, i, path + 1 + len);
	return step_takes(&p->step[i], name) && steps_take(p, i + 1, path + 1 + len);
}

/* ---- the formulas */

static enum access
ref_access(const struct bound_policy *b, const char *p)
{
	static const int rank[] = {
		[ACCESS_READ] = 1, [ACCESS_WRITE] = 2, [ACCESS_DENY] = 3,
	};
	enum access best = ACCESS_DENY;
	int most = -1;
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		int score = depth_of(e->path) * 16 + (e->source == BOUND_WRITTEN) * 8 +
		    rank[e->access];
		if (within(p, e->path) && score > most) {
			most = score;
			best = e->access;
		}
	}
	return best;
}

static bool
ref_globbed(const struct bound_policy *b, const char *path)
{
	char p[4096];
	for (size_t i = 0; i < b->patterns.len; i++)
		for (strcpy(p, path); strcmp(p, "/") != 0; cut(p))
			if (steps_take(b->patterns.v[i].pattern, 0, p))
				return true;
	return false;
}

static bool
ref_shielded(const struct bound_policy *b, const char *p)
{
	for (size_t i = 0; i < b->shields.len; i++) {
		const struct bound_shield *s = &b->shields.v[i];
		bool lifted = false;
		for (size_t k = 0; k < b->entries.len && s->kind != SHIELD_POLICY; k++) {
			const struct bound_entry *f = &b->entries.v[k];
			lifted |= f->access == ACCESS_WRITE && within(f->path, s->path) &&
			    within(p, f->path);
		}
		if (within(p, s->path) && !lifted)
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
ref_free(const struct bound_policy *b)
{
	bool root = false, less = b->patterns.len > 0;
	for (size_t i = 0; i < b->entries.len; i++) {
		less |= b->entries.v[i].access != ACCESS_WRITE;
		root |= strcmp(b->entries.v[i].path, "/") == 0;
	}
	return root && !less;
}

static bool
pinned_by_pattern(const struct bound_pattern *g, const char *p)
{
	bool pinned = within(g->literal, p);
	for (size_t i = 0; i < g->matches.len; i++)
		pinned |= below(g->matches.v[i], p);
	for (size_t i = 0; i < g->partial.len; i++)
		pinned |= strcmp(g->partial.v[i], p) == 0;
	return pinned;
}

static bool
ref_pinned(const struct bound_policy *b, const char *p)
{
	char up[4096];
	if (ref_free(b))
		return false;
	if (strcmp(p, "/") == 0)
		return true;
	strcpy(up, p);
	cut(up);
	bool pinned = !ref_tree_writable(b, up);
	for (size_t i = 0; i < b->entries.len; i++) {
		const char *e = b->entries.v[i].path;
		pinned |= strcmp(e, p) == 0 || (below(e, p) && !ref_tree_writable(b, e));
	}
	for (size_t i = 0; i < b->shields.len; i++)
		pinned |= below(b->shields.v[i].path, p) &&
		    !ref_tree_writable(b, b->shields.v[i].path);
	for (size_t i = 0; i < b->patterns.len; i++)
		pinned |= pinned_by_pattern(&b->patterns.v[i], p);
	return pinned;
}

struct ref_verdict
reference(const struct bound_policy *b, const char *p)
{
	struct ref_verdict v = { false, false, false };
	if (ref_globbed(b, p))
		return v;
	v.readable = ref_access(b, p) != ACCESS_DENY;
	/* A link on the way to a grant. */
	for (size_t i = 0; i < b->links.len; i++)
		v.readable |= strcmp(b->links.v[i].path, p) == 0;
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

static int
path_cmp(const void *a, const void *b)
{
	return path_order(((const struct fact *)a)->path, ((const struct fact *)b)->path);
}

static void
mention(struct arena *a, struct bound_policy *b, const char *p)
{
	for (;; p = path_parent(a, p)) {
		struct fact f = { .path = p, .kind = NODE_DIR };
		VEC_PUSH(a, &b->facts, f);
		if (strcmp(p, "/") == 0)
			return;
	}
}

static void
settle_kinds(struct bound_policy *b, struct arena *a, struct prng *r, bool sealed)
{
	for (size_t i = 1; i < b->facts.len; i++) {
		struct fact *f = &b->facts.v[i];
		const struct fact *up = bound_fact(b, path_parent(a, f->path));
		uint32_t k = prng_below(r, 8);
		f->kind = up->kind != NODE_DIR || k == 0 ? NODE_MISSING :
		    k == 1 ? NODE_FILE : NODE_DIR;
		f->sealed = sealed && f->kind == NODE_MISSING && up->kind == NODE_DIR &&
		    prng_below(r, 4) == 0;
	}
}

void
random_facts(struct arena *a, struct bound_policy *b, struct prng *r, const char *const *more,
    bool sealed)
{
	size_t n = 0;

	mention(a, b, "/");
	for (; *more != NULL; more++)
		mention(a, b, *more);
	for (size_t i = 0; i < b->entries.len; i++)
		mention(a, b, b->entries.v[i].path);
	for (size_t i = 0; i < b->shields.len; i++)
		mention(a, b, b->shields.v[i].path);
	for (size_t i = 0; i < b->patterns.len; i++)
		mention(a, b, b->patterns.v[i].literal);
	qsort(b->facts.v, b->facts.len, sizeof(struct fact), path_cmp);
	for (size_t i = 0; i < b->facts.len; i++)
		if (n == 0 || strcmp(b->facts.v[n - 1].path, b->facts.v[i].path) != 0)
			b->facts.v[n++] = b->facts.v[i];
	b->facts.len = n;
	settle_kinds(b, a, r, sealed);
}
