/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.h - why a backend does not work on this host, and the one thing to do about it */
#ifndef CDXP_DOCTOR_H
#define CDXP_DOCTOR_H

#include "base.h"

struct arena;

/*
 * Every answer comes from trying, in processes of their own and with a limit
 * of time; what the system's settings say only names a failure that was seen.
 */
struct doctor_cause {
	const char	*id;		/* "sysctl-max-user-namespaces": stable; NULL: there is none */
	const char	*text;		/* one line: what it is */
	const char	*remedy;	/* one line: what to do */
};

/* One line of what is known of the host: "kernel", "Linux 6.1.0". */
struct doctor_fact { const char *name, *value; };

/* With this a line of a self-test begins that is not as the policy says (linux/self_test_stage.c). */
#define DOCTOR_MISMATCH	"cdxp-run: self-test: MISMATCH: "

struct doctor_trial {
	const char	*backend;
	/*
	 * A sandbox with a writable directory and a denied file did not start,
	 * and one that only reads did; else none does.
	 */
	bool		 writing;
	bool		 late;		/* it was still at it when the time was over */
	const char	*said;		/* its last line, or "" */
	unsigned	 seconds;	/* for each thing that is tried to find out */
};

/* ---- by system: linux/doctor_linux.c, macos/doctor_macos.c, windows/doctor_windows.c ---- */

/* Of a failed trial; never without an id. */
void	doctor_why(struct arena *, const struct doctor_trial *, struct doctor_cause *);

/* What makes every sandbox of a backend less than it could be, on this host; NULL past the end. */
const char *doctor_limit(struct arena *, const char *backend, size_t i);

/* What works less well than it could; id NULL past the end. */
void	doctor_note(struct arena *, size_t i, struct doctor_cause *);

/* False past the end. */
bool	doctor_fact(struct arena *, size_t i, struct doctor_fact *);

/* The program that runs, as a path: what a sandbox is tried with.  NULL: unknown. */
const char *doctor_self(struct arena *);

#endif
