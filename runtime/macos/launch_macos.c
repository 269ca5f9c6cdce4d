/* SPDX-License-Identifier: Apache-2.0 */
/* launch_macos.c - a launch on macOS: through sandbox-exec, or in place where nothing is confined */
#include <config.h>

#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "denial_proxy.h"
#include "denials.h"
#include "doctor.h"
#include "exec_seatbelt.h"
#include "host_facts.h"
#include "launch_ports.h"
#include "launch_seatbelt.h"
#include "make_dirs.h"
#include "report.h"
#include "self_test_macos.h"
#include "state_dir.h"
#include "system.h"

const char *
launch_default_backend(void)
{
	return "seatbelt";
}

void
launch_stage(int argc, char **argv)
{
	self_test_stage(argc, argv);
}

const char *
launch_backend_at(size_t i)
{
	return i == 0 ? launch_default_backend() : NULL;
}

enum target
launch_target(void)
{
	return TARGET_MACOS;
}

const char *
launch_program(struct arena *a)
{
	return doctor_self(a);
}

/* Beside ours, as in the folder of a build; as it is installed relative to ours; where it was meant to be. */
const char *
launch_proxy_program(struct arena *a, const char **why)
{
	const char *self = launch_program(a), *slash = self != NULL ? strrchr(self, '/') : NULL;
	const int dir = slash != NULL ? (int)(slash - self) : 0;
	const char *place[] = {
		arena_printf(a, "%.*s/cdxp-proxy", dir, self), arena_printf(a, "%.*s/../libexec/cdxp-proxy", dir, self),
		LIBEXECDIR "/cdxp-proxy",
	};

	for (size_t i = slash != NULL ? 0 : 2; i < NELEMS(place); i++)
		if (access(place[i], X_OK) == 0)
			return system_real_path(a, place[i]);
	*why = arena_printf(a, "the managed proxy needs the program cdxp-proxy, which is neither beside "
	    "cdxp-run nor at %s", place[2]);
	return NULL;
}

struct host *
launch_host(struct arena *a)
{
	return host_real(a);
}

int
launch_words(struct arena *a, const struct launch *l, const char **program,
    const char ***argv, size_t *len, struct launch_error *err)
{
	if (l->backend == NULL) {
		launch_plain_words(a, l, program, argv, len);
		return 0;
	}
	if (launch_check_target(a, l, err) != 0)
		return -1;
	return launch_seatbelt_words(a, l, program, argv, len, err);
}

static int
exec_in_place(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	sigset_t mask;

	if (chdir(q->cwd) != 0)
		return refuse(err, arena_printf(a, "%s: cannot enter this directory: %s",
		    q->cwd, strerror(errno)));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	const struct child_start how = {
		.program = l->command, .argv = (const char *const *)q->argv, .envp = l->envp,
		.fds = q->keep_fds, .nfds = q->nkeep_fds, .mask = &mask, .in_place = true,
	};
	child_start(&how);
	*status = errno == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC;
	report("%s: %s", l->command, strerror(errno));
	return 0;
}

/* Only where the command line and nothing else lets more happen than the profile says. */
static int
exec_in_outer(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	if (l->proxy != NULL)
		return refuse(err, arena_printf(a, "the Seatbelt sandbox around it alone cannot hold domain rules "
		    "or mode \"limited\"%s: run cdxp-run outside it",
		    origin_in_brackets(a, l->request->ir, &l->request->ir->network.origin)));
	if (l->request->strict != LAUNCH_ANY_DEVIATION || l->request->require_live_patterns)
		return refuse(err, "--nested=trust-outer holds nothing of the profile, which does not go "
		    "with --strict and --require-live-patterns");
	report("confined by the Seatbelt sandbox around it alone, which --nested=trust-outer trusts: of "
	    "the profile only the environment is held");
	return exec_in_place(a, l, status, err);
}

/* A file without a name, which ends with us; -1: there is no room for one. */
static int
unnamed_file(struct arena *a)
{
	const char *state = state_dir(a), *why;

	if (state == NULL || make_dirs(a, state, 0700, &why) != 0)
		return -1;
	char *path = arena_printf(a, "%s/decisions-XXXXXX", state);
	int fd = mkstemp(path);
	if (fd >= 0) {
		unlink(path);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_APPEND);
	}
	return fd;
}

/* What the proxy refuses is among the denials, where they are asked for. */
static int
exec_proxied(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	struct launch_request q = *l->request;
	struct launch with = *l;
	int decisions = q.denials.on && denial_proxy_needed(l->proxy) ? unnamed_file(a) : -1;

	q.decisions = decisions > 0 ? decisions : 0;
	with.request = &q;
	with.proxy = denial_proxy_begin(a, l->proxy, decisions);
	int rc = launch_ports_run(a, &with, status, err);
	if (decisions >= 0)
		close(decisions);
	return rc;
}

int
launch_exec(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	const char *state = state_dir(a), *why;

	if (l->backend == NULL)
		return exec_in_place(a, l, status, err);
	if (launch_check_target(a, l, err) != 0)
		return -1;
	if (l->request->trust_outer && exec_seatbelt_is_inside())
		return exec_in_outer(a, l, status, err);
	/* Without it the ports that the profile leaves open are whoever's. */
	if (launch_ports_needed(l))
		return exec_proxied(a, l, status, err);
	if (state == NULL)
		return refuse(err, "there is no place for the profile: "
		    "set HOME or XDG_STATE_HOME to an absolute path");
	if (make_dirs(a, state, 0700, &why) != 0)
		return refuse(err, why);
	const struct seatbelt_request r = {
		.text = sbuf_str(&l->artifact.bytes), .len = l->artifact.bytes.len,
		.command = l->command, .argv = q->argv, .envp = l->envp, .cwd = q->cwd,
		.keep_fds = q->keep_fds, .nkeep = q->nkeep_fds, .state_dir = state,
		.denials = q->denials.on ? denials_new(&q->denials, q->decide) : NULL,
	};
	*status = l->test != NULL ? self_test_before(a, l, &r) : 0;
	if (*status == 0 && !q->self_test_only)
		*status = exec_seatbelt(a, &r);
	denial_proxy_end(q->decisions > 0 ? dup(q->decisions) : -1, r.denials);
	denials_end(r.denials);
	return 0;
}
