/* SPDX-License-Identifier: Apache-2.0 */
/* bind_anchor.c - what each anchor stands for on this host */
#include <config.h>

#include "binder.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "system.h"

/* Spec 3.1. */
static const char *const linux_roots[] = {
	"/bin", "/sbin", "/usr", "/etc", "/lib", "/lib32", "/lib64",
	"/nix/store", "/run/current-system/sw",
};

/* Spec 3.3. */
static const char *const macos_roots[] = {
	"/usr", "/bin", "/sbin", "/System", "/private/etc", "/private/var/db/timezone",
	"/private/var/db/dyld", "/Library/Apple", "/Library/Developer/CommandLineTools",
};

/* Spec 3.4. */
static const char *const windows_roots[] = {
	"/C:/Windows", "/C:/Program Files", "/C:/Program Files (x86)", "/C:/ProgramData",
};

static const char resolv_conf[] = "/etc/resolv.conf";

const char *
anchor_path(struct arena *a, const struct anchor_base *base, const char *rel)
{
	return base->spelt[0] == '\0' ? rel : path_join(a, base->spelt, rel);
}

static void
add_base(struct binder *b, struct anchor_bases *in, const char *spelt, const char *path)
{
	struct anchor_base base = { spelt, path, false };

	if (in->paths == NULL)
		in->paths = strmap_new(b->a);
	base.again = strmap_put_kept(in->paths, path, strlen(path), b) != NULL;
	VEC_PUSH(b->a, in, base);
}

/* A directory named by the environment: `text' is any string. */
static int
add_named(struct binder *b, struct anchor_bases *in, const char *text, const char *what,
    const struct ir_origin *o)
{
	struct canon_way way;
	const char *why = NULL, *spelt = path_normal(b->a, text, &why);

	if (spelt == NULL)
		return bind_fail(b, o, "%s %s %s", what, text, why);
	if (bind_resolve(b, "/", spelt, what, o, &way) == -1)
		return -1;
	add_base(b, in, spelt, way.end->path);
	return 0;
}

static int
bases_home(struct binder *b, struct anchor_bases *in, const struct ir_origin *o)
{
	const char *home = b->rq->home;

	if (home == NULL || home[0] != '/')
		home = b->host->home(b->host, b->a);
	if (home == NULL || home[0] != '/')
		return bind_fail(b, o, b->rq->target == TARGET_WINDOWS ?
		    "\"%s\" needs the directory of the user's profile: give --home" :
		    "\"%s\" needs a home directory, but $HOME is no absolute "
		    "path and /etc/passwd has none; set HOME, or write the path",
		    o != NULL ? o->text : "~");
	if (add_named(b, in, home, "the home directory", o) == -1)
		return -1;
	b->out->home = in->v[0].path;
	return 0;
}

static int
bases_tmpdir(struct binder *b, struct anchor_bases *in, const struct ir_origin *o)
{
	bool windows = b->rq->target == TARGET_WINDOWS;
	const char *const named[] = { b->rq->tmpdir, windows ? b->rq->tmp : NULL };

	for (size_t i = 0; i < NELEMS(named); i++) {
		const char *what = !windows ? "$TMPDIR" : i == 0 ? "%TEMP%" : "%TMP%";
		if (named[i] != NULL && named[i][0] == '/' &&
		    add_named(b, in, named[i], what, o) == -1)
			return -1;
	}
	b->out->tmpdir = in->len > 0 ? in->v[0].path : NULL;
	return 0;
}

static int
bases_slash_tmp(struct binder *b, struct anchor_bases *in, const struct ir_origin *o)
{
	struct canon_way way;

	if (bind_resolve(b, "/", "/tmp", "/tmp", o, &way) == -1)
		return -1;
	if (fact_is_dir(way.end))
		add_base(b, in, "/tmp", way.end->path);
	return 0;
}

static int
bases_cwd(struct binder *b, struct anchor_bases *in)
{
	static const char what[] = "the working directory";
	const char *cwd = b->rq->cwd;

	if (cwd == NULL && b->rq->target == TARGET_WINDOWS)
		return bind_fail(b, NULL, "%s is not known: give --cwd", what);
	if (cwd == NULL)
		cwd = system_full_path(b->a, NULL);
	if (cwd == NULL)
		return bind_fail(b, NULL, "%s cannot be found out: %s", what, strerror(errno));
	if (add_named(b, in, cwd, what, NULL) == -1)
		return -1;
	const char *why, *path = in->v[0].path;
	const struct fact *f = canon_fact(b->canon, path, &why);
	if (f == NULL)
		return bind_fail(b, NULL, "%s", why);
	if (!fact_is_dir(f))
		return bind_fail(b, NULL, "%s %s %s", what, cwd,
		    fact_exists(f) ? "is not a directory" : "does not exist");
	b->out->cwd = path;
	return 0;
}

static int
bases_workspace(struct binder *b, struct anchor_bases *in)
{
	const struct ir_policy *ir = b->rq->ir;

	if (bases_cwd(b, in) == -1)
		return -1;
	for (size_t i = 0; i < ir->roots.len; i++) {
		const struct ir_root *r = &ir->roots.v[i];
		bool windows = b->rq->target == TARGET_WINDOWS;
		if (r->anchor == (windows ? ANCHOR_ABS : ANCHOR_WINDOWS))
			continue;
		const struct anchor_bases *up = bind_anchor(b, r->anchor, &r->origin);
		if (up == NULL)
			return -1;
		for (size_t j = 0; j < up->len; j++)
			if (add_named(b, in, anchor_path(b->a, &up->v[j],
			    windows && r->anchor == ANCHOR_WINDOWS ? bind_windows_path(b->a, r->path) : r->path),
			    "the workspace root", &r->origin) == -1)
				return -1;
	}
	for (size_t i = 1; i < in->len; i++) {
		const char *root = in->v[i].path;
		VEC_PUSH(b->a, &b->out->roots, root);
	}
	return 0;
}

/*
 * Names resolve only where the file that resolv.conf leads to can be read:
 * its directory, as whoever writes it replaces the file.
 */
static void
add_resolver(struct binder *b, struct anchor_bases *in, const struct ir_origin *o)
{
	struct canon_way way, etc;
	const char *why;

	if (canon_resolve(b->canon, "/", resolv_conf, &way, &why) == -1 ||
	    canon_resolve(b->canon, "/", "/etc", &etc, &why) == -1 ||
	    !fact_exists(way.end) || path_within(way.end->path, etc.end->path))
		return;
	const char *dir = path_parent(b->a, way.end->path);
	/* Not the whole file system, just because the file lies at the top. */
	if (strcmp(dir, "/") == 0)
		dir = way.end->path;
	bind_mention(b, &way, resolv_conf, o);
	bind_record_links(b, &way, BOUND_PLATFORM, o);
	add_base(b, in, dir, dir);
}

/* A root that is not there, or whose links lead nowhere, is none. */
static void
bases_minimal(struct binder *b, struct anchor_bases *in, const struct ir_origin *o)
{
	static const struct { const char *const *v; size_t n; } roots_of[] = {
		[TARGET_LINUX] = { linux_roots, NELEMS(linux_roots) },
		[TARGET_MACOS] = { macos_roots, NELEMS(macos_roots) },
		[TARGET_WINDOWS] = { windows_roots, NELEMS(windows_roots) },
	};
	bool on_linux = b->rq->target == TARGET_LINUX;
	const char *const *roots = roots_of[b->rq->target].v;
	size_t n = roots_of[b->rq->target].n;

	for (size_t i = 0; i < n; i++) {
		struct canon_way way;
		const char *why;
		if (canon_resolve(b->canon, "/", roots[i], &way, &why) == 0 &&
		    fact_exists(way.end))
			add_base(b, in, roots[i], way.end->path);
	}
	if (on_linux && !b->generic && !b->rq->network_off)
		add_resolver(b, in, o);
}

const struct anchor_bases *
bind_anchor(struct binder *b, enum anchor anchor, const struct ir_origin *o)
{
	struct anchor_bases *in = &b->bases[anchor];
	int rc = 0;

	if (in->ready)
		return in;
	switch (anchor) {
	case ANCHOR_ABS:
	case ANCHOR_WINDOWS:
		add_base(b, in, "", "/");
		break;
	case ANCHOR_HOME:
		rc = bases_home(b, in, o);
		break;
	case ANCHOR_WORKSPACE:
		rc = bases_workspace(b, in);
		break;
	case ANCHOR_TMPDIR:
		rc = bases_tmpdir(b, in, o);
		break;
	case ANCHOR_SLASH_TMP:
		rc = b->rq->target == TARGET_WINDOWS ? 0 : bases_slash_tmp(b, in, o);
		break;
	case ANCHOR_MINIMAL:
		bases_minimal(b, in, o);
		break;
	}
	if (rc == -1)
		return NULL;
	in->ready = true;
	return in;
}
