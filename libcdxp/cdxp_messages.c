/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_messages.c - a list of messages that the caller owns */
#include <config.h>

#include "cdxp_messages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "system.h"

struct message {
	enum cdxp_severity severity;
	const char	*text;
};

struct cdxp_messages {
	struct arena	*arena;
	const char	*program;
	bool		 colour;
	struct { struct message *v; size_t len, cap; } list;
};

struct cdxp_messages *
cdxp_messages_new(const char *program, bool colour)
{
	struct arena *a = arena_new();
	struct cdxp_messages *m = arena_alloc(a, sizeof(*m));
	m->arena = a;
	m->program = arena_strdup(a, program);
	m->colour = colour;
	return m;
}

void
cdxp_messages_free(struct cdxp_messages *m)
{
	if (m != NULL)
		arena_free(m->arena);
}

size_t
cdxp_messages_count(const struct cdxp_messages *m)
{
	return m->list.len;
}

const char *
cdxp_messages_text(const struct cdxp_messages *m, size_t i, enum cdxp_severity *severity)
{
	if (i >= m->list.len)
		return NULL;
	*severity = m->list.v[i].severity;
	return m->list.v[i].text;
}

static void
add(struct cdxp_messages *m, enum cdxp_severity severity, const char *fmt, va_list ap)
{
	static const char *const word[] = {
		[CDXP_NOTE] = "note: ", [CDXP_WARNING] = "warning: ", [CDXP_ERROR] = "",
	};
	if (m == NULL)
		return;
	char *text = NULL;
	if (vasprintf(&text, fmt, ap) == -1)
		abort();
	struct message message = { severity,
		arena_printf(m->arena, "%s: %s%s", m->program, word[severity], text) };
	free(text);
	VEC_PUSH(m->arena, &m->list, message);
}

void
messages_add(struct cdxp_messages *m, enum cdxp_severity severity, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(m, severity, fmt, ap);
	va_end(ap);
}

enum cdxp_status
messages_fail(struct cdxp_messages *m, enum cdxp_status status, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(m, CDXP_ERROR, fmt, ap);
	va_end(ap);
	return status;
}

void
messages_add_diags(struct cdxp_messages *m, const struct diags *d)
{
	if (m == NULL || diags_count(d) == 0)
		return;
	struct system_text t;
	size_t len;
	system_text_begin(&t);
	diags_print(d, t.stream, DIAG_TEXT, m->colour, m->program);
	char *text = system_text_done(&t, &len);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	struct message message = {
		diags_errors(d) > 0 ? CDXP_ERROR : CDXP_WARNING,
		arena_strndup(m->arena, text, len),
	};
	free(text);
	VEC_PUSH(m->arena, &m->list, message);
}
