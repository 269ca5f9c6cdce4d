/* SPDX-License-Identifier: Apache-2.0 */
/* token.c - making a restricted token, and looking whether it is one */
#include <config.h>

#include "token.h"

#include <string.h>

#include "arena.h"
#include "win32.h"

/* Also of newer SDKs; from winnt.h. */
enum {
	TOKEN_FLAGS = 0x1 | 0x4 | 0x8,	/* DISABLE_MAX_PRIVILEGE | LUA_TOKEN | WRITE_RESTRICTED */
	MAX_RESTRICTING = 1024,
};

static int
fail(struct arena *a, const char **why, const char *what)
{
	*why = arena_printf(a, "%s: %s", what, win32_error_text(a, GetLastError()));
	return -1;
}

/* GetTokenInformation() of any size; NULL with the error of the last call. */
static void *
information(struct arena *a, HANDLE token, TOKEN_INFORMATION_CLASS which, DWORD *size)
{
	DWORD need = 0;

	GetTokenInformation(token, which, NULL, 0, &need);
	if (need == 0)
		return NULL;
	void *p = arena_alloc(a, need);
	return GetTokenInformation(token, which, p, need, size) ? p : NULL;
}

static bool
sid_of(PSID s, struct sid *out)
{
	return IsValidSid(s) && sid_read(s, GetLengthSid(s), out) != 0;
}

static HANDLE
own_token(DWORD access)
{
	HANDLE token;

	return OpenProcessToken(GetCurrentProcess(), access, &token) ? token : NULL;
}

int
token_user(struct arena *a, struct sid *out, const char **why)
{
	HANDLE token = own_token(TOKEN_QUERY);
	DWORD size;
	TOKEN_USER *user = token == NULL ? NULL : information(a, token, TokenUser, &size);
	int rc = user != NULL && sid_of(user->User.Sid, out) ? 0 :
	    fail(a, why, "cannot find out which user we are");

	if (token != NULL)
		CloseHandle(token);
	return rc;
}

static bool
find_logon(struct arena *a, HANDLE token, struct sid *out)
{
	DWORD size;
	const TOKEN_GROUPS *g = information(a, token, TokenGroups, &size);

	for (DWORD i = 0; g != NULL && i < g->GroupCount; i++)
		if ((g->Groups[i].Attributes & SE_GROUP_LOGON_ID) == SE_GROUP_LOGON_ID)
			return sid_of(g->Groups[i].Sid, out);
	return false;
}

/* A token that User Account Control has split may have it in its other half alone. */
int
token_logon(struct arena *a, struct sid *out, const char **why)
{
	HANDLE token = own_token(TOKEN_QUERY);
	DWORD size;
	bool found = token != NULL && find_logon(a, token, out);

	if (token != NULL && !found) {
		const TOKEN_LINKED_TOKEN *linked = information(a, token, TokenLinkedToken, &size);
		if (linked != NULL) {
			found = find_logon(a, linked->LinkedToken, out);
			CloseHandle(linked->LinkedToken);
		}
	}
	if (token != NULL)
		CloseHandle(token);
	if (!found)
		*why = "this process belongs to no logon session, whose SID the token of a command "
		    "must have: start cdxp-run from a desktop or a console";
	return found ? 0 : -1;
}

/* Groups that so much is writable for that they confine nothing; the user's own SID (unless NULL) is another. */
static const char *
voids(const struct sid *s, const struct sid *user)
{
	static const struct { struct sid sid; const char *name; } open[] = {
		{ { 5, 1, { 2 } }, "NETWORK" },
		{ { 5, 1, { 3 } }, "BATCH" },
		{ { 5, 1, { 4 } }, "INTERACTIVE" },
		{ { 5, 1, { 6 } }, "SERVICE" },
		{ { 5, 1, { 11 } }, "Authenticated Users" },
		{ { 5, 1, { 18 } }, "SYSTEM" },
		{ { 2, 1, { 0 } }, "LOCAL" },
		{ { 2, 1, { 1 } }, "CONSOLE LOGON" },
	};

	if (user != NULL && sid_equal(s, user))
		return "the user";
	/* BUILTIN: Administrators, Users, Guests, Power Users ... */
	if (s->authority == 5 && s->n == 2 && s->sub[0] == 32)
		return "a built-in group";
	for (size_t i = 0; i < NELEMS(open); i++)
		if (sid_equal(s, &open[i].sid))
			return open[i].name;
	return NULL;
}

static int
check_request(struct arena *a, const struct token_request *q, const char **why)
{
	struct sid user;
	char text[SID_TEXT_MAX];

	if (q->nrestricting == 0 || q->nrestricting > MAX_RESTRICTING) {
		*why = "a token with no restricting SID, or more than 1,024 of them, confines nothing";
		return -1;
	}
	if (token_user(a, &user, why) != 0)
		return -1;
	for (size_t i = 0; i < q->nrestricting; i++) {
		const char *who = voids(&q->restricting[i], q->own_user ? NULL : &user);
		if (who == NULL)
			continue;
		*why = arena_printf(a, "%s among the restricting SIDs is %s: the command could write "
		    "all that they can", sid_text(&q->restricting[i], text), who);
		return -1;
	}
	for (size_t i = 0; i < q->dacl.len; i++)
		if (q->dacl.v[i].type != ACE_ALLOW || q->dacl.v[i].raw != NULL) {
			*why = "a default DACL has entries that allow, and no others";
			return -1;
		}
	return 0;
}

static int
set_default_dacl(struct arena *a, const struct token_request *q, HANDLE token, const char **why)
{
	size_t n;
	TOKEN_DEFAULT_DACL d = { (PACL)ace_list_write(a, &q->dacl, &n) };

	if (d.DefaultDacl == NULL) {
		*why = "the default DACL is longer than Windows takes";
		return -1;
	}
	if (!SetTokenInformation(token, TokenDefaultDacl, &d, sizeof(d)))
		return fail(a, why, "the default DACL of the token cannot be set");
	return 0;
}

/* Without it every directory on the way to a file would be asked. */
static int
enable_change_notify(struct arena *a, HANDLE token, const char **why)
{
	TOKEN_PRIVILEGES p = { .PrivilegeCount = 1 };

	p.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
	if (!LookupPrivilegeValueW(NULL, L"SeChangeNotifyPrivilege", &p.Privileges[0].Luid) ||
	    !AdjustTokenPrivileges(token, FALSE, &p, 0, NULL, NULL) ||
	    GetLastError() != ERROR_SUCCESS)
		return fail(a, why, "SeChangeNotifyPrivilege cannot be enabled in the token");
	return 0;
}

/*
 * From the process's own token, not a changed copy of it: only for such a one
 * does CreateProcessAsUserW() need no privilege.
 */
int
token_make(struct arena *a, const struct token_request *q, HANDLE *out, const char **why)
{
	HANDLE made;

	if (check_request(a, q, why) != 0)
		return -1;
	SID_AND_ATTRIBUTES *sids = arena_array(a, q->nrestricting, sizeof(*sids));
	for (size_t i = 0; i < q->nrestricting; i++) {
		sids[i].Sid = arena_alloc(a, SID_BYTES_MAX);
		sid_write(&q->restricting[i], sids[i].Sid);
	}
	HANDLE base = own_token(TOKEN_DUPLICATE | TOKEN_QUERY | TOKEN_ASSIGN_PRIMARY |
	    TOKEN_ADJUST_DEFAULT | TOKEN_ADJUST_SESSIONID | TOKEN_ADJUST_PRIVILEGES);
	if (base == NULL)
		return fail(a, why, "our token cannot be opened");
	BOOL ok = CreateRestrictedToken(base, TOKEN_FLAGS, 0, NULL, 0, NULL, (DWORD)q->nrestricting,
	    sids, &made);
	int rc = ok ? 0 : fail(a, why, "a restricted token cannot be made");
	CloseHandle(base);
	if (rc != 0)
		return rc;
	if (set_default_dacl(a, q, made, why) != 0 || enable_change_notify(a, made, why) != 0) {
		CloseHandle(made);
		return -1;
	}
	*out = made;
	return 0;
}

static bool
is_asked_for(const struct token_request *q, const struct sid *s)
{
	for (size_t i = 0; i < q->nrestricting; i++)
		if (sid_equal(&q->restricting[i], s))
			return true;
	return false;
}

static int
verify_restricting(struct arena *a, const struct token_request *q, HANDLE token, const char **why)
{
	DWORD size;
	const TOKEN_GROUPS *g = information(a, token, TokenRestrictedSids, &size);
	size_t seen = 0;

	if (g == NULL)
		return fail(a, why, "the restricting SIDs of the token cannot be read back");
	for (DWORD i = 0; i < g->GroupCount; i++) {
		struct sid s;
		if (!sid_of(g->Groups[i].Sid, &s) || !is_asked_for(q, &s)) {
			*why = "the token has a restricting SID that nobody asked for";
			return -1;
		}
		/* Each once, whatever the number is. */
		bool again = false;
		for (DWORD k = 0; k < i; k++)
			again = again || EqualSid(g->Groups[k].Sid, g->Groups[i].Sid);
		seen += !again;
	}
	size_t distinct = 0;
	for (size_t i = 0; i < q->nrestricting; i++) {
		size_t k = 0;
		while (!sid_equal(&q->restricting[k], &q->restricting[i]))
			k++;
		distinct += k == i;
	}
	if (seen == distinct)
		return 0;
	*why = arena_printf(a, "the token has %zu restricting SIDs instead of %zu", seen, distinct);
	return -1;
}

static int
verify_dacl(struct arena *a, const struct token_request *q, HANDLE token, const char **why)
{
	DWORD size;
	const TOKEN_DEFAULT_DACL *d = information(a, token, TokenDefaultDacl, &size);
	struct ace_list got = { NULL, 0, 0 };

	if (d == NULL || d->DefaultDacl == NULL)
		return fail(a, why, "the default DACL of the token cannot be read back");
	const char *wrong = ace_list_read(a, (const uint8_t *)d->DefaultDacl, d->DefaultDacl->AclSize, &got);
	if (wrong == NULL && ace_lists_equal(&got, &q->dacl))
		return 0;
	*why = wrong != NULL ? wrong : "the default DACL of the token is not the one that was set";
	return -1;
}

static int
verify_privileges(struct arena *a, HANDLE token, const char **why)
{
	DWORD size;
	const TOKEN_PRIVILEGES *p = information(a, token, TokenPrivileges, &size);
	LUID notify;

	if (p == NULL || !LookupPrivilegeValueW(NULL, L"SeChangeNotifyPrivilege", &notify))
		return fail(a, why, "the privileges of the token cannot be read back");
	for (DWORD i = 0; i < p->PrivilegeCount; i++)
		if (memcmp(&p->Privileges[i].Luid, &notify, sizeof(notify)) != 0) {
			*why = "the token has a privilege besides SeChangeNotifyPrivilege";
			return -1;
		}
	return 0;
}

int
token_verify(struct arena *a, const struct token_request *q, HANDLE token, const char **why)
{
	if (!IsTokenRestricted(token)) {
		*why = "the system says that it made a restricted token, and the token is not "
		    "restricted: the command would run with all rights of the user";
		return -1;
	}
	if (verify_restricting(a, q, token, why) != 0 || verify_dacl(a, q, token, why) != 0)
		return -1;
	return verify_privileges(a, token, why);
}
