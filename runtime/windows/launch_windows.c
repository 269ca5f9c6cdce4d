/* SPDX-License-Identifier: Apache-2.0 */
/* launch_windows.c - a launch on Windows */
#include <config.h>

#include "launch.h"

#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <unistd.h>

#include <windows.h>

#include "arena.h"
#include "backend.h"
#include "denial_proxy.h"
#include "denials.h"
#include "exec_windows.h"
#include "host_facts.h"
#include "ir.h"
#include "launch_ports.h"
#include "machine_plan.h"
#include "machine_run.h"
#include "make_dirs.h"
#include "native_path.h"
#include "output_watch.h"
#include "path.h"
#include "placeholder_host.h"
#include "proxy_plan.h"
#include "report.h"
#include "sbuf.h"
#include "self_test.h"
#include "spawn_job.h"
#include "state_dir.h"
#include "state_files_win32.h"
#include "system.h"
#include "win32.h"

const char *
launch_default_backend(void)
{
	return "windows-unelevated";
}

void
launch_stage(int argc, char **argv)
{
	(void)argc, (void)argv;
}

/* None executes anything yet. */
const char *
launch_backend_at(size_t i)
{
	return i == 0 ? launch_default_backend() : NULL;
}

enum target
launch_target(void)
{
	return TARGET_WINDOWS;
}

const char *
launch_program(struct arena *a)
{
	struct spawn_request q;
	const char *why, *path = spawn_ourselves(a, &q, &why) != 0 ? NULL : native_path_back(a, q.program);

	return path != NULL ? system_real_path(a, path) : NULL;
}

/* Beside ours. */
const char *
launch_proxy_program(struct arena *a, const char **why)
{
	const char *self = launch_program(a), *slash = self != NULL ? strrchr(self, '/') : NULL;
	const char *path = slash == NULL ? NULL :
	    arena_printf(a, "%.*s/cdxp-proxy.exe", (int)(slash - self), self);

	if (path != NULL && system_is_regular(path))
		return path;
	*why = "the managed proxy needs the program cdxp-proxy.exe, which is not beside cdxp-run.exe";
	return NULL;
}

/* Where nothing was ever recorded there is nothing of ours; what cannot be read is said when it is needed. */
struct host *
launch_host(struct arena *a)
{
	const char *dir = state_dir(a), *why;
	const char *native = dir == NULL || !system_exists(dir) ? NULL : native_path_plain(a, dir);
	struct host *real = host_real(a), *h = native == NULL ? NULL :
	    placeholder_host(a, real, state_files_win32(a, native), &why);

	return h != NULL ? h : real;
}

int
launch_words(struct arena *a, const struct launch *l, const char **program,
    const char ***argv, size_t *len, struct launch_error *err)
{
	if (l->backend != NULL && launch_check_target(a, l, err) != 0)
		return -1;
	launch_plain_words(a, l, program, argv, len);
	return 0;
}

/* ---- what the proxy refuses, among the denials ---- */

static const char prefix[] = "decisions-";

struct sweep {
	struct arena	*a;
	const char	*dir;
};

/* What a run has left that was killed; one that is in use cannot be removed. */
static int
sweep_one(void *arg, const char *name, enum node_kind kind)
{
	const struct sweep *s = arg;
	wchar_t *wide = kind != NODE_FILE || strncmp(name, prefix, sizeof(prefix) - 1) != 0 ? NULL :
	    win32_path(s->a, path_join(s->a, s->dir, name));

	if (wide != NULL)
		DeleteFileW(wide);
	return 0;
}

/* A file of ours that the proxy can open, too; -1: there is no room for one. */
static int
decisions_file(struct arena *a, const char **path)
{
	const char *dir = state_dir(a), *why;
	struct sweep s = { a, dir };
	struct host *h = host_real(a);
	uint64_t random;

	if (dir == NULL || make_dirs(a, dir, 0700, &why) != 0 || system_random(&random, sizeof(random)) != 0)
		return -1;
	h->list(h, dir, sweep_one, &s);
	*path = path_join(a, dir, arena_printf(a, "%s%016llx", prefix, (unsigned long long)random));
	wchar_t *wide = win32_path(a, *path);
	HANDLE file = wide == NULL ? INVALID_HANDLE_VALUE : CreateFileW(wide, GENERIC_READ,
	    FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY, NULL);
	return file == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)file, _O_RDONLY | _O_BINARY);
}

static int
exec_proxied(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	struct launch_request q = *l->request;
	struct proxy_plan proxy = *l->proxy;
	struct launch with = *l;
	const char *path = NULL;
	int decisions = q.denials.on && denial_proxy_needed(l->proxy) ? decisions_file(a, &path) : -1;

	with.request = &q;
	if (decisions >= 0) {
		q.decisions = decisions;
		proxy.audit_file = path;
		with.proxy = &proxy;
	}
	int rc = launch_ports_run(a, &with, status, err);
	if (decisions >= 0) {
		close(decisions);
		DeleteFileW(win32_path(a, path));
	}
	return rc;
}

int
launch_exec(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	struct sbuf list = SBUF_INIT;
	struct windows_request r = {
		.plan = sbuf_str(&l->artifact.bytes), .plan_len = l->artifact.bytes.len,
		.name = q->ir->name, .command = l->command,
		.argv = (const char *const *)q->argv, .envp = l->envp, .cwd = q->cwd,
		.private_desktop = q->private_desktop, .proxied = l->proxy != NULL,
	};
	const char *why = NULL;

	if (l->backend == NULL && q->private_desktop)
		return refuse(err, "--private-desktop: the profile confines nothing");
	if (l->backend == NULL)
		return exec_windows_plain(a, &r, status, &why) == 0 ? 0 : refuse(err, why);
	if (launch_check_target(a, l, err) != 0)
		return -1;
	if (launch_ports_needed(l))
		return exec_proxied(a, l, status, err);
	struct denials *denials = q->denials.on ? denials_new(&q->denials, q->decide) : NULL;
	const struct output_watch_request watch = {
		.denials = denials, .decide = q->decide, .cwd = q->cwd, .command = l->command, .reads = q->denials.reads,
	};
	if (denials != NULL)
		r.watch = output_watch_new(a, &watch);
	if (l->test != NULL && self_test_list(l, l->test, &list) == 0) {
		r.test = list.p;
		r.test_len = list.len;
		r.test_only = q->self_test_only;
	}
	int rc = l->test != NULL && r.test == NULL ? refuse(err, "--self-test: no memory for the list of "
	    "what is to be tried") : exec_windows(a, &r, status, &why) == 0 ? 0 : refuse(err, why);
	sbuf_free(&list);
	if (rc != 0)
		output_watch_end(r.watch, false, 0);
	if (rc != 0)
		denials_free(denials);
	else if (denials != NULL && !q->denials.json && q->denials.fd == 0)
		report("of what it was denied Windows tells no more than the command itself said in its output");
	if (rc == 0)
		denial_proxy_end(q->decisions > 0 ? dup(q->decisions) : -1, denials);
	if (rc == 0)
		denials_end(denials);
	return rc;
}

static const enum windows_setup setup[] = {
	[LAUNCH_DRY_RUN] = WINDOWS_DRY_RUN, [LAUNCH_APPLY] = WINDOWS_APPLY,
	[LAUNCH_VERIFY] = WINDOWS_VERIFY, [LAUNCH_UNDO] = WINDOWS_UNDO,
};

int
launch_set_up(struct arena *a, const struct launch *l, enum launch_setup what, bool json,
    const char **text, struct launch_error *err)
{
	const char *why = NULL;
	int rc;

	*text = NULL;
	if (l == NULL)
		rc = windows_set_up(a, setup[what], NULL, 0, NULL, json, text, &why);
	else if (l->backend == NULL)
		return refuse(err, "the profile confines nothing, and needs no entries");
	else if (launch_check_target(a, l, err) != 0)
		return -1;
	else
		rc = windows_set_up(a, setup[what], sbuf_str(&l->artifact.bytes), l->artifact.bytes.len,
		    l->request->ir->name, json, text, &why);
	return rc == 0 || *text != NULL ? rc : refuse(err, why);
}

static int
read_file(struct arena *a, const char *file, struct sbuf *out, struct launch_error *err)
{
	int fd = system_open(file);
	bool ok = fd != -1 && sbuf_read(out, fd, MACHINE_PLAN_BYTES) == 0;

	if (fd != -1)
		close(fd);
	return ok ? 0 : refuse(err, arena_printf(a, "%s: cannot be read, or is too large for a machine plan", file));
}

int
launch_machine(struct arena *a, const struct ir_policy *ir, const char *file, enum launch_setup what, bool json,
    const char **text, struct launch_error *err)
{
	struct sbuf plan = SBUF_INIT;
	const char *why = NULL;
	int rc = 0;

	*text = NULL;
	if (file != NULL)
		rc = read_file(a, file, &plan, err);
	else if (ir != NULL)
		backend_windows_machine(a, ir, "cdxp", &plan);
	if (rc == 0) {
		rc = machine_run(a, setup[what], file == NULL && ir == NULL ? NULL : sbuf_str(&plan), plan.len, json, text, &why);
		if (rc != 0 && *text == NULL)
			refuse(err, file == NULL ? why : arena_printf(a, "%s: %s", file, why));
	}
	sbuf_free(&plan);
	return rc;
}
