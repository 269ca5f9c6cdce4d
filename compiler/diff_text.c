/* SPDX-License-Identifier: Apache-2.0 */
/* diff_text.c - the differences of two policies for people: what is wider comes first */
#include <config.h>

#include "diff.h"

#include <string.h>

#include "arena.h"

enum { SHOWN = 4 };		/* of a list; --json has all of it */

struct page {
	const struct diff *d;
	bool		 colour;
	struct sbuf	*out;
};

static const char bold[] = "\033[1m", dim[] = "\033[2m", off[] = "\033[0m";
static const char *const class_colour[] = {
	[DELTA_WIDER] = "\033[1;31m", [DELTA_NARROWER] = "\033[32m", [DELTA_CHANGED] = "\033[33m",
};
static const char class_sign[] = { '+', '-', '~' };

static void
paint(struct page *p, const char *escape)
{
	if (p->colour)
		sbuf_puts(p->out, escape);
}

/* Whatever a profile spells, a terminal is told nothing. */
static void
put(struct page *p, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		/* C1 controls in UTF-8 are 0xc2 0x80 to 0xc2 0x9f. */
		bool c1 = c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0;
		if (c < 0x20 || c == 0x7f || c1)
			sbuf_printf(p->out, "\\x%02x", c);
		else if (c >= 0x80 && c < 0xa0 && (unsigned char)text[-1] == 0xc2)
			sbuf_printf(p->out, "\\x%02x", c);
		else
			sbuf_addc(p->out, (char)c);
	}
}

static const char *
scope_words(enum fs_scope s)
{
	return s == SCOPE_ITSELF ? " itself" : s == SCOPE_BELOW ? " (what is below it)" : "";
}

static void
end_list(struct page *p, size_t n, const char *after)
{
	if (n > SHOWN)
		sbuf_printf(p->out, " and %zu more", n - SHOWN);
	sbuf_printf(p->out, "%s\n", after);
}

static void
put_lists(struct page *p, const struct diff_row *row)
{
	for (size_t i = 0; i < row->except.len && i < SHOWN; i++) {
		sbuf_puts(p->out, i == 0 ? "      except " : ", ");
		put(p, row->except.v[i].path);
		sbuf_puts(p->out, scope_words(row->except.v[i].scope));
	}
	if (row->except.len > 0)
		end_list(p, row->except.len, "");
	for (size_t i = 0; i < row->patterns.len && i < SHOWN; i++) {
		sbuf_puts(p->out, i == 0 ? "      less what " : ", ");
		put(p, row->patterns.v[i]);
	}
	if (row->patterns.len > 0)
		end_list(p, row->patterns.len, row->patterns.len > 1 ? " match" : " matches");
}

/* "profile.toml:14", or the built-in profile that has the rule, or nothing. */
static const char *
place(const struct diff *d, int side, const struct ir_origin *o)
{
	if (o != NULL && o->span.line == 0 && o->profile != NULL)
		return arena_printf(d->a, "built-in %s", o->profile);
	const struct why w = { .kind = WHY_ENTRY, .origin = o };
	return why_place(d->a, d->side[side].bound, &w);
}

static void
put_rules(struct page *p, const struct diff_row *row)
{
	static const char *const name[2] = { "old", "new" };
	const char *at[2];
	size_t width = 0;
	for (int s = 0; s < 2; s++) {
		at[s] = place(p->d, s, row->rule[s].origin);
		width = strlen(at[s]) > width ? strlen(at[s]) : width;
	}
	for (int s = 0; s < 2; s++) {
		paint(p, dim);
		sbuf_printf(p->out, "      %s: ", name[s]);
		if (width > 0) {
			put(p, at[s]);
			sbuf_printf(p->out, "%*s  ", (int)(width - strlen(at[s])), "");
		}
		put(p, row->rule[s].text);
		paint(p, off);
		sbuf_addc(p->out, '\n');
	}
}

static void
put_row(struct page *p, const struct diff_row *row)
{
	paint(p, class_colour[row->class]);
	sbuf_printf(p->out, "  %c ", class_sign[row->class]);
	if (strcmp(row->topic, "environment") == 0)
		sbuf_puts(p->out, "env ");
	else if (strcmp(row->topic, "socket") == 0)
		sbuf_puts(p->out, "socket ");
	put(p, row->region);
	sbuf_puts(p->out, scope_words(row->scope));
	paint(p, off);
	sbuf_puts(p->out, ": ");
	put(p, row->value[0]);
	sbuf_puts(p->out, " -> ");
	paint(p, bold);
	put(p, row->value[1]);
	paint(p, off);
	sbuf_addc(p->out, '\n');
	put_lists(p, row);
	if (strcmp(row->sample, row->region) != 0) {
		sbuf_puts(p->out, "      such as ");
		put(p, row->sample);
		sbuf_addc(p->out, '\n');
	}
	put_rules(p, row);
}

static void
put_head(struct page *p)
{
	static const char *const sign[2] = { "---", "+++" };
	for (int s = 0; s < 2; s++) {
		paint(p, bold);
		sbuf_printf(p->out, "%s ", sign[s]);
		put(p, p->d->side[s].subject->file);
		sbuf_puts(p->out, " \"");
		put(p, p->d->side[s].bound->ir->name);
		sbuf_puts(p->out, "\"");
		paint(p, off);
		sbuf_addc(p->out, '\n');
	}
}

static void
put_class(struct page *p, enum delta_class class)
{
	static const char *const title[] = {
		[DELTA_WIDER] = "wider: new allows what old did not",
		[DELTA_NARROWER] = "narrower: old allowed what new does not",
		[DELTA_CHANGED] = "changed: neither more nor less",
	};
	if (p->d->count[class] == 0)
		return;
	sbuf_addc(p->out, '\n');
	paint(p, class_colour[class]);
	sbuf_puts(p->out, title[class]);
	paint(p, off);
	sbuf_addc(p->out, '\n');
	for (size_t i = 0; i < p->d->rows.len; i++)
		if (p->d->rows.v[i].class == class)
			put_row(p, &p->d->rows.v[i]);
}

void
diff_text(const struct diff *d, bool colour, struct sbuf *out)
{
	struct page p = { d, colour, out };
	if (d->rows.len == 0) {
		sbuf_puts(out, "no difference\n");
		return;
	}
	put_head(&p);
	for (int c = DELTA_WIDER; c <= DELTA_CHANGED; c++)
		put_class(&p, (enum delta_class)c);
	sbuf_printf(out, "\n%zu difference%s:", d->rows.len, d->rows.len == 1 ? "" : "s");
	for (int c = DELTA_WIDER, n = 0; c <= DELTA_CHANGED; c++)
		if (d->count[c] > 0)
			sbuf_printf(out, "%s %zu %s", n++ > 0 ? "," : "", d->count[c],
			    delta_class_name((enum delta_class)c));
	sbuf_addc(out, '\n');
}
