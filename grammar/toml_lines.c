/* SPDX-License-Identifier: Apache-2.0 */
/* toml_lines.c - lines under construction, the comments at their ends brought into line */
#include <config.h>

#include "toml_lines.h"

#include <string.h>

#include "arena.h"
#include "toml_format.h"
#include "utf8.h"

/* Between code and comment. */
enum { COMMENT_GAP = 2 };

static void
push_pending_blank(struct toml_lines *l)
{
	if (l->want_blank && !l->at_head && l->list.len > 0)
		VEC_PUSH(l->a, &l->list, ((struct toml_line){ .blank = true }));
	l->want_blank = l->at_head = false;
}

void
toml_lines_begin(struct toml_lines *l, unsigned indent)
{
	push_pending_blank(l);
	l->now = (struct toml_line){ .from = l->code.len, .indent = indent };
	l->column = indent;
}

/* Text with newlines is one line here, and stands alone. */
void
toml_lines_add(struct toml_lines *l, const char *s, size_t n)
{
	const char *last = n == 0 ? NULL : s + n;

	while (last != NULL && last > s && last[-1] != '\n')
		last--;
	if (last != NULL && last > s) {
		l->now.alone = true;
		l->column = utf8_columns(last, (size_t)(s + n - last));
	} else if (n > 0) {
		l->column += utf8_columns(s, n);
	}
	sbuf_add(&l->code, s, n);
}

void
toml_lines_puts(struct toml_lines *l, const char *s)
{
	toml_lines_add(l, s, strlen(s));
}

void
toml_lines_end(struct toml_lines *l, struct slice comment)
{
	l->now.to = l->code.len;
	l->now.comment = comment;
	VEC_PUSH(l->a, &l->list, l->now);
	l->at_head = l->opens;
	l->opens = false;
}

void
toml_lines_comment(struct toml_lines *l, unsigned indent, struct slice text)
{
	push_pending_blank(l);
	VEC_PUSH(l->a, &l->list, ((struct toml_line){ .comment = text, .indent = indent }));
}

void
toml_lines_blank(struct toml_lines *l)
{
	l->want_blank = true;
}

void
toml_lines_alone(struct toml_lines *l)
{
	l->now.alone = true;
}

void
toml_lines_open(struct toml_lines *l)
{
	l->now.alone = true;
	l->opens = true;
}

void
toml_lines_close(struct toml_lines *l, unsigned indent)
{
	l->want_blank = false;
	toml_lines_begin(l, indent);
	l->now.alone = true;
}

static bool
has_code(const struct toml_line *line)
{
	return line->to > line->from;
}

/* Adjacent lines of code are aligned with one another. */
static bool
goes_on(const struct toml_line *first, const struct toml_line *line)
{
	return has_code(line) && !line->alone && line->indent == first->indent;
}

static size_t
width(const struct toml_lines *l, const struct toml_line *line)
{
	return line->indent + utf8_columns(l->code.p + line->from, line->to - line->from);
}

/* The widest of those that have a comment and are not too long to be followed. */
static size_t
widest(const struct toml_lines *l, size_t from, size_t to)
{
	size_t most = 0;

	for (size_t i = from; i < to; i++) {
		const struct toml_line *line = &l->list.v[i];
		if (line->comment.len == 0)
			continue;
		size_t w = width(l, line);
		if (w <= TOML_FORMAT_ALIGN && w > most)
			most = w;
	}
	return most;
}

static void
add_spaces(struct sbuf *out, size_t n)
{
	for (; n > 0; n--)
		sbuf_addc(out, ' ');
}

/* One line; its comment begins COMMENT_GAP behind `align', or behind the code where that is longer. */
static void
print_line(const struct toml_lines *l, const struct toml_line *line, size_t align, struct sbuf *out)
{
	if (!line->blank)
		add_spaces(out, line->indent);
	if (has_code(line))
		sbuf_add(out, l->code.p + line->from, line->to - line->from);
	if (line->comment.len > 0 && has_code(line)) {
		size_t w = line->alone ? 0 : width(l, line);
		add_spaces(out, COMMENT_GAP + (!line->alone && w < align ? align - w : 0));
	}
	if (line->comment.len > 0)
		sbuf_add(out, line->comment.p, line->comment.len);
	sbuf_addc(out, '\n');
}

void
toml_lines_join(const struct toml_lines *l, struct sbuf *out)
{
	for (size_t i = 0, end; i < l->list.len; i = end) {
		const struct toml_line *first = &l->list.v[i];
		bool run = goes_on(first, first);
		end = i + 1;
		while (run && end < l->list.len && goes_on(first, &l->list.v[end]))
			end++;
		size_t align = run ? widest(l, i, end) : 0;
		for (size_t k = i; k < end; k++)
			print_line(l, &l->list.v[k], align, out);
	}
}
