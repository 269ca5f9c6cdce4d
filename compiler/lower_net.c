/* SPDX-License-Identifier: Apache-2.0 */
/* lower_net.c - the network table into the IR: mode, rules, and what contradicts what (spec 1.5) */
#include <config.h>

#include "lower.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "domain.h"
#include "json.h"

static const char default_proxy[] = "http://127.0.0.1:3128";
static const char default_socks[] = "socks5h://127.0.0.1:8081";

static bool
flag(const struct network *n, enum schema_key key, bool otherwise)
{
	return n->s[key].set ? n->s[key].flag : otherwise;
}

/* ---- mitm: kept as JSON, for backends that can do it ---- */

/* Depth is bounded by LIMIT_TOML_DEPTH. */
static cJSON *
to_json(const struct toml_node *n)
{
	char number[32];
	cJSON *out;
	switch (n->type) {
	case TOML_BOOLEAN:
		return cJSON_CreateBool(n->boolean);
	case TOML_INTEGER:
		/* Beyond 2^53 and for fractions JSON's numbers are not exact. */
		if (n->integer <= INT64_C(1) << 53 && n->integer >= -(INT64_C(1) << 53))
			return cJSON_CreateNumber((double)n->integer);
		snprintf(number, sizeof(number), "%lld", (long long)n->integer);
		return cJSON_CreateString(number);
	case TOML_FLOAT:
		snprintf(number, sizeof(number), "%.17g", n->real);
		return cJSON_CreateString(number);
	case TOML_ARRAY:
		out = cJSON_CreateArray();
		for (size_t i = 0; i < n->array.len; i++)
			cJSON_AddItemToArray(out, to_json(n->array.v[i]));
		return out;
	case TOML_TABLE:
		out = cJSON_CreateObject();
		for (size_t i = 0; i < n->table->keys.len; i++)
			cJSON_AddItemToObject(out, n->table->keys.v[i].name.p,
			    to_json(n->table->keys.v[i].value));
		return out;
	default:
		return cJSON_CreateString(n->string.p);
	}
}

static const char *
mitm_json(struct arena *a, const struct toml_node *table)
{
	struct sbuf b = SBUF_INIT;
	cJSON *json = to_json(table);
	const char *text = json_write(&b, json) == 0 ? arena_strdup(a, sbuf_str(&b)) : NULL;
	cJSON_Delete(json);
	sbuf_free(&b);
	return text;
}

/* ---- contradictions ---- */

/* The first setting that a network which is off has no use for; NULL: none. */
static const struct origin *
idle_setting(const struct network *n)
{
	static const enum schema_key keys[] = {
		KEY_MODE, KEY_ALLOW_LOCAL_BINDING, KEY_PROXY_URL, KEY_SOCKS_URL,
		KEY_ENABLE_SOCKS5, KEY_ENABLE_SOCKS5_UDP, KEY_ALLOW_UPSTREAM_PROXY,
		KEY_ANY_PROXY_ADDRESS,
	};
	for (size_t i = 0; i < n->domains.len; i++)
		if (!n->domains.v[i].gone)
			return &n->domains.v[i].origin;
	for (size_t i = 0; i < NELEMS(keys); i++)
		if (n->s[keys[i]].set)
			return &n->s[keys[i]].origin;
	return n->mitm != NULL ? &n->mitm_origin : NULL;
}

static void
warn_off(struct config *c, const struct network *n)
{
	const struct origin *idle = idle_setting(n);
	const struct setting *enabled = &n->s[KEY_ENABLED];
	struct diag *w;
	if (idle == NULL || !config_is_whole(c))
		return;
	if (!enabled->set) {
		w = diag_add(c->d, D_NETWORK_OFF, idle->span,
		    "\"%s\" has no effect: the network is off by default", idle->text);
		diag_hint(c->d, w, "set enabled = true to have a network with these rules");
		return;
	}
	w = diag_add(c->d, D_NETWORK_OFF, enabled->origin.span,
	    "the network is off, and \"%s\" has no effect", idle->text);
	diag_note(c->d, w, idle->span, "set here");
}

/* Rules that are enforced or refused, never ignored because another switch is off. */
static void
check_feature(struct config *c, const struct network *n)
{
	const struct origin *rule = NULL;
	if (!c->network_proxy.set || c->network_proxy.flag)
		return;
	for (size_t i = 0; i < n->domains.len && rule == NULL; i++)
		if (!n->domains.v[i].gone)
			rule = &n->domains.v[i].origin;
	if (rule == NULL && n->s[KEY_MODE].set && strcmp(n->s[KEY_MODE].text, "limited") == 0)
		rule = &n->s[KEY_MODE].origin;
	for (size_t i = 0; i < n->sockets.len && rule == NULL; i++)
		if (!n->sockets.v[i].gone)
			rule = &n->sockets.v[i].origin;
	if (rule == NULL && (n->has_domains || n->has_sockets))
		rule = &n->origin;
	if (rule == NULL)
		return;
	struct diag *e = diag_add(c->d, D_NETWORK_PROXY, c->network_proxy.origin.span,
	    "features.network_proxy is off beside network rules that need it");
	diag_hint(c->d, e, "remove it, or the rules");
	diag_note(c->d, e, rule->span, "\"%s\" is such a rule", rule->text);
}

static void
check_loopback(struct config *c, const struct network *n, enum schema_key key,
    const char *const *schemes, size_t nschemes)
{
	const struct setting *s = &n->s[key];
	struct net_address addr;
	const char *why, *kind;
	if (!s->set || flag(n, KEY_ANY_PROXY_ADDRESS, false))
		return;
	const char *host = proxy_url_host(c->a, s->text, schemes, nschemes, &why);
	if (host == NULL || strcmp(host, "localhost") == 0)
		return;
	if (address_parse(host, strlen(host), &addr, NULL) &&
	    (kind = address_special(&addr)) != NULL && strcmp(kind, "loopback") == 0)
		return;
	struct diag *e = diag_add(c->d, D_URL_LOOPBACK, s->value,
	    "the proxy at \"%s\" is not on the loopback", host);
	diag_hint(c->d, e, "others could use it too; if that is meant: "
	    "dangerously_allow_non_loopback_proxy = true");
}

/* ---- the IR ---- */

static void
lower_rules(struct lowering *l, const struct network *n)
{
	struct ir_network *out = &l->ir->network;
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct item *it = &n->domains.v[i];
		if (!it->gone)
			VEC_PUSH(l->c->a, &out->domains, ((struct ir_domain){ it->path, it->port,
			    it->on, lower_origin(l, &it->origin) }));
	}
	for (size_t i = 0; i < n->sockets.len; i++) {
		const struct item *it = &n->sockets.v[i];
		if (!it->gone)
			VEC_PUSH(l->c->a, &out->sockets, ((struct ir_socket){ it->path, it->anchor,
			    it->on, lower_origin(l, &it->origin) }));
	}
}

void
lower_net(struct lowering *l, const struct profile *p)
{
	static const char *const http[] = { "http" };
	static const char *const socks[] = { "socks5h", "socks5" };
	const struct network *n = &p->network;
	struct ir_network *out = &l->ir->network;

	out->limited = n->s[KEY_MODE].set && strcmp(n->s[KEY_MODE].text, "limited") == 0;
	out->has_domains = n->has_domains;
	out->has_sockets = n->has_sockets;
	if (!flag(n, KEY_ENABLED, false))
		out->mode = NET_OFF;
	else
		out->mode = n->has_domains || out->limited ? NET_PROXIED : NET_OPEN;
	lower_rules(l, n);
	out->allow_local_binding = flag(n, KEY_ALLOW_LOCAL_BINDING, false);
	out->allow_upstream_proxy = flag(n, KEY_ALLOW_UPSTREAM_PROXY, true);
	out->enable_socks5 = flag(n, KEY_ENABLE_SOCKS5, true);
	out->enable_socks5_udp = flag(n, KEY_ENABLE_SOCKS5_UDP, true);
	out->any_proxy_address = flag(n, KEY_ANY_PROXY_ADDRESS, false);
	out->all_sockets = flag(n, KEY_ALL_SOCKETS, false);
	out->proxy_url = n->s[KEY_PROXY_URL].set ? n->s[KEY_PROXY_URL].text : default_proxy;
	out->socks_url = n->s[KEY_SOCKS_URL].set ? n->s[KEY_SOCKS_URL].text : default_socks;
	out->mitm = n->mitm == NULL ? NULL : mitm_json(l->c->a, n->mitm);
	out->origin = lower_origin(l, n->s[KEY_ENABLED].set ? &n->s[KEY_ENABLED].origin :
	    n->written ? &n->origin : &p->origin);

	if (out->mode == NET_OFF)
		warn_off(l->c, n);
	check_feature(l->c, n);
	check_loopback(l->c, n, KEY_PROXY_URL, http, NELEMS(http));
	check_loopback(l->c, n, KEY_SOCKS_URL, socks, NELEMS(socks));
}
