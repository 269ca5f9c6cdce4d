/* SPDX-License-Identifier: Apache-2.0 */
/* mount_plan.c - from the effective tree to the list of mounts */
#include <config.h>

#include "mount_plan.h"

#include <string.h>

#include "arena.h"
#include "effective.h"

/* What the mounts made so far show at a place. */
enum shown { SHOWN_NOTHING, SHOWN_RO, SHOWN_RW };

struct plan {
	struct arena	*a;
	struct mount_plan *out;
};

/* The operation for a node's path; what it has beside that is filled in by the caller. */
static struct mount_op *
add(struct plan *p, enum mount_kind kind, const struct region *r)
{
	struct mount_op op = { .kind = kind, .place = r, .origin = r->why.origin };
	VEC_PUSH(p->a, &p->out->ops, op);
	return &p->out->ops.v[p->out->ops.len - 1];
}

static void
add_tmpfs(struct plan *p, unsigned perms, const struct region *r)
{
	add(p, MOUNT_TMPFS, r)->perms = perms;
}

/* Something below must still be reachable: a grant that exists, or a link on the way to one. */
static bool
reopened(const struct region *r)
{
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *c = r->child[i];
		if ((c->self != ACCESS_DENY && place_of(c)->kind != NODE_MISSING) || reopened(c))
			return true;
	}
	return false;
}

static void place(struct plan *, const struct region *, enum shown);

static void
place_children(struct plan *p, const struct region *r, enum shown shown)
{
	for (size_t i = 0; i < r->nchild; i++)
		place(p, r->child[i], shown);
}

/* Deny what the mounts so far would show. */
static void
mask(struct plan *p, const struct region *r)
{
	if (place_of(r)->kind != NODE_DIR) {
		add(p, MOUNT_MASK_FILE, r);
		return;
	}
	add_tmpfs(p, reopened(r) ? 0111 : 0, r);
	place_children(p, r, SHOWN_NOTHING);
	add(p, MOUNT_FREEZE, r);
}

static void
place_proc(struct plan *p, const struct region *r)
{
	static const char *const frozen[] = {
		"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs",
	};
	add(p, MOUNT_PROC, r);
	for (size_t i = 0; i < NELEMS(frozen); i++) {
		struct mount_op *op = add(p, MOUNT_PROC_RO, r);
		op->place = NULL;
		op->path = frozen[i];
	}
}

static void
place_dev(struct plan *p, const struct region *r)
{
	add(p, MOUNT_DEV, r);
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *c = r->child[i];
		if (c->why.kind == WHY_BASE && c->self == ACCESS_WRITE) {
			add_tmpfs(p, 01777, c);
			place_children(p, c, SHOWN_RW);
		} else {
			place(p, c, SHOWN_NOTHING);
		}
	}
	add(p, MOUNT_FREEZE, r);
}

static bool
below_dev(const struct region *r)
{
	for (; r->parent != NULL; r = r->parent)
		if (place_of(r)->device)
			return true;
	return false;
}

/* A place with the access that its own node grants; returns what is then shown. */
static enum shown
grant(struct plan *p, const struct region *r, enum shown shown)
{
	enum shown want = r->self == ACCESS_WRITE ? SHOWN_RW : SHOWN_RO;
	if (want == shown && !(want == SHOWN_RW && r->pinned))
		return shown;
	if (want == SHOWN_RO)
		add(p, MOUNT_BIND_RO, r)->narrower = shown == SHOWN_RW;
	else
		add(p, below_dev(r) ? MOUNT_BIND_DEV : MOUNT_BIND_RW, r)->inner =
		    shown == SHOWN_RW;
	return want;
}

static void
place(struct plan *p, const struct region *r, enum shown shown)
{
	const struct place_facts *f = place_of(r);
	if (r->link != NULL) {
		if (shown == SHOWN_NOTHING)
			add(p, MOUNT_SYMLINK, r)->target = r->link;
		return;
	}
	/* The sandbox's own, at the top (spec 2.3, 3.1). */
	if (r->why.kind == WHY_BASE && r->parent != NULL && r->parent->parent == NULL) {
		if (r->len == strlen("proc") && memcmp(r->name, "proc", r->len) == 0)
			place_proc(p, r);
		else
			place_dev(p, r);
		return;
	}
	/* On the way to something in /dev: made there, and not the host's directory. */
	if (r->why.kind == WHY_BASE) {
		place_children(p, r, shown);
		return;
	}
	if (f->kind == NODE_MISSING || f->kind == NODE_LINK)
		return;
	if (f->closed && r->self == ACCESS_READ) {
		add_tmpfs(p, 0555, r);
		add(p, MOUNT_FREEZE, r);
		return;
	}
	if (r->self != ACCESS_DENY)
		place_children(p, r, grant(p, r, shown));
	else if (shown == SHOWN_NOTHING)
		place_children(p, r, shown);
	else
		mask(p, r);
}

void
mount_plan(struct arena *a, const struct region *effective,
    const struct backend_options *opt, enum ir_net_mode net, struct mount_plan *out)
{
	struct plan p = { a, out };
	out->unshare_net = net != NET_OPEN;
	out->outer_userns = opt->outer_userns;
	if (effective->below != ACCESS_DENY) {
		place_children(&p, effective, grant(&p, effective, SHOWN_NOTHING));
	} else {
		/* bwrap starts from an empty root of its own. */
		place_children(&p, effective, SHOWN_NOTHING);
		add(&p, MOUNT_FREEZE, effective);
	}
}

const char *
mount_op_path(struct arena *a, const struct mount_op *op)
{
	return op->place != NULL ? region_path(a, op->place) : op->path;
}
