/* SPDX-License-Identifier: Apache-2.0 */
/* cap_store.c - made-up SIDs: found, made, stored */
#include <config.h>

#include "cap_store.h"

#include <string.h>

#include "arena.h"
#include "json.h"
#include "win_path.h"

enum {
	STORE_BYTES = 4 * 1024 * 1024,
	LOCK_MS = 10000,
	TRIES = 16,
};
static const char file_name[] = "capabilities", lock_name[] = "capabilities-lock";

struct capability {
	const char	*path, *hash;	/* NULL both: of runs that write nothing */
	struct sid	 sid;
};

struct capabilities {
	struct capability	*v;
	size_t			 len, cap;
};

/* S-1-5-21-a-b-c-d */
static bool
is_made_up(const struct sid *sid)
{
	return sid->authority == 5 && sid->n == 5 && sid->sub[0] == 21;
}

static const char *
add(struct arena *a, struct capabilities *all, const char *path, const char *hash, const char *text)
{
	struct capability c = { path, hash, { 0 } };
	const char *why;

	if (text == NULL)
		return "has something else than a SID in the place of one";
	if ((why = sid_parse(text, strlen(text), &c.sid)) != NULL)
		return arena_printf(a, "has a SID that %s", why);
	if (!is_made_up(&c.sid))
		return "has a SID that is not one of ours";
	for (size_t i = 0; i < all->len; i++) {
		const struct capability *o = &all->v[i];
		if (sid_equal(&o->sid, &c.sid))
			return "has a SID twice";
		if (o->path != NULL && path != NULL && strcmp(o->path, path) == 0 && strcmp(o->hash, hash) == 0)
			return "has a root twice";
	}
	VEC_PUSH(a, all, c);
	return NULL;
}

static const char *
add_root(struct arena *a, struct capabilities *all, const cJSON *row)
{
	const char *path = json_string(row, "path"), *hash = json_string(row, "hash");

	if (!cJSON_IsObject(row) || cJSON_GetArraySize(row) != 3 || path == NULL || hash == NULL)
		return "has a root of another form";
	if (win_path_check(path, strlen(path)) != NULL)
		return "has a root whose path is none";
	if (strlen(hash) != 64 || strspn(hash, "0123456789abcdef") != 64)
		return "has a root whose hash is none";
	return add(a, all, arena_strdup(a, path), arena_strdup(a, hash), json_string(row, "sid"));
}

static const char *
parse(struct arena *a, const char *text, size_t len, struct capabilities *all)
{
	const char *why = NULL;
	const cJSON *row, *readonly;
	int64_t version;
	size_t at;

	cJSON *o = json_read(text, len, &why, &at);
	if (o == NULL)
		return arena_printf(a, "is no JSON: %s at byte %zu", why, at);
	readonly = json_member(o, "readonly");
	if (!cJSON_IsArray(json_member(o, "roots")) || !json_int(o, "capabilities", &version) || version != 1 ||
	    cJSON_GetArraySize(o) != (readonly == NULL ? 2 : 3))
		why = "is of another form, or of another version";
	else if (readonly != NULL)
		why = add(a, all, NULL, NULL, json_string(o, "readonly"));
	cJSON_ArrayForEach(row, json_member(o, "roots"))
		if (why == NULL)
			why = add_root(a, all, row);
	cJSON_Delete(o);
	return why;
}

static void
print(const struct capabilities *all, struct sbuf *out)
{
	cJSON *o = json_new_object(), *roots = json_new_array();
	char sid[SID_TEXT_MAX];

	json_put_number(o, "capabilities", 1);
	for (size_t i = 0; i < all->len; i++) {
		const struct capability *c = &all->v[i];
		sid_text(&c->sid, sid);
		if (c->path == NULL) {
			json_put_text(o, "readonly", sid);
			continue;
		}
		cJSON *row = json_new_object();
		json_put_text(row, "hash", c->hash);
		json_put_text(row, "path", c->path);
		json_put_text(row, "sid", sid);
		json_append(roots, row);
	}
	json_put(o, "roots", roots);
	json_write(out, o);
	sbuf_addc(out, '\n');
	cJSON_Delete(o);
}

static bool
same_domain(const struct sid *x, const struct sid *y)
{
	return x->authority == y->authority && x->n == y->n && x->n > 1 &&
	    memcmp(x->sub, y->sub, (x->n - 1u) * sizeof(x->sub[0])) == 0;
}

static bool
make_sid(struct state_files *s, const struct capabilities *all, const struct sid *avoid, size_t n_avoid,
    struct sid *out)
{
	for (int i = 0; i < TRIES; i++) {
		struct sid sid = { .authority = 5, .n = 5, .sub = { 21 } };
		bool taken = false;
		if (s->ops->random(s, &sid.sub[1], 4 * sizeof(sid.sub[1])) != STATE_OK)
			return false;
		for (size_t j = 0; j < n_avoid; j++)
			taken |= same_domain(&avoid[j], &sid);
		for (size_t j = 0; j < all->len; j++)
			taken |= sid_equal(&all->v[j].sid, &sid);
		if (!taken) {
			*out = sid;
			return true;
		}
	}
	s->why = "no random numbers could be had";
	return false;
}

static const struct capability *
find(const struct capabilities *all, const struct cap_request *q)
{
	for (size_t i = 0; i < all->len; i++) {
		const struct capability *c = &all->v[i];
		if (q->path == NULL ? c->path == NULL : c->path != NULL && strcmp(c->path, q->path) == 0 &&
		    strcmp(c->hash, q->hash) == 0)
			return c;
	}
	return NULL;
}

static int
get(struct arena *a, struct state_files *s, struct cap_request *v, size_t n, bool make,
    const struct sid *avoid, size_t n_avoid, const char **why)
{
	struct capabilities all = { NULL, 0, 0 };
	struct sbuf text = SBUF_INIT;
	const char *bad = NULL;

	enum state_status status = s->ops->read(s, file_name, STORE_BYTES, &text);
	if (status == STATE_OK)
		bad = parse(a, sbuf_str(&text), text.len, &all);
	sbuf_free(&text);
	if (bad != NULL || (status != STATE_OK && status != STATE_MISSING)) {
		*why = arena_printf(a, "the file \"%s\" in %s %s; the entries that were set are for the SIDs in it: "
		    "bring back a copy, or undo all plans and remove it", file_name, s->dir,
		    bad != NULL ? bad : arena_printf(a, "could not be read: %s", s->why));
		return -1;
	}
	size_t before = all.len;
	for (size_t i = 0; i < n; i++) {
		const struct capability *c = find(&all, &v[i]);
		v[i].sid = c != NULL ? c->sid : (struct sid){ 0 };
		if (c != NULL || !make)
			continue;
		if (!make_sid(s, &all, avoid, n_avoid, &v[i].sid)) {
			*why = arena_printf(a, "no SID could be made up: %s", s->why);
			return -1;
		}
		VEC_PUSH(a, &all, ((struct capability){ v[i].path, v[i].hash, v[i].sid }));
	}
	if (all.len == before)
		return 0;
	print(&all, &text);
	status = s->ops->replace(s, file_name, sbuf_str(&text), text.len);
	sbuf_free(&text);
	if (status != STATE_OK) {
		*why = arena_printf(a, "the file \"%s\" in %s could not be written: %s", file_name, s->dir, s->why);
		return -1;
	}
	return 0;
}

int
cap_store_get(struct arena *a, struct state_files *s, struct cap_request *v, size_t n, bool make,
    const struct sid *avoid, size_t n_avoid, const char **why)
{
	struct state_lock *lock;

	if (s->ops->lock(s, lock_name, LOCK_MS, &lock) != STATE_OK) {
		*why = arena_printf(a, "the file \"%s\" in %s could not be locked: %s", lock_name, s->dir, s->why);
		return -1;
	}
	int result = get(a, s, v, n, make, avoid, n_avoid, why);
	s->ops->unlock(s, lock);
	return result;
}
