/* SPDX-License-Identifier: Apache-2.0 */
/* run_options.c - the options of cdxp-run in one table: parsing, --help */
#include <config.h>

#include "run_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "suggest.h"
#include "system.h"

enum option_id {
	OPT_PROFILE = 'P', OPT_DIRECTORY = 'C', OPT_OVERRIDE = 'c', OPT_VERBOSE = 'v',
	OPT_HELP = 'h',
	OPT_BACKEND = 256, OPT_ADD_WRITABLE, OPT_ADD_READABLE, OPT_ADD_ROOT, OPT_UNIX_SOCKET,
	OPT_DEVICE, OPT_PROTECT, OPT_STRICT, OPT_LIVE_PATTERNS, OPT_CREATE_MISSING, OPT_KEEP_FD,
	OPT_NESTED, OPT_UNSANDBOXED, OPT_LOG_DENIALS, OPT_DENIALS_FD, OPT_SELF_TEST, OPT_NO_DEBUG, OPT_PRINT,
	OPT_VERSION,
	OPT_PRIVATE_DESKTOP, OPT_ADVISORY, OPT_NO_EVERYONE, OPT_JSON, OPT_DRY_RUN,
	OPT_FORWARD, OPT_AUDIT, OPT_AUDIT_FD,
	OPT_LATER,		/* known, and not in this version */
};

struct option_row {
	const char	*name;
	enum option_id	 id;
	int		 has_arg;
	const char	*arg;
	const char	*help;
};

/* In the order of --help; what is not in this version has no line there. */
static const struct option_row rows[] = {
	{ "profile", OPT_PROFILE, required_argument, "NAME",
	    "the profile; default: the file's default_permissions" },
	{ "directory", OPT_DIRECTORY, required_argument, "DIR",
	    "run the command in DIR, the first workspace root" },
	{ "config", OPT_OVERRIDE, required_argument, "KEY=VALUE",
	    "override a key of the TOML file (repeatable)" },
	{ "backend", OPT_BACKEND, required_argument, "NAME",
	    "auto, builtin, bwrap or landlock (Linux), seatbelt (macOS), windows" },
	{ "add-writable", OPT_ADD_WRITABLE, required_argument, "DIR",
	    "add a writable directory (repeatable)" },
	{ "add-readable", OPT_ADD_READABLE, required_argument, "DIR",
	    "add a readable directory (repeatable)" },
	{ "add-workspace-root", OPT_ADD_ROOT, required_argument, "DIR",
	    "add a workspace root (repeatable)" },
	{ "allow-unix-socket", OPT_UNIX_SOCKET, required_argument, "PATH",
	    "allow connecting to this Unix socket (repeatable)" },
	{ "device", OPT_DEVICE, required_argument, "PATH",
	    "add a device, or those of a directory, below /dev (repeatable)" },
	{ "forward", OPT_FORWARD, required_argument, "PORT",
	    "lead this port of the sandbox to the host's loopback (repeatable; Linux)" },
	{ "audit", OPT_AUDIT, required_argument, "FILE",
	    "append what the managed proxy decides to FILE, as JSON lines" },
	{ "audit-fd", OPT_AUDIT_FD, required_argument, "N",
	    "the same to descriptor N" },
	{ "protect", OPT_PROTECT, required_argument, "NAME",
	    "protect NAME in writable directories, as .git is (repeatable)" },
	{ "strict", OPT_STRICT, optional_argument, "wider",
	    "refuse every deviation; with =wider those that allow more" },
	{ "require-live-patterns", OPT_LIVE_PATTERNS, no_argument, NULL,
	    "refuse patterns that cover only what exists at the start" },
	{ "create-missing", OPT_CREATE_MISSING, no_argument, NULL,
	    "make writable directories that do not exist" },
	{ "keep-fd", OPT_KEEP_FD, required_argument, "N",
	    "pass descriptor N on to the command (repeatable)" },
	{ "allow-unsandboxed", OPT_UNSANDBOXED, no_argument, NULL,
	    "permit the profile :danger-full-access, which confines nothing" },
	{ "nested", OPT_NESTED, required_argument, "trust-outer",
	    "in a container that allows no sandbox in it, do with that one" },
	{ "no-debug", OPT_NO_DEBUG, no_argument, NULL,
	    "no ptrace and process_vm_* in the sandbox (Linux)" },
	{ "log-denials", OPT_LOG_DENIALS, optional_argument, "json,reads",
	    "say afterwards what was denied, and why; reads too (slower)" },
	{ "denials-fd", OPT_DENIALS_FD, required_argument, "N",
	    "write denials to descriptor N as they come, as JSON" },
	{ "advisory-network", OPT_ADVISORY, no_argument, NULL,
	    "ask programs by variables to leave the network alone (Windows)" },
	{ "no-everyone", OPT_NO_EVERYONE, no_argument, NULL,
	    "Everyone's rights are none of the command's (Windows)" },
	{ "private-desktop", OPT_PRIVATE_DESKTOP, no_argument, NULL,
	    "a desktop for the command alone (Windows)" },
	{ "json", OPT_JSON, no_argument, NULL,
	    "plan, apply, verify, undo: report as JSON" },
	{ "dry-run", OPT_DRY_RUN, no_argument, NULL,
	    "plan: change nothing, which it never does" },
	{ "self-test", OPT_SELF_TEST, optional_argument, "json",
	    "try the sandbox first; start nothing where it is not as the profile says" },
	{ "print", OPT_PRINT, no_argument, NULL,
	    "print what would be executed, as JSON, and execute nothing" },
	{ "verbose", OPT_VERBOSE, no_argument, NULL,
	    "name the deviations that apply" },
	{ "help", OPT_HELP, no_argument, NULL,
	    "print this" },
	{ "version", OPT_VERSION, no_argument, NULL,
	    "print the version" },
	{ "require-key", OPT_LATER, required_argument, NULL, NULL },
};

static const char short_options[] = "+:P:C:c:vh";
static const char *const commands[] = { "clean", "connect", "doctor", "machine" };
static const char *const actions[] = {
	[RUN_PLAN] = "plan", [RUN_APPLY] = "apply", [RUN_VERIFY] = "verify", [RUN_UNDO] = "undo",
};
static const char *const backends[] = {
	"auto", "builtin", "bwrap", "landlock", "seatbelt", "windows", "windows-elevated",
	"windows-unelevated",
};

static enum run_parse PRINTF_LIKE(1, 2)
usage(const char *fmt, ...)
{
	va_list ap;
	fputs("cdxp-run: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return RUN_USAGE;
}

static bool
is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static void
print_help(void)
{
	puts("Usage: cdxp-run [OPTION]... FILE.cdxp|FILE.toml [--] CMD [ARG]...\n"
	    "       cdxp-run clean [OPTION]...\n"
	    "       cdxp-run doctor [OPTION]...\n"
	    "       cdxp-run connect HOST PORT\n"
	    "       cdxp-run plan|apply|verify [OPTION]... FILE.cdxp|FILE.toml\n"
	    "       cdxp-run undo [OPTION]... [FILE.cdxp|FILE.toml]\n"
	    "       cdxp-run machine plan|apply|verify [OPTION]... [FILE.machine.json|FILE]\n"
	    "       cdxp-run machine undo [OPTION]...\n"
	    "Run a command under a permission profile, or not at all; remove what runs that\n"
	    "were killed have left (see cdxp-run clean --help); say which sandboxes work on\n"
	    "this host (see cdxp-run doctor --help); from within a sandbox, connect through\n"
	    "the managed proxy (see cdxp-run connect --help); on Windows show, set, check or\n"
	    "take back the access control entries of a profile, or, as an administrator, the\n"
	    "users, firewall rules and filters for all profiles.\n");
	for (size_t i = 0; i < NELEMS(rows); i++) {
		const struct option_row *r = &rows[i];
		if (r->help == NULL)
			continue;
		char left[64], letter[8] = "    ";
		if (r->id < OPT_BACKEND)
			snprintf(letter, sizeof(letter), "-%c, ", r->id);
		snprintf(left, sizeof(left), "%s--%s%s%s%s", letter, r->name,
		    r->has_arg == optional_argument ? "[=" : r->arg != NULL ? " " : "",
		    r->arg != NULL ? r->arg : "",
		    r->has_arg == optional_argument ? "]" : "");
		printf("  %-30s  %s\n", left, r->help);
	}
	puts("\nThe exit status is the command's, 128+N if signal N ended it; 125 if the\n"
	    "sandbox could not be set up, 126 if the command cannot be executed, 127 if\n"
	    "there is none.  See cdxp-run(1) and cdxp-profile(5).");
}

/* Whole numbers within limits; -1 for all else. */
static long
number(const char *text, long least, long most)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' || n < least || n > most ? -1 : n;
}

static enum run_parse
add_forward(struct arena *a, struct run_options *o, const char *text)
{
	long n = number(text, 1, 65535);
	if (n < 0)
		return usage("--forward \"%s\": takes a port, 1 to 65535", text);
	VEC_PUSH(a, &o->forward, (uint16_t)n);
	return RUN_GO;
}

static enum run_parse
read_fd(const char *option, const char *text, int *fd)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < 0 || n > 1 << 20)
		return usage("--%s \"%s\": takes the number of a descriptor", option, text);
	if (!system_fd_is_open((int)n))
		return usage("--%s %ld: no such descriptor is open", option, n);
	*fd = (int)n;
	return RUN_GO;
}

static enum run_parse
set_audit_fd(struct run_options *o, const char *text)
{
	enum run_parse r = read_fd("audit-fd", text, &o->audit_fd);
	return r == RUN_GO && o->audit_fd < 1 ? usage("--audit-fd 0: standard input is the command's") : r;
}

static enum run_parse
add_fd(struct arena *a, struct run_options *o, const char *text)
{
	int fd;
	enum run_parse r = read_fd("keep-fd", text, &fd);
	if (r == RUN_GO)
		VEC_PUSH(a, &o->keep_fds, fd);
	return r;
}

/* It is ours alone: what the command could write there would pass for ours. */
static enum run_parse
check_denials_fd(const struct run_options *o)
{
	for (size_t i = 0; o->denials_fd > 0 && i < o->keep_fds.len; i++)
		if (o->keep_fds.v[i] == o->denials_fd)
			return usage("--denials-fd %d: the command must not have it; leave --keep-fd %d "
			    "out", o->denials_fd, o->denials_fd);
	return RUN_GO;
}

/* The option alone is enough. */
static enum run_parse
set_denials_fd(struct run_options *o, const char *text)
{
	enum run_parse r = read_fd("denials-fd", text, &o->denials_fd);
	if (r == RUN_GO && o->denials_fd < 3)
		return usage("--denials-fd %d: takes a descriptor above 2, which the command does not "
		    "have", o->denials_fd);
	if (o->denials == CDXP_DENIALS_NO)
		o->denials = CDXP_DENIALS_JSON;
	return r;
}

static enum run_parse
set_backend(struct run_options *o, const char *name)
{
	if (!is_one_of(name, backends, NELEMS(backends))) {
		const char *near = suggest(name, backends, NELEMS(backends));
		return usage("--backend=%s: no such backend%s%s%s", name,
		    near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
		    near != NULL ? "\"?" : "");
	}
	o->backend = strcmp(name, "auto") == 0 ? NULL :
	    strcmp(name, "windows") == 0 ? "windows-unelevated" : name;
	return RUN_GO;
}

static enum run_parse
set_strict(struct run_options *o, const char *arg)
{
	if (arg != NULL && strcmp(arg, "wider") != 0)
		return usage("--strict=%s: takes \"wider\", or nothing", arg);
	o->strict = arg != NULL ? CDXP_STRICT_WIDER : CDXP_STRICT_ANY;
	return RUN_GO;
}

static enum run_parse
set_nested(struct run_options *o, const char *arg)
{
	if (strcmp(arg, "trust-outer") != 0)
		return usage("--nested=%s: takes \"trust-outer\"", arg);
	o->trust_outer = true;
	return RUN_GO;
}

/* Words with commas between them. */
static enum run_parse
set_denials(struct run_options *o, const char *arg)
{
	static const char *const words[] = { "json", "reads" };

	if (o->denials == CDXP_DENIALS_NO)
		o->denials = CDXP_DENIALS_TEXT;
	for (const char *at = arg; at != NULL; ) {
		size_t n = strcspn(at, ","), i = 0;
		while (i < NELEMS(words) && (strlen(words[i]) != n || strncmp(words[i], at, n) != 0))
			i++;
		if (i == NELEMS(words))
			return usage("--log-denials=%s: takes \"json\", \"reads\", both with a comma "
			    "between them, or nothing", arg);
		if (i == 0)
			o->denials = CDXP_DENIALS_JSON;
		else
			o->denied_reads = true;
		at = at[n] == ',' ? at + n + 1 : NULL;
	}
	return RUN_GO;
}

static enum run_parse
set_self_test(struct run_options *o, const char *arg)
{
	if (arg != NULL && strcmp(arg, "json") != 0)
		return usage("--self-test=%s: takes \"json\", or nothing", arg);
	o->self_test = arg != NULL ? CDXP_SELF_TEST_JSON : CDXP_SELF_TEST_TEXT;
	return RUN_GO;
}

static enum run_parse
apply(struct arena *a, struct run_options *o, int id, char *arg)
{
	switch (id) {
	case OPT_PROFILE:	o->profile = arg; break;
	case OPT_DIRECTORY:	o->directory = arg; break;
	case OPT_OVERRIDE:	VEC_PUSH(a, &o->overrides, arg); break;
	case OPT_ADD_WRITABLE:	VEC_PUSH(a, &o->add_writable, arg); break;
	case OPT_ADD_READABLE:	VEC_PUSH(a, &o->add_readable, arg); break;
	case OPT_ADD_ROOT:	VEC_PUSH(a, &o->add_workspace_roots, arg); break;
	case OPT_PROTECT:	VEC_PUSH(a, &o->protect, arg); break;
	case OPT_UNIX_SOCKET:	VEC_PUSH(a, &o->allow_unix_sockets, arg); break;
	case OPT_DEVICE:	VEC_PUSH(a, &o->devices, arg); break;
	case OPT_NO_DEBUG:	o->no_debug = true; break;
	case OPT_LIVE_PATTERNS:	o->require_live_patterns = true; break;
	case OPT_CREATE_MISSING: o->create_missing = true; break;
	case OPT_UNSANDBOXED:	o->allow_unsandboxed = true; break;
	case OPT_PRINT:		o->print = true; break;
	case OPT_PRIVATE_DESKTOP: o->private_desktop = true; break;
	case OPT_ADVISORY:	o->advisory_network = true; break;
	case OPT_NO_EVERYONE:	o->no_everyone = true; break;
	case OPT_JSON:		o->json = true; break;
	case OPT_DRY_RUN:
		if (o->action != RUN_PLAN)
			return usage("--dry-run: for \"cdxp-run plan\"; --print shows what would be executed");
		break;
	case OPT_VERBOSE:	o->verbose = true; break;
	case OPT_AUDIT:		o->audit_file = arg; break;
	case OPT_AUDIT_FD:	return set_audit_fd(o, arg);
	case OPT_FORWARD:	return add_forward(a, o, arg);
	case OPT_BACKEND:	return set_backend(o, arg);
	case OPT_STRICT:	return set_strict(o, arg);
	case OPT_NESTED:	return set_nested(o, arg);
	case OPT_LOG_DENIALS:	return set_denials(o, arg);
	case OPT_SELF_TEST:	return set_self_test(o, arg);
	case OPT_DENIALS_FD:	return set_denials_fd(o, arg);
	case OPT_KEEP_FD:	return add_fd(a, o, arg);
	case OPT_HELP:
		print_help();
		return RUN_DONE;
	case OPT_VERSION:
		printf("cdxp-run %s\n", cdxp_version());
		return RUN_DONE;
	}
	return RUN_GO;
}

/* getopt's complaint in words; `word' is the argument that it stopped at. */
static enum run_parse
bad_option(int c, const char *word)
{
	const char *names[NELEMS(rows)];
	if (c == ':')
		return usage("%s needs an argument; see cdxp-run --help", word);
	if (strncmp(word, "--", 2) != 0)
		return usage("-%c: no such option; see cdxp-run --help", optopt);
	for (size_t i = 0; i < NELEMS(rows); i++)
		names[i] = rows[i].name;
	const char *near = suggest(word + 2, names, NELEMS(names));
	if (near != NULL)
		return usage("%s: no such option, did you mean \"--%s\"?", word, near);
	return usage("%s: no such option, or not with this argument; see cdxp-run --help", word);
}

bool
run_is_machine_plan(const char *file)
{
	static const char suffix[] = ".machine.json";
	size_t n = strlen(file);
	return n > strlen(suffix) && strcmp(file + n - strlen(suffix), suffix) == 0;
}

enum run_action
run_action_of(const char *word)
{
	for (size_t i = RUN_PLAN; i < NELEMS(actions); i++)
		if (strcmp(word, actions[i]) == 0)
			return (enum run_action)i;
	return RUN_COMMAND;
}

/* What stands behind the options of an action: its file, and nothing else. */
static enum run_parse
action_operands(struct run_options *o, int argc, char **argv)
{
	const char *word = actions[o->action];
	if (o->machine && o->action == RUN_UNDO && optind < argc)
		return usage("machine undo takes back all that machine apply has made, and no profile");
	if (optind < argc)
		o->file = argv[optind++];
	else if (o->action != RUN_UNDO && !o->machine)
		return usage("%s: no profile given; see cdxp-run --help", word);
	if (optind < argc)
		return usage("%s takes one profile and runs nothing, so \"%s\" is one word too many; "
		    "a file called \"%s\" is \"./%s\"", word, argv[optind], word, word);
	return RUN_GO;
}

enum run_parse
run_options_parse(struct arena *a, enum run_action action, bool machine, int argc, char **argv,
    struct run_options *o)
{
	struct option longs[NELEMS(rows) + 1] = { 0 };
	for (size_t i = 0; i < NELEMS(rows); i++)
		longs[i] = (struct option){ rows[i].name, rows[i].has_arg, NULL, (int)rows[i].id };

	*o = (struct run_options){ .action = action, .machine = machine };
	int c, at = -1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, short_options, longs, &at)) != -1) {
		if (c == '?' || c == ':')
			return bad_option(c, argv[optind - 1]);
		if (c == OPT_LATER)
			return usage("--%s: not in this version", rows[at].name);
		enum run_parse r = apply(a, o, c, optarg);
		if (r != RUN_GO)
			return r;
	}

	if (machine && action == RUN_COMMAND)
		return usage("machine takes plan, apply, verify or undo; see cdxp-run --help");
	if (action != RUN_COMMAND)
		return action_operands(o, argc, argv);
	if (o->json)
		return usage("--json: for plan, apply, verify and undo; --print prints JSON");
	if (check_denials_fd(o) != RUN_GO)
		return RUN_USAGE;
	if (optind >= argc)
		return usage("no profile given; see cdxp-run --help");
	o->file = argv[optind++];
	if (is_one_of(o->file, commands, NELEMS(commands)) || run_action_of(o->file) != RUN_COMMAND)
		return usage("the command \"%s\" comes first, with its own options after it; "
		    "a file of that name is \"./%s\"", o->file, o->file);
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	if (optind >= argc)
		return usage("no command given after \"%s\"; see cdxp-run --help", o->file);
	o->command = argv + optind;
	return RUN_GO;
}
