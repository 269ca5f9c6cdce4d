/* SPDX-License-Identifier: Apache-2.0 */
/* toml-decode.c - TOML on standard input to the tagged JSON of toml-test */
#include <config.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "arena.h"
#include "diag.h"
#include "source.h"
#include "toml.h"

static void
put_string(struct slice s)
{
	putchar('"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
put_scalar(const struct toml_node *n)
{
	static const char *const tag[] = {
		[TOML_STRING] = "string",
		[TOML_INTEGER] = "integer",
		[TOML_FLOAT] = "float",
		[TOML_BOOLEAN] = "bool",
		[TOML_DATETIME] = "datetime",
		[TOML_DATETIME_LOCAL] = "datetime-local",
		[TOML_DATE_LOCAL] = "date-local",
		[TOML_TIME_LOCAL] = "time-local",
	};

	printf("{\"type\": \"%s\", \"value\": ", tag[n->type]);
	if (n->type == TOML_INTEGER)
		printf("\"%" PRId64 "\"", n->integer);
	else if (n->type == TOML_BOOLEAN)
		printf("\"%s\"", n->boolean ? "true" : "false");
	else if (n->type == TOML_FLOAT && isnan(n->real))
		printf("\"nan\"");
	else if (n->type == TOML_FLOAT)
		printf("\"%.17g\"", n->real);
	else
		put_string(n->string);
	putchar('}');
}

static void
put(const struct toml_node *n)
{
	if (n->type == TOML_TABLE) {
		putchar('{');
		for (size_t i = 0; i < n->table->keys.len; i++) {
			const struct toml_key *k = &n->table->keys.v[i];
			if (i > 0)
				putchar(',');
			put_string(k->name);
			putchar(':');
			put(k->value);
		}
		putchar('}');
	} else if (n->type == TOML_ARRAY) {
		putchar('[');
		for (size_t i = 0; i < n->array.len; i++) {
			if (i > 0)
				putchar(',');
			put(n->array.v[i]);
		}
		putchar(']');
	} else {
		put_scalar(n);
	}
}

int
main(void)
{
	struct arena *a = arena_new();
	struct sources *sources = sources_new(a);
	struct diags *diags = diags_new(a, sources);
	bool io;
	const struct source *src = sources_read(sources, diags, "-", &io);
	const struct toml_node *root = src == NULL ? NULL : toml_parse(a, diags, src);
	bool ok = root != NULL && diags_errors(diags) == 0;

	if (ok) {
		put(root);
		putchar('\n');
	}
	diags_print(diags, stderr, DIAG_TEXT, false, "toml-decode");
	arena_free(a);
	return ok ? 0 : 1;
}
