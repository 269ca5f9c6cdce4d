/* SPDX-License-Identifier: Apache-2.0 */
/* bind.c - a portable policy meets a host: entries, patterns, sockets (spec 2.1) */
#include <config.h>

#include "bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "binder.h"
#include "intern.h"
#include "path.h"
#include "scan.h"
#include "sbuf.h"

/* From so many on it pays to keep the working directory open. */
enum { HOLD_ENTRIES = 64 };

int
bind_fail(struct binder *b, const struct ir_origin *o, const char *fmt, ...)
{
	char text[4 * LIMIT_PATH_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Paths may hold anything; a message is one line and sends nothing to a terminal. */
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	b->err->text = arena_strdup(b->a, text);
	b->err->origin = o;
	return -1;
}

void
bind_mention(struct binder *b, const struct canon_way *way, const char *what,
    const struct ir_origin *o)
{
	if (way->links.len > 0)
		VEC_PUSH(b->a, &b->mentions, ((struct mention){ MENTION_PATH, what, o,
		    way->end->path, way->links.v, way->links.len }));
}

int
bind_resolve(struct binder *b, const char *from, const char *path, const char *what,
    const struct ir_origin *o, struct canon_way *way)
{
	const char *why;

	if (canon_resolve(b->canon, from, path, way, &why) == -1)
		return bind_fail(b, o, "%s%s%s", what != NULL ? what : "",
		    what != NULL ? ": " : "", why);
	if (b->rq->target == TARGET_WINDOWS && bind_windows_check(b, path, way->end, what, o) == -1)
		return -1;
	bind_mention(b, way, what, o);
	return 0;
}

void
bind_record_links(struct binder *b, const struct canon_way *way, enum bound_source source,
    const struct ir_origin *o)
{
	for (size_t i = 0; i < way->links.len; i++) {
		const struct fact *f = way->links.v[i];
		size_t len = strlen(f->path);
		if (strmap_get(b->links, f->path, len) != NULL)
			continue;
		struct bound_link link = { f->path, f->target, source == BOUND_PLATFORM, o };
		strmap_put_kept(b->links, f->path, len, b);
		VEC_PUSH(b->a, &b->out->links, link);
	}
}

/* Every sandbox has a /proc of its own, where nothing of the host's can be granted or denied. */
static int
refuse_proc(struct binder *b, const char *spelt, const char *path, const struct ir_origin *o)
{
	if (b->rq->target != TARGET_LINUX)
		return 0;
	if (!path_below(spelt, "/proc") && !path_below(path, "/proc"))
		return 0;
	return bind_fail(b, o, "\"%s\" is below /proc (%s), which shows each sandbox its own "
	    "processes only; leave it out", o->text, path);
}

static int
refuse_proc_pattern(struct binder *b, const struct ir_pattern *p, const char *spelt,
    const char *path)
{
	if (b->rq->target != TARGET_LINUX ||
	    (!path_within(spelt, "/proc") && !path_within(path, "/proc")))
		return 0;
	return bind_fail(b, &p->origin, "pattern \"%s\" is for /proc, which shows each "
	    "sandbox its own processes only; leave it out", p->origin.text);
}

static int
bind_entry(struct binder *b, const struct ir_entry *e)
{
	const struct anchor_bases *in = bind_anchor(b, e->anchor, &e->origin);

	if (in == NULL)
		return -1;
	for (size_t i = 0; i < in->len; i++) {
		struct canon_way way;
		const char *spelt = anchor_path(b->a, &in->v[i],
		    e->anchor == ANCHOR_WINDOWS ? bind_windows_path(b->a, e->path) : e->path);
		if (bind_resolve(b, "/", spelt, NULL, &e->origin, &way) == -1 ||
		    refuse_proc(b, spelt, way.end->path, &e->origin) == -1)
			return -1;
		enum bound_source source =
		    e->anchor == ANCHOR_MINIMAL ? BOUND_PLATFORM : BOUND_WRITTEN;
		if (e->access != ACCESS_DENY)
			bind_record_links(b, &way, source, &e->origin);
		struct bound_entry bound = {
			.path = way.end->path,
			.access = e->access,
			.source = source,
			.shared_tmp = e->anchor == ANCHOR_TMPDIR || e->anchor == ANCHOR_SLASH_TMP,
			.spelt = strcmp(spelt, way.end->path) == 0 ? way.end->path : spelt,
			.origin = &e->origin,
		};
		VEC_PUSH(b->a, &b->out->entries, bound);
		if (bound.access == ACCESS_WRITE)
			strmap_put_kept(b->writes, bound.path, strlen(bound.path), b);
	}
	return 0;
}

static const char *
literal_part(struct arena *a, const struct pattern *p)
{
	struct sbuf path = SBUF_INIT;

	for (size_t i = 0; i < p->nliteral; i++) {
		sbuf_addc(&path, '/');
		sbuf_add(&path, p->step[i].text.p, p->step[i].text.len);
	}
	const char *s = path.len == 0 ? "/" : arena_strndup(a, path.p, path.len);
	sbuf_free(&path);
	return s;
}

/* The pattern's text without its first n components. */
static const char *
skip_components(const char *glob, size_t n)
{
	struct slice c;

	while (n-- > 0 && path_next(&glob, &c))
		;
	while (*glob == '/')
		glob++;
	return glob;
}

/* Parsed as the target compares: by bytes only as far as the literal part exists (spec 2.2). */
static const struct pattern *
parse_pattern(struct binder *b, const char *front, const char *glob, const struct fact *literal,
    const char **why)
{
	if (b->rq->target == TARGET_LINUX)
		return pattern_parse(b->a, front, glob, why);
	return pattern_parse_folded(b->a, front, glob,
	    canon_existing(b->canon, literal->path), why);
}

/*
 * Bind a pattern to one base.  Where its literal part leads through links the
 * pattern is parsed again, with the canonical path in front.
 */
static int
bind_pattern_at(struct binder *b, const struct ir_pattern *p, const struct anchor_base *base)
{
	const char *why = NULL;
	struct canon_way way;
	struct bound_pattern bound = { .origin = &p->origin };
	const char *front = base->spelt[0] == '\0' ? NULL : base->spelt;
	bool folds = b->rq->target != TARGET_LINUX;

	const char *glob = p->anchor == ANCHOR_WINDOWS ? bind_windows_path(b->a, p->glob) : p->glob;

	bound.pattern = pattern_parse(b->a, front, glob, &why);
	if (bound.pattern == NULL)
		return bind_fail(b, &p->origin, "pattern \"%s\" %s", p->origin.text, why);
	if (bound.pattern->nliteral == bound.pattern->nsteps)
		return bind_fail(b, &p->origin, "\"%s\" is no pattern; it names one path",
		    p->origin.text);
	bound.literal = literal_part(b->a, bound.pattern);
	if (bind_resolve(b, "/", bound.literal, NULL, &p->origin, &way) == -1 ||
	    refuse_proc_pattern(b, p, bound.literal, way.end->path) == -1)
		return -1;
	if (folds || strcmp(bound.literal, way.end->path) != 0) {
		size_t of_base = front != NULL ? path_depth(front) : 0;
		bound.literal = way.end->path;
		bound.pattern = parse_pattern(b, bound.literal,
		    skip_components(glob, bound.pattern->nliteral - of_base), way.end, &why);
		if (bound.pattern == NULL)
			return bind_fail(b, &p->origin, "pattern \"%s\" %s", p->origin.text, why);
	}
	VEC_PUSH(b->a, &b->out->patterns, bound);
	return 0;
}

static int
bind_pattern(struct binder *b, const struct ir_pattern *p)
{
	const struct anchor_bases *in = bind_anchor(b, p->anchor, &p->origin);

	if (in == NULL)
		return -1;
	for (size_t i = 0; i < in->len; i++)
		if (!in->v[i].again && bind_pattern_at(b, p, &in->v[i]) == -1)
			return -1;
	return 0;
}

/* "X/" and then "**" as the last: X itself is all that there is to know. */
static bool
is_all_below(const struct pattern *p)
{
	return p->nsteps == p->nliteral + 1 && p->step[p->nliteral].kind == STEP_BELOW;
}

/*
 * Facts for what the scan found.  Stubs of ours count as missing.  A link
 * among the matches is something to refuse where it can be changed.
 */
static int
keep_existing(struct binder *b, const struct bound_pattern *p, const char **v, size_t *len)
{
	size_t kept = 0;

	for (size_t i = 0; i < *len; i++) {
		const char *why;
		const struct fact *f = canon_fact(b->canon, v[i], &why);
		if (f == NULL)
			return bind_fail(b, p->origin, "%s", why);
		if (!fact_exists(f))
			continue;
		v[kept++] = f->path;
		if (f->kind != NODE_LINK)
			continue;
		const struct fact **link = arena_array(b->a, 1, sizeof(*link));
		link[0] = f;
		VEC_PUSH(b->a, &b->mentions, ((struct mention){ MENTION_MATCH, NULL,
		    p->origin, NULL, link, 1 }));
	}
	*len = kept;
	return 0;
}

/* What entries say of a place: its own access, and that something below can be written. */
enum { SAYS_LESS = 1, SAYS_WRITE = 2, SAYS_BELOW = 4 };

static uintptr_t
said_of(const struct strmap *said, const char *path, size_t len)
{
	return (uintptr_t)strmap_get(said, path, len);
}

static const struct strmap *
write_places(struct binder *b)
{
	struct strmap *said = strmap_new(b->a);

	for (size_t i = 0; i < b->out->entries.len; i++) {
		const struct bound_entry *e = &b->out->entries.v[i];
		size_t len = strlen(e->path);
		uintptr_t own = e->access == ACCESS_WRITE ? SAYS_WRITE : SAYS_LESS;
		strmap_put_kept(said, e->path, len, (void *)(said_of(said, e->path, len) | own));
		while (own == SAYS_WRITE && len > 1) {
			while (e->path[--len] != '/')
				;
			len = len == 0 ? 1 : len;
			uintptr_t before = said_of(said, e->path, len);
			if ((before & SAYS_BELOW) != 0)
				break;
			strmap_put_kept(said, e->path, len, (void *)(before | SAYS_BELOW));
		}
	}
	return said;
}

/* It, or something below it, can be written as far as the entries say. */
static bool
is_write_place(const void *said, const char *dir)
{
	size_t len = strlen(dir);
	uintptr_t own = said_of(said, dir, len);

	if ((own & (SAYS_BELOW | SAYS_WRITE)) != 0)
		return true;
	for (; (own & (SAYS_LESS | SAYS_WRITE)) == 0 && len > 1; own = said_of(said, dir, len)) {
		while (dir[--len] != '/')
			;
		len = len == 0 ? 1 : len;
	}
	return (own & SAYS_WRITE) != 0;
}

static int
bind_scan(struct binder *b)
{
	struct bound_policy *out = b->out;
	struct bound_pattern **v = arena_array(b->a, out->patterns.len, sizeof(*v));
	const char *why;
	size_t n = 0;

	for (size_t i = 0; i < out->patterns.len; i++) {
		struct bound_pattern *p = &out->patterns.v[i];
		const struct fact *f = canon_fact(b->canon, p->literal, &why);
		if (f == NULL)
			return bind_fail(b, p->origin, "%s", why);
		if (fact_is_dir(f) && !is_all_below(p->pattern))
			v[n++] = p;
	}
	/* Elsewhere the matches are looked for on account of pins alone, which know no depth. */
	uint32_t cap = b->rq->target == TARGET_LINUX ? out->ir->scan_depth : 0;
	struct scan_limits limits = { .wanted = is_write_place };
	bool limited = n > 0 && b->rq->pins_only && b->rq->target == TARGET_MACOS;
	if (limited)
		limits.arg = write_places(b);
	if (scan_patterns(b->a, b->host, v, n, cap, limited ? &limits : NULL, &why) == -1)
		return bind_fail(b, v[0]->origin, "%s", why);
	for (size_t i = 0; i < n; i++)
		if (keep_existing(b, v[i], v[i]->matches.v, &v[i]->matches.len) == -1 ||
		    keep_existing(b, v[i], v[i]->partial.v, &v[i]->partial.len) == -1)
			return -1;
	return 0;
}

static int
bind_socket(struct binder *b, const struct ir_socket *s)
{
	const struct anchor_bases *in = bind_anchor(b, s->anchor, &s->origin);

	if (in == NULL)
		return -1;
	for (size_t i = 0; i < in->len; i++) {
		struct canon_way way;
		if (bind_resolve(b, "/", anchor_path(b->a, &in->v[i], s->path), NULL,
		    &s->origin, &way) == -1)
			return -1;
		struct bound_socket bound = { way.end->path, s->allow, &s->origin };
		VEC_PUSH(b->a, &b->out->sockets, bound);
	}
	return 0;
}

static int
link_cmp(const void *a, const void *b)
{
	return strcmp(((const struct bound_link *)a)->path,
	    ((const struct bound_link *)b)->path);
}

/*
 * A sandbox has a /dev and a /proc of its own; the facts say whether there is
 * a place to put them.
 */
static int
ask_for_mount_points(struct binder *b)
{
	static const char *const own[] = { "/dev", "/dev/shm", "/proc" };
	const char *why;

	if (b->rq->target != TARGET_LINUX)
		return 0;
	for (size_t i = 0; i < NELEMS(own); i++)
		if (canon_fact(b->canon, own[i], &why) == NULL)
			return bind_fail(b, NULL, "%s", why);
	return 0;
}

/* A path of another kind of system (spec 1.3); "/" stands for everything, which each has. */
static bool
is_passed_over(const struct binder *b, enum anchor anchor, const char *path)
{
	bool windows = b->rq->target == TARGET_WINDOWS;

	return windows ? anchor == ANCHOR_ABS && strcmp(path, "/") != 0 : anchor == ANCHOR_WINDOWS;
}

static int
bind_all(struct binder *b)
{
	const struct ir_policy *ir = b->rq->ir;

	/* First: the working directory must exist, whether an entry uses it or not. */
	if (bind_anchor(b, ANCHOR_WORKSPACE, NULL) == NULL)
		return -1;
	if (b->host->hold != NULL && ir->entries.len >= HOLD_ENTRIES)
		b->host->hold(b->host, b->out->cwd);
	/* What reading everything means there depends on these, too. */
	if (b->rq->target == TARGET_WINDOWS && (bind_anchor(b, ANCHOR_MINIMAL, NULL) == NULL ||
	    (b->rq->home != NULL && bind_anchor(b, ANCHOR_HOME, NULL) == NULL)))
		return -1;
	for (size_t i = 0; i < ir->entries.len; i++)
		if (!is_passed_over(b, ir->entries.v[i].anchor, ir->entries.v[i].path) &&
		    bind_entry(b, &ir->entries.v[i]) == -1)
			return -1;
	for (size_t i = 0; i < ir->devices.len; i++)
		if (bind_device(b, &ir->devices.v[i]) == -1)
			return -1;
	for (size_t i = 0; i < ir->patterns.len; i++)
		if (!is_passed_over(b, ir->patterns.v[i].anchor, ir->patterns.v[i].glob) &&
		    bind_pattern(b, &ir->patterns.v[i]) == -1)
			return -1;
	for (size_t i = 0; i < ir->network.sockets.len; i++)
		if (!is_passed_over(b, ir->network.sockets.v[i].anchor, ir->network.sockets.v[i].path) &&
		    bind_socket(b, &ir->network.sockets.v[i]) == -1)
			return -1;
	if (bind_shields(b) == -1)
		return -1;
	if (!b->generic && bind_scan(b) == -1)
		return -1;
	if (bind_links(b) == -1 || ask_for_mount_points(b) == -1)
		return -1;

	if (b->out->links.len > 1)
		qsort(b->out->links.v, b->out->links.len, sizeof(b->out->links.v[0]), link_cmp);
	b->out->facts.v = canon_facts(b->canon, &b->out->facts.len);
	b->out->facts.cap = b->out->facts.len;
	return 0;
}

static struct bound_policy *
bind_with(struct arena *a, const struct bind_request *rq, struct host *host, bool generic,
    struct bind_error *err)
{
	struct bound_policy *out = arena_alloc(a, sizeof(*out));
	if (rq->target == TARGET_MACOS)
		host = host_macos(a, host);
	struct binder b = { .a = a, .host = host, .rq = rq, .err = err, .generic = generic,
	    .canon = generic ? canon_new_made_up(a, rq->target) :
	    canon_new(a, host, rq->target == TARGET_LINUX),
	    .out = out, .links = strmap_new(a),
	    .writes = strmap_new(a) };

	*err = (struct bind_error){ 0 };
	out->ir = rq->ir;
	out->target = rq->target;
	out->generic = generic;
	struct bind_request windows;
	if (rq->target == TARGET_WINDOWS) {
		if (bind_windows_request(&b, rq, &windows) == -1)
			return NULL;
		b.rq = &windows;
	}
	int rc = bind_all(&b);
	if (host->hold != NULL)
		host->hold(host, NULL);
	return rc == 0 ? out : NULL;
}

struct bound_policy *
bind_policy(struct arena *a, const struct bind_request *rq, struct host *host,
    struct bind_error *err)
{
	return bind_with(a, rq, host, false, err);
}

/* A made-up host: every place exists and is a directory. */
static int
generic_stat(struct host *h, struct arena *a, const char *path, struct fact *out)
{
	(void)h;
	(void)a;
	*out = (struct fact){ .path = path, .kind = NODE_DIR };
	return 0;
}

struct bound_policy *
bind_made_up(struct arena *a, const struct bind_request *rq, struct bind_error *err)
{
	/* $HOME is given, and there are no files: nothing else is asked. */
	struct host host = { .stat = generic_stat };

	return bind_with(a, rq, &host, true, err);
}

struct bound_policy *
bind_generic(struct arena *a, const struct ir_policy *ir, enum target target,
    struct bind_error *err)
{
	const struct bind_request rq = { .ir = ir, .target = target, .cwd = "/@cwd",
	    .home = "/@home", .tmpdir = "/@tmpdir" };

	return bind_made_up(a, &rq, err);
}
