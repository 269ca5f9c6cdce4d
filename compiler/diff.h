/* SPDX-License-Identifier: Apache-2.0 */
/* diff.h - the differences of two policies as rows, and how they are shown */
#ifndef CDXP_DIFF_H
#define CDXP_DIFF_H

#include "bound.h"
#include "decide_fs.h"
#include "delta.h"
#include "sbuf.h"
#include "subject.h"

struct arena;

/* What decided on one side. */
struct diff_rule {
	const char	*kind;		/* "entry", "pattern", "pin", "rule", ... for programs */
	const char	*text;		/* for people */
	const struct ir_origin *origin;	/* or NULL */
};

struct diff_row {
	enum delta_class class;
	const char	*topic;		/* "filesystem", "network", "socket", "environment", ... */
	const char	*region;	/* as its author would write it */
	const char	*path;		/* filesystem, sockets: `region' bound; or NULL */
	enum fs_scope	 scope;
	struct { struct fs_part *v; size_t len, cap; } except;	/* in the spelling of `region' */
	struct { const char **v; size_t len, cap; } patterns;
	const char	*sample;	/* as its author would write it */
	const char	*sample_path;	/* bound; or NULL */
	const char	*value[2];	/* what each side says: "read", "allowed", ... */
	struct diff_rule rule[2];
};

struct diff {
	struct arena	*a;
	struct { const struct subject *subject; const struct bound_policy *bound; } side[2];
	struct { struct diff_row *v; size_t len, cap; } rows;
	size_t		 count[3];	/* by class */
};

/* NULL, or what cannot be compared, as a phrase. */
const char *diff_make(struct diff *);

void	diff_text(const struct diff *, bool colour, struct sbuf *out);
/* Canonical JSON and a newline. */
void	diff_json(const struct diff *, struct sbuf *out);

#endif
