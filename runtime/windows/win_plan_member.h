/* SPDX-License-Identifier: Apache-2.0 */
/* win_plan_member.h - what win_plan_read.c and win_plan_token.c read plans with */
#ifndef CDXP_WIN_PLAN_MEMBER_H
#define CDXP_WIN_PLAN_MEMBER_H

#include <cjson/cJSON.h>

#include "win_plan.h"

struct plan_reader {
	struct arena	*a;
	const char	*why;		/* the first thing that was wrong; NULL */
	struct win_plan	*plan;		/* as far as it has been read */
	struct { const char **v; size_t len, cap; } rules;
};

/* Always false: record what is wrong with the member `where' ("" is the whole). */
bool	plan_wrong(struct plan_reader *, const char *where, const char *what);

/* "WHERE.NAME", "WHERE[i]"; arena. */
const char *plan_below(struct plan_reader *, const char *where, const char *name);
const char *plan_row(struct plan_reader *, const char *where, size_t i);

/*
 * An object with exactly these n members, of which the last `optional' may be
 * missing.  All functions below give false where something is wrong, which is
 * recorded then; `where' names the value, or, with `name', the object around it.
 */
bool	plan_object(struct plan_reader *, const cJSON *, const char *where, const char *const *names, size_t n,
	    size_t optional);
#define PLAN_OBJECT(r, o, where, optional, ...)						\
	plan_object((r), (o), (where), (const char *const[]){ __VA_ARGS__ },			\
	    NELEMS(((const char *const[]){ __VA_ARGS__ })), (optional))

bool	plan_array(struct plan_reader *, const cJSON *o, const char *name, const char *where, size_t max,
	    const cJSON **out);
bool	plan_flag(struct plan_reader *, const cJSON *o, const char *name, const char *where, bool *out);
bool	plan_text(struct plan_reader *, const cJSON *, const char *where, const char **out);
bool	plan_number(struct plan_reader *, const cJSON *, const char *where, uint32_t min, uint32_t max, uint32_t *out);
/* The position among n words. */
bool	plan_word(struct plan_reader *, const cJSON *, const char *where, const char *const *words, unsigned n,
	    unsigned *out);
bool	plan_path(struct plan_reader *, const cJSON *, const char *where, const char **out);	/* win_path_check() */
bool	plan_sha256(struct plan_reader *, const cJSON *, const char *where, const char **out);
bool	plan_mask(struct plan_reader *, const cJSON *, const char *where, uint32_t *out);
bool	plan_flags(struct plan_reader *, const cJSON *, const char *where, uint8_t *out);
const char *plan_flags_text(uint8_t);
/* A line of "rules" by its number, or null. */
bool	plan_rule(struct plan_reader *, const cJSON *, const char *where, const char **out);
/* The roots are read. */
bool	plan_principal_of(struct plan_reader *, const cJSON *, const char *where, struct plan_to *out);
bool	plan_principals(struct plan_reader *, const cJSON *o, const char *name, const char *where, struct plan_tos *out);

/* The members "token", "network" and "audits" of a plan. */
bool	plan_token(struct plan_reader *, const cJSON *);
bool	plan_network(struct plan_reader *, const cJSON *);
bool	plan_audits(struct plan_reader *, const cJSON *plan);

#endif
