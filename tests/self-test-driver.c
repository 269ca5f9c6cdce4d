/* SPDX-License-Identifier: Apache-2.0 */
/* self-test-driver.c - a sandbox that is not as it was proved, for tests/run-self-test */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "bind.h"
#include "cdxp.h"
#include "cdxp_policy.h"
#include "decide_fs.h"
#include "landlock_model.h"
#include "launch.h"
#include "report.h"
#include "sbuf.h"
#include "state_dir.h"
#include "make_dirs.h"

extern char **environ;

static _Noreturn void
die(const char *what, const char *why)
{
	fprintf(stderr, "self-test-driver: %s%s%s\n", what, why != NULL ? ": " : "", why != NULL ? why : "");
	exit(2);
}

/* The words of bwrap's arguments, which blanks stand between here. */
static char *
words(struct arena *a, const char *text, bool json)
{
	char *copy = arena_strdup(a, text);

	for (char *c = copy; !json && *c != '\0'; c++)
		if (*c == ' ')
			*c = '\0';
	return copy;
}

/* The proof is done: what is executed from here on is something else. */
static void
sabotage(struct arena *a, struct launch *l, const char *from, const char *to)
{
	struct artifact *art = &l->artifact;
	bool json = art->is_json;
	size_t from_len = strlen(from) + !json, to_len = *to != '\0' ? strlen(to) + !json : 0;
	const char *what = words(a, from, json), *with = words(a, to, json);
	struct sbuf out = SBUF_INIT;
	bool found = false;

	for (size_t i = 0; i < art->bytes.len;) {
		if (art->bytes.len - i >= from_len && memcmp(art->bytes.p + i, what, from_len) == 0 &&
		    (json || i == 0 || art->bytes.p[i - 1] == '\0')) {
			sbuf_add(&out, with, to_len);
			i += from_len;
			found = true;
		} else {
			sbuf_addc(&out, art->bytes.p[i++]);
		}
	}
	/* Else what watches for replaced places could find the gap before the test does, and close it. */
	art->masks.len = 0;
	if (!found)
		die("the artifact has no such words", from);
	sbuf_free(&art->bytes);
	art->bytes = out;
	if (json) {
		struct landlock_model *m = arena_alloc(a, sizeof(*m));
		const char *why;
		if (landlock_model_read(a, out.p, out.len, m, &why) != 0)
			die("the altered ruleset", why);
		art->model = m;
	}
}

int
main(int argc, char **argv)
{
	int status, opt;

	launch_stage(argc, argv);
	struct arena *a = arena_new();
	struct launch_request q = {
		.backend = "builtin", .environment = environ, .self_test = LAUNCH_SELF_TEST_TEXT,
	};
	struct { const char *v[16]; size_t n; } changes = { .n = 0 };
	char cwd[4096];

	while ((opt = getopt(argc, argv, "+b:r:jn")) != -1) {
		switch (opt) {
		case 'b':
			q.backend = optarg;
			break;
		case 'r':
			if (changes.n == 16)
				die("too many changes", NULL);
			changes.v[changes.n++] = optarg;
			break;
		case 'j':
			q.self_test = LAUNCH_SELF_TEST_JSON;
			break;
		case 'n':
			q.self_test = LAUNCH_SELF_TEST_NO;
			break;
		default:
			die("usage: self-test-driver [-b BACKEND] [-r FROM=>TO]... [-j|-n] POLICY COMMAND...", NULL);
		}
	}
	if (argc - optind < 2 || getcwd(cwd, sizeof(cwd)) == NULL)
		die("no policy and command", NULL);

	struct cdxp_messages *m = cdxp_messages_new("self-test-driver", false);
	const struct cdxp_load_options load = { 0 };
	struct cdxp_policy *policy;
	enum cdxp_severity severity;
	if (cdxp_policy_load(&policy, argv[optind], &load, m) != CDXP_OK)
		die("policy", cdxp_messages_text(m, 0, &severity));
	const char *state = state_dir(a), *why;
	if (state != NULL)
		make_dirs(a, state, 0700, &why);
	const struct bind_request bind = {
		.ir = policy_ir(policy), .cwd = cwd, .home = getenv("HOME"), .tmpdir = getenv("TMPDIR"),
		.network_off = policy_ir(policy)->network.mode == NET_OFF, .target = launch_target(),
	};
	struct bind_error wrong;
	struct bound_policy *bound = bind_policy(a, &bind, launch_host(a), &wrong);
	if (bound == NULL)
		die("binding", wrong.text);
	q.ir = bind.ir;
	q.bound = bound;
	q.decide = decide_fs_build(a, bound);
	q.cwd = bound->cwd;
	q.argv = argv + optind + 1;

	struct launch l;
	struct launch_error err;
	if (launch_make(a, &q, &l, &err) != 0)
		die("launch", err.text);
	for (size_t i = 0; i < changes.n; i++) {
		const char *arrow = strstr(changes.v[i], "=>");
		if (arrow == NULL)
			die("no \"=>\" in the change", changes.v[i]);
		sabotage(a, &l, arena_strndup(a, changes.v[i], (size_t)(arrow - changes.v[i])), arrow + 2);
	}
	if (launch_exec(a, &l, &status, &err) != 0)
		die("exec", err.text);
	launch_drop(&l);
	cdxp_policy_free(policy);
	cdxp_messages_free(m);
	arena_free(a);
	return status;
}
