/* SPDX-License-Identifier: Apache-2.0 */
/* drop_caps.h - capabilities of a command that has no user namespace of its own */
#ifndef CDXP_DROP_CAPS_H
#define CDXP_DROP_CAPS_H

/*
 * Root keeps what lets it work in a directory of another user, as under bwrap
 * (spec 3.1), and keeps it over the exec as ambient capabilities; nothing else
 * comes back with user id 0, which NOROOT takes care of.  Without
 * CAP_SETPCAP the bounding set stays, and no_new_privs, which the caller sets,
 * keeps the rest from coming back.  0, or -1 with errno.
 */
int	drop_caps(void);

#endif
