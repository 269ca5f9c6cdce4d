/* SPDX-License-Identifier: Apache-2.0 */
/* answer_text.c - an answer for people */
#include <config.h>

#include "answer.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "native_path.h"
#include "sbuf.h"
#include "source.h"

enum { LABEL = 10 };

struct writer {
	const struct explainer *x;
	struct arena	*a;
	const struct bound_policy *b;
	struct sbuf	*out;
	bool		 colour;
};

static const char plain[] = "\033[m", bold[] = "\033[1m", dim[] = "\033[2m",
    red[] = "\033[1;31m", yellow[] = "\033[1;33m", green[] = "\033[1;32m";

static void
paint(const struct writer *w, const char *sequence)
{
	if (w->colour)
		sbuf_puts(w->out, sequence);
}

/* "  label   text", or without a label a line that goes on. */
static void
line(const struct writer *w, const char *label, const char *text)
{
	paint(w, dim);
	sbuf_printf(w->out, "  %-*s", LABEL, label);
	/* A long one has a line of its own. */
	if (strlen(label) >= LABEL)
		sbuf_printf(w->out, "\n  %-*s", LABEL, "");
	paint(w, plain);
	diag_show(w->out, text);
	sbuf_addc(w->out, '\n');
}

/* ---- rules ---- */

/* "file:line:column", "-c#1", ":workspace", or "" where nobody wrote it. */
static const char *
place_of(const struct writer *w, const struct ir_origin *o)
{
	const struct ir_policy *ir = w->b->ir;
	if (o == NULL || o->span.source >= ir->sources.len)
		return "";
	const char *name = ir->sources.v[o->span.source].name;
	if (o->span.line == 0)
		return strcmp(name, ":protected") == 0 ? "" : name;
	/* Options have no lines to count. */
	if (name[0] == '-')
		return name;
	return arena_printf(w->a, "%s:%u:%u", name, (unsigned)o->span.line,
	    (unsigned)o->span.column);
}

/* `entry "src" = "write"', `".git" is protected below "src"', ... */
static const char *
rule_text(const struct writer *w, const struct explained_rule *r)
{
	const char *text = why_text(w->a, w->b, &r->why);
	if (r->why.kind == WHY_ENTRY || r->why.kind == WHY_PLATFORM)
		return arena_printf(w->a, "%s = \"%s\"", text, access_name(r->access));
	return text;
}

static void
quote(const struct writer *w, const struct ir_origin *o)
{
	const struct ir_policy *ir = w->b->ir;
	if (o == NULL || o->span.line == 0 || w->x->sources == NULL)
		return;
	const struct ir_span *s = &o->span;
	struct span span = source_span(w->x->sources, ir->sources.v[s->source].name, s->line,
	    s->column, s->length);
	struct place_in_source at = source_locate(w->x->sources, span);
	if (at.source != NULL)
		diag_quote(w->out, &at, DIAG_NOTE, w->colour);
}

/* The rule's place and words, and the line that it was written on. */
static void
decided(const struct writer *w, const char *text, const struct ir_origin *o)
{
	const char *place = place_of(w, o);
	line(w, "decided", place[0] == '\0' ? text : arena_printf(w->a, "%s: %s", place, text));
	quote(w, o);
}

/* By which way a rule of another profile came to hold here. */
static void
chain(const struct writer *w, const struct ir_origin *o)
{
	const struct ir_policy *ir = w->b->ir;
	if (o == NULL || o->profile == NULL)
		return;
	size_t n = answer_chain(ir, o->profile);
	for (size_t i = 0; i < n; i++) {
		const struct ir_parent *p = &ir->parents.v[i];
		line(w, i == 0 ? "inherited" : "", arena_printf(w->a, "\"%s\" extends \"%s\" (%s)",
		    p->profile, p->parent, place_of(w, &p->origin)));
	}
}

static void
lost(const struct writer *w, const struct explained_rules *rules, bool domains)
{
	for (size_t i = 0; i < rules->len; i++) {
		const struct explained_rule *r = &rules->v[i];
		const char *place = place_of(w, r->why.origin);
		const char *text = !domains ? rule_text(w, r) : arena_printf(w->a,
		    "rule \"%s\" = \"%s\"", r->why.origin->text,
		    r->access == ACCESS_DENY ? "deny" : "allow");
		line(w, i == 0 ? "overruled" : "", arena_printf(w->a, "%s%s%s: %s", place,
		    place[0] != '\0' ? ": " : "", text, loss_text(w->a, w->b, r)));
	}
}

/* ---- parts of answers ---- */

static const char *
direction_name(enum deviation_direction d)
{
	return d == DEVIATION_WIDER ? "wider" : "narrower";
}

static void
backends(const struct writer *w, const struct answer *q)
{
	for (size_t i = 0; i < q->nbackends; i++) {
		const struct answer_backend *b = &q->backend[i];
		const char *name = b->backend->name;
		/* Said once, for all answers. */
		if (b->artifact->refused)
			continue;
		if (b->emitted.text != NULL)
			line(w, name, b->emitted.text);
		line(w, b->emitted.text != NULL ? "" : name, b->emitted.means);
		if (!b->differs)
			continue;
		const struct deviation *d = b->deviation;
		line(w, "", d == NULL ? arena_printf(w->a, "so what a command can do there is: %s",
		    access_name(b->emitted.access)) : arena_printf(w->a,
		    "which is %s than the policy: %s, %s", direction_name(d->direction), d->name,
		    d->detail));
	}
}

/* As its system spells it. */
static const char *
native(const struct writer *w, const char *path)
{
	const char *text = w->x->bound->target == TARGET_WINDOWS ? native_path_plain(w->a, path) : NULL;
	return text != NULL ? text : path;
}

static void
way(const struct writer *w, const struct answer *q)
{
	const struct question *ask = &q->q;
	for (size_t i = 0; i < ask->nlinks; i++)
		line(w, i == 0 ? "link" : "", arena_printf(w->a, "%s -> %s", native(w, ask->link[i]->path),
		    ask->link[i]->target));
	if (ask->nlinks > 0)
		line(w, "", arena_printf(w->a, "so the question is about %s",
		    native(w, ask->path)));
	if (ask->itself != NULL)
		line(w, "", arena_printf(w->a, "the link itself, %s, %s be renamed or removed",
		    native(w, ask->itself), q->itself.writable && !q->itself.pinned ? "can" : "cannot"));
	if (ask->missing)
		line(w, "missing", "nothing is there now");
}

static void
path_answer(const struct writer *w, const struct answer *q)
{
	const struct path_explanation *p = &q->path;
	way(w, q);
	decided(w, rule_text(w, &p->decided), p->decided.why.origin);
	chain(w, p->decided.why.origin);
	lost(w, &p->lost, false);
	for (size_t i = 0; i < p->pins.len; i++)
		line(w, i == 0 ? "pinned" : "", pin_text(w->a, w->b, &p->pins.v[i]));
	backends(w, q);
}

static const char *
mode_text(const struct writer *w)
{
	const struct ir_network *n = &w->b->ir->network;
	if (n->mode == NET_OFF)
		return "off: nothing leaves the sandbox; its own loopback is free";
	if (n->mode == NET_OPEN)
		return "open: everything can be reached";
	return arena_printf(w->a, "proxied: TCP through the proxy at %s alone%s; DNS and UDP go "
	    "nowhere else", n->proxy_url, n->limited ?
	    ", and only GET, HEAD and OPTIONS (mode = \"limited\")" : "");
}

static void
net_answer(const struct writer *w, const struct answer *q)
{
	const struct net_explanation *n = &q->net;
	const struct ir_network *ir = &w->b->ir->network;
	const struct ir_origin *o = n->decision.origin;
	way(w, q);
	decided(w, net_reason_text(w->a, ir, &n->decision), o);
	chain(w, o);
	if (n->decision.reason == NET_BY_SWITCH && n->decided != NULL)
		line(w, "with", arena_printf(w->a, "%s: rule \"%s\" = \"allow\"",
		    place_of(w, n->decided->why.origin), n->decided->why.origin->text));
	if (n->decision.pending)
		line(w, "provided", ir->allow_local_binding ?
		    "that no rule denies the address that the name resolves to" :
		    "that the name resolves to a public address, which no rule denies");
	if (n->other_ports > 0)
		line(w, "note", arena_printf(w->a, "%zu rule%s for this host hold%s for particular "
		    "ports: ask about HOST:PORT", n->other_ports, n->other_ports == 1 ? "" : "s",
		    n->other_ports == 1 ? "s" : ""));
	lost(w, &n->lost, true);
	line(w, "network", mode_text(w));
	backends(w, q);
}

static void
env_answer(const struct writer *w, const struct answer *q)
{
	const struct env_decision *e = &q->env;
	const struct env_decision *i = &q->inherited;
	decided(w, decide_env_text(w->a, e), e->origin);
	bool set = q->setting != NULL && e->reason != ENV_BY_SET;
	if (set)
		line(w, "overruled", arena_printf(w->a, "%s: set = \"%s\": %s",
		    place_of(w, &q->setting->origin), q->setting->value,
		    e->reason == ENV_BY_RUNTIME ? "the runtime comes after it" :
		    "include_only comes after it"));
	if (e->reason != ENV_BY_SET && e->reason != ENV_BY_RUNTIME && e->reason != ENV_BY_PROXY)
		return;
	const char *place = place_of(w, i->origin);
	line(w, set ? "" : "overruled", arena_printf(w->a, "%s%sthe caller's would be %s: %s", place,
	    place[0] != '\0' ? ": " : "", i->result == ENV_KEPT ? "kept" : "dropped",
	    decide_env_text(w->a, i)));
}

/* ---- the headline ---- */

static const char *
path_verdict(struct arena *a, const struct explainer *x, const struct fs_verdict *v)
{
	if (x->bound->ir->unsandboxed)
		return "everything: this profile asks for no sandbox";
	if (v->writable)
		return v->pinned ? "read, write; not rename or remove" :
		    "read, write, rename, remove";
	if (v->readable)
		return "read only";
	return arena_printf(a, "no access%s", v->traversable ?
	    ", but to pass through to what is allowed below" : "");
}

const char *
answer_verdict(struct arena *a, const struct explainer *x, const struct answer *q)
{
	const struct net_decision *n = &q->net.decision;
	switch (q->q.kind) {
	case ASK_PATH:
		return path_verdict(a, x, &q->path.verdict);
	case ASK_HOST:
	case ASK_SOCKET:
		return n->allow ? n->pending ? "allowed by its name" : "allowed" : "refused";
	case ASK_ENV:
		break;
	}
	if (q->env.result == ENV_DROPPED)
		return "not passed on";
	if (q->env.result == ENV_KEPT)
		return "passed on, where the caller has it";
	if (q->env.reason == ENV_BY_PROXY)
		return "set for the managed proxy";
	if (q->env.value != NULL)
		return arena_printf(a, "set to \"%s\"", q->env.value);
	return strcmp(q->q.name, "PWD") == 0 ? "set to the working directory" : "set to the backend's name";
}

static const char *
verdict_colour(const struct answer *q)
{
	switch (q->q.kind) {
	case ASK_PATH:
		return q->path.verdict.writable ? green : q->path.verdict.readable ? yellow : red;
	case ASK_HOST:
	case ASK_SOCKET:
		return q->net.decision.allow ? green : red;
	case ASK_ENV:
		break;
	}
	return q->env.result == ENV_DROPPED ? red : green;
}

static const char *
subject_of(const struct writer *w, const struct question *q)
{
	switch (q->kind) {
	case ASK_PATH:
		return native(w, explain_spell(w->a, w->b, q->spelt));
	case ASK_SOCKET:
		return arena_printf(w->a, "unix:%s", explain_spell(w->a, w->b, q->spelt));
	case ASK_ENV:
		return arena_printf(w->a, "env:%s", q->name);
	case ASK_HOST:
		break;
	}
	bool v6 = q->dest.kind == DOMAIN_ADDRESS && q->dest.address.v6;
	const char *host = !v6 || q->dest.port == 0 ? q->dest.pattern :
	    arena_printf(w->a, "[%s]", q->dest.pattern);
	return q->dest.port == 0 ? host :
	    arena_printf(w->a, "%s:%u", host, (unsigned)q->dest.port);
}

void
answer_text(const struct explainer *x, const struct answer *q, bool colour, struct sbuf *out)
{
	const struct writer w = { x, x->a, x->bound, out, colour };

	paint(&w, bold);
	diag_show(out, subject_of(&w, &q->q));
	paint(&w, plain);
	sbuf_puts(out, ": ");
	paint(&w, verdict_colour(q));
	diag_show(out, answer_verdict(x->a, x, q));
	paint(&w, plain);
	sbuf_addc(out, '\n');
	if (q->q.hint != NULL)
		line(&w, "note", q->q.hint);
	switch (q->q.kind) {
	case ASK_PATH:
		path_answer(&w, q);
		break;
	case ASK_HOST:
	case ASK_SOCKET:
		net_answer(&w, q);
		break;
	case ASK_ENV:
		env_answer(&w, q);
		break;
	}
}
