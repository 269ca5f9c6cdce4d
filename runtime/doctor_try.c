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
#include "doctor_attempt.h"
#include "launch.h"
#include "surroundings.h"
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

/* For trial_run(). */
static int
attempt(void *arg)
{
	return doctor_attempt(arg);
}

void
doctor_run_attempt(struct arena *a, const struct doctor_attempt *t, unsigned seconds, struct trial *done)
{
	struct doctor_attempt copy = *t;

	(void)a;
	trial_run(attempt, &copy, seconds, done);
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
succeeds(struct arena *a, const struct doctor_attempt *t, unsigned seconds, struct doctor_trial *seen)
{
	const char *wanted = arena_printf(a, "cdxp-run %s", cdxp_version());
	struct trial done;

	doctor_run_attempt(a, t, seconds, &done);
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
tries_writing(struct arena *a, const struct doctor_attempt *base, const char *directory, unsigned seconds,
    struct doctor_trial *seen)
{
	bool flat = strcmp(base->backend, "landlock") == 0;
	const char *denied = arena_printf(a, "%s/denied", directory);
	struct doctor_attempt t = *base;

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
	struct doctor_attempt t = { backend, reading, NULL, "/", doctor_self(a), here };
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
doctor_has_named(const char *backend)
{
	(void)backend;
	return false;
}

bool
doctor_role(const struct surroundings *here, int *status)
{
	(void)here, (void)status;
	return false;
}
