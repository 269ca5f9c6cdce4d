/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sbpl.c - any bytes through the SBPL reader */
#include <config.h>

#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "sbpl.h"
#include "source.h"

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
