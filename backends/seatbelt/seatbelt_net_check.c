/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_net_check.c - the network rules of a profile's text against the effective policy */
#include <config.h>

#include "seatbelt_net.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "backend.h"
#include "region.h"
#include "seatbelt_model.h"
#include "seatbelt_rules.h"
#include "seatbelt_walk.h"

struct net_check {
	struct arena	*a;
	struct seatbelt_model *m;
	const struct seatbelt_net *net;
	struct refusal	*out;
};

static const char *const operation[] = { "network-outbound", "network-inbound", "network-bind" };
static const char *const verb[] = { "connect", "listen", "bind" };
static const enum sb_term term[] = { T_OUTBOUND, T_INBOUND, T_BIND };

static bool
differ(struct net_check *c, size_t op, bool kernel, bool flat, bool want, const char *object,
    const struct ir_origin *o)
{
	*c->out = (struct refusal){
		arena_printf(c->a, "the profile %s %s%s, which the policy %s",
		    want ? "refuses" : "allows", operation[op],
		    kernel == flat ? "" : kernel != want ? " (by the order of operations)" :
		    " (by the order of rules alone)", want ? "allows" : "refuses"),
		arena_printf(c->a, "%s %s", verb[op], object), o,
	};
	return false;
}

static bool
answers(struct net_check *c, size_t op, struct seatbelt_query *q, bool want, const char *object)
{
	q->operation = operation[op];
	bool kernel = seatbelt_model_asks(c->m, q, true), flat = seatbelt_model_asks(c->m, q, false);

	return (kernel == want && flat == want) || differ(c, op, kernel, flat, want, object, NULL);
}

/* ---- ports ---- */

struct ports { const char **v; size_t len, cap; };

static void
add_port(struct arena *a, struct ports *p, const char *port)
{
	for (size_t i = 0; i < p->len; i++)
		if (strcmp(p->v[i], port) == 0)
			return;
	VEC_PUSH(a, p, port);
}

/* Depth: LIMIT_SBPL_DEPTH. */
static void
named_ports(struct arena *a, struct ports *p, const struct sb_filter *f)
{
	if (f->kind == SB_NET && strcmp(f->port, "*") != 0)
		add_port(a, p, f->port);
	for (const struct sb_filter *child = f->child; child != NULL; child = child->next)
		named_ports(a, p, child);
}

/* One that nobody names comes first. */
static struct ports
all_ports(struct net_check *c)
{
	struct ports named = { NULL, 0, 0 }, all = { NULL, 0, 0 };

	for (size_t i = 0; i < c->m->rules.len; i++)
		if (c->m->rules.v[i]->filter != NULL)
			named_ports(c->a, &named, c->m->rules.v[i]->filter);
	if (c->net->http != NULL)
		add_port(c->a, &named, c->net->http);
	if (c->net->socks != NULL)
		add_port(c->a, &named, c->net->socks);
	for (unsigned port = 80; all.len == 0 && port <= 65535; port++) {
		const char *text = arena_printf(c->a, "%u", port);
		size_t i = 0;
		while (i < named.len && strcmp(named.v[i], text) != 0)
			i++;
		if (i == named.len)
			VEC_PUSH(c->a, &all, text);
	}
	for (size_t i = 0; i < named.len; i++)
		VEC_PUSH(c->a, &all, named.v[i]);
	return all;
}

/* ---- addresses ---- */

/*
 * One of each class that a filter can tell from others; an unspecified one, as
 * one's own end, is at every address of this machine.
 */
static const struct { const char *host, *shown; bool local, unspecified; } address[] = {
	{ "10.0.0.1", "10.0.0.1", false, false },
	{ "2001:db8::1", "[2001:db8::1]", false, false },
	{ "127.0.0.1", "127.0.0.1", true, false },
	{ "::1", "[::1]", true, false },
	{ "0.0.0.0", "0.0.0.0", false, true },
	{ "::", "[::]", false, true },
};

static bool
wanted(const struct seatbelt_net *net, size_t op, size_t host, const char *port)
{
	bool local = address[host].local;

	if (net->everywhere)
		return true;
	/* One's own end at no particular address is taken for localhost. */
	if (op > 0)
		return net->loopback && (local || address[host].unspecified);
	return local && (net->loopback || (net->http != NULL && strcmp(port, net->http) == 0) ||
	    (net->socks != NULL && strcmp(port, net->socks) == 0));
}

static bool
check_address(struct net_check *c, size_t op, size_t host, const char *port)
{
	static const char *const protocol[] = { "tcp", "udp" };

	for (size_t i = 0; i < NELEMS(protocol); i++) {
		struct seatbelt_query q = { .protocol = protocol[i], .host = address[host].host,
		    .port = port };
		const char *object = arena_printf(c->a, "%s %s:%s", protocol[i],
		    address[host].shown, port);
		if (!answers(c, op, &q, wanted(c->net, op, host, port), object))
			return false;
	}
	return true;
}

static bool
check_addresses(struct net_check *c)
{
	struct ports ports = all_ports(c);

	for (size_t op = 0; op < NELEMS(operation); op++)
		for (size_t i = 0; i < ports.len; i++)
			for (size_t host = 0; host < NELEMS(address); host++)
				if (!check_address(c, op, host, ports.v[i]))
					return false;
	return true;
}

/* Sockets of the kernel's own, and whatever else is neither an address nor a path. */
static bool
check_other_families(struct net_check *c)
{
	for (size_t op = 0; op < NELEMS(operation); op++) {
		struct seatbelt_query q = { .operation = NULL };
		if (!answers(c, op, &q, false, "a socket of another family"))
			return false;
	}
	return true;
}

/* ---- Unix sockets ---- */

/* What is wrong with a path, by the first operation. */
struct fault { size_t op; bool kernel, flat, want; };

static bool
find_fault(struct net_check *c, const struct sb_at *at, struct fault *out)
{
	const struct sb_environment none = { 0, false };
	struct sb_answers x = sb_answer(c->m, at->residue, none);

	for (size_t op = 0; op < NELEMS(operation); op++) {
		*out = (struct fault){ op, (x.kernel & TERM(term[op])) != 0,
		    (x.flat & TERM(term[op])) != 0,
		    at->access == ACCESS_WRITE || (op == 0 && at->access == ACCESS_READ) };
		if (out->kernel != out->want || out->flat != out->want)
			return true;
	}
	return false;
}

static bool
socket_agrees(void *arg, const struct sb_at *at)
{
	struct fault f;
	return !find_fault(arg, at, &f);
}

static bool
check_sockets(struct net_check *c)
{
	const struct sb_walk w = { c->m, c->net->sockets, NULL, socket_agrees, c };
	struct fault f;
	struct sb_at at;
	bool wrong;

	if (sb_walk(c->a, &w, &wrong, &at) != 0) {
		*c->out = (struct refusal){ "the rules for Unix sockets need more states than the "
		    "limit", NULL, NULL };
		return false;
	}
	if (!wrong)
		return true;
	find_fault(c, &at, &f);
	return differ(c, f.op, f.kernel, f.flat, f.want, arena_printf(c->a, "unix %s", at.path),
	    at.why.origin);
}

int
seatbelt_net_check(struct arena *a, const struct seatbelt_model *m,
    const struct seatbelt_net *net, struct refusal *out)
{
	/* The rules for files have places by the thousand that are no matter of the network. */
	struct net_check c = { .a = a, .m = sb_model_part(m, SB_NETWORK), .net = net, .out = out };

	if (c.m == NULL) {
		*out = (struct refusal){ "the rules for the network are too many to be read apart",
		    NULL, NULL };
		return -1;
	}
	return check_addresses(&c) && check_other_families(&c) && check_sockets(&c) ? 0 : -1;
}
