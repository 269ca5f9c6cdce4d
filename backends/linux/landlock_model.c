/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_model.c - reading a printed ruleset, and what it makes of every path */
#include <config.h>

#include "landlock_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "landlock_rights.h"
#include "path.h"

struct reading {
	struct arena	*a;
	struct landlock_model *out;
	const char	*at, *end;	/* what is left of the print */
	struct slice	 last;		/* the last set of rights of a rule, as printed, */
	uint64_t	 last_rights;	/* and what it is */
	const char	*why;
};

static int PRINTF_LIKE(2, 3)
fail(struct reading *r, const char *fmt, ...)
{
	char text[2 * LIMIT_PATH_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->why == NULL)
		r->why = arena_strdup(r->a, text);
	return -1;
}

/* ---- the print ---- */

/*
 * Canonical JSON of one form has its keys in one order and no space, so that it
 * is read from left to right, word by word.
 */
static bool
next_is(struct reading *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static int
expect(struct reading *r, const char *word)
{
	if (next_is(r, word))
		return 0;
	return fail(r, "it is not of the form of a ruleset: %s is missing before \"%.*s\"", word,
	    (int)(r->end - r->at > 20 ? 20 : r->end - r->at), r->at);
}

static int
read_truth(struct reading *r, bool *out)
{
	*out = next_is(r, "true");
	return *out || next_is(r, "false") ? 0 : fail(r, "neither true nor false where one must be");
}

/* The end of a string or of the tagged form of one, or NULL. */
static const char *
end_of_text(const struct reading *r)
{
	const char *p = r->at;
	bool tagged = p < r->end && *p == '{';

	if (p == r->end || (*p != '"' && !tagged))
		return NULL;
	for (p++; p < r->end && *p != (tagged ? '}' : '"'); p++)
		if (*p == '\\')
			p++;
	return p < r->end ? p + 1 : NULL;
}

/* A text or bytes, in the arena; NULL: neither. */
static const char *
read_text(struct reading *r)
{
	const char *end = end_of_text(r), *p = r->at + 1, *text = NULL, *why;
	size_t len, offset;

	if (end == NULL)
		return NULL;
	while (p < end && *p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\')
		p++;
	if (*r->at == '"' && p + 1 == end) {
		text = arena_strndup(r->a, r->at + 1, (size_t)(p - r->at - 1));
	} else {
		cJSON *v = json_read(r->at, (size_t)(end - r->at), &why, &offset);
		text = json_get_bytes(r->a, v, &len);
		if (text != NULL && strlen(text) != len)
			text = NULL;
		cJSON_Delete(v);
	}
	r->at = end;
	return text;
}

static int
read_names(struct reading *r, enum landlock_set set, uint64_t *out)
{
	char name[32];
	uint64_t last = 0;

	*out = 0;
	if (expect(r, "[") != 0)
		return -1;
	while (!next_is(r, "]")) {
		if ((last != 0 && expect(r, ",") != 0) || expect(r, "\"") != 0)
			return -1;
		size_t n = 0;
		while (r->at < r->end && *r->at != '"' && n + 1 < sizeof(name))
			name[n++] = *r->at++;
		name[n] = '\0';
		uint64_t bit = landlock_named(set, name);
		if (expect(r, "\"") != 0)
			return -1;
		if (bit == 0)
			return fail(r, "\"%s\" is no right that is known", name);
		if (bit <= last)
			return fail(r, "\"%s\" is out of order", name);
		last = bit;
		*out |= bit;
	}
	return 0;
}

/* Most rules have the rights of the one before. */
static int
read_rights(struct reading *r, uint64_t *out)
{
	const char *start = r->at;

	if (r->last.len > 0 && (size_t)(r->end - start) >= r->last.len &&
	    memcmp(start, r->last.p, r->last.len) == 0) {
		r->at += r->last.len;
		*out = r->last_rights;
		return 0;
	}
	if (read_names(r, LANDLOCK_FS, out) != 0)
		return -1;
	r->last = (struct slice){ start, (size_t)(r->at - start) };
	r->last_rights = *out;
	return 0;
}

static const char *
read_path(struct reading *r)
{
	const char *why, *path = read_text(r);
	const char *normal = path != NULL ? path_normal(r->a, path, &why) : NULL;

	if (normal != NULL && strcmp(normal, path) == 0)
		return path;
	fail(r, "%s is not a normal path", path != NULL ? path : "what should be a path");
	return NULL;
}

/* The rights that a rule for such a place has when it grants reading, or everything. */
static uint64_t
full_rights(const struct landlock_model *m, const char *path, bool file, bool write)
{
	uint64_t rights = write ? m->fs : m->fs & LANDLOCK_FS_READ;

	if (!path_within(path, "/dev"))
		rights &= ~LANDLOCK_FS_IOCTL_DEV;
	return file ? rights & LANDLOCK_FS_FILE : rights;
}

static int
check_rule(struct reading *r, struct landlock_rule *rule)
{
	const struct landlock_model *m = r->out;

	if ((rule->rights & ~m->fs) != 0)
		return fail(r, "the rule for %s has rights that are not handled", rule->path);
	rule->file = (rule->rights & LANDLOCK_FS_READ_DIR) == 0;
	if (rule->rights != full_rights(m, rule->path, rule->file, false) &&
	    rule->rights != full_rights(m, rule->path, rule->file, true))
		return fail(r, "the rights for %s are neither those of reading nor those of writing",
		    rule->path);
	if (rule->base && !path_below(rule->path, "/dev") && strcmp(rule->path, "/proc") != 0)
		return fail(r, "%s is no part of every sandbox", rule->path);
	return 0;
}

static int
read_rule(struct reading *r)
{
	struct landlock_model *m = r->out;
	struct landlock_rule rule = { .rights = 0 };

	if (expect(r, "{") != 0)
		return -1;
	if (next_is(r, "\"at\":") && ((rule.at = read_text(r)) == NULL || !next_is(r, ",")))
		return fail(r, "the line of a rule is no text");
	rule.base = next_is(r, "\"base\":true,");
	if (expect(r, "\"path\":") != 0 || (rule.path = read_path(r)) == NULL ||
	    expect(r, ",\"rights\":") != 0 || read_rights(r, &rule.rights) != 0 ||
	    expect(r, "}") != 0)
		return -1;
	if (m->rules.len > 0 && path_order(m->rules.v[m->rules.len - 1].path, rule.path) >= 0)
		return fail(r, "the rule for %s is out of order", rule.path);
	if (check_rule(r, &rule) != 0)
		return -1;
	VEC_PUSH(r->a, &m->rules, rule);
	return 0;
}

static int
read_pinned(struct reading *r)
{
	struct landlock_model *m = r->out;
	const char *path = read_path(r);

	if (path == NULL)
		return -1;
	if (m->pinned.len > 0 && path_order(m->pinned.v[m->pinned.len - 1], path) >= 0)
		return fail(r, "the pinned %s is out of order", path);
	VEC_PUSH(r->a, &m->pinned, path);
	return 0;
}

/* What stands between brackets, with commas between. */
static int
read_list(struct reading *r, int (*read_one)(struct reading *))
{
	if (expect(r, "[") != 0)
		return -1;
	if (next_is(r, "]"))
		return 0;
	do {
		if (read_one(r) != 0)
			return -1;
	} while (next_is(r, ","));
	return expect(r, "]");
}

static int
read_handled(struct reading *r)
{
	struct landlock_model *m = r->out;

	if (expect(r, "{\"abi\":") != 0)
		return -1;
	m->abi = r->at < r->end && *r->at >= '0' && *r->at <= '9' ? (unsigned)(*r->at++ - '0') : 0;
	if (m->abi < LANDLOCK_ABI_LEAST || m->abi > LANDLOCK_ABI_MOST)
		return fail(r, "the version in \"abi\" is not one that is known");
	if (expect(r, ",\"handled\":{\"fs\":") != 0 || read_names(r, LANDLOCK_FS, &m->fs) != 0 ||
	    expect(r, ",\"net\":") != 0 || read_names(r, LANDLOCK_NET, &m->net) != 0 ||
	    expect(r, "},\"log\":") != 0 || read_truth(r, &m->log) != 0)
		return -1;
	if (m->fs != landlock_known(LANDLOCK_FS, m->abi))
		return fail(r, "the rights in \"fs\" are not those of its version: what is not handled "
		    "is free");
	return 0;
}

static int
read_print(struct reading *r)
{
	struct landlock_model *m = r->out;

	if (read_handled(r) != 0 || expect(r, ",\"pinned\":") != 0 || read_list(r, read_pinned) != 0 ||
	    expect(r, ",\"rules\":") != 0 || read_list(r, read_rule) != 0 ||
	    expect(r, ",\"scoped\":") != 0 || read_names(r, LANDLOCK_SCOPE, &m->scope) != 0 ||
	    expect(r, "}") != 0)
		return -1;
	next_is(r, "\n");
	if (r->at != r->end)
		return fail(r, "something follows the ruleset");
	if ((m->net & ~landlock_known(LANDLOCK_NET, m->abi)) != 0 ||
	    (m->scope & ~landlock_known(LANDLOCK_SCOPE, m->abi)) != 0 ||
	    (m->log && m->abi < LANDLOCK_ABI_LOG))
		return fail(r, "the ruleset needs a later version than it says");
	return 0;
}

/* ---- what it means ---- */

static enum access
access_of(const struct landlock_model *m, const struct landlock_rule *rule)
{
	return rule->rights == full_rights(m, rule->path, rule->file, true) ?
	    ACCESS_WRITE : ACCESS_READ;
}

/*
 * A rule adds to what is granted above it.  Nothing can be removed from a
 * directory that is not writable, nor put there, so what is right below one
 * stays in its place.  Depth is bounded by LIMIT_PATH_DEPTH.
 */
static void
evaluate(const struct landlock_model *m, struct region *n)
{
	enum access above = n->parent != NULL ? n->parent->below : ACCESS_DENY;
	const struct landlock_rule *rule = n->mark;

	n->self = n->below = above;
	n->why = n->parent != NULL ? n->parent->why : (struct why){ WHY_NOTHING, NULL, NULL };
	if (rule != NULL && access_of(m, rule) > above) {
		n->self = access_of(m, rule);
		if (!rule->file)
			n->below = n->self;
		n->why = (struct why){ WHY_ARTIFACT, NULL, rule->path };
	}
	n->pinned = n->self == ACCESS_WRITE && above != ACCESS_WRITE;
	for (size_t i = 0; i < n->nchild; i++)
		evaluate(m, n->child[i]);
}

static int
apply_pinned(struct reading *r)
{
	for (size_t i = 0; i < r->out->pinned.len; i++) {
		bool exact;
		const char *path = r->out->pinned.v[i];
		struct region *n = (struct region *)region_find(r->out->root, path, &exact);
		if (!exact || n->self != ACCESS_WRITE || n->pinned)
			return fail(r, "%s is pinned and does not lie in what is writable", path);
		n->pinned = true;
	}
	return 0;
}

int
landlock_model_read(struct arena *a, const char *text, size_t len, struct landlock_model *out,
    const char **why)
{
	struct reading r = { .a = a, .out = out, .at = text, .end = text + len };

	*out = (struct landlock_model){ .root = region_root(a) };
	int rc = read_print(&r);
	for (size_t i = 0; rc == 0 && i < out->rules.len; i++)
		region_make(a, out->root, out->rules.v[i].path)->mark = &out->rules.v[i];
	for (size_t i = 0; rc == 0 && i < out->pinned.len; i++)
		region_make(a, out->root, out->pinned.v[i]);
	if (rc == 0) {
		evaluate(out, out->root);
		rc = apply_pinned(&r);
	}
	*why = r.why;
	return rc;
}

const struct landlock_rule *
landlock_model_rule(const struct landlock_model *m, const char *path, enum access *access)
{
	bool exact;
	const struct region *n = region_find(m->root, path, &exact);

	*access = exact ? n->self : n->below;
	if (*access == ACCESS_DENY)
		return NULL;
	/* What a file has is nothing to what is below it. */
	for (bool at = exact; n != NULL; n = n->parent, at = false) {
		const struct landlock_rule *rule = n->mark;
		if (rule != NULL && (at || !rule->file))
			return rule;
	}
	return NULL;
}
