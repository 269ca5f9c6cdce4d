/* SPDX-License-Identifier: Apache-2.0 */
/* compare_switch.c - two policies compared for what their proxies are told */
#include <config.h>

#include "compare_net.h"

#include <string.h>

#include "arena.h"

struct switches {
	struct arena	*a;
	const struct ir_network *side[2];
	struct net_comparison *out;
};

static void
put_switch(struct switches *x, const char *key, enum delta_class class, const char *old,
    const char *new)
{
	struct net_difference d = { .topic = NET_SWITCH, .class = class, .what = key, .sample = key };
	d.side[0].value = old;
	d.side[1].value = new;
	for (int s = 0; s < 2; s++)
		d.side[s].decision.origin = &x->side[s]->origin;
	VEC_PUSH(x->a, &x->out->v, d);
}

static void
compare_flag(struct switches *x, const char *key, bool old, bool new)
{
	static const char *const text[] = { "false", "true" };
	if (old != new)
		put_switch(x, key, new ? DELTA_WIDER : DELTA_NARROWER, text[old], text[new]);
}

static void
compare_text(struct switches *x, const char *key, const char *old, const char *new)
{
	if (old != new && (old == NULL || new == NULL || strcmp(old, new) != 0))
		put_switch(x, key, DELTA_CHANGED, old, new);
}

/* What matters where both sides have a proxy, or one of them begins to look into traffic. */
void
compare_switches(struct arena *a, const struct ir_network *const side[2],
    struct net_comparison *out)
{
	struct switches both = { a, { side[0], side[1] }, out }, *n = &both;
	const struct ir_network *x = side[0], *y = side[1];
	if (x->mode == NET_PROXIED && y->mode == NET_PROXIED) {
		compare_flag(n, "allow_upstream_proxy", x->allow_upstream_proxy,
		    y->allow_upstream_proxy);
		compare_flag(n, "dangerously_allow_non_loopback_proxy", x->any_proxy_address,
		    y->any_proxy_address);
		compare_flag(n, "enable_socks5", x->enable_socks5, y->enable_socks5);
		if (x->enable_socks5 && y->enable_socks5)
			compare_flag(n, "enable_socks5_udp", x->enable_socks5_udp,
			    y->enable_socks5_udp);
		compare_text(n, "proxy_url", x->proxy_url, y->proxy_url);
		if (x->enable_socks5 && y->enable_socks5)
			compare_text(n, "socks_url", x->socks_url, y->socks_url);
	}
	compare_text(n, "mitm", x->mitm, y->mitm);
}
