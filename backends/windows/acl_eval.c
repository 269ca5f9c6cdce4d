/* SPDX-License-Identifier: Apache-2.0 */
/* acl_eval.c - the access check, bit by bit, and inheritance */
#include <config.h>

#include "acl_eval.h"

enum {
	GENERIC_READ = 0x120089, GENERIC_WRITE = 0x120116, GENERIC_EXECUTE = 0x1200a0,
	STANDARD_WRITE = ACL_DELETE | ACL_WRITE_DAC | ACL_WRITE_OWNER,
	ONLY_WRITES = GENERIC_WRITE & ~(GENERIC_READ | GENERIC_EXECUTE),
};

uint32_t
acl_map_generic(uint32_t mask)
{
	static const struct { uint32_t bit, means; } generic[] = {
		{ 0x80000000, GENERIC_READ }, { 0x40000000, GENERIC_WRITE },
		{ 0x20000000, GENERIC_EXECUTE }, { 0x10000000, ACL_ALL },
	};

	for (size_t i = 0; i < NELEMS(generic); i++)
		if ((mask & generic[i].bit) != 0)
			mask = (mask & ~generic[i].bit) | generic[i].means;
	return mask;
}

static unsigned
role_of(const struct acl_token *t, uint32_t who)
{
	return who < t->n ? t->role[who] : 0;
}

/*
 * One walk: the principals with a bit of `allow' are allowed by entries, those
 * with one of `deny' are denied.  Of each right the first entry that speaks of
 * it decides.
 */
static uint32_t
pass(const struct acl_ace *v, size_t n, uint32_t owner, const struct acl_token *t,
    unsigned allow, unsigned deny)
{
	uint32_t granted = 0, denied = 0;
	bool owner_named = false;

	for (size_t i = 0; i < n && !owner_named; i++)
		owner_named = v[i].who == ACL_OWNER_RIGHTS && (v[i].flags & ACL_IO) == 0;
	/* Whoever owns an object may change who else has what of it, unless it says what an owner may. */
	if ((role_of(t, owner) & allow) != 0 && !owner_named)
		granted = ACL_READ_CONTROL | ACL_WRITE_DAC;
	for (size_t i = 0; i < n; i++) {
		const struct acl_ace *e = &v[i];
		if ((e->flags & ACL_IO) != 0)
			continue;
		unsigned role = role_of(t, e->who == ACL_OWNER_RIGHTS ? owner : e->who);
		uint32_t mask = acl_map_generic(e->mask);
		if (e->deny && (role & deny) != 0)
			denied |= mask & ~granted;
		else if (!e->deny && (role & allow) != 0)
			granted |= mask & ~denied;
	}
	return granted;
}

/* The rights that need not be put to the restricting SIDs. */
static uint32_t
once_only(enum acl_reading reading)
{
	switch (reading) {
	case ACL_STRICT:
		return GENERIC_READ | GENERIC_EXECUTE;
	case ACL_MEASURED:
		return ~(uint32_t)(ONLY_WRITES | STANDARD_WRITE);
	case ACL_LENIENT:
		break;
	}
	return ~(uint32_t)ONLY_WRITES;
}

uint32_t
acl_granted(const struct acl_ace *v, size_t n, uint32_t owner, const struct acl_token *t,
    enum acl_reading reading)
{
	if (v == NULL)
		return UINT32_MAX;
	uint32_t first = pass(v, n, owner, t, ACL_ENABLED, ACL_ENABLED | ACL_DENY_ONLY);
	if (!t->restricted)
		return first;
	uint32_t second = pass(v, n, owner, t, ACL_RESTRICTING, ACL_RESTRICTING);
	return first & (second | (t->write_restricted ? once_only(reading) : 0));
}

size_t
acl_inherit(const struct acl_ace *v, size_t n, bool directory, struct acl_ace *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		const struct acl_ace *e = &v[i];
		unsigned flags;
		if (!directory && (e->flags & ACL_OI) != 0)
			flags = ACL_ID;
		else if (directory && (e->flags & ACL_CI) != 0)
			flags = ACL_ID | ((e->flags & ACL_NP) != 0 ? 0u : e->flags & (ACL_OI | ACL_CI));
		else if (directory && (e->flags & (ACL_OI | ACL_NP)) == ACL_OI)
			flags = ACL_OI | ACL_IO | ACL_ID;
		else
			continue;
		out[k] = *e;
		out[k++].flags = (uint8_t)flags;
	}
	return k;
}

void
acl_canonical(const struct acl_ace *v, size_t n, struct acl_ace *out)
{
	size_t k = 0;

	for (int turn = 0; turn < 3; turn++)
		for (size_t i = 0; i < n; i++) {
			bool inherited = (v[i].flags & ACL_ID) != 0;
			if (turn == 2 ? inherited : !inherited && v[i].deny == (turn == 0))
				out[k++] = v[i];
		}
}
