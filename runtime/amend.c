/* SPDX-License-Identifier: Apache-2.0 */
/* amend.c - further entries, workspace roots and protected names for a compiled policy */
#include <config.h>

#include "amend.h"

#include <string.h>

#include "arena.h"
#include "ir.h"
#include "native_path.h"
#include "path.h"
#include "path_windows.h"

static const char *const option_name[] = {
	[AMEND_WRITABLE] = "--add-writable",
	[AMEND_READABLE] = "--add-readable",
	[AMEND_WORKSPACE_ROOT] = "--add-workspace-root",
	[AMEND_PROTECT] = "--protect",
	[AMEND_UNIX_SOCKET] = "--allow-unix-socket",
	[AMEND_DEVICE] = "--device",
};

/* A component of a path: what may be protected by name (spec 1.4). */
static bool
is_name(const char *s)
{
	size_t len = strlen(s);
	return len > 0 && len <= LIMIT_NAME_BYTES && strchr(s, '/') == NULL &&
	    strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* The directory is one of Windows, as native_path.h spells it. */
static bool
is_windows(const char *directory)
{
	return directory[0] == '/' && directory[1] != '\0' && directory[2] == ':';
}

/* As a profile writes it there: "C:\dir", or relative with either separator. */
static const char *
windows_path(struct arena *a, const char *directory, const char *value, const char **what)
{
	if (path_windows_looks_like(value, strlen(value)))
		return path_windows_normal(a, value, what);
	if (value[0] == '\\' || value[0] == '/') {
		*what = "needs a drive in front";
		return NULL;
	}
	const char *base = native_path_plain(a, directory);
	*what = "is no path of Windows";
	return base == NULL ? NULL : path_windows_normal(a, arena_printf(a, "%s\\%s", base, value), what);
}

/* The normal path that a value stands for, or the name itself; NULL with *why. */
static const char *
resolve(struct arena *a, const char *directory, const struct amendment *m, const char **why)
{
	bool windows = is_windows(directory);
	const char *option = option_name[m->kind], *what;
	if (m->kind == AMEND_PROTECT) {
		if (is_name(m->value))
			return m->value;
		*why = arena_printf(a, "%s \"%s\": a protected name is one component of a path, "
		    "such as \".git\"", option, m->value);
		return NULL;
	}
	if (m->value[0] == '\0' || m->value[0] == ':') {
		*why = arena_printf(a, "%s \"%s\": takes a %s", option, m->value,
		    m->kind == AMEND_UNIX_SOCKET || m->kind == AMEND_DEVICE ? "path" : "directory");
		return NULL;
	}
	if (windows && (m->kind == AMEND_UNIX_SOCKET || m->kind == AMEND_DEVICE)) {
		*why = arena_printf(a, "%s \"%s\": not on Windows", option, m->value);
		return NULL;
	}
	const char *path = windows ? windows_path(a, directory, m->value, &what) :
	    path_normal(a, m->value[0] == '/' ? m->value :
	    arena_printf(a, "%s/%s", directory, m->value), &what);
	if (path == NULL)
		*why = arena_printf(a, "%s \"%s\": the path %s", option, m->value, what);
	return path;
}

static uint32_t
source_of(struct arena *a, struct ir_policy *ir, enum amendment_kind kind)
{
	for (size_t i = 0; i < ir->sources.len; i++)
		if (strcmp(ir->sources.v[i].name, option_name[kind]) == 0)
			return (uint32_t)i;
	VEC_PUSH(a, &ir->sources, ((struct ir_source){ option_name[kind] }));
	return (uint32_t)(ir->sources.len - 1);
}

/* As an override of the text would: what is written for the same path goes. */
static void
drop_entries(struct ir_policy *ir, enum anchor anchor, const char *path)
{
	size_t kept = 0;
	for (size_t i = 0; i < ir->entries.len; i++) {
		const struct ir_entry *old = &ir->entries.v[i];
		if (old->anchor != anchor || strcmp(old->path, path) != 0)
			ir->entries.v[kept++] = *old;
	}
	ir->entries.len = kept;
}

static void
put_entry(struct arena *a, struct ir_policy *ir, const struct ir_entry *e)
{
	drop_entries(ir, e->anchor, e->path);
	VEC_PUSH(a, &ir->entries, *e);
}

static void
put_socket(struct arena *a, struct ir_network *n, const char *path, const struct ir_origin *origin)
{
	size_t kept = 0;
	if (n->mode == NET_OPEN && !n->has_sockets)
		return;
	for (size_t i = 0; i < n->sockets.len; i++)
		if (n->sockets.v[i].anchor != ANCHOR_ABS || strcmp(n->sockets.v[i].path, path) != 0)
			n->sockets.v[kept++] = n->sockets.v[i];
	n->sockets.len = kept;
	n->has_sockets = true;
	VEC_PUSH(a, &n->sockets, ((struct ir_socket){ path, ANCHOR_ABS, true, *origin }));
}

static void
add(struct arena *a, struct ir_policy *ir, const struct amendment *m, enum anchor anchor,
    const char *text)
{
	struct ir_origin origin = {
		.span = { .source = source_of(a, ir, m->kind) },
		.text = arena_strdup(a, m->value),
		.profile = ir->name,
	};
	text = arena_strdup(a, text);
	switch (m->kind) {
	case AMEND_WRITABLE:
	case AMEND_READABLE:
		put_entry(a, ir, &(struct ir_entry){
		    .anchor = anchor, .path = text, .origin = origin,
		    .access = m->kind == AMEND_WRITABLE ? ACCESS_WRITE : ACCESS_READ });
		return;
	case AMEND_DEVICE:
		drop_entries(ir, ANCHOR_ABS, text);
		VEC_PUSH(a, &ir->devices, ((struct ir_device){ text, origin }));
		return;
	case AMEND_WORKSPACE_ROOT:
		VEC_PUSH(a, &ir->roots, ((struct ir_root){ anchor, text, origin }));
		return;
	case AMEND_UNIX_SOCKET:
		put_socket(a, &ir->network, text, &origin);
		return;
	case AMEND_PROTECT:
		for (size_t i = 0; i < ir->protected.len; i++)
			if (strcmp(ir->protected.v[i].name, text) == 0)
				return;
		VEC_PUSH(a, &ir->protected, ((struct ir_name){ text, origin }));
		return;
	}
}

int
amend_policy(struct arena *a, struct ir_policy *ir, const char *directory,
    const struct amendment *m, size_t n, const char **why)
{
	const char **text = arena_array(a, n, sizeof(*text));
	for (size_t i = 0; i < n; i++) {
		text[i] = resolve(a, directory, &m[i], why);
		if (text[i] == NULL)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		add(a, ir, &m[i], is_windows(directory) ? ANCHOR_WINDOWS : ANCHOR_ABS, text[i]);
	return 0;
}
