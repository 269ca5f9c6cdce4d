/* SPDX-License-Identifier: Apache-2.0 */
/* win_plan_token.c - a plan from its text: token, network and audits */
#include <config.h>

#include <string.h>

#include "arena.h"
#include "json.h"
#include "win_plan_member.h"

static bool
fixed_words(struct member_reader *r, const cJSON *o, const char *name, const char *const *words, size_t n)
{
	const cJSON *list = json_member(o, name);

	if (!cJSON_IsArray(list) || (size_t)cJSON_GetArraySize(list) != n)
		return member_wrong(r, member_below(r, "token", name), "is not what this version makes tokens with");
	for (size_t i = 0; i < n; i++) {
		const cJSON *v = cJSON_GetArrayItem(list, (int)i);
		if (!cJSON_IsString(v) || strcmp(v->valuestring, words[i]) != 0)
			return member_wrong(r, member_below(r, "token", name), "is not what this version makes tokens with");
	}
	return true;
}

/* Whoever else is among the restricting SIDs opens what he may write: above all the user himself. */
bool
member_token(struct member_reader *r, const cJSON *o)
{
	static const char *const flags[] = { "DISABLE_MAX_PRIVILEGE", "LUA_TOKEN", "WRITE_RESTRICTED" };
	static const char *const privileges[] = { "SeChangeNotifyPrivilege" };
	struct win_plan *p = r->plan;
	const cJSON *list, *row;
	size_t capabilities = 0;

	if (!MEMBER_OBJECT(r, o, "token", 0, "flags", "restricting", "default_dacl", "privileges") ||
	    !fixed_words(r, o, "flags", flags, NELEMS(flags)) ||
	    !fixed_words(r, o, "privileges", privileges, NELEMS(privileges)) ||
	    !member_principals(r, o, "restricting", "token", &p->restricting) ||
	    !member_array(r, o, "default_dacl", "token", WIN_PLAN_ROOTS + PLAN_PRINCIPALS, &list))
		return false;
	for (size_t i = 0; i < p->restricting.len; i++) {
		enum plan_principal who = p->restricting.v[i].who;
		capabilities += who == TO_CAPABILITY || who == TO_READONLY;
		if (who == TO_READONLY && p->roots.len > 0)
			return member_wrong(r, "token.restricting", "has \"readonly\" in a plan with roots");
		if (who != TO_CAPABILITY && who != TO_READONLY && who != TO_LOGON && who != TO_EVERYONE &&
		    !(who == TO_SANDBOX_USER && p->elevated))
			return member_wrong(r, "token.restricting", "has somebody in it whose rights the command must not have");
	}
	if (capabilities != (p->roots.len > 0 ? p->roots.len : 1))
		return member_wrong(r, "token.restricting", "does not have the capability of each root once");
	cJSON_ArrayForEach(row, list) {
		struct plan_grant g;
		if (!MEMBER_OBJECT(r, row, "token.default_dacl", 0, "to", "mask") ||
		    !member_principal_of(r, json_member(row, "to"), "token.default_dacl", &g.to) ||
		    !member_mask(r, json_member(row, "mask"), "token.default_dacl", &g.mask))
			return false;
		VEC_PUSH(r->a, &p->default_dacl, g);
	}
	return true;
}

bool
member_network(struct member_reader *r, const cJSON *o)
{
	static const char *const identities[] = { "online", "offline", "advisory" };
	const cJSON *list, *row;
	unsigned identity;

	if (!MEMBER_OBJECT(r, o, "network", 0, "identity", "proxy_ports", "environment") ||
	    !member_word(r, json_member(o, "identity"), "network.identity", identities, 3, &identity) ||
	    !member_array(r, o, "proxy_ports", "network", 64, &list))
		return false;
	r->plan->identity = identity;
	if ((identity == PLAN_OFFLINE && !r->plan->elevated) || (identity == PLAN_ADVISORY && r->plan->elevated))
		return member_wrong(r, "network.identity", "is none of this backend");
	cJSON_ArrayForEach(row, list) {
		uint32_t port;
		if (!member_number(r, row, "network.proxy_ports", 1, 65535, &port))
			return false;
		VEC_PUSH(r->a, &r->plan->proxy_ports, (uint16_t)port);
	}
	if (!member_array(r, o, "environment", "network", 1000, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_variable v;
		if (!MEMBER_OBJECT(r, row, "network.environment", 0, "name", "value") ||
		    !member_text(r, json_member(row, "name"), "network.environment", &v.name) ||
		    !member_text(r, json_member(row, "value"), "network.environment", &v.value))
			return false;
		if (v.name[0] == '\0' || strchr(v.name, '=') != NULL)
			return member_wrong(r, "network.environment", "has a name that no variable can have");
		VEC_PUSH(r->a, &r->plan->environment, v);
	}
	return true;
}

static bool
audit_place(struct member_reader *r, const cJSON *o, const char *where, struct plan_audit_place *out)
{
	static const char *const known[] = { "@public", "@path", "@temp", "@system", "@windows" };
	const cJSON *depth = json_member(o, "depth");
	uint32_t n = WIN_PLAN_AUDIT_DEPTH;

	if (!MEMBER_OBJECT(r, o, where, 0, "path", "depth") ||
	    !member_text(r, json_member(o, "path"), member_below(r, where, "path"), &out->path) ||
	    (!cJSON_IsNull(depth) && !member_number(r, depth, member_below(r, where, "depth"), 0, WIN_PLAN_AUDIT_DEPTH, &n)))
		return false;
	out->depth = n;
	for (size_t i = 0; i < NELEMS(known); i++)
		if (strcmp(out->path, known[i]) == 0)
			return true;
	return member_path(r, json_member(o, "path"), member_below(r, where, "path"), &out->path);
}

static bool
audit_deny(struct member_reader *r, const cJSON *o, const char *where, struct plan_entry *out)
{
	if (!MEMBER_OBJECT(r, o, where, 0, "to", "mask", "flags") ||
	    !member_principal_of(r, json_member(o, "to"), member_below(r, where, "to"), &out->to) ||
	    !member_mask(r, json_member(o, "mask"), member_below(r, where, "mask"), &out->mask) ||
	    !member_flags(r, json_member(o, "flags"), member_below(r, where, "flags"), &out->flags))
		return false;
	out->type = ACE_DENY;
	out->at = "";
	/* One of the table's that denies: for that kind of principal, with that mask. */
	for (unsigned p = 0; p < PLAN_PURPOSES; p++) {
		out->purpose = p;
		if (plan_entry_check(out, ACL_DIR, r->plan->elevated) == NULL)
			return true;
	}
	return member_wrong(r, where, "is none of the entries that deny");
}

static bool
audit(struct member_reader *r, const cJSON *o, const char *where, struct plan_audit *out)
{
	const cJSON *limits = json_member(o, "limits"), *list, *row;
	uint32_t entries, seconds, checks;

	if (!MEMBER_OBJECT(r, o, where, 0, "name", "principals", "mask", "places", "limits", "deny", "required") ||
	    !member_text(r, json_member(o, "name"), member_below(r, where, "name"), &out->name) ||
	    !member_mask(r, json_member(o, "mask"), member_below(r, where, "mask"), &out->mask) ||
	    !member_flag(r, o, "required", where, &out->required) ||
	    !member_principals(r, o, "principals", where, &out->principals) ||
	    !MEMBER_OBJECT(r, limits, member_below(r, where, "limits"), 0, "entries", "seconds", "checks") ||
	    !member_number(r, json_member(limits, "entries"), member_below(r, where, "limits.entries"), 1, 1000000, &entries) ||
	    !member_number(r, json_member(limits, "seconds"), member_below(r, where, "limits.seconds"), 1, 86400, &seconds) ||
	    !member_number(r, json_member(limits, "checks"), member_below(r, where, "limits.checks"), 1, 100000000, &checks) ||
	    !member_array(r, o, "places", where, WIN_PLAN_PLACES, &list))
		return false;
	out->entries = entries;
	out->seconds = seconds;
	out->checks = checks;
	cJSON_ArrayForEach(row, list) {
		struct plan_audit_place p;
		if (!audit_place(r, row, member_row(r, member_below(r, where, "places"), out->places.len), &p))
			return false;
		VEC_PUSH(r->a, &out->places, p);
	}
	if (!member_array(r, o, "deny", where, WIN_PLAN_ENTRIES, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_entry e = { 0 };
		if (!audit_deny(r, row, member_row(r, member_below(r, where, "deny"), out->deny.len), &e))
			return false;
		VEC_PUSH(r->a, &out->deny, e);
	}
	return true;
}

bool
member_audits(struct member_reader *r, const cJSON *o)
{
	const cJSON *list, *row;

	if (!member_array(r, o, "audits", "", 64, &list))
		return false;
	cJSON_ArrayForEach(row, list) {
		struct plan_audit one = { .mask = 0 };
		if (!audit(r, row, member_row(r, "audits", r->plan->audits.len), &one))
			return false;
		VEC_PUSH(r->a, &r->plan->audits, one);
	}
	return true;
}
