/* SPDX-License-Identifier: Apache-2.0 */
/* landlock.c - policy to proved Landlock ruleset */
#include <config.h>

#include "landlock.h"

#include <string.h>

#include "arena.h"
#include "crosscheck.h"
#include "effective.h"
#include "landlock_model.h"
#include "landlock_plan.h"
#include "landlock_rights.h"

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

/* What cannot be enforced is refused, never ignored (spec 2.8). */
static int
check_network(const struct ir_network *n, struct artifact *out)
{
	if (n->mode == NET_PROXIED)
		return refuse(out, "domain rules and mode \"limited\" cannot be enforced by Landlock, whose "
		    "rules for TCP name a port and not an address: leave them out, or switch the "
		    "network off", NULL, n->domains.len > 0 ? &n->domains.v[0].origin : &n->origin);
	if (n->mode != NET_OFF && n->mitm != NULL)
		return refuse(out, "\"mitm\" needs the managed proxy, which Landlock cannot force a command "
		    "to use", NULL, &n->origin);
	for (size_t i = 0; i < n->sockets.len; i++)
		/* With the network off no Unix socket of the host can be had. */
		if (n->sockets.v[i].allow || n->mode != NET_OFF)
			return refuse(out, "rules for Unix sockets cannot be enforced by Landlock: "
			    "leave them out", NULL, &n->sockets.v[i].origin);
	if (n->has_sockets && n->mode != NET_OFF)
		return refuse(out, "an empty \"unix_sockets\" beside an open network cannot be "
		    "enforced by Landlock", NULL, &n->origin);
	if (n->all_sockets && n->mode == NET_OFF)
		return refuse(out, "Unix sockets without a network cannot be had under Landlock",
		    NULL, &n->origin);
	return 0;
}

static const char *
base_breach(const struct landlock_model *m, enum ir_net_mode net, unsigned abi)
{
	uint64_t scope = landlock_known(LANDLOCK_SCOPE, abi);

	if (net == NET_OPEN)
		scope &= ~LANDLOCK_SCOPE_ABSTRACT;
	if (m->abi != abi)
		return "the version is not the one that was asked for";
	if (m->net != (net == NET_OPEN ? 0 : landlock_known(LANDLOCK_NET, abi)))
		return "what is handled of the network is not as the policy says";
	if (m->scope != scope)
		return "the scopes are not as planned";
	if (m->log != (abi >= LANDLOCK_ABI_LOG))
		return "denials would not be logged";
	return NULL;
}

/* What may be passed over is what every sandbox has, and no grant of the policy. */
static const char *
loose_rule(const struct landlock_model *m, const struct region *effective)
{
	for (size_t i = 0; i < m->rules.len; i++) {
		bool exact;
		const struct landlock_rule *rule = &m->rules.v[i];
		const struct region *r = region_find(effective, rule->path, &exact);
		if (rule->base != (exact && r->why.kind == WHY_BASE))
			return rule->path;
	}
	return NULL;
}

int
landlock_prove(struct arena *a, const struct bound_policy *b, const struct region *effective,
    unsigned abi, struct artifact *out)
{
	struct landlock_model *m = arena_alloc(a, sizeof(*m));
	const char *why = NULL;
	struct refusal r;

	if (landlock_model_read(a, out->bytes.p, out->bytes.len, m, &why) != 0 ||
	    (why = base_breach(m, b->ir->network.mode, abi)) != NULL)
		return refuse(out, why, NULL, NULL);
	if (crosscheck_regions(a, b, effective, m->root, &r) != 0)
		return refuse(out, r.reason, r.witness, r.origin);
	if ((why = loose_rule(m, effective)) != NULL)
		return refuse(out, arena_printf(a, "%s is not marked as what it is", why), NULL, NULL);
	out->model = m;
	return 0;
}

static int
compile(struct arena *a, const struct bound_policy *b, const struct backend_options *opt,
    struct artifact *out)
{
	unsigned abi = opt->landlock_abi != 0 ? opt->landlock_abi : LANDLOCK_ABI_MOST;
	struct landlock_plan plan = { .abi = 0 };
	struct refusal wider;

	*out = (struct artifact){ .is_json = true };
	if (abi < LANDLOCK_ABI_LEAST)
		return refuse(out, arena_printf(a, "this kernel has version %u of Landlock, and "
		    "version %d is needed (Linux 6.2): before it, files that cannot be written can be "
		    "truncated", abi, LANDLOCK_ABI_LEAST), NULL, NULL);
	if (abi > LANDLOCK_ABI_MOST)
		abi = LANDLOCK_ABI_MOST;
	if (check_network(&b->ir->network, out) != 0)
		return -1;
	const struct decide_fs *d = opt->decide != NULL ? opt->decide : decide_fs_build(a, b);
	const struct region *effective = landlock_effective(a, d, abi, out);
	if (effective == NULL)
		return -1;
	if (effective_check(a, d, effective, &wider) != 0)
		return refuse(out, wider.reason, wider.witness, wider.origin);
	landlock_plan(a, effective, abi, b->ir->network.mode, &plan);
	landlock_print(a, b, &plan, &out->bytes);
	for (size_t i = 0; i < plan.rules.len; i++)
		if (!plan.rules.v[i].base)
			VEC_PUSH(a, &out->sources, region_path(a, plan.rules.v[i].place));
	return landlock_prove(a, b, effective, abi, out);
}

static const char *
access_means(enum access access)
{
	static const char *const means[] = {
		[ACCESS_DENY] = "no rule is for it or for a directory above it",
		[ACCESS_READ] = "read and executed, with everything below it",
		[ACCESS_WRITE] = "read and written, with everything below it",
	};
	return means[access];
}

static const char *
rule_text(struct arena *a, const struct landlock_rule *rule)
{
	struct sbuf text = SBUF_INIT;

	sbuf_printf(&text, "%s:", rule->path);
	for (unsigned bit = 0; landlock_name(LANDLOCK_FS, bit) != NULL; bit++)
		if ((rule->rights >> bit & 1) != 0)
			sbuf_printf(&text, " %s", landlock_name(LANDLOCK_FS, bit));
	const char *copy = arena_strdup(a, sbuf_str(&text));
	sbuf_free(&text);
	return copy;
}

static void
emitted(struct arena *a, const struct bound_policy *b, const struct artifact *art,
    enum emitted_what what, const char *path, struct emitted *out)
{
	const struct landlock_rule *rule;
	struct landlock_model m;
	const char *why = NULL;

	(void)b;
	*out = (struct emitted){ .access = ACCESS_DENY };
	/* It was read before, when it was proved. */
	if (landlock_model_read(a, art->bytes.p, art->bytes.len, &m, &why) != 0) {
		out->means = why;
		return;
	}
	switch (what) {
	case EMITTED_PATH:
		rule = landlock_model_rule(&m, path, &out->access);
		out->text = rule != NULL ? rule_text(a, rule) : NULL;
		out->means = rule != NULL && rule->file && out->access == ACCESS_READ ?
		    "read and executed" : rule != NULL && rule->file ? "read and written" :
		    access_means(out->access);
		break;
	case EMITTED_NETWORK:
		out->text = m.net != 0 ? "bind_tcp connect_tcp" : NULL;
		out->means = m.net != 0 ? "no port may be bound or connected to, and the system call "
		    "filter that goes with it lets no internet socket be opened" :
		    "no rule: the host's network, as it is";
		break;
	case EMITTED_SOCKETS:
		out->text = (m.scope & LANDLOCK_SCOPE_ABSTRACT) != 0 ? "abstract_unix_socket" : NULL;
		out->means = m.net != 0 || (m.scope & LANDLOCK_SCOPE_ABSTRACT) != 0 ?
		    "the system call filter that goes with it lets no Unix socket be opened" :
		    "no rule: every Unix socket can be connected to";
		break;
	}
}

const struct backend backend_landlock = {
	.name = "landlock",
	.target = TARGET_LINUX,
	.for_few = true,
	.compile = compile,
	.emitted = emitted,
};
