/* SPDX-License-Identifier: Apache-2.0 */
/* report.c - one-line messages of cdxp-run */
#include <config.h>

#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A fixed buffer, so that it works from anywhere, out of memory included; a
 * longer text is cut.  Line breaks and other control bytes, which a path may
 * hold, are replaced: a message stays one line and drives no terminal.
 */
static void PRINTF_LIKE(1, 0)
say(const char *fmt, va_list ap)
{
	char line[8192] = "cdxp-run: ";
	size_t at = strlen(line), room = sizeof(line) - at - 1;
	int n = vsnprintf(line + at, room, fmt, ap);
	size_t len = n < 0 ? at : at + ((size_t)n < room ? (size_t)n : room - 1);

	for (size_t i = at; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	for (size_t done = 0; done < len;) {
		ssize_t w = write(STDERR_FILENO, line + done, (unsigned)(len - done));
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return;
		done += (size_t)w;
	}
}

void
report(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int
report_fail(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return status;
}
