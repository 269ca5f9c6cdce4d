/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_windows.c - whether commands can be confined on this Windows, and what stands against it */
#include <config.h>

#include "doctor_attempt.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "acl_ground.h"
#include "arena.h"
#include "exec_windows.h"
#include "genuine.h"
#include "launch.h"
#include "machine_run.h"
#include "native_path.h"
#include "report.h"
#include "session.h"
#include "state_dir.h"
#include "surroundings.h"
#include "system.h"
#include "token.h"
#include "trial.h"

static const char machine_remedy[] = "have an administrator run  cdxp-run machine apply";

/* By the word of exec_windows_check(). */
static const struct { const char *id, *remedy; } remedies[] = {
	{ "not-windows", "run cdxp-run on Windows 10 or later" },
	{ "ground", "sign in to Windows as an ordinary user, with a profile of your own" },
	{ "no-entries", "keep user profiles on a volume with NTFS or ReFS" },
	{ "token", "report this with the version of Windows; a policy may keep tokens from being restricted" },
	{ "desktop", "start cdxp-run from a desktop or a console, not from a service" },
	{ "self-check", "report this with the version of Windows: nothing would be confined" },
	{ "sandbox-user", machine_remedy },
};

static bool
is_elevated(const char *backend)
{
	return strcmp(backend, "windows-elevated") == 0;
}

bool
doctor_has_named(const char *backend)
{
	return is_elevated(backend);
}

void
doctor_try(struct arena *a, const char *backend, const char *directory, unsigned seconds,
    const struct surroundings *here, struct doctor_backend *out)
{
	const char *id, *why;
	struct doctor_cause note;

	(void)directory, (void)seconds;
	*out = (struct doctor_backend){ .name = backend, .works = true, .writes = true, .said = "" };
	if (exec_windows_check(a, is_elevated(backend), (const char *const *)here->environment, &id, &why) == 0)
		return;
	out->works = out->writes = false;
	out->why = (struct doctor_cause){ id, why, "report this" };
	for (size_t i = 0; i < NELEMS(remedies); i++)
		if (strcmp(remedies[i].id, id) == 0)
			out->why.remedy = remedies[i].remedy;
	/* In the same words, so that they are said once. */
	doctor_note(a, 0, &note);
	if (note.id != NULL && strcmp(note.id, id) == 0)
		out->why = note;
}

/* Nothing is written but in the directory of our state. */
const char *
doctor_directory(struct arena *a, const struct surroundings *here)
{
	(void)a, (void)here;
	return NULL;
}

int
doctor_directory_remove(const char *dir)
{
	(void)dir;
	return 0;
}

/* ---- a file ---- */

/* First argument of cdxp-run: try the file that is named behind it.  No profile has such a name. */
#define DOCTOR_ROLE	":doctor"

enum { ROLE_NAME = 1, ROLE_BACKEND, ROLE_FORM, ROLE_PROFILE, ROLE_DIRECTORY, ROLE_FILE, ROLE_ARGUMENTS };

/*
 * What was written, from both streams.  Never freed: a thread that carries one
 * and cannot be ended may still come by.
 */
struct collector {
	SRWLOCK		 lock;
	struct trial	*into;		/* NULL: nobody listens any more */
};

static void
collect(void *arg, int stream, const void *bytes, size_t n)
{
	struct collector *c = arg;

	(void)stream;
	AcquireSRWLockExclusive(&c->lock);
	if (c->into != NULL && c->into->text.len < TRIAL_TEXT_BYTES)
		sbuf_add(&c->into->text, bytes, n);
	ReleaseSRWLockExclusive(&c->lock);
}

/* "=NAME", or "" where there is none. */
static const char *
word(struct arena *a, const char *text)
{
	return text == NULL ? "" : arena_printf(a, "=%s", text);
}

static const char *
of_word(const char *w)
{
	return *w == '\0' ? NULL : w + 1;
}

void
doctor_run_attempt(struct arena *a, const struct doctor_attempt *t, unsigned seconds, struct trial *done)
{
	const char *argv[] = {
		"cdxp-run", DOCTOR_ROLE, t->backend, t->file->json ? "json" : "text", word(a, t->file->profile),
		word(a, t->cwd), t->file->file, NULL,
	};
	struct session_request q = {
		.start = { .argv = argv, .envp = (const char *const *)t->here->environment, .console = true },
		.seen = collect, .timeout_ms = seconds * 1000,
	};
	struct collector *c = calloc(1, sizeof(*c));
	const char *why, *cwd = system_full_path(a, NULL);
	struct session_result result;

	if (c == NULL)
		out_of_memory();
	*done = (struct trial){ .status = -1, .text = SBUF_INIT };
	InitializeSRWLock(&c->lock);
	c->into = done;
	q.seen_arg = c;
	/* It is collected on its way to nowhere. */
	q.stream[1] = q.stream[2] = CreateFileW(L"NUL", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
	    OPEN_EXISTING, 0, NULL);
	int rc = spawn_ourselves(a, &q.start, &why);
	/* A file that is not named in full is found from where we are. */
	q.start.cwd = cwd != NULL ? native_path_plain(a, cwd) : NULL;
	if (rc == 0 && q.start.cwd == NULL) {
		why = "the working directory has a name that Windows cannot be given";
		rc = -1;
	}
	if (rc == 0)
		rc = session_run(a, &q, &result, &why);
	AcquireSRWLockExclusive(&c->lock);
	c->into = NULL;
	ReleaseSRWLockExclusive(&c->lock);
	CloseHandle(q.stream[1]);
	if (rc == 0) {
		done->status = (int)result.code;
		done->late = result.end == SESSION_TIMED_OUT;
	} else {
		sbuf_printf(&done->text, "cdxp-run: doctor: %s\n", why);
	}
}

bool
doctor_role(const struct surroundings *here, int *status)
{
	char *const *w = here->argv;

	if (here->argc < 2 || strcmp(w[ROLE_NAME], DOCTOR_ROLE) != 0)
		return false;
	*status = STATUS_SETUP;
	if (here->argc != ROLE_ARGUMENTS)
		return true;
	struct arena *a = arena_new();
	const struct doctor_policy p = {
		.file = w[ROLE_FILE], .profile = of_word(w[ROLE_PROFILE]), .json = strcmp(w[ROLE_FORM], "json") == 0,
	};
	const struct doctor_attempt t = {
		.backend = w[ROLE_BACKEND], .file = &p, .cwd = of_word(w[ROLE_DIRECTORY]), .self = doctor_self(a), .here = here,
	};
	*status = t.self == NULL ? report_fail(STATUS_SETUP, "doctor: where this cdxp-run lies cannot be found out") :
	    doctor_attempt(&t);
	arena_free(a);
	return true;
}

/* As commands are named here. */
const char *
doctor_self(struct arena *a)
{
	const char *path = launch_program(a);

	return path != NULL ? native_path_plain(a, path) : NULL;
}

/* ---- what is known of this computer ---- */

const char *
doctor_limit(struct arena *a, const char *backend, size_t i)
{
	static const char *const elevated = "that what every user of the computer can read is not read, where it lies "
	    "outside of what the profile names and is not found (deviation public-read)";
	static const char *const limits[] = {
		"anything that is not to be read: reads are those of the user",
		"a network that is off, or proxied: --advisory-network asks by variables, which is no boundary",
		"deletion outside of what is writable, where the user may delete through the directory "
		"(deviation outside-delete)",
		"named pipes that programs make for their children (deviation child-pipes)",
	};

	(void)a;
	if (is_elevated(backend))
		return i == 0 ? elevated : NULL;
	return i < NELEMS(limits) ? limits[i] : NULL;
}

void
doctor_note(struct arena *a, size_t i, struct doctor_cause *out)
{
	struct acl_ground g;
	const char *why;

	*out = (struct doctor_cause){ NULL, NULL, NULL };
	if (i > 0)
		return;
	if (!acl_ground_has_accounts(a)) {
		*out = (struct doctor_cause){ "sandbox-user", "there is no user " GROUND_ONLINE ", or no group " GROUND_GROUP
		    ", so that nothing is run with --backend=windows-elevated", machine_remedy };
		return;
	}
	/* What stands against the ground has been said. */
	if (acl_ground_open(a, &g, &why) != 0)
		return;
	if (machine_ready(a, &g, NULL, 0, &why) != 0)
		*out = (struct doctor_cause){ "offline-user", why, machine_remedy };
	acl_ground_close(a, &g, &why);
}

/* What GetVersionExW() says is what programs want to hear; this is declared for drivers alone. */
LONG NTAPI RtlGetVersion(OSVERSIONINFOW *);

static const char *
version(struct arena *a)
{
	OSVERSIONINFOW v = { .dwOSVersionInfoSize = sizeof(v) };
	const char *not = genuine_not(a);

	if (RtlGetVersion(&v) != 0)
		return "unknown";
	return arena_printf(a, "Windows %lu.%lu.%lu%s%s", v.dwMajorVersion, v.dwMinorVersion,
	    v.dwBuildNumber, not != NULL ? ", says " : "", not != NULL ? not : "");
}

bool
doctor_fact(struct arena *a, size_t i, struct doctor_fact *out)
{
	struct sid user;
	char text[SID_TEXT_MAX];
	const char *why, *dir = state_dir(a);

	switch (i) {
	case 0:
		*out = (struct doctor_fact){ "kernel", version(a) };
		return true;
	case 1:
		*out = (struct doctor_fact){ "user", token_user(a, &user, &why) != 0 ? why :
		    arena_strdup(a, sid_text(&user, text)) };
		return true;
	case 2:
		dir = dir == NULL ? NULL : native_path_plain(a, dir);
		*out = (struct doctor_fact){ "records", dir != NULL ? dir : "nowhere: LOCALAPPDATA is not set" };
		return true;
	default:
		return false;
	}
}
