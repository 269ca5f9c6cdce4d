/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_config.h - what the proxy is told by the runtime that starts it */
#ifndef CDXP_PROXY_CONFIG_H
#define CDXP_PROXY_CONFIG_H

#include "address.h"
#include "sbuf.h"

struct arena;
struct ir_policy;

enum { PROXY_SPEAKS_HTTP = 1, PROXY_SPEAKS_SOCKS = 2 };

enum { PROXY_MAX_LISTENERS = 64 };

#define PROXY_USER "cdxp"		/* whose password a token is */

/* One socket on the sandbox's loopback. */
struct proxy_listener {
	struct net_address address;
	uint16_t	 port;		/* 0: a free one, where the proxy makes the socket itself */
	unsigned	 speaks;	/* PROXY_SPEAKS_...; 0: it forwards, or relays datagrams */
	bool		 datagrams;	/* of SOCKS; at the port of the SOCKS listener */
	uint16_t	 forward;	/* the port of the host's loopback that it leads to, or 0 */
};

/* A proxy of the caller's, through which ours goes on. */
struct proxy_upstream {
	const char	*host;		/* normal form; NULL: none */
	uint16_t	 port;
	const char	*authorization;	/* value of Proxy-Authorization, or NULL */
};

struct proxy_config {
	const struct ir_policy *ir;	/* the network rules, and where they were written */
	struct proxy_listener listener[PROXY_MAX_LISTENERS];
	size_t		 nlisteners;
	struct proxy_upstream http, https;	/* for plain requests; for everything else */
	const char	*token;		/* what a client must show; NULL: nobody else reaches the listeners */
	const char	*no_proxy;	/* what goes past both, as NO_PROXY has it; or NULL */
	const char	*audit_file;	/* that the proxy opens itself; or NULL */
};

/*
 * The socket pair between them carries, from the runtime: a head of four
 * bytes, the length in network order, and this configuration.  On Linux one
 * byte with a descriptor for the audit follows, if `audit' is said, and one for
 * each listener, and the proxy says nothing.  Elsewhere (on Windows two pipes
 * are in the place of the socket pair) it makes the listeners and answers with
 * the port of each, two bytes in network order.  It ends with the other side.
 */
void	proxy_config_write(const struct proxy_config *, bool audit, struct sbuf *out);

/* NULL with *why: that is no configuration. */
struct proxy_config *proxy_config_read(struct arena *, const char *, size_t len, bool *audit,
	    const char **why);

#endif
