/* SPDX-License-Identifier: Apache-2.0 */
/* bench_start.c - start-up of cdxp-run from a bundle beside plain bwrap with the same arguments */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "sbuf.h"
#include "seccomp_filter.h"

extern char **environ;

enum { ROUNDS = 200, WARM_UP = 5, ROUNDS_MAX = 100000, FILTER_FD = 9 };

static void
die(const char *what)
{
	fprintf(stderr, "bench-start: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The whole life of one process, in milliseconds; with `filter' open as FILTER_FD. */
static double
run_once(char *const *argv, const char *filter)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;
	posix_spawn_file_actions_init(&actions);
	if (filter != NULL)
		posix_spawn_file_actions_addopen(&actions, FILTER_FD, filter, O_RDONLY, 0);
	double start = now_ms();
	errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno != 0)
		die(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	if (waitpid(pid, &status, 0) == -1)
		die("waitpid");
	double end = now_ms();
	if (status != 0) {
		fprintf(stderr, "bench-start: %s ended with wait status %d\n", argv[0], status);
		exit(1);
	}
	return end - start;
}

/* The arguments that `cdxp-run --print' shows; they live as long as the program does. */
static char **
printed_arguments(const char *cdxp_run, const char *bundle)
{
	struct sbuf command = SBUF_INIT, text = SBUF_INIT;
	char piece[4096];
	size_t n, offset;
	const char *why;
	sbuf_printf(&command, "'%s' --backend=bwrap --print '%s' -- true", cdxp_run, bundle);
	FILE *f = popen(sbuf_str(&command), "r");
	if (f == NULL)
		die("popen");
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		sbuf_add(&text, piece, n);
	if (pclose(f) != 0)
		exit(1);
	cJSON *doc = json_read(sbuf_str(&text), text.len, &why, &offset);
	const cJSON *argv = json_member(doc, "argv");
	int count = cJSON_GetArraySize(argv);
	char **v = calloc((size_t)count + 1, sizeof(*v));
	if (doc == NULL || count < 2 || v == NULL) {
		fprintf(stderr, "bench-start: cannot use what --print gives\n");
		exit(1);
	}
	for (int i = 0; i < count; i++)
		v[i] = strdup(cJSON_GetStringValue(cJSON_GetArrayItem(argv, i)));
	free(v[0]);
	v[0] = strdup(json_string(doc, "program"));
	cJSON_Delete(doc);
	sbuf_free(&text);
	sbuf_free(&command);
	return v;
}

static int
by_value(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 != 0 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/*
 * Every place below the workspace that is named becomes a directory: bwrap
 * alone would leave mount points behind, or not start.
 */
static void
make_places(const char *workspace, char *const *argv)
{
	size_t len = strlen(workspace);
	for (; *argv != NULL; argv++)
		if (strncmp(*argv, workspace, len) == 0 && (*argv)[len] == '/' &&
		    mkdir(*argv, 0755) != 0 && errno != EEXIST)
			die(*argv);
}

static void
free_arguments(char **argv)
{
	for (char **p = argv; *p != NULL; p++)
		free(*p);
	free(argv);
}

/* What cdxp-run hands to bwrap beside the printed arguments: the same with its filter. */
static char **
with_filter(char *const *plain, const char *path)
{
	static char option[] = "--seccomp", number[] = "9";
	size_t n = 0, len;
	const void *filter = seccomp_filter_get(seccomp_filter_native(), FILTER_OFF, false,
	    FILTER_INNER, &len);
	FILE *f = fopen(path, "w");
	if (f == NULL || fwrite(filter, 8, len, f) != len || fclose(f) != 0)
		die(path);
	while (plain[n] != NULL)
		n++;
	char **v = calloc(n + 3, sizeof(*v));
	if (v == NULL)
		die("memory");
	v[0] = plain[0];
	v[1] = option;
	v[2] = number;
	memcpy(v + 3, plain + 1, n * sizeof(*v));
	return v;
}

static void
remove_workspace(const char *workspace)
{
	char rm[] = "rm", recursive[] = "-r", *argv[] = { rm, recursive, NULL, NULL };
	pid_t pid;
	int status;
	argv[2] = strdup(workspace);
	errno = chdir("/") != 0 ? errno : posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (errno != 0 || waitpid(pid, &status, 0) == -1)
		die(workspace);
	free(argv[2]);
}

/* What is timed, in this order; the first is what all is compared with. */
enum { BARE, BUILTIN, BWRAP, PLAIN, FILTERED, CONTENDERS };
static const char *const title[] = {
	[BARE] = "true", [BUILTIN] = "cdxp-run --backend=builtin",
	[BWRAP] = "cdxp-run --backend=bwrap", [PLAIN] = "plain bwrap, same arguments",
	[FILTERED] = "... and the filter",
};

static void
print_results(double *const *t, size_t rounds)
{
	double m[CONTENDERS];
	for (size_t i = 0; i < CONTENDERS; i++)
		m[i] = median(t[i], rounds);
	printf("%-30s %8s %8s %8s %8s\n", "", "median", "least", "- true", "/ plain");
	for (size_t i = 0; i < CONTENDERS; i++)
		printf("%-30s %8.2f %8.2f %8.2f %8.2f\n", title[i], m[i], t[i][0], m[i] - m[BARE],
		    m[i] / m[PLAIN]);
	printf("milliseconds, of %zu rounds in turn\n", rounds);
}

int
main(int argc, char **argv)
{
	size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : ROUNDS;
	if (argc < 3 || argc > 4 || rounds == 0 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench-start CDXP-RUN BUNDLE [ROUNDS]\n");
		return 2;
	}
	char *program = realpath(argv[1], NULL), *bundle = realpath(argv[2], NULL);
	if (program == NULL || bundle == NULL)
		die(program == NULL ? argv[1] : argv[2]);
	char dir[] = "/var/tmp/cdxp-bench-XXXXXX";
	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		die(dir);
	char **plain = printed_arguments(program, bundle);
	make_places(dir, plain);
	free_arguments(plain);
	plain = printed_arguments(program, bundle);
	char *const bare[] = { "/bin/true", NULL };
	char *const builtin[] = { program, "--backend=builtin", bundle, "--", "true", NULL };
	char *const bwrap[] = { program, "--backend=bwrap", bundle, "--", "true", NULL };
	char filter[64];
	snprintf(filter, sizeof(filter), "%s/filter", dir);
	char **filtered = with_filter(plain, filter);
	char *const *const command[] = {
		[BARE] = bare, [BUILTIN] = builtin, [BWRAP] = bwrap, [PLAIN] = plain,
		[FILTERED] = filtered,
	};
	double *t[CONTENDERS];
	for (size_t i = 0; i < CONTENDERS; i++)
		if ((t[i] = calloc(rounds, sizeof(double))) == NULL)
			die("memory");

	for (size_t i = 0; i < rounds + WARM_UP; i++) {
		/* Who goes first changes, so that none profits from the others' caches. */
		for (size_t k = 0; k < CONTENDERS; k++) {
			size_t who = (i + k) % CONTENDERS;
			double ms = run_once(command[who], who == FILTERED ? filter : NULL);
			if (i >= WARM_UP)
				t[who][i - WARM_UP] = ms;
		}
	}
	remove_workspace(dir);
	print_results(t, rounds);
	for (size_t i = 0; i < CONTENDERS; i++)
		free(t[i]);
	free(filtered);
	free_arguments(plain);
	free(program);
	free(bundle);
	return 0;
}
