/* SPDX-License-Identifier: Apache-2.0 */
/* denial_report.c - what was refused, in the words of the profile, with the rule that refused it */
#include <config.h>

#include "denial_report.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "denial_log.h"
#include "explain.h"
#include "intern.h"
#include "json.h"
#include "path.h"
#include "sbuf.h"

struct said {
	const char	*process, *verb, *operation, *target;
	const char	*rule, *at;	/* at: "profile.toml:7", or "" */
};

struct denial_report {
	struct arena	*a;
	const struct bound_policy *bound;
	const struct decide_fs *decide;
	struct strmap	*seen;		/* by process, verb and target */
	struct { struct said *v; size_t len, cap; } list;
};

/* Operations of Seatbelt by what they are for a profile; the first prefix that fits counts. */
static const struct verb {
	const char	*prefix, *word;
	bool		 writes;
} verbs[] = {
	{ "file-read-metadata", "stat", false },
	{ "file-test-existence", "stat", false },
	{ "file-read", "read", false },
	{ "file-map-executable", "execute", false },
	{ "process-exec", "execute", false },
	{ "file-clone", "read", false },
	{ "file-write-unlink", "remove", true },
	{ "file-link", "link", true },
	{ "file-write", "write", true },
	{ "network-outbound", "connect", false },
	{ "network-bind", "bind", false },
	{ "network-inbound", "accept", false },
};

struct denial_report *
denial_report_new(const struct bound_policy *bound, const struct decide_fs *decide)
{
	struct arena *a = arena_new();
	struct denial_report *r = arena_alloc(a, sizeof(*r));

	r->a = a;
	r->bound = bound;
	r->decide = decide;
	r->seen = strmap_new(a);
	return r;
}

void
denial_report_free(struct denial_report *r)
{
	if (r != NULL)
		arena_free(r->a);
}

static const struct verb *
verb_of(const char *operation)
{
	for (size_t i = 0; i < NELEMS(verbs); i++)
		if (strncmp(operation, verbs[i].prefix, strlen(verbs[i].prefix)) == 0)
			return &verbs[i];
	return NULL;
}

static bool
is_network(const char *operation)
{
	return strncmp(operation, "network-", strlen("network-")) == 0;
}

static void
because(struct denial_report *r, struct said *s, const struct why *why)
{
	s->rule = why_text(r->a, r->bound, why);
	s->at = why_place(r->a, r->bound, why);
}

/* What the profile would have allowed was refused on account of a deviation. */
static void
explain_file(struct denial_report *r, struct said *s, const struct verb *verb, const char *path)
{
	struct path_explanation e;

	explain_path(r->a, r->decide, path, &e);
	const struct fs_verdict *v = &e.verdict;
	if (verb->writes ? !v->writable : !v->readable) {
		because(r, s, &v->why);
		return;
	}
	if (verb->writes && v->pinned && e.pins.len > 0) {
		s->rule = pin_text(r->a, r->bound, &e.pins.v[0]);
		s->at = e.pins.v[0].why.kind != WHY_NOTHING ?
		    why_place(r->a, r->bound, &e.pins.v[0].why) : "";
		return;
	}
	s->rule = "the profile allows it, a deviation of this system does not (see -v)";
}

static void
explain_connection(struct denial_report *r, struct said *s, const char *target)
{
	const struct ir_network *n = &r->bound->ir->network;
	const struct ir_origin *o = &n->origin;

	if (target[0] == '/') {
		struct net_explanation e;
		explain_socket(r->a, r->bound, target, &e);
		s->rule = net_reason_text(r->a, n, &e.decision);
		o = e.decision.origin;
	} else if (n->mode == NET_OFF) {
		s->rule = "the network is off";
	} else if (n->mode == NET_PROXIED) {
		s->rule = "only the managed proxy can be reached";
	} else {
		s->rule = "the profile allows it, a deviation of this system does not (see -v)";
	}
	struct why why = { WHY_ENTRY, o, NULL };
	s->at = why_place(r->a, r->bound, &why);
}

static const char *
normal_path(struct arena *a, const char *target)
{
	const char *why;

	return target[0] == '/' ? path_normal(a, target, &why) : NULL;
}

void
denial_report_add(struct denial_report *r, const struct denial *d)
{
	const struct verb *verb = verb_of(d->operation);
	struct said s = {
		.process = d->process, .verb = verb != NULL ? verb->word : d->operation,
		.operation = d->operation, .target = d->target, .rule = "", .at = "",
	};
	const char *key = arena_printf(r->a, "%s\n%s\n%s", s.process, s.verb, s.target);
	const char *path;

	if (strmap_put(r->seen, key, strlen(key), r) != NULL)
		return;
	s.process = arena_strdup(r->a, d->process);
	s.operation = arena_strdup(r->a, d->operation);
	s.target = arena_strdup(r->a, d->target);
	if (verb == NULL)
		s.verb = s.operation;
	if (is_network(d->operation))
		explain_connection(r, &s, s.target);
	else if (verb != NULL && (path = normal_path(r->a, s.target)) != NULL)
		explain_file(r, &s, verb, path);
	else
		s.rule = "no profile opens this";
	VEC_PUSH(r->a, &r->list, s);
}

/* A name may hold what drives a terminal. */
static void
put_text(struct sbuf *out, const char *text)
{
	for (; *text != '\0'; text++)
		sbuf_addc(out, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
put_line(struct sbuf *out, const struct said *s)
{
	put_text(out, s->process);
	sbuf_puts(out, ": ");
	put_text(out, s->verb);
	if (s->target[0] != '\0') {
		sbuf_addc(out, ' ');
		put_text(out, s->target);
	}
	sbuf_puts(out, "  ");
	if (s->at[0] != '\0') {
		put_text(out, s->at);
		sbuf_addc(out, ' ');
	}
	put_text(out, s->rule);
	sbuf_addc(out, '\n');
}

static void
put_json(struct sbuf *out, const struct said *s)
{
	cJSON *o = json_must(cJSON_CreateObject());

	json_put_text(o, "process", s->process);
	json_put_text(o, "action", s->verb);
	json_put_text(o, "operation", s->operation);
	json_put_text(o, "target", s->target);
	json_put_text(o, "rule", s->rule);
	if (s->at[0] != '\0')
		json_put_text(o, "at", s->at);
	if (json_write(out, o) == 0)
		sbuf_addc(out, '\n');
	cJSON_Delete(o);
}

void
denial_report_print(const struct denial_report *r, bool json, struct sbuf *out)
{
	if (!json)
		sbuf_puts(out, "=== Sandbox denials ===\n");
	if (!json && r->list.len == 0)
		sbuf_puts(out, "None found.\n");
	for (size_t i = 0; i < r->list.len; i++) {
		if (json)
			put_json(out, &r->list.v[i]);
		else
			put_line(out, &r->list.v[i]);
	}
}
