/* SPDX-License-Identifier: Apache-2.0 */
/* launch_ports.c - the proxy first, as its ports are part of what is planned */
#include <config.h>

#include "launch_ports.h"

#include <sodium/utils.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "proxy_plan.h"
#include "proxy_start.h"
#include "system.h"

enum { TOKEN_BYTES = 24 };

bool
launch_ports_needed(const struct launch *l)
{
	return l->proxy != NULL && l->request->proxy_token == NULL;
}

static const char *
new_token(struct arena *a)
{
	uint8_t random[TOKEN_BYTES];

	if (system_random(random, sizeof(random)) != 0)
		return NULL;
	return sodium_bin2hex(arena_alloc(a, 2 * TOKEN_BYTES + 1), 2 * TOKEN_BYTES + 1, random,
	    sizeof(random));
}

/*
 * One for both protocols, which their first byte tells apart: no variable that
 * programs know names a SOCKS proxy beside one of HTTP.
 */
static void
free_port(struct proxy_config *c)
{
	for (size_t i = 1; i < c->nlisteners; i++)
		c->listener[0].speaks |= c->listener[i].speaks;
	c->listener[0].port = 0;
	c->nlisteners = 1;
}

/* The same URLs with the ports that are listened on. */
static void
put_ports(struct arena *a, const struct proxy_config *c, const uint16_t *ports, struct ir_network *n)
{
	for (size_t i = 0; i < c->nlisteners; i++) {
		const struct proxy_listener *l = &c->listener[i];
		const char *at = arena_printf(a, l->address.v6 ? "[%s]:%u" : "%s:%u",
		    address_text(a, &l->address), (unsigned)ports[i]);
		if ((l->speaks & PROXY_SPEAKS_HTTP) != 0)
			n->proxy_url = arena_printf(a, "http://%s", at);
		if ((l->speaks & PROXY_SPEAKS_SOCKS) != 0)
			n->socks_url = arena_printf(a, "socks5h://%s", at);
	}
}

static int
run_with(struct arena *a, const struct launch *l, const struct proxy_config *c, const uint16_t *ports,
    int *status, struct launch_error *err)
{
	struct ir_policy ir = *l->request->ir;
	struct bound_policy bound = *l->request->bound;
	struct decide_fs decide = *l->request->decide;
	struct launch_request q = *l->request;
	struct launch with;

	put_ports(a, c, ports, &ir.network);
	/* What Windows is given speaks of the firewall, or of nothing that holds. */
	if (bound.target == TARGET_MACOS)
		bound.ir = &ir;
	decide.bound = &bound;
	q.ir = &ir;
	q.bound = &bound;
	q.decide = &decide;
	q.proxy_token = c->token;
	int rc = launch_make(a, &q, &with, err);
	if (rc == 0)
		rc = launch_exec(a, &with, status, err);
	launch_drop(&with);
	return rc;
}

int
launch_ports_run(struct arena *a, const struct launch *l, int *status, struct launch_error *err)
{
	struct proxy_config c = l->proxy->config;
	uint16_t ports[PROXY_MAX_LISTENERS];
	const char *why;

	c.token = new_token(a);
	if (c.token == NULL)
		return refuse(err, "the system gives no random bytes for the managed proxy's token");
	if (l->proxy->audit_file != NULL && (c.audit_file = system_full_path(a, l->proxy->audit_file)) == NULL)
		return refuse(err, arena_printf(a, "--audit %s: there is no such directory", l->proxy->audit_file));
	if (l->proxy->free_ports)
		free_port(&c);
	struct proxy_child *proxy = proxy_start(a, &c, l->proxy->program,
	    l->proxy->audit_fd > 0 ? l->proxy->audit_fd : -1, ports, &why);
	if (proxy == NULL)
		return refuse(err, why);
	int rc = run_with(a, l, &c, ports, status, err);
	proxy_stop(proxy);
	return rc;
}
