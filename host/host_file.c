/* SPDX-License-Identifier: Apache-2.0 */
/* host_file.c - a host that is described in a file */
#include <config.h>

#include "host_file.h"

#include <string.h>

#include "arena.h"
#include "binder.h"
#include "intern.h"
#include "json.h"
#include "path.h"
#include "path_windows.h"

struct reader {
	struct arena	*a;
	struct host_file *out;
	const char	**why;
	struct strmap	*seen;		/* paths, in the case that they compare in */
};

static const struct { const char *name; enum target target; } systems[] = {
	{ "linux", TARGET_LINUX }, { "macos", TARGET_MACOS }, { "windows", TARGET_WINDOWS },
};

static const struct { const char *name; enum node_kind kind; bool closed; } kinds[] = {
	{ "directory", NODE_DIR, false }, { "closed", NODE_DIR, true }, { "file", NODE_FILE, false },
	{ "link", NODE_LINK, false }, { "other", NODE_OTHER, false },
};

static int
fail(struct reader *r, const char *what, const char *problem)
{
	*r->why = arena_printf(r->a, "%s %s", what, problem);
	return -1;
}

/* Only these members, all of them strings. */
static int
check_members(struct reader *r, const cJSON *o, const char *what, const char *const *names, size_t n)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, o) {
		size_t i = 0;
		while (i < n && strcmp(names[i], v->string) != 0)
			i++;
		if (i == n)
			return fail(r, what, arena_printf(r->a, "has a member \"%.100s\", which is not "
			    "known", v->string));
		if (!cJSON_IsString(v))
			return fail(r, what, arena_printf(r->a, "has a member \"%s\" that is no string",
			    v->string));
	}
	return 0;
}

/* In the form of all bound paths; NULL where it is not normal. */
static const char *
bound_form(struct reader *r, const char *text)
{
	const char *why, *normal;

	if (r->out->target != TARGET_WINDOWS)
		normal = path_normal(r->a, text, &why);
	else if ((normal = path_windows_normal(r->a, text, &why)) != NULL)
		normal = path_normal(r->a, bind_windows_path(r->a, normal), &why);
	if (normal == NULL)
		fail(r, arena_printf(r->a, "the path \"%.200s\"", text), why);
	return normal;
}

static int
read_place(struct reader *r, const cJSON *v)
{
	static const char *const members[] = { "content", "is", "path", "target" };
	const char *path, *is, *target, *content;
	size_t kind = 0;

	if (!cJSON_IsObject(v) || (path = json_string(v, "path")) == NULL ||
	    (is = json_string(v, "is")) == NULL)
		return fail(r, "an element of \"places\"", "has no path, or does not say what it is");
	const char *what = arena_printf(r->a, "the place \"%.200s\"", path);
	if (check_members(r, v, what, members, NELEMS(members)) == -1)
		return -1;
	while (kind < NELEMS(kinds) && strcmp(is, kinds[kind].name) != 0)
		kind++;
	if (kind == NELEMS(kinds))
		return fail(r, what, "is none of: directory, file, link, other, closed");
	target = json_string(v, "target");
	content = json_string(v, "content");
	if ((kinds[kind].kind == NODE_LINK) != (target != NULL))
		return fail(r, what, "has a target and is no link, or is one without");
	if (content != NULL && kinds[kind].kind != NODE_FILE)
		return fail(r, what, "has a content and is no file");
	if ((path = bound_form(r, path)) == NULL)
		return -1;
	char *key = arena_strdup(r->a, path);
	for (char *p = key; r->out->target != TARGET_LINUX && *p != '\0'; p++)
		*p = name_fold(*p);
	if (strmap_get(r->seen, key, strlen(key)) != NULL)
		return fail(r, what, "is there twice");
	strmap_put_kept(r->seen, key, strlen(key), r);
	if (target != NULL && r->out->target == TARGET_WINDOWS)
		target = bind_windows_named(r->a, target);
	const struct fact f = { .path = path, .kind = kinds[kind].kind,
	    .target = target != NULL ? arena_strdup(r->a, target) : NULL };
	if (!host_fake_add(r->out->host, r->a, &f, arena_strdup(r->a, content != NULL ? content : ""),
	    kinds[kind].closed))
		return fail(r, what, "is another thing in the same description");
	return 0;
}

static int
read_document(struct reader *r, const cJSON *doc)
{
	static const char *const members[] = { "cwd", "home", "system", "temp", "tmp", "tmpdir" };
	struct host_file *f = r->out;
	const cJSON *v, *places = json_member(doc, "places");
	const char *system = json_string(doc, "system");
	int64_t version;
	size_t i = 0;

	if (!json_int(doc, "cdxp_facts", &version) || version != 1)
		return fail(r, "\"cdxp_facts\"", "is not 1, the only version of this format");
	while (i < NELEMS(systems) && (system == NULL || strcmp(system, systems[i].name) != 0))
		i++;
	if (i == NELEMS(systems))
		return fail(r, "\"system\"", "is none of: linux, macos, windows");
	f->target = systems[i].target;
	cJSON *rest = cJSON_Duplicate(doc, true);
	if (rest == NULL)
		out_of_memory();
	cJSON_DeleteItemFromObjectCaseSensitive(rest, "cdxp_facts");
	cJSON_DeleteItemFromObjectCaseSensitive(rest, "places");
	int rc = check_members(r, rest, "the description", members, NELEMS(members));
	cJSON_Delete(rest);
	if (rc == -1)
		return -1;
	if (!cJSON_IsArray(places))
		return fail(r, "\"places\"", "is missing, or no array");
	f->host = host_fake_new(r->a, f->target != TARGET_LINUX);
	cJSON_ArrayForEach(v, places)
		if (read_place(r, v) == -1)
			return -1;
	const struct { const char *key; const char **to; } named[] = {
		{ "cwd", &f->cwd }, { "home", &f->home },
		{ f->target == TARGET_WINDOWS ? "temp" : "tmpdir", &f->tmpdir }, { "tmp", &f->tmp },
	};
	for (i = 0; i < NELEMS(named); i++) {
		const char *text = json_string(doc, named[i].key);
		if (text == NULL)
			continue;
		if (bound_form(r, text) == NULL)
			return -1;
		*named[i].to = arena_strdup(r->a, text);
	}
	return 0;
}

struct host_file *
host_file_read(struct arena *a, const char *text, size_t len, const char **why)
{
	struct reader r = { .a = a, .out = arena_alloc(a, sizeof(struct host_file)), .why = why,
	    .seen = strmap_new(a) };
	size_t offset;
	cJSON *doc = json_read(text, len, why, &offset);

	if (doc == NULL)
		return NULL;
	int rc = cJSON_IsObject(doc) ? read_document(&r, doc) : fail(&r, "it", "is no object");
	cJSON_Delete(doc);
	return rc == 0 ? r.out : NULL;
}
