/* SPDX-License-Identifier: Apache-2.0 */
/* test_connect.c - addresses of connect(2), paths as another process means them, listeners */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "bound.h"
#include "child_view.h"
#include "connect_address.h"
#include "decide_fs.h"
#include "socket_policy.h"
#include "unix_listeners.h"

/* ---- addresses ---- */

enum { HEAD = offsetof(struct sockaddr_un, sun_path), WHOLE = sizeof(struct sockaddr_un) };

static int
read_address(int domain, int family, const char *path, size_t n, socklen_t len,
    struct connect_address *a)
{
	struct sockaddr_un un = { .sun_family = (sa_family_t)family };

	/* What is behind the length is not looked at. */
	memset(un.sun_path, 'x', sizeof(un.sun_path));
	memcpy(un.sun_path, path, n);
	memset(a, 'y', sizeof(*a));
	memcpy(&a->u, &un, sizeof(un));
	a->len = len;
	return connect_address_read(a, domain);
}

static void
test_paths(void **state)
{
	char longest[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct connect_address a;

	(void)state;
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "/a/b", 5, HEAD + 5, &a), 0);
	assert_int_equal(a.kind, CONNECT_PATH);
	assert_string_equal(a.path, "/a/b");
	/* Without a final NUL, and with more behind it. */
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "/a/bcd", 6, HEAD + 4, &a), 0);
	assert_string_equal(a.path, "/a/b");
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "s\0t", 3, WHOLE, &a), 0);
	assert_string_equal(a.path, "s");
	memset(longest, 'l', sizeof(longest));
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, longest, sizeof(longest), WHOLE, &a), 0);
	assert_int_equal(a.kind, CONNECT_PATH);
	assert_int_equal(strlen(a.path), sizeof(longest));
}

static void
test_other_addresses(void **state)
{
	static const int inner[] = { AF_INET, AF_INET6, AF_NETLINK };
	static const int foreign[] = { 17 /* AF_PACKET */, 40 /* AF_VSOCK */, 0, -1 };
	struct connect_address a;

	(void)state;
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "\0name", 5, HEAD + 5, &a), 0);
	assert_int_equal(a.kind, CONNECT_ABSTRACT);
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "", 1, HEAD + 1, &a), 0);
	assert_int_equal(a.kind, CONNECT_ABSTRACT);
	/* Too short, too long, of another family. */
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "", 1, HEAD, &a), EINVAL);
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "", 1, 0, &a), EINVAL);
	assert_int_equal(read_address(AF_UNIX, AF_UNIX, "/a", 3, WHOLE + 1, &a), EINVAL);
	assert_int_equal(read_address(AF_UNIX, AF_INET, "/a", 3, HEAD + 3, &a), EINVAL);
	/* Ends a connection, where there is such a thing. */
	assert_int_equal(read_address(AF_UNIX, AF_UNSPEC, "/a", 3, HEAD, &a), 0);
	assert_int_equal(a.kind, CONNECT_KERNEL);
	for (size_t i = 0; i < NELEMS(inner); i++) {
		/* A Unix address on such a socket is no path: the kernel refuses it. */
		assert_int_equal(read_address(inner[i], AF_UNIX, "/a", 3, HEAD + 3, &a), 0);
		assert_int_equal(a.kind, CONNECT_KERNEL);
	}
	for (size_t i = 0; i < NELEMS(foreign); i++) {
		assert_int_equal(read_address(foreign[i], foreign[i], "/a", 3, HEAD + 3, &a), 0);
		assert_int_equal(a.kind, CONNECT_FOREIGN);
	}
}

/* ---- the view of a process, here our own, and listeners ---- */

struct place {
	char		 dir[64];
	int		 old_cwd;
	int		 listener;
};

static int
make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "live" };

	strcpy(p->dir, "/tmp/cdxp-connect-XXXXXX");
	p->old_cwd = open(".", O_PATH | O_CLOEXEC);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*state = p;
	if (p->listener < 0 || mkdtemp(p->dir) == NULL || chdir(p->dir) != 0 || mkdir("d", 0755) != 0 ||
	    symlink("../live", "d/up") != 0 || symlink("live", "link") != 0 || symlink("loop", "loop") != 0)
		return -1;
	return bind(p->listener, (const struct sockaddr *)&un, sizeof(un)) != 0 ||
	    listen(p->listener, 1) != 0;
}

static int
remove_place(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "d/up", "link", "loop", "live", "other" };

	for (size_t i = 0; i < NELEMS(names); i++)
		unlink(names[i]);
	rmdir("d");
	int rc = fchdir(p->old_cwd);
	close(p->old_cwd);
	close(p->listener);
	rmdir(p->dir);
	free(p);
	return rc;
}

static ino_t
inode_of(const struct child_view *v, const char *path)
{
	struct stat st;
	int fd = child_view_path(v, path);

	if (fd < 0)
		return 0;
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	return st.st_ino;
}

static void
test_views(void **state)
{
	const struct place *p = *state;
	struct child_view v;
	struct stat st;
	char path[256];
	const char word[] = "word";
	char copy[sizeof(word)];

	assert_int_equal(child_view_open(&v, getpid()), 0);
	assert_int_equal(stat("live", &st), 0);
	static const char *const same[] = { "live", "./live", "link", "d/up", "d/../live", ".//live" };
	for (size_t i = 0; i < NELEMS(same); i++)
		assert_int_equal(inode_of(&v, same[i]), st.st_ino);
	snprintf(path, sizeof(path), "%s/d/up", p->dir);
	assert_int_equal(inode_of(&v, path), st.st_ino);
	snprintf(path, sizeof(path), "../%s/live", strrchr(p->dir, '/') + 1);
	assert_int_equal(inode_of(&v, path), st.st_ino);
	int dir = open("d", O_PATH | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	assert_true(inode_of(&v, path) != 0);
	snprintf(path, sizeof(path), "/dev/fd/%d/up", dir);
	/* What leads out of a descriptor is not followed. */
	assert_int_equal(inode_of(&v, path), 0);
	close(dir);
	assert_int_equal(inode_of(&v, path), 0);
	assert_int_equal(child_view_path(&v, "missing"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(child_view_path(&v, "loop"), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(child_view_path(&v, "live/x"), -1);
	assert_int_equal(errno, ENOTDIR);

	assert_int_equal(child_view_read(&v, (uintptr_t)word, copy, sizeof(copy)), 0);
	assert_string_equal(copy, word);
	assert_int_equal(child_view_read(&v, 16, copy, sizeof(copy)), -1);
	assert_int_equal(errno, EFAULT);
	int fd = child_view_fd(&v, p->listener);
	assert_true(fd >= 0 && fd != p->listener);
	close(fd);
	assert_int_equal(child_view_fd(&v, 1000000), -1);
	assert_int_equal(errno, EBADF);
	child_view_close(&v);
	assert_int_equal(v.pidfd, -1);
}

static void
test_listeners(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "other" };
	struct stat live, other, file;
	int fd = unix_listeners_here(), silent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(fd >= 0 && silent >= 0);
	assert_int_equal(bind(silent, (const struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(stat("live", &live), 0);
	assert_int_equal(stat("other", &other), 0);
	assert_int_equal(stat("d", &file), 0);
	int has = unix_listeners_has(fd, &live);
	if (has < 0) {
		print_message("no socket diagnosis here: %s\n", strerror(errno));
		close(fd);
		close(silent);
		skip();
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(unix_listeners_has(fd, &live), 1);
		/* Bound, but it does not listen; no socket at all. */
		assert_int_equal(unix_listeners_has(fd, &other), 0);
		assert_int_equal(unix_listeners_has(fd, &file), 0);
	}
	/* Numbers that are the same in 32 bits only. */
	live.st_ino += (ino_t)1 << 32;
	assert_int_equal(unix_listeners_has(fd, &live), 0);
	assert_int_equal(listen(silent, 1), 0);
	assert_int_equal(unix_listeners_has(fd, &other), 1);
	close(silent);
	assert_int_equal(unix_listeners_has(fd, &other), 0);
	close(fd);
}

/* ---- which file is allowed ---- */

static const struct ir_origin nowhere = { { 0, 1, 1, 1 }, "x", "p" };

static void
add_socket(struct arena *a, struct bound_policy *b, const char *path, bool allow)
{
	VEC_PUSH(a, &b->sockets, ((struct bound_socket){ path, allow, &nowhere }));
}

static void
add_entry(struct arena *a, struct bound_policy *b, const char *path, enum access access)
{
	VEC_PUSH(a, &b->entries, ((struct bound_entry){ .path = path, .access = access, .spelt = path,
	    .origin = &nowhere }));
}

static void
test_policy(void **state)
{
	const struct place *p = *state;
	struct arena *a = arena_new();
	struct ir_policy ir = { .name = "p" };
	struct bound_policy b = { .ir = &ir, .target = TARGET_LINUX, .cwd = p->dir };
	struct stat live, other = { .st_ino = 1 };
	const char *in_dir = arena_printf(a, "%s/live", p->dir), *grant = arena_printf(a, "%s/d", p->dir);

	assert_int_equal(stat("live", &live), 0);
	add_entry(a, &b, "/", ACCESS_READ);
	add_entry(a, &b, p->dir, ACCESS_WRITE);
	assert_null(socket_policy_new(a, decide_fs_build(a, &b), true));
	add_socket(a, &b, "/run/no", false);
	assert_null(socket_policy_new(a, decide_fs_build(a, &b), true));
	add_socket(a, &b, in_dir, true);
	add_socket(a, &b, "/run", true);
	struct socket_policy *s = socket_policy_new(a, decide_fs_build(a, &b), true);
	assert_non_null(s);
	/* In a writable place: the one that was there, and no other. */
	assert_true(socket_policy_allows(s, in_dir, &live));
	assert_false(socket_policy_allows(s, in_dir, &other));
	/* Elsewhere nothing comes to lie at a path that was not put there by others. */
	assert_true(socket_policy_allows(s, "/run/x/y", &other));
	assert_false(socket_policy_allows(s, "/run/no", &other));
	assert_false(socket_policy_allows(s, "/run/no/more", &other));
	assert_false(socket_policy_allows(s, "/var/x", &other));

	/* A directory in a writable place: only where it is a mount of its own. */
	add_socket(a, &b, grant, true);
	s = socket_policy_new(a, decide_fs_build(a, &b), true);
	assert_false(socket_policy_allows(s, arena_printf(a, "%s/x", grant), &other));
	add_entry(a, &b, grant, ACCESS_WRITE);
	s = socket_policy_new(a, decide_fs_build(a, &b), true);
	assert_true(socket_policy_allows(s, arena_printf(a, "%s/x", grant), &other));
	s = socket_policy_new(a, decide_fs_build(a, &b), false);
	assert_false(socket_policy_allows(s, arena_printf(a, "%s/x", grant), &other));

	/* The whole of the grant. */
	add_socket(a, &b, p->dir, true);
	s = socket_policy_new(a, decide_fs_build(a, &b), false);
	assert_true(socket_policy_allows(s, arena_printf(a, "%s/x", p->dir), &other));
	ir.network.all_sockets = true;
	s = socket_policy_new(a, decide_fs_build(a, &b), false);
	assert_true(socket_policy_allows(s, "/var/x", &other));
	assert_false(socket_policy_allows(s, "/run/no", &other));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_other_addresses),
		cmocka_unit_test_setup_teardown(test_views, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_listeners, make_place, remove_place),
		cmocka_unit_test_setup_teardown(test_policy, make_place, remove_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
