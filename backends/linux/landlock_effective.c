/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_effective.c - from the bound policy to the one that Landlock enforces, or why it cannot */
#include <config.h>

#include "landlock_plan.h"

#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "compare.h"
#include "landlock_rights.h"
#include "path.h"

enum { MAX_SHOWN_ENTRIES = 6 };	/* of those that would make a policy expressible */

const char landlock_no_dir[] = "no directory";

struct build {
	struct arena	*a;
	const struct decide_fs *d;
	const struct bound_policy *b;
	struct artifact	*out;
	struct sbuf	 at;		/* settle(): the path of the node */
	size_t		 fact;		/* settle(): the first fact that is not before its path */
};

static int
refuse(struct build *w, const struct ir_origin *origin, const char *witness, const char *reason)
{
	if (!w->out->refused)
		w->out->refusal = (struct refusal){ reason, witness, origin };
	w->out->refused = true;
	return -1;
}

/* Once for each name; other rules that it concerns are listed beside. */
static void
deviate(struct build *w, const char *name, enum deviation_direction dir,
    const char *path, const char *detail, const struct ir_origin *origin)
{
	for (size_t i = 0; i < w->out->deviations.len; i++)
		if (strcmp(w->out->deviations.v[i].name, name) == 0) {
			if (origin != NULL && origin != w->out->deviations.v[i].origin)
				VEC_PUSH(w->a, &w->out->deviation_rules,
				    ((struct deviation_rule){ name, origin }));
			return;
		}
	struct deviation d = { name, dir, path, detail, origin };
	VEC_PUSH(w->a, &w->out->deviations, d);
}

/* ---- what Landlock cannot say ---- */

/* A protected name, by itself or because an entry says so once more, as those of :workspace do. */
static bool
is_shield(const struct build *w, const struct region *r)
{
	if (r->why.kind == WHY_NAME || r->why.kind == WHY_GITDIR)
		return true;
	for (size_t i = 0; r->why.kind == WHY_ENTRY && r->self == ACCESS_READ &&
	    i < w->b->ir->protected.len; i++) {
		const char *name = w->b->ir->protected.v[i].name;
		if (strlen(name) == r->len && memcmp(name, r->name, r->len) == 0)
			return true;
	}
	return false;
}

struct falls {
	struct build	*w;
	const struct region *first;
	struct sbuf	 entries;	/* that would lift the shields */
	const struct region *shown[MAX_SHOWN_ENTRIES];
	size_t		 nshown;
	bool		 more;
};

/*
 * The entry that lifts the shield, spelt as the one that it comes from is: in
 * the table of subpaths where that stands, or by its path.
 */
static const char *
lifting_entry(struct build *w, const struct region *r)
{
	const struct ir_origin *o = r->why.origin;
	const char *name = r->why.detail, *text = o != NULL && o->text != NULL ? o->text : "";

	if (r->why.kind == WHY_ENTRY)	/* in the place of that one */
		return arena_printf(w->a, "\"%s\" = \"write\"", text);
	if (r->why.kind == WHY_GITDIR || name == NULL || *text == '\0' ||
	    strcmp(text, ":tmpdir") == 0 || strcmp(text, ":slash_tmp") == 0)
		return arena_printf(w->a, "\"%s\" = \"write\"", region_path(w->a, r));
	if (strcmp(text, ".") == 0)
		return arena_printf(w->a, "\"%s\" = \"write\"", name);
	if (*text != ':' && o->span.line == 0)	/* of the command line */
		return arena_printf(w->a, "\"%s\" = \"write\"", region_path(w->a, r));
	if (*text == ':')
		return arena_printf(w->a, "\"%s\" = { \"%s\" = \"write\" }", text, name);
	size_t len = strlen(text);
	if (len > 3 && strcmp(text + len - 3, "/**") == 0)
		len -= 3;
	while (len > 0 && text[len - 1] == '/')
		len--;
	return arena_printf(w->a, "\"%.*s/%s\" = \"write\"", (int)len, text, name);
}

static void
add_entry(struct falls *f, const struct region *r)
{
	const char *text = lifting_entry(f->w, r);
	for (size_t i = 0; i < f->nshown; i++)
		if (strcmp(lifting_entry(f->w, f->shown[i]), text) == 0)
			return;
	if (f->nshown == MAX_SHOWN_ENTRIES) {
		f->more = true;
		return;
	}
	sbuf_printf(&f->entries, "%s%s", f->nshown > 0 ? ", " : "", text);
	f->shown[f->nshown++] = r;
}

/*
 * Look for places with less access than what surrounds them, and stop at the
 * first, or where it is a shield, once enough of those are known to tell what
 * would lift them.  Depth is bounded by LIMIT_PATH_DEPTH.
 */
static void
find_falls(struct falls *f, const struct region *r)
{
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *c = r->child[i];
		if (f->more || (f->first != NULL && !is_shield(f->w, f->first)))
			return;
		if (c->self >= r->below) {
			find_falls(f, c);
			continue;
		}
		/* What no entry can help comes first. */
		if (f->first == NULL || !is_shield(f->w, c))
			f->first = c;
		if (is_shield(f->w, c))
			add_entry(f, c);
	}
}

static int
refuse_fall(struct falls *f)
{
	struct build *w = f->w;
	const struct region *r = f->first;
	const char *path = region_path(w->a, r);
	const char *witness = arena_printf(w->a, "%s %s", r->self == ACCESS_DENY ? "read" : "write",
	    path);
	const char *reason;

	if (is_shield(w, r))
		reason = arena_printf(w->a, "%s%s, and Landlock cannot take away below a place what it "
		    "grants there; these entries would lift the protection and make the policy "
		    "expressible: %s%s", why_text(w->a, w->b, &r->why),
		    r->why.kind == WHY_ENTRY ? " protects it" : "", sbuf_str(&f->entries),
		    f->more ? ", and more of the kind" : "");
	else if (r->why.kind == WHY_POLICY)
		reason = "what the runtime itself needs is protected where the command may write, "
		    "which Landlock cannot do: keep the policy file, and the directory of our "
		    "records, out of what is writable";
	else
		reason = arena_printf(w->a, "%s gives less access than what surrounds it has, and Landlock "
		    "cannot take away below a place what it grants there: grant the surroundings "
		    "less", why_text(w->a, w->b, &r->why));
	return refuse(w, r->why.origin, witness, reason);
}

static int
check_falls(struct build *w, const struct region *root)
{
	struct falls f = { .w = w };
	int rc = 0;

	find_falls(&f, root);
	if (f.first != NULL)
		rc = refuse_fall(&f);
	sbuf_free(&f.entries);
	return rc;
}

/*
 * A pattern may stand where nothing is readable anyway.  The comparison of the
 * policy with itself without patterns finds out, and has the shortest witness.
 */
static int
check_patterns(struct build *w)
{
	if (w->b->patterns.len == 0)
		return 0;
	struct compare_side with = compare_side_of(w->a, w->d), without = with;
	struct comparison c;

	without.npatterns = 0;
	if (compare_fs_shortest(w->a, &with, &without, &c) != 0)
		return refuse(w, w->b->patterns.v[0].origin, NULL,
		    "the comparison passed its limit of states");
	if (c.equal)
		return 0;
	return refuse(w, c.witness.why_a.origin,
	    arena_printf(w->a, "%s %s", fs_op_name(c.witness.op), c.witness.path),
	    arena_printf(w->a, "%s, and Landlock cannot take away below a place what it grants there",
	    why_text(w->a, w->b, &c.witness.why_a)));
}

/* The early half of it, which most profiles do not get past: a walk, or a look at each pattern. */
static int
check_expressible(struct build *w)
{
	if (w->b->ir->unsandboxed)
		return refuse(w, NULL, NULL, "this profile asks for no sandbox at all");
	if (w->d->root->self == ACCESS_WRITE)
		return refuse(w, w->d->root->why.origin, "write /proc/sys/x",
		    "everything would be writable, the kernel's settings below /proc among it, and "
		    "Landlock cannot take away below a place what it grants there");
	return check_falls(w, w->d->root) == 0 ? check_patterns(w) : -1;
}

/* ---- what is there ---- */

static const struct fact *
next_fact(struct build *w, const char *path)
{
	const struct fact_list l = bound_facts(w->b);
	if (l.all_dirs)
		return fact_find(&l, path);
	for (; w->fact < l.len; w->fact++) {
		int c = path_order(l.v[w->fact].path, path);
		if (c >= 0)
			return c == 0 ? &l.v[w->fact] : NULL;
	}
	return NULL;
}

/* No rule can name it: it has what is around it. */
static void
leave_missing(struct build *w, struct region *to, const struct region *up)
{
	const char *path = arena_strdup(w->a, sbuf_str(&w->at));
	if (to->why.kind == WHY_ENTRY && to->self > up->below)
		deviate(w, "missing-grant", DEVIATION_NARROWER, path,
		    "does not exist, and has only the access of what surrounds it", to->why.origin);
	else if (to->why.kind == WHY_ENTRY && to->pinned)
		deviate(w, "new-root", DEVIATION_WIDER, path,
		    "does not exist yet: it can be moved and removed in this run, and what is "
		    "protected below it is so from the next run on", to->why.origin);
	to->self = to->below = up->below;
	to->pinned = false;
	to->why = up->why;
}

/*
 * Copy a node and what is below it, with what the host has there.  Facts come
 * in the order of the walk; depth is bounded by LIMIT_PATH_DEPTH.
 */
static int
settle(struct build *w, struct region *to, const struct region *from, bool parent_dir)
{
	const struct region *up = to->parent;
	const struct fact *f = next_fact(w, sbuf_str(&w->at));
	if (f == NULL)
		return refuse(w, from->why.origin, NULL, arena_printf(w->a,
		    "internal: nothing was asked about %s", sbuf_str(&w->at)));
	enum node_kind kind = f->stub || !parent_dir ? NODE_MISSING : f->kind;

	to->self = from->self;
	to->below = from->below;
	to->why = from->why;
	to->pinned = from->pinned;
	if (up != NULL && (kind == NODE_MISSING || kind == NODE_LINK)) {
		leave_missing(w, to, up);
	} else if (up != NULL && kind != NODE_DIR) {
		to->mark = (void *)(uintptr_t)landlock_no_dir;
		to->below = up->below;
	}
	/* The surroundings of what is not there may be less than they are written. */
	if (up != NULL && to->self == ACCESS_WRITE && up->below != ACCESS_WRITE)
		to->pinned = true;
	to->child = arena_array(w->a, from->nchild + 1, sizeof(struct region *));
	to->capchild = from->nchild;
	for (size_t i = 0; i < from->nchild; i++) {
		struct region *n = arena_alloc(w->a, sizeof(*n));
		*n = (struct region){ .name = from->child[i]->name, .len = from->child[i]->len,
		    .parent = to };
		to->child[to->nchild++] = n;
		size_t before = path_push(&w->at, n->name, n->len);
		int rc = settle(w, n, from->child[i], kind == NODE_DIR);
		path_pop(&w->at, before);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* ---- what every sandbox has ---- */

/* Of base_places(): those that can be granted alone.  Terminals are a matter of the runtime. */
static const char *const devices[] = {
	"/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero",
};

/* Find or make a node; made ones say what held there before. */
static struct region *
node_at(struct build *w, struct region *root, const char *path)
{
	struct region *r = root;
	struct slice c;
	while (path_next(&path, &c)) {
		struct region *n = region_child(r, c.p, c.len);
		if (n == NULL) {
			n = region_make_child(w->a, r, c.p, c.len);
			n->self = n->below = r->below;
			n->why = r->why;
		}
		r = n;
	}
	return r;
}

static void
raise(struct build *w, struct region *root, const char *path, enum access access, bool dir)
{
	struct region *r = node_at(w, root, path);
	if (r->self >= access)
		return;
	r->self = access;
	if (dir)
		r->below = access;
	r->pinned = access == ACCESS_WRITE;
	r->why = (struct why){ WHY_BASE, NULL, NULL };
	if (!dir)
		r->mark = (void *)(uintptr_t)landlock_no_dir;
}

/* Entries in /dev keep their word (base_place.h); those in /proc have none that could be kept. */
static int
apply_base(struct build *w, struct region *root)
{
	for (size_t i = 0; i < NELEMS(devices); i++)
		if (decide_sandbox(w->d, devices[i]).writable)
			raise(w, root, devices[i], ACCESS_WRITE, false);
	const struct region *proc = node_at(w, root, "/proc");
	if (proc->self == ACCESS_WRITE || proc->nchild > 0)
		return refuse(w, proc->nchild > 0 ? proc->child[0]->why.origin : proc->why.origin,
		    "write /proc/sys/x",
		    "/proc is the host's and can only be read: leave the entry out");
	if (decide_sandbox(w->d, "/proc").readable)
		raise(w, root, "/proc", ACCESS_READ, true);
	return 0;
}

static bool
denies_something(const struct region *r)
{
	if (r->below == ACCESS_DENY)
		return true;
	for (size_t i = 0; i < r->nchild; i++)
		if (denies_something(r->child[i]))
			return true;
	return false;
}

/* What is so for every policy, or depends on a few facts alone (spec 3.2). */
static void
list_deviations(struct build *w, const struct region *root, unsigned abi)
{
	bool exact;
	const struct region *pts = region_find(root, "/dev/pts", &exact);

	deviate(w, "shared-proc", DEVIATION_WIDER, "/proc", "it is the host's: other processes "
	    "and the state of its network can be seen, though processes not traced, and not signalled "
	    "unless said so here", NULL);
	deviate(w, "device-nodes", DEVIATION_WIDER, NULL, "a device node that lies in what is granted "
	    "can be opened, as far as its own mode lets the user", NULL);
	if (abi < LANDLOCK_ABI_SCOPES)
		deviate(w, "signals", DEVIATION_WIDER, NULL, "this kernel (Landlock before version 6) "
		    "lets the command signal other processes of its user, and what it leaves running "
		    "may outlive it when runtime and command are killed together", NULL);
	if (abi < LANDLOCK_ABI_IOCTL)
		deviate(w, "device-ioctl", DEVIATION_WIDER, "/dev", "this kernel (Landlock before "
		    "version 5) does not limit what is done with a device that can be read", NULL);
	if (denies_something(root))
		deviate(w, "visible-names", DEVIATION_WIDER, NULL, "whoever knows the path of what is "
		    "denied can see that it exists, its size, owner, times and mode, and where a link "
		    "points; not its content, nor a list of names", NULL);
	if (pts->below != ACCESS_WRITE)
		deviate(w, "no-pty", DEVIATION_NARROWER, "/dev/pts", "no terminals can be made: "
		    "others of the user would be within reach with them", NULL);
	deviate(w, "no-shm", DEVIATION_NARROWER, "/dev/shm", "it is the host's, and denied unless "
	    "granted; System V and POSIX message queues, semaphores and segments are refused", NULL);
	if (w->b->ir->network.mode != NET_OFF)
		return;
	deviate(w, "no-loopback", DEVIATION_NARROWER, NULL,
	    "there is no network of its own, so internet sockets are refused altogether", NULL);
	deviate(w, "own-sockets", DEVIATION_NARROWER, NULL,
	    "Unix sockets of its own cannot be told from others: only pairs can be had", NULL);
}

struct region *
landlock_effective(struct arena *a, const struct decide_fs *d, unsigned abi, struct artifact *out)
{
	struct build w = { .a = a, .d = d, .b = d->bound, .out = out };

	if (check_expressible(&w) != 0)
		return NULL;
	struct region *root = region_root(a);
	sbuf_puts(&w.at, "/");
	int rc = settle(&w, root, d->root, true);
	sbuf_free(&w.at);
	/* What was left out may have been the surroundings of something, and the base is new. */
	if (rc != 0 || apply_base(&w, root) != 0 || check_falls(&w, root) != 0)
		return NULL;
	list_deviations(&w, root, abi);
	return root;
}
