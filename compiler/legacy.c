/* SPDX-License-Identifier: Apache-2.0 */
/* legacy.c - raise(): the profile that a legacy policy means */
#include <config.h>

#include "legacy.h"

#include <string.h>

#include "arena.h"

enum { MODE_READ_ONLY, MODE_WORKSPACE_WRITE, MODE_DANGER };

const char *const legacy_modes[3] = {
	[MODE_READ_ONLY] = "read-only",
	[MODE_WORKSPACE_WRITE] = "workspace-write",
	[MODE_DANGER] = "danger-full-access",
};

bool
legacy_mode_known(const char *mode)
{
	for (size_t i = 0; i < NELEMS(legacy_modes); i++)
		if (strcmp(mode, legacy_modes[i]) == 0)
			return true;
	return false;
}

static void
apply_options(struct config *c, struct profile *p)
{
	const struct legacy_options *o = &c->legacy;
	for (size_t i = 0; i < p->places.len; i++) {
		struct item *it = &p->places.v[i];
		if ((it->anchor == ANCHOR_TMPDIR && o->exclude_tmpdir.flag) ||
		    (it->anchor == ANCHOR_SLASH_TMP && o->exclude_slash_tmp.flag))
			it->gone = true;
	}
	items_merge(c->a, &p->places, &o->writable_roots);
	if (o->network_access.flag)
		p->network.s[KEY_ENABLED] = o->network_access;
}

struct profile *
legacy_raise(struct config *c, const char *mode, struct origin origin)
{
	/* Neither is unsandboxed: a written ":root" = "write" runs in the base sandbox (spec 4.2). */
	bool danger = strcmp(mode, legacy_modes[MODE_DANGER]) == 0;
	bool workspace = strcmp(mode, legacy_modes[MODE_WORKSPACE_WRITE]) == 0;
	struct profile *p = profile_builtin(c, danger ? ":danger-full-access" :
	    workspace ? ":workspace" : ":read-only");

	p->name = mode;
	p->origin = origin;
	p->builtin = false;
	p->unsandboxed = false;
	if (danger)
		p->network.s[KEY_ENABLED].origin = origin;
	if (workspace)
		apply_options(c, p);
	return p;
}
