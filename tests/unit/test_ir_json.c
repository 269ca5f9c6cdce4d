/* SPDX-License-Identifier: Apache-2.0 */
/* test_ir_json.c - the IR as JSON and back; bundles; and what is believed of neither */
#include <config.h>

#include "profile_fixture.h"

#include "bundle_read.h"
#include "bundle_write.h"
#include "ir_tree.h"
#include "legacy_form.h"
#include "legacy_verdict.h"
#include "prng.h"

/* Every list of the IR has something in it. */
static const char everything[] =
    "default_permissions = \"p\"\n"
    "[permissions.base.filesystem]\n\":root\" = \"read\"\n"
    "[permissions.p]\ndescription = \"d\u00e9\"\nextends = \"base\"\n"
    "[permissions.p.workspace_roots]\n\"/w\" = true\n\"~/w\" = true\n'D:\\w' = true\n"
    "[permissions.p.filesystem]\nglob_scan_max_depth = 7\n"
    "\":minimal\" = \"read\"\n\":tmpdir\" = \"write\"\n\"~/x\" = \"deny\"\n'C:\\x' = \"read\"\n"
    "\"/a/**/b\" = \"deny\"\n'C:\\x\\*.key' = \"deny\"\n"
    "[permissions.p.filesystem.\":cwd\"]\n\"s\" = \"write\"\n\"**/*.env\" = \"deny\"\n"
    "[permissions.p.network]\nenabled = true\nmode = \"limited\"\nproxy_url = \"http://[::1]:9\"\n"
    "[permissions.p.network.domains]\n\"a.example\" = \"allow\"\n\"**.b.example:443\" = \"deny\"\n"
    "[permissions.p.network.unix_sockets]\n\"/s\" = \"allow\"\n\"~/s\" = \"deny\"\n"
    "[permissions.p.network.mitm]\nhooks = [1]\n"
    "[shell_environment_policy]\nexclude = [\"A*\"]\ninclude_only = [\"B\"]\nset = { C = \"\" }\n"
    "[cdxp]\nprotect = [\".hg\"]\nacknowledge = [\"unix:/s\"]\n";

static cJSON *
print_everything(void)
{
	struct fixture x = compile_good(everything);
	cJSON *json = ir_tree(x.out.ir);
	done(&x);
	return json;
}

/* NULL, or why the text is refused. */
static const char *
refusal(struct arena *a, const cJSON *json)
{
	const char *why = NULL;
	struct ir_policy *ir = ir_read(a, json, &why);
	if (ir == NULL)
		assert_non_null(why);
	return ir == NULL ? why : NULL;
}

static void
reading_undoes_printing(void **state)
{
	struct fixture x = compile_good(everything);
	const char *why;
	cJSON *json = ir_tree(x.out.ir);
	struct ir_policy *again = ir_read(x.a, json, &why);
	(void)state;
	cJSON_Delete(json);
	if (again == NULL)
		fail_msg("%s", why);
	char *one = ir_text(x.out.ir), *two = ir_text(again);
	assert_string_equal(one, two);
	assert_int_equal(again->entries.len, x.out.ir->entries.len);
	assert_string_equal(again->description, "d\u00e9");
	assert_int_equal(again->scan_depth, 7);
	assert_int_equal(again->network.domains.v[1].port, 443);
	assert_string_equal(again->network.mitm, "{\"hooks\":[1]}");
	assert_string_equal(again->patterns.v[0].origin.text, "/a/**/b");
	free(one);
	free(two);
	done(&x);
}

/* Bytes of a command line need not be UTF-8. */
static void
paths_of_any_bytes(void **state)
{
	struct fixture x = compile_good(everything);
	const char *why;
	(void)state;
	x.out.ir->entries.v[0].path = "/\xff\x80";
	x.out.ir->entries.v[0].origin.text = "\xff";
	cJSON *json = ir_tree(x.out.ir);
	struct ir_policy *again = ir_read(x.a, json, &why);
	cJSON_Delete(json);
	assert_non_null(again);
	assert_string_equal(again->entries.v[0].path, "/\xff\x80");
	done(&x);
}

/* ---- mutations ---- */

/* All values below `v', in document order, with the object or array that holds each. */
struct value {
	cJSON	*v, *holder;
};

static size_t
collect(cJSON *v, cJSON *holder, struct value *out, size_t n)
{
	out[n++] = (struct value){ v, holder };
	for (cJSON *c = v->child; c != NULL; c = c->next)
		n = collect(c, v, out, n);
	return n;
}

enum { VALUES_MAX = 2000 };

/* The i-th value of a fresh document. */
static struct value
pick(cJSON *doc, size_t i, size_t *n)
{
	static struct value all[VALUES_MAX];
	*n = collect(doc, NULL, all, 0);
	assert_in_range(*n, 1, VALUES_MAX);
	return i < *n ? all[i] : all[0];
}

static void
members_are_required_and_typed(void **state)
{
	/* What may be absent: its absence is a policy of its own. */
	static const char *const optional[] = { "description", "scan", "domains", "sockets", "mitm" };
	size_t n = 1;
	(void)state;
	for (size_t i = 1; i < n; i++) {
		struct arena *a = arena_new();
		cJSON *doc = print_everything();
		struct value at = pick(doc, i, &n);
		if (i >= n || at.v->string == NULL) {
			if (i < n) {
				cJSON_ReplaceItemViaPointer(at.holder, at.v, cJSON_CreateTrue());
				if (refusal(a, doc) == NULL)
					fail_msg("a wrong type of element %zu is accepted", i);
			}
			cJSON_Delete(doc);
			arena_free(a);
			continue;
		}
		bool may_lack = false;
		for (size_t k = 0; k < NELEMS(optional); k++)
			may_lack |= strcmp(at.v->string, optional[k]) == 0;
		char *name = arena_strdup(a, at.v->string);

		cJSON *wrong = cJSON_IsObject(at.v) ? cJSON_CreateTrue() : cJSON_CreateObject();
		cJSON_ReplaceItemViaPointer(at.holder, at.v, wrong);
		wrong->string = strdup(name);
		if (refusal(a, doc) == NULL)
			fail_msg("a wrong type of \"%s\" (value %zu) is accepted", name, i);

		cJSON_Delete(cJSON_DetachItemViaPointer(at.holder, wrong));
		if (!may_lack && refusal(a, doc) == NULL)
			fail_msg("a missing \"%s\" (value %zu) is accepted", name, i);

		cJSON_AddItemToObject(at.holder, "unheard-of", cJSON_CreateNull());
		if (refusal(a, doc) == NULL)
			fail_msg("an unknown member beside \"%s\" is accepted", name);
		cJSON_Delete(doc);
		arena_free(a);
	}
}

static cJSON *
item(cJSON *doc, const char *list, int i)
{
	return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(doc, list), i);
}

static void
values_are_checked(void **state)
{
	/* list, index, member, a text that it cannot be */
	static const struct {
		const char	*list;
		int		 index;
		const char	*member, *text;
	} rows[] = {
		{ "entries", 0, "path", "/a/" }, { "entries", 0, "path", "a" },
		{ "entries", 0, "path", "/a/../b" }, { "entries", 0, "anchor", "root" },
		{ "entries", 0, "access", "none" }, { "entries", 1, "access", "write" },
		{ "entries", 1, "path", "x" }, { "entries", 3, "path", "/x" },
		{ "entries", 3, "path", "../x" }, { "entries", 4, "path", "C:/x" },
		{ "patterns", 0, "glob", "a/*" }, { "patterns", 0, "glob", "/a//*" },
		{ "patterns", 0, "glob", "/[\u00e9]" }, { "patterns", 0, "anchor", "minimal" },
		{ "patterns", 1, "glob", "x\\*" }, { "patterns", 2, "glob", "/x" },
		{ "roots", 0, "path", "w" }, { "roots", 0, "anchor", "workspace" },
		{ "protected", 0, "name", "a/b" }, { "protected", 0, "name", ".." },
		{ "protected", 0, "name", "" },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct arena *a = arena_new();
		cJSON *doc = print_everything();
		cJSON *o = item(doc, rows[i].list, rows[i].index);
		cJSON_ReplaceItemInObjectCaseSensitive(o, rows[i].member, cJSON_CreateString(rows[i].text));
		const char *why = refusal(a, doc);
		if (why == NULL)
			fail_msg("%s[%d].%s = \"%s\" is accepted", rows[i].list, rows[i].index,
			    rows[i].member, rows[i].text);
		char where[64];
		snprintf(where, sizeof(where), "%s[%d].", rows[i].list, rows[i].index);
		assert_ptr_equal(strstr(why, where), why);
		cJSON_Delete(doc);
		arena_free(a);
	}
}

static void
spans_are_checked(void **state)
{
	static const char *const bad[] = {
		"", "0", "0:1:1:1", "0:1:1:1:0", "00:1:1:1:0:x", "0:4294967296:1:1:0:x",
		"0:99999999999999999999999:1:1:0:x", "-1:1:1:1:0:x", "0:1::1:0:x",
		"99:1:1:1:0:x", "0:1:1:1:99:x", " 0:1:1:1:0:x", "0:1:1:1:0x:",
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(bad); i++) {
		struct arena *a = arena_new();
		cJSON *doc = print_everything();
		cJSON *list = cJSON_GetObjectItemCaseSensitive(doc, "spans");
		cJSON_ReplaceItemInArray(list, 0, cJSON_CreateString(bad[i]));
		if (refusal(a, doc) == NULL)
			fail_msg("span \"%s\" is accepted", bad[i]);
		cJSON_Delete(doc);
		arena_free(a);
	}
	struct arena *a = arena_new();
	cJSON *doc = print_everything();
	cJSON *list = cJSON_GetObjectItemCaseSensitive(doc, "spans");
	const char *why;
	cJSON_ReplaceItemInArray(list, 0, cJSON_CreateString("0:4294967295:1:1:0:a:b"));
	struct ir_policy *ir = ir_read(a, doc, &why);
	assert_non_null(ir);
	assert_string_equal(ir->entries.v[0].origin.text, "a:b");
	assert_int_equal(ir->entries.v[0].origin.span.line, UINT32_MAX);
	cJSON_Delete(doc);
	arena_free(a);
}

static void
network_is_checked(void **state)
{
	static const struct {
		const char	*list, *member, *text;
		double		 number;
	} rows[] = {
		{ NULL, "mode", "on", 0 }, { NULL, "mode", "open", 0 },
		{ NULL, "mitm", "[1]", 0 }, { NULL, "mitm", "{", 0 },
		{ "domains", "pattern", "A.example", 0 }, { "domains", "pattern", "a.example.", 0 },
		{ "domains", "port", NULL, 65536 }, { "domains", "port", NULL, -1 },
		{ "sockets", "path", "s", 0 }, { "sockets", "anchor", "tmpdir", 0 },
	};
	(void)state;
	for (size_t i = 0; i < NELEMS(rows); i++) {
		struct arena *a = arena_new();
		cJSON *doc = print_everything();
		cJSON *o = cJSON_GetObjectItemCaseSensitive(doc, "network");
		if (rows[i].list != NULL)
			o = item(o, rows[i].list, 0);
		cJSON_ReplaceItemInObjectCaseSensitive(o, rows[i].member, rows[i].text == NULL ?
		    cJSON_CreateNumber(rows[i].number) : cJSON_CreateString(rows[i].text));
		if (refusal(a, doc) == NULL)
			fail_msg("row %zu: network %s is accepted", i, rows[i].member);
		cJSON_Delete(doc);
		arena_free(a);
	}
}

/* ---- bundles ---- */

static struct sbuf
make_bundle(const struct ir_policy *ir)
{
	static const char sha[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct artifact exact = { .bytes = SBUF_INIT };
	struct artifact refused = {
		.refused = true,
		.refusal = { "no \"such\" thing", "write /x", &ir->entries.v[0].origin },
	};
	const struct bundle_part parts[] = { { "landlock", &refused }, { "bwrap", &exact } };
	struct arena *a = arena_new();
	const struct legacy_verdict legacy = legacy_verdict(a, ir, NULL);
	const struct bundle_content content = {
		"test \"ir\":{ 1", ir, "test.toml", sha, parts, NELEMS(parts), &legacy,
	};
	struct sbuf out = SBUF_INIT;
	sbuf_add(&exact.bytes, "--bind\0/\xff\0/\0", 12);
	bundle_write(a, &out, &content);
	arena_free(a);
	sbuf_free(&exact.bytes);
	return out;
}

static bool
verifies(const char *text, size_t len)
{
	struct arena *a = arena_new();
	const char *why = NULL;
	const struct bundle *b = bundle_read(a, text, len, &why);
	assert_true(b != NULL ? strlen(b->digest) == 64 : why != NULL);
	bool ok = b != NULL && json_is_canonical(text, len);
	arena_free(a);
	return ok;
}

static void
bundles_have_their_form(void **state)
{
	struct fixture x = compile_good(everything);
	struct sbuf b = make_bundle(x.out.ir), again = make_bundle(x.out.ir), canonical = SBUF_INIT;
	const char *why;
	size_t offset;
	(void)state;
	assert_string_equal(b.p, again.p);
	cJSON *doc = json_read(b.p, b.len, &why, &offset);
	assert_non_null(doc);
	assert_int_equal(json_write(&canonical, doc), 0);
	assert_string_equal(canonical.p, b.p);

	const cJSON *bwrap = json_member(json_member(doc, "backends"), "bwrap");
	assert_string_equal(json_string(bwrap, "status"), "exact");
	const cJSON *args = json_member(bwrap, "artifact");
	assert_int_equal(cJSON_GetArraySize(args), 3);
	assert_true(cJSON_IsObject(cJSON_GetArrayItem(args, 1)));
	const cJSON *landlock = json_member(json_member(doc, "backends"), "landlock");
	assert_string_equal(json_string(landlock, "status"), "refused");
	assert_string_equal(json_string(json_member(landlock, "entry"), "text"), ":root");
	assert_true(legacy_form_check(x.a, json_member(doc, "legacy"), &why));

	assert_true(verifies(b.p, b.len));
	sbuf_addc(&again, '\n');
	assert_true(verifies(again.p, again.len));
	sbuf_addc(&again, '\n');
	assert_false(verifies(again.p, again.len));
	cJSON_Delete(doc);
	sbuf_free(&b);
	sbuf_free(&again);
	sbuf_free(&canonical);
	done(&x);
}

/* One changed, lost or added byte is noticed, wherever it is. */
static void
every_byte_counts(void **state)
{
	struct fixture x = compile_good(everything);
	struct sbuf b = make_bundle(x.out.ir);
	uint64_t seed = prng_seed(), r = seed;
	(void)state;
	for (size_t i = 0; i < b.len; i++) {
		char *copy = malloc(b.len + 2);
		assert_non_null(copy);
		memcpy(copy, b.p, b.len + 1);
		copy[i] = (char)(copy[i] ^ (1 + (int)prng_below(&r, 255)));
		if (verifies(copy, b.len))
			fail_msg("SEED=%llu: a change of byte %zu is not noticed",
			    (unsigned long long)seed, i);
		memcpy(copy, b.p, i);
		memcpy(copy + i, b.p + i + 1, b.len - i);
		if (verifies(copy, b.len - 1))
			fail_msg("the loss of byte %zu is not noticed", i);
		free(copy);
	}
	sbuf_free(&b);
	done(&x);
}

/* The same text and request: the same bytes, whatever the hash maps' seeds are. */
static void
compiling_is_deterministic(void **state)
{
	struct compile_request q = {
		.file = "/some/where/test.toml", .text = everything, .len = strlen(everything),
	};
	(void)state;
	struct fixture x = compile_good(everything), y = compile_request(&q);
	char *one = ir_text(x.out.ir), *two = ir_text(y.out.ir);
	assert_string_equal(one, two);
	assert_string_equal(compiled_sha256(x.a, &x.out), compiled_sha256(y.a, &y.out));
	assert_string_equal(y.out.source_name, "test.toml");
	free(one);
	free(two);
	done(&x);
	done(&y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_undoes_printing),
		cmocka_unit_test(paths_of_any_bytes),
		cmocka_unit_test(members_are_required_and_typed),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(spans_are_checked),
		cmocka_unit_test(network_is_checked),
		cmocka_unit_test(bundles_have_their_form),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(compiling_is_deterministic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
