/* SPDX-License-Identifier: Apache-2.0 */
/* acl_backend.c - policy to proved plan of access control entries */
#include <config.h>

#include "acl_backend.h"

#include <string.h>

#include "acl_effective.h"
#include "acl_model.h"
#include "acl_permissions.h"
#include "acl_plan.h"
#include "acl_refuse.h"
#include "arena.h"
#include "crosscheck.h"

/* "write /c:/a" as "write c:\a". */
static const char *
witness_text(struct arena *a, const char *witness)
{
	const char *path = witness != NULL ? strchr(witness, '/') : NULL;

	return path == NULL ? witness :
	    arena_printf(a, "%.*s%s", (int)(path - witness), witness, acl_path_text(a, path));
}

int
acl_prove(struct arena *a, const struct bound_policy *b, const struct region *effective,
    const struct acl_permissions *p, struct artifact *out)
{
	struct acl_model m;
	const char *why = NULL;
	struct refusal r;
	bool off = b->ir->network.mode != NET_OPEN;

	if (acl_model_read(a, out->bytes.p, out->bytes.len, &m, &why) != 0)
		return acl_refuse(out, NULL, NULL, why);
	if (m.elevated != p->elevated)
		return acl_refuse(out, NULL, NULL, "the plan is for another backend");
	if (m.breach != NULL)
		return acl_refuse(out, NULL, m.breach, arena_printf(a, "what the plan names so %s",
		    m.breach_what));
	if (strcmp(m.identity, !off ? "online" : p->elevated ? "offline" : "advisory") != 0)
		return acl_refuse(out, NULL, NULL, "the network is not as the policy says");
	if (memcmp(m.proxy_port, p->proxy_port, sizeof(m.proxy_port)) != 0 || m.everyone != p->everyone)
		return acl_refuse(out, NULL, NULL, "ports or restricting SIDs are not as planned");
	if (crosscheck_regions(a, b, effective, m.root, &r) != 0)
		return acl_refuse(out, r.origin, witness_text(a, r.witness), r.reason);
	return 0;
}

/*
 * A token has a little over a thousand groups at the most (MaxTokenSize), and
 * a DACL 64 KiB, in which an entry for a capability takes 36 bytes.
 */
enum { MAX_ROOTS = 1000, MAX_ENTRIES = 1500 };

static int
check_limits(struct arena *a, const struct acl_permissions *p, const struct acl_plan *plan,
    struct artifact *out)
{
	if (p->write_roots.len > MAX_ROOTS)
		return acl_refuse(out, p->write_roots.v[MAX_ROOTS].spot.origin, NULL, arena_printf(a,
		    "%zu separate places to write are more than a token of Windows can name (%d): give a "
		    "directory that holds several", p->write_roots.len, MAX_ROOTS));
	for (size_t i = 0; i < plan->places.len; i++)
		if (plan->places.v[i].entries.len > MAX_ENTRIES)
			return acl_refuse(out, plan->places.v[i].entries.v[0].origin, NULL, arena_printf(a,
			    "%s would get %zu entries, more than fit into an access control list (%d): there are "
			    "too many places to write below it", acl_path_text(a, plan->places.v[i].path),
			    plan->places.v[i].entries.len, MAX_ENTRIES));
	return 0;
}

static int
compile(struct arena *a, const struct bound_policy *b, const struct backend_options *opt,
    bool elevated, struct artifact *out)
{
	struct acl_permissions permissions;
	struct acl_plan plan;

	*out = (struct artifact){ .is_json = true };
	const struct decide_fs *d = opt->decide != NULL ? opt->decide : decide_fs_build(a, b);
	const struct region *effective = acl_effective(a, d, elevated, out);
	if (effective == NULL ||
	    acl_permissions(a, d, effective, elevated, opt, &permissions, out) != 0)
		return -1;
	acl_plan(a, &permissions, &plan);
	if (check_limits(a, &permissions, &plan, out) != 0)
		return -1;
	acl_print(a, b, &plan, &out->bytes);
	return acl_prove(a, b, effective, &permissions, out);
}

static int
compile_elevated(struct arena *a, const struct bound_policy *b,
    const struct backend_options *opt, struct artifact *out)
{
	return compile(a, b, opt, true, out);
}

static int
compile_unelevated(struct arena *a, const struct bound_policy *b,
    const struct backend_options *opt, struct artifact *out)
{
	return compile(a, b, opt, false, out);
}

static const char *
network_means(const struct acl_model *m)
{
	if (strcmp(m->identity, "online") == 0)
		return m->elevated ? "the user whose network is open" : "the user's own network, as it is";
	return m->elevated ? "the user whom the firewall of this machine lets reach the proxy's ports and "
	    "nothing else" : "nothing confines it: programs are asked by variables";
}

static void
emitted(struct arena *a, const struct bound_policy *b, const struct artifact *art,
    enum emitted_what what, const char *path, struct emitted *out)
{
	static const char *const means[] = {
		[ACCESS_DENY] = "nothing grants it to the sandbox's users",
		[ACCESS_READ] = "read, but no entry lets a restricting SID write",
		[ACCESS_WRITE] = "both the user and a capability of the token may write",
	};
	struct acl_model m;
	const char *why = NULL;

	(void)b;
	*out = (struct emitted){ .access = ACCESS_DENY };
	/* It was read before, when it was proved. */
	if (acl_model_read(a, art->bytes.p, art->bytes.len, &m, &why) != 0) {
		out->means = why;
		return;
	}
	switch (what) {
	case EMITTED_PATH:
		out->text = acl_model_shown(a, &m, path, &out->access);
		out->means = out->access == ACCESS_READ && !m.elevated ?
		    "the user's own reading, and nothing that lets a restricting SID write" :
		    means[out->access];
		break;
	case EMITTED_NETWORK:
		out->text = arena_printf(a, "identity %s", m.identity);
		out->means = network_means(&m);
		break;
	case EMITTED_SOCKETS:
		out->means = "no entry of its own: who may write a socket's file may connect to it";
		break;
	}
}

const struct backend backend_windows_elevated = {
	.name = acl_elevated,
	.target = TARGET_WINDOWS,
	.use = BACKEND_REPORTED,	/* of ten thousand places the plan alone has megabytes */
	.no_warning = true,
	.compile = compile_elevated,
	.emitted = emitted,
};

const struct backend backend_windows_unelevated = {
	.name = acl_unelevated,
	.target = TARGET_WINDOWS,
	.use = BACKEND_REPORTED,
	.for_few = true,
	.compile = compile_unelevated,
	.emitted = emitted,
};
