/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp.c - the public library: binding, deciding, comparing, executing */
#include <config.h>

#include "cdxp_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bind.h"
#include "bound.h"
#include "cdxp_messages.h"
#include "compare.h"
#include "decide_fs.h"
#include "launch.h"
#include "make_dirs.h"
#include "path.h"
#include "state_dir.h"
#include "system.h"

struct cdxp_bound {
	struct arena	*arena;
	const struct ir_policy *ir;
	const char	*cwd;
	struct bound_policy *policy;	/* NULL: unsandboxed */
	struct decide_fs *decide;	/* NULL likewise */
};

struct cdxp_plan {
	struct arena	*arena;
	const struct ir_policy *ir;
	struct launch_request request;
	struct launch	 launch;
};

const char *
cdxp_version(void)
{
	return PACKAGE_VERSION;
}

/* ---- bindings ---- */

/* The policy files in use, and our own records: what the command must not edit (spec 1.4). */
static enum cdxp_status
shielded_files(struct arena *a, const struct cdxp_bind_options *o, struct bind_request *q,
    struct cdxp_messages *m)
{
	const char **v = arena_array(a, o->shielded.n + 1, sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < o->shielded.n; i++) {
		v[n] = system_real_path(a, o->shielded.v[i]);
		if (v[n++] == NULL)
			return messages_fail(m, CDXP_IO, "%s: %s", o->shielded.v[i],
			    strerror(errno));
	}

	const char *state = state_dir(a), *why;
	if (state != NULL && o->create_state)
		/* Where it cannot be made, whoever needs it says so. */
		make_dirs(a, state, 0700, &why);
	if (state != NULL && system_exists(state))
		v[n++] = state;
	q->shielded = v;
	q->nshielded = n;
	return CDXP_OK;
}

static struct bound_policy *
bind_once(struct arena *a, const struct bind_request *q, struct cdxp_messages *m)
{
	struct bind_error err = { NULL, NULL };
	struct bound_policy *b = bind_policy(a, q, launch_host(a), &err);
	if (b == NULL)
		messages_add(m, CDXP_ERROR, "%s%s", err.text,
		    origin_in_brackets(a, q->ir, err.origin));
	return b;
}

/* The system that the paths are for; what runs on another one can only be printed here. */
static enum cdxp_status
choose_target(const struct cdxp_bind_options *o, enum target *target, struct cdxp_messages *m)
{
	static const char *const system[] = {
		[TARGET_LINUX] = "Linux", [TARGET_MACOS] = "macOS", [TARGET_WINDOWS] = "Windows",
	};
	const char *name = o->backend != NULL ? o->backend : launch_default_backend();
	const struct backend *b = backend_find(name);
	if (b == NULL)
		return messages_fail(m, CDXP_REFUSED, "there is no backend \"%s\"", name);
	*target = b->target;
	if (b->target == TARGET_WINDOWS && launch_target() != TARGET_WINDOWS)
		return messages_fail(m, CDXP_REFUSED, "the backend \"%s\" is for Windows alone; "
		    "cdxpc compile --emit=windows writes its plan anywhere", name);
	if (o->create_state && b->target != launch_target())
		return messages_fail(m, CDXP_REFUSED, "the backend \"%s\" runs commands on %s "
		    "only; --print shows here what it would execute there", name, system[b->target]);
	return CDXP_OK;
}

static enum cdxp_status
bind_sandboxed(struct cdxp_bound *b, const struct cdxp_bind_options *o, struct cdxp_messages *m)
{
	struct bind_request q = {
		.ir = b->ir,
		.cwd = b->cwd,
		.home = o->home != NULL && o->home[0] == '/' ? o->home : NULL,
		.tmpdir = o->tmpdir,
		.tmp = o->tmp,
		.network_off = b->ir->network.mode == NET_OFF,
	};
	enum cdxp_status s = choose_target(o, &q.target, m);
	if (s == CDXP_OK)
		s = shielded_files(b->arena, o, &q, m);
	if (s != CDXP_OK)
		return s;
	b->policy = bind_once(b->arena, &q, m);

	size_t made = 0;
	const char *why;
	if (b->policy != NULL && o->create_missing &&
	    make_missing_grants(b->arena, b->policy, &made, &why) != 0)
		return messages_fail(m, CDXP_IO, "%s", why);
	if (made > 0)
		b->policy = bind_once(b->arena, &q, m);
	if (b->policy == NULL)
		return CDXP_REFUSED;
	b->cwd = b->policy->cwd;
	b->decide = decide_fs_build(b->arena, b->policy);
	return CDXP_OK;
}

enum cdxp_status
cdxp_bind(struct cdxp_bound **out, const struct cdxp_policy *p,
    const struct cdxp_bind_options *o, struct cdxp_messages *m)
{
	struct arena *a = arena_new();
	struct cdxp_bound *b = arena_alloc(a, sizeof(*b));
	b->arena = a;
	b->ir = policy_ir(p);
	b->cwd = system_full_path(a, o->cwd != NULL ? o->cwd : ".");
	enum cdxp_status s = CDXP_OK;
	if (b->cwd == NULL)
		s = messages_fail(m, CDXP_IO, "the working directory: %s", strerror(errno));
	else if (!b->ir->unsandboxed)
		s = bind_sandboxed(b, o, m);
	if (s != CDXP_OK) {
		arena_free(a);
		return s;
	}
	*out = b;
	return CDXP_OK;
}

void
cdxp_bound_free(struct cdxp_bound *b)
{
	if (b != NULL)
		arena_free(b->arena);
}

/* ---- questions ---- */

static void
rule_of(const struct ir_policy *ir, const struct ir_origin *o, struct cdxp_rule *rule)
{
	*rule = (struct cdxp_rule){ NULL, NULL, 0, 0 };
	if (o == NULL)
		return;
	*rule = (struct cdxp_rule){ o->text, NULL, o->span.line, o->span.column };
	if (o->span.source < ir->sources.len)
		rule->file = ir->sources.v[o->span.source].name;
}

enum cdxp_status
cdxp_decide(const struct cdxp_bound *b, enum cdxp_operation op, const char *path,
    bool *allowed, struct cdxp_rule *rule, struct cdxp_messages *m)
{
	struct fs_verdict v = { .readable = true, .writable = true };
	struct arena *a = arena_new();
	const char *why, *normal = path_normal(a, path, &why);
	enum cdxp_status s = CDXP_OK;
	if (normal == NULL)
		s = messages_fail(m, CDXP_INVALID, "\"%s\": the path %s", path, why);
	else if (b->decide != NULL)
		v = decide_fs(b->decide, normal);
	arena_free(a);
	if (s != CDXP_OK)
		return s;

	switch (op) {
	case CDXP_READ:		*allowed = v.readable; break;
	case CDXP_WRITE:	*allowed = v.writable; break;
	case CDXP_RENAME:	*allowed = v.writable && !v.pinned; break;
	}
	if (rule != NULL)
		rule_of(b->ir, v.why.origin, rule);
	return CDXP_OK;
}

/* What there is to compare of the network, off being less than open; -1: a proxy's rules. */
static int
network_rank(const struct ir_policy *ir)
{
	if (ir->network.has_sockets || ir->network.mode == NET_PROXIED)
		return -1;
	return ir->network.mode == NET_OPEN;
}

enum cdxp_status
cdxp_compare(const struct cdxp_bound *a, const struct cdxp_bound *b, enum cdxp_order *order,
    char **witness, struct cdxp_messages *m)
{
	if (a->decide == NULL || b->decide == NULL)
		return messages_fail(m, CDXP_REFUSED,
		    "a profile that confines nothing cannot be compared");
	int net_a = network_rank(a->ir), net_b = network_rank(b->ir);
	if (net_a == -1 || net_b == -1)
		return messages_fail(m, CDXP_REFUSED,
		    "domains and unix_sockets cannot be compared in this version");

	struct arena *mem = arena_new();
	struct compare_side x = compare_side_of(mem, a->decide), y = compare_side_of(mem, b->decide);
	struct comparison c;
	if (compare_fs(mem, &x, &y, &c) != 0) {
		arena_free(mem);
		return messages_fail(m, CDXP_REFUSED,
		    "the patterns of both sides together are too many to compare");
	}
	bool less = c.a_allows_more || net_a > net_b, more = c.b_allows_more || net_b > net_a;
	char *text = NULL;
	if (!c.equal)
		text = strdup(arena_printf(mem, "%s %s", fs_op_name(c.witness.op), c.witness.path));
	else if (net_a != net_b)
		text = strdup("connect to the network");
	arena_free(mem);
	*order = less && more ? CDXP_INCOMPARABLE : less ? CDXP_NARROWER :
	    more ? CDXP_WIDER : CDXP_EQUAL;
	*witness = text;
	return CDXP_OK;
}

/* ---- execution ---- */

struct cdxp_start {
	struct arena	*arena;
	struct launch_start *launch;
};

struct cdxp_start *
cdxp_start_early(const char *backend, char *const *argv, const int *keep_fds, size_t nkeep_fds,
    const char *cwd)
{
	struct arena *a = arena_new();
	struct cdxp_start *s = arena_alloc(a, sizeof(*s));
	s->arena = a;
	const char *dir = system_real_path(a, cwd != NULL ? cwd : ".");
	if (dir != NULL)
		s->launch = launch_begin(a, backend, argv, keep_fds, nkeep_fds, dir);
	if (s->launch != NULL)
		return s;
	arena_free(a);
	return NULL;
}

void
cdxp_start_free(struct cdxp_start *s)
{
	if (s == NULL)
		return;
	launch_abandon(s->launch);
	arena_free(s->arena);
}

static enum cdxp_status
fail_launch(struct cdxp_messages *m, const struct launch_error *err)
{
	static const enum cdxp_status status[] = {
		[LAUNCH_REFUSED] = CDXP_REFUSED,
		[LAUNCH_NOT_EXECUTABLE] = CDXP_NOT_EXECUTABLE,
		[LAUNCH_NOT_FOUND] = CDXP_NOT_FOUND,
	};
	if (err->text != NULL)
		messages_add(m, CDXP_ERROR, "%s", err->text);
	return status[err->fault];
}

static void
note_deviations(const struct cdxp_plan *p, struct cdxp_messages *m)
{
	const struct artifact *art = &p->launch.artifact;
	for (size_t i = 0; i < art->deviations.len; i++)
		messages_add(m, CDXP_NOTE, "%s",
		    deviation_text(p->arena, p->ir, &art->deviations.v[i]));
}

enum cdxp_status
cdxp_plan_make(struct cdxp_plan **out, const struct cdxp_bound *b,
    const struct cdxp_exec_options *o, struct cdxp_messages *m)
{
	static const enum launch_strict strict[] = {
		[CDXP_STRICT_NO] = LAUNCH_ANY_DEVIATION,
		[CDXP_STRICT_WIDER] = LAUNCH_NO_WIDER,
		[CDXP_STRICT_ANY] = LAUNCH_NO_DEVIATION,
	};
	static const enum launch_self_test self_test[] = {
		[CDXP_SELF_TEST_NO] = LAUNCH_SELF_TEST_NO,
		[CDXP_SELF_TEST_TEXT] = LAUNCH_SELF_TEST_TEXT,
		[CDXP_SELF_TEST_JSON] = LAUNCH_SELF_TEST_JSON,
	};
	if (b->policy == NULL && !o->allow_unsandboxed)
		return messages_fail(m, CDXP_REFUSED, "the profile \"%s\" confines nothing: "
		    "it runs only with --allow-unsandboxed", b->ir->name);

	struct arena *a = arena_new();
	struct cdxp_plan *p = arena_alloc(a, sizeof(*p));
	p->arena = a;
	p->ir = b->ir;
	p->request = (struct launch_request){
		.ir = b->ir, .bound = b->policy, .decide = b->decide, .cwd = b->cwd,
		.backend = o->backend,
		.strict = strict[o->strict],
		.require_live_patterns = o->require_live_patterns,
		.no_debug = o->no_debug,
		.trust_outer = o->trust_outer,
		.private_desktop = o->private_desktop,
		.advisory_network = o->advisory_network, .no_everyone = o->no_everyone,
		.self_test = self_test[o->self_test], .self_test_only = o->self_test_only,
		.denials = {
			.on = o->denials != CDXP_DENIALS_NO, .reads = o->denied_reads,
			.json = o->denials == CDXP_DENIALS_JSON,
			.table = o->denials == CDXP_DENIALS_TABLE, .fd = o->denials_fd,
		},
		.keep_fds = o->keep_fds, .nkeep_fds = o->nkeep_fds,
		.environment = o->environment, .argv = o->argv,
		.last = o->last,
		.forward = o->forward, .nforward = o->nforward,
		.audit_file = o->audit_file, .audit_fd = o->audit_fd,
		.start = o->start != NULL ? o->start->launch : NULL,
	};
	struct launch_error err;
	if (launch_make(a, &p->request, &p->launch, &err) != 0) {
		enum cdxp_status s = fail_launch(m, &err);
		cdxp_plan_free(p);
		return s;
	}
	if (o->verbose)
		note_deviations(p, m);
	*out = p;
	return CDXP_OK;
}

void
cdxp_plan_free(struct cdxp_plan *p)
{
	if (p == NULL)
		return;
	launch_drop(&p->launch);
	arena_free(p->arena);
}

enum cdxp_status
cdxp_plan_json(const struct cdxp_plan *p, char **json, struct cdxp_messages *m)
{
	struct launch_error err;
	const char *text = launch_json(p->arena, &p->launch, &err);
	if (text == NULL)
		return fail_launch(m, &err);
	*json = strdup(text);
	return CDXP_OK;
}

static const enum launch_setup setup[] = {
	[CDXP_SETUP_DRY_RUN] = LAUNCH_DRY_RUN, [CDXP_SETUP_APPLY] = LAUNCH_APPLY,
	[CDXP_SETUP_VERIFY] = LAUNCH_VERIFY, [CDXP_SETUP_UNDO] = LAUNCH_UNDO,
};

static enum cdxp_status
reported(int rc, const char *text, const struct launch_error *err, char **report, struct cdxp_messages *m)
{
	if (text != NULL)
		*report = strdup(text);
	return rc == 0 ? CDXP_OK : text != NULL ? CDXP_UNSOUND : fail_launch(m, err);
}

enum cdxp_status
cdxp_set_up(const struct cdxp_plan *p, enum cdxp_setup what, bool json, char **report,
    struct cdxp_messages *m)
{
	struct arena *a = arena_new();
	struct launch_error err;
	const char *text = NULL;
	int rc = launch_set_up(a, p == NULL ? NULL : &p->launch, setup[what], json, &text, &err);
	enum cdxp_status s = reported(rc, text, &err, report, m);
	arena_free(a);
	return s;
}

enum cdxp_status
cdxp_machine(const struct cdxp_policy *p, const char *file, enum cdxp_setup what, bool json,
    char **report, struct cdxp_messages *m)
{
	struct arena *a = arena_new();
	struct launch_error err;
	const char *text = NULL;
	int rc = launch_machine(a, p == NULL ? NULL : policy_ir(p), file, setup[what], json, &text, &err);
	enum cdxp_status s = reported(rc, text, &err, report, m);
	arena_free(a);
	return s;
}

enum cdxp_status
cdxp_exec(const struct cdxp_plan *p, int *exit_status, struct cdxp_messages *m)
{
	struct launch_error err;
	if (launch_exec(p->arena, &p->launch, exit_status, &err) != 0)
		return fail_launch(m, &err);
	return CDXP_OK;
}
