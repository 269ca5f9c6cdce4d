/* SPDX-License-Identifier: Apache-2.0 */
/* spawn_job.c - starting a program in a job of its own */
#include <config.h>

#include "spawn_job.h"

#include "arena.h"
#include "command_line.h"
#include "env_block.h"
#include "win32.h"

/* From Windows 10 on; ProcThreadAttributeValue(ProcThreadAttributeJobList, FALSE, TRUE, FALSE). */
enum { ATTRIBUTE_JOB_LIST = 0x2000D };

static int
fail(struct arena *a, const char **why, const char *what)
{
	*why = arena_printf(a, "%s: %s", what, win32_error_text(a, GetLastError()));
	return -1;
}

int
spawn_pipe(struct arena *a, bool to_child, HANDLE *ours, HANDLE *childs, const char **why)
{
	HANDLE from, to;

	if (!CreatePipe(&from, &to, NULL, 0))
		return fail(a, why, "a pipe cannot be made");
	*ours = to_child ? to : from;
	*childs = to_child ? from : to;
	if (SetHandleInformation(*childs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT))
		return 0;
	fail(a, why, "a pipe cannot be given to another program");
	CloseHandle(from);
	CloseHandle(to);
	return -1;
}

/* No program of the job can leave it: neither of the limits that would allow that is set. */
static HANDLE
make_job(void)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
		.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
	};
	HANDLE job = CreateJobObjectW(NULL, NULL);

	if (job != NULL && !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits,
	    sizeof(limits))) {
		DWORD error = GetLastError();
		CloseHandle(job);
		SetLastError(error);
		job = NULL;
	}
	return job;
}

/* The same stream may be there twice; a handle must not. */
static DWORD
distinct(const HANDLE stream[3], HANDLE out[3])
{
	DWORD n = 0;

	for (int i = 0; i < 3; i++) {
		DWORD k = 0;
		while (k < n && out[k] != stream[i])
			k++;
		if (k == n)
			out[n++] = stream[i];
	}
	return n;
}

/* What is inherited, and the job: given at the start, so that there is no moment without. */
static LPPROC_THREAD_ATTRIBUTE_LIST
make_attributes(struct arena *a, HANDLE *handles, DWORD n, HANDLE *job)
{
	SIZE_T size = 0;

	InitializeProcThreadAttributeList(NULL, 2, 0, &size);
	LPPROC_THREAD_ATTRIBUTE_LIST list = arena_alloc(a, size);
	if (!InitializeProcThreadAttributeList(list, 2, 0, &size))
		return NULL;
	if (UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles,
	    n * sizeof(*handles), NULL, NULL) &&
	    UpdateProcThreadAttribute(list, 0, ATTRIBUTE_JOB_LIST, job, sizeof(*job), NULL, NULL))
		return list;
	DeleteProcThreadAttributeList(list);
	return NULL;
}

struct words {
	wchar_t	*program, *line, *cwd, *desktop;
	void	*environment;
};

/* A batch file is run by the system's own cmd.exe, never by one that is found on the way. */
static int
make_words(struct arena *a, const struct spawn_request *q, struct words *w, const char **why)
{
	wchar_t system[MAX_PATH + 1];
	size_t units;
	const char *line, *program = q->program;

	if (command_is_batch(q->program)) {
		UINT n = GetSystemDirectoryW(system, MAX_PATH + 1);
		const char *dir = n == 0 || n > MAX_PATH ? NULL : win32_utf8(a, system);
		if (dir == NULL)
			return fail(a, why, "the directory of cmd.exe cannot be found out");
		program = arena_printf(a, "%s\\cmd.exe", dir);
		line = command_line_batch(a, q->program, q->argv, why);
	} else {
		line = command_line(a, q->argv, why);
	}
	if (line == NULL || (q->logon == NULL && (w->environment = env_block(a, q->envp, &units, why)) == NULL))
		return -1;
	w->line = win32_wide(a, line);
	w->program = win32_wide(a, program);
	w->cwd = win32_wide(a, q->cwd);
	w->desktop = q->desktop == NULL ? NULL : win32_wide(a, q->desktop);
	if (w->program != NULL && w->cwd != NULL && (q->desktop == NULL || w->desktop != NULL))
		return 0;
	*why = "a path is not UTF-8, which all of Windows is";
	return -1;
}

static int
start(struct arena *a, const struct spawn_request *q, struct words *w, HANDLE job,
    PROCESS_INFORMATION *pi, const char **why)
{
	HANDLE handles[3];
	STARTUPINFOEXW si = { .StartupInfo.cb = sizeof(si) };
	DWORD flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT |
	    (q->console ? 0 : CREATE_NO_WINDOW);

	si.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
	si.StartupInfo.hStdInput = q->stream[0];
	si.StartupInfo.hStdOutput = q->stream[1];
	si.StartupInfo.hStdError = q->stream[2];
	si.StartupInfo.lpDesktop = w->desktop;
	si.lpAttributeList = make_attributes(a, handles, distinct(q->stream, handles), &job);
	if (si.lpAttributeList == NULL)
		return fail(a, why, "what a program inherits cannot be set");
	BOOL ok = q->token != NULL ?
	    CreateProcessAsUserW(q->token, w->program, w->line, NULL, NULL, TRUE, flags,
	    w->environment, w->cwd, &si.StartupInfo, pi) :
	    CreateProcessW(w->program, w->line, NULL, NULL, TRUE, flags, w->environment, w->cwd,
	    &si.StartupInfo, pi);
	DWORD error = GetLastError();
	DeleteProcThreadAttributeList(si.lpAttributeList);
	SetLastError(error);
	return ok ? 0 : fail(a, why, arena_printf(a, "%s cannot be started", q->program));
}

/* The service that logs on and starts takes no attributes: the job is joined before anything runs. */
static int
start_as(struct arena *a, const struct spawn_request *q, struct words *w, HANDLE job,
    PROCESS_INFORMATION *pi, const char **why)
{
	STARTUPINFOW si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES, .hStdInput = q->stream[0],
	    .hStdOutput = q->stream[1], .hStdError = q->stream[2] };

	if (!CreateProcessWithLogonW(q->logon->user, L".", q->logon->password, LOGON_WITH_PROFILE, w->program,
	    w->line, CREATE_UNICODE_ENVIRONMENT | CREATE_SUSPENDED | CREATE_NO_WINDOW, NULL, w->cwd, &si, pi))
		return fail(a, why, arena_printf(a, "%s cannot be started as the user %s", q->program,
		    win32_utf8(a, q->logon->user)));
	if (AssignProcessToJobObject(job, pi->hProcess) && ResumeThread(pi->hThread) != (DWORD)-1)
		return 0;
	fail(a, why, "a program of another user cannot be put into a job");
	TerminateProcess(pi->hProcess, 1);
	CloseHandle(pi->hThread);
	CloseHandle(pi->hProcess);
	return -1;
}

int
spawn(struct arena *a, const struct spawn_request *q, struct spawned *out, const char **why)
{
	struct words w = { 0 };
	PROCESS_INFORMATION pi;
	BOOL inside = FALSE;

	if (make_words(a, q, &w, why) != 0)
		return -1;
	HANDLE job = make_job();
	if (job == NULL)
		return fail(a, why, "a job cannot be made");
	if ((q->logon != NULL ? start_as : start)(a, q, &w, job, &pi, why) != 0) {
		CloseHandle(job);
		return -1;
	}
	CloseHandle(pi.hThread);
	*out = (struct spawned){ pi.hProcess, job, pi.dwProcessId };
	/* Should a system pass over the attribute, nothing would end what the command starts. */
	if (IsProcessInJob(pi.hProcess, job, &inside) && inside)
		return 0;
	TerminateProcess(pi.hProcess, 1);
	spawned_close(out);
	*why = "the system started a program outside the job that it was to be born in";
	return -1;
}

int
spawn_ourselves(struct arena *a, struct spawn_request *q, const char **why)
{
	wchar_t system[MAX_PATH + 1];
	UINT k = GetSystemDirectoryW(system, NELEMS(system));
	DWORD n = MAX_PATH, size;
	wchar_t *name;

	/* Cut off, it has as many units as there is room for. */
	do {
		size = n * 2;
		name = arena_array(a, size + 1, sizeof(*name));
		n = GetModuleFileNameW(NULL, name, size);
	} while (n == size && n < 64 * 1024);
	q->program = n == 0 || n == size ? NULL : win32_utf8(a, name);
	q->cwd = k == 0 || k >= NELEMS(system) ? NULL : win32_utf8(a, system);
	return q->program != NULL && q->cwd != NULL ? 0 : fail(a, why, "the program itself cannot be found");
}

void
spawned_end(struct spawned *s, DWORD code)
{
	TerminateJobObject(s->job, code);
}

void
spawned_close(struct spawned *s)
{
	CloseHandle(s->job);
	CloseHandle(s->process);
	s->job = s->process = NULL;
}
