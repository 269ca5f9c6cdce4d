/* SPDX-License-Identifier: Apache-2.0 */
/* denial_print.c - denials as lines, as JSON, and as a table */
#include <config.h>

#include "denial_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bound.h"
#include "json.h"
#include "why_json.h"

/* A name may hold what drives a terminal. */
static void
put_text(struct sbuf *out, const char *text)
{
	for (; *text != '\0'; text++)
		sbuf_addc(out, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

/* ---- lines ---- */

static const char *
verb(const struct kept_denial *k)
{
	const char *name = denial_action_name(k->d.action);

	return *name != '\0' ? name : k->d.operation;
}

static void
put_what(struct sbuf *out, const struct kept_denial *k)
{
	put_text(out, k->d.process);
	sbuf_puts(out, ": ");
	put_text(out, verb(k));
	if (k->d.target[0] != '\0') {
		sbuf_addc(out, ' ');
		put_text(out, k->d.target);
	}
}

static void
put_rule(const struct denial_report *r, struct sbuf *out, const struct kept_denial *k)
{
	const struct ir_policy *ir = r->bound->ir;
	const struct ir_origin *o = k->origin;

	if (o != NULL && o->span.line != 0 && o->span.source < ir->sources.len) {
		put_text(out, ir->sources.v[o->span.source].name);
		sbuf_printf(out, ":%" PRIu32 " ", o->span.line);
	}
	put_text(out, k->rule);
}

static void
put_lost(const struct denial_report *r, struct sbuf *out)
{
	if (r->lost > 0)
		sbuf_printf(out, "and %" PRIu64 " more, which were too many to keep\n", r->lost);
}

static void
put_lines(const struct denial_report *r, struct sbuf *out)
{
	for (size_t i = 0; i < r->list.len; i++) {
		put_what(out, &r->list.v[i]);
		sbuf_puts(out, "  ");
		put_rule(r, out, &r->list.v[i]);
		sbuf_addc(out, '\n');
	}
}

/* ---- JSON ---- */

static cJSON *
rule_json(const struct denial_report *r, const struct kept_denial *k)
{
	cJSON *o = json_new_object();

	json_put_text(o, "kind", k->kind);
	json_put_text(o, "text", k->rule);
	json_put(o, "at", origin_json(r->bound->ir, k->origin));
	return o;
}

static cJSON *
entry_json(const struct denial_entry *e)
{
	cJSON *o;

	if (e->place == NULL)
		return json_must(cJSON_CreateNull());
	o = json_new_object();
	json_put_text(o, "table", denial_table_name(e->table));
	json_put_text(o, "place", e->place);
	if (e->subpath != NULL)
		json_put_text(o, "subpath", e->subpath);
	json_put_text(o, "access", e->access);
	return o;
}

void
denial_line(const struct denial_report *r, const struct kept_denial *k, struct sbuf *out)
{
	cJSON *o = json_new_object();
	const char *error = denial_error_name(k->d.error);

	json_put_text(o, "action", k->d.action != DENIAL_OTHER ? verb(k) : "other");
	json_put_number(o, "count", k->count);
	if (k->d.error != 0) {
		json_put_number(o, "errno", (uint64_t)k->d.error);
		json_put_text(o, "error", error);
	}
	json_put_text(o, "known", denial_known_name(k->d.known));
	json_put_text(o, "object", denial_object_name(k->d.object));
	json_put_text(o, "operation", k->d.operation);
	if (k->d.pid > 0)
		json_put_number(o, "pid", (uint64_t)k->d.pid);
	json_put_text(o, "process", k->d.process);
	json_put_text(o, "profile", r->bound->ir->name);
	json_put(o, "rule", rule_json(r, k));
	json_put_text(o, "spelt", k->spelt);
	json_put_text(o, "target", k->d.target);
	json_put(o, "entry", entry_json(&k->entry));
	if (k->entry.place == NULL)
		json_put_text(o, "no_entry", k->entry.none);
	if (json_write(out, o) == 0)
		sbuf_addc(out, '\n');
	cJSON_Delete(o);
}

static void
put_json(const struct denial_report *r, bool again, struct sbuf *out)
{
	for (size_t i = 0; i < r->list.len; i++) {
		const struct kept_denial *k = &r->list.v[i];
		if (!again || !k->told || k->count > 1)
			denial_line(r, k, out);
	}
	if (r->lost == 0)
		return;
	cJSON *o = json_new_object();
	json_put_number(o, "lost", r->lost);
	if (json_write(out, o) == 0)
		sbuf_addc(out, '\n');
	cJSON_Delete(o);
}

/* ---- by rule ---- */

static void
put_quoted(struct sbuf *out, const char *text)
{
	sbuf_addc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			sbuf_addc(out, '\\');
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			sbuf_printf(out, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			sbuf_addc(out, *text);
	}
	sbuf_addc(out, '"');
}

void
denial_entry_text(const struct denial_entry *e, struct sbuf *out)
{
	put_quoted(out, e->place);
	sbuf_puts(out, " = ");
	if (e->subpath != NULL) {
		sbuf_puts(out, "{ ");
		put_quoted(out, e->subpath);
		sbuf_puts(out, " = ");
	}
	put_quoted(out, e->access);
	if (e->subpath != NULL)
		sbuf_puts(out, " }");
}

/* A denial with the rule that it is grouped by, as text. */
struct row {
	const struct kept_denial *k;
	const char	*rule;
	uint64_t	 total;		/* of the rule */
};

static int
by_rule(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	return strcmp(a->rule, b->rule);
}

static int
by_count(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	if (a->total != b->total)
		return a->total < b->total ? 1 : -1;
	int c = strcmp(a->rule, b->rule);
	if (c != 0)
		return c;
	if (a->k->count != b->k->count)
		return a->k->count < b->k->count ? 1 : -1;
	return (a->k > b->k) - (a->k < b->k);
}

static struct row *
make_rows(struct arena *a, const struct denial_report *r)
{
	struct row *v = arena_array(a, r->list.len + 1, sizeof(*v));
	size_t n = r->list.len;

	for (size_t i = 0; i < n; i++) {
		struct sbuf rule = SBUF_INIT;
		put_rule(r, &rule, &r->list.v[i]);
		v[i] = (struct row){ &r->list.v[i], arena_strdup(a, sbuf_str(&rule)), 0 };
		sbuf_free(&rule);
	}
	qsort(v, n, sizeof(*v), by_rule);
	for (size_t i = 0, k; i < n; i = k) {
		uint64_t total = 0;
		for (k = i; k < n && strcmp(v[k].rule, v[i].rule) == 0; k++)
			total += v[k].k->count;
		for (size_t j = i; j < k; j++)
			v[j].total = total;
	}
	qsort(v, n, sizeof(*v), by_count);
	return v;
}

static void
put_group(const struct row *v, size_t n, struct sbuf *out)
{
	enum { SHOWN = 5 };

	sbuf_printf(out, "%7" PRIu64 "  %s\n", v[0].total, v[0].rule);
	for (size_t i = 0; i < n && i < SHOWN; i++) {
		const struct kept_denial *k = v[i].k;
		sbuf_printf(out, "        %6" PRIu64 "  ", k->count);
		put_what(out, k);
		const char *error = denial_error_name(k->d.error);
		sbuf_printf(out, " (%s%s%s)", error != NULL ? error : "", error != NULL ? ", " : "",
		    denial_known_name(k->d.known));
		if (k->entry.place != NULL) {
			sbuf_puts(out, "\n                to allow it: ");
			if (k->entry.table != DENIAL_FILESYSTEM)
				sbuf_printf(out, "network.%s: ", denial_table_name(k->entry.table));
			denial_entry_text(&k->entry, out);
		}
		sbuf_addc(out, '\n');
	}
	if (n > SHOWN)
		sbuf_printf(out, "                and %zu more\n", n - SHOWN);
}

static void
put_table(const struct denial_report *r, struct sbuf *out)
{
	struct arena *a = arena_new();
	const struct row *v = make_rows(a, r);

	sbuf_puts(out, "  times  rule\n");
	for (size_t i = 0, k; i < r->list.len; i = k) {
		for (k = i; k < r->list.len && strcmp(v[k].rule, v[i].rule) == 0; k++)
			continue;
		put_group(v + i, k - i, out);
	}
	arena_free(a);
}

void
denial_report_print(const struct denial_report *r, enum denial_form form, struct sbuf *out)
{
	if (form == DENIAL_JSON || form == DENIAL_JSON_AGAIN) {
		put_json(r, form == DENIAL_JSON_AGAIN, out);
		return;
	}
	sbuf_puts(out, "=== Sandbox denials ===\n");
	if (r->list.len == 0)
		sbuf_puts(out, "None found.\n");
	else if (form == DENIAL_TABLE)
		put_table(r, out);
	else
		put_lines(r, out);
	put_lost(r, out);
}
