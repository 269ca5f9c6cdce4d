/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_load.c - the public library: a policy from a bundle or from TOML text */
#include <config.h>

#include "cdxp_policy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "amend.h"
#include "arena.h"
#include "bundle_read.h"
#include "cdxp_messages.h"
#include "diag.h"
#include "ir.h"
#include "pipeline.h"
#include "sbuf.h"
#include "source.h"
#include "system.h"

struct cdxp_policy {
	struct arena	*arena;
	struct ir_policy *ir;
};

const struct ir_policy *
policy_ir(const struct cdxp_policy *p)
{
	return p->ir;
}

const char *
cdxp_policy_profile(const struct cdxp_policy *p)
{
	return p->ir->name;
}

bool
cdxp_policy_unsandboxed(const struct cdxp_policy *p)
{
	return p->ir->unsandboxed;
}

void
cdxp_policy_free(struct cdxp_policy *p)
{
	if (p != NULL)
		arena_free(p->arena);
}

static enum cdxp_status
read_bundle(struct arena *a, struct ir_policy **ir, const char *name, const char *text,
    size_t len, const struct cdxp_load_options *o, struct cdxp_messages *m)
{
	const char *why;
	struct bundle *b = bundle_read(a, text, len, &why);
	if (b == NULL)
		return messages_fail(m, CDXP_INVALID, "%s: not a bundle that can be used: %s",
		    name, why);
	if (o->overrides.n > 0)
		return messages_fail(m, CDXP_INVALID, "%s: a bundle is compiled already; "
		    "\"%s\" needs the TOML file that it was made from", name, o->overrides.v[0]);
	if (o->profile != NULL && strcmp(o->profile, b->profile) != 0)
		return messages_fail(m, CDXP_INVALID, "%s: this bundle holds the profile "
		    "\"%s\", not \"%s\"", name, b->profile, o->profile);
	*ir = b->ir;
	return CDXP_OK;
}

static enum cdxp_status
compile(struct arena *a, struct ir_policy **ir, const char *name, const char *text,
    size_t len, const struct cdxp_load_options *o, struct cdxp_messages *m)
{
	struct compile_request q = {
		.file = name, .text = text, .len = len,
		.profile = o->profile,
		.overrides = o->overrides.v, .noverrides = o->overrides.n,
	};
	struct sources *sources = sources_new(a);
	struct diags *d = diags_new(a, sources);
	struct compiled made = { 0 };
	int failed = compile_policy(a, sources, d, &q, &made);
	messages_add_diags(m, d);
	*ir = made.ir;
	return failed != 0 ? CDXP_INVALID : CDXP_OK;
}

static void
push_all(struct arena *a, struct amendment *v, size_t *n, enum amendment_kind kind,
    struct cdxp_strings list)
{
	for (size_t i = 0; i < list.n; i++)
		v[(*n)++] = (struct amendment){ kind, arena_strdup(a, list.v[i]) };
}

/* What the command line adds applies to a bundle and to TOML alike, so it is added to the IR. */
static enum cdxp_status
amend(struct arena *a, struct ir_policy *ir, const struct cdxp_load_options *o,
    struct cdxp_messages *m)
{
	size_t n = 0, max = o->add_writable.n + o->add_readable.n +
	    o->add_workspace_roots.n + o->protect.n + o->allow_unix_sockets.n + o->devices.n;
	if (max == 0)
		return CDXP_OK;
	struct amendment *v = arena_array(a, max, sizeof(*v));
	push_all(a, v, &n, AMEND_WRITABLE, o->add_writable);
	push_all(a, v, &n, AMEND_READABLE, o->add_readable);
	push_all(a, v, &n, AMEND_WORKSPACE_ROOT, o->add_workspace_roots);
	push_all(a, v, &n, AMEND_PROTECT, o->protect);
	push_all(a, v, &n, AMEND_UNIX_SOCKET, o->allow_unix_sockets);
	push_all(a, v, &n, AMEND_DEVICE, o->devices);

	const char *here = o->directory != NULL ? o->directory : system_full_path(a, NULL);
	if (here == NULL)
		return messages_fail(m, CDXP_IO, "the working directory: %s", strerror(errno));
	const char *why;
	return amend_policy(a, ir, here, v, n, &why) != 0 ?
	    messages_fail(m, CDXP_INVALID, "%s", why) : CDXP_OK;
}

enum cdxp_status
cdxp_policy_read(struct cdxp_policy **out, const char *name, const char *text, size_t len,
    const struct cdxp_load_options *o, struct cdxp_messages *m)
{
	struct arena *a = arena_new();
	struct ir_policy *ir = NULL;
	enum cdxp_status s = bundle_looks_like(text, len) ?
	    read_bundle(a, &ir, name, text, len, o, m) :
	    compile(a, &ir, name, text, len, o, m);
	if (s == CDXP_OK)
		s = amend(a, ir, o, m);
	if (s != CDXP_OK) {
		arena_free(a);
		return s;
	}
	struct cdxp_policy *p = arena_alloc(a, sizeof(*p));
	p->arena = a;
	p->ir = ir;
	*out = p;
	return CDXP_OK;
}

enum cdxp_status
cdxp_policy_load(struct cdxp_policy **out, const char *file,
    const struct cdxp_load_options *o, struct cdxp_messages *m)
{
	int fd = system_open(file);
	if (fd == -1)
		return messages_fail(m, CDXP_IO, "%s: %s", file, strerror(errno));
	struct sbuf text = SBUF_INIT;
	enum cdxp_status s = CDXP_OK;
	if (sbuf_read(&text, fd, LIMIT_BUNDLE_BYTES) != 0)
		s = messages_fail(m, CDXP_IO, "%s: %s", file, strerror(errno));
	else if (text.len > LIMIT_BUNDLE_BYTES)
		s = messages_fail(m, CDXP_INVALID, "%s: larger than %d bytes", file,
		    LIMIT_BUNDLE_BYTES);
	close(fd);
	if (s == CDXP_OK)
		s = cdxp_policy_read(out, file, sbuf_str(&text), text.len, o, m);
	sbuf_free(&text);
	return s;
}
