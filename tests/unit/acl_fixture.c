/* SPDX-License-Identifier: Apache-2.0 */
/* acl_fixture.c - plans as text, and a computer to apply them to */
#include <config.h>

#include "acl_fixture.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"

const struct sid test_user = { .authority = 5, .n = 5, .sub = { 21, 1, 1, 1, 1001 } };
const struct sid test_group = { .authority = 5, .n = 5, .sub = { 21, 1, 1, 1, 1500 } };
const struct sid test_sandbox = { .authority = 5, .n = 5, .sub = { 21, 1, 1, 1, 2001 } };
const struct sid test_logon = { .authority = 5, .n = 3, .sub = { 5, 0, 77 } };
static const struct sid system_sid = { .authority = 5, .n = 1, .sub = { 18 } };
static const struct sid administrators = { .authority = 5, .n = 2, .sub = { 32, 544 } };

static void
put(struct sbuf *b, const char *key, const char *value)
{
	cJSON *text = json_new_text(value);

	sbuf_printf(b, "\"%s\":", key);
	json_write(b, text);
	cJSON_Delete(text);
}

static void
hash_of(const struct test_plan *p, const char *to, bool reads, char out[65])
{
	struct sbuf b = SBUF_INIT;

	for (size_t i = 0; i < p->n; i++) {
		const struct test_entry *e = &p->entries[i];
		bool about = strncmp(e->purpose, "read", 4) == 0 || strncmp(e->purpose, "denied", 6) == 0;
		if (e->to != NULL && strcmp(e->to, to) == 0 && (!reads || about))
			sbuf_printf(&b, "%s %s %s %s\n", e->type, e->mask, e->flags, e->path);
	}
	sha256_hex(sbuf_str(&b), b.len, out);
	sbuf_free(&b);
}

static void
put_places(struct sbuf *b, const struct test_plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct test_entry *e = &p->entries[i];
		if (i == 0 || strcmp(p->entries[i - 1].path, e->path) != 0) {
			sbuf_printf(b, "%s{\"is\":\"%s\",\"make\":%s,", i > 0 ? "]}," : "", e->kind, e->make ? "true" : "false");
			put(b, "path", e->path);
			sbuf_puts(b, ",\"entries\":[");
		} else {
			sbuf_addc(b, ',');
		}
		sbuf_printf(b, "{\"for\":\"%s\",\"type\":\"%s\",\"mask\":\"%s\",\"flags\":\"%s\",\"to\":\"%s\",\"rule\":0}",
		    e->purpose, e->type, e->mask, e->flags, e->to);
	}
	sbuf_puts(b, p->n > 0 ? "]}" : "");
}

const char *
test_plan_text(struct arena *a, const struct test_plan *p)
{
	struct sbuf b = SBUF_INIT;
	char hash[65];

	sbuf_printf(&b, "{\"acl\":1,\"status\":\"exact\",\"backend\":\"windows-%s\",\"binding\":\"host\","
	    "\"rules\":[{\"at\":\"ci.toml:3:1\",\"text\":\"rule\"}],\"roots\":[", p->elevated ? "elevated" : "unelevated");
	for (size_t i = 0; i < p->n_roots; i++) {
		hash_of(p, arena_printf(a, "capability:%zu", i), false, hash);
		sbuf_puts(&b, i > 0 ? ",{" : "{");
		put(&b, "path", p->roots[i]);
		sbuf_printf(&b, ",\"is\":\"directory\",\"hash\":\"%s\",\"rule\":0}", hash);
	}
	sbuf_puts(&b, "],\"places\":[");
	put_places(&b, p);
	hash_of(p, "group", true, hash);
	sbuf_puts(&b, "],\"denied\":[],\"reads\":");
	sbuf_printf(&b, p->elevated ? "\"%s\"" : "null", hash);
	sbuf_puts(&b, ",\"token\":{\"flags\":[\"DISABLE_MAX_PRIVILEGE\",\"LUA_TOKEN\",\"WRITE_RESTRICTED\"],\"restricting\":[");
	for (size_t i = 0; i < p->n_roots; i++)
		sbuf_printf(&b, "\"capability:%zu\",", i);
	sbuf_printf(&b, "%s%s\"logon\"%s],\"default_dacl\":[{\"to\":\"logon\",\"mask\":\"0x10000000\"}],"
	    "\"privileges\":[\"SeChangeNotifyPrivilege\"]},", p->n_roots == 0 ? "\"readonly\"," : "",
	    p->elevated ? "\"sandbox-user\"," : "", p->restricting == NULL ? "" : p->restricting);
	sbuf_printf(&b, "\"network\":{\"identity\":\"online\",\"proxy_ports\":[],\"environment\":[]},\"audits\":%s,"
	    "\"junction\":null}", p->audits == NULL ? "[]" : p->audits);
	const char *text = arena_strndup(a, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return text;
}

static void
without_ids(cJSON *o)
{
	cJSON *child;

	cJSON_DeleteItemFromObject(o, "id");
	cJSON_ArrayForEach(child, o)
		without_ids(child);
}

const char *
test_tree(struct arena *a, struct model_store *m)
{
	struct sbuf b = SBUF_INIT;
	cJSON *o = model_json(m);

	cJSON_DeleteItemFromObject(o, "last_id");
	without_ids(o);
	assert(json_write(&b, o) == 0);
	cJSON_Delete(o);
	const char *text = arena_strndup(a, sbuf_str(&b), b.len);
	sbuf_free(&b);
	return text;
}

void
test_grant(struct test_computer *t, const char *path, uint8_t type, uint8_t flags, uint32_t mask,
    const struct sid *sid)
{
	struct model_node *n = model_find(t->model, path);
	struct ace ace = { .type = type, .flags = flags, .mask = mask, .sid = *sid };

	assert(n != NULL);
	struct ace_list list = ace_list_with(t->a, &n->d.dacl, &ace);
	model_set(t->model, n, &list);
	model_propagate(t->model, n);
}

const struct acl_finding *
test_finding(const struct acl_report *r, const char *code)
{
	for (size_t i = 0; i < r->findings.len; i++)
		if (strcmp(r->findings.v[i].code, code) == 0)
			return &r->findings.v[i];
	return NULL;
}

void
test_computer_init(struct test_computer *t)
{
	static const struct { const char *path; enum acl_kind kind; } objects[] = {
		{ "C:\\Windows", ACL_DIR }, { "C:\\Windows\\system.ini", ACL_FILE }, { "C:\\Users", ACL_DIR },
		{ "C:\\Users\\me", ACL_DIR }, { "C:\\Users\\me\\AppData", ACL_DIR }, { "C:\\Users\\me\\note.txt", ACL_FILE },
		{ "C:\\Users\\me\\ws", ACL_DIR }, { "C:\\Users\\me\\ws\\.git", ACL_DIR },
		{ "C:\\Users\\me\\ws\\.git\\config", ACL_FILE }, { "C:\\Users\\me\\ws\\.git\\hooks", ACL_DIR },
		{ "C:\\Users\\me\\ws\\.git\\hooks\\x", ACL_FILE }, { "C:\\Users\\me\\ws\\src", ACL_DIR },
		{ "C:\\Users\\me\\ws\\src\\a.c", ACL_FILE }, { "C:\\Users\\me\\ws\\src\\deep", ACL_DIR },
		{ "C:\\Users\\me\\ws\\src\\deep\\b.c", ACL_FILE }, { "C:\\Users\\me\\other", ACL_DIR },
		{ "C:\\Users\\me\\other\\f", ACL_FILE }, { "C:\\Users\\me\\ws2", ACL_DIR }, { "C:\\Users\\me\\ws2\\g", ACL_FILE },
	};
	const uint8_t below = ACE_OBJECT_INHERIT | ACE_CONTAINER_INHERIT;

	memset(t, 0, sizeof(*t));
	t->a = arena_new();
	t->model = model_new(&administrators, &t->faults);
	struct model_node *top = model_find(t->model, "C:");
	struct ace_list none = { NULL, 0, 0 };
	model_set(t->model, top, &none);
	test_grant(t, "C:", ACE_ALLOW, below, 0x1f01ff, &system_sid);
	test_grant(t, "C:", ACE_ALLOW, below, 0x1f01ff, &administrators);
	test_grant(t, "C:", ACE_ALLOW, below, 0x1200a9, &sid_users);
	for (size_t i = 0; i < NELEMS(objects); i++) {
		struct model_node *n = model_add(t->model, objects[i].path, objects[i].kind);
		assert(n != NULL);
		n->d.owner = i < 3 ? administrators : test_user;
	}
	struct model_node *me = model_find(t->model, "C:\\Users\\me");
	me->d.is_protected = true;
	model_set(t->model, me, &none);
	test_grant(t, "C:\\Users\\me", ACE_ALLOW, below, 0x1f01ff, &system_sid);
	test_grant(t, "C:\\Users\\me", ACE_ALLOW, below, 0x1f01ff, &test_user);
	memory_files_init(&t->state, &t->faults);
	t->c = (struct acl_context){ .store = model_acl(t->model), .files = &t->state.files,
	    .people = { test_user, test_group, test_sandbox, test_logon },
	    .dirs = { .windows = "C:\\Windows", .users = "C:\\Users", .profile = "C:\\Users\\me", .system_drive = "C:\\" } };
}

void
test_computer_free(struct test_computer *t)
{
	model_free(t->model);
	memory_files_free(&t->state);
	arena_free(t->a);
}
