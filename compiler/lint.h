/* SPDX-License-Identifier: Apache-2.0 */
/* lint.h - what deserves a second look in a policy that is right as far as it goes */
#ifndef CDXP_LINT_H
#define CDXP_LINT_H

#include "artifacts.h"
#include "base.h"
#include "bound.h"
#include "subject.h"

struct arena;
struct decide_fs;
struct diags;

struct lint {
	struct arena	*a;
	struct diags	*d;		/* what is found becomes warnings there */
	const struct subject *subject;
	const struct bound_policy *b;
	const struct decide_fs *fs;
	const struct artifact_host *host;	/* ->bound: this host is looked at */
	const char	*home, *cwd, *tmpdir;	/* as bound, canonical; home, tmpdir: or NULL */
};

/*
 * Everything below.  `b' is the binding by subject_bind() with the same `h';
 * of a policy that asks for no sandbox there is nothing to say.
 */
void	lint_policy(struct arena *, struct diags *, const struct subject *,
	    const struct bound_policy *b, const struct artifact_host *h);

/* lint_entry.c: shadowed and idle entries, and grants that are taken back. */
void	lint_entries(const struct lint *);
/* lint_risk.c: secrets, PATH, start-up files and sockets, by risks.def. */
void	lint_risks(const struct lint *);
/* With a host: files below denied and shielded places that have other names (spec 2.5). */
void	lint_hard_links(const struct lint *);

/* The place of a rule in its text, to put a caret there; {0,0} where there is no text. */
struct span lint_span(const struct lint *, const struct ir_origin *);
/* What stands for that where there is none: a note that names the rule. */
struct diag;
void	lint_note_rule(const struct lint *, struct diag *, const struct ir_origin *,
	    const char *says);

#endif
