/* SPDX-License-Identifier: Apache-2.0 */
/* acl_print.c - the plan as canonical JSON */
#include <config.h>

#include "acl_plan.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "json.h"

/*
 * Written piece by piece in the order of keys that canonical JSON has
 * (json.h), since there may be tens of thousands of entries.
 */
struct print {
	struct arena	*a;
	const struct bound_policy *b;
	const struct acl_plan *plan;
	const struct acl_permissions *p;
	struct sbuf	*out;
	struct strmap	*numbers;	/* position in `rules', from 1, by the origin's address */
	struct { const struct ir_origin **v; size_t len, cap; } rules;
};

static const char *
path_text(struct print *w, const struct acl_plan_place *p)
{
	const char *text = acl_path_text(w->a, p->path);
	return p->above ? arena_printf(w->a, "%s%s", text, acl_above) : text;
}

static const char *
kind_text(bool directory, bool link)
{
	return link ? "link" : directory ? "directory" : "file";
}

static const char *
flags_of(const struct acl_plan_place *p, enum acl_purpose purpose)
{
	return acl_inherits(p) || purpose == ACL_READ_PROFILE ? acl_purpose_row(purpose)->flags : "";
}

static void
put_rule(struct print *w, const struct ir_origin *o)
{
	const char *key = arena_printf(w->a, "%p", (const void *)o);
	size_t n = o == NULL ? 0 : (size_t)(uintptr_t)strmap_get(w->numbers, key, strlen(key));

	if (o == NULL) {
		sbuf_puts(w->out, "null");
		return;
	}
	if (n == 0) {
		VEC_PUSH(w->a, &w->rules, o);
		n = w->rules.len;
		strmap_put_kept(w->numbers, key, strlen(key), (void *)(uintptr_t)n);
	}
	sbuf_printf(w->out, "%zu", n - 1);
}

static void
put_rules(struct print *w)
{
	sbuf_puts(w->out, ",\"rules\":[");
	for (size_t i = 0; i < w->rules.len; i++) {
		const struct ir_origin *o = w->rules.v[i];
		const char *name = o->span.source < w->b->ir->sources.len ?
		    w->b->ir->sources.v[o->span.source].name : "";
		sbuf_puts(w->out, i > 0 ? ",{\"at\":" : "{\"at\":");
		json_write_text(w->out, o->span.line == 0 ? name : arena_printf(w->a, "%s:%u:%u", name,
		    (unsigned)o->span.line, (unsigned)o->span.column));
		sbuf_puts(w->out, ",\"text\":");
		json_write_text(w->out, o->text != NULL ? o->text : "");
		sbuf_addc(w->out, '}');
	}
	sbuf_addc(w->out, ']');
}

/* ---- places ---- */

static void
put_entry(struct print *w, const struct acl_plan_place *p, const struct acl_entry *e)
{
	const struct acl_purpose_row *row = acl_purpose_row(e->purpose);

	sbuf_printf(w->out, "{\"flags\":\"%s\",\"for\":\"%s\",\"mask\":\"%s\",\"rule\":",
	    flags_of(p, e->purpose), row->name, row->mask);
	put_rule(w, e->origin);
	sbuf_printf(w->out, ",\"to\":\"%s\",\"type\":\"%s\"}", acl_principal_name(w->a, e->who),
	    row->deny ? "deny" : "allow");
}

static void
put_places(struct print *w)
{
	sbuf_puts(w->out, ",\"places\":[");
	for (size_t i = 0; i < w->plan->places.len; i++) {
		const struct acl_plan_place *p = &w->plan->places.v[i];
		sbuf_puts(w->out, i > 0 ? ",{" : "{");
		for (size_t k = 0; p->profile && k < w->p->private.len; k++) {
			sbuf_puts(w->out, k == 0 ? "\"children_but\":[" : ",");
			json_write_text(w->out, w->p->private.v[k].path);
		}
		sbuf_puts(w->out, p->profile ? "],\"entries\":[" : "\"entries\":[");
		for (size_t k = 0; k < p->entries.len; k++) {
			sbuf_puts(w->out, k > 0 ? "," : "");
			put_entry(w, p, &p->entries.v[k]);
		}
		sbuf_printf(w->out, "],\"is\":\"%s\",\"make\":%s,\"path\":",
		    kind_text(p->directory, p->link), p->make ? "true" : "false");
		json_write_text(w->out, path_text(w, p));
		sbuf_addc(w->out, '}');
	}
	sbuf_addc(w->out, ']');
}

/* "TYPE MASK FLAGS PATH", as cdxp-acl(5) has it. */
static void
add_line(struct print *w, struct sbuf *lines, const struct acl_plan_place *p,
    enum acl_purpose purpose)
{
	const struct acl_purpose_row *row = acl_purpose_row(purpose);

	sbuf_printf(lines, "%s %s %s ", row->deny ? "deny" : "allow", row->mask, flags_of(p, purpose));
	sbuf_puts(lines, path_text(w, p));
	sbuf_addc(lines, '\n');
}

static void
put_reads(struct print *w)
{
	struct sbuf lines = SBUF_INIT;
	char hex[65];

	if (w->p->user_reads) {
		sbuf_puts(w->out, ",\"reads\":null");
		return;
	}
	for (size_t i = 0; i < w->plan->places.len; i++) {
		const struct acl_plan_place *p = &w->plan->places.v[i];
		for (size_t k = 0; k < p->entries.len; k++)
			if (p->entries.v[k].who == ACL_TO_GROUP &&
			    acl_is_about_reading(p->entries.v[k].purpose, !w->p->public_denied))
				add_line(w, &lines, p, p->entries.v[k].purpose);
	}
	sha256_hex(sbuf_str(&lines), lines.len, hex);
	sbuf_free(&lines);
	sbuf_printf(w->out, ",\"reads\":\"%s\"", hex);
}

static void
put_roots(struct print *w)
{
	size_t n = w->p->write_roots.len;
	struct sbuf *lines = arena_array(w->a, n + 1, sizeof(*lines));
	char hex[65];

	for (size_t i = 0; i < w->plan->places.len; i++) {
		const struct acl_plan_place *p = &w->plan->places.v[i];
		for (size_t k = 0; k < p->entries.len; k++)
			if (p->entries.v[k].who >= ACL_TO_CAPABILITY)
				add_line(w, &lines[p->entries.v[k].who - ACL_TO_CAPABILITY], p,
				    p->entries.v[k].purpose);
	}
	sbuf_puts(w->out, ",\"roots\":[");
	for (size_t i = 0; i < n; i++) {
		const struct acl_spot *s = &w->p->write_roots.v[i].spot;
		sha256_hex(sbuf_str(&lines[i]), lines[i].len, hex);
		sbuf_free(&lines[i]);
		sbuf_printf(w->out, "%s{\"hash\":\"%s\",\"is\":\"%s\",\"path\":", i > 0 ? "," : "", hex,
		    kind_text(s->directory, s->link));
		json_write_text(w->out, acl_path_text(w->a, s->path));
		sbuf_puts(w->out, ",\"rule\":");
		put_rule(w, s->origin);
		sbuf_addc(w->out, '}');
	}
	sbuf_addc(w->out, ']');
}

static void
put_denied(struct print *w)
{
	sbuf_puts(w->out, "],\"backend\":\"");
	sbuf_puts(w->out, w->p->elevated ? acl_elevated : acl_unelevated);
	sbuf_printf(w->out, "\",\"binding\":\"%s\",\"denied\":[", w->b->generic &&
	    w->p->cwd != NULL && w->p->cwd[1] == '@' ? "generic" : "host");
	for (size_t i = 0; i < w->p->denied.len; i++) {
		sbuf_puts(w->out, i > 0 ? "," : "");
		json_write_text(w->out, acl_path_text(w->a, w->p->denied.v[i].path));
	}
	sbuf_addc(w->out, ']');
}

/* ---- the process ---- */

static void
put_network(struct print *w)
{
	static const char *const names[] = {
		[ACL_ONLINE] = "online", [ACL_OFFLINE] = "offline", [ACL_ADVISORY] = "advisory",
	};
	const char *gap = "";

	sbuf_puts(w->out, ",\"junction\":");
	if (w->p->elevated)
		json_write_text(w->out, acl_path_text(w->a, w->p->cwd));
	else
		sbuf_puts(w->out, "null");
	sbuf_puts(w->out, ",\"network\":{\"environment\":[");
	for (size_t i = 0; i < w->p->environment.len; i++) {
		sbuf_printf(w->out, "%s{\"name\":\"%s\",\"value\":", i > 0 ? "," : "",
		    w->p->environment.v[i].name);
		json_write_text(w->out, w->p->environment.v[i].value);
		sbuf_addc(w->out, '}');
	}
	sbuf_printf(w->out, "],\"identity\":\"%s\",\"proxy_ports\":[", names[w->p->identity]);
	for (size_t i = 0; i < NELEMS(w->p->proxy_port); i++)
		if (w->p->proxy_port[i] != 0) {
			sbuf_printf(w->out, "%s%u", gap, w->p->proxy_port[i]);
			gap = ",";
		}
	sbuf_puts(w->out, "]}");
}

static void
put_token(struct print *w)
{
	struct { uint32_t *v; size_t len, cap; } who = { NULL, 0, 0 };
	const struct acl_permissions *p = w->p;

	for (uint32_t i = 0; i < p->write_roots.len; i++)
		VEC_PUSH(w->a, &who, ACL_TO_CAPABILITY + i);
	if (p->write_roots.len == 0)
		VEC_PUSH(w->a, &who, ACL_TO_READONLY);
	if (p->elevated)
		VEC_PUSH(w->a, &who, ACL_TO_SANDBOX_USER);
	VEC_PUSH(w->a, &who, ACL_TO_LOGON);
	if (p->everyone)
		VEC_PUSH(w->a, &who, ACL_TO_EVERYONE);
	sbuf_puts(w->out, ",\"status\":\"exact\",\"token\":{\"default_dacl\":[");
	for (size_t i = 0; i < who.len; i++)
		sbuf_printf(w->out, "%s{\"mask\":\"0x10000000\",\"to\":\"%s\"}", i > 0 ? "," : "",
		    acl_principal_name(w->a, who.v[i]));
	sbuf_puts(w->out, "],\"flags\":[\"DISABLE_MAX_PRIVILEGE\",\"LUA_TOKEN\",\"WRITE_RESTRICTED\"],"
	    "\"privileges\":[\"SeChangeNotifyPrivilege\"],\"restricting\":[");
	for (size_t i = 0; i < who.len; i++)
		sbuf_printf(w->out, "%s\"%s\"", i > 0 ? "," : "", acl_principal_name(w->a, who.v[i]));
	sbuf_puts(w->out, "]}}");
}

void
acl_print(struct arena *a, const struct bound_policy *b, const struct acl_plan *plan,
    struct sbuf *out)
{
	struct print w = { .a = a, .b = b, .plan = plan, .p = plan->permissions, .out = out,
	    .numbers = strmap_new(a) };

	sbuf_puts(out, "{\"acl\":1,\"audits\":[");
	acl_print_audits(a, plan, out);
	put_denied(&w);
	put_network(&w);
	put_places(&w);
	put_reads(&w);
	put_roots(&w);
	put_rules(&w);
	put_token(&w);
}
