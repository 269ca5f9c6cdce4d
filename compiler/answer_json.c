/* SPDX-License-Identifier: Apache-2.0 */
/* answer_json.c - an answer for programs */
#include <config.h>

#include "answer.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "why_json.h"

/* why_json() and where the rule holds; what lost also says to what. */
static cJSON *
rule_json(const struct explainer *x, const struct explained_rule *r, bool allows)
{
	cJSON *o = why_json(x->a, x->bound, &r->why);
	json_put_text(o, "where", r->where);
	if (allows)
		json_put_text(o, "access", r->access == ACCESS_DENY ? "deny" : "allow");
	else
		json_put_text(o, "access", access_name(r->access));
	if (r->loss == LOSS_NONE)
		return o;
	json_put_text(o, "lost", loss_name(r->loss));
	json_put_text(o, "because", loss_text(x->a, x->bound, r));
	if (r->by.kind != WHY_NOTHING)
		json_put(o, "by", why_json(x->a, x->bound, &r->by));
	return o;
}

static cJSON *
rules_json(const struct explainer *x, const struct explained_rules *rules, bool allows)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < rules->len; i++)
		json_append(list, rule_json(x, &rules->v[i], allows));
	return list;
}

static cJSON *
chain_json(const struct explainer *x, const struct ir_origin *o)
{
	const struct ir_policy *ir = x->bound->ir;
	cJSON *list = json_must(cJSON_CreateArray());
	size_t n = o == NULL || o->profile == NULL ? 0 : answer_chain(ir, o->profile);
	for (size_t i = 0; i < n; i++) {
		cJSON *step = json_must(cJSON_CreateObject());
		json_put_text(step, "profile", ir->parents.v[i].profile);
		json_put_text(step, "extends", ir->parents.v[i].parent);
		json_put(step, "at", origin_json(ir, &ir->parents.v[i].origin));
		json_append(list, step);
	}
	return list;
}

static cJSON *
deviation_json(const struct deviation *d)
{
	if (d == NULL)
		return json_must(cJSON_CreateNull());
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "name", d->name);
	json_put_text(o, "direction", d->direction == DEVIATION_WIDER ? "wider" : "narrower");
	json_put_text(o, "detail", d->detail);
	return o;
}

static cJSON *
backends_json(const struct explainer *x, const struct answer *q)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < q->nbackends; i++) {
		const struct answer_backend *b = &q->backend[i];
		cJSON *o = json_must(cJSON_CreateObject());
		json_put_text(o, "backend", b->backend->name);
		json_put_text(o, "status", b->artifact->refused ? "refused" : "exact");
		if (b->artifact->refused) {
			json_put_text(o, "reason", b->artifact->refusal.reason);
			json_put(o, "at", origin_json(x->bound->ir, b->artifact->refusal.origin));
		} else {
			json_put_text(o, "text", b->emitted.text);
			json_put_text(o, "means", b->emitted.means);
			if (q->q.kind == ASK_PATH)
				json_put_text(o, "access", access_name(b->emitted.access));
			if (b->differs)
				json_put(o, "deviation", deviation_json(b->deviation));
		}
		json_append(list, o);
	}
	return list;
}

/* How the path of the question came to be the one that was decided. */
static void
put_way(cJSON *o, const struct explainer *x, const struct answer *q)
{
	const struct question *ask = &q->q;
	cJSON *links = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < ask->nlinks; i++) {
		cJSON *l = json_must(cJSON_CreateObject());
		json_put_text(l, "path", ask->link[i]->path);
		json_put_text(l, "target", ask->link[i]->target);
		json_append(links, l);
	}
	json_put_text(o, "path", ask->path);
	json_put_text(o, "spelt", ask->spelt);
	json_put(o, "links", links);
	if (x->canon != NULL)
		json_put_bool(o, "exists", !ask->missing);
	if (ask->itself == NULL)
		return;
	cJSON *itself = json_must(cJSON_CreateObject());
	json_put_text(itself, "path", ask->itself);
	json_put_bool(itself, "rename", q->itself.writable && !q->itself.pinned);
	json_put(o, "link_itself", itself);
}

static cJSON *
pins_json(const struct explainer *x, const struct path_explanation *p)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < p->pins.len; i++) {
		const struct explained_pin *pin = &p->pins.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		json_put_text(o, "kind", pin_name(pin->kind));
		json_put_text(o, "text", pin_text(x->a, x->bound, pin));
		if (pin->path != NULL)
			json_put_text(o, "path", pin->path);
		if (pin->why.kind != WHY_NOTHING)
			json_put(o, "why", why_json(x->a, x->bound, &pin->why));
		json_append(list, o);
	}
	return list;
}

static void
put_path(cJSON *o, const struct explainer *x, const struct answer *q)
{
	const struct path_explanation *p = &q->path;
	const struct fs_verdict *v = &p->verdict;
	cJSON *allowed = json_must(cJSON_CreateObject());
	json_put_bool(allowed, "read", v->readable);
	json_put_bool(allowed, "write", v->writable);
	json_put_bool(allowed, "rename", v->writable && !v->pinned);
	json_put_bool(allowed, "list", v->readable);
	json_put_bool(allowed, "traverse", v->traversable);
	json_put(o, "allowed", allowed);
	put_way(o, x, q);
	json_put(o, "decided", rule_json(x, &p->decided, false));
	json_put(o, "overruled", rules_json(x, &p->lost, false));
	json_put(o, "pinned", pins_json(x, p));
	json_put(o, "inherited", chain_json(x, p->decided.why.origin));
}

static void
put_net(cJSON *o, const struct explainer *x, const struct answer *q)
{
	static const char *const reason[] = {
		[NET_BY_MODE] = "mode", [NET_BY_RULE] = "rule", [NET_BY_SWITCH] = "switch",
		[NET_NO_RULE] = "no-rule", [NET_BY_ADDRESS] = "address",
	};
	static const char *const mode[] = {
		[NET_OFF] = "off", [NET_OPEN] = "open", [NET_PROXIED] = "proxied",
	};
	const struct ir_network *ir = &x->bound->ir->network;
	const struct net_decision *n = &q->net.decision;
	cJSON *decided = json_must(cJSON_CreateObject());
	json_put_bool(o, "allowed", n->allow);
	json_put_text(decided, "kind", reason[n->reason]);
	json_put_text(decided, "text", net_reason_text(x->a, ir, n));
	json_put(decided, "at", origin_json(x->bound->ir, n->origin));
	if (q->net.decided != NULL)
		json_put(decided, "rule", rule_json(x, q->net.decided, true));
	json_put(o, "decided", decided);
	json_put(o, "overruled", rules_json(x, &q->net.lost, true));
	json_put(o, "inherited", chain_json(x, n->origin));
	json_put_text(o, "mode", mode[ir->mode]);
	json_put_bool(o, "limited", ir->limited);
	if (q->q.kind == ASK_SOCKET) {
		put_way(o, x, q);
		return;
	}
	json_put_text(o, "host", q->q.dest.pattern);
	if (q->q.dest.port != 0)
		json_put_number(o, "port", q->q.dest.port);
	json_put_bool(o, "depends_on_address", n->pending);
	json_put_number(o, "rules_for_other_ports", q->net.other_ports);
}

static cJSON *
env_json(const struct explainer *x, const struct env_decision *e)
{
	static const char *const result[] = {
		[ENV_DROPPED] = "dropped", [ENV_KEPT] = "kept", [ENV_SET] = "set",
	};
	static const char *const reason[] = {
		[ENV_BY_INHERIT] = "inherit", [ENV_BY_LOADER] = "loader", [ENV_BY_CORE] = "core",
		[ENV_BY_DEFAULTS] = "default-exclude", [ENV_BY_EXCLUDE] = "exclude",
		[ENV_BY_INCLUDE_ONLY] = "include_only", [ENV_BY_SET] = "set",
		[ENV_BY_RUNTIME] = "runtime", [ENV_BY_PROXY] = "runtime",
	};
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "result", result[e->result]);
	json_put_text(o, "kind", reason[e->reason]);
	json_put_text(o, "text", decide_env_text(x->a, e));
	if (e->pattern != NULL)
		json_put_text(o, "pattern", e->pattern);
	if (e->value != NULL)
		json_put_text(o, "value", e->value);
	json_put(o, "at", origin_json(x->bound->ir, e->origin));
	return o;
}

cJSON *
answer_json(const struct explainer *x, const struct answer *q)
{
	static const char *const kind[] = {
		[ASK_PATH] = "path", [ASK_HOST] = "host", [ASK_SOCKET] = "unix", [ASK_ENV] = "env",
	};
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "asked", q->q.text);
	json_put_text(o, "kind", kind[q->q.kind]);
	json_put_text(o, "profile", x->bound->ir->name);
	json_put_text(o, "binding", x->bound->generic ? "generic" : "host");
	json_put_text(o, "verdict", answer_verdict(x->a, x, q));
	switch (q->q.kind) {
	case ASK_PATH:
		put_path(o, x, q);
		break;
	case ASK_HOST:
	case ASK_SOCKET:
		put_net(o, x, q);
		break;
	case ASK_ENV:
		json_put_text(o, "name", q->q.name);
		json_put(o, "decided", env_json(x, &q->env));
		json_put(o, "callers", env_json(x, &q->inherited));
		if (q->setting != NULL)
			json_put(o, "set", origin_json(x->bound->ir, &q->setting->origin));
		return o;
	}
	json_put(o, "backends", backends_json(x, q));
	return o;
}
