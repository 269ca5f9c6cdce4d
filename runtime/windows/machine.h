/* SPDX-License-Identifier: Apache-2.0 */
/* machine.h - the machine plan: compared with what is there, carried out, verified, taken back */
#ifndef CDXP_MACHINE_H
#define CDXP_MACHINE_H

#include "acl_context.h"
#include "machine_store.h"
#include "state_files.h"

/*
 * STATE/machine, one JSON object, is replaced as a whole before each step:
 *
 *   {"before": PARTS or null, "doing": null, "apply" or "undo", "made": PARTS, "version": 1}
 *
 * PARTS has for each part that is ours, or is about to be made, by its label:
 * {"tag": TEXT, "want": as it was asked for}.  The tag stands in the comment of
 * accounts and in the description of rules, so that one of the same name that
 * somebody else has made is known from ours.  "before" is "made" as it was
 * when the apply began: after a failure, or a kill, all is made so again.
 */
struct machine_context {
	struct machine_store	*store;
	struct state_files	*files;
};

/*
 * Steps and findings go to the report.  0, or -1 where one of them is an
 * error.  apply() and undo() are for an administrator; a second apply() does
 * nothing, and what fails leaves all as it was.
 */
int	machine_dry_run(struct machine_context *, const struct machine_plan *, struct acl_report *);
int	machine_apply(struct machine_context *, const struct machine_plan *, struct acl_report *);
int	machine_verify(struct machine_context *, const struct machine_plan *, struct acl_report *);
int	machine_undo(struct machine_context *, struct acl_report *);

/*
 * Does all stand that keeps this user off the network?  Asked by whoever runs
 * commands, before each.  0, or -1 with *why.
 */
int	machine_confines(struct machine_store *, struct arena *, const struct machine_plan *, const char *user,
	    const char **why);

#endif
