/* SPDX-License-Identifier: Apache-2.0 */
/* profile_builtin.c - the built-in profiles (spec 1.2) and the places that they grant */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"

static const char read_only[] = ":read-only";
static const char workspace[] = ":workspace";
static const char danger[] = ":danger-full-access";
static const char danger_old[] = ":danger-no-sandbox";

struct builtin_place {
	enum anchor	 anchor;
	const char	*path;
	const char	*text;
	enum access	 access;
};

/* ":read-only" is the first row alone. */
static const struct builtin_place workspace_places[] = {
	{ ANCHOR_ABS, "/", ":root", ACCESS_READ },
	{ ANCHOR_WORKSPACE, "", ":workspace_roots", ACCESS_WRITE },
	{ ANCHOR_WORKSPACE, ".git", ".git", ACCESS_READ },
	{ ANCHOR_WORKSPACE, ".agents", ".agents", ACCESS_READ },
	{ ANCHOR_WORKSPACE, ".codex", ".codex", ACCESS_READ },
	{ ANCHOR_SLASH_TMP, "", ":slash_tmp", ACCESS_WRITE },
	{ ANCHOR_TMPDIR, "", ":tmpdir", ACCESS_WRITE },
};
static const struct builtin_place danger_place = { ANCHOR_ABS, "/", ":root", ACCESS_WRITE };

const char *const *
profile_builtin_names(size_t *n)
{
	static const char *const names[] = { read_only, workspace, danger };
	*n = NELEMS(names);
	return names;
}

static void
put_place(struct config *c, struct profile *p, const struct builtin_place *b)
{
	struct item it = {
		.origin = { { 0, 0 }, b->text, p->name },
		.anchor = b->anchor,
		.path = b->path,
		.access = b->access,
	};
	/* Literal and not ":minimal" with another access: nothing to refuse. */
	if (place_finish(c, &it, it.origin.span) == 0)
		items_put(c->a, &p->places, it);
}

struct profile *
profile_builtin(struct config *c, const char *name)
{
	size_t rows = strcmp(name, read_only) == 0 ? 1 :
	    strcmp(name, workspace) == 0 ? NELEMS(workspace_places) : 0;
	bool unsandboxed = strcmp(name, danger) == 0 || strcmp(name, danger_old) == 0;
	if (rows == 0 && !unsandboxed)
		return NULL;

	const char *canonical = unsandboxed ? danger : rows == 1 ? read_only : workspace;
	struct profile *p = profile_new(c, canonical, (struct origin){ { 0, 0 }, canonical, canonical });
	p->builtin = true;
	p->unsandboxed = unsandboxed;
	for (size_t i = 0; i < rows; i++)
		put_place(c, p, &workspace_places[i]);
	if (unsandboxed) {
		put_place(c, p, &danger_place);
		p->network.s[KEY_ENABLED] = (struct setting){
			.set = true, .flag = true, .origin = p->origin,
		};
	}
	return p;
}
