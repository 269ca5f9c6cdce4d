/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process-driver - the process half of cdxp-run.exe, piece by piece
 *
 * The first argument is what to do; tests/run-wine-process says what each has
 * to print.  Some start this program again, as one of those in driver_child().
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <tlhelp32.h>

#include "arena.h"
#include "canary.h"
#include "command_line.h"
#include "desktop.h"
#include "genuine.h"
#include "helper_lock.h"
#include "junction.h"
#include "native_path.h"
#include "session.h"
#include "surroundings.h"
#include "token.h"
#include "win32.h"

static struct arena *a;
static struct surroundings here;

static int
die(const char *why)
{
	printf("error: %s\n", why);
	return 3;
}

static void
put_hex(const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%02x", ((const unsigned char *)p)[i]);
	putchar('\n');
}

static const char *
own_path(void)
{
	wchar_t name[1024];

	GetModuleFileNameW(NULL, name, 1024);
	return win32_utf8(a, name);
}

static const char *
own_cwd(void)
{
	wchar_t name[1024];

	GetCurrentDirectoryW(1024, name);
	return win32_utf8(a, name);
}

static HANDLE
null_handle(void)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };

	return CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
	    &inherit, OPEN_EXISTING, 0, NULL);
}

/* ---- what is started ---- */

/* Each argument as it came, in hex. */
static int
show_arguments(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		put_hex(argv[i], strlen(argv[i]));
	return 0;
}

/* In the order of the block. */
static int
show_environment(void)
{
	for (const wchar_t *at = GetEnvironmentStringsW(); *at != L'\0'; at += wcslen(at) + 1) {
		const char *text = win32_utf8(a, at);
		put_hex(text, strlen(text));
	}
	return 0;
}

/* Input to output, and on standard error how much it was. */
static int
copy(void)
{
	char piece[3000];
	DWORD got, sent;
	unsigned long long all = 0;

	while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), piece, sizeof(piece), &got, NULL) && got > 0) {
		WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), piece, got, &sent, NULL);
		all += sent;
	}
	fprintf(stderr, "%llu\n", all);
	return 7;
}

/* Is a handle with this number something here? */
static int
show_handle(const char *number)
{
	DWORD flags;
	HANDLE h = (HANDLE)(uintptr_t)strtoull(number, NULL, 0);

	printf("%s\n", GetHandleInformation(h, &flags) ? "open" : "closed");
	return 0;
}

/* Start this program again, with our streams, and leave it. */
static int
leave_behind(int argc, char **argv)
{
	STARTUPINFOW si = { .cb = sizeof(si) };
	PROCESS_INFORMATION pi;
	const char **words = arena_array(a, (size_t)argc + 2, sizeof(*words)), *why;

	words[0] = own_path();
	for (int i = 0; i < argc; i++)
		words[i + 1] = argv[i];
	if (!CreateProcessW(NULL, win32_wide(a, command_line(a, words, &why)), NULL, NULL, TRUE, 0, NULL,
	    NULL, &si, &pi))
		return die(win32_error_text(a, GetLastError()));
	printf("left\n");
	return 5;
}

/* A byte to a file each 50 ms: who reads it sees when we died. */
static int
beat(const char *file)
{
	for (int i = 0; i < 600; i++) {
		FILE *f = fopen(file, "ab");
		if (f == NULL)
			return 1;
		fputc('x', f);
		fclose(f);
		Sleep(50);
	}
	return 0;
}

static int
write_for_ever(void)
{
	char piece[1000];
	DWORD sent;

	memset(piece, 'y', sizeof(piece));
	while (WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), piece, sizeof(piece), &sent, NULL))
		;
	return 9;
}

static int
show_desktop(void)
{
	struct desktop d;
	const char *why;

	if (desktop_own(a, &d, &why) != 0)
		return die(why);
	puts(d.name);
	return 0;
}

static bool
is(const char *word, const char *what)
{
	return strcmp(word, what) == 0;
}

/* What can be opened of the process that started us, and of its threads: nothing, where a runner did. */
static int
open_parent(void)
{
	static const DWORD rights[] = { PROCESS_VM_WRITE, PROCESS_DUP_HANDLE, PROCESS_TERMINATE, PROCESS_QUERY_INFORMATION };
	PROCESSENTRY32W p = { .dwSize = sizeof(p) };
	THREADENTRY32 t = { .dwSize = sizeof(t) };
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0), h;
	DWORD opened = 0, threads = 0;
	BOOL more = Process32FirstW(all, &p);

	while (more && p.th32ProcessID != GetCurrentProcessId())
		more = Process32NextW(all, &p);
	for (size_t i = 0; i < NELEMS(rights); i++)
		if ((h = OpenProcess(rights[i], FALSE, p.th32ParentProcessID)) != NULL && ++opened != 0)
			CloseHandle(h);
	/* Those that bridge the streams may be yet to come. */
	for (unsigned tries = 0; threads <= 1 && tries < 600; tries++, Sleep(100)) {
		CloseHandle(all);
		all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
		threads = 0;
		for (more = Thread32First(all, &t); more; more = Thread32Next(all, &t))
			if (t.th32OwnerProcessID == p.th32ParentProcessID && ++threads != 0 &&
			    (h = OpenThread(THREAD_SET_CONTEXT, FALSE, t.th32ThreadID)) != NULL && ++opened != 0)
				CloseHandle(h);
	}
	printf("%lu of the parent opened, %s\n", opened, threads > 1 ? "threads" : "no threads");
	return 0;
}

/* -1: `what' is none of these. */
static int
driver_child(const char *what, int argc, char **argv)
{
	if (is(what, "arguments"))
		return show_arguments(argc, argv);
	if (is(what, "environment"))
		return show_environment();
	if (is(what, "copy"))
		return copy();
	if (is(what, "handle"))
		return show_handle(argv[0]);
	if (is(what, "leave"))
		return leave_behind(argc, argv);
	if (is(what, "beat"))
		return beat(argv[0]);
	if (is(what, "write"))
		return write_for_ever();
	if (is(what, "desktop"))
		return show_desktop();
	if (is(what, "parent"))
		return open_parent();
	if (is(what, CANARY_ROLE))
		return canary_try(argc, argv);
	if (is(what, "exit"))
		ExitProcess((UINT)strtoul(argv[0], NULL, 0));
	if (!is(what, "sleep"))
		return -1;
	puts("asleep");
	fflush(stdout);
	Sleep(60000);
	return 0;
}

/* ---- what is tested ---- */

struct options {
	unsigned	 timeout, repeat;	/* milliseconds; how often the last word is given */
	bool		 token, desktop;
	const char	*extra[8];
	size_t		 nextra;
};

static int
take_options(int argc, char **argv, struct options *o)
{
	int i = 0;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (is(argv[i], "--"))
			return i + 1;
		if (is(argv[i], "--token"))
			o->token = true;
		else if (is(argv[i], "--desktop"))
			o->token = o->desktop = true;
		else if (strncmp(argv[i], "--timeout=", 10) == 0)
			o->timeout = (unsigned)strtoul(argv[i] + 10, NULL, 10);
		else if (strncmp(argv[i], "--repeat=", 9) == 0)
			o->repeat = (unsigned)strtoul(argv[i] + 9, NULL, 10);
		else if (strncmp(argv[i], "--env=", 6) == 0 && o->nextra < NELEMS(o->extra))
			o->extra[o->nextra++] = argv[i] + 6;
	}
	return i;
}

static const char *
ask_token(struct token_request *q)
{
	static const char made_up[] = "S-1-5-21-1111111111-2222222222-3333333333-4444";
	struct sid *sids = arena_array(a, 3, sizeof(*sids));
	const char *why;

	if ((why = sid_parse(made_up, strlen(made_up), &sids[0])) != NULL ||
	    token_logon(a, &sids[1], &why) != 0)
		return why;
	sids[2] = sid_everyone;
	*q = (struct token_request){ .restricting = sids, .nrestricting = 3 };
	for (size_t i = 0; i < 3; i++)
		ace_add(a, &q->dacl, (struct ace){ .type = ACE_ALLOW, .mask = 0x10000000, .sid = sids[i] });
	return NULL;
}

static const char *const *
with_extra(const struct options *o)
{
	size_t n = 0;

	while (here.environment[n] != NULL)
		n++;
	const char **env = arena_array(a, n + o->nextra + 1, sizeof(*env));
	for (size_t i = 0; i < n; i++)
		env[i] = here.environment[i];
	for (size_t i = 0; i < o->nextra; i++)
		env[n + i] = o->extra[i];
	return env;
}

static const char *const *
with_repeat(const struct options *o, char **argv)
{
	size_t n = 0;

	while (argv[n] != NULL)
		n++;
	const char **words = arena_array(a, n + o->repeat + 1, sizeof(*words));
	for (size_t i = 0; i < n + o->repeat; i++)
		words[i] = argv[i < n ? i : n - 1];
	return words;
}

static int
run_session(const char *result_file, char **argv, const struct options *o, HANDLE token, const char *desktop)
{
	const struct session_request s = {
		.start = {
			.token = token, .argv = with_repeat(o, argv), .envp = with_extra(o),
			.cwd = own_cwd(), .program = is(argv[0], "self") ? own_path() : argv[0],
			.desktop = desktop, .console = true,
		},
		.stream = { GetStdHandle(STD_INPUT_HANDLE), GetStdHandle(STD_OUTPUT_HANDLE),
		    GetStdHandle(STD_ERROR_HANDLE) },
		.timeout_ms = o->timeout,
	};
	struct session_result r;
	const char *why;

	if (session_run(a, &s, &r, &why) != 0)
		return die(why);
	FILE *f = fopen(result_file, "wb");
	if (f == NULL)
		return 3;
	fprintf(f, "%d %lu %d\n", (int)r.end, r.code, r.cut);
	fclose(f);
	return (int)r.code;
}

/* A session as cdxp-run has it: end, code and cut go to the file. */
static int
test_session(const char *result_file, int argc, char **argv)
{
	struct options o = { 0 };
	struct token_request q;
	struct desktop d = { NULL, NULL };
	HANDLE token = NULL;
	const char *why = NULL;

	argv += take_options(argc, argv, &o);
	if (o.token && ((why = ask_token(&q)) != NULL || token_make(a, &q, &token, &why) != 0))
		return die(why);
	if ((o.desktop ? desktop_private(a, q.restricting, q.nrestricting, &d, &why) :
	    desktop_own(a, &d, &why)) != 0)
		return die(why);
	int rc = run_session(result_file, argv, &o, token, d.name);
	desktop_close(&d);
	return rc;
}

/* What would void a token is refused before the system is asked. */
static void
try_void_tokens(const struct token_request *q, const struct sid *user)
{
	static const char *const bad[] = {
		"S-1-5-11", "S-1-5-32-545", "S-1-5-32-544", "S-1-5-4", "S-1-5-3", "S-1-5-18", "user", "none",
	};

	for (size_t i = 0; i < NELEMS(bad); i++) {
		struct sid s = *user;
		struct token_request no = *q;
		const char *why;
		HANDLE t;
		no.restricting = &s;
		no.nrestricting = is(bad[i], "none") ? 0 : 1;
		if (bad[i][0] == 'S')
			sid_parse(bad[i], strlen(bad[i]), &s);
		printf("%s: %s\n", bad[i], token_make(a, &no, &t, &why) == 0 ? "taken" : "refused");
	}
}

static int
test_token(void)
{
	struct token_request q;
	struct sid user;
	HANDLE token;
	const char *why;
	char text[SID_TEXT_MAX];

	if ((why = ask_token(&q)) != NULL || token_user(a, &user, &why) != 0)
		return die(why);
	printf("user %s\n", sid_text(&user, text));
	printf("logon %s\n", sid_text(&q.restricting[1], text));
	if (token_make(a, &q, &token, &why) != 0)
		return die(why);
	printf("made\nverify: %s\n", token_verify(a, &q, token, &why) == 0 ? "restricted" : why);
	try_void_tokens(&q, &user);
	return 0;
}

/* Only the three streams cross, though others can be inherited. */
static int
test_handles(void)
{
	struct spawned s;
	const char *why;
	HANDLE other = null_handle(), out;

	DuplicateHandle(GetCurrentProcess(), GetStdHandle(STD_OUTPUT_HANDLE), GetCurrentProcess(), &out, 0,
	    TRUE, DUPLICATE_SAME_ACCESS);
	const struct spawn_request q = {
		.program = own_path(), .envp = (const char *const *)here.environment, .cwd = own_cwd(),
		.argv = (const char *const[]){ "x", "handle",
		    arena_printf(a, "%llu", (unsigned long long)(uintptr_t)other), NULL },
		.stream = { null_handle(), out, out }, .console = true,
	};
	if (spawn(a, &q, &s, &why) != 0)
		return die(why);
	WaitForSingleObject(s.process, 20000);
	spawned_close(&s);
	return 0;
}

/* A program that started another: both end with the last handle of the job, or with us. */
static int
test_job(const char *file, bool die_here)
{
	struct spawned s;
	const char *why;
	HANDLE none = null_handle();
	const struct spawn_request q = {
		.program = own_path(), .argv = (const char *const[]){ "x", "leave", "beat", file, NULL },
		.envp = (const char *const *)here.environment, .cwd = own_cwd(),
		.stream = { none, none, none }, .console = true,
	};
	JOBOBJECT_BASIC_ACCOUNTING_INFORMATION i = { .ActiveProcesses = 99 };

	if (spawn(a, &q, &s, &why) != 0)
		return die(why);
	WaitForSingleObject(s.process, 20000);
	Sleep(600);
	QueryInformationJobObject(s.job, JobObjectBasicAccountingInformation, &i, sizeof(i), NULL);
	printf("active %lu\n", i.ActiveProcesses);
	fflush(stdout);
	if (die_here)
		TerminateProcess(GetCurrentProcess(), 6);
	spawned_close(&s);
	return 0;
}

static int
test_mutex(const char *what, unsigned ms)
{
	static const char *const words[] = { "alone", "after a crash", "busy", "failed" };
	struct helper_lock *l;
	const char *why = "";
	enum helper_status s = helper_lock(a, "test", ms, &l, &why);

	printf("%s\n", words[s]);
	fflush(stdout);
	if (s == HELPER_BUSY || s == HELPER_FAILED)
		return 1;
	if (is(what, "hold"))
		Sleep(60000);
	if (is(what, "die"))
		TerminateProcess(GetCurrentProcess(), 6);
	helper_unlock(l);
	return 0;
}

static int
test_canary(const char *with, const char *dir)
{
	struct token_request q;
	HANDLE token = NULL;
	const char *why = NULL;

	if (is(with, "token") && ((why = ask_token(&q)) != NULL || token_make(a, &q, &token, &why) != 0))
		return die(why);
	const char *const outside[] = { native_path_back(a, dir), "/C:/no such directory" };
	struct canaries made;
	bool good = canary_make(a, outside, 2, &made, &why) == 0;
	const struct canary_request c = { .token = token, .file = made.file,
	    .n = is(with, "process") ? 0 : made.n, .ourselves = is(with, "process"),
	    .envp = (const char *const *)here.environment };
	printf("%s\n", good && canary_check(a, &c, &why) == 0 ? "confined" : why);
	canary_close(&made);
	return 0;
}

static int
test_junction(const char *path, const char *target)
{
	const char *why, *p = native_path_back(a, path);

	if (junction_make(a, p, native_path_back(a, target), &why) != 0) {
		printf("not made: %s\n", why);
		return 0;
	}
	printf("made\n%s\n", junction_remove(a, p, &why) == 0 ? "removed" : why);
	return 0;
}

int
main(int argc, char **argv)
{
	a = arena_new();
	if (surroundings_find(a, argc, argv, &here) != 0 || here.argc < 2)
		return 3;
	argc = here.argc - 2;
	argv = here.argv + 2;
	const char *what = here.argv[1];
	int rc = driver_child(what, argc, argv);
	if (rc != -1)
		return rc;
	if (is(what, "session") && argc > 1)
		return test_session(argv[0], argc - 1, argv + 1);
	if (is(what, "token"))
		return test_token();
	if (is(what, "handles"))
		return test_handles();
	if (is(what, "job"))
		return test_job(argv[0], argc > 1);
	if (is(what, "mutex"))
		return test_mutex(argv[0], (unsigned)atoi(argv[1]));
	if (is(what, "test-canary"))
		return test_canary(argv[0], argv[1]);
	if (is(what, "junction"))
		return test_junction(argv[0], argv[1]);
	const char *not = genuine_not(a);
	printf("%s\n", not != NULL ? not : "Windows");
	return 0;
}
