/* SPDX-License-Identifier: Apache-2.0 */
/* denial_lines.c - JSON lines to denials; believes nothing */
#include <config.h>

#include "denial_lines.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "cmd.h"
#include "diag.h"
#include "intern.h"
#include "json.h"

struct reading {
	struct arena	*a;
	struct strmap	*seen;		/* index + 1 into the list, by what is the same */
	size_t		 first;		/* of this file */
	struct denial_lines *out;
	const char	*wrong;
};

static const char *
text(struct reading *r, const cJSON *o, const char *key)
{
	size_t len;
	const char *s = json_get_bytes(r->a, json_member(o, key), &len);

	if (s == NULL && r->wrong == NULL)
		r->wrong = arena_printf(r->a, "\"%s\" is missing, or no text", key);
	return s != NULL ? s : "";
}

static bool
is_word(const char *s)
{
	return *s != '\0' && strspn(s, "abcdefghijklmnopqrstuvwxyz_-") == strlen(s);
}

static void
read_rule(struct reading *r, const cJSON *rule, struct denial_line *d)
{
	const cJSON *at = json_member(rule, "at");
	const char *kind = text(r, rule, "kind"), *file = "";
	int64_t line = 0, column = 0;

	d->rule = text(r, rule, "text");
	d->rule_at = "";
	if (cJSON_IsObject(at) && json_member(at, "file") != NULL) {
		file = text(r, at, "file");
		if (!json_int(at, "line", &line) || !json_int(at, "column", &column))
			r->wrong = "\"at\" has a file and no line";
		d->rule_at = arena_printf(r->a, "%s:%lld", file, (long long)line);
	}
	d->rule_line = line;
	d->is_pattern = strcmp(kind, "pattern") == 0;
	/* What is in no text is told apart by its words. */
	d->rule_id = line > 0 ? arena_printf(r->a, "%s\n%s\n%lld\n%lld", kind, file, (long long)line,
	    (long long)column) : arena_printf(r->a, "%s\n%s", kind, d->rule);
}

static void
read_entry(struct reading *r, const cJSON *o, struct denial_line *d)
{
	static const char *const tables[] = { "filesystem", "unix_sockets", "domains" };
	const cJSON *entry = json_member(o, "entry");
	size_t i = 0;

	if (cJSON_IsNull(entry)) {
		d->no_entry = text(r, o, "no_entry");
		return;
	}
	d->table = text(r, entry, "table");
	d->place = text(r, entry, "place");
	d->access = text(r, entry, "access");
	if (json_member(entry, "subpath") != NULL)
		d->subpath = text(r, entry, "subpath");
	while (i < NELEMS(tables) && strcmp(tables[i], d->table) != 0)
		i++;
	bool files = i == 0 && (strcmp(d->access, "read") == 0 || strcmp(d->access, "write") == 0);
	bool others = (i == 1 || i == 2) && strcmp(d->access, "allow") == 0 && d->subpath == NULL;
	if (r->wrong == NULL && !files && !others)
		r->wrong = "\"entry\" is none that a profile could have";
}

static void
read_denial(struct reading *r, const cJSON *o)
{
	struct denial_line d = { .count = 0 };
	int64_t count;

	if (cJSON_IsObject(o) && json_int(o, "lost", &count) && count > 0) {
		r->out->lost += (uint64_t)count;
		return;
	}
	d.profile = text(r, o, "profile");
	d.process = text(r, o, "process");
	d.action = text(r, o, "action");
	d.operation = text(r, o, "operation");
	d.target = text(r, o, "target");
	d.spelt = text(r, o, "spelt");
	d.is_path = strcmp(text(r, o, "object"), "path") == 0;
	if (!json_int(o, "count", &count) || count < 1)
		r->wrong = "\"count\" is missing, or none";
	else
		d.count = (uint64_t)count;
	if (r->wrong == NULL && !is_word(d.action))
		r->wrong = "\"action\" is no word";
	read_rule(r, json_member(o, "rule"), &d);
	read_entry(r, o, &d);
	if (r->wrong != NULL)
		return;

	const char *key = arena_printf(r->a, "%s\n%s\n%s\n%s", d.process, d.action, d.operation, d.target);
	size_t *known = strmap_get(r->seen, key, strlen(key));
	if (known != NULL) {
		r->out->v[*known] = d;
		return;
	}
	known = arena_alloc(r->a, sizeof(*known));
	*known = r->out->len;
	strmap_put(r->seen, key, strlen(key), known);
	VEC_PUSH(r->a, r->out, d);
}

static void
read_line(struct reading *r, const char *line, size_t len)
{
	const char *why;
	size_t offset;
	cJSON *o = json_read(line, len, &why, &offset);

	if (o == NULL)
		r->wrong = arena_printf(r->a, "no JSON: %s at byte %zu of the line", why, offset);
	else
		read_denial(r, o);
	cJSON_Delete(o);
}

int
denial_lines_read(struct arena *a, struct diags *d, const char *file, struct denial_lines *out)
{
	static const struct span nowhere = { 0, 0 };
	struct reading r = { .a = a, .seen = strmap_new(a), .out = out };
	struct sbuf bytes = SBUF_INIT;
	size_t number = 0;

	if (cmd_read_file(file, &bytes) != 0) {
		int error = errno;
		sbuf_free(&bytes);
		diag_add(d, D_IO, nowhere, "%s: %s", file, strerror(error));
		return EXIT_USAGE;
	}
	for (size_t at = 0; at < bytes.len && r.wrong == NULL;) {
		const char *line = bytes.p + at, *end = memchr(line, '\n', bytes.len - at);
		size_t len = end != NULL ? (size_t)(end - line) : bytes.len - at;
		at += len + 1;
		number++;
		/* With what the command itself wrote to standard error around them. */
		if (len == 0 || line[0] != '{')
			continue;
		if (out->len >= LIMIT_DENIAL_LINES)
			r.wrong = "there are more denials than anybody can look at";
		else
			read_line(&r, line, len);
	}
	sbuf_free(&bytes);
	if (r.wrong == NULL)
		return EXIT_OK;
	diag_add(d, D_DENIAL_LOG, nowhere, "%s:%zu: %s; this is read as written by cdxp-run "
	    "--log-denials=json", file, number, r.wrong);
	return EXIT_INPUT;
}
