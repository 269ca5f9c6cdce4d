/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_test.c - cdxpc test [OPTION]... FILE.test.toml... */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "path.h"
#include "source.h"
#include "test_coverage.h"
#include "test_file.h"
#include "test_report.h"
#include "test_run.h"

static const char name[] = "test";

enum {
	OPT_FORMAT = OPT_OWN, OPT_JSON, OPT_REQUIRE_COVERAGE, OPT_NO_COVERAGE,
};

struct options {
	struct profile_options profile;
	struct test_options run;
	enum test_format format;
	int		 required;	/* percent; -1: nothing is */
	bool		 no_coverage;
};

static void
print_help(void)
{
	fputs("usage: cdxpc test [OPTION]... FILE.test.toml...\n\n"
	    "Hold profiles against assertions written in TOML: what they must allow and deny.\n"
	    "\"-\" is standard input.  See cdxpc-test(1) for the form of the file.\n\n"
	    "      --format=FORMAT       tap (the default), junit or json; --json is short for json\n"
	    "      --require-coverage=N  fail where assertions depend on less than N percent of the\n"
	    "                            rules of the profiles\n"
	    "      --no-coverage         do not look for rules that no assertion depends on\n"
	    "      --host                bind to this host, not to a made-up one\n"
	    "      --cwd=DIR --home=DIR --tmpdir=DIR   in place of those of the files\n", stdout);
	fputs(profile_options_help, stdout);
}

static int
set_format(struct options *o, const char *arg)
{
	static const char *const word[] = {
		[TEST_TAP] = "tap", [TEST_JUNIT] = "junit", [TEST_JSON] = "json",
	};
	for (size_t i = 0; i < NELEMS(word); i++)
		if (strcmp(arg, word[i]) == 0) {
			o->format = (enum test_format)i;
			return 0;
		}
	cmd_usage_error(name, "--format takes tap, junit or json, not \"%s\"", arg);
	return -1;
}

static int
set_required(struct options *o, const char *arg)
{
	size_t len = strlen(arg);
	if (len == 0 || len > 3 || strspn(arg, "0123456789") != len || atoi(arg) > 100) {
		cmd_usage_error(name, "--require-coverage takes a percentage from 0 to 100, not \"%s\"",
		    arg);
		return -1;
	}
	o->required = atoi(arg);
	return 0;
}

static int
set_directory(struct options *o, int opt, const char *arg)
{
	const char *option = opt == OPT_CWD ? "--cwd" : opt == OPT_HOME ? "--home" : "--tmpdir";
	const char *why, *path = assertion_directory(o->profile.a, arg, &why);
	if (path == NULL && opt == OPT_TMPDIR && arg[0] == '\0')
		path = arg;
	if (path == NULL) {
		cmd_usage_error(name, "%s=%s %s", option, arg, why);
		return -1;
	}
	*(opt == OPT_CWD ? &o->run.cwd : opt == OPT_HOME ? &o->run.home : &o->run.tmpdir) = path;
	return 0;
}

/* 1: not one of this command's own; 0: taken; -1: reported. */
static int
own_option(void *arg, int opt, const char *value)
{
	struct options *o = arg;

	switch (opt) {
	case OPT_FORMAT:
		return set_format(o, value);
	case OPT_JSON:
		o->format = TEST_JSON;
		return 0;
	case OPT_REQUIRE_COVERAGE:
		return set_required(o, value);
	case OPT_NO_COVERAGE:
		o->no_coverage = true;
		return 0;
	case OPT_HOST:
		o->run.host = true;
		return 0;
	case OPT_CWD:
	case OPT_HOME:
	case OPT_TMPDIR:
		return set_directory(o, opt, value);
	default:
		return 1;
	}
}

/* -1: go on; else an exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "require-coverage", required_argument, NULL, OPT_REQUIRE_COVERAGE },
		{ "no-coverage", no_argument, NULL, OPT_NO_COVERAGE },
		HOST_LONG_OPTIONS,
		PROFILE_LONG_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":" PROFILE_SHORT_OPTIONS, options, print_help, own_option, o, &o->profile,
	};
	int status;

	if (cmd_options(&line, argc, argv, &status) != 0)
		return status;
	if (profile_options_done(&o->profile, name) != 0)
		return EXIT_USAGE;
	if (optind == argc)
		return cmd_usage_error(name, "no test file is named");
	if (o->no_coverage && o->required >= 0)
		return cmd_usage_error(name, "--no-coverage and --require-coverage contradict each other");
	return -1;
}

static int
prepare(struct test_run *r, int n, char **paths)
{
	int worst = EXIT_OK;
	bool stdin_used = false;

	for (int i = 0; i < n; i++) {
		bool io, standard = strcmp(paths[i], "-") == 0;
		if (standard && stdin_used)
			return cmd_usage_error(name, "standard input is named twice");
		stdin_used |= standard;
		const struct test_file *f = test_file_read(r->a, r->sources, r->d, paths[i], &io);
		int status = f != NULL ? test_run_prepare(r, f) : io ? EXIT_USAGE : EXIT_INPUT;
		worst = status > worst ? status : worst;
	}
	return worst;
}

static int
judge_coverage(struct test_run *r, const struct test_coverage *c, int required)
{
	const struct span nowhere = { 0, 0 };

	if (c->covered * 100 >= (c->covered + c->uncovered) * (size_t)required)
		return EXIT_OK;
	struct diag *e = diag_add(r->d, D_TEST_COVERAGE, nowhere,
	    "assertions depend on %zu of %zu rules, %u percent; --require-coverage asks for %d",
	    c->covered, c->covered + c->uncovered, c->percent, required);
	for (size_t i = 0; i < c->rules.len; i++) {
		const struct test_rule *rule = &c->rules.v[i];
		struct span span = test_rule_span(r->d, rule->subject, rule->origin);
		if (rule->state != RULE_UNCOVERED)
			continue;
		if (span.end != 0)
			diag_note(r->d, e, span, "no assertion depends on this rule");
		else
			subject_note_rule(r->d, e, rule->subject->ir, rule->origin);
	}
	return EXIT_INPUT;
}

static int
run_tests(struct test_run *r, const struct options *o, int n, char **paths)
{
	struct test_coverage coverage;
	struct sbuf out = SBUF_INIT;
	int status = prepare(r, n, paths);

	if (status == EXIT_OK && diags_errors(r->d) > 0)
		status = EXIT_INPUT;
	if (status != EXIT_OK)
		return status;
	test_run_decide(r);
	if (r->failed > 0)
		status = EXIT_INPUT;
	if (!o->no_coverage)
		test_coverage_measure(r, &coverage);
	if (o->required >= 0 && judge_coverage(r, &coverage, o->required) != EXIT_OK)
		status = EXIT_INPUT;
	test_report(&out, r, o->no_coverage ? NULL : &coverage, o->format);
	fwrite(sbuf_str(&out), 1, out.len, stdout);
	sbuf_free(&out);
	return status;
}

int
cmd_test(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct options o = { .profile = { .a = a }, .required = -1 };
	int status = read_options(argc, argv, &o);

	if (status < 0) {
		struct sources *sources = sources_new(a);
		struct diags *d = diags_new(a, sources);
		o.run.profile = &o.profile;
		struct test_run r = { .a = a, .sources = sources, .d = d, .o = &o.run };
		if (profile_options_warnings(&o.profile, name, d) != 0)
			status = EXIT_USAGE;
		else
			status = run_tests(&r, &o, argc - optind, argv + optind);
		fflush(stdout);
		cmd_print_diags(d, o.profile.format);
	}
	arena_free(a);
	return status;
}
