/* SPDX-License-Identifier: Apache-2.0 */
/* store-driver - the files and descriptors of Windows behind our interfaces, each operation once */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "acl_store_win32.h"
#include "arena.h"
#include "machine.h"
#include "machine_win32.h"
#include "state_files_win32.h"
#include "surroundings.h"
#include "win32.h"

static struct arena *a;

static void
write_text(const char *path, const char *text)
{
	DWORD sent;
	HANDLE h = CreateFileW(win32_wide(a, path), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

	WriteFile(h, text, (DWORD)strlen(text), &sent, NULL);
	CloseHandle(h);
}

/* A deny is added to what is there, written and read back. */
static void
try_entries(struct acl_store *s, struct acl_object *o)
{
	static const char made_up[] = "S-1-5-21-9-8-7-6";
	struct descriptor d = { 0 };
	struct ace ours = { .type = ACE_DENY, .mask = 0xD0156 };

	enum acl_status got = s->ops->read(s, a, o, &d);
	printf("read %d %s\n", got, d.no_dacl ? "no list" :
	    ace_list_is_canonical(&d.dacl) ? "canonical" : "in disorder");
	sid_parse(made_up, strlen(made_up), &ours.sid);
	struct ace_list with = ace_list_with(a, &d.dacl, &ours);
	got = s->ops->write(s, o, &with);
	s->ops->read(s, a, o, &d);
	printf("write %d %s\n", got, ace_lists_equal(&d.dacl, &with) ? "stored" : "lost");
}

static void
try_listing(struct acl_store *s, const char *dir, const char *file)
{
	struct acl_object *o;
	struct acl_child *v = NULL;
	struct sbuf text = SBUF_INIT;
	size_t n = 0;
	bool more = false;

	write_text(file, "text");
	if (s->ops->open(s, file, ACL_CONTENTS, &o) == ACL_OK) {
		enum acl_status got = s->ops->contents(s, o, 100, &text);
		printf("contents %d %s\n", got, sbuf_str(&text));
		s->ops->close(s, o);
	}
	if (s->ops->open(s, dir, ACL_LOOK, &o) == ACL_OK) {
		enum acl_status got = s->ops->children(s, a, o, 10, &v, &n, &more);
		printf("children %d %zu %s %d\n", got, n, n > 0 ? v[0].name : "", more);
		got = s->ops->children(s, a, o, 0, &v, &n, &more);
		printf("none %d %zu %d\n", got, n, more);
		s->ops->close(s, o);
	}
	sbuf_free(&text);
}

static int
try_store(const char *top)
{
	struct acl_store *s = acl_store_win32();
	struct acl_object *o, *twin;
	struct acl_facts f, g;
	const char *dir = arena_printf(a, "%s\\Dir é", top), *file = arena_printf(a, "%s\\File", dir);
	const char *to = arena_printf(a, "%s\\moved", dir);

	printf("missing %d\n", s->ops->open(s, dir, ACL_LOOK, &o));
	printf("create %d\n", s->ops->create(s, dir, ACL_DIR, &o));
	s->ops->facts(s, a, o, &g);
	s->ops->close(s, o);
	printf("again %d\n", s->ops->create(s, dir, ACL_DIR, &o));
	if (s->ops->create(s, file, ACL_FILE, &o) != ACL_OK) {
		printf("error: %s\n", s->why);
		return 3;
	}
	enum acl_status got = s->ops->facts(s, a, o, &f);
	printf("facts %d %d %d %u %d %s\n", got, (int)f.kind, f.reparse, f.links, f.size == 0, f.final_path);
	try_entries(s, o);
	s->ops->close(s, o);
	/* Another case, another object: the same identity. */
	s->ops->open(s, arena_printf(a, "%s\\FILE", dir), ACL_LOOK, &twin);
	struct acl_facts again;
	s->ops->facts(s, a, twin, &again);
	printf("case %d %d\n", again.id[0] == f.id[0] && again.volume == f.volume,
	    strcmp(again.final_path, f.final_path) == 0);
	s->ops->close(s, twin);
	printf("not empty %d\n", s->ops->remove(s, dir, g.volume, g.id));
	printf("move %d\n", s->ops->move(s, file, to));
	printf("move over %d\n", s->ops->move(s, to, dir));
	printf("remove another %d\n", s->ops->remove(s, to, f.volume, (uint64_t[]){ 1, 2 }));
	try_listing(s, dir, to);
	printf("remove text %d\n", s->ops->remove(s, to, f.volume, f.id));
	DeleteFileW(win32_wide(a, to));
	printf("remove %d\n", s->ops->remove(s, dir, g.volume, g.id));
	printf("gone %d\n", s->ops->open(s, dir, ACL_LOOK, &o));
	acl_store_win32_free(s);
	return 0;
}

/* Each part is looked at, made, looked at, removed and looked at, whatever the system says. */
static int
try_machine(const char *dir)
{
	struct machine_store *s = machine_win32(a);
	struct machine_context c = { s, state_files_win32(a, dir) };
	struct acl_report r = { .a = a };
	struct machine_plan plan;
	struct machine_facts facts;
	const char *why = NULL;

	if (machine_plan_of(a, NULL, 0, &plan, &why) != 0)
		return 3;
	printf("facts %d\n", s->ops->facts(s, a, &facts));
	for (size_t i = 0; i < plan.n; i++) {
		const struct machine_part *p = &plan.v[i];
		cJSON *want = machine_want(p, "S-1-5-21-1-2-3-4"), *found;
		s->why = "";
		/* Wine ends programs that set passwords. */
		for (unsigned round = 0; round < (p->kind == MACHINE_PASSWORD ? 1 : 3); round++) {
			int rc = round == 0 ? 0 : round == 1 ? s->ops->make(s, p, want, "tag", "aB3-not-a-secret-at-all") :
			    s->ops->unmake(s, p);
			found = NULL;
			int looked = s->ops->look(s, a, p, &found);
			printf("%s %u: %d %d %s%s%s\n", p->label, round, rc, looked, found != NULL ? "there" : "",
			    rc != 0 || looked != 0 ? ": " : "", rc != 0 || looked != 0 ? s->why : "");
			cJSON_Delete(found);
		}
		cJSON_Delete(want);
	}
	int rc = machine_apply(&c, &plan, &r);
	printf("apply %d %zu %s\n", rc, r.errors, r.findings.len > 0 ? r.findings.v[0].code : "");
	machine_plan_free(&plan);
	return 0;
}

static void
read_state(struct state_files *s, const char *name, size_t limit)
{
	struct sbuf b = SBUF_INIT;
	enum state_status got = s->ops->read(s, name, limit, &b);

	printf("read %d %s\n", got, got == STATE_OK ? sbuf_str(&b) : "");
	sbuf_free(&b);
}

static int
try_state(struct state_files *s)
{
	char **names;
	size_t n;
	uint64_t r = 0;

	read_state(s, "x", 10);
	printf("replace %d\n", s->ops->replace(s, "x", "0123456789", 10));
	read_state(s, "x", 10);
	read_state(s, "x", 9);
	printf("replace %d\n", s->ops->replace(s, "x", "abc", 3));
	printf("append %d\n", s->ops->append(s, "x", "de", 2));
	printf("append %d\n", s->ops->append(s, "x2", "1", 1));
	read_state(s, "x", 10);
	enum state_status got = s->ops->list(s, "x", 10, &names, &n);
	printf("list %d %zu\n", got, n);
	while (n > 0)
		free(names[--n]);
	free(names);
	got = s->ops->random(s, &r, sizeof(r));
	printf("random %d %d\n", got, r != 0);
	printf("remove %d\n", s->ops->remove(s, "x"));
	printf("remove %d\n", s->ops->remove(s, "x"));
	return 0;
}

static int
try_lock(struct state_files *s, bool hold)
{
	struct state_lock *l;
	enum state_status got = s->ops->lock(s, "lock", 100, &l);

	printf("lock %d\n", got);
	fflush(stdout);
	if (got != STATE_OK)
		return 1;
	if (hold)
		Sleep(60000);
	s->ops->unlock(s, l);
	return 0;
}

int
main(int argc, char **argv)
{
	struct surroundings here;

	a = arena_new();
	if (surroundings_find(a, argc, argv, &here) != 0 || here.argc < 3)
		return 3;
	const char *what = here.argv[1], *dir = here.argv[2];
	if (strcmp(what, "store") == 0)
		return try_store(dir);
	if (strcmp(what, "machine") == 0)
		return try_machine(dir);
	if (strcmp(what, "state") == 0)
		return try_state(state_files_win32(a, dir));
	return try_lock(state_files_win32(a, dir), strcmp(what, "hold") == 0);
}
