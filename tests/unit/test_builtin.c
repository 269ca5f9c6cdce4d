/* SPDX-License-Identifier: Apache-2.0 */
/* test_builtin.c - the executor of our own: arguments read, plans sent, mounts made and refused */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "bwrap_args.h"
#include "inner_plan.h"
#include "mount_ops.h"
#include "near_dir.h"
#include "prng.h"
#include "sbuf.h"

#define BASE "--unshare-ipc\0--unshare-pid\0--unshare-uts\0--die-with-parent\0--cap-drop\0ALL\0"

/* The words of a literal, with the NUL of the last. */
#define READ(a, words, out) bwrap_args_read((a), (words), sizeof(words) - 1, (out))

static void
reads_what_is_printed(void **state)
{
	struct arena *a = arena_new();
	struct bwrap_args args;
	(void)state;
	assert_null(READ(a, BASE "--unshare-user\0--unshare-net\0--cap-add\0CAP_FOWNER\0"
	    "--ro-bind\0/\0/\0--bind\0/a\0/a\0--perms\0" "0111\0--tmpfs\0/b\0--tmpfs\0/c\0"
	    "--symlink\0usr/bin\0/bin\0--proc\0/proc\0--dev\0/dev\0--dev-bind\0/dev/x\0/dev/x\0"
	    "--ro-bind-try\0/proc/sys\0/proc/sys\0--remount-ro\0/\0", &args));
	assert_true(args.user && args.net);
	assert_int_equal(args.caps, 1 << 3);
	static const enum mount_op_kind want[] = {
		OP_RO_BIND, OP_BIND, OP_TMPFS, OP_TMPFS, OP_SYMLINK, OP_PROC, OP_DEV, OP_DEV_BIND,
		OP_RO_BIND_TRY, OP_REMOUNT_RO,
	};
	assert_int_equal(args.ops.len, NELEMS(want));
	for (size_t i = 0; i < NELEMS(want); i++)
		assert_int_equal(args.ops.v[i].kind, want[i]);
	assert_int_equal(args.ops.v[2].perms, 0111);
	assert_int_equal(args.ops.v[3].perms, 0755);
	assert_string_equal(args.ops.v[4].src, "usr/bin");
	/* Dropping comes last here, as it does for bwrap. */
	assert_null(READ(a, BASE "--cap-add\0CAP_CHOWN\0--cap-drop\0ALL\0", &args));
	assert_int_equal(args.caps, 0);
	arena_free(a);
}

static void
refuses_all_else(void **state)
{
	static const struct { const char *words; size_t len; const char *says; } wrong[] = {
#define CASE(words, says) { words, sizeof(words) - 1, says }
		CASE("", "this option is missing: --unshare-ipc"),
		CASE(BASE "--bind-try\0/a\0/a\0", "does not know the option: --bind-try"),
		CASE(BASE "--setenv\0A\0B\0", "does not know the option: --setenv"),
		CASE(BASE "/usr/bin/true\0", "does not know the option: /usr/bin/true"),
		CASE(BASE "\0", "does not know the option"),
		CASE(BASE "--cap-add\0CAP_SYS_ADMIN\0", "CAP_SYS_ADMIN"),
		CASE(BASE "--cap-add\0ALL\0", "ALL"),
		CASE(BASE "--cap-drop\0CAP_CHOWN\0", "CAP_CHOWN"),
		CASE(BASE "--bind\0a\0/a\0", "not an absolute path"),
		CASE(BASE "--bind\0/a\0\0", "not an absolute path"),
		CASE(BASE "--symlink\0\0/a\0", "not an absolute path"),
		CASE(BASE "--tmpfs\0", "an operand is missing"),
		CASE(BASE "--ro-bind\0/a\0", "an operand is missing"),
		CASE(BASE "--perms\0" "755\0--tmpfs\0/a\0", "four octal digits"),
		CASE(BASE "--perms\0" "0758\0--tmpfs\0/a\0", "four octal digits"),
		CASE(BASE "--perms\0" "0755\0--dev\0/a\0", "not followed by --tmpfs"),
		CASE(BASE "--tmpfs\0/a", "an operand is missing"),
		CASE(BASE "--tmpfs", "no end"),
#undef CASE
	};
	struct arena *a = arena_new();
	struct bwrap_args args;
	(void)state;
	for (size_t i = 0; i < NELEMS(wrong); i++) {
		/* Exactly as many bytes as there are, so that reading past them is seen. */
		char *copy = malloc(wrong[i].len + 1);
		memcpy(copy, wrong[i].words, wrong[i].len);
		const char *why = bwrap_args_read(a, copy, wrong[i].len, &args);
		if (why == NULL || strstr(why, wrong[i].says) == NULL)
			fail_msg("case %zu: %s", i, why != NULL ? why : "accepted");
		free(copy);
	}
	arena_free(a);
}

static const char *const some_argv[] = { "sh", "-c", "echo \"$1\"", "", NULL };
static const char *const some_envp[] = { "A=b", "PATH=/bin", NULL };

static void
make_plan(struct inner_plan *p, struct exec_check *checks)
{
	static const char args[] = "--bind\0/a\0/a";
	checks[0] = (struct exec_check){ "/a", 1, UINT64_MAX };
	checks[1] = (struct exec_check){ "/b c\n", 2, 7 };
	*p = (struct inner_plan){ .args = args, .args_len = sizeof(args), .cwd = "/w", .argv = some_argv,
	    .envp = some_envp, .checks = checks, .nchecks = 2, .mode = FILTER_OPEN, .empty = true };
}

static void
plans_arrive_as_sent(void **state)
{
	struct arena *a = arena_new();
	struct exec_check checks[2];
	struct inner_plan p;
	struct sbuf bytes = SBUF_INIT;
	(void)state;
	make_plan(&p, checks);
	inner_plan_write(&p, &bytes);
	const struct inner_plan *q = inner_plan_read(a, bytes.p, bytes.len);
	assert_non_null(q);
	assert_int_equal(q->args_len, p.args_len);
	assert_memory_equal(q->args, p.args, p.args_len);
	assert_string_equal(q->cwd, "/w");
	assert_int_equal(q->mode, FILTER_OPEN);
	assert_true(q->empty);
	for (size_t i = 0; i < NELEMS(some_argv) - 1; i++)
		assert_string_equal(q->argv[i], some_argv[i]);
	assert_null(q->argv[NELEMS(some_argv) - 1]);
	assert_string_equal(q->envp[1], "PATH=/bin");
	assert_null(q->envp[2]);
	assert_int_equal(q->nchecks, 2);
	assert_string_equal(q->checks[1].path, "/b c\n");
	assert_true(q->checks[0].ino == UINT64_MAX && q->checks[1].dev == 2 && q->checks[1].ino == 7);
	sbuf_free(&bytes);
	arena_free(a);
}

/* No prefix is a plan, and no change makes the reader read what is not there. */
static void
broken_plans_are_none(void **state)
{
	uint64_t seed = prng_seed();
	struct arena *a = arena_new();
	struct exec_check checks[2];
	struct inner_plan p;
	struct sbuf bytes = SBUF_INIT;
	(void)state;
	make_plan(&p, checks);
	inner_plan_write(&p, &bytes);
	for (size_t len = 0; len < bytes.len; len++) {
		char *copy = malloc(len + 1);
		memcpy(copy, bytes.p, len);
		assert_null(inner_plan_read(a, copy, len));
		free(copy);
	}
	for (int i = 0; i < 5000; i++) {
		char *copy = malloc(bytes.len);
		memcpy(copy, bytes.p, bytes.len);
		copy[prng_below(&seed, bytes.len)] = (char)prng(&seed);
		struct arena *b = arena_new();
		const struct inner_plan *q = inner_plan_read(b, copy, bytes.len);
		/* Whatever it is now, it can be walked. */
		size_t all = 0;
		for (size_t k = 0; q != NULL && q->argv[k] != NULL; k++)
			all += strlen(q->argv[k]);
		for (size_t k = 0; q != NULL && k < q->nchecks; k++)
			all += strlen(q->checks[k].path);
		assert_true(all < bytes.len);
		arena_free(b);
		free(copy);
	}
	sbuf_free(&bytes);
	arena_free(a);
}

/* More than a socket holds, sent by one process and read by another. */
static void
messages_are_whole(void **state)
{
	enum { BYTES = 3 * 1024 * 1024 };
	char *bytes = malloc(BYTES), *got = malloc(BYTES);
	struct inner_head head;
	int pair[2], status;
	(void)state;
	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(inner_send(pair[1], INNER_PLAN, -5, bytes, BYTES) != 0);
	close(pair[1]);
	assert_int_equal(inner_receive(pair[0], &head, sizeof(head)), 0);
	assert_true(head.kind == INNER_PLAN && head.value == -5 && head.len == BYTES);
	assert_int_equal(inner_receive(pair[0], got, BYTES), 0);
	assert_memory_equal(bytes, got, BYTES);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* Nobody is there any more. */
	assert_int_equal(inner_receive(pair[0], got, 1), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(inner_send(pair[0], INNER_PLAN, 0, NULL, 0), -1);
	close(pair[0]);
	free(bytes);
	free(got);
}

/* ---- mounts, in a namespace of the test's own ---- */

struct tree {
	struct arena	*a;
	char		 dir[64];
};

static void
make_tree(struct tree *t)
{
	static const char *const dirs[] = { "", "/d", "/d/e", "/empty" };
	t->a = arena_new();
	strcpy(t->dir, "/var/tmp/cdxp-mounts-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	for (size_t i = 1; i < NELEMS(dirs); i++)
		assert_int_equal(mkdir(arena_printf(t->a, "%s%s", t->dir, dirs[i]), 0755), 0);
	int fd = open(arena_printf(t->a, "%s/d/f", t->dir), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink("d", arena_printf(t->a, "%s/l", t->dir)), 0);
}

static void
remove_tree(struct tree *t)
{
	static const char *const names[] = { "/l", "/d/f", "/d/e", "/d", "/empty", "" };
	for (size_t i = 0; i < NELEMS(names); i++)
		/* Each must still be there, and nothing else in it. */
		assert_int_equal(remove(arena_printf(t->a, "%s%s", t->dir, names[i])), 0);
	arena_free(t->a);
}

/* `@' in the words stands for the tree. */
static struct bwrap_args
arguments(struct tree *t, const char *words)
{
	struct sbuf text = SBUF_INIT;
	struct bwrap_args args;
	sbuf_add(&text, BASE, sizeof(BASE) - 1);
	for (; *words != '\0'; words++)
		if (*words == '@')
			sbuf_puts(&text, t->dir);
		else
			sbuf_addc(&text, *words == ' ' ? '\0' : *words);
	sbuf_addc(&text, '\0');
	const char *copy = arena_strndup(t->a, text.p, text.len);
	const char *why = bwrap_args_read(t->a, copy, text.len, &args);
	if (why != NULL)
		fail_msg("%s", why);
	sbuf_free(&text);
	return args;
}

enum { CHILD_SKIPS = 77 };

static void
write_or_exit(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(CHILD_SKIPS);
	close(fd);
}

/* In a child with namespaces of its own: what `then' returns is its status. */
static int
inside(struct tree *t, bool early, const char *words, const char *says, int (*then)(struct tree *))
{
	struct bwrap_args args = arguments(t, words);
	unsigned uid = geteuid(), gid = getegid();
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct mount_ops m;
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			_exit(CHILD_SKIPS);
		write_or_exit("/proc/self/setgroups", "deny");
		write_or_exit("/proc/self/uid_map", arena_printf(t->a, "0 %u 1", uid));
		write_or_exit("/proc/self/gid_map", arena_printf(t->a, "0 %u 1", gid));
		if (mount_ops_begin(&m, t->a) != 0)
			_exit(CHILD_SKIPS);
		umask(0);
		if (early)
			mount_ops_dev(&m);
		const char *why = mount_ops_run(&m, &args);
		if (why == NULL)
			why = mount_ops_pivot(&m);
		mount_ops_end(&m);
		if (why != NULL && says != NULL && strstr(why, says) != NULL)
			_exit(0);
		if (why != NULL)
			fprintf(stderr, "%s\n", why);
		_exit(why != NULL || says != NULL ? 1 : then(t));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
expect_begun(bool early, const char *words, const char *says, int (*then)(struct tree *))
{
	struct tree t;
	make_tree(&t);
	int status = inside(&t, early, words, says, then);
	remove_tree(&t);
	if (status == CHILD_SKIPS)
		skip();
	if (status != 0)
		fail_msg("\"%s\" ended with %d", words, status);
}

static void
expect_inside(const char *words, const char *says, int (*then)(struct tree *))
{
	expect_begun(false, words, says, then);
}

static unsigned long
flags_of(const char *path)
{
	struct statvfs s;
	return statvfs(path, &s) == 0 ? s.f_flag : ~0ul;
}

static int
look_at_bind(struct tree *t)
{
	const char *d = arena_printf(t->a, "%s/d", t->dir), *e = arena_printf(t->a, "%s/d/e", t->dir);
	if (flags_of(t->dir) == ~0ul || (flags_of(t->dir) & ST_RDONLY) == 0)
		return 2;
	if ((flags_of(d) & (ST_RDONLY | ST_NOSUID | ST_NODEV)) != (ST_NOSUID | ST_NODEV))
		return 3;
	if ((flags_of(e) & ST_RDONLY) == 0)
		return 4;
	/* The host's root is gone: nothing but what is mounted is there. */
	return access("/usr", F_OK) == 0 ? 5 : 0;
}

static void
binds_have_their_flags(void **state)
{
	(void)state;
	expect_inside("--ro-bind @ @ --bind @/d @/d --ro-bind @/d/e @/d/e --remount-ro /", NULL, look_at_bind);
}

static int
look_at_masks(struct tree *t)
{
	const char *f = arena_printf(t->a, "%s/d/f", t->dir), *d = arena_printf(t->a, "%s/d", t->dir);
	struct stat st;
	if (open(f, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		return 2;
	if (stat(arena_printf(t->a, "%s/x", d), &st) == 0)
		return 3;
	if (stat(arena_printf(t->a, "%s/empty", t->dir), &st) != 0 || (st.st_mode & 0777) != 0111)
		return 4;
	return open(arena_printf(t->a, "%s/empty/new", t->dir), O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 &&
	    errno == EROFS ? 0 : 5;
}

static void
masks_hide(void **state)
{
	(void)state;
	expect_inside("--bind @ @ --ro-bind /dev/null @/d/f --perms 0111 --tmpfs @/empty --remount-ro @/empty "
	    "--remount-ro /", NULL, look_at_masks);
}

static int
nothing_more(struct tree *t)
{
	(void)t;
	return 0;
}

static void
hosts_are_not_changed(void **state)
{
	(void)state;
	/* remove_tree() finds whatever were left behind. */
	expect_inside("--bind @ @ --ro-bind @/d @/missing", "Read-only file system", nothing_more);
	expect_inside("--bind @ @ --tmpfs @/missing/deep", "Read-only file system", nothing_more);
	expect_inside("--bind @ @ --symlink x @/missing", "Read-only file system", nothing_more);
}

static void
links_are_not_followed(void **state)
{
	(void)state;
	expect_inside("--bind @/l @/l", "Too many levels", nothing_more);
	expect_inside("--bind @/l/e @/d/e", "Too many levels", nothing_more);
	/* A link itself can be covered, by what is no directory: then its name leads nowhere else. */
	expect_inside("--bind @ @ --bind @/d @/l", "Invalid argument", nothing_more);
	expect_inside("--bind @ @ --tmpfs @/l/e", "Too many levels", nothing_more);
	expect_inside("--bind @/none @/none", "No such file", nothing_more);
	expect_inside("--bind @ @ --bind @/d @/d/f", "cannot bind", nothing_more);
	expect_inside("--ro-bind @ @ --bind / /", "root first", nothing_more);
}

static int
look_at_dev(struct tree *t)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[] = { "stdin", "stdout", "stderr", "fd", "core", "ptmx" };
	struct stat st;
	const unsigned long kept = ST_RDONLY | ST_NOSUID | ST_NODEV;
	for (size_t i = 0; i < NELEMS(nodes); i++) {
		const char *path = arena_printf(t->a, "/dev/%s", nodes[i]);
		if (lstat(path, &st) != 0 || !S_ISCHR(st.st_mode) || (flags_of(path) & kept) != ST_NOSUID)
			return 2;
	}
	for (size_t i = 0; i < NELEMS(links); i++)
		if (lstat(arena_printf(t->a, "/dev/%s", links[i]), &st) != 0 || !S_ISLNK(st.st_mode))
			return 3;
	if ((flags_of("/dev") & kept) != kept || (flags_of("/dev/shm") & kept) != (ST_NOSUID | ST_NODEV))
		return 4;
	if (stat("/dev", &st) != 0 || (st.st_mode & 07777) != 0755 ||
	    stat("/dev/pts/ptmx", &st) != 0 || (st.st_mode & 07777) != 0666)
		return 5;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : 6;
}

/* Older kernels make it where it belongs, newer ones before that is known. */
static void
devices_are_the_same_early_and_late(void **state)
{
	static const char words[] = "--dev /dev --perms 1777 --tmpfs /dev/shm --remount-ro /dev --remount-ro /";
	(void)state;
	expect_begun(false, words, NULL, look_at_dev);
	expect_begun(true, words, NULL, look_at_dev);
	expect_begun(true, "--ro-bind / / --dev /dev --perms 1777 --tmpfs /dev/shm --remount-ro /dev", NULL, look_at_dev);
	/* Made and not wanted. */
	expect_begun(true, "--bind @ @ --remount-ro /", NULL, nothing_more);
}

/* A directory's descriptor is not used for what has been put over it since. */
static void
neighbours_are_opened_anew(void **state)
{
	struct near_dir n;
	struct tree t;
	struct stat direct, near;
	const char *name;
	(void)state;
	make_tree(&t);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	near_dir_begin(&n, root);
	const char *f = arena_printf(t.a, "%s/d/f", t.dir), *e = arena_printf(t.a, "%s/d/e", t.dir);
	const char *d = arena_printf(t.a, "%s/d", t.dir), *other = arena_printf(t.a, "%s/dd", t.dir);
	const char *const opened[] = { f, e, f, d, "/", f, e };
	for (size_t i = 0; i < NELEMS(opened); i++) {
		int dir = near_dir_parent(&n, opened[i], &name);
		assert_true(dir >= 0);
		assert_int_equal(fstatat(dir, name, &near, AT_EMPTY_PATH) | stat(opened[i], &direct), 0);
		assert_true(near.st_ino == direct.st_ino && near.st_dev == direct.st_dev);
	}
	assert_true(n.fd >= 0);
	near_dir_changed(&n, other);
	near_dir_changed(&n, f);
	assert_true(n.fd >= 0);
	near_dir_changed(&n, d);
	assert_int_equal(n.fd, -1);
	assert_int_equal(near_dir_parent(&n, arena_printf(t.a, "%s/l/f", t.dir), &name), -1);
	assert_int_equal(errno, ELOOP);
	near_dir_end(&n);
	close(root);
	remove_tree(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_printed),
		cmocka_unit_test(refuses_all_else),
		cmocka_unit_test(plans_arrive_as_sent),
		cmocka_unit_test(broken_plans_are_none),
		cmocka_unit_test(messages_are_whole),
		cmocka_unit_test(binds_have_their_flags),
		cmocka_unit_test(masks_hide),
		cmocka_unit_test(hosts_are_not_changed),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(devices_are_the_same_early_and_late),
		cmocka_unit_test(neighbours_are_opened_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
