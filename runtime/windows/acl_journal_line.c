/* SPDX-License-Identifier: Apache-2.0 */
/* acl_journal_line.c - lines of the journal: hashed, printed, believed in nothing */
#include <config.h>

#include "acl_journal_line.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "json.h"

enum { SUM_DIGITS = 16 };

void
line_print(struct sbuf *out, cJSON *o)
{
	struct sbuf text = SBUF_INIT;
	char sum[65];

	json_write(&text, o);
	cJSON_Delete(o);
	sha256_hex(sbuf_str(&text), text.len, sum);
	sbuf_add(out, sum, SUM_DIGITS);
	sbuf_addc(out, ' ');
	sbuf_add(out, sbuf_str(&text), text.len);
	sbuf_addc(out, '\n');
	sbuf_free(&text);
}

cJSON *
line_read(const char *text, size_t len, size_t *line_len)
{
	const char *end = memchr(text, '\n', len), *why;
	char sum[65];
	size_t at;

	if (end == NULL || end - text <= SUM_DIGITS + 1)
		return NULL;
	size_t n = (size_t)(end - text) - SUM_DIGITS - 1;
	sha256_hex(text + SUM_DIGITS + 1, n, sum);
	if (memcmp(text, sum, SUM_DIGITS) != 0 || text[SUM_DIGITS] != ' ')
		return NULL;
	*line_len = (size_t)(end - text) + 1;
	return json_read(text + SUM_DIGITS + 1, n, &why, &at);
}

cJSON *
line_entries(const struct ace *v, size_t n)
{
	cJSON *list = json_new_array();
	char sid[SID_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		cJSON *row = json_new_array();
		json_append(row, json_new_text(v[i].type == ACE_DENY ? "deny" : "allow"));
		json_append(row, json_new_number(v[i].mask));
		json_append(row, json_new_number(v[i].flags));
		json_append(row, json_new_text(sid_text(&v[i].sid, sid)));
		json_append(list, row);
	}
	return list;
}

static bool
read_entry(const cJSON *row, struct ace *out)
{
	const cJSON *type = cJSON_GetArrayItem(row, 0), *mask = cJSON_GetArrayItem(row, 1),
	    *flags = cJSON_GetArrayItem(row, 2), *sid = cJSON_GetArrayItem(row, 3);

	if (cJSON_GetArraySize(row) != 4 || !cJSON_IsString(type) || !cJSON_IsNumber(mask) ||
	    !cJSON_IsNumber(flags) || !cJSON_IsString(sid))
		return false;
	bool deny = strcmp(type->valuestring, "deny") == 0;
	if ((!deny && strcmp(type->valuestring, "allow") != 0) ||
	    !(mask->valuedouble >= 1 && mask->valuedouble <= UINT32_MAX) ||
	    !(flags->valuedouble >= 0 && flags->valuedouble <= ACE_INHERITANCE))
		return false;
	*out = (struct ace){ .type = deny ? ACE_DENY : ACE_ALLOW, .mask = (uint32_t)mask->valuedouble,
	    .flags = (uint8_t)flags->valuedouble };
	return sid_parse(sid->valuestring, strlen(sid->valuestring), &out->sid) == NULL;
}

bool
line_read_entries(struct arena *a, const cJSON *list, struct ace_list *out)
{
	const cJSON *row;

	if (!cJSON_IsArray(list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct ace ace;
		if (!read_entry(row, &ace))
			return false;
		ace_add(a, out, ace);
	}
	return true;
}

/* 64 bits are more than a number of JSON holds. */
void
line_put_id(cJSON *o, uint64_t volume, const uint64_t id[2])
{
	char text[64];

	snprintf(text, sizeof(text), "%016llx:%016llx%016llx", (unsigned long long)volume,
	    (unsigned long long)id[1], (unsigned long long)id[0]);
	json_put_text(o, "id", text);
}

static bool
hex64(const char *s, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < 16; i++) {
		char c = s[i];
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
		*out = *out << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return true;
}

bool
line_read_id(const cJSON *o, uint64_t *volume, uint64_t id[2])
{
	const char *s = json_string(o, "id");

	return s != NULL && strlen(s) == 49 && s[16] == ':' && hex64(s, volume) && hex64(s + 17, &id[1]) &&
	    hex64(s + 33, &id[0]);
}

bool
line_read_hash(const cJSON *o, const char *name, char out[65])
{
	const char *s = json_string(o, name);

	if (s == NULL || strlen(s) != 64 || strspn(s, "0123456789abcdef") != 64)
		return false;
	memcpy(out, s, 65);
	return true;
}
