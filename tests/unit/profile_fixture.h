/* SPDX-License-Identifier: Apache-2.0 */
/* profile_fixture.h - a profile from a text in a test, and what became of it */
#ifndef CDXP_TEST_PROFILE_FIXTURE_H
#define CDXP_TEST_PROFILE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "diag.h"
#include "ir.h"
#include "ir_tree.h"
#include "json.h"
#include "pipeline.h"
#include "source.h"

struct fixture {
	struct arena	*a;
	struct sources	*sources;
	struct diags	*d;
	struct compiled	 out;
	int		 status;
};

/* The IR as text; the caller frees it. */
static inline char *
ir_text(const struct ir_policy *ir)
{
	struct sbuf b = SBUF_INIT;
	cJSON *json = ir_print(ir);
	assert_int_equal(json_write(&b, json), 0);
	cJSON_Delete(json);
	return b.p;
}

/* Whatever compiles can be written down and read again. */
static inline void
check_round_trip(struct arena *a, const struct ir_policy *ir)
{
	const char *why = NULL;
	cJSON *json = ir_tree(ir);
	const struct ir_policy *again = ir_read(a, json, &why);
	cJSON_Delete(json);
	if (again == NULL)
		fail_msg("the IR cannot be read again: %s", why);
	char *one = ir_text(ir), *two = ir_text(again);
	assert_string_equal(one, two);
	free(one);
	free(two);
}

static inline struct fixture
compile_request(const struct compile_request *request)
{
	struct fixture x = { .a = arena_new() };
	x.sources = sources_new(x.a);
	x.d = diags_new(x.a, x.sources);
	x.status = compile_policy(x.a, x.sources, x.d, request, &x.out);
	assert_true((x.status == 0) == (diags_errors(x.d) == 0));
	if (x.status == 0)
		check_round_trip(x.a, x.out.ir);
	return x;
}

static inline struct fixture
compile(const char *text)
{
	const struct compile_request request = {
		.file = "test.toml", .text = text, .len = strlen(text),
	};
	return compile_request(&request);
}

/* The text must be good: the diagnostics are shown where it is not. */
static inline struct fixture
compile_good(const char *text)
{
	struct fixture x = compile(text);
	if (x.status != 0) {
		diags_print(x.d, stderr, DIAG_TEXT, false, "test");
		fail_msg("refused:\n%s", text);
	}
	return x;
}

static inline void
done(struct fixture *x)
{
	arena_free(x->a);
}

#endif
