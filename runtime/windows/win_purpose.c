/* SPDX-License-Identifier: Apache-2.0 */
/* win_purpose.c - the table of entries that there are: masks, inheritance, whom they are for */
#include <config.h>

#include <string.h>

#include "arena.h"
#include "win_plan.h"

enum {
	OICI	= ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT,
	OICIIO	= OICI | ACE_INHERIT_ONLY,
	CI	= ACE_CONTAINER_INHERIT,
};

#define WHO(p)		(1u << (p))
#define CAPABILITIES	(WHO(TO_CAPABILITY) | WHO(TO_READONLY))
#define ELEVATED_ALONE	(1u << 16)
#define DIR_ALONE	(1u << 17)
#define FILE_ALONE	(1u << 18)

/*
 * A deny for the user never holds more than the two rights to delete: it would
 * confine every program of that user.  FILE_DELETE_CHILD (0x40) is in no allow.
 */
static const struct row {
	uint8_t		 type, flags;
	uint32_t	 mask;
	unsigned	 who;		/* WHO() of principals; the first pass counts by the backend */
} table[PLAN_PURPOSES] = {
	[FOR_CARVE_OUT] = { ACE_DENY, OICI, 0xd0156, CAPABILITIES | WHO(TO_GROUP) },
	[FOR_CARVE_OUT_HOLDS] = { ACE_DENY, CI, 0x40, WHO(TO_USER) | WHO(TO_GROUP) | DIR_ALONE },
	[FOR_DENIED] = { ACE_DENY, OICI, 0xd01ff, CAPABILITIES | WHO(TO_GROUP) | ELEVATED_ALONE },
	[FOR_DENIED_BELOW] = { ACE_DENY, OICIIO, 0xd01ff,
	    CAPABILITIES | WHO(TO_GROUP) | ELEVATED_ALONE | DIR_ALONE },
	[FOR_HOLDS_PINNED] = { ACE_DENY, 0, 0x40, WHO(TO_USER) | WHO(TO_GROUP) | DIR_ALONE },
	[FOR_OWNER] = { ACE_ALLOW, OICI, 0x20000, WHO(TO_OWNER_RIGHTS) | ELEVATED_ALONE },
	[FOR_PINNED] = { ACE_DENY, 0, 0x10000, CAPABILITIES | WHO(TO_USER) | WHO(TO_GROUP) },
	[FOR_READ] = { ACE_ALLOW, OICI, 0x1200a9, WHO(TO_GROUP) | ELEVATED_ALONE },
	[FOR_READ_PROFILE] = { ACE_ALLOW, OICI, 0x1200a9, WHO(TO_GROUP) | ELEVATED_ALONE },
	[FOR_WRITE] = { ACE_ALLOW, OICI, 0x1201bf, WHO(TO_CAPABILITY) | WHO(TO_GROUP) | DIR_ALONE },
	[FOR_WRITE_DELETE] = { ACE_ALLOW, OICIIO, 0x10000,
	    WHO(TO_CAPABILITY) | WHO(TO_GROUP) | DIR_ALONE },
	[FOR_WRITE_FILE] = { ACE_ALLOW, 0, 0x1201bf, WHO(TO_CAPABILITY) | WHO(TO_GROUP) | FILE_ALONE },
};

const char *const plan_purpose_words[PLAN_PURPOSES] = {
	"carve-out", "carve-out-holds", "denied", "denied-below", "holds-pinned", "owner",
	"pinned", "read", "read-profile", "write", "write-delete", "write-file",
};

const char *
plan_entry_check(const struct plan_entry *e, enum acl_kind kind, bool elevated)
{
	const struct row *row = &table[e->purpose];
	uint8_t flags = kind == ACL_DIR ? row->flags : 0;

	if ((row->who & ELEVATED_ALONE) != 0 && !elevated)
		return "is for elevated plans alone";
	if ((row->who & (kind == ACL_DIR ? FILE_ALONE : DIR_ALONE)) != 0)
		return kind == ACL_DIR ? "is for files alone" : "is for directories alone";
	if (e->type != row->type)
		return "allows where this purpose denies, or the reverse";
	if (e->mask != row->mask)
		return "has another mask than this purpose has";
	if (e->flags != flags)
		return "is inherited otherwise than for this purpose";
	if ((row->who & WHO(e->to.who)) == 0)
		return "is for somebody whom this purpose is not for";
	if (e->to.who == (elevated ? TO_USER : TO_GROUP))
		return elevated ? "is for the user, in an elevated plan" : "is for the group, in an unelevated plan";
	return NULL;
}

static const char *const who_words[PLAN_PRINCIPALS] = {
	"capability:", "readonly", "user", "group", "sandbox-user",
	"owner-rights", "logon", "everyone", "users", "authenticated-users",
};

const char *
plan_to_read(const char *s, struct plan_to *out)
{
	for (unsigned i = 1; i < PLAN_PRINCIPALS; i++)
		if (strcmp(s, who_words[i]) == 0) {
			*out = (struct plan_to){ i, 0 };
			return NULL;
		}
	size_t n = strlen(who_words[TO_CAPABILITY]), digits = strspn(s + (strlen(s) < n ? strlen(s) : n), "0123456789");
	if (strncmp(s, who_words[TO_CAPABILITY], n) != 0 || digits == 0 || digits > 6 || s[n + digits] != '\0' ||
	    (digits > 1 && s[n] == '0'))
		return "names nobody whom an entry can be for";
	*out = (struct plan_to){ TO_CAPABILITY, 0 };
	for (const char *p = s + n; *p != '\0'; p++)
		out->root = out->root * 10 + (uint32_t)(*p - '0');
	return NULL;
}

const char *
plan_to_text(struct arena *a, const struct plan_to *to)
{
	if (to->who == TO_CAPABILITY)
		return arena_printf(a, "capability:%lu", (unsigned long)to->root);
	return who_words[to->who];
}
