/* SPDX-License-Identifier: Apache-2.0 */
/* profile_select.c - which profile is meant: -P, default_permissions, or the legacy form */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "legacy.h"
#include "suggest.h"

static const struct span nowhere = { 0, 0 };

static bool
has_legacy(const struct config *c)
{
	return c->sandbox_mode.set || c->legacy.origin.text != NULL;
}

static bool
has_profiles(const struct config *c)
{
	return c->default_permissions.set || c->permissions.end != 0;
}

/* The names that could have been meant, the file's first. */
static const char **
known_names(struct config *c, size_t *n)
{
	size_t builtins;
	const char *const *builtin = profile_builtin_names(&builtins);
	const char **names = arena_array(c->a, c->profiles.len + builtins, sizeof(*names));
	*n = 0;
	for (size_t i = 0; i < c->profiles.len; i++)
		names[(*n)++] = c->profiles.v[i]->name;
	for (size_t i = 0; i < builtins; i++)
		names[(*n)++] = builtin[i];
	return names;
}

enum { NAMES_SHOWN = 12 };

static void
note_names(struct config *c, struct diag *e)
{
	size_t n;
	const char **names = known_names(c, &n);
	const char *list = names[0];
	for (size_t i = 1; i < n && i < NAMES_SHOWN; i++)
		list = arena_printf(c->a, "%s, %s", list, names[i]);
	diag_note(c->d, e, nowhere, "the profiles are %s%s", list, n > NAMES_SHOWN ? ", ..." : "");
}

static struct profile *
named(struct config *c, const char *name, struct span span)
{
	struct profile *p = profile_find(c, name);
	if (p == NULL)
		p = profile_builtin(c, name);
	if (p != NULL)
		return profile_extend(c, p);
	if (c->partial)
		return NULL;
	size_t n;
	const char **names = known_names(c, &n);
	const char *near = suggest(name, names, n);
	struct diag *e = diag_add(c->d, D_PROFILE_UNKNOWN, span, "there is no profile \"%s\"", name);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else
		note_names(c, e);
	return NULL;
}

static struct profile *
legacy(struct config *c, const struct selection *s)
{
	if (s->full_auto)
		return legacy_raise(c, "workspace-write",
		    (struct origin){ nowhere, "--full-auto", "--full-auto" });
	if (c->sandbox_mode.set)
		return legacy_raise(c, c->sandbox_mode.text, c->sandbox_mode.origin);
	if (!c->partial) {
		struct diag *e = diag_add(c->d, D_LEGACY_NONE, c->legacy.origin.span,
		    "the file sets no sandbox_mode");
		diag_hint(c->d, e, "sandbox_mode = \"read-only\", \"workspace-write\" or "
		    "\"danger-full-access\"");
	}
	return NULL;
}

static void
report_both(struct config *c)
{
	bool mode = c->sandbox_mode.set;
	struct span other = c->default_permissions.set ?
	    c->default_permissions.origin.span : c->permissions;
	struct diag *e = diag_add(c->d, D_BOTH_FORMS,
	    mode ? c->sandbox_mode.origin.span : c->legacy.origin.span,
	    "the file has both %s and %s", mode ? "sandbox_mode" : "sandbox_workspace_write",
	    c->default_permissions.set ? "default_permissions" : "a profile");
	diag_hint(c->d, e, "keep one, or choose with -P NAME or --legacy");
	diag_note(c->d, e, other, "the other form is here");
}

static void
report_none(struct config *c)
{
	if (c->partial)
		return;
	struct diag *e = diag_add(c->d, D_PROFILE_NONE, c->permissions, "no profile is chosen");
	diag_hint(c->d, e, "set default_permissions, or use -P NAME");
	note_names(c, e);
}

struct profile *
profile_select(struct config *c, const struct selection *s)
{
	bool active = s->profile != NULL || (c->default_permissions.set && !s->legacy);
	if (s->full_auto && active) {
		struct diag *e = diag_add(c->d, D_FULL_AUTO,
		    s->profile != NULL ? nowhere : c->default_permissions.origin.span,
		    "--full-auto belongs to the legacy form, and a profile is active");
		diag_hint(c->d, e, "choose a writable [permissions] profile instead");
		return NULL;
	}
	if (s->profile != NULL)
		return named(c, s->profile, nowhere);
	if (s->legacy || s->full_auto)
		return legacy(c, s);
	if (has_legacy(c) && has_profiles(c)) {
		report_both(c);
		return NULL;
	}
	if (c->default_permissions.set)
		return named(c, c->default_permissions.text, c->default_permissions.value);
	if (has_legacy(c))
		return legacy(c, s);
	report_none(c);
	return NULL;
}
