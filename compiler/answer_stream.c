/* SPDX-License-Identifier: Apache-2.0 */
/* answer_stream.c - many paths from a file descriptor, a line for each */
#include <config.h>

#include "answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "base_place.h"
#include "cmd.h"

/*
 * Questions are answered where they lie in the input; nothing is allocated
 * for one that needs no rewriting.  An answer is never longer than ROOM bytes
 * more than its question.
 */
enum {
	INPUT = 256 * 1024,
	OUTPUT = 256 * 1024,
	LONGEST = 64 * 1024,	/* one question */
	ROOM = 8 * 1024,
	REWRITTEN = 4096,	/* questions until what was made for them is thrown away */
};

struct stream {
	const struct explainer *x;
	struct arena	*a;		/* for questions that have to be rewritten */
	struct canon	*canon;		/* in `a' */
	unsigned	 rewritten;
	int		 in, out;
	char		 end;
	bool		 holds_nul;	/* the block at hand, in a question */
	char		*input;
	char		*output;
	size_t		 nout;
	size_t		*name_len;	/* of each source */
	uint64_t	 wrong;
	const char	*failed;	/* what was being done, errno tells more */
};

static void
flush(struct stream *s)
{
	size_t done = 0;

	while (done < s->nout && s->failed == NULL) {
		ssize_t n = write(s->out, s->output + done, s->nout - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			s->failed = "standard output";
	}
	s->nout = 0;
}

static void
put(struct stream *s, const char *p, size_t len)
{
	memcpy(s->output + s->nout, p, len);
	s->nout += len;
}

static void
put_char(struct stream *s, char c)
{
	s->output[s->nout++] = c;
}

/* "profile.toml:14"; ":workspace"; "-" where no rule decided. */
static void
put_place(struct stream *s, const struct ir_origin *o)
{
	const struct ir_policy *ir = s->x->bound->ir;
	char digit[12];
	size_t at = sizeof(digit);

	if (o == NULL || o->span.source >= ir->sources.len) {
		put_char(s, '-');
		return;
	}
	size_t len = s->name_len[o->span.source];
	put(s, ir->sources.v[o->span.source].name, len < ROOM / 2 ? len : ROOM / 2);
	if (o->span.line == 0)
		return;
	for (uint32_t n = o->span.line; n > 0; n /= 10)
		digit[--at] = (char)('0' + n % 10);
	put_char(s, ':');
	put(s, digit + at, sizeof(digit) - at);
}

static void
put_verdict(struct stream *s, const struct fs_verdict *v)
{
	put_char(s, v->readable ? 'r' : v->traversable ? 's' : '-');
	put_char(s, v->writable ? 'w' : '-');
	put_char(s, v->writable && !v->pinned ? 'm' : '-');
	put_char(s, '\t');
	put_place(s, v->why.origin);
}

/* ".", ".." or an empty component, or so long that a limit could be passed. */
static bool
needs_rewriting(const char *q, size_t len)
{
	const char *end = q + len;

	if (len == 0 || q[0] != '/' || len > LIMIT_NAME_BYTES)
		return true;
	for (const char *p = q + 1; (p = memchr(p, '.', (size_t)(end - p))) != NULL; p++) {
		if (p[-1] != '/')
			continue;
		const char *after = p + (p + 1 < end && p[1] == '.' ? 2 : 1);
		if (after == end || *after == '/')
			return true;
	}
	return false;
}

static void
forget_rewritten(struct stream *s)
{
	arena_free(s->a);
	s->a = arena_new();
	s->rewritten = 0;
	if (s->x->canon != NULL)
		s->canon = explainer_canon(s->a, s->x->host, s->x->bound);
}

/* `q' ends with a NUL. */
static void
answer_one(struct stream *s, const char *q, size_t len)
{
	const char *why = NULL, *path = q;

	if (s->nout + len + ROOM > OUTPUT)
		flush(s);
	if (s->x->canon != NULL || s->holds_nul || needs_rewriting(q, len)) {
		struct question question;
		if (++s->rewritten > REWRITTEN)
			forget_rewritten(s);
		path = NULL;
		if (strlen(q) != len)
			why = "holds a NUL";
		else if (question_path(s->a, s->canon, s->x->bound, q, &question, &why) == 0)
			path = question.path;
	}
	if (path != NULL) {
		const struct fs_verdict v = decide_sandbox(s->x->fs, path);
		put_verdict(s, &v);
	} else {
		size_t n = strlen(why);
		put(s, "???\t", 4);
		put(s, why, n < ROOM / 2 ? n : ROOM / 2);
		s->wrong++;
	}
	put_char(s, '\t');
	put(s, q, len);
	put_char(s, s->end);
}

/* All whole questions of the first n bytes; how many bytes they are. */
static size_t
answer_block(struct stream *s, size_t n, bool last)
{
	char *q = s->input, *stop = s->input + n;

	s->holds_nul = s->end != '\0' && memchr(q, '\0', n) != NULL;
	while (q < stop && s->failed == NULL) {
		char *end = memchr(q, s->end, (size_t)(stop - q));
		if (end == NULL && !last)
			break;
		if (end == NULL)
			end = stop;
		*end = '\0';
		answer_one(s, q, (size_t)(end - q));
		q = end + 1;
	}
	return q < stop ? (size_t)(q - s->input) : n;
}

static void
answer_all(struct stream *s)
{
	size_t have = 0;

	while (s->failed == NULL) {
		ssize_t n = read(s->in, s->input + have, INPUT - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			s->failed = "standard input";
			return;
		}
		have += (size_t)n;
		size_t done = answer_block(s, have, n == 0);
		/* Who asks one thing at a time waits for the answer. */
		if (have < INPUT)
			flush(s);
		if (n == 0)
			return;
		have -= done;
		if (have > LONGEST) {
			errno = ENAMETOOLONG;
			s->failed = "standard input";
			return;
		}
		memmove(s->input, s->input + done, have);
	}
}

int
answer_stream(const struct explainer *x, int in, int out, char end)
{
	const struct ir_policy *ir = x->bound->ir;
	struct arena *a = arena_new();
	struct stream s = { .x = x, .in = in, .out = out, .end = end };

	s.input = arena_alloc(a, INPUT + 1);
	s.output = arena_alloc(a, OUTPUT);
	s.name_len = arena_array(a, ir->sources.len + 1, sizeof(*s.name_len));
	for (size_t i = 0; i < ir->sources.len; i++)
		s.name_len[i] = strlen(ir->sources.v[i].name);
	forget_rewritten(&s);
	answer_all(&s);
	int saved = errno;
	if (s.failed == NULL)
		flush(&s);
	arena_free(s.a);
	arena_free(a);
	if (s.failed != NULL)
		return cmd_io_error("%s: %s", s.failed, strerror(saved));
	if (s.wrong == 0)
		return EXIT_OK;
	cmd_io_error("standard input: %llu of the questions %s no path; answered \"???\"",
	    (unsigned long long)s.wrong, s.wrong == 1 ? "is" : "are");
	return EXIT_INPUT;
}
