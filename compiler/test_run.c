/* SPDX-License-Identifier: Apache-2.0 */
/* test_run.c - loading, binding and deciding what test files assert */
#include <config.h>

#include "test_run.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "arena.h"
#include "artifacts.h"
#include "canon.h"
#include "cmd.h"
#include "decide_env.h"
#include "decide_net.h"
#include "diag.h"
#include "explain.h"
#include "host_facts.h"
#include "native_path.h"
#include "path.h"
#include "path_windows.h"
#include "source.h"

/* The places of a made-up host that no test names: apart from all others. */
static const char some_cwd[] = "/@cwd", some_home[] = "/@home", some_tmpdir[] = "/@tmpdir";

static bool
same(const char *x, const char *y)
{
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

bool
test_world_make(struct arena *a, const struct test_context *c, const struct ir_policy *ir,
    struct test_world *out, struct bind_error *err)
{
	struct bind_request rq = c->request;

	rq.ir = ir;
	rq.network_off = ir->network.mode == NET_OFF;
	const struct bound_policy *b = c->host ? bind_policy(a, &rq, host_real(a), err) :
	    bind_made_up(a, &rq, err);
	if (b == NULL)
		return false;
	*out = (struct test_world){ ir, b, decide_fs_build(a, b), net_rules_new(a, &ir->network) };
	return true;
}

/* The profile of a case; loaded once, however many cases name it, and also where that fails. */
static const struct subject *
load(struct test_run *r, const struct test_case *c, const char *file, int *status)
{
	for (size_t i = 0; i < r->loaded.len; i++) {
		const struct test_loaded *l = &r->loaded.v[i];
		if (strcmp(l->file, file) == 0) {
			*status = l->status;
			return l->status == EXIT_OK ? l->subject : NULL;
		}
	}
	struct subject *s = arena_alloc(r->a, sizeof(*s));
	*status = subject_load(r->a, r->sources, r->d, r->o->profile, file, s);
	VEC_PUSH(r->a, &r->loaded, ((struct test_loaded){ file, s, *status }));
	if (*status == EXIT_OK)
		return s;
	diag_add(r->d, D_TEST_PROFILE, c->profile.span, "the profile \"%s\" cannot be tested",
	    c->profile.text);
	return NULL;
}

static bool
is_of_windows(const char *path)
{
	return path != NULL && path_windows_looks_like(path, strlen(path));
}

/* A directory in its canonical form, as far as that is known; NULL where there is none. */
static const char *
canonical(struct arena *a, struct canon *canon, const char *path)
{
	const char *why;
	struct canon_way way;

	if (is_of_windows(path))
		path = path_windows_as_posix(a, path);
	if (path == NULL || path[0] != '/')
		return NULL;
	const char *normal = path_normal(a, path, &why);
	if (normal == NULL || canon == NULL || canon_resolve(canon, "/", normal, &way, &why) != 0)
		return normal;
	return way.end->path;
}

/* Which directories a case is about: the command line, the file, then the host or made-up ones. */
static struct bind_request
request_of(const struct test_run *r, const struct test_case *c, bool host)
{
	const struct test_options *o = r->o;
	struct bind_request rq = {
		.target = TARGET_LINUX,
		.cwd = o->cwd != NULL ? o->cwd : c->cwd.text,
		.home = o->home != NULL ? o->home : c->home.text,
		.tmpdir = o->tmpdir != NULL ? o->tmpdir : c->tmpdir.text,
	};

	if (rq.cwd == NULL && !host)
		rq.cwd = some_cwd;
	if (rq.home == NULL)
		rq.home = host ? getenv("HOME") : some_home;
	if (rq.tmpdir == NULL)
		rq.tmpdir = host ? getenv("TMPDIR") : some_tmpdir;
	if (is_of_windows(rq.cwd) || is_of_windows(rq.home))
		rq.target = TARGET_WINDOWS;
	return rq;
}

static int
bind(struct test_run *r, const struct test_case *c, struct test_context *x)
{
	struct bind_error err;

	if (!test_world_make(r->a, x, x->subject->ir, &x->world, &err)) {
		struct diag *e = diag_add(r->d, D_TEST_BINDING, c->span,
		    "\"%s\" cannot be bound here: %s", c->profile.text, err.text);
		subject_note_rule(r->d, e, x->subject->ir, err.origin);
		return EXIT_INPUT;
	}
	static const struct artifact_host made_up = { .bound = true };
	bool windows = x->request.target == TARGET_WINDOWS;
	struct host *host = x->host ? host_real(r->a) : NULL;
	struct canon *canon = host != NULL ? canon_new(r->a, host, false) :
	    windows ? explainer_canon(r->a, &made_up, x->world.bound) : NULL;
	const char *home = x->request.home;
	if (host != NULL && (home == NULL || home[0] != '/'))
		home = host->home(host, r->a);
	x->places = (struct assertion_places){ x->world.bound, canonical(r->a, canon, home),
	    canonical(r->a, canon, x->request.tmpdir), canon };
	return EXIT_OK;
}

static const struct test_context *
context_of(struct test_run *r, const struct test_file *f, const struct test_case *c, int *status)
{
	bool host = r->o->host || c->host;
	struct bind_request rq = request_of(r, c, host);
	const char *file = c->profile.text[0] == '/' ? c->profile.text :
	    arena_printf(r->a, "%s%s", f->directory, c->profile.text);

	for (size_t i = 0; i < r->contexts.len; i++) {
		struct test_context *x = r->contexts.v[i];
		if (strcmp(x->file, file) == 0 && x->host == host && same(x->request.cwd, rq.cwd) &&
		    same(x->request.home, rq.home) && same(x->request.tmpdir, rq.tmpdir))
			return x;
	}
	struct test_context *x = arena_alloc(r->a, sizeof(*x));
	*x = (struct test_context){ .file = file, .request = rq, .host = host };
	x->subject = load(r, c, file, status);
	if (x->subject == NULL)
		return NULL;
	*status = bind(r, c, x);
	if (*status != EXIT_OK)
		return NULL;
	VEC_PUSH(r->a, &r->contexts, x);
	return x;
}

static int
prepare_case(struct test_run *r, const struct test_file *f, const struct test_case *c)
{
	int status = EXIT_OK;
	const struct test_context *x = context_of(r, f, c, &status);
	struct assertion_excepts *except = arena_alloc(r->a, sizeof(*except));

	if (x == NULL)
		return status;
	for (size_t i = 0; i < c->except.len; i++)
		if (assertion_place_except(r->a, r->d, &c->except.v[i], &x->places, except) != 0)
			return EXIT_INPUT;
	for (size_t i = 0; i < c->assertions.len; i++) {
		struct test_check t = { .file = f, .in = c, .as = &c->assertions.v[i], .context = x };
		if (assertion_place(r->a, r->d, t.as, except, &x->places, &t.claims) == 0)
			VEC_PUSH(r->a, &r->checks, t);
		else
			status = EXIT_INPUT;
	}
	return status;
}

int
test_run_prepare(struct test_run *r, const struct test_file *f)
{
	int worst = EXIT_OK;

	for (size_t i = 0; i < f->cases.len; i++) {
		int status = prepare_case(r, f, &f->cases.v[i]);
		worst = status > worst ? status : worst;
	}
	return worst;
}

static int
decide_paths(struct arena *a, const struct test_world *w, const struct test_check *t,
    struct test_outcome *out)
{
	out->holds = true;
	for (size_t i = 0; i < t->claims.fs.len && out->holds; i++) {
		struct claim_result got;
		if (claim_decide(a, w->fs, &t->claims.fs.v[i], &got) != 0)
			return -1;
		out->holds = got.holds;
		out->path = got.path;
		out->verdict = got.verdict;
		out->rule = got.verdict.why.origin;
	}
	return 0;
}

static void
decide_sockets(struct arena *a, const struct test_world *w, const struct test_check *t,
    struct test_outcome *out)
{
	out->holds = true;
	for (size_t i = 0; i < t->claims.sockets.len && out->holds; i++) {
		out->path = t->claims.sockets.v[i];
		struct net_decision n = decide_net_socket(w->bound, out->path);
		out->holds = n.allow == t->as->allow;
		out->rule = n.origin;
		out->why = net_reason_text(a, &w->ir->network, &n);
	}
}

int
test_decide(struct arena *a, const struct test_world *w, const struct test_check *t,
    struct test_outcome *out)
{
	*out = (struct test_outcome){ .holds = false };
	switch (t->as->kind) {
	case ASSERT_PATH:
		return decide_paths(a, w, t, out);
	case ASSERT_UNIX:
		decide_sockets(a, w, t, out);
		break;
	case ASSERT_CONNECT: {
		struct net_decision n = decide_net(w->net, &t->as->dest, NULL);
		out->holds = n.allow == t->as->allow;
		out->rule = n.origin;
		out->why = net_reason_text(a, &w->ir->network, &n);
		break;
	}
	case ASSERT_ENV: {
		const struct env_decision e = decide_env_run(w->ir, t->as->name);
		out->holds = (e.result != ENV_DROPPED) == t->as->allow;
		out->rule = e.origin;
		out->why = decide_env_text(a, &e);
		break;
	}
	}
	return 0;
}

struct span
test_rule_span(const struct diags *d, const struct subject *s, const struct ir_origin *o)
{
	if (o == NULL || s->source == NULL || o->span.source >= s->ir->sources.len ||
	    strcmp(s->ir->sources.v[o->span.source].name, s->source_name) != 0)
		return (struct span){ 0, 0 };
	return source_span_in(diags_sources(d), s->source, o->span.line, o->span.column,
	    o->span.length);
}

/* Why a path is allowed or denied, for people. */
static const char *
path_why(struct arena *a, const struct test_check *t)
{
	const struct fs_verdict *v = &t->outcome.verdict;
	const struct why *w = &v->why;
	const char *text = why_text(a, t->context->world.bound, w);

	if (t->as->op == OP_RENAME && v->writable && v->pinned)
		return arena_printf(a, "it can be written, but not moved or removed, as it is the top "
		    "of a grant or something below it is protected (%s)", text);
	if (w->kind == WHY_ENTRY)
		return arena_printf(a, "%s = \"%s\"", text, access_name(v->writable ?
		    ACCESS_WRITE : v->readable ? ACCESS_READ : ACCESS_DENY));
	return text;
}

static const char *
message_of(struct arena *a, const struct test_check *t)
{
	const struct assertion *as = t->as;
	const struct test_outcome *o = &t->outcome;
	const char *is = as->allow ? "denied" : "allowed", *wanted = as->allow ? "allowed" : "denied";
	bool pattern = t->claims.fs.len > 0 && t->claims.fs.v[0].pattern != NULL;

	if (pattern)
		return arena_printf(a, "\"%s\" is not %s everywhere: %s is %s: %s", as->text, wanted,
		    o->path, is, o->why);
	if (o->path != NULL && strstr(as->text, o->path) == NULL)
		return arena_printf(a, "\"%s\" (%s) is %s: %s", as->text, o->path, is, o->why);
	return arena_printf(a, "\"%s\" is %s: %s", as->text, is, o->why);
}

static void
report(struct test_run *r, const struct test_check *t)
{
	const struct ir_origin *o = t->outcome.rule;
	const struct subject *s = t->context->subject;
	struct diag *e = diag_add(r->d, D_ASSERTION_FAILED, t->as->span, "%s", t->message);
	struct span rule = test_rule_span(r->d, s, o);

	if (rule.end != 0)
		diag_note(r->d, e, rule, "this rule decided");
	else
		subject_note_rule(r->d, e, s->ir, o != NULL && o->text != NULL ? o : NULL);
}

void
test_run_decide(struct test_run *r)
{
	for (size_t i = 0; i < r->checks.len; i++) {
		struct test_check *t = &r->checks.v[i];
		bool decided = test_decide(r->a, &t->context->world, t, &t->outcome) == 0;
		const char *plain = t->context->request.target == TARGET_WINDOWS && t->outcome.path != NULL ?
		    native_path_plain(r->a, t->outcome.path) : NULL;
		if (plain != NULL)
			t->outcome.path = plain;
		if (decided && t->outcome.holds)
			continue;
		r->failed++;
		if (!decided)
			t->outcome.why = "the patterns of the policy and of this assertion together "
			    "pass the limit of states; assert less at once";
		else if (t->as->kind == ASSERT_PATH)
			t->outcome.why = path_why(r->a, t);
		t->message = decided ? message_of(r->a, t) :
		    arena_printf(r->a, "\"%s\" cannot be decided: %s", t->as->text, t->outcome.why);
		report(r, t);
	}
}
