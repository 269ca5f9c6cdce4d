/* SPDX-License-Identifier: Apache-2.0 */
/* toml_doc.h - one text, parsed, with what there is to say about it; after cmocka.h */
#ifndef CDXP_TEST_TOML_DOC_H
#define CDXP_TEST_TOML_DOC_H

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "sbuf.h"
#include "source.h"
#include "toml.h"

struct doc {
	struct arena		*a;
	struct diags		*diags;
	const struct source	*src;
	struct toml_node	*root;
};

static inline struct doc
doc_begin(const char *text, size_t len)
{
	struct doc d = { .a = arena_new() };
	struct sources *set = sources_new(d.a);

	d.diags = diags_new(d.a, set);
	/* So that offsets do not begin at the first base there is. */
	assert_non_null(sources_add(set, d.diags, "before", "xyz", 3));
	d.src = sources_add(set, d.diags, "t", text, len);
	assert_non_null(d.src);
	return d;
}

static inline struct doc
parse_len(const char *text, size_t len)
{
	struct doc d = doc_begin(text, len);

	d.root = toml_parse(d.a, d.diags, d.src);
	return d;
}

static inline struct doc
parse(const char *text)
{
	return parse_len(text, strlen(text));
}

static inline struct doc
parse_override(const char *text)
{
	struct doc d = doc_begin(text, strlen(text));

	d.root = toml_parse_override(d.a, d.diags, d.src);
	return d;
}

/* "line:column id" of each error, joined by "; ". */
static inline const char *
errors(const struct doc *d)
{
	struct sbuf b = SBUF_INIT;

	for (size_t i = 0; i < diags_count(d->diags); i++) {
		const struct diag *e = diags_at(d->diags, i);
		struct place_in_source p =
		    source_locate(diags_sources(d->diags), e->span);
		assert_ptr_equal(p.source, d->src);
		sbuf_printf(&b, "%s%u:%u %s", i > 0 ? "; " : "", p.line, p.column,
		    diag_id(e->code));
	}
	const char *s = arena_strdup(d->a, sbuf_str(&b));
	sbuf_free(&b);
	return s;
}

static inline void
doc_end(struct doc *d)
{
	arena_free(d->a);
}

#endif
