/* SPDX-License-Identifier: Apache-2.0 */
/* lint_entry.c - entries without effect: shadowed, idle, or taken back by a pattern */
#include <config.h>

#include "lint.h"

#include <string.h>

#include "arena.h"
#include "bind.h"
#include "compare.h"
#include "decide_fs.h"
#include "diag.h"
#include "idle.h"
#include "ir.h"
#include "path.h"
#include "show_view.h"

enum {
	/*
	 * Entries that are compared in full, times the entries of the policy:
	 * what keeps check quick where the tree does not tell.  Beyond it an
	 * entry is taken to have its use.
	 */
	COMPARE_BUDGET = 100000,
};

struct job {
	const struct lint *l;
	const struct entry_verdict *v;
	bool		*repeated;	/* by index: another one repeats it */
	size_t		 budget;
};

static const struct ir_entry *
entry_at(const struct job *j, size_t i)
{
	return &j->l->subject->ir->entries.v[i];
}

static bool
is_free(enum anchor anchor)
{
	return anchor == ANCHOR_HOME || anchor == ANCHOR_WORKSPACE || anchor == ANCHOR_TMPDIR;
}

/* A bound entry's origin is that of its entry of the IR. */
static size_t
index_of(const struct job *j, const struct ir_origin *o)
{
	const struct ir_entry *e = (const struct ir_entry *)
	    (const void *)((const char *)o - offsetof(struct ir_entry, origin));
	return (size_t)(e - j->l->subject->ir->entries.v);
}

/* ---- shadowed ---- */

static void
report_shadowed(const struct job *j, size_t i)
{
	const struct lint *l = j->l;
	const struct ir_entry *e = entry_at(j, i);
	const struct bound_entry *w = j->v[i].winner;
	const char *path = view_path(l->a, l->b, w->path);
	struct diag *d;
	if (w->access == e->access)
		d = diag_add(l->d, D_SHADOWED_ENTRY, lint_span(l, &e->origin),
		    "\"%s\" = \"%s\" has no effect: \"%s\" says so already, for %s", e->origin.text,
		    access_name(e->access), w->origin->text, path);
	else
		d = diag_add(l->d, D_SHADOWED_ENTRY, lint_span(l, &e->origin),
		    "\"%s\" = \"%s\" has no effect: \"%s\" = \"%s\" is for the same path, %s, "
		    "and deny beats write beats read", e->origin.text, access_name(e->access),
		    w->origin->text, access_name(w->access), path);
	diag_hint(l->d, d, "leave out one of them");
	lint_note_rule(l, d, w->origin, "this one wins");
}

/* ---- idle ---- */

/* Bound again without it: is that equal in the sense of spec 2.4? */
static bool
equal_without(const struct lint *l, size_t at)
{
	const struct ir_policy *ir = l->subject->ir;
	struct ir_policy less = *ir;
	struct bind_error err;
	struct comparison c;

	less.entries.v = arena_array(l->a, ir->entries.len, sizeof(*less.entries.v));
	memcpy(less.entries.v, ir->entries.v, at * sizeof(*less.entries.v));
	memcpy(less.entries.v + at, ir->entries.v + at + 1,
	    (ir->entries.len - at - 1) * sizeof(*less.entries.v));
	less.entries.len--;
	const struct bound_policy *b = subject_bind(l->a, &less, l->b->target, l->host, &err);
	if (b == NULL)
		return false;
	struct compare_side x = compare_side_of(l->a, l->fs);
	struct compare_side y = compare_side_of(l->a, decide_fs_build(l->a, b));
	return compare_fs_shortest(l->a, &x, &y, &c) == 0 && c.equal;
}

/* Another anchor's grant could come to lie around the entry, in a run of other places. */
static bool
may_be_granted_elsewhere(const struct job *j, const struct ir_entry *e)
{
	const struct ir_policy *ir = j->l->subject->ir;
	for (size_t i = 0; j->l->b->generic && i < ir->entries.len; i++) {
		const struct ir_entry *f = &ir->entries.v[i];
		if (f->access > e->access && f->anchor != e->anchor &&
		    (is_free(f->anchor) || is_free(e->anchor)))
			return true;
	}
	return false;
}

static void
report_idle(const struct job *j, size_t i)
{
	const struct lint *l = j->l;
	const struct ir_entry *e = entry_at(j, i);
	const struct why *w = &j->v[i].instead;
	bool elsewhere = may_be_granted_elsewhere(j, e);
	/* A denial that holds for wherever a run may be is no mistake. */
	if (elsewhere && e->access == ACCESS_DENY)
		return;
	struct diag *d = diag_add(l->d, D_IDLE_ENTRY, lint_span(l, &e->origin),
	    "\"%s\" = \"%s\" changes nothing: without it %s says the same", e->origin.text,
	    access_name(e->access), w->kind == WHY_NOTHING ? "the absence of any grant" :
	    why_text(l->a, l->b, w));
	diag_hint(l->d, d, "it can be left out");
	lint_note_rule(l, d, w->origin, "this rule decides there anyway");
	if (elsewhere)
		diag_note(l->d, d, (struct span){ 0, 0 }, "it matters only to a run whose workspace, "
		    "home or TMPDIR lies around it; --host looks at this one");
}

static bool
is_idle(struct job *j, size_t i)
{
	if (j->v[i].use != USE_UNCLEAR)
		return j->v[i].use == USE_IDLE;
	size_t cost = j->l->b->entries.len + 1;
	if (cost > j->budget)
		return false;
	j->budget -= cost;
	return equal_without(j->l, i);
}

/* ---- grants that are taken back ---- */

/* X/ and then "**": all below X. */
static const struct bound_pattern *
empties(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct pattern *p = b->patterns.v[i].pattern;
		if (p->nsteps == p->nliteral + 1 && p->step[p->nliteral].kind == STEP_BELOW &&
		    strcmp(b->patterns.v[i].literal, path) == 0)
			return &b->patterns.v[i];
	}
	return NULL;
}

/* The rule that takes the entry back at one of its paths, or NULL. */
static const struct ir_origin *
taken_back(const struct lint *l, const struct bound_entry *e, struct why *why, bool *below)
{
	struct fs_verdict v = decide_fs(l->fs, e->path);
	const struct bound_pattern *p;
	*why = v.why;
	*below = false;
	if (!v.readable && v.why.kind == WHY_PATTERN)
		return v.why.origin;
	if (e->access == ACCESS_WRITE && !v.writable && v.why.kind != WHY_ENTRY &&
	    v.why.kind != WHY_PLATFORM)
		return v.why.origin;
	p = empties(l->b, e->path);
	if (p == NULL)
		return NULL;
	*why = (struct why){ WHY_PATTERN, p->origin, p->pattern->text };
	*below = true;
	return p->origin;
}

/* Returns whether it was reported: all of its paths are taken back. */
static bool
report_denied(const struct job *j, size_t i, const struct bound_entry *const *bound)
{
	const struct lint *l = j->l;
	const struct ir_entry *e = entry_at(j, i);
	struct why why;
	const struct ir_origin *by = NULL;
	bool below = false;

	if (e->access == ACCESS_DENY || e->anchor == ANCHOR_MINIMAL)
		return false;
	for (; *bound != NULL; bound++)
		if ((by = taken_back(l, *bound, &why, &below)) == NULL)
			return false;
	struct diag *d = diag_add(l->d, D_GRANT_DENIED, lint_span(l, &e->origin),
	    "\"%s\" = \"%s\" %s: %s", e->origin.text, access_name(e->access),
	    below ? "grants nothing below it" : "grants nothing", why_text(l->a, l->b, &why));
	diag_hint(l->d, d, "narrow the pattern, or leave out the grant");
	lint_note_rule(l, d, by, "this takes it back");
	return true;
}

/* ---- all of them ---- */

/* The bound entries of each entry of the IR, NULL at the end. */
static const struct bound_entry ***
group(const struct job *j)
{
	const struct lint *l = j->l;
	const struct ir_policy *ir = l->subject->ir;
	const struct bound_entry ***of = arena_array(l->a, ir->entries.len + 1, sizeof(*of));
	size_t k = 0;
	/* Both lists are in the same order. */
	for (size_t i = 0; i < ir->entries.len; i++) {
		size_t first = k;
		while (k < l->b->entries.len &&
		    l->b->entries.v[k].origin == &ir->entries.v[i].origin)
			k++;
		of[i] = arena_array(l->a, k - first + 1, sizeof(**of));
		for (size_t n = first; n < k; n++)
			of[i][n - first] = &l->b->entries.v[n];
	}
	return of;
}

void
lint_entries(const struct lint *l)
{
	const struct ir_policy *ir = l->subject->ir;
	struct job j = { l, idle_entries(l->a, l->fs),
	    arena_array(l->a, ir->entries.len + 1, sizeof(bool)), COMPARE_BUDGET };
	const struct bound_entry ***bound = group(&j);

	for (size_t i = 0; i < ir->entries.len; i++)
		if (j.v[i].use == USE_SHADOWED && j.v[i].winner->access == entry_at(&j, i)->access)
			j.repeated[index_of(&j, j.v[i].winner->origin)] = true;
	for (size_t i = 0; i < ir->entries.len; i++) {
		/* What a built-in says is no line of the author's; nor has it one. */
		if (entry_at(&j, i)->origin.span.line == 0 || j.v[i].use == USE_UNBOUND)
			continue;
		if (j.v[i].use == USE_SHADOWED)
			report_shadowed(&j, i);
		else if (!report_denied(&j, i, bound[i]) && !j.repeated[i] && is_idle(&j, i))
			report_idle(&j, i);
	}
}
