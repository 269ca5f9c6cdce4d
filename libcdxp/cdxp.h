/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp.h - permission profiles: compile or load, bind, decide, compare, execute */
#ifndef CDXP_H
#define CDXP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The library keeps no global state.  Every object has one owner, who frees
 * it; what an object returns by pointer lives as long as the object.  Objects
 * may be used from several threads as long as no two threads use the same one
 * at a time, a policy or binding that nobody changes excepted: those may be
 * shared once made.  cdxp_exec() concerns the whole process, see there.
 *
 * A function that can fail returns a status and, where it is not CDXP_OK, has
 * added at least one error to the messages that it was given and left its
 * results alone.  The messages may be NULL where only the status matters.
 */
enum cdxp_status {
	CDXP_OK,
	CDXP_INVALID,		/* the profile, the bundle or an amendment is wrong */
	CDXP_IO,		/* a file could not be read or written */
	CDXP_REFUSED,		/* cannot be enforced, or not be set up, on this host */
	CDXP_NOT_EXECUTABLE,	/* the command was found, but cannot be executed */
	CDXP_NOT_FOUND,		/* there is no such command */
	CDXP_UNSOUND,		/* cdxp_set_up(): done and reported, with errors in the report */
};

/* Never NULL; "0.1.0". */
const char *cdxp_version(void);

/* ---- messages: what was found, in words ---- */

enum cdxp_severity { CDXP_NOTE, CDXP_WARNING, CDXP_ERROR };

struct cdxp_messages;

/*
 * `program' begins each message that has no place in a text; `colour': quoted
 * source lines carry terminal colours.
 */
struct cdxp_messages *cdxp_messages_new(const char *program, bool colour);
void	cdxp_messages_free(struct cdxp_messages *);	/* NULL is allowed */

size_t	cdxp_messages_count(const struct cdxp_messages *);
/*
 * The i-th in the order of discovery; NULL past the end.  The text has no
 * final newline and may have several lines: a quoted source line with carets,
 * or several diagnostics of one source file.
 */
const char *cdxp_messages_text(const struct cdxp_messages *, size_t i,
	    enum cdxp_severity *);

/* ---- policies: portable, not yet bound to a host ---- */

struct cdxp_policy;

struct cdxp_strings {
	const char	*const *v;
	size_t		 n;
};

/* How a profile is read; all zeroes is a plain reading. */
struct cdxp_load_options {
	const char	*profile;	/* NULL: the file's default_permissions; of a bundle, its own */
	struct cdxp_strings overrides;	/* "KEY=VALUE"; TOML only, a bundle is compiled already */
	const char	*directory;	/* what relative directories below start at; NULL: the process's own */
	struct cdxp_strings add_writable;	/* directories */
	struct cdxp_strings add_readable;
	struct cdxp_strings add_workspace_roots;
	struct cdxp_strings protect;	/* further protected names */
	struct cdxp_strings allow_unix_sockets;	/* paths of sockets, or of directories that hold them */
	struct cdxp_strings devices;	/* paths of devices below /dev, or of directories that hold them */
};

/*
 * Read a file, bundle or TOML, told apart by content: a text whose first byte
 * that is no white space is '{' is a bundle.  The caller frees *out.
 */
enum cdxp_status cdxp_policy_load(struct cdxp_policy **out, const char *file,
	    const struct cdxp_load_options *, struct cdxp_messages *);
/* The same from memory; `name' stands for the file in messages. */
enum cdxp_status cdxp_policy_read(struct cdxp_policy **out, const char *name,
	    const char *text, size_t len, const struct cdxp_load_options *,
	    struct cdxp_messages *);
void	cdxp_policy_free(struct cdxp_policy *);		/* NULL is allowed */

const char *cdxp_policy_profile(const struct cdxp_policy *);
/* It is `:danger-full-access': there is nothing to enforce. */
bool	cdxp_policy_unsandboxed(const struct cdxp_policy *);

/* ---- bindings: a policy and one host ---- */

struct cdxp_bound;

struct cdxp_bind_options {
	const char	*cwd;		/* the working directory; NULL: the process's own */
	const char	*home;		/* $HOME, or NULL: the user database where it is needed */
	const char	*tmpdir;	/* $TMPDIR, or NULL; on Windows %TEMP% */
	const char	*tmp;		/* on Windows %TMP%, or NULL */
	/* As in cdxp_exec_options: policies mean the same for each, paths do not. */
	const char	*backend;
	struct cdxp_strings shielded;	/* policy files in use: never writable, whatever the policy says */
	bool		 create_missing; /* make the writable directories that do not exist */
	bool		 create_state;	/* a command is to be executed: make the directory of our records */
};

/*
 * Bind (spec 2.1).  The policy must outlive the binding.  Nothing on the host
 * is changed but for what the two options name.  The directory of
 * our records, where it exists, is shielded like a policy file.
 */
enum cdxp_status cdxp_bind(struct cdxp_bound **out, const struct cdxp_policy *,
	    const struct cdxp_bind_options *, struct cdxp_messages *);
void	cdxp_bound_free(struct cdxp_bound *);		/* NULL is allowed */

enum cdxp_operation {
	CDXP_READ,		/* content, mapping, execution, listing */
	CDXP_WRITE,		/* change, create */
	CDXP_RENAME,		/* rename, remove, link */
};

/* Where a rule was written. */
struct cdxp_rule {
	const char	*text;		/* as its author spelt it, or NULL: no rule, denied by default */
	const char	*file;		/* or NULL */
	uint32_t	 line, column;	/* 0: not in a text */
};

/*
 * May a command under this binding do this to `path' (absolute; made normal
 * lexically)?  The rule may be NULL; else *rule is the one that decided.
 */
enum cdxp_status cdxp_decide(const struct cdxp_bound *, enum cdxp_operation,
	    const char *path, bool *allowed, struct cdxp_rule *rule,
	    struct cdxp_messages *);

enum cdxp_order { CDXP_EQUAL, CDXP_NARROWER, CDXP_WIDER, CDXP_INCOMPARABLE };

/*
 * How `b' differs from `a', over all paths (spec 2.4): CDXP_WIDER means that
 * b allows something that a does not.  *witness is a shortest operation on
 * which they differ ("write /repo/.git/x"), NULL where they are equal; the
 * caller frees it with free().
 */
enum cdxp_status cdxp_compare(const struct cdxp_bound *a, const struct cdxp_bound *b,
	    enum cdxp_order *, char **witness, struct cdxp_messages *);

/* ---- execution ---- */

enum cdxp_strict {
	CDXP_STRICT_NO,		/* deviations are accepted, and named on request */
	CDXP_STRICT_WIDER,	/* one that lets more happen than the policy says is a refusal */
	CDXP_STRICT_ANY,
};

/* What was refused is said, on standard error once the command has ended. */
enum cdxp_denials {
	CDXP_DENIALS_NO,
	CDXP_DENIALS_TEXT,	/* a line for each */
	CDXP_DENIALS_TABLE,	/* for people, by rule */
	CDXP_DENIALS_JSON,	/* an object on a line for each */
};

/*
 * Optional, to save time: begin before the policy is loaded with what does
 * not depend on it.  The backend, `argv', the descriptors and `cwd' (NULL: the
 * process's) are those of the options below and must outlive the start.  NULL where
 * there is nothing to begin, which is no error.  Free it in every case, after
 * cdxp_exec() or instead of it; until then signals to the process wait.
 */
struct cdxp_start;
struct cdxp_start *cdxp_start_early(const char *backend, char *const *argv,
	    const int *keep_fds, size_t nkeep_fds, const char *cwd);
void	cdxp_start_free(struct cdxp_start *);		/* NULL is allowed */

/* Before the command the sandbox is tried from inside, and what came of it written to standard error. */
enum cdxp_self_test {
	CDXP_SELF_TEST_NO,
	CDXP_SELF_TEST_TEXT,
	CDXP_SELF_TEST_JSON,	/* one document */
};

struct cdxp_exec_options {
	struct cdxp_start *start;	/* or NULL */
	const char	*backend;	/* "builtin", "bwrap", "seatbelt"; NULL: the best that this host has */
	enum cdxp_strict strict;
	bool		 require_live_patterns;	/* refuse what covers existing matches only */
	bool		 no_debug;	/* the command cannot trace processes, its own neither; Linux only */
	enum cdxp_denials denials;
	bool		 denied_reads;	/* what is opened to be read as well, at a price; Linux only */
	int		 denials_fd;	/* above 2: JSON goes there, each denial when it is first seen */
	/*
	 * Where no backend works because the process is in a container or another
	 * sandbox: let that one confine the command, and say so on standard error.
	 */
	bool		 trust_outer;
	enum cdxp_self_test self_test;	/* what is not as the policy says is a refusal, exit status 125 */
	bool		 self_test_only;	/* the command is neither looked up nor started: exit status 0 */
	bool		 verbose;	/* name every deviation in the messages, as notes */
	bool		 allow_unsandboxed;	/* run `:danger-full-access' */
	/* Windows only; elsewhere they are refused. */
	bool		 private_desktop;	/* the command's windows are on a desktop of its own */
	/* Where nothing confines the network ask programs by variables. */
	bool		 advisory_network;
	/* What Everyone may write the command may not: Windows PowerShell does not start. */
	bool		 no_everyone;
	/*
	 * Ports at which the command finds what listens on this host's loopback;
	 * and where the managed proxy writes a line of JSON for each decision: a
	 * file (or NULL), or a descriptor (0: none).  Ports on Linux only, a descriptor
	 * not on Windows.
	 */
	const uint16_t	*forward;
	size_t		 nforward;
	const char	*audit_file;
	int		 audit_fd;
	const int	*keep_fds;	/* cross into the child besides 0, 1, 2 */
	size_t		 nkeep_fds;
	char		*const *environment;	/* NAME=VALUE, ends with NULL: what the child's is made from */
	char		*const *argv;	/* the command, ends with NULL; NULL: none, for cdxp_set_up() alone */
	bool		 last;		/* the caller exits after cdxp_exec(): what only has to be
					   taken down is not waited for, and ends with it */
};

/* One command under one binding: planned, printed and proved, not yet started. */
struct cdxp_plan;

/*
 * Plan, and prove that what will be executed means what the binding says.
 * The binding, and everything that the options point to, must outlive the
 * plan.  Changes nothing on the host.
 */
enum cdxp_status cdxp_plan_make(struct cdxp_plan **out, const struct cdxp_bound *,
	    const struct cdxp_exec_options *, struct cdxp_messages *);
void	cdxp_plan_free(struct cdxp_plan *);		/* NULL is allowed */

/* What cdxp_exec() would execute, as one JSON document; the caller frees it with free(). */
enum cdxp_status cdxp_plan_json(const struct cdxp_plan *, char **json,
	    struct cdxp_messages *);

/*
 * Execute and wait.  *exit_status is the command's, or 128 + N where signal N
 * ended it; or 125, 126 or 127 after one line on standard error, where the
 * set-up failed once it had begun.  Must be called where the process has one
 * thread: it forks, and handles signals until the command has ended.  What is
 * not sandboxed is executed in place of the process, and does not return.
 */
enum cdxp_status cdxp_exec(const struct cdxp_plan *, int *exit_status,
	    struct cdxp_messages *);

/* Windows: entries for files outlive the command, and can be set without one. */
enum cdxp_setup {
	CDXP_SETUP_DRY_RUN,	/* say what would be done */
	CDXP_SETUP_APPLY,	/* make placeholders and entries; done twice it changes nothing */
	CDXP_SETUP_VERIFY,	/* look whether all is there as it was set */
	CDXP_SETUP_UNDO,	/* remove exactly what was added and no other plan needs */
};

/*
 * The plan is NULL for CDXP_SETUP_UNDO of all that was ever applied.  *report, for
 * people or as JSON, is the caller's to free(); it is there with CDXP_OK and
 * CDXP_UNSOUND.  CDXP_REFUSED on other systems.
 */
enum cdxp_status cdxp_set_up(const struct cdxp_plan *, enum cdxp_setup, bool json, char **report,
	    struct cdxp_messages *);

/*
 * The same with the machine plan for Windows, which an administrator carries
 * out: that of the policy, or the text of a file that cdxpc has written; NULL,
 * both: the one for all policies without a proxy, and for CDXP_SETUP_UNDO.
 */
enum cdxp_status cdxp_machine(const struct cdxp_policy *, const char *file, enum cdxp_setup, bool json,
	    char **report, struct cdxp_messages *);

#ifdef __cplusplus
}
#endif

#endif
