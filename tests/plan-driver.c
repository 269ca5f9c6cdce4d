/* SPDX-License-Identifier: Apache-2.0 */
/* plan-driver.c - plans for Windows applied to a model of it, for tests/run-plans */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acl_apply.h"
#include "arena.h"
#include "json.h"
#include "model_store.h"
#include "state_files_posix.h"

/*
 *     plan-driver [-b BACKEND] MODEL STATE VERB [ARG]
 *
 * MODEL is a file as model_store.h describes it, with "people" (SIDs by the
 * names that plans have for them) and "dirs" besides; it is written back.
 * Verbs: plan, apply, verify and undo with the file of a plan; undo without
 * one; list; make-dir and make-file with a path.  Prints the report as JSON,
 * after an apply with "capabilities".  Exit status 1: there are errors in it.
 */
struct driver {
	struct arena		*a;
	struct model_store	*model;
	struct acl_context	 c;
	const char		*backend;
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "plan-driver: %s: %s\n", what, why);
	exit(2);
}

static struct sbuf
read_file(const char *path)
{
	struct sbuf b = SBUF_INIT;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || sbuf_read(&b, fd, WIN_PLAN_BYTES + 1) != 0)
		die(path, "cannot be read");
	close(fd);
	return b;
}

static struct sid
person(const cJSON *people, const char *name)
{
	const char *text = json_string(people, name);
	struct sid sid = { 0 };

	if (text != NULL && sid_parse(text, strlen(text), &sid) != NULL)
		die(name, "is no SID");
	return sid;
}

/* Lists of directories end with NULL. */
static const char *const *
many(struct arena *a, const cJSON *list)
{
	const char **v = arena_array(a, (size_t)cJSON_GetArraySize(list) + 1, sizeof(*v));
	const cJSON *row;
	size_t n = 0;

	cJSON_ArrayForEach(row, list)
		v[n++] = arena_strdup(a, row->valuestring);
	return v;
}

static const char *
keep(struct driver *d, const char *text)
{
	return text == NULL ? NULL : arena_strdup(d->a, text);
}

static cJSON *
open_model(struct driver *d, const char *path)
{
	struct sbuf text = read_file(path);
	const char *why = NULL;
	size_t at;

	cJSON *o = json_read(sbuf_str(&text), text.len, &why, &at);
	sbuf_free(&text);
	if (o == NULL)
		die(path, why);
	const cJSON *people = json_member(o, "people"), *dirs = json_member(o, "dirs");
	if ((d->model = model_load(o, NULL, &why)) == NULL)
		die(path, why);
	d->c.store = model_acl(d->model);
	d->c.people = (struct acl_people){ person(people, "user"), person(people, "group"), person(people, "sandbox-user"),
	    person(people, "logon") };
	d->c.dirs = (struct win_dirs){ .windows = keep(d, json_string(dirs, "windows")),
	    .users = keep(d, json_string(dirs, "users")), .profile = keep(d, json_string(dirs, "profile")),
	    .public = keep(d, json_string(dirs, "public")), .system_drive = keep(d, json_string(dirs, "system_drive")),
	    .path = many(d->a, json_member(dirs, "path")), .temp = many(d->a, json_member(dirs, "temp")) };
	return o;
}

/* With what was read beside the objects. */
static void
save_model(struct driver *d, const char *path, cJSON *old)
{
	cJSON *o = model_json(d->model);
	struct sbuf text = SBUF_INIT;
	FILE *f = fopen(path, "w");

	json_put(o, "people", cJSON_DetachItemFromObject(old, "people"));
	json_put(o, "dirs", cJSON_DetachItemFromObject(old, "dirs"));
	if (json_write(&text, o) != 0 || f == NULL || fwrite(text.p, 1, text.len, f) != text.len || fclose(f) != 0)
		die(path, "cannot be written");
	sbuf_free(&text);
	cJSON_Delete(o);
}

static struct win_plan *
read_plan(struct driver *d, const char *path)
{
	struct sbuf text = read_file(path);
	const char *why = NULL;

	struct win_plan *plan = win_plan_read(d->a, sbuf_str(&text), text.len, d->backend, &why);
	sbuf_free(&text);
	if (plan == NULL)
		die(path, why);
	return plan;
}

static int
make(struct driver *d, const char *path, enum acl_kind kind)
{
	struct acl_object *o;

	if (d->c.store->ops->create(d->c.store, path, kind, &o) != ACL_OK)
		die(path, d->c.store->why);
	d->c.store->ops->close(d->c.store, o);
	return 0;
}

static void
print(cJSON *o)
{
	struct sbuf text = SBUF_INIT;

	if (json_write(&text, o) != 0)
		die("report", "cannot be printed");
	puts(sbuf_str(&text));
	sbuf_free(&text);
	cJSON_Delete(o);
}

static int
run(struct driver *d, const char *verb, const char *arg)
{
	struct acl_report r = { .a = d->a };
	struct acl_applied applied = { NULL, 0 };
	struct win_plan *plan = NULL;
	char sid[SID_TEXT_MAX];
	int result = 0;

	if (strcmp(verb, "list") == 0) {
		cJSON *o = acl_list(&d->c, &r);
		if (o != NULL)
			print(o);
		return o == NULL;
	}
	if (strcmp(verb, "make-dir") == 0 || strcmp(verb, "make-file") == 0)
		return make(d, arg, verb[5] == 'd' ? ACL_DIR : ACL_FILE);
	if (arg != NULL)
		plan = read_plan(d, arg);
	if (strcmp(verb, "undo") == 0)
		result = acl_undo(&d->c, plan == NULL ? NULL : plan->id, &r);
	else if (plan == NULL)
		die(verb, "needs a plan, or is no verb");
	else if (strcmp(verb, "plan") == 0)
		result = acl_dry_run(&d->c, plan, &r);
	else if (strcmp(verb, "apply") == 0)
		result = acl_apply(&d->c, plan, arg, &r, &applied);
	else if (strcmp(verb, "verify") == 0)
		result = acl_verify(&d->c, plan, &r);
	else
		die(verb, "is no verb");
	cJSON *o = acl_report_json(&r, verb), *capabilities = json_new_array();
	for (size_t i = 0; i < applied.n; i++)
		json_append(capabilities, json_new_text(sid_text(&applied.capabilities[i], sid)));
	json_put(o, "capabilities", capabilities);
	print(o);
	return result != 0;
}

int
main(int argc, char **argv)
{
	struct driver d = { .a = arena_new() };

	for (int o; (o = getopt(argc, argv, "b:")) != -1; ) {
		if (o != 'b')
			return 2;
		d.backend = optarg;
	}
	if (argc - optind < 3 || argc - optind > 4) {
		fputs("usage: plan-driver [-b BACKEND] MODEL STATE VERB [ARG]\n", stderr);
		return 2;
	}
	char *const *args = argv + optind;
	cJSON *model = open_model(&d, args[0]);
	if ((d.c.files = state_files_posix(args[1])) == NULL)
		die(args[1], "cannot be opened");
	int result = run(&d, args[2], args[3]);
	save_model(&d, args[0], model);
	cJSON_Delete(model);
	state_files_posix_close(d.c.files);
	model_free(d.model);
	arena_free(d.a);
	return result;
}
