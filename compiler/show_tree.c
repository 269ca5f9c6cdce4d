/* SPDX-License-Identifier: Apache-2.0 */
/* show_tree.c - cdxpc show --format=tree: for a terminal, or as plain text */
#include <config.h>

#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "ir.h"
#include "subject.h"

/* The column of access is at most here; longer paths push it to the right. */
enum { LABEL_COLUMNS = 46, ACCESS_COLUMNS = 9, RULE_COLUMNS = 30, TERM_COLUMNS = 11 };

struct printer {
	const struct show *s;
	struct show_style style;
	struct sbuf	*out;
	const char	*once;		/* protected names that are said at the end */
	size_t		 width;		/* of the column of paths */
	size_t		 rule;		/* of that of rules */
};

static const char plain[] = "", bold[] = "\033[1m", dim[] = "\033[2m", red[] = "\033[31m",
    green[] = "\033[32m", yellow[] = "\033[33m";

static const char *
access_paint(enum access access)
{
	static const char *const paint[] = {
		[ACCESS_DENY] = red, [ACCESS_READ] = green, [ACCESS_WRITE] = yellow,
	};
	return paint[access];
}

/* The text, made safe, in a colour; then spaces up to `columns'. */
static void
put(struct printer *p, const char *paint, const char *text, size_t columns)
{
	bool painted = p->style.colour && paint[0] != '\0' && text[0] != '\0';
	if (painted)
		sbuf_puts(p->out, paint);
	size_t n = show_safe(p->out, text, p->style.utf8);
	if (painted)
		sbuf_puts(p->out, "\033[0m");
	for (; n < columns; n++)
		sbuf_addc(p->out, ' ');
}

static void
newline(struct printer *p)
{
	while (p->out->len > 0 && p->out->p[p->out->len - 1] == ' ')
		p->out->len--;
	sbuf_addc(p->out, '\n');
}

/* ---- places ---- */

/* This run of children has no line of its own. */
static bool
said_once(const struct printer *p, const struct view_row *c)
{
	return p->once != NULL && show_is_name(c);
}

static size_t
columns_of(struct printer *p, const char *text)
{
	struct sbuf b = SBUF_INIT;
	size_t n = show_safe(&b, text, p->style.utf8);
	sbuf_free(&b);
	return n;
}

static void
widen(size_t *width, size_t n, size_t most)
{
	if (n > *width && n <= most)
		*width = n;
}

static void
measure(struct printer *p, const struct view_row *r, size_t depth)
{
	size_t run;
	for (size_t i = 0; i < r->nchild; i += run) {
		const struct view_row *c = r->child[i];
		run = view_run(r, i);
		if (said_once(p, c))
			continue;
		widen(&p->width, 4 * (depth + 1) + columns_of(p, show_labels(p->s, r, i, run)),
		    LABEL_COLUMNS);
		widen(&p->rule, columns_of(p, show_run_rule(p->s, c, run)), RULE_COLUMNS);
		measure(p, c, depth + 1);
	}
}

static void
print_denied(struct printer *p, const struct view_row *r)
{
	uint64_t n = show_denied(p->s, r);
	if (n > 0)
		put(p, red, arena_printf(p->s->a, "  %" PRIu64 " denied", n), 0);
}

/* Behind the path: access, rule, place. */
static void
print_access(struct printer *p, const struct view_row *r, size_t run)
{
	const char *mark = p->once != NULL && show_is_marked(r) ? " *" : "";
	if (r->kind == VIEW_WAY) {
		put(p, dim, arena_printf(p->s->a, "(%s)%s", show_access(r->access), mark), 0);
		print_denied(p, r);
		newline(p);
		return;
	}
	put(p, access_paint(r->access), arena_printf(p->s->a, "%s%s", show_access(r->access), mark),
	    ACCESS_COLUMNS);
	sbuf_puts(p->out, "  ");
	put(p, plain, show_run_rule(p->s, r, run), p->rule);
	sbuf_puts(p->out, "  ");
	put(p, dim, show_where(p->s, r->why.origin), 0);
	if (r->kind == VIEW_LIFTED)
		put(p, yellow, "  lifts a protection", 0);
	if (r->pattern != NULL && r->pattern->matches.len > 0)
		put(p, dim, arena_printf(p->s->a, "  %zu match%s now", r->pattern->matches.len,
		    r->pattern->matches.len == 1 ? "" : "es"), 0);
	print_denied(p, r);
	newline(p);
}

/* What stands before the children of the lines so far: "|   " or spaces, a level each. */
static void
print_children(struct printer *p, const struct view_row *r, struct sbuf *before)
{
	size_t last = r->nchild, len = before->len;
	for (size_t i = 0; i < r->nchild; i += view_run(r, i))
		if (!said_once(p, r->child[i]))
			last = i;
	for (size_t i = 0; i < r->nchild; ) {
		size_t run = view_run(r, i);
		const struct view_row *c = r->child[i];
		bool end = i == last;
		if (!said_once(p, c)) {
			const char *branch = p->style.utf8 ? end ? "└── " : "├── " :
			    end ? "`-- " : "|-- ";
			size_t deep = columns_of(p, sbuf_str(before)) + 4;
			put(p, dim, sbuf_str(before), 0);
			put(p, dim, branch, 0);
			put(p, c->kind == VIEW_WAY ? dim : plain, show_labels(p->s, r, i, run),
			    p->width > deep ? p->width - deep : 0);
			sbuf_puts(p->out, "  ");
			print_access(p, c, run);
			sbuf_puts(before, end ? "    " : p->style.utf8 ? "│   " : "|   ");
			print_children(p, c, before);
			before->len = len;
			before->p[len] = '\0';
		}
		i += run;
	}
}

static void
print_places(struct printer *p)
{
	const struct view *v = p->s->view;
	struct sbuf before = SBUF_INIT;
	for (size_t i = 0; i < v->ntop; i++) {
		widen(&p->width, columns_of(p, v->top[i]->label), LABEL_COLUMNS);
		widen(&p->rule, columns_of(p, show_rule(p->s, &v->top[i]->why)), RULE_COLUMNS);
		measure(p, v->top[i], 0);
	}
	sbuf_puts(&before, "");
	for (size_t i = 0; i < v->ntop; i++) {
		put(p, bold, v->top[i]->label, p->width);
		sbuf_puts(p->out, "  ");
		print_access(p, v->top[i], 1);
		print_children(p, v->top[i], &before);
	}
	sbuf_free(&before);
}

/* ---- the rest ---- */

static void
print_line(struct printer *p, const char *term, const char *paint, const char *text,
    const char *where)
{
	put(p, bold, term, TERM_COLUMNS);
	sbuf_puts(p->out, "  ");
	put(p, paint, text, where[0] != '\0' ? 48 : 0);
	if (where[0] != '\0') {
		sbuf_puts(p->out, "  ");
		put(p, dim, where, 0);
	}
	newline(p);
}

static void
print_facts(struct printer *p, const char *term, struct show_facts f)
{
	static const char *const paint[] = {
		[TONE_PLAIN] = plain, [TONE_ALLOW] = yellow, [TONE_DENY] = green,
	};
	for (size_t i = 0; i < f.len; i++)
		print_line(p, i == 0 ? term : "", paint[f.v[i].tone], f.v[i].text,
		    show_where(p->s, f.v[i].origin));
}

/* Deviations of one name and direction are one line: a plan may have thousands. */
static void
print_deviations(struct printer *p, const struct artifact *art)
{
	const struct deviation *d = art->deviations.v;
	for (size_t i = 0; i < art->deviations.len; i++) {
		size_t same = 0, before = 0;
		for (size_t k = 0; k < art->deviations.len; k++)
			if (strcmp(d[k].name, d[i].name) == 0 &&
			    d[k].direction == d[i].direction) {
				same++;
				before += k < i;
			}
		if (before > 0)
			continue;
		const char *more = same > 1 ? arena_printf(p->s->a, ", and %zu more of this name",
		    same - 1) : "";
		print_line(p, "", d[i].direction == DEVIATION_WIDER ? yellow : dim,
		    arena_printf(p->s->a, "  %s%s", show_deviation_words(p->s, &d[i]), more),
		    show_where(p->s, d[i].origin));
	}
}

static void
print_backends(struct printer *p)
{
	for (size_t i = 0; i < p->s->nbackend; i++) {
		const struct show_backend *b = &p->s->backend[i];
		print_line(p, i == 0 ? "backends" : "", b->artifact.refused ? red : plain,
		    arena_printf(p->s->a, "%s %s", b->name, show_backend_words(p->s->a, b)),
		    show_where(p->s, b->artifact.refused ? b->artifact.refusal.origin : NULL));
		print_deviations(p, &b->artifact);
	}
}

/* Each denial, as far as somebody would read on. */
static void
print_denials(struct printer *p)
{
	enum { SHOWN = 20 };
	struct show_denied_lines d = show_denied_lines(p->s);
	if (p->s->denials != NULL && d.len == 0)
		print_line(p, "denied", plain, "nothing", "");
	for (size_t i = 0; i < d.len && i < SHOWN; i++)
		print_line(p, i == 0 ? "denied" : "", red, d.v[i].what, d.v[i].rule);
	if (d.len > SHOWN)
		print_line(p, "", dim, arena_printf(p->s->a, "and %zu more", d.len - SHOWN), "");
}

static void
print_head(struct printer *p)
{
	const struct ir_policy *ir = p->s->bound->ir;
	put(p, bold, ir->name, 0);
	if (ir->description != NULL) {
		sbuf_puts(p->out, ": ");
		put(p, plain, ir->description, 0);
	}
	newline(p);
	put(p, dim, arena_printf(p->s->a, "%s, %s", p->s->subject->source_name,
	    show_binding(p->s)), 0);
	newline(p);
	if (ir->unsandboxed) {
		put(p, red, "no sandbox: commands run under this profile without any restriction", 0);
		newline(p);
	}
	newline(p);
}

void
show_tree(const struct show *s, struct show_style style, struct sbuf *out)
{
	struct printer p = { .s = s, .style = style, .out = out, .once = show_protected_once(s) };
	const struct view *v = s->view;

	print_head(&p);
	print_places(&p);
	newline(&p);
	if (p.once != NULL)
		print_line(&p, "* protected", green, arena_printf(s->a,
		    "%s in such a place can be read, not changed", p.once), "");
	if (show_roots(s) != NULL)
		print_line(&p, "roots", plain, show_roots(s), "");
	for (size_t i = 0; i < v->nidle; i++)
		print_line(&p, i == 0 ? "idle" : "", dim, show_idle(s, &v->idle[i]),
		    show_where(s, v->idle[i].origin));
	print_facts(&p, "network", show_network(s));
	print_facts(&p, "sockets", show_sockets(s));
	print_facts(&p, "environment", show_environment(s));
	print_backends(&p);
	print_denials(&p);
}
