/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_compile.c - cdxpc compile [OPTION]... FILE.toml... */
#include <config.h>

#include "cmd.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "artifacts.h"
#include "intern.h"
#include "ir.h"
#include "output.h"
#include "source.h"

static const char name[] = "compile";

enum {
	OPT_EMIT = OPT_OWN, OPT_DEPFILE, OPT_ARCH,
};

struct compile_options {
	struct profile_options profile;
	const char	*out;		/* -o, or NULL */
	const char	*depfile;
	unsigned	 kinds;		/* bits by enum artifact_kind */
	struct artifact_host host;
	bool		 arch_given;
};

struct inputs {
	const char	**v;
	size_t		 len, cap;
};

/* One run over all inputs; texts and diagnostics stay until the end. */
struct run {
	struct arena	*a;
	const struct compile_options *o;
	struct sources	*sources;
	struct diags	*d;
	struct sbuf	 deps;
	struct strmap	*written;	/* path -> the input that it was made from */
	bool		 last;		/* of the inputs */
	int		 status;
};

static void
print_help(void)
{
	fputs("usage: cdxpc compile [OPTION]... FILE.toml...\n\n"
	    "Compile the chosen profile of each file into a bundle, STEM.PROFILE.cdxp beside\n"
	    "it.  A directory stands for the *.toml files in it, \"-\" for standard input.\n\n"
	    "  -o FILE                   the output, or with several a directory; \"-\": standard output\n"
	    "      --emit=KIND,...       instead of the bundle: ir (JSON), bwrap (arguments,\n"
	    "                            NUL-separated), landlock (JSON), seatbelt (a profile\n"
	    "                            for macOS), seccomp (a system call filter, raw),\n"
	    "                            windows (plans of access control entries, JSON),\n"
	    "                            windows-machine (what an administrator sets up there)\n"
	    "      --arch=NAME           seccomp for x86_64 (the default) or aarch64\n"
	    "      --depfile=FILE        which output was made from which input, for make\n"
	    "      --host                bind these to this host, not to the generic one\n"
	    "      --cwd=DIR --home=DIR --tmpdir=DIR   the same with other directories\n"
	    "      --facts=FILE          bind to the host that is described there\n"
	    "      --advisory-network    windows: ask by variables where nothing confines\n"
	    "      --no-everyone         windows: Everyone is no restricting SID\n", stdout);
	fputs(profile_options_help, stdout);
}

static int
set_kinds(struct compile_options *o, const char *list)
{
	for (bool more = true; more; ) {
		size_t len = strcspn(list, ",");
		unsigned kind = 0;
		while (kind < ARTIFACT_BUNDLE && (strlen(artifact_kind_name(kind)) != len ||
		    strncmp(artifact_kind_name(kind), list, len) != 0))
			kind++;
		if (kind == ARTIFACT_BUNDLE) {
			cmd_usage_error(name, "--emit takes ir, bwrap, landlock, seatbelt, seccomp, windows and "
			    "windows-machine, not \"%.*s\"",
			    (int)len, list);
			return -1;
		}
		o->kinds |= 1u << kind;
		more = list[len] == ',';
		list += len + more;
	}
	return 0;
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct compile_options *o = arg;

	switch (opt) {
	case 'o':
		o->out = value;
		return 0;
	case OPT_EMIT:
		return set_kinds(o, value);
	case OPT_ARCH:
		o->host.arch = value;
		o->arch_given = true;
		return 0;
	case OPT_DEPFILE:
		o->depfile = value;
		return 0;
	default:
		return host_option(&o->host, o->profile.a, name, opt, value);
	}
}

/* 0 and all options are in *o; -1: *status is the command's. */
static int
parse_options(struct compile_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		PROFILE_LONG_OPTIONS,
		{ "output", required_argument, NULL, 'o' },
		{ "emit", required_argument, NULL, OPT_EMIT },
		{ "arch", required_argument, NULL, OPT_ARCH },
		{ "depfile", required_argument, NULL, OPT_DEPFILE },
		HOST_LONG_OPTIONS,
		WINDOWS_LONG_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":o:" PROFILE_SHORT_OPTIONS, options, print_help, own_option, o, &o->profile,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	return profile_options_done(&o->profile, name);
}

static bool
is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
is_toml(const struct dirent *e)
{
	size_t len = strlen(e->d_name);
	return len > 5 && e->d_name[0] != '.' && strcmp(e->d_name + len - 5, ".toml") == 0 &&
	    (len < 10 || strcmp(e->d_name + len - 10, ".test.toml") != 0);
}

static int
bytewise(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
list_directory(struct arena *a, struct inputs *in, const char *dir)
{
	struct dirent **found;
	int n = scandir(dir, &found, is_toml, bytewise);
	if (n < 0) {
		cmd_io_error("%s: %s", dir, strerror(errno));
		return -1;
	}
	size_t len = strlen(dir);
	const char *gap = len > 0 && dir[len - 1] == '/' ? "" : "/";
	for (int i = 0; i < n; i++) {
		VEC_PUSH(a, in, arena_printf(a, "%s%s%s", dir, gap, found[i]->d_name));
		free(found[i]);
	}
	free(found);
	if (n == 0)
		cmd_io_error("%s: there is no *.toml file in this directory", dir);
	return n == 0 ? -1 : 0;
}

static int
list_inputs(struct arena *a, struct inputs *in, char **argv)
{
	for (; *argv != NULL; argv++) {
		if (!is_directory(*argv))
			VEC_PUSH(a, in, *argv);
		else if (list_directory(a, in, *argv) != 0)
			return -1;
	}
	if (in->len > 0)
		return 0;
	cmd_usage_error(name, "no input file");
	return -1;
}

/* What goes together, before anything is read. */
static int
check_usage(const struct compile_options *o, const struct inputs *in)
{
	bool several = in->len > 1 || (o->kinds & (o->kinds - 1)) != 0;
	if (several && o->out != NULL && !is_directory(o->out))
		return cmd_usage_error(name, "-o %s: there are several outputs, "
		    "and this is no directory", o->out), -1;
	bool bound = false;
	for (unsigned kind = 0; kind < ARTIFACT_KINDS; kind++)
		bound |= (o->kinds >> kind & 1) != 0 && artifact_is_bound(kind);
	if (o->host.bound && !bound)
		return cmd_usage_error(name, "--host, --cwd, --home, --tmpdir and --facts concern "
		    "--emit=bwrap, landlock, seatbelt and windows: bundles and the IR are portable"), -1;
	if (o->arch_given && (o->kinds >> ARTIFACT_SECCOMP & 1) == 0)
		return cmd_usage_error(name, "--arch concerns --emit=seccomp: "
		    "all else is the same on every architecture"), -1;
	if (o->depfile != NULL && o->out != NULL && strcmp(o->out, "-") == 0)
		return cmd_usage_error(name, "--depfile needs an output file"), -1;
	for (size_t i = 0; i < in->len; i++)
		if (strcmp(in->v[i], "-") == 0 && o->out == NULL)
			return cmd_usage_error(name, "standard input needs -o"), -1;
	return 0;
}

/* For make: blanks and '#' behind a backslash, '$' doubled. */
static void
add_dep_name(struct sbuf *deps, const char *path)
{
	for (; *path != '\0'; path++) {
		if (*path == ' ' || *path == '\t' || *path == '#')
			sbuf_addc(deps, '\\');
		if (*path == '$')
			sbuf_addc(deps, '$');
		sbuf_addc(deps, *path);
	}
}

static void
add_deps(struct sbuf *deps, const struct output *out, size_t n, const char *input)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sbuf_addc(deps, ' ');
		add_dep_name(deps, out[i].path);
	}
	sbuf_puts(deps, ": ");
	add_dep_name(deps, input);
	sbuf_addc(deps, '\n');
}

static void
fail(struct run *r, int status)
{
	if (status > r->status)
		r->status = status;
}

/* Two inputs of one name, in different directories, with -o DIR. */
static bool
collide(struct run *r, const struct output *out, size_t n, const char *input)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(out[i].path);
		const char *other = strmap_get(r->written, out[i].path, len);
		if (other != NULL) {
			diag_add(r->d, D_IO, (struct span){ 0, 0 },
			    "%s: made from %s, and %s would replace it", out[i].path, other, input);
			return true;
		}
	}
	for (size_t i = 0; i < n; i++)
		strmap_put(r->written, out[i].path, strlen(out[i].path), (void *)(uintptr_t)input);
	return false;
}

/* An output that is the input, by whatever name. */
static bool
replaces_input(struct run *r, const struct output *out, size_t n, const char *input)
{
	struct stat in, st;
	if (strcmp(input, "-") == 0 || stat(input, &in) != 0 || !S_ISREG(in.st_mode))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(out[i].path, "-") != 0 && stat(out[i].path, &st) == 0 &&
		    st.st_dev == in.st_dev && st.st_ino == in.st_ino) {
			diag_add(r->d, D_IO, (struct span){ 0, 0 },
			    "%s: it is the input, and would be replaced", out[i].path);
			return true;
		}
	return false;
}

/* `out' has room for one more: the list of dependencies goes with the last input's outputs. */
static void
write_outputs(struct run *r, struct arena *a, struct output *out, size_t n, const char *input)
{
	const char *why;
	bool deps = r->o->depfile != NULL;
	if (deps)
		add_deps(&r->deps, out, n, input);
	if (deps && r->last && r->status == EXIT_OK)
		out[n++] = (struct output){ r->o->depfile, r->deps };
	if (replaces_input(r, out, n, input) || collide(r, out, n, input)) {
		fail(r, EXIT_USAGE);
		return;
	}
	if (output_write(a, out, n, &why) != 0) {
		diag_add(r->d, D_IO, (struct span){ 0, 0 }, "%s", why);
		fail(r, EXIT_USAGE);
	}
}

static void
compile_one(struct run *r, const char *file)
{
	struct arena *a = arena_new();
	struct compile_request request = r->o->profile.request;
	struct compiled compiled;
	struct output out[ARTIFACT_KINDS + 1];
	size_t n = 0, before = diags_errors(r->d);

	request.file = file;
	if (compile_policy(a, r->sources, r->d, &request, &compiled) != 0) {
		fail(r, compiled.io ? EXIT_USAGE : EXIT_INPUT);
		arena_free(a);
		return;
	}
	for (unsigned kind = 0; kind < ARTIFACT_KINDS; kind++) {
		if ((r->o->kinds & 1u << kind) == 0)
			continue;
		out[n].path = artifact_path(a, r->o->out, file, compiled.ir->name, kind);
		out[n].bytes = (struct sbuf)SBUF_INIT;
		artifact_make(a, r->d, &compiled, kind, &r->o->host, &out[n].bytes);
		n++;
	}
	/* Where warnings are errors, the last ones come from the backends. */
	if (diags_errors(r->d) == before)
		write_outputs(r, a, out, n, file);
	else
		fail(r, EXIT_INPUT);
	for (size_t i = 0; i < n; i++)
		sbuf_free(&out[i].bytes);
	arena_free(a);
}

static int
compile_all(struct arena *a, const struct compile_options *o, const struct inputs *in)
{
	struct run r = { .a = a, .o = o, .sources = sources_new(a), .status = EXIT_OK };
	r.written = strmap_new(a);
	r.d = diags_new(a, r.sources);
	if (profile_options_warnings(&o->profile, name, r.d) != 0)
		return EXIT_USAGE;
	for (size_t i = 0; i < in->len; i++) {
		r.last = i + 1 == in->len;
		compile_one(&r, in->v[i]);
	}
	cmd_print_diags(r.d, o->profile.format);
	sbuf_free(&r.deps);
	return r.status;
}

int
cmd_compile(int argc, char **argv)
{
	struct arena *a = arena_new();
	/* One for all machines that compile, since artifacts depend on nothing but their input. */
	struct compile_options o = { .profile.a = a, .host.arch = "x86_64" };
	struct inputs in = { NULL, 0, 0 };
	int status;

	if (parse_options(&o, argc, argv, &status) == 0) {
		status = EXIT_USAGE;
		if (o.kinds == 0)
			o.kinds = 1u << ARTIFACT_BUNDLE;
		if (list_inputs(a, &in, argv + optind) == 0 && check_usage(&o, &in) == 0)
			status = compile_all(a, &o, &in);
	}
	arena_free(a);
	return status;
}
