/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_net.c - the network that a policy leaves on macOS */
#include <config.h>

#include "seatbelt_net.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "backend.h"
#include "decide_net.h"
#include "path.h"
#include "region.h"
#include "seatbelt_effective.h"

const char seatbelt_resolver[] = "/private/var/run/mDNSResponder";

static void
deviate(struct arena *a, struct artifact *out, const char *name, const char *detail,
    const struct ir_origin *o)
{
	struct deviation d = { name, DEVIATION_NARROWER, NULL, detail, o };
	VEC_PUSH(a, &out->deviations, d);
}

static const void *
refuse(struct artifact *out, const char *reason, const struct ir_origin *o)
{
	out->refused = true;
	out->refusal = (struct refusal){ reason, NULL, o };
	return NULL;
}

/* ---- Unix sockets ---- */

static int
socket_cmp(const void *a, const void *b)
{
	const struct bound_socket *x = a, *y = b;
	return path_order(x->path, y->path);
}

static enum access
socket_access(const struct bound_policy *b, const char *path)
{
	struct net_decision d = decide_net_socket(b, path);

	if (d.allow)
		return ACCESS_WRITE;
	/* Looking up names is part of an open network, unless a rule takes this socket. */
	return b->ir->network.mode == NET_OPEN && d.reason != NET_BY_RULE &&
	    strcmp(path, seatbelt_resolver) == 0 ? ACCESS_READ : ACCESS_DENY;
}

/*
 * A rule holds for its path and all below it, so that the rules at or above
 * the deepest path with a rule decide; asked with these alone, ten thousand
 * rules are not asked ten thousand times.
 */
static struct region *
sockets_tree(struct arena *a, const struct bound_policy *b)
{
	struct region *root = region_root(a);
	struct bound_policy way = *b;
	size_t n = b->sockets.len, k = 0;
	struct bound_socket *v = arena_array(a, n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = b->sockets.v[i];
	if (n > 1)
		qsort(v, n, sizeof(*v), socket_cmp);
	way.sockets.v = arena_array(a, n + 1, sizeof(*way.sockets.v));
	way.sockets.len = 0;
	root->self = root->below = socket_access(&way, "/");
	for (size_t i = 0; i < n;) {
		const char *path = v[i].path;
		while (k > 0 && !path_within(path, way.sockets.v[k - 1].path))
			k--;
		while (i < n && strcmp(v[i].path, path) == 0)
			way.sockets.v[k++] = v[i++];
		way.sockets.len = k;
		struct region *r = seatbelt_node_at(a, root, path);
		r->self = r->below = socket_access(&way, path);
		r->why = (struct why){ WHY_ENTRY, v[i - 1].origin, NULL };
	}
	return root;
}

static const struct region *
build_sockets(struct arena *a, const struct bound_policy *b, struct artifact *out)
{
	const struct ir_network *n = &b->ir->network;
	struct region *root = sockets_tree(a, b);
	enum access names = socket_access(b, seatbelt_resolver);
	bool exact;
	const struct region *at = region_find(root, seatbelt_resolver, &exact);

	if (names != (exact ? at->self : at->below))
		seatbelt_node_at(a, root, seatbelt_resolver)->self = names;
	if (root->below != ACCESS_WRITE)
		deviate(a, out, "own-sockets", "Unix sockets that the command makes itself cannot "
		    "be told from others: only those allowed by path", &n->origin);
	return root;
}

/* ---- the internet ---- */

/* Port of a URL that leads to this machine; NULL where it does not. */
static const char *
loopback_port(struct arena *a, const char *url)
{
	unsigned port = url != NULL ? address_loopback_port(url) : 0;

	return port != 0 ? arena_printf(a, "%u", port) : NULL;
}

/*
 * A rule that denies some spelling of this machine, at some port.  The proxy
 * can obey it and Seatbelt, for which all of these are one, cannot.
 */
static const struct ir_domain *
loopback_denied(struct arena *a, const struct ir_network *n)
{
	static const char local[] = "localhost";

	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *rule = &n->domains.v[i];
		struct domain d;
		if (rule->allow || domain_read(a, rule->pattern, rule->port, &d) != 0)
			continue;
		const char *kind = d.kind == DOMAIN_ADDRESS ? address_special(&d.address) : NULL;
		if (kind != NULL && (strcmp(kind, "loopback") == 0 || strcmp(kind, "unspecified") == 0))
			return rule;
		size_t len = strlen(d.host), k = sizeof(local) - 1;
		if (d.kind != DOMAIN_ADDRESS && len >= k && strcmp(d.host + len - k, local) == 0 &&
		    (len == k || d.host[len - k - 1] == '.'))
			return rule;
	}
	return NULL;
}

static int
build_proxied(struct arena *a, const struct ir_network *n, const struct ir_domain *denied,
    struct seatbelt_net *net, struct artifact *out)
{
	static const char elsewhere[] = "Seatbelt tells no address from another, so the proxy "
	    "must listen on localhost with a port: write http://127.0.0.1:PORT";

	net->http = loopback_port(a, n->proxy_url);
	net->socks = n->enable_socks5 ? loopback_port(a, n->socks_url) : NULL;
	if (net->http == NULL || (n->enable_socks5 && net->socks == NULL)) {
		refuse(out, elsewhere, &n->origin);
		return -1;
	}
	net->loopback = n->allow_local_binding && denied == NULL;
	deviate(a, out, "udp-destination", "destinations other than loopback cannot be told "
	    "apart: everything goes through the proxy", &n->origin);
	return 0;
}

/* An open network and one that is off say so of every destination. */
static bool
reaches(struct arena *a, const struct ir_network *n, const char *host)
{
	struct domain d;
	const struct net_rules *rules = net_rules_new(a, n);

	return rules != NULL && domain_read(a, host, 0, &d) == 0 && decide_net(rules, &d, NULL).allow;
}

const struct seatbelt_net *
seatbelt_net_build(struct arena *a, const struct bound_policy *b, struct artifact *out)
{
	const struct ir_network *n = &b->ir->network;
	struct seatbelt_net *net = arena_alloc(a, sizeof(*net));
	const struct ir_domain *denied = n->mode == NET_PROXIED ? loopback_denied(a, n) : NULL;

	net->sockets = build_sockets(a, b, out);
	net->services = n->mode != NET_OFF;
	net->names = n->mode == NET_OPEN;
	if (n->mode == NET_PROXIED) {
		if (build_proxied(a, n, denied, net, out) != 0)
			return NULL;
	} else {
		net->everywhere = reaches(a, n, "8.8.8.8");
		net->loopback = reaches(a, n, "127.0.0.1");
	}
	if (!net->loopback && denied != NULL && n->allow_local_binding)
		deviate(a, out, "no-loopback", "one spelling of this machine cannot be told from "
		    "another: it is reached through the proxy alone", &denied->origin);
	else if (!net->loopback)
		deviate(a, out, "no-loopback", "a sandbox has no loopback of its own: its "
		    "sockets are refused", &n->origin);
	return net;
}
