/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_plan.h - which proxy a run needs: its listeners, its program, what the command is told of it */
#ifndef CDXP_PROXY_PLAN_H
#define CDXP_PROXY_PLAN_H

#include "proxy_config.h"

struct ir_setting;

struct proxy_request {
	const struct ir_policy *ir;
	const char	*const *environment;	/* the caller's, NULL-terminated */
	const uint16_t	*forward;		/* ports of the host's loopback */
	size_t		 nforward;
	const char	*audit_file;		/* where decisions are written: its path, or NULL */
	int		 audit_fd;		/* likewise, a descriptor; 0: none */
	const char	*program;		/* the proxy's */
	const char	*token;			/* where they are on the host's own loopback, or NULL */
};

struct proxy_plan {
	struct proxy_config config;
	const char	*audit_file;
	int		 audit_fd;
	const char	*program;	/* absolute */
	bool		 at_once;	/* started before the command: that could write it */
	bool		 on_host;	/* on the host's own loopback, and started before all else */
	bool		 free_ports;	/* a run takes others than the listeners have here */
	struct proxy_variable *variable;	/* for the command */
	size_t		 nvariables;
};

struct proxy_variable {
	const char	*name, *value;
	bool		 append;	/* behind what it has already, and a space */
};

/*
 * *out is NULL where the network needs none.  0, or -1 with *why: in the
 * arena; nothing is started.
 */
int	proxy_plan_make(struct arena *, const struct proxy_request *, struct proxy_plan **out,
	    const char **why);

/* The value of Proxy-Authorization for "name:password". */
const char *proxy_basic(struct arena *, const char *user);

/* "http", "socks", "http and socks", "socks datagrams", "forward". */
const char *proxy_listener_kind(const struct proxy_listener *);

#endif
