/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_judge.c - in the sandbox: make every probe, judge it, write it down */
#include <config.h>

#include "self_test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "report.h"

static const char *const names[PROBE_OPS] = {
	[PROBE_READ] = "read", [PROBE_LIST] = "list", [PROBE_WRITE] = "write",
	[PROBE_CREATE] = "create", [PROBE_LINK] = "link", [PROBE_PIN] = "pinned",
	[PROBE_NAMESPACE] = "namespace", [PROBE_STATUS] = "status", [PROBE_TCP] = "tcp",
	[PROBE_UDP] = "udp", [PROBE_LOOPBACK] = "loopback",
	[PROBE_ABSTRACT] = "abstract-socket", [PROBE_SOCKET] = "socket",
};

/* ---- as JSON, from the runtime to the sandbox ---- */

/* A number of 64 bits is no number there. */
static void
put_hex(cJSON *o, const char *key, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%llx", (unsigned long long)n);
	json_put_text(o, key, text);
}

static uint64_t
get_hex(const cJSON *o, const char *key)
{
	const char *text = json_string(o, key);

	return text != NULL ? strtoull(text, NULL, 16) : 0;
}

cJSON *
probe_json(const struct probe *p)
{
	cJSON *o = json_new_object();

	json_put_number(o, "op", p->op);
	json_put_text(o, "target", p->target);
	json_put_text(o, "want", p->want);
	put_hex(o, "dev", p->dev);
	put_hex(o, "ino", p->ino);
	json_put_bool(o, "expected", p->expected);
	json_put_bool(o, "allowed_more", p->allowed_more);
	json_put_bool(o, "fleeting", p->fleeting);
	json_put_number(o, "outside", (uint64_t)p->outside);
	json_put_text(o, "void", p->void_because);
	json_put_text(o, "rule", p->rule);
	json_put_text(o, "at", p->at);
	json_put_text(o, "element", p->element);
	return o;
}

static const char *
text_of(struct arena *a, const cJSON *o, const char *key)
{
	const cJSON *value = json_member(o, key);
	size_t len;

	return value != NULL && !cJSON_IsNull(value) ? json_get_bytes(a, value, &len) : NULL;
}

bool
probe_of_json(struct arena *a, const cJSON *o, struct probe *p)
{
	int64_t op, outside;

	*p = (struct probe){ .target = text_of(a, o, "target"), .want = text_of(a, o, "want"),
	    .dev = get_hex(o, "dev"), .ino = get_hex(o, "ino"), .void_because = text_of(a, o, "void"),
	    .rule = text_of(a, o, "rule"), .at = text_of(a, o, "at"), .element = text_of(a, o, "element") };
	if (!json_int(o, "op", &op) || op < 0 || op >= PROBE_OPS || p->target == NULL || p->rule == NULL ||
	    p->at == NULL || p->element == NULL || !json_bool(o, "expected", &p->expected) ||
	    !json_bool(o, "fleeting", &p->fleeting) || !json_bool(o, "allowed_more", &p->allowed_more))
		return false;
	if (!json_int(o, "outside", &outside) || outside < 0 || outside > INT_MAX)
		return false;
	p->op = (enum probe_op)op;
	p->outside = (int)outside;
	return p->want != NULL || (p->op != PROBE_LINK && p->op != PROBE_NAMESPACE && p->op != PROBE_STATUS);
}

/* ---- in the sandbox ---- */

enum verdict { VERDICT_OK, VERDICT_VOID, VERDICT_MISMATCH };
static const char *const verdicts[] = { "ok", "void", "MISMATCH" };

struct stage {
	struct arena	*arena;
	cJSON		*doc;
	const char	*backend;
	bool		 json;
	struct sbuf	 text;
	cJSON		*rows;
	size_t		 count[3];
};

static enum verdict
judge(const struct probe *p, const struct probe_result *r)
{
	if (r->unknown || p->allowed_more)
		return VERDICT_VOID;
	/* What must not work and does counts, and so does that it fails in another way than outside. */
	if (p->void_because != NULL && (p->expected || (!r->worked && r->error == p->outside && !r->other)))
		return VERDICT_VOID;
	/* Chosen among what was there: the host may have removed or replaced it. */
	if (p->fleeting && p->expected && (r->other || r->error == ENOENT))
		return VERDICT_VOID;
	return r->worked == p->expected ? VERDICT_OK : VERDICT_MISMATCH;
}

static const char *
outcome_text(const struct probe *p, const struct probe_result *r)
{
	if (r->said != NULL)
		return r->said;
	if (r->unknown)
		return "cannot be tried here";
	if (r->worked)
		return p->op == PROBE_STATUS ? "it is so" : "works";
	if (r->other)
		return "something else is there";
	return r->error == 0 ? "it is not so" : strerror(r->error);
}

/* Nothing of a file's name gets to command a terminal. */
static void
put(struct sbuf *out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
		sbuf_addc(out, *c < 0x20 || *c == 0x7f ? '?' : (char)*c);
}

/* After "may" and "must not". */
static const char *const verbs[PROBE_OPS] = {
	[PROBE_READ] = "read", [PROBE_LIST] = "list", [PROBE_WRITE] = "write",
	[PROBE_CREATE] = "create files in", [PROBE_LINK] = "read the link", [PROBE_TCP] = "connect to",
	[PROBE_UDP] = "address datagrams to", [PROBE_LOOPBACK] = "listen and connect at",
	[PROBE_ABSTRACT] = "connect to the abstract socket", [PROBE_SOCKET] = "connect to the socket",
};

/* The claim that was tried. */
static void
put_claim(struct sbuf *out, const struct probe *p, const char *target)
{
	switch (p->op) {
	case PROBE_STATUS:
		sbuf_printf(out, "must have %s %s%s", target, p->want,
		    strncmp(p->target, "Cap", 3) == 0 ? ", or less" : "");
		break;
	case PROBE_NAMESPACE:
		sbuf_printf(out, "must not be in the host's %s namespace", target);
		break;
	case PROBE_PIN:
		sbuf_puts(out, "must not be able to move ");
		put(out, target);
		break;
	default:
		sbuf_printf(out, "%s %s ", p->expected ? "may" : "must not", verbs[p->op]);
		put(out, target);
	}
}

static void
add_text(struct stage *s, const struct probe *p, enum verdict v, const char *outcome)
{
	struct sbuf *out = &s->text;

	sbuf_printf(out, "cdxp-run: self-test: %s: ", verdicts[v]);
	put_claim(out, p, probe_shown(s->arena, p->target));
	sbuf_printf(out, ": %s%s%s; ", outcome, v == VERDICT_VOID && p->void_because != NULL ? ", " : "",
	    v == VERDICT_VOID && p->void_because != NULL ? p->void_because : "");
	if (*p->at != '\0') {
		put(out, p->at);
		sbuf_puts(out, ": ");
	}
	put(out, p->rule);
	sbuf_puts(out, "; ");
	put(out, p->element);
	sbuf_addc(out, '\n');
}

static void
add_json(struct stage *s, const struct probe *p, enum verdict v, const char *outcome)
{
	cJSON *o = json_new_object();

	json_put_text(o, "verdict", v == VERDICT_MISMATCH ? "mismatch" : verdicts[v]);
	json_put_text(o, "probe", names[p->op]);
	json_put_text(o, "target", probe_shown(s->arena, p->target));
	json_put_bool(o, "expected", p->expected);
	json_put_text(o, "outcome", outcome);
	json_put_text(o, "void", v == VERDICT_VOID ? p->void_because : NULL);
	json_put_text(o, "rule", p->rule);
	json_put_text(o, "at", *p->at != '\0' ? p->at : NULL);
	json_put_text(o, "element", p->element);
	json_append(s->rows, o);
}

static int
probe_all(struct stage *s)
{
	const cJSON *o, *list = json_member(s->doc, "probes");

	cJSON_ArrayForEach(o, list) {
		struct probe p;
		if (!probe_of_json(s->arena, o, &p))
			return -1;
		const struct probe_result r = probe_make(&p);
		const enum verdict v = judge(&p, &r);
		const char *outcome = outcome_text(&p, &r);
		s->count[v]++;
		if (s->json)
			add_json(s, &p, v, outcome);
		else
			add_text(s, &p, v, outcome);
	}
	return 0;
}

static void
finish(struct stage *s, int64_t left_out)
{
	if (s->json) {
		cJSON *doc = json_new_object();
		json_put_number(doc, "self_test", 1);
		json_put_text(doc, "backend", s->backend);
		json_put_number(doc, "ok", s->count[VERDICT_OK]);
		json_put_number(doc, "void", s->count[VERDICT_VOID]);
		json_put_number(doc, "mismatches", s->count[VERDICT_MISMATCH]);
		json_put_number(doc, "left_out", (uint64_t)left_out);
		json_put(doc, "probes", s->rows);
		s->rows = NULL;
		if (json_write(&s->text, doc) == 0)
			sbuf_addc(&s->text, '\n');
		cJSON_Delete(doc);
	} else {
		sbuf_printf(&s->text, "cdxp-run: self-test of %s: %zu as the profile says, %zu that say "
		    "nothing, %zu otherwise", s->backend, s->count[VERDICT_OK], s->count[VERDICT_VOID],
		    s->count[VERDICT_MISMATCH]);
		if (left_out > 0)
			sbuf_printf(&s->text, "; %lld places were not tried", (long long)left_out);
		sbuf_puts(&s->text, s->count[VERDICT_MISMATCH] > 0 ? "; the command is not started\n" : "\n");
	}
	fwrite(s->text.p, 1, s->text.len, stderr);
	fflush(stderr);
}

int
self_test_try(const char *list, size_t len, bool *only)
{
	struct stage s = { .arena = arena_new(), .text = SBUF_INIT, .rows = json_new_array() };
	const char *why;
	size_t offset;
	int64_t left_out = 0;
	int status = STATUS_SETUP;

	s.doc = json_read(list, len, &why, &offset);
	if (s.doc == NULL || (s.backend = json_string(s.doc, "backend")) == NULL ||
	    !json_bool(s.doc, "json", &s.json) || !json_bool(s.doc, "only", only) ||
	    !json_int(s.doc, "left_out", &left_out) || probe_all(&s) != 0) {
		report("self-test: the list of what is to be tried did not arrive in the sandbox as it was sent");
	} else {
		finish(&s, left_out);
		/* Whatever happened to the list: where nothing was tried there was no test. */
		if (s.count[VERDICT_MISMATCH] == 0 && s.count[VERDICT_OK] > 0)
			status = 0;
	}
	cJSON_Delete(s.rows);
	cJSON_Delete(s.doc);
	sbuf_free(&s.text);
	arena_free(s.arena);
	return status;
}
