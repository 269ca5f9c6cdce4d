/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_attempt.h - one sandbox, started for real and tried from inside, by a process of its own */
#ifndef CDXP_DOCTOR_ATTEMPT_H
#define CDXP_DOCTOR_ATTEMPT_H

#include "doctor_try.h"

struct trial;

struct doctor_attempt {
	const char	*backend;
	const char	*policy;		/* its text; NULL: */
	const struct doctor_policy *file;
	const char	*cwd;			/* NULL: as ours */
	const char	*self;			/* the program that is executed, as a user would name it */
	const struct surroundings *here;
};

/* In a process that ends after it: nothing is freed.  The exit status. */
int	doctor_attempt(const struct doctor_attempt *);

/* ---- by system: doctor_try.c, windows/doctor_windows.c ---- */

/* That in a process of its own (trial.h); on Windows only of a file. */
void	doctor_run_attempt(struct arena *, const struct doctor_attempt *, unsigned seconds, struct trial *);

#endif
