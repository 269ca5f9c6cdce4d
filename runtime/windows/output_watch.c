/* SPDX-License-Identifier: Apache-2.0 */
/* output_watch.c - denials on Windows: what the output and the exit code of a command tell */
#include <config.h>

#include "output_watch.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "arena.h"
#include "denial_words.h"
#include "denials.h"
#include "native_path.h"
#include "path.h"
#include "system.h"
#include "win32.h"

enum { WORDS_BYTES = 512 };

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
