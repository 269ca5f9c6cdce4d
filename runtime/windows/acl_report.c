/* SPDX-License-Identifier: Apache-2.0 */
/* acl_report.c - what was found and done, in words and as JSON */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "acl_context.h"
#include "arena.h"
#include "json.h"

enum { SHOWN = 200 };		/* of each kind of finding, for people */

static const char *const severity_words[] = { "note", "warning", "error" };
static const char *const deed_words[] = { "add", "keep", "remove", "make", "unmake" };

void
acl_find(struct acl_report *r, enum acl_severity severity, const char *code, const char *path, const char *at,
    const char *fmt, ...)
{
	struct sbuf b = SBUF_INIT;
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	sbuf_puts(&b, line);
	VEC_PUSH(r->a, &r->findings, ((struct acl_finding){ .severity = severity, .code = code,
	    .path = path == NULL ? NULL : arena_strdup(r->a, path), .text = arena_strdup(r->a, sbuf_str(&b)),
	    .at = at == NULL ? "" : arena_strdup(r->a, at) }));
	r->errors += severity == ACL_ERROR;
	r->warnings += severity == ACL_WARNING;
	sbuf_free(&b);
}

void
acl_step(struct acl_report *r, enum acl_deed deed, const char *path, const char *purpose, const char *at,
    const char *text)
{
	VEC_PUSH(r->a, &r->steps, ((struct acl_step){ .deed = deed, .path = arena_strdup(r->a, path),
	    .purpose = purpose, .at = arena_strdup(r->a, at), .text = arena_strdup(r->a, text) }));
	r->deeds[deed]++;
}

static void
findings_text(const struct acl_report *r, enum acl_severity severity, struct sbuf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->findings.len; i++) {
		const struct acl_finding *f = &r->findings.v[i];
		if (f->severity != severity || ++n > SHOWN)
			continue;
		sbuf_printf(out, "%s: ", severity_words[severity]);
		if (f->path != NULL)
			sbuf_printf(out, "%s ", f->path);
		sbuf_printf(out, "%s", f->text);
		if (f->at[0] != '\0')
			sbuf_printf(out, " (%s)", f->at);
		sbuf_printf(out, " [%s]\n", f->code);
	}
	if (n > SHOWN)
		sbuf_printf(out, "%s: and %zu more of these\n", severity_words[severity], n - SHOWN);
}

static void
counted(struct sbuf *out, const char *sep, size_t n, const char *one, const char *many)
{
	sbuf_printf(out, "%s%zu %s", sep, n, n == 1 ? one : many);
}

void
acl_report_text(const struct acl_report *r, const char *verb, bool steps, struct sbuf *out)
{
	static const char *const plain[] = { "added", "already there", "removed", "made", "removed again" };
	static const char *const dry[] = { "to add", "already there", "to remove", "to make", "to remove again" };
	const char *sep = " ";

	for (size_t i = 0; steps && i < r->steps.len; i++) {
		const struct acl_step *s = &r->steps.v[i];
		if (i == 0 || strcmp(s->path, r->steps.v[i - 1].path) != 0)
			sbuf_printf(out, "%s\n", s->path);
		sbuf_printf(out, "    %-6s %s", deed_words[s->deed], s->text);
		if (s->purpose[0] != '\0')
			sbuf_printf(out, "  %s", s->purpose);
		if (s->at[0] != '\0')
			sbuf_printf(out, "  %s", s->at);
		sbuf_addc(out, '\n');
	}
	for (enum acl_severity s = ACL_ERROR + 1; s-- > ACL_NOTE; )
		findings_text(r, s, out);
	sbuf_printf(out, "%s:", verb);
	for (unsigned i = 0; i < DEED_DEEDS; i++) {
		if (r->deeds[i] == 0)
			continue;
		counted(out, sep, r->deeds[i], r->machine ? "part" : i < DEED_MAKE ? "entry" : "placeholder",
		    r->machine ? "parts" : i < DEED_MAKE ? "entries" : "placeholders");
		sbuf_printf(out, " %s", (r->dry ? dry : plain)[i]);
		sep = ", ";
	}
	if (r->spread_objects > 0) {
		counted(out, sep, r->spread_objects, "object below changed", "objects below changed");
		sep = ", ";
	}
	if (sep[0] == ' ')
		sbuf_puts(out, r->errors > 0 ? " nothing was done" : " nothing to do");
	if (r->spreading)
		sbuf_puts(out, "; entries for reading still spread");
	counted(out, "; ", r->errors, "error", "errors");
	counted(out, ", ", r->warnings, "warning", "warnings");
	sbuf_addc(out, '\n');
}

cJSON *
acl_report_json(const struct acl_report *r, const char *verb)
{
	cJSON *o = json_new_object(), *findings = json_new_array(), *steps = json_new_array();

	json_put_text(o, "verb", verb);
	json_put_bool(o, "dry_run", r->dry);
	json_put_bool(o, "ok", r->errors == 0);
	json_put_bool(o, "spreading", r->spreading);
	json_put_number(o, "spread_objects", r->spread_objects);
	json_put_number(o, "audit_checks", r->audit_checks);
	for (size_t i = 0; i < r->findings.len; i++) {
		const struct acl_finding *f = &r->findings.v[i];
		cJSON *row = json_new_object();
		json_put_text(row, "severity", severity_words[f->severity]);
		json_put_text(row, "code", f->code);
		json_put_text(row, "path", f->path);
		json_put_text(row, "text", f->text);
		json_put_text(row, "at", f->at[0] == '\0' ? NULL : f->at);
		json_append(findings, row);
	}
	for (size_t i = 0; i < r->steps.len; i++) {
		const struct acl_step *s = &r->steps.v[i];
		cJSON *row = json_new_object();
		json_put_text(row, "do", deed_words[s->deed]);
		json_put_text(row, "path", s->path);
		json_put_text(row, "what", s->text);
		json_put_text(row, "for", s->purpose[0] == '\0' ? NULL : s->purpose);
		json_put_text(row, "at", s->at[0] == '\0' ? NULL : s->at);
		json_append(steps, row);
	}
	json_put(o, "findings", findings);
	json_put(o, "steps", steps);
	return o;
}

struct sid
acl_sid_of(const struct acl_context *c, const struct sid *capabilities, const struct plan_to *to)
{
	switch (to->who) {
	case TO_CAPABILITY:
		return capabilities[to->root];
	case TO_READONLY:
		return capabilities[0];
	case TO_USER:
		return c->people.user;
	case TO_GROUP:
		return c->people.group;
	case TO_SANDBOX_USER:
		return c->people.sandbox_user;
	case TO_LOGON:
		return c->people.logon;
	case TO_OWNER_RIGHTS:
		return sid_owner_rights;
	case TO_EVERYONE:
		return sid_everyone;
	case TO_USERS:
		return sid_users;
	case TO_AUTHENTICATED:
		return sid_authenticated;
	case PLAN_PRINCIPALS:
		break;
	}
	return (struct sid){ 0 };
}

uint64_t
acl_now(struct acl_context *c)
{
	return c->now_ms != NULL ? c->now_ms(c->now_arg) : c->now;
}
