/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_print.c - the rules as SBPL text, in front of it the base and the parameters */
#include <config.h>

#include "seatbelt_plan.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "seatbelt_base.h"

enum {
	/* Of one string literal, escapes counted; sandbox-exec takes 1024. */
	MAX_LITERAL = 980,
	/* No text of 10,000 entries is longer; pages that are not written cost nothing. */
	LARGE_TEXT = 2 * 1024 * 1024,
	/* Places below a parameter from which on a procedure is shorter. */
	MANY_BELOW = 4,
};

static const char data_volume[] = "/System/Volumes/Data";

struct printer {
	struct arena	*a;
	struct seatbelt_plan *plan;
	struct sbuf	*out;
	struct strmap	*anchors;	/* path -> parameter */
	struct { size_t *v; size_t len, cap; } lens;	/* of their paths, the longest last */
	const char	*why;
};

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

/* Bytes in quotes; what has to be longer than a literal may be is put together. */
static void
print_string(struct printer *p, const char *text, size_t len)
{
	const char *end = text + len;
	size_t n = 0;			/* bytes of the literal */

	sbuf_addc(p->out, '"');
	while (text < end) {
		const char *plain = text;
		for (; text < end && n + 2 <= MAX_LITERAL && is_plain(*text); text++)
			n++;
		sbuf_add(p->out, plain, (size_t)(text - plain));
		if (text == end)
			break;
		if (n + 2 > MAX_LITERAL) {
			sbuf_puts(p->out, "\" \"");
			n = 0;
			continue;
		}
		if (*text == '"' || *text == '\\') {
			sbuf_addc(p->out, '\\');
			n++;
		} else if (p->why == NULL) {
			p->why = "a name with a control byte cannot stand in a Seatbelt profile";
		}
		sbuf_addc(p->out, *text++);
		n++;
	}
	sbuf_addc(p->out, '"');
}

/* Whether print_string() makes several literals of it. */
static bool
is_long(const char *text)
{
	size_t n = strlen(text);

	if (n <= (MAX_LITERAL - 2) / 2)
		return false;
	for (; *text != '\0'; text++)
		n += *text == '"' || *text == '\\';
	return n > MAX_LITERAL - 2;
}

/* The parameter with the deepest path at or above this one. */
static struct seatbelt_param *
anchor_of(struct printer *p, const char *path)
{
	const size_t n = p->lens.len > 0 ? strlen(path) : 0;

	for (size_t i = p->lens.len; i-- > 0;) {
		size_t len = p->lens.v[i];
		if (len > n || (path[len] != '/' && path[len] != '\0'))
			continue;
		struct seatbelt_param *c = strmap_get(p->anchors, path, len);
		if (c != NULL)
			return c;
	}
	return NULL;
}

static int
len_cmp(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The first of those with one path has it. */
static void
index_anchors(struct printer *p)
{
	bool *known = arena_array(p->a, LIMIT_PATH_BYTES + 1, sizeof(*known));

	p->anchors = strmap_new(p->a);
	for (size_t i = 0; i < p->plan->params.len; i++) {
		struct seatbelt_param *c = &p->plan->params.v[i];
		size_t len = strlen(c->value);
		if (!c->path || len > LIMIT_PATH_BYTES || strmap_get(p->anchors, c->value, len) != NULL)
			continue;
		strmap_put(p->anchors, c->value, len, c);
		if (!known[len])
			VEC_PUSH(p->a, &p->lens, len);
		known[len] = true;
	}
	if (p->lens.len > 1)
		qsort(p->lens.v, p->lens.len, sizeof(p->lens.v[0]), len_cmp);
}

/* A path as its text has it: [the data volume,] [a parameter,] and what is below that. */
struct spelling {
	struct seatbelt_param *param;
	bool		 data;
	const char	*rest;
};

static struct spelling
spell(struct printer *p, const char *path)
{
	struct spelling s = { anchor_of(p, path), false, path };

	if (s.param == NULL && path_below(path, data_volume)) {
		s.param = anchor_of(p, path + sizeof(data_volume) - 1);
		s.data = s.param != NULL;
	}
	if (s.data)
		s.rest += sizeof(data_volume) - 1;
	if (s.param != NULL)
		s.rest += strlen(s.param->value);
	return s;
}

static size_t *
uses_of(const struct spelling *s)
{
	return s->data ? &s->param->data_below : &s->param->below;
}

static bool
can_be_below(const struct spelling *s)
{
	return s->param != NULL && *s->rest != '\0' && !is_long(s->rest);
}

static void
count_below(struct printer *p, const struct filter *f)
{
	if (f->kind == FILTER_SUBPATH || f->kind == FILTER_LITERAL || f->kind == FILTER_ANCESTORS) {
		const struct spelling s = spell(p, f->text);
		if (can_be_below(&s))
			++*uses_of(&s);
	}
	for (size_t i = 0; i < f->of.len; i++)
		count_below(p, f->of.v[i]);
}

/* What would otherwise be said at each of thousands of places. */
static void
print_procedures(struct printer *p)
{
	bool said = false;

	for (size_t i = 0; i < p->plan->params.len; i++) {
		const struct seatbelt_param *c = &p->plan->params.v[i];
		if (c->below < MANY_BELOW && c->data_below < MANY_BELOW)
			continue;
		if (!said)
			sbuf_puts(p->out, "\n;; Places below a parameter.\n");
		said = true;
		if (c->below >= MANY_BELOW)
			sbuf_printf(p->out, "(define (in-%s path) (string-append (param \"%s\") path))\n",
			    c->name, c->name);
		if (c->data_below >= MANY_BELOW)
			sbuf_printf(p->out, "(define (in-data-%s path) (string-append \"%s\" (param \"%s\") "
			    "path))\n", c->name, data_volume, c->name);
	}
}

static void
print_path(struct printer *p, const char *path)
{
	const struct spelling s = spell(p, path);
	struct seatbelt_param *c = s.param;

	if (c != NULL)
		c->used = true;
	if (can_be_below(&s) && *uses_of(&s) >= MANY_BELOW) {
		sbuf_puts(p->out, s.data ? "(in-data-" : "(in-");
		sbuf_puts(p->out, c->name);
		sbuf_addc(p->out, ' ');
		print_string(p, s.rest, strlen(s.rest));
		sbuf_addc(p->out, ')');
		return;
	}
	bool joined = s.data || (c != NULL && *s.rest != '\0') || is_long(s.rest);
	if (joined)
		sbuf_puts(p->out, "(string-append ");
	if (s.data) {
		sbuf_addc(p->out, '"');
		sbuf_puts(p->out, data_volume);
		sbuf_puts(p->out, "\" ");
	}
	if (c != NULL) {
		sbuf_puts(p->out, "(param \"");
		sbuf_puts(p->out, c->name);
		sbuf_puts(p->out, "\")");
	}
	if (c != NULL && *s.rest != '\0')
		sbuf_addc(p->out, ' ');
	if (c == NULL || *s.rest != '\0')
		print_string(p, s.rest, strlen(s.rest));
	if (joined)
		sbuf_addc(p->out, ')');
}

static void
print_indent(struct printer *p, size_t depth)
{
	static const char blanks[] = "\n                               ";
	sbuf_add(p->out, blanks, depth + 1 < sizeof(blanks) ? depth + 1 : sizeof(blanks) - 1);
}

static void
print_port(struct printer *p, const char *name)
{
	for (size_t i = 0; i < p->plan->params.len; i++)
		if (strcmp(p->plan->params.v[i].name, name) == 0)
			p->plan->params.v[i].used = true;
	sbuf_printf(p->out, "(remote ip (string-append \"localhost:\" (param \"%s\")))", name);
}

static void	print_filter(struct printer *, const struct filter *, size_t);

static bool
is_text(const struct filter *f)
{
	return f->kind == FILTER_SUBPATH || f->kind == FILTER_LITERAL ||
	    f->kind == FILTER_ANCESTORS || f->kind == FILTER_REGEX;
}

static void
print_text(struct printer *p, const struct filter *f)
{
	/* Two strings would be two expressions; backslashes count twice. */
	bool joined = f->kind == FILTER_REGEX && is_long(f->text);

	if (joined)
		sbuf_puts(p->out, "(string-append ");
	if (f->kind == FILTER_REGEX)
		print_string(p, f->text, strlen(f->text));
	else
		print_path(p, f->text);
	if (joined)
		sbuf_addc(p->out, ')');
}

/* How many filters from the first on are paths of one kind, or expressions: one pair of parentheses holds them. */
static size_t
run_of_paths(struct filter *const *v, size_t n)
{
	size_t k = 1;
	while (is_text(v[0]) && k < n && v[k]->kind == v[0]->kind)
		k++;
	return k;
}

/* Alternatives, a line each. */
static void
print_alternatives(struct printer *p, struct filter *const *v, size_t n, size_t depth)
{
	for (size_t i = 0; i < n;) {
		size_t k = run_of_paths(v + i, n - i);
		const struct filter run = { .kind = FILTER_ANY,
		    .of = { (struct filter **)(uintptr_t)(v + i), k, k } };
		print_indent(p, depth);
		print_filter(p, k > 1 ? &run : v[i], depth);
		i += k;
	}
}

static void
print_word(struct printer *p, const char *word)
{
	sbuf_addc(p->out, '(');
	sbuf_puts(p->out, word);
}

/* Filters nest a few levels deep, however many places there are. */
static void
print_filter(struct printer *p, const struct filter *f, size_t depth)
{
	static const char *const word[] = {
		[FILTER_SUBPATH] = "subpath", [FILTER_LITERAL] = "literal",
		[FILTER_ANCESTORS] = "path-ancestors", [FILTER_REGEX] = "regex",
		[FILTER_ALL] = "require-all",
		[FILTER_NOT] = "require-not", [FILTER_REMOTE_UNIX] = "remote unix-socket",
		[FILTER_LOCAL_UNIX] = "local unix-socket",
	};

	switch (f->kind) {
	case FILTER_TEXT:
		sbuf_puts(p->out, f->text);
		return;
	case FILTER_PORT:
		print_port(p, f->text);
		return;
	case FILTER_SUBPATH:
	case FILTER_LITERAL:
	case FILTER_ANCESTORS:
	case FILTER_REGEX:
		print_word(p, word[f->kind]);
		sbuf_addc(p->out, ' ');
		print_text(p, f);
		break;
	case FILTER_ANY:
		if (f->of.len == 1) {
			print_filter(p, f->of.v[0], depth);
			return;
		}
		if (run_of_paths(f->of.v, f->of.len) < f->of.len) {
			sbuf_puts(p->out, "(require-any");
			print_alternatives(p, f->of.v, f->of.len, depth + 1);
			break;
		}
		print_word(p, word[f->of.v[0]->kind]);
		/* There may be ten thousand: they are not indented by more than one. */
		for (size_t i = 0; i < f->of.len; i++) {
			print_indent(p, 1);
			print_text(p, f->of.v[i]);
		}
		break;
	case FILTER_ALL:
	case FILTER_NOT:
	case FILTER_REMOTE_UNIX:
	case FILTER_LOCAL_UNIX:
		print_word(p, word[f->kind]);
		for (size_t i = 0; i < f->of.len; i++) {
			print_indent(p, depth + 1);
			print_filter(p, f->of.v[i], depth + 1);
		}
		break;
	}
	sbuf_addc(p->out, ')');
}

static void
print_comment(struct printer *p, const char *text)
{
	sbuf_puts(p->out, "\n;; ");
	for (; *text != '\0'; text++) {
		sbuf_addc(p->out, *text);
		if (*text == '\n')
			sbuf_puts(p->out, ";; ");
	}
	sbuf_addc(p->out, '\n');
}

static void
print_rule(struct printer *p, const struct seatbelt_rule *r)
{
	const struct filter *f = r->filter;
	if (r->comment != NULL)
		print_comment(p, r->comment);
	sbuf_printf(p->out, "(allow %s", r->operations);
	if (f != NULL) {
		/* Filters beside each other are alternatives. */
		struct filter *one = (struct filter *)(uintptr_t)f;
		bool any = f->kind == FILTER_ANY;
		print_alternatives(p, any ? f->of.v : &one, any ? f->of.len : 1, 1);
	}
	sbuf_puts(p->out, ")\n");
}

static int
param_cmp(const void *a, const void *b)
{
	return strcmp(((const struct seatbelt_param *)a)->name,
	    ((const struct seatbelt_param *)b)->name);
}

/* The arguments that the profile wants, one line each, sorted. */
static void
print_params(struct printer *p)
{
	sbuf_puts(p->out, ";; sandbox-exec -f FILE with these arguments; the expressions count the\n"
	    ";; components of the paths, so other paths need a profile of their own.\n");
	for (size_t i = 0; i < p->plan->params.len; i++) {
		const struct seatbelt_param *c = &p->plan->params.v[i];
		if (!c->used)
			continue;
		sbuf_printf(p->out, ";; -D %s=", c->name);
		for (const char *v = c->value; *v != '\0'; v++) {
			if ((unsigned char)*v < 0x20 || *v == 0x7f)
				p->why = "a directory whose name has a control byte cannot be "
				    "a parameter of a Seatbelt profile";
			if (*v == '"' || *v == '\\')
				sbuf_addc(p->out, '\\');
			sbuf_addc(p->out, *v);
		}
		sbuf_addc(p->out, '\n');
	}
}

int
seatbelt_print(struct arena *a, struct seatbelt_plan *plan, struct sbuf *out, const char **why)
{
	struct sbuf params = SBUF_INIT;
	struct printer p = { .a = a, .plan = plan, .out = out };

	index_anchors(&p);
	sbuf_reserve(out, LARGE_TEXT);
	for (size_t i = 0; i < NELEMS(seatbelt_base); i++)
		sbuf_puts(p.out, seatbelt_base[i]);
	for (size_t i = 0; i < plan->rules.len; i++)
		if (plan->rules.v[i].filter != NULL)
			count_below(&p, plan->rules.v[i].filter);
	print_procedures(&p);
	for (size_t i = 0; i < plan->rules.len; i++)
		print_rule(&p, &plan->rules.v[i]);
	if (plan->params.len > 1)
		qsort(plan->params.v, plan->params.len, sizeof(plan->params.v[0]), param_cmp);
	/* Which of them are used is known now. */
	p.out = &params;
	print_params(&p);
	sbuf_add_front(out, params.p, params.len);
	sbuf_free(&params);
	*why = p.why;
	return p.why != NULL ? -1 : 0;
}
