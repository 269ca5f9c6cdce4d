/* SPDX-License-Identifier: Apache-2.0 */
/* process_tree.c - the descendants of a process as a sorted list */
#include <config.h>

#include "process_tree.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum {
	LATE_US		= 1000000,	/* the log's clock and ours differ by less */
	FORGET_US	= 60 * 1000000,	/* and nothing is reported this long after an end */
	PARENTS		= 64,		/* how far up an unknown process is followed */
};

struct process {
	pid_t		 pid;
	bool		 alive;
	uint64_t	 ended;		/* where it is not */
};

struct process_tree {
	struct process_source source;
	struct process	*v;		/* by pid */
	size_t		 len, cap;
	pid_t		*todo;		/* to be looked at; empty between calls */
	size_t		 ntodo, cap_todo;
	pid_t		*listed;	/* room for the children of one process */
	size_t		 cap_listed;
};

static void *
grown(void *old, size_t *cap, size_t want, size_t size)
{
	size_t n = *cap == 0 ? 64 : *cap;

	while (n < want)
		n *= 2;
	void *v = n > SIZE_MAX / size ? NULL : realloc(old, n * size);
	if (v == NULL)
		out_of_memory();
	*cap = n;
	return v;
}

struct process_tree *
process_tree_new(const struct process_source *source)
{
	struct process_tree *t = calloc(1, sizeof(*t));

	if (t == NULL)
		out_of_memory();
	t->source = *source;
	return t;
}

void
process_tree_free(struct process_tree *t)
{
	if (t == NULL)
		return;
	free(t->v);
	free(t->todo);
	free(t->listed);
	free(t);
}

/* The first that is not before `pid'. */
static size_t
place_of(const struct process_tree *t, pid_t pid)
{
	size_t low = 0, high = t->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (t->v[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct process *
find(const struct process_tree *t, pid_t pid)
{
	size_t at = place_of(t, pid);

	return at < t->len && t->v[at].pid == pid ? &t->v[at] : NULL;
}

static void
forget_old(struct process_tree *t, uint64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->len; i++)
		if (t->v[i].alive || now < t->v[i].ended + FORGET_US)
			t->v[kept++] = t->v[i];
	t->len = kept;
}

static struct process *
put(struct process_tree *t, pid_t pid, uint64_t now)
{
	struct process *p = find(t, pid);

	if (p != NULL)
		return p;
	if (t->len == t->cap) {
		forget_old(t, now);
		/* Not again for every one when few were forgotten. */
		if (t->len >= t->cap / 2)
			t->v = grown(t->v, &t->cap, t->cap + 1, sizeof(*t->v));
	}
	size_t at = place_of(t, pid);
	memmove(&t->v[at + 1], &t->v[at], (t->len - at) * sizeof(*t->v));
	t->len++;
	t->v[at] = (struct process){ pid, false, now };
	return &t->v[at];
}

/* The living children that are not yet known to live are left to be looked at. */
static void
list_children(struct process_tree *t, pid_t pid)
{
	size_t n;

	if (t->cap_listed == 0)
		t->listed = grown(NULL, &t->cap_listed, 1, sizeof(*t->listed));
	while ((n = t->source.children(t->source.arg, pid, t->listed, t->cap_listed)) > t->cap_listed)
		t->listed = grown(t->listed, &t->cap_listed, n, sizeof(*t->listed));
	for (size_t i = 0; i < n; i++) {
		const struct process *p = find(t, t->listed[i]);
		if (t->listed[i] <= 0 || (p != NULL && p->alive))
			continue;
		if (t->ntodo == t->cap_todo)
			t->todo = grown(t->todo, &t->cap_todo, t->ntodo + 1, sizeof(*t->todo));
		t->todo[t->ntodo++] = t->listed[i];
	}
}

/* Watched first, listed then: what forks in between is seen by one of the two. */
static void
take(struct process_tree *t, pid_t pid, uint64_t now)
{
	struct process *p = put(t, pid, now);

	if (p->alive)
		return;
	p->ended = now;
	if (t->source.watch(t->source.arg, pid) != 0)
		return;
	p->alive = true;
	list_children(t, pid);
}

static void
take_all(struct process_tree *t, uint64_t now)
{
	while (t->ntodo > 0)
		take(t, t->todo[--t->ntodo], now);
}

void
process_tree_add(struct process_tree *t, pid_t pid, uint64_t now)
{
	take(t, pid, now);
	take_all(t, now);
}

void
process_tree_event(struct process_tree *t, pid_t pid, enum process_event event, uint64_t now)
{
	struct process *p = find(t, pid);

	if (p == NULL || !p->alive)
		return;
	switch (event) {
	case PROCESS_FORKED:
		list_children(t, pid);
		take_all(t, now);
		break;
	case PROCESS_EXITED:
		p->alive = false;
		p->ended = now;
		break;
	}
}

/* One that is not known yet, since its parent's fork was not reported yet. */
static bool
descends(struct process_tree *t, pid_t pid, uint64_t time)
{
	pid_t way[PARENTS];
	size_t n = 0;

	for (pid_t at = pid; n < PARENTS; at = way[n - 1]) {
		way[n] = t->source.parent(t->source.arg, at);
		if (way[n] <= 1)
			return false;
		const struct process *p = find(t, way[n++]);
		if (p != NULL && p->alive) {
			process_tree_add(t, pid, time);
			return true;
		}
	}
	return false;
}

bool
process_tree_has(struct process_tree *t, pid_t pid, uint64_t time)
{
	const struct process *p = find(t, pid);

	if (p != NULL && (p->alive || time == 0 || time <= p->ended + LATE_US))
		return true;
	return descends(t, pid, time);
}

size_t
process_tree_living(const struct process_tree *t, pid_t *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		if (t->v[i].alive && n++ < max)
			out[n - 1] = t->v[i].pid;
	return n;
}
