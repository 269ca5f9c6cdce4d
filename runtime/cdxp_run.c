/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_run.c - the program cdxp-run: a command line around libcdxp */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "cdxp.h"
#include "doctor_try.h"
#include "launch.h"
#include "report.h"
#include "run_clean.h"
#include "run_connect.h"
#include "run_doctor.h"
#include "run_options.h"
#include "surroundings.h"
#include "system.h"

/* Statuses of the actions alone: nothing is executed, so none is a command's. */
enum { ACTION_UNSOUND = 1, ACTION_FAILED };

static int
exit_status_of(enum cdxp_status s)
{
	switch (s) {
	case CDXP_OK:			return EXIT_SUCCESS;
	case CDXP_NOT_EXECUTABLE:	return STATUS_NOEXEC;
	case CDXP_NOT_FOUND:		return STATUS_NOTFOUND;
	case CDXP_INVALID:
	case CDXP_IO:
	case CDXP_UNSOUND:
	case CDXP_REFUSED:		return STATUS_SETUP;
	}
	return STATUS_SETUP;
}

static struct cdxp_strings
strings_of(const struct run_words *w)
{
	return (struct cdxp_strings){ w->v, w->len };
}

static enum cdxp_status
load(struct cdxp_policy **out, const struct run_options *o, struct cdxp_messages *m)
{
	struct cdxp_load_options how = {
		.profile = o->profile,
		.overrides = strings_of(&o->overrides),
		.add_writable = strings_of(&o->add_writable),
		.add_readable = strings_of(&o->add_readable),
		.add_workspace_roots = strings_of(&o->add_workspace_roots),
		.protect = strings_of(&o->protect),
		.allow_unix_sockets = strings_of(&o->allow_unix_sockets),
		.devices = strings_of(&o->devices),
	};
	return cdxp_policy_load(out, o->file, &how, m);
}

static enum cdxp_status
bind_here(struct cdxp_bound **out, const struct cdxp_policy *policy,
    const struct run_options *o, const struct surroundings *here, struct cdxp_messages *m)
{
	struct cdxp_bind_options where = {
		.cwd = o->directory,
		.home = here->home,
		.tmpdir = here->tmpdir,
		.tmp = here->tmp,
		.backend = o->backend,
		/* A pipe or a device is no file that the command could rewrite for the next run. */
		.shielded = { &o->file, system_is_regular(o->file) ? 1 : 0 },
		.create_missing = o->create_missing && !o->print,
		.create_state = !o->print && o->action == RUN_COMMAND,
	};
	return cdxp_bind(out, policy, &where, m);
}

static enum cdxp_status
print_plan(const struct cdxp_plan *plan, struct cdxp_messages *m)
{
	char *json;
	enum cdxp_status s = cdxp_plan_json(plan, &json, m);
	if (s != CDXP_OK)
		return s;
	bool failed = puts(json) == EOF || fflush(stdout) == EOF;
	free(json);
	if (failed)
		perror("cdxp-run: standard output");
	return failed ? CDXP_IO : CDXP_OK;
}

static enum cdxp_status
set_up(const struct cdxp_policy *policy, const struct cdxp_plan *plan, const struct run_options *o,
    struct cdxp_messages *m)
{
	static const enum cdxp_setup what[] = {
		[RUN_PLAN] = CDXP_SETUP_DRY_RUN, [RUN_APPLY] = CDXP_SETUP_APPLY,
		[RUN_VERIFY] = CDXP_SETUP_VERIFY, [RUN_UNDO] = CDXP_SETUP_UNDO,
	};
	char *text = NULL;
	enum cdxp_status s = o->machine ?
	    cdxp_machine(policy, o->file != NULL && policy == NULL ? o->file : NULL, what[o->action], o->json, &text, m) :
	    cdxp_set_up(plan, what[o->action], o->json, &text, m);
	bool failed = text != NULL && (fputs(text, stdout) == EOF || fflush(stdout) == EOF);
	free(text);
	if (failed)
		perror("cdxp-run: standard output");
	return failed ? CDXP_IO : s;
}

/* Messages go out as they come, so that warnings precede what the command prints. */
static void
show_messages(const struct cdxp_messages *m, size_t *shown)
{
	enum cdxp_severity severity;
	const char *text;
	while ((text = cdxp_messages_text(m, *shown, &severity)) != NULL) {
		fprintf(stderr, "%s\n", text);
		++*shown;
	}
}

/* There is something to begin early for these two, and not where reading the policy may block. */
static bool
starts_early(const struct run_options *o)
{
	/* bwrap is started with the filter that is logged by. */
	bool bwrap = o->backend != NULL && strcmp(o->backend, "bwrap") == 0 &&
	    o->denials == CDXP_DENIALS_NO;
	return !o->print && o->self_test == CDXP_SELF_TEST_NO && !o->allow_unsandboxed &&
	    system_is_regular(o->file) &&
	    (o->backend == NULL || bwrap || strcmp(o->backend, "builtin") == 0);
}

static int
run(const struct run_options *o, const struct surroundings *here, struct cdxp_messages *m,
    size_t *shown)
{
	struct cdxp_policy *policy = NULL;
	struct cdxp_bound *bound = NULL;
	struct cdxp_plan *plan = NULL;
	struct cdxp_exec_options how = {
		.backend = o->backend,
		.strict = o->strict,
		.require_live_patterns = o->require_live_patterns,
		.no_debug = o->no_debug,
		.trust_outer = o->trust_outer,
		.private_desktop = o->private_desktop,
		.advisory_network = o->advisory_network,
		.no_everyone = o->no_everyone,
		.self_test = o->self_test,
		/* By rule where somebody looks at it. */
		.denials = o->denials == CDXP_DENIALS_TEXT && o->verbose && isatty(STDERR_FILENO) ?
		    CDXP_DENIALS_TABLE : o->denials,
		.denied_reads = o->denied_reads,
		.denials_fd = o->denials_fd,
		.verbose = o->verbose,
		.allow_unsandboxed = o->allow_unsandboxed,
		.forward = o->forward.v,
		.nforward = o->forward.len,
		.audit_file = o->audit_file,
		.audit_fd = o->audit_fd,
		.keep_fds = o->keep_fds.v,
		.nkeep_fds = o->keep_fds.len,
		.environment = here->environment,
		.argv = o->command,
		.last = true,
	};
	int exit_status = EXIT_SUCCESS;

	/* Signals wait from here on. */
	if (o->action == RUN_COMMAND && starts_early(o))
		how.start = cdxp_start_early(o->backend, o->command, o->keep_fds.v,
		    o->keep_fds.len, o->directory);

	enum cdxp_status s = CDXP_OK;
	if (o->file != NULL && !(o->machine && run_is_machine_plan(o->file)))
		s = load(&policy, o, m);
	if (s == CDXP_OK && policy != NULL && !o->machine)
		s = bind_here(&bound, policy, o, here, m);
	if (s == CDXP_OK && bound != NULL)
		s = cdxp_plan_make(&plan, bound, &how, m);
	show_messages(m, shown);
	if (s == CDXP_OK && o->action != RUN_COMMAND)
		s = set_up(policy, plan, o, m);
	else if (s == CDXP_OK && o->print)
		s = print_plan(plan, m);
	else if (s == CDXP_OK)
		s = cdxp_exec(plan, &exit_status, m);
	cdxp_start_free(how.start);
	cdxp_plan_free(plan);
	cdxp_bound_free(bound);
	cdxp_policy_free(policy);
	if (o->action != RUN_COMMAND)
		return s == CDXP_OK ? EXIT_SUCCESS : s == CDXP_UNSOUND ? ACTION_UNSOUND : ACTION_FAILED;
	return s == CDXP_OK ? exit_status : exit_status_of(s);
}

static int
run_and_report(const struct run_options *o, const struct surroundings *here)
{
	const char *no_colour = getenv("NO_COLOR");
	bool colour = isatty(STDERR_FILENO) && (no_colour == NULL || *no_colour == '\0');
	struct cdxp_messages *m = cdxp_messages_new("cdxp-run", colour);
	size_t shown = 0;
	int status = run(o, here, m, &shown);
	show_messages(m, &shown);
	cdxp_messages_free(m);
	return status;
}

int
main(int argc, char **argv)
{
	launch_stage(argc, argv);
	struct arena *a = arena_new();
	struct surroundings here;
	struct run_options options;
	int status = STATUS_SETUP, first;

	if (surroundings_find(a, argc, argv, &here) != 0) {
		arena_free(a);
		return status;
	}
	if (surroundings_role(&here, &status) || doctor_role(&here, &status)) {
		arena_free(a);
		return status;
	}
	if (here.argc > 1 && strcmp(here.argv[1], "clean") == 0) {
		status = run_clean(here.argc - 1, here.argv + 1);
		arena_free(a);
		return status;
	}
	if (here.argc > 1 && strcmp(here.argv[1], "doctor") == 0) {
		status = run_doctor(here.argc - 1, here.argv + 1, &here);
		arena_free(a);
		return status;
	}
	if (here.argc > 1 && strcmp(here.argv[1], "connect") == 0) {
		status = run_connect(here.argc - 1, here.argv + 1, here.environment);
		arena_free(a);
		return status;
	}
	bool machine = here.argc > 1 && strcmp(here.argv[1], "machine") == 0;
	enum run_action action = RUN_COMMAND;
	first = machine;
	if (here.argc > first + 1)
		action = run_action_of(here.argv[first + 1]);
	first += action != RUN_COMMAND;
	if (machine || action != RUN_COMMAND)
		status = ACTION_FAILED;
	switch (run_options_parse(a, action, machine, here.argc - first, here.argv + first, &options)) {
	case RUN_USAGE:
		break;
	case RUN_DONE:
		status = fflush(stdout) == EOF ? status : EXIT_SUCCESS;
		break;
	case RUN_GO:
		status = run_and_report(&options, &here);
		break;
	}
	arena_free(a);
	return status;
}
