/* SPDX-License-Identifier: Apache-2.0 */
/* launch.c - deciding how a command is run, and running it */
#include <config.h>

#include "launch.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "environ.h"
#include "lookup.h"
#include "native_path.h"
#include "path.h"
#include "proxy_plan.h"
#include "report.h"
#include "self_test.h"
#include "system.h"

const char *
origin_in_brackets(struct arena *a, const struct ir_policy *ir, const struct ir_origin *o)
{
	if (o == NULL || o->span.source >= ir->sources.len)
		return "";
	const char *source = ir->sources.v[o->span.source].name;
	if (o->span.line == 0)
		return arena_printf(a, " (%s)", source);
	return arena_printf(a, " (%s:%u \"%s\")", source, o->span.line, o->text);
}

int
launch_check_target(struct arena *a, const struct launch *l, struct launch_error *err)
{
	static const char *const systems[] = {
		[TARGET_LINUX] = "Linux", [TARGET_MACOS] = "macOS", [TARGET_WINDOWS] = "Windows",
	};

	return l->backend->target == launch_target() ? 0 : refuse(err, arena_printf(a,
	    "the backend \"%s\" does not run on %s", l->backend->name, systems[launch_target()]));
}

const char *
deviation_text(struct arena *a, const struct ir_policy *ir, const struct deviation *d)
{
	return arena_printf(a, "deviation %s, %s: %s%s%s%s", d->name,
	    d->direction == DEVIATION_WIDER ? "wider" : "narrower",
	    d->path != NULL ? d->path : "", d->path != NULL ? ": " : "",
	    d->detail, origin_in_brackets(a, ir, d->origin));
}

static int
check_cwd(struct arena *a, const struct launch_request *q, struct launch_error *err)
{
	struct fs_verdict v = decide_fs(q->decide, q->cwd);
	if (v.traversable)
		return 0;
	const char *place = why_place(a, q->bound, &v.why);
	return refuse(err, arena_printf(a, "the working directory %s would not be visible: %s%s%s%s; "
	    "the entry \":workspace_roots\" = \"read\" would show it", q->cwd,
	    why_text(a, q->bound, &v.why), *place != '\0' ? " (" : "", place,
	    *place != '\0' ? ")" : ""));
}

static int
check_deviations(struct arena *a, const struct launch_request *q, const struct artifact *art,
    struct launch_error *err)
{
	for (size_t i = 0; i < art->deviations.len; i++) {
		const struct deviation *d = &art->deviations.v[i];
		const char *option = NULL;
		if (q->strict == LAUNCH_NO_DEVIATION)
			option = "--strict";
		else if (q->strict == LAUNCH_NO_WIDER && d->direction == DEVIATION_WIDER)
			option = "--strict=wider";
		else if (q->require_live_patterns && strcmp(d->name, "snapshot") == 0)
			option = "--require-live-patterns";
		if (option != NULL)
			return refuse(err, arena_printf(a, "%s: %s", option,
			    deviation_text(a, q->ir, d)));
	}
	return 0;
}

static int
prove(struct arena *a, struct launch *l, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	const char *name = q->backend != NULL ? q->backend : launch_default_backend();
	l->backend = backend_find(name);
	if (l->backend == NULL)
		return refuse(err, arena_printf(a, "there is no backend \"%s\"", name));
	if (l->backend->target != q->bound->target)
		return refuse(err, arena_printf(a, "the policy was bound for another system than "
		    "that of the backend \"%s\"", name));

	const struct backend_options opt = {
		.outer_userns = launch_maps_all_ids(), .decide = q->decide,
		.signals_leave = !launch_keeps_signals(),
		.landlock_abi = launch_landlock_abi(),
		.advisory_network = q->advisory_network, .no_everyone = q->no_everyone,
	};
	struct artifact *art = &l->artifact;
	if (l->backend->compile(a, q->bound, &opt, art) != 0) {
		const struct refusal *r = &art->refusal;
		return refuse(err, arena_printf(a, "%s cannot enforce the profile \"%s\": %s%s%s%s",
		    name, q->ir->name, r->reason, origin_in_brackets(a, q->ir, r->origin),
		    r->witness != NULL ? ", seen at: " : "",
		    r->witness != NULL ? r->witness : ""));
	}
	return check_deviations(a, q, art, err);
}

/* Nothing is proved of what is around us. */
static int
trust_outer(struct arena *a, struct launch *l, struct launch_error *err)
{
	const struct launch_request *q = l->request;

	if (q->require_live_patterns && q->ir->patterns.len > 0)
		return refuse(err, arena_printf(a, "--require-live-patterns: no pattern is held by %s",
		    q->outer));
	if (q->ir->network.mode == NET_PROXIED)
		return refuse(err, arena_printf(a, "%s alone cannot hold domain rules or mode \"limited\"%s: they "
		    "need a network of the sandbox's own", q->outer,
		    origin_in_brackets(a, q->ir, &q->ir->network.origin)));
	VEC_PUSH(a, &l->artifact.deviations, ((struct deviation){ "trusted-outer", DEVIATION_WIDER, NULL,
	    arena_printf(a, "the command is confined by %s alone", q->outer), NULL }));
	return check_deviations(a, q, &l->artifact, err);
}

struct view {
	struct arena	*arena;
	const struct launch_request *request;
};

/*
 * The command is looked up on this host.  Printed for macOS elsewhere, paths
 * are those that a Mac has: there these three are links.
 */
static bool
readable_under(void *arg, const char *path)
{
	static const char *const moved[] = { "/tmp", "/var", "/etc" };
	const struct view *v = arg;
	const struct launch_request *q = v->request;

	for (size_t i = 0; q->bound != NULL && q->bound->target == TARGET_MACOS && i < NELEMS(moved); i++)
		if (path_within(path, moved[i])) {
			path = arena_printf(v->arena, "/private%s", path);
			break;
		}
	return q->decide == NULL || decide_fs(q->decide, path).readable;
}

static int
find_command(struct arena *a, struct launch *l, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	struct view view = { a, q };
	struct lookup_request look = {
		.name = q->argv[0],
		.path = environ_get(l->envp, "PATH"),
		.suffixes = environ_get(l->envp, "PATHEXT"),
		.cwd = q->cwd,
		.readable = readable_under,
		.arg = &view,
	};
	struct lookup_result r = lookup_command(a, &look);
	if (r.status == 0) {
		l->command = r.found;
		return 0;
	}
	*err = (struct launch_error){
		r.status == STATUS_NOEXEC ? LAUNCH_NOT_EXECUTABLE : LAUNCH_NOT_FOUND, r.message,
	};
	return -1;
}

static int
check_debug(struct arena *a, const struct launch *l, struct launch_error *err)
{
	if (!l->request->no_debug)
		return 0;
	if (l->request->outer != NULL)
		return 0;
	if (l->backend == NULL)
		return refuse(err, "--no-debug: the profile confines nothing");
	if (l->backend->target != TARGET_LINUX)
		return refuse(err, arena_printf(a, "--no-debug: not with the backend \"%s\"",
		    l->backend->name));
	return 0;
}

static int
check_denials(const struct launch *l, struct launch_error *err)
{
	if (!l->request->denials.on)
		return 0;
	if (l->backend == NULL)
		return refuse(err, "--log-denials: the profile confines nothing, so nothing is denied");
	return 0;
}

/*
 * The attempts would be in the log, and are not the command's.
 */
static int
plan_self_test(struct arena *a, struct launch *l, struct launch_error *err)
{
	if (l->request->self_test == LAUNCH_SELF_TEST_NO)
		return 0;
	if (l->request->denials.on)
		return refuse(err, "--self-test and --log-denials cannot be had in one run: the attempts of "
		    "the test are no denials of the command");
	l->test = self_test_plan(a, l, err);
	return l->test != NULL ? 0 : -1;
}

/*
 * An open directory leads to all that is around it on the host, past every
 * mount of a sandbox.  Nobody gives one as a stream on purpose.
 */
static int
check_streams(struct arena *a, const struct launch *l, struct launch_error *err)
{
	static const char *const name[] = { "input", "output", "error" };
	struct stat st;

	if (l->backend == NULL || l->backend->target != TARGET_LINUX)
		return 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return refuse(err, arena_printf(a, "standard %s is a directory, from which the "
			    "command could reach what the profile denies: redirect it to a file or "
			    "/dev/null", name[fd]));
	return 0;
}

/* What only Windows has; and there the backend is asked by options of its own. */
static int
check_windows(const struct launch_request *q, struct launch_error *err)
{
	if (launch_target() == TARGET_WINDOWS)
		return 0;
	if (q->private_desktop)
		return refuse(err, "--private-desktop: only on Windows");
	if (q->advisory_network)
		return refuse(err, "--advisory-network: only on Windows");
	return q->no_everyone ? refuse(err, "--no-everyone: only on Windows") : 0;
}

int
launch_make(struct arena *a, const struct launch_request *q, struct launch *l,
    struct launch_error *err)
{
	*l = (struct launch){ .request = q };
	if (check_windows(q, err) != 0)
		return -1;
	if (q->bound != NULL && check_cwd(a, q, err) != 0)
		return -1;
	if (q->bound != NULL && (q->outer != NULL ? trust_outer(a, l, err) : prove(a, l, err)) != 0)
		return -1;
	if (check_denials(l, err) != 0 || check_debug(a, l, err) != 0 ||
	    check_streams(a, l, err) != 0 || launch_plan_proxy(a, l, err) != 0)
		return -1;

	struct environ_request env = {
		.policy = &q->ir->environment,
		.from = (const char *const *)q->environment,
		.backend = l->backend != NULL ? l->backend->name : q->outer != NULL ? "outer" : NULL,
		.cwd = launch_target() == TARGET_WINDOWS ? native_path_plain(a, q->cwd) : q->cwd,
		.network_off = q->bound != NULL && q->ir->network.mode == NET_OFF,
		.proxy = l->proxy != NULL ? l->proxy->variable : NULL,
		.nproxy = l->proxy != NULL ? l->proxy->nvariables : 0,
	};
	struct child_environ made;
	environ_build(a, &env, &made);
	l->envp = made.envp;
	if (q->self_test_only)
		l->command = q->argv[0];
	else if (q->argv != NULL && find_command(a, l, err) != 0)
		return -1;
	return plan_self_test(a, l, err);
}

void
launch_plain_words(struct arena *a, const struct launch *l, const char **program,
    const char ***argv, size_t *len)
{
	char *const *given = l->request->argv;
	size_t n = 0;
	while (given[n] != NULL)
		n++;
	const char **copy = arena_array(a, n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = given[i];
	*program = l->command;
	*argv = copy;
	*len = n;
}

void
launch_drop(struct launch *l)
{
	sbuf_free(&l->artifact.bytes);
}
