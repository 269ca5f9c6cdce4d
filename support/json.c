/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - canonical JSON writing, typed members, bytes, digests */
#include <config.h>

#include "json.h"

#include <sodium/crypto_hash_sha256.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "utf8.h"

/* Above this a double no longer tells neighbouring integers apart. */
#define INTEGER_MAX	INT64_C(9007199254740992)	/* 2^53 */

static bool
integer_of(const cJSON *n, int64_t *out)
{
	double d = n->valuedouble;

	if (!(d >= -(double)INTEGER_MAX && d <= (double)INTEGER_MAX))
		return false;
	*out = (int64_t)d;
	return !((double)*out < d || (double)*out > d);
}

static int
write_string(struct sbuf *out, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = strlen(s), from = 0;

	if (utf8_check(s, len) != len)
		return -1;
	sbuf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		static const char letter[] = {
			['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
			['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
		};
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		sbuf_add(out, s + from, i - from);
		from = i + 1;
		sbuf_addc(out, '\\');
		if (letter[c] != '\0') {
			sbuf_addc(out, letter[c]);
			continue;
		}
		sbuf_puts(out, "u00");
		sbuf_addc(out, hex[c >> 4]);
		sbuf_addc(out, hex[c & 15]);
	}
	sbuf_add(out, s + from, len - from);
	sbuf_addc(out, '"');
	return 0;
}

static void
write_integer(struct sbuf *out, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t rest = (uint64_t)(n < 0 ? -n : n);

	do
		*--p = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (n < 0)
		*--p = '-';
	sbuf_add(out, p, (size_t)(digits + sizeof(digits) - p));
}

static int
by_key(const void *a, const void *b)
{
	const cJSON *const *x = a, *const *y = b;

	return strcmp((*x)->string, (*y)->string);
}

static int write_value(struct sbuf *, const cJSON *, int depth);

/* The members are a linked list there: sorted through an array of our own. */
static int
write_object(struct sbuf *out, const cJSON *object, int depth)
{
	const cJSON *m, **v;
	size_t n = 0;
	int result = 0;

	cJSON_ArrayForEach(m, object) {
		if (m->string == NULL)
			return -1;
		n++;
	}
	v = calloc(n + 1, sizeof(const cJSON *));
	if (v == NULL)
		out_of_memory();
	n = 0;
	cJSON_ArrayForEach(m, object)
		v[n++] = m;
	qsort(v, n, sizeof(const cJSON *), by_key);
	sbuf_addc(out, '{');
	for (size_t i = 0; i < n && result == 0; i++) {
		if (i > 0) {
			sbuf_addc(out, ',');
			if (by_key(&v[i - 1], &v[i]) == 0)
				result = -1;
		}
		if (result == 0)
			result = write_string(out, v[i]->string);
		sbuf_addc(out, ':');
		if (result == 0)
			result = write_value(out, v[i], depth + 1);
	}
	sbuf_addc(out, '}');
	free(v);
	return result;
}

static int
write_array(struct sbuf *out, const cJSON *array, int depth)
{
	const cJSON *e;
	bool more = false;

	sbuf_addc(out, '[');
	cJSON_ArrayForEach(e, array) {
		if (more)
			sbuf_addc(out, ',');
		more = true;
		if (write_value(out, e, depth + 1) != 0)
			return -1;
	}
	sbuf_addc(out, ']');
	return 0;
}

/* `depth' counts the arrays and objects around the value. */
static int
write_value(struct sbuf *out, const cJSON *v, int depth)
{
	int64_t n;

	if (cJSON_IsObject(v) || cJSON_IsArray(v)) {
		if (depth == LIMIT_BUNDLE_DEPTH)
			return -1;
		return cJSON_IsObject(v) ? write_object(out, v, depth) : write_array(out, v, depth);
	}
	if (cJSON_IsString(v))
		return v->valuestring == NULL ? -1 : write_string(out, v->valuestring);
	if (cJSON_IsNumber(v)) {
		if (!integer_of(v, &n))
			return -1;
		write_integer(out, n);
		return 0;
	}
	if (cJSON_IsNull(v))
		sbuf_puts(out, "null");
	else if (cJSON_IsBool(v))
		sbuf_puts(out, cJSON_IsTrue(v) ? "true" : "false");
	else
		return -1;
	return 0;
}

int
json_write(struct sbuf *out, const cJSON *v)
{
	return v == NULL ? -1 : write_value(out, v, 0);
}

static bool
is_text(const char *s, size_t len)
{
	return (len == 0 || memchr(s, '\0', len) == NULL) && utf8_check(s, len) == len;
}

cJSON *
json_bytes(const char *s, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	struct sbuf b = SBUF_INIT;
	cJSON *v;

	if (is_text(s, len)) {
		sbuf_add(&b, s, len);
		v = cJSON_CreateString(sbuf_str(&b));
	} else {
		for (size_t i = 0; i < len; i++) {
			unsigned char c = (unsigned char)s[i];
			sbuf_addc(&b, hex[c >> 4]);
			sbuf_addc(&b, hex[c & 15]);
		}
		v = cJSON_CreateObject();
		if (v != NULL && cJSON_AddStringToObject(v, "hex", sbuf_str(&b)) == NULL)
			out_of_memory();
	}
	sbuf_free(&b);
	if (v == NULL)
		out_of_memory();
	return v;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One spelling for each string of bytes: text is never accepted in hex. */
const char *
json_get_bytes(struct arena *a, const cJSON *v, size_t *len)
{
	if (cJSON_IsString(v) && v->valuestring != NULL) {
		*len = strlen(v->valuestring);
		return arena_strndup(a, v->valuestring, *len);
	}
	const char *hex = json_string(v, "hex");
	if (hex == NULL || v->child->next != NULL || strlen(hex) % 2 != 0)
		return NULL;
	size_t n = strlen(hex) / 2;
	char *s = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return NULL;
		s[i] = (char)(high << 4 | low);
	}
	if (is_text(s, n))
		return NULL;
	*len = n;
	return s;
}

const cJSON *
json_member(const cJSON *object, const char *key)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const char *
json_string(const cJSON *object, const char *key)
{
	const cJSON *m = json_member(object, key);

	return cJSON_IsString(m) ? m->valuestring : NULL;
}

bool
json_int(const cJSON *object, const char *key, int64_t *out)
{
	const cJSON *m = json_member(object, key);
	int64_t n;

	if (!cJSON_IsNumber(m) || !integer_of(m, &n))
		return false;
	*out = n;
	return true;
}

bool
json_bool(const cJSON *object, const char *key, bool *out)
{
	const cJSON *m = json_member(object, key);

	if (!cJSON_IsBool(m))
		return false;
	*out = cJSON_IsTrue(m);
	return true;
}

cJSON *
json_must(cJSON *value)
{
	if (value == NULL)
		out_of_memory();
	return value;
}

void
json_put(cJSON *object, const char *key, cJSON *value)
{
	if (!cJSON_AddItemToObjectCS(object, key, json_must(value)))
		out_of_memory();
}

void
json_append(cJSON *array, cJSON *value)
{
	if (!cJSON_AddItemToArray(array, json_must(value)))
		out_of_memory();
}

void
sha256_hex(const void *p, size_t len, char out[65])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, p, len);
	for (size_t i = 0; i < sizeof(digest); i++) {
		out[2 * i] = hex[digest[i] >> 4];
		out[2 * i + 1] = hex[digest[i] & 15];
	}
	out[64] = '\0';
}
