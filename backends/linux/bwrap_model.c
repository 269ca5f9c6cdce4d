/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_model.c - reading bwrap arguments back as a mount table */
#include <config.h>

#include "bwrap_model.h"

#include <string.h>

#include "arena.h"
#include "path.h"

/* What is mounted, or made up, at exactly one path. */
enum mounted {
	M_NONE,			/* nothing: as its parent shows it */
	M_HOST_RO, M_HOST_RW,	/* the host's tree from here on */
	M_EMPTY,		/* a tmpfs */
	M_NULL,			/* /dev/null that cannot be opened */
	M_SYMLINK,
	M_PROC, M_DEV,
};

struct mount {
	enum mounted	 kind;
	bool		 frozen;	/* M_EMPTY, M_DEV: read-only now */
	bool		 listable;	/* M_EMPTY: its owner may list it */
	const char	*arg;
	struct slice	 text;		/* the option and its operands, with their NULs */
	struct slice	 freeze;	/* those that made it read-only */
};

/* Spec 3.1: read-only for root too. */
static const char *const frozen[] = {
	"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs",
};

struct replay {
	struct arena	*a;
	const char	*next, *end;	/* arguments not read yet */
	size_t		 index;		/* of the argument last read, from 1 */
	const char	*option;	/* where the one being read begins */
	const struct fact_list *facts;
	size_t		 near;		/* of fact_near(): mounts come in much the same order */
	struct region	*root;		/* region.mark is the mount */
	struct bwrap_model *out;
	long		 perms;		/* of --perms, for the next option; -1: none */
	const char	*why;
};

static int
fail(struct replay *r, const char *path, const char *what)
{
	if (r->why == NULL)
		r->why = arena_printf(r->a, "argument %zu: %s%s%s", r->index,
		    path != NULL ? path : "", path != NULL ? ": " : "", what);
	return -1;
}

static const char *
next_arg(struct replay *r)
{
	if (r->next >= r->end)
		return NULL;
	const char *s = r->next;
	const char *nul = memchr(s, '\0', (size_t)(r->end - s));
	if (nul == NULL)
		return NULL;
	r->next = nul + 1;
	r->index++;
	return s;
}

/* A path argument: absolute and normal, so that it means what it says. */
static const char *
next_path(struct replay *r)
{
	const char *s = next_arg(r);
	if (s == NULL) {
		fail(r, NULL, "a path is missing");
		return NULL;
	}
	if (!path_is_normal(s)) {
		fail(r, s, "is not a normal absolute path");
		return NULL;
	}
	return s;
}

static const struct mount *
mount_of(const struct region *r)
{
	static const struct mount none = { .kind = M_NONE };
	return r->mark != NULL ? r->mark : &none;
}

/* The mount that shows a path: its own or the nearest above. */
static const struct mount *
shown_at(const struct region *r)
{
	for (; r->parent != NULL; r = r->parent)
		if (mount_of(r)->kind != M_NONE)
			return r->mark;
	return mount_of(r);
}

static enum node_kind
host_kind(struct replay *r, const char *path, bool *known)
{
	const struct fact *f = fact_near(r->facts, path, &r->near);
	*known = f != NULL;
	return f != NULL ? f->kind : NODE_MISSING;
}

/*
 * bwrap makes a missing mount point.  That is right inside an empty place
 * that is not frozen yet; on the host it would leave something behind.
 */
static int
check_dest(struct replay *r, const char *path, bool dir)
{
	bool exact, known;
	const struct region *at = region_find(r->root, path, &exact);
	const struct mount *own = mount_of(at);
	for (const struct region *p = at; p != NULL; p = p->parent)
		if (mount_of(p)->kind == M_SYMLINK)
			return fail(r, path, "goes through a link made before");
	if (exact && own->kind != M_NONE) {
		bool is_dir = own->kind != M_NULL;
		if (own->kind == M_HOST_RO || own->kind == M_HOST_RW)
			is_dir = host_kind(r, path, &known) == NODE_DIR;
		return is_dir == dir ? 0 : fail(r, path, "is of another type");
	}
	const struct mount *m = shown_at(at);
	switch (m->kind) {
	case M_HOST_RO:
	case M_HOST_RW:
		break;
	case M_EMPTY:
	case M_NONE:
		return m->frozen ? fail(r, path, "lies in what is read-only by now") : 0;
	case M_DEV:
		return m->frozen ? fail(r, path, "lies in /dev, read-only by now") : 0;
	default:
		return fail(r, path, "lies below what has no directory");
	}
	enum node_kind k = host_kind(r, path, &known);
	if (!known)
		return fail(r, path, "is not known to exist");
	if (k == NODE_MISSING || k == NODE_LINK)
		return fail(r, path, "does not exist on the host, or is a link");
	return (k == NODE_DIR) == dir ? 0 : fail(r, path, "is of another type");
}

/* A mount covers all that was mounted at or below its path. */
static void
put(struct replay *r, const char *path, struct mount m)
{
	struct region *n = region_make(r->a, r->root, path);
	region_clear(n);
	n->link = NULL;
	struct mount *own = arena_alloc(r->a, sizeof(*own));
	*own = m;
	own->text = (struct slice){ r->option, (size_t)(r->next - r->option) };
	n->mark = own;
}

static int
replay_bind(struct replay *r, enum mounted kind)
{
	const char *src = next_path(r), *dst = src != NULL ? next_path(r) : NULL;
	bool known;
	if (dst == NULL)
		return -1;
	if (strcmp(src, "/dev/null") == 0 && kind == M_HOST_RO) {
		if (check_dest(r, dst, false) != 0)
			return -1;
		put(r, dst, (struct mount){ .kind = M_NULL, .arg = dst });
		return 0;
	}
	if (strcmp(src, dst) != 0)
		return fail(r, dst, "is bound from another path");
	if (path_within(dst, "/proc"))
		return fail(r, dst, "is the host's /proc");
	enum node_kind k = host_kind(r, src, &known);
	if (!known || k == NODE_MISSING || k == NODE_LINK)
		return fail(r, src, "is not known to exist");
	if (check_dest(r, dst, k == NODE_DIR) != 0)
		return -1;
	put(r, dst, (struct mount){ .kind = kind, .arg = dst });
	return 0;
}

/* Device rights are given below /dev alone; elsewhere --bind serves. */
static int
replay_dev_bind(struct replay *r)
{
	const char *at = r->next;
	if (at < r->end && strncmp(at, "/dev/", 5) == 0) {
		/* The host's, where an entry asks for it. */
		if (strcmp(at, "/dev/shm") == 0)
			r->out->shm = true;
		return replay_bind(r, M_HOST_RW);
	}
	return fail(r, NULL, "--dev-bind outside /dev");
}

static int
replay_proc_ro(struct replay *r)
{
	const char *src = next_path(r), *dst = src != NULL ? next_path(r) : NULL;
	if (dst == NULL)
		return -1;
	for (size_t i = 0; i < NELEMS(frozen); i++)
		if (strcmp(dst, frozen[i]) == 0 && strcmp(src, dst) == 0 && r->out->proc) {
			struct region *n = region_make(r->a, r->root, dst);
			n->mark = arena_alloc(r->a, sizeof(struct mount));
			*(struct mount *)n->mark =
			    (struct mount){ .kind = M_PROC, .frozen = true, .arg = dst,
			    .text = { r->option, (size_t)(r->next - r->option) } };
			return 0;
		}
	return fail(r, dst, "--ro-bind-try is for the directories of /proc alone");
}

static int
replay_tmpfs(struct replay *r)
{
	const char *dst = next_path(r);
	if (dst == NULL || check_dest(r, dst, true) != 0)
		return -1;
	long perms = r->perms >= 0 ? r->perms : 0755;
	put(r, dst, (struct mount){ .kind = M_EMPTY, .listable = (perms & 0400) != 0,
	    .arg = dst });
	if (strcmp(dst, "/dev/shm") == 0)
		r->out->shm = perms == 01777;
	return 0;
}

static int
replay_freeze(struct replay *r)
{
	const char *dst = next_path(r);
	bool exact;
	if (dst == NULL)
		return -1;
	struct region *n = (struct region *)region_find(r->root, dst, &exact);
	if (!exact || n->mark == NULL)
		return fail(r, dst, "is no mount that could become read-only");
	struct mount *m = n->mark;
	if (m->kind != M_EMPTY && m->kind != M_DEV && m->kind != M_NONE)
		return fail(r, dst, "is no made-up place");
	m->frozen = true;
	m->freeze = (struct slice){ r->option, (size_t)(r->next - r->option) };
	return 0;
}

static int
replay_own(struct replay *r, enum mounted kind, const char *only, bool *flag)
{
	const char *dst = next_path(r);
	if (dst == NULL)
		return -1;
	if (strcmp(dst, only) != 0)
		return fail(r, dst, "is not where it belongs");
	if (check_dest(r, dst, true) != 0)
		return -1;
	put(r, dst, (struct mount){ .kind = kind, .arg = dst });
	*flag = true;
	return 0;
}

static int
replay_symlink(struct replay *r)
{
	const char *target = next_arg(r), *dst = target != NULL ? next_path(r) : NULL;
	bool exact;
	if (dst == NULL)
		return fail(r, NULL, "a path is missing");
	const struct region *at = region_find(r->root, dst, &exact);
	const struct mount *m = shown_at(at);
	if (exact || (m->kind != M_EMPTY && m->kind != M_NONE && m->kind != M_DEV) || m->frozen)
		return fail(r, dst, "a link cannot be made there");
	put(r, dst, (struct mount){ .kind = M_SYMLINK, .arg = dst });
	((struct region *)region_find(r->root, dst, &exact))->link = target;
	return 0;
}

static int
replay_perms(struct replay *r)
{
	const char *s = next_arg(r);
	long v = 0;
	if (s == NULL || strlen(s) != 4)
		return fail(r, NULL, "--perms takes four octal digits");
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '7')
			return fail(r, NULL, "--perms takes four octal digits");
		v = v * 8 + (*s - '0');
	}
	r->perms = v;
	return 0;
}

static int
replay_cap(struct replay *r, bool drop)
{
	static const char *const keep[] = {
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
	};
	const char *s = next_arg(r);
	if (s != NULL && drop && strcmp(s, "ALL") == 0) {
		r->out->caps_dropped = true;
		r->out->caps_kept = 0;
		return 0;
	}
	for (size_t i = 0; s != NULL && !drop && i < NELEMS(keep); i++)
		if (strcmp(s, keep[i]) == 0) {
			r->out->caps_kept |= 1u << i;
			return 0;
		}
	return fail(r, s, "is no capability that a sandbox keeps");
}

static int
replay_one(struct replay *r, const char *o)
{
	struct bwrap_model *m = r->out;
	const struct { const char *option; bool *flag; } flags[] = {
		{ "--unshare-user", &m->user }, { "--unshare-pid", &m->pid },
		{ "--unshare-ipc", &m->ipc }, { "--unshare-uts", &m->uts },
		{ "--unshare-net", &m->net },
		{ "--die-with-parent", &m->dies_with_parent },
	};
	for (size_t i = 0; i < NELEMS(flags); i++)
		if (strcmp(o, flags[i].option) == 0) {
			*flags[i].flag = true;
			return 0;
		}
	if (strcmp(o, "--cap-drop") == 0)
		return replay_cap(r, true);
	if (strcmp(o, "--cap-add") == 0)
		return replay_cap(r, false);
	if (strcmp(o, "--ro-bind") == 0)
		return replay_bind(r, M_HOST_RO);
	if (strcmp(o, "--bind") == 0)
		return replay_bind(r, M_HOST_RW);
	if (strcmp(o, "--dev-bind") == 0)
		return replay_dev_bind(r);
	if (strcmp(o, "--ro-bind-try") == 0)
		return replay_proc_ro(r);
	if (strcmp(o, "--tmpfs") == 0)
		return replay_tmpfs(r);
	if (strcmp(o, "--remount-ro") == 0)
		return replay_freeze(r);
	if (strcmp(o, "--symlink") == 0)
		return replay_symlink(r);
	if (strcmp(o, "--proc") == 0)
		return replay_own(r, M_PROC, "/proc", &m->proc);
	if (strcmp(o, "--dev") == 0)
		return replay_own(r, M_DEV, "/dev", &m->dev);
	return fail(r, o, "is not an option that the model knows");
}

/* --perms is for the very next option, which must be one that it fits. */
static int
replay_all(struct replay *r)
{
	while (r->next < r->end) {
		r->option = r->next;
		const char *o = next_arg(r);
		if (o == NULL)
			return fail(r, NULL, "the last argument has no end");
		if (strcmp(o, "--perms") == 0) {
			if (replay_perms(r) != 0)
				return -1;
			if ((o = next_arg(r)) == NULL || strcmp(o, "--tmpfs") != 0)
				return fail(r, o, "--perms is not followed by --tmpfs");
		}
		if (replay_one(r, o) != 0)
			return -1;
		r->perms = -1;
	}
	return 0;
}

/* Access that one mount gives to its own path, and to those below it. */
static void
access_of(struct region *n, const struct mount *m)
{
	n->why = (struct why){ WHY_ARTIFACT, NULL, m->arg };
	n->self = n->below = ACCESS_DENY;
	switch (m->kind) {
	case M_HOST_RO:
		n->self = n->below = ACCESS_READ;
		break;
	case M_HOST_RW:
		n->self = n->below = ACCESS_WRITE;
		break;
	case M_PROC:
	case M_DEV:
		n->self = n->below = ACCESS_READ;
		break;
	case M_EMPTY:
		n->self = m->listable ? ACCESS_READ : ACCESS_DENY;
		break;
	case M_SYMLINK:
		n->self = ACCESS_READ;
		break;
	case M_NULL:
	case M_NONE:
		break;
	}
}

/*
 * Depth first: what each mount makes of its paths.  A mount point cannot be
 * renamed or removed, nor can anything in a directory that is not writable.
 * Returns -1 where a made-up place stayed writable: what is written there
 * would vanish.  Depth is bounded by LIMIT_PATH_DEPTH.
 */
static int
evaluate(struct replay *r, struct region *n)
{
	const struct mount *m = mount_of(n);
	if (m->kind != M_NONE || n->parent == NULL) {
		access_of(n, m);
	} else {
		n->self = n->below = n->parent->below;
		n->why = n->parent->why;
	}
	bool own_shm = m->kind == M_EMPTY && r->out->shm && strcmp(m->arg, "/dev/shm") == 0;
	if (own_shm)
		n->self = n->below = ACCESS_WRITE;
	bool made_up = m->kind == M_EMPTY || m->kind == M_DEV ||
	    (m->kind == M_NONE && n->parent == NULL);
	if (made_up && !m->frozen && !own_shm)
		return fail(r, m->arg != NULL ? m->arg : "/",
		    "is made up and stays writable: what is written there would vanish");
	n->pinned = n->self == ACCESS_WRITE && (m->kind != M_NONE ||
	    n->parent == NULL || n->parent->self != ACCESS_WRITE);
	for (size_t i = 0; i < n->nchild; i++)
		if (evaluate(r, n->child[i]) != 0)
			return -1;
	return 0;
}

/* A path that the host lacks is there only once somebody makes it. */
static void
apply_missing(struct replay *r, const struct fact *f, struct region *n)
{
	bool known;
	struct region *up = n->parent;
	const char *parent = path_parent(r->a, f->path);
	enum node_kind k = host_kind(r, parent, &known);
	bool can = !f->sealed && up->self == ACCESS_WRITE && up->below == ACCESS_WRITE &&
	    (!known || k == NODE_DIR || k == NODE_MISSING);
	if (can)
		return;
	region_clear(n);
	n->self = n->below = ACCESS_DENY;
	n->pinned = false;
	n->why = (struct why){ WHY_ABSENT, NULL, NULL };
}

/* What a bind shows, not what the sandbox has of its own. */
static bool
shows_host(const struct region *r)
{
	enum mounted kind = shown_at(r)->kind;
	return kind == M_HOST_RO || kind == M_HOST_RW;
}

static void
apply_fact(struct replay *r, const struct fact *f)
{
	bool exact;
	if ((f->kind != NODE_MISSING && f->kind != NODE_LINK) ||
	    strcmp(f->path, "/") == 0 || path_within(f->path, "/proc"))
		return;
	const struct region *at = region_find(r->root, f->path, &exact);
	if (path_within(f->path, "/dev") && !shows_host(at))
		return;
	if (exact && mount_of(at)->kind != M_NONE)
		return;
	enum access shown = exact ? at->self : at->below;
	if (f->kind == NODE_MISSING ? shown == ACCESS_DENY : shown != ACCESS_READ)
		return;
	/* Nodes made on the way say what held there before. */
	struct region *n = r->root;
	const char *rest = f->path;
	struct slice c;
	while (path_next(&rest, &c)) {
		struct region *x = region_child(n, c.p, c.len);
		if (x == NULL) {
			x = region_make(r->a, n, arena_printf(r->a, "/%.*s", (int)c.len, c.p));
			x->self = x->below = n->below;
			x->why = n->why;
		}
		n = x;
	}
	if (f->kind == NODE_MISSING) {
		apply_missing(r, f, n);
		return;
	}
	n->link = f->target;
	n->below = ACCESS_DENY;
}

/* What a mount is to a path at it, or below it. */
static const char *
mount_means(struct arena *a, const struct mount *m, bool at)
{
	switch (m->kind) {
	case M_HOST_RO:
		return arena_printf(a, "the host's %s, read-only", m->arg);
	case M_HOST_RW:
		return arena_printf(a, "the host's %s, writable", m->arg);
	case M_EMPTY:
		return at ? "an empty directory" : arena_printf(a, "%s is an empty directory", m->arg);
	case M_NULL:
		return at ? "covered by a device that cannot be opened" :
		    arena_printf(a, "%s is covered by a device that cannot be opened", m->arg);
	case M_SYMLINK:
		return "a link";
	case M_PROC:
		return "the sandbox's own /proc";
	case M_DEV:
		return "the sandbox's own /dev";
	case M_NONE:
		break;
	}
	return "nothing is mounted there, and the sandbox's root is empty";
}

void
bwrap_model_shown(struct arena *a, const struct bwrap_model *model, const char *path,
    struct bwrap_shown *out)
{
	bool exact;
	const struct region *r = region_find(model->root, path, &exact);
	const struct mount *m = shown_at(r);

	*out = (struct bwrap_shown){ .access = exact ? r->self : r->below };
	out->mount = m->text;
	out->freeze = m->freeze;
	out->means = r->why.kind == WHY_ABSENT ?
	    "it does not exist, and cannot be made there" :
	    mount_means(a, m, exact && mount_of(r)->kind != M_NONE);
}

int
bwrap_model_read(struct arena *a, const char *args, size_t len,
    const struct fact_list *facts, struct bwrap_model *out, const char **why)
{
	*out = (struct bwrap_model){ .root = region_root(a) };
	struct replay r = { .a = a, .next = args, .end = args + len,
	    .facts = facts, .root = out->root, .out = out, .perms = -1 };
	struct mount *base = arena_alloc(a, sizeof(*base));
	r.root->mark = base;
	if (replay_all(&r) != 0 || evaluate(&r, r.root) != 0) {
		*why = r.why;
		return -1;
	}
	for (size_t i = 0; i < facts->len; i++)
		apply_fact(&r, &facts->v[i]);
	out->proc_frozen = true;
	for (size_t i = 0; i < NELEMS(frozen); i++) {
		bool exact;
		const struct region *n = region_find(out->root, frozen[i], &exact);
		out->proc_frozen = out->proc_frozen && exact && mount_of(n)->frozen;
	}
	return 0;
}
