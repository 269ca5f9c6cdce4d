/* SPDX-License-Identifier: Apache-2.0 */
/* token.h - the restricted token that a command runs with (spec 3.4) */
#ifndef CDXP_TOKEN_H
#define CDXP_TOKEN_H

#include <windows.h>

#include "ace_list.h"

struct arena;

/* Who we are: the user of our token, and the SID of its logon session. */
int	token_user(struct arena *, struct sid *, const char **why);
int	token_logon(struct arena *, struct sid *, const char **why);

struct token_request {
	const struct sid *restricting;	/* what a write needs besides the user's own rights */
	size_t		 nrestricting;
	bool		 own_user;	/* the user is there for commands alone: its SID may be among them */
	/*
	 * Allow entries alone: who may use what the command makes that is no
	 * file.  Without the restricting SIDs it could not open its own pipes.
	 */
	struct ace_list	 dacl;
};

/*
 * CreateRestrictedToken() of our own token, with DISABLE_MAX_PRIVILEGE,
 * LUA_TOKEN and WRITE_RESTRICTED, SeChangeNotifyPrivilege enabled.  Refuses
 * what would void it: no restricting SID, the user's own, or Users,
 * Authenticated Users, Administrators and their like.  0 and the token, or -1
 * with *why.
 */
int	token_make(struct arena *, const struct token_request *, HANDLE *, const char **why);

/*
 * Is the token what was asked for?  It is restricted, by exactly these SIDs; its
 * default DACL is that one; no privilege is left but SeChangeNotifyPrivilege.
 * There are systems where the calls above succeed and do nothing.  0, or -1
 * with *why.
 */
int	token_verify(struct arena *, const struct token_request *, HANDLE, const char **why);

#endif
