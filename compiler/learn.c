/* SPDX-License-Identifier: Apache-2.0 */
/* learn.c - merging, covering and, when asked, generalising proposed entries */
#include <config.h>

#include "learn.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "utf8.h"

static bool
is_file(const struct proposal *p)
{
	return strcmp(p->table, "filesystem") == 0;
}

static bool
writes(const struct proposal *p)
{
	return strcmp(p->access, "write") == 0;
}

static const char *
joined(struct arena *a, const char *place, const char *subpath)
{
	if (subpath == NULL || strcmp(subpath, ".") == 0)
		return place;
	return arena_printf(a, "%s/%s", place, subpath);
}

/* As denial_entry.c spells names: what would make a pattern of it is escaped. */
static const char *
escaped(struct arena *a, const char *name)
{
	char *out = arena_alloc(a, 2 * strlen(name) + 1), *to = out;

	for (; *name != '\0'; name++) {
		if (strchr("*?[]{}\\", *name) != NULL)
			*to++ = '\\';
		*to++ = *name;
	}
	*to = '\0';
	return out;
}

/*
 * A directory that was to be made: the entry that would have allowed it is for
 * the one around it; that directory itself is less, and --create-missing makes
 * it.  False where it cannot be an entry.
 */
static bool
made_directory(struct arena *a, const struct denial_line *d, struct denial_line *own)
{
	const char *name = d->target[0] == '/' && strcmp(d->target, "/") != 0 ? path_base(d->target) : "";

	if (strncmp(d->operation, "mkdir", 5) != 0 || strcmp(d->table, "filesystem") != 0 || *name == '\0' ||
	    utf8_check(name, strlen(name)) != strlen(name))
		return false;
	*own = *d;
	name = escaped(a, name);
	if (d->subpath != NULL)
		own->subpath = strcmp(d->subpath, ".") == 0 ? name : arena_printf(a, "%s/%s", d->subpath, name);
	else if (d->place[0] == '/' || d->place[0] == '~')
		own->place = arena_printf(a, "%s/%s", d->place, name);
	else if (strcmp(d->place, ":root") == 0)
		own->place = arena_printf(a, "/%s", name);
	else
		return false;
	return true;
}

static bool
is_question(const struct denial_line *d)
{
	return strncmp(d->operation, "access", 6) == 0 || strncmp(d->operation, "faccessat", 9) == 0;
}

/*
 * Where temporary files go, as far as it could be.  Whoever is told no goes on
 * to other directories, and in the end to the one where it is, which is no
 * place to open for that.
 */
static bool
asks_for_temporary(const struct denial_line *d)
{
	static const char *const places[] = { ":tmpdir", "/tmp", "/var/tmp" };

	if (!is_question(d) || d->place == NULL || d->subpath != NULL || strcmp(d->access, "write") != 0)
		return false;
	for (size_t i = 0; i < NELEMS(places); i++)
		if (strcmp(d->place, places[i]) == 0)
			return true;
	return false;
}

/*
 * What nobody did: asked whether it may be written to, as for the first of
 * several directories; or looked at a directory of others', where an entry
 * would open all of them.  NULL: it is neither.
 */
static const char *
mere_look(const struct denial_line *d)
{
	if (d->place == NULL || (!is_question(d) && strcmp(d->action, "stat") != 0))
		return NULL;
	if (strcmp(d->access, "write") == 0)
		return "it was only asked whether it may be written to";
	if (d->subpath != NULL ? strcmp(d->subpath, ".") == 0 : d->place[0] == ':' ||
	    strcmp(d->place, "~") == 0 || strchr(d->place + 1, '/') == NULL)
		return "it was only looked at, and an entry would open all that is in it";
	return NULL;
}

static void
add(struct arena *a, struct strmap *known, struct learned *out, const struct denial_line *d,
    const struct denial_line *sample, bool missing)
{
	const char *path = joined(a, d->place, d->subpath);
	/* What two rules denied stays apart: an entry reaches what its rule decides. */
	const char *key = arena_printf(a, "%s\n%s\n%s\n%s", d->table, path, d->access, d->rule_id);
	size_t *at = strmap_get(known, key, strlen(key));

	if (at == NULL) {
		at = arena_alloc(a, sizeof(*at));
		*at = out->entries.len;
		strmap_put(known, key, strlen(key), at);
		VEC_PUSH(a, &out->entries, ((struct proposal){ .table = d->table, .place = d->place,
		    .subpath = d->subpath, .access = d->access, .path = path, .rule_id = d->rule_id,
		    .sample = sample, .missing = missing }));
	}
	out->entries.v[*at].count += d->count;
	out->entries.v[*at].different++;
}

/* ---- one entry that stands for others ---- */

static void
take_over(struct proposal *by, struct proposal *p)
{
	by->count += p->count;
	by->different += p->different;
	by->missing &= p->missing || strcmp(by->path, p->path) != 0;
	p->gone = true;
}

/*
 * The same path, with at least the access; or a directory above, where both
 * were denied by the same rule: no rule lies between them then.
 */
static bool
covers(const struct proposal *by, const struct proposal *p)
{
	if (strcmp(by->table, p->table) != 0 || (writes(p) && !writes(by)))
		return false;
	if (strcmp(by->path, p->path) == 0)
		return true;
	return is_file(p) && strcmp(by->rule_id, p->rule_id) == 0 && path_below(p->path, by->path);
}

static int
by_path(const void *x, const void *y)
{
	const struct proposal *p = x, *q = y;
	int c = strcmp(p->table, q->table);

	if (c != 0)
		return c;
	c = strcmp(p->place, q->place);
	if (c != 0)
		return c;
	c = strcmp(p->path, q->path);
	if (c != 0)
		return c;
	c = writes(q) - writes(p);
	return c != 0 ? c : strcmp(p->rule_id, q->rule_id);
}

/* What lies below a path follows it; an entry is asked of those before it that it is below. */
static void
drop_covered(struct learned *l)
{
	struct proposal *v = l->entries.v;
	size_t n = 0;

	if (l->entries.len > 0)
		qsort(v, l->entries.len, sizeof(*v), by_path);
	for (size_t i = 0; i < l->entries.len; i++)
		for (size_t k = i; k > 0 && !v[i].gone; k--)
			if (!v[k - 1].gone && covers(&v[k - 1], &v[i]))
				take_over(&v[k - 1], &v[i]);
	for (size_t i = 0; i < l->entries.len; i++)
		if (!v[i].gone)
			v[n++] = v[i];
	l->entries.len = n;
}

/* ---- generalising ---- */

/* The directory that an entry lies in, as an entry; false where that would be too much. */
static bool
directory_of(struct arena *a, const struct proposal *p, struct proposal *out)
{
	const char *rest = p->subpath != NULL ? p->subpath : p->place + (p->place[0] == '~' ? 2 : 1);
	const char *slash = strrchr(rest, '/');

	if (!is_file(p) || (p->subpath == NULL && p->place[0] != '/' && strncmp(p->place, "~/", 2) != 0))
		return false;
	if (slash == NULL || (p->place[0] == '/' && p->subpath == NULL && strchr(rest, '/') == slash))
		return false;
	*out = *p;
	if (p->subpath != NULL)
		out->subpath = arena_strndup(a, p->subpath, (size_t)(slash - p->subpath));
	else
		out->place = arena_strndup(a, p->place, (size_t)(slash - p->place));
	out->path = joined(a, out->place, out->subpath);
	return true;
}

/* An entry's directory, and whether it may be proposed. */
struct above {
	struct proposal	 dir;
	bool		 any;
};

static bool
same_directory(const struct above *x, const struct above *y)
{
	return y->any && strcmp(x->dir.path, y->dir.path) == 0 && strcmp(x->dir.access, y->dir.access) == 0 &&
	    strcmp(x->dir.rule_id, y->dir.rule_id) == 0;
}

/* One pass; true: something changed, so that there may be more. */
static bool
generalise_once(struct arena *a, struct learned *l, size_t n)
{
	size_t len = l->entries.len;
	struct above *above = arena_array(a, len + 1, sizeof(*above));
	bool changed = false;

	for (size_t i = 0; i < len; i++)
		above[i].any = directory_of(a, &l->entries.v[i], &above[i].dir);
	for (size_t i = 0; i < len; i++) {
		size_t same = 0;
		for (size_t k = i; above[i].any && k < len; k++)
			same += !l->entries.v[k].gone && same_directory(&above[i], &above[k]);
		if (l->entries.v[i].gone || same < n)
			continue;
		struct proposal dir = above[i].dir;
		dir.count = 0;
		dir.different = 0;
		for (size_t k = i; k < len; k++)
			if (!l->entries.v[k].gone && covers(&dir, &l->entries.v[k]))
				take_over(&dir, &l->entries.v[k]);
		VEC_PUSH(a, &l->entries, dir);
		changed = true;
	}
	drop_covered(l);
	return changed;
}

static void
leave(struct arena *a, struct learned *out, const struct denial_line *d, const char *why)
{
	struct denial_line *copy = arena_alloc(a, sizeof(*copy));

	*copy = *d;
	copy->no_entry = why;
	VEC_PUSH(a, &out->left, copy);
}

/* Why this one is left to a later log, or for good; NULL: it is not.  `asked': programs that asked for temporary places. */
static const char *
reason_to_leave(struct strmap *asked, const struct denial_line *d)
{
	size_t len = strlen(d->process);
	bool before = strmap_get(asked, d->process, len) != NULL;

	if (asks_for_temporary(d) && !before) {
		strmap_put(asked, d->process, len, (void *)(uintptr_t)d);
		return NULL;
	}
	if (before && strcmp(d->action, "create") == 0 && d->place != NULL)
		return "the program found no temporary directory; see whether it still does with one";
	return mere_look(d);
}

void
learn(struct arena *a, const struct denial_lines *lines, size_t generalise, bool network,
    struct learned *out)
{
	struct strmap *known = strmap_new(a), *asked = strmap_new(a);

	*out = (struct learned){ .denials = lines->lost };
	for (size_t i = 0; i < lines->len; i++) {
		const struct denial_line *d = &lines->v[i];
		out->denials += d->count;
		bool destination = d->place != NULL && strcmp(d->table, "domains") == 0;
		const char *why = reason_to_leave(asked, d);
		if (why != NULL) {
			leave(a, out, d, why);
			continue;
		}
		if (d->place == NULL || (destination && !network)) {
			VEC_PUSH(a, &out->left, d);
			continue;
		}
		out->covered += d->count;
		out->network |= destination;
		struct denial_line own;
		bool made = made_directory(a, d, &own);
		add(a, known, out, made ? &own : d, d, made);
	}
	drop_covered(out);
	while (generalise >= 2 && generalise_once(a, out, generalise))
		continue;
}
