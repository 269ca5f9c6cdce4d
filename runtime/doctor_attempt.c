/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_attempt.c - one sandbox, started for real and tried from inside */
#include <config.h>

#include "doctor_attempt.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "cdxp.h"
#include "report.h"
#include "surroundings.h"
#include "system.h"
#include "trial.h"

static void
show(const struct cdxp_messages *m)
{
	enum cdxp_severity severity;
	const char *text;

	for (size_t i = 0; (text = cdxp_messages_text(m, i, &severity)) != NULL; i++)
		fprintf(stderr, "%s\n", text);
	fflush(stderr);
}

static enum cdxp_status
load(const struct doctor_attempt *t, struct cdxp_policy **out, struct cdxp_messages *m)
{
	struct cdxp_load_options how = { 0 };

	if (t->policy != NULL)
		return cdxp_policy_read(out, "doctor", t->policy, strlen(t->policy), &how, m);
	how.profile = t->file->profile;
	return cdxp_policy_load(out, t->file->file, &how, m);
}

int
doctor_attempt(const struct doctor_attempt *t)
{
	struct cdxp_messages *m = cdxp_messages_new("cdxp-run", false);
	struct cdxp_policy *policy = NULL;
	struct cdxp_bound *bound = NULL;
	struct cdxp_plan *plan = NULL;
	char version[] = "--version", *argv[] = { NULL, version, NULL };
	const struct cdxp_bind_options where = {
		.cwd = t->cwd, .home = t->here->home, .tmpdir = t->here->tmpdir,
		.tmp = t->here->tmp, .backend = t->backend,
		.create_state = true,
		.shielded = { t->file != NULL ? &t->file->file : NULL,
		    t->file != NULL && system_is_regular(t->file->file) ? 1 : 0 },
	};
	const struct cdxp_exec_options how = {
		.backend = t->backend, .environment = t->here->environment, .argv = argv,
		.self_test = t->file != NULL && t->file->json ? CDXP_SELF_TEST_JSON : CDXP_SELF_TEST_TEXT,
		.self_test_only = t->file != NULL,
	};
	int status = STATUS_SETUP;

	argv[0] = (char *)(uintptr_t)t->self;
	enum cdxp_status s = load(t, &policy, m);
	if (s == CDXP_OK)
		s = cdxp_bind(&bound, policy, &where, m);
	if (s == CDXP_OK)
		s = cdxp_plan_make(&plan, bound, &how, m);
	if (s == CDXP_OK)
		s = cdxp_exec(plan, &status, m);
	show(m);
	return s == CDXP_OK ? status : STATUS_SETUP;
}

bool
doctor_try_policy(struct arena *a, const struct doctor_policy *p, const char *backend, unsigned seconds,
    const struct surroundings *here, const char **text)
{
	struct doctor_attempt t = { backend, NULL, p, p->directory, doctor_self(a), here };
	struct trial done;

	if (t.self == NULL)
		t.self = here->argv[0];
	doctor_run_attempt(a, &t, seconds, &done);
	bool good = !done.late && done.status == 0;
	*text = arena_strdup(a, sbuf_str(&done.text));
	if (done.late)
		*text = arena_printf(a, "%scdxp-run: doctor: not ended after %u seconds\n", *text, seconds);
	sbuf_free(&done.text);
	return good;
}
