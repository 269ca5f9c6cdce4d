/* SPDX-License-Identifier: Apache-2.0 */
/* compare_env.c - two environment policies compared for all names of variables */
#include <config.h>

#include "compare_env.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "glob.h"
#include "intern.h"
#include "sbuf.h"

enum { MAX_NAME_STATES = 1 << 16, MAX_PATTERN_STATES = LIMIT_PATTERN_STATES };

struct envs {
	struct arena	*a;
	const struct ir_environment *side[2];
	struct strmap	*asked;		/* names that were compared */
	struct { struct slice *v; size_t len, cap; } names;
	struct strmap	*met;		/* patterns that are among these */
	struct { const struct dfa **v; size_t len, cap; } dfas;
	struct env_comparison *out;
	bool		 unclear;	/* not everything can be followed */
};

/* ---- a pattern of 1.6 as a glob of 1.3 ---- */

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
add_byte(struct sbuf *out, unsigned char c)
{
	if (is_letter(c)) {
		sbuf_printf(out, "[%c%c]", c & ~0x20, c | 0x20);
		return;
	}
	if (strchr("*?[]{}\\", c) != NULL)
		sbuf_addc(out, '\\');
	sbuf_addc(out, (char)c);
}

/* The end of a class that begins at p[0] == '[', or NULL where it is never closed. */
static const char *
class_end(const char *p)
{
	const char *s = p + 1;
	if (*s == '!' || *s == '^')
		s++;
	for (const char *first = s; *s != '\0' && (*s != ']' || s == first); s++)
		if (s[1] == '-' && s[2] != '\0' && s[2] != ']')
			s += 2;
	return *s == ']' ? s : NULL;
}

/*
 * Which bytes a class takes is asked of the matcher itself, so that there is
 * one reading of it.  False where it takes some but not all beyond ASCII, or
 * none.
 */
static bool
add_class(struct arena *a, struct sbuf *out, const char *p, const char *end)
{
	const char *text = arena_strndup(a, p, (size_t)(end + 1 - p));
	bool not = decide_env_match(text, "\x80"), any = false;
	struct sbuf members = SBUF_INIT;
	for (unsigned c = 1; c < 256; c++) {
		const char name[2] = { (char)c, '\0' };
		if (c == '/' || decide_env_match(text, name) == not)
			continue;
		if (c >= 128) {
			sbuf_free(&members);
			return false;
		}
		any = true;
		sbuf_printf(&members, "\\%c", (char)c);
	}
	if (any)
		sbuf_printf(out, "[%s%s]", not ? "!" : "", sbuf_str(&members));
	else if (not)
		sbuf_addc(out, '?');
	sbuf_free(&members);
	return any || not;
}

/* False: it cannot be said.  *out is "" where it matches no name at all. */
static bool
glob_text(struct arena *a, const char *p, struct sbuf *out)
{
	for (; *p != '\0'; p++) {
		const char *end = *p == '[' ? class_end(p) : NULL;
		if (*p == '/')
			return false;
		if (*p == '*' && out->len > 0 && p[-1] == '*')
			continue;
		if (end != NULL) {
			if (!add_class(a, out, p, end))
				return false;
			p = end;
		} else if (*p == '*' || *p == '?') {
			sbuf_addc(out, *p);
		} else {
			add_byte(out, (unsigned char)*p);
		}
	}
	return true;
}

static void
add_pattern(struct envs *e, const char *pattern)
{
	struct sbuf text = SBUF_INIT;
	const struct glob *g = NULL;
	const char *why;
	size_t len = strlen(pattern);

	/* No variable has an empty name, or one with "=". */
	if (len == 0 || strmap_put(e->met, pattern, len, e) != NULL ||
	    (strchr(pattern, '=') != NULL && strchr(pattern, '[') == NULL))
		return;
	if (glob_text(e->a, pattern, &text))
		g = glob_compile(e->a, arena_strdup(e->a, sbuf_str(&text)), text.len,
		    MAX_PATTERN_STATES, &why);
	sbuf_free(&text);
	if (g == NULL) {
		e->unclear = true;
		return;
	}
	const struct dfa *d = glob_dfa(g);
	VEC_PUSH(e->a, &e->dfas, d);
}

/* The names of loaders, unlike patterns, are told apart by case. */
static void
add_loaders(struct envs *e)
{
	static const char text[] = "DYLD_*";
	const char *why;
	const struct glob *g = glob_compile(e->a, text, sizeof(text) - 1, MAX_PATTERN_STATES, &why);
	const struct dfa *d = glob_dfa(g);
	VEC_PUSH(e->a, &e->dfas, d);
}

static void
add_patterns(struct envs *e, const struct ir_strings *s)
{
	for (size_t i = 0; i < s->len; i++)
		add_pattern(e, s->v[i].text);
}

/* ---- what differs ---- */

static bool
same_reason(const struct env_decision *x, const struct env_decision *y)
{
	return x->result == y->result && x->reason == y->reason && x->pattern == y->pattern;
}

static void
compare_name(struct envs *e, const char *name)
{
	struct env_difference d = { .sample = name };
	struct env_decision *x = &d.side[0], *y = &d.side[1];
	for (int s = 0; s < 2; s++)
		d.side[s] = decide_env(e->side[s], false, name);
	if (x->result == y->result && (x->result != ENV_SET ||
	    (x->value == NULL) == (y->value == NULL))) {
		if (x->result != ENV_SET || x->value == NULL || strcmp(x->value, y->value) == 0)
			return;
	}
	if (x->result == ENV_SET || y->result == ENV_SET)
		d.class = DELTA_CHANGED;
	else
		d.class = y->result == ENV_KEPT ? DELTA_WIDER : DELTA_NARROWER;
	for (size_t i = 0; d.class != DELTA_CHANGED && i < e->out->v.len; i++) {
		const struct env_difference *o = &e->out->v.v[i];
		if (o->class == d.class && same_reason(&o->side[0], x) && same_reason(&o->side[1], y))
			return;
	}
	d.sample = arena_strdup(e->a, name);
	VEC_PUSH(e->a, &e->out->v, d);
}

static void
ask(struct envs *e, const char *name)
{
	size_t len = strlen(name);
	if (strmap_put(e->asked, name, len, e) != NULL)
		return;
	VEC_PUSH(e->a, &e->names, ((struct slice){ name, len }));
	compare_name(e, name);
}

static bool
other_name(void *arg, const uint64_t *accepts, const char *name, size_t len)
{
	struct envs *e = arg;
	(void)accepts;
	if (memchr(name, '=', len) == NULL)
		compare_name(e, arena_strndup(e->a, name, len));
	return true;
}

static bool
has_pattern(const struct ir_strings *s, const char *text)
{
	for (size_t i = 0; i < s->len; i++)
		if (strcmp(s->v[i].text, text) == 0)
			return true;
	return false;
}

/* The rules of `s' that the other side does not have. */
static void
tell_rules(struct envs *e, int side, enum env_reason reason, const struct ir_strings *s,
    const struct ir_strings *other)
{
	for (size_t i = 0; i < s->len; i++) {
		if (has_pattern(other, s->v[i].text))
			continue;
		struct env_difference d = { .class = DELTA_CHANGED, .unresolved = true,
		    .sample = s->v[i].text };
		d.side[side] = (struct env_decision){ .reason = reason,
		    .origin = &s->v[i].origin, .pattern = s->v[i].text };
		VEC_PUSH(e->a, &e->out->v, d);
	}
}

static void
tell_all_rules(struct envs *e)
{
	for (int s = 0; s < 2; s++) {
		tell_rules(e, s, ENV_BY_EXCLUDE, &e->side[s]->exclude, &e->side[!s]->exclude);
		tell_rules(e, s, ENV_BY_INCLUDE_ONLY, &e->side[s]->include_only,
		    &e->side[!s]->include_only);
	}
}

void
compare_env(struct arena *a, const struct ir_environment *old, const struct ir_environment *new,
    struct env_comparison *out)
{
	struct envs e = { .a = a, .side = { old, new }, .asked = strmap_new(a),
	    .met = strmap_new(a), .out = out };
	const char *name;

	memset(out, 0, sizeof(*out));
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < e.side[s]->set.len; i++)
			ask(&e, e.side[s]->set.v[i].name);
	for (size_t i = 0; (name = decide_env_listed(i)) != NULL; i++)
		ask(&e, name);
	add_loaders(&e);
	for (int s = 0; s < 2; s++) {
		for (size_t i = 0; !e.side[s]->ignore_default_excludes &&
		    (name = decide_env_default_exclude(i)) != NULL; i++)
			add_pattern(&e, name);
		add_patterns(&e, &e.side[s]->exclude);
		add_patterns(&e, &e.side[s]->include_only);
	}
	if (e.unclear || dfa_name_classes(e.dfas.v, e.dfas.len, e.names.v, e.names.len,
	    MAX_NAME_STATES, other_name, &e) != 0)
		tell_all_rules(&e);
}
