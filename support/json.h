/* SPDX-License-Identifier: Apache-2.0 */
/* json.h - canonical JSON writing and strict reading over cJSON */
#ifndef CDXP_JSON_H
#define CDXP_JSON_H

#include <cjson/cJSON.h>

#include "base.h"
#include "sbuf.h"

/*
 * Canonical form: UTF-8, members sorted bytewise by key, no insignificant
 * space, integers without exponent, strings with the shortest escapes
 * (RFC 8785's, which is also what JSON.stringify does).  Numbers must be
 * integers of magnitude at most 2^53; others make this return -1.
 */
int	json_write(struct sbuf *, const cJSON *);
/* What json_write() makes of json_bytes() of a text; for documents that are written piece by piece. */
void	json_write_text(struct sbuf *, const char *);

/*
 * Strict reading: one value and nothing after it (one final newline is
 * allowed); duplicate keys, \u0000, lone surrogates, invalid UTF-8, nesting
 * over LIMIT_BUNDLE_DEPTH, text over LIMIT_BUNDLE_BYTES, numbers that are not
 * integers of magnitude at most 2^53 are errors.  Returns NULL and sets *why
 * (static text) and *offset (byte).  The caller frees with cJSON_Delete().
 */
cJSON	*json_read(const char *text, size_t len, const char **why, size_t *offset);

/* What json_write() would make of it, but for one final newline; false for what json_read() refuses. */
bool	json_is_canonical(const char *text, size_t len);

/*
 * Bytes that may not be UTF-8: a JSON string where they are UTF-8 without
 * NUL, else {"hex":"..."}.  json_get_bytes() reads both into an arena;
 * NULL: neither.
 */
struct arena;
cJSON	*json_bytes(const char *, size_t len);
const char *json_get_bytes(struct arena *, const cJSON *, size_t *len);

/*
 * Building, where running out of memory aborts as in arena.h: the value itself;
 * a member under a key that is not copied and must outlive the object; one
 * more element.  The object or array takes the value over.
 */
cJSON	*json_must(cJSON *value);
void	 json_put(cJSON *object, const char *key, cJSON *value);
void	 json_append(cJSON *array, cJSON *value);

/* New values, of numbers at most 2^53; text that is NULL gives null, other text json_bytes(). */
cJSON	*json_new_text(const char *);
cJSON	*json_new_number(uint64_t);
cJSON	*json_new_bool(bool);
cJSON	*json_new_object(void);
cJSON	*json_new_array(void);
void	 json_put_text(cJSON *object, const char *key, const char *text);
void	 json_put_number(cJSON *object, const char *key, uint64_t);
void	 json_put_bool(cJSON *object, const char *key, bool);

/*
 * A long list, row by row: each row is written as it comes and freed, so that
 * the whole is never there as a tree.  What json_rows_done() gives can be
 * written, not looked into.
 */
struct json_rows {
	struct sbuf	 text;
	bool		 failed;
};
#define JSON_ROWS_INIT	{ SBUF_INIT, false }
void	 json_rows_add(struct json_rows *, cJSON *row);
/* A row that is json_bytes() of s[0..len); s[len] is NUL. */
void	 json_rows_add_bytes(struct json_rows *, const char *s, size_t len);
cJSON	*json_rows_done(struct json_rows *);

/* Typed members: NULL / false where absent or of another type. */
const cJSON	*json_member(const cJSON *object, const char *key);
const char	*json_string(const cJSON *object, const char *key);
bool		 json_int(const cJSON *object, const char *key, int64_t *out);
bool		 json_bool(const cJSON *object, const char *key, bool *out);

/* SHA-256 as 64 lower-case hex digits and a NUL (libsodium). */
void	sha256_hex(const void *, size_t, char out[65]);

#endif
