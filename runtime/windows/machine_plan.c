/* SPDX-License-Identifier: Apache-2.0 */
/* machine_plan.c - reading a machine plan, and what was found against it */
#include <config.h>

#include "machine_plan.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "arena.h"
#include "backend.h"
#include "json.h"

enum { PORTS = 65536 };

/* ---- the text ---- */

static bool
read_ports(const char *text, unsigned *from, unsigned *to)
{
	char *end;

	*from = (unsigned)strtoul(text, &end, 10);
	*to = *end == '-' ? (unsigned)strtoul(end + 1, &end, 10) : *from;
	return *end == '\0' && *from <= *to && *to < PORTS;
}

/* The ports that a rule leaves out, which is all that plans differ in. */
static bool
ports_left_out(const cJSON *rule, unsigned out[BACKEND_MACHINE_PORTS], size_t *n)
{
	const cJSON *row, *list = json_member(rule, "remote_ports");
	unsigned next = 0, from = 0, to = 0;

	*n = 0;
	cJSON_ArrayForEach(row, list) {
		if (!cJSON_IsString(row) || !read_ports(row->valuestring, &from, &to) || from < next)
			return false;
		for (; next < from && *n < BACKEND_MACHINE_PORTS; next++)
			out[(*n)++] = next;
		if (next < from)
			return false;
		next = to + 1;
	}
	for (; next < PORTS && *n < BACKEND_MACHINE_PORTS; next++)
		out[(*n)++] = next;
	return next == PORTS && cJSON_IsArray(list);
}

/* ---- the parts ---- */

struct reader {
	struct arena		*a;
	struct machine_plan	*out;
};

static struct machine_part *
add(struct reader *r, enum machine_kind kind, const char *word, const char *name)
{
	struct machine_part *p = &r->out->v[r->out->n++];

	/* What is read has been compared with what we write. */
	if (r->out->n > MACHINE_PARTS)
		abort();
	*p = (struct machine_part){ .kind = kind, .name = arena_strdup(r->a, name), .text = "",
	    .label = arena_printf(r->a, "%s %s", word, name), .want = json_new_object() };
	return p;
}

static const char *
text_of(struct reader *r, const cJSON *o, const char *key)
{
	const char *text = json_string(o, key);

	return text == NULL ? "" : arena_strdup(r->a, text);
}

static void
read_group(struct reader *r, const cJSON *o)
{
	const char *name = text_of(r, o, "name");
	struct machine_part *p = add(r, MACHINE_GROUP, "group", name);
	const cJSON *right;

	p->comment = p->text = text_of(r, o, "comment");
	cJSON_ArrayForEach(right, json_member(o, "rights")) {
		p = add(r, MACHINE_RIGHT, "right", right->valuestring);
		p->group = name;
		p->text = arena_printf(r->a, "to the group %s", name);
	}
}

static void
read_user(struct reader *r, const cJSON *o)
{
	const char *name = text_of(r, o, "name");
	struct machine_part *p = add(r, MACHINE_USER, "user", name);
	const cJSON *group = json_member(o, "groups")->child;

	p->comment = p->text = text_of(r, o, "comment");
	json_put_bool(p->want, "administrator", false);
	json_put_bool(p->want, "disabled", false);
	p = add(r, MACHINE_MEMBER, "member", name);
	p->group = arena_strdup(r->a, group->valuestring);
	p->text = arena_printf(r->a, "in the group %s", p->group);
	p = add(r, MACHINE_HIDDEN, "hidden", name);
	p->text = "from the screen where people sign in";
}

static char *
joined(struct arena *a, const cJSON *list)
{
	struct sbuf b = SBUF_INIT;
	const cJSON *row;

	cJSON_ArrayForEach(row, list)
		sbuf_printf(&b, "%s%s", b.len > 0 ? "," : "", row->valuestring);
	char *text = arena_strndup(a, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return text;
}

static void
read_rule(struct reader *r, const cJSON *o)
{
	static const char *const same[] = { "action", "direction", "protocol", "remote_addresses", "remote_ports", "user" };
	struct machine_part *p = add(r, MACHINE_RULE, "rule", text_of(r, o, "name"));
	const char *ports = joined(r->a, json_member(o, "remote_ports"));

	for (size_t i = 0; i < NELEMS(same); i++)
		json_put(p->want, same[i], json_must(cJSON_Duplicate(json_member(o, same[i]), true)));
	json_put_bool(p->want, "all_profiles", true);
	json_put_bool(p->want, "enabled", true);
	p->user = text_of(r, o, "user");
	p->text = arena_printf(r->a, "block %s, protocol %s, %s %s%s%s", p->user, text_of(r, o, "protocol"),
	    strcmp(text_of(r, o, "direction"), "in") == 0 ? "from" : "to", joined(r->a, json_member(o, "remote_addresses")),
	    ports[0] != '\0' ? " ports " : "", ports);
}

static void
read_filters(struct reader *r, const cJSON *o)
{
	struct machine_part *p = add(r, MACHINE_FILTERS, "filters", text_of(r, o, "provider"));
	const cJSON *first = json_member(o, "filters")->child;

	cJSON_Delete(p->want);
	p->want = json_must(cJSON_Duplicate(o, true));
	p->user = text_of(r, first, "user");
	p->text = arena_printf(r->a, "%d that block %s, with their provider and sublayer",
	    cJSON_GetArraySize(json_member(o, "filters")), p->user);
}

static void
read_parts(struct reader *r, const cJSON *o)
{
	const cJSON *row;

	read_group(r, json_member(o, "group"));
	cJSON_ArrayForEach(row, json_member(o, "users"))
		read_user(r, row);
	cJSON_ArrayForEach(row, json_member(o, "firewall"))
		read_rule(r, row);
	read_filters(r, json_member(o, "wfp"));
	/* The last: before it nothing can be run as the user. */
	cJSON_ArrayForEach(row, json_member(o, "users")) {
		struct machine_part *p = add(r, MACHINE_PASSWORD, "password", text_of(r, row, "name"));
		p->user = p->name;
		p->text = "made up, and kept with your credentials";
	}
}

int
machine_plan_read(struct arena *a, const char *text, size_t len, struct machine_plan *out, const char **why)
{
	struct sbuf given = SBUF_INIT, ours = SBUF_INIT;
	struct reader r = { a, out };
	unsigned port[BACKEND_MACHINE_PORTS];
	size_t at, n = 0;
	const char *what;

	*out = (struct machine_plan){ .n = 0 };
	cJSON *o = len > MACHINE_PLAN_BYTES ? NULL : json_read(text, len, &what, &at);
	if (o == NULL || json_write(&given, o) != 0) {
		*why = arena_printf(a, "it is no machine plan: %s", len > MACHINE_PLAN_BYTES ? "it is too large" :
		    o == NULL ? what : "it has odd numbers");
	} else {
		const cJSON *rules = json_member(o, "firewall");
		const char *compiler = json_string(o, "compiler");
		const cJSON *last = cJSON_GetArrayItem(rules, cJSON_GetArraySize(rules) - 1);
		if (last != NULL && ports_left_out(last, port, &n))
			backend_windows_machine_ports(port, n, compiler == NULL ? "" : compiler, &ours);
		sbuf_addc(&given, '\n');
		*why = strcmp(sbuf_str(&given), sbuf_str(&ours)) == 0 ? NULL : "it is no machine plan as this version of "
		    "cdxp writes it (cdxpc compile --emit=windows-machine), and nothing else is carried out";
	}
	if (*why == NULL)
		read_parts(&r, o);
	cJSON_Delete(o);
	sbuf_free(&given);
	sbuf_free(&ours);
	return *why == NULL ? 0 : -1;
}

int
machine_plan_of(struct arena *a, const unsigned *ports, size_t n, struct machine_plan *out, const char **why)
{
	struct sbuf text = SBUF_INIT;

	*out = (struct machine_plan){ .n = 0 };
	if (n > BACKEND_MACHINE_PORTS) {
		*why = "there are too many ports of proxies";
		return -1;
	}
	backend_windows_machine_ports(ports, n, "cdxp", &text);
	int rc = machine_plan_read(a, sbuf_str(&text), text.len, out, why);
	sbuf_free(&text);
	return rc;
}

void
machine_plan_free(struct machine_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		cJSON_Delete(p->v[i].want);
	p->n = 0;
}

const struct machine_part *
machine_part(const struct machine_plan *p, const char *label)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].label, label) == 0)
			return &p->v[i];
	return NULL;
}

/* ---- what was found ---- */

static void
set_user(cJSON *o, const char *name, const char *sid)
{
	const char *is = json_string(o, "user");

	if (is != NULL && strcmp(is, name) == 0)
		cJSON_ReplaceItemInObjectCaseSensitive(o, "user", json_new_text(sid));
}

cJSON *
machine_want(const struct machine_part *p, const char *sid)
{
	cJSON *want = json_must(cJSON_Duplicate(p->want, true)), *row;

	if (p->user != NULL) {
		set_user(want, p->user, sid);
		cJSON_ArrayForEach(row, json_member(want, "filters"))
			set_user(row, p->user, sid);
	}
	return want;
}

/* "127.0.0.0/8", "127.0.0.0/255.0.0.0", "::2-::9", "::1": from where to where, which Windows spells as it likes. */
static const char *
range_text(struct arena *a, const char *text)
{
	struct net_address from, to, mask = { .v6 = false };
	size_t len = strcspn(text, "-/");
	const char *rest = text + len + 1;
	char *end;

	if (!address_parse(text, len, &from, NULL))
		return text;
	to = from;
	if (text[len] == '-' && !address_parse(rest, strlen(rest), &to, NULL))
		return text;
	if (text[len] == '/') {
		unsigned bytes = from.v6 ? 16 : 4;
		unsigned long bits = strtoul(rest, &end, 10);
		if (*end == '\0' && bits <= bytes * 8)
			for (unsigned i = 0; i < bytes * 8; i++)
				mask.b[i / 8] |= (uint8_t)((i < bits) << (7 - i % 8));
		else if (!address_parse(rest, strlen(rest), &mask, NULL) || mask.v6 != from.v6)
			return text;
		for (unsigned i = 0; i < bytes; i++) {
			from.b[i] &= mask.b[i];
			to.b[i] = (uint8_t)(from.b[i] | (uint8_t)~mask.b[i]);
		}
	}
	return arena_printf(a, "%s-%s", address_text(a, &from), address_text(a, &to));
}

static const char *
port_text(struct arena *a, const char *text)
{
	unsigned from, to;

	if (strcmp(text, "*") == 0)
		return arena_printf(a, "0-%u", PORTS - 1u);
	return read_ports(text, &from, &to) ? arena_printf(a, "%u-%u", from, to) : text;
}

static int
text_cmp(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A list in one spelling and order, as text. */
static const char *
list_text(struct arena *a, const cJSON *list, bool ports, bool all)
{
	struct { const char **v; size_t len, cap; } texts = { NULL, 0, 0 };
	struct sbuf b = SBUF_INIT;
	const cJSON *row;

	cJSON_ArrayForEach(row, list)
		if (cJSON_IsString(row))
			VEC_PUSH(a, &texts, ports ? port_text(a, row->valuestring) : range_text(a, row->valuestring));
	if (ports && all && texts.len == 0)
		VEC_PUSH(a, &texts, port_text(a, "*"));
	if (texts.len > 1)
		qsort(texts.v, texts.len, sizeof(texts.v[0]), text_cmp);
	for (size_t i = 0; i < texts.len; i++)
		sbuf_printf(&b, "%s%s", i > 0 ? "," : "", texts.v[i]);
	const char *text = arena_strndup(a, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return text;
}

static const char *
member_text(struct arena *a, const cJSON *o, const char *key)
{
	const cJSON *m = json_member(o, key);
	const char *protocol = json_string(o, "protocol");
	struct sbuf b = SBUF_INIT;

	if (m == NULL)
		return "nothing";
	if (strcmp(key, "remote_addresses") == 0)
		return list_text(a, m, false, false);
	/* Where there are ports at all, none means all. */
	if (strcmp(key, "remote_ports") == 0)
		return protocol != NULL && strcmp(protocol, "any") == 0 ? "" : list_text(a, m, true, true);
	if (json_write(&b, m) != 0)
		sbuf_puts(&b, "an odd value");
	const char *text = arena_strndup(a, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return text;
}

const char *
machine_differs(struct arena *a, const struct machine_part *p, const cJSON *want, const cJSON *found)
{
	const char *unknown = json_string(found, "unknown");
	int64_t many;
	const cJSON *m;

	if (unknown != NULL)
		return arena_printf(a, "cannot be looked at: %s", unknown);
	if (json_int(found, "many", &many))
		return arena_printf(a, "is there %lld times, under one name", (long long)many);
	cJSON_ArrayForEach(m, want) {
		const char *x = member_text(a, want, m->string), *y = member_text(a, found, m->string);
		if (strcmp(x, y) == 0)
			continue;
		if (p->kind == MACHINE_FILTERS && cJSON_IsArray(m))
			return arena_printf(a, "has %d filters, or some that are not as they have to be: %s",
			    cJSON_GetArraySize(json_member(found, m->string)), y);
		return arena_printf(a, "%s is %s, and has to be %s", m->string, y, x);
	}
	return NULL;
}
