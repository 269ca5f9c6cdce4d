/* SPDX-License-Identifier: Apache-2.0 */
/* show_json.c - cdxpc show --format=json: one canonical document */
#include <config.h>

#include "show.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "ir_json.h"
#include "json.h"
#include "subject.h"
#include "why_json.h"

/* Every member is always there, null or [] where there is nothing. */

static cJSON *
text(const char *t)
{
	return t == NULL ? json_must(cJSON_CreateNull()) : json_bytes(t, strlen(t));
}

static cJSON *
boolean(bool b)
{
	return json_must(cJSON_CreateBool(b));
}

static cJSON *
number(uint64_t n)
{
	return json_must(cJSON_CreateNumber((double)n));
}

static cJSON *
object(void)
{
	return json_must(cJSON_CreateObject());
}

static cJSON *
array(void)
{
	return json_must(cJSON_CreateArray());
}

static cJSON *
texts(const struct show *s, const char *const *v, size_t n, bool bound)
{
	cJSON *list = array();
	for (size_t i = 0; i < n; i++)
		json_append(list, text(bound ? view_path(s->a, s->bound, v[i]) : v[i]));
	return list;
}

static cJSON *
places(const struct show *s)
{
	cJSON *list = array();
	for (size_t i = 0; i < s->view->nrow; i++) {
		const struct view_row *r = s->view->row[i];
		if (r->kind == VIEW_PATTERN)
			continue;
		cJSON *o = object();
		json_put(o, "path", text(r->path));
		json_put(o, "access", text(access_name(r->access)));
		json_put(o, "pinned", boolean(r->pinned));
		json_put(o, "why", why_json(s->a, s->bound, &r->why));
		json_append(list, o);
	}
	return list;
}

static cJSON *
patterns(const struct show *s)
{
	cJSON *list = array();
	for (size_t i = 0; i < s->view->nrow; i++) {
		const struct view_row *r = s->view->row[i];
		if (r->kind != VIEW_PATTERN)
			continue;
		cJSON *o = object();
		json_put(o, "pattern", text(r->path));
		json_put(o, "matches", texts(s, r->pattern->matches.v, r->pattern->matches.len, true));
		json_put(o, "unscanned", number(r->pattern->unscanned));
		json_put(o, "at", origin_json(s->bound->ir, r->why.origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
idle(const struct show *s)
{
	cJSON *list = array();
	for (size_t i = 0; i < s->view->nidle; i++) {
		const struct view_idle *d = &s->view->idle[i];
		cJSON *o = object();
		json_put(o, "access", text(access_name(d->access)));
		json_put(o, "pattern", boolean(d->pattern));
		json_put(o, "at", origin_json(s->bound->ir, d->origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
domains(const struct show *s)
{
	const struct ir_network *n = &s->bound->ir->network;
	cJSON *list = array();
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *d = &n->domains.v[i];
		cJSON *o = object();
		json_put(o, "pattern", text(d->pattern));
		json_put(o, "port", d->port != 0 ? number(d->port) : text(NULL));
		json_put(o, "allow", boolean(d->allow));
		json_put(o, "at", origin_json(s->bound->ir, &d->origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
network(const struct show *s)
{
	const struct ir_network *n = &s->bound->ir->network;
	cJSON *o = object();
	json_put(o, "mode", text(ir_net_mode_name(n->mode)));
	json_put(o, "limited", boolean(n->limited));
	json_put(o, "allow_local_binding", boolean(n->allow_local_binding));
	json_put(o, "allow_upstream_proxy", boolean(n->allow_upstream_proxy));
	json_put(o, "enable_socks5", boolean(n->enable_socks5));
	json_put(o, "enable_socks5_udp", boolean(n->enable_socks5_udp));
	json_put(o, "any_proxy_address", boolean(n->any_proxy_address));
	json_put(o, "proxy_url", text(n->proxy_url));
	json_put(o, "socks_url", text(n->socks_url));
	json_put(o, "mitm", text(n->mitm));
	json_put(o, "domains", domains(s));
	json_put(o, "at", origin_json(s->bound->ir, &n->origin));
	return o;
}

static cJSON *
sockets(const struct show *s)
{
	const struct bound_policy *b = s->bound;
	struct show_facts words = show_sockets(s);
	cJSON *o = object(), *list = array();
	for (size_t i = 0; i < b->sockets.len; i++) {
		cJSON *k = object();
		json_put(k, "path", text(view_path(s->a, b, b->sockets.v[i].path)));
		json_put(k, "allow", boolean(b->sockets.v[i].allow));
		json_put(k, "at", origin_json(b->ir, b->sockets.v[i].origin));
		json_append(list, k);
	}
	json_put(o, "others", text(words.v[0].tone == TONE_ALLOW ? "allow" : "deny"));
	json_put(o, "rules", list);
	return o;
}

static cJSON *
strings(const struct show *s, const struct ir_strings *l)
{
	cJSON *list = array();
	for (size_t i = 0; i < l->len; i++) {
		cJSON *o = object();
		json_put(o, "pattern", text(l->v[i].text));
		json_put(o, "at", origin_json(s->bound->ir, &l->v[i].origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
environment(const struct show *s)
{
	const struct ir_environment *e = &s->bound->ir->environment;
	cJSON *o = object(), *set = array();
	for (size_t i = 0; i < e->set.len; i++) {
		cJSON *k = object();
		json_put(k, "name", text(e->set.v[i].name));
		json_put(k, "value", text(e->set.v[i].value));
		json_put(k, "at", origin_json(s->bound->ir, &e->set.v[i].origin));
		json_append(set, k);
	}
	json_put(o, "inherit", text(ir_env_inherit_name(e->inherit)));
	json_put(o, "drop_secrets", boolean(!e->ignore_default_excludes));
	json_put(o, "exclude", strings(s, &e->exclude));
	json_put(o, "set", set);
	json_put(o, "include_only", strings(s, &e->include_only));
	return o;
}

static cJSON *
deviations(const struct show *s, const struct artifact *art)
{
	cJSON *list = array();
	for (size_t i = 0; i < art->deviations.len; i++) {
		const struct deviation *d = &art->deviations.v[i];
		cJSON *o = object();
		json_put(o, "name", text(d->name));
		json_put(o, "direction", text(d->direction == DEVIATION_WIDER ? "wider" : "narrower"));
		json_put(o, "path", d->path == NULL ? text(NULL) :
		    text(view_path(s->a, s->bound, d->path)));
		json_put(o, "detail", text(d->detail));
		json_put(o, "at", origin_json(s->bound->ir, d->origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
backends(const struct show *s)
{
	cJSON *list = array();
	for (size_t i = 0; i < s->nbackend; i++) {
		const struct artifact *art = &s->backend[i].artifact;
		cJSON *o = object();
		json_put(o, "name", text(s->backend[i].name));
		json_put(o, "status", text(art->refused ? "refused" :
		    art->deviations.len > 0 ? "deviations" : "exact"));
		json_put(o, "reason", text(art->refused ? art->refusal.reason : NULL));
		json_put(o, "witness", text(art->refused ? art->refusal.witness : NULL));
		json_put(o, "at", origin_json(s->bound->ir,
		    art->refused ? art->refusal.origin : NULL));
		json_put(o, "deviations", deviations(s, art));
		json_append(list, o);
	}
	return list;
}

static cJSON *
binding(const struct bound_policy *b)
{
	cJSON *o = object();
	json_put(o, "kind", text(b->generic ? "generic" : "host"));
	json_put(o, "cwd", text(b->generic ? NULL : b->cwd));
	json_put(o, "home", text(b->generic ? NULL : b->home));
	json_put(o, "tmpdir", text(b->generic ? NULL : b->tmpdir));
	return o;
}

void
show_json(const struct show *s, struct sbuf *out)
{
	const struct ir_policy *ir = s->bound->ir;
	cJSON *o = object(), *source = object();
	json_put(source, "name", text(s->subject->source_name));
	json_put(source, "sha256", text(s->subject->source_sha256));
	json_put(o, "profile", text(ir->name));
	json_put(o, "description", text(ir->description));
	json_put(o, "source", source);
	json_put(o, "binding", binding(s->bound));
	json_put(o, "unsandboxed", boolean(ir->unsandboxed));
	json_put(o, "places", places(s));
	json_put(o, "patterns", patterns(s));
	json_put(o, "pinned", texts(s, s->view->pin, s->view->npin, false));
	json_put(o, "idle", idle(s));
	json_put(o, "network", network(s));
	json_put(o, "sockets", sockets(s));
	json_put(o, "environment", environment(s));
	json_put(o, "backends", backends(s));
	/* Numbers are lines and counts, and text went through json_bytes(). */
	if (json_write(out, o) != 0)
		out_of_memory();
	sbuf_addc(out, '\n');
	cJSON_Delete(o);
}
