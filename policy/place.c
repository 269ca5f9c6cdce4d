/* SPDX-License-Identifier: Apache-2.0 */
/* place.c - anchors and accesses in the IR's spelling */
#include <config.h>

#include "place.h"

#include <string.h>

static const char *const anchor_names[] = {
	[ANCHOR_ABS] = "abs",
	[ANCHOR_HOME] = "home",
	[ANCHOR_WORKSPACE] = "workspace",
	[ANCHOR_TMPDIR] = "tmpdir",
	[ANCHOR_SLASH_TMP] = "slash_tmp",
	[ANCHOR_MINIMAL] = "minimal",
	[ANCHOR_WINDOWS] = "windows",
};

static const char *const access_names[] = {
	[ACCESS_DENY] = "deny",
	[ACCESS_READ] = "read",
	[ACCESS_WRITE] = "write",
};

const char *
anchor_name(enum anchor anchor)
{
	return anchor_names[anchor];
}

bool
anchor_from_name(const char *name, enum anchor *out)
{
	for (size_t i = 0; i < NELEMS(anchor_names); i++)
		if (strcmp(name, anchor_names[i]) == 0) {
			*out = (enum anchor)i;
			return true;
		}
	return false;
}

const char *
access_name(enum access access)
{
	return access_names[access];
}

bool
access_from_name(const char *name, enum access *out)
{
	for (size_t i = 0; i < NELEMS(access_names); i++)
		if (strcmp(name, access_names[i]) == 0) {
			*out = (enum access)i;
			return true;
		}
	return false;
}
