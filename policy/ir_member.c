/* SPDX-License-Identifier: Apache-2.0 */
/* ir_member.c - typed members of the JSON that an IR is read from, and errors that name them */
#include <config.h>

#include "ir_member.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"

bool
ir_member_fail(struct ir_reader *r, const char *key, const char *what)
{
	const char *dot = r->where[0] == '\0' || key[0] == '\0' || key[0] == '[' ? "" : ".";
	if (r->why == NULL)
		r->why = arena_printf(r->a, "%s%s%s %s", r->where, dot, key, what);
	return false;
}

void
ir_member_at(struct ir_reader *r, const char *list, size_t i)
{
	snprintf(r->where, sizeof(r->where), "%s[%zu]", list, i);
}

static const cJSON *
member(struct ir_reader *r, const cJSON *o, const char *key, bool (*is)(const cJSON *),
    const char *what)
{
	const cJSON *v = cJSON_IsObject(o) ? json_member(o, key) : NULL;
	if (v == NULL) {
		ir_member_fail(r, key, "is missing");
		return NULL;
	}
	if (!is(v)) {
		ir_member_fail(r, key, what);
		return NULL;
	}
	return v;
}

static bool
is_array(const cJSON *v)
{
	return cJSON_IsArray(v);
}

static bool
is_object(const cJSON *v)
{
	return cJSON_IsObject(v);
}

static bool
is_any(const cJSON *v)
{
	return v != NULL;
}

const cJSON *
ir_member_list(struct ir_reader *r, const cJSON *o, const char *key)
{
	return member(r, o, key, is_array, "is not an array");
}

const char *
ir_member_text_of(struct ir_reader *r, const cJSON *v, const char *key)
{
	size_t len;
	const char *s = json_get_bytes(r->a, v, &len);
	if (s != NULL && strlen(s) == len)
		return s;
	ir_member_fail(r, key, "is not text");
	return NULL;
}

const char *
ir_member_text(struct ir_reader *r, const cJSON *o, const char *key)
{
	const cJSON *v = member(r, o, key, is_any, "");
	return v == NULL ? NULL : ir_member_text_of(r, v, key);
}

bool
ir_member_bool(struct ir_reader *r, const cJSON *o, const char *key, bool *out)
{
	return json_bool(o, key, out) || ir_member_fail(r, key, "is not true or false");
}

static bool
to_uint(const cJSON *v, uint32_t *out)
{
	if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= UINT32_MAX))
		return false;
	*out = (uint32_t)v->valuedouble;
	return !((double)*out < v->valuedouble);
}

bool
ir_member_uint(struct ir_reader *r, const cJSON *o, const char *key, uint32_t *out)
{
	const cJSON *v = member(r, o, key, is_any, "");
	return v != NULL && (to_uint(v, out) || ir_member_fail(r, key, "is not a number of 32 bits"));
}

/* Everything that is not known is refused: a reader must not pass over a rule. */
bool
ir_member_only(struct ir_reader *r, const cJSON *o, const char *const *keys, size_t n)
{
	const cJSON *m;
	if (!cJSON_IsObject(o))
		return ir_member_fail(r, "", "is not an object");
	cJSON_ArrayForEach(m, o) {
		bool known = false;
		for (size_t i = 0; i < n && !known; i++)
			known = strcmp(m->string, keys[i]) == 0;
		if (!known)
			return ir_member_fail(r, arena_printf(r->a, "%.40s", m->string), "is not known");
	}
	return true;
}

const cJSON *
ir_member_object(struct ir_reader *r, const cJSON *o, const char *key)
{
	return member(r, o, key, is_object, "is not an object");
}
