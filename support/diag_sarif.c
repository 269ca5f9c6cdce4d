/* SPDX-License-Identifier: Apache-2.0 */
/* diag_sarif.c - the queue as one SARIF 2.1.0 document (OASIS, sarif-v2.1.0) */
#include <config.h>

#include "diag.h"

#include <string.h>

#include "arena.h"
#include "diag_queue.h"
#include "json.h"
#include "sbuf.h"
#include "source.h"

static const char schema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

static const char *const level[] = {
	[DIAG_NOTE] = "note",
	[DIAG_WARNING] = "warning",
	[DIAG_ERROR] = "error",
};

struct document {
	const struct diags *ds;
	cJSON		*rules, *results, *notifications;
	int		 index[DIAG_CODES];	/* in rules; -1: not there yet */
	bool		 failed;		/* an error that concerns no place in a text */
};

static cJSON *
string(const char *s)
{
	return json_must(cJSON_CreateString(s));
}

/*
 * {"text": ...}.  In a message braces are placeholders unless doubled (3.11.5)
 * and "[a](b)" is a link (3.11.6), which no text of ours means.
 */
static cJSON *
message(const char *s)
{
	struct sbuf plain = SBUF_INIT, b = SBUF_INIT;
	cJSON *v = json_new_object();

	diag_add_text(&plain, s);
	for (size_t i = 0; i < plain.len; i++) {
		char c = plain.p[i];
		sbuf_addc(&b, c);
		if (c == '{' || c == '}')
			sbuf_addc(&b, c);
		else if (c == ']' && plain.p[i + 1] == '(')
			sbuf_addc(&b, ' ');
	}
	json_put(v, "text", string(sbuf_str(&b)));
	sbuf_free(&plain);
	sbuf_free(&b);
	return v;
}

/*
 * A file's name as a URI reference: relative to where the command was started,
 * or of the file scheme.  All but unreserved characters is encoded (RFC 3986).
 */
static cJSON *
uri(const char *name)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~/";
	struct sbuf b = SBUF_INIT;

	while (name[0] == '.' && name[1] == '/')
		for (name += 2; *name == '/'; name++)
			;
	if (name[0] == '/') {
		sbuf_puts(&b, "file:///");
		name += strspn(name, "/");
	}
	for (; *name != '\0'; name++) {
		if (strchr(unreserved, *name) != NULL)
			sbuf_addc(&b, *name);
		else
			sbuf_printf(&b, "%%%02X", (unsigned char)*name);
	}
	cJSON *v = string(sbuf_str(&b));
	sbuf_free(&b);
	return v;
}

/* {"physicalLocation": ...}, to which a caller may add; NULL: the span has no place. */
static cJSON *
location(const struct document *doc, struct span span)
{
	struct region_in_source r = source_region(doc->ds->sources, span);

	if (r.source == NULL)
		return NULL;
	cJSON *v = json_new_object(), *physical = json_new_object();
	cJSON *artifact = json_new_object(), *region = json_new_object();
	json_put(artifact, "uri", uri(r.source->name));
	json_put_number(region, "startLine", r.line);
	json_put_number(region, "startColumn", r.column);
	json_put_number(region, "endLine", r.end_line);
	json_put_number(region, "endColumn", r.end_column);
	json_put(physical, "artifactLocation", artifact);
	json_put(physical, "region", region);
	json_put(v, "physicalLocation", physical);
	return v;
}

/* The rule of a diagnostic, added where it is the first of its kind; its index. */
static int
rule_index(struct document *doc, enum diag_code code)
{
	if (doc->index[code] >= 0)
		return doc->index[code];
	cJSON *rule = json_new_object(), *configuration = json_new_object();
	json_put(rule, "id", string(diag_id(code)));
	json_put(rule, "shortDescription", message(diag_meaning(code)));
	json_put(configuration, "level", string(level[diag_default_severity(code)]));
	json_put(rule, "defaultConfiguration", configuration);
	doc->index[code] = cJSON_GetArraySize(doc->rules);
	json_append(doc->rules, rule);
	return doc->index[code];
}

/* What is said, what to do, and the notes that have no place; or, where `all' is set, each note. */
static cJSON *
diag_message(const struct document *doc, const struct diag *d, bool all)
{
	struct sbuf b = SBUF_INIT;

	sbuf_puts(&b, d->text);
	if (d->hint != NULL)
		sbuf_printf(&b, "\n%s", d->hint);
	for (size_t i = 0; i < d->notes.len; i++) {
		const struct diag_note *n = &d->notes.v[i];
		struct region_in_source r = source_region(doc->ds->sources, n->span);
		if (r.source == NULL)
			sbuf_printf(&b, "\nnote: %s", n->text);
		else if (all)
			sbuf_printf(&b, "\n%s:%u:%u: note: %s", r.source->name, (unsigned)r.line,
			    (unsigned)r.column, n->text);
	}
	cJSON *v = message(sbuf_str(&b));
	sbuf_free(&b);
	return v;
}

static void
add_result(struct document *doc, const struct diag *d, cJSON *place)
{
	cJSON *result = json_new_object(), *places = json_new_array(), *related = json_new_array();

	json_put(result, "ruleId", string(diag_id(d->code)));
	json_put_number(result, "ruleIndex", rule_index(doc, d->code));
	json_put(result, "level", string(level[d->severity]));
	json_put(result, "message", diag_message(doc, d, false));
	json_append(places, place);
	json_put(result, "locations", places);
	for (size_t i = 0; i < d->notes.len; i++) {
		cJSON *at = location(doc, d->notes.v[i].span);
		if (at == NULL)
			continue;
		json_put(at, "message", message(d->notes.v[i].text));
		json_append(related, at);
	}
	if (cJSON_GetArraySize(related) > 0)
		json_put(result, "relatedLocations", related);
	else
		cJSON_Delete(related);
	json_append(doc->results, result);
}

/* Of no place: about the run, not a finding in a text (3.20.21). */
static void
add_notification(struct document *doc, const char *id, enum diag_severity severity,
    cJSON *text)
{
	cJSON *v = json_new_object(), *descriptor = json_new_object();

	json_put(descriptor, "id", string(id));
	json_put(v, "descriptor", descriptor);
	json_put(v, "level", string(level[severity]));
	json_put(v, "message", text);
	json_append(doc->notifications, v);
	doc->failed = doc->failed || severity == DIAG_ERROR;
}

static void
add_diag(struct document *doc, const struct diag *d)
{
	cJSON *place = location(doc, d->span);

	if (place != NULL) {
		add_result(doc, d, place);
		return;
	}
	add_notification(doc, diag_id(d->code), d->severity, diag_message(doc, d, true));
}

/* {"tool": ..., "results": ..., ...}: takes over what the document has collected. */
static cJSON *
run(const struct document *doc, const char *prog)
{
	cJSON *v = json_new_object(), *tool = json_new_object(), *driver = json_new_object();
	cJSON *invocation = json_new_object(), *invocations = json_new_array();

	json_put(driver, "name", string(prog));
	json_put(driver, "version", string(PACKAGE_VERSION));
	json_put(driver, "rules", doc->rules);
	json_put(tool, "driver", driver);
	json_put(v, "tool", tool);
	json_put(v, "columnKind", string("unicodeCodePoints"));
	json_put(invocation, "executionSuccessful", json_must(cJSON_CreateBool(!doc->failed)));
	json_put(invocation, "toolExecutionNotifications", doc->notifications);
	json_append(invocations, invocation);
	json_put(v, "invocations", invocations);
	json_put(v, "results", doc->results);
	return v;
}

void
diag_sarif(const struct diags *ds, struct sbuf *out, const char *prog, const char *more)
{
	struct document doc = { ds, json_new_array(), json_new_array(), json_new_array(), { 0 }, false };
	cJSON *log = json_new_object(), *runs = json_new_array();

	for (int i = 0; i < DIAG_CODES; i++)
		doc.index[i] = -1;
	for (size_t i = 0; i < ds->queue.len; i++)
		add_diag(&doc, ds->queue.v[i]);
	if (*more != '\0')
		add_notification(&doc, diag_id(D_DIAG_LIMIT), DIAG_NOTE, message(more));
	json_append(runs, run(&doc, prog));
	json_put(log, "$schema", string(schema));
	json_put(log, "version", string("2.1.0"));
	json_put(log, "runs", runs);
	/* Made of checked text and small numbers: cannot be refused. */
	if (json_write(out, log) != 0)
		out_of_memory();
	sbuf_addc(out, '\n');
	cJSON_Delete(log);
}
