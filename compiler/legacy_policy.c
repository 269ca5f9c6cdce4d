/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_policy.c - project(), raise(), and a legacy policy as text and JSON */
#include <config.h>

#include "legacy_policy.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "intern.h"
#include "ir.h"
#include "legacy.h"
#include "lower.h"
#include "source.h"

static const char *const kind_names[] = {
	[LEGACY_READ_ONLY] = "read-only",
	[LEGACY_WORKSPACE_WRITE] = "workspace-write",
	[LEGACY_DANGER_FULL_ACCESS] = "danger-full-access",
	[LEGACY_EXTERNAL_SANDBOX] = "external-sandbox",
};

const char *
legacy_kind_name(enum legacy_kind kind)
{
	return kind_names[kind];
}

/* ---- roots ---- */

const char *
legacy_root_text(struct arena *a, const struct legacy_root *r)
{
	if (r->anchor != ANCHOR_HOME)
		return r->path;
	return r->path[0] == '\0' ? "~" : arena_printf(a, "~/%s", r->path);
}

struct spelt_root {
	const char	*text;
	struct legacy_root root;
};

static int
spelt_cmp(const void *a, const void *b)
{
	return strcmp(((const struct spelt_root *)a)->text, ((const struct spelt_root *)b)->text);
}

/* What two spellings of one root have in common: Windows does not look at case. */
static const char *
root_key(struct arena *a, const struct legacy_root *r, const char *text)
{
	char *key = arena_strdup(a, text);
	for (char *p = key; *p != '\0' && r->anchor == ANCHOR_WINDOWS; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return key;
}

void
legacy_policy_sort(struct arena *a, struct legacy_policy *l)
{
	size_t n = 0;
	if (l->roots.len < 2)
		return;
	struct strmap *seen = strmap_new(a);
	struct spelt_root *s = arena_array(a, l->roots.len, sizeof(*s));
	/* Of two spellings the later one stays, as everywhere in a file. */
	for (size_t i = 0; i < l->roots.len; i++) {
		const char *text = legacy_root_text(a, &l->roots.v[i]);
		const char *key = root_key(a, &l->roots.v[i], text);
		struct spelt_root *old = strmap_get(seen, key, strlen(key));
		struct spelt_root *slot = old != NULL ? old : &s[n++];
		*slot = (struct spelt_root){ text, l->roots.v[i] };
		strmap_put(seen, key, strlen(key), slot);
	}
	qsort(s, n, sizeof(*s), spelt_cmp);
	for (size_t i = 0; i < n; i++)
		l->roots.v[i] = s[i].root;
	l->roots.len = n;
}

bool
legacy_policy_equal(struct arena *a, const struct legacy_policy *x, const struct legacy_policy *y)
{
	if (x->kind != y->kind || x->network_access != y->network_access)
		return false;
	if (x->kind != LEGACY_WORKSPACE_WRITE)
		return true;
	if (x->exclude_tmpdir != y->exclude_tmpdir ||
	    x->exclude_slash_tmp != y->exclude_slash_tmp || x->roots.len != y->roots.len)
		return false;
	for (size_t i = 0; i < x->roots.len; i++)
		if (strcmp(legacy_root_text(a, &x->roots.v[i]),
		    legacy_root_text(a, &y->roots.v[i])) != 0)
			return false;
	return true;
}

/* ---- raise ---- */

static void
raise_options(struct config *c, const struct legacy_policy *l, struct origin o)
{
	c->legacy.origin = o;
	c->legacy.network_access = (struct setting){ .set = true, .flag = l->network_access,
	    .origin = { o.span, "network_access", o.profile } };
	c->legacy.exclude_tmpdir = (struct setting){ .set = true, .flag = l->exclude_tmpdir };
	c->legacy.exclude_slash_tmp = (struct setting){ .set = true, .flag = l->exclude_slash_tmp };
	for (size_t i = 0; i < l->roots.len; i++) {
		const struct legacy_root *r = &l->roots.v[i];
		struct item it = {
			.origin = { o.span, legacy_root_text(c->a, r), o.profile },
			.anchor = r->anchor,
			.path = r->path,
			.access = ACCESS_WRITE,
		};
		/* Literal, and no ":minimal": nothing to refuse. */
		if (place_finish(c, &it, o.span) == 0)
			items_put(c->a, &c->legacy.writable_roots, it);
	}
}

/* By the way that a file goes whose sandbox_mode says the same. */
struct ir_policy *
legacy_policy_raise(struct arena *a, const struct legacy_policy *l)
{
	struct sources *sources = sources_new(a);
	struct config *c = config_new(a, diags_new(a, sources), false);
	const char *name = legacy_kind_name(l->kind);
	const struct origin o = { { 0, 0 }, name, name };
	bool external = l->kind == LEGACY_EXTERNAL_SANDBOX;

	raise_options(c, l, o);
	struct profile *p = legacy_raise(c,
	    external ? legacy_kind_name(LEGACY_DANGER_FULL_ACCESS) : name, o);
	p->name = name;
	/* raise() of a file knows network access for workspace-write alone. */
	p->network.s[KEY_ENABLED] = c->legacy.network_access;
	p->network.s[KEY_ENABLED].flag |= l->kind == LEGACY_DANGER_FULL_ACCESS;
	struct lowering lowering = lower_begin(c, sources, p);
	lower_fs(&lowering, p);
	lower_net(&lowering, p);
	lower_env(&lowering);
	return lowering.ir;
}

/* ---- project ---- */

/* The written entries, after ties. */
struct survey {
	bool		 root, workspace, tmpdir, slash_tmp;	/* these are "write" */
	bool		 less;		/* something is not */
	struct { const struct ir_entry **v; size_t len, cap; } other;	/* further "write" places */
};

enum { ANCHORS = ANCHOR_WINDOWS + 1 };

/* Spec 1.3: deny beats write beats read, on one place; anchors are not paths yet. */
static struct strmap **
places_with(struct arena *a, const struct ir_policy *ir, enum access access)
{
	struct strmap **at = arena_array(a, ANCHORS, sizeof(struct strmap *));
	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		if (e->access != access)
			continue;
		if (at[e->anchor] == NULL)
			at[e->anchor] = strmap_new(a);
		strmap_put_kept(at[e->anchor], e->path, strlen(e->path), at);
	}
	return at;
}

static bool
is_among(struct strmap *const *at, const struct ir_entry *e)
{
	return at[e->anchor] != NULL &&
	    strmap_get(at[e->anchor], e->path, strlen(e->path)) != NULL;
}

static void
survey_write(struct arena *a, struct survey *s, const struct ir_entry *e)
{
	bool itself = e->path[0] == '\0';
	if (e->anchor == ANCHOR_ABS && strcmp(e->path, "/") == 0)
		s->root = true;
	if (itself && e->anchor == ANCHOR_WORKSPACE)
		s->workspace = true;
	else if (itself && e->anchor == ANCHOR_TMPDIR)
		s->tmpdir = true;
	else if (itself && e->anchor == ANCHOR_SLASH_TMP)
		s->slash_tmp = true;
	else
		VEC_PUSH(a, &s->other, e);
}

static struct survey
survey(struct arena *a, const struct ir_policy *ir)
{
	struct survey s = { .less = ir->patterns.len > 0 };
	struct strmap **denied = places_with(a, ir, ACCESS_DENY), **written = NULL;

	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		s.less |= e->access == ACCESS_DENY;
		if (e->access == ACCESS_WRITE && !is_among(denied, e))
			survey_write(a, &s, e);
	}
	/* Only where all else is "write" it matters whether a read lost to one. */
	for (size_t i = 0; i < ir->entries.len && s.root && !s.less; i++) {
		const struct ir_entry *e = &ir->entries.v[i];
		if (e->access != ACCESS_READ)
			continue;
		if (written == NULL)
			written = places_with(a, ir, ACCESS_WRITE);
		s.less = !is_among(written, e);
	}
	return s;
}

/* Further write places of a workspace-write; the last that cannot be a root is returned. */
static const struct ir_entry *
project_roots(struct arena *a, const struct survey *s, struct legacy_policy *out)
{
	const struct ir_entry *odd = NULL;
	for (size_t i = 0; i < s->other.len; i++) {
		const struct ir_entry *e = s->other.v[i];
		if (e->anchor == ANCHOR_ABS || e->anchor == ANCHOR_HOME ||
		    e->anchor == ANCHOR_WINDOWS)
			VEC_PUSH(a, &out->roots, ((struct legacy_root){ e->anchor, e->path }));
		else
			odd = e;
	}
	legacy_policy_sort(a, out);
	return odd;
}

bool
legacy_policy_project(struct arena *a, const struct ir_policy *ir, struct legacy_policy *out,
    const char **why)
{
	struct survey s = survey(a, ir);
	const struct ir_entry *odd;

	*out = (struct legacy_policy){ .network_access = ir->network.mode == NET_OPEN };
	*why = NULL;
	if (s.root && !s.less) {
		out->kind = out->network_access ? LEGACY_DANGER_FULL_ACCESS :
		    LEGACY_EXTERNAL_SANDBOX;
		return true;
	}
	if (s.workspace) {
		out->kind = LEGACY_WORKSPACE_WRITE;
		out->exclude_tmpdir = !s.tmpdir;
		out->exclude_slash_tmp = !s.slash_tmp;
		odd = project_roots(a, &s, out);
		if (odd == NULL)
			return true;
		*why = arena_printf(a, "the legacy form cannot say \"%s\" = \"write\" inside "
		    "the workspace", odd->origin.text);
		return false;
	}
	out->kind = LEGACY_READ_ONLY;
	if (s.other.len == 0 && !s.tmpdir && !s.slash_tmp)
		return true;
	*why = "in the legacy form nothing is writable unless all of the workspace is, "
	    "and no entry makes \":workspace_roots\" \"write\"";
	return false;
}

/* ---- words and JSON ---- */

const char *
legacy_policy_text(struct arena *a, const struct legacy_policy *l)
{
	struct sbuf b = SBUF_INIT;
	const char *gap = "; also writable: ";

	sbuf_puts(&b, legacy_kind_name(l->kind));
	if (l->kind != LEGACY_DANGER_FULL_ACCESS)
		sbuf_puts(&b, l->network_access ? ", network open" : ", network off");
	for (size_t i = 0; l->kind == LEGACY_WORKSPACE_WRITE && i < l->roots.len; i++) {
		sbuf_puts(&b, gap);
		sbuf_puts(&b, legacy_root_text(a, &l->roots.v[i]));
		gap = ", ";
	}
	if (l->kind == LEGACY_WORKSPACE_WRITE && (l->exclude_tmpdir || l->exclude_slash_tmp)) {
		sbuf_puts(&b, "; not writable: ");
		sbuf_puts(&b, !l->exclude_tmpdir ? "/tmp" :
		    l->exclude_slash_tmp ? "/tmp, $TMPDIR" : "$TMPDIR");
	}
	const char *text = arena_strdup(a, sbuf_str(&b));
	sbuf_free(&b);
	return text;
}

cJSON *
legacy_policy_json(struct arena *a, const struct legacy_policy *l)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put(o, "type", json_must(cJSON_CreateString(legacy_kind_name(l->kind))));
	if (l->kind != LEGACY_DANGER_FULL_ACCESS)
		json_put(o, "network_access", json_must(cJSON_CreateBool(l->network_access)));
	if (l->kind != LEGACY_WORKSPACE_WRITE)
		return o;
	cJSON *roots = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < l->roots.len; i++) {
		const char *text = legacy_root_text(a, &l->roots.v[i]);
		json_append(roots, json_bytes(text, strlen(text)));
	}
	json_put(o, "writable_roots", roots);
	json_put(o, "exclude_tmpdir_env_var", json_must(cJSON_CreateBool(l->exclude_tmpdir)));
	json_put(o, "exclude_slash_tmp", json_must(cJSON_CreateBool(l->exclude_slash_tmp)));
	return o;
}
