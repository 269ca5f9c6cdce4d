/* SPDX-License-Identifier: Apache-2.0 */
/* acl_session.c - sessions that run: registered, found, and forgotten when their process is gone */
#include <config.h>

#include "acl_session.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"

enum { GUARD_MS = 10000, SESSIONS = 10000, SESSION_BYTES = 4096 };
static const char guard_name[] = "sessions-lock", prefix[] = "session-", suffix[] = ".lock";

struct acl_session {
	char			*name;		/* of the file; on the heap */
	struct state_lock	*lock;
};

/* What a session says of itself; strings in the arena. */
struct session_facts {
	uint64_t	 pid;
	const char	*plan, *reads;		/* reads: NULL where they are the user's */
};

static int
failed(struct acl_context *c, struct acl_report *r, const char *name, const char *what)
{
	acl_find(r, ACL_ERROR, "state", NULL, NULL, "the file \"%s\" in %s %s: %s", name, c->files->dir, what,
	    c->files->why);
	return -1;
}

static bool
parse(struct arena *a, const struct sbuf *text, struct session_facts *out)
{
	const char *why;
	int64_t pid;
	size_t at;

	cJSON *o = json_read(sbuf_str(text), text->len, &why, &at);
	const char *plan = o == NULL ? NULL : json_string(o, "plan"), *reads = o == NULL ? NULL : json_string(o, "reads");
	bool ok = plan != NULL && json_int(o, "pid", &pid) && pid > 0 &&
	    (reads != NULL || cJSON_IsNull(json_member(o, "reads")));
	if (ok)
		*out = (struct session_facts){ (uint64_t)pid, arena_strdup(a, plan),
		    reads == NULL ? NULL : arena_strdup(a, reads) };
	cJSON_Delete(o);
	return ok;
}

/*
 * One session that was found by its lock's name: 1 with what it says where it
 * runs, 0 where it does not, and is forgotten; -1.
 */
static int
visit(struct acl_context *c, struct arena *a, struct acl_report *r, const char *lock_name, struct session_facts *out)
{
	const char *name = arena_strndup(a, lock_name, strlen(lock_name) - strlen(suffix));
	struct state_files *f = c->files;
	struct state_lock *lock;
	struct sbuf text = SBUF_INIT;

	enum state_status status = f->ops->lock(f, lock_name, 0, &lock);
	if (status == STATE_OK) {
		f->ops->remove(f, name);
		f->ops->unlock(f, lock);
		f->ops->remove(f, lock_name);
		return 0;
	}
	if (status != STATE_LOCKED)
		return failed(c, r, lock_name, "could not be locked");
	if (f->ops->read(f, name, SESSION_BYTES, &text) != STATE_OK) {
		sbuf_free(&text);
		return failed(c, r, name, "belongs to a session that runs, and could not be read");
	}
	bool ok = parse(a, &text, out);
	sbuf_free(&text);
	if (ok)
		return 1;
	c->files->why = "it is of another form";
	return failed(c, r, name, "belongs to a session that runs, and could not be read");
}

/* All that run, under the guard; -1 with errors. */
static int
all_running(struct acl_context *c, struct arena *a, struct acl_report *r, struct session_facts **out, size_t *n)
{
	struct { struct session_facts *v; size_t len, cap; } all = { NULL, 0, 0 };
	char **names = NULL;
	size_t found = 0;
	int result = 0;

	if (c->files->ops->list(c->files, prefix, SESSIONS, &names, &found) != STATE_OK)
		return failed(c, r, prefix, "and its like could not be listed");
	for (size_t i = 0; i < found; i++) {
		size_t len = strlen(names[i]);
		struct session_facts s;
		int running = 0;
		if (result == 0 && len > strlen(suffix) && strcmp(names[i] + len - strlen(suffix), suffix) == 0)
			running = visit(c, a, r, names[i], &s);
		if (running > 0)
			VEC_PUSH(a, &all, s);
		result = running < 0 ? -1 : result;
		free(names[i]);
	}
	free(names);
	*out = all.v;
	*n = all.len;
	return result;
}

static bool
same_reads(const char *x, const char *y)
{
	return x == NULL || y == NULL || strcmp(x, y) == 0;
}

static int
begin(struct acl_context *c, struct arena *a, const struct win_plan *plan, uint64_t pid, struct acl_report *r,
    struct acl_session *out)
{
	struct session_facts *all;
	struct sbuf text = SBUF_INIT;
	uint64_t random;
	size_t n;

	if (all_running(c, a, r, &all, &n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (same_reads(all[i].reads, plan->reads))
			continue;
		acl_find(r, ACL_ERROR, "session", NULL, NULL, "process %llu runs with a plan that reads other places; "
		    "entries for reading are shared by all sessions: wait until it has ended, or end it",
		    (unsigned long long)all[i].pid);
		return -1;
	}
	if (c->files->ops->random(c->files, &random, sizeof(random)) != STATE_OK)
		return failed(c, r, prefix, "got no random name");
	const char *name = arena_printf(a, "%s%llu-%016llx", prefix, (unsigned long long)pid, (unsigned long long)random);
	const char *lock_name = arena_printf(a, "%s%s", name, suffix);
	if (c->files->ops->lock(c->files, lock_name, 0, &out->lock) != STATE_OK)
		return failed(c, r, lock_name, "could not be locked");
	cJSON *o = json_new_object();
	json_put_number(o, "pid", pid);
	json_put_text(o, "plan", plan->id);
	json_put_text(o, "reads", plan->reads);
	json_write(&text, o);
	cJSON_Delete(o);
	enum state_status status = c->files->ops->replace(c->files, name, sbuf_str(&text), text.len);
	sbuf_free(&text);
	if (status != STATE_OK) {
		c->files->ops->unlock(c->files, out->lock);
		return failed(c, r, name, "could not be written");
	}
	out->name = strdup(name);
	if (out->name == NULL)
		out_of_memory();
	return 0;
}

struct acl_session *
acl_session_begin(struct acl_context *c, const struct win_plan *plan, uint64_t pid, struct acl_report *r)
{
	struct acl_session *s = calloc(1, sizeof(*s));
	struct state_lock *guard;

	if (s == NULL)
		out_of_memory();
	if (c->files->ops->lock(c->files, guard_name, GUARD_MS, &guard) != STATE_OK) {
		failed(c, r, guard_name, "could not be locked");
		free(s);
		return NULL;
	}
	struct arena *a = arena_new();
	int result = begin(c, a, plan, pid, r, s);
	arena_free(a);
	c->files->ops->unlock(c->files, guard);
	if (result == 0)
		return s;
	free(s);
	return NULL;
}

void
acl_session_end(struct acl_context *c, struct acl_session *s)
{
	struct sbuf lock_name = SBUF_INIT;

	if (s == NULL)
		return;
	c->files->ops->remove(c->files, s->name);
	c->files->ops->unlock(c->files, s->lock);
	sbuf_printf(&lock_name, "%s%s", s->name, suffix);
	c->files->ops->remove(c->files, sbuf_str(&lock_name));
	sbuf_free(&lock_name);
	free(s->name);
	free(s);
}

int
acl_session_of(struct acl_context *c, const char *plan_id, struct acl_report *r, uint64_t *pid)
{
	struct session_facts *all;
	struct state_lock *guard;
	size_t n;

	*pid = 0;
	if (c->files->ops->lock(c->files, guard_name, GUARD_MS, &guard) != STATE_OK)
		return failed(c, r, guard_name, "could not be locked");
	struct arena *a = arena_new();
	int result = all_running(c, a, r, &all, &n);
	for (size_t i = 0; result == 0 && i < n; i++)
		if (plan_id == NULL || strcmp(all[i].plan, plan_id) == 0)
			*pid = all[i].pid;
	arena_free(a);
	c->files->ops->unlock(c->files, guard);
	return result;
}
