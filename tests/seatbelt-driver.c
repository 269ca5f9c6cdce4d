/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt-driver.c - a profile bound for macOS to the host that it runs on, for tests/run-seatbelt */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "bind.h"
#include "diag.h"
#include "pipeline.h"
#include "seatbelt.h"
#include "source.h"

static int
fail(struct arena *a, const char *what)
{
	fprintf(stderr, "seatbelt-driver: %s\n", what);
	arena_free(a);
	return 1;
}

static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct bound_policy *
bind(struct arena *a, const struct ir_policy *ir, char **dirs, bool generic,
    struct bind_error *err)
{
	const struct bind_request q = { .ir = ir, .target = TARGET_MACOS, .cwd = dirs[0],
	    .home = dirs[0] != NULL ? dirs[1] : NULL,
	    .tmpdir = dirs[0] != NULL && dirs[1] != NULL ? dirs[2] : NULL };

	if (generic)
		return bind_generic(a, ir, TARGET_MACOS, err);
	return bind_policy(a, &q, host_real(a), err);
}

/* seatbelt-driver [-gtv] PROFILE.toml [CWD [HOME [TMPDIR]]]: -g generic, -t time, -v deviations */
int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct sources *sources = sources_new(a);
	struct diags *d = diags_new(a, sources);
	struct bind_error err = { NULL, NULL };
	struct compile_request q = { .file = NULL };
	struct compiled c;
	struct artifact art;
	bool generic = false, timed = false, verbose = false;
	const struct backend_options opt = { .outer_userns = false };

	for (int o; (o = getopt(argc, argv, "gtvP:")) != -1; )
		switch (o) {
		case 'g':
			generic = true;
			break;
		case 't':
			timed = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'P':
			q.profile = optarg;
			break;
		default:
			return fail(a, "usage: [-gtv] [-P NAME] PROFILE.toml [CWD [HOME [TMPDIR]]]");
		}
	if (optind == argc)
		return fail(a, "no profile");
	q.file = argv[optind];
	if (compile_policy(a, sources, d, &q, &c) != 0)
		return fail(a, "the profile has errors");
	struct bound_policy *b = bind(a, c.ir, argv + optind + 1, generic, &err);
	if (b == NULL)
		return fail(a, err.text);
	double start = now();
	if (backend_seatbelt.compile(a, b, &opt, &art) != 0)
		return fail(a, arena_printf(a, "%s: %s", art.refusal.reason,
		    art.refusal.witness != NULL ? art.refusal.witness : ""));
	if (timed)
		fprintf(stderr, "%.1f ms, %zu bytes\n", now() - start, art.bytes.len);
	for (size_t i = 0; verbose && i < art.deviations.len; i++)
		fprintf(stderr, "%s: %s: %s\n", art.deviations.v[i].name,
		    art.deviations.v[i].path != NULL ? art.deviations.v[i].path : "",
		    art.deviations.v[i].detail);
	fwrite(art.bytes.p, 1, art.bytes.len, stdout);
	sbuf_free(&art.bytes);
	arena_free(a);
	return 0;
}
