/* SPDX-License-Identifier: Apache-2.0 */
/* acl_read.c - a printed plan as a structure; nothing in it is believed */
#include <config.h>

#include "acl_read.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "json.h"
#include "path.h"

enum { MAX_ROOTS = 100000 };

struct reader {
	struct arena	*a;
	struct acl_read_plan *plan;
	const char	**why;
	struct sbuf	*lines;		/* of each root, for its hash */
	struct sbuf	 reads;
	bool		 all_readable;	/* what everybody may read is for the command as well */
};

static int
fail(struct reader *r, const char *where, const char *problem)
{
	*r->why = arena_printf(r->a, "the plan's %s %s", where, problem);
	return -1;
}

/* Exactly these members, which end with NULL; those behind a NULL more may be missing. */
static int
check_members(struct reader *r, const cJSON *o, const char *where, const char *const *names)
{
	const cJSON *v;
	size_t must = 0, n, found = 0;

	if (!cJSON_IsObject(o))
		return fail(r, where, "is not an object");
	while (names[must] != NULL)
		must++;
	for (n = must + 1; names[n] != NULL;)
		n++;
	cJSON_ArrayForEach(v, o) {
		size_t i = 0;
		while (i < n && (names[i] == NULL || strcmp(names[i], v->string) != 0))
			i++;
		if (i == n)
			return fail(r, where, arena_printf(r->a, "has a member \"%.60s\", which is not "
			    "known", v->string));
		found += i < must;
	}
	return found == must ? 0 : fail(r, where, "lacks a member");
}

static const char *
text_of(struct reader *r, const cJSON *v)
{
	size_t len;
	const char *s = v != NULL ? json_get_bytes(r->a, v, &len) : NULL;
	return s != NULL && strlen(s) == len ? s : NULL;
}

static const char *
lower(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);
	for (char *p = out; *p != '\0'; p++)
		*p = name_fold(*p);
	return out;
}

static bool
says(const cJSON *o, const char *key, const char *word)
{
	const char *s = json_string(o, key);
	return s != NULL && strcmp(s, word) == 0;
}

/* ---- entries ---- */

/* First-pass principals and capabilities that there are, and OWNER RIGHTS, which everyone else's files need not. */
static bool
may_have_entries(const struct reader *r, uint32_t who, enum acl_purpose purpose)
{
	if (who >= ACL_TO_CAPABILITY)
		return who - ACL_TO_CAPABILITY < r->plan->nroots;
	if (who == ACL_TO_OWNER || purpose == ACL_OWNER)
		return who == ACL_TO_OWNER && purpose == ACL_OWNER && r->plan->elevated;
	return who == (r->plan->elevated ? ACL_TO_GROUP : ACL_TO_USER);
}

/* What lets a root be written stands there, and is for its own capability: then no other plan gains by it. */
static bool
may_stand_here(const struct reader *r, const struct acl_read_place *p, enum acl_purpose purpose,
    uint32_t who)
{
	bool found = false;

	if (purpose != ACL_WRITE && purpose != ACL_WRITE_DELETE && purpose != ACL_WRITE_FILE &&
	    purpose != ACL_OWNER)
		return true;
	if (who >= ACL_TO_CAPABILITY)
		return strcmp(r->plan->root[who - ACL_TO_CAPABILITY], p->path) == 0;
	for (size_t i = 0; i < r->plan->nroots && !found; i++)
		found = strcmp(r->plan->root[i], p->path) == 0;
	return found;
}

static void
add_lines(struct reader *r, const struct acl_read_place *p, const struct acl_purpose_row *row,
    enum acl_purpose purpose, uint32_t who, const char *flags)
{
	const char *line = arena_printf(r->a, "%s %s %s %s\n", row->deny ? "deny" : "allow", row->mask,
	    flags, p->text);

	if (who >= ACL_TO_CAPABILITY)
		sbuf_puts(&r->lines[who - ACL_TO_CAPABILITY], line);
	else if (who == ACL_TO_GROUP && acl_is_about_reading(purpose, r->all_readable))
		sbuf_puts(&r->reads, line);
}

static int
read_entry(struct reader *r, const cJSON *v, struct acl_read_place *p, bool *allowed)
{
	static const char *const members[] = { "flags", "for", "mask", "rule", "to", "type", NULL, NULL };
	const char *where = arena_printf(r->a, "entry for %s", p->text);

	if (check_members(r, v, where, members) != 0)
		return -1;
	const char *name = json_string(v, "for"), *to = json_string(v, "to");
	enum acl_purpose purpose = name != NULL ? acl_purpose_find(name) : ACL_PURPOSES;
	uint32_t who = to != NULL ? acl_principal_find(to) : UINT32_MAX;
	if (purpose == ACL_PURPOSES)
		return fail(r, where, "has no purpose that is known");
	const struct acl_purpose_row *row = acl_purpose_row(purpose);
	bool flagged = (p->directory && !p->link) || purpose == ACL_READ_PROFILE;
	const char *flags = flagged ? row->flags : "";
	if (!says(v, "mask", row->mask) || !says(v, "type", row->deny ? "deny" : "allow") ||
	    !says(v, "flags", flags))
		return fail(r, where, arena_printf(r->a, "is not what \"%s\" is", row->name));
	if (who == UINT32_MAX || !may_have_entries(r, who, purpose))
		return fail(r, where, "is for somebody who has no entries");
	if (!may_stand_here(r, p, purpose, who))
		return fail(r, where, "lets a root be written that is another one, or none");
	if ((purpose == ACL_READ_PROFILE) && p->children_but.len == 0)
		return fail(r, where, "is for children, of which no list says which");
	if (row->deny && *allowed)
		return fail(r, where, "denies behind one that allows");
	*allowed |= !row->deny;
	add_lines(r, p, row, purpose, who, flags);
	VEC_PUSH(r->a, &p->entries, ((struct acl_read_entry){ purpose, who }));
	return 0;
}

static int
read_place(struct reader *r, const cJSON *v, struct strmap *seen)
{
	static const char *const members[] = { "entries", "is", "make", "path", NULL,
	    "children_but", NULL };
	struct acl_read_place p = { .path = NULL };
	const cJSON *e, *but = json_member(v, "children_but");
	bool allowed = false;

	if (check_members(r, v, "place", members) != 0)
		return -1;
	p.text = text_of(r, json_member(v, "path"));
	p.path = p.text != NULL ? acl_path_parse(r->a, p.text) : NULL;
	if (p.path == NULL)
		return fail(r, "place", "has no path of Windows in its final form");
	p.path = lower(r->a, p.path);
	if (strmap_put_kept(seen, lower(r->a, p.text), strlen(p.text), r) != NULL)
		return fail(r, p.text, "is there twice");
	p.link = says(v, "is", "link");
	p.directory = says(v, "is", "directory");
	if ((!p.link && !p.directory && !says(v, "is", "file")) || !json_bool(v, "make", &p.make))
		return fail(r, p.text, "does not say what it is");
	cJSON_ArrayForEach(e, but) {
		const char *name = text_of(r, e);
		if (!cJSON_IsArray(but) || name == NULL || name[0] == '\0' || strpbrk(name, "/\\") != NULL)
			return fail(r, p.text, "has a child that is no name");
		name = lower(r->a, name);
		VEC_PUSH(r->a, &p.children_but, name);
	}
	if (!cJSON_IsArray(json_member(v, "entries")))
		return fail(r, p.text, "has no list of entries");
	cJSON_ArrayForEach(e, json_member(v, "entries"))
		if (read_entry(r, e, &p, &allowed) != 0)
			return -1;
	VEC_PUSH(r->a, &r->plan->places, p);
	return 0;
}

/* ---- roots and token ---- */

static int
check_hash(struct reader *r, const cJSON *o, const char *key, const struct sbuf *lines)
{
	char hex[65];

	sha256_hex(sbuf_str(lines), lines->len, hex);
	return says(o, key, hex) ? 0 : fail(r, key, "is not that of the entries");
}

static int
read_roots(struct reader *r, const cJSON *roots)
{
	static const char *const members[] = { "hash", "is", "path", "rule", NULL, NULL };
	int n = cJSON_IsArray(roots) ? cJSON_GetArraySize(roots) : -1;
	const cJSON *v;

	if (n < 0 || n > MAX_ROOTS)
		return fail(r, "list of roots", "is none, or too long");
	const char **path = arena_array(r->a, (size_t)n + 1, sizeof(*path));
	r->plan->root = path;
	r->lines = arena_array(r->a, (size_t)n + 1, sizeof(*r->lines));
	cJSON_ArrayForEach(v, roots) {
		if (check_members(r, v, "root", members) != 0)
			return -1;
		const char *text = text_of(r, json_member(v, "path"));
		const char *at = text != NULL ? acl_path_parse(r->a, text) : NULL;
		if (at == NULL || at[1] == '\0' || (!says(v, "is", "directory") && !says(v, "is", "file")))
			return fail(r, "root", "has no path of Windows in its final form, or is nothing");
		path[r->plan->nroots++] = lower(r->a, at);
	}
	return 0;
}

static int
check_hashes(struct reader *r, const cJSON *doc)
{
	const cJSON *v, *reads = json_member(doc, "reads");
	size_t i = 0;

	cJSON_ArrayForEach(v, json_member(doc, "roots"))
		if (check_hash(r, v, "hash", &r->lines[i++]) != 0)
			return -1;
	if (r->plan->elevated)
		return check_hash(r, doc, "reads", &r->reads);
	return cJSON_IsNull(reads) ? 0 : fail(r, "reads", "are confined without elevation");
}

static bool
is_list(const cJSON *v, const char *const *words, size_t n)
{
	const cJSON *e;
	size_t i = 0;

	if (!cJSON_IsArray(v))
		return false;
	cJSON_ArrayForEach(e, v) {
		if (i == n || !cJSON_IsString(e) || strcmp(e->valuestring, words[i]) != 0)
			return false;
		i++;
	}
	return i == n;
}

/* Generic all for each of the restricting SIDs. */
static bool
is_default_dacl(const cJSON *dacl, const cJSON *restricting)
{
	const cJSON *v, *who = cJSON_IsArray(restricting) ? restricting->child : NULL;

	cJSON_ArrayForEach(v, dacl) {
		if (who == NULL || cJSON_GetArraySize(v) != 2 || !says(v, "mask", "0x10000000") ||
		    !cJSON_IsString(who) || !says(v, "to", who->valuestring))
			return false;
		who = who->next;
	}
	return cJSON_IsArray(dacl) && who == NULL;
}

/*
 * All capabilities of the plan and no others, the session, and Everyone if
 * wanted; elevated the sandbox's user as well.  Never the real user, nor a
 * group that all have.
 */
static int
read_token(struct reader *r, const cJSON *t)
{
	static const char *const members[] = { "default_dacl", "flags", "privileges", "restricting",
	    NULL, NULL };
	static const char *const flags[] = { "DISABLE_MAX_PRIVILEGE", "LUA_TOKEN", "WRITE_RESTRICTED" };
	static const char *const privileges[] = { "SeChangeNotifyPrivilege" };
	struct acl_read_plan *p = r->plan;
	const cJSON *e;
	size_t capabilities = 0;

	if (check_members(r, t, "token", members) != 0)
		return -1;
	if (!is_list(json_member(t, "flags"), flags, NELEMS(flags)) ||
	    !is_list(json_member(t, "privileges"), privileges, NELEMS(privileges)))
		return fail(r, "token", "has other flags or privileges than it must have");
	p->restricting = arena_array(r->a, ACL_TO_CAPABILITY + p->nroots, 1);
	cJSON_ArrayForEach(e, json_member(t, "restricting")) {
		uint32_t who = cJSON_IsString(e) ? acl_principal_find(e->valuestring) : UINT32_MAX;
		bool known = who == ACL_TO_LOGON || who == ACL_TO_EVERYONE ||
		    (who == ACL_TO_SANDBOX_USER && p->elevated) || (who == ACL_TO_READONLY && p->nroots == 0) ||
		    (who >= ACL_TO_CAPABILITY && who - ACL_TO_CAPABILITY < p->nroots);
		if (!known || p->restricting[who] != 0)
			return fail(r, "token", "has a restricting SID that it must not have");
		p->restricting[who] = ACL_RESTRICTING;
		capabilities += who >= ACL_TO_CAPABILITY;
	}
	if (!is_default_dacl(json_member(t, "default_dacl"), json_member(t, "restricting")))
		return fail(r, "token", "does not grant its restricting SIDs, and no others, what the command "
		    "makes");
	if (capabilities != p->nroots || p->restricting[ACL_TO_LOGON] == 0 ||
	    (p->nroots == 0 && p->restricting[ACL_TO_READONLY] == 0) ||
	    (p->elevated && p->restricting[ACL_TO_SANDBOX_USER] == 0))
		return fail(r, "token", "lacks a restricting SID");
	return 0;
}

static int
read_network(struct reader *r, const cJSON *n)
{
	static const char *const members[] = { "environment", "identity", "proxy_ports", NULL, NULL };

	if (check_members(r, n, "network", members) != 0)
		return -1;
	if (!says(n, "identity", "online") &&
	    !says(n, "identity", r->plan->elevated ? "offline" : "advisory"))
		return fail(r, "network", "has no identity of this backend");
	r->plan->identity = arena_strdup(r->a, json_string(n, "identity"));
	const cJSON *ports = json_member(n, "proxy_ports"), *v;
	size_t k = 0;
	cJSON_ArrayForEach(v, ports) {
		if (!cJSON_IsNumber(v) || v->valueint < 1 || v->valueint > 65535 ||
		    k == NELEMS(r->plan->proxy_port))
			return fail(r, "network", "has a port that is none");
		r->plan->proxy_port[k++] = (unsigned)v->valueint;
	}
	return cJSON_IsArray(ports) ? 0 : fail(r, "network", "has no list of ports");
}

static bool
has_audit(const cJSON *audits, const char *name)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, audits)
		if (says(v, "name", name))
			return true;
	return false;
}

/*
 * Where Everyone is a restricting SID what everybody may write is looked for,
 * and denied to every capability.
 */
static int
check_audits(struct reader *r, const cJSON *audits)
{
	const cJSON *v, *e;
	int want = r->plan->nroots > 0 ? (int)r->plan->nroots : 1;
	bool required, any = false;

	cJSON_ArrayForEach(v, audits) {
		int n = 0;
		if (!says(v, "name", "world-writable"))
			continue;
		any |= json_bool(v, "required", &required) && required;
		if (!says(v, "mask", "0xD0156"))
			return fail(r, "audit", "looks for something else than writing");
		cJSON_ArrayForEach(e, json_member(v, "deny")) {
			const char *to = json_string(e, "to");
			uint32_t who = to != NULL ? acl_principal_find(to) : UINT32_MAX;
			uint32_t first = r->plan->nroots > 0 ? ACL_TO_CAPABILITY : ACL_TO_READONLY;
			if (!says(e, "mask", "0xD0156") || !says(e, "flags", "OICI") || who != first + (uint32_t)n++)
				return fail(r, "audit", "would add other entries");
		}
		if (n != want)
			return fail(r, "audit", "is not for all capabilities");
	}
	return any || r->plan->restricting[ACL_TO_EVERYONE] == 0 ? 0 :
	    fail(r, "list of audits", "has none for what everybody may write");
}

/* The list says what the entries do. */
static int
check_denied(struct reader *r, const cJSON *denied)
{
	const cJSON *v = cJSON_IsArray(denied) ? denied->child : NULL;

	if (!cJSON_IsArray(denied))
		return fail(r, "list of denied places", "is none");
	struct strmap *listed = strmap_new(r->a);
	size_t n = 0;
	for (; v != NULL; v = v->next) {
		const char *text = text_of(r, v);
		if (text == NULL || strmap_put_kept(listed, text, strlen(text), r) != NULL)
			return fail(r, "list of denied places", "has something twice, or that is no path");
	}
	for (size_t i = 0; i < r->plan->places.len; i++) {
		const struct acl_read_place *p = &r->plan->places.v[i];
		for (size_t k = 0; k < p->entries.len; k++)
			if (p->entries.v[k].purpose == ACL_DENIED && p->entries.v[k].who == ACL_TO_GROUP) {
				n++;
				if (strmap_get(listed, p->text, strlen(p->text)) == NULL)
					return fail(r, "list of denied places", "lacks one");
			}
	}
	return strmap_count(listed) == n ? 0 : fail(r, "list of denied places", "has one without an entry");
}

static int
read_plan(struct reader *r, const cJSON *doc)
{
	static const char *const members[] = { "acl", "audits", "backend", "binding", "denied",
	    "junction", "network", "places", "reads", "roots", "rules", "status", "token", NULL, NULL };
	struct strmap *seen = strmap_new(r->a);
	const cJSON *v;
	int64_t version;

	if (check_members(r, doc, "document", members) != 0)
		return -1;
	if (!json_int(doc, "acl", &version) || version != 1 || !says(doc, "status", "exact"))
		return fail(r, "document", "is of another version");
	r->plan->elevated = says(doc, "backend", acl_elevated);
	if (!r->plan->elevated && !says(doc, "backend", acl_unelevated))
		return fail(r, "backend", "is not known");
	if (read_roots(r, json_member(doc, "roots")) != 0)
		return -1;
	r->all_readable = !has_audit(json_member(doc, "audits"), "public-read");
	if (!cJSON_IsArray(json_member(doc, "places")))
		return fail(r, "list of places", "is none");
	cJSON_ArrayForEach(v, json_member(doc, "places"))
		if (read_place(r, v, seen) != 0)
			return -1;
	if (check_hashes(r, doc) != 0 || read_token(r, json_member(doc, "token")) != 0)
		return -1;
	if (check_audits(r, json_member(doc, "audits")) != 0 ||
	    check_denied(r, json_member(doc, "denied")) != 0)
		return -1;
	return read_network(r, json_member(doc, "network"));
}

struct acl_read_plan *
acl_read(struct arena *a, const char *bytes, size_t len, const char **why)
{
	struct reader r = { .a = a, .plan = arena_alloc(a, sizeof(struct acl_read_plan)), .why = why };
	size_t offset;
	cJSON *doc = json_read(bytes, len, why, &offset);

	if (doc == NULL)
		return NULL;
	int rc = read_plan(&r, doc);
	for (size_t i = 0; i < r.plan->nroots; i++)
		sbuf_free(&r.lines[i]);
	sbuf_free(&r.reads);
	cJSON_Delete(doc);
	return rc == 0 ? r.plan : NULL;
}
