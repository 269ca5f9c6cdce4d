/* SPDX-License-Identifier: Apache-2.0 */
/* run_options.h - the command line of cdxp-run */
#ifndef CDXP_RUN_OPTIONS_H
#define CDXP_RUN_OPTIONS_H

#include "base.h"
#include "cdxp.h"

struct arena;

/* What is asked for: the first word, where it is one of these; else to run a command. */
enum run_action { RUN_COMMAND, RUN_PLAN, RUN_APPLY, RUN_VERIFY, RUN_UNDO };

/* The action that a word names; RUN_COMMAND where it names none. */
enum run_action run_action_of(const char *word);

struct run_words {
	const char	**v;
	size_t		 len, cap;
};

struct run_options {
	enum run_action	 action;
	/* The action is one of the machine plan, with a file that cdxpc has written or a profile. */
	bool		 machine;
	const char	*profile;	/* -P */
	const char	*directory;	/* -C: where the command runs; NULL: here */
	const char	*backend;	/* --backend; NULL: auto */
	struct run_words overrides;	/* -c */
	struct run_words add_writable, add_readable, add_workspace_roots;
	struct run_words protect;
	struct run_words allow_unix_sockets;
	struct run_words devices;	/* --device */
	struct { int *v; size_t len, cap; } keep_fds;
	struct { uint16_t *v; size_t len, cap; } forward;
	const char	*audit_file;	/* --audit */
	int		 audit_fd;	/* --audit-fd; 0: none */
	enum cdxp_strict strict;
	enum cdxp_denials denials;	/* --log-denials */
	enum cdxp_self_test self_test;
	bool		 denied_reads;
	int		 denials_fd;	/* --denials-fd; 0: not given */
	bool		 require_live_patterns;
	bool		 no_debug;
	bool		 trust_outer;	/* --nested */
	bool		 create_missing;
	bool		 allow_unsandboxed;
	bool		 print;
	bool		 private_desktop, advisory_network, no_everyone;	/* Windows */
	bool		 json;		/* of actions: the report as JSON */
	bool		 verbose;
	const char	*file;		/* NULL: RUN_UNDO of all */
	char		**command;	/* argv of the child, ends with NULL, not empty; NULL: an action */
};

enum run_parse {
	RUN_GO,			/* *out is complete */
	RUN_DONE,		/* --help or --version was answered on standard output */
	RUN_USAGE,		/* one error was written to standard error */
};

/* The file is a machine plan, and not a profile. */
bool	run_is_machine_plan(const char *file);

/*
 * argv[0] is the program, or the word of the action, `machine' behind the word
 * "machine".  Strings point into argv; the lists live in the arena.
 */
enum run_parse run_options_parse(struct arena *, enum run_action, bool machine, int argc, char **argv,
	    struct run_options *out);

#endif
