/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access-driver - AccessCheck() of this system, asked the questions of tests/acl-driver.c
 *
 * "access-driver who" prints the principals that the token of this process
 * has, the user first, those that cannot be disabled with a "!" behind them.
 * "access-driver SID..." reads questions: principal 0 is OWNER RIGHTS, and the
 * others are those, in this order.  Lists are ordered, handed on and written
 * by the code that does it on Windows.  The answer to each is
 *
 *	RIGHTS MAXIMUM ALL MORE
 *
 * the rights that are given when each is asked for alone; those that the system
 * names when asked for all that can be had; whether all of them are given at
 * once; and whether they are with the first that is not among them.  Or it is
 * "no" and a phrase: the system made another token than was asked for.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "ace_list.h"
#include "arena.h"

enum { MAX = 64, ALL_RIGHTS = 0x1f01ff, ENABLED = 1, DENY_ONLY = 2, RESTRICTING = 4, NO_SUCH_RIGHT = 0x200 };

struct asked {
	struct sid	 sid[MAX];	/* by principal */
	uint8_t		 bytes[MAX][SID_BYTES_MAX];
	size_t		 n;
	uint8_t		 made_for[MAX];	/* the roles of `token' */
	bool		 write_restricted;
	HANDLE		 token;		/* of the last question, or NULL */
	const char	*why;		/* it is not what was asked for; or NULL */
};

static TOKEN_GROUPS *
groups_of(struct arena *a, HANDLE token)
{
	DWORD size = 0;

	GetTokenInformation(token, TokenGroups, NULL, 0, &size);
	TOKEN_GROUPS *g = arena_alloc(a, size + sizeof(*g));
	return GetTokenInformation(token, TokenGroups, g, size, &size) ? g : NULL;
}

static HANDLE
own_token(void)
{
	HANDLE token = NULL;

	OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token);
	return token;
}

static void
print_sid(PSID s, const char *behind)
{
	char text[SID_TEXT_MAX];
	struct sid sid;

	sid_read(s, GetLengthSid(s), &sid);
	printf("%s%s\n", sid_text(&sid, text), behind);
}

static int
who(struct arena *a)
{
	union { TOKEN_USER user; BYTE room[sizeof(TOKEN_USER) + SID_BYTES_MAX]; } u;
	DWORD size;
	HANDLE own = own_token();
	const TOKEN_GROUPS *g = groups_of(a, own);

	if (g == NULL || !GetTokenInformation(own, TokenUser, &u, sizeof(u), &size))
		return 3;
	print_sid(u.user.User.Sid, "!");
	for (DWORD i = 0; i < g->GroupCount; i++)
		if ((g->Groups[i].Attributes & SE_GROUP_ENABLED) != 0)
			print_sid(g->Groups[i].Sid, (g->Groups[i].Attributes & SE_GROUP_LOGON_ID) != 0 ? "!" : "");
	return 0;
}

/* Did the system do what it said?  NULL, or what it did not. */
static const char *
differs(struct arena *a, const struct asked *q, const uint8_t *role, bool restricted)
{
	const TOKEN_GROUPS *g = groups_of(a, q->token);

	if (g == NULL || (IsTokenRestricted(q->token) != 0) != restricted)
		return "the token is not restricted";
	for (DWORD i = 0; i < g->GroupCount; i++)
		for (size_t k = 0; k < q->n; k++) {
			DWORD is = g->Groups[i].Attributes & (SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY);
			if (EqualSid(g->Groups[i].Sid, (PSID)q->bytes[k]) &&
			    is != ((role[k] & ENABLED) != 0 ? SE_GROUP_ENABLED : SE_GROUP_USE_FOR_DENY_ONLY))
				return "a group is not for denying alone";
		}
	return NULL;
}

/* The token with these roles, for asking; the same one again where they are the same. */
static void
make_token(struct arena *a, struct asked *q, const uint8_t *role, bool restricted, bool write_restricted)
{
	SID_AND_ATTRIBUTES off[MAX], also[MAX];
	DWORD noff = 0, nalso = 0;
	HANDLE own = own_token(), primary = NULL;

	if (q->token != NULL && memcmp(role, q->made_for, MAX) == 0 && write_restricted == q->write_restricted)
		return;
	CloseHandle(q->token);
	memcpy(q->made_for, role, MAX);
	q->write_restricted = write_restricted;
	q->token = NULL;
	for (size_t i = 0; i < q->n; i++) {
		if ((role[i] & (ENABLED | DENY_ONLY)) == DENY_ONLY)
			off[noff++] = (SID_AND_ATTRIBUTES){ q->bytes[i], 0 };
		if (restricted && (role[i] & RESTRICTING) != 0)
			also[nalso++] = (SID_AND_ATTRIBUTES){ q->bytes[i], 0 };
	}
	q->why = "no token could be made";
	if (CreateRestrictedToken(own, write_restricted ? 8 /* WRITE_RESTRICTED */ : 0, noff, off, 0, NULL,
	    nalso, also, &primary) &&
	    DuplicateTokenEx(primary, TOKEN_QUERY, NULL, SecurityImpersonation, TokenImpersonation, &q->token))
		q->why = differs(a, q, role, restricted);
	CloseHandle(primary);
	CloseHandle(own);
}

/* What is given of `want'; 0 where it is refused. */
static DWORD
given(const struct asked *q, SECURITY_DESCRIPTOR *sd, DWORD want)
{
	GENERIC_MAPPING files = { FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS };
	BYTE room[1024];
	DWORD size = sizeof(room), got = 0;
	BOOL yes = FALSE;

	if (!AccessCheck(sd, q->token, want, &files, (PRIVILEGE_SET *)room, &size, &got, &yes)) {
		printf("error %lu\n", GetLastError());
		exit(3);
	}
	return yes ? got : 0;
}

static void
answer(struct arena *a, struct asked *q, uint32_t owner, const struct ace_list *dacl)
{
	SECURITY_DESCRIPTOR sd;
	DWORD rights = 0, more = NO_SUCH_RIGHT;
	size_t n;
	ACL *acl = (ACL *)ace_list_write(a, dacl, &n);

	InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION);
	SetSecurityDescriptorOwner(&sd, q->bytes[owner], FALSE);
	SetSecurityDescriptorGroup(&sd, q->bytes[q->n - 1], FALSE);
	if (!IsValidAcl(acl) || !SetSecurityDescriptorDacl(&sd, TRUE, acl, FALSE)) {
		printf("error: no valid list\n");
		exit(3);
	}
	for (DWORD bit = 1; bit <= ALL_RIGHTS; bit <<= 1)
		if ((ALL_RIGHTS & bit) != 0 && given(q, &sd, bit) == bit)
			rights |= bit;
		else if ((ALL_RIGHTS & bit) != 0 && more == NO_SUCH_RIGHT)
			more = bit;
	printf("%lx %lx %d %d\n", rights, given(q, &sd, MAXIMUM_ALLOWED),
	    rights != 0 && given(q, &sd, rights) == rights, given(q, &sd, rights | more) != 0);
}

static bool
number(uint32_t *out)
{
	return scanf("%x", out) == 1;
}

static bool
question(struct asked *q)
{
	uint32_t reading, restricted, write_restricted, owner, nroles, n, how, r;
	uint8_t role[MAX] = { 0 };
	struct arena *a = arena_new();
	struct ace_list own = { NULL, 0, 0 }, inherited = { NULL, 0, 0 };

	if (!number(&reading) || !number(&restricted) || !number(&write_restricted) || !number(&owner) ||
	    !number(&nroles) || nroles != q->n || owner >= q->n) {
		arena_free(a);
		return false;
	}
	for (uint32_t i = 0; i < nroles && number(&r); i++)
		role[i] = (uint8_t)r;
	number(&n);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t deny, flags, mask, who_for;
		if (!number(&deny) || !number(&flags) || !number(&mask) || !number(&who_for) || who_for >= q->n)
			exit(3);
		const struct ace ace = { .type = deny != 0 ? ACE_DENY : ACE_ALLOW, .flags = (uint8_t)flags,
		    .mask = mask, .sid = q->sid[who_for] };
		if ((flags & ACE_INHERITED) != 0)
			ace_add(a, &inherited, ace);
		else
			own = ace_list_with(a, &own, &ace);
	}
	number(&how);
	for (size_t i = 0; i < inherited.len; i++)
		ace_add(a, &own, inherited.v[i]);
	if (how == 1 || how == 2)
		own = ace_list_inherited(a, &own, how == 2, &q->sid[owner]);
	make_token(a, q, role, restricted != 0, write_restricted != 0);
	if (q->why != NULL)
		printf("no %s\n", q->why);
	else
		answer(a, q, owner, &own);
	arena_free(a);
	return true;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	static const char owner_rights[] = "S-1-3-4";
	struct asked q = { .n = 0 };

	if (argc == 2 && strcmp(argv[1], "who") == 0)
		return who(a);
	for (int i = 0; i < argc && i < MAX; i++, q.n++) {
		const char *text = i == 0 ? owner_rights : argv[i];
		if (sid_parse(text, strlen(text), &q.sid[i]) != NULL)
			return 3;
		sid_write(&q.sid[i], q.bytes[i]);
	}
	while (question(&q))
		;
	arena_free(a);
	return 0;
}
