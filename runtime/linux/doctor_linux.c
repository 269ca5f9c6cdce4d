/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_linux.c - what Linux has for sandboxes, and what stands against each backend here */
#include <config.h>

#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "bwrap_find.h"
#include "doctor_why.h"
#include "exec_bwrap.h"
#include "exec_landlock.h"
#include "job.h"
#include "landlock_rights.h"
#include "make_dirs.h"
#include "outer.h"
#include "proc_file.h"
#include "state_dir.h"
#include "trial.h"

enum { LINE_BYTES = 256 };

const char *
doctor_self(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	return n > 0 && (size_t)n < sizeof(path) ? arena_strndup(a, path, (size_t)n) : NULL;
}

/* ---- bwrap ---- */

struct bwrap_call { const char *program, *option; };

static int
call_bwrap(void *arg)
{
	const struct bwrap_call *c = arg;

	execl(c->program, "bwrap", c->option, (char *)NULL);
	return 127;
}

/* What the printer uses (backends/linux/bwrap_print.c), and what goes with it. */
static const char *
missing_option(const char *help)
{
	static const char *const used[] = {
		"--args", "--seccomp", "--json-status-fd", "--block-fd", "--chdir", "--setenv", "--die-with-parent",
		"--cap-drop", "--cap-add", "--perms", "--tmpfs", "--remount-ro", "--symlink",
		"--ro-bind-try", "--dev-bind", "--unshare-user", "--unshare-net", "--sync-fd",
	};

	for (size_t i = 0; i < NELEMS(used); i++) {
		const char *at = strstr(help, used[i]);
		size_t len = strlen(used[i]);
		while (at != NULL && at[len] != ' ' && at[len] != '\n' && at[len] != '\0')
			at = strstr(at + len, used[i]);
		if (at == NULL)
			return used[i];
	}
	return NULL;
}

/* The mount that it lies on allows no programs, which nothing but its flags tells. */
static const char *
bwrap_without_exec(struct arena *a, const char *path)
{
	struct statvfs fs;
	struct stat st;

	for (const char *at = path; at != NULL && *at != '\0'; at += *at == ':') {
		size_t len = strcspn(at, ":");
		const char *file = arena_printf(a, "%.*s/bwrap", (int)len, at);
		at += len;
		if (file[0] == '/' && stat(file, &st) == 0 && (st.st_mode & 0111) != 0 &&
		    access(file, X_OK) != 0 && statvfs(file, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0)
			return file;
	}
	return NULL;
}

static bool
bwrap_absent(struct arena *a, struct doctor_cause *out)
{
	const char *file = bwrap_without_exec(a, getenv("PATH"));

	if (file != NULL)
		*out = (struct doctor_cause){ "bwrap-noexec",
		    arena_printf(a, "%s lies on a file system that is mounted noexec", file),
		    "install the package \"bubblewrap\" where programs may be executed" };
	else
		*out = (struct doctor_cause){ "no-bwrap", "bwrap is not on PATH",
		    "install the package \"bubblewrap\" (0.8.0 or newer)" };
	return true;
}

static bool
bwrap_broken(struct arena *a, const struct doctor_trial *t, const char *bwrap, struct doctor_cause *out)
{
	struct bwrap_call call = { bwrap, "--help" };
	struct trial help;

	trial_run(call_bwrap, &call, t->seconds, &help);
	const char *option = missing_option(sbuf_str(&help.text));
	bool is_bwrap = strstr(sbuf_str(&help.text), "--ro-bind") != NULL, late = help.late;
	sbuf_free(&help.text);
	if (late)
		*out = (struct doctor_cause){ "bwrap-hangs",
		    arena_printf(a, "%s does not answer: \"bwrap --help\" was ended after %u seconds",
		    bwrap, t->seconds), "reinstall the package \"bubblewrap\" (0.8.0 or newer)" };
	else if (!is_bwrap)
		*out = (struct doctor_cause){ "bwrap-broken",
		    arena_printf(a, "%s does not work: \"bwrap --help\" says nothing of its options", bwrap),
		    "reinstall the package \"bubblewrap\" (0.8.0 or newer)" };
	else if (option != NULL)
		*out = (struct doctor_cause){ "bwrap-old",
		    arena_printf(a, "%s is too old, it does not know %s", bwrap, option),
		    "install version 0.8.0 or newer of the package \"bubblewrap\"" };
	else
		return false;
	return true;
}

/* What is wrong with the program itself. */
static bool
why_bwrap(struct arena *a, const struct doctor_trial *t, struct doctor_cause *out)
{
	const char *why, *bwrap = bwrap_find(a, getenv("PATH"), NULL, 0, &why);
	struct stat st;

	if (bwrap == NULL)
		return bwrap_absent(a, out);
	if (bwrap_broken(a, t, bwrap, out))
		return true;
	if (stat(bwrap, &st) != 0 || (st.st_mode & S_ISUID) == 0 || geteuid() == 0)
		return false;
	*out = (struct doctor_cause){ "bwrap-setuid",
	    arena_printf(a, "%s is set-user-ID, so what it makes cannot be looked into", bwrap),
	    arena_printf(a, "as root: chmod u-s %s", bwrap) };
	return true;
}

/* ---- the directory of records ---- */

static const char *
try_to_write(struct arena *a, const char *dir)
{
	char *file = arena_printf(a, "%s/doctor.XXXXXX", dir);
	const char *why;

	if (make_dirs(a, dir, 0700, &why) != 0)
		return why;
	int fd = mkstemp(file);
	if (fd < 0)
		return arena_printf(a, "%s: nothing can be written there: %s", dir, strerror(errno));
	close(fd);
	unlink(file);
	return NULL;
}

static bool
why_no_records(struct arena *a, struct doctor_cause *out)
{
	const char *dir = state_dir(a);
	const char *why = dir != NULL ? try_to_write(a, dir) : NULL;

	if (dir == NULL)
		*out = (struct doctor_cause){ "no-state-directory",
		    "there is no place for the records of mount points, which protecting names that do "
		    "not exist takes", "set HOME or XDG_STATE_HOME to an absolute path" };
	else if (why != NULL)
		*out = (struct doctor_cause){ "state-directory",
		    arena_printf(a, "the records of mount points, which protecting names that do not "
		    "exist takes, cannot be kept: %s", why),
		    geteuid() == 0 ? arena_printf(a, "make %s writable for root", dir) :
		    "set XDG_STATE_HOME to a directory that you can write" };
	else
		return false;
	return true;
}

/* ---- all together ---- */

static bool
why_everywhere(struct arena *a, struct doctor_cause *out)
{
	const char *why = exec_bwrap_unsupported(a);
	struct utsname u;

	if (why == NULL)
		return false;
	if (uname(&u) == 0 && bwrap_is_wsl1(u.release))
		*out = (struct doctor_cause){ "wsl1", "this is WSL 1, which has no namespaces",
		    "convert the distribution: wsl --set-version NAME 2" };
	else
		*out = (struct doctor_cause){ "architecture", why,
		    "use a machine of the architecture x86_64 or aarch64" };
	return true;
}

void
doctor_why(struct arena *a, const struct doctor_trial *t, struct doctor_cause *out)
{
	static const char mismatch[] = "self-test: MISMATCH: ";
	bool landlock = strcmp(t->backend, "landlock") == 0;
	bool records = t->writing || strstr(t->said, "record of mount points") != NULL;

	*out = (struct doctor_cause){ NULL, NULL, NULL };
	if (why_everywhere(a, out) || doctor_why_limits(a, t, out) ||
	    (records && !landlock && why_no_records(a, out)))
		return;
	if (!landlock && (doctor_why_no_proc(out) || doctor_why_no_devices(a, out)))
		return;
	if (strcmp(t->backend, "bwrap") == 0 && why_bwrap(a, t, out))
		return;
	if (landlock ? doctor_why_landlock(a, out) : doctor_why_namespaces(a, t, out))
		return;
	if (strncmp(t->said, mismatch, strlen(mismatch)) == 0)
		*out = (struct doctor_cause){ "not-confined", arena_printf(a, "a sandbox starts, and is not as "
		    "its policy says: %s", t->said + strlen(mismatch)),
		    "do not rely on this backend here: take another with --backend, and report this" };
	else if (t->late)
		*out = (struct doctor_cause){ "hangs",
		    arena_printf(a, "the sandbox did not end within %u seconds", t->seconds),
		    "allow more time with --timeout, or take another backend with --backend" };
	else
		*out = (struct doctor_cause){ "unknown",
		    *t->said != '\0' ? t->said : "the sandbox ended without a word",
		    arena_printf(a, "take another backend with --backend, and report this with what "
		    "\"strace -f cdxp-run --backend=%s FILE true\" prints", t->backend) };
}

/* ---- what is less than it could be ---- */

static const char *const of_mounts[] = {
	"\"unix_sockets\" beside an open network",
	"a deny pattern covers what exists at the start (deviation snapshot), but for what "
	    "cdxpc check calls closed",
	"a denied file that the host replaces can be read for a moment (deviation mask-gap)",
	NULL,
};
static const char *const of_landlock[] = {
	"less access below a place that has more: no denied file in a readable directory, no "
	    "protected .git in a writable one unless the profile gives it \"write\"",
	"deny patterns below what can be read",
	"a loopback, or any socket, with the network off (deviation no-loopback)",
	"domain rules and a limited network, as a rule names a port and no address; Unix sockets",
	"hiding the processes of the same user (deviation shared-proc)",
	NULL,
};

static size_t
length(const char *const *list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return n;
}

const char *
doctor_limit(struct arena *a, const char *backend, size_t i)
{
	bool landlock = strcmp(backend, "landlock") == 0;
	const char *const *list = landlock ? of_landlock : of_mounts;
	size_t n = length(list);
	unsigned abi = exec_landlock_abi();

	if (i < n)
		return list[i];
	i -= n;
	if (strcmp(backend, "bwrap") == 0 && i-- == 0)
		return "more than 9,000 arguments, some 3,000 places";
	if (landlock && abi < LANDLOCK_ABI_SCOPES && i == 0)
		return arena_printf(a, "keeping a command's signals in, which version %u of Landlock cannot "
		    "(deviation signals)", abi);
	return NULL;
}

static bool
note_signals(struct arena *a, struct doctor_cause *out)
{
	(void)a;
	if (job_can_scope())
		return false;
	*out = (struct doctor_cause){ "group-signals", "a command can signal the process group that "
	    "started it: the kernel has no scope for signals",
	    "use Linux 6.12 or later, with Landlock" };
	return true;
}

static bool
note_inotify(struct arena *a, struct doctor_cause *out)
{
	int fd = inotify_init1(IN_CLOEXEC), error = errno;

	if (fd >= 0) {
		close(fd);
		return false;
	}
	*out = (struct doctor_cause){ error == EMFILE ? "inotify-instances" : "no-inotify",
	    arena_printf(a, "no directory can be watched (inotify: %s): what the host puts in the "
	    "place of something denied is found by looking, later and at more cost", strerror(error)),
	    error == EMFILE ? "as root: sysctl fs.inotify.max_user_instances=1024 "
	    "user.max_inotify_instances=1024" : "use a kernel with CONFIG_INOTIFY_USER" };
	return true;
}

static bool
note_root(struct arena *a, struct doctor_cause *out)
{
	(void)a;
	if (geteuid() != 0 || all_ids_possible())
		return false;
	*out = (struct doctor_cause){ "root-without-capabilities", "this is root without the "
	    "capabilities SETUID, SETGID and SETFCAP: files of other users look like nobody's in a sandbox",
	    "start the container with those capabilities: --cap-add=SETUID,SETGID,SETFCAP" };
	return true;
}

static bool
note_bwrap_setuid(struct arena *a, struct doctor_cause *out)
{
	const char *why, *bwrap = bwrap_find(a, getenv("PATH"), NULL, 0, &why);
	struct stat st;

	if (bwrap == NULL || stat(bwrap, &st) != 0 || (st.st_mode & S_ISUID) == 0)
		return false;
	*out = (struct doctor_cause){ "bwrap-setuid",
	    arena_printf(a, "%s is set-user-ID, which ordinary users' sandboxes cannot be made with",
	    bwrap), arena_printf(a, "as root: chmod u-s %s", bwrap) };
	return true;
}

void
doctor_note(struct arena *a, size_t i, struct doctor_cause *out)
{
	static bool (*const notes[])(struct arena *, struct doctor_cause *) = {
		note_signals, doctor_note_masks, note_inotify, note_root, note_bwrap_setuid, why_no_records,
	};
	size_t n = 0;

	for (size_t k = 0; k < NELEMS(notes); k++)
		if (notes[k](a, out) && n++ == i)
			return;
	*out = (struct doctor_cause){ NULL, NULL, NULL };
}

/* ---- facts ---- */

static const char *
kernel(struct arena *a)
{
	struct utsname u;

	return uname(&u) == 0 ? arena_printf(a, "%s %s (%s)", u.sysname, u.release, u.machine) :
	    "unknown";
}

static const char *
landlock(struct arena *a)
{
	const char *why = exec_landlock_unsupported(a);

	return why != NULL ? why : arena_printf(a, "version %u", exec_landlock_abi());
}

static const char *
first_line(struct arena *a, const char *path)
{
	char text[LINE_BYTES];

	if (!proc_read(path, text, sizeof(text)))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return arena_strdup(a, text);
}

bool
doctor_fact(struct arena *a, size_t i, struct doctor_fact *out)
{
	const char *why, *outer = outer_sandbox(a), *bwrap = bwrap_find(a, getenv("PATH"), NULL, 0, &why);
	const char *label = first_line(a, "/proc/self/attr/current"), *dir = state_dir(a);
	const struct doctor_fact facts[] = {
		{ "kernel", kernel(a) },
		{ "landlock", landlock(a) },
		{ "user", arena_printf(a, "%u%s", (unsigned)geteuid(),
		    all_ids_possible() ? " (root, who keeps all ids)" : "") },
		{ "around us", outer != NULL ? outer : "nothing" },
		{ "label", label != NULL && *label != '\0' ? label : "none" },
		{ "bwrap", bwrap != NULL ? bwrap : "none on PATH" },
		{ "records", dir != NULL ? dir : "no place" },
	};

	if (i >= NELEMS(facts))
		return false;
	*out = facts[i];
	return true;
}
