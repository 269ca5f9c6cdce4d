/* SPDX-License-Identifier: Apache-2.0 */
/* ir_print.c - the IR as JSON */
#include <config.h>

#include "ir_json.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "utf8.h"

/*
 * Members that hold their default (no description, an empty list) are left out
 * where an absent one cannot be mistaken.  Origins stand in one list, "spans",
 * and are referred to by position.  Each is one string, since as an array of
 * values they were half of the work of writing a large bundle:
 * "SOURCE:LINE:COLUMN:LENGTH:PROFILE:TEXT", where SOURCE and PROFILE are
 * positions in "sources" and "profiles", and TEXT goes to the end.
 */
struct printer {
	struct arena	*a;		/* while printing */
	struct json_rows spans;
	cJSON		*profiles;
	uint32_t	 nspans, nprofiles;
	struct strmap	*profile;	/* name to position + 1 */
	struct sbuf	 span;
};

static const char *const net_modes[] = {
	[NET_OFF] = "off", [NET_OPEN] = "open", [NET_PROXIED] = "proxied",
};
static const char *const env_inherits[] = {
	[ENV_ALL] = "all", [ENV_CORE] = "core", [ENV_NONE] = "none",
};

/* The position of a word, or n. */
static size_t
word_index(const char *const *words, size_t n, const char *word)
{
	size_t i = 0;
	while (i < n && strcmp(words[i], word) != 0)
		i++;
	return i;
}

const char *
ir_net_mode_name(enum ir_net_mode mode)
{
	return net_modes[mode];
}

bool
ir_net_mode_from_name(const char *name, enum ir_net_mode *out)
{
	size_t i = word_index(net_modes, NELEMS(net_modes), name);
	if (i < NELEMS(net_modes))
		*out = (enum ir_net_mode)i;
	return i < NELEMS(net_modes);
}

const char *
ir_env_inherit_name(enum ir_env_inherit inherit)
{
	return env_inherits[inherit];
}

bool
ir_env_inherit_from_name(const char *name, enum ir_env_inherit *out)
{
	size_t i = word_index(env_inherits, NELEMS(env_inherits), name);
	if (i < NELEMS(env_inherits))
		*out = (enum ir_env_inherit)i;
	return i < NELEMS(env_inherits);
}

/* Not copied where it can stand as it is, which is nearly always. */
static cJSON *
text_value(const char *text)
{
	size_t len = strlen(text);
	return utf8_check(text, len) == len ? cJSON_CreateStringReference(text) :
	    json_bytes(text, len);
}

static void
put_text(cJSON *object, const char *key, const char *text)
{
	json_put(object, key, text_value(text));
}

static void
put_word(cJSON *object, const char *key, const char *word)
{
	json_put(object, key, cJSON_CreateStringReference(word));
}

static void
put_bool(cJSON *object, const char *key, bool value)
{
	json_put(object, key, cJSON_CreateBool(value));
}

static uint32_t
profile_index(struct printer *p, const char *name)
{
	size_t len = strlen(name);
	uintptr_t at = (uintptr_t)strmap_get(p->profile, name, len);
	if (at == 0) {
		at = ++p->nprofiles;
		strmap_put(p->profile, name, len, (void *)at);
		json_append(p->profiles, text_value(name));
	}
	return (uint32_t)(at - 1);
}

/* The number and a colon; snprintf() would take longer than all the rest. */
static void
add_number(struct sbuf *out, uint32_t n)
{
	char digit[12];
	size_t at = sizeof(digit);
	digit[--at] = ':';
	do
		digit[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	sbuf_add(out, digit + at, sizeof(digit) - at);
}

static void
put_origin(struct printer *p, cJSON *object, const struct ir_origin *o)
{
	p->span.len = 0;
	add_number(&p->span, o->span.source);
	add_number(&p->span, o->span.line);
	add_number(&p->span, o->span.column);
	add_number(&p->span, o->span.length);
	add_number(&p->span, profile_index(p, o->profile));
	sbuf_puts(&p->span, o->text);
	json_rows_add(&p->spans, text_value(sbuf_str(&p->span)));
	json_put(object, "span", cJSON_CreateNumber(p->nspans++));
}

static cJSON *
print_entries(struct printer *p, const struct ir_policy *ir)
{
	struct json_rows rows = JSON_ROWS_INIT;
	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		put_word(o, "access", access_name(e->access));
		put_word(o, "anchor", anchor_name(e->anchor));
		put_text(o, "path", e->path);
		put_origin(p, o, &e->origin);
		json_rows_add(&rows, o);
	}
	return json_rows_done(&rows);
}

static cJSON *
print_patterns(struct printer *p, const struct ir_policy *ir)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < ir->patterns.len; i++) {
		const struct ir_pattern *g = &ir->patterns.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		put_word(o, "anchor", anchor_name(g->anchor));
		put_text(o, "glob", g->glob);
		put_origin(p, o, &g->origin);
		json_append(list, o);
	}
	return list;
}

static cJSON *
print_roots(struct printer *p, const struct ir_policy *ir)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < ir->roots.len; i++) {
		const struct ir_root *r = &ir->roots.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		put_word(o, "anchor", anchor_name(r->anchor));
		put_text(o, "path", r->path);
		put_origin(p, o, &r->origin);
		json_append(list, o);
	}
	return list;
}

static cJSON *
print_protected(struct printer *p, const struct ir_policy *ir)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < ir->protected.len; i++) {
		cJSON *o = json_must(cJSON_CreateObject());
		put_text(o, "name", ir->protected.v[i].name);
		put_origin(p, o, &ir->protected.v[i].origin);
		json_append(list, o);
	}
	return list;
}

static cJSON *
print_domains(struct printer *p, const struct ir_network *n)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *d = &n->domains.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		put_bool(o, "allow", d->allow);
		put_text(o, "pattern", d->pattern);
		json_put(o, "port", cJSON_CreateNumber(d->port));
		put_origin(p, o, &d->origin);
		json_append(list, o);
	}
	return list;
}

static cJSON *
print_sockets(struct printer *p, const struct ir_network *n)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < n->sockets.len; i++) {
		const struct ir_socket *s = &n->sockets.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		put_bool(o, "allow", s->allow);
		put_word(o, "anchor", anchor_name(s->anchor));
		put_text(o, "path", s->path);
		put_origin(p, o, &s->origin);
		json_append(list, o);
	}
	return list;
}

static cJSON *
print_network(struct printer *p, const struct ir_network *n)
{
	cJSON *o = json_must(cJSON_CreateObject());
	put_word(o, "mode", ir_net_mode_name(n->mode));
	put_bool(o, "limited", n->limited);
	put_bool(o, "allow_local_binding", n->allow_local_binding);
	put_bool(o, "allow_upstream_proxy", n->allow_upstream_proxy);
	put_bool(o, "enable_socks5", n->enable_socks5);
	put_bool(o, "enable_socks5_udp", n->enable_socks5_udp);
	put_bool(o, "any_proxy_address", n->any_proxy_address);
	put_bool(o, "all_sockets", n->all_sockets);
	if (n->has_domains)
		json_put(o, "domains", print_domains(p, n));
	if (n->has_sockets)
		json_put(o, "sockets", print_sockets(p, n));
	put_text(o, "proxy_url", n->proxy_url);
	put_text(o, "socks_url", n->socks_url);
	if (n->mitm != NULL)
		put_text(o, "mitm", n->mitm);
	put_origin(p, o, &n->origin);
	return o;
}

static cJSON *
print_strings(struct printer *p, const struct ir_strings *s)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < s->len; i++) {
		cJSON *o = json_must(cJSON_CreateObject());
		put_text(o, "text", s->v[i].text);
		put_origin(p, o, &s->v[i].origin);
		json_append(list, o);
	}
	return list;
}

/* An origin that may be absent, as an object of its own. */
static void
put_written(struct printer *p, cJSON *object, const char *key, const struct ir_origin *o)
{
	if (o->text == NULL)
		return;
	cJSON *at = json_must(cJSON_CreateObject());
	put_origin(p, at, o);
	json_put(object, key, at);
}

static cJSON *
print_parents(struct printer *p, const struct ir_policy *ir)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < ir->parents.len; i++) {
		cJSON *o = json_must(cJSON_CreateObject());
		put_text(o, "profile", ir->parents.v[i].profile);
		put_text(o, "parent", ir->parents.v[i].parent);
		put_origin(p, o, &ir->parents.v[i].origin);
		json_append(list, o);
	}
	return list;
}

static cJSON *
print_replaced(struct printer *p, const struct ir_policy *ir)
{
	struct json_rows rows = JSON_ROWS_INIT;
	for (size_t i = 0; i < ir->replaced.len; i++) {
		const struct ir_replaced *r = &ir->replaced.v[i];
		cJSON *o = json_must(cJSON_CreateObject());
		put_word(o, "access", access_name(r->access));
		json_put(o, "by", cJSON_CreateNumber(r->by));
		put_bool(o, "by_pattern", r->by_pattern);
		put_bool(o, "pattern", r->pattern);
		put_origin(p, o, &r->origin);
		json_rows_add(&rows, o);
	}
	return json_rows_done(&rows);
}

static cJSON *
print_environment(struct printer *p, const struct ir_environment *e)
{
	cJSON *o = json_must(cJSON_CreateObject()), *set = json_must(cJSON_CreateArray());
	put_word(o, "inherit", ir_env_inherit_name(e->inherit));
	put_bool(o, "ignore_default_excludes", e->ignore_default_excludes);
	put_written(p, o, "inherit_at", &e->inherit_origin);
	put_written(p, o, "ignore_default_excludes_at", &e->excludes_origin);
	json_put(o, "exclude", print_strings(p, &e->exclude));
	json_put(o, "include_only", print_strings(p, &e->include_only));
	for (size_t i = 0; i < e->set.len; i++) {
		cJSON *v = json_must(cJSON_CreateObject());
		put_text(v, "name", e->set.v[i].name);
		put_text(v, "value", e->set.v[i].value);
		put_origin(p, v, &e->set.v[i].origin);
		json_append(set, v);
	}
	json_put(o, "set", set);
	return o;
}

cJSON *
ir_print(const struct ir_policy *ir)
{
	struct printer p = { .a = arena_new(), .span = SBUF_INIT,
	    .spans = JSON_ROWS_INIT, .profiles = json_must(cJSON_CreateArray()) };
	p.profile = strmap_new(p.a);
	cJSON *o = json_must(cJSON_CreateObject());
	cJSON *sources = json_must(cJSON_CreateArray()), *acknowledge = json_must(cJSON_CreateArray());

	put_text(o, "name", ir->name);
	if (ir->description != NULL)
		put_text(o, "description", ir->description);
	put_bool(o, "unsandboxed", ir->unsandboxed);
	for (size_t i = 0; i < ir->sources.len; i++)
		json_append(sources, text_value(ir->sources.v[i].name));
	json_put(o, "sources", sources);
	json_put(o, "entries", print_entries(&p, ir));
	json_put(o, "patterns", print_patterns(&p, ir));
	json_put(o, "roots", print_roots(&p, ir));
	json_put(o, "protected", print_protected(&p, ir));
	if (ir->scan_depth > 0) {
		cJSON *scan = json_must(cJSON_CreateObject());
		json_put(scan, "depth", cJSON_CreateNumber(ir->scan_depth));
		put_origin(&p, scan, &ir->scan_origin);
		json_put(o, "scan", scan);
	}
	json_put(o, "network", print_network(&p, &ir->network));
	json_put(o, "environment", print_environment(&p, &ir->environment));
	for (size_t i = 0; i < ir->acknowledge.len; i++)
		json_append(acknowledge, text_value(ir->acknowledge.v[i]));
	json_put(o, "acknowledge", acknowledge);
	if (ir->parents.len > 0)
		json_put(o, "parents", print_parents(&p, ir));
	if (ir->replaced.len > 0)
		json_put(o, "replaced", print_replaced(&p, ir));
	json_put(o, "spans", json_rows_done(&p.spans));
	json_put(o, "profiles", p.profiles);
	sbuf_free(&p.span);
	arena_free(p.a);
	return o;
}
