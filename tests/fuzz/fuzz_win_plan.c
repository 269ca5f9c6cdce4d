/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_win_plan.c - any bytes as a plan for Windows, a path, a SID, an access control list, a journal; as a machine */
#include <config.h>

#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "ace_list.h"
#include "acl_journal.h"
#include "acl_profile.h"
#include "arena.h"
#include "json.h"
#include "machine.h"
#include "model_machine.h"
#include "path_windows.h"
#include "win_path.h"
#include "win_plan.h"

/* What is taken has one meaning: every reading of it gives it back. */
static void
path(struct arena *a, const char *s, size_t len)
{
	const char *why = NULL;

	if (win_path_check(s, len) != NULL)
		return;
	demand(strlen(s) == len, "a path with a NUL");
	if (len <= LIMIT_PATH_BYTES) {
		const char *normal = path_windows_normal(a, s, &why);
		demand(normal != NULL && strcmp(normal, s) == 0, "a path that is not normal");
	}
	const char *back = win_path_final(a, arena_printf(a, "\\\\?\\%s", s), &why);
	demand(back != NULL && strcmp(back, s) == 0, "a path that is no final name");
	const char *dir = win_path_parent(a, s);
	demand((dir == NULL) == (len == 3), "a path without a directory");
	if (dir == NULL)
		return;
	demand(win_path_check(dir, strlen(dir)) == NULL, "a directory that is no path");
	demand(strcmp(win_path_join(a, dir, win_path_name(s)), s) == 0, "a path that is not its directory and its name");
	demand(win_path_within(s, dir) && !win_path_within(dir, s), "a path that is not in its directory");
	demand(win_path_order(dir, s) < 0 && win_path_order(s, dir) > 0, "a path before its directory");
}

static void
sid(const char *s, size_t len)
{
	char text[SID_TEXT_MAX];
	struct sid one, two;

	if (sid_parse(s, len, &one) == NULL) {
		sid_text(&one, text);
		demand(sid_parse(text, strlen(text), &two) == NULL && sid_equal(&one, &two), "a SID that is another one");
	}
}

static void
list(struct arena *a, const uint8_t *p, size_t n)
{
	struct ace_list one = { NULL, 0, 0 }, two = { NULL, 0, 0 };
	size_t len;

	if (ace_list_read(a, p, n, &one) != NULL)
		return;
	const uint8_t *bytes = ace_list_write(a, &one, &len);
	demand(bytes != NULL && ace_list_read(a, bytes, len, &two) == NULL && ace_lists_equal(&one, &two),
	    "a list that is another one when it is written");
	ace_list_inherited(a, &one, true, &sid_users);
	ace_list_inherited(a, &one, false, &sid_users);
	for (size_t i = 0; i < one.len; i++)
		ace_text(a, &one.v[i]);
}

/* A file of state that has just these bytes. */
struct one_file {
	struct state_files	 files;
	const char		*p;
	size_t			 len;
};

static enum state_status
lock_nothing(struct state_files *s, const char *name, unsigned ms, struct state_lock **out)
{
	(void)s, (void)name, (void)ms;
	*out = NULL;
	return STATE_OK;
}

static enum state_status
read_one(struct state_files *s, const char *name, size_t limit, struct sbuf *out)
{
	const struct one_file *f = (const struct one_file *)(void *)s;

	(void)name, (void)limit;
	sbuf_add(out, f->p, f->len);
	return STATE_OK;
}

static void
journal(struct arena *a, const char *p, size_t len)
{
	static const struct state_files_ops ops = { .lock = lock_nothing, .read = read_one };
	struct one_file f = { { .ops = &ops, .dir = "D" }, p, len };
	const char *why = NULL;
	struct journal j;

	if (journal_open(a, &f.files, &j, &why) == 0)
		journal_close(&j);
	else
		demand(why != NULL, "a journal refused without words");
}

/* As a machine plan, as what is found on a computer, and as the state that is kept of it. */
static void
machine(struct arena *a, const char *p, size_t len)
{
	static const struct state_files_ops ops = { .read = read_one };
	struct one_file f = { { .ops = &ops, .dir = "D" }, p, len };
	struct model_machine m;
	struct machine_context c = { &m.store, &f.files };
	struct machine_plan plan;
	struct acl_report r = { .a = a, .machine = true };
	const char *why = NULL;
	size_t at;

	if (machine_plan_read(a, p, len, &plan, &why) == 0)
		demand(plan.n == 17 && machine_part(&plan, "user cdxp-offline") != NULL, "a machine plan of other parts");
	else
		demand(why != NULL && plan.n == 0, "a machine plan refused without words");
	machine_plan_free(&plan);
	cJSON *o = json_read(p, len, &why, &at);
	model_machine_init(&m, cJSON_IsObject(json_member(o, "parts")) ? o : NULL, NULL);
	if (m.computer != o)
		cJSON_Delete(o);
	if (machine_plan_of(a, NULL, 0, &plan, &why) == 0) {
		machine_verify(&c, &plan, &r);
		machine_dry_run(&c, &plan, &r);
		if (machine_confines(&m.store, a, &plan, "cdxp-offline", &why) != 0)
			demand(why != NULL, "a computer refused without words");
	}
	machine_plan_free(&plan);
	model_machine_free(&m);
}

static void
nothing(void *arg, const char *name, size_t len)
{
	(void)arg;
	demand(len > 0 && memchr(name, '\\', len) == NULL && memchr(name, '/', len) == NULL, "a name that is none");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *s = arena_strndup(a, (const char *)data, len), *why = NULL;

	if (win_plan_read(a, (const char *)data, len, NULL, &why) == NULL)
		demand(why != NULL, "a plan refused without words");
	why = NULL;
	if (win_plan_read(a, (const char *)data, len, "windows-elevated", &why) == NULL)
		demand(why != NULL, "a plan refused without words");
	path(a, s, len);
	sid((const char *)data, len);
	list(a, data, len);
	journal(a, (const char *)data, len);
	machine(a, (const char *)data, len);
	acl_ssh_names((const char *)data, len, "C:\\Users\\me", nothing, NULL);
	arena_free(a);
	return 0;
}
