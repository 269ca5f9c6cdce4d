/* SPDX-License-Identifier: Apache-2.0 */
/* ace_list.c - access control lists: canonical order, exact changes, inheritance, text */
#include <config.h>

#include "ace_list.h"

#include <string.h>

#include "arena.h"
#include "json.h"

static const struct sid creator_owner = { .authority = 3, .n = 1, .sub = { 0 } };
static const struct sid creator_group = { .authority = 3, .n = 1, .sub = { 1 } };

bool
ace_equal(const struct ace *x, const struct ace *y)
{
	if (x->type != y->type || x->flags != y->flags || (x->raw == NULL) != (y->raw == NULL))
		return false;
	/* The header of `raw' holds type, flags and size once more: the flags there are not looked at. */
	if (x->raw != NULL)
		return x->raw_len == y->raw_len && memcmp(x->raw + 4, y->raw + 4, x->raw_len - 4u) == 0;
	return x->mask == y->mask && sid_equal(&x->sid, &y->sid);
}

bool
ace_lists_equal(const struct ace_list *x, const struct ace_list *y)
{
	if (x->len != y->len)
		return false;
	for (size_t i = 0; i < x->len; i++)
		if (!ace_equal(&x->v[i], &y->v[i]))
			return false;
	return true;
}

void
ace_add(struct arena *a, struct ace_list *list, struct ace ace)
{
	VEC_PUSH(a, list, ace);
}

/* Plain, object, callback and callback object entries that deny. */
bool
ace_is_deny(const struct ace *ace)
{
	return ace->type == ACE_DENY || ace->type == 0x06 || ace->type == 0x0a || ace->type == 0x0c;
}

/* 0, 1, 2 in canonical order. */
static int
rank(const struct ace *ace)
{
	if ((ace->flags & ACE_INHERITED) != 0)
		return 2;
	return ace_is_deny(ace) ? 0 : 1;
}

bool
ace_list_is_canonical(const struct ace_list *list)
{
	for (size_t i = 1; i < list->len; i++)
		if (rank(&list->v[i]) < rank(&list->v[i - 1]))
			return false;
	return true;
}

size_t
ace_list_count(const struct ace_list *list, const struct ace *ace)
{
	size_t n = 0;

	for (size_t i = 0; i < list->len; i++)
		n += ace_equal(&list->v[i], ace);
	return n;
}

struct ace_list
ace_list_with(struct arena *a, const struct ace_list *list, const struct ace *ace)
{
	struct ace_list out = { NULL, 0, 0 };
	size_t i = 0;

	for (; i < list->len && rank(&list->v[i]) <= rank(ace); i++)
		ace_add(a, &out, list->v[i]);
	ace_add(a, &out, *ace);
	for (; i < list->len; i++)
		ace_add(a, &out, list->v[i]);
	return out;
}

struct ace_list
ace_list_without(struct arena *a, const struct ace_list *list, const struct ace *ace, bool *found)
{
	struct ace_list out = { NULL, 0, 0 };
	size_t gone = list->len;

	for (size_t i = 0; i < list->len; i++)
		if (ace_equal(&list->v[i], ace))
			gone = i;
	for (size_t i = 0; i < list->len; i++)
		if (i != gone)
			ace_add(a, &out, list->v[i]);
	*found = gone < list->len;
	return out;
}

uint32_t
ace_without_generic(uint32_t mask)
{
	static const uint32_t map[][2] = {
		{ 0x80000000, 0x120089 }, { 0x40000000, 0x120116 },
		{ 0x20000000, 0x1200a0 }, { 0x10000000, 0x1f01ff },
	};

	for (size_t i = 0; i < NELEMS(map); i++)
		if ((mask & map[i][0]) != 0)
			mask = (mask & ~map[i][0]) | map[i][1];
	return mask;
}

/*
 * An entry that is written for the one who creates, or with generic rights,
 * takes effect in its own words and is handed on in the old ones: two entries.
 */
static void
hand_on(struct arena *a, struct ace_list *out, struct ace ace, bool is_dir, const struct sid *owner)
{
	bool creator = sid_equal(&ace.sid, &creator_owner);
	bool plain = ace.raw != NULL || ((ace.mask >> 28) == 0 && !creator && !sid_equal(&ace.sid, &creator_group));

	if (plain) {
		ace_add(a, out, ace);
		return;
	}
	if ((ace.flags & ACE_INHERIT_ONLY) == 0 && !sid_equal(&ace.sid, &creator_group)) {
		struct ace here = ace;
		here.flags = ACE_INHERITED;
		here.mask = ace_without_generic(ace.mask);
		if (creator)
			here.sid = *owner;
		ace_add(a, out, here);
	}
	if (is_dir && (ace.flags & (ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT)) != 0) {
		ace.flags |= ACE_INHERIT_ONLY;
		ace_add(a, out, ace);
	}
}

struct ace_list
ace_list_inherited(struct arena *a, const struct ace_list *parent, bool is_dir, const struct sid *owner)
{
	struct ace_list out = { NULL, 0, 0 };

	for (size_t i = 0; i < parent->len; i++) {
		struct ace ace = parent->v[i];
		uint8_t on = ace.flags & (ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT);
		bool stop = (ace.flags & ACE_NO_PROPAGATE) != 0;

		if (is_dir && (on & ACE_CONTAINER_INHERIT) != 0)
			ace.flags = (uint8_t)(stop ? ACE_INHERITED : on | ACE_INHERITED);
		else if (is_dir && on != 0 && !stop)
			ace.flags = ACE_OBJECT_INHERIT | ACE_INHERIT_ONLY | ACE_INHERITED;
		else if (!is_dir && (on & ACE_OBJECT_INHERIT) != 0)
			ace.flags = ACE_INHERITED;
		else
			continue;
		hand_on(a, &out, ace, is_dir, owner);
	}
	return out;
}

struct ace_list
ace_list_part(struct arena *a, const struct ace_list *list, bool inherited)
{
	struct ace_list out = { NULL, 0, 0 };

	for (size_t i = 0; i < list->len; i++)
		if (((list->v[i].flags & ACE_INHERITED) != 0) == inherited)
			ace_add(a, &out, list->v[i]);
	return out;
}

/* Unambiguous: every member has a fixed width, or says how long it is. */
void
descriptor_hash(const struct descriptor *d, bool explicit_only, char out[65])
{
	struct sbuf b = SBUF_INIT;
	char sid[SID_TEXT_MAX];

	sbuf_printf(&b, "%s %d %d", sid_text(&d->owner, sid), d->no_dacl, d->is_protected);
	for (size_t i = 0; i < d->dacl.len; i++) {
		const struct ace *e = &d->dacl.v[i];
		if (explicit_only && (e->flags & ACE_INHERITED) != 0)
			continue;
		sbuf_printf(&b, "\n%u %u ", e->type, e->flags);
		if (e->raw == NULL) {
			sbuf_printf(&b, "%lu %s", (unsigned long)e->mask, sid_text(&e->sid, sid));
			continue;
		}
		sbuf_printf(&b, "raw %u ", e->raw_len);
		sbuf_add(&b, e->raw + 4, e->raw_len - 4u);
	}
	sha256_hex(sbuf_str(&b), b.len, out);
	sbuf_free(&b);
}

const char *
ace_text(struct arena *a, const struct ace *ace)
{
	static const char *const words[] = { " OI", " CI", " NP", " IO", " inherited" };
	struct sbuf b = SBUF_INIT;
	char sid[SID_TEXT_MAX];

	if (ace->raw != NULL)
		sbuf_printf(&b, "an entry of type %u, %u bytes", ace->type, ace->raw_len);
	else
		sbuf_printf(&b, "%s 0x%lx", ace->type == ACE_DENY ? "deny" : "allow", (unsigned long)ace->mask);
	for (unsigned i = 0; i < NELEMS(words); i++)
		if ((ace->flags & 1u << i) != 0)
			sbuf_puts(&b, words[i]);
	if (ace->raw == NULL && ace->sid.authority == 0)
		sbuf_puts(&b, " (a SID that is made up when it is applied)");
	else if (ace->raw == NULL)
		sbuf_printf(&b, " %s", sid_text(&ace->sid, sid));
	const char *text = arena_strndup(a, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return text;
}
