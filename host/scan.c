/* SPDX-License-Identifier: Apache-2.0 */
/* scan.c - one walk over the host for all deny patterns */
#include <config.h>

#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "host_facts.h"
#include "intern.h"
#include "path.h"
#include "region.h"
#include "sbuf.h"

/* A pattern that can still match below the directory of its frame. */
struct active {
	struct bound_pattern *pattern;
	uint32_t	 depth;		/* of the directory, from the literal part */
	size_t		 state;		/* index of its set in frame.sets */
};

/*
 * One open directory of the walk.  There is one frame for each level, used
 * again for the next directory of that level: memory is bounded by the
 * largest directories on one way down, not by the size of the tree.
 */
struct frame {
	size_t		 path_len;	/* of scan.path */
	struct { struct active *v; size_t len, cap; } active;
	struct { uint64_t *v; size_t len, cap; } sets;
	struct sbuf	 names;		/* of interest: kind byte, name, NUL, ... */
	struct { const char **v; size_t len, cap; } order;	/* into names, sorted */
	size_t		 next;		/* into order */
};

struct scan {
	struct arena	*a;		/* of the results */
	struct arena	*scratch;
	struct host	*host;
	const struct scan_limits *limits;	/* or NULL */
	uint32_t	 depth_limit;
	struct bound_pattern **pattern;	/* sorted by literal part */
	size_t		 n;
	struct strmap	*starts;	/* literal part: its first pattern in that array */
	struct strmap	*entered;	/* literal parts that were walked, on their own or on the way */
	struct strmap	*covered;	/* directories that match */
	struct { struct frame **v; size_t len, cap; } frames;
	size_t		 level;		/* frames in use */
	struct sbuf	 path;
	uint64_t	*to;		/* room for the set of any pattern */
	const char	**why;
};

static const char root_path[] = "/";

static struct frame *
frame_push(struct scan *s)
{
	if (s->level == s->frames.len) {
		struct frame *new = arena_alloc(s->scratch, sizeof(*new));
		VEC_PUSH(s->scratch, &s->frames, new);
	}
	struct frame *f = s->frames.v[s->level++];
	f->active.len = f->sets.len = f->order.len = f->next = 0;
	f->names.len = 0;
	f->path_len = s->path.len;
	return f;
}

/* The path of the topmost directory; scan.path is empty for the root. */
static const char *
here(const struct scan *s)
{
	return s->path.len == 0 ? root_path : sbuf_str(&s->path);
}

static void
path_cut(struct scan *s, size_t len)
{
	s->path.len = len;
	if (s->path.p != NULL)
		s->path.p[len] = '\0';
}

static void
frame_add(struct scan *s, struct frame *f, struct bound_pattern *p, uint32_t depth,
    const uint64_t *set)
{
	struct active act = { p, depth, f->sets.len };

	for (size_t i = 0; i < pattern_words(p->pattern); i++)
		VEC_PUSH(s->scratch, &f->sets, set[i]);
	VEC_PUSH(s->scratch, &f->active, act);
}

/* The patterns whose literal part is the frame's directory begin here. */
static void
frame_begin(struct scan *s, struct frame *f, const char *path)
{
	size_t len = strlen(path);
	struct bound_pattern **p = strmap_get(s->starts, path, len);

	if (p == NULL)
		return;
	strmap_put(s->entered, path, len, p);
	for (; p < s->pattern + s->n && strcmp((*p)->literal, path) == 0; p++) {
		const struct pattern *g = (*p)->pattern;
		const char *rest = path;
		uint64_t *from = arena_array(s->scratch, pattern_words(g), sizeof(*from));
		struct slice c;
		pattern_start(g, from);
		while (path_next(&rest, &c)) {
			pattern_advance(g, from, c.p, c.len, s->to);
			memcpy(from, s->to, pattern_words(g) * sizeof(*from));
		}
		frame_add(s, f, *p, 0, from);
	}
}

struct listing {
	struct scan	*scan;
	struct frame	*frame;
};

/* Keep a name that matches, and that of a directory below which something can. */
static int
keep_name(void *arg, const char *name, enum node_kind kind)
{
	struct listing *l = arg;
	struct frame *f = l->frame;
	size_t len = strlen(name);

	for (size_t i = 0; i < f->active.len; i++) {
		const struct active *act = &f->active.v[i];
		const struct pattern *p = act->pattern->pattern;
		pattern_advance(p, f->sets.v + act->state, name, len, l->scan->to);
		if (!pattern_matched(p, l->scan->to) &&
		    (kind != NODE_DIR || !pattern_alive(p, l->scan->to)))
			continue;
		sbuf_addc(&f->names, (char)('0' + (int)kind));
		sbuf_add(&f->names, name, len + 1);
		return 0;
	}
	return 0;
}

/* Past the kind byte; bytewise, as path_order() has siblings. */
static int
name_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a + 1, *(const char *const *)b + 1);
}

static void
count_unscanned(const struct frame *f)
{
	for (size_t i = 0; i < f->active.len; i++)
		f->active.v[i].pattern->unscanned++;
}

static int
frame_list(struct scan *s, struct frame *f)
{
	struct listing l = { s, f };

	if (s->limits != NULL && !s->limits->wanted(s->limits->arg, here(s)))
		return 0;
	if (s->host->list(s->host, here(s), keep_name, &l) == -1) {
		f->names.len = 0;
		switch (errno) {
		case EACCES:
		case EPERM:
		case ENAMETOOLONG:
			count_unscanned(f);
			break;
		case ENOENT:	/* gone, or replaced, since its parent was listed */
		case ENOTDIR:
		case ELOOP:
			break;
		default:
			*s->why = arena_printf(s->a, "cannot list %s: %s", here(s),
			    strerror(errno));
			return -1;
		}
	}
	for (size_t i = 0; i < f->names.len; i += strlen(f->names.p + i) + 1)
		VEC_PUSH(s->scratch, &f->order, f->names.p + i);
	if (f->order.len > 1)
		qsort(f->order.v, f->order.len, sizeof(f->order.v[0]), name_cmp);
	return 0;
}

/* Enter the child in the list of every pattern that matches it; false where none does. */
static bool
child_match(struct scan *s, const struct frame *f, const char *name, size_t len, bool dir)
{
	const char *path = NULL;

	for (size_t i = 0; i < f->active.len; i++) {
		const struct active *act = &f->active.v[i];
		const struct pattern *p = act->pattern->pattern;
		pattern_advance(p, f->sets.v + act->state, name, len, s->to);
		if (!pattern_matched(p, s->to))
			continue;
		if (path == NULL)
			path = arena_strdup(s->a, here(s));
		VEC_PUSH(s->a, &act->pattern->matches, path);
	}
	if (path != NULL && dir)
		strmap_put(s->covered, path, strlen(path), s);
	return path != NULL;
}

/* Open the frame of a child directory; partial matches are noted on the way. */
static int
child_open(struct scan *s, const struct frame *f, const char *name, size_t len)
{
	const char *path = NULL;
	struct frame *below = frame_push(s);

	if (strcmp(here(s), "/proc") == 0)
		return 0;
	for (size_t i = 0; i < f->active.len; i++) {
		const struct active *act = &f->active.v[i];
		const struct pattern *p = act->pattern->pattern;
		const uint64_t *from = f->sets.v + act->state;
		pattern_advance(p, from, name, len, s->to);
		if (!pattern_alive(p, s->to))
			continue;
		if (pattern_progress(p, s->to) > pattern_progress(p, from)) {
			if (path == NULL)
				path = arena_strdup(s->a, here(s));
			VEC_PUSH(s->a, &act->pattern->partial, path);
		}
		if (s->depth_limit != 0 && act->depth + 1 >= s->depth_limit)
			act->pattern->unscanned++;
		else
			frame_add(s, below, act->pattern, act->depth + 1, s->to);
	}
	if (below->active.len == 0)
		return 0;
	frame_begin(s, below, here(s));
	return frame_list(s, below);
}

/* Walk below the literal part of a pattern. */
static int
walk(struct scan *s, const char *literal)
{
	path_cut(s, 0);
	if (strcmp(literal, root_path) != 0)
		sbuf_puts(&s->path, literal);
	s->level = 0;
	struct frame *f = frame_push(s);
	frame_begin(s, f, literal);
	if (frame_list(s, f) == -1)
		return -1;

	while (s->level > 0) {
		f = s->frames.v[s->level - 1];
		path_cut(s, f->path_len);
		if (f->next == f->order.len) {
			s->level--;
			continue;
		}
		const char *entry = f->order.v[f->next++], *name = entry + 1;
		bool dir = entry[0] == '0' + (int)NODE_DIR;
		size_t len = strlen(name);
		if (f->path_len + 1 + len > LIMIT_PATH_BYTES) {
			count_unscanned(f);
			continue;
		}
		sbuf_addc(&s->path, '/');
		sbuf_add(&s->path, name, len);
		if (child_match(s, f, name, len, dir) || !dir)
			continue;
		if (child_open(s, f, name, len) == -1)
			return -1;
	}
	return 0;
}

/* The path, or an ancestor of it, is a directory that matches. */
static bool
is_covered(const struct scan *s, const char *path)
{
	if (strmap_count(s->covered) == 0)
		return false;
	for (size_t len = strlen(path); len > 1; len--)
		if ((path[len] == '/' || path[len] == '\0') &&
		    strmap_get(s->covered, path, len) != NULL)
			return true;
	return false;
}

static int
literal_cmp(const void *a, const void *b)
{
	const struct bound_pattern *const *x = a, *const *y = b;

	return path_order((*x)->literal, (*y)->literal);
}

static int
scan_all(struct scan *s)
{
	size_t words = 1;

	qsort(s->pattern, s->n, sizeof(*s->pattern), literal_cmp);
	for (size_t i = s->n; i-- > 0;) {
		const char *literal = s->pattern[i]->literal;
		strmap_put(s->starts, literal, strlen(literal), &s->pattern[i]);
		if (pattern_words(s->pattern[i]->pattern) > words)
			words = pattern_words(s->pattern[i]->pattern);
	}
	s->to = arena_array(s->scratch, words, sizeof(*s->to));

	/*
	 * A literal part comes after those above it, so what covers it is
	 * known; and where none of their walks came by, none came below.
	 */
	for (size_t i = 0; i < s->n; i++) {
		const char *literal = s->pattern[i]->literal;
		if (strmap_get(s->entered, literal, strlen(literal)) != NULL ||
		    is_covered(s, literal))
			continue;
		if (walk(s, literal) == -1)
			return -1;
	}
	return 0;
}

int
scan_patterns(struct arena *a, struct host *host, struct bound_pattern *const *v,
    size_t n, uint32_t depth, const struct scan_limits *limits, const char **why)
{
	if (n == 0)
		return 0;
	struct scan s = { .a = a, .scratch = arena_new(), .host = host,
	    .limits = limits, .depth_limit = depth, .n = n, .path = SBUF_INIT, .why = why };
	s.starts = strmap_new(s.scratch);
	s.entered = strmap_new(s.scratch);
	s.covered = strmap_new(s.scratch);
	s.pattern = arena_array(s.scratch, n, sizeof(*s.pattern));
	memcpy(s.pattern, v, n * sizeof(*s.pattern));

	int rc = scan_all(&s);

	for (size_t i = 0; i < s.frames.len; i++)
		sbuf_free(&s.frames.v[i]->names);
	sbuf_free(&s.path);
	arena_free(s.scratch);
	return rc;
}
