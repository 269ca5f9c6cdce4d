/* SPDX-License-Identifier: Apache-2.0 */
/* launch_json.c - a launch as a JSON document: --print */
#include <config.h>

#include "launch.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "json.h"
#include "proxy_plan.h"

static cJSON *
strings(const char *const *v, size_t n)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < n; i++)
		json_append(list, json_bytes(v[i], strlen(v[i])));
	return list;
}

/* The rule and where it was written, for one region or pattern. */
static void
add_rule(struct arena *a, cJSON *o, const struct bound_policy *b, const struct why *why)
{
	const char *place = why_place(a, b, why);
	json_put_text(o, "rule", why_text(a, b, why));
	if (*place != '\0')
		json_put_text(o, "at", place);
}

static bool
same_rule(const struct why *x, const struct why *y)
{
	return x->kind == y->kind && x->origin == y->origin;
}

/*
 * One line for each place where access or its rule changes, in path order.
 * Recursion is bounded by LIMIT_PATH_DEPTH, as the tree is.
 */
static void
add_regions(struct arena *a, cJSON *list, const struct bound_policy *b, const struct region *r)
{
	const struct region *up = r->parent;
	if (up == NULL || r->below != up->below || r->self != r->below ||
	    !same_rule(&r->why, &up->why)) {
		cJSON *o = json_must(cJSON_CreateObject());
		json_put_text(o, "path", region_path(a, r));
		cJSON_AddStringToObject(o, "access", access_name(r->below));
		if (r->self != r->below)
			cJSON_AddStringToObject(o, "self", access_name(r->self));
		add_rule(a, o, b, &r->why);
		json_append(list, o);
	}
	for (size_t i = 0; i < r->nchild; i++)
		add_regions(a, list, b, r->child[i]);
}

static void
add_patterns(struct arena *a, cJSON *list, const struct bound_policy *b)
{
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct bound_pattern *p = &b->patterns.v[i];
		struct why why = { WHY_PATTERN, p->origin, p->pattern->text };
		cJSON *o = json_must(cJSON_CreateObject());
		json_put_text(o, "pattern", p->pattern->text);
		json_put_text(o, "below", p->literal);
		cJSON_AddStringToObject(o, "access", access_name(ACCESS_DENY));
		json_put(o, "matches", strings(p->matches.v, p->matches.len));
		add_rule(a, o, b, &why);
		json_append(list, o);
	}
}

/* Names are keys, so the tagged form of bytes that are no UTF-8 has to be a string there. */
static cJSON *
environment(struct arena *a, const char *const *envp)
{
	cJSON *object = json_must(cJSON_CreateObject());
	for (size_t i = 0; envp[i] != NULL; i++) {
		size_t len = strcspn(envp[i], "=");
		cJSON *name = json_bytes(envp[i], len);
		const char *hex = json_string(name, "hex");
		const char *key = hex != NULL ? arena_printf(a, "hex:%s", hex) :
		    arena_strndup(a, envp[i], len);
		json_put_text(object, key, envp[i][len] == '=' ? envp[i] + len + 1 : "");
		cJSON_Delete(name);
	}
	return object;
}

static cJSON *
deviations(struct arena *a, const struct launch *l)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < l->artifact.deviations.len; i++) {
		const char *text = deviation_text(a, l->request->ir, &l->artifact.deviations.v[i]);
		json_append(list, json_bytes(text, strlen(text)));
	}
	return list;
}

/* Where the managed proxy listens, what it goes on through, and the rules that it decides by. */
static cJSON *
proxy(struct arena *a, const struct launch *l)
{
	const struct ir_policy *ir = l->request->ir;
	const struct proxy_config *c = &l->proxy->config;
	cJSON *o = json_must(cJSON_CreateObject());
	cJSON *listeners = cJSON_AddArrayToObject(o, "listeners"), *rules = cJSON_AddArrayToObject(o, "rules");

	json_put_text(o, "program", l->proxy->program);
	for (size_t i = 0; i < c->nlisteners; i++) {
		cJSON *one = json_must(cJSON_CreateObject());
		json_put_text(one, "address", address_text(a, &c->listener[i].address));
		json_put_number(one, "port", c->listener[i].port);
		json_put_text(one, "speaks", proxy_listener_kind(&c->listener[i]));
		json_append(listeners, one);
	}
	for (size_t i = 0; ir->network.mode == NET_PROXIED && i < ir->network.domains.len; i++) {
		const struct ir_domain *d = &ir->network.domains.v[i];
		const struct why why = { WHY_ENTRY, &d->origin, NULL };
		cJSON *one = json_must(cJSON_CreateObject());
		json_put_text(one, "pattern", d->pattern);
		json_put_number(one, "port", d->port);
		json_put_text(one, "access", d->allow ? "allow" : "deny");
		json_put_text(one, "at", why_place(a, l->request->bound, &why));
		json_append(rules, one);
	}
	json_put_bool(o, "free_ports", l->proxy->free_ports);
	json_put_bool(o, "limited", ir->network.limited);
	json_put_bool(o, "allow_local_binding", ir->network.allow_local_binding);
	json_put_text(o, "upstream_http", c->http.host);
	json_put_text(o, "upstream_https", c->https.host);
	return o;
}

static const char *
print(struct arena *a, const struct launch *l, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	const char *program, **argv;
	size_t argc;
	if (launch_words(a, l, &program, &argv, &argc, err) != 0)
		return NULL;

	cJSON *doc = json_must(cJSON_CreateObject());
	cJSON_AddStringToObject(doc, "backend", l->backend != NULL ? l->backend->name :
	    q->outer != NULL ? "outer" : "none");
	json_put_text(doc, "program", program);
	json_put(doc, "argv", strings(argv, argc));
	json_put(doc, "environment", environment(a, l->envp));
	json_put(doc, "deviations", deviations(a, l));
	if (l->proxy != NULL)
		json_put(doc, "proxy", proxy(a, l));
	cJSON_AddBoolToObject(doc, "network", q->bound == NULL || q->ir->network.mode == NET_OPEN);
	if (l->backend != NULL && l->backend->target == TARGET_MACOS)
		json_put(doc, "profile", json_bytes(sbuf_str(&l->artifact.bytes), l->artifact.bytes.len));
	/* A document of its own, in canonical form as this one. */
	if (l->artifact.is_json)
		json_put(doc, l->backend->target == TARGET_WINDOWS ? "plan" : "ruleset",
		    json_must(cJSON_CreateRaw(sbuf_str(&l->artifact.bytes))));
	cJSON *policy = cJSON_AddArrayToObject(doc, "policy");
	if (q->bound != NULL) {
		add_regions(a, policy, q->bound, q->decide->root);
		add_patterns(a, policy, q->bound);
	}

	struct sbuf out = SBUF_INIT;
	const char *text = NULL;
	if (json_write(&out, doc) == 0)
		text = arena_strndup(a, sbuf_str(&out), out.len);
	else
		*err = (struct launch_error){ LAUNCH_REFUSED, "the document cannot be written" };
	sbuf_free(&out);
	cJSON_Delete(doc);
	return text;
}

const char *
launch_json(struct arena *a, const struct launch *l, struct launch_error *err)
{
	struct launch other;

	switch (launch_settle(a, l, &other, err)) {
	case 0:
		return print(a, l, err);
	case 1:
		break;
	default:
		return NULL;
	}
	const char *text = print(a, &other, err);
	launch_drop(&other);
	return text;
}
