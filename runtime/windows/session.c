/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - bridging the streams of a command, and ending it whole */
#include <config.h>

#include "session.h"

#include <stdlib.h>
#include <wchar.h>

#include "arena.h"
#include "win32.h"

/* What a program ends with that Ctrl-C ended: STATUS_CONTROL_C_EXIT. */
static const DWORD interrupted_code = 0xC000013A;
enum {
	TIMEOUT_CODE = 124,	/* as timeout(1) */
	GRACE_MS = 1000,	/* for threads to notice that their pipe is gone */
};

/*
 * One direction of one stream.  Its thread owns the child's side; ours is only
 * used.  Lives on the heap, as a thread that reads a console cannot always be
 * stopped: then it is left behind with it, and ends with the process.
 */
struct bridge {
	HANDLE	from, to;
	HANDLE	own;		/* which of them is to be closed in the end */
	const BYTE *preface;	/* to be written first; of the session, and ends with it */
	size_t	preface_len;
	void	(*seen)(void *arg, int stream, const void *, size_t);
	void	*seen_arg;
	int	stream;
	HANDLE	thread;
};

static bool
write_all(HANDLE to, const BYTE *p, size_t n)
{
	DWORD sent;

	while (n > 0 && WriteFile(to, p, n > SESSION_PIECE ? SESSION_PIECE : (DWORD)n, &sent, NULL)) {
		p += sent;
		n -= sent;
	}
	return n == 0;
}

static DWORD WINAPI
carry(void *arg)
{
	struct bridge *b = arg;
	BYTE piece[SESSION_PIECE];
	DWORD got;
	/* Nothing read is the end of a file; of a pipe it is an empty write, and the end an error. */
	bool pipe = b->from != NULL && GetNamedPipeInfo(b->from, NULL, NULL, NULL, NULL);

	bool more = write_all(b->to, b->preface, b->preface_len);
	while (more && b->from != NULL && ReadFile(b->from, piece, sizeof(piece), &got, NULL) &&
	    (got > 0 || pipe)) {
		more = write_all(b->to, piece, got);
		if (b->seen != NULL)
			b->seen(b->seen_arg, b->stream, piece, got);
	}
	/* The end of the input; or the command's writes fail, as on a pipe that nobody reads. */
	CloseHandle(b->own);
	return 0;
}

static struct bridge *
bridge_start(const struct session_request *q, int i, HANDLE from, HANDLE to, HANDLE own)
{
	struct bridge *b = malloc(sizeof(*b));

	if (b == NULL)
		out_of_memory();
	*b = (struct bridge){ .from = from, .to = to, .own = own, .stream = i,
	    .seen = i == 0 ? NULL : q->seen, .seen_arg = q->seen_arg };
	if (i == 0) {
		b->preface = q->preface;
		b->preface_len = q->preface_len;
	}
	b->thread = CreateThread(q->threads, 0, carry, b, 0, NULL);
	if (b->thread == NULL)
		out_of_memory();
	return b;
}

/* True: the thread has ended within the time, and everything of it is freed. */
static bool
bridge_join(struct bridge *b, DWORD ms)
{
	if (WaitForSingleObject(b->thread, ms) != WAIT_OBJECT_0)
		return false;
	CloseHandle(b->thread);
	free(b);
	return true;
}

/* A read that blocks is called back; one that has not begun yet is met at the next try. */
static void
bridge_stop(struct bridge *b)
{
	for (int i = 0; i < GRACE_MS / 20; i++) {
		CancelSynchronousIo(b->thread);
		if (bridge_join(b, 20))
			return;
	}
	/* Its memory stays, as the thread does. */
}

/*
 * The system calls a handler of consoles without an argument, and in a thread
 * of its own: it finds the session by the names of its events.  A confined
 * command cannot set or reset them, since our default DACL grants its logon SID
 * no more than looking; it could take a name first, and then nothing is started.
 */
struct console {
	HANDLE	interrupted, ended;
};
static const wchar_t interrupted_name[] = L"interrupted", ended_name[] = L"ended";
enum { EVENT_NAME = 64 };

static const wchar_t *
event_name(const wchar_t *what, wchar_t out[EVENT_NAME])
{
	swprintf(out, EVENT_NAME, L"Local\\cdxp-session-%lu-%ls", GetCurrentProcessId(), what);
	return out;
}

static HANDLE
event_open(const wchar_t *what, DWORD access)
{
	wchar_t name[EVENT_NAME];

	return OpenEventW(access, FALSE, event_name(what, name));
}

static HANDLE
event_make(const wchar_t *what)
{
	wchar_t name[EVENT_NAME];
	HANDLE h = CreateEventW(NULL, TRUE, FALSE, event_name(what, name));

	if (h == NULL || GetLastError() != ERROR_ALREADY_EXISTS)
		return h;
	CloseHandle(h);
	SetLastError(ERROR_ALREADY_EXISTS);
	return NULL;
}

static BOOL WINAPI
on_console_event(DWORD event)
{
	HANDLE h = event_open(interrupted_name, EVENT_MODIFY_STATE);

	if (h != NULL)
		SetEvent(h);
	CloseHandle(h);
	if (event != CTRL_CLOSE_EVENT && event != CTRL_LOGOFF_EVENT && event != CTRL_SHUTDOWN_EVENT)
		return TRUE;
	/* We are killed when this returns from one of these three: first the command. */
	h = event_open(ended_name, SYNCHRONIZE);
	if (h != NULL)
		WaitForSingleObject(h, SESSION_DRAIN_MS);
	CloseHandle(h);
	return TRUE;
}

static int
watch_console(struct arena *a, struct console *c, const char **why)
{
	c->interrupted = event_make(interrupted_name);
	c->ended = c->interrupted == NULL ? NULL : event_make(ended_name);
	/* Who started us may have had Ctrl-C ignored; we are asked for it all the same. */
	if (c->ended != NULL && SetConsoleCtrlHandler(NULL, FALSE) &&
	    SetConsoleCtrlHandler(on_console_event, TRUE))
		return 0;
	*why = arena_printf(a, "Ctrl-C cannot be watched for: %s", win32_error_text(a, GetLastError()));
	CloseHandle(c->interrupted);
	CloseHandle(c->ended);
	return -1;
}

/* The handler stays, and finds nothing: what is tidied up after the command is not to be cut short either. */
static void
unwatch_console(const struct console *c)
{
	SetEvent(c->ended);
	CloseHandle(c->interrupted);
	CloseHandle(c->ended);
}

static enum session_end
wait_for_end(struct spawned *s, HANDLE interrupted, unsigned timeout_ms)
{
	HANDLE either[2] = { s->process, interrupted };
	DWORD got = WaitForMultipleObjects(2, either, FALSE, timeout_ms == 0 ? INFINITE : timeout_ms);

	if (got == WAIT_OBJECT_0)
		return SESSION_EXITED;
	spawned_end(s, got == WAIT_TIMEOUT ? TIMEOUT_CODE : interrupted_code);
	WaitForSingleObject(s->process, INFINITE);
	return got == WAIT_TIMEOUT ? SESSION_TIMED_OUT : SESSION_INTERRUPTED;
}

/*
 * What the command wrote is passed on; who else holds its output has until
 * then.  False: somebody still did.
 */
static bool
drain(struct bridge *output[2], HANDLE interrupted)
{
	ULONGLONG deadline = GetTickCount64() + SESSION_DRAIN_MS;
	bool all = true;

	for (int i = 0; i < 2; i++) {
		ULONGLONG now = GetTickCount64();
		/* Ctrl-C does not wait for what is slow to be read either. */
		HANDLE either[2] = { output[i]->thread, interrupted };
		DWORD left = now < deadline ? (DWORD)(deadline - now) : 0;
		bool again = WaitForSingleObject(interrupted, 0) == WAIT_OBJECT_0;
		WaitForMultipleObjects(again ? 1 : 2, either, FALSE, left);
		if (bridge_join(output[i], 0))
			output[i] = NULL;
		else
			all = false;
	}
	return all;
}

static void
close_streams(HANDLE s[3])
{
	for (int i = 0; i < 3; i++)
		if (s[i] != NULL)
			CloseHandle(s[i]);
}

static int
make_streams(struct arena *a, HANDLE ours[3], HANDLE childs[3], const char **why)
{
	for (int i = 0; i < 3; i++)
		if (spawn_pipe(a, i == 0, &ours[i], &childs[i], why) != 0) {
			close_streams(ours);
			close_streams(childs);
			return -1;
		}
	return 0;
}

static void
run_to_end(const struct session_request *q, struct spawned *s, HANDLE interrupted, HANDLE ours[3],
    struct session_result *out)
{
	struct bridge *input = bridge_start(q, 0, q->stream[0], ours[0], ours[0]);
	struct bridge *output[2] = {
		bridge_start(q, 1, ours[1], q->stream[1], ours[1]),
		bridge_start(q, 2, ours[2], q->stream[2], ours[2]),
	};

	out->end = wait_for_end(s, interrupted, q->timeout_ms);
	GetExitCodeProcess(s->process, &out->code);
	out->cut = !drain(output, interrupted);
	/* All that is left in the job ends, and with it the last ends of the pipes. */
	spawned_close(s);
	for (int i = 0; i < 2; i++)
		if (output[i] != NULL && !bridge_join(output[i], GRACE_MS))
			bridge_stop(output[i]);
	bridge_stop(input);
}

int
session_run(struct arena *a, const struct session_request *q, struct session_result *out,
    const char **why)
{
	HANDLE ours[3] = { NULL, NULL, NULL }, childs[3] = { NULL, NULL, NULL };
	struct spawn_request start = q->start;
	struct console console;
	struct spawned s;

	*out = (struct session_result){ 0 };
	if (make_streams(a, ours, childs, why) != 0)
		return -1;
	for (int i = 0; i < 3; i++)
		start.stream[i] = childs[i];
	if (watch_console(a, &console, why) != 0) {
		close_streams(ours);
		close_streams(childs);
		return -1;
	}
	int rc = spawn(a, &start, &s, why);
	/* Ours alone are left: when the last program that has one ends, so does the stream. */
	close_streams(childs);
	if (rc == 0)
		run_to_end(q, &s, console.interrupted, ours, out);
	else
		close_streams(ours);
	unwatch_console(&console);
	return rc;
}
