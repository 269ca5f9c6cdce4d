/* SPDX-License-Identifier: Apache-2.0 */
/* test_landlock.c - Landlock rulesets: what they mean for random policies and hosts, and every mutation found */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "decide_fs.h"
#include "json.h"
#include "landlock.h"
#include "landlock_model.h"
#include "landlock_plan.h"
#include "landlock_rights.h"
#include "path.h"
#include "reference.h"

enum { ROUNDS = 400, DEPTH = 3, ABI = 7 };

/* ---- random policies, most of them without a fall, on random hosts */

/* Give every entry at least what the entries above it have. */
static void
remove_falls(struct bound_policy *b)
{
	for (bool changed = true; changed;) {
		changed = false;
		for (size_t i = 0; i < b->entries.len; i++)
			for (size_t k = 0; k < b->entries.len; k++) {
				struct bound_entry *x = &b->entries.v[i], *y = &b->entries.v[k];
				if (!path_within(y->path, x->path) || x->access <= y->access)
					continue;
				y->access = x->access;
				y->source = BOUND_WRITTEN;
				changed = true;
			}
	}
}

static struct bound_policy *
random_bound(struct arena *a, struct prng *r)
{
	struct bound_policy *b = random_policy(a, r);
	struct ir_policy *ir = arena_alloc(a, sizeof(*ir));
	*ir = *b->ir;
	ir->network.mode = prng_below(r, 2) == 0 ? NET_OFF : NET_OPEN;
	b->ir = ir;
	uint32_t tame = prng_below(r, 8);
	if (tame > 0)
		b->shields.len = 0;
	if (tame > 1)
		b->patterns.len = 0;
	size_t n = 0;
	for (size_t i = 0; i < b->entries.len; i++)
		if (tame == 0 || strcmp(b->entries.v[i].path, "/") != 0 ||
		    b->entries.v[i].access != ACCESS_WRITE)
			b->entries.v[n++] = b->entries.v[i];
	b->entries.len = n;
	if (tame > 2)
		remove_falls(b);
	random_facts(a, b, r, (const char *const[]){ NULL }, false);
	return b;
}

struct falls { const struct bound_policy *b; struct arena *a; const char *at; };

static void
note_fall(void *arg, const char *p)
{
	struct falls *f = arg;
	if (f->at != NULL || strcmp(p, "/") == 0)
		return;
	struct ref_verdict up = reference(f->b, path_parent(f->a, p)), v = reference(f->b, p);
	if ((up.readable && !v.readable) || (up.writable && !v.writable))
		f->at = arena_strdup(f->a, p);
}

/* ---- a second reading of the print: no tree, every rule looked at for every path */

static uint64_t
dumb_names(const cJSON *list, enum landlock_set set)
{
	uint64_t all = 0;
	const cJSON *v;
	cJSON_ArrayForEach(v, list)
		all |= cJSON_IsString(v) ? landlock_named(set, v->valuestring) : 0;
	return all;
}

/* 0 nothing, 1 read, 2 write, 3 write and pinned, 9 something else. */
static int
dumb_verdict(const cJSON *doc, const char *p)
{
	uint64_t here = 0, above = 0, fs = dumb_names(json_member(json_member(doc, "handled"), "fs"), LANDLOCK_FS);
	const cJSON *v;
	cJSON_ArrayForEach(v, json_member(doc, "rules")) {
		const char *path = json_string(v, "path");
		uint64_t rights = dumb_names(json_member(v, "rights"), LANDLOCK_FS);
		if (path == NULL || !path_within(p, path))
			continue;
		/* One without "read_dir" is for a file: there is nothing below. */
		if (strcmp(p, path) == 0)
			here |= rights;
		else if ((rights & LANDLOCK_FS_READ_DIR) != 0)
			above |= rights;
	}
	bool dev = path_within(p, "/dev");
	uint64_t all = dev ? fs : fs & ~LANDLOCK_FS_IOCTL_DEV, own = here | above;
	if (((here & LANDLOCK_FS_READ_DIR) == 0 && here != 0) && (above & LANDLOCK_FS_READ_DIR) == 0)
		all &= LANDLOCK_FS_FILE;
	uint64_t read = all & LANDLOCK_FS_READ, up = (dev ? fs : fs & ~LANDLOCK_FS_IOCTL_DEV);
	if (own == 0)
		return 0;
	if (own == read)
		return 1;
	if (own != all)
		return 9;
	cJSON_ArrayForEach(v, json_member(doc, "pinned"))
		if (cJSON_IsString(v) && strcmp(v->valuestring, p) == 0)
			return 3;
	return above != up ? 3 : 2;
}

/* ---- what is made of them */

struct made {
	struct bound_policy *b;
	const struct region *effective;
	struct artifact	 art;
	cJSON		*doc;
};

static cJSON *
reread(const struct made *m)
{
	const char *why;
	size_t offset;
	cJSON *doc = json_read(m->art.bytes.p, m->art.bytes.len, &why, &offset);
	assert_non_null(doc);
	return doc;
}

static bool
make(struct arena *a, uint64_t seed, unsigned abi, struct made *m)
{
	struct prng r = { seed };
	struct backend_options opt = { .landlock_abi = abi };
	struct artifact scratch = { .refused = false };

	m->doc = NULL;
	m->b = random_bound(a, &r);
	if (backend_landlock.compile(a, m->b, &opt, &m->art) != 0)
		return false;
	m->effective = landlock_effective(a, decide_fs_build(a, m->b), abi, &scratch);
	m->doc = reread(m);
	return true;
}

static void
drop(struct made *m)
{
	cJSON_Delete(m->doc);
	sbuf_free(&m->art.bytes);
}

struct held { const struct made *m; uint64_t seed; unsigned looked; };

static bool
stands_on_missing(struct arena *a, const struct bound_policy *b, const char *p)
{
	for (;; p = path_parent(a, p)) {
		const struct fact *f = bound_fact(b, p);
		if (f != NULL && f->kind != NODE_DIR)
			return true;
		if (strcmp(p, "/") == 0)
			return false;
	}
}

static void
hold_path(void *arg, const char *p)
{
	struct held *h = arg;
	struct arena *a = arena_new();
	int said = dumb_verdict(h->m->doc, p);
	struct ref_verdict v = reference(h->m->b, p);
	int want = !v.readable ? 0 : !v.writable ? 1 : v.pinned ? 3 : 2;
	bool loose = stands_on_missing(a, h->m->b, p);

	/* A pin is lost with the place that is missing; a file may still be one. */
	if (loose ? (said > 2 ? 2 : said) > (want > 2 ? 2 : want) : said != want) {
		print_error("seed %llu: %s is %d, should be %d\n%s\n", (unsigned long long)h->seed, p, said,
		    want, sbuf_str(&h->m->art.bytes));
		fail();
	}
	h->looked++;
	arena_free(a);
}

static void
refused_where_access_falls_else_exact(void **state)
{
	unsigned exact = 0, refused = 0, deep = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		struct made m;
		bool made = make(a, test_seed() + i, ABI, &m);
		struct falls f = { m.b, a, NULL };
		each_path(a, DEPTH, note_fall, &f);
		if (f.at == NULL && reference(m.b, "/").writable)
			f.at = "/proc";
		if (made) {
			if (f.at != NULL)
				print_error("seed %llu: %s\n", (unsigned long long)(test_seed() + i), f.at);
			assert_null(f.at);
			struct held h = { &m, test_seed() + i, 0 };
			each_path(a, DEPTH, hold_path, &h);
			exact++;
		} else if (f.at != NULL) {
			refused++;
		} else {
			/* A pattern can match what is deeper than we look. */
			if (m.b->patterns.len == 0)
				print_error("seed %llu: %s (%s)\n", (unsigned long long)(test_seed() + i),
				    m.art.refusal.reason, m.art.refusal.witness);
			assert_true(m.b->patterns.len > 0);
			deep++;
		}
		drop(&m);
		arena_free(a);
	}
	print_message("%u exact, %u refused, %u by patterns that match deeper\n", exact, refused, deep);
	assert_true(exact > ROUNDS / 3 && refused > ROUNDS / 10);
}

/* ---- mutations */

struct same { const cJSON *x, *y; const char *differs; };

static void
same_path(void *arg, const char *p)
{
	struct same *s = arg;
	if (s->differs == NULL && dumb_verdict(s->x, p) != dumb_verdict(s->y, p))
		s->differs = "what can be done with a path";
}

static bool
same_member(const cJSON *x, const cJSON *y, const char *key)
{
	const cJSON *u = json_member(x, key), *v = json_member(y, key);
	return u == NULL || v == NULL ? u == v : cJSON_Compare(u, v, true);
}

/* Not looked at: the lines of the rules. */
static const char *
meaning_differs(struct arena *a, const cJSON *x, const cJSON *y)
{
	static const char *const head[] = { "abi", "handled", "log", "pinned", "scoped" };
	static const char *const more[] = {
		"/dev", "/dev/null", "/dev/full", "/dev/tty", "/dev/zero", "/dev/random", "/dev/urandom",
		"/dev/x", "/proc", "/proc/x",
	};
	struct same s = { x, y, NULL };

	for (size_t i = 0; i < NELEMS(head); i++)
		if (!same_member(x, y, head[i]))
			return head[i];
	each_path(a, DEPTH, same_path, &s);
	for (size_t i = 0; i < NELEMS(more); i++)
		same_path(&s, more[i]);
	const cJSON *u = json_member(x, "rules"), *v = json_member(y, "rules");
	if (s.differs == NULL && cJSON_GetArraySize(u) != cJSON_GetArraySize(v))
		return "the number of rules";
	for (int i = 0; s.differs == NULL && i < cJSON_GetArraySize(u); i++)
		if (!same_member(cJSON_GetArrayItem(u, i), cJSON_GetArrayItem(v, i), "base"))
			return "what may be passed over";
	return s.differs;
}

/* Every list and member in the document, counted; the one of that number is returned. */
static cJSON *
node_number(cJSON *v, int *n)
{
	if ((*n)-- == 0)
		return v;
	for (cJSON *c = v->child; c != NULL; c = c->next) {
		cJSON *found = node_number(c, n);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static const char *
another_text(struct arena *a, struct prng *r, const char *old)
{
	static const char *const text[] = {
		"", "/", "/a", "/zz", "/dev/null", "/proc", "read_file", "write_file", "ioctl_dev", "signal",
		"bind_tcp", "make_reg", "read_dir",
	};
	return prng_below(r, 3) == 0 ? arena_printf(a, "%sx", old) : text[prng_below(r, NELEMS(text))];
}

static bool
insert(struct prng *r, cJSON *list, int size, cJSON *v)
{
	if (cJSON_InsertItemInArray(list, (int)prng_below(r, (uint32_t)size + 1), v))
		return true;
	cJSON_Delete(v);
	return false;
}

/* False: there is no such way at that node. */
static bool
mutate(struct arena *a, struct prng *r, cJSON *doc, int number, unsigned how)
{
	int n = number;
	cJSON *v = node_number(doc, &n);
	bool list = cJSON_IsArray(v);
	int size = list || cJSON_IsObject(v) ? cJSON_GetArraySize(v) : 0;

	switch (how) {
	case 0:		/* one member less */
		if (size == 0)
			return false;
		cJSON_Delete(cJSON_DetachItemViaPointer(v,
		    cJSON_GetArrayItem(v, (int)prng_below(r, (uint32_t)size))));
		return true;
	case 1:		/* one twice, somewhere */
		if (!list || size == 0)
			return false;
		return insert(r, v, size,
		    cJSON_Duplicate(cJSON_GetArrayItem(v, (int)prng_below(r, (uint32_t)size)), true));
	case 2:		/* two exchanged */
		if (!list || size < 2)
			return false;
		return cJSON_InsertItemInArray(v, 0, cJSON_DetachItemFromArray(v, size - 1));
	case 3:		/* another text */
		if (cJSON_IsString(v))
			return cJSON_SetValuestring(v, another_text(a, r, v->valuestring)) != NULL;
		if (!list)
			return false;
		return cJSON_AddItemToArray(v, cJSON_CreateString(another_text(a, r, "/a/b")));
	case 4:		/* another number, another truth, one member more */
		if (cJSON_IsNumber(v))
			cJSON_SetNumberValue(v, v->valueint + 1 - 2 * (int)prng_below(r, 2));
		else if (cJSON_IsBool(v))
			v->type = cJSON_IsTrue(v) ? cJSON_False : cJSON_True;
		else if (cJSON_IsObject(v))
			cJSON_AddBoolToObject(v, prng_below(r, 2) == 0 ? "base" : "more", true);
		else
			return false;
		return true;
	default:	/* a rule more, by a name of the policy's own */
		if (!list || size == 0 || !cJSON_IsObject(v->child))
			return false;
		cJSON *copy = cJSON_Duplicate(cJSON_GetArrayItem(v, (int)prng_below(r, (uint32_t)size)), true);
		static const char *const path[] = { "/a", "/a/b", "/b", "/b/a", "/c", "/a/b/c" };
		cJSON_SetValuestring(cJSON_GetObjectItem(copy, "path"), path[prng_below(r, NELEMS(path))]);
		return insert(r, v, size, copy);
	}
}

static bool
accepted(struct arena *a, const struct made *m, unsigned abi, const cJSON *doc)
{
	struct artifact art = { .bytes = SBUF_INIT };
	/* A number that is none of JSON's, and the like, is not even a print. */
	bool ok = json_write(&art.bytes, doc) == 0 &&
	    landlock_prove(a, m->b, m->effective, abi, &art) == 0;
	sbuf_free(&art.bytes);
	return ok;
}

static void
every_mutation_that_matters_is_found(void **state)
{
	unsigned found = 0, harmless = 0;
	(void)state;
	for (uint64_t i = 0; i < ROUNDS / 10; i++) {
		struct arena *a = arena_new();
		unsigned abi = LANDLOCK_ABI_LEAST + (unsigned)(i % 5);
		struct prng r = { test_seed() + 1000 + i };
		struct made m;
		int size = 1 << 20, nodes;
		bool made = make(a, test_seed() + 17 * i, abi, &m);
		if (made)
			node_number(m.doc, &size);
		nodes = (1 << 20) - size;
		for (int k = 0; made && k < nodes; k++)
			for (unsigned how = 0; how < 6; how++) {
				struct arena *b = arena_new();
				cJSON *doc = reread(&m);
				if (mutate(b, &r, doc, k, how)) {
					if (!accepted(b, &m, abi, doc)) {
						found++;
					} else {
						const char *d = meaning_differs(b, m.doc, doc);
						if (d != NULL)
							print_error("seed %llu, node %d, way %u: %s\n",
							    (unsigned long long)(test_seed() + 17 * i), k, how, d);
						assert_null(d);
						harmless++;
					}
				}
				cJSON_Delete(doc);
				arena_free(b);
			}
		drop(&m);
		arena_free(a);
	}
	print_message("%u mutations found, %u changed nothing\n", found, harmless);
	assert_true(found > 1000 && found > 4 * harmless);
}

/* ---- what an older kernel is asked for */

static bool
deviates(const struct artifact *art, const char *name)
{
	for (size_t i = 0; i < art->deviations.len; i++)
		if (strcmp(art->deviations.v[i].name, name) == 0)
			return true;
	return false;
}

static void
each_version_is_asked_for_what_it_has(void **state)
{
	struct arena *a = arena_new();
	struct ir_policy ir = { .name = "t" };
	struct bound_policy b = { .ir = &ir, .target = TARGET_LINUX, .cwd = "/" };
	static const struct fact top = { .path = "/", .kind = NODE_DIR };
	VEC_PUSH(a, &b.facts, top);
	(void)state;
	for (unsigned abi = 1; abi <= 9; abi++) {
		struct backend_options opt = { .landlock_abi = abi };
		struct artifact art;
		struct landlock_model m;
		const char *why;
		int rc = backend_landlock.compile(a, &b, &opt, &art);
		if (abi < 3) {
			assert_int_equal(rc, -1);
			assert_non_null(strstr(art.refusal.reason, "version 3"));
			continue;
		}
		assert_int_equal(rc, 0);
		assert_int_equal(landlock_model_read(a, art.bytes.p, art.bytes.len, &m, &why), 0);
		assert_int_equal(m.abi, abi > 7 ? 7 : abi);
		assert_int_equal(m.fs, abi < 5 ? 0x7fff : 0xffff);
		assert_int_equal(m.net, abi < 4 ? 0 : 3);
		assert_int_equal(m.scope, abi < 6 ? 0 : 3);
		assert_int_equal(m.log, abi >= 7);
		assert_int_equal(deviates(&art, "signals"), abi < 6);
		assert_int_equal(deviates(&art, "device-ioctl"), abi < 5);
		assert_true(deviates(&art, "shared-proc"));
		sbuf_free(&art.bytes);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_where_access_falls_else_exact),
		cmocka_unit_test(every_mutation_that_matters_is_found),
		cmocka_unit_test(each_version_is_asked_for_what_it_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
