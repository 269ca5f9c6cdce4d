/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_acl.c - any bytes at all as a plan for Windows, as facts of a host, and as lines of paths */
#include <config.h>

#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "acl_backend.h"
#include "acl_model.h"
#include "arena.h"
#include "bind.h"
#include "host_file.h"
#include "path.h"
#include "path_windows.h"
#include "sbuf.h"

static void
read_plan(const char *text, size_t len)
{
	struct arena *a = arena_new();
	struct acl_model m;
	const char *why = NULL;

	if (acl_model_read(a, text, len, &m, &why) != 0 && (why == NULL || *why == '\0'))
		abort();
	arena_free(a);
}

static struct host *
read_facts(struct arena *a, const char *text, size_t len)
{
	const char *why = NULL;
	struct host_file *f = host_file_read(a, text, len, &why);

	if (f == NULL && (why == NULL || *why == '\0'))
		abort();
	return f != NULL && f->target == TARGET_WINDOWS ? f->host : NULL;
}

/* A plan is proved or refused with a reason; what is refused has no bytes. */
static void
compile(struct arena *a, const struct bound_policy *b, const struct backend *k)
{
	struct artifact art = { .refused = false };
	int rc = k->compile(a, b, &(struct backend_options){ .advisory_network = true }, &art);

	if ((rc == 0) == art.refused || (rc != 0 && (art.refusal.reason == NULL || art.bytes.len > 0)))
		abort();
	/* Whatever is refused is so before a plan is made. */
	if (rc != 0 && (strstr(art.refusal.reason, "the artifact ") != NULL ||
	    strstr(art.refusal.reason, "the plan") != NULL))
		abort();
	sbuf_free(&art.bytes);
}

/* Up to sixteen lines, each a letter for the access and a path. */
static void
bind_paths(const char *text, size_t len)
{
	struct arena *a = arena_new();
	const char *line = arena_strndup(a, text, len), *why;
	struct ir_policy ir = { .name = "f" };
	struct bind_error err = { NULL, NULL };
	struct host *host = read_facts(a, text, len);
	static const char *const names[] = { ".git", ".agents", ".codex" };

	for (size_t i = 0; i < NELEMS(names); i++)
		VEC_PUSH(a, &ir.protected, ((struct ir_name){ .name = names[i] }));
	struct ir_entry root = { ANCHOR_ABS, "/", ACCESS_READ, { .text = ":root" } };
	VEC_PUSH(a, &ir.entries, root);
	for (int n = 0; n < 16 && *line != '\0'; n++) {
		size_t end = strcspn(line, "\n");
		const char *path = end > 1 ? arena_strndup(a, line + 1, end - 1) : "";
		const char *normal = path_windows_normal(a, path, &why);
		struct ir_entry e = { ANCHOR_WINDOWS, normal, (enum access)((unsigned char)*line % 3),
		    { .text = path } };
		/* What the profile reader would not let through has been refused before. */
		if (normal != NULL && path_normal(a, path_windows_as_posix(a, normal), &why) != NULL)
			VEC_PUSH(a, &ir.entries, e);
		line += end + (line[end] == '\n');
	}
	if (host == NULL)
		host = host_fake_new(a, true);
	const struct fact cwd = { .path = "/C:/w", .kind = NODE_DIR };
	(void)host_fake_add(host, a, &cwd, NULL, false);
	const struct bind_request rq = { .ir = &ir, .target = TARGET_WINDOWS, .cwd = "C:\\w",
	    .home = "C:\\Users\\me" };
	struct bound_policy *b[] = { bind_policy(a, &rq, host, &err), bind_made_up(a, &rq, &err) };
	for (size_t i = 0; i < NELEMS(b); i++) {
		if (b[i] == NULL)
			continue;
		compile(a, b[i], &backend_windows_elevated);
		compile(a, b[i], &backend_windows_unelevated);
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	read_plan((const char *)data, len);
	bind_paths((const char *)data, len);
	return 0;
}
