/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_plan_net.c - rules for the network, the proxy, Unix sockets, name resolution */
#include <config.h>

#include "seatbelt_plan.h"

#include <string.h>

#include "arena.h"
#include "seatbelt_net.h"

/* ---- Unix sockets ---- */

static enum access
socket_access(const struct seatbelt_net *net, const char *path)
{
	bool exact;
	const struct region *r = region_find(net->sockets, path, &exact);

	return exact ? r->self : r->below;
}

static bool
all_sockets(const struct seatbelt_net *net)
{
	return net->sockets->below == ACCESS_WRITE;
}

/* The paths of sockets that may be used, or NULL for none. */
static struct filter *
sockets_filter(struct arena *a, const struct bound_policy *b, const struct seatbelt_net *net)
{
	struct filter *yes = filter_new(a, FILTER_ANY, NULL), *no = filter_new(a, FILTER_ANY, NULL);

	if (all_sockets(net))
		filter_add(a, yes, filter_new(a, FILTER_SUBPATH, "/"));
	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		if (s->allow && all_sockets(net))
			continue;
		/* A deny wins at any depth, so it may be left out of the whole. */
		if (!s->allow || socket_access(net, s->path) == ACCESS_WRITE)
			filter_add(a, s->allow ? yes : no,
			    filter_new(a, FILTER_SUBPATH, s->path));
	}
	struct filter *f = filter_any(yes), *denied = filter_any(no);
	if (f == NULL || denied == NULL)
		return f;
	struct filter *all = filter_new(a, FILTER_ALL, NULL), *not = filter_new(a, FILTER_NOT, NULL);
	return filter_add(a, filter_add(a, all, f), filter_add(a, not, denied));
}

static struct filter *
unix_filter(struct arena *a, enum filter_kind side, struct filter *paths)
{
	return filter_add(a, filter_new(a, side, NULL), paths);
}

static void
plan_sockets(struct arena *a, const struct bound_policy *b, const struct seatbelt_net *net,
    struct seatbelt_plan *plan)
{
	struct filter *paths = sockets_filter(a, b, net);

	if (paths == NULL)
		return;
	plan_rule(a, plan, "Unix sockets, by path.", "network-outbound",
	    unix_filter(a, FILTER_REMOTE_UNIX, paths));
	plan_rule(a, plan, NULL, "network-bind network-inbound",
	    unix_filter(a, FILTER_LOCAL_UNIX, paths));
}

/* ---- the internet ---- */

static void
add_port(struct arena *a, struct seatbelt_plan *plan, struct filter *any, const char *name,
    const char *port)
{
	struct seatbelt_param param = { .name = name, .value = port };

	if (port == NULL)
		return;
	VEC_PUSH(a, &plan->params, param);
	filter_add(a, any, filter_new(a, FILTER_PORT, name));
}

static void
plan_addresses(struct arena *a, const struct seatbelt_net *net, struct seatbelt_plan *plan)
{
	struct filter *ports = filter_new(a, FILTER_ANY, NULL);

	add_port(a, plan, ports, "PROXY_PORT", net->http);
	add_port(a, plan, ports, "SOCKS_PORT", net->socks);
	if (ports->of.len > 0)
		plan_rule(a, plan, "The proxy, which decides by the rules for domains.",
		    "network-outbound", ports);
	if (net->everywhere) {
		plan_rule(a, plan, "The internet.", "network-outbound",
		    filter_new(a, FILTER_TEXT, "(remote ip \"*:*\")"));
		plan_rule(a, plan, NULL, "network-bind network-inbound",
		    filter_new(a, FILTER_TEXT, "(local ip \"*:*\")"));
	} else if (net->loopback) {
		plan_rule(a, plan, "Loopback of this machine (allow_local_binding).",
		    "network-outbound", filter_new(a, FILTER_TEXT, "(remote ip \"localhost:*\")"));
		plan_rule(a, plan, NULL, "network-bind network-inbound",
		    filter_new(a, FILTER_TEXT, "(local ip \"localhost:*\")"));
	}
}

/* ---- what the system does for programs with a network ---- */

static void
plan_services(struct arena *a, const struct seatbelt_net *net, struct seatbelt_plan *plan)
{
	if (!net->services)
		return;
	plan_rule(a, plan, "Certificates: Go's and curl's TLS have them judged by the system.",
	    "mach-lookup", filter_new(a, FILTER_TEXT, "(global-name \"com.apple.trustd\")\n"
	    " (global-name \"com.apple.trustd.agent\")"));
	plan_rule(a, plan, "The list of interfaces and of routes.", "system-socket",
	    filter_new(a, FILTER_TEXT, "(socket-domain AF_ROUTE)"));
	if (!net->names)
		return;
	plan_rule(a, plan, "Names of hosts, and which servers to ask for them.", "mach-lookup",
	    filter_new(a, FILTER_TEXT, "(global-name \"com.apple.SystemConfiguration.configd\")\n"
	    " (global-name \"com.apple.SystemConfiguration.DNSConfiguration\")\n"
	    " (global-name \"com.apple.dnssd.service\")"));
	if (socket_access(net, seatbelt_resolver) == ACCESS_READ)
		plan_rule(a, plan, NULL, "network-outbound", unix_filter(a, FILTER_REMOTE_UNIX,
		    filter_new(a, FILTER_LITERAL, seatbelt_resolver)));
}

void
seatbelt_plan_net(struct arena *a, const struct bound_policy *b, const struct seatbelt_net *net,
    struct seatbelt_plan *plan)
{
	plan_sockets(a, b, net, plan);
	plan_addresses(a, net, plan);
	plan_services(a, net, plan);
}
