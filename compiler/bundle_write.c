/* SPDX-License-Identifier: Apache-2.0 */
/* bundle_write.c - the bundle's members and its digest */
#include <config.h>

#include "bundle_write.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "ir.h"
#include "ir_json.h"
#include "json.h"
#include "legacy_verdict.h"

enum { BUNDLE_FORMAT = 1, DIGEST_HEX = 64 };

static const char digest_prefix[] = "sha256:";

/* The place of a rule, for people: the IR's own copy is found by its span. */
static cJSON *
print_origin(const struct ir_policy *ir, const struct ir_origin *o)
{
	if (o == NULL || o->span.source >= ir->sources.len)
		return cJSON_CreateNull();
	cJSON *v = json_must(cJSON_CreateObject());
	json_put_text(v, "source", ir->sources.v[o->span.source].name);
	json_put(v, "line", cJSON_CreateNumber(o->span.line));
	json_put(v, "column", cJSON_CreateNumber(o->span.column));
	json_put(v, "length", cJSON_CreateNumber(o->span.length));
	json_put_text(v, "text", o->text);
	json_put_text(v, "profile", o->profile);
	return v;
}

static cJSON *
print_deviations(const struct ir_policy *ir, const struct artifact *art)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < art->deviations.len; i++) {
		const struct deviation *d = &art->deviations.v[i];
		cJSON *v = json_must(cJSON_CreateObject());
		json_put_text(v, "name", d->name);
		json_put_text(v, "direction",
		    d->direction == DEVIATION_WIDER ? "wider" : "narrower");
		json_put_text(v, "path", d->path);
		json_put_text(v, "detail", d->detail);
		json_put(v, "entry", print_origin(ir, d->origin));
		json_append(list, v);
	}
	return list;
}

/* NUL-separated arguments as an array. */
static cJSON *
print_arguments(const struct sbuf *bytes)
{
	struct json_rows rows = JSON_ROWS_INIT;
	for (size_t at = 0; at < bytes->len; ) {
		const char *arg = bytes->p + at;
		size_t len = strnlen(arg, bytes->len - at);
		json_rows_add_bytes(&rows, arg, len);
		at += len + 1;
	}
	return json_rows_done(&rows);
}

static cJSON *
print_part(const struct ir_policy *ir, const struct artifact *art)
{
	cJSON *v = json_must(cJSON_CreateObject());
	if (art->refused) {
		json_put_text(v, "status", "refused");
		json_put(v, "entry", print_origin(ir, art->refusal.origin));
		json_put_text(v, "witness", art->refusal.witness);
		json_put_text(v, "reason", art->refusal.reason);
		return v;
	}
	json_put_text(v, "status", "exact");
	json_put(v, "deviations", print_deviations(ir, art));
	/* Arguments end with a NUL each; what has none is a text, or a document in canonical form. */
	bool text = art->bytes.len > 0 && memchr(art->bytes.p, '\0', art->bytes.len) == NULL;
	json_put(v, "artifact", text && art->is_json ? json_must(cJSON_CreateRaw(art->bytes.p)) :
	    text ? json_bytes(art->bytes.p, art->bytes.len) : print_arguments(&art->bytes));
	return v;
}

/* Insert a text in front of the byte at `at', which lies in the buffer. */
static void
insert(struct sbuf *b, size_t at, const char *text)
{
	size_t len = strlen(text), behind = b->len - at;
	sbuf_puts(b, text);
	memmove(b->p + at + len, b->p + at, behind);
	memcpy(b->p + at, text, len);
}

static cJSON *
print_document(struct arena *a, const struct bundle_content *c)
{
	cJSON *doc = json_must(cJSON_CreateObject()), *source = json_must(cJSON_CreateObject());
	cJSON *backends = json_must(cJSON_CreateObject());

	json_put(doc, "cdxp", cJSON_CreateNumber(BUNDLE_FORMAT));
	json_put_text(doc, "compiler", c->compiler);
	json_put_text(doc, "profile", c->ir->name);
	json_put_text(source, "name", c->source_name);
	json_put_text(source, "sha256", c->source_sha256);
	json_put(doc, "source", source);
	json_put(doc, "ir", ir_print(c->ir));
	json_put(doc, "legacy", legacy_verdict_json(a, c->legacy));
	for (size_t i = 0; i < c->nparts; i++)
		json_put(backends, c->parts[i].backend, print_part(c->ir, c->parts[i].artifact));
	json_put(doc, "backends", backends);
	cJSON *filters = backend_filters(c->ir);
	if (filters != NULL)
		json_put(doc, "seccomp", filters);
	return doc;
}

void
bundle_write(struct arena *a, struct sbuf *out, const struct bundle_content *c)
{
	char hex[DIGEST_HEX + 1], member[DIGEST_HEX + 32];
	size_t start = out->len;
	cJSON *doc = print_document(a, c);
	/* Every number is one of 32 bits, every text went through json_bytes(). */
	if (json_write(out, doc) != 0)
		out_of_memory();
	cJSON_Delete(doc);
	sha256_hex(out->p + start, out->len - start, hex);
	/*
	 * In its place in the order of keys.  In front of "ir" stand "backends",
	 * "cdxp" and "compiler"; inside of those the quotes of a text are escaped.
	 */
	const char *next = strstr(out->p + start, "\"ir\":{");
	snprintf(member, sizeof(member), "\"digest\":\"%s%s\",", digest_prefix, hex);
	insert(out, (size_t)(next - out->p), member);
}
