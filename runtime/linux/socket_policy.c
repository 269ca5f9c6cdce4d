/* SPDX-License-Identifier: Apache-2.0 */
/* socket_policy.c - the rules of unix_sockets, and what was at their paths at the start */
#include <config.h>

#include "socket_policy.h"

#include <limits.h>
#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "path.h"

struct known_socket {
	const char	*path;
	dev_t		 dev;
	ino_t		 ino;
};

struct socket_policy {
	const struct decide_fs *fs;
	bool		 mounts;
	struct { struct known_socket *v; size_t len, cap; } known;	/* of rules that name a socket */
};

struct socket_policy *
socket_policy_new(struct arena *a, const struct decide_fs *fs, bool mounts)
{
	const struct bound_policy *b = fs->bound;
	struct socket_policy *p = arena_alloc(a, sizeof(*p));
	bool any = b->ir->network.all_sockets;
	struct stat st;

	*p = (struct socket_policy){ .fs = fs, .mounts = mounts };
	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		any |= s->allow;
		if (s->allow && lstat(s->path, &st) == 0 && S_ISSOCK(st.st_mode))
			VEC_PUSH(a, &p->known, ((struct known_socket){ s->path, st.st_dev, st.st_ino }));
	}
	return any ? p : NULL;
}

/* The command can put something else at this path: its directory is writable, and it is not pinned. */
static bool
can_be_replaced(const struct socket_policy *p, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == path ? 1 : (size_t)(slash - path);

	if (n >= sizeof(dir))
		return true;
	memcpy(dir, path, n);
	dir[n] = '\0';
	return decide_fs(p->fs, dir).writable && !(p->mounts && decide_fs(p->fs, path).pinned);
}

/*
 * Some rule allows the whole of the writable place that the path is in, so
 * that nothing is moved into it that was not there before.
 */
static bool
whole_place_allowed(const struct socket_policy *p, const char *path)
{
	const struct bound_policy *b = p->fs->bound;

	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		if (s->allow && path_within(path, s->path) && strcmp(path, s->path) != 0 &&
		    (strcmp(s->path, "/") == 0 || !can_be_replaced(p, s->path)))
			return true;
	}
	return false;
}

bool
socket_policy_allows(const struct socket_policy *p, const char *path, const struct stat *st)
{
	const struct net_decision d = decide_net_socket(p->fs->bound, path);

	if (!d.allow)
		return false;
	if (d.reason != NET_BY_RULE || !can_be_replaced(p, path) || whole_place_allowed(p, path))
		return true;
	for (size_t i = 0; i < p->known.len; i++)
		if (strcmp(p->known.v[i].path, path) == 0 && p->known.v[i].dev == st->st_dev &&
		    p->known.v[i].ino == st->st_ino)
			return true;
	return false;
}
