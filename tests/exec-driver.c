/* SPDX-License-Identifier: Apache-2.0 */
/* exec-driver.c - exec_bwrap(), or exec_builtin(), with a request written by hand, for tests/run-exec */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "backend.h"
#include "exec_builtin.h"
#include "exec_bwrap.h"
#include "report.h"
#include "sbuf.h"

extern char **environ;

enum { MAX = 64 };

/* "PATH", or "PATH=DEV:INO" for what it is not. */
static struct exec_check
check_of(struct arena *a, const char *text)
{
	const char *equals = strrchr(text, '=');
	struct exec_check c = { .path = text };
	unsigned long long dev = 0, ino = 0;
	struct stat st;

	if (equals != NULL && sscanf(equals, "=%llu:%llu", &dev, &ino) == 2)
		c.path = arena_strndup(a, text, (size_t)(equals - text));
	else if (lstat(text, &st) == 0)
		dev = st.st_dev, ino = st.st_ino;
	c.dev = dev;
	c.ino = ino;
	return c;
}

/* -E: bwrap is started before anything else is known, -EE: and abandoned. */
static struct exec_start *
start_early(struct arena *a, char **argv)
{
	struct exec_start_request q = { .path = getenv("PATH"), .supervised = true };

	while (*argv != NULL && strcmp(*argv, "--") != 0)
		argv++;
	if (*argv == NULL)
		return NULL;
	q.argv = (const char *const *)(argv + 1);
	return exec_bwrap_start(a, &q);
}

/* The same options for the other executor, -E and -EE too. */
static int
run_builtin(struct arena *a, const struct exec_request *req, int early, bool print)
{
	struct builtin_start *start = NULL;
	const char *why, *program, **words;
	size_t n;

	if (print) {
		exec_builtin_words(a, req, &program, &words, &n);
		for (size_t i = 0; i < n; i++)
			printf("%s\n", words[i]);
		return 0;
	}
	if (early > 0)
		start = exec_builtin_start(a, req->keep_fds, req->nkeep, true, &why);
	if (early > 1) {
		exec_builtin_abandon(start);
		return 0;
	}
	int rc = exec_builtin(a, req, start, &why);
	return rc >= 0 ? rc : report_fail(STATUS_SETUP, "%s", why);
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: exec-driver [-a BWRAP-ARG]... [-d|-f STUB]... [-c CHECK]... [-m MASKED]... [-e NAME=VALUE]...\n"
	    "    [-k FD]... [-C CWD] [-S STATE] [-P PATH] [-x AVOID] [-o] [-p] [-E] [-B] -- COMMAND...\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct sbuf args = SBUF_INIT;
	struct stub_request stubs[MAX];
	struct exec_check checks[MAX];
	int keep[MAX], opt, rc;
	const char *env[1024], *avoid[MAX];
	struct exec_request req = {
		.stubs = stubs, .checks = checks, .keep_fds = keep, .avoid = avoid, .cwd = "/",
		.path = getenv("PATH"), .mode = FILTER_OFF, .envp = env,
	};
	struct artifact art = { .refused = false };
	size_t nenv = 0;
	bool print = false, builtin = false;
	int early = 0;

	for (char **e = environ; *e != NULL && nenv < 900; e++)
		env[nenv++] = *e;
	while ((opt = getopt(argc, argv, "+a:d:f:c:m:e:k:C:S:P:x:opEB")) != -1) {
		if (req.nstubs == MAX || req.nchecks == MAX || req.nkeep == MAX || req.navoid == MAX ||
		    nenv == 1000)
			usage();
		switch (opt) {
		case 'a':
			sbuf_add(&args, optarg, strlen(optarg) + 1);
			break;
		case 'd':
		case 'f':
			stubs[req.nstubs++] = (struct stub_request){
				.path = optarg, .kind = opt == 'd' ? STUB_DIR : STUB_FILE };
			break;
		case 'c':
			checks[req.nchecks++] = check_of(a, optarg);
			break;
		case 'm':
			VEC_PUSH(a, &art.masks, (struct mask_place){ .path = optarg });
			req.artifact = &art;
			break;
		case 'e':
			env[nenv++] = optarg;
			break;
		case 'k':
			keep[req.nkeep++] = atoi(optarg);
			break;
		case 'C':
			req.cwd = optarg;
			break;
		case 'S':
			req.state_dir = optarg;
			break;
		case 'P':
			req.path = optarg;
			break;
		case 'x':
			avoid[req.navoid++] = optarg;
			break;
		case 'o':
			req.mode = FILTER_OPEN;
			break;
		case 'E':
			early++;
			break;
		case 'B':
			builtin = true;
			break;
		case 'p':
			print = true;
			break;
		default:
			usage();
		}
	}
	env[nenv] = NULL;
	if (optind == argc)
		usage();
	req.argv = (const char *const *)(argv + optind);
	req.args = sbuf_str(&args);
	req.args_len = args.len;
	if (builtin) {
		rc = run_builtin(a, &req, early, print);
	} else if (print) {
		const char *program, **words;
		size_t n;
		rc = exec_bwrap_words(a, &req, &program, &words, &n);
		for (size_t i = 0; rc == 0 && i < n; i++)
			printf("%s\n", words[i]);
	} else if (early > 1) {
		exec_bwrap_abandon(start_early(a, argv));
		rc = 0;
	} else {
		if (early > 0)
			req.start = start_early(a, argv);
		rc = exec_bwrap(a, &req);
	}
	sbuf_free(&args);
	arena_free(a);
	return rc;
}
