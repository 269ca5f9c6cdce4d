/* SPDX-License-Identifier: Apache-2.0 */
/* check_print.c - what check found out, as text, Markdown and JSON */
#include <config.h>

#include "check.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "show_view.h"
#include "why_json.h"

/* The deviation that is the status, which is not named again. */
static bool
is_status(const struct rule_cell *cell, const struct deviation *d)
{
	return (cell->status == RULE_SNAPSHOT && strcmp(d->name, "snapshot") == 0) ||
	    (cell->status == RULE_WATCHED && strcmp(d->name, "mask-gap") == 0);
}

/* What one cell of the table says: "snapshot", "mask-stat (narrower)". */
static const char *
cell_text(struct arena *a, const struct rule_cell *cell)
{
	struct sbuf s = SBUF_INIT;
	if (cell->status != RULE_DEVIATION)
		sbuf_puts(&s, rule_status_name(cell->status));
	for (size_t i = 0; i < cell->ndeviations; i++) {
		const struct deviation *d = cell->deviations[i];
		if (is_status(cell, d))
			continue;
		sbuf_printf(&s, "%s%s (%s)", s.len > 0 ? ", " : "", d->name,
		    d->direction == DEVIATION_WIDER ? "wider" : "narrower");
	}
	const char *text = arena_strdup(a, sbuf_str(&s));
	sbuf_free(&s);
	return text;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Nothing of a profile's text gets to command a terminal. */
static const char *
shown(struct arena *a, const char *text)
{
	char *s = arena_strdup(a, text);
	for (char *p = s; *p != '\0'; p++)
		if (is_control(*p))
			*p = '?';
	return s;
}

/* Columns on a terminal, as long as nobody uses wide characters. */
static size_t
width(const char *s)
{
	size_t n = 0;
	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void
pad(struct sbuf *out, const char *text, size_t to)
{
	sbuf_puts(out, text);
	for (size_t n = width(text); n < to; n++)
		sbuf_addc(out, ' ');
}

/* ---- text ---- */

struct printer {
	struct sbuf	*out;
	struct arena	*a;
	const struct check *c;
	bool		 colour;
};

#define BOLD	"\033[1m"
#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define RED	"\033[31m"
#define PLAIN	"\033[0m"

static void
coloured(struct printer *p, const char *colour, const char *text)
{
	sbuf_printf(p->out, "%s%s%s", p->colour ? colour : "", text, p->colour ? PLAIN : "");
}

static bool
is_wider(const struct artifact *art)
{
	for (size_t i = 0; i < art->deviations.len; i++)
		if (art->deviations.v[i].direction == DEVIATION_WIDER)
			return true;
	return false;
}

static const char *
systems_text(struct arena *a, const struct check_backend *b)
{
	return b->artifact.refused || b->backend->systems == NULL ? "" :
	    arena_printf(a, "; for %s", b->backend->systems);
}

static void
print_summary(struct printer *p)
{
	const struct check *c = p->c;
	size_t w = strlen("legacy");
	for (size_t i = 0; i < c->nbackends; i++)
		if (strlen(c->backend[i].backend->name) > w)
			w = strlen(c->backend[i].backend->name);
	sbuf_puts(p->out, "  ");
	pad(p->out, "legacy", w + 2);
	for (const char *q = legacy_verdict_text(p->a, &c->legacy); *q != '\0'; q++) {
		sbuf_addc(p->out, *q != '\n' && is_control(*q) ? '?' : *q);
		if (*q == '\n')
			pad(p->out, "", w + 2);
	}
	sbuf_addc(p->out, '\n');
	for (size_t i = 0; i < c->nbackends; i++) {
		const struct artifact *art = &c->backend[i].artifact;
		sbuf_puts(p->out, "  ");
		pad(p->out, c->backend[i].backend->name, w + 2);
		coloured(p, art->refused ? RED : is_wider(art) ? YELLOW : GREEN,
		    shown(p->a, check_summary(p->a, c, i)));
		sbuf_printf(p->out, "%s\n", systems_text(p->a, &c->backend[i]));
	}
}

static const char *
status_colour(const struct rule_cell *cell)
{
	bool wider = false;
	for (size_t i = 0; i < cell->ndeviations; i++)
		wider |= cell->deviations[i]->direction == DEVIATION_WIDER;
	return cell->status == RULE_REFUSED ? RED : wider ? YELLOW : GREEN;
}

/* Rule, what it says, where, and a column for each backend; the last is not padded. */
static void
print_table(struct printer *p)
{
	const struct check *c = p->c;
	size_t w[3] = { strlen("RULE"), strlen("SAYS"), strlen("AT") };
	size_t *wb = arena_array(p->a, c->nbackends + 1, sizeof(*wb));
	for (size_t i = 0; i < c->rules.len; i++) {
		const struct check_rule *r = &c->rules.v[i];
		const char *v[3] = { r->text, r->says, check_place(p->a, c, r->origin) };
		for (size_t k = 0; k < NELEMS(v); k++)
			w[k] = width(v[k]) > w[k] ? width(v[k]) : w[k];
		for (size_t k = 0; k < c->nbackends; k++) {
			size_t n = width(cell_text(p->a, &r->cell[k]));
			wb[k] = n > wb[k] ? n : wb[k];
		}
	}
	struct sbuf head = SBUF_INIT;
	pad(&head, "  RULE", w[0] + 4);
	pad(&head, "SAYS", w[1] + 2);
	pad(&head, "AT", w[2] + 2);
	for (size_t k = 0; k < c->nbackends; k++) {
		size_t n = strlen(c->backend[k].backend->name);
		wb[k] = n > wb[k] ? n : wb[k];
		pad(&head, c->backend[k].backend->name, k + 1 < c->nbackends ? wb[k] + 2 : 0);
	}
	coloured(p, BOLD, sbuf_str(&head));
	sbuf_addc(p->out, '\n');
	sbuf_free(&head);
	for (size_t i = 0; i < c->rules.len; i++) {
		const struct check_rule *r = &c->rules.v[i];
		sbuf_puts(p->out, "  ");
		pad(p->out, shown(p->a, r->text), w[0] + 2);
		pad(p->out, r->says, w[1] + 2);
		pad(p->out, shown(p->a, check_place(p->a, c, r->origin)), w[2] + 2);
		for (size_t k = 0; k < c->nbackends; k++) {
			const char *cell = cell_text(p->a, &r->cell[k]);
			coloured(p, status_colour(&r->cell[k]), cell);
			pad(p->out, "", k + 1 < c->nbackends ? wb[k] + 2 - width(cell) : 0);
		}
		sbuf_addc(p->out, '\n');
	}
}

static const char *
deviation_line(struct arena *a, const struct check *c, const struct deviation *d)
{
	const char *at = check_place(a, c, d->origin);
	return arena_printf(a, "%s (%s): %s%s%s%s%s%s", d->name,
	    d->direction == DEVIATION_WIDER ? "wider" : "narrower",
	    d->detail != NULL ? d->detail : "", d->path != NULL ? "; " : "",
	    d->path == NULL ? "" : c->bound != NULL ? view_path(a, c->bound, d->path) : d->path,
	    at[0] != '\0' ? " (" : "", at, at[0] != '\0' ? ")" : "");
}

void
check_print_text(struct sbuf *out, struct arena *a, const struct check *c, bool colour)
{
	struct printer p = { out, a, c, colour };
	coloured(&p, BOLD, arena_printf(a, "%s: profile \"%s\"%s", shown(a, c->subject->file),
	    shown(a, c->subject->ir->name), c->generic ? "" : ", on this host"));
	sbuf_addc(out, '\n');
	print_summary(&p);
	sbuf_addc(out, '\n');
	print_table(&p);
	for (size_t i = 0; i < c->nbackends; i++) {
		const struct artifact *art = &c->backend[i].artifact;
		if (art->refused || art->deviations.len == 0)
			continue;
		sbuf_printf(out, "\n  How %s differs:\n", c->backend[i].backend->name);
		for (size_t k = 0; k < art->deviations.len; k++)
			sbuf_printf(out, "    %s\n",
			    shown(a, deviation_line(a, c, &art->deviations.v[k])));
	}
}

/* ---- Markdown ---- */

/* A cell or a line of plain text: what Markdown or HTML would take for its own is escaped. */
static const char *
escaped(struct arena *a, const char *text)
{
	struct sbuf s = SBUF_INIT;
	for (const char *p = shown(a, text); *p != '\0'; p++) {
		if (strchr("\\`*_{}[]<>#|~&!", *p) != NULL)
			sbuf_addc(&s, '\\');
		sbuf_addc(&s, *p);
	}
	const char *copy = arena_strdup(a, sbuf_str(&s));
	sbuf_free(&s);
	return copy;
}

/* Lines and what they are indented by, joined by semicolons. */
static const char *
one_line(struct arena *a, const char *text)
{
	struct sbuf s = SBUF_INIT;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '\n') {
			sbuf_addc(&s, *p);
			continue;
		}
		sbuf_puts(&s, "; ");
		p += strspn(p + 1, " ");
	}
	const char *copy = arena_strdup(a, sbuf_str(&s));
	sbuf_free(&s);
	return copy;
}

void
check_print_markdown(struct sbuf *out, struct arena *a, const struct check *c,
    const struct diags *d)
{
	sbuf_printf(out, "### Profile %s of %s\n\n", escaped(a, c->subject->ir->name),
	    escaped(a, c->subject->file));
	sbuf_printf(out, "- legacy: %s\n",
	    escaped(a, one_line(a, legacy_verdict_text(a, &c->legacy))));
	for (size_t i = 0; i < c->nbackends; i++)
		sbuf_printf(out, "- %s: %s%s%s%s\n", c->backend[i].backend->name,
		    c->backend[i].artifact.refused ? "**" : "",
		    escaped(a, check_summary(a, c, i)), c->backend[i].artifact.refused ? "**" : "",
		    systems_text(a, &c->backend[i]));
	sbuf_puts(out, "\n| Rule | Says | At |");
	for (size_t i = 0; i < c->nbackends; i++)
		sbuf_printf(out, " %s |", c->backend[i].backend->name);
	sbuf_puts(out, "\n| --- | --- | --- |");
	for (size_t i = 0; i < c->nbackends; i++)
		sbuf_puts(out, " --- |");
	sbuf_addc(out, '\n');
	for (size_t i = 0; i < c->rules.len; i++) {
		const struct check_rule *r = &c->rules.v[i];
		sbuf_printf(out, "| %s | %s | %s |", escaped(a, r->text), r->says,
		    escaped(a, check_place(a, c, r->origin)));
		for (size_t k = 0; k < c->nbackends; k++)
			sbuf_printf(out, " %s |", escaped(a, cell_text(a, &r->cell[k])));
		sbuf_addc(out, '\n');
	}
	for (size_t i = 0; i < c->nbackends; i++) {
		const struct artifact *art = &c->backend[i].artifact;
		if (art->refused || art->deviations.len == 0)
			continue;
		sbuf_printf(out, "\nHow %s differs:\n\n", c->backend[i].backend->name);
		for (size_t k = 0; k < art->deviations.len; k++)
			sbuf_printf(out, "- %s\n",
			    escaped(a, deviation_line(a, c, &art->deviations.v[k])));
	}
	if (c->first_diag < c->end_diag)
		sbuf_puts(out, "\nWarnings:\n\n");
	for (size_t i = c->first_diag; i < c->end_diag; i++) {
		const struct diag *w = diags_at(d, i);
		sbuf_printf(out, "- %s (%s)\n", escaped(a, w->text), diag_id(w->code));
	}
}

/* ---- JSON ---- */

static cJSON *
deviation_json(const struct ir_policy *ir, const struct deviation *d)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "name", d->name);
	json_put_text(o, "direction", d->direction == DEVIATION_WIDER ? "wider" : "narrower");
	json_put_text(o, "path", d->path);
	json_put_text(o, "detail", d->detail);
	json_put(o, "at", origin_json(ir, d->origin));
	return o;
}

static cJSON *
backend_json(const struct ir_policy *ir, const struct check_backend *b)
{
	const struct artifact *art = &b->artifact;
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "name", b->backend->name);
	json_put_text(o, "systems", b->backend->systems);
	json_put_text(o, "status", art->refused ? "refused" : "exact");
	if (art->refused) {
		json_put_text(o, "reason", art->refusal.reason);
		json_put_text(o, "witness", art->refusal.witness);
		json_put(o, "at", origin_json(ir, art->refusal.origin));
		return o;
	}
	cJSON *v = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < art->deviations.len; i++)
		json_append(v, deviation_json(ir, &art->deviations.v[i]));
	json_put(o, "deviations", v);
	return o;
}

static cJSON *
rule_json(const struct check *c, const struct check_rule *r)
{
	cJSON *o = json_must(cJSON_CreateObject()), *cells = json_must(cJSON_CreateObject());
	json_put_text(o, "kind", r->kind);
	json_put_text(o, "rule", r->text);
	json_put_text(o, "says", r->says);
	json_put(o, "at", origin_json(c->subject->ir, r->origin));
	for (size_t k = 0; k < c->nbackends; k++) {
		const struct rule_cell *cell = &r->cell[k];
		cJSON *x = json_must(cJSON_CreateObject()), *names = json_must(cJSON_CreateArray());
		json_put_text(x, "status", cell->status == RULE_UNENFORCED ? "unenforced" :
		    rule_status_name(cell->status));
		for (size_t i = 0; i < cell->ndeviations; i++)
			json_append(names,
			    json_must(cJSON_CreateString(cell->deviations[i]->name)));
		json_put(x, "deviations", names);
		json_put(cells, c->backend[k].backend->name, x);
	}
	json_put(o, "backends", cells);
	return o;
}

static cJSON *
warning_json(const struct diag *w)
{
	cJSON *o = json_must(cJSON_CreateObject()), *notes = json_must(cJSON_CreateArray());
	json_put_text(o, "id", diag_id(w->code));
	json_put_text(o, "severity", w->severity == DIAG_ERROR ? "error" : "warning");
	json_put_text(o, "message", w->text);
	json_put_text(o, "hint", w->hint);
	for (size_t i = 0; i < w->notes.len; i++)
		json_append(notes, json_bytes(w->notes.v[i].text, strlen(w->notes.v[i].text)));
	json_put(o, "notes", notes);
	return o;
}

cJSON *
check_json(struct arena *a, const struct check *c, const struct diags *d)
{
	cJSON *o = json_must(cJSON_CreateObject());
	cJSON *backends = json_must(cJSON_CreateArray());
	cJSON *rules = json_must(cJSON_CreateArray());
	cJSON *warnings = json_must(cJSON_CreateArray());
	json_put_text(o, "name", c->subject->ir->name);
	json_put(o, "legacy", legacy_verdict_json(a, &c->legacy));
	for (size_t i = 0; i < c->nbackends; i++)
		json_append(backends, backend_json(c->subject->ir, &c->backend[i]));
	for (size_t i = 0; i < c->rules.len; i++)
		json_append(rules, rule_json(c, &c->rules.v[i]));
	for (size_t i = c->first_diag; i < c->end_diag; i++)
		json_append(warnings, warning_json(diags_at(d, i)));
	json_put(o, "backends", backends);
	json_put(o, "rules", rules);
	json_put(o, "warnings", warnings);
	return o;
}
