/* SPDX-License-Identifier: Apache-2.0 */
/* launch.h - from a bound policy to a proved plan, and from there to the command */
#ifndef CDXP_LAUNCH_H
#define CDXP_LAUNCH_H

#include "backend.h"
#include "base.h"
#include "denials.h"

struct arena;
struct bound_policy;
struct decide_fs;
struct host;
struct ir_policy;
struct proxy_plan;

/*
 * What can be started before the policy is known: the namespaces of the
 * sandbox, or the program of the backend (NULL: the best that there is), whose
 * own start-up then goes on beside the planning.  NULL where nothing
 * can; that is no error.  To be given to launch_abandon() in the end, used or
 * not; the arena and what is passed must outlive it.  From here to there the
 * signals that are passed on to the command wait.
 */
struct launch_start;
struct launch_start *launch_begin(struct arena *, const char *backend, char *const *argv,
	    const int *keep_fds, size_t nkeep_fds, const char *cwd);
void	launch_abandon(struct launch_start *);	/* NULL is allowed */

/* Try the sandbox first (self_test.h), and write down what came of it: not, for people, as JSON. */
enum launch_self_test { LAUNCH_SELF_TEST_NO, LAUNCH_SELF_TEST_TEXT, LAUNCH_SELF_TEST_JSON };

enum launch_strict { LAUNCH_ANY_DEVIATION, LAUNCH_NO_WIDER, LAUNCH_NO_DEVIATION };

struct launch_request {
	const struct ir_policy *ir;
	const struct bound_policy *bound;	/* NULL: unsandboxed, nothing is confined */
	const struct decide_fs *decide;		/* NULL likewise */
	const char	*cwd;			/* where the command starts */
	const char	*backend;		/* NULL: the best that there is */
	enum launch_strict strict;
	bool		 require_live_patterns;
	bool		 no_debug;		/* no ptrace(2), no process_vm_*(2); Linux only */
	bool		 private_desktop, advisory_network, no_everyone;	/* Windows only */
	enum launch_self_test self_test;
	bool		 self_test_only;	/* that, and no command */
	const uint16_t	*forward;	/* ports of the host's loopback that the command reaches on its own */
	size_t		 nforward;
	const char	*audit_file;	/* where the managed proxy writes its decisions: a path, or NULL */
	int		 audit_fd;	/* likewise, a descriptor; 0: none */
	int		 decisions;	/* it writes them there, to be read in the end; 0: no */
	/* It listens on this host already (launch_ports.h), for who shows this; or NULL. */
	const char	*proxy_token;
	struct denials_request denials;
	const int	*keep_fds;
	size_t		 nkeep_fds;
	char		*const *environment;	/* what the child's is made from */
	char		*const *argv;		/* NULL: nothing is to be executed */
	bool		 trust_outer;		/* where nothing else works, what is around us will do */
	const char	*outer;			/* NULL, or what that is, taken in the place of a backend */
	bool		 last;			/* the process ends with the command */
	struct launch_start *start;		/* of the same argv and descriptors, or NULL */
};

enum launch_fault { LAUNCH_REFUSED, LAUNCH_NOT_EXECUTABLE, LAUNCH_NOT_FOUND };

struct launch_error {
	enum launch_fault fault;
	/* One line: what, where in the profile, what to do; NULL: said already. */
	const char	*text;
};

/* -1, so that a failure is one statement. */
static inline int
refuse(struct launch_error *err, const char *text)
{
	*err = (struct launch_error){ LAUNCH_REFUSED, text };
	return -1;
}

/* Everything decided, nothing started; proved where it is sandboxed. */
struct launch {
	const struct launch_request *request;
	const struct backend *backend;	/* NULL: unsandboxed, or what is around us */
	struct artifact	 artifact;
	struct self_test *test;		/* what is tried first, or NULL */
	const char	*command;	/* absolute path of what argv[0] names */
	struct proxy_plan *proxy;	/* the managed proxy; NULL: none is needed */
	const char	**envp;
};

/*
 * Choose the backend, have it plan and prove, look the command up, make its
 * environment.  Changes nothing on the host.  Returns 0, or -1 with *err;
 * everything lives in the arena but for what launch_drop() frees, which is to
 * be called in either case.  The request must outlive the launch.
 */
int	launch_make(struct arena *, const struct launch_request *, struct launch *,
	    struct launch_error *err);
void	launch_drop(struct launch *);

/* 0 where the backend of a launch runs on this system, else -1 with *err. */
int	launch_check_target(struct arena *, const struct launch *, struct launch_error *err);

/* " (profile.toml:14 "src/gen")", " (--add-writable)", "" without a rule; in the arena. */
const char *origin_in_brackets(struct arena *, const struct ir_policy *, const struct ir_origin *);

/* "deviation missing-grant, narrower: /x: ... (profile.toml:7 "x")", in the arena. */
const char *deviation_text(struct arena *, const struct ir_policy *, const struct deviation *);

/* What launch_exec() would execute as canonical JSON (--print), in the arena; NULL with *err. */
const char *launch_json(struct arena *, const struct launch *, struct launch_error *err);

/* The last part of launch_make() but one: launch.proxy, where one is needed.  0, or -1 with *err. */
int	launch_plan_proxy(struct arena *, struct launch *, struct launch_error *err);

/* The command in place, where nothing confines it: its words, as launch_words() gives them. */
void	launch_plain_words(struct arena *, const struct launch *, const char **program,
	    const char ***argv, size_t *len);

/* ---- by system: linux/launch_linux.c, macos/launch_macos.c ---- */

/* The backend where none is named; what is executed here; others are only printed. */
const char *launch_default_backend(void);
enum target launch_target(void);

/* The backends that are tried in turn where none is named; NULL past the end. */
const char *launch_backend_at(size_t i);

/* The host that policies are bound to. */
struct host *launch_host(struct arena *);

/* We are root and can give the command a user namespace with all ids (spec 3.1). */
bool	launch_maps_all_ids(void);

/*
 * Where main()'s arguments are those of a test in a sandbox, which then
 * becomes the command, it does not return.
 */
void	launch_stage(int argc, char **argv);

/* The command's signals reach nothing outside its sandbox. */
bool	launch_keeps_signals(void);

/*
 * Where no backend is named: does the one that was planned for work on this
 * host?  It is tried for real.  0: yes; 1: another one does, and *other, which
 * is to be dropped, is the launch with that; -1 with *err.
 */
int	launch_settle(struct arena *, const struct launch *, struct launch *other,
	    struct launch_error *err);

/* The version of Landlock that this kernel has; 0: none, or unknown. */
unsigned launch_landlock_abi(void);

/*
 * The program of the managed proxy, or NULL with *why.  And our own, with links
 * resolved, or NULL.
 */
const char *launch_proxy_program(struct arena *, const char **why);
const char *launch_program(struct arena *);

/* What would be executed, with the artifact in full: 0, or -1 with *err. */
int	launch_words(struct arena *, const struct launch *, const char **program,
	    const char ***argv, size_t *len, struct launch_error *err);

/*
 * Execute and wait.  0 and the command's status, 128 + N for signal N, or one
 * of STATUS_SETUP, STATUS_NOEXEC and STATUS_NOTFOUND after one line on
 * standard error; -1 with *err where it was not even tried.  Without a
 * backend it executes in place and returns only where that failed.
 */
int	launch_exec(struct arena *, const struct launch *, int *status,
	    struct launch_error *err);

/* Windows: entries that outlive the command. */
enum launch_setup { LAUNCH_DRY_RUN, LAUNCH_APPLY, LAUNCH_VERIFY, LAUNCH_UNDO };

/*
 * Show, set, check or take back (the launch NULL: all that was ever set) what a
 * launch needs on the host.  0; -1 with *text, the report, where that has an
 * error; or -1 with *err and *text NULL where nothing could be begun.
 */
int	launch_set_up(struct arena *, const struct launch *, enum launch_setup, bool json,
	    const char **text, struct launch_error *err);

/*
 * The same with the machine plan, which an administrator carries out: that of a
 * policy, the text of a file that cdxpc has written, or, both NULL, the one for
 * all policies without a proxy.
 */
int	launch_machine(struct arena *, const struct ir_policy *, const char *file, enum launch_setup, bool json,
	    const char **text, struct launch_error *err);

/* Something that a run has left on the host, or seems to have, and what became of it. */
struct launch_left {
	const char	*path;
	const char	*what;		/* "removed", "in use by process 17" */
	bool		 stuck;		/* it is ours, nobody uses it, and it cannot be removed */
};

/*
 * Remove what runs that were killed have left (spec 3.1.2); with `dry' only
 * say so.  0, or -1 with *why; everything lives in the arena.
 */
int	launch_clean(struct arena *, bool dry, struct launch_left **, size_t *n, const char **why);

#endif
