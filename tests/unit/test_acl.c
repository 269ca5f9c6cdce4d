/* SPDX-License-Identifier: Apache-2.0 */
/* test_acl.c - plans for Windows: what is refused, what each entry is good for, and every mutation found */
#include <config.h>

#include "profile_fixture.h"

#include "acl_backend.h"
#include "acl_effective.h"
#include "acl_eval.h"
#include "acl_model.h"
#include "acl_names.h"
#include "acl_permissions.h"
#include "acl_plan.h"
#include "bind.h"
#include "decide_fs.h"
#include "prng.h"

static const char *const lines[] = {
	"c /", "d /C:/w/ws/.git", "d /C:/w/ws/src/gen", "f /C:/w/ws/a.txt x", "d /C:/Users/me/.ssh",
	"d /C:/Users/me/doc", "d /C:/Windows", "d /C:/Program Files", "d /C:/out", "d /C:/w/ws/src/k",
	"f /C:/w/ws/src/k/x.key x", "d /C:/secret",
};

/* A profile bound for Windows; done() frees it. */
struct bound {
	struct fixture	 x;
	struct bound_policy *b;
	struct bind_error err;
	struct artifact	 art;
};

static struct bound
bind_text(const char *text, bool generic)
{
	struct bound w = { .x = compile_good(text) };
	struct bind_request rq = { .ir = w.x.out.ir, .target = TARGET_WINDOWS, .cwd = "C:\\W\\ws",
	    .home = "C:\\users\\ME", .tmpdir = "C:\\t" };

	w.b = generic ? bind_generic(w.x.a, w.x.out.ir, TARGET_WINDOWS, &w.err) :
	    bind_policy(w.x.a, &rq, host_fake(w.x.a, lines, NELEMS(lines)), &w.err);
	return w;
}

static void
end(struct bound *w)
{
	sbuf_free(&w->art.bytes);
	done(&w->x);
}

#define PROFILE	"default_permissions = \"p\"\n[permissions.p.network]\nenabled = true\n" \
		"[permissions.p.filesystem]\n"

/* ---- refusals */

static void
refused(void **state)
{
	static const struct { const char *text; bool elevated; const char *reason, *witness; } cases[] = {
		{ "':root' = 'write'", true, "a whole disk", "write C:\\" },
		{ "':root' = 'write'", false, "a whole disk", "write C:\\" },
		{ "'C:\\' = 'write'", true, "a whole disk", "write C:\\" },
		{ "':root' = 'read'\n'D:\\' = 'write'", false, "a whole disk", "write D:\\" },
		{ "'c:/windows' = 'write'", true, "belongs to the system", "write C:\\Windows" },
		{ "'~' = 'write'", true, "profile", "write C:\\Users\\me" },
		{ "'C:\\Users' = 'write'", true, "profile", "write C:\\Users" },
		{ "'\\\\srv\\share\\x' = 'read'", true, "share", "read \\\\srv\\share\\x" },
		{ "':root' = 'read'\n'\\\\srv\\share\\x' = 'write'", false, "share",
		    "write \\\\srv\\share\\x" },
		{ "':minimal' = 'read'", false, ":root", "read C:\\" },
		{ "':root' = 'read'\n'C:\\secret' = 'deny'", false, "what the user reads",
		    "read C:\\secret" },
		{ "':root' = 'read'\n':workspace_roots' = { '**/*.key' = 'deny' }", false,
		    "what the user reads", "read **/*.key" },
		{ "':root' = 'read'\n':workspace_roots' = { 'src' = 'write' }", false, "only the workspace",
		    "write C:\\w\\ws\\src" },
		{ "':root' = 'read'\n'C:\\out' = 'write'", false, "only the workspace", "write C:\\out" },
		{ "':root' = 'read'\n':workspace_roots' = { '.' = 'write', 'src' = 'read', 'src/gen' = 'write' }",
		    false, "below what is read-only", "write C:\\w\\ws\\src\\gen" },
		{ "':root' = 'read'\n':workspace_roots' = { '.' = 'write', 'src' = 'read', 'src/gen' = 'write' }",
		    true, "below what is read-only", "write C:\\w\\ws\\src\\gen" },
		{ "':root' = 'read'\n':workspace_roots' = { '.' = 'write', '.git/hooks' = 'write' }", true,
		    "below what is read-only", "write C:\\w\\ws\\.git\\hooks" },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases); i++) {
		char text[512];
		snprintf(text, sizeof(text), "%s%s\n", PROFILE, cases[i].text);
		struct bound w = bind_text(text, false);
		const struct backend *k = cases[i].elevated ? &backend_windows_elevated :
		    &backend_windows_unelevated;
		if (w.b == NULL)
			fail_msg("%s: %s", cases[i].text, w.err.text);
		assert_int_equal(k->compile(w.x.a, w.b, &(struct backend_options){ .decide = NULL }, &w.art), -1);
		assert_true(w.art.refused);
		if (strstr(w.art.refusal.reason, cases[i].reason) == NULL ||
		    strcmp(w.art.refusal.witness, cases[i].witness) != 0)
			fail_msg("%s: %s; %s", cases[i].text, w.art.refusal.reason, w.art.refusal.witness);
		end(&w);
	}
}

/* Names that are not what they look like do not get as far as a backend. */
static void
odd_names(void **state)
{
	static const struct { const char *text, *why; } cases[] = {
		{ "'C:\\w\\a:b' = 'read'", "stream" }, { "'C:\\w\\a.txt::$DATA' = 'read'", "stream" },
		{ "'C:\\w\\x.' = 'read'", "dot or a space" }, { "'C:\\w\\x ' = 'read'", "dot or a space" },
		{ "'C:\\w\\x. . ' = 'read'", "dot or a space" },
		{ "'C:\\nul' = 'read'", "device" }, { "'C:\\w\\Com7.txt' = 'read'", "device" },
		{ "'C:\\w\\LPT\xc2\xb9' = 'read'", "device" }, { "'C:\\w\\aux .c' = 'read'", "device" },
		{ "'C:\\CONIN$' = 'read'", "device" },
		{ "'C:\\PROGRA~1' = 'read'", "short name" }, { "'C:\\w\\INDEX~12.HTM' = 'read'", "short name" },
		{ "':workspace_roots' = { 'sub/con' = 'read' }", "device" },
		{ "'~/x.' = 'read'", "dot or a space" },
	};
	static const char *const fine[] = {
		"'C:\\w\\comx' = 'read'", "'C:\\w\\nulls\\console' = 'read'", "'C:\\w\\com' = 'read'",
		"'C:\\w\\a.b.c' = 'read'", "'C:\\w\\averylongname~1' = 'read'", "'C:\\w\\a~b' = 'read'",
		"'C:\\w\\ a' = 'read'", "'\\\\?\\C:\\w\\x' = 'read'", "'/nul' = 'read'", "'C:\\w\\..\\x' = 'read'",
		"':workspace_roots' = { '.a' = 'read' }", "'C:\\w\\a.txt~' = 'read'",
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(cases) + NELEMS(fine); i++)
		for (int generic = 0; generic < 2; generic++) {
			bool good = i >= NELEMS(cases);
			char text[512];
			snprintf(text, sizeof(text), "%s%s\n", PROFILE, good ? fine[i - NELEMS(cases)] : cases[i].text);
			struct bound w = bind_text(text, generic);
			if ((w.b != NULL) != good)
				fail_msg("%s: %s", text, w.b != NULL ? "bound" : w.err.text);
			if (!good && strstr(w.err.text, cases[i].why) == NULL)
				fail_msg("%s: %s", text, w.err.text);
			end(&w);
		}
}

/* What a token and a DACL can hold. */
static void
too_many_roots(void **state)
{
	struct sbuf text = SBUF_INIT;

	(void)state;
	for (int n = 1000; n <= 1001; n++) {
		sbuf_puts(&text, PROFILE "':minimal' = 'read'\n");
		for (int i = 0; i < n; i++)
			sbuf_printf(&text, "'C:\\many\\d%d' = 'write'\n", i);
		struct bound w = bind_text(sbuf_str(&text), true);
		int rc = backend_windows_elevated.compile(w.x.a, w.b,
		    &(struct backend_options){ .decide = NULL }, &w.art);
		assert_int_equal(rc, n == 1000 ? 0 : -1);
		if (rc != 0)
			assert_non_null(strstr(w.art.refusal.reason, "1001 separate places"));
		end(&w);
		sbuf_free(&text);
	}
}

/* ---- bindings */

static void
one_place_in_every_case(void **state)
{
	struct bound w = bind_text(PROFILE "':root' = 'read'\n'C:\\New\\Dir' = 'read'\n"
	    "'c:\\nEW\\dir\\x' = 'write'\n'C:\\W\\WS\\SRC' = 'read'\n", false);

	(void)state;
	assert_non_null(w.b);
	assert_string_equal(w.b->entries.v[3].path, "/C:/w/ws/src");
	struct bound g = bind_text(PROFILE "':root' = 'read'\n'C:\\New\\Dir' = 'read'\n"
	    "'c:\\nEW\\dir\\x' = 'write'\n", true);
	assert_non_null(g.b);
	assert_string_equal(g.b->entries.v[2].path, "/C:/New/Dir/x");
	assert_string_equal(g.b->cwd, "/@cwd");
	/* What is made has the case that it was first written in. */
	struct bound m = bind_text(PROFILE "':root' = 'read'\n':workspace_roots' = { '.' = 'write', "
	    "'New/A' = 'read', 'nEW/B' = 'read', 'SRC/c' = 'read' }\n", false);
	assert_int_equal(backend_windows_unelevated.compile(m.x.a, m.b,
	    &(struct backend_options){ .decide = NULL }, &m.art), 0);
	static const char *const made[] = { "ws\\\\New\"", "ws\\\\New\\\\A\"", "ws\\\\New\\\\B\"",
	    "ws\\\\src\\\\c\"" };
	for (size_t i = 0; i < NELEMS(made); i++)
		assert_non_null(strstr(m.art.bytes.p, made[i]));
	assert_null(strstr(m.art.bytes.p, "ws\\\\nEW"));
	end(&m);
	end(&w);
	end(&g);
}

/* Paths of other systems are passed over, and both temporary directories count. */
static void
anchors(void **state)
{
	struct bound w = bind_text(PROFILE "':root' = 'read'\n'/usr' = 'read'\n':slash_tmp' = 'write'\n"
	    "':tmpdir' = 'write'\n'~/x' = 'read'\n':minimal' = 'read'\n", false);
	struct bind_request rq = { .ir = w.x.out.ir, .target = TARGET_WINDOWS, .cwd = "C:\\w\\ws",
	    .home = "C:\\Users\\me", .tmpdir = "c:/t1", .tmp = "C:\\t2" };

	(void)state;
	assert_non_null(w.b);
	struct bound_policy *b = bind_policy(w.x.a, &rq, host_fake(w.x.a, lines, NELEMS(lines)), &w.err);
	static const char *const want[] = {
		"/", "/C:/t1", "/C:/t2", "/C:/Users/me/x", "/C:/Windows", "/C:/Program Files",
	};
	assert_non_null(b);
	assert_int_equal(b->entries.len, NELEMS(want));
	for (size_t i = 0; i < NELEMS(want); i++)
		assert_string_equal(b->entries.v[i].path, want[i]);
	rq.cwd = "relative";
	assert_null(bind_policy(w.x.a, &rq, host_fake(w.x.a, lines, NELEMS(lines)), &w.err));
	assert_non_null(strstr(w.err.text, "not absolute"));
	end(&w);
}

/* ---- mutations */

static const char *const profiles[] = {
	PROFILE "':root' = 'read'\n':tmpdir' = 'write'\n'C:\\out' = 'write'\n"
	    "':workspace_roots' = { '.' = 'write', 'src/gen' = 'read', 'docs/x.md' = 'read', 'src/k/z' = 'write' }\n",
	PROFILE "':minimal' = 'read'\n'C:\\out' = 'write'\n'~/doc' = 'read'\n"
	    "':workspace_roots' = { '.' = 'write', 'src/gen' = 'read', 'a.txt' = 'deny', 'src/k' = 'deny' }\n",
	PROFILE "':root' = 'read'\n'C:\\secret' = 'deny'\n'~/doc' = 'deny'\n"
	    "':workspace_roots' = { '.' = 'write', '**/*.key' = 'deny', 'src/gen/**' = 'deny' }\n",
};

struct made {
	struct bound	 w;
	const struct region *effective;
	struct acl_permissions permissions;
	struct acl_plan	 plan;
};

static bool
make(struct made *m, const char *text, bool elevated)
{
	const struct backend_options opt = { .decide = NULL };

	memset(m, 0, sizeof(*m));
	m->w = bind_text(text, false);
	assert_non_null(m->w.b);
	struct arena *a = m->w.x.a;
	const struct decide_fs *d = decide_fs_build(a, m->w.b);
	m->effective = acl_effective(a, d, elevated, &m->w.art);
	if (m->effective == NULL ||
	    acl_permissions(a, d, m->effective, elevated, &opt, &m->permissions, &m->w.art) != 0)
		return false;
	acl_plan(a, &m->permissions, &m->plan);
	return true;
}

/* Whether the plan as it is now is refused. */
static bool
is_found(struct made *m)
{
	struct artifact art = { .refused = false };

	acl_print(m->w.x.a, m->w.b, &m->plan, &art.bytes);
	bool found = acl_prove(m->w.x.a, m->w.b, m->effective, &m->permissions, &art) != 0;
	sbuf_free(&art.bytes);
	return found;
}

/*
 * What another entry does as well.  A pinned place is kept by the deny for
 * either principal; elevated nobody of the group has DELETE_CHILD to begin
 * with, and what the group is denied need not be denied to capabilities.
 */
static bool
is_second(const struct acl_entry *e, bool elevated)
{
	if (e->purpose == ACL_PINNED)
		return true;
	if (!elevated)
		return false;
	return e->purpose == ACL_CARVE_OUT_HOLDS || e->purpose == ACL_HOLDS_PINNED ||
	    ((e->purpose == ACL_DENIED || e->purpose == ACL_DENIED_BELOW) && e->who != ACL_TO_GROUP);
}

static void
each_entry_counts(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < NELEMS(profiles) * 2; i++) {
		struct made m;
		bool elevated = i % 2 == 0;
		if (!make(&m, profiles[i / 2], elevated)) {
			end(&m.w);
			continue;
		}
		assert_false(is_found(&m));
		for (size_t p = 0; p < m.plan.places.len; p++)
			for (size_t k = 0; k < m.plan.places.v[p].entries.len; k++) {
				struct acl_plan_place *place = &m.plan.places.v[p];
				struct acl_entry *v = place->entries.v, gone = v[k];
				memmove(v + k, v + k + 1, (place->entries.len - k - 1) * sizeof(*v));
				place->entries.len--;
				bool found = is_found(&m);
				memmove(v + k + 1, v + k, (place->entries.len - k) * sizeof(*v));
				v[k] = gone;
				place->entries.len++;
				tried++;
				/* Of what is granted to the whole of a profile a place of its own may say so again. */
				if (found == is_second(&gone, elevated) && !(gone.purpose == ACL_DENIED && elevated))
					fail_msg("profile %zu, %s: %s for %s %s", i, place->path,
					    acl_purpose_row(gone.purpose)->name,
					    acl_principal_name(m.w.x.a, gone.who),
					    found ? "is found missing" : "is not missed");
			}
		end(&m.w);
	}
	assert_true(tried > 100);
}

/* An entry for somebody else, or of another purpose, or for a file in the place of a directory. */
static void
entries_are_changed(void **state)
{
	uint64_t r = prng_seed();
	size_t found = 0, tried = 0;

	(void)state;
	for (size_t i = 0; i < NELEMS(profiles) * 2; i++) {
		struct made m;
		bool elevated = i % 2 == 0;
		if (!make(&m, profiles[i / 2], elevated)) {
			end(&m.w);
			continue;
		}
		for (int round = 0; round < 120; round++) {
			struct acl_plan_place *place = &m.plan.places.v[prng_below(&r, m.plan.places.len)];
			struct acl_entry *e = &place->entries.v[prng_below(&r, place->entries.len)];
			struct acl_entry was = *e;
			e->who = prng_below(&r, 2) == 0 ? was.who :
			    (uint32_t)prng_below(&r, ACL_TO_CAPABILITY + m.permissions.write_roots.len);
			e->purpose = prng_below(&r, 2) == 0 ? was.purpose :
			    (enum acl_purpose)prng_below(&r, ACL_PURPOSES);
			bool same = e->who == was.who && e->purpose == was.purpose;
			/* A second entry of that kind is as good as none. */
			bool gone = is_second(&was, elevated) || same;
			tried++;
			bool is = is_found(&m);
			found += is;
			if (same && is)
				fail_msg("what was not changed is refused");
			/* What grants more is never passed over. */
			if (!is && !gone && !acl_purpose_row(e->purpose)->deny && !same)
				fail_msg("%s: %s for %s in the place of %s for %s is not found", place->path,
				    acl_purpose_row(e->purpose)->name, acl_principal_name(m.w.x.a, e->who),
				    acl_purpose_row(was.purpose)->name, acl_principal_name(m.w.x.a, was.who));
			*e = was;
		}
		end(&m.w);
	}
	assert_true(found * 2 > tried);
}

/* Single bytes of a plan: what is accepted says the same, but for words that are for people. */
static void
bytes_are_changed(void **state)
{
	static const char letters[] = "\"{}[],:0123456789abcdefABCDEFIOC-.@\\ nruls";
	uint64_t r = prng_seed();
	struct made m;

	(void)state;
	assert_true(make(&m, profiles[0], false));
	struct artifact art = { .refused = false };
	acl_print(m.w.x.a, m.w.b, &m.plan, &art.bytes);
	const char *places = strstr(strstr(art.bytes.p, "\"network\":"), "\"places\":");
	const char *end_places = strstr(art.bytes.p, ",\"rules\":");
	for (int round = 0; round < 4000; round++) {
		size_t at = (size_t)(places - art.bytes.p) +
		    prng_below(&r, (size_t)(end_places - places));
		struct artifact copy = { .refused = false };
		sbuf_add(&copy.bytes, art.bytes.p, art.bytes.len);
		char new = letters[prng_below(&r, sizeof(letters) - 1)], old = copy.bytes.p[at];
		copy.bytes.p[at] = new;
		if (acl_prove(m.w.x.a, m.w.b, m.effective, &m.permissions, &copy) == 0 && new != old) {
			/* The number of a rule, or the case of a name, of which Windows makes nothing. */
			bool digit = old >= '0' && old <= '9';
			bool name = (old | 0x20) == (new | 0x20);
			if (!digit && !name)
				fail_msg("byte %zu, '%c' for '%c': %.40s", at, new, old, art.bytes.p + at - 20);
			if (digit && strncmp(art.bytes.p + at - 7, "\"rule\":", 7) != 0 &&
			    strncmp(art.bytes.p + at - 8, "\"rule\":", 7) != 0)
				fail_msg("byte %zu, '%c' for '%c': %.40s", at, new, old, art.bytes.p + at - 20);
		}
		sbuf_free(&copy.bytes);
	}
	sbuf_free(&art.bytes);
	end(&m.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(too_many_roots),
		cmocka_unit_test(one_place_in_every_case),
		cmocka_unit_test(anchors),
		cmocka_unit_test(each_entry_counts),
		cmocka_unit_test(entries_are_changed),
		cmocka_unit_test(bytes_are_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
