/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_try.c - starting a backend for real, with small policies */
#include <config.h>

#include "doctor_try.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "cdxp.h"
#include "launch.h"
#include "report.h"
#include "surroundings.h"
#include "system.h"
#include "trial.h"

/* The smallest there is, and one with most of what backends have to do. */
static const char reading[] =
	"default_permissions = \"doctor\"\n"
	"[permissions.doctor.filesystem]\n"
	"\":root\" = \"read\"\n";
static const char writing[] =
	"default_permissions = \"doctor\"\n"
	"[permissions.doctor.filesystem]\n"
	"\":root\" = \"read\"\n"
	"[permissions.doctor.filesystem.\":workspace_roots\"]\n"
	"\".\" = \"write\"\n"
	"\"denied\" = \"deny\"\n";
/* Where less cannot be said below more: the names that are protected by default are not. */
static const char writing_flat[] =
	"default_permissions = \"doctor\"\n"
	"[permissions.doctor.filesystem]\n"
	"\":root\" = \"read\"\n"
	"[permissions.doctor.filesystem.\":workspace_roots\"]\n"
	"\".\" = \"write\"\n"
	"\".git\" = \"write\"\n"
	"\".agents\" = \"write\"\n"
	"\".codex\" = \"write\"\n";

struct attempt {
	const char	*backend;
	const char	*policy;		/* its text; NULL: */
	const struct doctor_policy *file;
	const char	*cwd;
	const char	*self;
	const struct surroundings *here;
};

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
load(const struct attempt *t, struct cdxp_policy **out, struct cdxp_messages *m)
{
	struct cdxp_load_options how = { 0 };

	if (t->policy != NULL)
		return cdxp_policy_read(out, "doctor", t->policy, strlen(t->policy), &how, m);
	how.profile = t->file->profile;
	return cdxp_policy_load(out, t->file->file, &how, m);
}

/* In a process of its own, which ends after it: nothing is freed. */
static int
attempt(void *arg)
{
	const struct attempt *t = arg;
	struct cdxp_messages *m = cdxp_messages_new("cdxp-run", false);
	struct cdxp_policy *policy = NULL;
	struct cdxp_bound *bound = NULL;
	struct cdxp_plan *plan = NULL;
	char version[] = "--version", *argv[] = { NULL, version, NULL };
	const struct cdxp_bind_options where = {
		.cwd = t->cwd, .home = t->here->home, .tmpdir = t->here->tmpdir, .backend = t->backend,
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

/* What it said last: reasons come at the end. */
static const char *
last_line(struct arena *a, const struct trial *t)
{
	const char *text = sbuf_str(&t->text), *line = text, *mismatch = strstr(text, DOCTOR_MISMATCH);
	size_t len = strlen(text);

	if (mismatch != NULL)
		len = (size_t)(mismatch - text) + strcspn(mismatch, "\n");
	while (len > 0 && text[len - 1] == '\n')
		len--;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			line = text + i + 1;
	char *copy = arena_strndup(a, line, len - (size_t)(line - text));
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	size_t prefix = strlen("cdxp-run: ");
	return strncmp(copy, "cdxp-run: ", prefix) == 0 ? copy + prefix : copy;
}

/* Beside the command the runtime may have had something to say. */
static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at += len)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

/* Did the command run in it, and say what it has to? */
static bool
succeeds(struct arena *a, const struct attempt *t, unsigned seconds, struct doctor_trial *seen)
{
	const char *wanted = arena_printf(a, "cdxp-run %s", cdxp_version());
	struct attempt copy = *t;
	struct trial done;

	trial_run(attempt, &copy, seconds, &done);
	bool good = !done.late && done.status == 0 && has_line(sbuf_str(&done.text), wanted);
	*seen = (struct doctor_trial){
		.backend = t->backend, .late = done.late, .seconds = seconds,
		.said = good ? "" : last_line(a, &done),
	};
	sbuf_free(&done.text);
	return good;
}

static bool
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
tries_writing(struct arena *a, const struct attempt *base, const char *directory, unsigned seconds,
    struct doctor_trial *seen)
{
	bool flat = strcmp(base->backend, "landlock") == 0;
	const char *denied = arena_printf(a, "%s/denied", directory);
	struct attempt t = *base;

	t.policy = flat ? writing_flat : writing;
	t.cwd = directory;
	bool made = make_file(denied), good = succeeds(a, &t, seconds, seen);
	if (made)
		unlink(denied);
	seen->writing = true;
	return good;
}

void
doctor_try(struct arena *a, const char *backend, const char *directory, unsigned seconds,
    const struct surroundings *here, struct doctor_backend *out)
{
	struct attempt t = { backend, reading, NULL, "/", doctor_self(a), here };
	struct doctor_trial reads = { .backend = backend }, writes = { .backend = backend };

	if (t.self == NULL)
		t.self = here->argv[0];
	*out = (struct doctor_backend){ .name = backend, .said = "" };
	out->writes = directory != NULL && tries_writing(a, &t, directory, seconds, &writes);
	out->works = out->writes || succeeds(a, &t, seconds, &reads);
	if (out->writes || (out->works && directory == NULL))
		return;
	const struct doctor_trial *failed = out->works ? &writes : &reads;
	doctor_why(a, failed, &out->why);
	out->said = failed->said;
}

const char *
doctor_directory(struct arena *a, const struct surroundings *here)
{
	const char *const places[] = { here->tmpdir, "/tmp", "/var/tmp" };

	for (size_t i = 0; i < NELEMS(places); i++) {
		if (places[i] == NULL || places[i][0] != '/')
			continue;
		char *dir = arena_printf(a, "%s/cdxp-doctor.XXXXXX", places[i]);
		if (mkdtemp(dir) != NULL)
			return dir;
	}
	return NULL;
}

int
doctor_directory_remove(const char *dir)
{
	return rmdir(dir);
}

bool
doctor_try_policy(struct arena *a, const struct doctor_policy *p, const char *backend, unsigned seconds,
    const struct surroundings *here, const char **text)
{
	struct attempt t = { backend, NULL, p, p->directory, doctor_self(a), here };
	struct trial done;

	if (t.self == NULL)
		t.self = here->argv[0];
	trial_run(attempt, &t, seconds, &done);
	bool good = !done.late && done.status == 0;
	*text = arena_strdup(a, sbuf_str(&done.text));
	if (done.late)
		*text = arena_printf(a, "%scdxp-run: doctor: not ended after %u seconds\n", *text, seconds);
	sbuf_free(&done.text);
	return good;
}
