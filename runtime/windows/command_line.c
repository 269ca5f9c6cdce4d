/* SPDX-License-Identifier: Apache-2.0 */
/* command_line.c - words to a command line, so that the same words come out */
#include <config.h>

#include "command_line.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "sbuf.h"
#include "utf16.h"

static bool
ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	if (len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (name_fold(s[len - n + i]) != suffix[i])
			return false;
	return true;
}

bool
command_is_batch(const char *path)
{
	return ends_with(path, ".bat") || ends_with(path, ".cmd");
}

/*
 * Backslashes count only before a quotation mark: there two stand for one,
 * and an odd one makes the mark a character.
 */
static void
add_word(struct sbuf *b, const char *word)
{
	size_t slashes = 0;

	if (*word != '\0' && strpbrk(word, " \t\n\v\"") == NULL) {
		sbuf_puts(b, word);
		return;
	}
	sbuf_addc(b, '"');
	for (; *word != '\0'; word++) {
		if (*word == '\\') {
			slashes++;
			continue;
		}
		if (*word == '"')
			slashes = 2 * slashes + 1;
		for (; slashes > 0; slashes--)
			sbuf_addc(b, '\\');
		sbuf_addc(b, *word);
	}
	for (slashes *= 2; slashes > 0; slashes--)
		sbuf_addc(b, '\\');
	sbuf_addc(b, '"');
}

/* What Windows is given has a limit, and is text; both are checked on the whole. */
static const char *
finish(struct arena *a, struct sbuf *b, size_t limit, const char **why)
{
	size_t units;
	const char *line = arena_strdup(a, sbuf_str(b));

	sbuf_free(b);
	if (utf16_from_utf8(a, line, &units) == NULL)
		*why = "an argument is not UTF-8, which is all that a program of Windows can be given";
	else if (units >= limit)
		*why = arena_printf(a, "the arguments have %zu characters with what quotes them, and "
		    "Windows takes at most %zu", units, limit - 1);
	else
		return line;
	return NULL;
}

const char *
command_line(struct arena *a, const char *const *argv, const char **why)
{
	struct sbuf b = SBUF_INIT;

	if (strchr(argv[0], '"') != NULL) {
		*why = "the name of a command cannot have a quotation mark on Windows";
		return NULL;
	}
	sbuf_printf(&b, "\"%s\"", argv[0]);
	for (size_t i = 1; argv[i] != NULL; i++) {
		sbuf_addc(&b, ' ');
		add_word(&b, argv[i]);
	}
	return finish(a, &b, COMMAND_LINE_UNITS, why);
}

/* NULL, or what cmd.exe would make something else of. */
static const char *
batch_problem(const char *word)
{
	for (; *word != '\0'; word++) {
		if (*word == '%')
			return "a '%', which begins the name of a variable";
		if (*word == '"')
			return "a quotation mark, which ends the quoting";
		if ((unsigned char)*word < ' ' || *word == 0x7f)
			return "a line break or another control character";
	}
	return NULL;
}

const char *
command_line_batch(struct arena *a, const char *path, const char *const *argv, const char **why)
{
	struct sbuf b = SBUF_INIT;
	const char *bad = batch_problem(path);

	if (bad != NULL) {
		*why = arena_printf(a, "the path of the batch file has %s: cmd.exe would run another one",
		    bad);
		return NULL;
	}
	/* /s: the outermost marks are taken away, and nothing else. */
	sbuf_printf(&b, "cmd.exe /d /e:on /v:off /s /c \"\"%s\"", path);
	for (size_t i = 1; argv[i] != NULL; i++) {
		if ((bad = batch_problem(argv[i])) != NULL) {
			sbuf_free(&b);
			*why = arena_printf(a, "argument %zu of a batch file has %s: cmd.exe could take it for "
			    "a command; start a program that is no batch file, or leave it out", i, bad);
			return NULL;
		}
		/* Backslashes before the mark would escape it for the program that is given it. */
		size_t slashes = 0, len = strlen(argv[i]);
		while (slashes < len && argv[i][len - 1 - slashes] == '\\')
			slashes++;
		sbuf_printf(&b, " \"%s", argv[i]);
		for (; slashes > 0; slashes--)
			sbuf_addc(&b, '\\');
		sbuf_addc(&b, '"');
	}
	sbuf_addc(&b, '"');
	return finish(a, &b, BATCH_LINE_UNITS, why);
}
