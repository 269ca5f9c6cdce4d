/* SPDX-License-Identifier: Apache-2.0 */
/* bind_device.c - --device: which devices a path names */
#include <config.h>

#include "binder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "intern.h"
#include "path.h"

enum {
	MAX_DEVICES	= 1024,		/* of one directory */
	MAX_DEPTH	= 4,		/* below it: /dev/bus/usb/001/001 is two */
};

struct devices {
	struct binder	*b;
	const struct ir_device *asked;
	const char	*dir;		/* being listed */
	struct { const char **v; size_t len, cap; } found, dirs, others;
};

static void
grant(struct binder *b, const struct ir_device *d, const char *path, const char *spelt)
{
	const struct bound_entry bound = {
		.path = path, .access = ACCESS_WRITE, .source = BOUND_WRITTEN,
		.spelt = spelt, .origin = &d->origin,
	};
	VEC_PUSH(b->a, &b->out->entries, bound);
	strmap_put_kept(b->writes, path, strlen(path), b);
}

/*
 * What a sandbox has of its own and the host has something else in the place
 * of: the host's terminals are other people's.  The standard devices are the
 * same everywhere, and may be named.
 */
static bool
is_own(const char *path)
{
	static const char *const own[] = {
		"/dev/ptmx", "/dev/stdin", "/dev/stdout", "/dev/stderr",
	};
	const struct base_place *p = base_place_at(TARGET_LINUX, path);

	for (size_t i = 0; i < NELEMS(own); i++)
		if (strcmp(path, own[i]) == 0)
			return true;
	return p != NULL && p->below;
}

static int
each_child(void *arg, const char *name, enum node_kind kind)
{
	struct devices *d = arg;
	const char *path = arena_printf(d->b->a, "%s/%s", d->dir, name);

	if (kind == NODE_DIR)
		VEC_PUSH(d->b->a, &d->dirs, path);
	else if (kind == NODE_OTHER)
		VEC_PUSH(d->b->a, &d->others, path);
	return 0;
}

/* What can be listed of a directory and of those below it; sockets and pipes are passed over. */
static int
look_into(struct devices *d, const char *top)
{
	struct binder *b = d->b;
	const char *why;

	VEC_PUSH(b->a, &d->dirs, top);
	for (size_t i = 0; i < d->dirs.len; i++) {
		d->dir = d->dirs.v[i];
		if (path_depth(d->dir) > path_depth(top) + MAX_DEPTH)
			continue;
		if (b->host->list(b->host, d->dir, each_child, d) != 0 && i == 0)
			return bind_fail(b, &d->asked->origin, "%s: cannot be listed: %s", d->dir,
			    strerror(errno));
	}
	for (size_t i = 0; i < d->others.len; i++) {
		const struct fact *f = canon_fact(b->canon, d->others.v[i], &why);
		if (f == NULL)
			return bind_fail(b, &d->asked->origin, "%s", why);
		if (f->device && !is_own(f->path))
			VEC_PUSH(b->a, &d->found, f->path);
	}
	if (d->found.len == 0)
		return bind_fail(b, &d->asked->origin, "%s holds no device", top);
	if (d->found.len > MAX_DEVICES)
		return bind_fail(b, &d->asked->origin, "%s holds %zu devices, and %d at most can be given at "
		    "once: name those that are needed", top, d->found.len, MAX_DEVICES);
	return 0;
}

static int
by_path(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int
grant_directory(struct binder *b, const struct ir_device *d, const char *dir)
{
	struct devices all = { .b = b, .asked = d };

	if (look_into(&all, dir) != 0)
		return -1;
	/* In whatever order they were listed: messages come in that of the paths. */
	qsort(all.found.v, all.found.len, sizeof(*all.found.v), by_path);
	for (size_t i = 0; i < all.found.len; i++)
		grant(b, d, all.found.v[i], all.found.v[i]);
	return 0;
}

int
bind_device(struct binder *b, const struct ir_device *d)
{
	const struct ir_origin *o = &d->origin;
	const char *path, *name;
	struct canon_way way;

	if (b->rq->target != TARGET_LINUX)
		return bind_fail(b, o, "%s: devices can be added on Linux only; elsewhere write an entry "
		    "in the profile", d->path);
	if (!path_below(d->path, "/dev"))
		return bind_fail(b, o, "%s is not below /dev: name a device there, or a directory of "
		    "devices", d->path);
	/* The names of standard input and the like, whatever they lead to. */
	if (is_own(d->path))
		return bind_fail(b, o, "%s: every sandbox has its own", d->path);
	if (bind_resolve(b, "/", d->path, NULL, o, &way) != 0)
		return -1;
	path = name = way.end->path;
	if (strcmp(path, d->path) != 0)
		name = arena_printf(b->a, "%s, to which %s leads,", path, d->path);
	if (!path_below(path, "/dev"))
		return bind_fail(b, o, "%s is not below /dev", name);
	if (is_own(path))
		return bind_fail(b, o, "%s: every sandbox has its own", path);
	if (way.end->kind == NODE_MISSING)
		return bind_fail(b, o, "%s does not exist", name);
	if (way.end->kind != NODE_DIR && !way.end->device)
		return bind_fail(b, o, "%s is neither a device nor a directory of devices", name);
	bind_record_links(b, &way, BOUND_WRITTEN, o);
	if (way.end->kind == NODE_DIR)
		return grant_directory(b, d, path);
	grant(b, d, path, d->path);
	return 0;
}
