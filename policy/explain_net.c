/* SPDX-License-Identifier: Apache-2.0 */
/* explain_net.c - which rules speak of a destination or a Unix socket, and which of them counts */
#include <config.h>

#include "explain.h"

#include <string.h>

#include "arena.h"
#include "path.h"

static struct why
why_of(const struct ir_origin *o)
{
	return (struct why){ WHY_ENTRY, o, NULL };
}

static void
lose(struct arena *a, struct net_explanation *out, struct explained_rule rule, enum loss loss)
{
	rule.loss = loss;
	if (out->decided != NULL) {
		rule.by = out->decided->why;
		rule.by_where = out->decided->where;
	}
	VEC_PUSH(a, &out->lost, rule);
}

static void
decide_by(struct arena *a, struct net_explanation *out, const struct explained_rule *rule)
{
	struct explained_rule *r = arena_alloc(a, sizeof(*r));
	*r = *rule;
	out->decided = r;
}

static struct explained_rule
rule_of_domain(const struct ir_domain *d)
{
	return (struct explained_rule){ .why = why_of(&d->origin), .where = d->origin.text,
	    .access = d->allow ? ACCESS_READ : ACCESS_DENY };
}

/* Why a rule for the destination is not the one that counted. */
static enum loss
domain_loss(const struct ir_network *ir, const struct net_explanation *out,
    const struct ir_domain *d, const struct domain *rule, const struct domain *dest)
{
	const struct net_decision *n = &out->decision;

	if (ir->mode != NET_PROXIED)
		return LOSS_MODE;
	if (d->allow && n->reason == NET_BY_RULE && !n->allow)
		return LOSS_DENY;
	if (n->reason == NET_BY_SWITCH)
		return LOSS_SAME;
	if (n->reason == NET_BY_ADDRESS || (dest->kind == DOMAIN_ADDRESS &&
	    address_special(&dest->address) != NULL && rule->kind != DOMAIN_ADDRESS))
		return LOSS_ADDRESS;
	return LOSS_SAME;
}

/*
 * The rule that counted: the decision names it, but where a switch made up
 * for the address, and the first that allows the name stands behind it.
 */
static bool
is_decider(const struct net_explanation *out, const struct ir_domain *d)
{
	if (out->decision.reason == NET_BY_SWITCH)
		return out->decided == NULL && d->allow;
	return out->decision.reason == NET_BY_RULE && &d->origin == out->decision.origin;
}

int
explain_net(struct arena *a, const struct ir_network *ir, const struct domain *dest,
    struct net_explanation *out)
{
	struct net_rules *rules = net_rules_new(a, ir);
	struct domain *rule = arena_array(a, ir->domains.len, sizeof(*rule));
	const struct ir_domain *decider = NULL;

	*out = (struct net_explanation){ .other_ports = 0 };
	if (rules == NULL)
		return -1;
	out->decision = decide_net(rules, dest, NULL);
	for (size_t i = 0; i < ir->domains.len; i++) {
		const struct ir_domain *d = &ir->domains.v[i];
		if (domain_read(a, d->pattern, d->port, &rule[i]) != 0)
			return -1;
		if (domain_match(&rule[i], dest)) {
			if (!is_decider(out, d))
				continue;
			const struct explained_rule decided = rule_of_domain(d);
			decide_by(a, out, &decided);
			decider = d;
		} else if (dest->port == 0 && rule[i].port != 0) {
			struct domain any = rule[i];
			any.port = 0;
			out->other_ports += domain_match(&any, dest);
		}
	}
	for (size_t i = 0; i < ir->domains.len; i++) {
		const struct ir_domain *d = &ir->domains.v[i];
		if (d != decider && &d->origin != out->decision.origin &&
		    domain_match(&rule[i], dest))
			lose(a, out, rule_of_domain(d), domain_loss(ir, out, d, &rule[i], dest));
	}
	return 0;
}

void
explain_socket(struct arena *a, const struct bound_policy *b, const char *path,
    struct net_explanation *out)
{
	const struct bound_socket *winner = NULL;

	*out = (struct net_explanation){ .decision = decide_net_socket(b, path) };
	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		if (winner != NULL || out->decision.reason != NET_BY_RULE ||
		    s->origin != out->decision.origin || !path_within(path, s->path))
			continue;
		winner = s;
		const struct explained_rule rule = { .why = why_of(s->origin), .where = s->path,
		    .access = s->allow ? ACCESS_WRITE : ACCESS_DENY };
		decide_by(a, out, &rule);
	}
	for (size_t i = 0; i < b->sockets.len; i++) {
		const struct bound_socket *s = &b->sockets.v[i];
		if (s == winner || !path_within(path, s->path))
			continue;
		const struct explained_rule rule = { .why = why_of(s->origin), .where = s->path,
		    .access = s->allow ? ACCESS_WRITE : ACCESS_DENY };
		lose(a, out, rule, s->allow && !out->decision.allow ? LOSS_DENY : LOSS_SAME);
	}
}
