/* SPDX-License-Identifier: Apache-2.0 */
/* userns_why.h - why no user namespace can be made or used here, and what to do */
#ifndef CDXP_USERNS_WHY_H
#define CDXP_USERNS_WHY_H

struct arena;

/* 0 where a user namespace can be made and used here, else an errno.  Makes one to find out. */
int	userns_try(void);

/*
 * 0 where a /proc can be mounted in a user namespace, or where there is none to
 * try it in; else an errno.
 */
int	proc_try(void);

/* What stands against it, and what to do. */
const char	*proc_why(struct arena *, const char *program);

/* A line on the cause (doctor_why.h) and the remedy; `program' begins it. */
const char	*userns_why(struct arena *, const char *program, int error);

/*
 * Why it need not be started for a sandbox: NULL where it may work, as it may
 * where AppArmor knows it and not us.
 */
const char	*userns_unusable(struct arena *, const char *program);

/* That program's name where it is this one: there is an AppArmor profile for it. */
#define USERNS_OURS	"cdxp-run"

#endif
