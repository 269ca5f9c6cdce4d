/* SPDX-License-Identifier: Apache-2.0 */
/* self_test.h - what a sandbox does, held against the policy by trying it, before the command */
#ifndef CDXP_SELF_TEST_H
#define CDXP_SELF_TEST_H

#include "base.h"
#include "launch.h"

struct arena;
struct emitted;
struct sbuf;
struct self_test_held;

/*
 * The sandbox executes ourselves before the command.  There every probe is
 * made, judged and written down; the command is started if all went as the
 * policy says.  On Linux that process then becomes the command, so that what is
 * tried is the very sandbox of the command; elsewhere what is tried is one
 * made by the same profile, or with the same token.
 *
 * No probe changes anything: files are opened, never written to, truncated or
 * made.  That something can be made in a directory is tried as the system
 * allows it: by a file without a name (O_TMPFILE), by asking for the right, by
 * asking the sandbox.  Only where the file system has none of these it is tried
 * by one that is removed at once, in places that the policy lets the command
 * write to.
 */
enum probe_op {
	PROBE_READ,		/* open a file for reading */
	PROBE_LIST,		/* open a directory */
	PROBE_WRITE,		/* open a file for writing, as it is */
	PROBE_CREATE,		/* make a file in a directory */
	PROBE_LINK,		/* it is a link to `want' */
	PROBE_PIN,		/* it is neither moved nor removed */
	PROBE_NAMESPACE,	/* we are in the namespace `want', the host's */
	PROBE_STATUS,		/* what the system says of us is `want'; of capabilities: no more than that */
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

/* What came of one. */
struct probe_result {
	bool	 worked;
	int	 error;			/* errno: why not, or 0 */
	bool	 other;			/* something else is there: a mask */
	bool	 unknown;		/* this system cannot tell */
	const char *said;		/* in words, static; NULL: as of any */
};

struct self_test {
	struct { struct probe *v; size_t len, cap; } probes;
	size_t		 left_out;	/* places beyond the limit */
	const char	*net_rule, *net_at, *net_element, *socket_element;
	struct self_test_held *held;	/* the system's, while it runs */
};

/*
 * What will be tried of a launch that has been proved: by the policy's
 * decisions, and the artifact as it is now.  In the arena; NULL with *err.
 */
struct self_test *self_test_plan(struct arena *, const struct launch *, struct launch_error *err);

/* That list for the sandbox.  -1: no memory for it. */
int	self_test_list(const struct launch *, const struct self_test *, struct sbuf *out);

/*
 * In the sandbox: make every probe of a list, and write the receipt to standard
 * error.  0, or STATUS_SETUP: the command must not be started.  *only: nor is
 * it to be started where all is well.
 */
int	self_test_try(const char *list, size_t len, bool *only);

/* ---- between the files of it ---- */

struct cJSON;

struct cJSON	*probe_json(const struct probe *);
/* False where it is none. */
bool		 probe_of_json(struct arena *, const struct cJSON *, struct probe *out);

/* ---- by system: linux/, macos/, windows/self_test_SYSTEM.c ---- */

/* What the planner has, for those below. */
struct self_test_planner {
	struct arena	*arena;
	const struct launch *launch;
	const struct decide_fs *decide;
	struct self_test *test;
	struct host	*host;
	const void	*model;		/* the system's, or NULL */
	size_t		 places;
};

/* Make a probe: in the sandbox, or on the host. */
struct probe_result	probe_make(const struct probe *);

/*
 * The first attempt, outside: why it says nothing about a sandbox, with what it
 * failed with in p->outside; or NULL.
 */
const char	*probe_void(struct probe *p);

/* A path as people write it here. */
const char	*probe_shown(struct arena *, const char *target);

/* The host's permissions let us write this file. */
bool	probe_may_write(const char *path);

/* What every sandbox of this kind has, by self_test_own(). */
void	self_test_add_own(struct self_test_planner *);
void	self_test_own(struct self_test_planner *, enum probe_op, const char *target, const char *want,
	    bool expected, const char *element);

/* A place that is pinned can be told from one that is not. */
bool	self_test_tells_pins(const struct launch *);

/* backend.emitted() for paths; where a backend has none, from its model. */
void	self_test_emitted(struct self_test_planner *, const char *path, struct emitted *out);

/* ---- of those: what POSIX has (self_test_posix.c, self_test_net.c) ---- */

struct self_test_bait;

struct probe_result	probe_posix(const struct probe *);
struct probe_result	probe_rc(int rc);	/* -1: by errno */
struct probe_result	probe_link(const char *path, const char *want);
/* A file that is removed at once; only where that is expected to work. */
struct probe_result	probe_make_named(const struct probe *);
const char		*probe_void_posix(struct probe *, bool root_keeps);

/* Destinations and sockets of each class: the bait is there.  `loopback': the sandbox lets it be listened at. */
void	self_test_add_network(struct arena *, const struct launch *, const struct self_test_bait *,
	    bool loopback, struct self_test *);

#endif
