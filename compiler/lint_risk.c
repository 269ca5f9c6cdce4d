/* SPDX-License-Identifier: Apache-2.0 */
/* lint_risk.c - secrets, PATH, start-up files and sockets that a policy leaves open */
#include <config.h>

#include "lint.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "diag.h"
#include "ir.h"
#include "path.h"
#include "sbuf.h"

enum {
	SHOWN = 4,		/* places in the message itself; a note has the others */
};

struct risk {
	const char	*place, *probe, *why;
};

static const struct risk secrets[] = {
#define SECRET(place, probe, why)	{ place, probe, why },
#define STARTUP(place, why)
#define SEARCHED(place)
#define SOCKET(path, why)
#include "risks.def"
#undef SECRET
#undef STARTUP
};

static const struct risk startups[] = {
#define SECRET(place, probe, why)
#define STARTUP(place, why)		{ place, place, why },
#include "risks.def"
#undef STARTUP
#undef SEARCHED
};

static const struct risk searched[] = {
#define STARTUP(place, why)
#define SEARCHED(place)			{ place, place, NULL },
#include "risks.def"
#undef SEARCHED
#undef SOCKET
};

static const struct risk sockets[] = {
#define SEARCHED(place)
#define SOCKET(path, why)		{ path, path, why },
#include "risks.def"
#undef SECRET
#undef STARTUP
#undef SEARCHED
#undef SOCKET
};

/* One that the policy has, with the rule that leaves it open. */
struct hit {
	const char	*place, *why;
	const struct ir_origin *origin;
	bool		 told;
};

struct hits { struct hit *v; size_t len, cap; };

/* ---- places ---- */

/* What exists of a path without links in it, and the rest as it is. */
static const char *
resolve(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	if (real != NULL) {
		const char *copy = arena_strdup(a, real);
		free(real);
		return copy;
	}
	if (path[1] == '\0')
		return path;
	const char *up = path_parent(a, path);
	return path_join(a, resolve(a, up), path_base(path));
}

/* A place of risks.def as a path of this binding; NULL where it has none. */
static const char *
expand(const struct lint *l, const char *place)
{
	const char *base = "", *rest = place, *slash = strchr(place, '/'), *why;
	if (place[0] == '~') {
		base = l->home;
		rest = slash != NULL ? slash : "";
	} else if (place[0] == ':') {
		base = l->b->generic ? NULL : l->cwd;
		rest = slash != NULL ? slash : "";
	}
	if (base == NULL)
		return NULL;
	const char *path = path_normal(l->a, arena_printf(l->a, "%s%s",
	    strcmp(base, "/") == 0 ? "" : base, rest[0] == '\0' && base[0] == '\0' ? "/" : rest),
	    &why);
	return path == NULL || l->b->generic ? path : resolve(l->a, path);
}

/* On every system of the target /var/run is a link to /run; a generic binding does not know. */
static const char *
less_var(const char *path)
{
	return path_within(path, "/var/run") ? path + strlen("/var") : path;
}

/* cdxp.acknowledge has "KIND:PLACE" for the path or for one that it is below. */
static bool
is_acknowledged(const struct lint *l, const char *kind, const char *path)
{
	const struct ir_policy *ir = l->subject->ir;
	size_t n = strlen(kind);
	for (size_t i = 0; i < ir->acknowledge.len; i++) {
		const char *text = ir->acknowledge.v[i];
		if (strncmp(text, kind, n) != 0 || text[n] != ':' ||
		    (text[n + 1] != '/' && text[n + 1] != '~' && text[n + 1] != ':'))
			continue;
		const char *of = strncmp(text + n + 1, ":workspace_roots", 16) == 0 &&
		    l->b->generic ? arena_printf(l->a, "/@cwd%s", text + n + 17) :
		    expand(l, text + n + 1);
		if (of != NULL && path_within(less_var(path), less_var(of)))
			return true;
	}
	return false;
}

/* ---- telling ---- */

static void
list(struct sbuf *out, const struct hit *h, bool why)
{
	sbuf_printf(out, "%s%s", out->len > 0 ? ", " : "", h->place);
	if (why && h->why != NULL)
		sbuf_printf(out, " (%s)", h->why);
}

struct words {
	enum diag_code	 code;
	const char	*does;		/* "leaves secrets readable" */
	const char	*instead;	/* the hint, before the acknowledgement */
	const char	*kind;		/* of the acknowledgement */
};

/* All that one rule leaves open is one warning. */
static void
report_rule(const struct lint *l, const struct words *w, struct hits *hits, size_t first)
{
	const struct ir_origin *o = hits->v[first].origin;
	struct sbuf shown = SBUF_INIT, more = SBUF_INIT;
	size_t n = 0;
	for (size_t i = first; i < hits->len; i++) {
		struct hit *h = &hits->v[i];
		if (h->told || h->origin != o)
			continue;
		h->told = true;
		list(n < SHOWN ? &shown : &more, h, n < SHOWN);
		n++;
	}
	struct diag *d;
	const char *rule = o != NULL && o->text != NULL ? o->text : "network";
	/* Where there is no line to show, the profile is named. */
	const char *of = lint_span(l, o).end > 0 ? "" :
	    arena_printf(l->a, "profile \"%s\": ", l->subject->ir->name);
	if (n > SHOWN)
		d = diag_add(l->d, w->code, lint_span(l, o), "%s\"%s\" %s: %s, and %zu more", of,
		    rule, w->does, sbuf_str(&shown), n - SHOWN);
	else
		d = diag_add(l->d, w->code, lint_span(l, o), "%s\"%s\" %s: %s", of, rule, w->does,
		    sbuf_str(&shown));
	diag_hint(l->d, d, "%s, or accept the risk: cdxp.acknowledge = [\"%s:%s\"]", w->instead,
	    w->kind, hits->v[first].place);
	if (n > SHOWN)
		diag_note(l->d, d, (struct span){ 0, 0 }, "the others: %s", sbuf_str(&more));
	if (lint_span(l, o).end == 0)
		lint_note_rule(l, d, o, "the rule");
	sbuf_free(&shown);
	sbuf_free(&more);
}

static void
report(const struct lint *l, const struct words *w, struct hits *hits)
{
	for (size_t i = 0; i < hits->len; i++)
		if (!hits->v[i].told)
			report_rule(l, w, hits, i);
}

/* ---- secrets ---- */

/* Somebody has written an entry for the place itself, or for something in it. */
static bool
is_meant(const struct lint *l, const struct fs_verdict *v, const char *place, const char *probe)
{
	for (size_t i = 0; i < l->b->entries.len; i++) {
		const struct bound_entry *e = &l->b->entries.v[i];
		if (e->origin == v->why.origin && path_within(probe, e->path) &&
		    path_within(e->path, place))
			return true;
	}
	return false;
}

static void
lint_secrets(const struct lint *l)
{
	static const struct words words = { D_SECRET_READABLE, "leaves secrets readable",
	    "deny them", "read" };
	struct hits hits = { NULL, 0, 0 };
	struct stat st;
	for (size_t i = 0; i < NELEMS(secrets); i++) {
		const struct risk *r = &secrets[i];
		const char *place = expand(l, r->place), *probe = expand(l, r->probe);
		if (place == NULL || (l->host->bound && lstat(probe, &st) != 0))
			continue;
		struct fs_verdict v = decide_fs(l->fs, probe);
		if (v.readable && !is_meant(l, &v, place, probe) &&
		    !is_acknowledged(l, "read", place))
			VEC_PUSH(l->a, &hits, ((struct hit){ r->place, r->why, v.why.origin, false }));
	}
	report(l, &words, &hits);
}

/* ---- what is executed later ---- */

static void
look_writable(const struct lint *l, const char *shown, const char *path, const char *why,
    struct hits *hits)
{
	struct fs_verdict v = decide_fs(l->fs, path);
	if (v.writable && !is_acknowledged(l, "write", path))
		VEC_PUSH(l->a, hits, ((struct hit){ shown, why, v.why.origin, false }));
}

static void
lint_startup(const struct lint *l)
{
	static const struct words words = { D_STARTUP_WRITABLE,
	    "lets the command change what runs later, outside the sandbox",
	    "give \"read\" there", "write" };
	struct hits hits = { NULL, 0, 0 };
	for (size_t i = 0; i < NELEMS(startups); i++) {
		const char *path = expand(l, startups[i].place);
		if (path != NULL)
			look_writable(l, startups[i].place, path, startups[i].why, &hits);
	}
	report(l, &words, &hits);
}

/* This process's PATH; a directory that it names relatively is seen from the workspace. */
static void
look_at_path(const struct lint *l, struct hits *hits)
{
	const char *p = getenv("PATH"), *why;
	while (p != NULL && *p != '\0') {
		size_t n = strcspn(p, ":");
		const char *dir = arena_strndup(l->a, p, n);
		bool met = false;
		for (size_t i = 0; i < hits->len; i++)
			met |= strcmp(hits->v[i].place, n == 0 ? "." : dir) == 0;
		const char *path = dir[0] == '/' ? dir :
		    arena_printf(l->a, "%s/%s", l->cwd, dir);
		path = path_normal(l->a, path, &why);
		if (path != NULL && !met)
			look_writable(l, n == 0 ? "." : dir, resolve(l->a, path), NULL, hits);
		p += n + (p[n] == ':');
	}
}

static void
lint_path_dirs(const struct lint *l)
{
	static const struct words words = { D_PATH_WRITABLE,
	    "lets the command put programs where PATH finds them", "give \"read\" there", "write" };
	struct hits hits = { NULL, 0, 0 };
	if (l->host->bound)
		look_at_path(l, &hits);
	for (size_t i = 0; i < NELEMS(searched) && !l->host->bound; i++) {
		const char *path = expand(l, searched[i].place);
		if (path != NULL)
			look_writable(l, searched[i].place, path, NULL, &hits);
	}
	report(l, &words, &hits);
}

/* ---- sockets ---- */

/* The user whose sockets are meant: that of a rule below /run/user, else a usual one. */
static const char *
user_number(const struct lint *l)
{
	static const char dir[] = "/run/user/";
	for (size_t i = 0; i < l->b->sockets.len; i++) {
		const struct bound_socket *s = &l->b->sockets.v[i];
		const char *at = s->path + sizeof(dir) - 1;
		if (s->allow && strncmp(s->path, dir, sizeof(dir) - 1) == 0 && *at != '\0')
			return arena_strndup(l->a, at, strcspn(at, "/"));
	}
	return l->b->generic ? "1000" : arena_printf(l->a, "%lu", (unsigned long)getuid());
}

static const char *
socket_path(const struct lint *l, const char *path)
{
	const char *u = strstr(path, "%u");
	return u == NULL ? path :
	    arena_printf(l->a, "%.*s%s%s", (int)(u - path), path, user_number(l), u + 2);
}

static void
lint_sockets(const struct lint *l)
{
	static const struct words words = { D_SOCKET_ROOT,
	    "allows sockets that lead out of the sandbox", "deny them", "unix" };
	struct hits hits = { NULL, 0, 0 };
	struct stat st;
	for (size_t i = 0; i < NELEMS(sockets); i++) {
		const char *shown = socket_path(l, sockets[i].place);
		const char *path = l->b->generic ? shown : resolve(l->a, shown);
		struct net_decision n = decide_net_socket(l->b, path);
		/* Where no rule names it, its file must at least be there to be seen. */
		bool seen = n.reason == NET_BY_RULE || (decide_fs(l->fs, path).readable &&
		    (l->b->generic || lstat(path, &st) == 0));
		/* Two names of one socket are one risk. */
		bool met = false;
		for (size_t k = 0; k < hits.len; k++)
			met |= strcmp(less_var(hits.v[k].place), less_var(shown)) == 0;
		if (n.allow && seen && !met && !is_acknowledged(l, "unix", path))
			VEC_PUSH(l->a, &hits, ((struct hit){ shown, sockets[i].why, n.origin, false }));
	}
	report(l, &words, &hits);
}

void
lint_risks(const struct lint *l)
{
	lint_secrets(l);
	lint_path_dirs(l);
	lint_startup(l);
	lint_sockets(l);
}
