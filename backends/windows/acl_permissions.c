/* SPDX-License-Identifier: Apache-2.0 */
/* acl_permissions.c - the effective policy, resolved into roots, carve-outs, denied places and identities */
#include <config.h>

#include "acl_permissions.h"

#include <string.h>

#include "acl_refuse.h"
#include "address.h"
#include "arena.h"

struct build {
	struct arena	*a;
	struct acl_permissions *p;
};

static struct acl_spot
spot_of(const struct region *r)
{
	const struct acl_place *p = acl_place_of(r);

	return (struct acl_spot){ p->path, p->kind == NODE_DIR, p->kind == NODE_LINK, p->make,
	    r->why.origin };
}

/* A rule of its own says so, not what holds for what it lies in. */
static bool
is_written(const struct region *r)
{
	return (r->why.kind == WHY_ENTRY || r->why.kind == WHY_PATTERN) &&
	    r->why.origin != r->parent->why.origin;
}

static void
add_denied(struct build *w, const struct region *r)
{
	const struct region *up = r->parent;
	bool private = acl_place_of(up)->profile && !is_written(r);

	if (acl_place_of(r)->kind == NODE_MISSING)
		return;
	/* What is not granted in the first place is denied all the same where a rule says so. */
	if ((up->below != ACCESS_DENY || is_written(r)) && !private && !acl_place_of(r)->profile)
		VEC_PUSH(w->a, &w->p->denied, spot_of(r));
}

static void
add_read(struct build *w, const struct region *r, struct acl_write_root *root, bool cut)
{
	const struct region *up = r->parent;
	const struct acl_place *p = acl_place_of(r);

	if (p->kind == NODE_MISSING)
		return;
	if (w->p->elevated && ((up == NULL || up->below == ACCESS_DENY) ||
	    (is_written(r) && acl_place_of(up)->profile)))
		VEC_PUSH(w->a, &w->p->read_roots, spot_of(r));
	/* Not only below what can be written, but below what is denied in that, too. */
	if (root != NULL && !cut)
		VEC_PUSH(w->a, &root->carve_outs, spot_of(r));
	if (r->below == ACCESS_DENY && p->kind == NODE_DIR)
		VEC_PUSH(w->a, &w->p->denied_below, spot_of(r));
}

/* `root': the innermost that the node lies in; `cut': below a carve-out of it. */
static void
walk(struct build *w, const struct region *r, size_t root, bool cut)
{
	const struct acl_place *p = acl_place_of(r);
	bool top = r->parent != NULL && r->self == ACCESS_WRITE && r->parent->self != ACCESS_WRITE;
	struct acl_write_root *in = root > 0 ? &w->p->write_roots.v[root - 1] : NULL;

	if (p->profile)
		w->p->profile = spot_of(r);
	if (r->parent == NULL) {
		/* The machine itself is no directory. */
	} else if (top && p->kind != NODE_MISSING) {
		VEC_PUSH(w->a, &w->p->write_roots, ((struct acl_write_root){ .spot = spot_of(r) }));
		root = w->p->write_roots.len;
		cut = false;
	} else if (r->self == ACCESS_WRITE && r->pinned) {
		VEC_PUSH(w->a, &in->pinned, spot_of(r));
	} else if (r->self == ACCESS_READ && !p->by_profile) {
		add_read(w, r, in, cut);
		cut = true;
	} else if (r->self == ACCESS_DENY) {
		add_denied(w, r);
	}
	for (size_t i = 0; i < r->nchild; i++)
		walk(w, r->child[i], root, cut);
}

/* Variables that ask programs to leave the network alone; nothing makes them. */
static void
advise(struct build *w, const struct ir_network *n)
{
	static const struct acl_variable off[] = {
		{ "ALL_PROXY", "http://127.0.0.1:9" }, { "CARGO_NET_OFFLINE", "true" },
		{ "GIT_ALLOW_PROTOCOL", "file" }, { "HTTPS_PROXY", "http://127.0.0.1:9" },
		{ "HTTP_PROXY", "http://127.0.0.1:9" }, { "NO_PROXY", "localhost,127.0.0.1,::1" },
		{ "NPM_CONFIG_OFFLINE", "true" }, { "PIP_DISABLE_PIP_VERSION_CHECK", "1" },
		{ "PIP_NO_INDEX", "1" },
	};
	const struct acl_variable proxied[] = {
		{ "ALL_PROXY", n->enable_socks5 ? n->socks_url : n->proxy_url },
		{ "HTTPS_PROXY", n->proxy_url }, { "HTTP_PROXY", n->proxy_url },
		{ "NO_PROXY", "localhost,127.0.0.1,::1" },
	};
	bool is_off = n->mode == NET_OFF;

	for (size_t i = 0; i < (is_off ? NELEMS(off) : NELEMS(proxied)); i++)
		VEC_PUSH(w->a, &w->p->environment, is_off ? off[i] : proxied[i]);
}

static void
deviate(struct build *w, struct artifact *out, const char *name, enum deviation_direction dir,
    const char *detail, const struct ir_origin *o)
{
	struct deviation d = { name, dir, NULL, detail, o };
	VEC_PUSH(w->a, &out->deviations, d);
}

/* Of whom the firewall of the machine plan stops; the ports are the proxy's. */
static int
go_offline(struct build *w, const struct ir_network *n, struct artifact *out)
{
	const char *url[] = { n->proxy_url, n->enable_socks5 ? n->socks_url : NULL };

	w->p->identity = ACL_OFFLINE;
	deviate(w, out, "no-loopback", DEVIATION_NARROWER, "a sandbox has no loopback of its own: its "
	    "sockets are refused", &n->origin);
	deviate(w, out, "resolver", DEVIATION_WIDER, "names are looked up by a service of Windows, which no "
	    "rule for a user concerns: a question for a name can leave the computer", &n->origin);
	for (size_t i = 0; n->mode == NET_PROXIED && i < NELEMS(url); i++) {
		if (url[i] == NULL)
			continue;
		w->p->proxy_port[i] = address_loopback_port(url[i]);
		if (w->p->proxy_port[i] == 0)
			return acl_refuse(out, &n->origin, NULL, "the firewall lets a sandbox reach ports of "
			    "this machine alone, so the proxy must listen there: write "
			    "http://127.0.0.1:PORT");
	}
	return 0;
}

static int
resolve_network(struct build *w, const struct ir_network *n, const struct backend_options *opt,
    struct artifact *out)
{
	if (n->mode != NET_OFF && n->mitm != NULL)
		return acl_refuse(out, &n->origin, NULL, "\"mitm\" needs a proxy that looks into TLS, which "
		    "this version does not have");
	if (n->has_sockets && n->mode == NET_OPEN)
		return acl_refuse(out, n->sockets.len > 0 ? &n->sockets.v[0].origin : &n->origin, NULL,
		    "\"unix_sockets\" beside an open network cannot be enforced: leave it out, or switch "
		    "the network off");
	w->p->identity = ACL_ONLINE;
	if (n->mode == NET_OPEN)
		return 0;
	if (w->p->elevated)
		return go_offline(w, n, out);
	if (!opt->advisory_network)
		return acl_refuse(out, &n->origin, n->mode == NET_OFF ? "connect 192.0.2.1:443" :
		    "connect 192.0.2.1:443 without the proxy", "without elevation nothing confines the "
		    "network.  Three ways on: --advisory-network, which asks programs by variables and is "
		    "no boundary; \"enabled = true\" in the profile's network table; or windows-elevated");
	w->p->identity = ACL_ADVISORY;
	advise(w, n);
	deviate(w, out, "advisory-network", DEVIATION_WIDER, "the network is confined by environment "
	    "variables, which programs may pass over", &n->origin);
	return 0;
}

/* What holds whatever the policy says (spec 3.4). */
static void
list_deviations(struct build *w, struct artifact *out)
{
	if (!w->p->elevated) {
		deviate(w, out, "outside-delete", DEVIATION_WIDER, "what the user may delete through its "
		    "directory can be deleted outside the roots: that right is not put to the restricting "
		    "SIDs", NULL);
		deviate(w, out, "child-pipes", DEVIATION_NARROWER, "named pipes that programs make with the "
		    "default protection refuse their own children: some tools hang", NULL);
	} else if (w->p->public_denied) {
		deviate(w, out, "public-read", DEVIATION_WIDER, "what every user of the machine can read "
		    "outside the roots, and the audit did not find, the command can read", NULL);
	}
	if (!w->p->everyone)
		deviate(w, out, "no-powershell", DEVIATION_NARROWER, "Windows PowerShell does not start "
		    "where Everyone is not among the restricting SIDs", NULL);
}

int
acl_permissions(struct arena *a, const struct decide_fs *d, const struct region *effective,
    bool elevated, const struct backend_options *opt, struct acl_permissions *p,
    struct artifact *out)
{
	const struct bound_policy *b = d->bound;
	struct build w = { .a = a, .p = p };

	*p = (struct acl_permissions){ .elevated = elevated, .everyone = !opt->no_everyone,
	    .user_reads = !elevated, .public_denied = elevated && d->root->below == ACCESS_DENY,
	    .cwd = b->cwd, .home = b->home, .tmpdir = b->tmpdir };
	walk(&w, effective, 0, false);
	for (const char *const *n = acl_private; p->profile.path != NULL && *n != NULL; n++)
		VEC_PUSH(a, &p->private, ((struct acl_spot){ .path = *n }));
	list_deviations(&w, out);
	return resolve_network(&w, &b->ir->network, opt, out);
}
