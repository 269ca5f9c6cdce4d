/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_fmt.c - cdxpc fmt [--check] FILE.toml... */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "output.h"
#include "source.h"
#include "toml_format.h"

static const char name[] = "fmt";

enum { OPT_CHECK = OPT_OWN };

struct fmt_options {
	struct profile_options common;	/* of these only --diagnostics and -q */
	bool		 check;
};

/* One run over all files; the diagnostics stay until the end. */
struct run {
	struct arena	*a;
	const struct fmt_options *o;
	struct sources	*sources;
	struct diags	*d;
	int		 status;
};

static void
print_help(void)
{
	fputs("usage: cdxpc fmt [OPTION]... FILE.toml...\n\n"
	    "Bring each file to one canonical form, in place; comments and the order of\n"
	    "everything are kept, and so is the meaning.  Any TOML will do.  \"-\" is standard\n"
	    "input, formatted to standard output.\n\n"
	    "      --check               write nothing; name the files that would change, and\n"
	    "                            exit with status 1 where there are any\n"
	    "      --diagnostics=FORMAT  text, json, sarif or github\n"
	    "  -q, --quiet               do not name them\n"
	    "  -h, --help                this text\n"
	    "      --version             versions of cdxpc and libseccomp\n", stdout);
}

static void
fail(struct run *r, int status)
{
	if (status > r->status)
		r->status = status;
}

static void
write_back(struct run *r, const char *path, struct sbuf bytes)
{
	const struct output out = { path, bytes };
	const char *why;

	if (output_write(r->a, &out, 1, &why) == 0)
		return;
	diag_add(r->d, D_IO, (struct span){ 0, 0 }, "%s", why);
	fail(r, EXIT_USAGE);
}

static void
format_file(struct run *r, const char *path)
{
	bool io, standard = strcmp(path, "-") == 0;
	struct sbuf out = SBUF_INIT;
	const struct source *src = sources_read(r->sources, r->d, path, &io);

	if (src == NULL) {
		fail(r, io ? EXIT_USAGE : EXIT_INPUT);
		return;
	}
	if (toml_format(r->a, r->sources, r->d, src, &out) != 0) {
		fail(r, EXIT_INPUT);
		sbuf_free(&out);
		return;
	}
	/* As it was given: a byte-order mark is a difference. */
	bool same = out.len == src->raw_len && memcmp(sbuf_str(&out), src->raw, out.len) == 0;
	if (r->o->check && !same) {
		fail(r, EXIT_INPUT);
		if (!r->o->common.quiet)
			printf("%s\n", src->name);
	} else if (!r->o->check && (standard || !same)) {
		write_back(r, path, out);
	}
	sbuf_free(&out);
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct fmt_options *o = arg;

	(void)value;
	if (opt != OPT_CHECK)
		return 1;
	o->check = true;
	return 0;
}

/* 0 and all options are in *o; -1: *status is the command's. */
static int
parse_options(struct fmt_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, OPT_CHECK },
		{ "diagnostics", required_argument, NULL, OPT_DIAGNOSTICS },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":qh", options, print_help, own_option, o, &o->common,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	if (optind < argc)
		return 0;
	cmd_usage_error(name, "no file is named");
	return -1;
}

int
cmd_fmt(int argc, char **argv)
{
	struct fmt_options o = { .check = false };
	int status;

	if (parse_options(&o, argc, argv, &status) != 0)
		return status;
	struct arena *a = arena_new();
	struct run r = { .a = a, .o = &o, .sources = sources_new(a), .status = EXIT_OK };
	r.d = diags_new(a, r.sources);
	for (int i = optind; i < argc; i++)
		format_file(&r, argv[i]);
	cmd_print_diags(r.d, o.common.format);
	arena_free(a);
	return r.status;
}
