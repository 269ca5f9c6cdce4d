/* SPDX-License-Identifier: Apache-2.0 */
/* compare_net.c - two policies compared for all destinations */
#include <config.h>

#include "compare_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "domain.h"
#include "intern.h"

enum {
	HOST_BYTES = 253, LABEL_BYTES = 63,	/* RFC 1035 2.3.4 */
	MAX_WORK = 1 << 27,		/* rules held against destinations, about a second */
	WORK_OF_COPY = 32,		/* one more rule for one more class costs more than that */
};

/*
 * The rules name finitely many hosts.  Names are told apart only by the
 * deepest named host that they are, or are below; addresses by being named,
 * or else by being public or not; ports by being named in a rule for such a
 * destination.  So one destination of each of these classes is asked about,
 * with the rules that speak of it: decide_net() decides all.
 */
struct rule { const struct ir_domain *ir; struct domain d; };
struct rules { struct rule **v; size_t len, cap; };

/* What both sides say at a port; `port' 0: at all that are not named. */
struct at_port { uint32_t port; bool allow[2]; struct net_decision decision[2]; };

struct class {
	const char	*label;		/* as a domain pattern, without a port */
	struct domain	 dest;		/* the sample */
	struct class	*up;		/* what it would be part of */
	struct rules	 rules[2];	/* that can speak of it */
	struct { struct at_port *v; size_t len, cap; } ports;	/* the first is port 0; by port */
	uint32_t	 other_port;	/* one that is not named */
	size_t		 first, n;	/* the differences that it is in: index and number */
};

/* A host, or an address, that rules name. */
struct named {
	const char	*host;
	bool		 is_address;
	struct rules	 rules[2];
};

struct nets {
	struct arena	*a;
	const struct ir_network *side[2];
	struct strmap	*by_host;	/* -> struct named */
	struct { struct named **v; size_t len, cap; } named;
	struct rules	 any[2];	/* "*" */
	struct { struct class **v; size_t len, cap; } classes;
	struct net_comparison *out;
	size_t		 work;
	bool		 failed;
};

static void
fail(struct nets *n, const char *why)
{
	n->failed = true;
	n->out->why = why;
}

static const char not_normal[] = "a domain rule is not in normal form: compile the bundle again";

static void
count_work(struct nets *n, size_t work)
{
	n->work += work;
	if (n->work > MAX_WORK)
		fail(n, "too many domain rules with ports speak of the same hosts: use fewer ports");
}

/* ---- reading both tables ---- */

static void
enter_rule(struct nets *n, int side, const struct ir_domain *ir)
{
	struct rule *r = arena_alloc(n->a, sizeof(*r));
	r->ir = ir;
	if (domain_read(n->a, ir->pattern, ir->port, &r->d) != 0) {
		fail(n, not_normal);
		return;
	}
	if (r->d.kind == DOMAIN_ANY) {
		VEC_PUSH(n->a, &n->any[side], r);
		return;
	}
	size_t len = strlen(r->d.host);
	struct named *x = strmap_get(n->by_host, r->d.host, len);
	if (x == NULL) {
		x = arena_alloc(n->a, sizeof(*x));
		x->host = r->d.host;
		x->is_address = r->d.kind == DOMAIN_ADDRESS;
		strmap_put(n->by_host, x->host, len, x);
		VEC_PUSH(n->a, &n->named, x);
	}
	VEC_PUSH(n->a, &x->rules[side], r);
}

/* By labels from the right, so that a host comes just before what is below it; addresses last. */
static int
named_cmp(const void *a, const void *b)
{
	const struct named *x = *(struct named *const *)a, *y = *(struct named *const *)b;
	if (x->is_address != y->is_address)
		return x->is_address - y->is_address;
	if (x->is_address)
		return strcmp(x->host, y->host);
	size_t i = strlen(x->host), k = strlen(y->host);
	while (i > 0 && k > 0) {
		unsigned char c = (unsigned char)x->host[--i], d = (unsigned char)y->host[--k];
		/* A dot ends a label: it comes before all else. */
		if (c != d)
			return c == '.' ? -1 : d == '.' ? 1 : c - d;
	}
	return (i > 0) - (k > 0);
}

static const struct named *
named_host(const struct nets *n, const char *host)
{
	return strmap_get(n->by_host, host, strlen(host));
}

/* ---- one class ---- */

static void
add_rules(struct nets *n, struct rules *to, const struct rules *from)
{
	count_work(n, WORK_OF_COPY * from->len);
	for (size_t i = 0; i < from->len && !n->failed; i++)
		VEC_PUSH(n->a, to, from->v[i]);
}

/* The network with these rules and no others; in the arena, as decisions point into it. */
static struct net_rules *
rules_of(struct nets *n, int side, const struct rules *x, const struct rules *y)
{
	struct ir_network *net = arena_alloc(n->a, sizeof(*net));
	const struct rules *part[2] = { x, y };
	*net = *n->side[side];
	memset(&net->domains, 0, sizeof(net->domains));
	for (int p = 0; p < 2; p++)
		for (size_t i = 0; part[p] != NULL && i < part[p]->len; i++)
			VEC_PUSH(n->a, &net->domains, *part[p]->v[i]->ir);
	return net_rules_new(n->a, net);
}

static int
port_cmp(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Port 0 and the ports that the rules of both sides name, each once, rising. */
static uint32_t *
ports_of(struct nets *n, const struct rules rules[2], size_t *len)
{
	uint32_t *v = arena_array(n->a, 1 + rules[0].len + rules[1].len, sizeof(*v));
	size_t k = 1, out = 1;
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < rules[s].len; i++)
			v[k++] = rules[s].v[i]->d.port;
	qsort(v, k, sizeof(*v), port_cmp);
	for (size_t i = 1; i < k; i++)
		if (v[i] != v[out - 1])
			v[out++] = v[i];
	*len = out;
	return v;
}

static uint32_t
other_port(const uint32_t *v, size_t len)
{
	static const uint32_t usual[] = { 443, 80, 8443, 8080 };
	for (size_t i = 0; i < NELEMS(usual); i++)
		if (bsearch(&usual[i], v, len, sizeof(*v), port_cmp) == NULL)
			return usual[i];
	for (uint32_t p = 1; p < 65536; p++)
		if (bsearch(&p, v, len, sizeof(*v), port_cmp) == NULL)
			return p;
	return 0;
}

static void
decide_class(struct nets *n, struct class *c)
{
	struct net_rules *r[2];
	size_t len;
	for (int s = 0; s < 2; s++)
		r[s] = rules_of(n, s, &c->rules[s], NULL);
	if (r[0] == NULL || r[1] == NULL) {
		fail(n, not_normal);
		return;
	}
	uint32_t *port = ports_of(n, c->rules, &len);
	c->other_port = other_port(port, len);
	count_work(n, len * (c->rules[0].len + c->rules[1].len));
	for (size_t i = 0; i < len && (i == 0 || !n->failed); i++) {
		struct at_port at = { .port = port[i] };
		struct domain dest = c->dest;
		dest.port = port[i];
		for (int s = 0; s < 2; s++) {
			at.decision[s] = decide_net(r[s], &dest, NULL);
			at.allow[s] = at.decision[s].allow;
		}
		/* A port for which the rules change nothing is one of the others. */
		if (i == 0 || at.allow[0] != c->ports.v[0].allow[0] ||
		    at.allow[1] != c->ports.v[0].allow[1])
			VEC_PUSH(n->a, &c->ports, at);
	}
}

static bool
alike(const struct class *x, const struct class *y)
{
	if (x->ports.len != y->ports.len)
		return false;
	for (size_t i = 0; i < x->ports.len; i++) {
		const struct at_port *p = &x->ports.v[i], *q = &y->ports.v[i];
		if (p->port != q->port || p->allow[0] != q->allow[0] || p->allow[1] != q->allow[1])
			return false;
	}
	return true;
}

static const char *
with_port(struct nets *n, const struct domain *d, const char *host, uint32_t port)
{
	if (port == 0)
		return host;
	if (d->kind == DOMAIN_ADDRESS && d->address.v6)
		return arena_printf(n->a, "[%s]:%u", host, (unsigned)port);
	return arena_printf(n->a, "%s:%u", host, (unsigned)port);
}

static void
report(struct nets *n, struct class *c)
{
	for (size_t i = 0; i < c->ports.len; i++) {
		const struct at_port *p = &c->ports.v[i];
		if (p->allow[0] == p->allow[1])
			continue;
		struct net_difference d = {
			.topic = NET_DESTINATION,
			.class = p->allow[1] ? DELTA_WIDER : DELTA_NARROWER,
			.what = with_port(n, &c->dest, c->label, p->port),
			.sample = with_port(n, &c->dest, c->dest.host,
			    p->port != 0 ? p->port : c->other_port),
			.side = { { p->allow[0], NULL, p->decision[0] },
			    { p->allow[1], NULL, p->decision[1] } },
		};
		/* A rule for another port says otherwise there, or the same and has a line of its own. */
		for (size_t k = 0; p->port == 0 && k < c->ports.len; k++)
			if (c->ports.v[k].port != 0)
				VEC_PUSH(n->a, &d.except,
				    with_port(n, &c->dest, c->label, c->ports.v[k].port));
		VEC_PUSH(n->a, &n->out->v, d);
		c->n++;
	}
}

/* Decide, and join what it would be part of, or stand for itself. */
static struct class *
class_new(struct nets *n, struct class *c)
{
	decide_class(n, c);
	if (n->failed)
		return c;
	VEC_PUSH(n->a, &n->classes, c);
	if (c->up != NULL && alike(c, c->up)) {
		c->first = c->up->first;
		c->n = c->up->n;
		return c;
	}
	for (size_t i = 0; c->up != NULL && i < c->up->n; i++)
		VEC_PUSH(n->a, &n->out->v.v[c->up->first + i].except, c->label);
	c->first = n->out->v.len;
	report(n, c);
	return c;
}

/* Of the rules for this host, if any, and of those of what is above it. */
static struct class *
class_of(struct nets *n, const char *label, const char *sample, struct class *up,
    const struct rules *own, const struct rules *above)
{
	struct class *c = arena_alloc(n->a, sizeof(*c));
	c->label = label;
	c->up = up;
	if (domain_read(n->a, sample, 0, &c->dest) != 0) {
		fail(n, not_normal);
		return c;
	}
	for (int s = 0; s < 2; s++) {
		if (own != NULL)
			add_rules(n, &c->rules[s], &own[s]);
		add_rules(n, &c->rules[s], &above[s]);
	}
	return n->failed ? c : class_new(n, c);
}

/* ---- names ---- */

/* A label that makes an unnamed host above `host'; NULL where none fits. */
static const char *
name_below(struct nets *n, const char *host)
{
	static const char *const usual[] = { "any", "other", "some", "a", "b", "c" };
	size_t len = strlen(host);
	for (size_t i = 0; i < NELEMS(usual) + n->named.len + 1; i++) {
		const char *label = i < NELEMS(usual) ? usual[i] :
		    arena_printf(n->a, "x%zu", i - NELEMS(usual));
		if (strlen(label) + 1 + len > HOST_BYTES || strlen(label) > LABEL_BYTES)
			continue;
		const char *name = arena_printf(n->a, "%s.%s", label, host);
		if (named_host(n, name) == NULL)
			return name;
	}
	return NULL;
}

/* A host of which no suffix is named. */
static const char *
name_elsewhere(struct nets *n)
{
	const char *top = "example";
	for (size_t i = 0;; i++) {
		const char *name = arena_printf(n->a, "any.%s", top);
		if (named_host(n, top) == NULL && named_host(n, name) == NULL)
			return name;
		top = arena_printf(n->a, "example%zux", i);
	}
}

/* Hosts on the way down, the class of all that is below each. */
struct way { const char *host; struct class *below; };

static bool
is_below(const char *name, const char *host)
{
	size_t n = strlen(name), k = strlen(host);
	return n > k + 1 && name[n - k - 1] == '.' && strcmp(name + n - k, host) == 0;
}

/* The host itself, then what is below it. */
static struct class *
host_classes(struct nets *n, const struct named *x, struct class *up)
{
	bool within = true;
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < x->rules[s].len; i++)
			within &= x->rules[s].v[i]->d.kind == DOMAIN_WITHIN;
	/* Rules for the host with all below it leave the two together. */
	struct class *self = class_of(n, within ? arena_printf(n->a, "**.%s", x->host) : x->host,
	    x->host, up, x->rules, up->rules);
	const char *below = name_below(n, x->host);
	if (below == NULL || n->failed)
		return self;
	struct class *joins = !alike(self, up) && within ? self : up;
	return class_of(n, arena_printf(n->a, "*.%s", x->host), below, joins, x->rules, up->rules);
}

static struct class *
compare_names(struct nets *n)
{
	struct class *root = class_of(n, "*", name_elsewhere(n), NULL, NULL, n->any);
	struct { struct way *v; size_t len, cap; } way = { NULL, 0, 0 };
	for (size_t i = 0; i < n->named.len && !n->failed; i++) {
		const struct named *x = n->named.v[i];
		if (x->is_address)
			break;
		while (way.len > 0 && !is_below(x->host, way.v[way.len - 1].host))
			way.len--;
		struct class *up = way.len > 0 ? way.v[way.len - 1].below : root;
		struct class *below = host_classes(n, x, up);
		VEC_PUSH(n->a, &way, ((struct way){ x->host, below }));
	}
	return root;
}

/* ---- addresses ---- */

/* The first address from `from' on that no rule names. */
static const char *
unnamed_address(struct nets *n, const char *from)
{
	struct net_address x;
	const char *text = from;
	if (!address_parse(from, strlen(from), &x, NULL))
		return from;
	while (named_host(n, text) != NULL) {
		for (int i = 3; i >= 0 && ++x.b[i] == 0; i--)
			;
		text = address_text(n->a, &x);
	}
	return text;
}

static const struct at_port *
at_port(const struct class *c, uint32_t port)
{
	for (size_t k = 1; k < c->ports.len; k++)
		if (c->ports.v[k].port == port)
			return &c->ports.v[k];
	return &c->ports.v[0];
}

/* `at' is a port of the class that `port' stands for, 0 being all that no rule names. */
static void
compare_resolved_name(struct nets *n, const struct class *address, const struct class *name,
    uint32_t port, uint32_t at)
{
	struct net_difference d = { .topic = NET_DESTINATION };
	struct domain dest = name->dest;
	dest.port = at;
	for (int s = 0; s < 2; s++) {
		struct net_rules *r = rules_of(n, s, &name->rules[s], &address->rules[s]);
		if (r == NULL) {
			fail(n, not_normal);
			return;
		}
		d.side[s].decision = decide_net(r, &dest, &address->dest.address);
		d.side[s].allow = d.side[s].decision.allow;
	}
	if (d.side[0].allow == d.side[1].allow)
		return;
	d.class = d.side[1].allow ? DELTA_WIDER : DELTA_NARROWER;
	d.what = arena_printf(n->a, "names that resolve to %s",
	    with_port(n, &address->dest, address->label, port));
	if (at == 0) {
		struct rules all[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
		size_t len;
		for (int s = 0; s < 2; s++) {
			add_rules(n, &all[s], &name->rules[s]);
			add_rules(n, &all[s], &address->rules[s]);
		}
		const uint32_t *named = ports_of(n, all, &len);
		at = other_port(named, len);
	}
	d.sample = with_port(n, &dest, dest.host, at);
	d.resolved = address->dest.host;
	VEC_PUSH(n->a, &n->out->v, d);
}

/*
 * A name that both sides allow at the port; for port 0 at one that none of the
 * `n' rules of an address are for.  *port becomes the one to ask about.
 */
static const struct class *
allowed_name(const struct nets *n, const uint32_t *named, size_t nnamed, uint32_t *port)
{
	for (size_t i = 0; i < n->classes.len; i++) {
		const struct class *c = n->classes.v[i];
		if (c->dest.kind != DOMAIN_HOST)
			continue;
		for (size_t k = 0; *port == 0 && k < c->ports.len; k++) {
			const struct at_port *p = &c->ports.v[k];
			if (!p->allow[0] || !p->allow[1] || (k > 0 &&
			    bsearch(&p->port, named, nnamed, sizeof(*named), port_cmp) != NULL))
				continue;
			*port = p->port;
			return c;
		}
		const struct at_port *p = at_port(c, *port);
		if (*port != 0 && p->allow[0] && p->allow[1])
			return c;
	}
	return NULL;
}

/* Names that both sides allow, where they resolve to this address. */
static void
compare_resolved(struct nets *n, const struct class *address)
{
	size_t len;
	uint32_t *named = ports_of(n, address->rules, &len);
	for (size_t i = 0; i < len && !n->failed; i++) {
		uint32_t port = named[i];
		const struct class *name = allowed_name(n, named, len, &port);
		const struct at_port *direct = at_port(address, port);
		if (name == NULL || direct->allow[0] != direct->allow[1])
			continue;	/* what differs for the address itself has been reported */
		compare_resolved_name(n, address, name, named[i], port);
	}
}

static void
compare_addresses(struct nets *n, struct class *names)
{
	struct class *public = class_of(n, "public addresses",
	    unnamed_address(n, "8.8.8.8"), names, NULL, n->any);
	struct class *special = class_of(n, "loopback, private and other special addresses",
	    unnamed_address(n, "127.0.0.1"), public, NULL, n->any);
	if (!n->failed)
		compare_resolved(n, special);
	for (size_t i = 0; i < n->named.len && !n->failed; i++) {
		const struct named *x = n->named.v[i];
		struct domain d;
		if (!x->is_address)
			continue;
		if (domain_read(n->a, x->host, 0, &d) != 0) {
			fail(n, not_normal);
			return;
		}
		struct class *up = address_special(&d.address) != NULL ? special : public;
		struct class *c = class_of(n, x->host, x->host, up, x->rules, n->any);
		if (!n->failed)
			compare_resolved(n, c);
	}
}

/* ---- what is no destination ---- */

static void
compare_method(struct nets *n)
{
	if (n->side[0]->limited == n->side[1]->limited || n->side[0]->mode != NET_PROXIED ||
	    n->side[1]->mode != NET_PROXIED)
		return;
	for (size_t i = 0; i < n->classes.len; i++) {
		const struct class *c = n->classes.v[i];
		for (size_t k = 0; k < c->ports.len; k++) {
			const struct at_port *p = &c->ports.v[k];
			if (!p->allow[0] || !p->allow[1])
				continue;
			struct net_difference d = { .topic = NET_METHOD, .what = "methods",
			    .sample = arena_printf(n->a, "POST http://%s/", with_port(n, &c->dest,
			    c->dest.host, p->port != 0 ? p->port : 80)) };
			for (int s = 0; s < 2; s++) {
				d.side[s].allow = decide_net_method(n->side[s], "POST");
				d.side[s].decision = (struct net_decision){
					.allow = d.side[s].allow, .reason = NET_BY_MODE,
					.origin = &n->side[s]->origin };
			}
			d.class = d.side[1].allow ? DELTA_WIDER : DELTA_NARROWER;
			VEC_PUSH(n->a, &n->out->v, d);
			return;
		}
	}
}

/* An open network that reaches no other destination still has more than a proxied one. */
static void
compare_open(struct nets *n)
{
	if ((n->side[0]->mode == NET_OPEN) == (n->side[1]->mode == NET_OPEN) || n->out->v.len > 0)
		return;
	struct net_difference d = { .topic = NET_UNCONFINED, .sample = "udp 8.8.8.8:53",
	    .what = "what no proxy passes on: UDP, name resolution, abstract sockets",
	    .class = n->side[1]->mode == NET_OPEN ? DELTA_WIDER : DELTA_NARROWER };
	for (int s = 0; s < 2; s++) {
		d.side[s].allow = n->side[s]->mode == NET_OPEN;
		d.side[s].decision = (struct net_decision){ .allow = d.side[s].allow,
		    .reason = NET_BY_MODE, .origin = &n->side[s]->origin };
	}
	VEC_PUSH(n->a, &n->out->v, d);
}

int
compare_net(struct arena *a, const struct bound_policy *old, const struct bound_policy *new,
    struct net_comparison *out)
{
	struct nets n = { .a = a, .side = { &old->ir->network, &new->ir->network },
	    .by_host = strmap_new(a), .out = out };

	memset(out, 0, sizeof(*out));
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < n.side[s]->domains.len &&
		    n.side[s]->mode == NET_PROXIED; i++)
			enter_rule(&n, s, &n.side[s]->domains.v[i]);
	if (n.failed)
		return -1;
	if (n.named.len > 1)
		qsort(n.named.v, n.named.len, sizeof(*n.named.v), named_cmp);
	struct class *root = compare_names(&n);
	if (!n.failed)
		compare_addresses(&n, root);
	if (n.failed)
		return -1;
	compare_open(&n);
	compare_method(&n);
	compare_switches(a, n.side, out);
	compare_sockets(a, old, new, out);
	return 0;
}
