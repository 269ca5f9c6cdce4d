/* SPDX-License-Identifier: Apache-2.0 */
/* bind_shield.c - what is protected without being asked (spec 1.4) */
#include <config.h>

#include "binder.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "host_facts.h"
#include "intern.h"
#include "path.h"
#include "system.h"

/* Of a .git file or a commondir; git itself reads no path that is longer than PATH_MAX. */
enum { GITFILE_MAX = 64 * 1024 };

/* Two entries may protect one path; the first is the one that is named. */
static void
shield_add(struct binder *b, struct bound_shield s)
{
	size_t len = strlen(s.path);
	size_t at = (size_t)(uintptr_t)strmap_get(b->shields, s.path, len);
	if (at > 0) {
		if (b->out->shields.v[at - 1].origin != s.origin)
			VEC_PUSH(b->a, &b->out->shared_shields, (uint32_t)(at - 1));
		return;
	}
	VEC_PUSH(b->a, &b->out->shields, s);
	strmap_add_kept(b->shields, s.path, len, (void *)(uintptr_t)b->out->shields.len);
}

/* What a gitdir: or commondir line holds; NULL where there is nothing. */
static const char *
git_line(char *text)
{
	text += strspn(text, " \t");
	size_t len = strlen(text);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text[len] = '\0';
	return len > 0 ? text : NULL;
}

/*
 * The content of a small file; *text is NULL where there is none that git
 * could read either.
 */
static int
git_read(struct binder *b, const char *path, const struct ir_origin *o, char **text)
{
	*text = b->host->read(b->host, b->a, path, GITFILE_MAX);
	if (*text != NULL || errno == EACCES || errno == ENOENT)
		return 0;
	return bind_fail(b, o, "cannot read %s: %s", path, strerror(errno));
}

/* Protect the directory that `line' names, seen from `from'; *dir is its canonical path. */
static int
shield_gitdir(struct binder *b, const char *from, const char *line, const char *what,
    const struct ir_origin *o, const char **dir)
{
	struct canon_way way;

	if (b->rq->target == TARGET_WINDOWS)
		line = bind_windows_named(b->a, line);
	if (bind_resolve(b, from, line, what, o, &way) == -1)
		return -1;
	*dir = way.end->path;
	shield_add(b, (struct bound_shield){ *dir, SHIELD_GITDIR, o, ".git" });
	return 0;
}

/* gitrepository-layout(5): ".git" as a text file, and "commondir". */
static int
shield_gitfile(struct binder *b, const struct bound_entry *e, const char *gitfile)
{
	static const char prefix[] = "gitdir:";
	struct canon_way way;
	const char *line, *dir, *common;
	char *text;

	if (git_read(b, gitfile, e->origin, &text) == -1)
		return -1;
	if (text == NULL || strncmp(text, prefix, sizeof(prefix) - 1) != 0 ||
	    (line = git_line(text + sizeof(prefix) - 1)) == NULL)
		return 0;
	if (shield_gitdir(b, e->path, line, "the gitdir", e->origin, &dir) == -1)
		return -1;

	if (bind_resolve(b, dir, "commondir", "the commondir", e->origin, &way) == -1)
		return -1;
	if (way.end->kind != NODE_FILE)
		return 0;
	if (git_read(b, way.end->path, e->origin, &text) == -1)
		return -1;
	if (text == NULL || (line = git_line(text)) == NULL)
		return 0;
	return shield_gitdir(b, dir, line, "the commondir", e->origin, &common);
}

static int
shield_name(struct binder *b, const struct bound_entry *e, const struct fact *dir, const char *name)
{
	const char *why, *path = path_join(b->a, e->path, name);
	const struct fact *f = canon_child(b->canon, dir, path, &why);

	if (f == NULL)
		return bind_fail(b, e->origin, "%s", why);
	if (b->rq->target == TARGET_WINDOWS &&
	    bind_windows_check(b, path, f, "the protected name", e->origin) == -1)
		return -1;
	/* Nothing is made in a directory that others share. */
	if (e->shared_tmp && (b->generic || !fact_exists(f)))
		return 0;
	if (f->kind == NODE_LINK) {
		const struct fact **link = arena_array(b->a, 1, sizeof(*link));
		link[0] = f;
		VEC_PUSH(b->a, &b->mentions, ((struct mention){ MENTION_NAME, name,
		    e->origin, NULL, link, 1 }));
	}
	shield_add(b, (struct bound_shield){ f->path, SHIELD_NAME, e->origin, name });
	if (f->kind == NODE_FILE && strcmp(name, ".git") == 0)
		return shield_gitfile(b, e, path);
	return 0;
}

static bool
is_protected_name(const struct binder *b, const char *name, size_t len)
{
	const struct ir_policy *ir = b->out->ir;
	bool folds = b->rq->target != TARGET_LINUX;

	for (size_t i = 0; i < ir->protected.len; i++) {
		const char *n = ir->protected.v[i].name;
		size_t k = 0;
		while (k < len && n[k] != '\0' && (n[k] == name[k] ||
		    (folds && name_fold(n[k]) == name_fold(name[k]))))
			k++;
		if (k == len && n[k] == '\0')
			return true;
	}
	return false;
}

/* At or below a protected name of a write entry: then it has no protected names of its own. */
static bool
is_below_protected(const struct binder *b, const char *path)
{
	const char *rest = path;
	struct slice c;

	while (path_next(&rest, &c)) {
		if (!is_protected_name(b, c.p, c.len))
			continue;
		size_t up = (size_t)(c.p - path);
		if (strmap_get(b->writes, path, up > 1 ? up - 1 : 1) != NULL)
			return true;
	}
	return false;
}

/* Shared temporary directories come last: an entry of the same path protects more. */
static int
shield_entries(struct binder *b, bool shared_tmp)
{
	const struct ir_policy *ir = b->out->ir;

	for (size_t i = 0; i < b->out->entries.len; i++) {
		const struct bound_entry *e = &b->out->entries.v[i];
		const char *why;
		if (e->access != ACCESS_WRITE || e->shared_tmp != shared_tmp)
			continue;
		const struct fact *f = canon_fact(b->canon, e->path, &why);
		if (f == NULL)
			return bind_fail(b, e->origin, "%s", why);
		if (!fact_is_dir(f) || is_below_protected(b, e->path))
			continue;
		for (size_t j = 0; j < ir->protected.len; j++)
			if (shield_name(b, e, f, ir->protected.v[j].name) == -1)
				return -1;
	}
	return 0;
}

static int
shield_policy_files(struct binder *b)
{
	for (size_t i = 0; i < b->rq->nshielded; i++) {
		static const char what[] = "the policy file";
		const char *file = b->rq->shielded[i], *from = "/";
		struct canon_way way;
		if (b->rq->target == TARGET_WINDOWS)
			file = bind_windows_named(b->a, file);
		if (file[0] != '/' && (from = system_full_path(b->a, NULL)) == NULL)
			return bind_fail(b, NULL, "%s %s: the working directory cannot be "
			    "found out: %s", what, file, strerror(errno));
		if (bind_resolve(b, from, file, what, NULL, &way) == -1)
			return -1;
		VEC_PUSH(b->a, &b->out->shields, ((struct bound_shield){ way.end->path,
		    SHIELD_POLICY, NULL, path_base(way.end->path) }));
	}
	return 0;
}

int
bind_shields(struct binder *b)
{
	b->shields = strmap_new(b->a);
	if (!bound_is_free(b->out) &&
	    (shield_entries(b, false) == -1 || shield_entries(b, true) == -1))
		return -1;
	return shield_policy_files(b);
}
