/* SPDX-License-Identifier: Apache-2.0 */
/* profile_extend.c - inheritance: chains checked, parents merged (spec 1.2) */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "suggest.h"

struct chain {
	struct profile	**v;
	size_t		 len, cap;
};

static void
report_unknown(struct config *c, const struct profile *p)
{
	size_t builtins, n = 0;
	const char *const *builtin = profile_builtin_names(&builtins);
	const char **names = arena_array(c->a, c->profiles.len + builtins, sizeof(*names));
	for (size_t i = 0; i < c->profiles.len; i++)
		if (c->profiles.v[i] != p)
			names[n++] = c->profiles.v[i]->name;
	for (size_t i = 0; i < builtins; i++)
		names[n++] = builtin[i];

	struct diag *e = diag_add(c->d, D_EXTENDS_UNKNOWN, p->extends.value,
	    "profile \"%s\" extends \"%s\", which does not exist", p->name, p->extends.text);
	const char *near = suggest(p->extends.text, names, n);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(c->d, e, "a profile of this file, \":read-only\" or \":workspace\"");
}

/* The parent among the file's profiles; NULL where the chain ends, *broken: not as it should. */
static struct profile *
parent_of(struct config *c, const struct profile *p, bool *broken)
{
	*broken = false;
	if (!p->extends.set)
		return NULL;
	struct profile *parent = profile_find(c, p->extends.text);
	if (parent != NULL)
		return parent;
	const struct profile *builtin = profile_builtin(c, p->extends.text);
	if (builtin != NULL && !builtin->unsandboxed)
		return NULL;
	*broken = true;
	if (builtin != NULL) {
		struct diag *e = diag_add(c->d, D_EXTENDS_BUILTIN, p->extends.value,
		    "\"%s\" cannot be extended", p->extends.text);
		diag_hint(c->d, e, "it means no restriction at all, and takes none");
	} else if (!c->partial) {
		report_unknown(c, p);
	}
	return NULL;
}

static void
report_cycle(struct config *c, const struct chain *chain, size_t first)
{
	const char *text = chain->v[first]->name;
	for (size_t i = first + 1; i < chain->len; i++)
		text = arena_printf(c->a, "%s -> %s", text, chain->v[i]->name);

	const struct profile *p = chain->v[first];
	struct diag *e = diag_add(c->d, D_EXTENDS_CYCLE, p->extends.value,
	    chain->len - first == 1 ? "profile extends itself: %s -> %s" :
	    "profiles extend one another: %s -> %s", text, p->name);
	diag_hint(c->d, e, "end the chain at one of them");
	for (size_t i = first; i < chain->len; i++)
		diag_note(c->d, e, chain->v[i]->extends.value, "step %zu: \"%s\" extends \"%s\"",
		    i - first + 1, chain->v[i]->name, chain->v[i]->extends.text);
}

/*
 * Follow one chain until it ends or meets a profile that was met before, and
 * settle all that were new.  Each profile is visited once over all walks.
 */
static void
walk(struct config *c, struct profile *p, unsigned number)
{
	struct chain chain = { NULL, 0, 0 };
	bool broken = false;
	size_t above = 0;

	while (p != NULL && p->walk == 0) {
		p->walk = number;
		VEC_PUSH(c->a, &chain, p);
		p = parent_of(c, p, &broken);
	}
	if (p != NULL && p->walk == number) {
		size_t first = 0;
		while (chain.v[first] != p)
			first++;
		report_cycle(c, &chain, first);
		broken = true;
	} else if (p != NULL) {
		broken = p->broken;
		above = p->height + 1;
	}
	for (size_t i = chain.len; i-- > 0; above++) {
		chain.v[i]->broken = broken;
		chain.v[i]->height = above;
		if (broken || above < LIMIT_EXTENDS_DEPTH)
			continue;
		diag_add(c->d, D_EXTENDS_DEPTH, chain.v[i]->extends.value,
		    "profile \"%s\" has more than %d ancestors", chain.v[i]->name,
		    LIMIT_EXTENDS_DEPTH);
		broken = chain.v[i]->broken = true;
	}
}

void
profile_extend_check(struct config *c)
{
	for (size_t i = 0; i < c->profiles.len; i++)
		if (c->profiles.v[i]->walk == 0)
			walk(c, c->profiles.v[i], (unsigned)i + 1);
}

static void
merge_setting(struct setting *base, const struct setting *over)
{
	if (over->set)
		*base = *over;
}

static void
merge_network(struct config *c, struct network *base, const struct network *over)
{
	if (over->written) {
		base->written = true;
		base->origin = over->origin;
	}
	base->has_domains |= over->has_domains;
	base->has_sockets |= over->has_sockets;
	for (size_t i = 0; i < SCHEMA_KEYS; i++)
		merge_setting(&base->s[i], &over->s[i]);
	items_merge(c->a, &base->domains, &over->domains);
	items_merge(c->a, &base->sockets, &over->sockets);
	if (over->mitm == NULL)
		return;
	base->mitm_origin = over->mitm_origin;
	if (base->mitm == NULL)
		base->mitm = over->mitm;
	else
		toml_merge(c->a, base->mitm, over->mitm);
}

struct profile *
profile_extend(struct config *c, struct profile *p)
{
	struct chain chain = { NULL, 0, 0 };
	struct profile *out = arena_alloc(c->a, sizeof(*out));
	const struct profile *leaf = p;

	if (p->broken)
		return NULL;
	while (p != NULL) {
		VEC_PUSH(c->a, &chain, p);
		if (!p->extends.set)
			break;
		struct profile *parent = profile_find(c, p->extends.text);
		p = parent != NULL ? parent : profile_builtin(c, p->extends.text);
	}
	*out = *chain.v[chain.len - 1];
	out->name = leaf->name;
	out->origin = leaf->origin;
	out->description = leaf->description;
	out->builtin = leaf->builtin;
	out->extends.set = false;
	for (size_t i = 0; i + 1 < chain.len; i++) {
		struct parent step = { chain.v[i]->name, chain.v[i + 1]->name,
		    chain.v[i]->extends.origin };
		VEC_PUSH(c->a, &out->parents, step);
	}
	for (size_t i = chain.len - 1; i-- > 0; ) {
		const struct profile *layer = chain.v[i];
		merge_setting(&out->scan_depth, &layer->scan_depth);
		items_merge(c->a, &out->places, &layer->places);
		items_merge(c->a, &out->roots, &layer->roots);
		merge_network(c, &out->network, &layer->network);
	}
	return out;
}
