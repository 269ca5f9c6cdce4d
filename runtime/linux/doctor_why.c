/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_why.c - what stands against namespaces, mounts and Landlock on this host */
#include <config.h>

#include "doctor_why.h"

#include <errno.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "doctor.h"
#include "exec_landlock.h"
#include "landlock_rights.h"
#include "namespace_steps.h"
#include "outer.h"
#include "proc_file.h"
#include "sbuf.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#endif

enum {
	ASK_VERSION	= 1,		/* LANDLOCK_CREATE_RULESET_VERSION */
	LINE_BYTES	= 256,
	TABLE_BYTES	= 256 * 1024,	/* of mountinfo */
	COVERS_SHOWN	= 3,
};

/* What a step needs: its words, its limit below /proc/sys/user, and the kernel that has it. */
static const struct need {
	const char	*what;
	const char	*limit;
	int		 major, minor;
	const char	*option;	/* of the kernel's configuration */
} needs[] = {
	[STEP_USER] = { "user namespaces", "user", 3, 8, "CONFIG_USER_NS" },
	[STEP_PID] = { "process namespaces", "pid", 3, 8, "CONFIG_PID_NS" },
	[STEP_MOUNT] = { "mount namespaces", "mnt", 3, 8, "CONFIG_NAMESPACES" },
	[STEP_IPC] = { "IPC namespaces", "ipc", 3, 8, "CONFIG_IPC_NS" },
	[STEP_UTS] = { "UTS namespaces", "uts", 3, 8, "CONFIG_UTS_NS" },
	[STEP_NET] = { "network namespaces", "net", 3, 8, "CONFIG_NET_NS" },
	[STEP_MAP] = { "a user's own id in a user namespace", NULL, 3, 8, "CONFIG_USER_NS" },
	[STEP_LOOPBACK] = { "a loopback in a network namespace", NULL, 3, 8, "CONFIG_NET_NS" },
	[STEP_SETATTR] = { "mount_setattr", NULL, 5, 12, NULL },
	[STEP_CALL] = { "mount", NULL, 3, 8, NULL },
	[STEP_TREE] = { "open_tree", NULL, 5, 2, NULL },
	[STEP_TMPFS] = { "a tmpfs by fsopen", NULL, 5, 2, "CONFIG_TMPFS" },
	[STEP_PROC] = { "a /proc of its own", NULL, 5, 2, NULL },
	[STEP_AGAIN] = { "user namespaces", "user", 3, 8, "CONFIG_USER_NS" },
	[STEP_LISTENER] = { "system call filters that notify", NULL, 5, 5, "CONFIG_SECCOMP_FILTER" },
};

/* ---- facts ---- */

static long
setting(const char *path)
{
	char text[LINE_BYTES];

	return proc_read(path, text, sizeof(text)) ? strtol(text, NULL, 10) : -1;
}

static bool
is_filtered(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

static bool
kernel_is_before(int major, int minor, const char **release, struct arena *a)
{
	struct utsname u;
	int have = 0, less = 0;

	if (uname(&u) != 0 || sscanf(u.release, "%d.%d", &have, &less) != 2)
		return false;
	*release = arena_strdup(a, u.release);
	return have < major || (have == major && less < minor);
}

/* What a security module calls us, where it confines us under that name. */
static const char *
enforced_label(struct arena *a, bool *selinux)
{
	char text[LINE_BYTES];

	*selinux = false;
	if (!proc_read("/proc/self/attr/current", text, sizeof(text)))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	char *mode = strstr(text, " (enforce)");
	if (mode != NULL) {
		*mode = '\0';
		return arena_strdup(a, text);
	}
	*selinux = strchr(text, ':') != NULL && setting("/sys/fs/selinux/enforce") == 1 &&
	    strstr(text, "unconfined_t") == NULL;
	return *selinux ? arena_strdup(a, text) : NULL;
}

static bool
id_is_mapped(void)
{
	char text[LINE_BYTES];
	unsigned long inside, outside, count, id = geteuid();
	int used;

	/* Where no id is mapped it is empty, which is no answer of proc_read(). */
	if (access("/proc/self/uid_map", R_OK) != 0)
		return true;
	proc_read("/proc/self/uid_map", text, sizeof(text));
	for (const char *p = text; sscanf(p, "%lu %lu %lu%n", &inside, &outside, &count, &used) == 3;
	    p += used)
		if (id >= inside && id - inside < count)
			return true;
	return false;
}

/* The mount points at and below a directory, by the table of mounts; at most some are named. */
static const char *
mounts_below(struct arena *a, const char *dir, size_t *n)
{
	char *text = arena_alloc(a, TABLE_BYTES), *save = NULL;
	struct sbuf out = SBUF_INIT;
	size_t len = strlen(dir);
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t got = f != NULL ? fread(text, 1, TABLE_BYTES - 1, f) : 0;

	if (f != NULL)
		fclose(f);
	text[got] = '\0';
	*n = 0;
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char *point = line;
		for (int field = 0; field < 4 && point != NULL; field++)
			point = (point = strchr(point, ' ')) != NULL ? point + 1 : NULL;
		if (point == NULL)
			continue;
		point[strcspn(point, " ")] = '\0';
		if (strncmp(point, dir, len) != 0 || point[len] != '/' || ++*n > COVERS_SHOWN)
			continue;
		sbuf_printf(&out, "%s%s", out.len > 0 ? ", " : "", point);
	}
	if (*n > COVERS_SHOWN)
		sbuf_puts(&out, " and more");
	const char *list = arena_strdup(a, sbuf_str(&out));
	sbuf_free(&out);
	return list;
}

/* Our root directory is not that of the mount namespace: no mount is there. */
static bool
is_in_chroot(struct arena *a)
{
	char *text = arena_alloc(a, TABLE_BYTES);
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t got = f != NULL ? fread(text, 1, TABLE_BYTES - 1, f) : 0;

	if (f != NULL)
		fclose(f);
	text[got] = '\0';
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char point[LINE_BYTES];
		if (sscanf(line, "%*s %*s %*s %*s %255s", point) == 1 && strcmp(point, "/") == 0)
			return false;
	}
	return got > 0;
}

/* ---- words ---- */

/* Where what is around us is made by somebody who can be told otherwise. */
static bool
is_container(const char *outer)
{
	return outer == NULL || strstr(outer, "container") != NULL;
}

static const char *
container_option(struct arena *a, const char *option)
{
	const char *outer = outer_sandbox(a);

	return is_container(outer) ? arena_printf(a, "start the container with --security-opt %s "
	    "(docker, podman)", option) : arena_printf(a, "run cdxp-run outside of %s", outer);
}

static bool
say(struct doctor_cause *out, const char *id, const char *text, const char *remedy)
{
	*out = (struct doctor_cause){ id, text, remedy };
	return true;
}

static bool
is_ours(const char *backend)
{
	return strcmp(backend, "bwrap") != 0;
}

static bool
by_apparmor_sysctl(struct arena *a, const char *backend, struct doctor_cause *out)
{
	if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") != 1)
		return false;
	return say(out, "apparmor-userns", arena_printf(a, "AppArmor keeps user namespaces from programs "
	    "without a profile that names them, and %s has none "
	    "(kernel.apparmor_restrict_unprivileged_userns=1)", is_ours(backend) ? "cdxp-run" : "bwrap"),
	    is_ours(backend) ? "as root: cp " DOCDIR "/apparmor /etc/apparmor.d/cdxp-run && "
	    "apparmor_parser -r /etc/apparmor.d/cdxp-run" :
	    "as root: load the profile bwrap-userns-restrict of the package apparmor-profiles");
}

static bool
by_label(struct arena *a, const char *what, struct doctor_cause *out)
{
	bool selinux;
	const char *label = enforced_label(a, &selinux);

	if (label == NULL)
		return false;
	if (selinux)
		return say(out, "selinux-label", arena_printf(a, "SELinux forbids %s to what is labelled %s",
		    what, label), container_option(a, "label=disable"));
	return say(out, "apparmor-profile", arena_printf(a, "the AppArmor profile \"%s\", which we are "
	    "confined by, forbids %s", label, what), container_option(a, "apparmor=unconfined"));
}

static bool
by_filter(struct arena *a, const char *what, int error, struct doctor_cause *out)
{
	const char *outer = outer_sandbox(a);

	return is_filtered() && say(out, "seccomp", arena_printf(a, "a system call filter, that of %s, "
	    "forbids %s (%s)", outer != NULL ? outer : "whoever started this process", what,
	    strerror(error)), container_option(a, "seccomp=unconfined"));
}

/* ---- one step that failed ---- */

static bool
no_space(struct arena *a, const struct need *need, struct doctor_cause *out)
{
	const char *limit = need->limit != NULL ? need->limit : "user";
	const char *file = arena_printf(a, "/proc/sys/user/max_%s_namespaces", limit);
	const char *id = arena_printf(a, "sysctl-max-%s-namespaces", limit);

	if (setting(file) == 0)
		return say(out, id, arena_printf(a, "the number of %s is limited to 0 "
		    "(user.max_%s_namespaces)", need->what, limit),
		    arena_printf(a, "as root: sysctl user.max_%s_namespaces=15000", limit));
	return say(out, "too-many-namespaces", arena_printf(a, "there can be no more %s: as many as are "
	    "allowed exist, or they are nested too deep", need->what),
	    "end other sandboxes, or run cdxp-run outside of those that are around it");
}

static bool
not_there(struct arena *a, const struct need *need, int error, struct doctor_cause *out)
{
	const char *release = "";

	if (kernel_is_before(need->major, need->minor, &release, a))
		return say(out, "old-kernel", arena_printf(a, "this kernel (%s) is too old, it lacks %s",
		    release, need->what), arena_printf(a, "use Linux %d.%d or later", need->major,
		    need->minor));
	if (by_filter(a, need->what, error, out))
		return true;
	return say(out, "kernel-config", arena_printf(a, "this kernel (%s) was built without %s", release,
	    need->what), need->option != NULL ? arena_printf(a, "use a kernel with %s", need->option) :
	    "use a kernel of a distribution");
}

static bool
user_forbidden(struct arena *a, int error, struct doctor_cause *out)
{
	if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0 && geteuid() != 0)
		return say(out, "sysctl-unprivileged-userns-clone",
		    "user namespaces are forbidden to ordinary users (kernel.unprivileged_userns_clone=0)",
		    "as root: sysctl kernel.unprivileged_userns_clone=1");
	if (is_in_chroot(a))
		return say(out, "chroot", "the root directory was changed by chroot(2), and where that is so "
		    "the kernel makes no user namespace", "make the new root a mount of its own and enter it "
		    "by pivot_root(8) or bwrap, not by chroot(8)");
	if (!id_is_mapped())
		return say(out, "unmapped-user", arena_printf(a, "the user %u has no meaning in the user "
		    "namespace that we are in, so it can make no other", (unsigned)geteuid()),
		    "run cdxp-run as a user whom /proc/self/uid_map names");
	return by_label(a, "user namespaces", out) || by_filter(a, "user namespaces", error, out);
}

static bool
proc_forbidden(struct arena *a, struct doctor_cause *out)
{
	size_t n;
	const char *covers = mounts_below(a, "/proc", &n);

	if (n == 0)
		return false;
	return say(out, "masked-proc", arena_printf(a, "parts of /proc are covered (%s), so the kernel "
	    "mounts no other, which would show them", covers), container_option(a, "systempaths=unconfined"));
}

static bool
forbidden(struct arena *a, const char *backend, enum namespace_step step, int error,
    struct doctor_cause *out)
{
	const char *what = needs[step].what;

	if (step == STEP_USER && user_forbidden(a, error, out))
		return true;
	if (step == STEP_PROC && proc_forbidden(a, out))
		return true;
	if (by_apparmor_sysctl(a, backend, out) || by_label(a, what, out) || by_filter(a, what, error, out))
		return true;
	return say(out, "forbidden", arena_printf(a, "the kernel forbids %s (%s), and none of the causes "
	    "that are known is there", what, strerror(error)),
	    "ask who runs this machine which security module or policy forbids it");
}

static bool
no_process(struct arena *a, int error, struct doctor_cause *out)
{
	struct rlimit r = { 0, 0 };

	if (error == EMFILE || error == ENFILE)
		return say(out, "descriptor-limit", arena_printf(a, "no descriptor can be opened: %s",
		    strerror(error)), "raise the limit of open files: ulimit -n 1024");
	getrlimit(RLIMIT_NPROC, &r);
	return say(out, "process-limit", arena_printf(a, "no process can be started (%s): the limit is "
	    "%llu", strerror(error), (unsigned long long)r.rlim_cur),
	    "end other processes, or raise their limit: ulimit -u");
}

/* 0, or why no process can be started. */
static int
process_error(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return 0;
}

/* A sandbox tries itself from a copy of this program in memory, which has some megabytes. */
bool
doctor_why_limits(struct arena *a, const struct doctor_trial *t, struct doctor_cause *out)
{
	enum { DESCRIPTORS = 32, BYTES = 64 << 20 };
	struct rlimit r;
	/* Where not even the trial could be started nothing was said. */
	int error = strstr(t->said, strerror(EAGAIN)) != NULL ? EAGAIN : *t->said == '\0' ? process_error() : 0;

	if ((getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < DESCRIPTORS) || strstr(t->said, strerror(EMFILE)) != NULL)
		return no_process(a, EMFILE, out);
	if (getrlimit(RLIMIT_FSIZE, &r) == 0 && r.rlim_cur < BYTES)
		return say(out, "file-size-limit", arena_printf(a, "no file can be made that is larger than "
		    "%llu bytes, in memory neither", (unsigned long long)r.rlim_cur),
		    "raise the limit of the size of files: ulimit -f unlimited");
	return error != 0 && no_process(a, error, out);
}

bool
doctor_why_no_proc(struct doctor_cause *out)
{
	struct statfs fs;

	if (statfs("/proc", &fs) != 0 || fs.f_type != PROC_SUPER_MAGIC)
		return say(out, "no-proc", "there is no /proc here, which a sandbox is made with",
		    "as root: mount -t proc proc /proc");
	return access("/proc/sys/kernel", F_OK) != 0 && say(out, "partial-proc", "the /proc here has nothing but "
	    "processes (it is mounted with subset=pid, or /proc/sys is covered)",
	    "as root: mount -t proc proc /proc");
}

bool
doctor_why_no_devices(struct arena *a, struct doctor_cause *out)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

	for (size_t i = 0; i < NELEMS(nodes); i++) {
		const char *path = arena_printf(a, "/dev/%s", nodes[i]);
		if (access(path, F_OK) != 0)
			return say(out, "no-devices", arena_printf(a, "there is no %s, which every sandbox is "
			    "given", path), "as root: mount -t devtmpfs dev /dev");
	}
	return false;
}

bool
doctor_note_masks(struct arena *a, struct doctor_cause *out)
{
	if (syscall(SYS_mount_setattr, -1, NULL, 0, NULL, 0) == 0 || errno != ENOSYS)
		return false;
	not_there(a, &needs[STEP_SETATTR], ENOSYS, out);
	out->text = arena_printf(a, "%s: what the host puts in the place of something denied is not denied "
	    "again", out->text);
	return true;
}

static bool
failed(struct arena *a, const char *backend, enum namespace_step step, int error, struct doctor_cause *out)
{
	switch (error) {
	case ENOSPC:
	case EUSERS:
		return no_space(a, &needs[step], out);
	case ENOSYS:
	case EINVAL:
	case ENODEV:
		return not_there(a, &needs[step], error, out);
	case EAGAIN:
	case EMFILE:
	case ENFILE:
		return no_process(a, error, out);
	case EBUSY:
		if (step == STEP_LISTENER)
			return say(out, "supervised", "another sandbox around this one answers for system "
			    "calls, and there can be only one that does", container_option(a,
			    "seccomp=unconfined"));
		break;
	default:
		break;
	}
	return forbidden(a, backend, step, error, out);
}

bool
doctor_why_namespaces(struct arena *a, const struct doctor_trial *t, struct doctor_cause *out)
{
	int error;
	enum namespace_step step = namespace_steps(is_ours(t->backend), t->seconds, &error);

	return step != STEP_NONE && step != STEP_UNKNOWN && failed(a, t->backend, step, error, out);
}

void
doctor_why_userns(struct arena *a, const char *backend, int error, struct doctor_cause *out)
{
	failed(a, backend, STEP_USER, error, out);
}

void
doctor_why_proc(struct arena *a, const char *backend, struct doctor_cause *out)
{
	failed(a, backend, STEP_PROC, EPERM, out);
}

bool
doctor_why_landlock(struct arena *a, struct doctor_cause *out)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	static const struct need landlock = { "Landlock", NULL, 5, 13, "CONFIG_SECURITY_LANDLOCK" };
	const char *release = "";

	if (abi < 0 && errno == EOPNOTSUPP)
		return say(out, "landlock-off", "Landlock is in this kernel and switched off",
		    "add \"landlock\" to \"lsm=\" on the kernel's command line, and restart");
	if (abi < 0 && errno == ENOSYS)
		return not_there(a, &landlock, ENOSYS, out);
	if (abi < 0)
		return by_filter(a, "Landlock", errno, out) || say(out, "forbidden",
		    arena_printf(a, "Landlock cannot be asked for its version: %s", strerror(errno)),
		    "ask who runs this machine which security module or policy forbids it");
	if (abi < LANDLOCK_ABI_LEAST) {
		kernel_is_before(0, 0, &release, a);
		return say(out, "landlock-abi", arena_printf(a, "this kernel (%s) has version %ld of Landlock, "
		    "and version %d is needed", release, abi, LANDLOCK_ABI_LEAST), "use Linux 6.2 or later");
	}
	if (outer_answers())
		return say(out, "supervised", "another sandbox around this one answers for system calls, and "
		    "there can be only one that does", container_option(a, "seccomp=unconfined"));
	return false;
}
