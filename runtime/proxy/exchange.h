/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.h - one plain HTTP request and its answer, between a client and a server */
#ifndef CDXP_EXCHANGE_H
#define CDXP_EXCHANGE_H

struct dialed;
struct exchange;
struct client;

/*
 * The request, whose head the client has read, goes out rewritten, on a
 * connection that serves nothing else; so whatever a server thinks where it
 * ends, the next one is judged by itself.  Bodies are passed on as they come,
 * both ways at once.  Then the client reads the next request, or ends.
 */
void	exchange_start(struct client *, const struct dialed *);

/* Let go of it.  NULL is allowed. */
void	exchange_end(struct exchange *);

#endif
