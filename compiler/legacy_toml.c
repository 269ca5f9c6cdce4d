/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_toml.c - the profile that a legacy policy means, in TOML with comments */
#include <config.h>

#include "legacy_toml.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "ir_json.h"
#include "profile.h"

/* The built-in protected names come first in every IR (lower_fs.c). */
enum { BUILTIN_PROTECTED = 3, COMMENT_COLUMN = 32 };

/* ---- TOML ---- */

static void
put_basic(struct sbuf *b, const char *text)
{
	sbuf_addc(b, '"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			sbuf_addc(b, '\\');
		if (c == '\n')
			sbuf_puts(b, "\\n");
		else if (c == '\t')
			sbuf_puts(b, "\\t");
		else if (c < ' ' || c == 127)
			sbuf_printf(b, "\\u%04x", c);
		else
			sbuf_addc(b, *text);
	}
	sbuf_addc(b, '"');
}

/* A string; without escapes where that is possible. */
static void
put_string(struct sbuf *b, const char *text)
{
	bool plain = strchr(text, '\'') == NULL && strpbrk(text, "\"\\") != NULL;
	for (const char *p = text; *p != '\0' && plain; p++)
		plain = (unsigned char)*p >= ' ' && *p != 127;
	if (plain)
		sbuf_printf(b, "'%s'", text);
	else
		put_basic(b, text);
}

static void
put_key(struct sbuf *b, const char *text)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	if (text[0] != '\0' && text[strspn(text, bare)] == '\0')
		sbuf_puts(b, text);
	else
		put_string(b, text);
}

static void
put_strings(struct sbuf *b, const char *key, const struct ir_strings *list)
{
	if (list->len == 0)
		return;
	sbuf_printf(b, "%s = [", key);
	for (size_t i = 0; i < list->len; i++) {
		sbuf_puts(b, i == 0 ? "" : ", ");
		put_string(b, list->v[i].text);
	}
	sbuf_puts(b, "]\n");
}

/* KEY = VALUE and a comment behind it. */
static void
put_line(struct sbuf *b, const char *key, const char *value, bool quoted, const char *comment)
{
	size_t start = b->len;
	put_key(b, key);
	sbuf_puts(b, " = ");
	if (quoted)
		put_basic(b, value);
	else
		sbuf_puts(b, value);
	if (comment != NULL) {
		do
			sbuf_addc(b, ' ');
		while (b->len - start < COMMENT_COLUMN);
		sbuf_printf(b, "# %s", comment);
	}
	sbuf_addc(b, '\n');
}

static void
put_access(struct sbuf *b, const char *place, enum access access, const char *comment)
{
	put_line(b, place, access_name(access), true, comment);
}

/* ---- the profile ---- */

static void
put_head(struct sbuf *b, const struct legacy_policy *l, const char *name, const char *file)
{
	sbuf_puts(b, "# Imported from ");
	put_basic(b, file);
	sbuf_printf(b, ", where sandbox_mode = \"%s\" means the same.\n"
	    "# It takes the place of sandbox_mode and [sandbox_workspace_write]: a file has\n"
	    "# one form or the other.\n\ndefault_permissions = ", legacy_kind_name(l->kind));
	put_string(b, name);
	sbuf_puts(b, "\n\n");
}

static void
put_table(struct sbuf *b, const char *name, const char *rest)
{
	sbuf_puts(b, "[permissions.");
	put_key(b, name);
	sbuf_printf(b, "%s]\n", rest);
}

static bool
writes_root(const struct legacy_policy *l)
{
	for (size_t i = 0; i < l->roots.len; i++)
		if (l->roots.v[i].anchor == ANCHOR_ABS && strcmp(l->roots.v[i].path, "/") == 0)
			return true;
	return false;
}

static void
put_roots(struct arena *a, struct sbuf *b, const struct legacy_policy *l)
{
	for (size_t i = 0; i < l->roots.len; i++) {
		const struct legacy_root *r = &l->roots.v[i];
		struct legacy_root as = *r;
		if (r->anchor == ANCHOR_ABS && strcmp(r->path, "/") == 0)
			continue;
		if (r->anchor != ANCHOR_WINDOWS)
			as.path = place_escape(a, r->path);
		put_access(b, legacy_root_text(a, &as), ACCESS_WRITE, "from writable_roots");
	}
}

static void
put_workspace(struct arena *a, struct sbuf *b, const struct legacy_policy *l, const char *name)
{
	bool root = writes_root(l);
	put_access(b, ":root", root ? ACCESS_WRITE : ACCESS_READ,
	    root ? "\"/\" is among writable_roots" : "everything can be read");
	if (l->exclude_slash_tmp)
		sbuf_puts(b, "# \":slash_tmp\" is not writable: exclude_slash_tmp\n");
	else
		put_access(b, ":slash_tmp", ACCESS_WRITE, "/tmp");
	if (l->exclude_tmpdir)
		sbuf_puts(b, "# \":tmpdir\" is not writable: exclude_tmpdir_env_var\n");
	else
		put_access(b, ":tmpdir", ACCESS_WRITE, "the directory that $TMPDIR names");
	put_roots(a, b, l);
	sbuf_addc(b, '\n');
	put_table(b, name, ".filesystem.\":workspace_roots\"");
	put_access(b, ".", ACCESS_WRITE, "the working directory");
	put_access(b, ".git", ACCESS_READ, NULL);
	put_access(b, ".agents", ACCESS_READ, NULL);
	put_access(b, ".codex", ACCESS_READ, NULL);
}

static void
put_profile(struct arena *a, struct sbuf *b, const struct legacy_policy *l, const char *name)
{
	bool workspace = l->kind == LEGACY_WORKSPACE_WRITE;
	put_table(b, name, "");
	put_line(b, "description", arena_printf(a, "The legacy mode %s",
	    legacy_kind_name(l->kind)), true, NULL);
	sbuf_addc(b, '\n');
	put_table(b, name, ".filesystem");
	if (workspace)
		put_workspace(a, b, l, name);
	else if (l->kind == LEGACY_READ_ONLY)
		put_access(b, ":root", ACCESS_READ, "everything can be read, nothing written");
	else
		put_access(b, ":root", ACCESS_WRITE, "no file is protected");
	sbuf_addc(b, '\n');
	put_table(b, name, ".network");
	put_line(b, "enabled", l->network_access ? "true" : "false", false,
	    l->network_access ? "all destinations" : "no network");
}

/* ---- what holds for every profile of a file ---- */

static void
put_environment(struct sbuf *b, const struct ir_environment *env)
{
	if (env->inherit == ENV_ALL && env->ignore_default_excludes && env->exclude.len == 0 &&
	    env->include_only.len == 0 && env->set.len == 0)
		return;
	sbuf_puts(b, "\n# As it was; leave it out where the old file stays and has it.\n[shell_environment_policy]\n");
	if (env->inherit != ENV_ALL)
		put_line(b, "inherit", ir_env_inherit_name(env->inherit), true, NULL);
	if (!env->ignore_default_excludes)
		put_line(b, "ignore_default_excludes", "false", false, NULL);
	put_strings(b, "exclude", &env->exclude);
	put_strings(b, "include_only", &env->include_only);
	if (env->set.len == 0)
		return;
	sbuf_puts(b, "\n[shell_environment_policy.set]\n");
	for (size_t i = 0; i < env->set.len; i++)
		put_line(b, env->set.v[i].name, env->set.v[i].value, true, NULL);
}

static void
put_own(struct arena *a, struct sbuf *b, const struct ir_policy *from)
{
	struct ir_strings protect = { NULL, 0, 0 }, acknowledge = { NULL, 0, 0 };
	size_t more = from->protected.len > BUILTIN_PROTECTED ?
	    from->protected.len - BUILTIN_PROTECTED : 0;
	if (more + from->acknowledge.len == 0)
		return;
	protect.v = arena_array(a, more, sizeof(*protect.v));
	for (; protect.len < more; protect.len++)
		protect.v[protect.len].text = from->protected.v[BUILTIN_PROTECTED + protect.len].name;
	acknowledge.v = arena_array(a, from->acknowledge.len, sizeof(*acknowledge.v));
	for (; acknowledge.len < from->acknowledge.len; acknowledge.len++)
		acknowledge.v[acknowledge.len].text = from->acknowledge.v[acknowledge.len];
	sbuf_puts(b, "\n# As it was; leave it out where the old file stays and has it.\n[cdxp]\n");
	put_strings(b, "acknowledge", &acknowledge);
	put_strings(b, "protect", &protect);
}

void
legacy_toml_write(struct arena *a, struct sbuf *out, const struct legacy_policy *policy,
    const struct ir_policy *from, const char *name, const char *file)
{
	put_head(out, policy, name, file);
	put_profile(a, out, policy, name);
	put_environment(out, &from->environment);
	put_own(a, out, from);
}
