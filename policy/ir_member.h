/* SPDX-License-Identifier: Apache-2.0 */
/* ir_member.h - reading the IR from JSON that may come from anywhere: typed members */
#ifndef CDXP_IR_MEMBER_H
#define CDXP_IR_MEMBER_H

#include "ir.h"
#include "json.h"

struct arena;

/*
 * `where' is the member being read, for messages.  The first error stays, and
 * everything after it may be skipped.
 */
struct ir_reader {
	struct arena	*a;
	struct ir_policy *ir;
	struct ir_origin *spans;
	size_t		 nspans;
	const char	**profiles;
	size_t		 nprofiles;
	char		 where[96];
	const char	*why;
};

/* Keep the first error, "WHERE.KEY WHAT".  Returns false. */
bool	ir_member_fail(struct ir_reader *, const char *key, const char *what);
/* Messages from now on are about that element of a list. */
void	ir_member_at(struct ir_reader *, const char *list, size_t i);

/* A member of an object: NULL or false after ir_member_fail() where it is absent or of another type. */
const cJSON *ir_member_list(struct ir_reader *, const cJSON *object, const char *key);
const cJSON *ir_member_object(struct ir_reader *, const cJSON *object, const char *key);
const char *ir_member_text(struct ir_reader *, const cJSON *object, const char *key);
bool	ir_member_bool(struct ir_reader *, const cJSON *object, const char *key, bool *out);
bool	ir_member_uint(struct ir_reader *, const cJSON *object, const char *key, uint32_t *out);
/* The text that a value is; `key' is for the message. */
const char *ir_member_text_of(struct ir_reader *, const cJSON *value, const char *key);

/* It is an object, and has no members but these: a reader must not pass over a rule. */
bool	ir_member_only(struct ir_reader *, const cJSON *object, const char *const *keys, size_t n);
#define ONLY(r, o, ...)	ir_member_only((r), (o), (const char *const[]){ __VA_ARGS__ },	\
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

#endif
