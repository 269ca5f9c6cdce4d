/* SPDX-License-Identifier: Apache-2.0 */
/* test_mounts.c - bwrap arguments: proved for random policies and hosts, and every mutation found */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "bwrap.h"
#include "decide_fs.h"
#include "effective.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 250, DEPTH = 3 };

/* ---- a random host that fits a random policy */

static bool
below_match(const struct bound_pattern *p, const char *path)
{
	for (size_t i = 0; i < p->matches.len; i++)
		if (path_below(path, p->matches.v[i]))
			return true;
	return false;
}

static size_t
progress(const struct pattern *p, const char *path)
{
	uint64_t s[2][4];
	struct slice c;
	int now = 0;
	assert_true(pattern_words(p) <= 4);
	pattern_start(p, s[0]);
	while (path_next(&path, &c)) {
		pattern_advance(p, s[now], c.p, c.len, s[!now]);
		now = !now;
	}
	return pattern_alive(p, s[now]) ? pattern_progress(p, s[now]) : 0;
}

static void
scan(struct arena *a, struct bound_policy *b, struct bound_pattern *p)
{
	const struct pattern *g = p->pattern;
	if (g->nsteps == g->nliteral + 1 && g->step[g->nliteral].kind == STEP_BELOW)
		return;
	for (size_t i = 1; i < b->facts.len; i++) {
		const struct fact *f = &b->facts.v[i];
		if (f->kind == NODE_MISSING || below_match(p, f->path))
			continue;
		if (pattern_match(g, f->path))
			VEC_PUSH(a, &p->matches, f->path);
		else if (f->kind == NODE_DIR && path_below(f->path, p->literal) &&
		    progress(g, f->path) > progress(g, path_parent(a, f->path)))
			VEC_PUSH(a, &p->partial, f->path);
	}
}

static struct bound_policy *
random_bound(struct arena *a, struct prng *r)
{
	struct bound_policy *b = random_policy(a, r);
	random_facts(a, b, r, (const char *const[]){ "/dev", "/proc", "/a/b/c", "/b/ab", NULL }, true);
	for (size_t i = 0; i < b->facts.len; i++)
		if (path_within(b->facts.v[i].path, "/dev") || path_within(b->facts.v[i].path, "/proc"))
			((struct fact *)&b->facts.v[i])->kind = NODE_DIR;
	/* 1.4: names are protected below entries that are directories now. */
	size_t n = 0;
	for (size_t i = 0; i < b->shields.len; i++) {
		const struct fact *up = bound_fact(b, path_parent(a, b->shields.v[i].path));
		if (strcmp(b->shields.v[i].path, "/") != 0 && up->kind == NODE_DIR)
			b->shields.v[n++] = b->shields.v[i];
	}
	b->shields.len = n;
	for (size_t i = 0; i < b->patterns.len; i++)
		scan(a, b, &b->patterns.v[i]);
	return b;
}

/* ---- a second reading of the arguments, slow and by another road */

struct dumb_op { char kind; const char *path; bool frozen; unsigned perms; };

struct dumb {
	struct { struct dumb_op *v; size_t len, cap; } ops;
	unsigned	 flags, caps;
	bool		 malformed, proc, dev;
};

static void
dumb_read(struct arena *a, const char *const *arg, size_t n, struct dumb *d)
{
	static const char *const flag[] = { "--unshare-user", "--unshare-ipc", "--unshare-pid",
	    "--unshare-uts", "--unshare-net", "--die-with-parent" };
	unsigned perms = 0755;
	*d = (struct dumb){ .malformed = false };
	for (size_t i = 0; i < n; i++) {
		const char *x = i + 1 < n ? arg[i + 1] : NULL, *y = i + 2 < n ? arg[i + 2] : NULL;
		struct dumb_op op = { .kind = 0 };
		bool known = false;
		for (size_t k = 0; k < NELEMS(flag); k++)
			if (strcmp(arg[i], flag[k]) == 0) {
				d->flags |= 1u << k;
				known = true;
			}
		if (known)
			continue;
		if (strcmp(arg[i], "--cap-drop") == 0 && x != NULL && strcmp(x, "ALL") == 0) {
			d->caps = 1;
			i++;
			continue;
		}
		if (strcmp(arg[i], "--perms") == 0 && x != NULL && strlen(x) == 4) {
			perms = (unsigned)strtoul(x, NULL, 8);
			i++;
			if (i + 1 >= n || strcmp(arg[i + 1], "--tmpfs") != 0)
				d->malformed = true;
			continue;
		}
		if (strcmp(arg[i], "--remount-ro") == 0 && x != NULL) {
			bool met = strcmp(x, "/") == 0 && d->ops.len == 0;
			for (size_t k = d->ops.len; k-- > 0 && !met;)
				if (strcmp(d->ops.v[k].path, x) == 0) {
					d->ops.v[k].frozen = true;
					met = true;
				}
			if (!met && strcmp(x, "/") == 0)
				met = true;
			if (strcmp(x, "/") == 0)
				d->caps |= 2;	/* the empty root is frozen */
			d->malformed |= !met;
			i++;
			continue;
		}
		if (strcmp(arg[i], "--tmpfs") == 0 || strcmp(arg[i], "--proc") == 0 ||
		    strcmp(arg[i], "--dev") == 0) {
			op = (struct dumb_op){ arg[i][2], x, false, perms };
			i++;
		} else if ((strcmp(arg[i], "--ro-bind") == 0 || strcmp(arg[i], "--bind") == 0 ||
		    strcmp(arg[i], "--ro-bind-try") == 0) && y != NULL) {
			op = (struct dumb_op){ arg[i][2], y, false, 0 };
			if (strcmp(x, "/dev/null") == 0 && op.kind == 'r')
				op.kind = 'n';
			else if (strcmp(x, y) != 0)
				d->malformed = true;
			i += 2;
		}
		perms = 0755;
		if (op.kind == 0 || op.path == NULL || op.path[0] != '/')
			d->malformed = true;
		else
			VEC_PUSH(a, &d->ops, op);
	}
}

static const struct dumb_op *
dumb_at(const struct dumb *d, const char *p)
{
	for (size_t i = d->ops.len; i-- > 0;)
		if (path_within(p, d->ops.v[i].path))
			return &d->ops.v[i];
	return NULL;
}

/* 0 nothing, 1 read, 2 write, 3 write and pinned, 9 a write that would vanish. */
static int
dumb_verdict(const struct dumb *d, const char *p)
{
	const struct dumb_op *op = dumb_at(d, p);
	char up[4096];
	if (op == NULL)
		return (d->caps & 2) != 0 ? 0 : 9;
	bool here = strcmp(op->path, p) == 0;
	switch (op->kind) {
	case 'r': case 'p': case 'd':
		return 1;
	case 'n':
		return 0;
	case 't':
		if (!op->frozen)
			return 9;
		return here && (op->perms & 0400) != 0 ? 1 : 0;
	default:
		break;
	}
	strcpy(up, p);
	char *slash = strrchr(up, '/');
	slash[slash == up] = '\0';
	if (here || strcmp(p, "/") == 0)
		return 3;
	return dumb_verdict(d, up) < 2 ? 3 : 2;
}

struct same { const struct dumb *x, *y; const char *differs; };

static void
same_path(void *arg, const char *p)
{
	struct same *s = arg;
	if (s->differs == NULL && dumb_verdict(s->x, p) != dumb_verdict(s->y, p))
		s->differs = p;
}

static const char *
meaning_differs(struct arena *a, const char *const *x, size_t nx, const char *const *y, size_t ny)
{
	struct dumb dx, dy;
	dumb_read(a, x, nx, &dx);
	dumb_read(a, y, ny, &dy);
	assert_false(dx.malformed);
	if (dy.malformed)
		return "malformed";
	if (dx.flags != dy.flags || dx.caps != dy.caps)
		return "flags";
	struct same s = { &dx, &dy, NULL };
	each_path(a, DEPTH, same_path, &s);
	static const char *const more[] = { "/dev", "/dev/shm", "/dev/shm/x", "/dev/x", "/proc", "/proc/x" };
	for (size_t i = 0; i < NELEMS(more); i++)
		same_path(&s, more[i]);
	return s.differs;
}

/* ---- the tests */

struct made {
	struct bound_policy *b;
	struct region	*effective;
	struct artifact	 art;
	const char	**arg;
	size_t		 n;
};

static void
describe(const struct bound_policy *b)
{
	for (size_t i = 0; i < b->entries.len; i++)
		print_error("  %s %s%s\n", access_name(b->entries.v[i].access),
		    b->entries.v[i].path,
		    b->entries.v[i].source == BOUND_PLATFORM ? " (platform)" : "");
	for (size_t i = 0; i < b->shields.len; i++)
		print_error("  shield %s\n", b->shields.v[i].path);
	for (size_t i = 0; i < b->patterns.len; i++)
		print_error("  deny %s\n", b->patterns.v[i].pattern->text);
	for (size_t i = 0; i < b->facts.len; i++)
		print_error("  fact %s %d\n", b->facts.v[i].path, (int)b->facts.v[i].kind);
}

static bool
make(struct arena *a, uint64_t seed, struct made *m)
{
	struct prng r = { seed };
	struct backend_options opt = { false };
	m->b = random_bound(a, &r);
	if (backend_bwrap.compile(a, m->b, &opt, &m->art) != 0) {
		print_error("seed %llu: refused: %s (%s)\n", (unsigned long long)seed,
		    m->art.refusal.reason, m->art.refusal.witness != NULL ? m->art.refusal.witness : "");
		describe(m->b);
		return false;
	}
	struct artifact scratch = { .refused = false };
	m->effective = effective_build(a, decide_fs_build(a, m->b), &scratch);
	m->n = 0;
	m->arg = arena_array(a, m->art.bytes.len + 1, sizeof(char *));
	for (size_t i = 0; i < m->art.bytes.len; i += strlen(m->art.bytes.p + i) + 1)
		m->arg[m->n++] = m->art.bytes.p + i;
	return true;
}

static void
every_policy_is_proved(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 4 * ROUNDS; i++) {
		struct arena *a = arena_new();
		struct made m;
		assert_true(make(a, test_seed() + i, &m));
		sbuf_free(&m.art.bytes);
		arena_free(a);
	}
}

/* Where nothing is missing and no pattern is there, effective and bound policy agree on every path. */
struct exact { struct made *m; const struct decide_fs *d; const char *wrong; };

static void
exact_path(void *arg, const char *p)
{
	struct exact *e = arg;
	bool exact;
	const struct region *r = region_find(e->m->effective, p, &exact);
	enum access acc = exact ? r->self : r->below;
	struct ref_verdict v = reference(e->m->b, p);
	const struct fact *f = NULL;
	char up[4096];
	/* Below what is missing or no directory there is nothing to be exact about. */
	strcpy(up, p);
	for (;;) {
		f = bound_fact(e->m->b, up);
		if (f != NULL && f->kind != NODE_DIR)
			return;
		if (strcmp(up, "/") == 0)
			break;
		char *slash = strrchr(up, '/');
		slash[slash == up] = '\0';
	}
	bool pin = exact && r->pinned;
	/* The root cannot be moved, whatever the policy says of it. */
	if ((acc != ACCESS_DENY) != v.readable || (acc == ACCESS_WRITE) != v.writable ||
	    (pin != v.pinned && strcmp(p, "/") != 0))
		e->wrong = p;
}

static void
effective_is_the_policy_where_nothing_deviates(void **state)
{
	unsigned looked = 0;
	(void)state;
	for (uint64_t i = 0; i < 4 * ROUNDS; i++) {
		struct arena *a = arena_new();
		struct made m;
		assert_true(make(a, test_seed() + 31 * i, &m));
		if (m.b->patterns.len == 0) {
			struct exact e = { &m, NULL, NULL };
			each_path(a, DEPTH, exact_path, &e);
			if (e.wrong != NULL)
				print_error("seed %llu: %s\n",
				    (unsigned long long)(test_seed() + 31 * i), e.wrong);
			assert_null(e.wrong);
			looked++;
		}
		sbuf_free(&m.art.bytes);
		arena_free(a);
	}
	assert_true(looked > ROUNDS / 2);
}

/* Said where the host says so, and only there. */
static void
test_group_signals(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++)
		for (int leave = 0; leave < 2; leave++) {
			struct arena *a = arena_new();
			struct prng r = { seed };
			struct artifact art;
			struct backend_options opt = { .signals_leave = leave != 0 };
			size_t found = 0;
			if (backend_bwrap.compile(a, random_bound(a, &r), &opt, &art) == 0) {
				for (size_t i = 0; i < art.deviations.len; i++)
					found += strcmp(art.deviations.v[i].name, "group-signals") == 0 &&
					    art.deviations.v[i].direction == DEVIATION_WIDER;
				assert_int_equal(found, leave);
			}
			sbuf_free(&art.bytes);
			arena_free(a);
		}
}

static bool
accepted(struct arena *a, struct made *m, const char *const *arg, size_t n)
{
	struct artifact t = m->art;
	struct backend_options opt = { false };
	t.bytes = (struct sbuf)SBUF_INIT;
	for (size_t i = 0; i < n; i++)
		sbuf_add(&t.bytes, arg[i], strlen(arg[i]) + 1);
	int rc = bwrap_prove(a, m->b, m->effective, &opt, &t);
	sbuf_free(&t.bytes);
	return rc == 0;
}

/* One past the operands of the option at i. */
static size_t
option_end(const struct made *m, size_t i)
{
	for (i++; i < m->n && strncmp(m->arg[i], "--", 2) != 0; i++)
		;
	return i;
}

/* Leave a whole option out, or put it after the next one. */
static size_t
mutate_option(const struct made *m, size_t i, bool swap, const char **to)
{
	size_t n = 0, end = option_end(m, i), next = swap && end < m->n ? option_end(m, end) : end;
	for (size_t k = 0; k < i; k++)
		to[n++] = m->arg[k];
	for (size_t k = end; k < next; k++)
		to[n++] = m->arg[k];
	for (size_t k = i; k < end && swap; k++)
		to[n++] = m->arg[k];
	for (size_t k = next; k < m->n; k++)
		to[n++] = m->arg[k];
	return n;
}

/* Drop one, swap it with the next, or put another text in its place; the same with whole options. */
static size_t
mutate(struct arena *a, struct prng *r, const struct made *m, size_t i, unsigned how, const char **to)
{
	static const char *const text[] = { "", "/", "/a", "/zz", "--bind", "--ro-bind", "--tmpfs", "0755" };
	size_t n = 0;
	if (how >= 5 && strncmp(m->arg[i], "--", 2) == 0)
		return mutate_option(m, i, how == 6, to);
	for (size_t k = 0; k < m->n; k++)
		if (k != i || how != 0)
			to[n++] = m->arg[k];
	if (how == 1 && i + 1 < n) {
		const char *t = to[i];
		to[i] = to[i + 1];
		to[i + 1] = t;
	}
	if (how == 2)
		to[i] = m->arg[prng_below(r, (uint32_t)m->n)];
	if (how == 3)
		to[i] = text[prng_below(r, NELEMS(text))];
	if (how >= 4)
		to[i] = arena_printf(a, "%sx", to[i]);
	return n;
}

static void
every_mutation_that_matters_is_found(void **state)
{
	unsigned found = 0, harmless = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS / 5; i++) {
		struct arena *a = arena_new();
		struct prng r = { test_seed() + 1000 + i };
		struct made m;
		assert_true(make(a, test_seed() + 17 * i, &m));
		for (size_t k = 0; k < m.n; k++)
			for (unsigned how = 0; how < 7; how++) {
				struct arena *b = arena_new();
				const char **to = arena_array(b, m.n + 1, sizeof(char *));
				size_t n = mutate(b, &r, &m, k, how, to);
				if (!accepted(b, &m, to, n)) {
					found++;
				} else {
					const char *d = meaning_differs(b, m.arg, m.n, to, n);
					if (d != NULL)
						print_error("seed %llu, argument %zu, way %u: %s\n",
						    (unsigned long long)(test_seed() + 17 * i),
						    k, how, d);
					assert_null(d);
					harmless++;
				}
				arena_free(b);
			}
		sbuf_free(&m.art.bytes);
		arena_free(a);
	}
	print_message("%u mutations found, %u changed nothing\n", found, harmless);
	assert_true(found > 4 * harmless);
}

/* Give one node more than the policy does; the sandbox's own and links are not asked. */
static unsigned
widen_each(struct arena *a, const struct made *m, const struct decide_fs *d, struct region *r)
{
	unsigned n = 0;
	bool exact;
	const char *path = region_path(a, r);
	const struct region *p = region_find(d->root, path, &exact);
	enum access allowed = exact ? p->self : p->below;
	if (path_within(path, "/dev") || path_within(path, "/proc"))
		return 0;
	if (r->link == NULL && allowed != ACCESS_WRITE) {
		struct region was = *r;
		struct refusal why;
		r->self = allowed == ACCESS_DENY ? ACCESS_READ : ACCESS_WRITE;
		if (effective_check(a, d, m->effective, &why) == 0)
			print_error("%s: more is accepted\n", path);
		assert_int_not_equal(effective_check(a, d, m->effective, &why), 0);
		*r = was;
		n++;
	}
	for (size_t i = 0; i < r->nchild; i++)
		n += widen_each(a, m, d, r->child[i]);
	return n;
}

static void
a_wider_rewriting_is_found(void **state)
{
	unsigned n = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct made m;
		struct refusal why;
		assert_true(make(a, test_seed() + 13 * i, &m));
		const struct decide_fs *d = decide_fs_build(a, m.b);
		assert_int_equal(effective_check(a, d, m.effective, &why), 0);
		n += widen_each(a, &m, d, m.effective);
		sbuf_free(&m.art.bytes);
		arena_free(a);
	}
	assert_true(n > ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_group_signals),
		cmocka_unit_test(every_policy_is_proved),
		cmocka_unit_test(effective_is_the_policy_where_nothing_deviates),
		cmocka_unit_test(every_mutation_that_matters_is_found),
		cmocka_unit_test(a_wider_rewriting_is_found),
	};
	return cmocka_run_group_tests_name("mounts", tests, NULL, NULL);
}
