/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_probe.c - what is tried on Linux alone, and what every sandbox of it has */
#include <config.h>

#include "self_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "launch_landlock.h"
#include "proc_file.h"

#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT	0x00002000
#endif

static struct probe_result
make_in(const struct probe *p)
{
	int fd = open(p->target, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	struct probe_result r = probe_rc(fd);

	if (fd >= 0)
		close(fd);
	if (r.error == EOPNOTSUPP || r.error == EISDIR || r.error == EINVAL)
		return probe_make_named(p);
	return r;
}

static struct probe_result
is_mount_point(const struct probe *p)
{
	struct statx st;
	int rc = statx(AT_FDCWD, p->target, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st);
	struct probe_result r = probe_rc(rc);

	if (rc != 0)
		return r;
	r.unknown = (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0;
	r.worked = (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	r.said = r.unknown ? NULL : r.worked ? "it is a mount point" : "it is no mount point";
	return r;
}

/* ---- ourselves ---- */

static struct probe_result
in_namespace(const struct probe *p)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", p->target);
	struct probe_result r = probe_link(path, p->want);
	r.said = r.worked ? "it is" : r.other ? "it is in another" : NULL;
	return r;
}

static struct probe_result
status_says(const struct probe *p)
{
	char text[PROC_STATUS_BYTES];
	struct probe_result r = { .unknown = true };

	if (!proc_read("/proc/self/status", text, sizeof(text)))
		return r;
	const char *value = proc_field(text, p->target);
	if (value == NULL)
		return r;
	r.unknown = false;
	if (strncmp(p->target, "Cap", 3) == 0)
		r.worked = (strtoull(value, NULL, 16) & ~strtoull(p->want, NULL, 16)) == 0;
	else
		r.worked = strtol(value, NULL, 10) == strtol(p->want, NULL, 10);
	return r;
}

/* ---- all ---- */

struct probe_result
probe_make(const struct probe *p)
{
	switch (p->op) {
	case PROBE_CREATE:
		return make_in(p);
	case PROBE_PIN:
		return is_mount_point(p);
	case PROBE_NAMESPACE:
		return in_namespace(p);
	case PROBE_STATUS:
		return status_says(p);
	default:
		return probe_posix(p);
	}
}

const char *
probe_void(struct probe *p)
{
	return probe_void_posix(p, all_ids_possible() || geteuid() != 0);
}

/* ---- of the plan ---- */

bool
self_test_tells_pins(const struct launch *l)
{
	return !launch_is_landlock(l);
}

void
self_test_emitted(struct self_test_planner *w, const char *path, struct emitted *out)
{
	w->launch->backend->emitted(w->arena, w->launch->request->bound, &w->launch->artifact, EMITTED_PATH,
	    path, out);
}

static void
add_namespaces(struct self_test_planner *w)
{
	static const struct { const char *name, *element; } spaces[] = {
		{ "user", "--unshare-user" }, { "mnt", "every sandbox of mounts" }, { "pid", "--unshare-pid" },
		{ "ipc", "--unshare-ipc" }, { "uts", "--unshare-uts" }, { "net", "--unshare-net" },
	};
	bool open = w->launch->request->ir->network.mode == NET_OPEN;

	for (size_t i = 0; i < NELEMS(spaces) - open; i++) {
		char link[64];
		ssize_t n = readlink(arena_printf(w->arena, "/proc/self/ns/%s", spaces[i].name), link,
		    sizeof(link));
		if (n > 0)
			self_test_own(w, PROBE_NAMESPACE, spaces[i].name, arena_strndup(w->arena, link, (size_t)n),
			    false, spaces[i].element);
	}
}

void
self_test_add_own(struct self_test_planner *w)
{
	bool landlock = launch_is_landlock(w->launch);

	self_test_own(w, PROBE_STATUS, "NoNewPrivs", "1", true, "the runtime");
	self_test_own(w, PROBE_STATUS, "Seccomp", "2", true, "the system call filter");
	/* CHOWN, DAC_OVERRIDE, FOWNER, FSETID, of root alone. */
	self_test_own(w, PROBE_STATUS, "CapEff", geteuid() == 0 ? "1b" : "0", true,
	    landlock ? "the runtime" : "--cap-drop ALL");
	self_test_own(w, PROBE_STATUS, "CapPrm", geteuid() == 0 ? "1b" : "0", true,
	    landlock ? "the runtime" : "--cap-drop ALL");
	if (landlock)
		return;
	add_namespaces(w);
	self_test_own(w, PROBE_WRITE, "/proc/sys/kernel/core_pattern", NULL, false,
	    "--ro-bind-try /proc/sys /proc/sys");
	self_test_own(w, PROBE_CREATE, "/dev/shm", NULL, true, "--dev /dev");
	self_test_own(w, PROBE_CREATE, "/dev", NULL, false, "--dev /dev ... --remount-ro /dev");
	self_test_own(w, PROBE_WRITE, "/dev/null", NULL, true, "--dev /dev");
}
