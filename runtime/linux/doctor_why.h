/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_why.h - what stands against namespaces, mounts and Landlock on this host */
#ifndef CDXP_DOCTOR_WHY_H
#define CDXP_DOCTOR_WHY_H

#include "base.h"

struct arena;
struct doctor_cause;
struct doctor_trial;

/*
 * Try what they take, and name what stands against it.  False, with *out as it
 * was: all of it works.
 */
bool	doctor_why_limits(struct arena *, const struct doctor_trial *, struct doctor_cause *out);
bool	doctor_why_no_proc(struct doctor_cause *out);
bool	doctor_why_no_devices(struct arena *, struct doctor_cause *out);
bool	doctor_why_namespaces(struct arena *, const struct doctor_trial *, struct doctor_cause *out);
bool	doctor_why_landlock(struct arena *, struct doctor_cause *out);

/* Of what was tried already: a user namespace failed with this errno, or a /proc cannot be mounted in one. */
void	doctor_why_userns(struct arena *, const char *backend, int error, struct doctor_cause *out);
void	doctor_why_proc(struct arena *, const char *backend, struct doctor_cause *out);

/* What is denied cannot be denied again once the host has replaced it (spec 3.1.3). */
bool	doctor_note_masks(struct arena *, struct doctor_cause *out);

#endif
