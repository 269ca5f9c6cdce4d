/* SPDX-License-Identifier: Apache-2.0 */
/* show_page.c - text, links and the quoted source of the HTML page */
#include <config.h>

#include "show_page.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "source.h"
#include "subject.h"
#include "utf8.h"

void
page_put(struct page *p, const char *markup)
{
	sbuf_puts(p->out, markup);
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
page_bytes(struct page *p, const char *s, size_t n)
{
	while (n > 0) {
		uint32_t cp;
		size_t len = utf8_decode(s, n, &cp);
		const char *e = entity(*s);
		if (len == 0)
			sbuf_printf(p->out, "<span class=\"esc\">\\x%02x</span>", (unsigned char)*s);
		else if (e != NULL)
			sbuf_puts(p->out, e);
		else if (cp != '\t' && utf8_is_harmful(cp))
			sbuf_printf(p->out, "<span class=\"esc\">\\u%04X</span>", (unsigned)cp);
		else
			sbuf_add(p->out, s, len);
		len = len > 0 ? len : 1;
		s += len;
		n -= len;
	}
}

void
page_text(struct page *p, const char *text)
{
	page_bytes(p, text, strlen(text));
}

void
page_path(struct page *p, const char *path)
{
	for (const char *slash; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
		page_bytes(p, path, (size_t)(slash - path) + 1);
		if (slash[1] != '\0')
			page_put(p, "<wbr>");
	}
	page_text(p, path);
}

char
page_access_class(enum access access)
{
	static const char class[] = {
		[ACCESS_DENY] = 'd', [ACCESS_READ] = 'r', [ACCESS_WRITE] = 'w',
	};
	return class[access];
}

void
page_where(struct page *p, const struct ir_origin *o)
{
	const char *where = show_where(p->s, o);
	uint32_t line = show_line(p->s, o);
	if (where[0] == '\0')
		return;
	if (line > 0 && line <= p->nlines)
		sbuf_printf(p->out, "<a class=\"where\" href=\"#L%u\">", (unsigned)line);
	else
		page_put(p, "<span class=\"where\">");
	page_text(p, where);
	page_put(p, line > 0 && line <= p->nlines ? "</a>" : "</span>");
}

/* ---- the source ---- */

static void
mark_line(struct page *p, const struct ir_origin *o, char class)
{
	uint32_t line = show_line(p->s, o);
	if (line > 0 && line <= p->nlines)
		p->line_class[line] = class;
}

void
page_index_source(struct page *p)
{
	const struct source *src = p->s->subject->source;
	const struct ir_network *n = &p->s->bound->ir->network;
	const struct view *v = p->s->view;
	if (src == NULL)
		return;
	for (size_t i = 0; i < src->len; i++)
		p->nlines += src->text[i] == '\n' || i + 1 == src->len;
	p->line_class = arena_alloc(p->s->a, p->nlines + 1);
	for (size_t i = 0; i < n->domains.len; i++)
		mark_line(p, &n->domains.v[i].origin, n->domains.v[i].allow ? 'w' : 'd');
	for (size_t i = 0; i < n->sockets.len; i++)
		mark_line(p, &n->sockets.v[i].origin, n->sockets.v[i].allow ? 'w' : 'd');
	/* A protected name comes from the entry that grants what is around it. */
	for (size_t i = 0; i < v->nrow; i++)
		if (v->row[i]->why.kind == WHY_ENTRY || v->row[i]->why.kind == WHY_PLATFORM ||
		    v->row[i]->why.kind == WHY_PATTERN)
			mark_line(p, v->row[i]->why.origin, page_access_class(v->row[i]->access));
}

static void
source_line(struct page *p, size_t number, const char *text, size_t len)
{
	char class = p->line_class[number];
	size_t blank = 0;
	if (len > 0 && text[len - 1] == '\r')
		len--;
	while (blank < len && (text[blank] == ' ' || text[blank] == '\t'))
		blank++;
	bool comment = blank < len && text[blank] == '#';
	sbuf_printf(p->out, "<span class=\"l%s%c%s\" id=\"L%zu\"><a class=\"no\" href=\"#L%zu\">%zu</a>",
	    class != '\0' ? " " : "", class != '\0' ? class : ' ', comment ? " c" : "", number,
	    number, number);
	page_bytes(p, text, len);
	page_put(p, "\n</span>");
}

void
page_source(struct page *p)
{
	const struct source *src = p->s->subject->source;
	if (src == NULL)
		return;
	page_put(p, "<section aria-labelledby=\"source\">\n<h2 id=\"source\">Source: <code>");
	page_text(p, p->s->subject->source_name);
	page_put(p, "</code></h2>\n<p class=\"quiet\">SHA-256 <code>");
	page_text(p, p->s->subject->source_sha256);
	page_put(p, "</code>. A coloured line is a rule of this profile, in the colour of what it "
	    "grants.</p>\n<pre class=\"source\" tabindex=\"0\" aria-label=\"source\">");
	const char *line = src->text, *end = src->text + src->len;
	for (size_t n = 1; n <= p->nlines; n++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			stop = end;
		source_line(p, n, line, (size_t)(stop - line));
		line = stop < end ? stop + 1 : end;
	}
	page_put(p, "</pre>\n</section>\n");
}
