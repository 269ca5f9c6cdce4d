/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_form.c - members and words of a legacy verdict */
#include <config.h>

#include "legacy_form.h"

#include <string.h>

#include "arena.h"

enum form {
	FORM_BOOLEAN,
	FORM_TEXT,		/* a string, or the tagged form of bytes that are no UTF-8 */
	FORM_TEXT_OR_NULL,
	FORM_OPERATION,		/* one of the four words, or null */
	FORM_ROOTS,		/* an array of texts, none empty */
	FORM_POLICY, FORM_WITNESS, FORM_SIDE, FORM_LEGACY_SIDE, FORM_WHY, FORM_PLACE,
};

struct member {
	const char	*key;
	enum form	 form;
};

static const struct member yes_members[] = {
	{ "policy", FORM_POLICY }, { "round_trips", FORM_BOOLEAN },
};
static const struct member no_members[] = {
	{ "round_trips", FORM_BOOLEAN }, { "witness", FORM_WITNESS },
};
static const struct member witness_members[] = {
	{ "legacy", FORM_LEGACY_SIDE }, { "operation", FORM_OPERATION },
	{ "profile", FORM_SIDE }, { "reason", FORM_TEXT_OR_NULL }, { "what", FORM_TEXT_OR_NULL },
};
static const struct member side_members[] = {
	{ "allows", FORM_BOOLEAN }, { "why", FORM_WHY }, { "policy", FORM_POLICY },
};
static const struct member why_members[] = {
	{ "at", FORM_PLACE }, { "kind", FORM_TEXT }, { "text", FORM_TEXT },
};
/* The last ones belong to workspace-write alone, the second not to danger-full-access. */
static const struct member policy_members[] = {
	{ "type", FORM_TEXT }, { "network_access", FORM_BOOLEAN },
	{ "exclude_slash_tmp", FORM_BOOLEAN }, { "exclude_tmpdir_env_var", FORM_BOOLEAN },
	{ "writable_roots", FORM_ROOTS },
};
static const struct { const char *name; size_t members; } policy_types[] = {
	{ "danger-full-access", 1 }, { "external-sandbox", 2 }, { "read-only", 2 },
	{ "workspace-write", NELEMS(policy_members) },
};

struct check {
	struct arena	*a;
	const char	**why;
};

static bool	check_value(const struct check *, const cJSON *, const char *where, enum form);

static bool
refuse(const struct check *c, const char *where, const char *what)
{
	*c->why = arena_printf(c->a, "member \"%s\" %s", where, what);
	return false;
}

/* Exactly the members of a table. */
static bool
check_members(const struct check *c, const cJSON *o, const char *where,
    const struct member *table, size_t n)
{
	const cJSON *v;
	if (!cJSON_IsObject(o))
		return refuse(c, where, "is not an object");
	cJSON_ArrayForEach(v, o) {
		size_t i = 0;
		while (i < n && strcmp(v->string, table[i].key) != 0)
			i++;
		const char *at = arena_printf(c->a, "%s.%.100s", where, v->string);
		if (i == n)
			return refuse(c, at, "is not known");
		if (!check_value(c, v, at, table[i].form))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (json_member(o, table[i].key) == NULL)
			return refuse(c, arena_printf(c->a, "%s.%s", where, table[i].key),
			    "is missing");
	return true;
}

static bool
is_text(const struct check *c, const cJSON *v)
{
	size_t len;
	return json_get_bytes(c->a, v, &len) != NULL;
}

static bool
check_roots(const struct check *c, const cJSON *v, const char *where)
{
	const cJSON *root;
	if (!cJSON_IsArray(v))
		return refuse(c, where, "is not an array");
	cJSON_ArrayForEach(root, v)
		if (!is_text(c, root) || (cJSON_IsString(root) && root->valuestring[0] == '\0'))
			return refuse(c, where, "has an element that is no path");
	return true;
}

static bool
check_policy(const struct check *c, const cJSON *v, const char *where)
{
	const char *type = cJSON_IsObject(v) ? json_string(v, "type") : NULL;
	for (size_t i = 0; type != NULL && i < NELEMS(policy_types); i++)
		if (strcmp(type, policy_types[i].name) == 0)
			return check_members(c, v, where, policy_members, policy_types[i].members);
	return refuse(c, arena_printf(c->a, "%s.type", where), "names no legacy policy");
}

static bool
check_operation(const struct check *c, const cJSON *v, const char *where)
{
	static const char *const words[] = { "read", "write", "rename", "connect" };
	bool known = cJSON_IsNull(v);
	for (size_t i = 0; i < NELEMS(words) && !known && cJSON_IsString(v); i++)
		known = strcmp(v->valuestring, words[i]) == 0;
	return known || refuse(c, where, "is not an operation");
}

/* Where a rule stands is for people: its members are texts and numbers. */
static bool
check_place(const struct check *c, const cJSON *v, const char *where)
{
	const cJSON *m;
	bool ok = cJSON_IsNull(v) || cJSON_IsObject(v);
	if (cJSON_IsObject(v))
		cJSON_ArrayForEach(m, v)
			ok = ok && (cJSON_IsNumber(m) || is_text(c, m));
	return ok || refuse(c, where, "is not a place in a text");
}

/* The depth is that of the tables above. */
static bool
check_value(const struct check *c, const cJSON *v, const char *where, enum form form)
{
	switch (form) {
	case FORM_BOOLEAN:
		return cJSON_IsBool(v) || refuse(c, where, "is not true or false");
	case FORM_TEXT:
		return is_text(c, v) || refuse(c, where, "is not a string");
	case FORM_TEXT_OR_NULL:
		return cJSON_IsNull(v) || is_text(c, v) ||
		    refuse(c, where, "is neither a string nor null");
	case FORM_OPERATION:
		return check_operation(c, v, where);
	case FORM_ROOTS:
		return check_roots(c, v, where);
	case FORM_POLICY:
		return check_policy(c, v, where);
	case FORM_WITNESS:
		return check_members(c, v, where, witness_members, NELEMS(witness_members));
	case FORM_SIDE:
		return check_members(c, v, where, side_members, NELEMS(side_members) - 1);
	case FORM_LEGACY_SIDE:
		return check_members(c, v, where, side_members, NELEMS(side_members));
	case FORM_WHY:
		return check_members(c, v, where, why_members, NELEMS(why_members));
	case FORM_PLACE:
		return check_place(c, v, where);
	}
	return false;
}

bool
legacy_form_check(struct arena *a, const cJSON *legacy, const char **why)
{
	const struct check c = { a, why };
	bool yes;
	if (!cJSON_IsObject(legacy))
		return refuse(&c, "legacy", "is missing or not an object");
	if (!json_bool(legacy, "round_trips", &yes))
		return refuse(&c, "legacy.round_trips", "is not true or false");
	return yes ? check_members(&c, legacy, "legacy", yes_members, NELEMS(yes_members)) :
	    check_members(&c, legacy, "legacy", no_members, NELEMS(no_members));
}
