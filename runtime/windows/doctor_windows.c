/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_windows.c - whether commands can be confined on this Windows, and what stands against it */
#include <config.h>

#include "doctor_try.h"

#include <string.h>

#include <windows.h>

#include "acl_ground.h"
#include "arena.h"
#include "exec_windows.h"
#include "genuine.h"
#include "machine_run.h"
#include "native_path.h"
#include "report.h"
#include "state_dir.h"
#include "surroundings.h"
#include "token.h"

/* By the word of exec_windows_check(). */
static const struct { const char *id, *remedy; } remedies[] = {
	{ "not-windows", "run cdxp-run on Windows 10 or later" },
	{ "ground", "sign in to Windows as an ordinary user, with a profile of your own" },
	{ "no-entries", "keep user profiles on a volume with NTFS or ReFS" },
	{ "token", "report this with the version of Windows; a policy may keep tokens from being restricted" },
	{ "desktop", "start cdxp-run from a desktop or a console, not from a service" },
	{ "self-check", "report this with the version of Windows: nothing would be confined" },
};

void
doctor_try(struct arena *a, const char *backend, const char *directory, unsigned seconds,
    const struct surroundings *here, struct doctor_backend *out)
{
	const char *id, *why;

	(void)directory, (void)seconds;
	*out = (struct doctor_backend){ .name = backend, .works = true, .writes = true, .said = "" };
	if (exec_windows_check(a, (const char *const *)here->environment, &id, &why) == 0)
		return;
	out->works = out->writes = false;
	out->why = (struct doctor_cause){ id, why, "report this" };
	for (size_t i = 0; i < NELEMS(remedies); i++)
		if (strcmp(remedies[i].id, id) == 0)
			out->why.remedy = remedies[i].remedy;
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

bool
doctor_try_policy(struct arena *a, const struct doctor_policy *p, const char *backend, unsigned seconds,
    const struct surroundings *here, const char **text)
{
	(void)a, (void)seconds, (void)here;
	report("doctor: %s is not tried: cdxp-run --self-test with it does, before a command; cdxp-run verify "
	    "says whether the entries of %s are in place", p->file, backend);
	*text = NULL;
	return false;
}

const char *
doctor_limit(struct arena *a, const char *backend, size_t i)
{
	static const char *const limits[] = {
		"anything that is not to be read: reads are those of the user",
		"a network that is off, or proxied: --advisory-network asks by variables, which is no boundary",
		"deletion outside of what is writable, where the user may delete through the directory "
		"(deviation outside-delete)",
		"named pipes that programs make for their children (deviation child-pipes)",
	};

	(void)a, (void)backend;
	return i < NELEMS(limits) ? limits[i] : NULL;
}

void
doctor_note(struct arena *a, size_t i, struct doctor_cause *out)
{
	static const char remedy[] = "have an administrator run  cdxp-run machine apply";
	struct acl_ground g;
	const char *why;

	*out = (struct doctor_cause){ NULL, NULL, NULL };
	if (i > 0)
		return;
	if (!acl_ground_has_accounts(a)) {
		*out = (struct doctor_cause){ "sandbox-user", "there is no user " GROUND_ONLINE ", or no group " GROUND_GROUP
		    ", so that nothing is run with --backend=windows-elevated", remedy };
		return;
	}
	/* What stands against the ground has been said. */
	if (acl_ground_open(a, &g, &why) != 0)
		return;
	if (machine_ready(a, &g, NULL, 0, &why) != 0)
		*out = (struct doctor_cause){ "offline-user", why, remedy };
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
