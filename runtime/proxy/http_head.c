/* SPDX-License-Identifier: Apache-2.0 */
/* http_head.c - lines, fields, targets, and where the body ends */
#include <config.h>

#include "http_head.h"

#include <string.h>
#include <strings.h>

/* ---- the end of a head ---- */

static enum http_result
bad(const char **why, int *status, const char *text, int code)
{
	*why = text;
	*status = code;
	return HTTP_BAD;
}

static enum http_result
end_line(struct http_scan *s, const char **why, int *status)
{
	size_t len = s->at - s->line - 2;
	bool empty = len == 0;

	s->line = s->at;
	if (empty && s->lines == 0) {
		if (++s->blank > HTTP_BLANK_LINES)
			return bad(why, status, "empty lines before the request", 400);
		s->start = s->at;
		return HTTP_MORE;
	}
	s->lines++;
	return empty ? HTTP_DONE : HTTP_MORE;
}

enum http_result
http_scan(struct http_scan *s, const char *bytes, size_t len, const char **why, int *status)
{
	while (s->at < len) {
		char c = bytes[s->at++];
		bool after_cr = s->at >= 2 && s->at - 2 >= s->line && bytes[s->at - 2] == '\r';
		if (after_cr != (c == '\n'))
			return bad(why, status, after_cr ? "a carriage return within a line" :
			    "a line that ends without a carriage return", 400);
		if (c == '\0')
			return bad(why, status, "a NUL in the head", 400);
		if (c == '\n') {
			enum http_result r = end_line(s, why, status);
			if (r != HTTP_MORE)
				return r;
		}
		if (s->at - s->line > HTTP_LINE_BYTES)
			return bad(why, status, "a line of more than 8 KiB", s->lines == 0 ? 414 : 431);
		if (s->at - s->start > HTTP_HEAD_BYTES)
			return bad(why, status, "a head of more than 32 KiB", 431);
	}
	return HTTP_MORE;
}

/* ---- lines and words ---- */

/* RFC 9110 5.6.2. */
static bool
is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token_char(s.p[i]))
			return false;
	return s.len > 0;
}

static bool
is_value(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static struct slice
trim(struct slice s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Up to `stop', which is taken too; false where there is none. */
static bool
take(struct slice *rest, const char *stop, struct slice *out)
{
	size_t n = strlen(stop);
	const char *at = rest->p, *end = at + rest->len;

	while ((at = memchr(at, *stop, (size_t)(end - at))) != NULL &&
	    ((size_t)(end - at) < n || memcmp(at, stop, n) != 0))
		at++;
	if (at == NULL)
		return false;
	*out = (struct slice){ rest->p, (size_t)(at - rest->p) };
	rest->len -= out->len + n;
	rest->p = at + n;
	return true;
}

bool
http_name_is(struct slice name, const char *text)
{
	return name.len == strlen(text) && strncasecmp(name.p, text, name.len) == 0;
}

const struct http_field *
http_field(const struct http_head *h, const char *name)
{
	for (size_t i = 0; i < h->nfields; i++)
		if (http_name_is(h->field[i].name, name))
			return &h->field[i];
	return NULL;
}

bool
http_list_has(struct slice list, struct slice word)
{
	for (;;) {
		struct slice item;
		bool more = take(&list, ",", &item);
		item = trim(more ? item : list);
		if (item.len == word.len && strncasecmp(item.p, word.p, word.len) == 0)
			return true;
		if (!more)
			return false;
	}
}

static bool
connection_has(const struct http_head *h, struct slice word)
{
	for (size_t i = 0; i < h->nfields; i++)
		if ((http_name_is(h->field[i].name, "connection") ||
		    http_name_is(h->field[i].name, "proxy-connection")) &&
		    http_list_has(h->field[i].value, word))
			return true;
	return false;
}

bool
http_is_hop_by_hop(const struct http_head *h, const struct http_field *f)
{
	static const char *const names[] = {
		"connection", "proxy-connection", "keep-alive", "te", "upgrade",
		"proxy-authenticate", "proxy-authorization", "proxy-authentication-info",
	};

	for (size_t i = 0; i < NELEMS(names); i++)
		if (http_name_is(f->name, names[i]))
			return true;
	/* What says where the body ends is never given up, whatever Connection says. */
	if (http_name_is(f->name, "transfer-encoding") || http_name_is(f->name, "content-length") ||
	    http_name_is(f->name, "host"))
		return false;
	return connection_has(h, f->name);
}

/* ---- fields ---- */

static int
fail(const char **why, int *status, const char *text, int code)
{
	*why = text;
	*status = code;
	return -1;
}

static int
read_fields(struct slice rest, struct http_head *h, const char **why, int *status)
{
	struct slice line, name;

	h->nfields = 0;
	for (;;) {
		if (!take(&rest, "\r\n", &line))
			return fail(why, status, "a head without an end", 400);
		if (line.len == 0)
			break;
		if (line.p[0] == ' ' || line.p[0] == '\t')
			return fail(why, status, "a folded line", 400);
		if (!take(&line, ":", &name) || !is_token(name))
			return fail(why, status, "a field whose name is none", 400);
		line = trim(line);
		if (!is_value(line))
			return fail(why, status, "a control character in a field", 400);
		if (h->nfields == HTTP_MAX_FIELDS)
			return fail(why, status, "more than 100 fields", 431);
		h->field[h->nfields++] = (struct http_field){ name, line };
	}
	return rest.len == 0 ? 0 : fail(why, status, "something behind the head", 400);
}

static bool
read_length(struct slice s, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || n > (UINT64_MAX - 9) / 10 / 2)
			return false;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = n;
	return s.len > 0;
}

/* Where Content-Length and Transfer-Encoding put the end; both, or two of one, is an attack. */
static int
read_framing(struct http_head *h, enum http_framing none, bool same_twice, const char **why,
    int *status)
{
	const struct http_field *length = NULL, *coding = NULL;
	uint64_t other;

	h->framing = none;
	for (size_t i = 0; i < h->nfields; i++) {
		const struct http_field *f = &h->field[i];
		if (http_name_is(f->name, "transfer-encoding")) {
			if (coding != NULL)
				return fail(why, status, "more than one Transfer-Encoding", 400);
			coding = f;
		}
		if (!http_name_is(f->name, "content-length"))
			continue;
		if (!read_length(f->value, &other))
			return fail(why, status, "a Content-Length that is no number", 400);
		if (length != NULL && (!same_twice || other != h->length))
			return fail(why, status, "more than one Content-Length", 400);
		h->length = other;
		h->framing = HTTP_LENGTH;
		length = f;
	}
	if (coding == NULL)
		return 0;
	if (length != NULL)
		return fail(why, status, "both Content-Length and Transfer-Encoding", 400);
	if (h->minor == 0)
		return fail(why, status, "Transfer-Encoding in HTTP/1.0", 400);
	if (!http_name_is(coding->value, "chunked"))
		return fail(why, status, "a Transfer-Encoding other than \"chunked\"", 501);
	h->framing = HTTP_CHUNKED;
	return 0;
}

static bool
read_version(struct slice s, unsigned *minor)
{
	if (s.len != 8 || memcmp(s.p, "HTTP/1.", 7) != 0 || (s.p[7] != '0' && s.p[7] != '1'))
		return false;
	*minor = (unsigned)(s.p[7] - '0');
	return true;
}

static void
read_persistence(struct http_head *h)
{
	h->persistent = h->minor == 1 ? !connection_has(h, (struct slice){ "close", 5 }) :
	    connection_has(h, (struct slice){ "keep-alive", 10 });
}

int
http_request_read(const char *bytes, size_t len, struct http_head *h, const char **why, int *status)
{
	struct slice rest = { bytes, len }, line;

	memset(h, 0, offsetof(struct http_head, field));
	if (!take(&rest, "\r\n", &line))
		return fail(why, status, "a head without an end", 400);
	if (!take(&line, " ", &h->method) || !is_token(h->method) || !take(&line, " ", &h->target) ||
	    h->target.len == 0)
		return fail(why, status, "a request line that is none", 400);
	if (line.len < 5 || memcmp(line.p, "HTTP/", 5) != 0)
		return fail(why, status, "a request line that is none", 400);
	if (!read_version(line, &h->minor))
		return fail(why, status, "a version other than HTTP/1.1 and HTTP/1.0", 505);
	for (size_t i = 0; i < h->target.len; i++)
		if ((unsigned char)h->target.p[i] <= ' ' || h->target.p[i] == 0x7f || h->target.p[i] == '#')
			return fail(why, status, "a request target that is none", 400);
	if (read_fields(rest, h, why, status) != 0)
		return -1;
	read_persistence(h);
	return read_framing(h, HTTP_NO_BODY, false, why, status);
}

int
http_response_read(const char *bytes, size_t len, bool to_head, struct http_head *h, const char **why)
{
	struct slice rest = { bytes, len }, line, version;
	int ignored;

	memset(h, 0, offsetof(struct http_head, field));
	*why = "a status line that is none";
	if (!take(&rest, "\r\n", &line))
		return -1;
	if (!take(&line, " ", &version) || !read_version(version, &h->minor) || line.len < 3)
		return -1;
	for (int i = 0; i < 3; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return -1;
		h->status = h->status * 10 + (line.p[i] - '0');
	}
	if (h->status < 100 || (line.len > 3 && line.p[3] != ' '))
		return -1;
	h->reason = line.len > 4 ? (struct slice){ line.p + 4, line.len - 4 } : (struct slice){ "", 0 };
	if (!is_value(h->reason))
		return -1;
	if (read_fields(rest, h, why, &ignored) != 0)
		return -1;
	read_persistence(h);
	if (read_framing(h, HTTP_UNTIL_CLOSE, true, why, &ignored) != 0)
		return -1;
	if (to_head || h->status < 200 || h->status == 204 || h->status == 304)
		h->framing = HTTP_NO_BODY;
	return 0;
}

/* ---- targets ---- */

int
http_target_read(const struct http_head *h, struct http_target *t, const char **why, int *status)
{
	static const char scheme[] = "http://";
	const size_t n = sizeof(scheme) - 1;

	*t = (struct http_target){ .path = { "", 0 } };
	if (http_name_is(h->method, "connect")) {
		t->authority = h->target;
		if (memcmp(h->method.p, "CONNECT", 7) != 0)
			return fail(why, status, "a method that is nearly CONNECT", 400);
		if (memchr(h->target.p, '/', h->target.len) != NULL ||
		    memchr(h->target.p, '?', h->target.len) != NULL ||
		    memchr(h->target.p, '@', h->target.len) != NULL)
			return fail(why, status, "a CONNECT to something other than host:port", 400);
		return h->framing == HTTP_NO_BODY || (h->framing == HTTP_LENGTH && h->length == 0) ? 0 :
		    fail(why, status, "a CONNECT with a body", 400);
	}
	if (h->target.p[0] == '/' || h->target.p[0] == '*')
		return fail(why, status, "a request for a path: this is a proxy, which takes whole "
		    "URLs (http://...), and CONNECT for everything else", 400);
	if (h->target.len < n || strncasecmp(h->target.p, scheme, n) != 0)
		return fail(why, status, "a URL that does not begin with http:// (https:// goes "
		    "through CONNECT)", 400);
	struct slice rest = { h->target.p + n, h->target.len - n };
	size_t len = 0;
	while (len < rest.len && rest.p[len] != '/' && rest.p[len] != '?')
		len++;
	t->authority = (struct slice){ rest.p, len };
	t->path = (struct slice){ rest.p + len, rest.len - len };
	if (len == 0 || memchr(rest.p, '@', len) != NULL)
		return fail(why, status, len == 0 ? "a URL without a host" :
		    "a URL with a user name", 400);
	return 0;
}
