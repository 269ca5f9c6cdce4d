/* SPDX-License-Identifier: Apache-2.0 */
/* lint.c - running the lints; places of rules and paths for people */
#include <config.h>

#include "lint.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "decide_fs.h"
#include "diag.h"
#include "hard_links.h"
#include "ir.h"
#include "source.h"

enum {
	/* Names that are looked at for hard links, in all places together. */
	HARD_LINK_BOUND = 200000,
};

static const struct span nowhere = { 0, 0 };

struct span
lint_span(const struct lint *l, const struct ir_origin *o)
{
	const struct ir_policy *ir = l->subject->ir;
	if (o == NULL || o->span.line == 0 || l->subject->bundle != NULL)
		return nowhere;
	return source_span(diags_sources(l->d), ir->sources.v[o->span.source].name, o->span.line,
	    o->span.column, o->span.length);
}

void
lint_note_rule(const struct lint *l, struct diag *w, const struct ir_origin *o, const char *says)
{
	const struct ir_policy *ir = l->subject->ir;
	struct span at = lint_span(l, o);
	if (o == NULL)
		return;
	if (at.end > 0)
		diag_note(l->d, w, at, "%s", says);
	else if (o->span.line == 0)
		diag_note(l->d, w, nowhere, "%s: \"%s\" of %s", says, o->text,
		    ir->sources.v[o->span.source].name);
	else
		diag_note(l->d, w, nowhere, "%s: \"%s\", %s:%u:%u", says, o->text,
		    ir->sources.v[o->span.source].name, (unsigned)o->span.line,
		    (unsigned)o->span.column);
}

/* ---- hard links ---- */

static void
report_links(const struct lint *l, const char *place, const struct hard_links *h,
    const struct ir_origin *o)
{
	const struct hard_link *first = &h->found.v[0];
	size_t n = h->found.len;
	struct diag *w = diag_add(l->d, D_HARD_LINKS, lint_span(l, o),
	    "%zu file%s at or below %s %s other names, which the rule does not cover: %s%s", n,
	    n == 1 ? "" : "s", place, n == 1 ? "has" : "have", first->path, n > 1 ? ", ..." : "");
	for (size_t i = 1; i < n && i < 8; i++)
		diag_note(l->d, w, nowhere, "%s has %llu names", h->found.v[i].path,
		    (unsigned long long)h->found.v[i].names);
	if (lint_span(l, o).end == 0)
		lint_note_rule(l, w, o, "the rule");
	diag_hint(l->d, w, "\"find DIR -samefile FILE\" shows the other names; "
	    "copy the file to part it from them");
}

/* The total goes on from place to place, so that the bound is one for all. */
static void
look_below(const struct lint *l, struct hard_links *total, const char *place,
    const struct ir_origin *o)
{
	struct hard_links h = { .looked_at = total->looked_at };
	hard_links_below(l->a, place, HARD_LINK_BOUND, &h);
	total->looked_at = h.looked_at;
	total->unread += h.unread;
	total->cut |= h.cut;
	if (h.found.len > 0)
		report_links(l, place, &h, o);
}

/* Denied or shielded from here down, and its parent is not. */
static bool
is_top(const struct region *r, enum why_kind kind)
{
	return r->why.kind == kind && (r->parent == NULL || r->parent->why.kind != kind ||
	    r->parent->why.origin != r->why.origin);
}

static void
look_at_tree(const struct lint *l, struct hard_links *total, const struct region *r)
{
	bool denied = r->self == ACCESS_DENY && is_top(r, WHY_ENTRY);
	if (denied || is_top(r, WHY_NAME) || is_top(r, WHY_GITDIR)) {
		look_below(l, total, region_path(l->a, r), r->why.origin);
		return;
	}
	for (size_t i = 0; i < r->nchild; i++)
		look_at_tree(l, total, r->child[i]);
}

void
lint_hard_links(const struct lint *l)
{
	struct hard_links total = { .looked_at = 0 };
	if (!l->host->bound)
		return;
	look_at_tree(l, &total, l->fs->root);
	for (size_t i = 0; i < l->b->patterns.len; i++) {
		const struct bound_pattern *p = &l->b->patterns.v[i];
		for (size_t j = 0; j < p->matches.len; j++)
			look_below(l, &total, p->matches.v[j], p->origin);
	}
	if (total.cut)
		diag_add(l->d, D_HARD_LINKS, nowhere, "not all denied and shielded places were "
		    "searched for files with other names: the search ends after %d names",
		    HARD_LINK_BOUND);
}

/* ---- all of them ---- */

/* As the binding has it; where no entry made it ask for the home directory, as it would. */
static const char *
canonical(struct arena *a, const char *path)
{
	if (path == NULL || path[0] != '/')
		return NULL;
	char *real = realpath(path, NULL);
	if (real == NULL)
		return NULL;
	const char *copy = arena_strdup(a, real);
	free(real);
	return copy;
}

void
lint_policy(struct arena *a, struct diags *d, const struct subject *s,
    const struct bound_policy *b, const struct artifact_host *h)
{
	struct lint l = { .a = a, .d = d, .subject = s, .b = b, .host = h, .cwd = b->cwd };
	if (s->ir->unsandboxed)
		return;
	if (b->generic) {
		l.home = "/@home";
		l.tmpdir = "/@tmpdir";
	} else {
		l.home = canonical(a, h->home != NULL ? h->home : getenv("HOME"));
		l.tmpdir = b->tmpdir;
	}
	l.fs = decide_fs_build(a, b);
	/* What matters most comes first: there is a limit to what is shown. */
	lint_risks(&l);
	lint_hard_links(&l);
	lint_entries(&l);
}
