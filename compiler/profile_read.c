/* SPDX-License-Identifier: Apache-2.0 */
/* profile_read.c - syntax tree to profiles: the tables of a file, each key known and typed */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "intern.h"
#include "legacy.h"
#include "suggest.h"

struct config *
config_new(struct arena *a, struct diags *d, bool allow_unknown_places)
{
	struct config *c = arena_alloc(a, sizeof(*c));
	c->a = a;
	c->d = d;
	c->by_name = strmap_new(a);
	c->allow_unknown_places = allow_unknown_places;
	c->errors_before = diags_own_errors(d);
	return c;
}

bool
config_is_whole(const struct config *c)
{
	return !c->partial && diags_own_errors(c->d) == c->errors_before;
}

struct profile *
profile_find(const struct config *c, const char *name)
{
	return strmap_get(c->by_name, name, strlen(name));
}

struct profile *
profile_new(struct config *c, const char *name, struct origin origin)
{
	struct profile *p = arena_alloc(c->a, sizeof(*p));
	p->name = name;
	p->origin = origin;
	return p;
}

void
setting_read(struct setting *s, const struct toml_key *key, const char *profile)
{
	if (key == NULL)
		return;
	*s = (struct setting){
		.set = true,
		.value = key->value->span,
		.origin = { key->span, key->name.p, profile },
	};
	switch (key->value->type) {
	case TOML_BOOLEAN:
		s->flag = key->value->boolean;
		break;
	case TOML_INTEGER:
		s->number = key->value->integer;
		break;
	case TOML_STRING:
		s->text = key->value->string.p;
		break;
	default:
		break;
	}
}

bool
words_read(struct config *c, struct words *w, const struct toml_key *key, const char *profile)
{
	bool ok = true;
	if (key == NULL)
		return true;
	memset(w, 0, sizeof(*w));
	w->set = true;
	for (size_t i = 0; i < key->value->array.len; i++) {
		const struct toml_node *n = key->value->array.v[i];
		if (n->type != TOML_STRING && schema_blamed(c->d, n->span)) {
			ok = false;
			continue;
		}
		if (n->type != TOML_STRING) {
			diag_add(c->d, D_KEY_TYPE, n->span, "\"%s\" holds strings, not %s",
			    key->name.p, schema_type_phrase(n->type));
			ok = false;
			continue;
		}
		const char *text = schema_text(c->d, &n->string, n->span);
		if (text == NULL) {
			ok = false;
			continue;
		}
		VEC_PUSH(c->a, w, ((struct word){ text, { n->span, text, profile } }));
	}
	return ok;
}

/* ---- filesystem tables ---- */

static bool
read_access(struct config *c, const struct toml_key *key, bool table_allowed, enum access *out)
{
	static const char *const words[] = { "read", "write", "deny" };
	const struct toml_node *v = key->value;

	if (schema_blamed(c->d, v->span))
		return false;
	if (v->type != TOML_STRING) {
		struct diag *e = diag_add(c->d, D_KEY_TYPE, v->span,
		    "the access of \"%s\" must be a string%s, not %s", key->name.p,
		    table_allowed ? " or a table" : "", schema_type_phrase(v->type));
		diag_hint(c->d, e, "\"read\", \"write\" or \"deny\"");
		return false;
	}
	if (v->string.len == strlen(v->string.p) &&
	    (access_from_name(v->string.p, out)))
		return true;
	if (strcmp(v->string.p, "none") == 0 && v->string.len == 4) {
		*out = ACCESS_DENY;
		return true;
	}
	const char *near = suggest(v->string.p, words, NELEMS(words));
	struct diag *e = diag_add(c->d, D_WORD_UNKNOWN, v->span, "unknown access \"%s\"",
	    v->string.p);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(c->d, e, "\"read\", \"write\" or \"deny\"");
	return false;
}

static void
add_place(struct config *c, struct profile *p, const struct toml_key *key, bool table_allowed,
    struct item it)
{
	if (!read_access(c, key, table_allowed, &it.access) ||
	    place_finish(c, &it, key->span) != 0)
		return;
	items_add(c, &p->places, it, "place");
}

static void
read_subpaths(struct config *c, struct profile *p, const struct toml_key *key,
    const struct item *base)
{
	const struct toml_table *t = key->value->table;
	struct diag *e = NULL;

	if (base->pattern) {
		e = diag_add(c->d, D_PLACE_TABLE, key->span,
		    "pattern \"%s\" takes an access, not a table", key->name.p);
		diag_hint(c->d, e, "= \"deny\"");
	} else if (base->anchor != ANCHOR_ABS && base->anchor != ANCHOR_HOME &&
	    base->anchor != ANCHOR_WORKSPACE && base->anchor != ANCHOR_WINDOWS) {
		e = diag_add(c->d, D_PLACE_TABLE, key->span,
		    "place \"%s\" takes an access, not a table", key->name.p);
		diag_hint(c->d, e, "only paths and :workspace_roots have subpaths");
	} else if (key->name.p[0] == ':' && base->anchor == ANCHOR_ABS) {
		e = diag_add(c->d, D_PLACE_TABLE, key->span,
		    "place \"%s\" takes an access, not a table", key->name.p);
		diag_hint(c->d, e, "write each path as a key of its own");
	}
	if (e != NULL)
		return;
	for (size_t i = 0; i < t->keys.len; i++) {
		const struct toml_key *sub = &t->keys.v[i];
		const char *text = schema_text(c->d, &sub->name, sub->span);
		struct item it = *base;
		if (text == NULL)
			continue;
		it.origin = (struct origin){ sub->span, text, p->name };
		if (subpath_read(c, base, text, sub->span, &it) == 0)
			add_place(c, p, sub, false, it);
	}
}

static void
read_scan_depth(struct config *c, struct profile *p, const struct toml_key *key)
{
	const struct toml_node *v = key->value;
	if (v->type != TOML_INTEGER)
		diag_add(c->d, D_KEY_TYPE, v->span, "\"%s\" must be an integer, not %s",
		    key->name.p, schema_type_phrase(v->type));
	else if (v->integer < 1 || v->integer > UINT32_MAX)
		diag_add(c->d, D_NUMBER_RANGE, v->span, "\"%s\" must be at least 1%s",
		    key->name.p, v->integer < 1 ? "" : " and at most 4294967295");
	else
		setting_read(&p->scan_depth, key, p->name);
}

/* A word that is no place and nearly our one option. */
static bool
misspelt_option(struct config *c, const struct toml_key *key)
{
	if (key->value->type != TOML_INTEGER)
		return false;
	const char *near = schema_suggest(TABLE_FILESYSTEM, key->name.p);
	if (near == NULL)
		return false;
	struct diag *e = diag_add(c->d, D_KEY_UNKNOWN, key->span,
	    "unknown key \"%s\" in a filesystem table", key->name.p);
	diag_hint(c->d, e, "did you mean \"%s\"?", near);
	return true;
}

/* "read" and "write", alone or in a table: without them the policy is narrower. */
static bool
only_grants(const struct toml_node *v)
{
	if (v->type == TOML_STRING)
		return strcmp(v->string.p, "read") == 0 || strcmp(v->string.p, "write") == 0;
	if (v->type != TOML_TABLE)
		return false;
	for (size_t i = 0; i < v->table->keys.len; i++) {
		const struct toml_node *sub = v->table->keys.v[i].value;
		if (sub->type != TOML_STRING || !only_grants(sub))
			return false;
	}
	return true;
}

void
profile_read_filesystem(struct config *c, struct profile *p, const struct toml_node *node,
    unsigned layer)
{
	for (size_t i = 0; i < node->table->keys.len; i++) {
		const struct toml_key *key = &node->table->keys.v[i];
		if (schema_find(TABLE_FILESYSTEM, &key->name) != SCHEMA_KEYS) {
			read_scan_depth(c, p, key);
			continue;
		}
		const char *text = schema_text(c->d, &key->name, key->span);
		if (text == NULL || misspelt_option(c, key))
			continue;
		struct item it = { .layer = layer, .origin = { key->span, text, p->name } };
		int known = place_read(c, PLACE_ENTRY, text, key->span, &it);
		if (known == 1)
			place_unknown(c, text, key->span,
			    c->allow_unknown_places && only_grants(key->value));
		if (known != 0)
			continue;
		if (key->value->type == TOML_TABLE)
			read_subpaths(c, p, key, &it);
		else
			add_place(c, p, key, true, it);
	}
}

static const char *
root_key(struct config *c, const struct item *it)
{
	return arena_printf(c->a, "r%c%s", 'a' + (char)it->anchor, it->path);
}

void
root_add(struct config *c, struct profile *p, struct item it)
{
	it.same[0] = root_key(c, &it);
	items_put(c->a, &p->roots, it);
}

void
profile_read_roots(struct config *c, struct profile *p, const struct toml_node *node,
    unsigned layer)
{
	for (size_t i = 0; i < node->table->keys.len; i++) {
		const struct toml_key *key = &node->table->keys.v[i];
		const char *text = schema_text(c->d, &key->name, key->span);
		struct item it = { .layer = layer, .origin = { key->span, text, p->name } };
		if (text == NULL || place_read(c, PLACE_ROOT, text, key->span, &it) != 0 ||
		    schema_blamed(c->d, key->value->span))
			continue;
		if (key->value->type != TOML_BOOLEAN) {
			diag_add(c->d, D_KEY_TYPE, key->value->span,
			    "workspace root \"%s\" must be true or false, not %s", text,
			    schema_type_phrase(key->value->type));
			continue;
		}
		it.on = key->value->boolean;
		it.same[0] = root_key(c, &it);
		items_add(c, &p->roots, it, "workspace root");
	}
}

/* ---- profiles ---- */

/*
 * The profile of that name, made where this layer is the first to have it;
 * even under a name that is refused, so that a reference to it draws no second
 * error.
 */
static struct profile *
named_profile(struct config *c, const struct toml_key *key)
{
	const char *name = schema_text(c->d, &key->name, key->span);
	if (name == NULL)
		return NULL;
	struct profile *p = profile_find(c, name);
	if (p != NULL)
		return p;
	if (name[0] == '\0') {
		diag_add(c->d, D_PROFILE_NAME, key->span, "a profile needs a name");
	} else if (name[0] == ':') {
		struct diag *e = diag_add(c->d, D_PROFILE_NAME, key->span,
		    "profile name \"%s\" begins with \":\"", name);
		diag_hint(c->d, e, "such names are those of built-in profiles");
	}
	p = profile_new(c, name, (struct origin){ key->span, name, name });
	strmap_put(c->by_name, name, strlen(name), p);
	VEC_PUSH(c->a, &c->profiles, p);
	return p;
}

static void
read_profile(struct config *c, const struct toml_key *key, unsigned layer)
{
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };
	struct profile *p = named_profile(c, key);
	if (p == NULL)
		return;
	if (key->value->type != TOML_TABLE) {
		diag_add(c->d, D_KEY_TYPE, key->value->span, "profile \"%s\" must be a table, not %s",
		    key->name.p, schema_type_phrase(key->value->type));
		return;
	}
	schema_read(c->a, c->d, TABLE_PROFILE, UNKNOWN_ERROR, "a profile", key->value, found);
	setting_read(&p->description, found[KEY_DESCRIPTION], p->name);
	setting_read(&p->extends, found[KEY_EXTENDS], p->name);
	if (found[KEY_WORKSPACE_ROOTS] != NULL)
		profile_read_roots(c, p, found[KEY_WORKSPACE_ROOTS]->value, layer);
	if (found[KEY_FILESYSTEM] != NULL)
		profile_read_filesystem(c, p, found[KEY_FILESYSTEM]->value, layer);
	if (found[KEY_NETWORK] != NULL)
		profile_read_network(c, p, found[KEY_NETWORK], layer);
}

static void
read_permissions(struct config *c, const struct toml_key *key, unsigned layer)
{
	const struct toml_table *t = key->value->table;
	if (c->permissions.end == 0)
		c->permissions = t->keys.len > 0 ? t->keys.v[0].span : key->span;
	for (size_t i = 0; i < t->keys.len; i++)
		read_profile(c, &t->keys.v[i], layer);
}

/* ---- the legacy form, our own table, features ---- */

void
profile_read_legacy(struct config *c, const struct toml_key *key, unsigned layer)
{
	struct legacy_options *o = &c->legacy;
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };
	struct words roots = { .set = false };

	o->origin = (struct origin){ key->span, key->name.p, NULL };
	schema_read(c->a, c->d, TABLE_LEGACY, UNKNOWN_ERROR, "sandbox_workspace_write",
	    key->value, found);
	setting_read(&o->network_access, found[KEY_NETWORK_ACCESS], NULL);
	setting_read(&o->exclude_tmpdir, found[KEY_EXCLUDE_TMPDIR], NULL);
	setting_read(&o->exclude_slash_tmp, found[KEY_EXCLUDE_SLASH_TMP], NULL);
	words_read(c, &roots, found[KEY_WRITABLE_ROOTS], NULL);
	if (!roots.set)
		return;
	memset(&o->writable_roots, 0, sizeof(o->writable_roots));
	for (size_t i = 0; i < roots.len; i++) {
		struct item it = {
			.layer = layer,
			.origin = roots.v[i].origin,
			.access = ACCESS_WRITE,
		};
		if (place_read(c, PLACE_ROOT, roots.v[i].text, it.origin.span, &it) != 0 ||
		    place_finish(c, &it, it.origin.span) != 0)
			continue;
		items_put(c->a, &o->writable_roots, it);
	}
}

/* A component of a path (spec 1.4). */
static const char *
bad_protected_name(const char *name)
{
	if (name[0] == '\0')
		return "is empty";
	if (strchr(name, '/') != NULL || strchr(name, '\\') != NULL)
		return "is a path: a protected name is one component, below any writable place";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "is no name";
	return strlen(name) > LIMIT_NAME_BYTES ? "is longer than 255 bytes" : NULL;
}

static void
check_protected_name(struct config *c, const char *name, struct span span)
{
	const char *why = bad_protected_name(name);
	if (why != NULL)
		diag_add(c->d, D_PROTECTED_NAME, span, "protected name \"%s\" %s", name, why);
}

void
protect_add(struct config *c, const char *name, struct origin origin)
{
	check_protected_name(c, name, origin.span);
	VEC_PUSH(c->a, &c->protect, ((struct word){ name, origin }));
}

static void
read_own(struct config *c, const struct toml_key *key)
{
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };
	schema_read(c->a, c->d, TABLE_CDXP, UNKNOWN_ERROR, "table cdxp", key->value, found);
	words_read(c, &c->acknowledge, found[KEY_ACKNOWLEDGE], NULL);
	words_read(c, &c->protect, found[KEY_PROTECT], NULL);
	for (size_t i = 0; found[KEY_PROTECT] != NULL && i < c->protect.len; i++)
		check_protected_name(c, c->protect.v[i].text, c->protect.v[i].origin.span);
}

/* A table says no where its own `enabled' does. */
static void
read_features(struct config *c, const struct toml_key *key)
{
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };
	schema_read(c->a, c->d, TABLE_FEATURES, UNKNOWN_FOREIGN, "table features", key->value, found);
	const struct toml_key *proxy = found[KEY_NETWORK_PROXY];
	if (proxy == NULL)
		return;
	const struct toml_key *enabled = toml_get(proxy->value, "enabled");
	setting_read(&c->network_proxy, proxy, NULL);
	if (proxy->value->type != TOML_TABLE)
		return;
	c->network_proxy.flag = true;
	if (enabled != NULL && enabled->value->type == TOML_BOOLEAN)
		c->network_proxy.flag = enabled->value->boolean;
}

static void
check_mode(struct config *c, const struct toml_key *key)
{
	if (legacy_mode_known(key->value->string.p)) {
		setting_read(&c->sandbox_mode, key, NULL);
		return;
	}
	const char *near = suggest(key->value->string.p, legacy_modes, NELEMS(legacy_modes));
	struct diag *e = diag_add(c->d, D_WORD_UNKNOWN, key->value->span,
	    "unknown sandbox_mode \"%s\"", key->value->string.p);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(c->d, e, "\"read-only\", \"workspace-write\" or \"danger-full-access\"");
	/* It is there, if not understood: nothing is to be said about its absence. */
	c->partial = true;
}

void
profile_read(struct config *c, const struct toml_node *root, unsigned layer)
{
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };
	size_t before = diags_own_errors(c->d);
	schema_read(c->a, c->d, TABLE_TOP, UNKNOWN_FOREIGN, "the file", root, found);
	if (diags_own_errors(c->d) > before)
		c->partial = true;
	setting_read(&c->default_permissions, found[KEY_DEFAULT_PERMISSIONS], NULL);
	if (found[KEY_SANDBOX_MODE] != NULL)
		check_mode(c, found[KEY_SANDBOX_MODE]);
	if (found[KEY_SANDBOX_WORKSPACE_WRITE] != NULL)
		profile_read_legacy(c, found[KEY_SANDBOX_WORKSPACE_WRITE], layer);
	if (found[KEY_PERMISSIONS] != NULL)
		read_permissions(c, found[KEY_PERMISSIONS], layer);
	if (found[KEY_SHELL_ENVIRONMENT_POLICY] != NULL)
		profile_read_environment(c, found[KEY_SHELL_ENVIRONMENT_POLICY]->value, layer);
	if (found[KEY_CDXP] != NULL)
		read_own(c, found[KEY_CDXP]);
	if (found[KEY_FEATURES] != NULL)
		read_features(c, found[KEY_FEATURES]);
}
