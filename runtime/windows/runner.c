/* SPDX-License-Identifier: Apache-2.0 */
/* runner.c - starting ourselves as a sandbox user, and what we do there: token, self-check, command */
#include <config.h>

#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <tlhelp32.h>
#include <userenv.h>
#include <wincred.h>

#include "arena.h"
#include "canary.h"
#include "desktop.h"
#include "genuine.h"
#include "junction.h"
#include "machine_run.h"
#include "native_path.h"
#include "path.h"
#include "report.h"
#include "system.h"
#include "token.h"
#include "win32.h"

/* ---- as the user ---- */

static int
find_password(struct arena *a, const char *name, struct spawn_logon *out, const char **why)
{
	wchar_t *user = win32_wide(a, name);
	CREDENTIALW *c;

	if (!CredReadW(user, CRED_TYPE_GENERIC, 0, &c)) {
		*why = arena_printf(a, "the password of the user \"%s\" is not among your credentials (%s): enter it once, "
		    "with  cmdkey /generic:%s /user:%s /pass ; an administrator sets a new one with  net user %s *", name,
		    win32_error_text(a, GetLastError()), name, name, name);
		return -1;
	}
	wchar_t *password = arena_alloc(a, c->CredentialBlobSize + sizeof(*password));
	memcpy(password, c->CredentialBlob, c->CredentialBlobSize);
	password[c->CredentialBlobSize / sizeof(*password)] = L'\0';
	SecureZeroMemory(c->CredentialBlob, c->CredentialBlobSize);
	CredFree(c);
	*out = (struct spawn_logon){ user, password };
	return 0;
}

int
runner_logon(struct arena *a, struct acl_ground *g, const struct win_plan *plan, struct spawn_logon *out,
    const char **why)
{
	const char *name = plan->identity == PLAN_OFFLINE ? GROUND_OFFLINE : GROUND_ONLINE;

	*out = (struct spawn_logon){ NULL, NULL };
	if (acl_ground_user(a, g, name, why) != 0)
		return -1;
	if (plan->identity == PLAN_OFFLINE && machine_ready(a, g, plan->proxy_ports.v, plan->proxy_ports.len, why) != 0)
		return -1;
	return g->not_windows != NULL ? 0 : find_password(a, name, out, why);
}

void
runner_forget(struct spawn_logon *l)
{
	if (l->password != NULL)
		SecureZeroMemory((void *)(uintptr_t)l->password, wcslen(l->password) * sizeof(*l->password));
}

int
runner_session(struct arena *a, const struct spawn_logon *l, struct runner_request *q, struct session_request *s,
    struct sbuf *preface, const char **why)
{
	static const char *const argv[] = { "cdxp-run", RUNNER_ROLE, NULL };

	q->program = s->start.program;
	q->cwd = s->start.cwd;
	for (size_t i = 0; s->start.argv[i] != NULL; i++)
		VEC_PUSH(a, &q->argv, s->start.argv[i]);
	for (size_t i = 0; s->start.envp[i] != NULL; i++)
		VEC_PUSH(a, &q->envp, s->start.envp[i]);
	runner_request_write(q, preface);
	s->start.token = NULL;
	s->start.argv = argv;
	s->start.logon = l->user == NULL ? NULL : l;
	s->preface = preface->p;
	s->preface_len = preface->len;
	return spawn_ourselves(a, &s->start, why);
}

int
runner_spread(struct arena *a, struct acl_ground *g, const char **why)
{
	STARTUPINFOW si = { .cb = sizeof(si) };
	PROCESS_INFORMATION pi;
	struct spawn_request q = { .token = NULL };

	if (acl_ground_save(a, g, why) != 0 || spawn_ourselves(a, &q, why) != 0)
		return -1;
	if (!CreateProcessW(win32_wide(a, q.program), win32_wide(a, "cdxp-run " SPREAD_ROLE), NULL, NULL, FALSE,
	    DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP, NULL, win32_wide(a, q.cwd), &si, &pi)) {
		*why = arena_printf(a, "the process that hands on entries cannot be started: %s",
		    win32_error_text(a, GetLastError()));
		return -1;
	}
	CloseHandle(pi.hThread);
	CloseHandle(pi.hProcess);
	return 0;
}

/* ---- as the sandbox user ---- */

struct runner {
	struct arena		*a;
	struct runner_request	 q;
	struct token_request	 request;
	HANDLE			 token;
	struct desktop		 desktop;
	const char		*junction;	/* in our form; NULL: none was made */
};

static bool
read_exactly(HANDLE h, char *p, size_t n)
{
	DWORD got;

	while (n > 0 && ReadFile(h, p, n > SESSION_PIECE ? SESSION_PIECE : (DWORD)n, &got, NULL) && got > 0) {
		p += got;
		n -= got;
	}
	return n == 0;
}

/* Not a byte more is read: what follows is the command's. */
static int
read_request(struct runner *r, const char **why)
{
	HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
	size_t len = 0;
	char c = '\0';

	while (read_exactly(in, &c, 1) && c >= '0' && c <= '9' && len <= RUNNER_BYTES)
		len = len * 10 + (size_t)(c - '0');
	if (c != '\n' || len == 0 || len > RUNNER_BYTES) {
		*why = "is a part of cdxp-run, and has to be started by it";
		return -1;
	}
	char *text = arena_alloc(r->a, len);
	if (!read_exactly(in, text, len)) {
		*why = "the request ends too early";
		return -1;
	}
	*why = runner_request_read(r->a, text, len, &r->q);
	return *why == NULL ? 0 : -1;
}

static bool
in_group(const struct sid *s)
{
	BYTE bytes[SID_BYTES_MAX];
	BOOL is = FALSE;

	sid_write(s, bytes);
	return CheckTokenMembership(NULL, bytes, &is) && is;
}

static int
check_user(struct runner *r, const char **why)
{
	if (r->q.unconfined && genuine_not(r->a) != NULL)
		return 0;
	if (r->q.unconfined)
		*why = "nothing is run unconfined on Windows";
	else if (!in_group(&r->q.group))
		*why = "this user is not in the group of sandbox users";
	else if (in_group(&sid_administrators))
		*why = "this user is an administrator, whom no entry keeps from anything";
	else
		return 0;
	return -1;
}

static int
make_token(struct runner *r, const char **why)
{
	struct sid logon;

	if (token_logon(r->a, &logon, why) != 0)
		return -1;
	for (size_t i = 0; i < r->q.restricting.len; i++)
		if (r->q.restricting.v[i].n == 0)
			r->q.restricting.v[i] = logon;
	for (size_t i = 0; i < r->q.dacl.len; i++)
		if (r->q.dacl.v[i].sid.n == 0)
			r->q.dacl.v[i].sid = logon;
	r->request = (struct token_request){ r->q.restricting.v, r->q.restricting.len, true, r->q.dacl };
	if (token_make(r->a, &r->request, &r->token, why) != 0)
		return -1;
	return r->q.unconfined ? 0 : token_verify(r->a, &r->request, r->token, why);
}

/* ---- nobody gets at this process ---- */

/*
 * The command is the same user as we are, and that user is among its
 * restricting SIDs: by the list that a process has by default it could open us,
 * and do with our token what its own may not.  Owner rights are named, since an
 * owner may else change the list.
 */
static ACL *
closed_list(struct arena *a, struct ace_list *list)
{
	const struct ace own = { .type = ACE_ALLOW, .mask = READ_CONTROL | SYNCHRONIZE, .sid = sid_owner_rights };
	const struct ace all = { .type = ACE_ALLOW, .mask = 0x1fffff /* all, of both kinds */, .sid = sid_system };

	*list = (struct ace_list){ NULL, 0, 0 };
	ace_add(a, list, own);
	ace_add(a, list, all);
	return (ACL *)ace_list_write(a, list, &(size_t){ 0 });
}

static void
closed(struct arena *a, SECURITY_DESCRIPTOR *sd, struct ace_list *list)
{
	InitializeSecurityDescriptor(sd, SECURITY_DESCRIPTOR_REVISION);
	SetSecurityDescriptorDacl(sd, TRUE, closed_list(a, list), FALSE);
	SetSecurityDescriptorControl(sd, SE_DACL_PROTECTED, SE_DACL_PROTECTED);
}

static bool
close_object(struct arena *a, HANDLE h)
{
	SECURITY_DESCRIPTOR sd;
	struct ace_list list, got = { NULL, 0, 0 };
	DWORD size = 0;
	BOOL present = FALSE, ignored;
	ACL *acl = NULL;

	closed(a, &sd, &list);
	if (h == NULL || !SetKernelObjectSecurity(h, DACL_SECURITY_INFORMATION, &sd))
		return false;
	GetKernelObjectSecurity(h, DACL_SECURITY_INFORMATION, NULL, 0, &size);
	SECURITY_DESCRIPTOR *back = arena_alloc(a, size + sizeof(sd));
	if (!GetKernelObjectSecurity(h, DACL_SECURITY_INFORMATION, back, size, &size) ||
	    !GetSecurityDescriptorDacl(back, &present, &acl, &ignored) || !present || acl == NULL ||
	    ace_list_read(a, (const uint8_t *)acl, acl->AclSize, &got) != NULL)
		return false;
	return ace_lists_equal(&got, &list);
}

/* Those that the system has started for us, too; those to come have the list of our token. */
static bool
close_threads(struct arena *a)
{
	THREADENTRY32 t = { .dwSize = sizeof(t) };
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
	bool good = all != INVALID_HANDLE_VALUE, any = false;

	for (BOOL more = good && Thread32First(all, &t); more && good; more = Thread32Next(all, &t)) {
		if (t.th32OwnerProcessID != GetCurrentProcessId())
			continue;
		HANDLE h = OpenThread(READ_CONTROL | WRITE_DAC, FALSE, t.th32ThreadID);
		/* It may have ended meanwhile. */
		good = h == NULL ? GetLastError() == ERROR_INVALID_PARAMETER : close_object(a, h);
		any = any || h != NULL;
		CloseHandle(h);
	}
	CloseHandle(all);
	return good && any;
}

static int
close_process(struct runner *r, const char **why)
{
	struct ace_list list;
	HANDLE own = NULL;
	TOKEN_DEFAULT_DACL d = { closed_list(r->a, &list) };

	bool good = OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_DEFAULT, &own) &&
	    SetTokenInformation(own, TokenDefaultDacl, &d, sizeof(d)) && close_object(r->a, GetCurrentProcess()) &&
	    close_threads(r->a);
	DWORD error = GetLastError();
	CloseHandle(own);
	if (good)
		return 0;
	*why = arena_printf(r->a, "this process cannot be closed to the command: %s", win32_error_text(r->a, error));
	return -1;
}

/* ---- the command ---- */

/* The way to the directory while its parents cannot be read yet; without it the command begins there all the same. */
static void
make_junction(struct runner *r)
{
	wchar_t profile[MAX_PATH + 1];
	DWORD size = NELEMS(profile);
	HANDLE own = NULL;
	const char *why = "there is no profile";

	if (r->q.point == NULL)
		return;
	OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &own);
	const char *home = own != NULL && GetUserProfileDirectoryW(own, profile, &size) ?
	    native_path_back(r->a, win32_utf8(r->a, profile)) : NULL;
	const char *path = home == NULL ? NULL : path_join(r->a, home, r->q.point);
	const char *target = native_path_back(r->a, r->q.target);
	CloseHandle(own);
	if (path != NULL && target != NULL && junction_make(r->a, path, target, &why) == 0)
		r->junction = path;
	else
		report("warning: entries for reading still spread, and there is no junction to %s meanwhile: %s",
		    r->q.target, why);
}

static int
prepare(struct runner *r, const char **why)
{
	VEC_PUSH(r->a, &r->q.argv, NULL);
	VEC_PUSH(r->a, &r->q.envp, NULL);
	if (check_user(r, why) != 0 || make_token(r, why) != 0)
		return -1;
	if ((r->q.private_desktop ? desktop_private(r->a, r->request.restricting, r->request.nrestricting, &r->desktop, why) :
	    desktop_own(r->a, &r->desktop, why)) != 0)
		return -1;
	/* What was made until here is for the command to have; nothing of it runs yet. */
	if (close_process(r, why) != 0)
		return -1;
	const struct canary_request c = { .token = r->token, .desktop = r->desktop.name, .file = r->q.canaries.v,
	    .n = r->q.canaries.len, .ourselves = true, .envp = r->q.envp.v };
	return r->q.unconfined ? 0 : canary_check(r->a, &c, why);
}

static int
run_command(struct runner *r, int *status, const char **why)
{
	struct session_result result;
	SECURITY_DESCRIPTOR sd;
	SECURITY_ATTRIBUTES threads = { sizeof(threads), &sd, FALSE };
	struct ace_list list;

	closed(r->a, &sd, &list);
	make_junction(r);
	const struct session_request s = {
		.start = {
			.token = r->token, .program = r->q.program, .argv = r->q.argv.v, .envp = r->q.envp.v,
			.cwd = r->junction == NULL ? r->q.cwd : runner_cwd(r->a, r->q.cwd, r->q.target,
			    native_path_plain(r->a, r->junction)),
			.desktop = r->desktop.name, .console = true,
		},
		.stream = { GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE), GetStdHandle(STD_ERROR_HANDLE) },
		.threads = &threads,
	};
	int rc = session_run(r->a, &s, &result, why);
	if (rc == 0)
		*status = (int)result.code;
	if (rc == 0 && result.cut)
		report("what the command had started was ended: it held the output for five seconds more");
	return rc;
}

int
runner_main(void)
{
	struct runner r = { .a = arena_new() };
	const char *why = NULL, *ignored;
	int status = STATUS_SETUP;

	if (read_request(&r, &why) != 0 || prepare(&r, &why) != 0 || run_command(&r, &status, &why) != 0)
		status = report_fail(STATUS_SETUP, "%s: %s", RUNNER_ROLE, why);
	if (r.junction != NULL)
		(void)junction_remove(r.a, r.junction, &ignored);
	CloseHandle(r.token);
	desktop_close(&r.desktop);
	arena_free(r.a);
	return status;
}
