/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt.c - policy to Seatbelt profile */
#include <config.h>

#include "seatbelt.h"

#include <string.h>

#include "arena.h"
#include "path.h"
#include "seatbelt_effective.h"
#include "seatbelt_model.h"
#include "seatbelt_net.h"
#include "seatbelt_plan.h"

static int
refuse(struct artifact *out, const char *reason, const char *witness,
    const struct ir_origin *origin)
{
	if (!out->refused)
		out->refusal = (struct refusal){ reason, witness, origin };
	out->refused = true;
	sbuf_free(&out->bytes);
	return -1;
}

/* What this version cannot enforce is refused, never ignored (spec 2.8). */
static int
check_scope(const struct ir_policy *ir, struct artifact *out)
{
	if (ir->unsandboxed)
		return refuse(out, "this profile asks for no sandbox at all", NULL, NULL);
	if (ir->network.mode == NET_PROXIED && ir->network.mitm != NULL)
		return refuse(out, "\"mitm\" needs a proxy that looks into TLS, which this version "
		    "does not have", NULL, &ir->network.origin);
	return 0;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* The printer refuses such a name too, where it no longer knows whose it is. */
static int
check_names(const struct bound_policy *b, struct artifact *out)
{
	static const char why[] = "its path has a control byte, such as a newline, which cannot "
	    "stand in a Seatbelt profile: rename that file or directory";

	for (size_t i = 0; i < b->entries.len; i++)
		if (has_control(b->entries.v[i].path))
			return refuse(out, why, NULL, b->entries.v[i].origin);
	for (size_t i = 0; i < b->patterns.len; i++)
		if (has_control(b->patterns.v[i].literal) ||
		    has_control(b->patterns.v[i].pattern->text))
			return refuse(out, why, NULL, b->patterns.v[i].origin);
	for (size_t i = 0; i < b->shields.len; i++)
		if (has_control(b->shields.v[i].path))
			return refuse(out, why, NULL, b->shields.v[i].origin);
	for (size_t i = 0; i < b->links.len; i++)
		if (has_control(b->links.v[i].path))
			return refuse(out, why, NULL, b->links.v[i].origin);
	for (size_t i = 0; i < b->sockets.len; i++)
		if (has_control(b->sockets.v[i].path))
			return refuse(out, why, NULL, b->sockets.v[i].origin);
	return 0;
}

struct exists_in { struct arena *a; const struct bound_policy *b; size_t *near; };

/* Other spellings than the one that is there name nothing; the data volume has what its other names have. */
static bool
exists(const void *arg, const struct region *r)
{
	static const char data_volume[] = "/System/Volumes/Data";
	const struct exists_in *in = arg;

	for (const struct region *n = r; n->parent != NULL; n = n->parent)
		if (n->spelt)
			return false;
	const char *path = region_path(in->a, r);
	const struct fact *f = bound_fact_near(in->b, path, in->near);
	if (f == NULL && path_below(path, data_volume))
		f = bound_fact(in->b, path + sizeof(data_volume) - 1);
	return f == NULL || (f->kind != NODE_MISSING && !f->stub);
}

/* Only what the model reads back as the policy is an artifact. */
static int
prove(struct arena *a, const struct bound_policy *b, const struct seatbelt_effective *e,
    struct artifact *out)
{
	const struct compare_side side = seatbelt_effective_side(e);
	const char *why = NULL;
	size_t near = 0;
	const struct exists_in in = { a, b, &near };
	struct refusal r;
	struct seatbelt_model *m = seatbelt_model_read(a, out->bytes.p, out->bytes.len, &why);

	if (m == NULL)
		return refuse(out, why, NULL, NULL);
	if (seatbelt_services_check(a, m, e->net, &r) != 0 ||
	    seatbelt_net_check(a, m, e->net, &r) != 0 ||
	    seatbelt_model_check_with(a, m, &side, exists, &in, &r) != 0)
		return refuse(out, r.reason, r.witness, r.origin);
	return 0;
}

static int
compile(struct arena *a, const struct bound_policy *b, const struct backend_options *opt,
    struct artifact *out)
{
	struct seatbelt_effective effective;
	struct seatbelt_plan plan;
	const char *why;

	*out = (struct artifact){ .refused = false };
	if (check_scope(b->ir, out) != 0 || check_names(b, out) != 0)
		return -1;
	const struct decide_fs *d = opt->decide != NULL ? opt->decide : decide_fs_build(a, b);
	if (seatbelt_effective_build(a, d, &effective, out) != 0 ||
	    seatbelt_plan(a, b, &effective, &plan, out) != 0)
		return -1;
	if (seatbelt_print(a, &plan, &out->bytes, &why) != 0)
		return refuse(out, why, NULL, NULL);
	return prove(a, b, &effective, out);
}

const struct backend backend_seatbelt = {
	.name = "seatbelt",
	.target = TARGET_MACOS,
	.systems = SEATBELT_SYSTEMS,
	.live_patterns = true,
	.use = BACKEND_REPORTED,	/* until the proof of large profiles is as quick as that of bwrap */
	.compile = compile,
};
