/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_toml.c - any bytes through the TOML parser, as a document and as -c */
#include <config.h>

#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "sbuf.h"
#include "source.h"
#include "toml.h"
#include "toml_format.h"

/* Every node is of a known type, in a place of the text, and not too deep. */
static void
walk(const struct toml_node *n, const struct source *src, unsigned depth)
{
	demand(depth <= LIMIT_TOML_DEPTH, "the tree is too deep");
	demand(n->span.start >= src->base && n->span.start <= n->span.end &&
	    n->span.end <= src->base + src->len, "a span is outside the text");
	if (n->type == TOML_ARRAY)
		for (size_t i = 0; i < n->array.len; i++)
			walk(n->array.v[i], src, depth + 1);
	if (n->type != TOML_TABLE)
		return;
	for (size_t i = 0; i < n->table->keys.len; i++) {
		const struct toml_key *k = &n->table->keys.v[i];
		demand(toml_getn(n, k->name.p, k->name.len) == k, "a key is not found");
		walk(k->value, src, depth + 1);
	}
}

/* A valid text has a canonical form, which is its own. */
static void
format(struct arena *a, struct sources *sources, struct diags *diags, const struct source *src)
{
	struct sbuf one = SBUF_INIT, two = SBUF_INIT;

	demand(toml_format(a, sources, diags, src, &one) == 0, "no canonical form");
	/* It may be over the limit where the text was not, which is no mistake. */
	const struct source *again = sources_add(sources, diags, "again", sbuf_str(&one), one.len);
	if (again != NULL) {
		demand(toml_format(a, sources, diags, again, &two) == 0, "no form of the form");
		demand(one.len == two.len && memcmp(sbuf_str(&one), sbuf_str(&two), one.len) == 0,
		    "the form of a canonical text is another");
	}
	sbuf_free(&one);
	sbuf_free(&two);
}

static void
once(const uint8_t *data, size_t len, bool override)
{
	struct arena *a = arena_new();
	struct sources *sources = sources_new(a);
	struct diags *diags = diags_new(a, sources);
	const struct source *src = sources_add(sources, diags, "fuzz",
	    (const char *)data, len);
	FILE *null = fopen("/dev/null", "w");
	struct toml_node *root = NULL;

	if (src != NULL)
		root = override ? toml_parse_override(a, diags, src) :
		    toml_parse(a, diags, src);
	if (root != NULL)
		walk(root, src, 0);
	else
		demand(diags_errors(diags) > 0, "no tree and no error");
	if (override)
		demand(diags_errors(diags) == (root == NULL ? 1 : 0),
		    "an override has a tree or one error");
	if (!override && root != NULL && diags_errors(diags) == 0)
		format(a, sources, diags, src);
	if (null != NULL) {
		for (int form = DIAG_TEXT; form <= DIAG_GITHUB; form++)
			diags_print(diags, null, (enum diag_format)form, true, "fuzz");
		fclose(null);
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	once(data, len, false);
	once(data, len, true);
	return 0;
}
