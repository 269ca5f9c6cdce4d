/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_plan.h - the rules of a Seatbelt profile, before they are text */
#ifndef CDXP_SEATBELT_PLAN_H
#define CDXP_SEATBELT_PLAN_H

#include "backend.h"
#include "seatbelt_effective.h"

enum filter_kind {
	FILTER_SUBPATH, FILTER_LITERAL, FILTER_ANCESTORS,	/* text: a path */
	FILTER_REGEX,		/* text: the expression */
	FILTER_ALL, FILTER_ANY, FILTER_NOT,	/* of what is in v */
	FILTER_PORT,		/* text: the parameter with the port of a proxy on localhost */
	FILTER_TEXT,		/* text: as it stands, from our own source alone */
	FILTER_REMOTE_UNIX, FILTER_LOCAL_UNIX,	/* of the one path filter in v */
};

struct filter {
	enum filter_kind kind;
	const char	*text;
	struct { struct filter **v; size_t len, cap; } of;
};

/* Every rule is an allow: the default is deny, and nothing is taken back (spec 3.3). */
struct seatbelt_rule {
	const char	*comment;
	const char	*operations;
	const struct filter *filter;	/* NULL: everything */
};

/* A parameter of the profile; paths at or below the value of one are printed with it. */
struct seatbelt_param {
	const char	*name;
	const char	*value;
	bool		 path;
	/* Set by the printer. */
	bool		 used;
	size_t		 below, data_below;	/* texts of places below it, and below it on the data volume */
};

struct seatbelt_plan {
	struct { struct seatbelt_param *v; size_t len, cap; } params;
	struct { struct seatbelt_rule *v; size_t len, cap; } rules;
};

struct filter *filter_new(struct arena *, enum filter_kind, const char *text);
/* seatbelt_group.c.  Append; returns the list. */
struct filter *filter_add(struct arena *, struct filter *list, struct filter *);
/* NULL for none, the one itself, or all of them in a FILTER_ANY. */
struct filter *filter_any(struct filter *list);
struct filter *filter_not(struct arena *, struct filter *);
/* What `taken' holds for is taken out of the other; NULL: nothing is. */
struct filter *filter_without(struct arena *, struct filter *, struct filter *taken);

void	plan_rule(struct arena *, struct seatbelt_plan *, const char *comment,
	    const char *operations, const struct filter *);

/* Anchors, then rules for files, then for the network.  0, or -1 with out->refused. */
int	seatbelt_plan(struct arena *, const struct bound_policy *,
	    const struct seatbelt_effective *, struct seatbelt_plan *, struct artifact *out);

/* seatbelt_plan_net.c: what may be connected to (spec 2.6). */
void	seatbelt_plan_net(struct arena *, const struct bound_policy *, const struct seatbelt_net *,
	    struct seatbelt_plan *);

/* seatbelt_print.c: the text.  0, or -1 with *why where something cannot be written. */
int	seatbelt_print(struct arena *, struct seatbelt_plan *, struct sbuf *out, const char **why);

#endif
