/* SPDX-License-Identifier: Apache-2.0 */
/* ace_bytes.c - access control lists as Windows keeps them in memory and on disk */
#include <config.h>

#include <string.h>

#include "ace_list.h"
#include "arena.h"

enum { ACL_HEADER = 8, ACE_HEADER = 4, ACL_BYTES_MAX = 65535 };

static uint32_t
get(const uint8_t *p, unsigned bytes)
{
	uint32_t n = 0;

	for (unsigned i = bytes; i-- > 0; )
		n = n << 8 | p[i];
	return n;
}

static void
put(uint8_t *p, unsigned bytes, uint32_t n)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

/*
 * One entry of exactly `len' bytes, its header included.  A plain one whose
 * SID does not fill it (there may be bytes behind, for whoever put them there)
 * is carried along as it is, like those of other kinds.
 */
static struct ace
entry(struct arena *a, const uint8_t *p, size_t len)
{
	struct ace ace = { .type = p[0], .flags = p[1] };

	if (ace.type <= ACE_DENY && len >= ACE_HEADER + 4 &&
	    sid_read(p + ACE_HEADER + 4, len - ACE_HEADER - 4, &ace.sid) == len - ACE_HEADER - 4) {
		ace.mask = get(p + ACE_HEADER, 4);
		return ace;
	}
	uint8_t *copy = arena_alloc(a, len);
	memcpy(copy, p, len);
	ace.raw = copy;
	ace.raw_len = (uint16_t)len;
	ace.sid = (struct sid){ 0 };
	return ace;
}

const char *
ace_list_read(struct arena *a, const uint8_t *p, size_t n, struct ace_list *out)
{
	struct ace_list list = { NULL, 0, 0 };

	if (n < ACL_HEADER)
		return "is shorter than the header of a list";
	if (p[0] < 2 || p[0] > 4)
		return "has a revision that is not known";
	size_t size = get(p + 2, 2), count = get(p + 4, 2), at = ACL_HEADER;
	if (size > n || size < ACL_HEADER)
		return "says that it is longer than it is, or shorter than its header";
	for (size_t i = 0; i < count; i++) {
		if (size - at < ACE_HEADER)
			return "has fewer entries than it says";
		size_t len = get(p + at + 2, 2);
		if (len < ACE_HEADER || len > size - at || len % 4 != 0)
			return "has an entry with a wrong length";
		ace_add(a, &list, entry(a, p + at, len));
		at += len;
	}
	*out = list;
	return NULL;
}

static size_t
entry_bytes(const struct ace *ace)
{
	return ace->raw != NULL ? ace->raw_len : ACE_HEADER + 4 + 8 + 4 * (size_t)ace->sid.n;
}

uint8_t *
ace_list_write(struct arena *a, const struct ace_list *list, size_t *n)
{
	size_t size = ACL_HEADER;
	/* Object entries need revision 4, conditional ones are well with it. */
	bool plain = true;

	for (size_t i = 0; i < list->len; i++) {
		size += entry_bytes(&list->v[i]);
		if (size > ACL_BYTES_MAX)
			return NULL;
		plain &= list->v[i].raw == NULL;
	}
	uint8_t *out = arena_alloc(a, size), *p = out + ACL_HEADER;
	out[0] = plain ? 2 : 4;
	put(out + 2, 2, (uint32_t)size);
	put(out + 4, 2, (uint32_t)list->len);
	for (size_t i = 0; i < list->len; i++) {
		const struct ace *ace = &list->v[i];
		if (ace->raw != NULL) {
			memcpy(p, ace->raw, ace->raw_len);
		} else {
			put(p + ACE_HEADER, 4, ace->mask);
			sid_write(&ace->sid, p + ACE_HEADER + 4);
			put(p + 2, 2, (uint32_t)entry_bytes(ace));
		}
		p[0] = ace->type;
		p[1] = ace->flags;
		p += entry_bytes(ace);
	}
	*n = size;
	return out;
}
