/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c - which rules speak of a path, and why all but one do not count */
#include <config.h>

#include "explain.h"

#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "path.h"

static struct why
why_of_entry(const struct bound_entry *e)
{
	return (struct why){ e->source == BOUND_PLATFORM ? WHY_PLATFORM : WHY_ENTRY,
	    e->origin, e->spelt };
}

static struct why
why_of_shield(const struct bound_shield *s)
{
	static const enum why_kind kind[] = {
		[SHIELD_NAME] = WHY_NAME, [SHIELD_GITDIR] = WHY_GITDIR, [SHIELD_POLICY] = WHY_POLICY,
	};
	return (struct why){ kind[s->kind], s->origin, s->name };
}

static struct why
why_of_pattern(const struct bound_pattern *p)
{
	return (struct why){ WHY_PATTERN, p->origin, p->pattern->text };
}

struct explaining {
	struct arena	*a;
	const struct decide_fs *d;
	const struct bound_policy *b;
	struct fs_rules	 rules;
	bool		 shielded;	/* the verdict is the shield's */
	struct path_explanation *out;
};

static void
set_decided(struct explaining *x)
{
	const struct fs_rules *r = &x->rules;
	struct explained_rule *d = &x->out->decided;

	*d = (struct explained_rule){ .why = x->out->verdict.why, .where = "/" };
	if (d->why.kind == WHY_BASE) {
		d->where = x->out->path;
		d->access = x->out->verdict.writable ? ACCESS_WRITE : ACCESS_READ;
	} else if (r->pattern != NULL)
		d->where = r->pattern->pattern->text;
	else if (r->link != NULL) {
		d->where = r->link->path;
		d->access = ACCESS_READ;
	}
	else if (x->shielded)
		*d = (struct explained_rule){ x->out->verdict.why, r->shield->path, ACCESS_READ,
		    LOSS_NONE, { WHY_NOTHING, NULL, NULL }, NULL };
	else if (r->entry != NULL) {
		d->where = r->entry->path;
		d->access = r->entry->access;
	}
}

static void
lose(struct explaining *x, struct explained_rule rule, enum loss loss, struct why by,
    const char *by_where)
{
	rule.loss = loss;
	rule.by = by;
	rule.by_where = by_where;
	VEC_PUSH(x->a, &x->out->lost, rule);
}

/* What the rule that decided took the place of, before there was anything to decide. */
static void
add_replaced(struct explaining *x)
{
	const struct ir_policy *ir = x->b->ir;
	const struct explained_rule *d = &x->out->decided;

	for (size_t i = 0; i < ir->replaced.len; i++) {
		const struct ir_replaced *r = &ir->replaced.v[i];
		if (d->why.origin != (r->by_pattern ? &ir->patterns.v[r->by].origin :
		    &ir->entries.v[r->by].origin) || x->shielded)
			continue;
		const struct explained_rule rule = {
			.why = { r->pattern ? WHY_PATTERN : WHY_ENTRY, &r->origin, NULL },
			.where = d->where, .access = r->pattern ? ACCESS_DENY : r->access,
		};
		lose(x, rule, LOSS_REPLACED, d->why, d->where);
	}
}

/* All patterns that cover the path would say the same. */
static void
add_patterns(struct explaining *x)
{
	for (size_t i = 0; i < x->b->patterns.len; i++) {
		const struct bound_pattern *p = &x->b->patterns.v[i];
		if (p == x->rules.pattern || !pattern_covers(p->pattern, 0, x->out->path))
			continue;
		const struct explained_rule rule = { .why = why_of_pattern(p),
		    .where = p->pattern->text };
		lose(x, rule, LOSS_SAME, x->out->decided.why, x->out->decided.where);
	}
}

/* The write entry at or below a protection and at or above the path: the deepest. */
static const struct bound_entry *
lifting(const struct bound_policy *b, const struct bound_shield *s, const char *path)
{
	const struct bound_entry *best = NULL;

	for (size_t i = 0; s->kind != SHIELD_POLICY && i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (e->access == ACCESS_WRITE && path_within(e->path, s->path) &&
		    path_within(path, e->path) &&
		    (best == NULL || path_below(e->path, best->path)))
			best = e;
	}
	return best;
}

static void
add_shields(struct explaining *x)
{
	const struct explained_rule *d = &x->out->decided;

	for (size_t i = 0; i < x->b->shields.len; i++) {
		const struct bound_shield *s = &x->b->shields.v[i];
		if (!path_within(x->out->path, s->path) || (x->shielded && s == x->rules.shield))
			continue;
		const struct explained_rule rule = { .why = why_of_shield(s), .where = s->path,
		    .access = ACCESS_READ };
		const struct bound_entry *lift = lifting(x->b, s, x->out->path);
		if (x->rules.pattern != NULL)
			lose(x, rule, LOSS_PATTERN, d->why, d->where);
		else if (lift != NULL)
			lose(x, rule, LOSS_LIFTED, why_of_entry(lift), lift->path);
		else if (x->shielded)
			lose(x, rule, LOSS_SAME, d->why, d->where);
		else
			lose(x, rule, LOSS_NO_WRITE, d->why, d->where);
	}
}

/* Why an entry that covers the path is not entry(p) of spec 2.2. */
static enum loss
entry_loss(const struct bound_entry *e, const struct bound_entry *best)
{
	if (strcmp(e->path, best->path) != 0)
		return LOSS_DEEPER;
	if (e->access == best->access)
		return LOSS_SAME;
	return e->source == BOUND_PLATFORM && best->source == BOUND_WRITTEN ? LOSS_WRITTEN :
	    LOSS_STRONGER;
}

static int
deeper_first(const struct explained_rule *a, const struct explained_rule *b)
{
	size_t x = path_depth(a->where), y = path_depth(b->where);

	return x == y ? 0 : x > y ? -1 : 1;
}

static void
add_entries(struct explaining *x)
{
	const struct bound_entry *best = x->rules.entry;
	const struct explained_rule *d = &x->out->decided;
	size_t first;

	bool base = d->why.kind == WHY_BASE, linked = !base && x->rules.link != NULL;
	if (best != NULL && (x->rules.pattern != NULL || x->shielded || linked || base)) {
		const struct explained_rule rule = { .why = why_of_entry(best),
		    .where = best->path, .access = best->access };
		lose(x, rule, base ? LOSS_BASE : linked ? LOSS_LINK : x->shielded ? LOSS_SHIELDED : LOSS_PATTERN,
		    d->why, d->where);
	}
	first = x->out->lost.len;
	for (size_t i = 0; i < x->b->entries.len; i++) {
		const struct bound_entry *e = &x->b->entries.v[i];
		if (e == best || !path_within(x->out->path, e->path))
			continue;
		const struct explained_rule rule = { .why = why_of_entry(e), .where = e->path,
		    .access = e->access };
		lose(x, rule, entry_loss(e, best), why_of_entry(best), best->path);
		/* Few entries cover one path: one for each ancestor, and equals. */
		struct explained_rule *v = x->out->lost.v;
		for (size_t k = x->out->lost.len - 1;
		    k > first && deeper_first(&v[k], &v[k - 1]) < 0; k--) {
			struct explained_rule swap = v[k];
			v[k] = v[k - 1];
			v[k - 1] = swap;
		}
	}
}

/* ---- pins ---- */

static void
pin(struct explaining *x, enum pin_kind kind, const char *path, struct why why)
{
	VEC_PUSH(x->a, &x->out->pins, ((struct explained_pin){ kind, path, why }));
}

/* The first node strictly below that cannot be written. */
static const struct region *
closed_below(const struct region *r)
{
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *c = r->child[i];
		const struct region *found = c->self != ACCESS_WRITE ? c : closed_below(c);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static void
add_pattern_pins(struct explaining *x)
{
	const char *path = x->out->path;

	for (size_t i = 0; i < x->b->patterns.len; i++) {
		const struct bound_pattern *p = &x->b->patterns.v[i];
		const char *match = NULL;
		bool partial = false;
		if (path_within(p->literal, path)) {
			pin(x, PIN_PATTERN, p->literal, why_of_pattern(p));
			continue;
		}
		for (size_t k = 0; k < p->matches.len && match == NULL; k++)
			if (path_below(p->matches.v[k], path))
				match = p->matches.v[k];
		for (size_t k = 0; k < p->partial.len && !partial; k++)
			partial = strcmp(p->partial.v[k], path) == 0;
		if (match != NULL)
			pin(x, PIN_MATCH, match, why_of_pattern(p));
		else if (partial)
			pin(x, PIN_PARTIAL, path, why_of_pattern(p));
	}
}

/* The verdict says that it is pinned, hence it has a node of its own. */
static void
add_pins(struct explaining *x)
{
	static const struct why nobody = { WHY_NOTHING, NULL, NULL };
	bool exact;
	const struct region *r = region_find(x->d->root, x->out->path, &exact);

	if (r->parent == NULL)
		pin(x, PIN_ROOT, NULL, nobody);
	else if (r->parent->self != ACCESS_WRITE)
		pin(x, PIN_TOP, region_path(x->a, r->parent), r->parent->why);
	if (r->parent != NULL && x->rules.entry != NULL &&
	    strcmp(x->rules.entry->path, x->out->path) == 0)
		pin(x, PIN_ENTRY, x->out->path, why_of_entry(x->rules.entry));
	const struct region *closed = closed_below(r);
	if (closed != NULL)
		pin(x, PIN_BELOW, region_path(x->a, closed), closed->why);
	add_pattern_pins(x);
}

void
explain_path(struct arena *a, const struct decide_fs *d, const char *path,
    struct path_explanation *out)
{
	*out = (struct path_explanation){ .path = path, .verdict = decide_sandbox(d, path) };
	struct explaining x = { .a = a, .d = d, .b = d->bound,
	    .rules = decide_fs_rules(d, path), .out = out };
	enum why_kind kind = out->verdict.why.kind;

	x.shielded = kind == WHY_NAME || kind == WHY_GITDIR || kind == WHY_POLICY;
	set_decided(&x);
	add_replaced(&x);
	add_patterns(&x);
	add_shields(&x);
	add_entries(&x);
	if (out->verdict.pinned && kind == WHY_BASE)
		pin(&x, PIN_BASE, path, out->verdict.why);
	else if (out->verdict.pinned)
		add_pins(&x);
}
