/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - how each backend enforces each rule of a profile */
#include <config.h>

#include "check.h"

#include <string.h>

#include "arena.h"
#include "bind.h"
#include "decide_fs.h"
#include "intern.h"
#include "ir.h"

const char *
rule_status_name(enum rule_status s)
{
	static const char *const name[] = {
		[RULE_EXACT] = "exact", [RULE_CLOSED] = "closed", [RULE_SNAPSHOT] = "snapshot",
		[RULE_WATCHED] = "watched", [RULE_DEVIATION] = "deviation", [RULE_REFUSED] = "refused",
		[RULE_UNENFORCED] = "-", [RULE_ELSEWHERE] = "elsewhere",
	};
	return name[s];
}

/* ---- the written rules ---- */

struct table {
	struct arena	*a;
	struct check	*c;
};

static void
add(struct table *t, const char *kind, const char *text, const char *says,
    const struct ir_origin *o)
{
	struct check_rule r = { kind, text, says, o,
	    arena_array(t->a, t->c->nbackends + 1, sizeof(struct rule_cell)) };
	VEC_PUSH(t->a, &t->c->rules, r);
}

/* As written; what stands in a table of subpaths with its place before it. */
static const char *
rule_text(struct arena *a, enum anchor anchor, const struct ir_origin *o)
{
	if (anchor != ANCHOR_WORKSPACE || o->text[0] == ':' || strcmp(o->text, "") == 0)
		return o->text;
	return strcmp(o->text, ".") == 0 ? ":workspace_roots" :
	    arena_printf(a, ":workspace_roots/%s", o->text);
}

static void
add_filesystem(struct table *t, const struct ir_policy *ir)
{
	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		add(t, "entry", rule_text(t->a, e->anchor, &e->origin), access_name(e->access),
		    &e->origin);
	}
	for (size_t i = 0; i < ir->patterns.len; i++) {
		const struct ir_pattern *p = &ir->patterns.v[i];
		add(t, "pattern", rule_text(t->a, p->anchor, &p->origin), "deny", &p->origin);
	}
	for (size_t i = 0; i < ir->protected.len; i++)
		add(t, "protected", ir->protected.v[i].name, "read", &ir->protected.v[i].origin);
}

static void
add_network(struct table *t, const struct ir_network *n)
{
	static const char *const mode[] = {
		[NET_OFF] = "off", [NET_OPEN] = "open", [NET_PROXIED] = "proxied",
	};
	add(t, "network", "network", n->limited ? "limited" : mode[n->mode], &n->origin);
	if (n->mitm != NULL)
		add(t, "network", "mitm", "on", &n->origin);
	if (n->mode == NET_PROXIED)
		add(t, "network", n->proxy_url, "listen", &n->origin);
	if (n->mode == NET_PROXIED && n->enable_socks5)
		add(t, "network", n->socks_url, "listen", &n->origin);
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *d = &n->domains.v[i];
		add(t, "domain", d->origin.text, d->allow ? "allow" : "deny", &d->origin);
	}
	for (size_t i = 0; i < n->sockets.len; i++) {
		const struct ir_socket *s = &n->sockets.v[i];
		add(t, "socket", s->origin.text, s->allow ? "allow" : "deny", &s->origin);
	}
}

static void
add_environment(struct table *t, const struct ir_environment *e)
{
	static const char *const inherit[] = {
		[ENV_ALL] = "all", [ENV_CORE] = "core", [ENV_NONE] = "none",
	};
	add(t, "environment", "inherit", inherit[e->inherit], NULL);
	if (!e->ignore_default_excludes)
		add(t, "environment", "*KEY* *SECRET* *TOKEN*", "drop", NULL);
	for (size_t i = 0; i < e->exclude.len; i++)
		add(t, "environment", e->exclude.v[i].text, "drop", &e->exclude.v[i].origin);
	for (size_t i = 0; i < e->set.len; i++)
		add(t, "environment", e->set.v[i].name, "set", &e->set.v[i].origin);
	for (size_t i = 0; i < e->include_only.len; i++)
		add(t, "environment", e->include_only.v[i].text, "keep only",
		    &e->include_only.v[i].origin);
}

/* ---- what a backend does with them ---- */

struct concern {
	const struct deviation *deviation;
	const struct concern *next;
};

static void
put_concern(struct arena *a, struct strmap *map, const struct ir_origin *o,
    const struct deviation *d)
{
	const char *key = (const char *)&o;
	struct concern *old = strmap_get(map, key, sizeof(o));
	for (const struct concern *c = old; c != NULL; c = c->next)
		if (c->deviation == d)
			return;
	struct concern *c = arena_alloc(a, sizeof(*c));
	*c = (struct concern){ d, old };
	strmap_put(map, key, sizeof(o), c);
}

/* Which deviations concern which rule. */
static struct strmap *
concerns(struct arena *a, const struct artifact *art)
{
	struct strmap *map = strmap_new(a);
	for (size_t i = 0; i < art->deviations.len; i++)
		if (art->deviations.v[i].origin != NULL)
			put_concern(a, map, art->deviations.v[i].origin, &art->deviations.v[i]);
	for (size_t i = 0; i < art->deviation_rules.len; i++) {
		const struct deviation_rule *r = &art->deviation_rules.v[i];
		/* Listed once for all rules: the first of the name is the one. */
		for (size_t k = 0; k < art->deviations.len; k++)
			if (strcmp(art->deviations.v[k].name, r->name) == 0) {
				put_concern(a, map, r->origin, &art->deviations.v[k]);
				break;
			}
	}
	return map;
}

static bool
has_deviation(const struct rule_cell *cell, const char *name)
{
	for (size_t i = 0; i < cell->ndeviations; i++)
		if (strcmp(cell->deviations[i]->name, name) == 0)
			return true;
	return false;
}

static enum rule_status
status_of(const struct backend *b, const struct check_rule *r, const struct rule_cell *cell)
{
	bool pattern = strcmp(r->kind, "pattern") == 0;
	if (has_deviation(cell, "snapshot"))
		return RULE_SNAPSHOT;
	if (pattern && !b->live_patterns)
		return RULE_CLOSED;
	if (has_deviation(cell, "mask-gap"))
		return RULE_WATCHED;
	return cell->ndeviations > 0 ? RULE_DEVIATION : RULE_EXACT;
}

/* No backend of another system has anything to do for it. */
static bool
is_elsewhere(const struct ir_policy *ir, const struct check_rule *r, enum target target)
{
	const struct ir_entry *e = (const struct ir_entry *)
	    (const void *)((const char *)r->origin - offsetof(struct ir_entry, origin));
	bool windows = target == TARGET_WINDOWS;
	if (strcmp(r->kind, "entry") == 0 && windows)
		return e->anchor == ANCHOR_SLASH_TMP ||
		    (e->anchor == ANCHOR_ABS && strcmp(e->path, "/") != 0);
	if (strcmp(r->kind, "entry") == 0)
		return e->anchor == ANCHOR_WINDOWS;
	for (size_t i = 0; strcmp(r->kind, "pattern") == 0 && i < ir->patterns.len; i++)
		if (&ir->patterns.v[i].origin == r->origin)
			return ir->patterns.v[i].anchor == (windows ? ANCHOR_ABS : ANCHOR_WINDOWS);
	return false;
}

static void
fill(struct arena *a, struct check *c, size_t column)
{
	const struct check_backend *b = &c->backend[column];
	const struct artifact *art = &b->artifact;
	const struct strmap *map = concerns(a, art);
	for (size_t i = 0; i < c->rules.len; i++) {
		struct check_rule *r = &c->rules.v[i];
		struct rule_cell *cell = &r->cell[column];
		if (art->refused) {
			cell->status = r->origin != NULL && r->origin == art->refusal.origin ?
			    RULE_REFUSED : RULE_UNENFORCED;
			continue;
		}
		if (r->origin != NULL && is_elsewhere(c->subject->ir, r, b->backend->target)) {
			cell->status = RULE_ELSEWHERE;
			continue;
		}
		struct { const struct deviation **v; size_t len, cap; } found = { NULL, 0, 0 };
		const struct concern *k = r->origin == NULL ? NULL :
		    strmap_get(map, (const char *)&r->origin, sizeof(r->origin));
		for (; k != NULL; k = k->next)
			VEC_PUSH(a, &found, k->deviation);
		cell->deviations = found.v;
		cell->ndeviations = found.len;
		cell->status = status_of(b->backend, r, cell);
	}
}

/* ---- all of it ---- */

void
check_policy(struct arena *a, const struct subject *s, const struct artifact_host *h,
    const struct backend *const *backends, size_t n, bool asked, struct check *out)
{
	const struct backend_options options = { .advisory_network = h->advisory_network,
	    .no_everyone = h->no_everyone };
	struct bind_error err = { NULL, NULL };
	struct table t = { a, out };

	*out = (struct check){ .subject = s, .generic = !h->bound || !host_is_of(h, TARGET_LINUX),
	    .nbackends = n };
	out->backend = arena_array(a, n + 1, sizeof(*out->backend));
	out->bound = subject_bind(a, s->ir, TARGET_LINUX, h, &err);
	struct bind_error ignored;
	const struct bound_policy *portable = h->bound ?
	    bind_generic(a, s->ir, TARGET_LINUX, &ignored) : out->bound;
	out->legacy = legacy_verdict(a, s->ir,
	    portable != NULL ? decide_fs_build(a, portable) : NULL);
	add_filesystem(&t, s->ir);
	add_network(&t, &s->ir->network);
	add_environment(&t, &s->ir->environment);
	out->nbackends = 0;
	for (size_t i = 0; i < n; i++) {
		const struct bound_policy *b = out->bound;
		struct check_backend *column = &out->backend[out->nbackends];
		column->backend = backends[i];
		column->asked = asked || backends[i]->use == BACKEND_BUNDLED;
		if (backends[i]->target != TARGET_LINUX)
			b = subject_bind(a, s->ir, backends[i]->target, h, &err);
		subject_compile(a, backends[i], b, &err, &options, &column->artifact);
		/* One for few profiles has a column where it is for this one. */
		if (column->artifact.refused && backends[i]->for_few && !asked)
			continue;
		fill(a, out, out->nbackends++);
	}
}

void
check_free(struct check *c)
{
	for (size_t i = 0; i < c->nbackends; i++)
		sbuf_free(&c->backend[i].artifact.bytes);
}

bool
check_refused(const struct check *c)
{
	for (size_t i = 0; i < c->nbackends; i++)
		if (c->backend[i].artifact.refused && c->backend[i].asked)
			return true;
	return false;
}

const char *
check_place(struct arena *a, const struct check *c, const struct ir_origin *o)
{
	const struct ir_policy *ir = c->subject->ir;
	if (o == NULL || o->span.source >= ir->sources.len)
		return "";
	const char *name = ir->sources.v[o->span.source].name;
	return o->span.line == 0 ? name : arena_printf(a, "%s:%u", name, (unsigned)o->span.line);
}

static const char *
direction(const struct deviation *d)
{
	return d->direction == DEVIATION_WIDER ? "wider" : "narrower";
}

const char *
check_summary(struct arena *a, const struct check *c, size_t column)
{
	const struct artifact *art = &c->backend[column].artifact;
	if (art->refused) {
		const char *at = check_place(a, c, art->refusal.origin), *w = art->refusal.witness;
		return arena_printf(a, "refused: %s%s%s%s%s%s%s", art->refusal.reason,
		    w != NULL ? "; it would fail at: " : "", w != NULL ? w : "",
		    at[0] != '\0' ? " (" : "", at[0] != '\0' ? at : "",
		    at[0] != '\0' ? ")" : "", "");
	}
	if (art->deviations.len == 0)
		return "exact";
	struct sbuf s = SBUF_INIT;
	sbuf_puts(&s, "exact but for ");
	for (size_t i = 0; i < art->deviations.len; i++) {
		const struct deviation *d = &art->deviations.v[i];
		bool told = false;
		for (size_t k = 0; k < i; k++)
			told |= strcmp(art->deviations.v[k].name, d->name) == 0;
		if (!told)
			sbuf_printf(&s, "%s%s (%s)", i > 0 ? ", " : "", d->name, direction(d));
	}
	const char *text = arena_strdup(a, sbuf_str(&s));
	sbuf_free(&s);
	return text;
}
