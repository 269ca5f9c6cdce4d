/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_macos.c - what macOS has for sandboxes, and what stands against them here */
#include <config.h>

#include "doctor.h"

#include <mach-o/dyld.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "arena.h"
#include "base.h"
#include "seatbelt_command.h"
#include "state_dir.h"

enum { SELF_BYTES = 4096 };

const char *
doctor_self(struct arena *a)
{
	uint32_t size = SELF_BYTES;
	char *path = arena_alloc(a, size), real[SELF_BYTES];

	if (_NSGetExecutablePath(path, &size) != 0 || realpath(path, real) == NULL)
		return NULL;
	return arena_strdup(a, real);
}

void
doctor_why(struct arena *a, const struct doctor_trial *t, struct doctor_cause *out)
{
	if (access(SANDBOX_EXEC, X_OK) != 0)
		*out = (struct doctor_cause){ "no-sandbox-exec", SANDBOX_EXEC " is not there",
		    "use macOS 13 or later" };
	else if (strstr(t->said, "sandbox_apply") != NULL)
		*out = (struct doctor_cause){ "nested", "another sandbox is around this process, and macOS "
		    "applies no second one", "run cdxp-run outside of it" };
	else if (t->late)
		*out = (struct doctor_cause){ "hangs", arena_printf(a, "the sandbox did not end within %u "
		    "seconds", t->seconds), "allow more time with --timeout" };
	else
		*out = (struct doctor_cause){ "unknown", *t->said != '\0' ? t->said :
		    "the sandbox ended without a word",
		    "report this with what \"log show --last 1m --predicate 'sender == \"Sandbox\"'\" prints" };
}

const char *
doctor_limit(struct arena *a, const char *backend, size_t i)
{
	static const char *const limits[] = {
		"a loopback, with the network off (deviation no-loopback)",
		"Unix sockets of the sandbox's own, but for those allowed by path (deviation own-sockets)",
		"destinations of datagrams other than the loopback (deviation udp-destination)",
	};

	(void)a, (void)backend;
	return i < NELEMS(limits) ? limits[i] : NULL;
}

void
doctor_note(struct arena *a, size_t i, struct doctor_cause *out)
{
	(void)a, (void)i;
	*out = (struct doctor_cause){ NULL, NULL, NULL };
}

bool
doctor_fact(struct arena *a, size_t i, struct doctor_fact *out)
{
	const char *dir = state_dir(a);
	struct utsname u;
	const char *kernel = uname(&u) == 0 ? arena_printf(a, "%s %s (%s)", u.sysname, u.release,
	    u.machine) : "unknown";
	const struct doctor_fact facts[] = {
		{ "kernel", kernel },
		{ "user", arena_printf(a, "%u", (unsigned)geteuid()) },
		{ "records", dir != NULL ? dir : "no place" },
	};

	if (i >= NELEMS(facts))
		return false;
	*out = facts[i];
	return true;
}
