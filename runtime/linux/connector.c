/* SPDX-License-Identifier: Apache-2.0 */
/* connector.c - takes the socket and the address, judges, connects (spec 3.1.1) */
#include <config.h>

#include "connector.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unix_listeners.h"

void
connector_init(struct connector *c)
{
	pthread_mutex_init(&c->lock, NULL);
	c->inside = c->here = -1;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
connector_end(struct connector *c)
{
	close_fd(&c->inside);
	close_fd(&c->here);
	pthread_mutex_destroy(&c->lock);
}

/* ---- what is meant ---- */

static int
open_target(struct connection *c)
{
	c->target = child_view_path(&c->view, c->address.path);
	return c->target < 0 || fstat(c->target, &c->file) != 0 ? errno : 0;
}

int
connection_take(struct connection *c, pid_t tid, const uint64_t *args)
{
	int domain, len = (int)(uint32_t)args[2];
	socklen_t size = sizeof(domain);

	*c = (struct connection){ .view = { .pidfd = -1 }, .socket = -1, .target = -1 };
	if (child_view_open(&c->view, tid) != 0)
		return EPERM;
	c->socket = child_view_fd(&c->view, (int)(uint32_t)args[0]);
	if (c->socket < 0)
		return errno;
	if (len < 0 || (size_t)len > sizeof(c->address.u))
		return EINVAL;
	if (child_view_read(&c->view, args[1], &c->address.u, (size_t)len) != 0)
		return errno;
	c->address.len = (socklen_t)len;
	if (getsockopt(c->socket, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
		return errno;
	int error = connect_address_read(&c->address, domain);
	if (error == 0 && c->address.kind == CONNECT_PATH)
		c->path_error = open_target(c);
	return error;
}

void
connection_close(struct connection *c)
{
	close_fd(&c->target);
	close_fd(&c->socket);
	child_view_close(&c->view);
}

/* ---- whether it may be ---- */

/* With the lock held.  The process is one of the sandbox, whose network it cannot leave. */
static int
open_inside(struct connector *c, const struct connection *x)
{
	if (c->inside >= 0)
		return 0;
	int fd = unix_listeners_of(x->view.pidfd);
	if (fd < 0 || unix_listeners_namespace(fd, &c->network) != 0) {
		close_fd(&fd);
		return -1;
	}
	c->inside = fd;
	return 0;
}

/*
 * The socket is of the sandbox's network namespace: nothing that is outside
 * can be reached with it but by a path.  One that was given to the command by
 * others may be of another.
 */
static bool
is_of_sandbox(struct connector *c, const struct connection *x)
{
	struct stat st;

	if (!c->own_network)
		return false;
	pthread_mutex_lock(&c->lock);
	bool known = open_inside(c, x) == 0;
	pthread_mutex_unlock(&c->lock);
	return known && unix_listeners_namespace(x->socket, &st) == 0 &&
	    st.st_dev == c->network.st_dev && st.st_ino == c->network.st_ino;
}

static bool
listens_inside(struct connector *c, const struct connection *x)
{
	pthread_mutex_lock(&c->lock);
	bool found = c->own_network && open_inside(c, x) == 0 &&
	    unix_listeners_has(c->inside, &x->file) == 1;
	pthread_mutex_unlock(&c->lock);
	return found;
}

/*
 * Somebody on our side listens, so that it is refused.  Where nobody does the
 * file is a dead socket, and programs that find their own left over, to make
 * it anew, expect to be told so.
 */
static bool
listens_here(struct connector *c, const struct connection *x)
{
	pthread_mutex_lock(&c->lock);
	if (c->here < 0)
		c->here = unix_listeners_here();
	bool found = c->here < 0 || unix_listeners_has(c->here, &x->file) != 0;
	pthread_mutex_unlock(&c->lock);
	return found;
}

/* The file's own path: from the sandbox's root, where mounts have the places that they have outside. */
static bool
path_allows(struct connector *c, const struct connection *x)
{
	char link[64], path[PATH_MAX];

	/* Removed: it has no path any more. */
	if (c->allows == NULL || x->file.st_nlink == 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", x->target);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0 || path[0] != '/')
		return false;
	path[n] = '\0';
	return c->allows(c->arg, path, &x->file);
}

/*
 * A socket that the policy allows may lie where the command sees nothing, as
 * the rules for files are not asked about it.  What is refused here gets the
 * error that it got inside: nothing is told of what is outside.
 */
static bool
allowed_outside(struct connector *c, struct connection *x)
{
	if (c->allows == NULL || x->address.path[0] != '/')
		return false;
	close_fd(&x->target);
	x->target = open(x->address.path, O_PATH | O_CLOEXEC);
	return x->target >= 0 && fstat(x->target, &x->file) == 0 &&
	    S_ISSOCK(x->file.st_mode) && path_allows(c, x);
}

static int
judge_file(struct connector *c, struct connection *x)
{
	int error = x->path_error != 0 ? x->path_error :
	    S_ISSOCK(x->file.st_mode) ? 0 : ECONNREFUSED;

	if (error != 0)
		return allowed_outside(c, x) ? 0 : error;
	if (path_allows(c, x) || listens_inside(c, x))
		return 0;
	return listens_here(c, x) ? EACCES : ECONNREFUSED;
}

int
connector_judge(struct connector *c, struct connection *x)
{
	switch (x->address.kind) {
	case CONNECT_KERNEL:
	case CONNECT_ABSTRACT:
		return is_of_sandbox(c, x) ? 0 : EACCES;
	case CONNECT_PATH:
		return judge_file(c, x);
	case CONNECT_FOREIGN:
		break;
	}
	return EACCES;
}

/* ---- doing it ---- */

int
connection_make(const struct connection *x)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const struct sockaddr *to = &x->address.u.any;
	socklen_t len = x->address.len;

	/* The file that was judged, whatever is at the path by now. */
	if (x->address.kind == CONNECT_PATH) {
		snprintf(un.sun_path, sizeof(un.sun_path), "/proc/self/fd/%d", x->target);
		to = (const struct sockaddr *)&un;
		len = sizeof(un);
	}
	return connect(x->socket, to, len) == 0 ? 0 : errno;
}
