/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_main.c - runtime/macos/exec_seatbelt.c on Linux, with a made-up macOS below it
 *
 *	macos-sim STATE LOG COMMAND [ARG]...
 *
 * runs the command as cdxp-run would; LOG is 1 for --log-denials, else 0.
 * Under the names of the programs that it starts this one stands for them:
 *
 *	sandbox-exec	confines nothing.  With SIM_FAIL=N it ends with status N;
 *	log		denies every process whose name begins with "denied".
 *
 * SIM_NESTED: this is inside another sandbox.
 */
#include <config.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "bind.h"
#include "decide_fs.h"
#include "denials.h"
#include "exec_seatbelt.h"

extern char **environ;

int	sandbox_check(pid_t, const char *, int, ...);

int
sandbox_check(pid_t pid, const char *operation, int filter, ...)
{
	(void)pid, (void)operation, (void)filter;
	return getenv("SIM_NESTED") != NULL;
}

static int
sandbox_exec(char **argv)
{
	const char *fail = getenv("SIM_FAIL");

	/* Started suspended. */
	raise(SIGSTOP);
	if (fail != NULL)
		return atoi(fail);
	if (strcmp(argv[1], "-f") != 0 || access(argv[2], R_OK) != 0)
		return 65;
	while (strcmp(*argv, "--") != 0)
		argv++;
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

int
main(int argc, char **argv)
{
	static const char text[] = ";; -D A=/a\n(version 1)\n";

	if (strcmp(argv[0], "sandbox-exec") == 0)
		return sandbox_exec(argv);
	if (strcmp(argv[0], "log") == 0)
		log_stream();
	if (argc < 4)
		return 2;

	struct arena *a = arena_new();
	static const int keep[] = { 5 };
	struct seatbelt_request q = {
		.text = text, .len = sizeof(text) - 1, .command = argv[3], .argv = argv + 3,
		.envp = (const char *const *)environ, .cwd = argv[1], .state_dir = argv[1],
		.keep_fds = keep, .nkeep = getenv("SIM_KEEP") != NULL,
		.denials = argv[2][0] == '1' ? new_denials(a) : NULL,
	};
	int status = exec_seatbelt(a, &q);
	denials_end(q.denials);
	arena_free(a);
	return status;
}
