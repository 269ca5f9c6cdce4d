/* SPDX-License-Identifier: Apache-2.0 */
/* denials_windows.c - where a run's denials go on Windows, and where they come from: its output and exit code */
#include <config.h>

#include "denials.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "arena.h"
#include "denial_words.h"
#include "native_path.h"
#include "output_watch.h"
#include "path.h"
#include "sbuf.h"
#include "system.h"
#include "win32.h"

enum { STDERR = 2, WORDS_BYTES = 512 };

/* ---- where they go ---- */

struct denials {
	struct denials_request request;
	SRWLOCK		 lock;
	struct denial_report *report;
};

struct denials *
denials_new(const struct denials_request *q, const struct decide_fs *decide)
{
	struct denials *x = calloc(1, sizeof(*x));

	if (x == NULL)
		out_of_memory();
	x->request = *q;
	InitializeSRWLock(&x->lock);
	if (q->fd > 0)
		(void)_setmode(q->fd, _O_BINARY);
	x->report = denial_report_new(decide);
	return x;
}

static void
write_all(int fd, const struct sbuf *text)
{
	for (size_t done = 0; done < text->len;) {
		int n = _write(fd, text->p + done, (unsigned)(text->len - done));
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

void
denials_add(struct denials *x, const struct denial *d)
{
	struct sbuf line = SBUF_INIT;

	AcquireSRWLockExclusive(&x->lock);
	if (denial_report_add(x->report, d, x->request.fd > 0 ? &line : NULL) && x->request.fd > 0)
		write_all(x->request.fd, &line);
	ReleaseSRWLockExclusive(&x->lock);
	sbuf_free(&line);
}

void
denials_free(struct denials *x)
{
	if (x == NULL)
		return;
	denial_report_free(x->report);
	free(x);
}

void
denials_end(struct denials *x)
{
	struct sbuf text = SBUF_INIT;

	if (x == NULL)
		return;
	denial_report_print(x->report, x->request.fd > 0 ? DENIAL_JSON_AGAIN : x->request.json ? DENIAL_JSON :
	    x->request.table ? DENIAL_TABLE : DENIAL_TEXT, &text);
	write_all(x->request.fd > 0 ? x->request.fd : STDERR, &text);
	sbuf_free(&text);
	denials_free(x);
}

/* ---- where they come from ---- */

/*
 * Of a whole process: a thread that carries an output and cannot be ended may
 * still come by when the command is gone.
 */
struct output_watch {
	SRWLOCK		 lock;
	struct denial_words *words;	/* NULL: nobody listens any more */
	struct denials	*denials;
	char		 ansi[WORDS_BYTES], utf8[WORDS_BYTES];
};

static void
say(void *arg, const struct denial *d)
{
	denials_add(((struct output_watch *)arg)->denials, d);
}

/* Only a name of its directory's that is there, or could be. */
static const char *
find(void *arg, struct arena *a, const char *path, bool *exists)
{
	const char *native = native_path_plain(a, path), *parent = path_parent(a, path), *dir;

	(void)arg;
	*exists = native != NULL && system_exists(path);
	if (*exists)
		return system_real_path(a, native);
	native = parent != NULL ? native_path_plain(a, parent) : NULL;
	dir = native != NULL && system_exists(parent) ? system_real_path(a, native) : NULL;
	return dir != NULL ? path_join(a, dir, path_base(path)) : NULL;
}

/* "Zugriff verweigert", as programs write it: in the code page of this system, or in UTF-8. */
static void
own_words(struct output_watch *w)
{
	struct arena *a = arena_new();
	wchar_t text[WORDS_BYTES / 4];
	DWORD n = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
	    ERROR_ACCESS_DENIED, 0, text, NELEMS(text), NULL);
	const char *utf8 = n > 0 ? win32_utf8(a, text) : NULL;

	if (utf8 != NULL && strlen(utf8) < sizeof(w->utf8))
		strcpy(w->utf8, utf8);
	if (n == 0 || WideCharToMultiByte(CP_OEMCP, 0, text, -1, w->ansi, sizeof(w->ansi), NULL, NULL) == 0)
		w->ansi[0] = '\0';
	arena_free(a);
}

/* "C:\bin\tool.exe" as "tool". */
static const char *
short_name(struct arena *a, const char *command)
{
	const char *base = path_base(command), *dot = strrchr(base, '.');

	return arena_strndup(a, base, dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base));
}

struct output_watch *
output_watch_new(struct arena *a, const struct output_watch_request *q)
{
	struct output_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		out_of_memory();
	InitializeSRWLock(&w->lock);
	w->denials = q->denials;
	own_words(w);
	const struct denial_words_request words = {
		.decide = q->decide, .cwd = q->cwd, .process = short_name(a, q->command),
		.denied = { w->utf8, w->ansi }, .reads = q->reads, .find = find, .say = say, .arg = w,
	};
	w->words = denial_words_new(&words);
	return w;
}

void
output_watch_seen(void *arg, int stream, const void *bytes, size_t n)
{
	struct output_watch *w = arg;

	AcquireSRWLockExclusive(&w->lock);
	if (w->words != NULL)
		denial_words_feed(w->words, stream - 1, bytes, n);
	ReleaseSRWLockExclusive(&w->lock);
}

void
output_watch_end(struct output_watch *w, bool ran, uint32_t code)
{
	if (w == NULL)
		return;
	AcquireSRWLockExclusive(&w->lock);
	if (ran)
		denial_words_status(w->words, code);
	denial_words_end(w->words);
	w->words = NULL;
	ReleaseSRWLockExclusive(&w->lock);
}
