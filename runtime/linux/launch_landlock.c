/* SPDX-License-Identifier: Apache-2.0 */
/* launch_landlock.c - what the Landlock executor is asked for */
#include <config.h>

#include "launch_landlock.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "exec_bwrap.h"
#include "exec_landlock.h"
#include "ir.h"

bool
launch_is_landlock(const struct launch *l)
{
	return l->backend != NULL && strcmp(l->backend->name, "landlock") == 0;
}

enum filter_log
launch_log(const struct launch_request *q)
{
	return !q->denials.on ? FILTER_SILENT : q->denials.reads ? FILTER_LOG_READS : FILTER_LOG_WRITES;
}

int
launch_landlock(struct arena *a, const struct launch *l)
{
	const struct launch_request *q = l->request;
	const struct artifact *art = &l->artifact;
	struct exec_check *check = arena_array(a, art->sources.len + 1, sizeof(*check));
	size_t n = 0;

	/* In the order of the rules, which is that of paths. */
	for (size_t i = 0; i < art->sources.len; i++) {
		const struct fact *f = bound_fact(q->bound, art->sources.v[i]);
		if (f != NULL && f->kind != NODE_MISSING)
			check[n++] = (struct exec_check){ f->path, f->dev, f->ino };
	}
	const struct landlock_request req = {
		.model = art->model, .last = q->last,
		.checks = check, .nchecks = n,
		.program = l->command,
		.argv = (const char *const *)q->argv, .envp = l->envp, .cwd = q->cwd,
		.mode = q->ir->network.mode == NET_OPEN ? FILTER_OPEN : FILTER_OFF,
		.no_debug = q->no_debug,
		.log = launch_log(q), .denials = &q->denials, .decide = q->decide,
		.keep_fds = q->keep_fds, .nkeep = q->nkeep_fds,
	};
	return exec_landlock(a, &req);
}
