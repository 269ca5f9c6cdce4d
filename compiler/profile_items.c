/* SPDX-License-Identifier: Apache-2.0 */
/* profile_items.c - tables with normalised keys: twice is an error, later replaces earlier */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "intern.h"

/* The index may still hold names under which the item at that position is no longer known. */
static struct item *
find(const struct items *t, const char *same)
{
	if (same == NULL || t->index == NULL)
		return NULL;
	size_t at = (size_t)(uintptr_t)strmap_get(t->index, same, strlen(same));
	if (at == 0)
		return NULL;
	struct item *it = &t->v[at - 1];
	return !it->gone && (strcmp(it->same[0], same) == 0 ||
	    (it->same[1] != NULL && strcmp(it->same[1], same) == 0)) ? it : NULL;
}

static void
enter(struct arena *a, struct items *t, size_t at)
{
	if (t->index == NULL)
		t->index = strmap_new(a);
	for (size_t k = 0; k < NELEMS(t->v[at].same); k++) {
		const char *same = t->v[at].same[k];
		if (same != NULL)
			strmap_put_kept(t->index, same, strlen(same), (void *)(uintptr_t)(at + 1));
	}
}

/*
 * Put `it' where the first item of the same name stood, or at the end.  An
 * item may go by two names: whatever else goes by one of them is gone.
 */
static void
append(struct arena *a, struct items *t, struct item it)
{
	VEC_PUSH(a, t, it);
	enter(a, t, t->len - 1);
}

/* Behind what `it' has replaced already. */
static void
remember(struct arena *a, struct item *it, const struct item *old)
{
	struct item *copy = arena_alloc(a, sizeof(*copy));
	const struct item **last = &it->replaced;
	*copy = *old;
	/* At most the layers and ancestors there are, of two items. */
	while (*last != NULL)
		last = &((struct item *)*last)->replaced;
	*last = copy;
}

void
items_put(struct arena *a, struct items *t, struct item it)
{
	struct item *spot = NULL;
	for (size_t k = 0; k < NELEMS(it.same); k++) {
		struct item *old = find(t, it.same[k]);
		if (old == NULL)
			continue;
		old->gone = true;
		remember(a, &it, old);
		if (spot == NULL || old < spot)
			spot = old;
	}
	if (spot == NULL) {
		append(a, t, it);
		return;
	}
	*spot = it;
	enter(a, t, (size_t)(spot - t->v));
}

void
items_add(struct config *c, struct items *t, struct item it, const char *what)
{
	bool known = false;
	for (size_t k = 0; k < NELEMS(it.same); k++) {
		const struct item *old = find(t, it.same[k]);
		known |= old != NULL;
		if (old == NULL || old->layer != it.layer)
			continue;
		struct diag *e;
		if (strcmp(old->origin.text, it.origin.text) == 0)
			e = diag_add(c->d, D_TWICE, it.origin.span,
			    "%s \"%s\" is named twice", what, it.origin.text);
		else
			e = diag_add(c->d, D_TWICE, it.origin.span,
			    "\"%s\" names the same %s as \"%s\"", it.origin.text, what,
			    old->origin.text);
		diag_hint(c->d, e, "keep one of them");
		diag_note(c->d, e, old->origin.span, "first named here");
		return;
	}
	if (known)
		items_put(c->a, t, it);
	else
		append(c->a, t, it);
}

void
items_merge(struct arena *a, struct items *base, const struct items *over)
{
	for (size_t i = 0; i < over->len; i++)
		if (!over->v[i].gone)
			items_put(a, base, over->v[i]);
}
