/* SPDX-License-Identifier: Apache-2.0 */
/* show_dot.c - cdxpc show --format=dot: the rows as a graph for Graphviz */
#include <config.h>

#include "show.h"

#include <inttypes.h>
#include <string.h>

#include "arena.h"
#include "ir.h"
#include "subject.h"

struct printer {
	const struct show *s;
	struct sbuf	*out;
	const char	*once;
	size_t		 nodes;		/* so far, which is the next one's number */
};

/* Light enough for black text; the words say the same, for who cannot tell them apart. */
static const char *const fill[] = {
	[ACCESS_DENY] = "#f4c7c3", [ACCESS_READ] = "#cfe3f7", [ACCESS_WRITE] = "#ffe2a8",
};

/* The inside of a quoted string.  Nothing in it is taken for an escape of Graphviz. */
static void
put_text(struct sbuf *out, const char *text)
{
	struct sbuf safe = SBUF_INIT;
	show_safe(&safe, text, true);
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.p[i] == '"' || safe.p[i] == '\\')
			sbuf_addc(out, '\\');
		sbuf_addc(out, safe.p[i]);
	}
	sbuf_free(&safe);
}

static void
put_rule(struct printer *p, const struct why *w)
{
	const char *where = show_where(p->s, w->origin);
	put_text(p->out, show_rule(p->s, w));
	if (where[0] != '\0')
		sbuf_puts(p->out, "\\n");
	put_text(p->out, where);
}

static void
put_denied(struct printer *p, const struct view_row *r)
{
	if (show_denied(p->s, r) > 0)
		sbuf_printf(p->out, "\\n%" PRIu64 " denied", show_denied(p->s, r));
}

/* The labels of a run joined by lines.  Returns the node's number. */
static size_t
node(struct printer *p, const struct view_row *r, const char *label)
{
	struct sbuf *out = p->out;
	size_t n = p->nodes++;
	const char *mark = p->once != NULL && show_is_marked(r) ? " *" : "";
	sbuf_printf(out, "\tn%zu [label=\"", n);
	put_text(out, label);
	if (r->kind == VIEW_WAY) {
		sbuf_puts(out, mark);
		put_denied(p, r);
		sbuf_puts(out, "\", style=\"rounded,dashed\", fontcolor=\"#555555\"];\n");
		return n;
	}
	sbuf_puts(out, "\\n");
	put_text(out, show_access(r->access));
	sbuf_puts(out, mark);
	if (r->kind == VIEW_LIFTED)
		sbuf_puts(out, ", lifts a protection");
	put_denied(p, r);
	sbuf_printf(out, "\", fillcolor=\"%s\"", fill[r->access]);
	if (r->kind == VIEW_PATTERN)
		sbuf_puts(out, ", shape=note, style=\"filled,dashed\"");
	sbuf_puts(out, ", tooltip=\"");
	put_rule(p, &r->why);
	sbuf_puts(out, "\"];\n");
	return n;
}

static void
children(struct printer *p, const struct view_row *r, size_t from)
{
	for (size_t i = 0; i < r->nchild; ) {
		size_t run = view_run(r, i);
		const struct view_row *c = r->child[i];
		if (p->once == NULL || !show_is_name(c)) {
			size_t to = node(p, c, show_labels(p->s, r, i, run));
			sbuf_printf(p->out, "\tn%zu -> n%zu;\n", from, to);
			children(p, c, to);
		}
		i += run;
	}
}

/* Lines of the graph's own label, flush left. */
static void
facts(struct sbuf *out, const char *head, struct show_facts f)
{
	for (size_t i = 0; i < f.len; i++) {
		sbuf_puts(out, i == 0 ? head : "    ");
		put_text(out, f.v[i].text);
		sbuf_puts(out, "\\l");
	}
}

static void
denied(struct printer *p)
{
	enum { SHOWN = 10 };
	struct show_denied_lines d = show_denied_lines(p->s);

	if (p->s->denials != NULL && d.len == 0)
		sbuf_puts(p->out, "denied: nothing\\l");
	for (size_t i = 0; i < d.len && i < SHOWN; i++) {
		sbuf_puts(p->out, i == 0 ? "denied: " : "    ");
		put_text(p->out, d.v[i].what);
		sbuf_puts(p->out, ", ");
		put_text(p->out, d.v[i].rule);
		sbuf_puts(p->out, "\\l");
	}
	if (d.len > SHOWN)
		sbuf_printf(p->out, "    and %zu more\\l", d.len - SHOWN);
}

static void
title(struct printer *p)
{
	const struct show *s = p->s;
	sbuf_puts(p->out, "\tlabel=\"");
	put_text(p->out, s->subject->source_name);
	sbuf_puts(p->out, ", ");
	put_text(p->out, show_binding(s));
	sbuf_puts(p->out, "\\l");
	if (s->bound->ir->unsandboxed)
		sbuf_puts(p->out, "no sandbox: no restriction at all\\l");
	if (p->once != NULL) {
		put_text(p->out, p->once);
		sbuf_puts(p->out, " in a place with * can be read, not changed\\l");
	}
	facts(p->out, "network: ", show_network(s));
	facts(p->out, "Unix sockets: ", show_sockets(s));
	facts(p->out, "environment: ", show_environment(s));
	denied(p);
	sbuf_puts(p->out, "\";\n");
}

void
show_dot(const struct show *s, struct sbuf *out)
{
	struct printer p = { .s = s, .out = out, .once = show_protected_once(s) };
	const struct ir_policy *ir = s->bound->ir;

	sbuf_puts(out, "digraph policy {\n\trankdir=LR;\n\tordering=out;\n\tlabelloc=t;\n"
	    "\tlabeljust=l;\n\tfontname=\"sans-serif\";\n");
	title(&p);
	sbuf_puts(out, "\tnode [shape=box, style=\"rounded,filled\", fillcolor=white, "
	    "fontname=\"sans-serif\"];\n\tedge [arrowhead=none, color=\"#888888\"];\n"
	    "\tprofile [shape=plaintext, style=\"\", tooltip=\"");
	put_text(out, ir->description != NULL ? ir->description : ir->name);
	sbuf_puts(out, "\", label=\"");
	put_text(out, ir->name);
	sbuf_puts(out, "\"];\n");
	for (size_t i = 0; i < s->view->ntop; i++) {
		size_t top = node(&p, s->view->top[i], s->view->top[i]->label);
		sbuf_printf(out, "\tprofile -> n%zu;\n", top);
		children(&p, s->view->top[i], top);
	}
	sbuf_puts(out, "}\n");
}
