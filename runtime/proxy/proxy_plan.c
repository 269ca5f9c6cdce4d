/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_plan.c - listeners from the policy, upstream proxies from the caller, variables for the command */
#include <config.h>

#include "proxy_plan.h"

#include <string.h>
#include <strings.h>

#include "arena.h"
#include "decide_env.h"
#include "environ.h"
#include "ir.h"
#include "proxy_url.h"

struct planning {
	struct arena	*arena;
	const struct proxy_request *q;
	struct proxy_plan *plan;
	const char	*why;
};

static int
fail(struct planning *p, const char *why)
{
	p->why = why;
	return -1;
}

/* ---- listeners ---- */

static int
add_listener(struct planning *p, const struct proxy_listener *l)
{
	struct proxy_config *c = &p->plan->config;

	for (size_t i = 0; i < c->nlisteners; i++) {
		struct proxy_listener *other = &c->listener[i];
		if (other->port != l->port || other->datagrams != l->datagrams)
			continue;
		if (other->speaks != 0 && l->speaks != 0 && address_equal(&other->address, &l->address)) {
			other->speaks |= l->speaks;
			return 0;
		}
		if (l->forward != 0 || other->forward != 0)
			return fail(p, arena_printf(p->arena, "--forward %u: the %s is at that port",
			    (unsigned)l->port, other->forward != 0 || l->forward == 0 ?
			    "forwarded port" : "managed proxy"));
	}
	if (c->nlisteners == PROXY_MAX_LISTENERS)
		return fail(p, arena_printf(p->arena, "more than %d ports are listened on",
		    PROXY_MAX_LISTENERS));
	c->listener[c->nlisteners++] = *l;
	return 0;
}

static int
add_url(struct planning *p, const char *url, unsigned speaks, bool datagrams)
{
	struct proxy_listener l = { .speaks = speaks };
	struct proxy_url u;
	const char *why;

	if (proxy_url_read(p->arena, url, &u, &why) != 0)
		return fail(p, arena_printf(p->arena, "the URL of the managed proxy \"%s\" %s", url, why));
	if (!proxy_url_listens(&u, &l.address))
		return fail(p, arena_printf(p->arena, "the managed proxy cannot be at \"%s\": a sandbox "
		    "has its loopback and nothing else; write http://127.0.0.1:PORT", url));
	if (p->q->token != NULL && address_loopback_port(url) == 0)
		return fail(p, arena_printf(p->arena, "the managed proxy cannot be at \"%s\": others would "
		    "reach it from elsewhere; write http://127.0.0.1:PORT", url));
	l.port = (uint16_t)u.host.port;
	if (add_listener(p, &l) != 0)
		return -1;
	l.speaks = 0;
	l.datagrams = true;
	return datagrams ? add_listener(p, &l) : 0;
}

static int
add_listeners(struct planning *p)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	const struct ir_network *n = &p->q->ir->network;

	if (n->mode == NET_PROXIED && (add_url(p, n->proxy_url, PROXY_SPEAKS_HTTP, false) != 0 ||
	    (n->enable_socks5 && add_url(p, n->socks_url, PROXY_SPEAKS_SOCKS,
	    /* Datagrams show no token. */
	    n->enable_socks5_udp && !n->limited && p->q->token == NULL) != 0)))
		return -1;
	for (size_t i = 0; i < p->q->nforward; i++) {
		const struct proxy_listener l = { .address = address_from_bytes(loopback, false),
		    .port = p->q->forward[i], .forward = p->q->forward[i] };
		if (add_listener(p, &l) != 0)
			return -1;
	}
	return 0;
}

const char *
proxy_listener_kind(const struct proxy_listener *l)
{
	static const char *const kind[] = { "forward", "http", "socks", "http and socks" };

	return l->datagrams ? "socks datagrams" : kind[l->speaks];
}

/* ---- the caller's own proxies ---- */

static const char *
variable(const struct planning *p, const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = environ_get(p->q->environment, *names);
		if (value != NULL && *value != '\0')
			return value;
	}
	return NULL;
}

/* RFC 7617, with the alphabet of RFC 4648 4. */
const char *
proxy_basic(struct arena *a, const char *user)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(user);
	char *text = arena_alloc(a, (len + 2) / 3 * 4 + 1), *to = text;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t n = 0;
		for (size_t k = 0; k < 3; k++)
			n = n << 8 | (i + k < len ? (unsigned char)user[i + k] : 0u);
		for (size_t k = 0; k < 4; k++)
			*to++ = k <= len - i ? digit[n >> (18 - 6 * k) & 63] : '=';
	}
	*to = '\0';
	return arena_printf(a, "Basic %s", text);
}

static int
add_upstream(struct planning *p, const char *const *names, struct proxy_upstream *out)
{
	const char *url = variable(p, names), *why;
	struct proxy_url u;

	if (url == NULL)
		return 0;
	if (proxy_url_read(p->arena, url, &u, &why) != 0)
		return fail(p, arena_printf(p->arena, "%s of the environment %s; unset it, or set "
		    "allow_upstream_proxy = false", names[0], why));
	if (strcasecmp(u.scheme, "http") != 0)
		return fail(p, arena_printf(p->arena, "%s of the environment is a proxy of the kind "
		    "\"%s\", and the managed proxy goes on through HTTP proxies only: unset it, or set "
		    "allow_upstream_proxy = false", names[0], u.scheme));
	out->host = u.host.host;
	out->port = u.host.port != 0 ? (uint16_t)u.host.port : 80;
	out->authorization = u.user != NULL ? proxy_basic(p->arena, u.user) : NULL;
	return 0;
}

static int
add_upstreams(struct planning *p)
{
	static const char *const http[] = { "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", NULL };
	static const char *const https[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL };
	static const char *const past[] = { "no_proxy", "NO_PROXY", NULL };
	struct proxy_config *c = &p->plan->config;

	if (p->q->ir->network.mode != NET_PROXIED || !p->q->ir->network.allow_upstream_proxy)
		return 0;
	c->no_proxy = variable(p, past);
	return add_upstream(p, http, &c->http) != 0 ? -1 : add_upstream(p, https, &c->https);
}

/* ---- the command's environment ---- */

/* A rule says of these names of the loopback, at any port, that the host's is meant. */
static bool
is_allowed(const struct ir_network *n, const char *name)
{
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *d = &n->domains.v[i];
		if (d->allow && d->port == 0 && strcmp(d->pattern, name) == 0)
			return true;
	}
	return false;
}

enum form { PLAIN_FORM, JAVA_FORM };

/*
 * What goes past the proxy is the sandbox's own loopback, where test servers
 * are.  With allow_local_binding, or a rule, those names mean the host's,
 * which only the proxy reaches.
 */
static const char *
past_it(const struct planning *p, enum form form, const char *gap)
{
	static const char *const name[][2] = {
		{ "localhost", "localhost" }, { "127.0.0.1", "127.*" }, { "::1", "[::1]" },
	};
	const struct ir_network *n = &p->q->ir->network;
	const bool by_rule = is_allowed(n, name[1][0]) || is_allowed(n, name[2][0]);
	const char *text = "";

	/* The name is of no use without a rule for one of its addresses. */
	for (size_t i = 0; !n->allow_local_binding && i < NELEMS(name); i++)
		if (!by_rule || !is_allowed(n, name[i][0]))
			text = arena_printf(p->arena, "%s%s%s", text, *text != '\0' ? gap : "", name[i][form]);
	return text;
}

/* Java asks no environment but this; what is there already stays.  It has no option for a token. */
static const char *
java_options(const struct planning *p, const struct proxy_url *u)
{
	const char *host = u->host.host;
	unsigned port = (unsigned)u->host.port;

	return arena_printf(p->arena, "-Dhttp.proxyHost=%s -Dhttp.proxyPort=%u -Dhttps.proxyHost=%s "
	    "-Dhttps.proxyPort=%u -Dhttp.nonProxyHosts=%s", host, port, host, port,
	    past_it(p, JAVA_FORM, "|"));
}

static const char *
value_of(const struct planning *p, const struct proxy_url *u, const char *name)
{
	const struct ir_network *n = &p->q->ir->network;
	const size_t len = strlen(name);

	if (strcmp(name, "JAVA_TOOL_OPTIONS") == 0)
		return java_options(p, u);
	if (strcmp(name, "NODE_USE_ENV_PROXY") == 0)
		return "1";
	if (strncasecmp(name, "no_", 3) == 0 || (len > 7 && strcmp(name + len - 7, "noproxy") == 0))
		return past_it(p, PLAIN_FORM, ",");
	const char *host = strstr(n->proxy_url, "://");
	if (p->q->token == NULL || host == NULL)
		return n->proxy_url;
	return arena_printf(p->arena, "%.*s" PROXY_USER ":%s@%s", (int)(host + 3 - n->proxy_url),
	    n->proxy_url, p->q->token, host + 3);
}

static void
add_variables(struct planning *p)
{
	struct { struct proxy_variable *v; size_t len, cap; } out = { NULL, 0, 0 };
	struct proxy_url u;
	const char *why, *name;

	if (p->q->ir->network.mode != NET_PROXIED ||
	    proxy_url_read(p->arena, p->q->ir->network.proxy_url, &u, &why) != 0)
		return;
	for (size_t i = 0; (name = decide_env_proxy(i)) != NULL; i++) {
		const struct proxy_variable one = { name, value_of(p, &u, name),
		    strcmp(name, "JAVA_TOOL_OPTIONS") == 0 };
		VEC_PUSH(p->arena, &out, one);
	}
	p->plan->variable = out.v;
	p->plan->nvariables = out.len;
}

int
proxy_plan_make(struct arena *a, const struct proxy_request *q, struct proxy_plan **out,
    const char **why)
{
	struct planning p = { .arena = a, .q = q };

	*out = NULL;
	if (q->ir->network.mode != NET_PROXIED && q->nforward == 0)
		return 0;
	p.plan = arena_alloc(a, sizeof(*p.plan));
	p.plan->config.ir = q->ir;
	p.plan->config.token = q->token;
	p.plan->audit_file = q->audit_file;
	p.plan->audit_fd = q->audit_fd;
	p.plan->program = q->program;
	if (add_listeners(&p) != 0 || add_upstreams(&p) != 0) {
		*why = p.why;
		return -1;
	}
	add_variables(&p);
	*out = p.plan;
	return 0;
}
