/* SPDX-License-Identifier: Apache-2.0 */
/* test_environ.c - the child's environment against spec 1.6 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "decide_env.h"
#include "environ.h"
#include "ir.h"
#include "sbuf.h"

static const char *const caller[] = {
	"HOME=/h", "PATH=/bin", "PATH=/second", "API_KEY=1", "GitHub_Token=2", "=C:=x", "noequals",
	"MY_secret_X=3", "LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/l", "LD_AUDIT=/a",
	"DYLD_INSERT_LIBRARIES=/d", "EMPTY=", "TWO=a=b", "CDXP_SANDBOX=outer", "LD_DEBUG=all", NULL,
};

static void
add(struct arena *a, struct ir_strings *s, const char *text)
{
	VEC_PUSH(a, s, ((__typeof__(*s->v)){ .text = text }));
}

static void
set(struct arena *a, struct ir_environment *e, const char *name, const char *value)
{
	VEC_PUSH(a, &e->set, ((struct ir_setting){ .name = name, .value = value }));
}

/* The question about one name has the answer that the child's environment gives. */
static void
expect_decisions(struct arena *a, const struct environ_request *r, const struct child_environ *out)
{
	static const char *const more[] = { "CDXP_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "NEW", "CI" };

	for (const char *const *from = r->from; *from != NULL; from++) {
		const char *equals = strchr(*from, '=');
		if (equals == NULL || equals == *from)
			continue;
		const char *name = arena_strndup(a, *from, (size_t)(equals - *from));
		struct env_decision d = decide_env(r->policy, r->network_off, name);
		assert_int_equal(d.result != ENV_DROPPED, environ_get(out->envp, name) != NULL);
		assert_string_not_equal(decide_env_text(a, &d), "");
	}
	/* A name that the caller lacks is there where a rule or the runtime gives it. */
	for (size_t i = 0; i < NELEMS(more); i++)
		if (environ_get(r->from, more[i]) == NULL) {
			struct env_decision d = decide_env(r->policy, r->network_off, more[i]);
			assert_int_equal(d.result == ENV_SET, environ_get(out->envp, more[i]) != NULL);
		}
}

/* The whole result on one line: entries, then dropped names behind a bar. */
static void
expect_from(struct arena *a, const char *const *from, const struct ir_environment *e, bool off,
    const char *want)
{
	struct environ_request r = { .policy = e, .from = from, .backend = "bwrap", .network_off = off };
	struct child_environ out;
	struct sbuf text = SBUF_INIT;

	environ_build(a, &r, &out);
	expect_decisions(a, &r, &out);
	for (size_t i = 0; i < out.len; i++)
		sbuf_printf(&text, "%s ", out.envp[i]);
	assert_null(out.envp[out.len]);
	sbuf_addc(&text, '|');
	for (size_t i = 0; i < out.ndropped; i++)
		sbuf_printf(&text, " %s", out.dropped[i]);
	assert_string_equal(sbuf_str(&text), want);
	sbuf_free(&text);
}

static void
test_inherit(void **state)
{
	struct arena *a = arena_new();
	struct ir_environment e = { .inherit = ENV_ALL, .ignore_default_excludes = true };

	(void)state;
	expect_from(a, caller, &e, false,
	    "HOME=/h PATH=/bin API_KEY=1 GitHub_Token=2 MY_secret_X=3 EMPTY= TWO=a=b "
	    "CDXP_SANDBOX=bwrap LD_DEBUG=all "
	    "| LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES");
	e.ignore_default_excludes = false;
	expect_from(a, caller, &e, true,
	    "HOME=/h PATH=/bin EMPTY= TWO=a=b CDXP_SANDBOX=bwrap LD_DEBUG=all "
	    "CODEX_SANDBOX_NETWORK_DISABLED=1 "
	    "| API_KEY GitHub_Token MY_secret_X LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT "
	    "DYLD_INSERT_LIBRARIES");
	e.inherit = ENV_CORE;
	expect_from(a, caller, &e, false,
	    "HOME=/h PATH=/bin CDXP_SANDBOX=bwrap "
	    "| API_KEY GitHub_Token MY_secret_X LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT "
	    "DYLD_INSERT_LIBRARIES EMPTY TWO LD_DEBUG");
	e.inherit = ENV_NONE;
	static const char *const one[] = { "A=1", NULL };
	expect_from(a, one, &e, false, "CDXP_SANDBOX=bwrap | A");
	arena_free(a);
}

static void
test_order_of_steps(void **state)
{
	struct arena *a = arena_new();
	struct ir_environment e = { .inherit = ENV_ALL };
	static const char *const from[] = { "A=1", "B=2", "A_TOKEN=t", "C=3", NULL };

	(void)state;
	/* exclude before set; set replaces in place; include_only after set. */
	add(a, &e.exclude, "b*");
	set(a, &e, "B", "again");
	set(a, &e, "A", "new");
	set(a, &e, "LD_PRELOAD", "/mine.so");
	set(a, &e, "MY_TOKEN", "wanted");
	expect_from(a, from, &e, false,
	    "A=new C=3 B=again LD_PRELOAD=/mine.so MY_TOKEN=wanted CDXP_SANDBOX=bwrap | A_TOKEN");
	add(a, &e.include_only, "?");
	expect_from(a, from, &e, true,
	    "A=new C=3 B=again CDXP_SANDBOX=bwrap CODEX_SANDBOX_NETWORK_DISABLED=1 | A_TOKEN");
	arena_free(a);
}

static void
test_patterns(void **state)
{
	static const struct { const char *pattern, *name; bool want; } t[] = {
		{ "", "", true }, { "", "A", false }, { "*", "", true }, { "*", "ANY", true },
		{ "a", "A", true }, { "A", "a", true }, { "A?", "A", false }, { "A?", "AB", true },
		{ "*KEY*", "monkey_x", true }, { "*KEY*", "KE", false }, { "AWS_*", "aws_x", true },
		{ "AWS_*", "XAWS_x", false }, { "*a*b*c", "xxaYbbZc", true }, { "*a*b*c", "xxaYbbZcd", false },
		{ "[abc]X", "Bx", true }, { "[a-c]X", "dx", false }, { "[A-C]x", "bX", true },
		{ "[!a-c]", "d", true }, { "[^a-c]", "B", false }, { "[]x]", "]", true },
		{ "[ab", "[ab", true }, { "[ab", "a", false }, { "[a-]", "-", true },
		{ "*[0-9]", "VAR12", true }, { "*[0-9]", "VAR1x", false }, { "a\\b", "A\\B", true },
		{ "**", "x", true }, { "*_*_*_*", "A_B_C", false },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++)
		if (decide_env_match(t[i].pattern, t[i].name) != t[i].want)
			fail_msg("\"%s\" against \"%s\"", t[i].pattern, t[i].name);
}

static void
test_get(void **state)
{
	(void)state;
	assert_string_equal(environ_get(caller, "PATH"), "/bin");
	assert_string_equal(environ_get(caller, "EMPTY"), "");
	assert_null(environ_get(caller, "PAT"));
	assert_null(environ_get(caller, "noequals"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inherit),
		cmocka_unit_test(test_order_of_steps),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_get),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
