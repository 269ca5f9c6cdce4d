/* SPDX-License-Identifier: Apache-2.0 */
/* json_read.c - strict reading: what cJSON lets pass is refused before it */
#include <config.h>

#include "json.h"

#include <string.h>

#include "arena.h"
#include "hex.h"
#include "intern.h"
#include "utf8.h"

/*
 * One pass over the text, without recursion: the arrays and objects around
 * the place are on a stack.  It is a full JSON grammar (RFC 8259), so that
 * what cJSON then accepts beyond it never gets there.
 */
struct scan {
	const char	*text;
	size_t		 len, at;
	struct arena	*a;		/* for the keys seen */
	struct sbuf	 key;		/* the last string, with escapes resolved */
	struct strmap	*keys[LIMIT_BUNDLE_DEPTH];	/* NULL: an array */
	int		 depth;
	const char	*why;
	size_t		 why_at;
};

static bool
fail(struct scan *s, size_t at, const char *why)
{
	s->why = why;
	s->why_at = at;
	return false;
}

/* The next byte, or NUL at the end (a NUL in the text fails the same way). */
static char
peek(const struct scan *s)
{
	return s->at < s->len ? s->text[s->at] : '\0';
}

static void
skip_space(struct scan *s)
{
	for (char c = peek(s); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(s))
		s->at++;
}

/* Four hex digits at s->at. */
static bool
scan_hex(struct scan *s, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		int d = hex_digit(peek(s));
		if (d < 0)
			return fail(s, s->at, "\\u needs four hex digits");
		*out = *out << 4 | (uint32_t)d;
	}
	return true;
}

/* Behind "\u". */
static bool
scan_unicode(struct scan *s)
{
	size_t from = s->at - 2;
	uint32_t cp, low;
	char out[4];

	if (!scan_hex(s, &cp))
		return false;
	if (cp == 0)
		return fail(s, from, "\\u0000 in a string");
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (s->len - s->at < 2 || memcmp(s->text + s->at, "\\u", 2) != 0)
			return fail(s, from, "lone surrogate in a string");
		s->at += 2;
		if (!scan_hex(s, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fail(s, from, "lone surrogate in a string");
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	size_t n = utf8_encode(cp, out);
	if (n == 0)
		return fail(s, from, "lone surrogate in a string");
	sbuf_add(&s->key, out, n);
	return true;
}

static bool
scan_escape(struct scan *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	s->at++;
	char c = peek(s);
	const char *which = c == '\0' ? NULL : strchr(from, c);
	if (which != NULL) {
		s->at++;
		sbuf_addc(&s->key, to[which - from]);
		return true;
	}
	if (c != 'u')
		return fail(s, s->at, "unknown escape in a string");
	s->at++;
	return scan_unicode(s);
}

static bool
scan_string(struct scan *s)
{
	if (peek(s) != '"')
		return fail(s, s->at, "a string was expected");
	s->at++;
	s->key.len = 0;
	for (;;) {
		size_t from = s->at;
		while (s->at < s->len && (unsigned char)s->text[s->at] >= 0x20 &&
		    s->text[s->at] != '"' && s->text[s->at] != '\\')
			s->at++;
		sbuf_add(&s->key, s->text + from, s->at - from);
		if (s->at == s->len)
			return fail(s, s->at, "a string does not end");
		char c = s->text[s->at];
		if (c == '"') {
			s->at++;
			return true;
		}
		if (c != '\\')
			return fail(s, s->at, "control character in a string");
		if (!scan_escape(s))
			return false;
	}
}

static bool
scan_number(struct scan *s)
{
	size_t from = s->at;
	uint64_t n = 0;

	if (peek(s) == '-')
		s->at++;
	size_t digits = s->at;
	for (char c = peek(s); c >= '0' && c <= '9'; c = peek(s)) {
		/* 16 digits hold 2^53 and do not overflow. */
		if (s->at - digits == 16)
			return fail(s, from, "number beyond 2^53");
		n = n * 10 + (uint64_t)(c - '0');
		s->at++;
	}
	if (s->at == digits)
		return fail(s, from, "a value was expected");
	if (s->text[digits] == '0' && s->at > digits + 1)
		return fail(s, from, "number with a leading zero");
	if (n > UINT64_C(1) << 53)
		return fail(s, from, "number beyond 2^53");
	char c = peek(s);
	if (c == '.' || c == 'e' || c == 'E')
		return fail(s, from, "number that is not a plain integer");
	return true;
}

static bool
scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < NELEMS(words); i++) {
		size_t n = strlen(words[i]);
		if (s->len - s->at >= n && memcmp(s->text + s->at, words[i], n) == 0) {
			s->at += n;
			return true;
		}
	}
	return fail(s, s->at, "a value was expected");
}

/* A key of the innermost object, and the colon. */
static bool
scan_key(struct scan *s)
{
	size_t from = s->at;

	if (!scan_string(s))
		return false;
	if (strmap_put(s->keys[s->depth - 1], sbuf_str(&s->key), s->key.len, s) != NULL)
		return fail(s, from, "duplicate key");
	skip_space(s);
	if (peek(s) != ':')
		return fail(s, s->at, "':' was expected");
	s->at++;
	skip_space(s);
	return true;
}

/*
 * Enter an array or object.  *empty: it was closed at once; otherwise s->at is
 * at its first value.
 */
static bool
scan_open(struct scan *s, bool *empty)
{
	bool object = peek(s) == '{';

	if (s->depth == LIMIT_BUNDLE_DEPTH)
		return fail(s, s->at, "nested too deeply");
	s->at++;
	s->keys[s->depth++] = object ? strmap_new(s->a) : NULL;
	skip_space(s);
	*empty = peek(s) == (object ? '}' : ']');
	if (*empty) {
		s->at++;
		s->depth--;
		return true;
	}
	return object ? scan_key(s) : true;
}

/*
 * Behind a value: leave what ends here, up to the next value of what does not.
 * s->depth is 0 when the outermost value is complete.
 */
static bool
scan_close(struct scan *s)
{
	while (s->depth > 0) {
		bool object = s->keys[s->depth - 1] != NULL;
		skip_space(s);
		char c = peek(s);
		if (c == ',') {
			s->at++;
			skip_space(s);
			return object ? scan_key(s) : true;
		}
		if (c != (object ? '}' : ']'))
			return fail(s, s->at, object ? "',' or '}' was expected" :
			    "',' or ']' was expected");
		s->at++;
		s->depth--;
	}
	return true;
}

static bool
scan_document(struct scan *s)
{
	skip_space(s);
	do {
		char c = peek(s);
		bool complete = true, ok;
		if (c == '{' || c == '[')
			ok = scan_open(s, &complete);
		else if (c == '"')
			ok = scan_string(s);
		else if (c == '-' || (c >= '0' && c <= '9'))
			ok = scan_number(s);
		else
			ok = scan_word(s);
		if (!ok || (complete && !scan_close(s)))
			return false;
	} while (s->depth > 0);
	if (peek(s) == '\n')
		s->at++;
	if (s->at != s->len)
		return fail(s, s->at, "text behind the value");
	return true;
}

static bool
acceptable(const char *text, size_t len, const char **why, size_t *offset)
{
	struct scan s = { .text = text, .len = len, .key = SBUF_INIT };

	if (len > LIMIT_BUNDLE_BYTES) {
		*why = "larger than the limit";
		*offset = LIMIT_BUNDLE_BYTES;
		return false;
	}
	size_t bad = utf8_check(text, len);
	if (bad != len) {
		*why = "not UTF-8";
		*offset = bad;
		return false;
	}
	s.a = arena_new();
	bool ok = scan_document(&s);
	arena_free(s.a);
	sbuf_free(&s.key);
	*why = s.why;
	*offset = s.why_at;
	return ok;
}

cJSON *
json_read(const char *text, size_t len, const char **why, size_t *offset)
{
	if (!acceptable(text, len, why, offset))
		return NULL;
	cJSON *v = cJSON_ParseWithLength(text, len);
	/* Sound by now, so nothing but memory can have failed it. */
	if (v == NULL)
		out_of_memory();
	return v;
}
