/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt-ask.c - what the model says of a Seatbelt profile, for comparisons with other judges */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "path.h"
#include "path_dfa.h"
#include "region.h"
#include "sbuf.h"
#include "seatbelt_model.h"
#include "seatbelt_rules.h"

static _Noreturn void
die(const char *what, const char *arg)
{
	fprintf(stderr, "seatbelt-ask: %s: %s\n", what, arg);
	exit(2);
}

static void
read_file(const char *name, struct sbuf *out)
{
	char buf[65536];
	size_t n;
	FILE *f = fopen(name, "rb");

	if (f == NULL)
		die("cannot open", name);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		sbuf_add(out, buf, n);
	fclose(f);
}

static uint32_t
vnode_bit(const char *vnode)
{
	static const char *const type[] = {
		"REGULAR-FILE", "DIRECTORY", "SYMLINK", "BLOCK-DEVICE", "CHARACTER-DEVICE",
		"SOCKET", "FIFO", "TTY",
	};
	for (uint32_t i = 0; i < NELEMS(type); i++)
		if (strcmp(vnode, type[i]) == 0)
			return (uint32_t)1 << i;
	return 0;
}

/* Both ways to an answer must agree, where the second one exists. */
static void
cross_check(struct seatbelt_model *m, const struct seatbelt_query *q, bool kernel, bool flat)
{
	struct sb_environment env = { q->vnode != NULL ? vnode_bit(q->vnode) : UINT32_MAX, false };

	for (unsigned t = 0; q->path != NULL && t < TERMS; t++) {
		bool socket = t == T_OUTBOUND || t == T_INBOUND || t == T_BIND;
		if (strcmp(sb_term_name(t), q->operation) != 0 || socket != q->unix_socket)
			continue;
		/* By the way of the comparison over all paths: places and automata. */
		struct sb_answers x = sb_answer_at(m, q->path, env);
		if (((x.kernel & TERM(t)) != 0) != kernel || ((x.flat & TERM(t)) != 0) != flat)
			die("the walk over places says something else", q->path);
	}
}

/* "unix:PATH", "tcp:HOST:PORT", a path, or a name. */
static void
set_object(struct seatbelt_query *q, char *object)
{
	if (strncmp(object, "unix:", 5) == 0) {
		q->unix_socket = true;
		q->path = object + 5;
	} else if (strncmp(object, "tcp:", 4) == 0 || strncmp(object, "udp:", 4) == 0) {
		object[3] = '\0';
		q->protocol = object;
		char *colon = strrchr(object + 4, ':');
		if (colon == NULL)
			die("no port", object + 4);
		*colon = '\0';
		q->host = object + 4;
		q->port = colon + 1;
		if (*q->host == '[') {
			q->host++;
			colon[-1] = '\0';
		}
	} else if (*object == '/') {
		q->path = object;
	} else if (strcmp(object, "-") != 0) {
		q->name = object;
	}
}

static void
set_attribute(struct seatbelt_query *q, const char *a)
{
	if (strncmp(a, "vnode=", 6) == 0)
		q->vnode = a + 6;
	else if (strncmp(a, "target=", 7) == 0)
		q->target = a + 7;
	else if (strncmp(a, "domain=", 7) == 0)
		q->domain = a + 7;
	else if (strncmp(a, "as=", 3) == 0)
		q->name_kind = a + 3;
	else
		die("attribute", a);
}

static void
ask(struct seatbelt_model *m, char *line)
{
	struct seatbelt_query q = { .operation = strtok(line, " \n") };
	char *word = strtok(NULL, " \n");

	if (q.operation == NULL)
		return;
	if (word != NULL)
		set_object(&q, word);
	while ((word = strtok(NULL, " \n")) != NULL)
		set_attribute(&q, word);
	bool kernel = seatbelt_model_asks(m, &q, true), flat = seatbelt_model_asks(m, &q, false);
	cross_check(m, &q, kernel, flat);
	printf("%s%s\n", kernel ? "allow" : "deny",
	    kernel == flat ? "" : flat ? " !flat=allow" : " !flat=deny");
}

/* PROFILE: answers to the queries on standard input, one a line.  --strict: the readings must agree. */
int
main(int argc, char **argv)
{
	bool strict = argc == 3 && strcmp(argv[1], "--strict") == 0;
	struct arena *a = arena_new();
	struct sbuf text = SBUF_INIT;
	const char *why = "";
	char line[8192];

	if (argc != 2 + strict)
		die("usage", "seatbelt-ask [--strict] PROFILE < QUERIES");
	read_file(argv[1 + strict], &text);
	struct seatbelt_model *m = strict ? seatbelt_model_read(a, text.p, text.len, &why) :
	    seatbelt_model_load(a, text.p, text.len, &why);
	if (m == NULL) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL)
		ask(m, line);
	sbuf_free(&text);
	arena_free(a);
	return fflush(stdout) == 0 ? 0 : 2;
}
