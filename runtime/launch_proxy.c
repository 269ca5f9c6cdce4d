/* SPDX-License-Identifier: Apache-2.0 */
/* launch_proxy.c - the managed proxy of a launch: whether one is needed, and what speaks against it */
#include <config.h>

#include "launch.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "decide_net.h"
#include "proxy_plan.h"
#include "system.h"

/* The confined must write neither the program that confines it nor the record of what it did. */
static int
check_unwritable(struct arena *a, const struct launch_request *q, const char *what, const char *file,
    struct launch_error *err)
{
	const char *real = system_real_path(a, file);
	if (real == NULL) {
		/* To be made: where would that be? */
		const char *slash = strrchr(file, '/');
		const char *dir = slash == NULL ? "." : slash == file ? "/" :
		    arena_strndup(a, file, (size_t)(slash - file));
		dir = system_real_path(a, dir);
		if (dir == NULL)
			return refuse(err, arena_printf(a, "%s %s: there is no such directory", what, file));
		real = arena_printf(a, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir,
		    slash == NULL ? file : slash + 1);
	}
	struct fs_verdict v = decide_fs(q->decide, real);
	if (!v.writable)
		return 0;
	const char *place = why_place(a, q->bound, &v.why);
	return refuse(err, arena_printf(a, "%s %s: the command could write there (%s%s%s)", what, real,
	    why_text(a, q->bound, &v.why), *place != '\0' ? ", " : "", place));
}

static int
check_forward(struct arena *a, const struct launch_request *q, struct launch_error *err)
{
	static const char *const name[] = { "localhost", "127.0.0.1", "::1" };
	const struct net_rules *rules = q->ir->network.mode == NET_PROXIED ?
	    net_rules_new(a, &q->ir->network) : NULL;

	if (q->nforward > 0 && q->ir->network.mode == NET_OPEN)
		return refuse(err, "--forward: the network is open, so the command reaches this host's "
		    "loopback without it");
	for (size_t i = 0; rules != NULL && i < q->nforward; i++)
		for (size_t k = 0; k < NELEMS(name); k++) {
			struct domain d;
			if (domain_read(a, name[k], q->forward[i], &d) != 0)
				continue;
			const struct net_decision n = decide_net(rules, &d, NULL);
			if (!n.allow && n.reason == NET_BY_RULE)
				return refuse(err, arena_printf(a, "--forward %u: a rule denies %s%s",
				    (unsigned)q->forward[i], name[k], origin_in_brackets(a, q->ir, n.origin)));
		}
	return 0;
}

/* The sandbox is one of another system, or shares its loopback with the host. */
static bool
is_on_host(const struct launch *l)
{
	return l->backend->target == TARGET_MACOS || l->backend->target == TARGET_WINDOWS;
}

/* Not printed for another system; not set up alone. */
static bool
is_run_here(const struct launch *l)
{
	return l->backend->target == launch_target() && (l->request->argv != NULL || l->request->self_test_only);
}

/* 0: none is needed; 1: one is; -1 with *err. */
static int
is_needed(const struct launch *l, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	const bool audit = q->audit_file != NULL || q->audit_fd > 0;
	const bool has_proxy = l->backend != NULL &&
	    (is_on_host(l) || (l->backend->target == TARGET_LINUX && !l->artifact.is_json));

	if (q->nforward > 0 && (!has_proxy || is_on_host(l)))
		return refuse(err, "--forward: only where the sandbox has a network of its own "
		    "(--backend=builtin, --backend=bwrap)");
	if (!has_proxy)
		return audit ? refuse(err, "--audit: there is no managed proxy here") : 0;
	if (q->ir->network.mode == NET_PROXIED || q->nforward > 0)
		return 1;
	return audit ? refuse(err, "--audit: the network is not proxied, so there is nothing to "
	    "decide about") : 0;
}

/* Each run there has a token of its own, which is not known yet: so printed it says what it is. */
static int
plan_on_host(struct arena *a, struct launch *l, struct proxy_request *p, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	const char *why = NULL;

	if (q->audit_fd > 0 && l->backend->target == TARGET_WINDOWS)
		return refuse(err, "--audit-fd: not with this backend; --audit FILE is for the same");
	p->token = q->proxy_token != NULL ? q->proxy_token : "TOKEN";
	p->program = is_run_here(l) ? launch_proxy_program(a, &why) : "cdxp-proxy";
	if (p->program == NULL || proxy_plan_make(a, p, &l->proxy, &why) != 0)
		return refuse(err, why);
	l->proxy->on_host = true;
	/* The firewall was told the ports of the profile. */
	l->proxy->free_ports = strcmp(l->backend->name, "windows-elevated") != 0;
	return 0;
}

int
launch_plan_proxy(struct arena *a, struct launch *l, struct launch_error *err)
{
	const struct launch_request *q = l->request;
	struct proxy_request p = {
		.ir = q->ir, .environment = (const char *const *)q->environment,
		.forward = q->forward, .nforward = q->nforward,
		.audit_file = q->audit_file, .audit_fd = q->audit_fd,
	};
	const char *why = NULL;
	int needed = is_needed(l, err);

	if (needed <= 0 || check_forward(a, q, err) != 0)
		return needed == 0 ? 0 : -1;
	if (is_on_host(l)) {
		if (plan_on_host(a, l, &p, err) != 0)
			return -1;
	} else {
		p.program = launch_proxy_program(a, &why);
		if (p.program == NULL || proxy_plan_make(a, &p, &l->proxy, &why) != 0)
			return refuse(err, why);
	}
	/* Printed for another system, the paths are not those of this one. */
	if (is_on_host(l) && !is_run_here(l))
		return 0;
	if (q->audit_file != NULL && check_unwritable(a, q, "--audit", q->audit_file, err) != 0)
		return -1;
	/* Who can write cdxp-run gains nothing by writing the other. */
	const char *self = launch_program(a);
	l->proxy->at_once = self != NULL && decide_fs(q->decide, self).writable;
	return l->proxy->at_once ? 0 : check_unwritable(a, q, "the managed proxy", p.program, err);
}
