/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_sweep.c - removing the mount points that killed runs left */
#include <config.h>

#include "ledger_sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "stub_ledger.h"
#include "stub_place.h"

enum { SWEEP_WAITS = 4 };	/* for a killed run to end, as ledger_wait() */

void
ledger_wait(int turn)
{
	const struct timespec pause = { 0, 1000000L << turn };

	nanosleep(&pause, NULL);
}

/* One place of the ledger.  What cannot be removed stays recorded. */
static enum stub_fate
sweep_line(struct arena *a, struct ledger *l, struct ledger_line *line, bool dry)
{
	const char *name;
	char tmp[STUB_NAME_MAX];
	int dir = stub_parent(a, line->path, &name);

	if (dir < 0) {
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			return STUB_STUCK;
		if (!dry)
			ledger_set(l, line, 0, 0);
		return STUB_NOTHING;
	}
	stub_temporary_name(name, tmp);
	enum stub_fate fate = stub_sweep(dir, name, l, false, dry);
	int saved = errno;
	/* Where nothing was made in this boot, or nothing at all, whoever has made it: not we. */
	if (fate == STUB_UNSURE && (line->this_boot || (line->dev == 0 && line->ino == 0)))
		fate = STUB_TAKEN;
	enum stub_fate rest = stub_sweep(dir, tmp, l, true, dry);
	if (rest == STUB_HELD || rest == STUB_DYING || rest == STUB_STUCK)
		fate = rest;
	else if (rest == STUB_REMOVED && (fate == STUB_NOTHING || fate == STUB_TAKEN))
		fate = STUB_REMOVED;
	if (!dry && (fate == STUB_NOTHING || fate == STUB_REMOVED || fate == STUB_TAKEN))
		ledger_set(l, line, 0, 0);
	close(dir);
	errno = saved;
	return fate;
}

static int
deeper_first(const void *x, const void *y)
{
	const struct ledger_line *const *a = x, *const *b = y;
	size_t m = strlen((*a)->path), n = strlen((*b)->path);

	return (m < n) - (m > n);
}

/* What became of each place, for whoever wants to say so. */
struct visit {
	struct { struct stub_left *v; size_t len, cap; } found;
	bool		 dry;
};

/* Looked at again it may have another fate: the last one counts, unless it was removed before. */
static void
note_fate(struct arena *a, struct visit *visit, const char *path, enum stub_fate fate)
{
	for (size_t i = 0; i < visit->found.len; i++)
		if (strcmp(visit->found.v[i].path, path) == 0) {
			visit->found.v[i].fate = fate;
			visit->found.v[i].error = errno;
			return;
		}
	if (fate != STUB_NOTHING)
		VEC_PUSH(a, &visit->found, ((struct stub_left){ path, fate, errno, 0 }));
}

/*
 * Everything recorded that no run holds.  Returns how many places are held
 * by runs that are dying: in a moment they can be had.
 */
static size_t
visit_all(struct arena *a, struct ledger *l, struct visit *visit)
{
	struct { struct ledger_line **v; size_t len, cap; } dirty = { NULL, 0, 0 };
	size_t dying = 0;

	for (size_t i = 0; i < l->lines.len; i++)
		if (ledger_is_dirty(&l->lines.v[i]))
			VEC_PUSH(a, &dirty, &l->lines.v[i]);
	if (dirty.len > 1)
		qsort(dirty.v, dirty.len, sizeof(dirty.v[0]), deeper_first);
	for (size_t i = 0; i < dirty.len; i++) {
		enum stub_fate fate = sweep_line(a, l, dirty.v[i], visit != NULL && visit->dry);
		dying += fate == STUB_DYING;
		if (visit != NULL)
			note_fate(a, visit, dirty.v[i]->path, fate);
	}
	return dying;
}

size_t
ledger_sweep(struct arena *a, struct ledger *l)
{
	return visit_all(a, l, NULL);
}

/* The lock is let go while a dying run is waited for, since its janitor needs it. */
static int
open_swept(struct arena *a, const char *state_dir, bool only_existing, struct ledger *l,
    struct visit *visit, const char **why)
{
	for (int i = 0; ; i++) {
		int rc = ledger_open(a, state_dir, only_existing, l, why);
		if (rc != 0)
			return rc;
		if (visit_all(a, l, visit) == 0 || i == (visit != NULL ? LEDGER_DYING_WAITS : SWEEP_WAITS))
			return 0;
		ledger_close(l);
		ledger_wait(i);
	}
}

int
ledger_open_swept(struct arena *a, const char *state_dir, bool only_existing, struct ledger *l,
    const char **why)
{
	return open_swept(a, state_dir, only_existing, l, NULL, why);
}

int
ledger_clean(struct arena *a, const char *state_dir, bool dry, struct stub_left **left, size_t *n,
    const char **why)
{
	struct visit visit = { .dry = dry };
	struct ledger l;

	*left = NULL;
	*n = 0;
	int rc = open_swept(a, state_dir, true, &l, &visit, why);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	for (size_t i = 0; i < visit.found.len; i++) {
		struct stub_left *f = &visit.found.v[i];
		const char *name;
		int dir = f->fate == STUB_HELD ? stub_parent(a, f->path, &name) : -1;
		if (dir < 0)
			continue;
		f->holder = stub_holder(dir, name);
		close(dir);
	}
	ledger_close(&l);
	*left = visit.found.v;
	*n = visit.found.len;
	return 0;
}
