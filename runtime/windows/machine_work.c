/* SPDX-License-Identifier: Apache-2.0 */
/* machine_work.c - one thing at a time: the state, what is there, whether it is ours, making and removing it */
#include <config.h>

#include "machine_work.h"

#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "arena.h"
#include "json.h"

enum { STATE_BYTES = 1024 * 1024 };
static const char state_name[] = "machine";

int
machine_failed(struct work *w, const struct machine_part *p, const char *what)
{
	acl_find(w->r, ACL_ERROR, "failed", p == NULL ? NULL : p->label, NULL, "%s: %s", what, w->c->store->why);
	return -1;
}

/* ---- the state ---- */

int
machine_state_failed(struct work *w, const char *what, const char *why)
{
	acl_find(w->r, ACL_ERROR, "state", NULL, NULL, "the file \"%s\" in %s %s: %s", state_name, w->c->files->dir, what,
	    why);
	return -1;
}

int
machine_save(struct work *w)
{
	struct state_files *f = w->c->files;
	struct sbuf text = SBUF_INIT;

	if (json_write(&text, w->state) != 0)
		abort();
	enum state_status s = f->ops->replace(f, state_name, sbuf_str(&text), text.len);
	sbuf_free(&text);
	return s == STATE_OK ? 0 : machine_state_failed(w, "could not be written", f->why);
}

static cJSON *
new_state(void)
{
	cJSON *o = json_new_object();

	json_put_text(o, "before", NULL);
	json_put_text(o, "doing", NULL);
	json_put(o, "made", json_new_object());
	json_put_number(o, "version", 1);
	return o;
}

static bool
is_state(const cJSON *o)
{
	const cJSON *before = json_member(o, "before"), *part;
	const char *doing = json_string(o, "doing");
	int64_t version;

	if (!json_int(o, "version", &version) || version != 1 || !cJSON_IsObject(json_member(o, "made")) ||
	    (doing != NULL && strcmp(doing, "apply") != 0 && strcmp(doing, "undo") != 0) ||
	    cJSON_IsObject(before) != (doing != NULL && doing[0] == 'a'))
		return false;
	cJSON_ArrayForEach(part, json_member(o, "made"))
		if (json_string(part, "tag") == NULL || !cJSON_IsObject(json_member(part, "want")))
			return false;
	return true;
}

int
machine_load(struct work *w)
{
	struct state_files *f = w->c->files;
	struct sbuf text = SBUF_INIT;
	const char *why = NULL;
	size_t at;

	enum state_status s = f->ops->read(f, state_name, STATE_BYTES, &text);
	w->state = s == STATE_OK ? json_read(sbuf_str(&text), text.len, &why, &at) : s == STATE_MISSING ? new_state() : NULL;
	sbuf_free(&text);
	if (w->state != NULL && is_state(w->state))
		return 0;
	return machine_state_failed(w, "cannot be used", s != STATE_OK ? f->why : why != NULL ? why : "it has another form");
}

cJSON *
machine_made(const struct work *w, const char *which, const struct machine_part *p)
{
	return cJSON_GetObjectItemCaseSensitive(json_member(w->state, which), p->label);
}

void
machine_set_made(struct work *w, const struct machine_part *p, cJSON *row)
{
	cJSON *made = cJSON_GetObjectItemCaseSensitive(w->state, "made");

	cJSON_DeleteItemFromObjectCaseSensitive(made, p->label);
	if (row != NULL)
		json_put(made, p->label, row);
}

void
machine_set_doing(struct work *w, const char *doing, cJSON *before)
{
	cJSON_ReplaceItemInObjectCaseSensitive(w->state, "doing", json_new_text(doing));
	cJSON_ReplaceItemInObjectCaseSensitive(w->state, "before", before == NULL ? json_new_text(NULL) : before);
}

const char *
machine_doing(const struct work *w)
{
	return json_string(w->state, "doing");
}

/* ---- what is there ---- */

size_t
machine_number(const struct work *w, const struct machine_part *p)
{
	return (size_t)(p - w->plan->v);
}

int
machine_look(struct work *w, const struct machine_part *p)
{
	cJSON **found = &w->found[machine_number(w, p)];

	cJSON_Delete(*found);
	*found = NULL;
	return w->c->store->ops->look(w->c->store, w->a, p, found) == 0 ? 0 : machine_failed(w, p, "could not be looked at");
}

int
machine_look_at_all(struct work *w)
{
	for (size_t i = 0; i < w->plan->n; i++)
		if (machine_look(w, &w->plan->v[i]) != 0)
			return -1;
	return 0;
}

/* The SID of the account of this name; NULL: there is none. */
const char *
machine_sid(const struct work *w, const char *name)
{
	for (size_t i = 0; name != NULL && i < w->plan->n; i++)
		if (w->plan->v[i].kind == MACHINE_USER && strcmp(w->plan->v[i].name, name) == 0)
			return json_string(w->found[i], "sid");
	return NULL;
}

bool
machine_is_relation(enum machine_kind kind)
{
	return kind == MACHINE_RIGHT || kind == MACHINE_MEMBER || kind == MACHINE_HIDDEN || kind == MACHINE_PASSWORD;
}

/* Is what was found what a row of the state speaks of? */
bool
machine_is_ours(const struct work *w, const struct machine_part *p, const cJSON *row)
{
	const cJSON *found = w->found[machine_number(w, p)];
	const char *tag = json_string(row, "tag");
	const char *text = json_string(found, p->kind == MACHINE_RULE ? "description" : "comment");

	if (row == NULL || found == NULL)
		return false;
	if (machine_is_relation(p->kind) || p->kind == MACHINE_FILTERS)
		return true;
	if (p->kind == MACHINE_RULE)
		return text != NULL && strcmp(text, tag) == 0;
	return text != NULL && strcmp(text, arena_printf(w->a, "%s [%s]", p->comment, tag)) == 0;
}

const char *
machine_part_differs(struct work *w, const struct machine_part *p)
{
	cJSON *want = machine_want(p, machine_sid(w, p->user));
	const char *what = machine_differs(w->a, p, want, w->found[machine_number(w, p)]);

	cJSON_Delete(want);
	return what;
}

/* ---- single steps ---- */

/* 24 characters of 64, behind one of each kind that a policy may ask for. */
static int
make_secret(struct work *w, char out[32])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char random[24];

	if (w->c->store->ops->random(w->c->store, random, sizeof(random)) != 0)
		return -1;
	memcpy(out, "aB3-", 4);
	for (size_t i = 0; i < sizeof(random); i++)
		out[4 + i] = letters[random[i] % 64];
	out[4 + sizeof(random)] = '\0';
	return 0;
}

/* Done by the store, and found as it should be afterwards. */
int
machine_make_now(struct work *w, const struct machine_part *p, const cJSON *want, const char *tag)
{
	char secret[32] = "";
	struct machine_store *s = w->c->store;
	cJSON **found = &w->found[machine_number(w, p)];

	if ((p->kind == MACHINE_USER || p->kind == MACHINE_PASSWORD) && make_secret(w, secret) != 0)
		return machine_failed(w, p, "there are no random bytes for a password");
	int rc = s->ops->make(s, p, want, tag, secret);
	sodium_memzero(secret, sizeof(secret));
	if (rc != 0)
		return machine_failed(w, p, "could not be made");
	if (machine_look(w, p) != 0)
		return -1;
	const char *what = *found == NULL ? "it is not there" : machine_differs(w->a, p, want, *found);
	if (what == NULL && !machine_is_ours(w, p, machine_made(w, "made", p)))
		what = "it does not say that it is ours";
	if (what == NULL)
		return 0;
	acl_find(w->r, ACL_ERROR, "hollow", p->label, NULL, "was made, as the system says, but %s", what);
	return -1;
}

int
machine_make(struct work *w, const struct machine_part *p)
{
	unsigned char random[8];
	cJSON *row = json_new_object();

	if (w->c->store->ops->random(w->c->store, random, sizeof(random)) != 0) {
		cJSON_Delete(row);
		return machine_failed(w, p, "there are no random bytes for a name");
	}
	char *tag = arena_alloc(w->a, 2 * sizeof(random) + 1);
	sodium_bin2hex(tag, 2 * sizeof(random) + 1, random, sizeof(random));
	cJSON *want = machine_want(p, machine_sid(w, p->user));
	json_put_text(row, "tag", tag);
	json_put(row, "want", want);
	machine_set_made(w, p, row);
	return machine_save(w) == 0 ? machine_make_now(w, p, want, tag) : -1;
}

int
machine_unmake(struct work *w, const struct machine_part *p)
{
	if (w->c->store->ops->unmake(w->c->store, p) != 0)
		return machine_failed(w, p, "could not be removed");
	if (machine_look(w, p) != 0)
		return -1;
	if (w->found[machine_number(w, p)] == NULL)
		return 0;
	acl_find(w->r, ACL_ERROR, "hollow", p->label, NULL, "was removed, as the system says, and is still there");
	return -1;
}

