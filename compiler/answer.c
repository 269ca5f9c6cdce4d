/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - answers: from the policy, and from what each backend printed */
#include <config.h>

#include "answer.h"

#include <string.h>

#include "arena.h"
#include "artifacts.h"
#include "base_place.h"
#include "canon.h"
#include "host_facts.h"
#include "host_file.h"
#include "path.h"

struct canon *
explainer_canon(struct arena *a, const struct artifact_host *h, const struct bound_policy *b)
{
	struct canon_way way;
	const char *why;

	if (h->facts != NULL)
		return canon_new(a, h->facts->host, false);
	if (b->target != TARGET_WINDOWS)
		return b->generic ? NULL : canon_new(a, host_real(a), false);
	/* Every place exists, in the case that the policy has it in. */
	struct canon *c = canon_new_made_up(a, b->target);
	for (size_t i = 0; i < b->entries.len; i++)
		(void)canon_resolve(c, "/", b->entries.v[i].path, &way, &why);
	return c;
}

struct explainer
explainer_new(struct arena *a, const struct subject *subject, const struct sources *sources,
    const struct bound_policy *bound, const struct artifact_host *host)
{
	return (struct explainer){ .a = a, .subject = subject, .sources = sources,
	    .bound = bound, .fs = decide_fs_build(a, bound), .host = host,
	    .canon = explainer_canon(a, host, bound) };
}

void
explainer_free(struct explainer *x)
{
	for (size_t i = 0; i < x->nbackends; i++)
		sbuf_free(&x->artifact[i].bytes);
	x->nbackends = 0;
}

void
explainer_compile(struct explainer *x)
{
	const struct backend_options options = { .advisory_network = x->host->advisory_network,
	    .no_everyone = x->host->no_everyone };

	if (x->artifact != NULL)
		return;
	size_t n = 0;
	while (backend_at(n) != NULL)
		n++;
	x->artifact = arena_array(x->a, n + 1, sizeof(*x->artifact));
	x->backend = arena_array(x->a, n + 1, sizeof(*x->backend));
	for (size_t i = 0; i < n; i++) {
		const struct backend *b = backend_at(i);
		struct artifact *art = &x->artifact[x->nbackends];
		if (b->target != x->bound->target || b->emitted == NULL)
			continue;
		b->compile(x->a, x->bound, &options, art);
		if (!art->refused || !b->for_few)
			x->backend[x->nbackends++] = b;
	}
}

/* The deviation that makes the artifact differ at a path: it is for the path, or for the rule. */
static const struct deviation *
deviation_for(const struct artifact *art, const char *path, const struct ir_origin *rule,
    enum deviation_direction direction)
{
	for (size_t i = 0; i < art->deviations.len; i++) {
		const struct deviation *d = &art->deviations.v[i];
		if (d->direction == direction && ((d->path != NULL && path_within(path, d->path)) ||
		    (rule != NULL && d->origin == rule)))
			return d;
	}
	return NULL;
}

static enum access
access_of(const struct fs_verdict *v)
{
	return v->writable ? ACCESS_WRITE : v->readable ? ACCESS_READ : ACCESS_DENY;
}

static void
ask_backends(struct explainer *x, struct answer *out)
{
	static const enum emitted_what what[] = {
		[ASK_PATH] = EMITTED_PATH, [ASK_HOST] = EMITTED_NETWORK,
		[ASK_SOCKET] = EMITTED_SOCKETS,
	};
	const char *path = out->q.kind == ASK_PATH ? out->q.path : NULL;

	explainer_compile(x);
	out->nbackends = x->nbackends;
	out->backend = arena_array(x->a, x->nbackends, sizeof(*out->backend));
	for (size_t i = 0; i < x->nbackends; i++) {
		struct answer_backend *b = &out->backend[i];
		*b = (struct answer_backend){ .backend = x->backend[i],
		    .artifact = &x->artifact[i] };
		if (b->artifact->refused)
			continue;
		b->backend->emitted(x->a, x->bound, b->artifact, what[out->q.kind], path,
		    &b->emitted);
		enum access said = access_of(&out->path.verdict);
		/* A model tells of the directory /dev, and takes the sandbox's own devices for granted. */
		if (path == NULL || said == b->emitted.access ||
		    out->path.verdict.why.kind == WHY_BASE)
			continue;
		b->differs = true;
		b->deviation = deviation_for(b->artifact, path, out->path.verdict.why.origin,
		    b->emitted.access > said ? DEVIATION_WIDER : DEVIATION_NARROWER);
	}
}

void
answer_make(struct explainer *x, const struct question *q, struct answer *out)
{
	const struct ir_policy *ir = x->bound->ir;

	*out = (struct answer){ .q = *q };
	switch (q->kind) {
	case ASK_PATH:
		explain_path(x->a, x->fs, q->path, &out->path);
		if (q->itself != NULL)
			out->itself = decide_sandbox(x->fs, q->itself);
		break;
	case ASK_HOST:
		/* The rules were checked when they were compiled, or read from a bundle. */
		if (explain_net(x->a, &ir->network, &q->dest, &out->net) != 0)
			out->net.decision = (struct net_decision){ .reason = NET_NO_RULE,
			    .origin = &ir->network.origin };
		break;
	case ASK_SOCKET:
		explain_socket(x->a, x->bound, q->path, &out->net);
		break;
	case ASK_ENV:
		out->env = decide_env_run(ir, q->name);
		out->inherited = decide_env_inherited(&ir->environment, q->name);
		for (size_t i = 0; i < ir->environment.set.len; i++)
			if (strcmp(ir->environment.set.v[i].name, q->name) == 0)
				out->setting = &ir->environment.set.v[i];
		return;
	}
	ask_backends(x, out);
}

size_t
answer_chain(const struct ir_policy *ir, const char *profile)
{
	for (size_t i = 0; i < ir->parents.len; i++)
		if (strcmp(ir->parents.v[i].parent, profile) == 0)
			return i + 1;
	return 0;
}
