/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_config.c - the proxy's configuration as JSON, and back */
#include <config.h>

#include "proxy_config.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "ir_json.h"
#include "json.h"

/* Of the policy only what the proxy asks: the network, and the names of sources. */
static cJSON *
rules(const struct ir_policy *ir)
{
	struct ir_policy network = {
		.name = ir->name, .unsandboxed = false, .network = ir->network,
	};

	network.sources.v = ir->sources.v;
	network.sources.len = ir->sources.len;
	network.network.sockets.len = 0;
	network.network.has_sockets = false;
	network.network.mitm = NULL;
	return ir_print(&network);
}

static cJSON *
listeners(struct arena *a, const struct proxy_config *c)
{
	cJSON *list = json_new_array();

	for (size_t i = 0; i < c->nlisteners; i++) {
		const struct proxy_listener *l = &c->listener[i];
		cJSON *o = json_new_object();
		json_put_text(o, "address", address_text(a, &l->address));
		json_put_number(o, "port", l->port);
		json_put_number(o, "speaks", l->speaks);
		json_put_bool(o, "datagrams", l->datagrams);
		json_put_number(o, "forward", l->forward);
		json_append(list, o);
	}
	return list;
}

static void
put_upstream(cJSON *doc, const char *key, const struct proxy_upstream *u)
{
	if (u->host == NULL)
		return;
	cJSON *o = json_new_object();
	json_put_text(o, "host", u->host);
	json_put_number(o, "port", u->port);
	if (u->authorization != NULL)
		json_put_text(o, "authorization", u->authorization);
	json_put(doc, key, o);
}

void
proxy_config_write(const struct proxy_config *c, bool audit, struct sbuf *out)
{
	struct arena *a = arena_new();
	struct sbuf text = SBUF_INIT;
	cJSON *doc = json_new_object();

	json_put(doc, "ir", rules(c->ir));
	json_put(doc, "listeners", listeners(a, c));
	json_put_bool(doc, "audit", audit);
	put_upstream(doc, "http", &c->http);
	put_upstream(doc, "https", &c->https);
	if (c->token != NULL)
		json_put_text(doc, "token", c->token);
	if (c->no_proxy != NULL)
		json_put_text(doc, "no_proxy", c->no_proxy);
	if (c->audit_file != NULL)
		json_put_text(doc, "audit_file", c->audit_file);
	json_write(&text, doc);
	const uint8_t head[4] = {
		(uint8_t)(text.len >> 24), (uint8_t)(text.len >> 16), (uint8_t)(text.len >> 8),
		(uint8_t)text.len,
	};
	sbuf_add(out, head, sizeof(head));
	sbuf_add(out, sbuf_str(&text), text.len);
	sbuf_free(&text);
	cJSON_Delete(doc);
	arena_free(a);
}

static bool
get_port(const cJSON *o, const char *key, bool may_be_0, uint16_t *out)
{
	int64_t n;

	if (!json_int(o, key, &n) || n < (may_be_0 ? 0 : 1) || n > 65535)
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool
get_listener(const cJSON *o, struct proxy_listener *l)
{
	const char *address = json_string(o, "address");
	int64_t speaks;

	if (address == NULL || !address_parse(address, strlen(address), &l->address, NULL) ||
	    !get_port(o, "port", true, &l->port) || !get_port(o, "forward", true, &l->forward) ||
	    !json_bool(o, "datagrams", &l->datagrams) || !json_int(o, "speaks", &speaks) ||
	    speaks < 0 || speaks > (PROXY_SPEAKS_HTTP | PROXY_SPEAKS_SOCKS))
		return false;
	l->speaks = (unsigned)speaks;
	return true;
}

static bool
get_upstream(struct arena *a, const cJSON *doc, const char *key, struct proxy_upstream *u)
{
	const cJSON *o = json_member(doc, key);
	const char *host = json_string(o, "host"), *authorization = json_string(o, "authorization");

	if (o == NULL)
		return true;
	if (host == NULL || !get_port(o, "port", false, &u->port))
		return false;
	u->host = arena_strdup(a, host);
	u->authorization = authorization != NULL ? arena_strdup(a, authorization) : NULL;
	return true;
}

static const char *
read_all(struct arena *a, const cJSON *doc, struct proxy_config *c, bool *audit)
{
	const cJSON *list = json_member(doc, "listeners"), *one;
	const char *why = NULL, *no_proxy = json_string(doc, "no_proxy"), *token = json_string(doc, "token"),
	    *audit_file = json_string(doc, "audit_file");

	if (!cJSON_IsArray(list) || !json_bool(doc, "audit", audit))
		return "the configuration lacks a member";
	c->ir = ir_read(a, json_member(doc, "ir"), &why);
	if (c->ir == NULL)
		return why;
	cJSON_ArrayForEach(one, list)
		if (c->nlisteners == PROXY_MAX_LISTENERS || !get_listener(one, &c->listener[c->nlisteners++]))
			return "a listener is none";
	if (!get_upstream(a, doc, "http", &c->http) || !get_upstream(a, doc, "https", &c->https))
		return "an upstream proxy is none";
	if (json_member(doc, "token") != NULL && (token == NULL || *token == '\0'))
		return "the token is none";
	c->token = token != NULL ? arena_strdup(a, token) : NULL;
	c->audit_file = audit_file != NULL ? arena_strdup(a, audit_file) : NULL;
	c->no_proxy = no_proxy != NULL ? arena_strdup(a, no_proxy) : NULL;
	return NULL;
}

struct proxy_config *
proxy_config_read(struct arena *a, const char *text, size_t len, bool *audit, const char **why)
{
	struct proxy_config *c = arena_alloc(a, sizeof(*c));
	size_t offset;
	cJSON *doc = json_read(text, len, why, &offset);

	if (doc == NULL)
		return NULL;
	*why = read_all(a, doc, c, audit);
	cJSON_Delete(doc);
	return *why == NULL ? c : NULL;
}
