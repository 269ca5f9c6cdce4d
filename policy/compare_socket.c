/* SPDX-License-Identifier: Apache-2.0 */
/* compare_socket.c - two policies compared for the host's Unix sockets */
#include <config.h>

#include "compare_net.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "path.h"

/*
 * A rule holds for its path and all below it, so every path is decided as the
 * deepest path at or above it that some rule of either side names; "/" stands
 * for those that have none.
 */
struct named {
	const char	*path;
	unsigned	 side;
	const struct bound_socket *rule;	/* NULL: "/" itself */
};

/* The way from "/" to a named path. */
struct level {
	const char	*path;
	size_t		 kept[2];	/* rules of each side at or above it */
	bool		 allow[2];
	size_t		 top;		/* index + 1 of the difference that it belongs to; 0: none */
};

struct sockets {
	struct arena	*a;
	const struct bound_policy *side[2];
	struct bound_policy *above[2];	/* the side, with the rules of the way alone */
	struct net_comparison *out;
};

static int
named_cmp(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = path_order(x->path, y->path);
	return c != 0 ? c : (x->rule > y->rule) - (x->rule < y->rule);
}

/* A path that no rule names, for "/": a socket has a name. */
static const char *
unnamed_path(struct sockets *s, const struct named *v, size_t n)
{
	const char *path = "/any.sock";
	for (unsigned k = 1;; k++) {
		bool taken = false;
		for (size_t i = 0; i < n && !taken; i++)
			taken = strcmp(v[i].path, path) == 0;
		if (!taken)
			return path;
		path = arena_printf(s->a, "/any%u.sock", k);
	}
}

static void
decide_level(struct sockets *s, struct level *at, const struct level *up, const char *sample)
{
	struct net_view view[2];
	for (int k = 0; k < 2; k++) {
		s->above[k]->sockets.len = at->kept[k];
		view[k] = (struct net_view){ .decision = decide_net_socket(s->above[k], sample) };
		view[k].allow = at->allow[k] = view[k].decision.allow;
	}
	if (up != NULL && up->allow[0] == at->allow[0] && up->allow[1] == at->allow[1]) {
		at->top = up->top;
		return;
	}
	if (up != NULL && up->top > 0)
		VEC_PUSH(s->a, &s->out->v.v[up->top - 1].except, at->path);
	at->top = 0;
	if (at->allow[0] == at->allow[1])
		return;
	struct net_difference d = { .topic = NET_SOCKET, .what = at->path, .sample = sample,
	    .class = at->allow[1] ? DELTA_WIDER : DELTA_NARROWER, .side = { view[0], view[1] } };
	VEC_PUSH(s->a, &s->out->v, d);
	at->top = s->out->v.len;
}

static size_t
collect(struct sockets *s, struct named *v)
{
	size_t n = 0;
	v[n++] = (struct named){ "/", 0, NULL };
	for (unsigned k = 0; k < 2; k++) {
		const struct bound_policy *b = s->side[k];
		for (size_t i = 0; i < b->sockets.len; i++)
			v[n++] = (struct named){ b->sockets.v[i].path, k, &b->sockets.v[i] };
		s->above[k] = arena_alloc(s->a, sizeof(*s->above[k]));
		*s->above[k] = *b;
		s->above[k]->sockets.v = arena_array(s->a, b->sockets.len + 1,
		    sizeof(struct bound_socket));
	}
	qsort(v, n, sizeof(*v), named_cmp);
	return n;
}

void
compare_sockets(struct arena *a, const struct bound_policy *old, const struct bound_policy *new,
    struct net_comparison *out)
{
	struct sockets s = { .a = a, .side = { old, new }, .out = out };
	struct named *v = arena_array(a, old->sockets.len + new->sockets.len + 1, sizeof(*v));
	size_t n = collect(&s, v);
	const char *nowhere = unnamed_path(&s, v, n);
	struct { struct level *v; size_t len, cap; } way = { NULL, 0, 0 };

	for (size_t i = 0; i < n;) {
		const char *path = v[i].path;
		while (way.len > 0 && !path_within(path, way.v[way.len - 1].path))
			way.len--;
		const struct level *up = way.len > 0 ? &way.v[way.len - 1] : NULL;
		struct level at = { .path = path };
		for (int k = 0; k < 2 && up != NULL; k++)
			at.kept[k] = up->kept[k];
		/* Rules of all sides for one path stand together. */
		for (; i < n && strcmp(v[i].path, path) == 0; i++)
			if (v[i].rule != NULL)
				s.above[v[i].side]->sockets.v[at.kept[v[i].side]++] = *v[i].rule;
		/* "/" comes first: a rule for it is among those just taken. */
		decide_level(&s, &at, up, strcmp(path, "/") == 0 ? nowhere : path);
		VEC_PUSH(a, &way, at);
	}
}
