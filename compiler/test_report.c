/* SPDX-License-Identifier: Apache-2.0 */
/* test_report.c - results of assertions as TAP 14, JUnit's XML, or JSON */
#include <config.h>

#include "test_report.h"

#include <string.h>

#include "arena.h"
#include "json.h"
#include "source.h"
#include "utf8.h"
#include "why_json.h"

/* What no format takes as it is, and no terminal either. */
static bool
is_printable(uint32_t cp)
{
	return cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f) && cp != 0x061c &&
	    !(cp >= 0x200b && cp <= 0x200f) && !(cp >= 0x2028 && cp <= 0x202e) &&
	    !(cp >= 0x2066 && cp <= 0x2069) && cp != 0xfeff && (cp & 0xfffe) != 0xfffe;
}

/* One line of UTF-8, whatever a path contains: other bytes as \xNN. */
static const char *
shown(struct arena *a, const char *s)
{
	struct sbuf out = SBUF_INIT;
	uint32_t cp;

	for (size_t n = strlen(s); n > 0;) {
		size_t len = utf8_decode(s, n, &cp);
		if (len > 0 && is_printable(cp)) {
			sbuf_add(&out, s, len);
		} else {
			len = len > 0 ? len : 1;
			for (size_t i = 0; i < len; i++)
				sbuf_printf(&out, "\\x%02x", (unsigned char)s[i]);
		}
		s += len;
		n -= len;
	}
	const char *text = arena_strndup(a, sbuf_str(&out), out.len);
	sbuf_free(&out);
	return text;
}

static const char *
title(struct arena *a, const struct test_run *r, const struct test_check *t)
{
	/* The checks of one file stand together. */
	bool many = r->checks.v[0].file != r->checks.v[r->checks.len - 1].file;
	return arena_printf(a, "%s%s%s%s%s %s", many ? t->file->name : "", many ? ": " : "",
	    t->in->name, t->in->name[0] != '\0' ? ": " : "", t->as->allow ? "allow" : "deny",
	    t->as->text);
}

/* "config.toml:14:1", `".git" of :workspace', or "" where nobody wrote a rule. */
static const char *
rule_place(struct arena *a, const struct subject *s, const struct ir_origin *o)
{
	if (o == NULL || o->text == NULL)
		return "";
	if (o->span.line == 0 || o->span.source >= s->ir->sources.len)
		return o->profile == NULL ? "" : arena_printf(a, "\"%s\" of %s", o->text, o->profile);
	const char *name = s->ir->sources.v[o->span.source].name;
	if (s->source != NULL && strcmp(name, s->source_name) == 0)
		name = s->file;
	return arena_printf(a, "%s:%u:%u", name, (unsigned)o->span.line, (unsigned)o->span.column);
}

/* In YAML a JSON string is a double-quoted scalar. */
static void
yaml_text(struct sbuf *out, struct arena *a, const char *key, const char *text)
{
	cJSON *s = json_must(cJSON_CreateString(shown(a, text)));
	sbuf_printf(out, "  %s: ", key);
	json_write(out, s);
	sbuf_addc(out, '\n');
	cJSON_Delete(s);
}

static struct place_in_source
place_of(const struct test_run *r, const struct test_check *t)
{
	return source_locate(r->sources, t->as->span);
}

static void
tap_failure(struct sbuf *out, const struct test_run *r, const struct test_check *t)
{
	const struct place_in_source at = place_of(r, t);
	const char *rule = rule_place(r->a, t->context->subject, t->outcome.rule);

	sbuf_puts(out, "  ---\n");
	yaml_text(out, r->a, "message", t->message);
	sbuf_puts(out, "  severity: fail\n");
	yaml_text(out, r->a, "file", t->file->name);
	sbuf_printf(out, "  line: %u\n  column: %u\n", (unsigned)at.line, (unsigned)at.column);
	if (t->outcome.path != NULL)
		yaml_text(out, r->a, "path", t->outcome.path);
	yaml_text(out, r->a, "why", t->outcome.why);
	if (rule[0] != '\0')
		yaml_text(out, r->a, "rule", rule);
	sbuf_puts(out, "  ...\n");
}

/* A description ends at a "#" that is not escaped. */
static void
tap_description(struct sbuf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '#' || *text == '\\')
			sbuf_addc(out, '\\');
		sbuf_addc(out, *text);
	}
}

static void
coverage_lines(struct sbuf *out, struct arena *a, const struct test_coverage *c,
    const char *prefix)
{
	size_t counted = c->covered + c->uncovered;

	if (counted == 0)
		sbuf_printf(out, "%scoverage: the profiles have no rules to cover\n", prefix);
	else
		sbuf_printf(out, "%scoverage: %zu of %zu rules (%u%%)\n", prefix, c->covered,
		    counted, c->percent);
	for (size_t i = 0; i < c->rules.len; i++) {
		const struct test_rule *r = &c->rules.v[i];
		if (r->state != RULE_COVERED)
			sbuf_printf(out, "%s%s: %s: %s\n", prefix,
			    shown(a, rule_place(a, r->subject, r->origin)), shown(a, r->text),
			    r->state == RULE_IDLE ? "idle here: without it the policy means the same" :
			    "no assertion depends on it");
	}
}

static void
report_tap(struct sbuf *out, const struct test_run *r, const struct test_coverage *c)
{
	sbuf_printf(out, "TAP version 14\n1..%zu\n", r->checks.len);
	for (size_t i = 0; i < r->checks.len; i++) {
		const struct test_check *t = &r->checks.v[i];
		sbuf_printf(out, "%sok %zu - ", t->message == NULL ? "" : "not ", i + 1);
		tap_description(out, shown(r->a, title(r->a, r, t)));
		sbuf_addc(out, '\n');
		if (t->message != NULL)
			tap_failure(out, r, t);
	}
	if (c != NULL)
		coverage_lines(out, r->a, c, "# ");
}

static void
xml_text(struct sbuf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			sbuf_puts(out, "&amp;");
			break;
		case '<':
			sbuf_puts(out, "&lt;");
			break;
		case '>':
			sbuf_puts(out, "&gt;");
			break;
		case '"':
			sbuf_puts(out, "&quot;");
			break;
		default:
			sbuf_addc(out, *text);
		}
	}
}

static void
xml_attribute(struct sbuf *out, struct arena *a, const char *name, const char *text)
{
	sbuf_printf(out, " %s=\"", name);
	xml_text(out, shown(a, text));
	sbuf_addc(out, '"');
}

static void
junit_case(struct sbuf *out, const struct test_run *r, const struct test_check *t)
{
	const struct place_in_source at = place_of(r, t);
	const char *rule = rule_place(r->a, t->context->subject, t->outcome.rule);

	sbuf_puts(out, "    <testcase");
	xml_attribute(out, r->a, "classname", t->in->name[0] != '\0' ? t->in->name : t->file->name);
	xml_attribute(out, r->a, "name", arena_printf(r->a, "%s %s",
	    t->as->allow ? "allow" : "deny", t->as->text));
	xml_attribute(out, r->a, "file", t->file->name);
	sbuf_printf(out, " line=\"%u\"", (unsigned)at.line);
	if (t->message == NULL) {
		sbuf_puts(out, "/>\n");
		return;
	}
	sbuf_puts(out, ">\n      <failure type=\"assertion\"");
	xml_attribute(out, r->a, "message", t->message);
	sbuf_addc(out, '>');
	xml_text(out, shown(r->a, arena_printf(r->a, "%s:%u:%u: %s", t->file->name,
	    (unsigned)at.line, (unsigned)at.column, t->message)));
	if (rule[0] != '\0') {
		sbuf_addc(out, '\n');
		xml_text(out, shown(r->a, arena_printf(r->a, "%s: this rule decided", rule)));
	}
	sbuf_puts(out, "</failure>\n    </testcase>\n");
}

static size_t
junit_suite(struct sbuf *out, const struct test_run *r, size_t from)
{
	size_t to = from, failed = 0;

	for (; to < r->checks.len && r->checks.v[to].file == r->checks.v[from].file; to++)
		failed += r->checks.v[to].message != NULL;
	sbuf_puts(out, "  <testsuite");
	xml_attribute(out, r->a, "name", r->checks.v[from].file->name);
	sbuf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", to - from, failed);
	for (size_t i = from; i < to; i++)
		junit_case(out, r, &r->checks.v[i]);
	sbuf_puts(out, "  </testsuite>\n");
	return to;
}

static void
report_junit(struct sbuf *out, const struct test_run *r, const struct test_coverage *c)
{
	sbuf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	sbuf_printf(out, "<testsuites name=\"cdxpc test\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
	    r->checks.len, r->failed);
	for (size_t i = 0; i < r->checks.len;)
		i = junit_suite(out, r, i);
	if (c != NULL) {
		struct sbuf lines = SBUF_INIT;
		coverage_lines(&lines, r->a, c, "");
		sbuf_puts(out, "  <testsuite name=\"coverage\" tests=\"0\" failures=\"0\" errors=\"0\" "
		    "skipped=\"0\">\n    <system-out>");
		xml_text(out, sbuf_str(&lines));
		sbuf_puts(out, "</system-out>\n  </testsuite>\n");
		sbuf_free(&lines);
	}
	sbuf_puts(out, "</testsuites>\n");
}

static cJSON *
check_json(const struct test_run *r, const struct test_check *t)
{
	const struct place_in_source at = place_of(r, t);
	const struct bound_policy *b = t->context->world.bound;
	cJSON *o = json_must(cJSON_CreateObject());

	json_put_text(o, "file", t->file->name);
	json_put_number(o, "line", at.line);
	json_put_number(o, "column", at.column);
	json_put_text(o, "test", t->in->name);
	json_put_text(o, "expect", t->as->allow ? "allow" : "deny");
	json_put_text(o, "assertion", t->as->text);
	json_put(o, "ok", json_must(cJSON_CreateBool(t->message == NULL)));
	if (t->message == NULL)
		return o;
	json_put_text(o, "message", t->message);
	if (t->outcome.path != NULL)
		json_put_text(o, "path", t->outcome.path);
	if (t->as->kind == ASSERT_PATH && t->outcome.path != NULL)
		json_put(o, "why", why_json(r->a, b, &t->outcome.verdict.why));
	else
		json_put(o, "at", origin_json(b->ir, t->outcome.rule));
	return o;
}

static cJSON *
coverage_json(const struct test_coverage *c)
{
	static const char *const name[] = {
		[RULE_COVERED] = "covered", [RULE_UNCOVERED] = "uncovered", [RULE_IDLE] = "idle",
	};
	cJSON *o = json_must(cJSON_CreateObject()), *rules = json_must(cJSON_CreateArray());

	json_put_number(o, "covered", c->covered);
	json_put_number(o, "uncovered", c->uncovered);
	json_put_number(o, "idle", c->idle);
	json_put_number(o, "percent", c->percent);
	for (size_t i = 0; i < c->rules.len; i++) {
		const struct test_rule *r = &c->rules.v[i];
		cJSON *one = json_must(cJSON_CreateObject());
		json_put_text(one, "state", name[r->state]);
		json_put_text(one, "text", r->text);
		json_put_text(one, "profile_file", r->subject->file);
		json_put(one, "at", origin_json(r->subject->ir, r->origin));
		json_append(rules, one);
	}
	json_put(o, "rules", rules);
	return o;
}

static void
report_json(struct sbuf *out, const struct test_run *r, const struct test_coverage *c)
{
	cJSON *o = json_must(cJSON_CreateObject()), *checks = json_must(cJSON_CreateArray());

	json_put_number(o, "passed", r->checks.len - r->failed);
	json_put_number(o, "failed", r->failed);
	for (size_t i = 0; i < r->checks.len; i++)
		json_append(checks, check_json(r, &r->checks.v[i]));
	json_put(o, "assertions", checks);
	if (c != NULL)
		json_put(o, "coverage", coverage_json(c));
	json_write(out, o);
	sbuf_addc(out, '\n');
	cJSON_Delete(o);
}

void
test_report(struct sbuf *out, const struct test_run *r, const struct test_coverage *c,
    enum test_format format)
{
	switch (format) {
	case TEST_TAP:
		report_tap(out, r, c);
		break;
	case TEST_JUNIT:
		report_junit(out, r, c);
		break;
	case TEST_JSON:
		report_json(out, r, c);
		break;
	}
}
