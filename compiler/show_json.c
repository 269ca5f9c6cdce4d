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
texts(const struct show *s, const char *const *v, size_t n, bool bound)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < n; i++)
		json_append(list, json_new_text(bound ? view_path(s->a, s->bound, v[i]) : v[i]));
	return list;
}

static cJSON *
places(const struct show *s)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < s->view->nrow; i++) {
		const struct view_row *r = s->view->row[i];
		if (r->kind == VIEW_PATTERN)
			continue;
		cJSON *o = json_new_object();
		json_put_text(o, "path", r->path);
		json_put_text(o, "access", access_name(r->access));
		json_put_bool(o, "pinned", r->pinned);
		json_put(o, "why", why_json(s->a, s->bound, &r->why));
		json_append(list, o);
	}
	return list;
}

static cJSON *
patterns(const struct show *s)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < s->view->nrow; i++) {
		const struct view_row *r = s->view->row[i];
		if (r->kind != VIEW_PATTERN)
			continue;
		cJSON *o = json_new_object();
		json_put_text(o, "pattern", r->path);
		json_put(o, "matches", texts(s, r->pattern->matches.v, r->pattern->matches.len, true));
		json_put_number(o, "unscanned", r->pattern->unscanned);
		json_put(o, "at", origin_json(s->bound->ir, r->why.origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
idle(const struct show *s)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < s->view->nidle; i++) {
		const struct view_idle *d = &s->view->idle[i];
		cJSON *o = json_new_object();
		json_put_text(o, "access", access_name(d->access));
		json_put_bool(o, "pattern", d->pattern);
		json_put(o, "at", origin_json(s->bound->ir, d->origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
domains(const struct show *s)
{
	const struct ir_network *n = &s->bound->ir->network;
	cJSON *list = json_new_array();
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *d = &n->domains.v[i];
		cJSON *o = json_new_object();
		json_put_text(o, "pattern", d->pattern);
		json_put(o, "port", d->port != 0 ? json_new_number(d->port) : json_new_text(NULL));
		json_put_bool(o, "allow", d->allow);
		json_put(o, "at", origin_json(s->bound->ir, &d->origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
network(const struct show *s)
{
	const struct ir_network *n = &s->bound->ir->network;
	cJSON *o = json_new_object();
	json_put_text(o, "mode", ir_net_mode_name(n->mode));
	json_put_bool(o, "limited", n->limited);
	json_put_bool(o, "allow_local_binding", n->allow_local_binding);
	json_put_bool(o, "allow_upstream_proxy", n->allow_upstream_proxy);
	json_put_bool(o, "enable_socks5", n->enable_socks5);
	json_put_bool(o, "enable_socks5_udp", n->enable_socks5_udp);
	json_put_bool(o, "any_proxy_address", n->any_proxy_address);
	json_put_text(o, "proxy_url", n->proxy_url);
	json_put_text(o, "socks_url", n->socks_url);
	json_put_text(o, "mitm", n->mitm);
	json_put(o, "domains", domains(s));
	json_put(o, "at", origin_json(s->bound->ir, &n->origin));
	return o;
}

static cJSON *
sockets(const struct show *s)
{
	const struct bound_policy *b = s->bound;
	struct show_facts words = show_sockets(s);
	cJSON *o = json_new_object(), *list = json_new_array();
	for (size_t i = 0; i < b->sockets.len; i++) {
		cJSON *k = json_new_object();
		json_put_text(k, "path", view_path(s->a, b, b->sockets.v[i].path));
		json_put_bool(k, "allow", b->sockets.v[i].allow);
		json_put(k, "at", origin_json(b->ir, b->sockets.v[i].origin));
		json_append(list, k);
	}
	json_put_text(o, "others", words.v[0].tone == TONE_ALLOW ? "allow" : "deny");
	json_put(o, "rules", list);
	return o;
}

static cJSON *
strings(const struct show *s, const struct ir_strings *l)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < l->len; i++) {
		cJSON *o = json_new_object();
		json_put_text(o, "pattern", l->v[i].text);
		json_put(o, "at", origin_json(s->bound->ir, &l->v[i].origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
environment(const struct show *s)
{
	const struct ir_environment *e = &s->bound->ir->environment;
	cJSON *o = json_new_object(), *set = json_new_array();
	for (size_t i = 0; i < e->set.len; i++) {
		cJSON *k = json_new_object();
		json_put_text(k, "name", e->set.v[i].name);
		json_put_text(k, "value", e->set.v[i].value);
		json_put(k, "at", origin_json(s->bound->ir, &e->set.v[i].origin));
		json_append(set, k);
	}
	json_put_text(o, "inherit", ir_env_inherit_name(e->inherit));
	json_put_bool(o, "drop_secrets", !e->ignore_default_excludes);
	json_put(o, "exclude", strings(s, &e->exclude));
	json_put(o, "set", set);
	json_put(o, "include_only", strings(s, &e->include_only));
	return o;
}

static cJSON *
deviations(const struct show *s, const struct artifact *art)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < art->deviations.len; i++) {
		const struct deviation *d = &art->deviations.v[i];
		cJSON *o = json_new_object();
		json_put_text(o, "name", d->name);
		json_put_text(o, "direction", d->direction == DEVIATION_WIDER ? "wider" : "narrower");
		json_put(o, "path", d->path == NULL ? json_new_text(NULL) :
		    json_new_text(view_path(s->a, s->bound, d->path)));
		json_put_text(o, "detail", d->detail);
		json_put(o, "at", origin_json(s->bound->ir, d->origin));
		json_append(list, o);
	}
	return list;
}

static cJSON *
backends(const struct show *s)
{
	cJSON *list = json_new_array();
	for (size_t i = 0; i < s->nbackend; i++) {
		const struct artifact *art = &s->backend[i].artifact;
		cJSON *o = json_new_object();
		json_put_text(o, "name", s->backend[i].name);
		json_put_text(o, "status", art->refused ? "refused" :
		    art->deviations.len > 0 ? "deviations" : "exact");
		json_put_text(o, "reason", art->refused ? art->refusal.reason : NULL);
		json_put_text(o, "witness", art->refused ? art->refusal.witness : NULL);
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
	cJSON *o = json_new_object();
	json_put_text(o, "kind", b->generic ? "generic" : "host");
	json_put_text(o, "cwd", b->generic ? NULL : b->cwd);
	json_put_text(o, "home", b->generic ? NULL : b->home);
	json_put_text(o, "tmpdir", b->generic ? NULL : b->tmpdir);
	return o;
}

/* null: no log was given. */
static cJSON *
denials(const struct show *s)
{
	if (s->denials == NULL)
		return json_new_text(NULL);
	struct show_denied_lines d = show_denied_lines(s);
	cJSON *o = json_new_object(), *list = json_new_array();
	for (size_t i = 0; i < d.len && d.v[i].line != NULL; i++) {
		const struct denial_line *l = d.v[i].line;
		cJSON *k = json_new_object();
		json_put_text(k, "action", l->action);
		json_put_number(k, "count", l->count);
		json_put_text(k, "operation", l->operation);
		json_put_text(k, "place", d.v[i].row != NULL ? d.v[i].row->path : NULL);
		json_put_text(k, "process", l->process);
		json_put_text(k, "rule", d.v[i].rule);
		json_put_text(k, "spelt", l->spelt);
		json_put_text(k, "target", l->target);
		json_append(list, k);
	}
	json_put_number(o, "lost", show_denials_lost(s));
	json_put(o, "denied", list);
	return o;
}

void
show_json(const struct show *s, struct sbuf *out)
{
	const struct ir_policy *ir = s->bound->ir;
	cJSON *o = json_new_object(), *source = json_new_object();
	json_put_text(source, "name", s->subject->source_name);
	json_put_text(source, "sha256", s->subject->source_sha256);
	json_put_text(o, "profile", ir->name);
	json_put_text(o, "description", ir->description);
	json_put(o, "source", source);
	json_put(o, "binding", binding(s->bound));
	json_put_bool(o, "unsandboxed", ir->unsandboxed);
	json_put(o, "places", places(s));
	json_put(o, "patterns", patterns(s));
	json_put(o, "pinned", texts(s, s->view->pin, s->view->npin, false));
	json_put(o, "idle", idle(s));
	json_put(o, "network", network(s));
	json_put(o, "sockets", sockets(s));
	json_put(o, "environment", environment(s));
	json_put(o, "backends", backends(s));
	json_put(o, "denials", denials(s));
	/* Numbers are lines and counts, and text went through json_bytes(). */
	if (json_write(out, o) != 0)
		out_of_memory();
	sbuf_addc(out, '\n');
	cJSON_Delete(o);
}
