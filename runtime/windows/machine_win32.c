/* SPDX-License-Identifier: Apache-2.0 */
/* machine_win32.c - local accounts, their rights and passwords */
#include <config.h>

#include "machine_win32.h"

#include <string.h>

#include <windows.h>
#include <lm.h>
#include <ntsecapi.h>
#include <sddl.h>
#include <wincred.h>
#include <wtsapi32.h>

#include "arena.h"
#include "json.h"
#include "sid.h"
#include "system.h"
#include "win32.h"

static const wchar_t hidden_key[] =
    L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\SpecialAccounts\\UserList";
static const char before_sid[] = "O:LSD:(A;;CC;;;", after_sid[] = ")";

struct this_computer {
	struct machine_store	 store;		/* first */
	struct arena		*a;
};

static struct arena *
arena_of(struct machine_store *s)
{
	return ((struct this_computer *)(void *)s)->a;
}

static int
by_error(struct machine_store *s, DWORD error)
{
	if (error == ERROR_SUCCESS)
		return 0;
	s->why = win32_error_text(arena_of(s), error);
	return -1;
}

/* ---- security identifiers ---- */

char *
machine_sddl(struct arena *a, const char *sid)
{
	return arena_printf(a, "%s%s%s", before_sid, sid, after_sid);
}

const char *
machine_sddl_sid(struct arena *a, const char *sddl)
{
	size_t before = strlen(before_sid), len = strlen(sddl);
	struct sid sid;

	if (strncmp(sddl, before_sid, before) != 0 || len <= before + 1 || strcmp(sddl + len - 1, after_sid) != 0 ||
	    sid_parse(sddl + before, len - before - 1, &sid) != NULL)
		return sddl;
	return arena_strndup(a, sddl + before, len - before - 1);
}

/* Of a local account; false: there is none of this name, or it is of another kind. */
static bool
account_sid(struct arena *a, const char *name, SID_NAME_USE kind, BYTE bytes[SID_BYTES_MAX], const char **text)
{
	wchar_t computer[MAX_COMPUTERNAME_LENGTH + 1], domain[256];
	DWORD n = NELEMS(computer), size = SID_BYTES_MAX, len = NELEMS(domain);
	char buffer[SID_TEXT_MAX];
	struct sid sid;
	SID_NAME_USE use;

	if (!GetComputerNameW(computer, &n))
		return false;
	wchar_t *full = win32_wide(a, arena_printf(a, "%s\\%s", win32_utf8(a, computer), name));
	if (!LookupAccountNameW(NULL, full, bytes, &size, domain, &len, &use) || use != kind ||
	    sid_read(bytes, GetLengthSid(bytes), &sid) == 0)
		return false;
	if (text != NULL)
		*text = arena_strdup(a, sid_text(&sid, buffer));
	return true;
}

/* ---- accounts ---- */

static void
put_wide(struct arena *a, cJSON *o, const char *key, const wchar_t *text)
{
	const char *utf8 = text == NULL ? NULL : win32_utf8(a, text);

	json_put_text(o, key, utf8 == NULL ? "" : utf8);
}

static int
look_group(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	BYTE bytes[SID_BYTES_MAX];
	const char *sid = NULL;
	BYTE *info = NULL;

	NET_API_STATUS error = NetLocalGroupGetInfo(NULL, win32_wide(a, p->name), 1, &info);
	if (error == NERR_GroupNotFound || error == ERROR_NO_SUCH_ALIAS)
		return 0;
	if (by_error(s, error) != 0)
		return -1;
	*found = json_new_object();
	put_wide(a, *found, "comment", ((const LOCALGROUP_INFO_1 *)(const void *)info)->lgrpi1_comment);
	NetApiBufferFree(info);
	if (account_sid(a, p->name, SidTypeAlias, bytes, &sid))
		json_put_text(*found, "sid", sid);
	return 0;
}

/* Which of the members of a local group has this SID; -1 where they cannot be listed. */
static int
is_member(struct machine_store *s, const wchar_t *group, const BYTE *sid, bool *is)
{
	DWORD read = 0, total = 0;
	DWORD_PTR resume = 0;
	NET_API_STATUS error = ERROR_MORE_DATA;

	for (*is = false; error == ERROR_MORE_DATA;) {
		BYTE *v = NULL;
		error = NetLocalGroupGetMembers(NULL, group, 0, &v, MAX_PREFERRED_LENGTH, &read, &total, &resume);
		if (error != ERROR_SUCCESS && error != ERROR_MORE_DATA)
			return by_error(s, error);
		for (DWORD i = 0; i < read; i++)
			*is = *is || EqualSid(((LOCALGROUP_MEMBERS_INFO_0 *)(void *)v)[i].lgrmi0_sid, (PSID)(uintptr_t)sid);
		NetApiBufferFree(v);
	}
	return 0;
}

/* By its SID, since it is called differently in other languages. */
static int
is_administrator(struct machine_store *s, struct arena *a, const BYTE *user, bool *is)
{
	BYTE bytes[SID_BYTES_MAX];
	wchar_t name[256], domain[256];
	DWORD n = NELEMS(name), len = NELEMS(domain);
	SID_NAME_USE use;

	(void)a;
	sid_write(&sid_administrators, bytes);
	if (!LookupAccountSidW(NULL, bytes, name, &n, domain, &len, &use))
		return by_error(s, GetLastError());
	return is_member(s, name, user, is);
}

static int
look_user(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	BYTE bytes[SID_BYTES_MAX];
	const char *sid = NULL;
	bool administrator = true;
	BYTE *info = NULL;

	NET_API_STATUS error = NetUserGetInfo(NULL, win32_wide(a, p->name), 1, &info);
	if (error == NERR_UserNotFound)
		return 0;
	if (by_error(s, error) != 0)
		return -1;
	const USER_INFO_1 *u = (const USER_INFO_1 *)(const void *)info;
	*found = json_new_object();
	put_wide(a, *found, "comment", u->usri1_comment);
	json_put_bool(*found, "disabled", (u->usri1_flags & (UF_ACCOUNTDISABLE | UF_LOCKOUT)) != 0);
	NetApiBufferFree(info);
	/* A name that means another kind of account has no SID here, and no rule is as it has to be. */
	if (account_sid(a, p->name, SidTypeUser, bytes, &sid)) {
		json_put_text(*found, "sid", sid);
		if (is_administrator(s, a, bytes, &administrator) != 0)
			return -1;
	}
	json_put_bool(*found, "administrator", administrator);
	return 0;
}

static wchar_t *
comment_of(struct arena *a, const struct machine_part *p, const char *tag)
{
	return win32_wide(a, arena_printf(a, "%s [%s]", p->comment, tag));
}

static int
make_group(struct machine_store *s, struct arena *a, const struct machine_part *p, const char *tag)
{
	LOCALGROUP_INFO_1 g = { win32_wide(a, p->name), comment_of(a, p, tag) };

	return by_error(s, NetLocalGroupAdd(NULL, 1, (BYTE *)&g, NULL));
}

static int
make_user(struct machine_store *s, struct arena *a, const struct machine_part *p, const char *tag, const char *secret)
{
	wchar_t *password = win32_wide(a, secret);
	USER_INFO_1 u = {
		.usri1_name = win32_wide(a, p->name), .usri1_password = password, .usri1_priv = USER_PRIV_USER,
		.usri1_comment = comment_of(a, p, tag),
		.usri1_flags = UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD | UF_PASSWD_CANT_CHANGE,
	};

	NET_API_STATUS error = NetUserAdd(NULL, 1, (BYTE *)&u, NULL);
	SecureZeroMemory(password, wcslen(password) * sizeof(*password));
	return by_error(s, error);
}

/* ---- what accounts have ---- */

static int
open_policy(struct machine_store *s, ACCESS_MASK access, LSA_HANDLE *h)
{
	LSA_OBJECT_ATTRIBUTES o = { .Length = sizeof(o) };

	return by_error(s, LsaNtStatusToWinError(LsaOpenPolicy(NULL, &o, access, h)));
}

/* What is not known of it is not known to ordinary users. */
static int
look_right(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	BYTE bytes[SID_BYTES_MAX];
	LSA_UNICODE_STRING *v = NULL;
	LSA_HANDLE h;
	ULONG n = 0;

	if (!account_sid(a, p->group, SidTypeAlias, bytes, NULL))
		return 0;
	int rc = open_policy(s, POLICY_LOOKUP_NAMES | POLICY_VIEW_LOCAL_INFORMATION, &h);
	DWORD error = rc != 0 ? ERROR_ACCESS_DENIED : LsaNtStatusToWinError(LsaEnumerateAccountRights(h, bytes, &v, &n));
	if (rc == 0)
		LsaClose(h);
	/* It has none at all. */
	if (error == ERROR_FILE_NOT_FOUND)
		return 0;
	if (error != ERROR_SUCCESS) {
		*found = json_new_object();
		json_put_text(*found, "unknown", win32_error_text(a, error));
		return 0;
	}
	const wchar_t *name = win32_wide(a, p->name);
	for (ULONG i = 0; i < n; i++)
		if (*found == NULL && v[i].Length == wcslen(name) * sizeof(*name) &&
		    memcmp(v[i].Buffer, name, v[i].Length) == 0)
			*found = json_new_object();
	LsaFreeMemory(v);
	return 0;
}

static int
set_right(struct machine_store *s, struct arena *a, const struct machine_part *p, bool give)
{
	BYTE bytes[SID_BYTES_MAX];
	wchar_t *name = win32_wide(a, p->name);
	USHORT size = (USHORT)(wcslen(name) * sizeof(*name));
	LSA_UNICODE_STRING right = { size, (USHORT)(size + sizeof(*name)), name };
	LSA_HANDLE h;

	if (!account_sid(a, p->group, SidTypeAlias, bytes, NULL))
		return by_error(s, ERROR_NO_SUCH_ALIAS);
	if (open_policy(s, POLICY_LOOKUP_NAMES | POLICY_CREATE_ACCOUNT, &h) != 0)
		return -1;
	NTSTATUS status = give ? LsaAddAccountRights(h, bytes, &right, 1) : LsaRemoveAccountRights(h, bytes, FALSE, &right, 1);
	LsaClose(h);
	return by_error(s, LsaNtStatusToWinError(status));
}

static int
look_member(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	BYTE user[SID_BYTES_MAX], group[SID_BYTES_MAX];
	bool is = false;

	if (!account_sid(a, p->name, SidTypeUser, user, NULL) || !account_sid(a, p->group, SidTypeAlias, group, NULL))
		return 0;
	if (is_member(s, win32_wide(a, p->group), user, &is) != 0)
		return -1;
	*found = is ? json_new_object() : NULL;
	return 0;
}

static int
set_member(struct machine_store *s, struct arena *a, const struct machine_part *p, bool in)
{
	BYTE user[SID_BYTES_MAX];
	LOCALGROUP_MEMBERS_INFO_0 m = { user };
	wchar_t *group = win32_wide(a, p->group);

	if (!account_sid(a, p->name, SidTypeUser, user, NULL))
		return by_error(s, ERROR_NO_SUCH_USER);
	return by_error(s, in ? NetLocalGroupAddMembers(NULL, group, 0, (BYTE *)&m, 1) :
	    NetLocalGroupDelMembers(NULL, group, 0, (BYTE *)&m, 1));
}

static int
look_hidden(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	DWORD value = 1, size = sizeof(value);
	const wchar_t *name = win32_wide(a, p->name);
	LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, hidden_key, name, RRF_RT_REG_DWORD, NULL, &value, &size);

	if (error != ERROR_SUCCESS && error != ERROR_FILE_NOT_FOUND)
		return by_error(s, (DWORD)error);
	*found = error == ERROR_SUCCESS && value == 0 ? json_new_object() : NULL;
	return 0;
}

static int
set_hidden(struct machine_store *s, struct arena *a, const struct machine_part *p, bool hide)
{
	DWORD zero = 0;
	const wchar_t *name = win32_wide(a, p->name);

	LSTATUS error = hide ?
	    RegSetKeyValueW(HKEY_LOCAL_MACHINE, hidden_key, name, REG_DWORD, &zero, sizeof(zero)) :
	    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, hidden_key, name);
	return by_error(s, (DWORD)error);
}

/* ---- passwords ---- */

static int
look_password(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	CREDENTIALW *c;

	if (CredReadW(win32_wide(a, p->name), CRED_TYPE_GENERIC, 0, &c)) {
		SecureZeroMemory(c->CredentialBlob, c->CredentialBlobSize);
		CredFree(c);
		*found = json_new_object();
		return 0;
	}
	DWORD error = GetLastError();
	/* Of those who have signed in over the network there are none at all. */
	return error == ERROR_NOT_FOUND || error == ERROR_NO_SUCH_LOGON_SESSION ? 0 : by_error(s, error);
}

/* As cmdkey /generic:NAME /user:NAME /pass keeps it. */
static int
make_password(struct machine_store *s, struct arena *a, const struct machine_part *p, const char *secret)
{
	wchar_t *password = win32_wide(a, secret), *name = win32_wide(a, p->name);
	USER_INFO_1003 u = { password };
	CREDENTIALW c = {
		.Type = CRED_TYPE_GENERIC, .TargetName = name, .UserName = name, .CredentialBlob = (BYTE *)password,
		.CredentialBlobSize = (DWORD)(wcslen(password) * sizeof(*password)), .Persist = CRED_PERSIST_LOCAL_MACHINE,
	};

	DWORD error = NetUserSetInfo(NULL, name, 1003, (BYTE *)&u, NULL);
	if (error == ERROR_SUCCESS && !CredWriteW(&c, 0))
		error = GetLastError();
	SecureZeroMemory(password, wcslen(password) * sizeof(*password));
	return by_error(s, error);
}

/* ---- the operations ---- */

static int
facts(struct machine_store *s, struct arena *a, struct machine_facts *out)
{
	BYTE bytes[SID_BYTES_MAX];
	BOOL is = FALSE;

	sid_write(&sid_administrators, bytes);
	out->administrator = CheckTokenMembership(NULL, bytes, &is) && is;
	return firewall_state(a, &out->firewall, &s->why);
}

static int
look(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	*found = NULL;
	switch (p->kind) {
	case MACHINE_GROUP:	return look_group(s, a, p, found);
	case MACHINE_RIGHT:	return look_right(s, a, p, found);
	case MACHINE_USER:	return look_user(s, a, p, found);
	case MACHINE_MEMBER:	return look_member(s, a, p, found);
	case MACHINE_HIDDEN:	return look_hidden(s, a, p, found);
	case MACHINE_RULE:	return firewall_look(a, p->name, found, &s->why);
	case MACHINE_FILTERS:	return filters_look(a, found, &s->why);
	case MACHINE_PASSWORD:	return look_password(s, a, p, found);
	}
	return -1;
}

static int
make(struct machine_store *s, const struct machine_part *p, const cJSON *want, const char *tag, const char *secret)
{
	struct arena *a = arena_of(s);

	switch (p->kind) {
	case MACHINE_GROUP:	return make_group(s, a, p, tag);
	case MACHINE_RIGHT:	return set_right(s, a, p, true);
	case MACHINE_USER:	return make_user(s, a, p, tag, secret);
	case MACHINE_MEMBER:	return set_member(s, a, p, true);
	case MACHINE_HIDDEN:	return set_hidden(s, a, p, true);
	case MACHINE_RULE:	return firewall_make(a, p->name, want, tag, &s->why);
	case MACHINE_FILTERS:	return filters_make(a, want, &s->why);
	case MACHINE_PASSWORD:	return make_password(s, a, p, secret);
	}
	return -1;
}

static int
unmake(struct machine_store *s, const struct machine_part *p)
{
	struct arena *a = arena_of(s);
	wchar_t *name = win32_wide(a, p->name);

	switch (p->kind) {
	case MACHINE_GROUP:	return by_error(s, NetLocalGroupDel(NULL, name));
	case MACHINE_RIGHT:	return set_right(s, a, p, false);
	case MACHINE_USER:	return by_error(s, NetUserDel(NULL, name));
	case MACHINE_MEMBER:	return set_member(s, a, p, false);
	case MACHINE_HIDDEN:	return set_hidden(s, a, p, false);
	case MACHINE_RULE:	return firewall_unmake(a, p->name, &s->why);
	case MACHINE_FILTERS:	return filters_unmake(a, &s->why);
	case MACHINE_PASSWORD:
		return CredDeleteW(name, CRED_TYPE_GENERIC, 0) ? 0 : by_error(s, GetLastError());
	}
	return -1;
}

static int
running(struct machine_store *s, const char *sid, uint64_t *pid)
{
	WTS_PROCESS_INFOW *v = NULL;
	BYTE bytes[SID_BYTES_MAX];
	struct sid user;
	DWORD n = 0;

	*pid = 0;
	if (sid_parse(sid, strlen(sid), &user) != NULL)
		return by_error(s, ERROR_INVALID_SID);
	sid_write(&user, bytes);
	if (!WTSEnumerateProcessesW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &v, &n))
		return by_error(s, GetLastError());
	for (DWORD i = 0; i < n && *pid == 0; i++)
		if (v[i].pUserSid != NULL && EqualSid(v[i].pUserSid, bytes))
			*pid = v[i].ProcessId;
	WTSFreeMemory(v);
	return 0;
}

static int
random_bytes(struct machine_store *s, void *p, size_t n)
{
	s->why = "the system gives none";
	return system_random(p, n);
}

static const struct machine_store_ops ops = {
	.facts = facts,
	.look = look,
	.make = make,
	.unmake = unmake,
	.running = running,
	.random = random_bytes,
};

struct machine_store *
machine_win32(struct arena *a)
{
	struct this_computer *c = arena_alloc(a, sizeof(*c));

	/* An administrator may have us where others write: what is loaded from here on is the system's. */
	SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
	*c = (struct this_computer){ .store = { .ops = &ops }, .a = a };
	return &c->store;
}
