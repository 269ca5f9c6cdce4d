/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_plan_net.c - what may be connected to: network, proxy, Unix sockets, name resolution */
#include <config.h>

#include "seatbelt_plan.h"

#include <string.h>

#include "arena.h"
#include "path.h"

static const char resolver[] = "/private/var/run/mDNSResponder";

static void
deviate(struct arena *a, struct artifact *out, const char *name, const char *detail,
    const struct ir_origin *o)
{
	struct deviation d = { name, DEVIATION_NARROWER, NULL, detail, o };
	VEC_PUSH(a, &out->deviations, d);
}

static int
refuse(struct artifact *out, const char *reason, const struct ir_origin *o)
{
	out->refused = true;
	out->refusal = (struct refusal){ reason, NULL, o };
	return -1;
}

/* ---- Unix sockets ---- */

/* No rule for a path means yes (spec 2.6, as decide_net_socket() has it). */
static bool
all_sockets(const struct ir_network *n)
{
	return n->all_sockets || (n->mode == NET_OPEN && !n->has_sockets);
}

static bool
socket_denied(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->sockets.len; i++)
		if (!b->sockets.v[i].allow && path_within(path, b->sockets.v[i].path))
			return true;
	return false;
}

/* The paths of sockets that may be used, or NULL for none. */
static struct filter *
sockets_filter(struct arena *a, const struct bound_policy *b)
{
	struct filter *yes = filter_new(a, FILTER_ANY, NULL), *no = filter_new(a, FILTER_ANY, NULL);

	if (all_sockets(&b->ir->network))
		filter_add(a, yes, filter_new(a, FILTER_SUBPATH, "/"));
	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		if (s->allow && all_sockets(&b->ir->network))
			continue;
		/* A deny wins at any depth, so it may be left out of the whole. */
		if (!s->allow || !socket_denied(b, s->path))
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
plan_sockets(struct arena *a, const struct bound_policy *b, struct seatbelt_plan *plan,
    struct artifact *out)
{
	const struct ir_network *n = &b->ir->network;
	struct filter *paths = sockets_filter(a, b);

	if (!all_sockets(n))
		deviate(a, out, "own-sockets", "Unix sockets that the command makes itself cannot "
		    "be told from others: only those allowed by path", &n->origin);
	if (paths == NULL)
		return;
	plan_rule(a, plan, "Unix sockets, by path.", "network-outbound",
	    unix_filter(a, FILTER_REMOTE_UNIX, paths));
	plan_rule(a, plan, NULL, "network-bind network-inbound",
	    unix_filter(a, FILTER_LOCAL_UNIX, paths));
}

/* ---- the internet ---- */

/* Port of a URL that leads to this machine; NULL with a reason where it does not. */
static const char *
loopback_port(struct arena *a, const char *url)
{
	static const char *const host[] = { "127.0.0.1", "localhost", "[::1]" };
	const char *p = url != NULL ? strstr(url, "://") : NULL;

	for (size_t i = 0; p != NULL && i < NELEMS(host); i++) {
		size_t n = strlen(host[i]);
		if (strncmp(p + 3, host[i], n) != 0 || p[3 + n] != ':')
			continue;
		const char *port = p + 3 + n + 1;
		size_t len = strspn(port, "0123456789");
		if (len > 0 && len <= 5 && (port[len] == '\0' || port[len] == '/'))
			return arena_strndup(a, port, len);
	}
	return NULL;
}

static void
add_port(struct arena *a, struct seatbelt_plan *plan, struct filter *any, const char *name,
    const char *port)
{
	struct seatbelt_param param = { name, port, false, false };
	VEC_PUSH(a, &plan->params, param);
	filter_add(a, any, filter_new(a, FILTER_PORT, name));
}

/* A rule that denies some spelling of this machine: then nothing goes there but through the proxy. */
static bool
loopback_denied(const struct ir_network *n)
{
	for (size_t i = 0; i < n->domains.len; i++) {
		const char *p = n->domains.v[i].pattern;
		size_t len = strlen(p);
		if (!n->domains.v[i].allow && (strncmp(p, "127.", 4) == 0 ||
		    strcmp(p, "::1") == 0 ||
		    (len >= 9 && strcmp(p + len - 9, "localhost") == 0)))
			return true;
	}
	return false;
}

static int
plan_proxy(struct arena *a, const struct ir_network *n, struct seatbelt_plan *plan,
    struct artifact *out)
{
	static const char elsewhere[] = "Seatbelt tells no address from another, so the proxy "
	    "must listen on localhost with a port: write http://127.0.0.1:PORT";
	struct filter *any = filter_new(a, FILTER_ANY, NULL);
	const char *http = loopback_port(a, n->proxy_url);
	const char *socks = n->enable_socks5 ? loopback_port(a, n->socks_url) : NULL;

	if (http == NULL || (n->enable_socks5 && socks == NULL))
		return refuse(out, elsewhere, &n->origin);
	add_port(a, plan, any, "PROXY_PORT", http);
	if (socks != NULL)
		add_port(a, plan, any, "SOCKS_PORT", socks);
	plan_rule(a, plan, "The proxy, which decides by the rules for domains.",
	    "network-outbound", any);
	deviate(a, out, "udp-destination", "destinations other than loopback cannot be told "
	    "apart: everything goes through the proxy", &n->origin);
	return 0;
}

static void
plan_local(struct arena *a, struct seatbelt_plan *plan)
{
	plan_rule(a, plan, "Loopback of this machine (allow_local_binding).", "network-outbound",
	    filter_new(a, FILTER_TEXT, "(remote ip \"localhost:*\")"));
	plan_rule(a, plan, NULL, "network-bind network-inbound",
	    filter_new(a, FILTER_TEXT, "(local ip \"localhost:*\")"));
}

/* What TLS and, with a network that is open, the resolver ask of the system. */
static void
plan_services(struct arena *a, const struct bound_policy *b, struct seatbelt_plan *plan)
{
	plan_rule(a, plan, "Certificates: Go's and curl's TLS have them judged by the system.",
	    "mach-lookup", filter_new(a, FILTER_TEXT, "(global-name \"com.apple.trustd\")\n"
	    "  (global-name \"com.apple.trustd.agent\")\n"
	    "  (global-name \"com.apple.SecurityServer\")\n"
	    "  (global-name \"com.apple.ocspd\")"));
	plan_rule(a, plan, "The list of interfaces and of routes.", "system-socket",
	    filter_new(a, FILTER_TEXT, "(socket-domain AF_ROUTE)"));
	if (b->ir->network.mode != NET_OPEN)
		return;
	plan_rule(a, plan, "Names of hosts, and which servers to ask for them.", "mach-lookup",
	    filter_new(a, FILTER_TEXT, "(global-name \"com.apple.SystemConfiguration.configd\")\n"
	    "  (global-name \"com.apple.SystemConfiguration.DNSConfiguration\")\n"
	    "  (global-name \"com.apple.dnssd.service\")"));
	if (!socket_denied(b, resolver) && !all_sockets(&b->ir->network))
		plan_rule(a, plan, NULL, "network-outbound", unix_filter(a, FILTER_REMOTE_UNIX,
		    filter_new(a, FILTER_LITERAL, resolver)));
}

int
seatbelt_plan_net(struct arena *a, const struct bound_policy *b, struct seatbelt_plan *plan,
    struct artifact *out)
{
	const struct ir_network *n = &b->ir->network;

	plan_sockets(a, b, plan, out);
	if (n->mode == NET_OFF || (n->mode == NET_PROXIED &&
	    (!n->allow_local_binding || loopback_denied(n))))
		deviate(a, out, "no-loopback", "a sandbox has no loopback of its own: its "
		    "sockets are refused", &n->origin);
	if (n->mode == NET_OFF)
		return 0;
	if (n->mode == NET_OPEN) {
		plan_rule(a, plan, "The internet.", "network-outbound",
		    filter_new(a, FILTER_TEXT, "(remote ip \"*:*\")"));
		plan_rule(a, plan, NULL, "network-bind network-inbound",
		    filter_new(a, FILTER_TEXT, "(local ip \"*:*\")"));
	} else if (plan_proxy(a, n, plan, out) != 0) {
		return -1;
	} else if (n->allow_local_binding && !loopback_denied(n)) {
		plan_local(a, plan);
	}
	plan_services(a, b, plan);
	return 0;
}
