/* SPDX-License-Identifier: Apache-2.0 */
/* acl_model.c - DACLs from a printed plan, and what they grant */
#include <config.h>

#include "acl_model.h"

#include <string.h>

#include "acl_read.h"
#include "arena.h"
#include "path.h"
#include "sbuf.h"

/* Of a node of the tree: what the plan says there. */
struct node {
	struct acl_ace	*ace;		/* its own, in order */
	size_t		 n;
	struct acl_ace	*child;		/* for each child, but the private ones */
	size_t		 nchild;
	const char	*text;		/* as printed, or NULL */
	bool		 file, private;
	bool		 root;		/* a place that the plan says is written */
};

struct acls { struct acl_ace *v; size_t n; };

struct eval {
	struct arena	*a;
	struct arena	*scratch;
	const struct acl_read_plan *plan;
	struct acl_model *m;
	struct acl_token token;
	uint32_t	 owner[2];	/* who may own what is there */
	uint32_t	 host;		/* who has full control of the disk */
};

static const enum acl_reading readings[] = { ACL_STRICT, ACL_MEASURED };

/* The rights on one object: those that are there under every owner, and under some. */
struct rights { uint32_t all[NELEMS(readings)], any[NELEMS(readings)]; };

struct verdict {
	enum access	 access;
	bool		 deletable;	/* always; else never */
};

static void
breach(struct eval *e, const struct region *at, const char *name, const char *what)
{
	if (e->m->breach != NULL)
		return;
	const char *path = region_path(e->a, at);
	e->m->breach = acl_path_text(e->a, name != NULL ? path_join(e->a, path, name) : path);
	e->m->breach_what = what;
}

static struct rights
rights_of(const struct eval *e, struct acls d, bool inside)
{
	struct rights r;

	for (size_t k = 0; k < NELEMS(readings); k++) {
		r.all[k] = r.any[k] = acl_granted(d.v, d.n, e->owner[0], &e->token, readings[k]);
		/* The command makes things inside of roots alone. */
		if (!inside)
			continue;
		uint32_t made = acl_granted(d.v, d.n, e->owner[1], &e->token, readings[k]);
		r.all[k] &= made;
		r.any[k] |= made;
	}
	return r;
}

/* Whether all of the bits are there, or none of them, under both readings. */
static bool
whole(const struct rights *r, uint32_t bits, bool *has)
{
	*has = (r->all[0] & bits) == bits;
	for (size_t k = 0; k < NELEMS(readings); k++)
		if (*has ? (r->all[k] & bits) != bits : (r->any[k] & bits) != 0)
			return false;
	return true;
}

/*
 * What can be done with an object, given the rights on it and on the directory
 * that holds it (NULL: it is the top).
 */
static struct verdict
judge(struct eval *e, const struct rights *r, const struct rights *up, bool inside,
    const struct region *at, const char *name)
{
	struct verdict v = { ACCESS_DENY, false };
	bool read, write;

	if (!whole(r, ACL_READS, &read) || !whole(r, ACL_WRITES, &write) || (write && !read)) {
		breach(e, at, name, "has some rights of reading or writing, and not all");
		return v;
	}
	v.access = write ? ACCESS_WRITE : read ? ACCESS_READ : ACCESS_DENY;
	bool always = true, never = true;
	for (size_t k = 0; k < NELEMS(readings); k++) {
		uint32_t hold_all = up != NULL ? up->all[k] : 0, hold_any = up != NULL ? up->any[k] : 0;
		if ((r->any[k] & (ACL_WRITE_DAC | ACL_WRITE_OWNER)) != 0)
			breach(e, at, name, "can be given another protection or owner");
		always &= (r->all[k] & ACL_DELETE) != 0 || (hold_all & ACL_DELETE_CHILD) != 0;
		/* Outside of the roots a right of the user's alone may delete: outside-delete. */
		if (!inside && !e->plan->elevated && readings[k] == ACL_MEASURED)
			hold_any = 0;
		never &= (r->any[k] & ACL_DELETE) == 0 && (hold_any & ACL_DELETE_CHILD) == 0;
	}
	if (write && !always && !never)
		breach(e, at, name, "can be deleted or not, by how Windows reads the token");
	if (!write && !never)
		breach(e, at, name, "cannot be written but deleted");
	v.deletable = always;
	return v;
}

static struct acls
inherited(struct eval *e, struct acls up, const struct acl_ace *own, size_t nown, bool directory)
{
	struct acls d = { arena_array(e->scratch, up.n + nown + 1, sizeof(struct acl_ace)), nown };

	if (nown > 0)
		memcpy(d.v, own, nown * sizeof(*own));
	d.n += acl_inherit(up.v, up.n, directory, d.v + nown);
	return d;
}

/* What is there, or is made there, with no entries of its own: files and directories, and those in these. */
static enum access
judge_below(struct eval *e, const struct region *at, const struct node *n, struct acls d,
    const struct rights *r, bool inside)
{
	struct verdict first = { ACCESS_DENY, false };

	for (int i = 0; i < 4; i++) {
		struct acls up = d;
		struct rights through = *r;
		const struct acl_ace *own = n->child;
		size_t nown = n->nchild;
		if (i >= 2) {
			up = inherited(e, d, own, nown, true);
			through = rights_of(e, up, inside);
			own = NULL;
			nown = 0;
		}
		struct acls object = inherited(e, up, own, nown, i % 2 == 0);
		struct rights is = rights_of(e, object, inside);
		struct verdict v = judge(e, &is, &through, inside, at, i >= 2 ? "*/*" : "*");
		if (i == 0)
			first = v;
		else if (v.access != first.access)
			breach(e, at, "*", "is not the same for files and directories");
		if (v.access == ACCESS_WRITE && !v.deletable)
			breach(e, at, "*", "can be written but not deleted");
	}
	return first.access;
}

/* Depth is bounded by LIMIT_PATH_DEPTH. */
static void
evaluate(struct eval *e, struct region *r, struct acls up, const struct rights *hold, bool inside)
{
	static const struct node plain = { .n = 0 };
	const struct node *n = r->mark != NULL ? r->mark : &plain;
	const struct node *above = r->parent != NULL && r->parent->mark != NULL ? r->parent->mark : &plain;
	size_t extra = n->private ? 0 : above->nchild, k = 0;
	struct acl_ace *own = arena_array(e->scratch, n->n + extra + 1, sizeof(*own));

	/* Deny before allow; among entries of one kind order means nothing. */
	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; i < n->n; i++)
			if (n->ace[i].deny == (turn == 0))
				own[k++] = n->ace[i];
		for (size_t i = 0; i < extra; i++)
			if (above->child[i].deny == (turn == 0))
				own[k++] = above->child[i];
	}
	struct acls d = inherited(e, up, own, k, !n->file);
	/* The base of the volume stands behind everything. */
	if (r->parent == NULL)
		d.v[d.n++] = (struct acl_ace){ ACL_ALL, e->host, ACL_OI | ACL_CI, false };
	struct rights is = rights_of(e, d, inside);
	bool in = inside || n->root || (is.any[0] & ACL_WRITES) != 0;
	if (in != inside)
		is = rights_of(e, d, in);
	struct verdict v = judge(e, &is, hold, in, r, NULL);

	r->self = r->below = v.access;
	r->pinned = v.access == ACCESS_WRITE && !v.deletable;
	r->why = (struct why){ WHY_ARTIFACT, NULL, n->text };
	if (n->file)
		return;
	r->below = judge_below(e, r, n, d, &is, in);
	for (size_t i = 0; i < r->nchild; i++)
		evaluate(e, r->child[i], d, &is, in);
}

static struct node *
node_of(struct eval *e, struct region *r)
{
	if (r->mark == NULL)
		r->mark = arena_alloc(e->a, sizeof(struct node));
	return r->mark;
}

static void
add_place(struct eval *e, const struct acl_read_place *p)
{
	struct region *r = region_make(e->a, e->m->root, p->path);
	struct node *n = node_of(e, r);
	struct acl_ace *v = arena_array(e->a, n->n + p->entries.len + 1, sizeof(*v));

	if (n->n > 0)
		memcpy(v, n->ace, n->n * sizeof(*v));
	n->ace = v;
	n->child = arena_array(e->a, p->entries.len + 1, sizeof(*n->child));
	n->text = p->text;
	n->file = !p->directory;
	for (size_t i = 0; i < p->entries.len; i++) {
		const struct acl_purpose_row *row = acl_purpose_row(p->entries.v[i].purpose);
		bool children = p->entries.v[i].purpose == ACL_READ_PROFILE;
		uint8_t flags = p->directory || children ? row->flag_bits : 0;
		struct acl_ace ace = { row->bits, p->entries.v[i].who, flags, row->deny };
		if (children)
			n->child[n->nchild++] = ace;
		else
			n->ace[n->n++] = ace;
	}
	for (size_t i = 0; i < p->children_but.len; i++) {
		const char *name = p->children_but.v[i];
		node_of(e, region_make_child(e->a, r, name, strlen(name)))->private = true;
	}
}

static void
make_token(struct eval *e)
{
	static const uint32_t groups[] = { ACL_TO_EVERYONE, ACL_TO_LOGON, ACL_TO_USERS,
	    ACL_TO_AUTHENTICATED };
	size_t n = ACL_TO_CAPABILITY + e->plan->nroots;
	uint8_t *role = arena_array(e->a, n, 1);
	uint32_t user = e->plan->elevated ? ACL_TO_SANDBOX_USER : ACL_TO_USER;

	memcpy(role, e->plan->restricting, n);
	for (size_t i = 0; i < NELEMS(groups); i++)
		role[groups[i]] |= ACL_ENABLED;
	role[user] |= ACL_ENABLED;
	if (e->plan->elevated)
		role[ACL_TO_GROUP] |= ACL_ENABLED;
	e->token = (struct acl_token){ role, n, true, true };
	/* Elevated, the disk is somebody's who has no part in the token. */
	e->host = e->plan->elevated ? (uint32_t)n : (uint32_t)ACL_TO_USER;
	e->owner[0] = e->host;
	e->owner[1] = user;
}

int
acl_model_read(struct arena *a, const char *bytes, size_t len, struct acl_model *m,
    const char **why)
{
	const struct acl_read_plan *plan = acl_read(a, bytes, len, why);
	struct eval e = { .a = a, .plan = plan, .m = m };

	if (plan == NULL)
		return -1;
	*m = (struct acl_model){ .plan = plan, .elevated = plan->elevated, .identity = plan->identity,
	    .everyone = plan->restricting[ACL_TO_EVERYONE] != 0, .root = region_root(a) };
	memcpy(m->proxy_port, plan->proxy_port, sizeof(m->proxy_port));
	for (size_t i = 0; i < plan->places.len; i++)
		add_place(&e, &plan->places.v[i]);
	for (size_t i = 0; i < plan->nroots; i++)
		node_of(&e, region_make(a, m->root, plan->root[i]))->root = true;
	make_token(&e);
	e.scratch = arena_new();
	evaluate(&e, m->root, (struct acls){ NULL, 0 }, NULL, false);
	arena_free(e.scratch);
	return 0;
}

/* ---- what decides a path ---- */

/* Whether an entry of a place counts for a path that it has or that is below it. */
static bool
counts(const struct acl_read_place *p, const struct acl_read_entry *e, const char *path)
{
	const char *rest = path + strlen(p->path);

	if (e->purpose == ACL_READ_PROFILE) {
		struct slice c;
		if (!path_next(&rest, &c))
			return false;
		for (size_t i = 0; i < p->children_but.len; i++)
			if (strlen(p->children_but.v[i]) == c.len &&
			    memcmp(p->children_but.v[i], c.p, c.len) == 0)
				return false;
		return true;
	}
	return *rest == '\0' || (acl_purpose_row(e->purpose)->flag_bits & (ACL_OI | ACL_CI)) != 0;
}

static bool
speaks(const struct acl_read_place *p, const char *path)
{
	for (size_t i = 0; i < p->entries.len; i++)
		if (counts(p, &p->entries.v[i], path))
			return true;
	return false;
}

static const char *
place_text(struct arena *a, const struct acl_read_place *p, const char *path)
{
	struct sbuf out = SBUF_INIT;
	const char *gap = ": ";

	sbuf_puts(&out, p->text);
	for (size_t i = 0; i < p->entries.len; i++) {
		const struct acl_purpose_row *row = acl_purpose_row(p->entries.v[i].purpose);
		if (!counts(p, &p->entries.v[i], path))
			continue;
		sbuf_printf(&out, "%s%s %s %s%s%s", gap, row->deny ? "deny" : "allow",
		    acl_principal_name(a, p->entries.v[i].who), row->mask, row->flags[0] != '\0' ? " " : "",
		    row->flags);
		gap = ", ";
	}
	const char *text = arena_strdup(a, sbuf_str(&out));
	sbuf_free(&out);
	return text;
}

const char *
acl_model_shown(struct arena *a, const struct acl_model *m, const char *path, enum access *access)
{
	const struct acl_read_place *nearest = NULL;
	char *low = arena_strdup(a, path);
	bool exact;

	for (char *p = low; *p != '\0'; p++)
		*p = name_fold(*p);
	const struct region *r = region_find(m->root, low, &exact);
	*access = exact ? r->self : r->below;
	for (size_t i = 0; i < m->plan->places.len; i++) {
		const struct acl_read_place *p = &m->plan->places.v[i];
		if (p->path[1] == '\0' || !path_within(low, p->path))
			continue;
		if (speaks(p, low) && (nearest == NULL || strlen(p->path) > strlen(nearest->path)))
			nearest = p;
	}
	return nearest == NULL ? NULL : place_text(a, nearest, low);
}
