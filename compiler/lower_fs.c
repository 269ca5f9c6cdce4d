/* SPDX-License-Identifier: Apache-2.0 */
/* lower_fs.c - places, patterns, workspace roots and protected names into the IR; origins */
#include <config.h>

#include "lower.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "intern.h"
#include "source.h"

static const char *const protected_names[] = { ".git", ".agents", ".codex" };
/* The source of what holds without being asked for (spec 1.4). */
static const char protected_source[] = ":protected";

struct lowering
lower_begin(struct config *c, const struct sources *sources, const struct profile *p)
{
	struct lowering l = {
		.c = c,
		.sources = sources,
		.source_index = strmap_new(c->a),
		.ir = arena_alloc(c->a, sizeof(*l.ir)),
	};
	l.ir->name = p->name;
	l.ir->description = p->description.set ? p->description.text : NULL;
	l.ir->unsandboxed = p->unsandboxed;
	return l;
}

/* Names only: the same bytes whatever directory the file is in (spec 4.3). */
static const char *
base_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash == NULL ? name : slash + 1;
}

static uint32_t
source_index(struct lowering *l, const char *name)
{
	size_t at = (size_t)(uintptr_t)strmap_get(l->source_index, name, strlen(name));
	if (at > 0)
		return (uint32_t)(at - 1);
	VEC_PUSH(l->c->a, &l->ir->sources, ((struct ir_source){ name }));
	at = l->ir->sources.len;
	strmap_put(l->source_index, name, strlen(name), (void *)(uintptr_t)at);
	return (uint32_t)(at - 1);
}

struct ir_origin
lower_origin(struct lowering *l, const struct origin *o)
{
	struct place_in_source at = source_locate(l->sources, o->span);
	struct ir_origin out = {
		.text = o->text,
		.profile = o->profile == NULL ? "" : o->profile,
	};
	if (at.source == NULL) {
		out.span.source = source_index(l, out.profile);
		return out;
	}
	out.span = (struct ir_span){
		source_index(l, base_name(at.source->name)), at.line, at.column, at.length,
	};
	return out;
}

/* `it' is the last of the entries or patterns. */
static void
lower_replaced(struct lowering *l, const struct item *it)
{
	size_t at = (it->pattern ? l->ir->patterns.len : l->ir->entries.len) - 1;
	for (const struct item *old = it->replaced; old != NULL; old = old->replaced)
		VEC_PUSH(l->c->a, &l->ir->replaced, ((struct ir_replaced){ old->pattern,
		    old->access, lower_origin(l, &old->origin), it->pattern, (uint32_t)at }));
}

static void
lower_places(struct lowering *l, const struct profile *p)
{
	struct arena *a = l->c->a;
	for (size_t i = 0; i < p->places.len; i++) {
		const struct item *it = &p->places.v[i];
		if (it->gone)
			continue;
		struct ir_origin origin = lower_origin(l, &it->origin);
		if (it->pattern)
			VEC_PUSH(a, &l->ir->patterns,
			    ((struct ir_pattern){ it->anchor, it->path, origin }));
		else
			VEC_PUSH(a, &l->ir->entries,
			    ((struct ir_entry){ it->anchor, it->path, it->access, origin }));
		lower_replaced(l, it);
	}
	for (size_t i = 0; i < p->roots.len; i++) {
		const struct item *it = &p->roots.v[i];
		if (!it->gone && it->on)
			VEC_PUSH(a, &l->ir->roots, ((struct ir_root){ it->anchor, it->path,
			    lower_origin(l, &it->origin) }));
	}
}

static void
lower_protected(struct lowering *l)
{
	struct arena *a = l->c->a;
	struct strmap *seen = strmap_new(a);
	for (size_t i = 0; i < NELEMS(protected_names); i++) {
		const char *name = protected_names[i];
		struct origin o = { { 0, 0 }, name, protected_source };
		strmap_put(seen, name, strlen(name), seen);
		VEC_PUSH(a, &l->ir->protected, ((struct ir_name){ name, lower_origin(l, &o) }));
	}
	for (size_t i = 0; i < l->c->protect.len; i++) {
		const struct word *w = &l->c->protect.v[i];
		if (strmap_put(seen, w->text, strlen(w->text), seen) == NULL)
			VEC_PUSH(a, &l->ir->protected,
			    ((struct ir_name){ w->text, lower_origin(l, &w->origin) }));
	}
}

void
lower_fs(struct lowering *l, const struct profile *p)
{
	struct config *c = l->c;
	for (size_t i = 0; i < p->parents.len; i++) {
		const struct parent *up = &p->parents.v[i];
		VEC_PUSH(c->a, &l->ir->parents, ((struct ir_parent){ up->profile, up->parent,
		    lower_origin(l, &up->origin) }));
	}
	lower_places(l, p);
	lower_protected(l);
	if (p->scan_depth.set) {
		l->ir->scan_depth = (uint32_t)p->scan_depth.number;
		l->ir->scan_origin = lower_origin(l, &p->scan_depth.origin);
	}
	for (size_t i = 0; i < c->acknowledge.len; i++)
		VEC_PUSH(c->a, &l->ir->acknowledge, c->acknowledge.v[i].text);
	if (l->ir->entries.len + l->ir->patterns.len > 0 || !config_is_whole(c))
		return;
	struct diag *w = diag_add(c->d, D_PROFILE_EMPTY, p->origin.span,
	    "profile \"%s\" has no filesystem entry: it grants nothing", p->name);
	diag_hint(c->d, w, "extends = \":read-only\" would let programs start");
}
