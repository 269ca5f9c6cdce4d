/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sbpl.c - any bytes through the SBPL reader */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "sbpl.h"
#include "source.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
demand(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_sbpl: %s\n", what);
	abort();
}

/* Every form is of a known kind, in a place of the text, and not too deep. */
static void
walk(const struct sbpl_form *f, const struct source *src, unsigned depth)
{
	size_t n = 0;

	demand(f->span.start >= src->base && f->span.start <= f->span.end &&
	    f->span.end <= src->base + src->len, "a span is outside the text");
	if (f->kind == SBPL_SYMBOL || f->kind == SBPL_STRING)
		demand(f->text.len <= src->len + 20 && strlen(f->text.p) == f->text.len,
		    "a text has no end, or a NUL inside");
	if (f->kind != SBPL_LIST)
		return;
	for (const struct sbpl_form *c = f->list.first; c != NULL; c = c->next, n++)
		walk(c, src, depth + 1);
	demand(n == f->list.len, "a list is not as long as it says");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	struct sources *sources = sources_new(a);
	struct diags *diags = diags_new(a, sources);
	const struct source *src = sources_add(sources, diags, "fuzz",
	    (const char *)data, len);
	struct sbpl_form *root = src != NULL ? sbpl_parse(a, diags, src) : NULL;
	FILE *null = fopen("/dev/null", "w");

	if (root != NULL)
		walk(root, src, 0);
	else
		demand(diags_errors(diags) > 0, "no forms and no error");
	if (null != NULL) {
		diags_print(diags, null, DIAG_TEXT, true, "fuzz");
		fclose(null);
	}
	arena_free(a);
	return 0;
}

#ifndef FUZZ_WITH_LIBFUZZER
/* Without a fuzzing engine: the files that are named, one by one. */
int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (f == NULL) {
			perror(argv[i]);
			return 2;
		}
		uint8_t *data = malloc(LIMIT_SOURCE_BYTES + 1);
		size_t len = data == NULL ? 0 : fread(data, 1, LIMIT_SOURCE_BYTES + 1, f);
		fclose(f);
		/* A copy of the exact size, so that a step over its end is seen. */
		uint8_t *exact = data == NULL ? NULL : realloc(data, len > 0 ? len : 1);
		if (exact == NULL) {
			fputs("out of memory\n", stderr);
			return 2;
		}
		LLVMFuzzerTestOneInput(exact, len);
		free(exact);
	}
	return 0;
}
#endif
