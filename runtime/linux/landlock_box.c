/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_box.c - entering a ruleset, and starting a command in it */
#include <config.h>

#include "landlock_box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "drop_caps.h"
#include "exec_bwrap.h"
#include "exec_landlock.h"
#include "landlock_rights.h"
#include "path.h"
#include "report.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)
#endif

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS		SECCOMP_IOW(4, __u64)	/* Linux 6.6 */
#endif

enum {
	SYNC_WAKE_UP		= 1,	/* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
	RULE_PATH_BENEATH	= 1,	/* enum landlock_rule_type of linux/landlock.h */
	LOG_NEW_EXEC_ON		= 2,	/* LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON */
	STACK_BYTES		= 64 * 1024,
	RETRIES			= 16,	/* openat2(2): EAGAIN when something was renamed meanwhile */
};

/* linux/landlock.h of Linux 6.12; an older kernel takes it while what it lacks is zero. */
struct ruleset_attr {
	uint64_t	fs, net, scope;
};
struct path_beneath {
	uint64_t	rights;
	int32_t		parent;
} __attribute__((packed));

static int PRINTF_LIKE(1, 2)
fail(const char *fmt, ...)
{
	char text[LIMIT_PATH_BYTES + 512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return report_fail(STATUS_SETUP, "%s", text);
}

/* ---- the ruleset ---- */

static int
open_place(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < RETRIES; i++) {
		fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static int
add_fd(int ruleset, int fd, uint64_t rights)
{
	const struct path_beneath attr = { rights, fd };

	return (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0);
}

/* Both are in the order of paths. */
static const struct exec_check *
check_of(const struct landlock_request *req, const char *path, size_t *at)
{
	for (; *at < req->nchecks; ++*at) {
		int c = path_order(req->checks[*at].path, path);
		if (c >= 0)
			return c == 0 ? &req->checks[*at] : NULL;
	}
	return NULL;
}

static int
add_rule(struct landlock_box *b, int ruleset, const struct landlock_rule *rule, size_t *at)
{
	const struct exec_check *check = check_of(b->req, rule->path, at);
	int fd = open_place(rule->path), rc = 0;
	struct stat st;

	if (fd < 0 && rule->base)
		return 0;
	if (fd < 0 || fstat(fd, &st) != 0)
		rc = fail("%s cannot be opened: %s (replaced since the policy was bound?)", rule->path,
		    strerror(errno));
	else if ((check != NULL && (st.st_dev != check->dev || st.st_ino != check->ino)) ||
	    (!rule->base && rule->file == S_ISDIR(st.st_mode)))
		rc = fail("%s is not what it was when the policy was bound to this host: it was "
		    "replaced meanwhile", rule->path);
	else if ((!rule->base || rule->file != S_ISDIR(st.st_mode)) &&
	    add_fd(ruleset, fd, rule->rights) != 0)
		rc = fail("no Landlock rule can be made for %s: %s", rule->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

/*
 * What descriptors 0 to 2 are open on can be opened again as /dev/stdin and its
 * like, as far as they are open themselves: its own terminal, and files that
 * the caller redirected to.
 */
static int
add_standard(struct landlock_box *b, int ruleset, int fd)
{
	char path[32];
	struct stat st;
	int flags = fcntl(fd, F_GETFL), rc = 0;
	uint64_t rights = 0;

	if (flags < 0 || (flags & O_PATH) != 0 || fstat(fd, &st) != 0 ||
	    !(S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		return 0;
	if ((flags & O_ACCMODE) != O_WRONLY)
		rights |= LANDLOCK_FS_READ_FILE;
	if ((flags & O_ACCMODE) != O_RDONLY)
		rights |= LANDLOCK_FS_WRITE_FILE | LANDLOCK_FS_TRUNCATE;
	if (S_ISCHR(st.st_mode))
		rights |= LANDLOCK_FS_IOCTL_DEV & b->model->fs;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int file = open(path, O_PATH | O_CLOEXEC);
	/* EBADFD: a file without a place in any tree, which Landlock does not look at. */
	if (file >= 0 && add_fd(ruleset, file, rights) != 0 && errno != EBADFD)
		rc = fail("no Landlock rule can be made for descriptor %d: %s", fd, strerror(errno));
	if (file >= 0)
		close(file);
	return rc;
}

static int
make_ruleset(const struct ruleset_attr *attr)
{
	/* Trailing members that are zero need not be known. */
	return (int)syscall(SYS_landlock_create_ruleset, attr, sizeof(*attr), 0);
}

static int
restrict_self(int ruleset, bool log)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset, log ? LOG_NEW_EXEC_ON : 0);
}

static int
enter_ruleset(struct landlock_box *b)
{
	const struct landlock_model *m = b->model;
	const struct ruleset_attr attr = { m->fs, m->net, m->scope };
	int ruleset = make_ruleset(&attr), rc = 0;
	size_t at = 0;

	if (ruleset < 0)
		return fail("no Landlock ruleset of version %u can be made: %s", m->abi, strerror(errno));
	for (size_t i = 0; rc == 0 && i < m->rules.len; i++)
		rc = add_rule(b, ruleset, &m->rules.v[i], &at);
	for (int fd = 0; rc == 0 && fd <= 2; fd++)
		rc = add_standard(b, ruleset, fd);
	if (rc == 0 && restrict_self(ruleset, m->log) != 0)
		rc = fail("the Landlock ruleset cannot be enforced: %s", strerror(errno));
	close(ruleset);
	return rc;
}

int
landlock_box_enter(struct landlock_box *b)
{
	unsigned have = exec_landlock_abi();
	if (have < b->model->abi)
		return fail("the ruleset needs version %u of Landlock, and this kernel has %u", b->model->abi,
		    have);
	if (drop_caps() != 0)
		return fail("capabilities cannot be dropped: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail("the process cannot be prepared: %s", strerror(errno));
	int rc = enter_ruleset(b);
	if (rc != 0)
		return rc;
	/* What is started is kept from signalling us by a domain within ours. */
	const struct ruleset_attr inner = { .scope = b->model->scope };
	b->inner = b->model->scope != 0 ? make_ruleset(&inner) : -1;
	if (b->model->scope != 0 && b->inner < 0)
		return fail("no inner Landlock ruleset can be made: %s", strerror(errno));
	b->supervisor = (struct landlock_supervisor){ .listener = -1, .model = b->model };
	return 0;
}

/* ---- the command ---- */

/* A script without an interpreter's name, as execvp(3) has it. */
static void
shell_words(struct landlock_box *b)
{
	size_t n = 0;

	while (b->req->argv[n] != NULL)
		n++;
	b->shell = arena_array(b->arena, n + 3, sizeof(*b->shell));
	b->shell[0] = "/bin/sh";
	b->shell[1] = b->req->program;
	for (size_t i = 1; i < n; i++)
		b->shell[i + 1] = b->req->argv[i];
}

static int
load_filters(struct landlock_box *b)
{
	size_t len;
	/*
	 * Nobody listens to what the whole form notifies of: should the second
	 * filter ever let a connect(2) pass that it has to refuse, it fails.
	 * With a log refused sockets are left to the second.
	 */
	const struct filter_insn *usual = seccomp_filter_get(seccomp_filter_native(), b->req->mode,
	    b->req->no_debug, b->req->log != FILTER_SILENT ? FILTER_INNER_LOGGED : FILTER_WHOLE, &len);
	/* The same layout under another name (seccomp_filter.h). */
	struct sock_fprog first = { (unsigned short)len, (struct sock_filter *)(uintptr_t)usual };
	struct sock_fprog second = { b->filter.len, b->filter.insn };

	b->failed = "the system call filter cannot be loaded";
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &first) != 0)
		return -1;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER |
	    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &second);
	if (fd < 0 && errno == EBUSY)
		b->failed = "another sandbox around this one answers for system calls already";
	b->supervisor.listener = (int)fd;
	return fd < 0 ? -1 : 0;
}

static void
execute(struct landlock_box *b)
{
	const struct landlock_request *req = b->req;
	char *const *argv = (char *const *)(uintptr_t)req->argv;
	char *const *envp = (char *const *)(uintptr_t)req->envp;

	execve(req->program, argv, envp);
	if (errno != ENOEXEC)
		return;
	execve(b->shell[0], (char *const *)(uintptr_t)b->shell, envp);
}

/*
 * Runs in our memory and with our descriptors until it executes the program:
 * the listener of its filter is ours the moment it is made.
 */
static int
become(void *arg)
{
	struct landlock_box *b = arg;
	const struct landlock_request *req = b->req;

	b->failed = "the command cannot be tied to the runtime's life";
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		goto fail;
	b->failed = "the working directory cannot be entered";
	if (chdir(req->cwd) != 0)
		goto fail;
	b->failed = "the inner Landlock ruleset cannot be enforced";
	if (b->inner >= 0 && restrict_self(b->inner, b->model->log) != 0)
		goto fail;
	if (load_filters(b) != 0)
		goto fail;
	b->failed = "descriptors cannot be closed";
	if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) != 0)
		goto fail;
	for (size_t i = 0; i < req->nkeep; i++)
		if (fcntl(req->keep_fds[i], F_SETFD, 0) != 0)
			goto fail;
	b->failed = "signals cannot be restored";
	if (sigprocmask(SIG_SETMASK, &b->mask, NULL) != 0)
		goto fail;
	b->failed = NULL;
	execute(b);
fail:
	b->error = errno;
	_exit(STATUS_SETUP);
}

static int
start_failed(struct landlock_box *b)
{
	const char *program = b->req->program;

	if (b->failed != NULL)
		return fail("%s: %s", b->failed, strerror(b->error));
	if (b->error == ENOENT)
		return report_fail(STATUS_NOEXEC, "%s cannot be executed: its interpreter is missing",
		    program);
	return report_fail(STATUS_NOEXEC, "%s cannot be executed: %s", program, strerror(b->error));
}

int
landlock_box_start(struct landlock_box *b)
{
	char *stack = arena_alloc(b->arena, STACK_BYTES);

	shell_words(b);
	const struct landlock_filter_request filter = {
		.network_off = b->req->mode == FILTER_OFF, .pins = b->model->pinned.len > 0,
		.log = b->req->log, .own = { b->req->program, b->shell[0] },
	};
	landlock_filter_make(&b->filter, &filter);
	b->error = 0;
	b->command = clone(become, stack + STACK_BYTES,
	    CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, b);
	if (b->command < 0)
		return fail("the command cannot be started: %s", strerror(errno));
	if (b->inner >= 0)
		close(b->inner);
	if (b->error == 0) {
		/* What is only logged need not wait for another processor, where the kernel knows of it. */
		if (b->req->log != FILTER_SILENT)
			ioctl(b->supervisor.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
		return 0;
	}
	while (waitpid(b->command, NULL, 0) < 0 && errno == EINTR)
		continue;
	return start_failed(b);
}
