/* SPDX-License-Identifier: Apache-2.0 */
/* acl_ground.c - who we are on this computer, where things are, and what entries are stored in */
#include <config.h>

#include "acl_ground.h"

#include <string.h>
#include <unistd.h>

#include <windows.h>
#include <userenv.h>

#include "acl_store_win32.h"
#include "arena.h"
#include "genuine.h"
#include "host_facts.h"
#include "json.h"
#include "make_dirs.h"
#include "model_store.h"
#include "native_path.h"
#include "state_dir.h"
#include "state_files_win32.h"
#include "system.h"
#include "token.h"
#include "win32.h"

enum { MODEL_BYTES = 64 * 1024 * 1024 };

static const char *
variable(struct arena *a, const wchar_t *name)
{
	DWORD need = GetEnvironmentVariableW(name, NULL, 0);

	if (need == 0)
		return NULL;
	wchar_t *wide = arena_array(a, need + 1, sizeof(*wide));
	return GetEnvironmentVariableW(name, wide, need) < need ? win32_utf8(a, wide) : NULL;
}

/* The final name of a directory, as plans spell it; NULL where there is none. */
static const char *
final_name(struct arena *a, const char *native)
{
	const char *path = native == NULL ? NULL : native_path_back(a, native);
	const char *real = path == NULL ? NULL : system_real_path(a, path);

	return real == NULL ? NULL : native_path_plain(a, real);
}

/* "dir;dir" as a list that ends with NULL; what is not there is left out. */
static const char *const *
directories(struct arena *a, const char *text, const char *more)
{
	struct { const char **v; size_t len, cap; } list = { NULL, 0, 0 };
	const char *parts[] = { text, more };

	for (size_t i = 0; i < NELEMS(parts); i++)
		for (const char *at = parts[i]; at != NULL && *at != '\0';) {
			size_t len = strcspn(at, ";");
			const char *dir = final_name(a, arena_strndup(a, at, len));
			if (dir != NULL)
				VEC_PUSH(a, &list, dir);
			at += len;
			at += *at == ';';
		}
	VEC_PUSH(a, &list, NULL);
	return list.v;
}

static int
find_places(struct arena *a, struct win_dirs *d, const char **why)
{
	wchar_t windows[MAX_PATH + 1], users[MAX_PATH + 1];
	DWORD size = NELEMS(users);
	struct host *h = host_real(a);
	const char *home = h->home(h, a);
	UINT n = GetSystemWindowsDirectoryW(windows, NELEMS(windows));

	if (n == 0 || n >= NELEMS(windows) || !GetProfilesDirectoryW(users, &size) || home == NULL) {
		*why = "the directories of Windows and of the user cannot be found out";
		return -1;
	}
	const char *system = win32_utf8(a, windows), *profiles = win32_utf8(a, users);
	d->windows = final_name(a, system);
	d->users = final_name(a, profiles);
	d->profile = final_name(a, native_path_plain(a, home));
	d->public = final_name(a, variable(a, L"PUBLIC"));
	d->system_drive = system == NULL ? NULL : arena_printf(a, "%.3s", system);
	d->path = directories(a, variable(a, L"PATH"), NULL);
	d->temp = directories(a, variable(a, L"TEMP"), variable(a, L"TMP"));
	if (d->windows != NULL && d->users != NULL && d->profile != NULL)
		return 0;
	*why = "the directories of Windows and of the user have no final names";
	return -1;
}

static int
load_model(struct arena *a, struct acl_ground *g, const char **why)
{
	struct sbuf text = SBUF_INIT;
	size_t at;
	cJSON *tree = NULL;
	int fd = system_open(g->model_file);

	if (fd == -1 || sbuf_read(&text, fd, MODEL_BYTES) != 0)
		*why = "cannot be read";
	else
		tree = json_read(sbuf_str(&text), text.len, why, &at);
	if (fd != -1)
		close(fd);
	if (tree != NULL)
		g->model = model_load(tree, NULL, why);
	cJSON_Delete(tree);
	sbuf_free(&text);
	if (g->model != NULL)
		return 0;
	*why = arena_printf(a, "the model %s: %s", g->model_file, *why);
	return -1;
}

static int
open_store(struct arena *a, struct acl_ground *g, const char **why)
{
	const char *not = genuine_not(a);

	g->model_file = not == NULL ? NULL : variable(a, L"" GROUND_MODEL);
	if (not == NULL) {
		g->context.store = acl_store_win32();
		return 0;
	}
	if (g->model_file == NULL) {
		*why = arena_printf(a, "this is %s and not Windows: it says yes to entries and "
		    "restricted tokens and keeps none of them, so nothing would be confined", not);
		return -1;
	}
	if (load_model(a, g, why) != 0)
		return -1;
	g->not_windows = not;
	g->context.store = model_acl(g->model);
	return 0;
}

/* A local account; n == 0: there is none of this name, or it is of another kind. */
static struct sid
account(struct arena *a, const char *name, SID_NAME_USE kind)
{
	wchar_t computer[MAX_COMPUTERNAME_LENGTH + 1], domain[256];
	DWORD n = NELEMS(computer), size = SID_BYTES_MAX, len = NELEMS(domain);
	BYTE bytes[SID_BYTES_MAX];
	struct sid sid = { 0 };
	SID_NAME_USE use;

	if (!GetComputerNameW(computer, &n))
		return sid;
	wchar_t *full = win32_wide(a, arena_printf(a, "%s\\%s", win32_utf8(a, computer), name));
	if (LookupAccountNameW(NULL, full, bytes, &size, domain, &len, &use) && use == kind &&
	    sid_read(bytes, GetLengthSid(bytes), &sid) == 0)
		sid.n = 0;
	return sid;
}

bool
acl_ground_has_accounts(struct arena *a)
{
	return account(a, GROUND_GROUP, SidTypeAlias).n != 0 && account(a, GROUND_ONLINE, SidTypeUser).n != 0;
}

int
acl_ground_user(struct arena *a, struct acl_ground *g, const char *name, const char **why)
{
	struct acl_people *p = &g->context.people;

	p->sandbox_user = g->not_windows != NULL ?
	    (struct sid){ .authority = 5, .n = 5, .sub = { 21, 0, 0, 0, 2001 } } : account(a, name, SidTypeUser);
	if (p->sandbox_user.n != 0 && p->group.n != 0)
		return 0;
	*why = arena_printf(a, "this computer has no user \"%s\" or no group \"%s\": an administrator carries out the "
	    "machine plan, with  cdxp-run machine apply", name, GROUND_GROUP);
	return -1;
}

static uint64_t
milliseconds(void *arg)
{
	(void)arg;
	return GetTickCount64();
}

int
acl_ground_open(struct arena *a, struct acl_ground *g, const char **why)
{
	*g = (struct acl_ground){ .state_dir = state_dir(a), .context.now_ms = milliseconds };
	if (g->state_dir == NULL) {
		*why = "there is no place for our state: LOCALAPPDATA is not set";
		return -1;
	}
	if (token_user(a, &g->context.people.user, why) != 0 ||
	    token_logon(a, &g->context.people.logon, why) != 0 ||
	    find_places(a, &g->context.dirs, why) != 0 || make_dirs(a, g->state_dir, 0700, why) != 0)
		return -1;
	const char *dir = native_path_plain(a, g->state_dir);
	if (dir == NULL) {
		*why = arena_printf(a, "%s is no place for our state", g->state_dir);
		return -1;
	}
	if (open_store(a, g, why) != 0)
		return -1;
	g->context.people.group = g->not_windows != NULL ?
	    (struct sid){ .authority = 5, .n = 5, .sub = { 21, 0, 0, 0, 2000 } } : account(a, GROUND_GROUP, SidTypeAlias);
	g->context.files = state_files_win32(a, dir);
	return 0;
}

static int
write_model(struct arena *a, const char *file, const struct sbuf *text)
{
	const char *slash = strrchr(file, '\\');

	if (slash == NULL)
		return -1;
	struct state_files *dir = state_files_win32(a, arena_strndup(a, file, (size_t)(slash - file)));
	return dir->ops->replace(dir, slash + 1, text->p, text->len) == STATE_OK ? 0 : -1;
}

int
acl_ground_save(struct arena *a, struct acl_ground *g, const char **why)
{
	if (g->model == NULL || g->saved)
		return 0;
	struct sbuf text = SBUF_INIT;
	cJSON *tree = model_json(g->model);
	g->saved = json_write(&text, tree) == 0 && write_model(a, g->model_file, &text) == 0;
	if (!g->saved)
		*why = arena_printf(a, "the model %s cannot be written", g->model_file);
	cJSON_Delete(tree);
	sbuf_free(&text);
	return g->saved ? 0 : -1;
}

int
acl_ground_close(struct arena *a, struct acl_ground *g, const char **why)
{
	int rc = acl_ground_save(a, g, why);

	if (g->model == NULL)
		acl_store_win32_free(g->context.store);
	else
		model_free(g->model);
	return rc;
}
