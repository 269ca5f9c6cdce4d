/* SPDX-License-Identifier: Apache-2.0 */
/* win_plan_member.h - what win_plan_read.c and win_plan_token.c read plans with */
#ifndef CDXP_WIN_PLAN_MEMBER_H
#define CDXP_WIN_PLAN_MEMBER_H

#include <cjson/cJSON.h>

#include "win_plan.h"

struct member_reader {
	struct arena	*a;
	const char	*why;		/* the first thing that was wrong; NULL */
	struct win_plan	*plan;		/* as far as it has been read */
	struct { const char **v; size_t len, cap; } rules;
};

/* Always false: record what is wrong with the member `where' ("" is the whole). */
bool	member_wrong(struct member_reader *, const char *where, const char *what);

/* "WHERE.NAME", "WHERE[i]"; arena. */
const char *member_below(struct member_reader *, const char *where, const char *name);
const char *member_row(struct member_reader *, const char *where, size_t i);

/*
 * An object with exactly these n members, of which the last `optional' may be
 * missing.  All functions below give false where something is wrong, which is
 * recorded then; `where' names the value, or, with `name', the object around it.
 */
bool	member_object(struct member_reader *, const cJSON *, const char *where, const char *const *names, size_t n,
	    size_t optional);
#define MEMBER_OBJECT(r, o, where, optional, ...)						\
	member_object((r), (o), (where), (const char *const[]){ __VA_ARGS__ },			\
	    NELEMS(((const char *const[]){ __VA_ARGS__ })), (optional))

bool	member_array(struct member_reader *, const cJSON *o, const char *name, const char *where, size_t max,
	    const cJSON **out);
bool	member_flag(struct member_reader *, const cJSON *o, const char *name, const char *where, bool *out);
bool	member_text(struct member_reader *, const cJSON *, const char *where, const char **out);
bool	member_number(struct member_reader *, const cJSON *, const char *where, uint32_t min, uint32_t max, uint32_t *out);
/* The position among n words. */
bool	member_word(struct member_reader *, const cJSON *, const char *where, const char *const *words, unsigned n,
	    unsigned *out);
bool	member_path(struct member_reader *, const cJSON *, const char *where, const char **out);	/* win_path_check() */
bool	member_sha256(struct member_reader *, const cJSON *, const char *where, const char **out);
bool	member_mask(struct member_reader *, const cJSON *, const char *where, uint32_t *out);
bool	member_flags(struct member_reader *, const cJSON *, const char *where, uint8_t *out);
const char *member_flags_text(uint8_t);
/* A line of "rules" by its number, or null. */
bool	member_rule(struct member_reader *, const cJSON *, const char *where, const char **out);
/* The roots are read. */
bool	member_principal_of(struct member_reader *, const cJSON *, const char *where, struct plan_to *out);
bool	member_principals(struct member_reader *, const cJSON *o, const char *name, const char *where, struct plan_tos *out);

/* The members "token", "network" and "audits" of a plan. */
bool	member_token(struct member_reader *, const cJSON *);
bool	member_network(struct member_reader *, const cJSON *);
bool	member_audits(struct member_reader *, const cJSON *plan);

#endif
