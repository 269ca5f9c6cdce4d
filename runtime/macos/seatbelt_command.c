/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_command.c - arguments of sandbox-exec from the text of a profile, and its end in words */
#include <config.h>

#include "seatbelt_command.h"

#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "arena.h"
#include "child.h"
#include "report.h"

static const char mark[] = ";; -D ";

static bool
is_name_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '_';
}

/* The bytes that a string literal stands for; NULL where it is none. */
static const char *
unescape(struct arena *a, const char *s, size_t len)
{
	char *out = arena_array(a, len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f || s[i] == '"')
			return NULL;
		if (s[i] == '\\' && (++i == len || (s[i] != '\\' && s[i] != '"')))
			return NULL;
		out[n++] = s[i];
	}
	return out;
}

static int
add_param(struct arena *a, const char *line, size_t len, size_t number,
    struct seatbelt_params *out, const char **why)
{
	const char *s = line + sizeof(mark) - 1;
	size_t left = len - (sizeof(mark) - 1), n = 0;

	while (n < left && is_name_byte(s[n]))
		n++;
	if (n == 0 || n == left || s[n] != '=') {
		*why = arena_printf(a, "line %zu of the profile: \"%s\" is followed by NAME=VALUE",
		    number, mark);
		return -1;
	}
	struct seatbelt_param p = {
		arena_strndup(a, s, n), unescape(a, s + n + 1, left - n - 1),
	};
	if (p.value == NULL) {
		*why = arena_printf(a, "line %zu of the profile: the value of %s is not spelt as "
		    "in a string", number, p.name);
		return -1;
	}
	if (out->len > 0 && strcmp(out->v[out->len - 1].name, p.name) >= 0) {
		*why = arena_printf(a, "line %zu of the profile: %s stands after %s", number,
		    p.name, out->v[out->len - 1].name);
		return -1;
	}
	VEC_PUSH(a, out, p);
	return 0;
}

static bool
is_comment_or_blank(const char *line, size_t len)
{
	while (len > 0 && (*line == ' ' || *line == '\t' || *line == '\r'))
		line++, len--;
	return len == 0 || *line == ';';
}

int
seatbelt_params(struct arena *a, const char *text, size_t len, struct seatbelt_params *out,
    const char **why)
{
	bool in_front = true;
	size_t number = 0;

	*out = (struct seatbelt_params){ NULL, 0, 0 };
	if (len > LIMIT_SEATBELT_TEXT) {
		*why = arena_printf(a, "the profile is larger than %d bytes", LIMIT_SEATBELT_TEXT);
		return -1;
	}
	for (size_t at = 0; at < len;) {
		const char *line = text + at, *end = memchr(line, '\n', len - at);
		size_t n = end != NULL ? (size_t)(end - line) : len - at;
		at += n + 1;
		number++;
		in_front = in_front && is_comment_or_blank(line, n);
		if (n < sizeof(mark) - 1 || memcmp(line, mark, sizeof(mark) - 1) != 0)
			continue;
		if (!in_front) {
			*why = arena_printf(a, "line %zu of the profile: a parameter after the "
			    "first form", number);
			return -1;
		}
		if (add_param(a, line, n, number, out, why) != 0)
			return -1;
	}
	return 0;
}

const char **
seatbelt_words(struct arena *a, const char *text, size_t len, const char *file,
    const char *command, char *const *argv, size_t *n, const char **why)
{
	struct { const char **v; size_t len, cap; } out = { NULL, 0, 0 };
	struct seatbelt_params params;
	size_t bytes = 0;

	if (seatbelt_params(a, text, len, &params, why) != 0)
		return NULL;
	VEC_PUSH(a, &out, "sandbox-exec");
	VEC_PUSH(a, &out, "-f");
	VEC_PUSH(a, &out, file);
	for (size_t i = 0; i < params.len; i++) {
		const struct seatbelt_param *p = &params.v[i];
		const char *word = arena_printf(a, "%s=%s", p->name, p->value);
		bytes += strlen(word) + 1;
		VEC_PUSH(a, &out, "-D");
		VEC_PUSH(a, &out, word);
	}
	if (bytes > LIMIT_SEATBELT_ARGS) {
		*why = arena_printf(a, "the parameters of the profile need %zu bytes of arguments, "
		    "of %d that they may have: name fewer or shorter workspace roots", bytes,
		    LIMIT_SEATBELT_ARGS);
		return NULL;
	}
	VEC_PUSH(a, &out, "--");
	VEC_PUSH(a, &out, command);
	for (char *const *word = argv + 1; argv[0] != NULL && *word != NULL; word++)
		VEC_PUSH(a, &out, *word);
	*n = out.len;
	VEC_PUSH(a, &out, NULL);
	return out.v;
}

/*
 * sandbox-exec is replaced by the command, or says on standard error what kept
 * it from that and ends with one of three statuses of sysexits(3).  Any other
 * is the command's, whether or not its execution was seen.
 */
int
seatbelt_outcome(struct arena *a, bool executed, int wait_status, const char *command,
    const char **why)
{
	int status = child_status(wait_status);

	*why = NULL;
	if (executed || WIFSIGNALED(wait_status))
		return status;
	switch (status) {
	case EX_OSERR:
		*why = arena_printf(a, "%s: the system refused (status 71; the line above says "
		    "what): \"sandbox_apply: Operation not permitted\" means that this is inside "
		    "another sandbox, \"execvp\" that %s cannot be executed under the profile",
		    SANDBOX_EXEC, command);
		break;
	case EX_DATAERR:
		*why = arena_printf(a, "%s does not take the profile (status 65; the line above "
		    "says why): this system knows less, or more, than the profile was made for; "
		    "cdxp-run --print shows its text", SANDBOX_EXEC);
		break;
	case EX_USAGE:
		*why = arena_printf(a, "%s does not take its arguments (status 64; the line above "
		    "says why); cdxp-run --print shows them", SANDBOX_EXEC);
		break;
	default:
		return status;
	}
	return STATUS_SETUP;
}
