/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_verify.c - cdxpc verify BUNDLE... */
#include <config.h>

#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "bundle_read.h"
#include "json.h"

static const char name[] = "verify";

static void
print_help(void)
{
	fputs("usage: cdxpc verify [OPTION]... BUNDLE...\n\n"
	    "Check that each bundle is complete and unchanged: its form, its version, its\n"
	    "digest, and the policy in it.  \"-\" is standard input.\n\n"
	    "      --diagnostics=FORMAT  text, json, sarif or github\n"
	    "  -q, --quiet               print nothing where all is well\n"
	    "  -h, --help                this text\n"
	    "      --version             versions of cdxpc and libseccomp\n", stdout);
}

static int
verify(struct diags *d, const char *path, bool quiet)
{
	static const struct span nowhere = { 0, 0 };
	const char *file = strcmp(path, "-") == 0 ? "<stdin>" : path;
	struct sbuf text = SBUF_INIT;
	const char *why;
	int status = EXIT_OK;

	if (cmd_read_file(path, &text) != 0) {
		diag_add(d, D_IO, nowhere, "%s: %s", file, strerror(errno));
		sbuf_free(&text);
		return EXIT_USAGE;
	}
	struct arena *a = arena_new();
	const struct bundle *b = bundle_read(a, sbuf_str(&text), text.len, &why);
	if (b != NULL && !json_is_canonical(sbuf_str(&text), text.len)) {
		why = "it is not in canonical form: its bytes are not those that cdxpc writes";
		b = NULL;
	}
	if (b == NULL) {
		diag_add(d, D_BUNDLE, nowhere, "%s: %s", file, why);
		status = EXIT_INPUT;
	} else if (!quiet) {
		printf("%s: sha256:%s\n", file, b->digest);
	}
	arena_free(a);
	sbuf_free(&text);
	return status;
}

static int
verify_all(char **paths, enum diag_format format, bool quiet)
{
	struct arena *a = arena_new();
	struct diags *d = diags_new(a, NULL);
	int worst = EXIT_OK;

	for (; *paths != NULL; paths++) {
		int status = verify(d, *paths, quiet);
		if (status > worst)
			worst = status;
	}
	cmd_print_diags(d, format);
	arena_free(a);
	return worst;
}

int
cmd_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "diagnostics", required_argument, NULL, OPT_DIAGNOSTICS },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	struct profile_options o = { .format = DIAG_TEXT };
	const struct command_line line = {
		name, ":qh", options, print_help, NULL, NULL, &o,
	};
	int status;

	if (cmd_options(&line, argc, argv, &status) != 0)
		return status;
	if (optind == argc)
		return cmd_usage_error(name, "no bundle is named");
	return verify_all(argv + optind, o.format, o.quiet);
}
