/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_group.c - places as filters: paths, and expressions for names in every spelling */
#include <config.h>

#include "seatbelt_group.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "seatbelt_regex.h"

struct filter *
filter_new(struct arena *a, enum filter_kind kind, const char *text)
{
	struct filter *f = arena_alloc(a, sizeof(*f));
	f->kind = kind;
	f->text = text;
	return f;
}

struct filter *
filter_add(struct arena *a, struct filter *list, struct filter *f)
{
	VEC_PUSH(a, &list->of, f);
	return list;
}

struct filter *
filter_any(struct filter *list)
{
	if (list->of.len == 0)
		return NULL;
	return list->of.len == 1 ? list->of.v[0] : list;
}

struct filter *
filter_not(struct arena *a, struct filter *f)
{
	return filter_add(a, filter_new(a, FILTER_NOT, NULL), f);
}

struct filter *
filter_without(struct arena *a, struct filter *f, struct filter *taken)
{
	if (taken == NULL)
		return f;
	struct filter *all = f;
	if (f->kind != FILTER_ALL) {
		all = filter_new(a, FILTER_ALL, NULL);
		filter_add(a, all, f);
	}
	return filter_add(a, all, filter_not(a, taken));
}

/* ---- groups ---- */

struct group
group_new(struct arena *a, const struct region **too_long)
{
	return (struct group){ a, filter_new(a, FILTER_ANY, NULL), too_long, strmap_new(a) };
}

void
group_path(struct group *g, enum filter_kind kind, const char *path)
{
	filter_add(g->a, g->list, filter_new(g->a, kind, path));
}

void
group_regex(struct group *g, const char *base, const char *text)
{
	size_t len = strlen(text);
	struct filter *bases = strmap_get(g->by_regex, text, len);

	if (bases == NULL) {
		struct filter *all = filter_new(g->a, FILTER_ALL, NULL);
		bases = filter_new(g->a, FILTER_ANY, NULL);
		strmap_put(g->by_regex, text, len, bases);
		filter_add(g->a, all, bases);
		filter_add(g->a, all, filter_add(g->a, filter_new(g->a, FILTER_ANY, NULL),
		    filter_new(g->a, FILTER_REGEX, text)));
		filter_add(g->a, g->list, all);
	}
	if (bases->of.len == 0 || strcmp(bases->of.v[bases->of.len - 1]->text, base) != 0)
		filter_add(g->a, bases, filter_new(g->a, FILTER_SUBPATH, base));
}

/*
 * The places that an expression is for, and how many: enough to find those
 * that may be the same.  One place is its own key, as no other begins with "/"
 * and has no NUL.
 */
static const char *
bases_key(struct arena *a, const struct filter *bases, size_t *len)
{
	const char *first = bases->of.v[0]->text, *last = bases->of.v[bases->of.len - 1]->text;
	const size_t n = bases->of.len, nfirst = strlen(first) + 1, nlast = strlen(last);

	if (n == 1) {
		*len = nlast;
		return last;
	}
	char *key = arena_alloc(a, sizeof(n) + nfirst + nlast);
	memcpy(key, &n, sizeof(n));
	memcpy(key + sizeof(n), first, nfirst);
	memcpy(key + sizeof(n) + nfirst, last, nlast);
	*len = sizeof(n) + nfirst + nlast;
	return key;
}

static bool
same_bases(const struct filter *x, const struct filter *y)
{
	if (x->of.len != y->of.len)
		return false;
	for (size_t i = 0; i < x->of.len; i++)
		if (strcmp(x->of.v[i]->text, y->of.v[i]->text) != 0)
			return false;
	return true;
}

struct filter *
group_filter(struct group *g)
{
	struct strmap *by_bases = strmap_new(g->a);
	size_t n = 0;

	for (size_t i = 0; i < g->list->of.len; i++) {
		struct filter *f = g->list->of.v[i];
		if (f->kind != FILTER_ALL || f->of.v[1]->kind != FILTER_ANY) {
			g->list->of.v[n++] = f;
			continue;
		}
		size_t len;
		const char *key = bases_key(g->a, f->of.v[0], &len);
		struct filter *other = strmap_get(by_bases, key, len);
		if (other != NULL && same_bases(other->of.v[0], f->of.v[0])) {
			filter_add(g->a, other->of.v[1], f->of.v[1]->of.v[0]);
			continue;
		}
		strmap_put_kept(by_bases, key, len, f);
		g->list->of.v[n++] = f;
	}
	g->list->of.len = n;
	return filter_any(g->list);
}

/* ---- spellings ---- */

const struct region *
region_exact_part(const struct region *r)
{
	const struct region *exact = r;
	for (; r->parent != NULL; r = r->parent)
		if (r->spelt)
			exact = r->parent;
	return exact;
}

static const char *
take(struct arena *a, struct sbuf *b)
{
	const char *s = arena_strdup(a, sbuf_str(b));
	sbuf_free(b);
	return s;
}

/* The path from `top' down, in lower case as folded names are. */
static const char *
path_from(struct arena *a, const struct region *r, const struct region *top)
{
	size_t len = 0;

	for (const struct region *p = r; p != top; p = p->parent)
		len += p->len + 1;
	char *s = arena_alloc(a, len + 1);
	for (const struct region *p = r; p != top; p = p->parent) {
		len -= p->len;
		memcpy(s + len, p->name, p->len);
		s[--len] = '/';
	}
	return s;
}

static size_t
common(const char *x, const char *y)
{
	size_t n = 0;
	while (x[n] != '\0' && x[n] == y[n])
		n++;
	return n;
}

static void
add_text(struct sbuf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '/')
			sbuf_addc(out, '/');
		else
			regex_name(out, s + i, 1, true);
	}
}

/* Bytes of the character that begins there, so that none is torn apart. */
static size_t
char_len(const char *s)
{
	size_t n = *s != '\0';
	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/*
 * Texts that are alike up to `from', in order; what several begin with stands
 * once.  Depth: the length of a path, though each level takes a byte of it,
 * and an expression has no more than SEATBELT_REGEX_MAX.
 */
static void
add_texts(struct sbuf *out, const char *const *v, size_t n, size_t from)
{
	size_t same = n == 1 ? strlen(v[0]) : from;

	for (bool more = n > 1; more;) {
		size_t len = char_len(v[0] + same);
		/* In order: what the first and the last have in common all have. */
		more = len > 0 && len == char_len(v[n - 1] + same) &&
		    memcmp(v[0] + same, v[n - 1] + same, len) == 0;
		same += more ? len : 0;
	}
	add_text(out, v[0] + from, same - from);
	/* The one that ends here is the first. */
	size_t ends = v[0][same] == '\0';
	if (ends == n)
		return;
	sbuf_addc(out, '(');
	for (size_t i = ends, k; i < n; i = k) {
		size_t len = char_len(v[i] + same);
		for (k = i + 1; k < n; k++)
			if (strncmp(v[k] + same, v[i] + same, len) != 0 || char_len(v[k] + same) != len)
				break;
		if (i > ends)
			sbuf_addc(out, '|');
		add_texts(out, v + i, k - i, same);
	}
	sbuf_puts(out, ends ? ")?" : ")");
}

/* How much longer an expression gets by a text behind another one, at most. */
static size_t
cost(struct sbuf *scratch, const char *before, const char *text)
{
	size_t same = before != NULL ? common(before, text) : 0;

	scratch->len = 0;
	add_text(scratch, text + same, strlen(text + same));
	/* Parentheses, a bar, and a character that would be torn apart. */
	return scratch->len + 8;
}

/* What lies at, or at and below, some texts that follow a place of this depth; and that itself. */
static const char *
texts_regex(struct arena *a, size_t depth, const char *const *v, size_t n, enum reach reach,
    bool self)
{
	static const char *const end[] = {
		[REACH_SELF] = "$", [REACH_BELOW] = "(/|$)", [REACH_UNDER] = "/",
	};
	struct sbuf b = SBUF_INIT;

	regex_depth(&b, depth);
	if (self)
		sbuf_addc(&b, '(');
	add_texts(&b, v, n, 0);
	sbuf_puts(&b, end[reach]);
	if (self)
		sbuf_puts(&b, "|$)");
	return take(a, &b);
}

/* Those of the list from the i'th on that share its exact part. */
static size_t
run_of(const struct regions *v, size_t i, const struct region *top)
{
	size_t n = 0;
	while (i + n < v->len && region_exact_part(v->v[i + n]) == top)
		n++;
	return n;
}

static int
text_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* As few expressions as fit; with `self', the place is part of the first. */
static void
group_spellings(struct group *g, const struct region *top, const struct region *const *v, size_t n,
    enum reach reach, bool self)
{
	const char **text = arena_array(g->a, n, sizeof(*text)), *base = region_path(g->a, top);
	const size_t depth = path_depth(base);
	struct sbuf scratch = SBUF_INIT;

	for (size_t i = 0; i < n; i++)
		text[i] = path_from(g->a, v[i], top);
	qsort(text, n, sizeof(*text), text_cmp);
	size_t unique = 1;
	for (size_t i = 1; i < n; i++)
		if (strcmp(text[i], text[unique - 1]) != 0)
			text[unique++] = text[i];
	n = unique;
	for (size_t i = 0, k; i < n; i = k) {
		/* The ends, as long as they can be. */
		size_t len = 1 + 6 * depth + 9;
		len += n - i > 1 ? cost(&scratch, NULL, text[i]) : 0;
		for (k = i + 1; k < n; k++) {
			len += cost(&scratch, text[k - 1], text[k]);
			if (len > SEATBELT_REGEX_MAX)
				break;
		}
		const char *regex = texts_regex(g->a, depth, text + i, k - i, reach,
		    self && i == 0);
		for (size_t j = i; j < k && strlen(regex) > SEATBELT_REGEX_MAX; j++)
			*g->too_long = v[0];
		group_regex(g, base, regex);
	}
	sbuf_free(&scratch);
}

void
group_regions(struct group *g, const struct regions *v, enum reach reach,
    bool (*pinned)(const struct region *))
{
	for (size_t i = 0; i < v->len;) {
		const struct region *top = region_exact_part(v->v[i]);
		if (top == v->v[i]) {
			group_path(g, reach == REACH_BELOW ? FILTER_SUBPATH : FILTER_LITERAL,
			    region_path(g->a, top));
			i++;
			continue;
		}
		size_t n = run_of(v, i, top);
		group_spellings(g, top, v->v + i, n, reach, pinned != NULL && pinned(top));
		i += n;
	}
}

const char *
group_own_regex(struct arena *a, const struct region *top, const struct regions *v, bool self)
{
	struct sbuf b = SBUF_INIT;
	const char **text = arena_array(a, v->len + 1, sizeof(*text)), *regex;
	const size_t depth = path_depth(region_path(a, top));

	for (size_t i = 0; i < v->len; i++) {
		if (v->v[i]->parent != top || !v->v[i]->spelt)
			return NULL;
		text[i] = path_from(a, v->v[i], top);
	}
	if (v->len == 0) {
		regex_depth(&b, depth);
		sbuf_addc(&b, '$');
		regex = take(a, &b);
	} else {
		qsort(text, v->len, sizeof(*text), text_cmp);
		regex = texts_regex(a, depth, text, v->len, REACH_BELOW, self);
	}
	return strlen(regex) <= SEATBELT_REGEX_MAX ? regex : NULL;
}
