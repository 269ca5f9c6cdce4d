/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_windows.c - what a policy says on Windows, in a form that can be compared anywhere */
#include <config.h>

#include "legacy_ask.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "path.h"
#include "path_windows.h"

static const char *
lower_case(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);
	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return out;
}

/* "C:\x" as "/c:/x"; NULL: too deep for a path. */
static const char *
view_path(struct arena *a, const char *windows)
{
	const char *why;
	return path_normal(a, path_windows_as_posix(a, lower_case(a, windows)), &why);
}

static void
view_entries(struct arena *a, const struct ir_policy *ir, struct ir_policy *view)
{
	memset(&view->entries, 0, sizeof(view->entries));
	for (size_t i = 0; i < ir->entries.len; i++) {
		struct ir_entry e = ir->entries.v[i];
		if (e.anchor == ANCHOR_WINDOWS) {
			e.anchor = ANCHOR_ABS;
			e.path = view_path(a, e.path);
		} else if (e.anchor == ANCHOR_MINIMAL ||
		    (e.anchor == ANCHOR_ABS && strcmp(e.path, "/") != 0)) {
			continue;
		}
		if (e.path != NULL)
			VEC_PUSH(a, &view->entries, e);
	}
}

static void
view_patterns(struct arena *a, const struct ir_policy *ir, struct ir_policy *view)
{
	memset(&view->patterns, 0, sizeof(view->patterns));
	for (size_t i = 0; i < ir->patterns.len; i++) {
		struct ir_pattern p = ir->patterns.v[i];
		if (p.anchor == ANCHOR_ABS)
			continue;
		p.glob = lower_case(a, p.glob);
		if (p.anchor == ANCHOR_WINDOWS) {
			p.anchor = ANCHOR_ABS;
			p.glob = path_windows_as_posix(a, p.glob);
		}
		VEC_PUSH(a, &view->patterns, p);
	}
}

static void
view_roots(struct arena *a, const struct ir_policy *ir, struct ir_policy *view)
{
	memset(&view->roots, 0, sizeof(view->roots));
	for (size_t i = 0; i < ir->roots.len; i++) {
		struct ir_root r = ir->roots.v[i];
		if (r.anchor == ANCHOR_WINDOWS) {
			r.anchor = ANCHOR_ABS;
			r.path = view_path(a, r.path);
		} else if (r.anchor == ANCHOR_ABS) {
			continue;
		}
		if (r.path != NULL)
			VEC_PUSH(a, &view->roots, r);
	}
}

static bool
has_windows(const struct ir_policy *ir)
{
	bool has = false;
	for (size_t i = 0; i < ir->entries.len && !has; i++)
		has = ir->entries.v[i].anchor == ANCHOR_WINDOWS;
	for (size_t i = 0; i < ir->patterns.len && !has; i++)
		has = ir->patterns.v[i].anchor == ANCHOR_WINDOWS;
	for (size_t i = 0; i < ir->roots.len && !has; i++)
		has = ir->roots.v[i].anchor == ANCHOR_WINDOWS;
	return has;
}

const struct ir_policy *
legacy_windows_view(struct arena *a, const struct ir_policy *ir)
{
	if (!has_windows(ir))
		return NULL;
	struct ir_policy *view = arena_alloc(a, sizeof(*view));
	*view = *ir;
	view_entries(a, ir, view);
	view_patterns(a, ir, view);
	view_roots(a, ir, view);
	return view;
}

const char *
legacy_windows_path(struct arena *a, const char *path)
{
	size_t len = strcspn(path + 1, "/");
	if (path[1] == '@' || path[1] == '\0')
		return path;
	/* A drive, or else the server of a share. */
	bool drive = len == 2 && path[2] == ':';
	char *out = arena_printf(a, "%s%s%s", drive ? "" : "\\\\", path + 1,
	    drive && path[3] == '\0' ? "\\" : "");
	for (char *p = out; *p != '\0'; p++)
		if (*p == '/')
			*p = '\\';
	return out;
}
