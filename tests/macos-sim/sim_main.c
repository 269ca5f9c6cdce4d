/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_main.c - runtime/macos/exec_seatbelt.c on Linux, with a made-up macOS below it
 *
 *	macos-sim STATE LOG COMMAND [ARG]...
 *	macos-sim run PROFILE COMMAND [ARG]...
 *
 * runs the command as cdxp-run would; LOG is 1 for --log-denials, 2 for
 * --self-test of a profile that lets all be written but STATE/secret, 3 of one
 * without that exception, else 0.  The second is all of it, with
 * launch_macos.c; SIM_AUDIT is for --audit, SIM_LOG for --log-denials.
 * Under the names of the programs that it starts this one stands for them:
 *
 *	sandbox-exec	confines nothing, and says of "secret" that it would.
 *			With SIM_FAIL=N it ends with status N; it appends its
 *			arguments to SIM_WORDS;
 *	log		denies every process whose name begins with "denied".
 *
 * SIM_NESTED: this is inside another sandbox.
 */
#include <config.h>

#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "bind.h"
#include "cdxp.h"
#include "decide_fs.h"
#include "denials.h"
#include "doctor.h"
#include "exec_seatbelt.h"
#include "host_facts.h"
#include "launch.h"
#include "seatbelt.h"
#include "self_test.h"
#include "self_test_macos.h"

extern char **environ;

int	sandbox_check(pid_t, const char *, int, ...);

int
sandbox_check(pid_t pid, const char *operation, int filter, ...)
{
	const char *path = "";
	va_list ap;

	(void)pid;
	va_start(ap, filter);
	if (operation != NULL && filter == 1)
		path = va_arg(ap, const char *);
	va_end(ap);
	if (operation == NULL)
		return getenv("SIM_NESTED") != NULL || getenv("SIM_CONFINED") != NULL;
	return getenv("SIM_CONFINED") != NULL && strstr(path, "/secret") != NULL;
}

/* In the place of doctor_macos.c. */
const char *
doctor_self(struct arena *a)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	return n > 0 ? arena_strndup(a, path, (size_t)n) : NULL;
}

static int
sandbox_exec(char **argv)
{
	const char *fail = getenv("SIM_FAIL");

	/* Started suspended. */
	raise(SIGSTOP);
	FILE *words = getenv("SIM_WORDS") != NULL ? fopen(getenv("SIM_WORDS"), "ae") : NULL;
	for (char **word = argv; words != NULL && *word != NULL; word++)
		fprintf(words, "%s\n", *word);
	if (words != NULL)
		fclose(words);
	if (fail != NULL)
		return atoi(fail);
	if (strcmp(argv[1], "-f") != 0 || access(argv[2], R_OK) != 0)
		return 65;
	while (strcmp(*argv, "--") != 0)
		argv++;
	setenv("SIM_CONFINED", "1", 1);
	/* Long enough to be seen before. */
	usleep(20000);
	execv(argv[1], argv + 1);
	perror("sandbox-exec");
	return 71;
}

static void
deny(const char *pid)
{
	char path[300], name[64];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(name, sizeof(name), f) != NULL && strncmp(name, "denied", 6) == 0)
		printf("{\"eventMessage\":\"Sandbox: %.*s(%s) deny(1) file-write-create /w/.git/x\","
		    "\"processID\":0}\n", (int)strcspn(name, "\n"), name, pid);
	fclose(f);
}

/* For ever, so it must be ended. */
static _Noreturn void
log_stream(void)
{
	puts("Filtering the log data using \"made up\"");
	for (;;) {
		DIR *d = opendir("/proc");
		struct dirent *e;
		while (d != NULL && (e = readdir(d)) != NULL)
			if (atoi(e->d_name) > 0)
				deny(e->d_name);
		if (d != NULL)
			closedir(d);
		fflush(stdout);
		usleep(10000);
	}
}

static struct denials *
new_denials(struct arena *a)
{
	static const char *const lines[] = { "d /w", "d /w/.git" };
	struct ir_policy *ir = arena_alloc(a, sizeof(*ir));
	struct bind_error err;

	VEC_PUSH(a, &ir->protected, ((struct ir_name){ .name = ".git" }));
	VEC_PUSH(a, &ir->entries,
	    ((struct ir_entry){ ANCHOR_ABS, "/w", ACCESS_WRITE, { .text = "/w" } }));
	const struct bind_request q = { .ir = ir, .cwd = "/w", .home = "/" };
	struct bound_policy *b = bind_policy(a, &q, host_fake(a, lines, NELEMS(lines)), &err);
	const struct denials_request text = { .on = true };
	return b != NULL ? denials_new(&text, decide_fs_build(a, b)) : NULL;
}

/* What is confined is proved; what confines is made up. */
static int
test_first(struct arena *a, const struct seatbelt_request *how, bool secret)
{
	struct ir_policy *ir = arena_alloc(a, sizeof(*ir));
	const char *dir = realpath(how->state_dir, NULL);
	struct launch_request q = { .ir = ir, .self_test = LAUNCH_SELF_TEST_TEXT };
	struct launch l = { .request = &q, .backend = &backend_seatbelt };
	struct launch_error error;
	struct bind_error err;

	ir->name = "p";
	ir->network.mode = NET_OPEN;
	VEC_PUSH(a, &ir->entries, ((struct ir_entry){ ANCHOR_ABS, "/", ACCESS_WRITE, { .text = "/" } }));
	if (secret)
		VEC_PUSH(a, &ir->entries, ((struct ir_entry){ ANCHOR_ABS,
		    arena_printf(a, "%s/secret", dir), ACCESS_DENY, { .text = "secret" } }));
	const struct bind_request b = { .ir = ir, .cwd = dir, .home = dir };
	q.bound = bind_policy(a, &b, host_real(a), &err);
	q.decide = q.bound != NULL ? decide_fs_build(a, q.bound) : NULL;
	const struct backend_options opt = { .decide = q.decide };
	free((void *)(uintptr_t)dir);
	if (q.bound == NULL || l.backend->compile(a, q.bound, &opt, &l.artifact) != 0 ||
	    (l.test = self_test_plan(a, &l, &error)) == NULL) {
		fprintf(stderr, "macos-sim: no self-test\n");
		return 2;
	}
	struct seatbelt_request r = *how;
	r.text = sbuf_str(&l.artifact.bytes);
	r.len = l.artifact.bytes.len;
	int rc = self_test_before(a, &l, &r);
	sbuf_free(&l.artifact.bytes);
	return rc;
}

static int
run_profile(char **argv)
{
	const struct cdxp_load_options load = { 0 };
	const struct cdxp_bind_options bind = { .home = getenv("HOME"), .create_state = true };
	const struct cdxp_exec_options exec = {
		.environment = environ, .argv = argv + 1, .audit_file = getenv("SIM_AUDIT"),
		.denials = getenv("SIM_LOG") != NULL ? CDXP_DENIALS_TEXT : CDXP_DENIALS_NO,
	};
	struct cdxp_messages *m = cdxp_messages_new("cdxp-run", false);
	struct cdxp_policy *policy = NULL;
	struct cdxp_bound *bound = NULL;
	struct cdxp_plan *plan = NULL;
	int status = 125;

	if (cdxp_policy_load(&policy, argv[0], &load, m) == CDXP_OK &&
	    cdxp_bind(&bound, policy, &bind, m) == CDXP_OK &&
	    cdxp_plan_make(&plan, bound, &exec, m) == CDXP_OK)
		cdxp_exec(plan, &status, m);
	for (size_t i = 0; i < cdxp_messages_count(m); i++) {
		enum cdxp_severity severity;
		fprintf(stderr, "%s\n", cdxp_messages_text(m, i, &severity));
	}
	cdxp_plan_free(plan);
	cdxp_bound_free(bound);
	cdxp_policy_free(policy);
	cdxp_messages_free(m);
	return status;
}

int
main(int argc, char **argv)
{
	static const char text[] = ";; -D A=/a\n(version 1)\n";

	self_test_stage(argc, argv);
	if (strcmp(argv[0], "sandbox-exec") == 0)
		return sandbox_exec(argv);
	if (strcmp(argv[0], "log") == 0)
		log_stream();
	if (argc < 4)
		return 2;
	if (strcmp(argv[1], "run") == 0)
		return run_profile(argv + 2);

	struct arena *a = arena_new();
	static const int keep[] = { 5 };
	struct seatbelt_request q = {
		.text = text, .len = sizeof(text) - 1, .command = argv[3], .argv = argv + 3,
		.envp = (const char *const *)environ, .cwd = argv[1], .state_dir = argv[1],
		.keep_fds = keep, .nkeep = getenv("SIM_KEEP") != NULL,
		.denials = argv[2][0] == '1' ? new_denials(a) : NULL,
	};
	int status = argv[2][0] >= '2' ? test_first(a, &q, argv[2][0] == '2') : 0;
	if (status == 0)
		status = exec_seatbelt(a, &q);
	denials_end(q.denials);
	arena_free(a);
	return status;
}
