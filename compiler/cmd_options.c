/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_options.c - options that several commands share; errors of usage */
#include <config.h>

#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "host_file.h"
#include "path_windows.h"

const char profile_options_help[] =
    "  -P, --profile=NAME        the profile; default: default_permissions of the file\n"
    "  -c, --config=KEY=VALUE    set a key of the file, VALUE in TOML or plain text\n"
    "      --legacy              the legacy form, sandbox_mode, where a file has both\n"
    "      --full-auto           the legacy form \"workspace-write\"\n"
    "      --allow-unknown-places  drop entries whose place is unknown, with a warning\n"
    "      --add-writable=DIR    one more entry: DIR = \"write\"\n"
    "      --add-readable=DIR    one more entry: DIR = \"read\"\n"
    "      --add-workspace-root=DIR  one more workspace root\n"
    "      --allow-unix-socket=PATH  one more entry of unix_sockets\n"
    "      --protect=NAME        one more protected name\n"
    "      --diagnostics=FORMAT  text, json, sarif or github\n"
    "  -W[no-]ID, -Werror[=ID]   warnings by their id in brackets, as in gcc; -w: none\n"
    "  -q, --quiet               errors only\n"
    "  -h, --help                this text\n"
    "      --version             versions of cdxpc and libseccomp\n";

int
cmd_usage_error(const char *command, const char *fmt, ...)
{
	va_list ap;
	fputs("cdxpc: error: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\ncdxpc: note: \"cdxpc %s%s--help\" lists what it takes\n", command,
	    command[0] == '\0' ? "" : " ");
	return EXIT_USAGE;
}

int
cmd_io_error(const char *fmt, ...)
{
	va_list ap;
	fputs("cdxpc: error: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

int
cmd_bad_option(const char *command, int opt, char *const *argv)
{
	const char *arg = argv[optind - 1], *next = argv[optind];

	/* Within "-abc" getopt_long() has not yet gone on to the next argument. */
	if (next != NULL && next[0] == '-' && next[1] != '-' && optopt > ' ' && optopt < 127 &&
	    strchr(next, optopt) != NULL)
		arg = next;
	if (opt == ':')
		return cmd_usage_error(command, "option \"%s\" needs an argument", arg);
	if (strncmp(arg, "--", 2) != 0 && optopt > ' ' && optopt < 127)
		return cmd_usage_error(command, "unknown option \"-%c\"", optopt);
	return cmd_usage_error(command, "unknown option \"%s\"", arg);
}

static void
add(struct profile_options *o, enum addition_kind kind, const char *value)
{
	VEC_PUSH(o->a, &o->additions, ((struct addition){ kind, value }));
}

static int
set_format(struct profile_options *o, const char *command, const char *arg)
{
	if (diag_format_named(arg, &o->format))
		return 0;
	cmd_usage_error(command, "--diagnostics takes text, json, sarif or github, not \"%s\"", arg);
	return -1;
}

int
profile_option(struct profile_options *o, const char *command, int opt, const char *arg)
{
	switch (opt) {
	case 'P':
		o->request.profile = arg;
		return 0;
	case 'c':
		VEC_PUSH(o->a, &o->overrides, arg);
		return 0;
	case 'W':
		VEC_PUSH(o->a, &o->warnings, arena_printf(o->a, "-W%s", arg));
		return 0;
	case 'w':
		VEC_PUSH(o->a, &o->warnings, "-w");
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case OPT_LEGACY:
		o->request.legacy = true;
		return 0;
	case OPT_FULL_AUTO:
		o->request.full_auto = true;
		return 0;
	case OPT_UNKNOWN_PLACES:
		o->request.allow_unknown_places = true;
		return 0;
	case OPT_ADD_WRITABLE:
		add(o, ADD_WRITABLE, arg);
		return 0;
	case OPT_ADD_READABLE:
		add(o, ADD_READABLE, arg);
		return 0;
	case OPT_ADD_ROOT:
		add(o, ADD_WORKSPACE_ROOT, arg);
		return 0;
	case OPT_ADD_SOCKET:
		add(o, ADD_UNIX_SOCKET, arg);
		return 0;
	case OPT_PROTECT:
		add(o, ADD_PROTECT, arg);
		return 0;
	case OPT_DIAGNOSTICS:
		return set_format(o, command, arg);
	default:
		return 1;
	}
}

static int
read_facts(struct artifact_host *h, struct arena *a, const char *file)
{
	struct sbuf text = SBUF_INIT;
	const char *why;

	if (cmd_read_file(file, &text) != 0) {
		cmd_io_error("%s: %s", file, strerror(errno));
		sbuf_free(&text);
		return -1;
	}
	h->facts = host_file_read(a, sbuf_str(&text), text.len, &why);
	sbuf_free(&text);
	if (h->facts == NULL)
		cmd_io_error("%s: no description of a host that can be used: %s", file, why);
	return h->facts != NULL ? 0 : -1;
}

int
host_option(struct artifact_host *h, struct arena *a, const char *command, int opt,
    const char *arg)
{
	switch (opt) {
	case OPT_HOST:
		break;
	case OPT_CWD:
		h->cwd = arg;
		break;
	case OPT_HOME:
		if (arg[0] != '/' && !path_windows_looks_like(arg, strlen(arg)))
			return cmd_usage_error(command, "--home=%s is not absolute", arg), -1;
		h->home = arg;
		break;
	case OPT_TMPDIR:
		h->tmpdir = arg;
		break;
	case OPT_FACTS:
		if (read_facts(h, a, arg) != 0)
			return -1;
		break;
	case OPT_ADVISORY_NETWORK:
		h->advisory_network = true;
		return 0;
	case OPT_NO_EVERYONE:
		h->no_everyone = true;
		return 0;
	default:
		return 1;
	}
	h->bound = true;
	return 0;
}

int
profile_options_done(struct profile_options *o, const char *command)
{
	if (o->request.legacy && o->request.profile != NULL) {
		cmd_usage_error(command, "-P names a profile, --legacy asks for none: use one of them");
		return -1;
	}
	o->request.overrides = o->overrides.v;
	o->request.noverrides = o->overrides.len;
	o->request.additions = o->additions.v;
	o->request.nadditions = o->additions.len;
	return 0;
}

int
profile_options_warnings(const struct profile_options *o, const char *command, struct diags *d)
{
	if (o->quiet)
		diags_flag(d, "-w");
	for (size_t i = 0; i < o->warnings.len; i++)
		if (diags_flag(d, o->warnings.v[i]) != 0) {
			cmd_usage_error(command, "%s: there is no such warning", o->warnings.v[i]);
			return -1;
		}
	return 0;
}

int
cmd_options(const struct command_line *c, int argc, char **argv, int *status)
{
	int opt;

	*status = EXIT_USAGE;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, c->letters, c->options, NULL)) != -1) {
		int taken = c->own != NULL ? c->own(c->arg, opt, optarg) : 1;
		if (taken == 1)
			taken = profile_option(c->profile, c->command, opt, optarg);
		if (taken == 0)
			continue;
		if (taken == -1)
			return -1;
		if (opt == 'h' || opt == OPT_VERSION) {
			*status = EXIT_OK;
			opt == 'h' ? c->help() : cmd_print_version();
			return -1;
		}
		cmd_bad_option(c->command, opt, argv);
		return -1;
	}
	return 0;
}

int
cmd_read_file(const char *file, struct sbuf *out)
{
	bool standard = strcmp(file, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		return -1;
	int rc = sbuf_read(out, fd, LIMIT_BUNDLE_BYTES), saved = errno;
	if (!standard)
		close(fd);
	errno = saved;
	return rc;
}

bool
cmd_colour(int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && (no_color == NULL || no_color[0] == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

void
cmd_print_diags(const struct diags *d, enum diag_format format)
{
	diags_print(d, stderr, format, cmd_colour(STDERR_FILENO), "cdxpc");
}
