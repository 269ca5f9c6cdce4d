/* SPDX-License-Identifier: Apache-2.0 */
/* test_toml_trees.c - random trees, written as TOML in random ways, read back as they were */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "diag.h"
#include "prng.h"
#include "sbuf.h"
#include "source.h"
#include "toml.h"
#include "toml_table.h"
#include "utf8.h"

enum { TREES = 2000, MAX_DEPTH = 5 };

struct gen {
	struct arena	*a;
	uint64_t	 rng;
	struct sbuf	 out;
};

static size_t
below(struct gen *g, size_t n)
{
	return prng_below(&g->rng, n);
}

static bool
chance(struct gen *g, size_t percent)
{
	return below(g, 100) < percent;
}

static struct slice
any_text(struct gen *g)
{
	static const char likely[] = "ab \t\n\r\"'\\#=.,[]{}_-09\x01\x7f";
	struct sbuf b = SBUF_INIT;

	for (size_t n = below(g, 9); n > 0; n--) {
		char utf8[4];
		uint32_t cp = chance(g, 80) ?
		    (unsigned char)likely[below(g, sizeof(likely))] :	/* NUL too */
		    (uint32_t)below(g, 0x110000);
		sbuf_add(&b, utf8, utf8_encode(cp, utf8));
	}
	struct slice s = { arena_strndup(g->a, sbuf_str(&b), b.len), b.len };
	sbuf_free(&b);
	return s;
}

static struct slice
any_name(struct gen *g)
{
	static const char *const names[] = { "a", "b", "c-d", "1", "true", "_" };

	if (chance(g, 30))
		return any_text(g);
	const char *s = names[below(g, NELEMS(names))];
	return (struct slice){ s, strlen(s) };
}

static struct slice
any_time(struct gen *g, enum toml_type type)
{
	char text[64];
	size_t n = 0;

	if (type != TOML_TIME_LOCAL)
		n = (size_t)snprintf(text, sizeof(text), "%04zu-%02zu-%02zu%s",
		    below(g, 10000), 1 + below(g, 12), 1 + below(g, 28),
		    type == TOML_DATE_LOCAL ? "" : "T");
	if (type != TOML_DATE_LOCAL) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%02zu:%02zu:%02zu",
		    below(g, 24), below(g, 60), below(g, 60));
		if (chance(g, 30))
			n += (size_t)snprintf(text + n, sizeof(text) - n, ".%03zu",
			    below(g, 1000));
	}
	if (type == TOML_DATETIME)
		n += chance(g, 50) ?
		    (size_t)snprintf(text + n, sizeof(text) - n, "Z") :
		    (size_t)snprintf(text + n, sizeof(text) - n, "%c%02zu:%02zu",
		    "+-"[below(g, 2)], below(g, 24), below(g, 60));
	return (struct slice){ arena_strndup(g->a, text, n), n };
}

static struct toml_node *
any_node(struct gen *g, unsigned depth, enum toml_type type)
{
	struct toml_node *n = arena_alloc(g->a, sizeof(*n));

	n->type = type;
	switch (type) {
	case TOML_STRING:
		n->string = any_text(g);
		break;
	case TOML_INTEGER:
		n->integer = (int64_t)(prng(&g->rng) >> below(g, 64));
		if (chance(g, 10))
			n->integer = chance(g, 50) ? INT64_MIN : INT64_MAX;
		break;
	case TOML_FLOAT:
		n->real = ((double)below(g, 2000001) - 1e6) / (double)(1 + below(g, 999));
		if (chance(g, 20))
			n->real *= 1e300;
		break;
	case TOML_BOOLEAN:
		n->boolean = chance(g, 50);
		break;
	case TOML_ARRAY: {
		bool tables = chance(g, 40);
		for (size_t i = below(g, depth < MAX_DEPTH ? 4 : 1); i > 0; i--)
			VEC_PUSH(g->a, &n->array, any_node(g, depth + 1,
			    tables ? TOML_TABLE : (enum toml_type)below(g, TOML_TABLE + 1)));
		break;
	}
	case TOML_TABLE:
		n->table = arena_alloc(g->a, sizeof(*n->table));
		for (size_t i = below(g, depth < MAX_DEPTH ? 12 : 1); i > 0; i--) {
			struct slice name = any_name(g);
			if (toml_table_find(n->table, name.p, name.len) != NULL)
				continue;
			toml_table_add(g->a, n->table, (struct toml_key){ .name = name,
			    .value = any_node(g, depth + 1,
			    (enum toml_type)below(g, TOML_TABLE + 1)) });
		}
		break;
	default:
		n->string = any_time(g, type);
	}
	return n;
}

static void
put_basic(struct gen *g, struct slice s, bool multi)
{
	size_t n;

	for (size_t i = 0; i < s.len; i += n) {
		uint32_t cp;
		unsigned char c = (unsigned char)s.p[i];
		n = utf8_decode(s.p + i, s.len - i, &cp);
		if (multi && chance(g, 10))
			sbuf_puts(&g->out, chance(g, 50) ? "\\\n  \t" : "\\ \r\n\n");
		bool plain = cp >= 0x20 && c != 0x7f && c != '"' && c != '\\';
		if (multi && c == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			plain = true;
		/* A line-ending backslash would take these. */
		if (multi && (c == ' ' || c == '\t' || c == '\n') && g->out.len > 1 &&
		    strchr(" \t\n", g->out.p[g->out.len - 1]) != NULL)
			plain = false;
		if (plain && chance(g, 90))
			sbuf_add(&g->out, s.p + i, n);
		else if (c == '\n' && chance(g, 50))
			sbuf_puts(&g->out, "\\n");
		else if ((c == '"' || c == '\\') && chance(g, 50))
			sbuf_printf(&g->out, "\\%c", c);
		else if (cp < 0x10000 && chance(g, 50))
			sbuf_printf(&g->out, "\\u%04X", (unsigned)cp);
		else
			sbuf_printf(&g->out, "\\U%08x", (unsigned)cp);
	}
}

static bool
literal_can_hold(struct slice s, bool multi)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\'' || c == 0x7f || (c < 0x20 && c != '\t' &&
		    !(multi && c == '\n')))
			return false;
	}
	return true;
}

static void
put_string(struct gen *g, struct slice s, bool may_multi)
{
	bool multi = may_multi && chance(g, 40);
	bool literal = literal_can_hold(s, multi) && chance(g, 50);
	const char *quote = literal ? multi ? "'''" : "'" : multi ? "\"\"\"" : "\"";

	sbuf_puts(&g->out, quote);
	/* The first newline is dropped, so there must be one before a second. */
	if (multi && (chance(g, 30) || (s.len > 0 && (s.p[0] == '\n' || s.p[0] == '\r'))))
		sbuf_puts(&g->out, chance(g, 50) ? "\n" : "\r\n");
	if (literal)
		sbuf_add(&g->out, s.p, s.len);
	else
		put_basic(g, s, multi);
	sbuf_puts(&g->out, quote);
}

static void
put_blank(struct gen *g)
{
	static const char *const blanks[] = { "", "", "", " ", " ", "\t ", "  " };

	sbuf_puts(&g->out, blanks[below(g, NELEMS(blanks))]);
}

/* Between the items of an array and between lines. */
static void
put_space(struct gen *g)
{
	static const char *const spaces[] =
	    { "", "", " ", "\n", "\r\n", " # [ x = \" '\n", "\n\n\t# y\n" };

	put_blank(g);
	sbuf_puts(&g->out, spaces[below(g, NELEMS(spaces))]);
	put_blank(g);
}

static void
put_name(struct gen *g, struct slice s)
{
	bool bare = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		bare = bare && s.p[i] != '\0' && strchr("abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", s.p[i]) != NULL;
	if (bare && chance(g, 80))
		sbuf_add(&g->out, s.p, s.len);
	else
		put_string(g, s, false);
}

static void
put_integer(struct gen *g, int64_t v)
{
	char digits[32];

	if (v >= 0 && chance(g, 30)) {
		snprintf(digits, sizeof(digits), chance(g, 50) ? "0x%" PRIx64 : "0o%" PRIo64,
		    (uint64_t)v);
		sbuf_puts(&g->out, digits);
		return;
	}
	snprintf(digits, sizeof(digits), "%" PRId64, v);
	if (v >= 0 && chance(g, 20))
		sbuf_addc(&g->out, '+');
	for (const char *p = digits; *p != '\0'; p++) {
		sbuf_addc(&g->out, *p);
		if (*p != '-' && p[1] != '\0' && chance(g, 10))
			sbuf_addc(&g->out, '_');
	}
}

static void	put_value(struct gen *, const struct toml_node *, bool);

/* The pairs of an inline table, which may come apart into dotted keys. */
static void
put_inline(struct gen *g, const struct toml_node *n)
{
	sbuf_addc(&g->out, '{');
	for (size_t i = 0; i < n->table->keys.len; i++) {
		const struct toml_key *k = &n->table->keys.v[i];
		if (i > 0)
			sbuf_addc(&g->out, ',');
		put_blank(g);
		put_name(g, k->name);
		const struct toml_node *v = k->value;
		while (v->type == TOML_TABLE && v->table->keys.len == 1 && chance(g, 50)) {
			put_blank(g);
			sbuf_addc(&g->out, '.');
			put_blank(g);
			put_name(g, v->table->keys.v[0].name);
			v = v->table->keys.v[0].value;
		}
		put_blank(g);
		sbuf_addc(&g->out, '=');
		put_blank(g);
		put_value(g, v, true);
		put_blank(g);
	}
	sbuf_addc(&g->out, '}');
}

static void
put_array(struct gen *g, const struct toml_node *n)
{
	sbuf_addc(&g->out, '[');
	for (size_t i = 0; i < n->array.len; i++) {
		put_space(g);
		put_value(g, n->array.v[i], true);
		put_space(g);
		if (i + 1 < n->array.len || chance(g, 30))
			sbuf_addc(&g->out, ',');
	}
	put_space(g);
	sbuf_addc(&g->out, ']');
}

static void
put_value(struct gen *g, const struct toml_node *n, bool multi)
{
	size_t at = g->out.len;

	switch (n->type) {
	case TOML_STRING:
		put_string(g, n->string, multi);
		break;
	case TOML_INTEGER:
		put_integer(g, n->integer);
		break;
	case TOML_FLOAT:
		sbuf_printf(&g->out, "%.17g", n->real);
		if (strpbrk(g->out.p + at, ".e") == NULL)
			sbuf_puts(&g->out, chance(g, 50) ? ".0" : "E0");
		break;
	case TOML_BOOLEAN:
		sbuf_puts(&g->out, n->boolean ? "true" : "false");
		break;
	case TOML_ARRAY:
		put_array(g, n);
		break;
	case TOML_TABLE:
		put_inline(g, n);
		break;
	default:
		sbuf_add(&g->out, n->string.p, n->string.len);
		if (n->type != TOML_TIME_LOCAL && n->type != TOML_DATE_LOCAL && chance(g, 50))
			g->out.p[at + 10] = " t"[below(g, 2)];
	}
}

/* Names from a header, or from a section's dotted key, down to a value. */
struct trail {
	const struct trail	*up;
	struct slice		 name;
};

static void
put_trail(struct gen *g, const struct trail *t)
{
	if (t->up != NULL) {
		put_trail(g, t->up);
		put_blank(g);
		sbuf_addc(&g->out, '.');
		put_blank(g);
	}
	put_name(g, t->name);
}

static void
put_line_end(struct gen *g)
{
	put_blank(g);
	if (chance(g, 10))
		sbuf_puts(&g->out, "# \xc3\xa9 \"");
	sbuf_puts(&g->out, chance(g, 20) ? "\r\n" : "\n");
}

static bool
all_tables(const struct toml_node *n)
{
	bool all = n->array.len > 0;

	for (size_t i = 0; i < n->array.len; i++)
		all = all && n->array.v[i]->type == TOML_TABLE;
	return all;
}

enum how { AS_PAIR, AS_DOTTED, AS_SECTION };

/*
 * The lines of one section: its pairs, and those of tables that are written
 * with dotted keys.  `how' is the caller's choice for each key; without it,
 * below a dotted key, no table gets a section of its own.
 */
static void
put_pairs(struct gen *g, const struct toml_node *n, const struct trail *up,
    const enum how *how)
{
	for (size_t i = 0; i < n->table->keys.len; i++) {
		const struct toml_key *k = &n->table->keys.v[i];
		struct trail here = { up, k->name };
		if (how != NULL && how[i] == AS_SECTION)
			continue;
		bool dotted = how != NULL ? how[i] == AS_DOTTED :
		    k->value->type == TOML_TABLE && k->value->table->keys.len > 0 &&
		    chance(g, 50);
		if (dotted) {
			put_pairs(g, k->value, &here, NULL);
			continue;
		}
		put_blank(g);
		put_trail(g, &here);
		put_blank(g);
		sbuf_addc(&g->out, '=');
		put_blank(g);
		put_value(g, k->value, true);
		put_line_end(g);
	}
}

static void
put_header(struct gen *g, const struct trail *t, const char *open, const char *close)
{
	put_blank(g);
	sbuf_puts(&g->out, open);
	put_blank(g);
	put_trail(g, t);
	put_blank(g);
	sbuf_puts(&g->out, close);
	put_line_end(g);
}

/* The body of a table that has its header, then the sections below it. */
static void
put_section(struct gen *g, const struct toml_node *n, const struct trail *t)
{
	enum how how[16];

	assert_true(n->table->keys.len <= NELEMS(how));
	for (size_t i = 0; i < n->table->keys.len; i++) {
		const struct toml_node *v = n->table->keys.v[i].value;
		how[i] = AS_PAIR;
		if (v->type == TOML_TABLE && chance(g, 70))
			how[i] = v->table->keys.len > 0 && chance(g, 40) ?
			    AS_DOTTED : AS_SECTION;
		else if (v->type == TOML_ARRAY && all_tables(v) && chance(g, 70))
			how[i] = AS_SECTION;
	}
	put_pairs(g, n, NULL, how);
	for (size_t i = 0; i < n->table->keys.len; i++) {
		const struct toml_key *k = &n->table->keys.v[i];
		struct trail here = { t, k->name };
		if (how[i] != AS_SECTION)
			continue;
		if (k->value->type == TOML_TABLE) {
			put_header(g, &here, "[", "]");
			put_section(g, k->value, &here);
			continue;
		}
		for (size_t e = 0; e < k->value->array.len; e++) {
			put_header(g, &here, "[[", "]]");
			put_section(g, k->value->array.v[e], &here);
		}
	}
}

static bool
same(const struct toml_node *x, const struct toml_node *y)
{
	if (x->type != y->type)
		return false;
	switch (x->type) {
	case TOML_INTEGER:
		return x->integer == y->integer;
	case TOML_FLOAT:
		return memcmp(&x->real, &y->real, sizeof(x->real)) == 0;
	case TOML_BOOLEAN:
		return x->boolean == y->boolean;
	case TOML_ARRAY:
		if (x->array.len != y->array.len)
			return false;
		for (size_t i = 0; i < x->array.len; i++)
			if (!same(x->array.v[i], y->array.v[i]))
				return false;
		return true;
	case TOML_TABLE:
		if (x->table->keys.len != y->table->keys.len)
			return false;
		for (size_t i = 0; i < x->table->keys.len; i++) {
			const struct toml_key *k = &x->table->keys.v[i];
			const struct toml_key *l = toml_getn(y, k->name.p, k->name.len);
			if (l == NULL || !same(k->value, l->value))
				return false;
		}
		return true;
	default:
		return x->string.len == y->string.len &&
		    memcmp(x->string.p, y->string.p, x->string.len) == 0;
	}
}

static void
trees_come_back_as_they_were(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < TREES; i++) {
		uint64_t seed = prng_seed() + i;
		struct gen g = { .a = arena_new(), .rng = seed, .out = SBUF_INIT };
		struct sources *set = sources_new(g.a);
		struct diags *diags = diags_new(g.a, set);
		struct toml_node *tree = any_node(&g, 0, TOML_TABLE);

		put_section(&g, tree, NULL);
		if (g.out.len > 0 && g.out.p[g.out.len - 1] == '\n' && chance(&g, 20))
			g.out.p[--g.out.len] = '\0';
		if (g.out.len > 0 && g.out.p[g.out.len - 1] == '\r')
			g.out.p[--g.out.len] = '\0';
		const struct source *src = sources_add(set, diags, "tree",
		    sbuf_str(&g.out), g.out.len);
		const struct toml_node *back = src == NULL ? NULL :
		    toml_parse(g.a, diags, src);
		if (back == NULL || diags_count(diags) > 0 || !same(tree, back)) {
			diags_print(diags, stderr, DIAG_TEXT, false, "test");
			fail_msg("SEED=%" PRIu64 "\n%s", seed, sbuf_str(&g.out));
		}
		sbuf_free(&g.out);
		arena_free(g.a);
	}
}

/* The comparison above is no good if it cannot say no. */
static void
a_change_of_one_node_is_seen(void **state)
{
	static const char *const docs[] = {
		"a = 1", "a = 2", "a = '1'", "a = 1.0", "a = [1]", "a = [1, 1]", "a = [[1]]",
		"a = {}", "a.a = 1", "b = 1", "a = 1\nb = 1", "a = true", "a = false",
		"a = 2000-01-01", "a = 2000-01-02", "a = -0.0", "a = 0.0", "",
	};
	struct arena *a = arena_new();
	struct sources *set = sources_new(a);
	struct diags *diags = diags_new(a, set);

	(void)state;
	for (size_t i = 0; i < NELEMS(docs); i++) {
		for (size_t k = 0; k < NELEMS(docs); k++) {
			const struct toml_node *x = toml_parse(a, diags,
			    sources_add(set, diags, "x", docs[i], strlen(docs[i])));
			const struct toml_node *y = toml_parse(a, diags,
			    sources_add(set, diags, "y", docs[k], strlen(docs[k])));
			assert_int_equal(same(x, y), i == k);
		}
	}
	assert_int_equal(diags_count(diags), 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_one_node_is_seen),
		cmocka_unit_test(trees_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
