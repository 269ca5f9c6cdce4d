/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_start_windows.c - through two pipes, and in a job that ends with us */
#include <config.h>

#include "proxy_start.h"

#include "arena.h"
#include "native_path.h"
#include "report.h"
#include "spawn_job.h"
#include "win32.h"

struct proxy_child {
	struct spawned	 spawned;
	HANDLE		 to, from;
};

/* Sockets of Windows are not found without this one variable. */
static const char *const *
environment(struct arena *a)
{
	const char **envp = arena_array(a, 2, sizeof(*envp));
	wchar_t windows[MAX_PATH + 1];
	UINT n = GetSystemWindowsDirectoryW(windows, NELEMS(windows));

	if (n > 0 && n < NELEMS(windows))
		envp[0] = arena_printf(a, "SYSTEMROOT=%s", win32_utf8(a, windows));
	return envp;
}

/* Where what it says goes: our standard error, or nowhere. */
static HANDLE
error_stream(void)
{
	SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited), .bInheritHandle = TRUE };
	HANDLE ours = GetStdHandle(STD_ERROR_HANDLE), it = NULL;

	if (ours != NULL && ours != INVALID_HANDLE_VALUE && DuplicateHandle(GetCurrentProcess(), ours,
	    GetCurrentProcess(), &it, 0, TRUE, DUPLICATE_SAME_ACCESS))
		return it;
	return CreateFileW(L"NUL", GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
	    OPEN_EXISTING, 0, NULL);
}

static int
start(struct arena *a, struct proxy_child *p, const char *program, const char **why)
{
	const char *argv[] = { native_path_plain(a, program), NULL };
	struct spawn_request q = { .argv = argv, .envp = environment(a) };
	HANDLE its[2] = { NULL, NULL };
	int rc = -1;

	if (argv[0] == NULL) {
		*why = "its name is none of Windows";
		return -1;
	}
	/* Its working directory, and our name in the place of its own. */
	if (spawn_ourselves(a, &q, why) != 0 || spawn_pipe(a, true, &p->to, &its[0], why) != 0)
		return -1;
	q.program = argv[0];
	if (spawn_pipe(a, false, &p->from, &its[1], why) == 0) {
		HANDLE said = error_stream();
		q.stream[0] = its[0];
		q.stream[1] = its[1];
		q.stream[2] = said;
		rc = spawn(a, &q, &p->spawned, why);
		CloseHandle(said);
		CloseHandle(its[1]);
		if (rc != 0)
			CloseHandle(p->from);
	}
	CloseHandle(its[0]);
	if (rc != 0)
		CloseHandle(p->to);
	return rc;
}

static bool
send_all(HANDLE to, const char *bytes, size_t len)
{
	DWORD n = 0;

	for (size_t at = 0; at < len; at += n)
		if (!WriteFile(to, bytes + at, (DWORD)(len - at), &n, NULL))
			return false;
	return true;
}

static bool
hear_ports(HANDLE from, size_t n, uint16_t *ports)
{
	uint8_t told[2 * PROXY_MAX_LISTENERS];
	DWORD k = 0;

	for (size_t at = 0; at < 2 * n; at += k)
		if (!ReadFile(from, told + at, (DWORD)(2 * n - at), &k, NULL) || k == 0)
			return false;
	for (size_t i = 0; i < n; i++)
		ports[i] = (uint16_t)(told[2 * i] << 8 | told[2 * i + 1]);
	return true;
}

static void
end(struct proxy_child *p)
{
	spawned_end(&p->spawned, 0);
	spawned_close(&p->spawned);
	CloseHandle(p->to);
	CloseHandle(p->from);
}

struct proxy_child *
proxy_start(struct arena *a, const struct proxy_config *c, const char *program, int audit,
    uint16_t *ports, const char **why)
{
	struct proxy_child *p = arena_alloc(a, sizeof(*p));
	struct sbuf config = SBUF_INIT;

	(void)audit;
	if (start(a, p, program, why) != 0) {
		*why = arena_printf(a, "the managed proxy cannot be started: %s", *why);
		return NULL;
	}
	proxy_config_write(c, false, &config);
	bool listens = send_all(p->to, config.p, config.len) && hear_ports(p->from, c->nlisteners, ports);
	sbuf_free(&config);
	if (listens)
		return p;
	end(p);
	*why = arena_printf(a, "the managed proxy %s ended before it listened", program);
	return NULL;
}

void
proxy_stop(struct proxy_child *p)
{
	DWORD code;

	if (WaitForSingleObject(p->spawned.process, 0) == WAIT_OBJECT_0 &&
	    GetExitCodeProcess(p->spawned.process, &code))
		report("the managed proxy ended before the command did (status %lu): nothing was reached "
		    "from then on", code);
	end(p);
}
