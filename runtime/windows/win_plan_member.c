/* SPDX-License-Identifier: Apache-2.0 */
/* win_plan_member.c - single members of a plan: their types, ranges and forms */
#include <config.h>

#include "win_plan_member.h"

#include <string.h>

#include "arena.h"
#include "json.h"
#include "win_path.h"

bool
member_wrong(struct member_reader *r, const char *where, const char *what)
{
	if (r->why == NULL)
		r->why = arena_printf(r->a, "%s %s", where[0] == '\0' ? "it" : where, what);
	return false;
}

const char *
member_below(struct member_reader *r, const char *where, const char *name)
{
	return where[0] == '\0' ? name : arena_printf(r->a, "%s.%s", where, name);
}

const char *
member_row(struct member_reader *r, const char *where, size_t i)
{
	return arena_printf(r->a, "%s[%zu]", where, i);
}

/* An object with exactly these members, the last `optional' of which may be missing. */
bool
member_object(struct member_reader *r, const cJSON *o, const char *where, const char *const *names, size_t n, size_t optional)
{
	const cJSON *m;

	if (!cJSON_IsObject(o))
		return member_wrong(r, where, "is no object");
	for (size_t i = 0; i + optional < n; i++)
		if (json_member(o, names[i]) == NULL)
			return member_wrong(r, where, arena_printf(r->a, "has no \"%s\"", names[i]));
	cJSON_ArrayForEach(m, o) {
		size_t i = 0;
		while (i < n && strcmp(m->string, names[i]) != 0)
			i++;
		if (i == n)
			return member_wrong(r, where, arena_printf(r->a, "has a member \"%s\" that is not known", m->string));
	}
	return true;
}
bool
member_array(struct member_reader *r, const cJSON *o, const char *name, const char *where, size_t max, const cJSON **out)
{
	const cJSON *list = json_member(o, name);

	where = member_below(r, where, name);
	if (!cJSON_IsArray(list))
		return member_wrong(r, where, "is no list");
	if ((size_t)cJSON_GetArraySize(list) > max)
		return member_wrong(r, where, arena_printf(r->a, "has more than %zu elements", max));
	*out = list;
	return true;
}

bool
member_text(struct member_reader *r, const cJSON *v, const char *where, const char **out)
{
	if (!cJSON_IsString(v))
		return member_wrong(r, where, cJSON_IsObject(v) ? "is not UTF-8" : "is no text");
	*out = arena_strdup(r->a, v->valuestring);
	return true;
}

bool
member_flag(struct member_reader *r, const cJSON *o, const char *name, const char *where, bool *out)
{
	return json_bool(o, name, out) || member_wrong(r, member_below(r, where, name), "is neither true nor false");
}

bool
member_number(struct member_reader *r, const cJSON *v, const char *where, uint32_t min, uint32_t max, uint32_t *out)
{
	if (!cJSON_IsNumber(v) || !(v->valuedouble >= min && v->valuedouble <= max))
		return member_wrong(r, where, arena_printf(r->a, "is no number from %lu to %lu", (unsigned long)min,
		    (unsigned long)max));
	*out = (uint32_t)v->valuedouble;
	return true;
}

/* The position of a text among words. */
bool
member_word(struct member_reader *r, const cJSON *v, const char *where, const char *const *words, unsigned n, unsigned *out)
{
	for (unsigned i = 0; i < n; i++)
		if (cJSON_IsString(v) && strcmp(v->valuestring, words[i]) == 0) {
			*out = i;
			return true;
		}
	return member_wrong(r, where, "is none of the words that can stand there");
}

bool
member_path(struct member_reader *r, const cJSON *v, const char *where, const char **out)
{
	if (!member_text(r, v, where, out))
		return false;
	const char *why = win_path_check(*out, strlen(*out));
	return why == NULL || member_wrong(r, where, arena_printf(r->a, "%s: %s", why, *out));
}

bool
member_sha256(struct member_reader *r, const cJSON *v, const char *where, const char **out)
{
	if (!member_text(r, v, where, out))
		return false;
	return (strlen(*out) == 64 && strspn(*out, "0123456789abcdef") == 64) ||
	    member_wrong(r, where, "is not 64 hexadecimal digits");
}

bool
member_principal_of(struct member_reader *r, const cJSON *v, const char *where, struct plan_to *out)
{
	const char *s, *why;

	if (!member_text(r, v, where, &s))
		return false;
	if ((why = plan_to_read(s, out)) != NULL)
		return member_wrong(r, where, why);
	if (out->who == TO_CAPABILITY && out->root >= r->plan->roots.len)
		return member_wrong(r, where, "names a root that the plan does not have");
	return true;
}

/* "0x1201BF": upper case, no leading zeros. */
bool
member_mask(struct member_reader *r, const cJSON *v, const char *where, uint32_t *out)
{
	const char *s;

	if (!member_text(r, v, where, &s))
		return false;
	size_t n = strlen(s);
	*out = 0;
	if (n < 3 || n > 10 || strncmp(s, "0x", 2) != 0 || s[2] == '0' ||
	    strspn(s + 2, "0123456789ABCDEF") != n - 2)
		return member_wrong(r, where, "is no mask");
	for (s += 2; *s != '\0'; s++)
		*out = *out << 4 | (uint32_t)(*s <= '9' ? *s - '0' : *s - 'A' + 10);
	return true;
}

static const struct {
	const char	*word;
	uint8_t		 bits;
} flag_words[] = {
	{ "", 0 },
	{ "CI", ACE_CONTAINER_INHERIT },
	{ "OICI", ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT },
	{ "OICIIO", ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT | ACE_INHERIT_ONLY },
};

bool
member_flags(struct member_reader *r, const cJSON *v, const char *where, uint8_t *out)
{
	for (size_t i = 0; i < NELEMS(flag_words); i++)
		if (cJSON_IsString(v) && strcmp(v->valuestring, flag_words[i].word) == 0) {
			*out = flag_words[i].bits;
			return true;
		}
	return member_wrong(r, where, "is no inheritance that a plan can have");
}

const char *
member_flags_text(uint8_t bits)
{
	for (size_t i = 0; i < NELEMS(flag_words); i++)
		if (flag_words[i].bits == bits)
			return flag_words[i].word;
	return "?";
}

bool
member_rule(struct member_reader *r, const cJSON *v, const char *where, const char **out)
{
	uint32_t n;

	*out = "";
	if (cJSON_IsNull(v))
		return true;
	if (!member_number(r, v, where, 0, WIN_PLAN_RULES, &n))
		return false;
	if (n >= r->rules.len)
		return member_wrong(r, where, "is no position in \"rules\"");
	*out = r->rules.v[n];
	return true;
}

bool
member_principals(struct member_reader *r, const cJSON *o, const char *name, const char *where, struct plan_tos *out)
{
	const cJSON *list, *row;

	if (!member_array(r, o, name, where, WIN_PLAN_ROOTS + PLAN_PRINCIPALS, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_to to;
		if (!member_principal_of(r, row, member_below(r, where, name), &to))
			return false;
		VEC_PUSH(r->a, out, to);
	}
	return true;
}
