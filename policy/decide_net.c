/* SPDX-License-Identifier: Apache-2.0 */
/* decide_net.c - destinations and Unix sockets */
#include <config.h>

#include "decide_net.h"

#include <string.h>

#include "arena.h"
#include "path.h"

struct net_rules {
	const struct ir_network *ir;
	struct domain	*rule;		/* one for each of ir->domains */
};

struct net_rules *
net_rules_new(struct arena *a, const struct ir_network *ir)
{
	struct net_rules *r = arena_alloc(a, sizeof(*r));

	r->ir = ir;
	r->rule = arena_array(a, ir->domains.len, sizeof(*r->rule));
	for (size_t i = 0; i < ir->domains.len; i++) {
		const struct ir_domain *d = &ir->domains.v[i];
		if (domain_read(a, d->pattern, d->port, &r->rule[i]) != 0)
			return NULL;
	}
	return r;
}

/* The first rule of that sort that matches, or NULL. */
static const struct ir_domain *
rule_for(const struct net_rules *r, const struct domain *dest, bool allow)
{
	for (size_t i = 0; i < r->ir->domains.len; i++)
		if (r->ir->domains.v[i].allow == allow && domain_match(&r->rule[i], dest))
			return &r->ir->domains.v[i];
	return NULL;
}

/* A rule for this very address; "*" is none. */
static const struct ir_domain *
literal_for(const struct net_rules *r, const struct domain *address)
{
	for (size_t i = 0; i < r->ir->domains.len; i++)
		if (r->ir->domains.v[i].allow && r->rule[i].kind == DOMAIN_ADDRESS &&
		    domain_match(&r->rule[i], address))
			return &r->ir->domains.v[i];
	return NULL;
}

static struct net_decision
by_rule(const struct ir_domain *rule)
{
	return (struct net_decision){
		.allow = rule->allow, .reason = NET_BY_RULE, .origin = &rule->origin,
	};
}

/* `dest' is allowed by `rule'; is it at this address too? */
static struct net_decision
at_address(const struct net_rules *r, const struct ir_domain *rule,
    const struct domain *dest, const struct net_address *address)
{
	const struct domain literal = {
		.kind = DOMAIN_ADDRESS, .port = dest->port, .address = *address,
	};
	const struct ir_domain *deny = rule_for(r, &literal, false);
	const char *kind = address_special(address);

	if (deny != NULL)
		return by_rule(deny);
	if (kind == NULL)
		return by_rule(rule);
	const struct ir_domain *allow = literal_for(r, &literal);
	if (allow != NULL)
		return by_rule(allow);
	return (struct net_decision){
		.allow = r->ir->allow_local_binding,
		.reason = r->ir->allow_local_binding ? NET_BY_SWITCH : NET_BY_ADDRESS,
		.origin = r->ir->allow_local_binding ? &r->ir->origin : &rule->origin,
		.kind = kind,
	};
}

struct net_decision
decide_net(const struct net_rules *r, const struct domain *dest,
    const struct net_address *resolved)
{
	if (r->ir->mode != NET_PROXIED)
		return (struct net_decision){
			.allow = r->ir->mode == NET_OPEN, .reason = NET_BY_MODE,
			.origin = &r->ir->origin,
		};
	const struct ir_domain *rule = rule_for(r, dest, false);
	if (rule != NULL)
		return by_rule(rule);
	rule = rule_for(r, dest, true);
	if (rule == NULL)
		return (struct net_decision){ .reason = NET_NO_RULE, .origin = &r->ir->origin };
	if (dest->kind == DOMAIN_ADDRESS)
		resolved = &dest->address;
	if (resolved != NULL)
		return at_address(r, rule, dest, resolved);
	struct net_decision d = by_rule(rule);
	d.pending = true;
	return d;
}

bool
decide_net_method(const struct ir_network *ir, const char *method)
{
	static const char *const safe[] = { "GET", "HEAD", "OPTIONS" };

	if (!ir->limited)
		return true;
	for (size_t i = 0; i < NELEMS(safe); i++)
		if (strcmp(method, safe[i]) == 0)
			return true;
	return false;
}

struct net_decision
decide_net_socket(const struct bound_policy *p, const char *path)
{
	const struct ir_network *net = &p->ir->network;
	const struct bound_socket *best = NULL;

	for (size_t i = 0; i < p->sockets.len; i++) {
		const struct bound_socket *s = &p->sockets.v[i];
		if (path_within(path, s->path) && (best == NULL || (best->allow && !s->allow)))
			best = s;
	}
	if (best != NULL)
		return (struct net_decision){
			.allow = best->allow, .reason = NET_BY_RULE, .origin = best->origin,
		};
	if (net->all_sockets)
		return (struct net_decision){
			.allow = true, .reason = NET_BY_SWITCH, .origin = &net->origin,
		};
	if (net->mode == NET_OPEN && !net->has_sockets)
		return (struct net_decision){
			.allow = true, .reason = NET_BY_MODE, .origin = &net->origin,
		};
	return (struct net_decision){ .reason = NET_NO_RULE, .origin = &net->origin };
}
