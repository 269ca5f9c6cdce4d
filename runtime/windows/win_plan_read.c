/* SPDX-License-Identifier: Apache-2.0 */
/* win_plan_read.c - a plan from its text: roots, places and entries */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "win_path.h"
#include "win_plan_member.h"

static bool
entry(struct member_reader *r, const cJSON *o, const char *where, const struct plan_place *place, struct plan_entry *out)
{
	static const char *const types[] = { "allow", "deny" };
	unsigned purpose, type;
	const char *why;

	if (!MEMBER_OBJECT(r, o, where, 0, "for", "type", "to", "mask", "flags", "rule") ||
	    !member_word(r, json_member(o, "for"), member_below(r, where, "for"), plan_purpose_words, PLAN_PURPOSES, &purpose) ||
	    !member_word(r, json_member(o, "type"), member_below(r, where, "type"), types, 2, &type) ||
	    !member_principal_of(r, json_member(o, "to"), member_below(r, where, "to"), &out->to) ||
	    !member_mask(r, json_member(o, "mask"), member_below(r, where, "mask"), &out->mask) ||
	    !member_flags(r, json_member(o, "flags"), member_below(r, where, "flags"), &out->flags) ||
	    !member_rule(r, json_member(o, "rule"), member_below(r, where, "rule"), &out->at))
		return false;
	out->purpose = purpose;
	out->type = type == 0 ? ACE_ALLOW : ACE_DENY;
	if ((why = plan_entry_check(out, place->kind, r->plan->elevated)) != NULL)
		return member_wrong(r, where, why);
	if (out->purpose == FOR_READ_PROFILE && !place->for_children)
		return member_wrong(r, where, "is for the children of a profile alone");
	return true;
}

static bool
place_entries(struct member_reader *r, const cJSON *o, const char *where, struct plan_place *p)
{
	const cJSON *list, *row;
	size_t i = 0;

	if (!member_array(r, o, "entries", where, WIN_PLAN_ENTRIES, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_entry e = { 0 };
		const char *at = member_row(r, member_below(r, where, "entries"), i++);
		if (!entry(r, row, at, p, &e))
			return false;
		for (size_t j = 0; j < p->entries.len; j++) {
			const struct plan_entry *f = &p->entries.v[j];
			if (f->type < e.type)
				return member_wrong(r, at, "denies behind an entry that allows");
			if (f->type == e.type && f->mask == e.mask && f->flags == e.flags &&
			    f->to.who == e.to.who && f->to.root == e.to.root)
				return member_wrong(r, at, "is there twice");
		}
		VEC_PUSH(r->a, &p->entries, e);
	}
	return true;
}

static bool
place(struct member_reader *r, const cJSON *o, const char *where, struct plan_place *p)
{
	static const char *const kinds[] = { "file", "directory", "link" };
	const cJSON *list, *row;
	unsigned kind;

	if (!MEMBER_OBJECT(r, o, where, 1, "path", "is", "make", "entries", "children_but") ||
	    !member_path(r, json_member(o, "path"), member_below(r, where, "path"), &p->path) ||
	    !member_word(r, json_member(o, "is"), member_below(r, where, "is"), kinds, 3, &kind) ||
	    !member_flag(r, o, "make", where, &p->make))
		return false;
	p->kind = kind == 1 ? ACL_DIR : ACL_FILE;
	p->link = kind == 2;
	if (p->link && p->make)
		return member_wrong(r, where, "is a link that is to be made");
	p->for_children = json_member(o, "children_but") != NULL;
	if (p->for_children) {
		if (p->kind != ACL_DIR || p->make)
			return member_wrong(r, where, "has \"children_but\" and is no directory that exists");
		if (!member_array(r, o, "children_but", where, 10000, &list))
			return false;
		cJSON_ArrayForEach(row, list) {
			const char *name, *why;
			if (!member_text(r, row, member_below(r, where, "children_but"), &name))
				return false;
			if ((why = win_name_check(name, strlen(name))) != NULL)
				return member_wrong(r, member_below(r, where, "children_but"), why);
			VEC_PUSH(r->a, &p->but, name);
		}
	}
	if (p->make && win_name_is_short(win_path_name(p->path), strlen(win_path_name(p->path))))
		return member_wrong(r, where, "is to be made under a name that could be the short name of another");
	return place_entries(r, o, where, p);
}

static int
by_path(const void *x, const void *y)
{
	const struct plan_place *const *a = x, *const *b = y;

	return win_path_order((*a)->path, (*b)->path);
}

/* No place twice, in whatever case, and none in a file. */
static bool
each_once(struct member_reader *r)
{
	size_t n = r->plan->places.len;
	const struct plan_place **v = arena_array(r->a, n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = &r->plan->places.v[i];
	qsort(v, n, sizeof(*v), by_path);
	for (size_t i = 1; i < n; i++) {
		if (win_path_equal(v[i - 1]->path, v[i]->path))
			return member_wrong(r, "places", arena_printf(r->a, "has %s twice", v[i]->path));
		if (v[i - 1]->kind == ACL_FILE && win_path_within(v[i]->path, v[i - 1]->path))
			return member_wrong(r, "places", arena_printf(r->a, "has %s, which is no directory, and %s in it",
			    v[i - 1]->path, v[i]->path));
	}
	return true;
}

static bool
places(struct member_reader *r, const cJSON *o)
{
	const cJSON *list, *row;
	struct win_plan *plan = r->plan;

	if (!member_array(r, o, "places", "", WIN_PLAN_PLACES, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_place p = { 0 };
		const char *where = member_row(r, "places", plan->places.len);
		if (!place(r, row, where, &p))
			return false;
		VEC_PUSH(r->a, &plan->places, p);
	}
	return each_once(r);
}

/* Before the places, which name them by number. */
static bool
roots(struct member_reader *r, const cJSON *o)
{
	static const char *const kinds[] = { "file", "directory" };
	const cJSON *list, *row;

	if (!member_array(r, o, "roots", "", WIN_PLAN_ROOTS, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_root root = { 0 };
		const char *where = member_row(r, "roots", r->plan->roots.len), *hash;
		unsigned kind;
		if (!MEMBER_OBJECT(r, row, where, 0, "path", "is", "hash", "rule") ||
		    !member_path(r, json_member(row, "path"), member_below(r, where, "path"), &root.path) ||
		    !member_word(r, json_member(row, "is"), member_below(r, where, "is"), kinds, 2, &kind) ||
		    !member_sha256(r, json_member(row, "hash"), member_below(r, where, "hash"), &hash) ||
		    !member_rule(r, json_member(row, "rule"), member_below(r, where, "rule"), &root.at))
			return false;
		root.kind = kind == 0 ? ACL_FILE : ACL_DIR;
		memcpy(root.hash, hash, sizeof(root.hash));
		for (size_t i = 0; i < r->plan->roots.len; i++)
			if (win_path_equal(r->plan->roots.v[i].path, root.path))
				return member_wrong(r, where, "is there twice");
		VEC_PUSH(r->a, &r->plan->roots, root);
	}
	return true;
}

/* Where what everybody may read is denied outside the plan, its roots say what is outside. */
static bool
is_about_reading(const struct win_plan *plan, enum plan_purpose p)
{
	bool public_read = false;

	for (size_t i = 0; i < plan->audits.len; i++)
		public_read |= strcmp(plan->audits.v[i].name, "public-read") == 0;
	return p == FOR_READ || p == FOR_READ_PROFILE || p == FOR_DENIED || p == FOR_DENIED_BELOW ||
	    (public_read && (p == FOR_WRITE || p == FOR_WRITE_FILE));
}

static void
entry_line(struct sbuf *lines, const struct plan_entry *e, const struct plan_place *p)
{
	sbuf_printf(lines, "%s 0x%lX %s %s\n", e->type == ACE_DENY ? "deny" : "allow", (unsigned long)e->mask,
	    member_flags_text(e->flags), p->path);
}

/*
 * A root's SID stands for exactly its entries: the hash is worked out again
 * over the lines "TYPE MASK FLAGS PATH" of the entries for its capability.
 */
static bool
all_lines(struct member_reader *r, struct sbuf *lines, struct sbuf *reads)
{
	const struct win_plan *plan = r->plan;

	for (size_t i = 0; i < plan->places.len; i++) {
		const struct plan_place *p = &plan->places.v[i];
		for (size_t j = 0; j < p->entries.len; j++) {
			const struct plan_entry *e = &p->entries.v[j];
			if (e->to.who == TO_GROUP && is_about_reading(plan, e->purpose))
				entry_line(reads, e, p);
			if (e->to.who != TO_CAPABILITY)
				continue;
			const struct plan_root *root = &plan->roots.v[e->to.root];
			if (e->type == ACE_ALLOW && (!win_path_equal(p->path, root->path) || p->kind != root->kind))
				return member_wrong(r, member_row(r, "places", i),
				    arena_printf(r->a, "grants %s to a capability that is not for it", p->path));
			entry_line(&lines[e->to.root], e, p);
		}
	}
	return true;
}

static bool
hashes(struct member_reader *r)
{
	struct sbuf *lines = arena_array(r->a, r->plan->roots.len, sizeof(*lines)), reads = SBUF_INIT;
	bool ok = all_lines(r, lines, &reads);
	char hash[65];

	for (size_t i = 0; i < r->plan->roots.len; i++) {
		sha256_hex(sbuf_str(&lines[i]), lines[i].len, hash);
		if (ok && strcmp(hash, r->plan->roots.v[i].hash) != 0)
			ok = member_wrong(r, member_row(r, "roots", i), "has a hash that is not that of its entries");
		sbuf_free(&lines[i]);
	}
	sha256_hex(sbuf_str(&reads), reads.len, hash);
	if (ok && r->plan->reads != NULL && strcmp(hash, r->plan->reads) != 0)
		ok = member_wrong(r, "reads", "is not the hash of the entries about reading");
	sbuf_free(&reads);
	return ok;
}

static bool
rules(struct member_reader *r, const cJSON *o)
{
	const cJSON *list, *row;

	if (!member_array(r, o, "rules", "", WIN_PLAN_RULES, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		const char *where = member_row(r, "rules", r->rules.len), *at, *what;
		if (!MEMBER_OBJECT(r, row, where, 0, "at", "text") ||
		    !member_text(r, json_member(row, "at"), where, &at) ||
		    !member_text(r, json_member(row, "text"), where, &what))
			return false;
		VEC_PUSH(r->a, &r->rules, arena_printf(r->a, "%s: %s", at, what));
	}
	return true;
}

static bool
head(struct member_reader *r, const cJSON *o)
{
	static const char *const backends[] = { "windows-unelevated", "windows-elevated" };
	static const char *const bindings[] = { "host", "generic" };
	const char *status = json_string(o, "status");
	unsigned backend, binding;
	uint32_t version;

	if (status != NULL && strcmp(status, "refused") == 0)
		return member_wrong(r, "", arena_printf(r->a, "says that this backend cannot enforce the profile: %s",
		    json_string(o, "reason") == NULL ? "no reason given" : json_string(o, "reason")));
	if (!MEMBER_OBJECT(r, o, "", 0, "acl", "status", "backend", "binding", "rules", "roots", "places", "denied",
	    "reads", "token", "network", "audits", "junction"))
		return false;
	if (status == NULL || strcmp(status, "exact") != 0)
		return member_wrong(r, "status", "is neither \"exact\" nor \"refused\"");
	if (!member_number(r, json_member(o, "acl"), "acl", 1, 1, &version) ||
	    !member_word(r, json_member(o, "backend"), "backend", backends, 2, &backend) ||
	    !member_word(r, json_member(o, "binding"), "binding", bindings, 2, &binding))
		return false;
	r->plan->elevated = backend == 1;
	return binding == 0 || member_wrong(r, "binding", "is \"generic\": such a plan is for reading alone; "
	    "make one for this computer (cdxpc compile --host)");
}

static bool
denied(struct member_reader *r, const cJSON *o)
{
	const cJSON *list, *row;
	const char *p;

	if (!member_array(r, o, "denied", "", WIN_PLAN_PLACES, &list))
		return false;
	if (cJSON_GetArraySize(list) > 0 && !r->plan->elevated)
		return member_wrong(r, "denied", "is not empty, and this backend cannot deny reading");
	cJSON_ArrayForEach(row, list) {
		if (!member_path(r, row, member_row(r, "denied", r->plan->denied.len), &p))
			return false;
		VEC_PUSH(r->a, &r->plan->denied, p);
	}
	return true;
}

static bool
whole(struct member_reader *r, const cJSON *o)
{
	const cJSON *reads = json_member(o, "reads"), *junction = json_member(o, "junction");

	return head(r, o) && rules(r, o) && roots(r, o) && places(r, o) && denied(r, o) &&
	    (cJSON_IsNull(reads) ? !r->plan->elevated || member_wrong(r, "reads", "is null, and the plan is elevated") :
	    member_sha256(r, reads, "reads", &r->plan->reads)) && member_token(r, json_member(o, "token")) &&
	    member_network(r, json_member(o, "network")) && member_audits(r, o) && hashes(r) &&
	    (cJSON_IsNull(junction) || member_path(r, junction, "junction", &r->plan->junction));
}

/* The plan that is meant in the file with both. */
static const cJSON *
choose(struct member_reader *r, const cJSON *o, const char *backend)
{
	const cJSON *plans = json_member(o, "plans"), *plan;
	uint32_t version;

	if (!MEMBER_OBJECT(r, o, "", 0, "cdxp_windows", "compiler", "profile", "plans") ||
	    !member_number(r, json_member(o, "cdxp_windows"), "cdxp_windows", 1, 1, &version) ||
	    !MEMBER_OBJECT(r, plans, "plans", 0, "windows-elevated", "windows-unelevated"))
		return NULL;
	if ((plan = json_member(plans, backend)) == NULL)
		member_wrong(r, "plans", arena_printf(r->a, "has none for the backend \"%s\"", backend));
	return plan;
}

struct win_plan *
win_plan_read(struct arena *a, const char *text, size_t len, const char *backend, const char **why)
{
	struct win_plan *plan = arena_alloc(a, sizeof(*plan));
	struct member_reader r = { .a = a, .plan = plan };
	struct sbuf canonical = SBUF_INIT;
	size_t at = 0;

	if (len > WIN_PLAN_BYTES) {
		*why = "is longer than the 32 MiB of a plan";
		return NULL;
	}
	cJSON *o = json_read(text, len, why, &at);
	if (o == NULL) {
		*why = arena_printf(a, "is no JSON: %s at byte %zu", *why, at);
		return NULL;
	}
	const cJSON *part = backend == NULL ? o : choose(&r, o, backend);
	bool ok = part != NULL && whole(&r, part);
	if (ok && json_write(&canonical, part) != 0)
		ok = member_wrong(&r, "", "has no canonical form");
	if (ok)
		sha256_hex(sbuf_str(&canonical), canonical.len, plan->id);
	sbuf_free(&canonical);
	cJSON_Delete(o);
	*why = r.why;
	return ok ? plan : NULL;
}
