/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_regex.c - component globs and names as regular expressions that Seatbelt takes */
#include <config.h>

#include "seatbelt_regex.h"

#include <string.h>

#include "arena.h"
#include "glob.h"
#include "letters.h"
#include "nfa.h"
#include "path.h"

static const char any_byte[] = "[^/]";
static const char end_of_match[] = "(/|$)";

void
regex_depth(struct sbuf *out, size_t depth)
{
	sbuf_addc(out, '^');
	while (depth-- > 0)
		sbuf_puts(out, "/[^/]+");
}

static bool
is_letter(char c)
{
	char low = name_fold(c);
	return low >= 'a' && low <= 'z';
}

static bool
is_special(char c)
{
	switch (c) {
	case '.': case '[': case ']': case '$': case '(': case ')':
	case '|': case '*': case '+': case '?': case '{': case '}':
		return true;
	default:
		return false;
	}
}

/* One byte: what means something to a regex stands in brackets, and only ^ and \ need a backslash. */
static void
add_byte(struct sbuf *out, char c, bool folded)
{
	if (c == '^' || c == '\\') {
		sbuf_addc(out, '\\');
		sbuf_addc(out, c);
	} else if (is_special(c)) {
		sbuf_addc(out, '[');
		sbuf_addc(out, c);
		sbuf_addc(out, ']');
	} else if (folded && is_letter(c)) {
		char low = name_fold(c);
		sbuf_addc(out, '[');
		sbuf_addc(out, low);
		sbuf_addc(out, (char)(low - 'a' + 'A'));
		sbuf_addc(out, ']');
	} else {
		sbuf_addc(out, c);
	}
}

void
regex_name(struct sbuf *out, const char *name, size_t len, bool folded)
{
	for (size_t i = 0; i < len; i++)
		add_byte(out, name[i], folded);
}

/* ---- letters that have others for them ---- */

/* A letter, and the characters that stand for it alone. */
static void
add_letter(struct sbuf *out, char c)
{
	size_t n, found = 0;
	const struct letters *l = letters_all(&n);

	for (size_t k = 0; k < n; k++) {
		if (l[k].ascii[1] != '\0' || !letters_begin(&l[k], &c, 1))
			continue;
		if (found++ == 0) {
			sbuf_addc(out, '(');
			add_byte(out, c, true);
		}
		sbuf_addc(out, '|');
		sbuf_puts(out, l[k].other);
	}
	if (found > 0)
		sbuf_addc(out, ')');
	else
		add_byte(out, c, true);
}

/* Every way to write text[i..end), of which `front' is written. */
struct ways {
	struct sbuf	*out;
	const char	*text;
	size_t		 end;
	size_t		 limit;		/* longer than any expression that is taken */
	bool		 some;
};

/* Depth: a name's length. */
static void
add_ways(struct ways *w, size_t i, const char *front, size_t len)
{
	struct sbuf b = SBUF_INIT;
	size_t n;
	const struct letters *l = letters_all(&n);

	if (w->out->len > w->limit)
		return;
	if (i == w->end) {
		sbuf_addc(w->out, w->some ? '|' : '(');
		sbuf_add(w->out, front, len);
		w->some = true;
		return;
	}
	sbuf_add(&b, front, len);
	add_letter(&b, w->text[i]);
	add_ways(w, i + 1, b.p, b.len);
	for (size_t k = 0; k < n; k++) {
		if (l[k].ascii[1] == '\0' || !letters_begin(&l[k], w->text + i, w->end - i))
			continue;
		sbuf_free(&b);
		b = (struct sbuf)SBUF_INIT;
		sbuf_add(&b, front, len);
		sbuf_puts(&b, l[k].other);
		add_ways(w, i + strlen(l[k].ascii), b.p, b.len);
	}
	sbuf_free(&b);
}

/* Where the letters from i on end that have characters for several of them in common. */
static size_t
cluster_end(const char *text, size_t i, size_t len)
{
	size_t n, end = i + 1;
	const struct letters *l = letters_all(&n);

	for (; i < end; i++)
		for (size_t k = 0; k < n; k++)
			if (letters_begin(&l[k], text + i, len - i) && i + strlen(l[k].ascii) > end)
				end = i + strlen(l[k].ascii);
	return end;
}

/* As glob.c takes them. */
static void
add_letters(struct sbuf *out, const char *text, size_t len)
{
	for (size_t i = 0, end; i < len; i = end) {
		end = cluster_end(text, i, len);
		if (end == i + 1) {
			add_letter(out, text[i]);
			continue;
		}
		struct ways w = { out, text, end, out->len + 2 * SEATBELT_REGEX_MAX, false };
		add_ways(&w, i, "", 0);
		sbuf_addc(out, ')');
	}
}

/* ---- classes ---- */

static bool
is_plain_run(unsigned c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters and digits, in ranges where three or more stand in a row. */
static void
add_runs(struct sbuf *out, const struct byte_set *set)
{
	for (unsigned c = '0'; c <= 'z'; c++) {
		unsigned end = c;
		if (!is_plain_run(c) || !byte_set_has(set, c))
			continue;
		while (is_plain_run(end + 1) && byte_set_has(set, end + 1))
			end++;
		if (end - c < 2) {
			sbuf_addc(out, (char)c);
			continue;
		}
		sbuf_addc(out, (char)c);
		sbuf_addc(out, '-');
		sbuf_addc(out, (char)end);
		c = end;
	}
}

/*
 * The members between brackets, in an order in which none of them means
 * anything: "]" first, "-" last, "^" not first and "[" not before one of ":.=".
 */
static void
add_members(struct sbuf *out, const struct byte_set *set, bool negated)
{
	size_t start = out->len;

	if (byte_set_has(set, ']'))
		sbuf_addc(out, ']');
	add_runs(out, set);
	for (unsigned c = 1; c < 256; c++)
		if (byte_set_has(set, c) && !is_plain_run(c) && strchr("][\\^-", (int)c) == NULL)
			sbuf_addc(out, (char)c);
	if (byte_set_has(set, '['))
		sbuf_addc(out, '[');
	if (byte_set_has(set, '\\'))
		sbuf_puts(out, "\\\\");
	bool dash_first = !negated && out->len == start && byte_set_has(set, '^');
	if (dash_first && byte_set_has(set, '-'))
		sbuf_addc(out, '-');
	if (byte_set_has(set, '^'))
		sbuf_addc(out, '^');
	if (!dash_first && byte_set_has(set, '-'))
		sbuf_addc(out, '-');
}

static void
add_class(struct sbuf *out, struct byte_set *set, bool negated)
{
	static const struct byte_set caret = { { 0, 1u << ('^' - 64), 0, 0 } };

	if (negated) {
		byte_set_add(set, '/');
		sbuf_puts(out, "[^");
	} else {
		/* No name has one. */
		set->w['/' / 64] &= ~((uint64_t)1 << ('/' % 64));
		if (memcmp(set, &caret, sizeof(caret)) == 0) {
			sbuf_puts(out, "\\^");
			return;
		}
		sbuf_addc(out, '[');
	}
	add_members(out, set, negated);
	sbuf_addc(out, ']');
}

/* The pattern has been parsed, so the class is good. */
static void
glob_class(struct sbuf *out, const char *p, size_t i, size_t end, bool folded)
{
	struct byte_set set = { { 0, 0, 0, 0 } };
	bool negated;

	glob_class_read(p, i, end, folded, &set, &negated);
	add_class(out, &set, negated);
}

/* ---- globs ---- */

/* Where the brace that opens at p[i] closes; it does, or the pattern would not have been parsed. */
static size_t
brace_end(const char *p, size_t n, size_t i)
{
	size_t depth = 0;

	for (; i < n; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '[' && glob_class_end(p, n, i) < n)
			i = glob_class_end(p, n, i);
		else if (p[i] == '{')
			depth++;
		else if (p[i] == '}' && --depth == 0)
			return i;
	}
	return n;
}

/* The next "," of this level in p[i..end), or end. */
static size_t
alternative_end(const char *p, size_t i, size_t end)
{
	for (; i < end && p[i] != ','; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '[' && glob_class_end(p, end, i) < end)
			i = glob_class_end(p, end, i);
		else if (p[i] == '{')
			i = brace_end(p, end, i);
	}
	return i < end ? i : end;
}

static void	add_glob(struct sbuf *, const char *, size_t, bool);

/* p[i] is "{", p[end] its "}".  Depth is bounded by GLOB_BRACE_DEPTH. */
static void
glob_brace(struct sbuf *out, const char *p, size_t i, size_t end, bool folded)
{
	bool empty = false, some = false;

	for (i++;; i++) {
		size_t stop = alternative_end(p, i, end);
		if (stop == i) {
			empty = true;
		} else {
			sbuf_addc(out, some ? '|' : '(');
			add_glob(out, p + i, stop - i, folded);
			some = true;
		}
		if (stop == end)
			break;
		i = stop;
	}
	if (some)
		sbuf_addc(out, ')');
	if (some && empty)
		sbuf_addc(out, '?');
}

static void
add_glob(struct sbuf *out, const char *p, size_t n, bool folded)
{
	for (size_t i = 0; i < n; i++) {
		size_t end;
		if (p[i] == '*') {
			while (i + 1 < n && p[i + 1] == '*')
				i++;
			sbuf_puts(out, any_byte);
			sbuf_addc(out, '*');
		} else if (p[i] == '?') {
			sbuf_puts(out, any_byte);
		} else if (p[i] == '[' && (end = glob_class_end(p, n, i)) < n) {
			glob_class(out, p, i, end, folded);
			i = end;
		} else if (p[i] == '{') {
			end = brace_end(p, n, i);
			glob_brace(out, p, i, end, folded);
			i = end;
		} else {
			if (p[i] == '\\' && i + 1 < n)
				i++;
			size_t run = folded ? glob_plain_run(p, n, i) : 0;
			if (run > 0) {
				add_letters(out, p + i, run);
				i += run - 1;
			} else {
				add_byte(out, p[i], folded);
			}
		}
	}
}

void
regex_steps(struct sbuf *out, const struct pattern *p, size_t from)
{
	for (size_t i = from; i < p->nsteps; i++) {
		const struct pattern_step *s = &p->step[i];
		switch (s->kind) {
		case STEP_LITERAL:
			sbuf_addc(out, '/');
			regex_name(out, s->text.p, s->text.len, false);
			break;
		case STEP_GLOB:
			sbuf_addc(out, '/');
			if (s->spelling)
				add_letters(out, s->text.p, s->text.len);
			else
				add_glob(out, s->text.p, s->text.len, true);
			break;
		case STEP_ANY:
			sbuf_puts(out, "(/[^/]+)*");
			break;
		case STEP_BELOW:
			sbuf_puts(out, "/[^/]");
			return;
		}
	}
	sbuf_puts(out, end_of_match);
}

/* ---- splitting ---- */

/* The first brace of the glob that has two alternatives; the middle of them is at *mid. */
static bool
find_brace(struct slice g, size_t *open, size_t *mid, size_t *close)
{
	for (size_t i = 0; i < g.len; i++) {
		if (g.p[i] == '\\') {
			i++;
		} else if (g.p[i] == '[' && glob_class_end(g.p, g.len, i) < g.len) {
			i = glob_class_end(g.p, g.len, i);
		} else if (g.p[i] == '{') {
			size_t end = brace_end(g.p, g.len, i);
			size_t half = i + (end - i) / 2, at = alternative_end(g.p, i + 1, end);
			if (at == end)
				continue;
			*open = i;
			*close = end;
			for (*mid = at; at < end && at <= half; at = alternative_end(g.p, at + 1, end))
				*mid = at;
			return true;
		}
	}
	return false;
}

static struct pattern
with_glob(struct arena *a, const struct pattern *p, size_t at, const char *text)
{
	struct pattern q = *p;
	q.step = arena_array(a, p->nsteps, sizeof(*q.step));
	memcpy(q.step, p->step, p->nsteps * sizeof(*q.step));
	q.step[at].text = (struct slice){ text, strlen(text) };
	return q;
}

bool
regex_split(struct arena *a, const struct pattern *p, struct pattern *one, struct pattern *two)
{
	for (size_t i = 0; i < p->nsteps; i++) {
		size_t open, mid, close;
		if (p->step[i].kind != STEP_GLOB || p->step[i].spelling ||
		    !find_brace(p->step[i].text, &open, &mid, &close))
			continue;
		struct slice g = p->step[i].text;
		*one = with_glob(a, p, i, arena_printf(a, "%.*s%.*s", (int)mid, g.p,
		    (int)(g.len - close), g.p + close));
		*two = with_glob(a, p, i, arena_printf(a, "%.*s%.*s", (int)(open + 1), g.p,
		    (int)(g.len - mid - 1), g.p + mid + 1));
		return true;
	}
	return false;
}
