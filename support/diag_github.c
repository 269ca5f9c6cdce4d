/* SPDX-License-Identifier: Apache-2.0 */
/* diag_github.c - the queue as workflow commands, which GitHub shows beside the lines */
#include <config.h>

#include "diag.h"

#include <string.h>

#include "diag_queue.h"
#include "sbuf.h"
#include "source.h"

static const char *const command[] = {
	[DIAG_NOTE] = "notice",
	[DIAG_WARNING] = "warning",
	[DIAG_ERROR] = "error",
};

/*
 * Nothing in a message can end the command or begin another.  In a property
 * ':' and ',' are marks too.
 */
static void
add_escaped(struct sbuf *out, const char *s, bool property)
{
	struct sbuf b = SBUF_INIT;

	diag_add_text(&b, s);
	for (size_t i = 0; i < b.len; i++) {
		char c = b.p[i];
		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
			sbuf_printf(out, "%%%02X", (unsigned char)c);
		else
			sbuf_addc(out, c);
	}
	sbuf_free(&b);
}

/* Columns are told only of one line; the end is the last one, not the one behind it. */
static void
add_place(struct sbuf *out, const struct region_in_source *r)
{
	sbuf_puts(out, "file=");
	add_escaped(out, r->source->name, true);
	sbuf_printf(out, ",line=%u", (unsigned)r->line);
	if (r->end_line != r->line) {
		/* A newline at the very end belongs to the line that it ends. */
		unsigned last = r->end_column == 1 ? r->end_line - 1 : r->end_line;
		sbuf_printf(out, ",endLine=%u", last);
	} else {
		unsigned last = r->end_column > r->column ? r->end_column - 1 : r->column;
		sbuf_printf(out, ",col=%u,endColumn=%u", (unsigned)r->column, last);
	}
	sbuf_addc(out, ',');
}

/* The notes are further lines of the message: commands of their own would be apart from it. */
static void
add_note(const struct diags *ds, struct sbuf *message, const struct diag_note *n)
{
	struct region_in_source r = source_region(ds->sources, n->span);

	sbuf_addc(message, '\n');
	if (r.source != NULL)
		sbuf_printf(message, "%s:%u:%u: ", r.source->name, (unsigned)r.line,
		    (unsigned)r.column);
	sbuf_printf(message, "note: %s", n->text);
}

static void
add_diag(const struct diags *ds, struct sbuf *out, const struct diag *d)
{
	struct region_in_source r = source_region(ds->sources, d->span);
	struct sbuf message = SBUF_INIT;

	sbuf_printf(out, "::%s ", command[d->severity]);
	if (r.source != NULL)
		add_place(out, &r);
	sbuf_puts(out, "title=");
	add_escaped(out, diag_id(d->code), true);
	sbuf_puts(out, "::");
	sbuf_puts(&message, d->text);
	if (d->hint != NULL)
		sbuf_printf(&message, "\n%s", d->hint);
	for (size_t i = 0; i < d->notes.len; i++)
		add_note(ds, &message, &d->notes.v[i]);
	add_escaped(out, sbuf_str(&message), false);
	sbuf_addc(out, '\n');
	sbuf_free(&message);
}

void
diag_github(const struct diags *ds, struct sbuf *out, const char *more)
{
	for (size_t i = 0; i < ds->queue.len; i++)
		add_diag(ds, out, ds->queue.v[i]);
	if (*more != '\0')
		sbuf_printf(out, "::notice title=%s::%s\n", diag_id(D_DIAG_LIMIT), more);
}
