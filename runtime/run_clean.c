/* SPDX-License-Identifier: Apache-2.0 */
/* run_clean.c - cdxp-run clean: remove what runs that were killed have left */
#include <config.h>

#include "run_clean.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "cdxp.h"
#include "launch.h"
#include "report.h"

/* Statuses of this command alone: nothing is executed, so none is a command's. */
enum { CLEAN_DONE, CLEAN_STUCK, CLEAN_FAILED };

static void
print_help(void)
{
	fputs("Usage: cdxp-run clean [OPTION]...\n"
	    "Remove the mount points that runs which were killed have left on this host.\n\n"
	    "Every run does that too, and removes its own when it ends.  Only what is\n"
	    "recorded as made by cdxp-run, for this user, is looked at; what a running\n"
	    "command uses, or somebody has filled or replaced, stays.\n\n"
	    "  -n, --dry-run  remove nothing, say what would be removed\n"
	    "  -q, --quiet    say only what cannot be removed\n"
	    "  -h, --help     print this\n"
	    "      --version  print the version\n\n"
	    "The exit status is 0, also where something is in use; 1 if something could not\n"
	    "be removed, 2 if the records could not be read or an option is wrong.\n", stdout);
}

/* Nothing of a file's name gets to command a terminal. */
static void
print_line(const char *path, const char *what)
{
	for (const unsigned char *c = (const unsigned char *)path; *c != '\0'; c++)
		putchar(*c < 0x20 || *c == 0x7f ? '?' : *c);
	printf(": %s\n", what);
}

static int
clean(struct arena *a, bool dry, bool quiet)
{
	struct launch_left *left;
	size_t n;
	const char *why;
	int status = CLEAN_DONE;

	if (launch_clean(a, dry, &left, &n, &why) != 0)
		return report_fail(CLEAN_FAILED, "clean: %s", why);
	for (size_t i = 0; i < n; i++) {
		if (left[i].stuck)
			status = CLEAN_STUCK;
		if (!quiet || left[i].stuck)
			print_line(left[i].path, left[i].what);
	}
	if (n == 0 && !quiet)
		puts("nothing to remove");
	if (fflush(stdout) == EOF || ferror(stdout))
		return report_fail(CLEAN_FAILED, "clean: standard output cannot be written");
	return status;
}

int
run_clean(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	bool dry = false, quiet = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "nqh", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			dry = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			print_help();
			return fflush(stdout) == EOF ? CLEAN_FAILED : CLEAN_DONE;
		case 'V':
			printf("cdxp-run %s\n", cdxp_version());
			return fflush(stdout) == EOF ? CLEAN_FAILED : CLEAN_DONE;
		default:
			return report_fail(CLEAN_FAILED, "clean: %s: no such option; see "
			    "cdxp-run clean --help", argv[optind - 1]);
		}
	}
	if (optind < argc)
		return report_fail(CLEAN_FAILED, "clean takes no operands, and \"%s\" is one (a profile "
		    "of that name is \"./clean\")", argv[optind]);
	struct arena *a = arena_new();
	int status = clean(a, dry, quiet);
	arena_free(a);
	return status;
}
