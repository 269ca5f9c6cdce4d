/* SPDX-License-Identifier: Apache-2.0 */
/* denial_log.c - reading Sandbox denials from the unified log, in two of its styles */
#include <config.h>

#include "denial_log.h"

#include <string.h>

#include "arena.h"
#include "json.h"

/*
 * The kernel's own lines only: any program may write into the log, and a
 * confined one may claim what it likes there.
 */
const char *const *
denial_log_words(void)
{
	static const char *const words[] = {
		"log", "stream", "--style", "ndjson", "--predicate",
		"processID == 0 AND eventMessage CONTAINS \"Sandbox:\" AND "
		    "eventMessage CONTAINS \"deny(\"",
		NULL,
	};

	return words;
}

static bool
skip(struct slice *s, const char *word)
{
	size_t len = strlen(word);

	if (s->len < len || memcmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	s->len -= len;
	return true;
}

static bool
number(struct slice *s, size_t max_digits, uint64_t *out)
{
	size_t n = 0;

	*out = 0;
	while (n < s->len && n < max_digits && s->p[n] >= '0' && s->p[n] <= '9')
		*out = *out * 10 + (uint64_t)(s->p[n++] - '0');
	s->p += n;
	s->len -= n;
	return n > 0;
}

static bool
fixed_number(struct slice *s, size_t digits, uint64_t *out)
{
	size_t before = s->len;

	return number(s, digits, out) && before - s->len == digits;
}

/* The first "(PID) deny(N) "; what comes before it is the name, which may hold anything. */
static bool
find_deny(const struct slice *s, struct slice *name, uint64_t *pid, struct slice *rest)
{
	for (size_t i = 0; i < s->len; i++) {
		struct slice at = { s->p + i, s->len - i };
		uint64_t code;
		if (skip(&at, "(") && number(&at, 10, pid) && skip(&at, ") deny(") &&
		    number(&at, 10, &code) && skip(&at, ") ")) {
			*name = (struct slice){ s->p, i };
			*rest = at;
			return true;
		}
	}
	return false;
}

/* The text of an event: its first line; a rule's own message may follow on a second. */
static bool
read_message(struct arena *a, struct slice s, struct log_denial *out)
{
	struct slice name, rest;
	uint64_t pid, count;
	const char *newline = memchr(s.p, '\n', s.len);

	if (newline != NULL)
		s.len = (size_t)(newline - s.p);
	if (number(&s, 18, &count) && !skip(&s, " duplicate report for ") &&
	    !skip(&s, " duplicate reports for "))
		return false;
	if (!skip(&s, "Sandbox: ") || !find_deny(&s, &name, &pid, &rest))
		return false;
	if (name.len == 0 || rest.len == 0 || rest.p[0] == ' ' || pid == 0 || pid > INT32_MAX)
		return false;

	const char *space = memchr(rest.p, ' ', rest.len);
	size_t op = space != NULL ? (size_t)(space - rest.p) : rest.len;
	size_t from = space != NULL ? op + 1 : op;
	out->process = arena_strndup(a, name.p, name.len);
	out->pid = (pid_t)pid;
	out->operation = arena_strndup(a, rest.p, op);
	out->target = arena_strndup(a, rest.p + from, rest.len - from);
	return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	/* Years that begin in March, so that the leap day is the last of one. */
	int64_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* "2026-01-31 10:00:00.123456+0200"; 0 for anything else. */
static uint64_t
read_time(const char *text)
{
	struct slice s = { text, strlen(text) };
	uint64_t year, month, day, hour, minute, second, micro, zh, zm;

	if (!fixed_number(&s, 4, &year) || !skip(&s, "-") || !fixed_number(&s, 2, &month) ||
	    !skip(&s, "-") || !fixed_number(&s, 2, &day) || !skip(&s, " ") ||
	    !fixed_number(&s, 2, &hour) || !skip(&s, ":") || !fixed_number(&s, 2, &minute) ||
	    !skip(&s, ":") || !fixed_number(&s, 2, &second) || !skip(&s, ".") ||
	    !fixed_number(&s, 6, &micro))
		return 0;
	bool west = skip(&s, "-");
	if ((!west && !skip(&s, "+")) || !fixed_number(&s, 2, &zh) || !fixed_number(&s, 2, &zm) ||
	    s.len != 0 || year < 1970 || month < 1 || month > 12)
		return 0;
	int64_t zone = (int64_t)(zh * 60 + zm) * 60;
	int64_t seconds = days_of((int64_t)year, (int64_t)month, (int64_t)day) * 86400 +
	    (int64_t)(hour * 3600 + minute * 60 + second) + (west ? zone : -zone);
	return seconds <= 0 ? 0 : (uint64_t)seconds * 1000000 + micro;
}

/*
 * Not by json_read(): these objects hold 64-bit numbers, which it refuses, and
 * nothing here is decided by what they say.
 */
static bool
read_ndjson(struct arena *a, const char *line, size_t len, struct log_denial *out)
{
	cJSON *o = cJSON_ParseWithLength(line, len);
	const char *message = json_string(o, "eventMessage"), *when = json_string(o, "timestamp");
	const cJSON *process = json_member(o, "processID");
	bool kernel = process == NULL || (cJSON_IsNumber(process) && process->valuedouble == 0);
	bool found = message != NULL && kernel &&
	    read_message(a, (struct slice){ message, strlen(message) }, out);

	if (found)
		out->time = when != NULL ? read_time(when) : 0;
	cJSON_Delete(o);
	return found;
}

static void
skip_spaces(struct slice *s)
{
	while (skip(s, " "))
		continue;
}

/* One word in brackets and the space after it: "(Sandbox) ", "[com.apple.x:violation] ". */
static bool
skip_bracketed(struct slice *s, char open, char close)
{
	const char *end = s->len > 0 && s->p[0] == open ? memchr(s->p, close, s->len) : NULL;

	if (end == NULL)
		return false;
	s->len -= (size_t)(end + 1 - s->p);
	s->p = end + 1;
	skip_spaces(s);
	return true;
}

/* Its times are local and name no zone, so they are not taken. */
static bool
read_compact(struct arena *a, const char *line, size_t len, struct log_denial *out)
{
	struct slice s = { line, len };
	uint64_t n;

	if (!fixed_number(&s, 4, &n) || !skip(&s, "-") || !fixed_number(&s, 2, &n) ||
	    !skip(&s, "-") || !fixed_number(&s, 2, &n) || !skip(&s, " "))
		return false;
	const char *kind = memchr(s.p, ' ', s.len);
	if (kind == NULL)
		return false;
	s.len -= (size_t)(kind - s.p);
	s.p = kind;
	skip_spaces(&s);
	const char *process = memchr(s.p, ' ', s.len);
	if (process == NULL)
		return false;
	s.len -= (size_t)(process - s.p);
	s.p = process;
	skip_spaces(&s);
	if (!skip(&s, "kernel[0:"))
		return false;
	const char *end = memchr(s.p, ']', s.len);
	if (end == NULL)
		return false;
	s.len -= (size_t)(end + 1 - s.p);
	s.p = end + 1;
	skip_spaces(&s);
	while (skip_bracketed(&s, '(', ')') || skip_bracketed(&s, '[', ']'))
		continue;
	out->time = 0;
	return read_message(a, s, out);
}

bool
denial_log_line(struct arena *a, const char *line, size_t len, struct log_denial *out)
{
	if (len == 0 || len > LIMIT_LOG_LINE)
		return false;
	return line[0] == '{' ? read_ndjson(a, line, len, out) : read_compact(a, line, len, out);
}
