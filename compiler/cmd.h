/* SPDX-License-Identifier: Apache-2.0 */
/* cmd.h - the commands of cdxpc, and the options that several of them take */
#ifndef CDXP_CMD_H
#define CDXP_CMD_H

#include <getopt.h>

#include "artifacts.h"
#include "base.h"
#include "diag.h"
#include "pipeline.h"

struct arena;

/* Exit statuses (spec 1.8). */
enum { EXIT_OK = 0, EXIT_INPUT = 1, EXIT_USAGE = 2 };

struct command {
	const char	*name;
	int		(*run)(int argc, char **argv);	/* argv[0] is the command's name */
	const char	*help;		/* one line */
};

int	cmd_check(int argc, char **argv);
int	cmd_compile(int argc, char **argv);
int	cmd_diff(int argc, char **argv);
int	cmd_explain(int argc, char **argv);
int	cmd_fmt(int argc, char **argv);
int	cmd_import(int argc, char **argv);
int	cmd_learn(int argc, char **argv);
int	cmd_show(int argc, char **argv);
int	cmd_test(int argc, char **argv);
int	cmd_verify(int argc, char **argv);

/* "cdxpc: error: ..." on standard error; returns EXIT_USAGE. */
int	cmd_usage_error(const char *command, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same without pointing to --help; returns EXIT_USAGE. */
int	cmd_io_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* What getopt_long() gave '?' or ':' for, its optstring beginning with ':'. */
int	cmd_bad_option(const char *command, int opt, char *const *argv);
void	cmd_print_version(void);

/* What every command that reads TOML takes. */
struct profile_options {
	struct arena	*a;
	struct compile_request request;	/* its lists are those below */
	struct { const char **v; size_t len, cap; } overrides;
	struct { struct addition *v; size_t len, cap; } additions;
	struct { const char **v; size_t len, cap; } warnings;	/* "-Wno-x", "-w" */
	enum diag_format format;
	bool		 quiet;
};

enum {
	/* Values of long options without a letter; a command's own begin at OPT_OWN. */
	OPT_LEGACY = 256, OPT_FULL_AUTO, OPT_UNKNOWN_PLACES, OPT_DIAGNOSTICS,
	OPT_ADD_WRITABLE, OPT_ADD_READABLE, OPT_ADD_ROOT, OPT_ADD_SOCKET, OPT_PROTECT,
	OPT_HELP, OPT_VERSION,
	OPT_HOST, OPT_CWD, OPT_HOME, OPT_TMPDIR, OPT_FACTS, OPT_ADVISORY_NETWORK, OPT_NO_EVERYONE,
	OPT_OWN,
};

#define PROFILE_SHORT_OPTIONS	"P:c:W:wqh"
#define PROFILE_LONG_OPTIONS						\
	{ "profile", required_argument, NULL, 'P' },			\
	{ "config", required_argument, NULL, 'c' },			\
	{ "legacy", no_argument, NULL, OPT_LEGACY },			\
	{ "full-auto", no_argument, NULL, OPT_FULL_AUTO },		\
	{ "allow-unknown-places", no_argument, NULL, OPT_UNKNOWN_PLACES }, \
	{ "add-writable", required_argument, NULL, OPT_ADD_WRITABLE },	\
	{ "add-readable", required_argument, NULL, OPT_ADD_READABLE },	\
	{ "add-workspace-root", required_argument, NULL, OPT_ADD_ROOT }, \
	{ "allow-unix-socket", required_argument, NULL, OPT_ADD_SOCKET }, \
	{ "protect", required_argument, NULL, OPT_PROTECT },		\
	{ "diagnostics", required_argument, NULL, OPT_DIAGNOSTICS },	\
	{ "quiet", no_argument, NULL, 'q' },				\
	{ "help", no_argument, NULL, 'h' },				\
	{ "version", no_argument, NULL, OPT_VERSION }

/* What every command takes that binds to a host. */
#define HOST_LONG_OPTIONS						\
	{ "host", no_argument, NULL, OPT_HOST },			\
	{ "cwd", required_argument, NULL, OPT_CWD },			\
	{ "home", required_argument, NULL, OPT_HOME },			\
	{ "tmpdir", required_argument, NULL, OPT_TMPDIR }

/* What those take that can be about a host of another system, and about Windows. */
#define WINDOWS_LONG_OPTIONS						\
	{ "facts", required_argument, NULL, OPT_FACTS },		\
	{ "advisory-network", no_argument, NULL, OPT_ADVISORY_NETWORK },	\
	{ "no-everyone", no_argument, NULL, OPT_NO_EVERYONE }

/* What the options of one command are. */
struct command_line {
	const char	*command;
	const char	*letters;	/* for getopt(3): ':' first */
	const struct option *options;
	void		(*help)(void);
	int		(*own)(void *arg, int opt, const char *value);	/* asked first; as profile_option() */
	void		*arg;
	struct profile_options *profile;
};
/*
 * 0 and all options were taken, *status being EXIT_USAGE for what the command
 * finds wrong itself; -1: *status is the command's, after --help, --version or
 * an error.
 */
int	cmd_options(const struct command_line *, int argc, char **argv, int *status);

/* As profile_option(); reports that an argument is not absolute where it must be, or a file of facts cannot be used. */
int	host_option(struct artifact_host *, struct arena *, const char *command, int opt, const char *arg);

/* The help text of those, in the same order. */
extern const char profile_options_help[];

/*
 * Take one option that getopt_long() returned.  1: it is none of these; 0:
 * taken; -1: an argument is wrong, and was reported.
 */
int	profile_option(struct profile_options *, const char *command, int opt, const char *arg);
/* After the last one: the request is complete but for its file.  -1 after a usage error. */
int	profile_options_done(struct profile_options *, const char *command);
/* -W and -q, in the order given; -1 after a usage error. */
int	profile_options_warnings(const struct profile_options *, const char *command,
	    struct diags *);
/* All of a file ("-": standard input), or a little more than a bundle may have.  0, or -1 with errno. */
int	cmd_read_file(const char *file, struct sbuf *);

/* Is what goes to this descriptor shown by a terminal that may have colours (NO_COLOR, TERM)? */
bool	cmd_colour(int fd);
/*
 * Everything in the queue on standard error, in colour on a terminal
 * (NO_COLOR).  For each command once and always, also where the queue is empty:
 * some forms are a document all the same.
 */
void	cmd_print_diags(const struct diags *, enum diag_format);

#endif
