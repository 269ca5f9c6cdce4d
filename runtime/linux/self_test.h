/* SPDX-License-Identifier: Apache-2.0 */
/* self_test.h - what a sandbox does, held against the policy by trying it, before the command */
#ifndef CDXP_SELF_TEST_H
#define CDXP_SELF_TEST_H

#include "base.h"
#include "launch.h"
#include "self_test_bait.h"

struct arena;

/*
 * In the place of the command the sandbox executes ourselves, from memory, as
 * the profile need not show where we lie.  There every probe is made, judged
 * and written down; if all went as the policy says that process becomes the
 * command.  So what is tried is the very sandbox of the command, with the
 * same filter, mounts and rules, before anything of the command has run.
 *
 * No probe changes anything: files are opened, never written to, truncated or
 * made; that a directory can be written is tried by a file without a name
 * (O_TMPFILE), and only where the file system has none by one that is removed
 * at once, in places that the policy lets the command write to.
 */
enum probe_op {
	PROBE_READ,		/* open a file for reading */
	PROBE_LIST,		/* open a directory */
	PROBE_WRITE,		/* open a file for writing, as it is */
	PROBE_CREATE,		/* make a file in a directory */
	PROBE_LINK,		/* it is a link to `want' */
	PROBE_PIN,		/* it is a mount point, which is neither moved nor removed */
	PROBE_NAMESPACE,	/* we are in the namespace `want', the host's */
	PROBE_STATUS,		/* /proc/self/status says `want'; of capabilities: no more than that */
	PROBE_TCP,		/* connect to a port of the host's loopback */
	PROBE_UDP,		/* address a datagram, which is not sent */
	PROBE_LOOPBACK,		/* listen, and connect to that */
	PROBE_ABSTRACT,		/* connect to an abstract Unix socket of the host */
	PROBE_SOCKET,		/* the same of one that is a file */
	PROBE_OPS
};

struct probe {
	enum probe_op	 op;
	const char	*target;
	const char	*want;		/* or NULL */
	uint64_t	 dev, ino;	/* of the host's file: another one does not count; ino 0: any does */
	bool		 expected;	/* that it works */
	bool		 allowed_more;	/* a deviation lets more happen here: nothing is expected */
	bool		 fleeting;	/* chosen among what is there: it may be gone again */
	int		 outside;	/* what it failed with on the host; 0: it worked, or was not tried */
	const char	*void_because;	/* that comes out again: it says nothing, and this is why; or NULL */
	const char	*rule, *at;	/* "entry "a" = "write"", "p.toml:7"; at: or "" */
	const char	*element;	/* of the artifact */
};

struct probes { struct probe *v; size_t len, cap; };

/* What came of one. */
struct probe_result {
	bool	 worked;
	int	 error;			/* why not, or 0 */
	bool	 other;			/* something else is there: a mask */
	bool	 unknown;		/* this system cannot tell */
};

/* Make a probe: in the sandbox, or on the host.  Changes nothing. */
struct probe_result	probe_make(const struct probe *);
const char		*probe_op_name(enum probe_op);

/*
 * What will be tried of a launch that has been proved: by the policy's
 * decisions, and the artifact as it is now.  In the arena; NULL with *err.
 */
struct self_test	*self_test_plan(struct arena *, const struct launch *, struct launch_error *err);

/*
 * The launch whose command is the test and then the command of `l': a copy with
 * a request of its own.  0, or a status after one line on standard error.
 * self_test_end() must follow in either case.
 */
int	self_test_begin(struct arena *, const struct launch *l, struct launch *tested);
void	self_test_end(const struct launch *l);

/* In the sandbox: argv is of a process that self_test_begin() has planned.  Becomes the command, or ends. */
bool	self_test_is_stage(int argc, char **argv);
_Noreturn void	self_test_stage(int argc, char **argv);

/* ---- between the files of it ---- */

struct cJSON;

struct self_test {
	struct probes	 probes;
	size_t		 left_out;	/* places beyond the limit */
	const char	*net_rule, *net_at, *net_element, *socket_element;
	int		 program, list, done;	/* for the sandbox */
	struct self_test_bait bait;
};

/* That are looked up in the artifact, which takes its length for each. */
enum { SELF_TEST_PLACES = 1024 };

/* Destinations and sockets of each class: the bait is there. */
void	self_test_add_network(struct arena *, const struct launch *, struct self_test *);

struct cJSON	*probe_json(const struct probe *);
/* False where it is none. */
bool		 probe_of_json(struct arena *, const struct cJSON *, struct probe *out);

#endif
