/* SPDX-License-Identifier: Apache-2.0 */
/* compare_names.c - names below one place: those that are written down, and one of each other kind */
#include <config.h>

#include "compare_names.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "intern.h"
#include "path_dfa.h"

/* The children of a node are in that order already. */
static struct slice
child_name(const struct region *r, size_t i)
{
	return (struct slice){ r->child[i]->name, r->child[i]->len };
}

void
names_merge(struct arena *a, const struct region *x, const struct region *y,
    struct literal_names *out)
{
	size_t nx = x != NULL ? x->nchild : 0, ny = y != NULL ? y->nchild : 0;
	size_t more = out->len, i = 0, k = 0, n = 0;

	if (nx + ny == 0 && more <= 1)
		return;
	struct literal_names all = { arena_array(a, nx + ny + more, sizeof(struct slice)), 0,
	    nx + ny + more };
	while (i < nx || k < ny) {
		struct slice p = i < nx ? child_name(x, i) : child_name(y, k);
		int c = i == nx ? 1 : k == ny ? -1 : 0;
		if (c == 0) {
			struct slice q = child_name(y, k);
			c = slice_cmp(&p, &q);
			if (c > 0)
				p = q;
		}
		i += c <= 0;
		k += c >= 0;
		all.v[all.len++] = p;
	}
	for (size_t m = 0; m < more; m++)
		all.v[all.len++] = out->v[m];
	if (more > 0 && all.len > 1)
		qsort(all.v, all.len, sizeof(struct slice), slice_cmp);
	for (size_t m = 0; m < all.len; m++)
		if (n == 0 || slice_cmp(&all.v[n - 1], &all.v[m]) != 0)
			all.v[n++] = all.v[m];
	all.len = n;
	*out = all;
}

bool
names_have(const struct literal_names *names, struct slice s)
{
	return names->len > 0 &&
	    bsearch(&s, names->v, names->len, sizeof(s), slice_cmp) != NULL;
}

bool
names_spelling(struct arena *a, const struct literal_names *literal, const struct region *r,
    struct slice *out)
{
	char *s = arena_strndup(a, r->name, r->len);

	*out = (struct slice){ s, r->len };
	for (unsigned k = 0; k < 1024; k++) {
		unsigned bit = 0;
		for (size_t i = 0; i < r->len; i++) {
			bool letter = r->name[i] >= 'a' && r->name[i] <= 'z';
			bool up = letter && bit < 10 && (k >> bit & 1) != 0;
			s[i] = up ? (char)(r->name[i] - 'a' + 'A') : r->name[i];
			bit += letter;
		}
		if (k >> (bit < 10 ? bit : 10) != 0)
			return false;
		if (!names_have(literal, *out))
			return true;
	}
	return false;
}

/* What one set of DFAs gives without exceptions. */
struct answer {
	const struct dfa **dfa;		/* unique */
	size_t		 n;
	struct { struct slice *v; size_t len, cap; } name;
};

struct name_memo {
	struct arena	*a;
	struct strmap	*answers;	/* by the addresses of the DFAs, in the order given */
};

struct name_memo *
name_memo_new(struct arena *a)
{
	struct name_memo *m = arena_alloc(a, sizeof(*m));
	m->a = a;
	m->answers = strmap_new(a);
	return m;
}

struct collector {
	struct arena	*a;
	struct answer	*answer;
};

static bool
collect(void *arg, const uint64_t *accepts, const char *name, size_t len)
{
	struct collector *c = arg;
	(void)accepts;
	VEC_PUSH(c->a, &c->answer->name, ((struct slice){ arena_strndup(c->a, name, len), len }));
	return true;
}

static struct answer *
ask(struct name_memo *m, const struct dfa *const *dfa, size_t n, size_t max_states)
{
	struct answer *x = arena_alloc(m->a, sizeof(*x));
	struct collector c = { m->a, x };

	x->dfa = arena_array(m->a, n, sizeof(*x->dfa));
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < x->n && !dfa_equal(dfa[i], x->dfa[k]))
			k++;
		if (k == x->n)
			x->dfa[x->n++] = dfa[i];
	}
	if (dfa_name_classes(x->dfa, x->n, NULL, 0, max_states, collect, &c) != 0)
		return NULL;
	return x;
}

struct teller {
	void		(*found)(void *, const char *, size_t);
	void		*arg;
};

static bool
tell(void *arg, const uint64_t *accepts, const char *name, size_t len)
{
	const struct teller *t = arg;
	(void)accepts;
	t->found(t->arg, name, len);
	return true;
}

int
name_memo_classes(struct name_memo *m, const struct dfa *const *dfa, size_t n,
    const struct literal_names *except, size_t max_states,
    void (*found)(void *, const char *name, size_t len), void *arg)
{
	const char *key = n == 0 ? "" : (const char *)dfa;
	struct answer *x = strmap_get(m->answers, key, n * sizeof(*dfa));

	if (x == NULL) {
		x = ask(m, dfa, n, max_states);
		if (x == NULL)
			return -1;
		strmap_put(m->answers, key, n * sizeof(*dfa), x);
	}
	for (size_t i = 0; i < x->name.len && except->len > 0; i++)
		if (bsearch(&x->name.v[i], except->v, except->len, sizeof(struct slice),
		    slice_cmp) != NULL) {
			struct teller t = { found, arg };
			return dfa_name_classes(x->dfa, x->n, except->v, except->len, max_states,
			    tell, &t);
		}
	for (size_t i = 0; i < x->name.len; i++)
		found(arg, x->name.v[i].p, x->name.v[i].len);
	return 0;
}
