/* SPDX-License-Identifier: Apache-2.0 */
/* exec_bwrap.h - runs a command under the system's bwrap, and gives its exit status */
#ifndef CDXP_EXEC_BWRAP_H
#define CDXP_EXEC_BWRAP_H

#include "base.h"
#include "seccomp_filter.h"
#include "stubs.h"

struct arena;
struct artifact;
struct denial_watch;
struct proxy_plan;
struct stat;

/* One place that is looked at from inside, between the last mount and the command's start. */
struct exec_check {
	const char	*path;		/* as the sandbox sees it; no link is followed */
	uint64_t	 dev, ino;	/* on the host, as bound */
};

/*
 * bwrap may be started before the policy is known: its own start-up (it waits
 * for its arguments) then goes on beside ours, which is most of a
 * millisecond.  Everything else is the same.  Only that of the system, in
 * /usr/bin or /bin, is: for another it must be known that no command could
 * have put it there.
 */
struct exec_start;
struct exec_start_request {
	const char	*const *argv;	/* the command, NULL-terminated, as the user spelt it */
	const int	*keep_fds;	/* above 2; stay open for the command */
	size_t		 nkeep;
	const char	*path;		/* the caller's PATH: where bwrap is looked for */
	const char	*const *avoid;	/* directories below which no bwrap is taken: the cwd */
	size_t		 navoid;
	bool		 supervised;	/* seccomp_filter_notifies() of the mode to come */
	enum filter_log	 log;		/* with one, the caller must answer from the start on */
};

/*
 * Blocks the signals that are passed on; from here to exec_bwrap() or
 * exec_bwrap_abandon(), one of which must follow, they wait.  NULL, with
 * nothing changed and nothing said, where it cannot be: exec_bwrap() without
 * a start then says why.  The arena must outlive it.
 */
struct exec_start	*exec_bwrap_start(struct arena *, const struct exec_start_request *);

/* End a bwrap that was given nothing to do.  NULL is allowed. */
void	exec_bwrap_abandon(struct exec_start *);

/* Why one of these descriptors cannot be left to the command (arena), or NULL. */
const char	*exec_keep_why(struct arena *, const int *fds, size_t n);

struct exec_request {
	struct exec_start *start;	/* or NULL; consumed, whatever the result */
	/*
	 * The proved artifact, NUL-separated as `--args' takes it, last NUL
	 * included or not.  It holds no descriptor number, no command and
	 * none of --userns, --seccomp, --json-status-fd, --block-fd, --args,
	 * --chdir, --setenv: those are ours.  Without --unshare-user root's command
	 * gets a user namespace with all ids mapped (exec_bwrap_all_ids()).
	 */
	const char	*args;
	size_t		 args_len;
	struct stub_request *stubs;	/* parents first */
	size_t		 nstubs;
	/*
	 * state_dir(); needed where nstubs > 0, and to be given always, as
	 * what killed runs left is swept there.  NULL: no sweep.
	 */
	const char	*state_dir;
	const struct exec_check *checks;
	size_t		 nchecks;
	const struct artifact *artifact;	/* or NULL: no masks are renewed (spec 3.1.3) */
	const char	*const *argv;	/* the command, NULL-terminated, as the user spelt it */
	const char	*const *envp;	/* child_environ.envp */
	const char	*cwd;		/* inside */
	enum filter_mode mode;
	bool		 no_debug;	/* no ptrace(2) and no process_vm_*(2) */
	const struct proxy_plan *proxy;	/* or NULL */
	enum filter_log	 log;		/* what `watch' is told of */
	struct denial_watch *watch;	/* or NULL, with FILTER_SILENT */
	/*
	 * May the command connect to this Unix socket of the host?  See
	 * supervisor.h; not asked with FILTER_OPEN.
	 */
	bool		(*socket_allowed)(void *arg, const char *path, const struct stat *);
	void		*socket_arg;
	/*
	 * Our process ends with the command: once its status is known nobody
	 * waits for bwrap to be taken down, which ends with us.
	 */
	bool		 last;
	const int	*keep_fds;	/* with a start these three are the same as there */
	size_t		 nkeep;
	const char	*path;
	const char	*const *avoid;	/* what the policy lets a command write to; checked again with a start */
	size_t		 navoid;
	/*
	 * Or NULL.  Where this executor cannot work on this host at all, so that
	 * nothing has happened, the reason goes here and -1 is returned.
	 */
	const char	**unavailable;
};

/*
 * Run to the end.  Returns the exit status for cdxp-run: the command's, or
 * 125..127 after one line on standard error.  When it returns, what the
 * command left running has been killed, and our stubs are gone unless another
 * run holds them.
 */
int	exec_bwrap(struct arena *, struct exec_request *);

/*
 * What would be executed, for --print: the program and its arguments with
 * the artifact in place of `--args' and without what names a descriptor.
 * 0, or a status after one line on standard error.
 */
int	exec_bwrap_words(struct arena *, const struct exec_request *, const char **program,
	    const char ***argv, size_t *len);

/* The same words without the search for a program: `first', the artifact, the command. */
void	exec_request_words(struct arena *, const struct exec_request *, const char *first,
	    const char ***argv, size_t *len);

/*
 * We are root with what it takes to give the command a user namespace that
 * has all our ids (spec 3.1): then the artifact leaves --unshare-user out and
 * keeps CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER and CAP_FSETID.
 */
bool	exec_bwrap_all_ids(void);

/* A line that says why nothing can work here (WSL 1), or NULL. */
const char	*exec_bwrap_unsupported(struct arena *);

#endif
