/* SPDX-License-Identifier: Apache-2.0 */
/* run_options.h - the command line of cdxp-run */
#ifndef CDXP_RUN_OPTIONS_H
#define CDXP_RUN_OPTIONS_H

#include "base.h"
#include "cdxp.h"

struct arena;

struct run_words {
	const char	**v;
	size_t		 len, cap;
};

struct run_options {
	const char	*profile;	/* -P */
	const char	*directory;	/* -C: where the command runs; NULL: here */
	const char	*backend;	/* --backend; NULL: auto */
	struct run_words overrides;	/* -c */
	struct run_words add_writable, add_readable, add_workspace_roots;
	struct run_words protect;
	struct run_words allow_unix_sockets;
	struct run_words devices;	/* --device */
	struct { int *v; size_t len, cap; } keep_fds;
	enum cdxp_strict strict;
	enum cdxp_denials denials;	/* --log-denials */
	bool		 require_live_patterns;
	bool		 no_debug;
	bool		 trust_outer;	/* --nested */
	bool		 create_missing;
	bool		 allow_unsandboxed;
	bool		 print;
	bool		 verbose;
	const char	*file;
	char		**command;	/* argv of the child, ends with NULL, not empty */
};

enum run_parse {
	RUN_GO,			/* *out is complete */
	RUN_DONE,		/* --help or --version was answered on standard output */
	RUN_USAGE,		/* one error was written to standard error */
};

/* Strings point into argv; the lists live in the arena. */
enum run_parse run_options_parse(struct arena *, int argc, char **argv, struct run_options *out);

#endif
