/* SPDX-License-Identifier: Apache-2.0 */
/* acl_journal.c - the journal in memory, replayed from its lines and written as lines */
#include <config.h>

#include "acl_journal.h"

#include <string.h>

#include "acl_journal_line.h"
#include "acl_journal_memory.h"
#include "arena.h"
#include "intern.h"
#include "json.h"
#include "win_path.h"

enum {
	JOURNAL_BYTES = 256 * 1024 * 1024,
	LOCK_MS = 10000,
	COMPACT_LINES = 64,	/* that are more than it would take */
};
static const char file_name[] = "acl-journal", lock_name[] = "acl-lock";

static void
put_line(struct journal *j, cJSON *o)
{
	line_print(&j->waiting, o);
	j->lines_waiting++;
}

static cJSON *
record(const char *r)
{
	cJSON *o = json_new_object();

	json_put_text(o, "r", r);
	return o;
}

void
journal_begin(struct journal *j, const char *id, const char *name)
{
	cJSON *o = record("apply");

	json_put_text(o, "plan", id);
	json_put_text(o, "name", name);
	put_line(j, o);
	memory_begin(j, id, name);
}

static cJSON *
make_line(const struct journal_made *m)
{
	cJSON *o = record("make");

	json_put_text(o, "path", m->path);
	json_put_text(o, "temp", m->temp);
	json_put_text(o, "kind", m->kind == ACL_DIR ? "directory" : "file");
	return o;
}

void
journal_make(struct journal *j, const char *path, const char *temp, enum acl_kind kind)
{
	const struct journal_made *m = memory_make(j, path, temp, kind);

	if (m != NULL)
		put_line(j, make_line(m));
}

static cJSON *
made_line(const struct journal_made *m)
{
	cJSON *o = record("made");

	json_put_text(o, "path", m->path);
	line_put_id(o, m->volume, m->id);
	return o;
}

void
journal_made_is(struct journal *j, struct journal_made *m, uint64_t volume, const uint64_t id[2])
{
	m->has_id = true;
	m->volume = volume;
	memcpy(m->id, id, sizeof(m->id));
	put_line(j, made_line(m));
}

static cJSON *
add_line(const struct journal_object *o, const struct ace *v, size_t n)
{
	cJSON *line = record("add");

	json_put_text(line, "path", o->path);
	json_put_text(line, "kind", o->kind == ACL_DIR ? "directory" : "file");
	line_put_id(line, o->volume, o->id);
	json_put_text(line, "before", o->before);
	json_put_text(line, "base", o->base);
	json_put(line, "entries", line_entries(v, n));
	return line;
}

void
journal_add(struct journal *j, const struct journal_object *from, const struct ace_list *list)
{
	struct journal_object *o = memory_object(j, from);
	struct ace_list news = { NULL, 0, 0 };

	for (size_t i = 0; i < list->len; i++)
		if (memory_add(j, o, &list->v[i]))
			ace_add(j->a, &news, list->v[i]);
	if (news.len > 0)
		put_line(j, add_line(o, news.v, news.len));
}

void
journal_spread(struct journal *j, uint32_t plan, const char *const *paths, size_t n)
{
	cJSON *o = record("spread"), *list = json_new_array();

	json_put_text(o, "plan", j->plans.v[plan].id);
	for (size_t i = 0; i < n; i++)
		json_append(list, json_new_text(paths[i]));
	json_put(o, "paths", list);
	put_line(j, o);
	memory_spread(j, plan, paths, n);
}

void
journal_undo(struct journal *j, uint32_t plan)
{
	cJSON *o = record("undo");

	json_put_text(o, "plan", j->plans.v[plan].id);
	put_line(j, o);
	j->open = plan;
	j->state = JOURNAL_UNDOING;
}

void
journal_end(struct journal *j, bool back)
{
	put_line(j, record(j->state == JOURNAL_UNDOING ? "undone" : back ? "back" : "done"));
	memory_end(j, back);
}

/* Replaying: false where a line does not fit. */

static bool
kind_of(const cJSON *o, enum acl_kind *out)
{
	const char *kind = json_string(o, "kind");

	if (kind == NULL || (strcmp(kind, "directory") != 0 && strcmp(kind, "file") != 0))
		return false;
	*out = strcmp(kind, "file") == 0 ? ACL_FILE : ACL_DIR;
	return true;
}

static bool
path_of(const cJSON *o, const char *name, const char **out)
{
	*out = json_string(o, name);
	return *out != NULL && win_path_check(*out, strlen(*out)) == NULL;
}

static bool
replay_make(struct journal *j, const cJSON *o)
{
	const char *path, *temp;
	enum acl_kind kind;

	if (!path_of(o, "path", &path) || !path_of(o, "temp", &temp) || !kind_of(o, &kind))
		return false;
	memory_make(j, path, temp, kind);
	return true;
}

static bool
replay_made(struct journal *j, const cJSON *o)
{
	const char *path;

	if (!path_of(o, "path", &path))
		return false;
	struct journal_made *m = journal_made(j, path);
	if (m == NULL || !line_read_id(o, &m->volume, m->id))
		return false;
	return m->has_id = true;
}

static bool
replay_add(struct journal *j, const cJSON *line)
{
	struct ace_list list = { NULL, 0, 0 };
	struct journal_object o = { .path = NULL };

	if (!path_of(line, "path", &o.path) || !kind_of(line, &o.kind) || !line_read_id(line, &o.volume, o.id) ||
	    !line_read_hash(line, "before", o.before) || !line_read_hash(line, "base", o.base) ||
	    !line_read_entries(j->a, json_member(line, "entries"), &list))
		return false;
	struct journal_object *to = memory_object(j, &o);
	for (size_t i = 0; i < list.len; i++)
		memory_add(j, to, &list.v[i]);
	return true;
}

static bool
replay_spread(struct journal *j, const cJSON *o, uint32_t plan)
{
	struct { const char **v; size_t len, cap; } paths = { NULL, 0, 0 };
	const cJSON *row;

	cJSON_ArrayForEach(row, json_member(o, "paths")) {
		if (!cJSON_IsString(row) || win_path_check(row->valuestring, strlen(row->valuestring)) != NULL)
			return false;
		VEC_PUSH(j->a, &paths, row->valuestring);
	}
	memory_spread(j, plan, paths.v, paths.len);
	return true;
}

static bool
replay(struct journal *j, const cJSON *o)
{
	const char *r = json_string(o, "r"), *id = json_string(o, "plan"), *name = json_string(o, "name");
	uint32_t plan = id == NULL ? UINT32_MAX : journal_plan(j, id);

	if (r == NULL)
		return false;
	if (strcmp(r, "apply") == 0) {
		if (j->state != JOURNAL_DONE || id == NULL || name == NULL || strlen(id) != 64)
			return false;
		memory_begin(j, id, name);
		return true;
	}
	if (strcmp(r, "spread") == 0)
		return plan != UINT32_MAX && replay_spread(j, o, plan);
	if (strcmp(r, "undo") == 0) {
		if (j->state != JOURNAL_DONE || plan == UINT32_MAX)
			return false;
		j->open = plan;
		j->state = JOURNAL_UNDOING;
		return true;
	}
	if (j->state == JOURNAL_UNDOING || strcmp(r, "undone") == 0) {
		if (strcmp(r, "undone") != 0 || j->state != JOURNAL_UNDOING)
			return false;
		memory_end(j, false);
		return true;
	}
	if (j->state != JOURNAL_APPLYING)
		return false;
	if (strcmp(r, "make") == 0)
		return replay_make(j, o);
	if (strcmp(r, "made") == 0)
		return replay_made(j, o);
	if (strcmp(r, "add") == 0)
		return replay_add(j, o);
	if (strcmp(r, "done") != 0 && strcmp(r, "back") != 0)
		return false;
	memory_end(j, strcmp(r, "back") == 0);
	return true;
}

/*
 * A bad line is the end of what was synced, unless a good one follows: then
 * somebody else wrote here, or the disk lost something.
 */
static bool
more_good_lines(const char *text, size_t len)
{
	size_t n;

	for (const char *p = text, *end = text + len; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; ) {
		p++;
		cJSON *o = line_read(p, (size_t)(end - p), &n);
		cJSON_Delete(o);
		if (o != NULL)
			return true;
	}
	return false;
}

static const char *
replay_all(struct journal *j, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t at = 0; at < len; at += n, j->lines++) {
		cJSON *o = line_read(text + at, len - at, &n);
		if (o == NULL) {
			j->torn = true;
			return more_good_lines(text + at, len - at) ?
			    arena_printf(j->a, "is damaged in line %zu", j->lines + 1) : NULL;
		}
		bool fits = replay(j, o);
		cJSON_Delete(o);
		if (!fits)
			return arena_printf(j->a, "has a line %zu that does not fit", j->lines + 1);
	}
	return NULL;
}

int
journal_open(struct arena *a, struct state_files *files, struct journal *j, const char **why)
{
	struct sbuf text = SBUF_INIT;
	const char *bad = NULL;

	*j = (struct journal){ .a = a, .files = files, .by_path = strmap_new(a) };
	if (files->ops->lock(files, lock_name, LOCK_MS, &j->lock) != STATE_OK) {
		*why = arena_printf(a, "the file \"%s\" in %s could not be locked: %s", lock_name, files->dir,
		    files->why);
		return -1;
	}
	enum state_status status = files->ops->read(files, file_name, JOURNAL_BYTES, &text);
	if (status == STATE_OK)
		bad = replay_all(j, sbuf_str(&text), text.len);
	else if (status != STATE_MISSING)
		bad = arena_printf(a, "could not be read: %s", files->why);
	sbuf_free(&text);
	if (bad == NULL)
		return 0;
	*why = arena_printf(a, "the file \"%s\" in %s %s; it says which entries are ours: bring back a copy of it",
	    file_name, files->dir, bad);
	journal_close(j);
	return -1;
}

void
journal_close(struct journal *j)
{
	if (j->lock != NULL)
		j->files->ops->unlock(j->files, j->lock);
	j->lock = NULL;
	sbuf_free(&j->waiting);
}

static bool
is_fresh(const struct journal *j, const struct journal_claims *c, uint32_t plan)
{
	return c->fresh && j->state == JOURNAL_APPLYING && plan == j->open;
}

static void
section(struct journal *j, uint32_t plan, bool fresh)
{
	const struct journal_plan *p = &j->plans.v[plan];
	cJSON *o = record("apply");

	json_put_text(o, "plan", p->id);
	json_put_text(o, "name", p->name);
	put_line(j, o);
	for (size_t i = 0; i < j->made.len; i++) {
		const struct journal_made *m = j->made.v[i];
		if (!journal_needs(&m->plans, plan) || is_fresh(j, &m->plans, plan) != fresh)
			continue;
		put_line(j, make_line(m));
		if (m->has_id)
			put_line(j, made_line(m));
	}
	for (size_t i = 0; i < j->objects.len; i++) {
		const struct journal_object *obj = j->objects.v[i];
		struct ace_list list = { NULL, 0, 0 };
		for (size_t k = 0; k < obj->entries.len; k++) {
			const struct journal_entry *e = &obj->entries.v[k];
			if (journal_needs(&e->plans, plan) && is_fresh(j, &e->plans, plan) == fresh)
				ace_add(j->a, &list, e->ace);
		}
		if (list.len > 0)
			put_line(j, add_line(obj, list.v, list.len));
	}
}

int
journal_compact(struct journal *j, const char **why)
{
	static const char no_text[] = "";

	j->waiting.len = j->lines_waiting = 0;
	for (uint32_t i = 0; i < j->plans.len; i++) {
		if (!j->plans.v[i].done)
			continue;
		section(j, i, false);
		put_line(j, record("done"));
		if (j->plans.v[i].spread.len > 0)
			journal_spread(j, i, j->plans.v[i].spread.v, j->plans.v[i].spread.len);
	}
	if (j->state == JOURNAL_APPLYING) {
		section(j, j->open, true);
	} else if (j->state == JOURNAL_UNDOING) {
		cJSON *o = record("undo");
		json_put_text(o, "plan", j->plans.v[j->open].id);
		put_line(j, o);
	}
	enum state_status status = j->files->ops->replace(j->files, file_name,
	    j->waiting.len > 0 ? j->waiting.p : no_text, j->waiting.len);
	if (status != STATE_OK) {
		*why = arena_printf(j->a, "the file \"%s\" in %s could not be written: %s", file_name, j->files->dir,
		    j->files->why);
		return -1;
	}
	j->lines = j->lines_waiting;
	j->waiting.len = j->lines_waiting = 0;
	j->torn = false;
	return 0;
}

int
journal_sync(struct journal *j, const char **why)
{
	if (j->torn)
		return journal_compact(j, why);
	if (j->waiting.len == 0)
		return 0;
	if (j->files->ops->append(j->files, file_name, j->waiting.p, j->waiting.len) != STATE_OK) {
		*why = arena_printf(j->a, "the file \"%s\" in %s could not be written: %s", file_name, j->files->dir,
		    j->files->why);
		j->torn = true;		/* whatever part of it is there */
		return -1;
	}
	j->lines += j->lines_waiting;
	j->waiting.len = j->lines_waiting = 0;
	if (j->state == JOURNAL_DONE && j->lines > COMPACT_LINES + j->plans.len + j->objects.len + 2 * j->made.len)
		return journal_compact(j, why);
	return 0;
}
