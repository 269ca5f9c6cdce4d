/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - canonical JSON writing, typed members, bytes, digests */
#include <config.h>

#include "json.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
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

/*
 * How many bytes from the start can stand in a string as they are; eight at a
 * time, by the usual tests for a byte below 0x20 or equal to a given one in a
 * word, which err to the safe side alone.
 */
static size_t
plain_bytes(const char *s, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	size_t i = 0;

	for (uint64_t w; len - i >= sizeof(w); i += sizeof(w)) {
		memcpy(&w, s + i, sizeof(w));
		uint64_t quote = w ^ ones * '"', back = w ^ ones * '\\';
		if ((((w - ones * 0x20) | (quote - ones) | (back - ones)) & tops) != 0)
			break;
	}
	while (i < len && (unsigned char)s[i] >= 0x20 && s[i] != '"' && s[i] != '\\')
		i++;
	return i;
}

static void
write_escape(struct sbuf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letter[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
		['\r'] = 'r', ['"'] = '"', ['\\'] = '\\',
	};

	sbuf_addc(out, '\\');
	if (letter[c] != '\0') {
		sbuf_addc(out, letter[c]);
		return;
	}
	sbuf_puts(out, "u00");
	sbuf_addc(out, hex[c >> 4]);
	sbuf_addc(out, hex[c & 15]);
}

static int
write_string(struct sbuf *out, const char *s)
{
	size_t len = strlen(s);

	if (utf8_check(s, len) != len)
		return -1;
	sbuf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		size_t n = plain_bytes(s + i, len - i);
		sbuf_add(out, s + i, n);
		i += n;
		if (i < len)
			write_escape(out, (unsigned char)s[i]);
	}
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

static int
write_member(struct sbuf *out, const cJSON *m, int depth)
{
	if (write_string(out, m->string) != 0)
		return -1;
	sbuf_addc(out, ':');
	return write_value(out, m, depth + 1);
}

/* The members are a linked list there: sorted through an array of our own. */
static int
write_unsorted(struct sbuf *out, const cJSON *object, size_t n, int depth)
{
	const cJSON *m, **v = calloc(n, sizeof(const cJSON *));
	int result = 0;

	if (v == NULL)
		out_of_memory();
	n = 0;
	cJSON_ArrayForEach(m, object)
		v[n++] = m;
	qsort(v, n, sizeof(const cJSON *), by_key);
	for (size_t i = 0; i < n && result == 0; i++) {
		if (i > 0)
			sbuf_addc(out, ',');
		result = i > 0 && by_key(&v[i - 1], &v[i]) == 0 ? -1 : write_member(out, v[i], depth);
	}
	free(v);
	return result;
}

static int
write_object(struct sbuf *out, const cJSON *object, int depth)
{
	const cJSON *m, *before = NULL;
	bool sorted = true;
	size_t n = 0;
	int result = 0;

	cJSON_ArrayForEach(m, object) {
		if (m->string == NULL)
			return -1;
		sorted = sorted && (before == NULL || by_key(&before, &m) < 0);
		before = m;
		n++;
	}
	sbuf_addc(out, '{');
	if (sorted) {
		cJSON_ArrayForEach(m, object) {
			if (m != object->child)
				sbuf_addc(out, ',');
			if (write_member(out, m, depth) != 0)
				return -1;
		}
	} else {
		result = write_unsorted(out, object, n, depth);
	}
	sbuf_addc(out, '}');
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
	if (cJSON_IsRaw(v))		/* of json_rows_done(): canonical already */
		sbuf_puts(out, v->valuestring);
	else if (cJSON_IsNull(v))
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

bool
json_is_canonical(const char *text, size_t len)
{
	const char *why;
	size_t offset;
	struct sbuf bytes = SBUF_INIT;
	cJSON *doc = json_read(text, len, &why, &offset);

	if (len > 0 && text[len - 1] == '\n')
		len--;
	bool same = doc != NULL && json_write(&bytes, doc) == 0 && bytes.len == len &&
	    memcmp(sbuf_str(&bytes), text, len) == 0;
	sbuf_free(&bytes);
	cJSON_Delete(doc);
	return same;
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

cJSON *
json_new_text(const char *text)
{
	return text == NULL ? json_must(cJSON_CreateNull()) : json_bytes(text, strlen(text));
}

cJSON *
json_new_number(uint64_t n)
{
	return json_must(cJSON_CreateNumber((double)n));
}

cJSON *
json_new_bool(bool b)
{
	return json_must(cJSON_CreateBool(b));
}

cJSON *
json_new_object(void)
{
	return json_must(cJSON_CreateObject());
}

cJSON *
json_new_array(void)
{
	return json_must(cJSON_CreateArray());
}

void
json_put_text(cJSON *object, const char *key, const char *text)
{
	json_put(object, key, json_new_text(text));
}

void
json_put_number(cJSON *object, const char *key, uint64_t n)
{
	json_put(object, key, json_new_number(n));
}

void
json_put_bool(cJSON *object, const char *key, bool b)
{
	json_put(object, key, json_new_bool(b));
}

void
json_rows_add(struct json_rows *rows, cJSON *row)
{
	sbuf_addc(&rows->text, rows->text.len == 0 ? '[' : ',');
	if (json_write(&rows->text, json_must(row)) != 0)
		rows->failed = true;
	cJSON_Delete(row);
}

void
json_rows_add_bytes(struct json_rows *rows, const char *s, size_t len)
{
	size_t before = rows->text.len;

	sbuf_addc(&rows->text, before == 0 ? '[' : ',');
	if (strlen(s) == len && write_string(&rows->text, s) == 0)
		return;
	rows->text.len = before;
	json_rows_add(rows, json_bytes(s, len));
}

cJSON *
json_rows_done(struct json_rows *rows)
{
	sbuf_puts(&rows->text, rows->text.len == 0 ? "[]" : "]");
	/* What cannot be written makes the whole document fail, as a fraction does. */
	cJSON *list = json_must(rows->failed ? cJSON_CreateNumber(0.5) : cJSON_CreateRaw(""));
	if (!rows->failed) {
		/* Megabytes, handed over without a copy: both sides use malloc(3). */
		cJSON_free(list->valuestring);
		list->valuestring = sbuf_take(&rows->text);
	}
	sbuf_free(&rows->text);
	return list;
}

void
sha256_hex(const void *p, size_t len, char out[65])
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, p, len);
	sodium_bin2hex(out, 65, digest, sizeof(digest));
}

void
json_write_text(struct sbuf *out, const char *text)
{
	size_t len = 0;

	while (text[len] >= ' ' && text[len] < 0x7f && text[len] != '"' && text[len] != '\\')
		len++;
	if (text[len] == '\0') {
		sbuf_addc(out, '"');
		sbuf_add(out, text, len);
		sbuf_addc(out, '"');
		return;
	}
	cJSON *v = json_new_text(text);
	/* A string, or an object that holds one. */
	if (json_write(out, v) != 0)
		out_of_memory();
	cJSON_Delete(v);
}
