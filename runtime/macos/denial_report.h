/* SPDX-License-Identifier: Apache-2.0 */
/* denial_report.h - denials as lines for people and for programs, each once */
#ifndef CDXP_DENIAL_REPORT_H
#define CDXP_DENIAL_REPORT_H

#include "base.h"

struct arena;
struct bound_policy;
struct decide_fs;
struct denial;
struct sbuf;

/* The policy and its decisions must outlive it.  Free with denial_report_free(). */
struct denial_report;
struct denial_report *denial_report_new(const struct bound_policy *, const struct decide_fs *);
void	denial_report_free(struct denial_report *);	/* NULL is allowed */

/* Keep what has not been said yet; nothing of *d is referred to afterwards. */
void	denial_report_add(struct denial_report *, const struct denial *d);

/*
 * In the order in which they came (spec 4.2):
 *
 *	=== Sandbox denials ===
 *	bash: write /repo/.git/hooks/x  profile.toml:7 ".git" is protected
 *
 * or "None found." after that heading; as JSON an object on a line for each,
 * and nothing where there are none.  Control bytes are shown as "?".
 */
void	denial_report_print(const struct denial_report *, bool json, struct sbuf *out);

#endif
