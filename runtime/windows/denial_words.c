/* SPDX-License-Identifier: Apache-2.0 */
/* denial_words.c - lines that speak of refused access, and the paths in them */
#include <config.h>

#include "denial_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "decide_fs.h"
#include "native_path.h"
#include "path.h"
#include "utf8.h"

/* Of what access is told apart; in lower case. */
static const char *const refusals[] = {
	"is denied", "permission denied", "operation not permitted", "eacces", "eperm",
};

/* What was tried, where the line has a word for it. */
static const struct { const char *word; enum denial_action action; } tries[] = {
	{ "mkdir", DENIAL_CREATE }, { "create", DENIAL_CREATE }, { "creating", DENIAL_CREATE },
	{ "unlink", DENIAL_REMOVE }, { "rmdir", DENIAL_REMOVE }, { "remove", DENIAL_REMOVE },
	{ "delete", DENIAL_REMOVE }, { "rename", DENIAL_RENAME }, { "move", DENIAL_RENAME },
	{ "chmod", DENIAL_CHANGE }, { "utime", DENIAL_CHANGE },
};

enum {
	STREAMS = 2,
	MOST_PATHS = 8,
	MOST_TRIES = 64,	/* of a line: each asks the host */
};

struct stream {
	char	 line[DENIAL_WORDS_LINE + 1];
	size_t	 len;
	char	 before[DENIAL_WORDS_LINE + 1];	/* the line in front of it */
	bool	 cut;				/* what comes until its end is not looked at */
	char	 escape;			/* in what drives a terminal: ESC, '['; else 0 */
};

struct denial_words {
	struct denial_words_request q;
	struct stream	 stream[STREAMS];
};

/* A line that is looked through. */
struct search {
	struct arena	*a;
	struct denial_words *w;
	enum denial_action tried;	/* DENIAL_OTHER: not said */
	bool		 named;		/* it names something that is there, or could be */
	const char	*seen[MOST_PATHS];
	size_t		 nseen, ntries;
};

/* ---- text ---- */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* Where it begins, ASCII without regard to case; NULL. */
static const char *
find_words(const char *line, const char *words, size_t len)
{
	for (; *line != '\0'; line++) {
		size_t n = 0;
		while (n < len && line[n] != '\0' && lower(line[n]) == lower(words[n]))
			n++;
		if (n == len && len > 0)
			return line;
	}
	return NULL;
}

/* Where letters stand before or after, it is another word. */
static bool
has_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = line; (at = find_words(at, word, len)) != NULL; at += len)
		if ((at == line || !is_letter(at[-1])) && !is_letter(at[len]))
			return true;
	return false;
}

/* The system's own words, without the full stop. */
static const char *
own_words(const struct denial_words *w, const char *line)
{
	for (size_t i = 0; i < NELEMS(w->q.denied); i++) {
		const char *words = w->q.denied[i], *at = NULL;
		if (words != NULL && (at = find_words(line, words, strcspn(words, ".\r\n"))) != NULL)
			return at;
	}
	return NULL;
}

/* Where a line speaks of it, or NULL. */
static const char *
refusal(const struct denial_words *w, const char *line)
{
	for (size_t i = 0; i < NELEMS(refusals); i++) {
		const char *at = find_words(line, refusals[i], strlen(refusals[i]));
		if (at != NULL)
			return at;
	}
	return own_words(w, line);
}

static enum denial_action
what_was_tried(const char *line)
{
	for (size_t i = 0; i < NELEMS(tries); i++)
		if (has_word(line, tries[i].word))
			return tries[i].action;
	return DENIAL_OTHER;
}

/* ---- a path ---- */

/* The policy's word; what it allows failed for another reason. */
static bool
is_denied(const struct search *s, const struct fs_verdict *v, bool exists, enum denial_action *action)
{
	bool moves = s->tried == DENIAL_REMOVE || s->tried == DENIAL_RENAME;

	*action = s->tried;
	if (!v->readable && s->tried == DENIAL_OTHER) {
		*action = DENIAL_READ;
		return s->w->q.reads;
	}
	if (s->tried == DENIAL_OTHER)
		*action = exists ? DENIAL_WRITE : DENIAL_CREATE;
	return !v->readable || !v->writable || (moves && v->pinned);
}

static bool
was_seen(struct search *s, const char *path)
{
	for (size_t i = 0; i < s->nseen; i++)
		if (strcmp(s->seen[i], path) == 0)
			return true;
	if (s->nseen < MOST_PATHS)
		s->seen[s->nseen++] = path;
	return false;
}

static void
judge(struct search *s, const char *path, bool exists)
{
	struct denial d = {
		.object = DENIAL_PATH, .known = DENIAL_OUTPUT, .error = EACCES, .absent = !exists,
		.operation = "output", .target = path, .process = s->w->q.process,
	};
	const struct fs_verdict v = decide_fs(s->w->q.decide, path);

	s->named = true;
	if (!was_seen(s, path) && is_denied(s, &v, exists, &d.action))
		s->w->q.say(s->w->q.arg, &d);
}

/* In our form, whatever it leads to; NULL: no path.  MSYS has "/c/x" for "C:\x". */
static const char *
path_of(const struct search *s, const char *text, size_t len)
{
	char *copy = arena_strndup(s->a, text, len);
	const char *why;

	if (len == 0 || utf8_check(copy, len) != len)
		return NULL;
	if (copy[0] == '/' && is_letter(copy[1]) && copy[2] == '/')
		copy = arena_printf(s->a, "%c:%s", copy[1], copy + 2);
	if ((is_letter(copy[0]) && copy[1] == ':') || (copy[0] == '\\' && copy[1] == '\\')) {
		const char *path = native_path_back(s->a, copy);
		return path != NULL ? path_normal(s->a, path, &why) : NULL;
	}
	if (strcspn(copy, ":*?\"<>|") != len || copy[0] == '/' || copy[0] == '\\')
		return NULL;
	for (char *c = copy; *c != '\0'; c++)
		*c = *c == '\\' ? '/' : *c;
	return path_normal(s->a, arena_printf(s->a, "%s/%s", s->w->q.cwd, copy), &why);
}

/* What is neither there nor in a directory that is, is something else. */
static bool
take(struct search *s, const char *text, size_t len, bool must_exist)
{
	const char *path = s->ntries < MOST_TRIES ? path_of(s, text, len) : NULL;
	bool exists = false;

	s->ntries++;
	if (path == NULL || (path = s->w->q.find(s->w->q.arg, s->a, path, &exists)) == NULL ||
	    (must_exist && !exists))
		return false;
	judge(s, path, exists);
	return true;
}

/* A bare word is one of the working directory's names only if it is there. */
static bool
is_bare(const char *text, size_t len)
{
	return memchr(text, '\\', len) == NULL && memchr(text, '/', len) == NULL;
}

/* ---- a line ---- */

static size_t
trimmed(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t.,:;)]!-", text[len - 1]) != NULL)
		len--;
	return len;
}

/* Names may have blanks: the longest that is there, else the longest that could be made. */
static void
take_longest(struct search *s, const char *text, size_t len)
{
	for (int exists = 1; exists >= 0; exists--)
		for (size_t n = trimmed(text, len); n > 3;) {
			if (take(s, text, n, exists == 1))
				return;
			do
				n--;
			while (n > 3 && strchr(" :,;(", text[n]) == NULL);
			n = trimmed(text, n);
		}
}

/* "C:\a b\c", anywhere in the line. */
static void
take_drives(struct search *s, const char *line)
{
	const char *words = refusal(s->w, line);

	for (const char *at = line; *at != '\0'; at++) {
		if (!is_letter(at[0]) || at[1] != ':' || (at[2] != '\\' && at[2] != '/') ||
		    (at > line && (is_letter(at[-1]) || strchr("'\"`", at[-1]) != NULL)))
			continue;
		size_t len = 2 + strcspn(at + 2, "<>|\"*?'`\t:");
		bool meets = words != NULL && words > at && (size_t)(words - at) < len;
		take_longest(s, at, meets ? (size_t)(words - at) : len);
		at += len - 1;
	}
}

/* Quotation marks of programs; the closing one may be another than the opening one. */
static const struct { const char *open, *close; } quotes[] = {
	{ "'", "'" }, { "\"", "\"" }, { "`", "'" }, { "`", "`" },
	{ "\xe2\x80\x98", "\xe2\x80\x99" }, { "\xe2\x80\x9c", "\xe2\x80\x9d" },
};

static void
take_quoted(struct search *s, const char *line)
{
	for (size_t i = 0; i < NELEMS(quotes); i++) {
		size_t open = strlen(quotes[i].open), close = strlen(quotes[i].close);
		for (const char *at = line; (at = strstr(at, quotes[i].open)) != NULL;) {
			const char *end = strstr(at + open, quotes[i].close);
			if (end == NULL)
				break;
			size_t len = (size_t)(end - at) - open;
			/* An apostrophe opens nothing; what does not fit may begin at the next mark. */
			bool taken = take(s, at + open, len, is_bare(at + open, len));
			at = taken ? end + close : at + open;
		}
	}
}

/* "touch: docs/a.txt: Permission denied" */
static void
take_words(struct search *s, const char *line)
{
	static const char apart[] = " \t:,;()[]='\"`<>|";

	for (const char *at = line + strspn(line, apart); *at != '\0'; at += strspn(at, apart)) {
		size_t len = strcspn(at, apart);
		take(s, at, trimmed(at, len), is_bare(at, len));
		at += len;
	}
}

static void
say_unnamed(struct denial_words *w)
{
	const struct denial d = {
		.action = DENIAL_OTHER, .object = DENIAL_THING, .known = DENIAL_OUTPUT, .error = EACCES,
		.operation = "access", .target = "", .process = w->q.process,
		.rule = "its output says that access is denied, and not to what",
	};

	w->q.say(w->q.arg, &d);
}

static void
on_refusal(struct search *s, const struct stream *in)
{
	s->tried = what_was_tried(in->line);
	take_quoted(s, in->line);
	take_drives(s, in->line);
	if (!s->named)
		take_words(s, in->line);
	/* del and its like name it in the line before; PowerShell breaks long ones. */
	if (!s->named)
		take(s, in->before, strlen(in->before), true);
	if (!s->named)
		take_quoted(s, arena_printf(s->a, "%s%s", in->before, in->line));
	/* Windows' own words are enough; those of others are said of other things, too. */
	if (!s->named && (find_words(in->line, "access is denied", strlen("access is denied")) != NULL ||
	    own_words(s->w, in->line) != NULL))
		say_unnamed(s->w);
}

static void
on_line(struct denial_words *w, struct stream *in)
{
	in->line[in->len] = '\0';
	if (refusal(w, in->line) != NULL) {
		struct search s = { .a = arena_new(), .w = w };
		on_refusal(&s, in);
		arena_free(s.a);
	}
	memcpy(in->before, in->line, in->len + 1);
	in->len = 0;
	in->cut = false;
}

/* ---- the stream ---- */

struct denial_words *
denial_words_new(const struct denial_words_request *q)
{
	struct denial_words *w = calloc(1, sizeof(*w));

	if (w == NULL)
		out_of_memory();
	w->q = *q;
	return w;
}

/* True: it belongs to what colours text. */
static bool
is_escape(struct stream *in, char c)
{
	enum { ESC = 033 };

	if (c == ESC || (in->escape == ESC && c == '[')) {
		in->escape = c;
		return true;
	}
	if (in->escape != '[') {
		in->escape = 0;
		return false;
	}
	if (c >= '@' && c <= '~')
		in->escape = 0;
	return true;
}

void
denial_words_feed(struct denial_words *w, int stream, const void *bytes, size_t n)
{
	struct stream *in = &w->stream[stream];
	const char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			on_line(w, in);
		else if (is_escape(in, p[i]) || p[i] == '\r' || p[i] == '\0')
			continue;
		else if (in->len == DENIAL_WORDS_LINE)
			in->cut = true;
		else if (!in->cut)
			in->line[in->len++] = p[i];
	}
}

void
denial_words_end(struct denial_words *w)
{
	for (int i = 0; w != NULL && i < STREAMS; i++)
		if (w->stream[i].len > 0)
			on_line(w, &w->stream[i]);
	free(w);
}

void
denial_words_status(struct denial_words *w, uint32_t code)
{
	const uint32_t access_denied = 0xC0000022;
	const struct denial d = {
		.action = DENIAL_OTHER, .object = DENIAL_THING, .known = DENIAL_STATUS, .error = EACCES,
		.operation = "exit", .target = "0xC0000022", .process = w->q.process,
		.rule = "STATUS_ACCESS_DENIED is what it ended with; access to what is not said",
	};

	if (code == access_denied)
		w->q.say(w->q.arg, &d);
}
