/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_learn.c - cdxpc learn DENIALS.json...: the entries that a command would have needed */
#include <config.h>

#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "learn.h"
#include "output.h"
#include "source.h"

static const char name[] = "learn";
static const struct span nowhere = { 0, 0 };

enum { OPT_GENERALISE = OPT_OWN, OPT_NAME, OPT_NETWORK };

struct learn_options {
	struct profile_options profile;
	size_t		 generalise;	/* 0: never */
	const char	*name;		/* --name, or NULL */
	bool		 network;
	const char	*out;
};

static void
print_help(void)
{
	fputs("usage: cdxpc learn [OPTION]... DENIALS.json...\n\n"
	    "Propose the narrowest entries that would have allowed what cdxp-run\n"
	    "--log-denials=json has logged, as TOML to be put behind the profile: one that\n"
	    "extends it.  What a rule denies in so many words is never proposed.  \"-\" is\n"
	    "standard input.\n\n"
	    "      --generalise=N        where N entries lie in one directory, propose that\n"
	    "      --network             destinations as well; they switch the network on\n"
	    "      --name=NAME           the profile's name; default: the old one and \"-learned\"\n"
	    "  -o FILE                   write FILE instead of standard output\n"
	    "      --diagnostics=FORMAT  text, json, sarif or github\n"
	    "  -q, --quiet               errors only\n"
	    "  -h, --help                this text\n"
	    "      --version             versions of cdxpc and libseccomp\n", stdout);
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct learn_options *o = arg;
	char *end;

	switch (opt) {
	case OPT_GENERALISE:
		errno = 0;
		o->generalise = strtoul(value, &end, 10);
		if (errno == 0 && *end == '\0' && value[0] >= '0' && value[0] <= '9' && o->generalise >= 2)
			return 0;
		cmd_usage_error(name, "--generalise=%s: takes a number of at least 2", value);
		return -1;
	case OPT_NAME:
		o->name = value;
		if (value[0] != '\0' && value[0] != ':')
			return 0;
		cmd_usage_error(name, "--name=%s: a profile's name is not empty, and does not begin with "
		    "a colon", value);
		return -1;
	case OPT_NETWORK:
		o->network = true;
		return 0;
	case 'o':
		o->out = value;
		return 0;
	default:
		return 1;
	}
}

static int
parse_options(struct learn_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		{ "generalise", required_argument, NULL, OPT_GENERALISE },
		{ "name", required_argument, NULL, OPT_NAME },
		{ "network", no_argument, NULL, OPT_NETWORK },
		{ "output", required_argument, NULL, 'o' },
		{ "diagnostics", required_argument, NULL, OPT_DIAGNOSTICS },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":o:qh", options, print_help, own_option, o, &o->profile,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	if (optind == argc) {
		cmd_usage_error(name, "no log is named");
		return -1;
	}
	return profile_options_done(&o->profile, name);
}

/* All of one profile, or there is no one that could be extended. */
static int
read_all(struct arena *a, struct diags *d, char *const *files, struct denial_lines *lines)
{
	for (; *files != NULL; files++) {
		int status = denial_lines_read(a, d, *files, lines);
		if (status != EXIT_OK)
			return status;
	}
	for (size_t i = 1; i < lines->len; i++)
		if (strcmp(lines->v[i].profile, lines->v[0].profile) != 0) {
			diag_add(d, D_DENIAL_LOG, nowhere, "these are denials of the profiles \"%s\" and "
			    "\"%s\": give the logs of one at a time", lines->v[0].profile, lines->v[i].profile);
			return EXIT_INPUT;
		}
	return EXIT_OK;
}

static void
make(struct arena *a, const struct learn_options *o, const struct denial_lines *lines, struct sbuf *out)
{
	struct learned l;

	learn(a, lines, o->generalise, o->network, &l);
	const char *parent = lines->len > 0 ? lines->v[0].profile : "";
	const char *new_name = o->name != NULL ? o->name :
	    arena_printf(a, "%s-learned", parent + (parent[0] == ':'));
	learn_print(&l, parent, new_name, out);
}

static int
run(struct arena *a, const struct learn_options *o, char *const *files)
{
	struct diags *d = diags_new(a, sources_new(a));
	struct denial_lines lines = { NULL, 0, 0, 0 };
	struct output out = { .path = o->out != NULL ? o->out : "-", .bytes = SBUF_INIT };
	const char *why;
	int status = read_all(a, d, files, &lines);

	if (status == EXIT_OK)
		make(a, o, &lines, &out.bytes);
	cmd_print_diags(d, o->profile.format);
	if (status == EXIT_OK && output_write(a, &out, 1, &why) != 0)
		status = cmd_io_error("%s", why);
	sbuf_free(&out.bytes);
	return status;
}

int
cmd_learn(int argc, char **argv)
{
	struct learn_options o = { .generalise = 0 };
	struct arena *a = arena_new();
	int status;

	o.profile.a = a;
	if (parse_options(&o, argc, argv, &status) == 0)
		status = run(a, &o, argv + optind);
	arena_free(a);
	return status;
}
