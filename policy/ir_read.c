/* SPDX-License-Identifier: Apache-2.0 */
/* ir_read.c - the IR from JSON that may come from anywhere */
#include <config.h>

#include "ir_json.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "domain.h"
#include "ir_member.h"
#include "path.h"
#include "path_windows.h"
#include "pattern.h"

/* ---- origins ---- */

/* A number of 32 bits and the colon behind it, as ir_print() writes them. */
static bool
take_number(const char **text, uint32_t *out)
{
	const char *p = *text;
	uint64_t n = 0;
	for (; *p >= '0' && *p <= '9' && n <= UINT32_MAX; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p == *text || *p != ':' || n > UINT32_MAX || (**text == '0' && p > *text + 1))
		return false;
	*text = p + 1;
	*out = (uint32_t)n;
	return true;
}

static bool
read_span(struct ir_reader *r, const cJSON *v, struct ir_origin *out)
{
	uint32_t n[5];
	const char *text = ir_member_text_of(r, v, "");
	if (text == NULL)
		return false;
	for (size_t i = 0; i < NELEMS(n); i++)
		if (!take_number(&text, &n[i]))
			return ir_member_fail(r, "", "does not begin with five numbers of 32 bits");
	out->span = (struct ir_span){ n[0], n[1], n[2], n[3] };
	if (n[0] >= r->ir->sources.len)
		return ir_member_fail(r, "", "refers to a source that is not there");
	if (n[4] >= r->nprofiles)
		return ir_member_fail(r, "", "refers to a profile that is not there");
	out->profile = r->profiles[n[4]];
	out->text = text;
	return true;
}

static bool
read_profiles(struct ir_reader *r, const cJSON *list)
{
	const cJSON *v;
	if (list == NULL)
		return false;
	r->profiles = arena_array(r->a, (size_t)cJSON_GetArraySize(list) + 1, sizeof(char *));
	cJSON_ArrayForEach(v, list) {
		ir_member_at(r, "profiles", r->nprofiles);
		if ((r->profiles[r->nprofiles++] = ir_member_text_of(r, v, "")) == NULL)
			return false;
	}
	r->where[0] = '\0';
	return true;
}

static bool
read_spans(struct ir_reader *r, const cJSON *list)
{
	const cJSON *v;
	size_t n = (size_t)cJSON_GetArraySize(list);
	r->spans = arena_array(r->a, n, sizeof(*r->spans));
	cJSON_ArrayForEach(v, list) {
		ir_member_at(r, "spans", r->nspans);
		if (!read_span(r, v, &r->spans[r->nspans++]))
			return false;
	}
	return true;
}

static bool
get_origin(struct ir_reader *r, const cJSON *o, struct ir_origin *out)
{
	uint32_t i;
	if (!ir_member_uint(r, o, "span", &i))
		return false;
	if (i >= r->nspans)
		return ir_member_fail(r, "span", "refers to no span");
	*out = r->spans[i];
	return true;
}

/* ---- places ---- */

static bool
get_anchor(struct ir_reader *r, const cJSON *o, enum anchor *out)
{
	const char *name = ir_member_text(r, o, "anchor");
	return name != NULL && (anchor_from_name(name, out) || ir_member_fail(r, "anchor", "is not known"));
}

static bool
check_path(struct ir_reader *r, enum anchor anchor, const char *path)
{
	const char *why, *normal = NULL;
	if (anchor == ANCHOR_ABS)
		normal = path_normal(r->a, path, &why);
	else if (anchor == ANCHOR_WINDOWS)
		normal = path_windows_normal(r->a, path, &why);
	else if (anchor == ANCHOR_HOME || anchor == ANCHOR_WORKSPACE)
		normal = path_normal(r->a, arena_printf(r->a, "/%s", path), &why);
	else if (path[0] != '\0')
		return ir_member_fail(r, "path", "is not empty, and its anchor takes none");
	else
		return true;
	if (normal != NULL && (anchor == ANCHOR_HOME || anchor == ANCHOR_WORKSPACE))
		normal++;
	if (normal == NULL || strcmp(normal, path) != 0)
		return ir_member_fail(r, "path", "is not a normal path");
	return true;
}

static bool
get_path(struct ir_reader *r, const cJSON *o, enum anchor anchor, const char **out)
{
	*out = ir_member_text(r, o, "path");
	return *out != NULL && check_path(r, anchor, *out);
}

static bool
read_entry(struct ir_reader *r, const cJSON *v)
{
	struct ir_entry e;
	const char *access;
	if (!ONLY(r, v, "access", "anchor", "path", "span") ||
	    (access = ir_member_text(r, v, "access")) == NULL)
		return false;
	if (!access_from_name(access, &e.access))
		return ir_member_fail(r, "access", "is not known");
	if (!get_anchor(r, v, &e.anchor) || !get_path(r, v, e.anchor, &e.path) ||
	    !get_origin(r, v, &e.origin))
		return false;
	if (e.anchor == ANCHOR_MINIMAL && e.access != ACCESS_READ)
		return ir_member_fail(r, "access", "is not \"read\", which is all that \"minimal\" takes");
	VEC_PUSH(r->a, &r->ir->entries, e);
	return true;
}

static bool
read_pattern(struct ir_reader *r, const cJSON *v)
{
	struct ir_pattern p;
	const char *why, *posix;
	if (!ONLY(r, v, "anchor", "glob", "span") || !get_anchor(r, v, &p.anchor) ||
	    (p.glob = ir_member_text(r, v, "glob")) == NULL || !get_origin(r, v, &p.origin))
		return false;
	posix = p.glob;
	if (p.anchor == ANCHOR_WINDOWS) {
		if (!check_path(r, p.anchor, p.glob))
			return false;
		posix = path_windows_as_posix(r->a, p.glob);
	} else if (p.anchor == ANCHOR_ABS ? p.glob[0] != '/' : p.glob[0] == '/') {
		return ir_member_fail(r, "glob", "does not fit its anchor");
	} else if (p.anchor != ANCHOR_ABS && p.anchor != ANCHOR_HOME &&
	    p.anchor != ANCHOR_WORKSPACE) {
		return ir_member_fail(r, "anchor", "takes no patterns");
	}
	if (pattern_parse(r->a, NULL, posix, &why) == NULL)
		return ir_member_fail(r, "glob", why);
	VEC_PUSH(r->a, &r->ir->patterns, p);
	return true;
}

static bool
read_root(struct ir_reader *r, const cJSON *v)
{
	struct ir_root root;
	if (!ONLY(r, v, "anchor", "path", "span") || !get_anchor(r, v, &root.anchor))
		return false;
	if (root.anchor != ANCHOR_ABS && root.anchor != ANCHOR_HOME &&
	    root.anchor != ANCHOR_WINDOWS)
		return ir_member_fail(r, "anchor", "is none that a workspace root has");
	if (!get_path(r, v, root.anchor, &root.path) || !get_origin(r, v, &root.origin))
		return false;
	VEC_PUSH(r->a, &r->ir->roots, root);
	return true;
}

static bool
read_name(struct ir_reader *r, const cJSON *v)
{
	struct ir_name n;
	if (!ONLY(r, v, "name", "span") || (n.name = ir_member_text(r, v, "name")) == NULL ||
	    !get_origin(r, v, &n.origin))
		return false;
	if (n.name[0] == '\0' || strlen(n.name) > LIMIT_NAME_BYTES ||
	    strchr(n.name, '/') != NULL || strcmp(n.name, ".") == 0 || strcmp(n.name, "..") == 0)
		return ir_member_fail(r, "name", "is not one component of a path");
	VEC_PUSH(r->a, &r->ir->protected, n);
	return true;
}

/* ---- network ---- */

static bool
read_domain(struct ir_reader *r, const cJSON *v)
{
	struct ir_domain d;
	struct domain parsed;
	if (!ONLY(r, v, "allow", "pattern", "port", "span") || !ir_member_bool(r, v, "allow", &d.allow) ||
	    !ir_member_uint(r, v, "port", &d.port) || (d.pattern = ir_member_text(r, v, "pattern")) == NULL ||
	    !get_origin(r, v, &d.origin))
		return false;
	if (d.port > 65535)
		return ir_member_fail(r, "port", "is no port");
	if (domain_read(r->a, d.pattern, d.port, &parsed) != 0)
		return ir_member_fail(r, "pattern", "is not a normal domain pattern");
	if (parsed.kind == DOMAIN_ANY && !d.allow)
		return ir_member_fail(r, "allow", "is not true, which is all that \"*\" takes");
	VEC_PUSH(r->a, &r->ir->network.domains, d);
	return true;
}

static bool
read_socket(struct ir_reader *r, const cJSON *v)
{
	struct ir_socket s;
	if (!ONLY(r, v, "allow", "anchor", "path", "span") || !ir_member_bool(r, v, "allow", &s.allow) ||
	    !get_anchor(r, v, &s.anchor))
		return false;
	if (s.anchor != ANCHOR_ABS && s.anchor != ANCHOR_HOME)
		return ir_member_fail(r, "anchor", "is none that a socket has");
	if (!get_path(r, v, s.anchor, &s.path) || !get_origin(r, v, &s.origin))
		return false;
	VEC_PUSH(r->a, &r->ir->network.sockets, s);
	return true;
}

static bool
read_each(struct ir_reader *r, const cJSON *list, const char *name,
    bool (*one)(struct ir_reader *, const cJSON *))
{
	const cJSON *v;
	size_t i = 0;
	if (list == NULL)
		return false;
	cJSON_ArrayForEach(v, list) {
		ir_member_at(r, name, i++);
		if (!one(r, v))
			return false;
	}
	return true;
}

static bool
read_mitm(struct ir_reader *r, const cJSON *o, struct ir_network *n)
{
	const char *why;
	size_t offset;
	if (json_member(o, "mitm") == NULL)
		return true;
	n->mitm = ir_member_text(r, o, "mitm");
	if (n->mitm == NULL)
		return false;
	cJSON *json = json_read(n->mitm, strlen(n->mitm), &why, &offset);
	bool good = cJSON_IsObject(json);
	cJSON_Delete(json);
	return good || ir_member_fail(r, "mitm", "is not the text of a JSON object");
}

static bool
read_network_lists(struct ir_reader *r, const cJSON *o, struct ir_network *n)
{
	n->has_domains = json_member(o, "domains") != NULL;
	n->has_sockets = json_member(o, "sockets") != NULL;
	if (n->has_domains &&
	    !read_each(r, ir_member_list(r, o, "domains"), "network.domains", read_domain))
		return false;
	return !n->has_sockets ||
	    read_each(r, ir_member_list(r, o, "sockets"), "network.sockets", read_socket);
}

/* What the mode follows from, 1.5: the two must not contradict each other. */
static bool
check_mode(struct ir_reader *r, const struct ir_network *n)
{
	bool rules = n->has_domains || n->limited;
	if (n->mode == NET_OPEN && rules)
		return ir_member_fail(r, "mode", "is \"open\" beside rules");
	if (n->mode == NET_PROXIED && !rules)
		return ir_member_fail(r, "mode", "is \"proxied\" without a rule");
	return true;
}

static bool
read_network(struct ir_reader *r, const cJSON *o)
{
	struct ir_network *n = &r->ir->network;
	snprintf(r->where, sizeof(r->where), "network");
	if (o == NULL || !ONLY(r, o, "mode", "limited", "allow_local_binding",
	    "allow_upstream_proxy", "enable_socks5", "enable_socks5_udp", "any_proxy_address",
	    "all_sockets", "domains", "sockets", "proxy_url", "socks_url", "mitm", "span"))
		return false;
	const char *mode = ir_member_text(r, o, "mode");
	if (mode == NULL)
		return false;
	if (!ir_net_mode_from_name(mode, &n->mode))
		return ir_member_fail(r, "mode", "is not known");
	if (!ir_member_bool(r, o, "limited", &n->limited) ||
	    !ir_member_bool(r, o, "allow_local_binding", &n->allow_local_binding) ||
	    !ir_member_bool(r, o, "allow_upstream_proxy", &n->allow_upstream_proxy) ||
	    !ir_member_bool(r, o, "enable_socks5", &n->enable_socks5) ||
	    !ir_member_bool(r, o, "enable_socks5_udp", &n->enable_socks5_udp) ||
	    !ir_member_bool(r, o, "any_proxy_address", &n->any_proxy_address) ||
	    !ir_member_bool(r, o, "all_sockets", &n->all_sockets) ||
	    (n->proxy_url = ir_member_text(r, o, "proxy_url")) == NULL ||
	    (n->socks_url = ir_member_text(r, o, "socks_url")) == NULL ||
	    !read_mitm(r, o, n) || !get_origin(r, o, &n->origin))
		return false;
	if (!read_network_lists(r, o, n))
		return false;
	snprintf(r->where, sizeof(r->where), "network");
	return check_mode(r, n);
}

/* ---- environment ---- */

static bool
read_strings(struct ir_reader *r, const cJSON *o, const char *key, struct ir_strings *out)
{
	const cJSON *v, *list = ir_member_list(r, o, key);
	size_t i = 0;
	if (list == NULL)
		return false;
	cJSON_ArrayForEach(v, list) {
		ir_member_at(r, key, i++);
		const char *text;
		struct ir_origin origin;
		if (!ONLY(r, v, "text", "span") || (text = ir_member_text(r, v, "text")) == NULL ||
		    !get_origin(r, v, &origin))
			return false;
		if (out->len == out->cap)
			out->v = arena_grow(r->a, out->v, out->len, &out->cap, out->len + 1,
			    sizeof(*out->v));
		out->v[out->len].text = text;
		out->v[out->len++].origin = origin;
	}
	return true;
}

static bool
read_setting(struct ir_reader *r, const cJSON *v)
{
	struct ir_setting s;
	if (!ONLY(r, v, "name", "value", "span") || (s.name = ir_member_text(r, v, "name")) == NULL ||
	    (s.value = ir_member_text(r, v, "value")) == NULL || !get_origin(r, v, &s.origin))
		return false;
	if (s.name[0] == '\0' || strchr(s.name, '=') != NULL)
		return ir_member_fail(r, "name", "is no name of a variable");
	VEC_PUSH(r->a, &r->ir->environment.set, s);
	return true;
}

/* Absent where nobody wrote it. */
static bool
get_written(struct ir_reader *r, const cJSON *o, const char *key, struct ir_origin *out)
{
	const cJSON *v = json_member(o, key);
	return v == NULL || (ONLY(r, v, "span") && get_origin(r, v, out));
}

static bool
read_environment(struct ir_reader *r, const cJSON *o)
{
	struct ir_environment *e = &r->ir->environment;
	snprintf(r->where, sizeof(r->where), "environment");
	if (o == NULL ||
	    !ONLY(r, o, "inherit", "inherit_at", "ignore_default_excludes",
	    "ignore_default_excludes_at", "exclude", "include_only", "set"))
		return false;
	const char *inherit = ir_member_text(r, o, "inherit");
	if (inherit == NULL)
		return false;
	if (!ir_env_inherit_from_name(inherit, &e->inherit))
		return ir_member_fail(r, "inherit", "is not known");
	return ir_member_bool(r, o, "ignore_default_excludes", &e->ignore_default_excludes) &&
	    get_written(r, o, "inherit_at", &e->inherit_origin) &&
	    get_written(r, o, "ignore_default_excludes_at", &e->excludes_origin) &&
	    read_strings(r, o, "exclude", &e->exclude) &&
	    read_strings(r, o, "include_only", &e->include_only) &&
	    read_each(r, ir_member_list(r, o, "set"), "environment.set", read_setting);
}

/* ---- the whole ---- */

static bool
read_texts(struct ir_reader *r, const cJSON *o)
{
	const cJSON *v, *sources = ir_member_list(r, o, "sources");
	const cJSON *acknowledge = ir_member_list(r, o, "acknowledge");
	struct ir_policy *ir = r->ir;
	if (sources == NULL || acknowledge == NULL)
		return false;
	cJSON_ArrayForEach(v, sources) {
		struct ir_source s = { ir_member_text_of(r, v, "sources") };
		if (s.name == NULL)
			return false;
		VEC_PUSH(r->a, &ir->sources, s);
	}
	cJSON_ArrayForEach(v, acknowledge) {
		const char *text = ir_member_text_of(r, v, "acknowledge");
		if (text == NULL)
			return false;
		VEC_PUSH(r->a, &ir->acknowledge, text);
	}
	ir->name = ir_member_text(r, o, "name");
	if (json_member(o, "description") != NULL &&
	    (ir->description = ir_member_text(r, o, "description")) == NULL)
		return false;
	return ir->name != NULL && ir_member_bool(r, o, "unsandboxed", &ir->unsandboxed);
}

static bool
read_parent(struct ir_reader *r, const cJSON *v)
{
	struct ir_parent p;
	if (!ONLY(r, v, "profile", "parent", "span") ||
	    (p.profile = ir_member_text(r, v, "profile")) == NULL ||
	    (p.parent = ir_member_text(r, v, "parent")) == NULL || !get_origin(r, v, &p.origin))
		return false;
	VEC_PUSH(r->a, &r->ir->parents, p);
	return true;
}

/* After entries and patterns. */
static bool
read_replaced(struct ir_reader *r, const cJSON *v)
{
	struct ir_replaced p;
	if (!ONLY(r, v, "access", "by", "by_pattern", "pattern", "span"))
		return false;
	const char *access = ir_member_text(r, v, "access");
	if (access == NULL || !ir_member_bool(r, v, "by_pattern", &p.by_pattern) ||
	    !ir_member_bool(r, v, "pattern", &p.pattern) || !ir_member_uint(r, v, "by", &p.by) ||
	    !get_origin(r, v, &p.origin))
		return false;
	if (!access_from_name(access, &p.access))
		return ir_member_fail(r, "access", "is not known");
	if (p.by >= (p.by_pattern ? r->ir->patterns.len : r->ir->entries.len))
		return ir_member_fail(r, "by", "refers to no rule");
	VEC_PUSH(r->a, &r->ir->replaced, p);
	return true;
}

static bool
read_scan(struct ir_reader *r, const cJSON *o)
{
	if (json_member(o, "scan") == NULL)
		return true;
	const cJSON *scan = ir_member_object(r, o, "scan");
	snprintf(r->where, sizeof(r->where), "scan");
	if (scan == NULL || !ONLY(r, scan, "depth", "span") ||
	    !ir_member_uint(r, scan, "depth", &r->ir->scan_depth) ||
	    !get_origin(r, scan, &r->ir->scan_origin))
		return false;
	return r->ir->scan_depth > 0 || ir_member_fail(r, "depth", "is 0");
}

static bool
read_policy(struct ir_reader *r, const cJSON *o)
{
	const cJSON *spans;
	if (!ONLY(r, o, "name", "description", "unsandboxed", "sources", "entries", "patterns",
	    "parents", "replaced", "roots", "protected", "scan", "network", "environment", "acknowledge", "spans",
	    "profiles") || !read_texts(r, o) ||
	    !read_profiles(r, ir_member_list(r, o, "profiles")) || (spans = ir_member_list(r, o, "spans")) == NULL ||
	    !read_spans(r, spans))
		return false;
	r->where[0] = '\0';
	if (!read_scan(r, o))
		return false;
	r->where[0] = '\0';
	if (!read_each(r, ir_member_list(r, o, "entries"), "entries", read_entry))
		return false;
	r->where[0] = '\0';
	if (!read_each(r, ir_member_list(r, o, "patterns"), "patterns", read_pattern))
		return false;
	r->where[0] = '\0';
	if (json_member(o, "parents") != NULL &&
	    !read_each(r, ir_member_list(r, o, "parents"), "parents", read_parent))
		return false;
	r->where[0] = '\0';
	if (json_member(o, "replaced") != NULL &&
	    !read_each(r, ir_member_list(r, o, "replaced"), "replaced", read_replaced))
		return false;
	r->where[0] = '\0';
	if (!read_each(r, ir_member_list(r, o, "roots"), "roots", read_root))
		return false;
	r->where[0] = '\0';
	if (!read_each(r, ir_member_list(r, o, "protected"), "protected", read_name))
		return false;
	r->where[0] = '\0';
	const cJSON *network = ir_member_object(r, o, "network");
	const cJSON *environment = ir_member_object(r, o, "environment");
	return read_network(r, network) && read_environment(r, environment);
}

struct ir_policy *
ir_read(struct arena *a, const cJSON *json, const char **why)
{
	struct ir_reader r = { .a = a, .ir = arena_alloc(a, sizeof(*r.ir)) };
	if (read_policy(&r, json))
		return r.ir;
	*why = r.why;
	return NULL;
}
