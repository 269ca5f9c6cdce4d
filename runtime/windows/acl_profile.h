/* SPDX-License-Identifier: Apache-2.0 */
/* acl_profile.h - the children of a user's profile that may be read */
#ifndef CDXP_ACL_PROFILE_H
#define CDXP_ACL_PROFILE_H

#include "acl_context.h"

/*
 * Those that exist, less the names that the place excepts and less what
 * .ssh\config points to; links and junctions are none.  0, or -1 with errors in
 * the report: it cannot be listed, or that file is there and cannot be read.
 */
int	acl_profile_children(struct acl_context *, struct acl_report *, const struct plan_place *,
	    struct acl_child **, size_t *n);

/*
 * Call `found' with the first component below `profile' of every path in the
 * text of an ssh_config(5) that leads there: behind ~, %d, ${HOME} or
 * %USERPROFILE%, or spelt out, with either slash, in quotes or not.
 */
void	acl_ssh_names(const char *text, size_t len, const char *profile,
	    void (*found)(void *arg, const char *name, size_t len), void *arg);

#endif
