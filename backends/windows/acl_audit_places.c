/* SPDX-License-Identifier: Apache-2.0 */
/* acl_audit_places.c - what is looked for once the entries are set, and where (spec 3.4) */
#include <config.h>

#include "acl_plan.h"

#include "arena.h"
#include "json.h"

/* A sandbox that starts in seconds; what is beyond is in the report. */
enum { AUDIT_ENTRIES = 1000, AUDIT_SECONDS = 2, AUDIT_CHECKS = 50000 };

struct places {
	struct arena	*a;
	struct sbuf	*out;
	size_t		 n;
};

static void
begin(struct places *w)
{
	sbuf_addc(w->out, '{');
	w->n = 0;
}

static void
put_place(struct places *w, const char *text, bool all)
{
	sbuf_printf(w->out, "%s{\"depth\":%s,\"path\":", w->n++ > 0 ? "," : "", all ? "null" : "1");
	json_write_text(w->out, text);
	sbuf_addc(w->out, '}');
}

static void
put_denies(struct places *w, const struct acl_permissions *p, enum acl_purpose purpose)
{
	const struct acl_purpose_row *row = acl_purpose_row(purpose);
	size_t n = p->write_roots.len;

	sbuf_puts(w->out, "\"deny\":[");
	if (purpose == ACL_DENIED) {
		sbuf_printf(w->out, "{\"flags\":\"%s\",\"mask\":\"%s\",\"to\":\"group\"}]", row->flags,
		    row->mask);
		return;
	}
	for (uint32_t i = 0; i < (n > 0 ? n : 1); i++)
		sbuf_printf(w->out, "%s{\"flags\":\"%s\",\"mask\":\"%s\",\"to\":\"%s\"}", i > 0 ? "," : "",
		    row->flags, row->mask,
		    acl_principal_name(w->a, n > 0 ? ACL_TO_CAPABILITY + i : (uint32_t)ACL_TO_READONLY));
	sbuf_addc(w->out, ']');
}

static void
put_limits(struct places *w, const char *mask, const char *name)
{
	sbuf_printf(w->out, ",\"limits\":{\"checks\":%d,\"entries\":%d,\"seconds\":%d},"
	    "\"mask\":\"%s\",\"name\":\"%s\",\"places\":[", AUDIT_CHECKS, AUDIT_ENTRIES, AUDIT_SECONDS,
	    mask, name);
}

static void
put_end(struct places *w, const char *principals, bool required)
{
	sbuf_printf(w->out, "],\"principals\":[%s],\"required\":%s}", principals,
	    required ? "true" : "false");
}

/* Where programs keep what others may use, and where the command is likely to look. */
static void
put_common(struct places *w, const struct acl_permissions *p, bool system)
{
	static const char *const known[] = { "@temp", "@public", "@path", "@system", "@windows" };
	size_t n = NELEMS(known) - !system;

	put_place(w, acl_path_text(w->a, p->cwd), false);
	if (p->home != NULL)
		put_place(w, acl_path_text(w->a, p->home), false);
	for (size_t i = 0; i < n; i++)
		put_place(w, known[i], false);
}

/* What lies in a carve-out or a denied place with entries of its own, which count before inherited ones. */
static void
put_inside(struct places *w, const struct acl_permissions *p)
{
	bool any = p->denied.len > 0;

	for (size_t i = 0; i < p->write_roots.len; i++)
		any |= p->write_roots.v[i].carve_outs.len > 0;
	if (!any)
		return;
	begin(w);
	put_denies(w, p, ACL_CARVE_OUT);
	put_limits(w, acl_purpose_row(ACL_CARVE_OUT)->mask, "inside");
	for (size_t i = 0; i < p->write_roots.len; i++)
		for (size_t k = 0; k < p->write_roots.v[i].carve_outs.len; k++)
			put_place(w, acl_path_text(w->a, p->write_roots.v[i].carve_outs.v[k].path), true);
	for (size_t i = 0; i < p->denied.len; i++)
		put_place(w, acl_path_text(w->a, p->denied.v[i].path), true);
	put_end(w, p->everyone ? "\"logon\",\"everyone\"" : "\"logon\"", false);
	sbuf_addc(w->out, ',');
}

void
acl_print_audits(struct arena *a, const struct acl_plan *plan, struct sbuf *out)
{
	const struct acl_permissions *p = plan->permissions;
	struct places w = { .a = a, .out = out };

	put_inside(&w, p);
	if (p->public_denied) {
		begin(&w);
		put_denies(&w, p, ACL_DENIED);
		put_limits(&w, "0xA9", "public-read");
		/* Nothing starts where the system's own directory is denied. */
		put_common(&w, p, false);
		put_end(&w, "\"users\",\"authenticated-users\",\"everyone\"", false);
		sbuf_addc(out, ',');
	}
	begin(&w);
	put_denies(&w, p, ACL_CARVE_OUT);
	/* Whoever may delete it, or change who may do what, can write it as well. */
	put_limits(&w, acl_purpose_row(ACL_CARVE_OUT)->mask, "world-writable");
	put_common(&w, p, true);
	put_end(&w, p->everyone ? "\"logon\",\"everyone\"" : "\"logon\"", p->everyone);
}
