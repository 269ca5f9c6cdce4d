/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_diff.c - cdxpc diff OLD NEW */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "bind.h"
#include "diff.h"
#include "source.h"

static const char name[] = "diff";
static const struct span nowhere = { 0, 0 };

enum { OPT_FAIL_ON = OPT_OWN, OPT_JSON };

enum fail_on { FAIL_NEVER, FAIL_WIDER, FAIL_ANY };

struct diff_options {
	struct profile_options profile;
	struct artifact_host host;
	enum fail_on	 fail_on;
	bool		 json;
};

static void
print_help(void)
{
	fputs("usage: cdxpc diff [OPTION]... OLD NEW\n\n"
	    "Tell what NEW allows that OLD does not, and the reverse, by what they mean.  OLD\n"
	    "and NEW are profiles in TOML or bundles; FILE#PROFILE names a profile of FILE,\n"
	    "and \"-\" is standard input.  Both are bound alike: to this host where one of\n"
	    "--host, --cwd, --home and --tmpdir is given, else to no host.\n\n"
	    "      --fail-on=CLASS       exit status 1 where something is \"wider\", or on \"any\"\n"
	    "                            difference\n"
	    "      --json                for programs\n"
	    "      --host                as this host has it\n"
	    "      --cwd=DIR             the same, with another working directory\n"
	    "      --home=DIR, --tmpdir=DIR  the same, with another $HOME, $TMPDIR\n", stdout);
	fputs(profile_options_help, stdout);
	fputs("\nWith -q nothing is printed but errors: the exit status is the answer.\n", stdout);
}

/* As profile_option(). */
static int
own_option(void *arg, int opt, const char *value)
{
	struct diff_options *o = arg;

	switch (opt) {
	case OPT_FAIL_ON:
		if (strcmp(value, "wider") == 0)
			o->fail_on = FAIL_WIDER;
		else if (strcmp(value, "any") == 0)
			o->fail_on = FAIL_ANY;
		else
			return cmd_usage_error(name, "--fail-on takes wider or any, not \"%s\"",
			    value), -1;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	default:
		return host_option(&o->host, o->profile.a, name, opt, value);
	}
}

/* 0 and all options are in *o; -1: *status is the command's. */
static int
parse_options(struct diff_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		PROFILE_LONG_OPTIONS,
		HOST_LONG_OPTIONS,
		{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
		{ "json", no_argument, NULL, OPT_JSON },
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":" PROFILE_SHORT_OPTIONS, options, print_help, own_option, o, &o->profile,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	return profile_options_done(&o->profile, name);
}

static bool
is_standard_input(const char *file)
{
	return strcmp(file, "-") == 0 || strncmp(file, "-#", 2) == 0;
}

static int
check_files(int argc, char **argv)
{
	if (argc != 2)
		return cmd_usage_error(name, argc < 2 ? "two policies are needed, OLD and NEW" :
		    "only two policies can be compared, OLD and NEW"), -1;
	if (is_standard_input(argv[0]) && is_standard_input(argv[1]))
		return cmd_usage_error(name, "only one of OLD and NEW can be standard input"), -1;
	return 0;
}

static struct bound_policy *
bind_side(struct arena *a, const struct diff_options *o, struct diags *d, const struct subject *s)
{
	struct bind_error err = { NULL, NULL };
	struct bound_policy *b = subject_bind(a, s->ir, artifact_host_target(&o->host), &o->host,
	    &err);
	if (b == NULL) {
		struct diag *e = diag_add(d, D_BACKEND_REFUSES, nowhere,
		    "%s: profile \"%s\" cannot be bound: %s", s->file, s->ir->name, err.text);
		subject_note_rule(d, e, s->ir, err.origin);
	}
	return b;
}

/* Both sides, so that the errors of both are told; 0 or an exit status. */
static int
load_sides(struct diff *x, const struct diff_options *o, struct sources *sources,
    struct diags *d, char **files)
{
	int worst = EXIT_OK;
	for (int s = 0; s < 2; s++) {
		struct subject *subject = arena_alloc(x->a, sizeof(*subject));
		int status = subject_load(x->a, sources, d, &o->profile, files[s], subject);
		worst = status > worst ? status : worst;
		if (status != EXIT_OK)
			continue;
		x->side[s].subject = subject;
		x->side[s].bound = bind_side(x->a, o, d, subject);
		if (x->side[s].bound == NULL && worst == EXIT_OK)
			worst = EXIT_INPUT;
	}
	return worst;
}

static int
compare(struct diff *x, const struct diff_options *o, struct diags *d, struct sbuf *out)
{
	const char *why = diff_make(x);
	if (why != NULL) {
		diag_add(d, D_COMPARE_LIMIT, nowhere, "%s and %s cannot be compared: %s",
		    x->side[0].subject->file, x->side[1].subject->file, why);
		return EXIT_INPUT;
	}
	if (o->json && !o->profile.quiet)
		diff_json(x, out);
	else if (!o->profile.quiet)
		diff_text(x, cmd_colour(STDOUT_FILENO), out);
	if ((o->fail_on == FAIL_WIDER && x->count[DELTA_WIDER] > 0) ||
	    (o->fail_on == FAIL_ANY && x->rows.len > 0))
		return EXIT_INPUT;
	return EXIT_OK;
}

static int
run(struct arena *a, const struct diff_options *o, char **files)
{
	struct sources *sources = sources_new(a);
	struct diags *d = diags_new(a, sources);
	struct diff x = { .a = a };
	struct sbuf out = SBUF_INIT;

	if (profile_options_warnings(&o->profile, name, d) != 0)
		return EXIT_USAGE;
	int status = load_sides(&x, o, sources, d, files);
	if (status == EXIT_OK && diags_errors(d) > 0)
		status = EXIT_INPUT;		/* a warning that -Werror made one */
	if (status == EXIT_OK)
		status = compare(&x, o, d, &out);
	if (diags_count(d) > 0 || o->profile.format == DIAG_JSON)
		cmd_print_diags(d, o->profile.format);
	if (out.len > 0)
		fwrite(out.p, 1, out.len, stdout);
	sbuf_free(&out);
	return status;
}

int
cmd_diff(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct diff_options o = { .profile.a = a };
	int status;

	if (parse_options(&o, argc, argv, &status) == 0)
		status = check_files(argc - optind, argv + optind) == 0 ?
		    run(a, &o, argv + optind) : EXIT_USAGE;
	arena_free(a);
	return status;
}
