/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_show.c - cdxpc show [OPTION]... FILE: a policy as a reviewer wants to see it */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "arena.h"
#include "backend.h"
#include "bind.h"
#include "output.h"
#include "show.h"
#include "source.h"
#include "subject.h"

static const char name[] = "show";
static const struct span nowhere = { 0, 0 };

enum { OPT_FORMAT = OPT_OWN, OPT_DENIALS };

enum format { FORMAT_TREE, FORMAT_DOT, FORMAT_HTML, FORMAT_JSON };
static const char *const format_name[] = { "tree", "dot", "html", "json" };

struct show_options {
	struct profile_options profile;
	struct artifact_host host;
	enum format	 format;
	const char	*out;		/* -o, or NULL: standard output */
	const char	*denials;	/* --denials, or NULL */
};

static void
print_help(void)
{
	fputs("usage: cdxpc show [OPTION]... FILE.toml|BUNDLE\n\n"
	    "Show what a profile means: the places where access changes, each with the rule\n"
	    "that makes it so, then network, sockets, environment and backends.  FILE#NAME is\n"
	    "the profile NAME of FILE, \"-\" standard input.\n\n"
	    "      --format=FORMAT       tree (the default), dot (for Graphviz), html (one page\n"
	    "                            with nothing outside it) or json\n"
	    "      --json                the same as --format=json\n"
	    "      --denials=LOG         what a command was denied, as cdxp-run\n"
	    "                            --log-denials=json has logged it: in the tree or page\n"
	    "  -o FILE                   write to FILE instead of standard output\n"
	    "      --host                bound to this host; without it ~, :workspace_roots and\n"
	    "                            :tmpdir stand for themselves\n"
	    "      --cwd=DIR --home=DIR --tmpdir=DIR   the same with other directories\n", stdout);
	fputs(profile_options_help, stdout);
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct show_options *o = arg;

	switch (opt) {
	case 'o':
		o->out = value;
		return 0;
	case 'j':
		o->format = FORMAT_JSON;
		return 0;
	case OPT_DENIALS:
		o->denials = value;
		return 0;
	case OPT_FORMAT:
		for (size_t i = 0; i < NELEMS(format_name); i++)
			if (strcmp(value, format_name[i]) == 0) {
				o->format = (enum format)i;
				return 0;
			}
		cmd_usage_error(name, "--format takes tree, dot, html or json, not \"%s\"", value);
		return -1;
	default:
		return host_option(&o->host, o->profile.a, name, opt, value);
	}
}

/* 0 and all options are in *o; -1: *status is the command's. */
static int
parse_options(struct show_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		PROFILE_LONG_OPTIONS,
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "denials", required_argument, NULL, OPT_DENIALS },
		{ "json", no_argument, NULL, 'j' },
		{ "output", required_argument, NULL, 'o' },
		HOST_LONG_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":o:" PROFILE_SHORT_OPTIONS, options, print_help, own_option, o, &o->profile,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	if (profile_options_done(&o->profile, name) != 0)
		return -1;
	if (optind == argc)
		cmd_usage_error(name, "no file is named");
	else if (optind + 1 < argc)
		cmd_usage_error(name, "one file at a time, not \"%s\" as well", argv[optind + 1]);
	else
		return 0;
	return -1;
}

/* As setlocale(3) has it, but without a locale for the whole program: the first that is set. */
static bool
locale_is_utf8(void)
{
	static const char *const variable[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < NELEMS(variable); i++) {
		const char *value = getenv(variable[i]);
		if (value == NULL || value[0] == '\0')
			continue;
		const char *codeset = strchr(value, '.');
		return codeset != NULL && (strncasecmp(codeset, ".UTF-8", 6) == 0 ||
		    strncasecmp(codeset, ".utf8", 5) == 0);
	}
	return false;
}

static struct show_style
style(const struct show_options *o)
{
	return (struct show_style){
		.colour = o->out == NULL && cmd_colour(STDOUT_FILENO),
		.utf8 = locale_is_utf8(),
	};
}

/* What each backend makes of it, under the same binding. */
static void
ask_backends(struct show *s, const struct show_options *o)
{
	const struct backend_options options = { .outer_userns = false };
	const struct backend *b;
	size_t n = 0;
	while (backend_at(n) != NULL)
		n++;
	s->backend = arena_array(s->a, n + 1, sizeof(*s->backend));
	for (size_t i = 0; (b = backend_at(i)) != NULL; i++) {
		/* Nothing is known of a host of another system. */
		if (o->host.bound && b->target != s->bound->target)
			continue;
		struct artifact *art = &s->backend[s->nbackend].artifact;
		struct bind_error err = { NULL, NULL };
		const struct bound_policy *bound = b->target == s->bound->target ? s->bound :
		    subject_bind(s->a, s->bound->ir, b->target, &o->host, &err);
		s->backend[s->nbackend].name = b->name;
		subject_compile(s->a, b, bound, &err, &options, art);
		sbuf_free(&art->bytes);
		/* One for few profiles is shown where it is for this one. */
		if (!art->refused || !b->for_few)
			s->nbackend++;
	}
}

static int
make(struct arena *a, struct diags *d, const struct show_options *o, const struct subject *subject,
    struct sbuf *out)
{
	struct bind_error err = { NULL, NULL };
	struct bound_policy *bound = subject_bind(a, subject->ir, artifact_host_target(&o->host),
	    &o->host, &err);
	if (bound == NULL) {
		struct diag *e = diag_add(d, D_BACKEND_REFUSES, nowhere,
		    "profile \"%s\" cannot be bound: %s", subject->ir->name, err.text);
		subject_note_rule(d, e, subject->ir, err.origin);
		return EXIT_INPUT;
	}
	struct show s = { .a = a, .subject = subject, .bound = bound,
	    .view = view_build(a, decide_fs_build(a, bound)) };
	ask_backends(&s, o);
	struct denial_lines lines = { NULL, 0, 0, 0 };
	int status = o->denials != NULL ? denial_lines_read(a, d, o->denials, &lines) : EXIT_OK;
	if (status != EXIT_OK)
		return status;
	if (o->denials != NULL)
		show_denials_add(&s, &lines);
	switch (o->format) {
	case FORMAT_TREE:
		show_tree(&s, style(o), out);
		break;
	case FORMAT_DOT:
		show_dot(&s, out);
		break;
	case FORMAT_HTML:
		show_html(&s, out);
		break;
	case FORMAT_JSON:
		show_json(&s, out);
		break;
	}
	return EXIT_OK;
}

static int
run(struct arena *a, const struct show_options *o, const char *file)
{
	struct sources *sources = sources_new(a);
	struct diags *d = diags_new(a, sources);
	struct subject subject;
	struct output out = { .path = o->out != NULL ? o->out : "-", .bytes = SBUF_INIT };
	const char *why;

	if (profile_options_warnings(&o->profile, name, d) != 0)
		return EXIT_USAGE;
	int status = subject_load(a, sources, d, &o->profile, file, &subject);
	if (status == EXIT_OK)
		status = make(a, d, o, &subject, &out.bytes);
	if (status == EXIT_OK && diags_errors(d) > 0)
		status = EXIT_INPUT;
	cmd_print_diags(d, o->profile.format);
	if (status == EXIT_OK && output_write(a, &out, 1, &why) != 0)
		status = cmd_io_error("%s", why);
	sbuf_free(&out.bytes);
	return status;
}

int
cmd_show(int argc, char **argv)
{
	struct show_options o = { .format = FORMAT_TREE };
	struct arena *a = arena_new();
	int status;

	o.profile.a = a;
	if (parse_options(&o, argc, argv, &status) == 0)
		status = run(a, &o, argv[optind]);
	arena_free(a);
	return status;
}
