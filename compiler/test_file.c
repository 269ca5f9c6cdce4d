/* SPDX-License-Identifier: Apache-2.0 */
/* test_file.c - from the TOML of a test file to cases and assertions */
#include <config.h>

#include "test_file.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "intern.h"
#include "path.h"
#include "profile_schema.h"
#include "source.h"
#include "toml.h"

struct reading {
	struct arena	*a;
	struct diags	*d;
	struct test_file *file;
	struct strmap	*names;		/* name of a case -> its key in the file */
};

static void
read_text(const struct toml_key *key, struct test_text *out)
{
	if (key != NULL)
		*out = (struct test_text){ key->value->string.p, key->value->span };
}

/* A directory of a made-up or real host: absolute; stored in normal form. */
static void
read_directory(struct reading *r, const struct toml_key *key, bool may_be_empty,
    struct test_text *out)
{
	const char *why;

	read_text(key, out);
	if (key == NULL || (may_be_empty && out->text[0] == '\0'))
		return;
	const char *normal = assertion_directory(r->a, out->text, &why);
	if (normal != NULL) {
		out->text = normal;
		return;
	}
	struct diag *e = diag_add(r->d, D_PATH_INVALID, out->span, "%s \"%s\" %s",
	    key->name.p, out->text, why);
	if (may_be_empty)
		diag_hint(r->d, e, "an absolute path, or \"\" where $TMPDIR is not set");
	else
		diag_hint(r->d, e, "an absolute path");
}

/* An element of a list of strings; NULL after an error. */
static const char *
string_of(struct reading *r, const struct toml_node *v, const char *what, const char *example)
{
	if (schema_blamed(r->d, v->span))
		return NULL;
	if (v->type == TOML_STRING)
		return schema_text(r->d, &v->string, v->span);
	struct diag *e = diag_add(r->d, D_KEY_TYPE, v->span, "%s must be a string, not %s", what,
	    schema_type_phrase(v->type));
	diag_hint(r->d, e, "such as %s", example);
	return NULL;
}

static void
read_assertions(struct reading *r, const struct toml_key *key, bool allow, struct test_case *c)
{
	for (size_t i = 0; key != NULL && i < key->value->array.len; i++) {
		const struct toml_node *v = key->value->array.v[i];
		struct assertion as;
		const char *text = string_of(r, v, "an assertion", "\"read ~/x\"");
		if (text == NULL || assertion_read(r->a, r->d, r->file->source, text, v->span, &as) != 0)
			continue;
		as.allow = allow;
		if (c->span.end == 0)
			c->span = v->span;
		VEC_PUSH(r->a, &c->assertions, as);
	}
}

static void
read_except(struct reading *r, const struct toml_key *key, struct test_case *c)
{
	if (key == NULL)
		return;
	c->except = (struct test_assertions){ NULL, 0, 0 };
	for (size_t i = 0; i < key->value->array.len; i++) {
		const struct toml_node *v = key->value->array.v[i];
		struct assertion as;
		const char *text = string_of(r, v, "an exception", "\"**/.env\"");
		if (text != NULL && assertion_read_except(r->a, r->d, text, v->span, &as) == 0)
			VEC_PUSH(r->a, &c->except, as);
	}
}

/* The keys that the top of a file and a case have in common. */
struct common_keys {
	const struct toml_key *profile, *cwd, *home, *tmpdir, *host, *allow, *deny, *except;
};

static void
read_common(struct reading *r, const struct common_keys *k, struct test_case *c)
{
	read_text(k->profile, &c->profile);
	read_directory(r, k->cwd, false, &c->cwd);
	read_directory(r, k->home, false, &c->home);
	read_directory(r, k->tmpdir, true, &c->tmpdir);
	if (k->host != NULL)
		c->host = k->host->value->boolean;
	read_assertions(r, k->allow, true, c);
	read_assertions(r, k->deny, false, c);
	read_except(r, k->except, c);
}

static void
check_name(struct reading *r, struct test_case *c, const struct toml_key *name)
{
	if (name == NULL) {
		c->name = arena_printf(r->a, "test %zu", r->file->cases.len + 1);
		return;
	}
	c->name = name->value->string.p;
	size_t len = strlen(c->name);
	if (len == 0) {
		diag_add(r->d, D_ASSERTION, name->value->span, "the name of a test is empty");
		return;
	}
	struct toml_node *old = strmap_put(r->names, c->name, len, name->value);
	if (old == NULL)
		return;
	struct diag *e = diag_add(r->d, D_TWICE, name->value->span,
	    "two tests are named \"%s\"", c->name);
	diag_note(r->d, e, old->span, "the first is here");
}

static void
read_case(struct reading *r, const struct toml_node *node, const struct test_case *top)
{
	const struct toml_key *k[SCHEMA_KEYS] = { NULL };
	struct test_case c = *top;
	size_t before = diags_errors(r->d);

	c.span = node->span;
	c.assertions = (struct test_assertions){ NULL, 0, 0 };
	schema_read(r->a, r->d, TABLE_TEST, UNKNOWN_ERROR, "a test", node, k);
	check_name(r, &c, k[KEY_TEST_NAME]);
	read_common(r, &(struct common_keys){ k[KEY_TEST_PROFILE], k[KEY_TEST_CWD],
	    k[KEY_TEST_HOME], k[KEY_TEST_TMPDIR], k[KEY_TEST_HOST], k[KEY_TEST_ALLOW],
	    k[KEY_TEST_DENY], k[KEY_TEST_EXCEPT] }, &c);
	if (c.assertions.len == 0 && diags_errors(r->d) == before) {
		struct diag *e = diag_add(r->d, D_TEST_EMPTY, c.span,
		    "the test \"%s\" asserts nothing", c.name);
		diag_hint(r->d, e, "give it allow = [...] or deny = [...]");
	}
	VEC_PUSH(r->a, &r->file->cases, c);
}

static void
read_cases(struct reading *r, const struct toml_key *tests, const struct test_case *top)
{
	for (size_t i = 0; tests != NULL && i < tests->value->array.len; i++) {
		const struct toml_node *v = tests->value->array.v[i];
		if (v->type == TOML_TABLE) {
			read_case(r, v, top);
			continue;
		}
		struct diag *e = diag_add(r->d, D_KEY_TYPE, v->span,
		    "a test must be a table, not %s", schema_type_phrase(v->type));
		diag_hint(r->d, e, "write [[test]], and its keys below it");
	}
}

static void
check_profiles(struct reading *r)
{
	for (size_t i = 0; i < r->file->cases.len; i++) {
		const struct test_case *c = &r->file->cases.v[i];
		if (c->profile.text != NULL && c->profile.text[0] != '\0')
			continue;
		struct diag *e = diag_add(r->d, D_TEST_PROFILE,
		    c->profile.text != NULL ? c->profile.span : c->span,
		    "nothing says which profile is tested");
		diag_hint(r->d, e, "profile = \"FILE.toml#NAME\", relative to the test file");
		return;
	}
}

static void
read_root(struct reading *r, const struct toml_node *root, size_t errors)
{
	const struct toml_key *k[SCHEMA_KEYS] = { NULL };
	struct test_case top = { .name = "" };

	schema_read(r->a, r->d, TABLE_TEST_FILE, UNKNOWN_ERROR, "a test file", root, k);
	read_common(r, &(struct common_keys){ k[KEY_TEST_FILE_PROFILE], k[KEY_TEST_FILE_CWD],
	    k[KEY_TEST_FILE_HOME], k[KEY_TEST_FILE_TMPDIR], k[KEY_TEST_FILE_HOST],
	    k[KEY_TEST_FILE_ALLOW], k[KEY_TEST_FILE_DENY],
	    k[KEY_TEST_FILE_EXCEPT] }, &top);
	if (top.assertions.len > 0)
		VEC_PUSH(r->a, &r->file->cases, top);
	read_cases(r, k[KEY_TEST_FILE_TEST], &top);
	if (diags_errors(r->d) > errors)
		return;
	if (r->file->cases.len == 0) {
		struct diag *e = diag_add(r->d, D_TEST_EMPTY, (struct span){ 0, 0 },
		    "%s asserts nothing", r->file->name);
		diag_hint(r->d, e, "give it allow = [...], deny = [...], or [[test]] with these");
		return;
	}
	check_profiles(r);
}

struct test_file *
test_file_read(struct arena *a, struct sources *sources, struct diags *d, const char *path,
    bool *io)
{
	size_t before = diags_errors(d);
	const char *slash = strrchr(path, '/');
	struct test_file *file = arena_alloc(a, sizeof(*file));
	struct reading r = { a, d, file, strmap_new(a) };

	*io = false;
	file->name = strcmp(path, "-") == 0 ? "<stdin>" : path;
	file->directory = slash == NULL ? "" : arena_strndup(a, path, (size_t)(slash - path) + 1);
	file->source = sources_read(sources, d, path, io);
	if (file->source == NULL)
		return NULL;
	const struct toml_node *root = toml_parse(a, d, file->source);
	if (root != NULL)
		read_root(&r, root, before);
	return root != NULL && diags_errors(d) == before ? file : NULL;
}
