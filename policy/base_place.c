/* SPDX-License-Identifier: Apache-2.0 */
/* base_place.c - devices, shared memory and processes of the sandbox's own */
#include <config.h>

#include "base_place.h"

#include <string.h>

#include "bound.h"
#include "path.h"

static const struct base_place linux_places[] = {
	{ "/dev", false, false, false },
	{ "/dev/console", false, true, false },
	{ "/dev/fd", true, true, false },
	{ "/dev/full", false, true, false },
	{ "/dev/null", false, true, false },
	{ "/dev/ptmx", false, true, false },
	{ "/dev/pts", true, true, false },
	{ "/dev/random", false, true, false },
	{ "/dev/shm", true, true, true },
	{ "/dev/stderr", false, true, false },
	{ "/dev/stdin", false, true, false },
	{ "/dev/stdout", false, true, false },
	{ "/dev/tty", false, true, false },
	{ "/dev/urandom", false, true, false },
	{ "/dev/zero", false, true, false },
	{ "/proc", true, false, false },
};

/* Seatbelt grants the host's own by name; the top directory can be listed. */
static const struct base_place macos_places[] = {
	{ "/", false, false, false },
	{ "/dev/autofs_nowait", false, true, false },
	{ "/dev/dtracehelper", false, true, false },
	{ "/dev/fd", true, true, false },
	{ "/dev/full", false, true, false },
	{ "/dev/null", false, true, false },
	{ "/dev/ptmx", false, true, false },
	{ "/dev/random", false, true, false },
	{ "/dev/tty", false, true, false },
	{ "/dev/urandom", false, true, false },
	{ "/dev/zero", false, true, false },
};

const struct base_place *
base_places(enum target target, size_t *n)
{
	switch (target) {
	case TARGET_LINUX:
		*n = NELEMS(linux_places);
		return linux_places;
	case TARGET_MACOS:
		*n = NELEMS(macos_places);
		return macos_places;
	case TARGET_WINDOWS:
		break;
	}
	*n = 0;
	return NULL;
}

const struct base_place *
base_place_at(enum target target, const char *path)
{
	size_t n;
	const struct base_place *v = base_places(target, &n);

	for (size_t i = 0; i < n; i++) {
		const struct base_place *p = &v[i];
		if (p->below ? path_within(path, p->path) : strcmp(path, p->path) == 0)
			return p;
	}
	return NULL;
}

struct fs_verdict
decide_sandbox(const struct decide_fs *d, const char *path)
{
	struct fs_verdict v = decide_fs(d, path);
	const struct base_place *p = base_place_at(d->bound->target, path);

	if (p == NULL || v.writable || (v.readable && !p->writable))
		return v;
	const struct fs_rules rules = decide_fs_rules(d, path);
	if (rules.pattern != NULL || (rules.entry != NULL &&
	    rules.entry->source == BOUND_WRITTEN &&
	    (path_within(rules.entry->path, "/dev") || path_within(rules.entry->path, "/proc"))))
		return v;
	return (struct fs_verdict){
		.readable = true,
		.writable = p->writable,
		.pinned = p->writable && (!p->movable || strcmp(path, p->path) == 0),
		.traversable = true,
		.why = { WHY_BASE, NULL, NULL },
	};
}
