/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap.c - policy to proved bwrap arguments */
#include <config.h>

#include "bwrap.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bwrap_model.h"
#include "crosscheck.h"
#include "effective.h"
#include "mount_plan.h"
#include "proxy_url.h"

enum {
	/* bwrap's own MAX_ARGS, less what the runtime adds for itself. */
	MAX_ARTIFACT_ARGS = 9000 - 64,
};

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

/*
 * A rule that denies sockets where the command can move them, to where they
 * are allowed: what is pinned is a mount, out of which nothing is moved.
 */
static const struct bound_socket *
movable_denial(const struct bound_policy *b, const struct decide_fs *d)
{
	bool any = b->ir->network.all_sockets;

	for (size_t i = 0; i < b->sockets.len; i++)
		any |= b->sockets.v[i].allow;
	for (size_t i = 0; any && i < b->sockets.len; i++)
		if (!b->sockets.v[i].allow) {
			const struct fs_verdict v = decide_fs(d, b->sockets.v[i].path);
			if (v.writable && !v.pinned)
				return &b->sockets.v[i];
		}
	return NULL;
}

/* Where the managed proxy listens: a sandbox has its loopback and nothing else. */
static int
check_proxy(struct arena *a, const struct ir_network *n, struct artifact *out)
{
	const char *const url[] = { n->proxy_url, n->enable_socks5 ? n->socks_url : NULL };
	struct net_address address;
	struct proxy_url u;
	const char *why = NULL;

	for (size_t i = 0; i < NELEMS(url); i++) {
		if (url[i] == NULL)
			continue;
		if (proxy_url_read(a, url[i], &u, &why) != 0 || u.user != NULL ||
		    !proxy_url_listens(&u, &address))
			return refuse(out, arena_printf(a, "the managed proxy cannot be at \"%s\": the "
			    "sandbox has its own loopback and nothing else; write %s://127.0.0.1:PORT", url[i],
			    i == 0 ? "http" : "socks5h"), NULL, &n->origin);
	}
	return 0;
}

/*
 * What this version cannot enforce is refused, never ignored (spec 2.8).
 * Where the network is open connect(2) is nobody's business but the kernel's.
 */
static int
check_scope(struct arena *a, const struct bound_policy *b, const struct decide_fs *d,
    struct artifact *out)
{
	const struct ir_policy *ir = b->ir;
	const struct ir_network *n = &ir->network;
	const struct bound_socket *s;
	if (ir->unsandboxed)
		return refuse(out, "this profile asks for no sandbox at all", NULL, NULL);
	if (n->mode == NET_PROXIED && check_proxy(a, n, out) != 0)
		return -1;
	if (n->mode != NET_OFF && n->mitm != NULL)
		return refuse(out, "\"mitm\" needs a proxy that looks into TLS, which this version does "
		    "not have", NULL, &n->origin);
	if (n->has_sockets && n->mode == NET_OPEN)
		return refuse(out, "\"unix_sockets\" beside an open network cannot be enforced: "
		    "leave it out, or switch the network off", NULL,
		    n->sockets.len > 0 ? &n->sockets.v[0].origin : &n->origin);
	if ((s = movable_denial(b, d)) != NULL)
		return refuse(out, "the command could move this socket to where it is allowed: "
		    "give the place \"read\" in \"filesystem\"",
		    arena_printf(a, "rename %s", s->path), s->origin);
	return 0;
}

/* The facts as they are once the runtime has made the stubs. */
static struct fact_list
facts_with_stubs(struct arena *a, const struct bound_policy *b, const struct artifact *out)
{
	struct fact_list l = bound_facts(b);
	struct fact *f = arena_array(a, l.len + 1, sizeof(*f));
	if (l.len > 0)
		memcpy(f, l.v, l.len * sizeof(*f));
	l.v = f;
	for (size_t i = 0; i < l.len; i++)
		if (f[i].stub)
			f[i].kind = NODE_MISSING;
	for (size_t i = 0; i < out->stubs.len; i++) {
		const struct fact *s = fact_find(&l, out->stubs.v[i].path);
		if (s != NULL)
			f[s - l.v].kind = out->stubs.v[i].dir ? NODE_DIR : NODE_FILE;
	}
	return l;
}

static const char *
base_breach(const struct bwrap_model *m, bool net, bool outer_userns)
{
	if (m->user == outer_userns)
		return "the user namespace is not as planned";
	if (!m->pid || !m->ipc || !m->uts)
		return "a namespace of its own is missing";
	if (m->net != net)
		return "the network namespace is not as the policy says";
	if (!m->dies_with_parent)
		return "the sandbox would outlive the runtime";
	if (!m->caps_dropped || m->caps_kept != (outer_userns ? 0xfu : 0))
		return "capabilities are not as planned";
	if (!m->proc || !m->dev || !m->shm)
		return "/proc, /dev or /dev/shm of its own is missing";
	if (!m->proc_frozen)
		return "the kernel's settings below /proc would be writable";
	return NULL;
}

/* The rule with the most mounts is the one to look at when there are too many. */
static int
too_many(struct arena *a, const struct mount_plan *p, size_t nargs, struct artifact *out)
{
	const struct ir_origin *worst = NULL;
	size_t most = 0, run = 0;
	for (size_t i = 0; i < p->ops.len; i++) {
		bool same = i > 0 && p->ops.v[i].origin == p->ops.v[i - 1].origin;
		run = same ? run + 1 : 1;
		if (p->ops.v[i].origin != NULL && run > most) {
			most = run;
			worst = p->ops.v[i].origin;
		}
	}
	return refuse(out, arena_printf(a, "%zu arguments are more than bwrap takes (%d); "
	    "this rule costs most: deny the directory instead of what is in it",
	    nargs, MAX_ARTIFACT_ARGS), NULL, worst);
}

static void
deviate_once(struct arena *a, struct artifact *out, const char *name,
    enum deviation_direction dir, const struct mount_op *op, const char *detail)
{
	for (size_t i = 0; i < out->deviations.len; i++)
		if (strcmp(out->deviations.v[i].name, name) == 0) {
			if (op->origin != NULL && op->origin != out->deviations.v[i].origin)
				VEC_PUSH(a, &out->deviation_rules,
				    ((struct deviation_rule){ name, op->origin }));
			return;
		}
	struct deviation d = { name, dir, mount_op_path(a, op), detail, op->origin };
	VEC_PUSH(a, &out->deviations, d);
}

/* Only an empty place of the sandbox's own is for everybody. */
static bool
is_mask(const struct mount_op *op)
{
	return op->kind == MOUNT_MASK_FILE || (op->kind == MOUNT_TMPFS && op->perms != 01777);
}

/* What follows from the kinds of mounts alone (spec 3.1); the first place stands for all. */
static void
list_deviations(struct arena *a, const struct mount_plan *p, struct artifact *out)
{
	for (size_t i = 0; i < p->ops.len; i++) {
		const struct mount_op *op = &p->ops.v[i];
		if (op->kind == MOUNT_MASK_FILE)
			deviate_once(a, out, "mask-gap", DEVIATION_WIDER, op,
			    "a denied file that the host replaces during the run can be read for a moment, "
			    "until it is denied again");
		if (is_mask(op))
			deviate_once(a, out, "mask-stat", DEVIATION_NARROWER, op,
			    "stat shows the mask, not what lies under it");
		if (op->kind == MOUNT_BIND_RW && op->inner)
			deviate_once(a, out, "exdev", DEVIATION_NARROWER, op,
			    "a rename or hard link across it gives EXDEV, which programs answer by copying");
	}
}

static void
list_sources(struct arena *a, const struct mount_plan *p, struct artifact *out)
{
	for (size_t i = 0; i < p->ops.len; i++) {
		enum mount_kind k = p->ops.v[i].kind;
		if (k == MOUNT_BIND_RO || k == MOUNT_BIND_RW || k == MOUNT_BIND_DEV)
			VEC_PUSH(a, &out->sources, mount_op_path(a, &p->ops.v[i]));
	}
}

static void
list_masks(struct arena *a, const struct mount_plan *p, struct artifact *out)
{
	for (size_t i = 0; i < p->ops.len; i++) {
		const struct mount_op *op = &p->ops.v[i];
		if (is_mask(op) || (op->kind == MOUNT_BIND_RO && op->narrower))
			VEC_PUSH(a, &out->masks, ((struct mask_place){ mount_op_path(a, op),
			    op->kind == MOUNT_BIND_RO, op->kind == MOUNT_TMPFS ? op->perms : 0,
			    false }));
	}
}

int
bwrap_prove(struct arena *a, const struct bound_policy *b, const struct region *effective,
    const struct backend_options *opt, struct artifact *out)
{
	struct bwrap_model m;
	const char *why = NULL;
	const struct fact_list facts = facts_with_stubs(a, b, out);
	if (bwrap_model_read(a, out->bytes.p, out->bytes.len, &facts, &m, &why) != 0)
		return refuse(out, why, NULL, NULL);
	why = base_breach(&m, b->ir->network.mode != NET_OPEN, opt->outer_userns);
	if (why != NULL)
		return refuse(out, why, NULL, NULL);
	struct refusal r;
	if (crosscheck_regions(a, b, effective, m.root, &r) != 0)
		return refuse(out, r.reason, r.witness, r.origin);
	return 0;
}

static int
compile_within(struct arena *a, const struct bound_policy *b, const struct backend_options *opt,
    size_t max_args, struct artifact *out)
{
	*out = (struct artifact){ .refused = false };
	const struct decide_fs *d = opt->decide != NULL ? opt->decide : decide_fs_build(a, b);
	if (check_scope(a, b, d, out) != 0)
		return -1;
	const struct region *effective = effective_build(a, d, out);
	if (effective == NULL)
		return -1;
	struct mount_plan plan = { .unshare_net = false };
	mount_plan(a, effective, opt, b->ir->network.mode, &plan);
	size_t nargs = bwrap_count(&plan);
	if (nargs > max_args)
		return too_many(a, &plan, nargs, out);
	struct refusal wider;
	if (effective_check(a, d, effective, &wider) != 0)
		return refuse(out, wider.reason, wider.witness, wider.origin);
	bwrap_print(a, &plan, &out->bytes);
	list_sources(a, &plan, out);
	list_masks(a, &plan, out);
	list_deviations(a, &plan, out);
	if (opt->signals_leave)
		VEC_PUSH(a, &out->deviations, ((struct deviation){ "group-signals", DEVIATION_WIDER, NULL,
		    "the command can signal the caller's process group, which it shares for job control: "
		    "the kernel has no scope for signals (Landlock, Linux 6.12)", NULL }));
	return bwrap_prove(a, b, effective, opt, out);
}

static int
compile(struct arena *a, const struct bound_policy *b, const struct backend_options *opt,
    struct artifact *out)
{
	return compile_within(a, b, opt, MAX_ARTIFACT_ARGS, out);
}

static int
compile_unlimited(struct arena *a, const struct bound_policy *b,
    const struct backend_options *opt, struct artifact *out)
{
	return compile_within(a, b, opt, SIZE_MAX, out);
}

/* As a shell would take them. */
static const char *
shown_args(struct arena *a, struct slice args)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789@%+=:,./_-";
	struct sbuf out = SBUF_INIT;

	for (const char *p = args.p; p < args.p + args.len; p += strlen(p) + 1) {
		bool bare = *p != '\0' && p[strspn(p, plain)] == '\0';
		if (out.len > 0)
			sbuf_addc(&out, ' ');
		if (!bare)
			sbuf_addc(&out, '\'');
		for (const char *c = p; *c != '\0'; c++)
			if (*c == '\'')
				sbuf_puts(&out, "'\\''");
			else
				sbuf_addc(&out, *c);
		if (!bare)
			sbuf_addc(&out, '\'');
	}
	const char *text = arena_strdup(a, sbuf_str(&out));
	sbuf_free(&out);
	return text;
}

/* The option that mounts, and where it was made read-only later that one too. */
static const char *
shown_text(struct arena *a, const struct bwrap_shown *s)
{
	if (s->mount.p != NULL && s->freeze.p != NULL)
		return arena_printf(a, "%s ... %s", shown_args(a, s->mount),
		    shown_args(a, s->freeze));
	if (s->mount.p == NULL && s->freeze.p == NULL)
		return NULL;
	return shown_args(a, s->mount.p != NULL ? s->mount : s->freeze);
}

static void
emitted(struct arena *a, const struct bound_policy *b, const struct artifact *art,
    enum emitted_what what, const char *path, struct emitted *out)
{
	struct bwrap_model m;
	struct bwrap_shown shown;
	const char *why = NULL;
	const struct fact_list facts = facts_with_stubs(a, b, art);

	*out = (struct emitted){ .access = ACCESS_DENY };
	/* It was read before, when it was proved. */
	if (bwrap_model_read(a, art->bytes.p, art->bytes.len, &facts, &m, &why) != 0) {
		out->means = why;
		return;
	}
	switch (what) {
	case EMITTED_PATH:
		bwrap_model_shown(a, &m, path, &shown);
		*out = (struct emitted){ shown_text(a, &shown), shown.means, shown.access };
		break;
	case EMITTED_NETWORK:
		out->text = m.net ? "--unshare-net" : NULL;
		out->means = m.net ? "a network of its own, with nothing in it but its loopback" :
		    "no argument: the host's network, as it is";
		break;
	case EMITTED_SOCKETS:
		out->means = m.net ? "no argument: the system call filter that goes with it has every "
		    "connection made, or refused, by the runtime" :
		    "no argument: a socket that can be seen can be connected to";
		break;
	}
}

const struct backend backend_builtin = {
	.name = "builtin",
	.target = TARGET_LINUX,
	.use = BACKEND_BY_NAME,	/* the same arguments as bwrap's */
	.compile = compile_unlimited,
	.emitted = emitted,
};

const struct backend backend_bwrap = {
	.name = "bwrap",
	.target = TARGET_LINUX,
	.compile = compile,
	.emitted = emitted,
};
