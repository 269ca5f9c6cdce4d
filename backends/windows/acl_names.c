/* SPDX-License-Identifier: Apache-2.0 */
/* acl_names.c - the words of a plan */
#include <config.h>

#include "acl_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl_eval.h"
#include "arena.h"
#include "path.h"
#include "path_windows.h"

const char acl_unelevated[] = "windows-unelevated", acl_elevated[] = "windows-elevated";

const char acl_above[] = "\\..";

static const char capability[] = "capability:";

/* Spec 3.4, the table.  A grant never has DELETE_CHILD. */
static const struct acl_purpose_row purposes[ACL_PURPOSES] = {
	[ACL_CARVE_OUT] = { "carve-out", "0xD0156", 0xd0156, "OICI", ACL_OI | ACL_CI, true },
	[ACL_CARVE_OUT_HOLDS] = { "carve-out-holds", "0x40", 0x40, "CI", ACL_CI, true },
	[ACL_DENIED] = { "denied", "0xD01FF", 0xd01ff, "OICI", ACL_OI | ACL_CI, true },
	[ACL_DENIED_BELOW] = { "denied-below", "0xD01FF", 0xd01ff, "OICIIO",
	    ACL_OI | ACL_CI | ACL_IO, true },
	[ACL_HOLDS_PINNED] = { "holds-pinned", "0x40", 0x40, "", 0, true },
	[ACL_OWNER] = { "owner", "0x20000", 0x20000, "OICI", ACL_OI | ACL_CI, false },
	[ACL_PINNED] = { "pinned", "0x10000", 0x10000, "", 0, true },
	[ACL_READ] = { "read", "0x1200A9", 0x1200a9, "OICI", ACL_OI | ACL_CI, false },
	[ACL_READ_PROFILE] = { "read-profile", "0x1200A9", 0x1200a9, "OICI", ACL_OI | ACL_CI,
	    false },
	[ACL_WRITE] = { "write", "0x1201BF", 0x1201bf, "OICI", ACL_OI | ACL_CI, false },
	[ACL_WRITE_DELETE] = { "write-delete", "0x10000", 0x10000, "OICIIO",
	    ACL_OI | ACL_CI | ACL_IO, false },
	[ACL_WRITE_FILE] = { "write-file", "0x1201BF", 0x1201bf, "", 0, false },
};

static const char *const principals[ACL_TO_CAPABILITY] = {
	[ACL_TO_OWNER] = "owner-rights", [ACL_TO_USER] = "user", [ACL_TO_GROUP] = "group",
	[ACL_TO_SANDBOX_USER] = "sandbox-user", [ACL_TO_LOGON] = "logon",
	[ACL_TO_EVERYONE] = "everyone", [ACL_TO_USERS] = "users",
	[ACL_TO_AUTHENTICATED] = "authenticated-users", [ACL_TO_READONLY] = "readonly",
};

const struct acl_purpose_row *
acl_purpose_row(enum acl_purpose purpose)
{
	return &purposes[purpose];
}

bool
acl_is_about_reading(enum acl_purpose purpose, bool all)
{
	return purpose == ACL_READ || purpose == ACL_READ_PROFILE || purpose == ACL_DENIED ||
	    purpose == ACL_DENIED_BELOW || (!all && (purpose == ACL_WRITE || purpose == ACL_WRITE_FILE));
}

enum acl_purpose
acl_purpose_find(const char *name)
{
	enum acl_purpose p = 0;

	while (p < ACL_PURPOSES && strcmp(purposes[p].name, name) != 0)
		p++;
	return p;
}

const char *
acl_principal_name(struct arena *a, uint32_t who)
{
	return who < ACL_TO_CAPABILITY ? principals[who] :
	    arena_printf(a, "%s%u", capability, (unsigned)(who - ACL_TO_CAPABILITY));
}

uint32_t
acl_principal_find(const char *name)
{
	size_t n = sizeof(capability) - 1;

	for (uint32_t i = 0; i < ACL_TO_CAPABILITY; i++)
		if (strcmp(principals[i], name) == 0)
			return i;
	if (strncmp(name, capability, n) != 0)
		return UINT32_MAX;
	const char *digits = name + n;
	size_t len = strspn(digits, "0123456789");
	if (len == 0 || len > 6 || digits[len] != '\0' || (digits[0] == '0' && len > 1))
		return UINT32_MAX;
	return ACL_TO_CAPABILITY + (uint32_t)strtoul(digits, NULL, 10);
}

const char *
acl_path_text(struct arena *a, const char *path)
{
	size_t first = strcspn(path + 1, "/");
	bool drive = first == 2 && path[2] == ':', anchor = path[1] == '@';
	char *out = arena_printf(a, "%s%s%s", drive || anchor ? "" : path[1] == '\0' ? "\\" : "\\\\",
	    path + 1, drive && path[3] == '\0' ? "\\" : "");

	for (char *p = out; *p != '\0'; p++)
		if (*p == '/')
			*p = '\\';
	return out;
}

const char *
acl_path_parse(struct arena *a, const char *text)
{
	const char *why, *normal;

	if (text[0] == '@') {
		const char *up = strchr(text, '\\');
		if (up != NULL && strcmp(up, acl_above) == 0)
			return "/";
		char *out = arena_printf(a, "/%s", text);
		if (strchr(text, '/') != NULL)
			return NULL;
		for (char *p = out; *p != '\0'; p++)
			if (*p == '\\')
				*p = '/';
		return path_is_normal(out) ? out : NULL;
	}
	normal = path_windows_normal(a, text, &why);
	if (normal == NULL || strcmp(normal, text) != 0)
		return NULL;
	normal = path_windows_as_posix(a, normal);
	return path_normal(a, normal, &why);
}
