/* SPDX-License-Identifier: Apache-2.0 */
/* machine_run.c - where a machine plan is carried out: this computer, or a model of one */
#include <config.h>

#include "machine_run.h"

#include <string.h>
#include <unistd.h>

#include <windows.h>
#include <shlobj.h>

#include "arena.h"
#include "backend.h"
#include "json.h"
#include "machine.h"
#include "model_machine.h"
#include "machine_win32.h"
#include "make_dirs.h"
#include "native_path.h"
#include "state_files_win32.h"
#include "system.h"
#include "win32.h"

enum { MODEL_BYTES = 1024 * 1024 };

struct place {
	struct machine_context	 c;
	struct model_machine	 model;
	const char		*model_file;	/* NULL: this computer itself */
};

/* ---- a model of it, beside the one of the files ---- */

static int
load_model(struct arena *a, struct place *p, const char **why)
{
	struct sbuf text = SBUF_INIT;
	cJSON *o = NULL;
	size_t at;
	int fd = system_open(p->model_file);

	/* Nothing was ever set up there. */
	if (fd != -1 && sbuf_read(&text, fd, MODEL_BYTES) == 0 &&
	    (o = json_read(sbuf_str(&text), text.len, why, &at)) != NULL && !cJSON_IsObject(json_member(o, "parts"))) {
		cJSON_Delete(o);
		o = NULL;
		*why = "it has no \"parts\"";
	}
	bool ok = fd == -1 || o != NULL;
	if (fd != -1)
		close(fd);
	sbuf_free(&text);
	if (ok)
		model_machine_init(&p->model, o, NULL);
	else
		*why = arena_printf(a, "the model %s cannot be used: %s", p->model_file, *why == NULL ? "it cannot be read" : *why);
	p->c.store = &p->model.store;
	return ok ? 0 : -1;
}

static int
save_model(struct arena *a, struct place *p, const char **why)
{
	const char *slash = strrchr(p->model_file, '\\');
	struct sbuf text = SBUF_INIT;
	bool ok = slash != NULL && json_write(&text, p->model.computer) == 0;

	if (ok) {
		struct state_files *dir = state_files_win32(a, arena_strndup(a, p->model_file,
		    (size_t)(slash - p->model_file)));
		ok = dir->ops->replace(dir, slash + 1, text.p, text.len) == STATE_OK;
	}
	sbuf_free(&text);
	if (!ok)
		*why = arena_printf(a, "the model %s cannot be written", p->model_file);
	return ok ? 0 : -1;
}

/* ---- the place ---- */

static int
open_store(struct arena *a, const struct acl_ground *g, struct place *p, const char **why)
{
	*p = (struct place){ .model_file = NULL };
	if (g->not_windows == NULL) {
		p->c.store = machine_win32(a);
		return 0;
	}
	p->model_file = arena_printf(a, "%s.machine", g->model_file);
	return load_model(a, p, why);
}

static void
close_store(struct place *p)
{
	if (p->model_file != NULL)
		model_machine_free(&p->model);
}

/*
 * Where only administrators write, whatever somebody has made beforehand: in
 * the directory of programs, as the system itself names it.
 */
static int
find_state(struct arena *a, struct place *p, bool make, const char **why)
{
	wchar_t wide[MAX_PATH + 1];
	const char *programs = SHGetFolderPathW(NULL, CSIDL_PROGRAM_FILES, NULL, SHGFP_TYPE_CURRENT, wide) == S_OK ?
	    win32_utf8(a, wide) : NULL;
	const char *dir = programs == NULL ? NULL : native_path_back(a, arena_printf(a, "%s\\cdxp", programs));

	if (dir == NULL) {
		*why = "the directory of programs cannot be found out";
		return -1;
	}
	if (make && make_dirs(a, dir, 0755, why) != 0)
		return -1;
	p->c.files = state_files_win32(a, native_path_plain(a, dir));
	return 0;
}

/* ---- the verbs ---- */

static const char *
report_words(struct arena *a, const struct acl_report *r, const char *verb, bool json)
{
	struct sbuf text = SBUF_INIT;

	if (json) {
		cJSON *o = acl_report_json(r, verb);
		if (json_write(&text, o) != 0)
			sbuf_puts(&text, "{}");
		sbuf_addc(&text, '\n');
		cJSON_Delete(o);
	} else {
		acl_report_text(r, verb, true, &text);
	}
	const char *words = arena_strndup(a, sbuf_str(&text), text.len);
	sbuf_free(&text);
	return words;
}

static int
do_verb(struct place *p, enum windows_setup what, const struct machine_plan *plan, struct acl_report *r)
{
	switch (what) {
	case WINDOWS_DRY_RUN:
		return machine_dry_run(&p->c, plan, r);
	case WINDOWS_VERIFY:
		return machine_verify(&p->c, plan, r);
	case WINDOWS_APPLY:
		return machine_apply(&p->c, plan, r);
	case WINDOWS_UNDO:
		return machine_undo(&p->c, r);
	}
	return -1;
}

int
machine_run(struct arena *a, enum windows_setup what, const char *text, size_t len, bool json,
    const char **words, const char **why)
{
	static const char *const verbs[] = {
		[WINDOWS_DRY_RUN] = "plan", [WINDOWS_APPLY] = "apply", [WINDOWS_VERIFY] = "verify", [WINDOWS_UNDO] = "undo",
	};
	bool changes = what == WINDOWS_APPLY || what == WINDOWS_UNDO;
	struct acl_report r = { .a = a, .machine = true };
	struct acl_ground g;
	struct machine_plan plan;
	struct place p;

	*words = NULL;
	if ((text == NULL ? machine_plan_of(a, NULL, 0, &plan, why) : machine_plan_read(a, text, len, &plan, why)) != 0)
		return -1;
	int rc = acl_ground_open(a, &g, why);
	if (rc == 0) {
		rc = open_store(a, &g, &p, why);
		if (rc == 0 && find_state(a, &p, changes, why) == 0) {
			rc = do_verb(&p, what, &plan, &r);
			*words = report_words(a, &r, verbs[what], json);
			if (p.model_file != NULL && changes && save_model(a, &p, why) != 0)
				*words = NULL;
		}
		rc = *words == NULL ? -1 : rc;
		close_store(&p);
		acl_ground_close(a, &g, &(const char *){ NULL });
	}
	machine_plan_free(&plan);
	return rc;
}

/* ---- before a command ---- */

int
machine_ready(struct arena *a, struct acl_ground *g, const uint16_t *ports, size_t n, const char **why)
{
	unsigned port[BACKEND_MACHINE_PORTS];
	struct machine_plan plan;
	struct place p;
	const char *what = NULL;

	for (size_t i = 0; i < n && i < NELEMS(port); i++)
		port[i] = ports[i];
	if (machine_plan_of(a, port, n, &plan, why) != 0)
		return -1;
	int rc = open_store(a, g, &p, &what);
	if (rc == 0) {
		rc = machine_confines(p.c.store, a, &plan, GROUND_OFFLINE, &what);
		close_store(&p);
	}
	machine_plan_free(&plan);
	if (rc != 0)
		*why = arena_printf(a, "nothing keeps the user \"%s\" off the network as this profile needs it (%s): an "
		    "administrator sees to that, with  cdxp-run machine apply %s", GROUND_OFFLINE, what,
		    n > 0 ? "PROFILE  and this profile, whose proxy it lets through" : " once for all profiles without a proxy");
	return rc;
}
