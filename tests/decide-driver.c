/* SPDX-License-Identifier: Apache-2.0 */
/* decide-driver.c - what the product decides, asked over a pipe by tests/run-reference */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bind.h"
#include "compare.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "diag.h"
#include "pipeline.h"
#include "reference.h"
#include "source.h"

/*
 * A request is a line "COMMAND SLOT BYTES" and that many bytes, mostly texts
 * that each end in NUL; the answer is one line.  There are two slots, so that
 * two policies can be compared.  "reset" forgets everything.
 *
 *	compile	the text of a profile	ok | no
 *	host	lines of host_fake()	ok | no
 *	bind	cwd, home, tmpdir, then policy files; nothing: the generic binding
 *					ok | no TEXT
 *	decide	paths			for each: letters of r w p t, "-", and the deciding kind and text;
 *					"!" where the reference of the unit tests says otherwise
 *	compare	-			equal | OP PATH A B A-MORE B-MORE, the path in hex
 *	net	destination, address	for each pair 1, 0 or ? (as far as the name goes)
 *	socket	paths			for each 1 or 0
 */
struct slot {
	struct ir_policy *ir;
	struct host	*host;
	struct bound_policy *bound;
	struct decide_fs *decide;
};

struct texts { const char **v; size_t len, cap; };

struct driver {
	struct arena	*a;
	struct slot	 slot[2];
};

static struct texts
split(struct arena *a, const char *p, size_t len)
{
	struct texts t = { NULL, 0, 0 };

	for (const char *end = p + len; p < end; p += strlen(p) + 1)
		VEC_PUSH(a, &t, p);
	return t;
}

static void
compile(struct driver *d, struct slot *s, const char *text, size_t len)
{
	const struct compile_request rq = { .file = "p.toml", .text = text, .len = len };
	struct sources *sources = sources_new(d->a);
	struct diags *diags = diags_new(d->a, sources);
	struct compiled out;

	if (compile_policy(d->a, sources, diags, &rq, &out) == 0) {
		s->ir = out.ir;
		puts("ok");
		return;
	}
	printf("no");
	for (size_t i = 0; i < diags_count(diags); i++)
		printf(" [%s]", diag_id(diags_at(diags, i)->code));
	puts("");
}

static void
bind_slot(struct driver *d, struct slot *s, const struct texts *t)
{
	struct bind_error err = { NULL, NULL };

	if (t->len == 0) {
		s->bound = bind_generic(d->a, s->ir, TARGET_LINUX, &err);
	} else {
		struct bind_request rq = { .ir = s->ir, .target = TARGET_LINUX, .cwd = t->v[0],
		    .home = t->v[1], .tmpdir = t->v[2], .shielded = t->v + 3,
		    .nshielded = t->len - 3, .network_off = s->ir->network.mode == NET_OFF };
		s->bound = bind_policy(d->a, &rq, s->host, &err);
	}
	if (s->bound == NULL) {
		printf("no %s\n", err.text);
		return;
	}
	s->decide = decide_fs_build(d->a, s->bound);
	puts("ok");
}

static void
decide(const struct slot *s, const struct texts *t)
{
	static const char *const kind[] = {
		[WHY_NOTHING] = "nothing", [WHY_ENTRY] = "entry", [WHY_PLATFORM] = "platform",
		[WHY_NAME] = "name", [WHY_GITDIR] = "gitdir", [WHY_POLICY] = "policy",
		[WHY_PATTERN] = "pattern", [WHY_BASE] = "base", [WHY_ABSENT] = "absent",
		[WHY_ARTIFACT] = "artifact",
	};

	for (size_t i = 0; i < t->len; i++) {
		struct fs_verdict v = decide_fs(s->decide, t->v[i]);
		struct ref_verdict r = reference(s->bound, t->v[i]);
		bool same = v.readable == r.readable && v.writable == r.writable &&
		    v.pinned == r.pinned;
		const char *text = v.why.origin != NULL ? v.why.origin->text : "";
		printf("%s%s%s%s%s-%s-", same ? "" : "!", v.readable ? "r" : "", v.writable ? "w" : "",
		    v.pinned ? "p" : "", v.traversable ? "t" : "", kind[v.why.kind]);
		for (; *text != '\0'; text++)
			printf("%02x", (unsigned char)*text);
		putchar(' ');
	}
	puts("");
}

static void
compare(struct driver *d)
{
	struct compare_side x = compare_side_of(d->a, d->slot[0].decide);
	struct compare_side y = compare_side_of(d->a, d->slot[1].decide);
	struct comparison c;

	if (compare_fs(d->a, &x, &y, &c) != 0) {
		puts("limit");
		return;
	}
	if (c.equal) {
		puts("equal");
		return;
	}
	printf("%s ", fs_op_name(c.witness.op));
	for (const char *p = c.witness.path; *p != '\0'; p++)
		printf("%02x", (unsigned char)*p);
	printf(" %d %d %d %d\n", c.witness.allowed_a, c.witness.allowed_b, c.a_allows_more,
	    c.b_allows_more);
}

static void
net(struct driver *d, const struct slot *s, const struct texts *t)
{
	struct net_rules *rules = net_rules_new(d->a, &s->ir->network);

	for (size_t i = 0; i + 1 < t->len; i += 2) {
		struct domain dest;
		struct net_address at;
		const char *why, *text = t->v[i + 1];
		bool resolved = address_parse(text, strlen(text), &at, NULL);
		if (domain_normalise(d->a, t->v[i], strlen(t->v[i]), &dest, &why) != 0) {
			putchar('!');
			continue;
		}
		struct net_decision r = decide_net(rules, &dest, resolved ? &at : NULL);
		putchar(r.allow && r.pending ? '?' : r.allow ? '1' : '0');
	}
	puts("");
}

static void
sockets(const struct slot *s, const struct texts *t)
{
	for (size_t i = 0; i < t->len; i++)
		putchar(decide_net_socket(s->bound, t->v[i]).allow ? '1' : '0');
	puts("");
}

static void
obey(struct driver *d, const char *command, unsigned slot, const char *text, size_t len)
{
	struct slot *s = &d->slot[slot];
	struct texts t = split(d->a, text, len);

	if (strcmp(command, "compile") == 0) {
		compile(d, s, text, len);
	} else if (strcmp(command, "host") == 0) {
		s->host = host_fake(d->a, t.v, t.len);
		puts(s->host != NULL ? "ok" : "no");
	} else if (strcmp(command, "bind") == 0) {
		bind_slot(d, s, &t);
	} else if (strcmp(command, "decide") == 0) {
		decide(s, &t);
	} else if (strcmp(command, "compare") == 0) {
		compare(d);
	} else if (strcmp(command, "net") == 0) {
		net(d, s, &t);
	} else if (strcmp(command, "socket") == 0) {
		sockets(s, &t);
	} else if (strcmp(command, "reset") == 0) {
		arena_free(d->a);
		*d = (struct driver){ .a = arena_new() };
		puts("ok");
	} else {
		fprintf(stderr, "decide-driver: %s?\n", command);
		exit(2);
	}
	fflush(stdout);
}

int
main(void)
{
	struct driver d = { .a = arena_new() };
	char line[64], command[16];
	unsigned slot;
	size_t len;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%15s %u %zu", command, &slot, &len) != 3 || slot > 1) {
			fprintf(stderr, "decide-driver: bad request: %s", line);
			return 2;
		}
		char *text = malloc(len + 1);
		if (text == NULL || fread(text, 1, len, stdin) != len) {
			fprintf(stderr, "decide-driver: the request ends early\n");
			return 2;
		}
		text[len] = '\0';
		/* The policies point into it. */
		char *kept = arena_strndup(d.a, text, len);
		free(text);
		obey(&d, command, slot, kept, len);
	}
	arena_free(d.a);
	return 0;
}
