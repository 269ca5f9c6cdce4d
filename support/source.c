/* SPDX-License-Identifier: Apache-2.0 */
/* source.c - the texts that diagnostics quote, kept in memory */
#include <config.h>

#include "source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "diag.h"
#include "sbuf.h"
#include "system.h"
#include "utf8.h"

/* A source, and where in its text each line begins. */
struct held {
	struct source	 pub;
	uint32_t	*lines;
	size_t		 nlines;	/* at least 1 */
};

/* By rising base.  Each has len + 1 offsets, the last one for its end. */
struct sources {
	struct arena	*a;
	struct { struct held **v; size_t len, cap; } held;
	uint32_t	 next_base;
};

struct sources *
sources_new(struct arena *a)
{
	struct sources *set = arena_alloc(a, sizeof(*set));
	set->a = a;
	set->next_base = 1;
	return set;
}

static void
index_lines(struct arena *a, struct held *h)
{
	const char *text = h->pub.text, *end = text + h->pub.len;
	size_t n = 1;

	for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	h->lines = arena_array(a, n, sizeof(*h->lines));
	h->nlines = n;
	n = 1;
	for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		h->lines[n++] = (uint32_t)(p + 1 - text);
}

/* One error for the first byte at fault, or none. */
static bool
check_text(struct sources *set, struct diags *ds, const struct source *s)
{
	const char *nul = memchr(s->text, '\0', s->len);
	size_t nul_at = nul == NULL ? s->len : (size_t)(nul - s->text);
	size_t at = utf8_check(s->text, nul_at);
	struct span span = { s->base + (uint32_t)at, s->base + (uint32_t)at + 1 };
	struct place_in_source place = source_locate(set, span);

	if (at < nul_at) {
		diag_add(ds, D_SOURCE_UTF8, span,
		    "byte 0x%02x at line %u, column %u is not UTF-8",
		    (unsigned char)s->text[at], place.line, place.column);
		return false;
	}
	if (nul != NULL) {
		diag_add(ds, D_SOURCE_NUL, span, "NUL byte at line %u, column %u",
		    place.line, place.column);
		return false;
	}
	return true;
}

const struct source *
sources_add(struct sources *set, struct diags *ds, const char *name,
    const char *text, size_t len)
{
	size_t mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	len -= mark;
	if (len > LIMIT_SOURCE_BYTES || len + 1 > UINT32_MAX - set->next_base) {
		diag_add(ds, D_SOURCE_SIZE, (struct span){ 0, 0 },
		    "%s: larger than the limit of %d bytes", name, LIMIT_SOURCE_BYTES);
		return NULL;
	}
	struct held *h = arena_alloc(set->a, sizeof(*h));
	h->pub.name = arena_strdup(set->a, name);
	h->pub.raw = arena_strndup(set->a, text, mark + len);
	h->pub.raw_len = mark + len;
	h->pub.text = h->pub.raw + mark;
	h->pub.len = len;
	h->pub.base = set->next_base;
	set->next_base += (uint32_t)len + 1;
	index_lines(set->a, h);
	/* Kept even where it turns out to be refused: the error quotes it. */
	VEC_PUSH(set->a, &set->held, h);
	return check_text(set, ds, &h->pub) ? &h->pub : NULL;
}

static int
open_source(const char *path)
{
	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	return system_open(path);
}

const struct source *
sources_read(struct sources *set, struct diags *ds, const char *path, bool *io)
{
	const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
	struct sbuf b = SBUF_INIT;
	struct stat st;
	int fd, err = 0;

	*io = true;
	fd = open_source(path);
	if (fd < 0 || fstat(fd, &st) != 0)
		err = errno;
	else if (S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (sbuf_read(&b, fd, LIMIT_SOURCE_BYTES + 3) != 0)
		err = errno;
	if (fd > STDIN_FILENO)
		close(fd);
	if (err != 0) {
		diag_add(ds, D_IO, (struct span){ 0, 0 }, "%s: %s", name, strerror(err));
		sbuf_free(&b);
		return NULL;
	}
	*io = false;
	const struct source *s = sources_add(set, ds, name, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return s;
}

/* The last of n rising numbers that is not above x; v[0] is not. */
static size_t
last_at_most(const uint32_t *v, size_t n, uint32_t x)
{
	size_t lo = 0, hi = n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (v[mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static const struct held *
held_at(const struct sources *set, uint32_t offset)
{
	size_t lo = 0, hi = set->held.len;

	if (offset == 0 || offset >= set->next_base)
		return NULL;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (set->held.v[mid]->pub.base <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return set->held.v[lo];
}

struct place_in_source
source_locate(const struct sources *set, struct span span)
{
	struct place_in_source where = { .source = NULL };
	const struct held *h = held_at(set, span.start);

	if (h == NULL)
		return where;
	uint32_t at = span.start - h->pub.base;
	size_t line = last_at_most(h->lines, h->nlines, at);
	uint32_t begin = h->lines[line];
	size_t end = line + 1 < h->nlines ? h->lines[line + 1] - 1 : h->pub.len;
	if (end > begin && h->pub.text[end - 1] == '\r')
		end--;

	where.source = &h->pub;
	where.line = (uint32_t)line + 1;
	where.column = at - begin + 1;
	where.line_text = h->pub.text + begin;
	where.line_len = end - begin;
	uint32_t stop = span.end > span.start ? span.end - h->pub.base : at;
	if (stop > end)
		stop = (uint32_t)end;
	where.length = stop > at ? stop - at : 0;
	return where;
}

/* The column of a place in characters; what is no character counts byte by byte. */
static uint32_t
character_column(const struct place_in_source *w)
{
	/* In a "\r\n" a place may lie behind the line's text. */
	size_t left = w->column - 1 < w->line_len ? w->column - 1 : w->line_len;
	uint32_t column = w->column - (uint32_t)left, cp;

	for (const char *s = w->line_text; left > 0; column++) {
		size_t len = utf8_decode(s, left, &cp);
		s += len == 0 ? 1 : len;
		left -= len == 0 ? 1 : len;
	}
	return column;
}

struct region_in_source
source_region(const struct sources *set, struct span span)
{
	struct place_in_source from = { .source = NULL }, to;

	if (set != NULL)
		from = source_locate(set, span);
	if (from.source == NULL)
		return (struct region_in_source){ .source = NULL };
	to = from;
	if (span.end > span.start)
		to = source_locate(set, (struct span){ span.end, span.end });
	/* A span never leaves its source; one that would is a point. */
	if (to.source != from.source)
		to = from;
	return (struct region_in_source){
		from.source, from.line, character_column(&from), to.line, character_column(&to),
	};
}

static bool
is_named(const struct held *h, const char *name)
{
	const char *slash = strrchr(h->pub.name, '/');
	return strcmp(h->pub.name, name) == 0 || (slash != NULL && strcmp(slash + 1, name) == 0);
}

static struct span
span_in(const struct held *h, uint32_t line, uint32_t column, uint32_t length)
{
	const struct span none = { 0, 0 };

	if (line == 0 || line > h->nlines || column == 0)
		return none;
	uint64_t at = (uint64_t)h->lines[line - 1] + column - 1;
	if (at > h->pub.len || length > h->pub.len - at)
		return none;
	uint32_t start = h->pub.base + (uint32_t)at;
	return (struct span){ start, start + length };
}

struct span
source_span(const struct sources *set, const char *name, uint32_t line, uint32_t column,
    uint32_t length)
{
	struct span found = { 0, 0 };

	for (size_t i = 0; i < set->held.len && found.end == 0; i++)
		if (is_named(set->held.v[i], name))
			found = span_in(set->held.v[i], line, column, length);
	return found;
}

struct span
source_span_in(const struct sources *set, const struct source *s, uint32_t line, uint32_t column,
    uint32_t length)
{
	for (size_t i = 0; i < set->held.len; i++)
		if (&set->held.v[i]->pub == s)
			return span_in(set->held.v[i], line, column, length);
	return (struct span){ 0, 0 };
}
