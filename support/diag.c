/* SPDX-License-Identifier: Apache-2.0 */
/* diag.c - diagnostics as data, in a queue */
#include <config.h>

#include "diag.h"

#include <stdarg.h>
#include <string.h>

#include "arena.h"
#include "diag_queue.h"

/* A message may hold text of the user's; what is longer is cut. */
enum { TEXT_MAX_BYTES = 16 * 1024 };

static const struct {
	const char		*id, *meaning;
	enum diag_severity	 severity;
} codes[] = {
#define DIAG(sym, id, sev, meaning)	[D_##sym] = { id, meaning, sev },
#include "diag_codes.def"
#undef DIAG
};

struct diags *
diags_new(struct arena *a, const struct sources *sources)
{
	struct diags *ds = arena_alloc(a, sizeof(*ds));
	ds->a = a;
	ds->sources = sources;
	return ds;
}

static int
code_of(const char *id)
{
	for (int i = 0; i < DIAG_CODES; i++)
		if (strcmp(codes[i].id, id) == 0)
			return i;
	return -1;
}

static const char *
after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

int
diags_flag(struct diags *ds, const char *flag)
{
	const char *id;

	if (strcmp(flag, "-w") == 0) {
		ds->no_warnings = true;
		return 0;
	}
	if (strcmp(flag, "-Werror") == 0 || strcmp(flag, "-Wno-error") == 0) {
		ds->all_errors = strcmp(flag, "-Werror") == 0;
		return 0;
	}
	bool error = (id = after(flag, "-Werror=")) != NULL;
	bool no_error = !error && (id = after(flag, "-Wno-error=")) != NULL;
	bool off = !error && !no_error && (id = after(flag, "-Wno-")) != NULL;
	if (!error && !no_error && !off)
		id = after(flag, "-W");
	int code = id == NULL ? -1 : code_of(id);
	/* What is an error stays one. */
	if (code < 0 || codes[code].severity != DIAG_WARNING)
		return -1;
	if (error || no_error)
		ds->promote[code] = error ? PROMOTE : KEEP;
	if (!no_error)
		ds->off[code] = off;
	return 0;
}

static enum diag_severity
severity_of(const struct diags *ds, enum diag_code code)
{
	if (codes[code].severity != DIAG_WARNING)
		return codes[code].severity;
	if (ds->promote[code] == BY_DEFAULT)
		return ds->all_errors ? DIAG_ERROR : DIAG_WARNING;
	return ds->promote[code] == PROMOTE ? DIAG_ERROR : DIAG_WARNING;
}

static const char *
format(struct diags *ds, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		out_of_memory();
	size_t len = n > TEXT_MAX_BYTES ? TEXT_MAX_BYTES : (size_t)n;
	char *s = arena_alloc(ds->a, len + sizeof("..."));
	vsnprintf(s, len + 1, fmt, ap);
	if (len < (size_t)n)
		strcpy(s + len, "...");
	return s;
}

struct diag *
diag_add(struct diags *ds, enum diag_code code, struct span span, const char *fmt, ...)
{
	struct diag d = { .code = code, .severity = severity_of(ds, code), .span = span };
	va_list ap;

	if (codes[code].severity == DIAG_WARNING && (ds->off[code] || ds->no_warnings))
		return &ds->nowhere;
	bool error = d.severity == DIAG_ERROR;
	size_t *kept = error ? &ds->kept_errors : &ds->kept_others;
	if (error && codes[code].severity == DIAG_WARNING)
		ds->promoted++;
	if (*kept == LIMIT_DIAGS) {
		if (error)
			ds->dropped_errors++;
		else
			ds->dropped_others++;
		return &ds->nowhere;
	}
	++*kept;
	struct diag *added = arena_alloc(ds->a, sizeof(*added));
	*added = d;
	va_start(ap, fmt);
	added->text = format(ds, fmt, ap);
	va_end(ap);
	VEC_PUSH(ds->a, &ds->queue, added);
	return added;
}

void
diag_hint(struct diags *ds, struct diag *d, const char *fmt, ...)
{
	va_list ap;

	if (d == &ds->nowhere)
		return;
	va_start(ap, fmt);
	d->hint = format(ds, fmt, ap);
	va_end(ap);
}

void
diag_note(struct diags *ds, struct diag *d, struct span span, const char *fmt, ...)
{
	struct diag_note note = { span, NULL };
	va_list ap;

	if (d == &ds->nowhere)
		return;
	va_start(ap, fmt);
	note.text = format(ds, fmt, ap);
	va_end(ap);
	VEC_PUSH(ds->a, &d->notes, note);
}

size_t
diags_errors(const struct diags *ds)
{
	return ds->kept_errors + ds->dropped_errors;
}

size_t
diags_own_errors(const struct diags *ds)
{
	return diags_errors(ds) - ds->promoted;
}

size_t
diags_count(const struct diags *ds)
{
	return ds->queue.len;
}

const struct diag *
diags_at(const struct diags *ds, size_t i)
{
	return ds->queue.v[i];
}

const char *
diag_id(enum diag_code code)
{
	return codes[code].id;
}

const char *
diag_meaning(enum diag_code code)
{
	return codes[code].meaning;
}

enum diag_severity
diag_default_severity(enum diag_code code)
{
	return codes[code].severity;
}

const struct sources *
diags_sources(const struct diags *ds)
{
	return ds->sources;
}
