/* SPDX-License-Identifier: Apache-2.0 */
/* connect.h - one connection through the managed proxy, for programs that know no proxies */
#ifndef CDXP_CONNECT_H
#define CDXP_CONNECT_H

/* Exit statuses. */
enum { CONNECT_DONE, CONNECT_REFUSED, CONNECT_FAILED };

/*
 * Ask the proxy that the environment names for a connection, and join it to
 * standard input and output until it ends.  One line on standard error where
 * there is none.
 */
int	connect_through_proxy(const char *host, const char *port, char *const *environment);

#endif
