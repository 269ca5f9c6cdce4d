/* SPDX-License-Identifier: Apache-2.0 */
/* exec_windows.c - plan, entries, token, self-check, session */
#include <config.h>

#include "exec_windows.h"

#include <string.h>

#include <windows.h>

#include "acl_apply.h"
#include "acl_ground.h"
#include "acl_session.h"
#include "arena.h"
#include "canary.h"
#include "desktop.h"
#include "env_block.h"
#include "environ.h"
#include "genuine.h"
#include "helper_lock.h"
#include "json.h"
#include "native_path.h"
#include "output_watch.h"
#include "report.h"
#include "runner.h"
#include "self_test_windows.h"
#include "system.h"
#include "token.h"
#include "win32.h"

enum {
	HELPER_MS = 60 * 1000,
	SPREAD_NOW = 2000,	/* objects that take over entries for reading before the command starts */
};

/* All that is made for a run, in the order that it is made. */
struct run {
	struct arena		*a;
	const struct windows_request *q;
	struct win_plan		*plan;
	struct acl_ground	 ground;
	struct acl_report	 report;
	struct acl_applied	 applied;
	struct acl_session	*session;
	struct token_request	 token_request;
	HANDLE			 token;		/* unelevated; else the runner makes it */
	struct spawn_logon	 logon;
	struct canaries		 canaries;
	struct sbuf		 preface;
	struct desktop		 desktop;
	const char		*const *envp;
};

static int
fail(struct run *r, const char **why, const char *what)
{
	*why = arena_printf(r->a, "%s", what);
	return -1;
}

/* The first error of a report in one line; all others are said as well. */
static int
fail_report(struct run *r, const char **why, const char *what)
{
	const struct acl_finding *first = NULL;

	for (size_t i = 0; i < r->report.findings.len; i++) {
		const struct acl_finding *f = &r->report.findings.v[i];
		if (f->severity != ACL_ERROR)
			continue;
		if (first == NULL)
			first = f;
		else
			report("%s%s%s", f->path != NULL ? f->path : "", f->path != NULL ? ": " : "", f->text);
	}
	if (first == NULL)
		return fail(r, why, what);
	*why = arena_printf(r->a, "%s: %s%s%s%s%s%s", what, first->path != NULL ? first->path : "",
	    first->path != NULL ? ": " : "", first->text, first->at[0] != '\0' ? " (" : "", first->at,
	    first->at[0] != '\0' ? ")" : "");
	return -1;
}

/* What an administrator or the user should know, though the command is run. */
static void
say_warnings(const struct acl_report *r)
{
	for (size_t i = 0; i < r->findings.len; i++) {
		const struct acl_finding *f = &r->findings.v[i];
		if (f->severity == ACL_WARNING)
			report("warning: %s%s%s", f->path != NULL ? f->path : "",
			    f->path != NULL ? ": " : "", f->text);
	}
}

static int
read_plan(struct arena *a, const char *text, size_t len, struct win_plan **out, const char **why)
{
	const char *what;

	*out = win_plan_read(a, text, len, NULL, &what);
	if (*out != NULL)
		return 0;
	*why = arena_printf(a, "the plan cannot be used: %s", what);
	return -1;
}

/* ---- token ---- */

static int
add_sid(struct run *r, const struct plan_to *to, struct sid *out, const char **why)
{
	*out = acl_sid_of(&r->ground.context, r->applied.capabilities, to);
	if (to->who == TO_LOGON && r->plan->elevated)
		*out = (struct sid){ 0 };	/* of another user: known to the runner alone */
	else if (out->n == 0)
		return fail(r, why, arena_printf(r->a, "the plan's token names \"%s\", which is not known here",
		    plan_to_text(r->a, to)));
	return 0;
}

/* The one that was asked for.  Where a model stands for the files nothing is confined, and that is said. */
static int
take_token(struct run *r, const char **why)
{
	if (token_make(r->a, &r->token_request, &r->token, why) != 0)
		return -1;
	return r->ground.not_windows != NULL ? 0 : token_verify(r->a, &r->token_request, r->token, why);
}

static int
make_token(struct run *r, const char **why)
{
	const struct win_plan *p = r->plan;
	struct sid *sids = arena_array(r->a, p->restricting.len + 1, sizeof(*sids));

	r->token_request = (struct token_request){ .restricting = sids, .nrestricting = p->restricting.len };
	for (size_t i = 0; i < p->restricting.len; i++)
		if (add_sid(r, &p->restricting.v[i], &sids[i], why) != 0)
			return -1;
	for (size_t i = 0; i < p->default_dacl.len; i++) {
		struct ace ace = { .type = ACE_ALLOW, .mask = p->default_dacl.v[i].mask };
		if (add_sid(r, &p->default_dacl.v[i].to, &ace.sid, why) != 0)
			return -1;
		ace_add(r->a, &r->token_request.dacl, ace);
	}
	if (p->elevated)
		return 0;
	return take_token(r, why);
}

static int
make_desktop(struct run *r, const char **why)
{
	if (!r->q->private_desktop || (r->plan != NULL && r->plan->elevated))
		return desktop_own(r->a, &r->desktop, why);
	return desktop_private(r->a, r->token_request.restricting, r->token_request.nrestricting,
	    &r->desktop, why);
}

/* ---- environment ---- */

/*
 * What the plan asks programs for, and the two variables without which hardly
 * any program starts, whatever the profile inherits.
 */
static int
make_environment(struct run *r, const char **why)
{
	const char *const *envp = r->q->envp;
	wchar_t windows[MAX_PATH + 1];
	UINT n = GetSystemWindowsDirectoryW(windows, NELEMS(windows));
	const char *root = n == 0 || n >= NELEMS(windows) ? NULL : win32_utf8(r->a, windows);

	if (root == NULL)
		return fail(r, why, "the directory of Windows cannot be found out");
	if (environ_get(envp, "SYSTEMROOT") == NULL)
		envp = env_with(r->a, envp, "SYSTEMROOT", root);
	if (environ_get(envp, "SYSTEMDRIVE") == NULL)
		envp = env_with(r->a, envp, "SYSTEMDRIVE", arena_printf(r->a, "%.2s", root));
	for (size_t i = 0; r->plan != NULL && !r->q->proxied && i < r->plan->environment.len; i++)
		envp = env_with(r->a, envp, r->plan->environment.v[i].name, r->plan->environment.v[i].value);
	r->envp = envp;
	return 0;
}

/* ---- the run ---- */

/* Our own directory, and those that hold a root and lie in none. */
static int
make_canaries(struct run *r, const char **why)
{
	size_t n = r->plan == NULL ? 0 : r->plan->roots.len;
	const char **dirs = arena_array(r->a, n + 1, sizeof(*dirs));
	size_t len = 0;

	dirs[len++] = r->ground.state_dir;
	for (size_t i = 0; i < n; i++) {
		const char *parent = win_path_parent(r->a, r->plan->roots.v[i].path);
		size_t k = 0;
		while (parent != NULL && k < n && !win_path_within(parent, r->plan->roots.v[k].path))
			k++;
		const char *dir = parent == NULL || k < n ? NULL : native_path_back(r->a, parent);
		if (dir != NULL)
			dirs[len++] = dir;
	}
	return canary_make(r->a, dirs, len, &r->canaries, why);
}

static int
check_confined(struct run *r, const char **why)
{
	if (r->ground.not_windows != NULL) {
		report("warning: this is %s: entries are kept in a model, and nothing confines the command",
		    r->ground.not_windows);
		return 0;
	}
	if (make_canaries(r, why) != 0)
		return -1;
	/* The runner asks, as the sandbox user. */
	if (r->plan != NULL && r->plan->elevated)
		return 0;
	const struct canary_request c = { .token = r->token, .desktop = r->desktop.name, .file = r->canaries.file,
	    .n = r->canaries.n, .envp = r->envp };
	return canary_check(r->a, &c, why);
}

static int
prepare(struct run *r, const char **why)
{
	struct acl_context *c = &r->ground.context;

	if (r->plan->elevated && runner_logon(r->a, &r->ground, r->plan, &r->logon, why) != 0)
		return -1;
	c->spread_now = r->plan->elevated ? SPREAD_NOW : 0;
	r->session = acl_session_begin(c, r->plan, GetCurrentProcessId(), &r->report);
	if (r->session == NULL)
		return fail_report(r, why, "the command is not run");
	if (acl_apply(c, r->plan, r->q->name, &r->report, &r->applied) != 0)
		return fail_report(r, why, "the plan could not be applied, and nothing of it is left");
	say_warnings(&r->report);
	if (r->report.spreading && runner_spread(r->a, &r->ground, why) != 0)
		return -1;
	if (make_token(r, why) != 0 || make_desktop(r, why) != 0 || make_environment(r, why) != 0)
		return -1;
	return check_confined(r, why);
}

/* The same session, with the runner for the command. */
static int
as_sandbox_user(struct run *r, struct session_request *s, struct sbuf *preface, const char **why)
{
	const char *way = r->report.spreading ? r->plan->junction : NULL;
	struct runner_request q = {
		.dacl = r->token_request.dacl, .group = r->ground.context.people.group,
		.unconfined = r->ground.not_windows != NULL, .private_desktop = r->q->private_desktop,
	};
	uint64_t random;

	for (size_t i = 0; i < r->token_request.nrestricting; i++)
		VEC_PUSH(r->a, &q.restricting, r->token_request.restricting[i]);
	for (size_t i = 0; i < r->canaries.n; i++)
		VEC_PUSH(r->a, &q.canaries, r->canaries.file[i]);
	if (way != NULL && win_path_within(s->start.cwd, way) && system_random(&random, sizeof(random)) == 0) {
		q.point = arena_printf(r->a, "cdxp-%016llx", (unsigned long long)random);
		q.target = way;
	}
	return runner_session(r->a, &r->logon, &q, s, preface, why);
}

/* The command in its place: ourselves, which has no rights but those of the command. */
static int
run_test(struct run *r, int *status, const char **why)
{
	static const char *const argv[] = { "cdxp-run", SELF_TEST_ROLE, NULL };
	struct session_request s = {
		.start = { .token = r->token, .argv = argv, .envp = r->envp, .desktop = r->desktop.name },
		.stream = { NULL, GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE) },
	};
	struct session_result result;
	struct sbuf preface = SBUF_INIT;

	s.stream[0] = self_test_input(r->a, r->ground.state_dir, r->q->test, r->q->test_len, why);
	if (s.stream[0] == NULL)
		return -1;
	int rc = spawn_ourselves(r->a, &s.start, why);
	if (rc == 0 && r->plan->elevated)
		rc = as_sandbox_user(r, &s, &preface, why);
	if (rc == 0)
		rc = session_run(r->a, &s, &result, why);
	sbuf_free(&preface);
	CloseHandle(s.stream[0]);
	if (rc == 0)
		*status = result.end == SESSION_INTERRUPTED ? (int)result.code : result.code == 0 ? 0 : STATUS_SETUP;
	return rc;
}

static int
run_session(struct run *r, int *status, const char **why)
{
	const struct windows_request *q = r->q;
	struct session_request s = {
		.start = {
			.token = r->token, .argv = q->argv, .envp = r->envp,
			.program = native_path_plain(r->a, q->command),
			.cwd = native_path_plain(r->a, q->cwd), .desktop = r->desktop.name, .console = true,
		},
		.stream = {
			GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE),
			GetStdHandle(STD_ERROR_HANDLE),
		},
		.seen = q->watch != NULL ? output_watch_seen : NULL, .seen_arg = q->watch,
	};
	struct session_result result;

	if (s.start.program == NULL || s.start.cwd == NULL)
		return fail(r, why, "the command or its directory has a name that Windows cannot be given");
	if (r->plan != NULL && r->plan->elevated && as_sandbox_user(r, &s, &r->preface, why) != 0)
		return -1;
	if (session_run(r->a, &s, &result, why) != 0)
		return -1;
	*status = (int)result.code;
	output_watch_end(q->watch, true, result.code);
	if (result.cut)
		report("what the command had started was ended: it held the output for five seconds more");
	return 0;
}

static void
end(struct run *r)
{
	const char *why;

	runner_forget(&r->logon);
	sbuf_free(&r->preface);
	canary_close(&r->canaries);
	if (r->token != NULL)
		CloseHandle(r->token);
	desktop_close(&r->desktop);
	acl_session_end(&r->ground.context, r->session);
	if (acl_ground_close(r->a, &r->ground, &why) != 0)
		report("%s", why);
}

int
exec_windows(struct arena *a, const struct windows_request *q, int *status, const char **why)
{
	struct run r = { .a = a, .q = q, .report.a = a };

	if (read_plan(a, q->plan, q->plan_len, &r.plan, why) != 0 || acl_ground_open(a, &r.ground, why) != 0)
		return -1;
	int rc = prepare(&r, why);
	*status = 0;
	if (rc == 0 && q->test != NULL)
		rc = run_test(&r, status, why);
	if (rc == 0 && *status == 0 && !q->test_only)
		rc = run_session(&r, status, why);
	end(&r);
	return rc;
}

int
exec_windows_plain(struct arena *a, const struct windows_request *q, int *status, const char **why)
{
	struct run r = { .a = a, .q = q, .report.a = a };

	if (make_environment(&r, why) != 0 || desktop_own(a, &r.desktop, why) != 0)
		return -1;
	return run_session(&r, status, why);
}

/* ---- whether anything can be run ---- */

static int
keeps_entries(struct run *r, const char **why)
{
	struct acl_store *s = r->ground.context.store;
	const char *home = r->ground.context.dirs.profile;
	struct acl_object *o;
	struct acl_facts f;

	if (s->ops->open(s, home, ACL_LOOK, &o) != ACL_OK)
		return fail(r, why, s->why);
	enum acl_status got = s->ops->facts(s, r->a, o, &f);
	s->ops->close(s, o);
	if (got != ACL_OK)
		return fail(r, why, s->why);
	return f.has_acls ? 0 : fail(r, why, arena_printf(r->a, "the volume of %s keeps no access "
	    "control lists", home));
}

/* The token of a run that writes nothing, with an identifier that was never used. */
static int
ask_for_nothing(struct run *r, const char **why)
{
	struct sid *sids = arena_array(r->a, 3, sizeof(*sids));

	sids[0] = (struct sid){ .authority = 5, .n = 5, .sub = { 21 } };
	if (system_random(&sids[0].sub[1], 4 * sizeof(sids[0].sub[0])) != 0)
		return fail(r, why, "the system gives no random bytes");
	sids[1] = r->ground.context.people.logon;
	sids[2] = sid_everyone;
	r->token_request = (struct token_request){ .restricting = sids, .nrestricting = 3 };
	for (size_t i = 0; i < 3; i++)
		ace_add(r->a, &r->token_request.dacl, (struct ace){ .type = ACE_ALLOW,
		    .mask = 0x10000000 /* GENERIC_ALL */, .sid = sids[i] });
	return 0;
}

static int
check_all(struct run *r, const char **id, const char **why)
{
	*id = "no-entries";
	if (keeps_entries(r, why) != 0)
		return -1;
	*id = "token";
	if (ask_for_nothing(r, why) != 0 || take_token(r, why) != 0)
		return -1;
	*id = "desktop";
	if (make_desktop(r, why) != 0 || make_environment(r, why) != 0)
		return -1;
	*id = "self-check";
	return check_confined(r, why);
}

/* With a password that is found, the user is there to be signed in. */
static int
find_user(struct run *r, const char **id, const char **why)
{
	const struct win_plan any = { .elevated = true, .identity = PLAN_ONLINE };

	*id = "sandbox-user";
	return runner_logon(r->a, &r->ground, &any, &r->logon, why);
}

int
exec_windows_check(struct arena *a, bool elevated, const char *const *envp, const char **id, const char **why)
{
	const struct windows_request q = { .envp = envp };
	struct run r = { .a = a, .q = &q, .report.a = a };

	*id = genuine_not(a) != NULL ? "not-windows" : "ground";
	if (acl_ground_open(a, &r.ground, why) != 0)
		return -1;
	int rc = check_all(&r, id, why);
	if (rc == 0 && elevated)
		rc = find_user(&r, id, why);
	end(&r);
	return rc;
}

/* ---- without a command ---- */

static int
set_up(struct run *r, enum windows_setup what, const char *name)
{
	struct acl_context *c = &r->ground.context;

	switch (what) {
	case WINDOWS_DRY_RUN:
		return acl_dry_run(c, r->plan, &r->report);
	case WINDOWS_APPLY:
		return acl_apply(c, r->plan, name, &r->report, &r->applied);
	case WINDOWS_VERIFY:
		return acl_verify(c, r->plan, &r->report);
	case WINDOWS_UNDO:
		return acl_undo(c, r->plan == NULL ? NULL : r->plan->id, &r->report);
	}
	return -1;
}

/* Entries for reading that were left to be handed on: by one process at a time. */
static enum helper_status
spread(struct run *r, unsigned ms, int *rc)
{
	struct helper_lock *lock;
	const char *why;

	enum helper_status s = helper_lock(r->a, "spread", ms, &lock, &why);
	*rc = s == HELPER_BUSY || s == HELPER_FAILED ? -1 : 0;
	if (*rc != 0) {
		acl_find(&r->report, ACL_ERROR, "state", NULL, "", "%s", why);
		return s;
	}
	/* One that died has left its part in the journal, which is looked at first. */
	*rc = acl_spread_rest(&r->ground.context, &r->report);
	helper_unlock(lock);
	return s;
}

/* Nobody reads what it says: what is left is found, and said, by the next run. */
int
exec_windows_spread(void)
{
	struct run r = { .a = arena_new() };
	const char *why;
	int rc = -1;

	r.report.a = r.a;
	if (acl_ground_open(r.a, &r.ground, &why) == 0) {
		/* Another helper does it all. */
		if (spread(&r, 0, &rc) == HELPER_BUSY)
			rc = 0;
		if (acl_ground_close(r.a, &r.ground, &why) != 0)
			rc = -1;
	}
	arena_free(r.a);
	return rc == 0 ? 0 : STATUS_SETUP;
}

static const char *
report_words(struct arena *a, const struct acl_report *r, enum windows_setup what, bool json)
{
	static const char *const verbs[] = {
		[WINDOWS_DRY_RUN] = "plan", [WINDOWS_APPLY] = "apply", [WINDOWS_VERIFY] = "verify",
		[WINDOWS_UNDO] = "undo",
	};
	struct sbuf text = SBUF_INIT;

	if (json) {
		cJSON *o = acl_report_json(r, verbs[what]);
		if (json_write(&text, o) != 0)
			sbuf_puts(&text, "{}");
		sbuf_addc(&text, '\n');
		cJSON_Delete(o);
	} else {
		acl_report_text(r, verbs[what], true, &text);
	}
	const char *words = arena_strndup(a, sbuf_str(&text), text.len);
	sbuf_free(&text);
	return words;
}

int
windows_set_up(struct arena *a, enum windows_setup what, const char *plan, size_t plan_len,
    const char *name, bool json, const char **text, const char **why)
{
	struct run r = { .a = a, .report.a = a };
	const char *wrong;

	*text = NULL;
	if (plan != NULL && (r.plan = win_plan_read(a, plan, plan_len, NULL, &wrong)) == NULL) {
		*why = arena_printf(a, "the plan cannot be used: %s", wrong);
		return -1;
	}
	if (acl_ground_open(a, &r.ground, why) != 0)
		return -1;
	int rc = set_up(&r, what, name);
	if (rc == 0 && r.report.spreading)
		spread(&r, HELPER_MS, &rc);
	r.report.spreading = r.report.spreading && rc != 0;
	if (acl_ground_close(a, &r.ground, why) != 0)
		return -1;
	*text = report_words(a, &r.report, what, json);
	return rc;
}
