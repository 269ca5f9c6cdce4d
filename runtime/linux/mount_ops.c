/* SPDX-License-Identifier: Apache-2.0 */
/* mount_ops.c - an option of bwrap to the system calls that carry it out */
#include <config.h>

#include "mount_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "bwrap_args.h"
#include "mount_calls.h"
#include "sandbox_check.h"

/* What bwrap(1) gives every mount, and what --dev-bind leaves out. */
enum {
	PLAIN	= MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
	FROZEN	= PLAIN | MOUNT_ATTR_RDONLY,
};

/* What is made on the way to a place without --perms. */
enum { PARENTS = 0700 };

static const char null_device[] = "/dev/null";

static const struct mount_option dev_options[] = { { "mode", "0755" }, { NULL, NULL } };

static const char *
failed(struct mount_ops *m, const char *what, const char *path)
{
	return arena_printf(m->arena, "%s %s in the sandbox: %s", what, path, strerror(errno));
}

static int
close_fd(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

int
mount_ops_begin(struct mount_ops *m, struct arena *a)
{
	*m = (struct mount_ops){ .arena = a, .host = -1, .root = -1, .null_mask = -1, .fresh_proc = -1,
	    .fresh_dev = -1, .proc = -1 };
	if (mount_private() != 0)
		return -1;
	m->host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	near_dir_begin(&m->near_host, m->host);
	near_dir_begin(&m->near_root, -1);
	return m->host < 0 ? -1 : 0;
}

int
mount_ops_proc(struct mount_ops *m)
{
	m->fresh_proc = mount_new("proc", NULL, PLAIN | MOUNT_ATTR_NOEXEC);
	return m->fresh_proc < 0 ? -1 : 0;
}

/* ---- destinations ---- */

static bool
is_own(const struct mount_ops *m, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	/* Places come parents first: it is one of the last. */
	for (size_t i = m->own.len; i-- > 0;)
		if (m->own.v[i] == st.st_dev)
			return true;
	return false;
}

/*
 * The directory in which a missing destination is made, with the missing ones
 * above it.  On the host nothing is made, which is EROFS here: what is
 * mounted there is known to exist.
 */
static int
make_parent(struct mount_ops *m, const char *path, mode_t mode, const char **name)
{
	int at = m->root;

	for (;;) {
		path += strspn(path, "/");
		size_t len = strcspn(path, "/");
		if (path[len] == '\0')
			break;
		const char *c = arena_strndup(m->arena, path, len);
		int next = sandbox_open(at, c, O_PATH | O_DIRECTORY);
		if (next < 0 && errno == ENOENT) {
			errno = EROFS;
			if (is_own(m, at) && mkdirat(at, c, mode) == 0)
				next = sandbox_open(at, c, O_PATH | O_DIRECTORY);
		}
		if (at != m->root)
			close_fd(at);
		if (next < 0)
			return -1;
		at = next;
		path += len;
	}
	*name = path;
	if (is_own(m, at))
		return at != m->root ? at : fcntl(at, F_DUPFD_CLOEXEC, 0);
	if (at != m->root)
		close_fd(at);
	errno = EROFS;
	return -1;
}

/* As bwrap: a directory 0755, a file that nobody writes. */
static int
attach_new(int tree, int parent, const char *name, bool dir)
{
	if (dir ? mkdirat(parent, name, 0755) != 0 : mknodat(parent, name, S_IFREG | 0444, 0) != 0)
		return -1;
	return mount_attach_at(tree, parent, name);
}

static int
attach_with_parents(struct mount_ops *m, int tree, const char *path, bool dir, mode_t parents)
{
	const char *name;
	int parent = make_parent(m, path, parents, &name);
	int rc = parent < 0 ? -1 : attach_new(tree, parent, name, dir);

	close_fd(parent);
	return rc;
}

/* The first mount is the root; everything else has a place in it. */
static int
attach_root(struct mount_ops *m, int tree)
{
	if (mount_attach_root(tree) != 0 || (m->root = fcntl(tree, F_DUPFD_CLOEXEC, 0)) < 0)
		return -1;
	near_dir_begin(&m->near_root, m->root);
	return 0;
}

static bool
is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A mount point that is missing is made of the kind that `like' has open. */
static int
attach(struct mount_ops *m, int tree, const char *path, int like, mode_t parents)
{
	if (m->root < 0)
		return attach_root(m, tree);
	const char *name;
	int dir = near_dir_parent(&m->near_root, path, &name);
	int rc = dir < 0 ? -1 : mount_attach_at(tree, dir, name);
	if (rc != 0 && errno == ENOENT)
		rc = dir >= 0 && is_own(m, dir) ? attach_new(tree, dir, name, is_dir(like)) :
		    attach_with_parents(m, tree, path, is_dir(like), parents);
	near_dir_changed(&m->near_root, path);
	return rc;
}

/* ---- operations ---- */

/* A copy of a place of the host as it was when we came, with what is mounted below it. */
static int
clone_host(struct mount_ops *m, const char *src)
{
	const char *name;
	struct stat st;
	int dir = near_dir_parent(&m->near_host, src, &name);
	int tree = dir < 0 ? -1 : mount_clone_at(dir, name);

	if (tree < 0 || fstat(tree, &st) != 0)
		return close_fd(tree);
	if (!S_ISLNK(st.st_mode))
		return tree;
	errno = ELOOP;
	return close_fd(tree);
}

static int
bind_host(struct mount_ops *m, const char *src, const char *dst, uint64_t attributes)
{
	int tree = clone_host(m, src);

	if (tree < 0 || mount_restrict(tree, attributes, true) != 0 ||
	    attach(m, tree, dst, tree, PARENTS) != 0)
		return close_fd(tree);
	close_fd(tree);
	return 0;
}

/* One that is mounted already is copied with its attributes, which saves two calls of five. */
static int
mask_file(struct mount_ops *m, const char *dst)
{
	if (m->null_mask < 0) {
		if (bind_host(m, null_device, dst, FROZEN) != 0)
			return -1;
		m->null_mask = sandbox_open(m->root, dst, O_PATH);
		return m->null_mask < 0 ? -1 : 0;
	}
	int tree = mount_clone(m->null_mask, false);
	if (tree < 0 || attach(m, tree, dst, tree, PARENTS) != 0)
		return close_fd(tree);
	close_fd(tree);
	return 0;
}

static int
new_tmpfs(struct mount_ops *m, const char *dst, unsigned perms)
{
	char mode[16];
	const struct mount_option options[] = { { "mode", mode }, { NULL, NULL } };
	struct stat st;
	/* As bwrap has it: whom the place is closed to, its parents are too. */
	mode_t parents = 0755;

	if ((perms & 0070) == 0)
		parents &= ~(mode_t)0050;
	if ((perms & 0007) == 0)
		parents &= ~(mode_t)0005;
	snprintf(mode, sizeof(mode), "%#o", perms);
	int tree = mount_new("tmpfs", options, PLAIN);
	if (tree < 0 || fstat(tree, &st) != 0 || attach(m, tree, dst, tree, parents) != 0)
		return close_fd(tree);
	VEC_PUSH(m->arena, &m->own, (uint64_t)st.st_dev);
	close_fd(tree);
	return 0;
}

static int
new_proc(struct mount_ops *m, const char *dst)
{
	int tree = m->fresh_proc;

	if (tree < 0 && mount_ops_proc(m) == 0)
		tree = m->fresh_proc;
	m->fresh_proc = -1;
	if (tree < 0 || attach(m, tree, dst, tree, PARENTS) != 0)
		return close_fd(tree);
	if (m->proc < 0)
		m->proc = mount_clone(tree, false);
	close_fd(tree);
	return m->proc < 0 ? -1 : 0;
}

static int
link_in(int dir, const char *target, const char *name)
{
	return symlinkat(target, dir, name);
}

/* A device of the host in `dev', which is fresh: nothing there has that name. */
static int
add_device(struct mount_ops *m, int dev, const char *src, const char *name)
{
	int tree = mknodat(dev, name, S_IFREG | 0444, 0) == 0 ? clone_host(m, src) : -1;
	int rc = tree < 0 || mount_restrict(tree, MOUNT_ATTR_NOSUID, true) != 0 ? -1 :
	    mount_attach_at(tree, dev, name);

	close_fd(tree);
	return rc;
}

static int
add_devpts(int dev)
{
	static const struct mount_option options[] = {
		{ "ptmxmode", "0666" }, { "mode", "620" }, { NULL, NULL },
	};
	int tree = mkdirat(dev, "pts", 0755) == 0 ?
	    mount_new("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC) : -1;
	int rc = tree < 0 ? -1 : mount_attach_at(tree, dev, "pts");

	close_fd(tree);
	return rc;
}

static int
fill_dev(struct mount_ops *m, int dev)
{
	static const char *const nodes[] = {
		"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
	};
	static const struct { const char *target, *name; } links[] = {
		{ "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" }, { "/proc/self/fd", "fd" },
		{ "/proc/kcore", "core" }, { "pts/ptmx", "ptmx" },
	};

	for (size_t i = 0; i < NELEMS(nodes); i++)
		if (add_device(m, dev, nodes[i], nodes[i] + strlen("/dev/")) != 0)
			return -1;
	for (size_t i = 0; i < NELEMS(links); i++)
		if (link_in(dev, links[i].target, links[i].name) != 0)
			return -1;
	if (mkdirat(dev, "shm", 0755) != 0 || add_devpts(dev) != 0)
		return -1;
	/* Standard output can be written to anyway; with a name, ttyname(3) works. */
	return m->tty == NULL ? 0 : add_device(m, dev, m->tty, "console");
}

void
mount_ops_dev(struct mount_ops *m)
{
	int tree = mount_new("tmpfs", dev_options, PLAIN);

	if (tree >= 0 && fill_dev(m, tree) == 0)
		m->fresh_dev = tree;
	else
		close_fd(tree);
}

static int
new_dev(struct mount_ops *m, const char *dst)
{
	int tree = m->fresh_dev;
	bool filled = tree >= 0;
	struct stat st;

	m->fresh_dev = -1;
	if (!filled)
		tree = mount_new("tmpfs", dev_options, PLAIN);
	if (tree < 0 || fstat(tree, &st) != 0 || attach(m, tree, dst, tree, 0755) != 0 ||
	    (!filled && fill_dev(m, tree) != 0))
		return close_fd(tree);
	VEC_PUSH(m->arena, &m->own, (uint64_t)st.st_dev);
	close_fd(tree);
	return 0;
}

static int
make_link(struct mount_ops *m, const char *target, const char *dst)
{
	const char *name;
	int parent = make_parent(m, dst, PARENTS, &name);
	int rc = parent < 0 ? -1 : link_in(parent, target, name);

	close_fd(parent);
	return rc;
}

static int
freeze(struct mount_ops *m, const char *dst)
{
	int fd = sandbox_open(m->root, dst, O_PATH);
	int rc = fd < 0 ? -1 : mount_restrict(fd, FROZEN, false);

	close_fd(fd);
	return rc;
}

static const char *
run_one(struct mount_ops *m, const struct bwrap_op *op)
{
	switch (op->kind) {
	case OP_BIND:
		return bind_host(m, op->src, op->dst, PLAIN) == 0 ? NULL :
		    failed(m, "cannot bind", op->dst);
	case OP_RO_BIND:
		if (strcmp(op->src, null_device) == 0 && strcmp(op->dst, null_device) != 0)
			return mask_file(m, op->dst) == 0 ? NULL : failed(m, "cannot mask", op->dst);
		return bind_host(m, op->src, op->dst, FROZEN) == 0 ? NULL :
		    failed(m, "cannot bind", op->dst);
	case OP_RO_BIND_TRY:
		if (faccessat(m->host, op->src + strspn(op->src, "/"), F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
		    errno == ENOENT)
			return NULL;
		return bind_host(m, op->src, op->dst, FROZEN) == 0 ? NULL :
		    failed(m, "cannot bind", op->dst);
	case OP_DEV_BIND:
		return bind_host(m, op->src, op->dst, MOUNT_ATTR_NOSUID) == 0 ? NULL :
		    failed(m, "cannot bind", op->dst);
	case OP_TMPFS:
		return new_tmpfs(m, op->dst, op->perms) == 0 ? NULL : failed(m, "cannot mount", op->dst);
	case OP_REMOUNT_RO:
		return freeze(m, op->dst) == 0 ? NULL : failed(m, "cannot freeze", op->dst);
	case OP_SYMLINK:
		return make_link(m, op->src, op->dst) == 0 ? NULL : failed(m, "cannot make", op->dst);
	case OP_PROC:
		return new_proc(m, op->dst) == 0 ? NULL : failed(m, "cannot mount", op->dst);
	case OP_DEV:
		return new_dev(m, op->dst) == 0 ? NULL : failed(m, "cannot mount", op->dst);
	}
	return "an operation of no kind";
}

static bool
is_root_bind(const struct bwrap_op *op)
{
	return strcmp(op->dst, "/") == 0 && (op->kind == OP_BIND || op->kind == OP_RO_BIND);
}

const char *
mount_ops_run(struct mount_ops *m, const struct bwrap_args *args)
{
	const char *why = NULL;

	/* bwrap starts from an empty root; where it would be covered at once it is not made. */
	if ((args->ops.len == 0 || !is_root_bind(&args->ops.v[0])) && new_tmpfs(m, "/", 0755) != 0)
		return failed(m, "cannot mount", "/");
	for (size_t i = 0; why == NULL && i < args->ops.len; i++) {
		const struct bwrap_op *op = &args->ops.v[i];
		if (strcmp(op->dst, "/") == 0 && op->kind != OP_REMOUNT_RO &&
		    !(i == 0 && is_root_bind(op)))
			return "the built-in executor mounts the root first, or not at all";
		why = run_one(m, op);
	}
	return why;
}

const char *
mount_ops_pivot(struct mount_ops *m)
{
	/* The old root comes to lie on the new one, where it is taken away. */
	if (fchdir(m->root) != 0 || mount_pivot() != 0 || fchdir(m->host) != 0 ||
	    mount_detach() != 0 || chdir("/") != 0)
		return failed(m, "cannot change to the root", "/");
	return NULL;
}

void
mount_ops_end(struct mount_ops *m)
{
	near_dir_end(&m->near_host);
	near_dir_end(&m->near_root);
	close_fd(m->host);
	close_fd(m->root);
	close_fd(m->null_mask);
	close_fd(m->fresh_proc);
	close_fd(m->fresh_dev);
	close_fd(m->proc);
	m->host = m->root = m->null_mask = m->fresh_proc = m->fresh_dev = m->proc = -1;
}
