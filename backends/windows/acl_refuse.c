/* SPDX-License-Identifier: Apache-2.0 */
/* acl_refuse.c - policies that Windows cannot enforce, each with a rule and a witness */
#include <config.h>

#include "acl_refuse.h"

#include <string.h>

#include "acl_effective.h"
#include "acl_names.h"
#include "arena.h"
#include "path.h"

int
acl_refuse(struct artifact *out, const struct ir_origin *o, const char *witness,
    const char *reason)
{
	if (!out->refused)
		out->refusal = (struct refusal){ reason, witness, o };
	out->refused = true;
	sbuf_free(&out->bytes);
	return -1;
}

struct check {
	struct arena	*a;
	const struct bound_policy *b;
	struct artifact	*out;
	bool		 elevated;
	bool		 workspace;	/* it may be written, all of it */
};

static const char *
witness(const struct check *c, const char *op, const char *path)
{
	return arena_printf(c->a, "%s %s", op, path[1] == '\0' ? "C:\\" :
	    acl_path_text(c->a, path));
}

static bool
same_place(const char *x, const char *y)
{
	while (*x != '\0' && name_fold(*x) == name_fold(*y))
		x++, y++;
	return *x == '\0' && *y == '\0';
}

/* y is x or below it. */
static bool
holds(const char *x, const char *y)
{
	while (*x != '\0' && name_fold(*x) == name_fold(*y))
		x++, y++;
	return *x == '\0' && (*y == '\0' || *y == '/');
}

static bool
is_share(const char *path)
{
	size_t first = strcspn(path + 1, "/");
	return path[1] != '\0' && path[1] != '@' && !(first == 2 && path[2] == ':');
}

/* ---- what is written ---- */

static const struct ir_entry *
entry_of(const struct check *c, const struct ir_origin *o)
{
	for (size_t i = 0; i < c->b->ir->entries.len; i++)
		if (&c->b->ir->entries.v[i].origin == o)
			return &c->b->ir->entries.v[i];
	return NULL;
}

/* Places that the legacy form can make writable beside the workspace. */
static bool
is_legacy_root(const struct check *c, const char *path)
{
	for (size_t i = 0; i < c->b->entries.len; i++) {
		const struct bound_entry *e = &c->b->entries.v[i];
		if (e->access != ACCESS_WRITE || !same_place(e->path, path))
			continue;
		const struct ir_entry *ir = entry_of(c, e->origin);
		if (ir == NULL || ir->anchor != ANCHOR_WORKSPACE || ir->path[0] == '\0')
			return true;
	}
	return false;
}

/* The top of what can be written. */
static int
check_root(const struct check *c, const struct region *r)
{
	const char *path = acl_place_of(r)->path, *home = c->b->home;
	const char *text = witness(c, "write", path);

	if (path[1] == '\0' || (strlen(path) == 3 && path[2] == ':'))
		return acl_refuse(c->out, r->why.origin, text, "a whole disk cannot be given for "
		    "writing on Windows: name the directories");
	if (same_place(path, "/C:/Windows"))
		return acl_refuse(c->out, r->why.origin, text, "C:\\Windows belongs to the system and "
		    "cannot be given for writing");
	if (home != NULL && holds(path, home))
		return acl_refuse(c->out, r->why.origin, text, "a user's profile cannot be given for "
		    "writing as a whole: name directories in it");
	if (is_share(path))
		return acl_refuse(c->out, r->why.origin, text, "it is on a share, where another machine "
		    "decides who may write: name a directory of this one");
	if (!c->elevated && (!c->workspace || !is_legacy_root(c, path)))
		return acl_refuse(c->out, r->why.origin, text, "without elevation only the workspace, as a "
		    "whole, and with it further directories by their paths can be written: make "
		    "\":workspace_roots\" \"write\", or use windows-elevated");
	return 0;
}

/* `cut': inside of something that can be written, and of something that cannot in that. */
static int
check_writes(const struct check *c, const struct region *r, bool inside, bool cut)
{
	bool top = r->self == ACCESS_WRITE && (r->parent == NULL || r->parent->self != ACCESS_WRITE);

	if (top && cut)
		return acl_refuse(c->out, r->why.origin, witness(c, "write", acl_place_of(r)->path),
		    "what can be written cannot lie below what is read-only, where that lies in what can "
		    "be written: give it a place beside");
	if (top && check_root(c, r) != 0)
		return -1;
	if (r->parent != NULL && c->elevated && is_share(acl_place_of(r)->path) &&
	    r->self != r->parent->self)
		return acl_refuse(c->out, r->why.origin, witness(c, "read", acl_place_of(r)->path),
		    "it is on a share, where another machine decides who may read");
	cut |= inside && r->self == ACCESS_READ;
	inside |= r->self == ACCESS_WRITE;
	for (size_t i = 0; i < r->nchild; i++)
		if (check_writes(c, r->child[i], inside, cut) != 0)
			return -1;
	return 0;
}

/* ---- what is read ---- */

static const struct region *
first_denied(const struct region *r)
{
	const struct region *found = NULL;

	if (r->self == ACCESS_DENY || r->below == ACCESS_DENY)
		return r;
	for (size_t i = 0; i < r->nchild && found == NULL; i++)
		found = first_denied(r->child[i]);
	return found;
}

static int
check_reads(const struct check *c, const struct region *root)
{
	static const char why[] = "without elevation the command reads what the user reads: take out "
	    "what denies reading, or use windows-elevated";
	const struct region *r = first_denied(root);

	if (r == root && root->why.kind == WHY_NOTHING)
		return acl_refuse(c->out, NULL, witness(c, "read", "/"), "without elevation the command "
		    "reads what the user reads: write \":root\" = \"read\", or use windows-elevated");
	if (r != NULL)
		return acl_refuse(c->out, r->why.origin, witness(c, "read", acl_place_of(r)->path), why);
	if (c->b->patterns.len > 0)
		return acl_refuse(c->out, c->b->patterns.v[0].origin,
		    arena_printf(c->a, "read %s", c->b->patterns.v[0].origin->text), why);
	return 0;
}

int
acl_refuse_policy(struct arena *a, const struct decide_fs *d, const struct region *root,
    bool elevated, struct artifact *out)
{
	struct check c = { .a = a, .b = d->bound, .out = out, .elevated = elevated };
	const struct ir_policy *ir = d->bound->ir;

	if (ir->unsandboxed)
		return acl_refuse(out, NULL, NULL, "this profile asks for no sandbox at all");
	for (size_t i = 0; i < ir->entries.len; i++)
		c.workspace |= ir->entries.v[i].anchor == ANCHOR_WORKSPACE &&
		    ir->entries.v[i].path[0] == '\0' && ir->entries.v[i].access == ACCESS_WRITE;
	if (root->self != ACCESS_WRITE && !elevated && check_reads(&c, root) != 0)
		return -1;
	return check_writes(&c, root, false, false);
}
