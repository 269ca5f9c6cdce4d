/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c - decide_net() for the proxy, and its decisions in words */
#include <config.h>

#include "judge.h"

#include <string.h>

#include "arena.h"
#include "ir.h"

bool
judge_init(struct judge *j, struct arena *a, const struct ir_policy *ir)
{
	*j = (struct judge){ .ir = ir };
	if (ir->network.mode != NET_PROXIED)
		return true;
	j->rules = net_rules_new(a, &ir->network);
	return j->rules != NULL;
}

int
judge_dest(struct arena *a, const char *host, size_t len, uint32_t port, struct domain *out,
    const char **why)
{
	/* A key of a table may have space around it, a host in a request not. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)host[i] <= ' ' || host[i] == 0x7f) {
			*why = "has a space or a control character";
			return -1;
		}
	if (domain_normalise(a, host, len, out, why) != 0)
		return -1;
	if (out->kind != DOMAIN_HOST && out->kind != DOMAIN_ADDRESS) {
		*why = "is a pattern";
		return -1;
	}
	if (out->zone) {
		*why = "has a zone, and links cannot be chosen here";
		return -1;
	}
	if (out->port == 0)
		out->port = port;
	if (out->port == 0) {
		*why = "has no port";
		return -1;
	}
	return 0;
}

void
judge_request(const struct judge *j, struct judgement *d)
{
	d->mixed = d->by_method = false;
	if (j->rules == NULL) {
		d->net = (struct net_decision){ .reason = NET_BY_MODE, .origin = &j->ir->network.origin };
		return;
	}
	d->net = decide_net(j->rules, &d->dest, NULL);
	if (!d->net.allow)
		return;
	/* SOCKS carries anything: it has no method that could be a harmless one. */
	d->by_method = !decide_net_method(&j->ir->network, d->method != NULL ? d->method : "");
	if (d->by_method) {
		d->net.allow = d->net.pending = false;
		d->net.origin = &j->ir->network.origin;
	}
}

void
judge_address(const struct judge *j, struct judgement *d, const struct net_address *address)
{
	d->net = decide_net(j->rules, &d->dest, address);
}

const char *
judge_header(const struct judgement *d)
{
	if (d->net.allow)
		return NULL;
	if (d->by_method)
		return "blocked-by-method-policy";
	switch (d->net.reason) {
	case NET_BY_RULE:	return "blocked-by-denylist";
	case NET_NO_RULE:	return "blocked-by-allowlist";
	case NET_BY_MODE:
	case NET_BY_SWITCH:
	case NET_BY_ADDRESS:	break;
	}
	return "blocked-by-policy";
}

const char *
judge_dest_text(struct arena *a, const struct domain *d)
{
	bool v6 = d->kind == DOMAIN_ADDRESS && d->address.v6;

	return arena_printf(a, "%s%s%s:%u", v6 ? "[" : "", d->host, v6 ? "]" : "", (unsigned)d->port);
}

static const char *
place(struct arena *a, const struct judge *j, const struct ir_origin *o)
{
	if (o == NULL || o->span.source >= j->ir->sources.len)
		return NULL;
	const char *source = j->ir->sources.v[o->span.source].name;
	return o->span.line == 0 ? source : arena_printf(a, "%s:%u", source, o->span.line);
}

const char *
judge_rule(struct arena *a, const struct judge *j, const struct judgement *d)
{
	const char *at = place(a, j, d->net.origin);

	return at == NULL ? NULL : arena_printf(a, "%s \"%s\"", at,
	    d->net.origin->text != NULL ? d->net.origin->text : "network");
}

static const char *
refused_method(struct arena *a, const struct judgement *d, const char *dest, const char *at)
{
	const char *what = d->protocol == JUDGE_CONNECT ? "CONNECT" :
	    d->method != NULL ? d->method : "SOCKS";

	return arena_printf(a, "%s to %s is blocked: mode \"limited\" (%s) lets GET, HEAD and OPTIONS "
	    "of plain HTTP through and nothing else", what, dest, at);
}

const char *
judge_text(struct arena *a, const struct judge *j, const struct judgement *d)
{
	const char *dest = judge_dest_text(a, &d->dest), *at = place(a, j, d->net.origin);
	const char *text = d->net.origin != NULL && d->net.origin->text != NULL ?
	    d->net.origin->text : "network";

	if (at == NULL)
		at = "built in";
	if (d->by_method)
		return refused_method(a, d, dest, at);
	switch (d->net.reason) {
	case NET_BY_RULE:
		return arena_printf(a, "%s is blocked: \"%s\" = \"deny\" (%s)", dest, text, at);
	case NET_NO_RULE:
		return arena_printf(a, "%s is blocked: no rule of the profile \"%s\" allows it (%s, "
		    "\"domains\"); this would: \"%s\" = \"allow\"", dest, j->ir->name, at,
		    d->dest.host);
	case NET_BY_ADDRESS:
		return arena_printf(a, "%s is blocked: \"%s\" = \"allow\" (%s), but its address is %s; "
		    "allow_local_binding = true, or an \"allow\" for the address itself, would let it "
		    "through", dest, text, at, d->net.kind);
	case NET_BY_MODE:
	case NET_BY_SWITCH:
		break;
	}
	return arena_printf(a, "%s is blocked by the network mode (%s)", dest, at);
}

const char *
judge_scope(const struct judgement *d)
{
	return d->by_method || d->protocol == JUDGE_FORWARD ? "non_domain" : "domain";
}

const char *
judge_reason(const struct judgement *d)
{
	if (d->net.allow)
		return "allowed";
	if (d->by_method)
		return "method_not_allowed";
	switch (d->net.reason) {
	case NET_BY_RULE:	return "denied";
	case NET_NO_RULE:	return "not_allowed";
	case NET_BY_ADDRESS:	return "not_allowed_local";
	case NET_BY_MODE:
	case NET_BY_SWITCH:	break;
	}
	return "not_allowed";
}

const char *
judge_source(const struct judgement *d)
{
	return d->by_method ? "mode_guard" : d->protocol == JUDGE_FORWARD ? "command_line" :
	    "baseline_policy";
}

const char *
judge_protocol_name(enum judge_protocol p)
{
	static const char *const name[] = {
		[JUDGE_HTTP] = "http", [JUDGE_CONNECT] = "https_connect",
		[JUDGE_SOCKS_TCP] = "socks5_tcp", [JUDGE_SOCKS_UDP] = "socks5_udp",
		[JUDGE_FORWARD] = "forward",
	};
	return name[p];
}
