/* SPDX-License-Identifier: Apache-2.0 */
/* cdxpc.c - the compiler of permission profiles: a table of commands */
#include <config.h>

#include "cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "artifacts.h"
#include "suggest.h"

static int	cmd_help(int argc, char **argv);

static const struct command commands[] = {
	{ "check", cmd_check, "say what backends do with a profile, and what looks wrong in it" },
	{ "compile", cmd_compile, "compile a profile into a bundle, or into single artifacts" },
	{ "diff", cmd_diff, "tell what a policy allows that another does not" },
	{ "explain", cmd_explain, "say what is allowed, which rule decided, and which did not" },
	{ "fmt", cmd_fmt, "bring TOML files to one canonical form, comments kept" },
	{ "import", cmd_import, "make a profile of sandbox_mode settings" },
	{ "learn", cmd_learn, "propose entries for what a command was denied" },
	{ "show", cmd_show, "show what a profile means: as a tree, a page, a graph, JSON" },
	{ "test", cmd_test, "hold profiles against assertions of what they allow and deny" },
	{ "verify", cmd_verify, "check that a bundle is what was compiled" },
	{ "help", cmd_help, "show this list, or what a command takes" },
};

void
cmd_print_version(void)
{
	struct arena *a = arena_new();
	printf("cdxpc (%s)\n", artifact_compiler(a));
	arena_free(a);
}

static void
print_usage(FILE *f)
{
	fputs("usage: cdxpc COMMAND [OPTION]... [ARG]...\n\ncommands:\n", f);
	for (size_t i = 0; i < NELEMS(commands); i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n\"cdxpc COMMAND --help\" tells what a command takes.\n"
	    "Exit status: 0 done, 1 the input is wrong, 2 bad usage or an I/O failure.\n", f);
}

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < NELEMS(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int
unknown(const char *name)
{
	const char *names[NELEMS(commands)];
	for (size_t i = 0; i < NELEMS(commands); i++)
		names[i] = commands[i].name;
	const char *near = suggest(name, names, NELEMS(names));
	const char *what = name[0] == '-' ? "option" : "command";
	if (near != NULL)
		return cmd_usage_error("", "unknown %s \"%s\": did you mean \"%s\"?", what, name, near);
	return cmd_usage_error("", "unknown %s \"%s\"", what, name);
}

static int
cmd_help(int argc, char **argv)
{
	char help[] = "--help", *args[] = { NULL, help, NULL };
	if (argc < 2) {
		print_usage(stdout);
		return EXIT_OK;
	}
	const struct command *c = find(argv[1]);
	if (c == NULL)
		return unknown(argv[1]);
	if (c->run == cmd_help) {
		print_usage(stdout);
		return EXIT_OK;
	}
	args[0] = argv[1];
	return c->run(2, args);
}

static int
run(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		cmd_print_version();
		return EXIT_OK;
	}
	const struct command *c = find(argv[1]);
	return c == NULL ? unknown(argv[1]) : c->run(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	/* A reader that goes away is an I/O failure like any other. */
	signal(SIGPIPE, SIG_IGN);
	int status = run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout))
		return cmd_io_error("standard output: cannot be written");
	return status;
}
