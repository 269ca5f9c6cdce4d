/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_stage.c - in the sandbox: make every probe, judge it, write it down, become the command */
#include <config.h>

#include "self_test.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "json.h"
#include "report.h"

/*
 * argv: "/proc/self/fd/PROGRAM", the word, LIST, DONE, the command's path, its own argv.
 * Whoever gives us such words gains nothing that he does not have.
 */
static const char word[] = "\001self-test";
static const char by_descriptor[] = "/proc/self/fd/";

enum { ARG_PROGRAM, ARG_WORD, ARG_LIST, ARG_DONE, ARG_COMMAND, ARG_ARGV };

enum verdict { VERDICT_OK, VERDICT_VOID, VERDICT_MISMATCH };
static const char *const verdicts[] = { "ok", "void", "MISMATCH" };

struct stage {
	struct arena	*arena;
	cJSON		*doc;
	const char	*backend;
	bool		 json, only;
	struct sbuf	 text;
	cJSON		*rows;
	size_t		 count[3];
};

bool
self_test_is_stage(int argc, char **argv)
{
	return argc > ARG_ARGV && strcmp(argv[ARG_WORD], word) == 0 &&
	    strncmp(argv[ARG_PROGRAM], by_descriptor, strlen(by_descriptor)) == 0;
}

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
	if (r->unknown)
		return "cannot be tried here";
	if (r->worked)
		return p->op == PROBE_STATUS ? "it is so" : p->op == PROBE_PIN ? "it is a mount point" :
		    p->op == PROBE_NAMESPACE ? "it is" : "works";
	if (r->other)
		return p->op == PROBE_NAMESPACE ? "it is in another" : "something else is there";
	if (r->error == 0)
		return p->op == PROBE_PIN ? "it is no mount point" : "it is not so";
	return strerror(r->error);
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
put_claim(struct sbuf *out, const struct probe *p)
{
	switch (p->op) {
	case PROBE_STATUS:
		sbuf_printf(out, "must have %s %s%s", p->target, p->want,
		    strncmp(p->target, "Cap", 3) == 0 ? ", or less" : "");
		break;
	case PROBE_NAMESPACE:
		sbuf_printf(out, "must not be in the host's %s namespace", p->target);
		break;
	case PROBE_PIN:
		sbuf_puts(out, "must not be able to move ");
		put(out, p->target);
		break;
	default:
		sbuf_printf(out, "%s %s ", p->expected ? "may" : "must not", verbs[p->op]);
		put(out, p->target);
	}
}

static void
add_text(struct stage *s, const struct probe *p, enum verdict v, const char *outcome)
{
	struct sbuf *out = &s->text;

	sbuf_printf(out, "cdxp-run: self-test: %s: ", verdicts[v]);
	put_claim(out, p);
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
	json_put_text(o, "probe", probe_op_name(p->op));
	json_put_text(o, "target", p->target);
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
write_all(const struct sbuf *out)
{
	for (size_t done = 0; done < out->len;) {
		ssize_t n = write(STDERR_FILENO, out->p + done, out->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
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
	write_all(&s->text);
}

static cJSON *
read_list(int fd)
{
	struct sbuf text = SBUF_INIT;
	const char *why;
	size_t offset;
	cJSON *doc = NULL;

	if (lseek(fd, 0, SEEK_SET) == 0 && sbuf_read(&text, fd, LIMIT_BUNDLE_BYTES) == 0)
		doc = json_read(sbuf_str(&text), text.len, &why, &offset);
	sbuf_free(&text);
	return doc;
}

static int
become_command(char **argv)
{
	execvp(argv[ARG_COMMAND], argv + ARG_ARGV);
	return report_fail(errno == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC,
	    "%s could not be executed in the sandbox: %s", argv[ARG_ARGV], strerror(errno));
}

/* The status to end with; -1: it is time for the command. */
static int
run_stage(struct stage *s, int list)
{
	int64_t left_out = 0;

	s->doc = read_list(list);
	if (s->doc == NULL || (s->backend = json_string(s->doc, "backend")) == NULL ||
	    !json_bool(s->doc, "json", &s->json) || !json_bool(s->doc, "only", &s->only) ||
	    !json_int(s->doc, "left_out", &left_out) || probe_all(s) != 0)
		return report_fail(STATUS_SETUP, "self-test: the list of what is to be tried did not arrive "
		    "in the sandbox as it was sent");
	finish(s, left_out);
	/* Whatever happened to the list: where nothing was tried there was no test. */
	if (s->count[VERDICT_MISMATCH] > 0 || s->count[VERDICT_OK] == 0)
		return STATUS_SETUP;
	return s->only ? 0 : -1;
}

void
self_test_stage(int argc, char **argv)
{
	struct stage s = { .arena = arena_new(), .text = SBUF_INIT, .rows = json_new_array() };
	int list = atoi(argv[ARG_LIST]), done = atoi(argv[ARG_DONE]),
	    program = atoi(argv[ARG_PROGRAM] + strlen(by_descriptor));

	(void)argc;
	int status = run_stage(&s, list);
	bait_done(done);
	cJSON_Delete(s.rows);
	cJSON_Delete(s.doc);
	sbuf_free(&s.text);
	arena_free(s.arena);
	/* Nothing more of a library's, in a sandbox that may be anything. */
	if (status >= 0)
		_exit(status);
	close(done);
	close(list);
	close(program);
	_exit(become_command(argv));
}
