/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_anchor.c - regular expressions, each brought to the places that it is for */
#include <config.h>

#include "seatbelt_rules.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"
#include "sbpl.h"

/*
 * An expression stands beside (subpath ROOT) and begins with "/[^/]+" for each
 * component of ROOT, so it is one of what follows ROOT.  That is taken
 * literally here: what is left of the text is the expression of a tail, the
 * same for places at any depth; and where it is but a list of names, each
 * letter in both cases, it is a list of places that every spelling reaches.
 * By either the walk has a few states where whole paths would give it one
 * automaton for each depth and thousands for names.
 */
static const char unit[] = "/[^/]+";

/* What is known of one text, with or without what was taken off its front. */
struct known {
	bool		 names;
	struct sb_places list;		/* names: the paths are NULL */
	uint32_t	 dfa;
};

/* ---- tails ---- */

/* The text without "^" and this many components; NULL where it has not as many, or alternatives of them. */
static const char *
behind(const char *text, size_t depth)
{
	int group = 0;

	if (*text++ != '^')
		return NULL;
	for (; depth > 0; depth--) {
		if (strncmp(text, unit, sizeof(unit) - 1) != 0)
			return NULL;
		text += sizeof(unit) - 1;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
		} else if (*p == '[') {
			/* A "]" that is first is a member. */
			p += p[1] == '^' ? 2 : 1;
			p += *p != '\0';
			while (*p != '\0' && *p != ']')
				p++;
			if (*p == '\0')
				return NULL;
		} else if (*p == '(') {
			group++;
		} else if (*p == ')') {
			group--;
		} else if (*p == '|' && group == 0) {
			return NULL;
		}
	}
	return text;
}

/* Nothing but a slash can come first: so it was a whole component that ended there. */
static bool
begins_with_slash(const struct dfa *d)
{
	for (unsigned c = 1; c < 256; c++) {
		uint32_t s = d->next[d->class_of[c]];
		if (c != '/' && (d->accept[s] || !sb_dfa_stays(d, s)))
			return false;
	}
	return true;
}

/* How a text is found again: by what was made of it, and itself. */
static const char *
key_of(const struct seatbelt_model *m, char use, const char *text)
{
	size_t len = strlen(text);
	char *key = arena_alloc(m->a, len + 2);

	key[0] = use;
	memcpy(key + 1, text, len);
	return key;
}

/* What an expression says behind a place of this depth; NULL where it is not one of what lies there. */
static const struct known *
tail_of(struct seatbelt_model *m, const char *text, size_t depth)
{
	const char *rest = behind(text, depth), *why;

	if (rest == NULL)
		return NULL;
	const char *key = key_of(m, depth > 0 ? 't' : 'f', rest);
	struct known *k = strmap_get(m->by_regex, key, strlen(key));
	if (k != NULL)
		return k;
	k = arena_alloc(m->a, sizeof(*k));
	k->names = sb_names_read(m, rest, &k->list);
	/* Nothing but "/" ends where "/" begins. */
	for (size_t i = 0; depth == 0 && i < k->list.len; i++)
		k->names &= k->list.v[i].names != NULL;
	if (!k->names) {
		const char *whole = arena_printf(m->a, "^%s", rest);
		const struct dfa *d = regex_dfa(m->a, whole, strlen(whole), &why);
		if (d == NULL || !begins_with_slash(d) || m->dfa.len == SB_MAX_DFAS)
			return NULL;
		k->dfa = sb_dfa_index(m, d);
	}
	strmap_put_kept(m->by_regex, key, strlen(key), k);
	return k;
}

static const struct known *
whole_of(struct sb_reader *r, const struct sbpl_form *at, const struct sb_filter *f)
{
	struct seatbelt_model *m = r->m;
	const char *key = key_of(m, f->prefix ? 'p' : 'r', f->text), *why = NULL;
	struct known *k = strmap_get(m->by_regex, key, strlen(key));

	if (k != NULL)
		return k;
	k = arena_alloc(m->a, sizeof(*k));
	const struct dfa *d = f->prefix ? prefix_dfa(m->a, f->text, strlen(f->text), &why) :
	    regex_dfa(m->a, f->text, strlen(f->text), &why);
	if (d == NULL)
		return sb_fail(r, at, "the expression \"%.200s\" %s", f->text, why);
	if (m->dfa.len == SB_MAX_DFAS)
		return sb_fail(r, at, "there are too many regular expressions");
	k->dfa = sb_dfa_index(m, d);
	strmap_put_kept(m->by_regex, key, strlen(key), k);
	return k;
}

static void
become_places(struct arena *a, struct sb_filter *f, const struct known *k, const struct sb_places *roots)
{
	const size_t n = roots->len * k->list.len;

	f->kind = SB_PATH;
	f->place = (struct sb_places){ arena_array(a, n + 1, sizeof(*f->place.v)), 0, n + 1 };
	for (size_t i = 0; i < roots->len; i++) {
		for (size_t j = 0; j < k->list.len; j++) {
			struct sb_place p = k->list.v[j];
			p.path = roots->v[i].path;
			f->place.v[f->place.len++] = p;
		}
	}
}

static bool
anchor(struct sb_reader *r, const struct sbpl_form *at, struct sb_filter *f,
    const struct sb_places *roots, size_t depth)
{
	const struct known *k = NULL;

	if (roots != NULL && !f->prefix)
		k = tail_of(r->m, f->text, depth);
	if (k != NULL && k->names) {
		become_places(r->m->a, f, k, roots);
		return true;
	}
	f->kind = SB_TAIL;
	if (k != NULL) {
		f->place = *roots;
	} else {
		const struct sb_place top = { "/", NULL, SB_BELOW };
		VEC_PUSH(r->m->a, &f->place, top);
		k = whole_of(r, at, f);
	}
	if (k != NULL)
		f->index = k->dfa;
	return k != NULL;
}

/* Depth: LIMIT_SBPL_DEPTH. */
static bool
anchor_below(struct sb_reader *r, const struct sbpl_form *at, struct sb_filter *f,
    const struct sb_places *roots, size_t depth)
{
	if (f->kind == SB_REGEX)
		return anchor(r, at, f, roots, depth);
	for (struct sb_filter *c = f->child; c != NULL; c = c->next)
		if (!anchor_below(r, at, c, roots, depth))
			return false;
	return true;
}

/* All of them with what is below, at one depth. */
static bool
are_roots(const struct sb_filter *f, size_t *depth)
{
	if (f->kind != SB_PATH || f->place.len == 0)
		return false;
	*depth = path_depth(f->place.v[0].path);
	for (size_t i = 0; i < f->place.len; i++) {
		const struct sb_place *p = &f->place.v[i];
		if (p->reach != SB_BELOW || p->names != NULL || path_depth(p->path) != *depth)
			return false;
	}
	return true;
}

/* What is left to do of the list: the roots, and one that was an expression of what is below them. */
static bool
only_beside(const struct sb_filter *all, const struct sb_filter *roots)
{
	for (const struct sb_filter *c = all->child; c != NULL; c = c->next) {
		if (c == roots || c->kind == SB_REGEX)
			continue;
		if (c->kind != SB_ANY || c->child == NULL)
			return false;
		for (const struct sb_filter *g = c->child; g != NULL; g = g->next)
			if (g->kind != SB_REGEX)
				return false;
	}
	return all->nchild > 1;
}

/* It holds below the roots alone, or is a list of places there. */
static bool
is_brought(const struct sb_filter *f, const struct sb_filter *roots)
{
	return f->kind == SB_PATH || f->place.v == roots->place.v;
}

static bool
has_regex(const struct sb_filter *f)
{
	if (f->kind == SB_REGEX)
		return true;
	for (const struct sb_filter *c = f->child; c != NULL; c = c->next)
		if (has_regex(c))
			return true;
	return false;
}

bool
sb_anchor(struct sb_reader *r, const struct sbpl_form *at, struct sb_filter *all)
{
	struct sb_filter *roots = NULL;
	size_t depth = 0;

	if (!has_regex(all))
		return true;
	struct sb_filter *c = all->kind == SB_ALL ? all->child : NULL;
	for (; c != NULL && roots == NULL; c = c->next)
		if (are_roots(c, &depth))
			roots = c;
	/* What is around it may tell the places; for what is left there is none around a rule. */
	if (roots == NULL && all->kind == SB_ALL)
		return true;
	bool alone = roots != NULL && only_beside(all, roots);
	if (!anchor_below(r, at, all, roots != NULL ? &roots->place : NULL, depth))
		return false;
	/* They are part of it now: hold nowhere else. */
	for (c = all->child; alone && c != NULL; c = c->next) {
		alone &= c->child != NULL || is_brought(c, roots);
		for (const struct sb_filter *g = c->child; g != NULL; g = g->next)
			alone &= is_brought(g, roots);
	}
	if (alone) {
		/* One of nothing, which holds always. */
		roots->kind = SB_ALL;
		roots->place.len = 0;
	}
	return true;
}

/* ---- asking ---- */

bool
sb_place_holds(const struct sb_place *p, const char *path)
{
	if (p->names == NULL)
		return p->reach == SB_BELOW ? path_within(path, p->path) : strcmp(path, p->path) == 0;
	if (!path_below(path, p->path))
		return false;
	path += strcmp(p->path, "/") == 0 ? 0 : strlen(p->path);
	const char *n = p->names;
	while (*n != '\0' && name_fold(*path) == *n) {
		path++;
		n++;
	}
	if (*n != '\0')
		return false;
	return *path == '\0' ? p->reach != SB_UNDER : p->reach != SB_SELF && *path == '/';
}

bool
sb_tail_holds(const struct seatbelt_model *m, const struct sb_filter *f, const char *path)
{
	const struct dfa *d = m->dfa.v[f->index].dfa;

	for (size_t i = 0; path != NULL && i < f->place.len; i++) {
		const char *root = f->place.v[i].path;
		if (!path_within(path, root))
			continue;
		const char *rest = path + (strcmp(root, "/") == 0 ? 0 : strlen(root));
		if (d->accept[dfa_run(d, 0, rest, strlen(rest))])
			return true;
	}
	return false;
}
