/* SPDX-License-Identifier: Apache-2.0 */
/* test_bundle.c - the loader of bundles takes the good one and nothing else */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "backend.h"
#include "bundle_read.h"
#include "ir_json.h"
#include "ir_tree.h"
#include "json.h"

/* A document that has everything but its digest; the caller owns it. */
static const char legacy_no[] =
    "{\"round_trips\":false,\"witness\":{\"operation\":\"read\",\"what\":\"/@cwd/x\",\"reason\":null,"
    "\"profile\":{\"allows\":false,\"why\":{\"kind\":\"pattern\",\"text\":\"t\",\"at\":"
    "{\"file\":\"profile.toml\",\"line\":1}}},"
    "\"legacy\":{\"allows\":true,\"policy\":{\"type\":\"read-only\",\"network_access\":false},"
    "\"why\":{\"kind\":\"entry\",\"text\":\"t\",\"at\":null}}}}";
static const char legacy_yes[] =
    "{\"round_trips\":true,\"policy\":{\"type\":\"workspace-write\",\"network_access\":true,"
    "\"writable_roots\":[\"/srv\",{\"hex\":\"2fff\"}],\"exclude_slash_tmp\":false,"
    "\"exclude_tmpdir_env_var\":true}}";

static cJSON *
good_document(struct arena *a)
{
	struct ir_policy *ir = arena_alloc(a, sizeof(*ir));
	ir->name = "ci";
	VEC_PUSH(a, &ir->sources, ((struct ir_source){ "profile.toml" }));
	struct ir_origin origin = { { 0, 3, 1, 5 }, "a/b", "ci" };
	ir->network.origin = origin;
	ir->network.proxy_url = "http://127.0.0.1:3128";
	ir->network.socks_url = "socks5h://127.0.0.1:8081";
	ir->scan_origin = origin;
	VEC_PUSH(a, &ir->entries, ((struct ir_entry){ ANCHOR_WORKSPACE, "a/b", ACCESS_WRITE, origin }));
	VEC_PUSH(a, &ir->patterns, ((struct ir_pattern){ ANCHOR_WORKSPACE, "**/.env", origin }));
	VEC_PUSH(a, &ir->protected, ((struct ir_name){ ".git", origin }));

	cJSON *doc = cJSON_CreateObject();
	cJSON_AddNumberToObject(doc, "cdxp", 1);
	cJSON_AddStringToObject(doc, "compiler", "cdxpc 0.1.0");
	cJSON_AddStringToObject(doc, "profile", "ci");
	cJSON *source = cJSON_AddObjectToObject(doc, "source");
	cJSON_AddStringToObject(source, "name", "profile.toml");
	cJSON_AddStringToObject(source, "sha256",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	cJSON_AddItemToObject(doc, "ir", ir_tree(ir));
	cJSON_AddItemToObject(doc, "legacy", cJSON_Parse(legacy_no));
	cJSON *backends = cJSON_AddObjectToObject(doc, "backends");
	cJSON *bwrap = cJSON_AddObjectToObject(backends, "bwrap");
	cJSON_AddStringToObject(bwrap, "status", "exact");
	cJSON_AddArrayToObject(bwrap, "deviations");
	cJSON_AddStringToObject(bwrap, "artifact", "--unshare-user");
	cJSON *seatbelt = cJSON_AddObjectToObject(backends, "seatbelt");
	cJSON_AddStringToObject(seatbelt, "status", "refused");
	cJSON_AddNullToObject(seatbelt, "entry");
	cJSON_AddStringToObject(seatbelt, "witness", "read /a");
	cJSON_AddStringToObject(seatbelt, "reason", "because");
	cJSON_AddItemToObject(doc, "seccomp", backend_filters(ir));
	return doc;
}

/* Put the right digest in, whatever else is wrong, and write; frees the document. */
static struct sbuf
seal(cJSON *doc)
{
	struct sbuf out = SBUF_INIT;
	char digest[7 + 65] = "sha256:";
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "digest");
	assert_int_equal(json_write(&out, doc), 0);
	sha256_hex(sbuf_str(&out), out.len, digest + 7);
	sbuf_free(&out);
	cJSON_AddStringToObject(doc, "digest", digest);
	assert_int_equal(json_write(&out, doc), 0);
	cJSON_Delete(doc);
	return out;
}

static struct sbuf
good_bundle(void)
{
	struct arena *a = arena_new();
	struct sbuf text = seal(good_document(a));
	arena_free(a);
	return text;
}

/* The text is refused, with one line that holds `needle'. */
static void
expect_refused(const char *text, size_t len, const char *needle)
{
	struct arena *a = arena_new();
	const char *why = NULL;
	struct bundle *b = bundle_read(a, text, len, &why);
	if (b != NULL)
		fail_msg("accepted: %.*s", (int)len, text);
	assert_non_null(why);
	if (strstr(why, needle) == NULL || strchr(why, '\n') != NULL)
		fail_msg("said \"%s\", should say \"%s\"", why, needle);
	arena_free(a);
}

static void
expect_sealed_refused(cJSON *doc, const char *needle)
{
	struct sbuf text = seal(doc);
	expect_refused(sbuf_str(&text), text.len, needle);
	sbuf_free(&text);
}

static void
good_is_read(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct sbuf text = good_bundle();
	const char *why = NULL;
	struct bundle *b = bundle_read(a, sbuf_str(&text), text.len, &why);
	if (b == NULL)
		fail_msg("refused: %s", why);
	/* Nothing may point into the text, which goes first. */
	memset(text.p, 'x', text.len);
	sbuf_free(&text);
	assert_string_equal(b->compiler, "cdxpc 0.1.0");
	assert_string_equal(b->profile, "ci");
	assert_string_equal(b->source_name, "profile.toml");
	assert_int_equal(strlen(b->source_sha256), 64);
	assert_int_equal(strlen(b->digest), 64);
	assert_string_equal(b->ir->name, "ci");
	assert_int_equal(b->ir->entries.len, 1);
	assert_string_equal(b->ir->entries.v[0].path, "a/b");
	assert_int_equal(b->ir->entries.v[0].access, ACCESS_WRITE);
	assert_int_equal(b->ir->entries.v[0].origin.span.line, 3);
	arena_free(a);
}

/* The digest is over the content, so a bundle that went through a formatter is still the same. */
static void
space_and_order_do_not_matter(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct sbuf text = good_bundle();
	cJSON *doc = cJSON_ParseWithLength(sbuf_str(&text), text.len);
	cJSON *moved = cJSON_DetachItemFromObjectCaseSensitive(doc, "cdxp");
	cJSON_AddItemToObject(doc, "cdxp", moved);
	char *pretty = cJSON_Print(doc);
	const char *why = NULL;
	if (bundle_read(a, pretty, strlen(pretty), &why) == NULL)
		fail_msg("refused: %s", why);
	free(pretty);
	cJSON_Delete(doc);
	sbuf_free(&text);
	arena_free(a);
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	struct sbuf text = good_bundle();
	for (size_t len = 0; len < text.len; len++) {
		/* A copy of just that size: an overread is seen by the sanitizer. */
		char *cut = malloc(len + 1);
		assert_non_null(cut);
		memcpy(cut, text.p, len);
		cut[len] = '\0';
		expect_refused(cut, len, "");
		free(cut);
	}
	sbuf_free(&text);
}

static void
every_changed_byte_is_refused(void **state)
{
	(void)state;
	static const unsigned char classes[] = {
		'\0', '\x01', ' ', '"', '\\', '{', '}', '[', ']', ':', ',', '-', '.',
		'0', '1', '9', 'a', 'F', 'u', 0x80, 0xc3, 0xed, 0xff,
	};
	struct sbuf text = good_bundle();
	for (size_t i = 0; i < text.len; i++) {
		char old = text.p[i];
		for (size_t k = 0; k < NELEMS(classes); k++) {
			if ((char)classes[k] == old)
				continue;
			text.p[i] = (char)classes[k];
			expect_refused(text.p, text.len, "");
		}
		text.p[i] = old;
	}
	sbuf_free(&text);
}

static void
every_removed_or_doubled_byte_is_refused(void **state)
{
	(void)state;
	struct sbuf text = good_bundle();
	char *other = malloc(text.len + 2);
	assert_non_null(other);
	for (size_t i = 0; i < text.len; i++) {
		memcpy(other, text.p, i);
		memcpy(other + i, text.p + i + 1, text.len - i);
		expect_refused(other, text.len - 1, "");
		memcpy(other, text.p, i + 1);
		memcpy(other + i + 1, text.p + i, text.len - i + 1);
		expect_refused(other, text.len + 1, "");
	}
	free(other);
	sbuf_free(&text);
}

static void
other_versions_are_refused(void **state)
{
	(void)state;
	static const struct { double version; const char *needle; } cases[] = {
		{ 2, "its version is 2" }, { 3000000, "its version is 3000000" },
		{ 0, "there is no version 0" }, { -1, "there is no version -1" },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < NELEMS(cases); i++) {
		cJSON *doc = good_document(a);
		cJSON_SetNumberValue(cJSON_GetObjectItem(doc, "cdxp"), cases[i].version);
		expect_sealed_refused(doc, cases[i].needle);
	}
	/* A later version says so by its number, whatever else it may look like. */
	const char later[] = "{\"cdxp\":2,\"contents\":[]}";
	expect_refused(later, strlen(later), "its version is 2");
	const char text_version[] = "{\"cdxp\":\"1\"}";
	expect_refused(text_version, strlen(text_version), "version");
	arena_free(a);
}

static void
duplicate_keys_are_refused(void **state)
{
	(void)state;
	struct sbuf text = good_bundle(), twice = SBUF_INIT;
	sbuf_puts(&twice, "{\"cdxp\":1,");
	sbuf_add(&twice, text.p + 1, text.len - 1);
	expect_refused(twice.p, twice.len, "duplicate");
	sbuf_free(&twice);

	/* Deep inside, and spelt with an escape. */
	const char *at = strstr(text.p, "\"status\":\"exact\"");
	assert_non_null(at);
	sbuf_add(&twice, text.p, (size_t)(at - text.p));
	sbuf_puts(&twice, "\"st\\u0061tus\":\"exact\",");
	sbuf_puts(&twice, at);
	expect_refused(twice.p, twice.len, "duplicate");
	sbuf_free(&twice);
	sbuf_free(&text);
}

static void
members_are_checked(void **state)
{
	(void)state;
	static const char *const required[] = {
		"cdxp", "compiler", "profile", "source", "ir", "legacy", "backends",
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < NELEMS(required); i++) {
		cJSON *doc = good_document(a);
		cJSON_DeleteItemFromObject(doc, required[i]);
		expect_sealed_refused(doc, required[i]);
		doc = good_document(a);
		cJSON_ReplaceItemInObject(doc, required[i], cJSON_CreateTrue());
		expect_sealed_refused(doc, required[i]);
	}
	cJSON *doc = good_document(a);
	cJSON_AddNullToObject(doc, "comment");
	expect_sealed_refused(doc, "\"comment\" is not known");

	doc = good_document(a);
	cJSON_AddNullToObject(cJSON_GetObjectItem(doc, "source"), "path");
	expect_sealed_refused(doc, "\"source.path\" is not known");

	doc = good_document(a);
	cJSON_ReplaceItemInObject(cJSON_GetObjectItem(doc, "source"), "sha256",
	    cJSON_CreateString("E3B0"));
	expect_sealed_refused(doc, "source.sha256");

	doc = good_document(a);
	cJSON_ReplaceItemInObject(doc, "profile", cJSON_CreateString("other"));
	expect_sealed_refused(doc, "differ");
	arena_free(a);
}

static void
parts_are_checked(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	cJSON *doc = good_document(a);
	cJSON_AddObjectToObject(cJSON_GetObjectItem(doc, "backends"), "chroot");
	expect_sealed_refused(doc, "backend \"chroot\" is not known");

	doc = good_document(a);
	cJSON *bwrap = cJSON_GetObjectItem(cJSON_GetObjectItem(doc, "backends"), "bwrap");
	cJSON_ReplaceItemInObject(bwrap, "status", cJSON_CreateString("fine"));
	expect_sealed_refused(doc, "backends.bwrap.status");

	doc = good_document(a);
	bwrap = cJSON_GetObjectItem(cJSON_GetObjectItem(doc, "backends"), "bwrap");
	cJSON_DeleteItemFromObject(bwrap, "artifact");
	expect_sealed_refused(doc, "\"backends.bwrap.artifact\" is missing");

	doc = good_document(a);
	cJSON *entries = cJSON_GetObjectItem(cJSON_GetObjectItem(doc, "ir"), "entries");
	cJSON_ReplaceItemInObject(cJSON_GetArrayItem(entries, 0), "path", cJSON_CreateString("a/../b"));
	expect_sealed_refused(doc, "in member \"ir\"");
	arena_free(a);
}

/* The filters are those of this very program, in every byte and word, and for this network. */
static void
filters_are_checked(void **state)
{
	static const char *const variants[] = { "default", "no_debug" };
	static const char *const archs[] = { "x86_64", "aarch64" };

	(void)state;
	struct arena *a = arena_new();
	cJSON *doc = good_document(a);
	cJSON_DeleteItemFromObject(doc, "seccomp");
	expect_sealed_refused(doc, "no system call filters");
	doc = good_document(a);
	cJSON_ReplaceItemInObject(cJSON_GetObjectItem(doc, "seccomp"), "network", cJSON_CreateString("open"));
	expect_sealed_refused(doc, "not those of this program");
	doc = good_document(a);
	cJSON_AddNullToObject(cJSON_GetObjectItem(doc, "seccomp"), "more");
	expect_sealed_refused(doc, "not those of this program");
	for (size_t i = 0; i < NELEMS(variants); i++)
		for (size_t k = 0; k < NELEMS(archs); k++) {
			doc = good_document(a);
			cJSON *v = cJSON_GetObjectItem(cJSON_GetObjectItem(doc, "seccomp"), variants[i]);
			char *text = arena_strdup(a, json_string(v, archs[k]));
			text[strlen(text) / 2] ^= 1;
			cJSON_ReplaceItemInObject(v, archs[k], cJSON_CreateString(text));
			expect_sealed_refused(doc, "not those of this program");
			doc = good_document(a);
			v = cJSON_GetObjectItem(cJSON_GetObjectItem(doc, "seccomp"), variants[i]);
			cJSON_DeleteItemFromArray(cJSON_GetObjectItem(v, "words"), (int)k);
			expect_sealed_refused(doc, "not those of this program");
		}
	arena_free(a);
}

/* Whatever is lost, added or of another type is noticed, at every depth. */
static void
break_legacy(struct arena *a, const char *text, const char *path)
{
	enum { LOSE, ADD, TYPE, WAYS };
	for (int way = 0; way < WAYS; way++) {
		cJSON *doc = good_document(a), *legacy = cJSON_Parse(text), *o = legacy;
		cJSON_ReplaceItemInObject(doc, "legacy", legacy);
		char *copy = arena_strdup(a, path), *rest = copy, *key = copy;
		for (char *dot; (dot = strchr(rest, '.')) != NULL; rest = key) {
			*dot = '\0';
			o = cJSON_GetObjectItem(o, rest);
			assert_non_null(o);
			key = dot + 1;
		}
		assert_non_null(cJSON_GetObjectItem(o, key));
		if (way == LOSE)
			cJSON_DeleteItemFromObject(o, key);
		else if (way == ADD)
			cJSON_AddNullToObject(o, "more");
		else
			cJSON_ReplaceItemInObject(o, key, cJSON_CreateNumber(7));
		expect_sealed_refused(doc, "legacy");
	}
}

static void
legacy_is_checked(void **state)
{
	(void)state;
	static const char *const no[] = {
		"round_trips", "witness", "witness.operation", "witness.what", "witness.reason",
		"witness.profile", "witness.profile.allows", "witness.profile.why",
		"witness.profile.why.kind", "witness.profile.why.text", "witness.profile.why.at",
		"witness.legacy", "witness.legacy.policy", "witness.legacy.policy.type",
		"witness.legacy.policy.network_access", "witness.legacy.why.at",
	};
	static const char *const yes[] = {
		"round_trips", "policy", "policy.type", "policy.network_access",
		"policy.writable_roots", "policy.exclude_slash_tmp", "policy.exclude_tmpdir_env_var",
	};
	static const struct { const char *member, *with; } words[] = {
		{ "type", "\"read-only\"" }, { "type", "\"root\"" },
		{ "writable_roots", "[\"\"]" }, { "writable_roots", "[null]" },
	};
	struct arena *a = arena_new();
	const char *why = NULL;
	cJSON *good = good_document(a);
	cJSON_ReplaceItemInObject(good, "legacy", cJSON_Parse(legacy_yes));
	struct sbuf text = seal(good);
	if (bundle_read(a, sbuf_str(&text), text.len, &why) == NULL)
		fail_msg("refused: %s", why);
	sbuf_free(&text);
	for (size_t i = 0; i < NELEMS(no); i++)
		break_legacy(a, legacy_no, no[i]);
	for (size_t i = 0; i < NELEMS(yes); i++)
		break_legacy(a, legacy_yes, yes[i]);
	for (size_t i = 0; i < NELEMS(words); i++) {
		cJSON *doc = good_document(a), *legacy = cJSON_Parse(legacy_yes);
		cJSON_ReplaceItemInObject(doc, "legacy", legacy);
		cJSON_ReplaceItemInObject(cJSON_GetObjectItem(legacy, "policy"), words[i].member,
		    cJSON_Parse(words[i].with));
		expect_sealed_refused(doc, "legacy.policy");
	}
	arena_free(a);
}

static void
digest_is_checked(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	static const char *const wrong[] = {
		"", "sha256:", "sha256:00", "md5:00000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"sha256:000000000000000000000000000000000000000000000000000000000000000",
		"sha256:00000000000000000000000000000000000000000000000000000000000000000",
		"sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
		"sha256:0000000000000000000000000000000000000000000000000000000000000000",
	};
	for (size_t i = 0; i < NELEMS(wrong); i++) {
		cJSON *doc = good_document(a);
		cJSON_AddStringToObject(doc, "digest", wrong[i]);
		struct sbuf text = SBUF_INIT;
		assert_int_equal(json_write(&text, doc), 0);
		expect_refused(text.p, text.len, "digest");
		sbuf_free(&text);
		cJSON_Delete(doc);
	}
	arena_free(a);
}

/* A bundle that is right but for its artifact, which is the text given. */
static void
expect_artifact_refused(const char *artifact, const char *needle)
{
	static const char old[] = "\"artifact\":\"--unshare-user\"";
	struct sbuf text = good_bundle(), bad = SBUF_INIT;
	const char *at = strstr(text.p, old);
	assert_non_null(at);
	sbuf_add(&bad, text.p, (size_t)(at - text.p));
	sbuf_printf(&bad, "\"artifact\":%s%s", artifact, at + strlen(old));
	expect_refused(bad.p, bad.len, needle);
	sbuf_free(&bad);
	sbuf_free(&text);
}

static void
limits_are_checked(void **state)
{
	(void)state;
	struct sbuf deep = SBUF_INIT;
	sbuf_puts(&deep, "{\"cdxp\":1,\"ir\":");
	for (size_t i = 0; i < 100000; i++)
		sbuf_addc(&deep, '[');
	expect_refused(deep.p, deep.len, "");
	sbuf_free(&deep);

	struct sbuf nested = SBUF_INIT;
	for (size_t i = 0; i < LIMIT_BUNDLE_DEPTH; i++)
		sbuf_addc(&nested, '[');
	for (size_t i = 0; i < LIMIT_BUNDLE_DEPTH; i++)
		sbuf_addc(&nested, ']');
	expect_artifact_refused(nested.p, "byte");
	sbuf_free(&nested);
	expect_artifact_refused("9007199254740993", "byte");
	expect_artifact_refused("0.5", "byte");
	expect_artifact_refused("1e3", "byte");
	expect_artifact_refused("\"\\u0000\"", "byte");
	expect_artifact_refused("\"\\ud800\"", "byte");

	size_t size = (size_t)LIMIT_BUNDLE_BYTES + 1;
	char *large = malloc(size);
	assert_non_null(large);
	memset(large, ' ', size);
	expect_refused(large, size, "larger than");
	free(large);
}

static void
bundles_are_told_from_toml(void **state)
{
	(void)state;
	assert_true(bundle_looks_like("{", 1));
	assert_true(bundle_looks_like(" \t\r\n{}", 6));
	assert_false(bundle_looks_like("", 0));
	assert_false(bundle_looks_like("  ", 2));
	assert_false(bundle_looks_like("[permissions]", 13));
	assert_false(bundle_looks_like("# {", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_is_read),
		cmocka_unit_test(space_and_order_do_not_matter),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(every_removed_or_doubled_byte_is_refused),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(duplicate_keys_are_refused),
		cmocka_unit_test(members_are_checked),
		cmocka_unit_test(parts_are_checked),
		cmocka_unit_test(filters_are_checked),
		cmocka_unit_test(legacy_is_checked),
		cmocka_unit_test(digest_is_checked),
		cmocka_unit_test(limits_are_checked),
		cmocka_unit_test(bundles_are_told_from_toml),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
