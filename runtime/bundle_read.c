/* SPDX-License-Identifier: Apache-2.0 */
/* bundle_read.c - the strict loader of bundles */
#include <config.h>

#include "bundle_read.h"

#include <string.h>

#include "arena.h"
#include "backend.h"
#include "ir_json.h"
#include "json.h"
#include "legacy_form.h"
#include "sbuf.h"

enum { DIGEST_HEX = 64 };
static const char digest_prefix[] = "sha256:";

enum json_kind {
	KIND_STRING,
	KIND_BYTES,		/* a string, or the tagged form of bytes that are no UTF-8 */
	KIND_INTEGER, KIND_OBJECT, KIND_ARRAY, KIND_ANY,
};

static const char *const kind_name[] = {
	[KIND_STRING] = "a string",
	[KIND_BYTES] = "a string or {\"hex\": ...}",
	[KIND_INTEGER] = "an integer",
	[KIND_OBJECT] = "an object",
	[KIND_ARRAY] = "an array",
	[KIND_ANY] = "a value",
};

struct member {
	const char	*key;
	enum json_kind	 kind;
	bool		 required;
};

static const struct member top_members[] = {
	{ "cdxp", KIND_INTEGER, true },
	{ "compiler", KIND_STRING, true },
	{ "profile", KIND_STRING, true },
	{ "source", KIND_OBJECT, true },
	{ "ir", KIND_OBJECT, true },
	{ "legacy", KIND_OBJECT, true },
	{ "backends", KIND_OBJECT, true },
	{ "seccomp", KIND_OBJECT, false },
	{ "digest", KIND_STRING, true },
};

static const struct member source_members[] = {
	{ "name", KIND_BYTES, true },
	{ "sha256", KIND_STRING, true },
};

static const struct member exact_members[] = {
	{ "status", KIND_STRING, true },
	{ "deviations", KIND_ARRAY, true },
	{ "artifact", KIND_ANY, true },
};

static const struct member refused_members[] = {
	{ "status", KIND_STRING, true },
	{ "entry", KIND_ANY, true },
	{ "witness", KIND_ANY, true },
	{ "reason", KIND_BYTES, true },
};

static const char *const backend_names[] = {
	"seatbelt", "bwrap", "landlock", "windows-elevated", "windows-unelevated",
};

bool
bundle_looks_like(const char *text, size_t len)
{
	size_t i = 0;
	while (i < len && (text[i] == ' ' || text[i] == '\t' ||
	    text[i] == '\n' || text[i] == '\r'))
		i++;
	return i < len && text[i] == '{';
}

static bool
is_kind(struct arena *a, const cJSON *v, enum json_kind kind)
{
	size_t len;
	switch (kind) {
	case KIND_STRING:	return cJSON_IsString(v);
	case KIND_BYTES:	return json_get_bytes(a, v, &len) != NULL;
	case KIND_INTEGER:	return cJSON_IsNumber(v);
	case KIND_OBJECT:	return cJSON_IsObject(v);
	case KIND_ARRAY:	return cJSON_IsArray(v);
	case KIND_ANY:		return true;
	}
	return false;
}

/*
 * `object' has every required member of the table, none that is not in it,
 * and each of its type.  `where' is put before a key in *why: "source.".
 */
static bool
check_members(struct arena *a, const cJSON *object, const char *where,
    const struct member *table, size_t n, const char **why)
{
	for (size_t i = 0; i < n; i++) {
		const cJSON *v = json_member(object, table[i].key);
		if (v == NULL && !table[i].required)
			continue;
		if (v == NULL) {
			*why = arena_printf(a, "member \"%s%s\" is missing", where, table[i].key);
			return false;
		}
		if (!is_kind(a, v, table[i].kind)) {
			*why = arena_printf(a, "member \"%s%s\" is not %s", where,
			    table[i].key, kind_name[table[i].kind]);
			return false;
		}
	}

	const cJSON *v;
	cJSON_ArrayForEach(v, object) {
		bool known = false;
		for (size_t i = 0; i < n && !known; i++)
			known = strcmp(v->string, table[i].key) == 0;
		if (!known) {
			*why = arena_printf(a, "member \"%s%.100s\" is not known", where, v->string);
			return false;
		}
	}
	return true;
}

#define CHECK_MEMBERS(a, object, where, table, why) \
	check_members((a), (object), (where), (table), NELEMS(table), (why))

static bool
is_hex_digest(const char *s)
{
	return strlen(s) == DIGEST_HEX && strspn(s, "0123456789abcdef") == DIGEST_HEX;
}

/* Before anything else: a later version may have other members, and says so by its number alone. */
static bool
check_version(struct arena *a, const cJSON *doc, const char **why)
{
	int64_t version;
	if (!cJSON_IsObject(doc)) {
		*why = "it is not a JSON object";
		return false;
	}
	if (!json_int(doc, "cdxp", &version)) {
		*why = "member \"cdxp\", the version, is missing or not an integer";
		return false;
	}
	if (version == BUNDLE_VERSION)
		return true;
	if (version > BUNDLE_VERSION)
		*why = arena_printf(a, "its version is %lld and this program reads version %d: "
		    "use a newer cdxp-run, or compile the profile again",
		    (long long)version, BUNDLE_VERSION);
	else
		*why = arena_printf(a, "there is no version %lld", (long long)version);
	return false;
}

/* Takes the digest out of the document: it covers everything else. */
static bool
check_digest(struct arena *a, cJSON *doc, struct bundle *b, const char **why)
{
	const size_t prefix = sizeof(digest_prefix) - 1;
	const char *said = json_string(doc, "digest");
	if (strncmp(said, digest_prefix, prefix) != 0 || !is_hex_digest(said + prefix)) {
		*why = "member \"digest\" is not \"sha256:\" and 64 hexadecimal digits";
		return false;
	}
	said = arena_strdup(a, said + prefix);
	cJSON_DeleteItemFromObjectCaseSensitive(doc, "digest");

	struct sbuf bytes = SBUF_INIT;
	if (json_write(&bytes, doc) != 0) {
		*why = "it holds a number that is not an integer of at most 2^53";
		sbuf_free(&bytes);
		return false;
	}
	char hex[DIGEST_HEX + 1];
	sha256_hex(sbuf_str(&bytes), bytes.len, hex);
	sbuf_free(&bytes);
	if (strcmp(hex, said) != 0) {
		*why = "its digest does not match its content: "
		    "it was changed or cut after it was compiled";
		return false;
	}
	b->digest = said;
	return true;
}

static bool
check_backend(struct arena *a, const cJSON *part, const char **why)
{
	bool known = false;
	for (size_t i = 0; i < NELEMS(backend_names) && !known; i++)
		known = strcmp(part->string, backend_names[i]) == 0;
	if (!known) {
		*why = arena_printf(a, "backend \"%.100s\" is not known", part->string);
		return false;
	}

	const char *where = arena_printf(a, "backends.%s.", part->string);
	const char *status = cJSON_IsObject(part) ? json_string(part, "status") : NULL;
	if (status != NULL && strcmp(status, "exact") == 0)
		return CHECK_MEMBERS(a, part, where, exact_members, why);
	if (status != NULL && strcmp(status, "refused") == 0)
		return CHECK_MEMBERS(a, part, where, refused_members, why);
	*why = arena_printf(a, "member \"%sstatus\" is neither \"exact\" nor \"refused\"", where);
	return false;
}

static bool
read_source(struct arena *a, const cJSON *source, struct bundle *b, const char **why)
{
	if (!CHECK_MEMBERS(a, source, "source.", source_members, why))
		return false;
	size_t len;
	b->source_name = json_get_bytes(a, json_member(source, "name"), &len);
	b->source_sha256 = arena_strdup(a, json_string(source, "sha256"));
	if (!is_hex_digest(b->source_sha256)) {
		*why = "member \"source.sha256\" is not 64 hexadecimal digits";
		return false;
	}
	return true;
}

static bool
read_document(struct arena *a, cJSON *doc, struct bundle *b, const char **why)
{
	if (!check_version(a, doc, why) ||
	    !CHECK_MEMBERS(a, doc, "", top_members, why) ||
	    !check_digest(a, doc, b, why) ||
	    !read_source(a, json_member(doc, "source"), b, why))
		return false;

	const cJSON *part;
	cJSON_ArrayForEach(part, json_member(doc, "backends"))
		if (!check_backend(a, part, why))
			return false;
	if (!legacy_form_check(a, json_member(doc, "legacy"), why))
		return false;

	b->compiler = arena_strdup(a, json_string(doc, "compiler"));
	b->profile = arena_strdup(a, json_string(doc, "profile"));
	b->ir = ir_read(a, json_member(doc, "ir"), why);
	if (b->ir == NULL) {
		*why = arena_printf(a, "in member \"ir\": %s", *why);
		return false;
	}
	if (strcmp(b->ir->name, b->profile) != 0) {
		*why = "members \"profile\" and \"ir.name\" differ";
		return false;
	}
	const char *differ = backend_filters_differ(a, json_member(doc, "seccomp"), b->ir);
	if (differ != NULL)
		*why = differ;
	return differ == NULL;
}

struct bundle *
bundle_read(struct arena *a, const char *text, size_t len, const char **why)
{
	if (len > LIMIT_BUNDLE_BYTES) {
		*why = arena_printf(a, "it is larger than %d bytes", LIMIT_BUNDLE_BYTES);
		return NULL;
	}
	const char *what;
	size_t offset;
	cJSON *doc = json_read(text, len, &what, &offset);
	if (doc == NULL) {
		*why = arena_printf(a, "byte %zu: %s", offset, what);
		return NULL;
	}
	struct bundle *b = arena_alloc(a, sizeof(*b));
	bool ok = read_document(a, doc, b, why);
	cJSON_Delete(doc);
	return ok ? b : NULL;
}
