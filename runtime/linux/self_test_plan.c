/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_plan.c - which places are tried, and what has to come of it */
#include <config.h>

#include "self_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "base_place.h"
#include "bound.h"
#include "decide_fs.h"
#include "launch_landlock.h"
#include "path.h"

enum { NAMES_LOOKED_AT = 128 };	/* of a directory, for one that stands for the others */

struct planner {
	struct arena	*arena;
	const struct launch *launch;
	const struct decide_fs *decide;
	struct self_test *test;
	size_t		 places;
};

/* A place, what the policy says of it, and what the artifact makes of that. */
struct place {
	const char	*path;
	struct stat	 st;
	bool		 exists, fleeting;
	struct fs_verdict policy;
	bool		 read, write;	/* what is to be expected */
	bool		 wider;		/* a deviation lets more happen */
	const char	*rule, *at, *element;
};

static const char missing_outside[] = "which fails without a sandbox, too";

/* The first attempt is made here, outside: what fails in the same way says nothing about a sandbox. */
static const char *
void_of(struct probe *p)
{
	bool keeps = all_ids_possible() || geteuid() != 0;
	struct stat st;

	switch (p->op) {
	case PROBE_WRITE:
		/* Not opened: somebody may wait for the end of a writing. */
		if (faccessat(AT_FDCWD, p->target, W_OK, AT_EACCESS) == 0)
			break;
		p->outside = errno;
		return missing_outside;
	case PROBE_READ:
	case PROBE_LIST:
	case PROBE_CREATE: {
		const struct probe_result r = probe_make(p);
		if (r.unknown)
			return "as there is no harmless way to try it";
		p->outside = r.error;
		if (!r.worked)
			return missing_outside;
		break;
	}
	default:
		return NULL;
	}
	/* Root that loses its capabilities is a user like others. */
	if (p->expected && !keeps && stat(p->target, &st) == 0 && st.st_uid != 0)
		return "as root keeps no capabilities here";
	return NULL;
}

static void
add(struct planner *w, const struct place *at, enum probe_op op, bool expected)
{
	struct probe p = {
		.op = op, .target = at->path, .expected = expected, .fleeting = at->fleeting,
		.rule = at->rule, .at = at->at, .element = at->element,
	};

	/* A directory of which a pattern denies all is an empty one of the sandbox's own, and may be listed. */
	if (at->exists && (op == PROBE_READ || (op == PROBE_LIST && !expected))) {
		p.dev = at->st.st_dev;
		p.ino = at->st.st_ino;
	}
	p.allowed_more = !expected && at->wider;
	p.void_because = p.allowed_more ? "as a deviation of the backend lets more happen" : void_of(&p);
	VEC_PUSH(w->arena, &w->test->probes, p);
}

static const char *
element_of(const struct emitted *e)
{
	return e->text != NULL ? e->text : e->means != NULL ? e->means : "";
}

/*
 * Never more than the policy says; less where the artifact, which is proved to
 * be the effective policy, has less under the name of a deviation.
 */
static void
look_up(struct planner *w, struct place *p)
{
	const struct launch_request *q = w->launch->request;
	struct emitted e;

	p->policy = decide_sandbox(w->decide, p->path);
	w->launch->backend->emitted(w->arena, q->bound, &w->launch->artifact, EMITTED_PATH, p->path, &e);
	p->read = p->policy.readable && e.access != ACCESS_DENY;
	p->write = p->policy.writable && e.access == ACCESS_WRITE;
	p->wider = (!p->policy.readable && e.access != ACCESS_DENY) ||
	    (!p->policy.writable && e.access == ACCESS_WRITE);
	p->rule = why_text(w->arena, q->bound, &p->policy.why);
	p->at = why_place(w->arena, q->bound, &p->policy.why);
	p->element = element_of(&e);
}

static void
try_directory(struct planner *w, const struct place *p)
{
	if (p->read)
		add(w, p, PROBE_LIST, true);
	/* Where only deeper places are readable there is a directory of the sandbox's own. */
	else if (!p->policy.traversable)
		add(w, p, PROBE_LIST, false);
	add(w, p, PROBE_CREATE, p->write);
}

static void
try_file(struct planner *w, const struct place *p)
{
	add(w, p, PROBE_READ, p->read);
	/* Of what is writable, only what the policy names. */
	if (!p->write || !p->fleeting)
		add(w, p, PROBE_WRITE, p->write);
}

static void
try_place(struct planner *w, struct place *p)
{
	look_up(w, p);
	if (S_ISDIR(p->st.st_mode))
		try_directory(w, p);
	else if (S_ISREG(p->st.st_mode))
		try_file(w, p);
	if (p->policy.writable && p->write && p->policy.pinned && !p->fleeting &&
	    !launch_is_landlock(w->launch))
		add(w, p, PROBE_PIN, true);
}

static bool
has_stub(const struct launch *l, const char *path)
{
	for (size_t i = 0; i < l->artifact.stubs.len; i++)
		if (strcmp(l->artifact.stubs.v[i].path, path) == 0)
			return true;
	return false;
}

/* What must not appear has something in its place, in which nothing can be made. */
static void
try_missing(struct planner *w, struct place *p)
{
	look_up(w, p);
	if (p->write)
		return;
	struct probe probe = {
		.op = PROBE_CREATE, .target = p->path, .rule = p->rule, .at = p->at, .element = p->element,
		.void_because = has_stub(w->launch, p->path) ? NULL : "as it does not exist",
	};
	VEC_PUSH(w->arena, &w->test->probes, probe);
}

static bool
is_our_own(const struct planner *w, const char *path)
{
	return base_place_at(w->decide->bound->target, path) != NULL || path_within(path, "/dev") ||
	    path_within(path, "/proc");
}

static bool
has_room(struct planner *w)
{
	if (w->places++ < SELF_TEST_PLACES)
		return true;
	w->test->left_out++;
	return false;
}

/* How much can be tried there: most with a file that we could write. */
static int
worth(int dir, const char *name, const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return faccessat(dir, name, W_OK, AT_EACCESS) == 0 ? 3 : 2;
	return S_ISDIR(st->st_mode) ? 1 : 0;
}

/* An existing name that no deeper node speaks for: it stands for all of them. */
static bool
find_child(struct planner *w, const struct region *r, const struct place *dir, struct place *out)
{
	DIR *d = opendir(dir->path);
	struct dirent *e;
	int found = 0;

	for (int n = 0; d != NULL && n < NAMES_LOOKED_AT && found < 3 && (e = readdir(d)) != NULL; n++) {
		struct place p = { .path = path_join(w->arena, dir->path, e->d_name), .exists = true,
		    .fleeting = true };
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    region_step(r, e->d_name, strlen(e->d_name)) != NULL || is_our_own(w, p.path) ||
		    fstatat(dirfd(d), e->d_name, &p.st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    p.st.st_dev != dir->st.st_dev)
			continue;
		int value = worth(dirfd(d), e->d_name, &p.st);
		if (value <= found)
			continue;
		*out = p;
		found = value;
	}
	if (d != NULL)
		closedir(d);
	return found > 0;
}

static void
try_link(struct planner *w, const char *path, const char *target, const struct why *why)
{
	const struct bound_policy *b = w->decide->bound;
	struct probe p = {
		.op = PROBE_LINK, .target = path, .want = target, .expected = true,
		.rule = why_text(w->arena, b, why), .at = why_place(w->arena, b, why),
	};
	struct emitted e;

	w->launch->backend->emitted(w->arena, b, &w->launch->artifact, EMITTED_PATH, path, &e);
	p.element = element_of(&e);
	VEC_PUSH(w->arena, &w->test->probes, p);
}

/* Depth is bounded by LIMIT_PATH_DEPTH, as the tree is. */
static void
walk(struct planner *w, const struct region *r)
{
	struct place p = { .path = region_path(w->arena, r) }, child;

	if (!is_our_own(w, p.path) && has_room(w)) {
		p.exists = lstat(p.path, &p.st) == 0;
		if (!p.exists)
			try_missing(w, &p);
		else if (!S_ISLNK(p.st.st_mode))
			try_place(w, &p);
		if (p.exists && S_ISDIR(p.st.st_mode) && find_child(w, r, &p, &child))
			try_place(w, &child);
	}
	for (size_t i = 0; i < r->nchild; i++)
		walk(w, r->child[i]);
}

static void
try_patterns(struct planner *w)
{
	const struct bound_policy *b = w->decide->bound;

	for (size_t i = 0; i < b->patterns.len; i++)
		for (size_t k = 0; k < b->patterns.v[i].matches.len; k++) {
			struct place p = { .path = b->patterns.v[i].matches.v[k] };
			bool exact;
			region_find(w->decide->root, p.path, &exact);
			p.exists = lstat(p.path, &p.st) == 0;
			if (!exact && p.exists && !S_ISLNK(p.st.st_mode) && has_room(w))
				try_place(w, &p);
		}
}

/* ---- what every sandbox has ---- */

static void
add_own(struct planner *w, enum probe_op op, const char *target, const char *want, bool expected,
    const char *element)
{
	struct probe p = {
		.op = op, .target = target, .want = want, .expected = expected, .at = "",
		.rule = "what every sandbox has", .element = element,
	};

	VEC_PUSH(w->arena, &w->test->probes, p);
}

static void
try_namespaces(struct planner *w)
{
	static const struct { const char *name, *element; } spaces[] = {
		{ "user", "--unshare-user" }, { "mnt", "every sandbox of mounts" }, { "pid", "--unshare-pid" },
		{ "ipc", "--unshare-ipc" }, { "uts", "--unshare-uts" }, { "net", "--unshare-net" },
	};
	bool open = w->launch->request->ir->network.mode == NET_OPEN;

	for (size_t i = 0; i < NELEMS(spaces) - open; i++) {
		char link[64];
		ssize_t n = readlink(arena_printf(w->arena, "/proc/self/ns/%s", spaces[i].name), link,
		    sizeof(link));
		if (n > 0)
			add_own(w, PROBE_NAMESPACE, spaces[i].name, arena_strndup(w->arena, link, (size_t)n),
			    false, spaces[i].element);
	}
}

static void
try_own(struct planner *w)
{
	bool landlock = launch_is_landlock(w->launch);
	struct place sys = { .path = "/proc/sys/kernel/core_pattern", .exists = true, .at = "",
	    .rule = "what every sandbox has", .element = "--ro-bind-try /proc/sys /proc/sys" };

	add_own(w, PROBE_STATUS, "NoNewPrivs", "1", true, "the runtime");
	add_own(w, PROBE_STATUS, "Seccomp", "2", true, "the system call filter");
	/* CHOWN, DAC_OVERRIDE, FOWNER, FSETID, of root alone. */
	add_own(w, PROBE_STATUS, "CapEff", geteuid() == 0 ? "1b" : "0", true,
	    landlock ? "the runtime" : "--cap-drop ALL");
	add_own(w, PROBE_STATUS, "CapPrm", geteuid() == 0 ? "1b" : "0", true,
	    landlock ? "the runtime" : "--cap-drop ALL");
	if (landlock)
		return;
	try_namespaces(w);
	add(w, &sys, PROBE_WRITE, false);
	add_own(w, PROBE_CREATE, "/dev/shm", NULL, true, "--dev /dev");
	add_own(w, PROBE_CREATE, "/dev", NULL, false, "--dev /dev ... --remount-ro /dev");
	add_own(w, PROBE_WRITE, "/dev/null", NULL, true, "--dev /dev");
}

struct self_test *
self_test_plan(struct arena *a, const struct launch *l, struct launch_error *err)
{
	struct self_test *t = arena_alloc(a, sizeof(*t));
	struct planner w = { .arena = a, .launch = l, .decide = l->request->decide, .test = t };
	const struct ir_policy *ir = l->request->ir;
	struct emitted e;

	if (l->request->bound == NULL || l->backend == NULL || l->backend->emitted == NULL) {
		*err = (struct launch_error){ LAUNCH_REFUSED, "--self-test: the profile confines nothing "
		    "here, so there is no sandbox to test" };
		return NULL;
	}
	*t = (struct self_test){ .program = -1, .list = -1, .done = -1,
	    .bait = { .gone = -1 } };
	try_own(&w);
	walk(&w, w.decide->root);
	try_patterns(&w);
	for (size_t i = 0; i < w.decide->nlinks; i++) {
		const struct why why = link_why(&w.decide->links[i]);
		try_link(&w, w.decide->links[i].path, w.decide->links[i].target, &why);
	}
	t->net_rule = ir->network.mode == NET_OPEN ? "the network is open" : "the network is off";
	t->net_at = why_place(a, l->request->bound, &(struct why){ WHY_ENTRY, &ir->network.origin, NULL });
	l->backend->emitted(a, l->request->bound, &l->artifact, EMITTED_NETWORK, NULL, &e);
	t->net_element = element_of(&e);
	l->backend->emitted(a, l->request->bound, &l->artifact, EMITTED_SOCKETS, NULL, &e);
	t->socket_element = element_of(&e);
	return t;
}
