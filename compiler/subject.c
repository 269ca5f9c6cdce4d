/* SPDX-License-Identifier: Apache-2.0 */
/* subject.c - a policy from TOML or from a bundle, for every command that asks about one */
#include <config.h>

#include "subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "backend.h"
#include "bind.h"
#include "bundle_read.h"
#include "cmd.h"
#include "diag.h"
#include "host_file.h"
#include "ir.h"
#include "path_windows.h"
#include "pipeline.h"
#include "sbuf.h"
#include "source.h"

static const struct span nowhere = { 0, 0 };

/* FILE and PROFILE of "FILE#PROFILE"; *profile is left alone where there is none. */
static const char *
split_name(struct arena *a, const char *arg, const char **profile)
{
	struct stat st;
	const char *hash = strrchr(arg, '#');

	if (hash == NULL || hash == arg || hash[1] == '\0' || stat(arg, &st) == 0)
		return arg;
	*profile = hash + 1;
	return arena_strndup(a, arg, (size_t)(hash - arg));
}

static int
load_bundle(struct arena *a, struct diags *d, const struct profile_options *o,
    const char *profile, const struct sbuf *text, struct subject *s)
{
	const char *why;
	const struct compile_request *q = &o->request;
	struct bundle *b = bundle_read(a, text->p, text->len, &why);

	if (b == NULL)
		diag_add(d, D_BUNDLE, nowhere, "%s: not a bundle that can be used: %s", s->file, why);
	else if (profile != NULL && strcmp(profile, b->profile) != 0)
		diag_add(d, D_BUNDLE, nowhere, "%s: this bundle holds the profile \"%s\", not \"%s\"",
		    s->file, b->profile, profile);
	else if (q->noverrides + q->nadditions > 0 || q->legacy || q->full_auto ||
	    q->allow_unknown_places)
		diag_add(d, D_BUNDLE, nowhere, "%s: a bundle is compiled already; -c, --add-*, "
		    "--protect, --legacy and the like need the TOML file that it was made from", s->file);
	else {
		s->bundle = b;
		s->ir = b->ir;
		s->source_name = b->source_name;
		s->source_sha256 = b->source_sha256;
		return EXIT_OK;
	}
	return EXIT_INPUT;
}

static void
from_compiled(struct arena *a, struct subject *s, const struct compiled *c)
{
	s->ir = c->ir;
	s->source = c->source;
	s->source_name = c->source_name;
	s->source_sha256 = compiled_sha256(a, c);
}

static int
load_toml(struct arena *a, struct sources *sources, struct diags *d,
    const struct profile_options *o, const char *profile, const struct sbuf *text,
    struct subject *s)
{
	struct compile_request q = o->request;
	struct compiled *c = arena_alloc(a, sizeof(*c));

	q.file = s->file;
	q.text = text->len == 0 ? "" : text->p;	/* not NULL, which would name a file */
	q.len = text->len;
	q.profile = profile;
	if (compile_policy(a, sources, d, &q, c) != 0)
		return EXIT_INPUT;
	from_compiled(a, s, c);
	return EXIT_OK;
}

static int
load_toml_all(struct arena *a, struct sources *sources, struct diags *d,
    const struct profile_options *o, const struct sbuf *text, const char *file,
    struct subject **v, size_t *n)
{
	struct compile_request q = o->request;
	struct compiled *c;

	q.file = file;
	q.text = sbuf_str(text);
	q.len = text->len;
	if (compile_profiles(a, sources, d, &q, &c, n) != 0)
		return EXIT_INPUT;
	*v = arena_array(a, *n, sizeof(**v));
	for (size_t i = 0; i < *n; i++) {
		(*v)[i].file = file;
		from_compiled(a, &(*v)[i], &c[i]);
	}
	return EXIT_OK;
}

int
subject_load_all(struct arena *a, struct sources *sources, struct diags *d,
    const struct profile_options *o, const char *file, struct subject **v, size_t *n)
{
	struct sbuf text = SBUF_INIT;
	const char *shown = strcmp(file, "-") == 0 ? "<stdin>" : file;
	int status;

	if (cmd_read_file(file, &text) != 0) {
		diag_add(d, D_IO, nowhere, "%s: %s", shown, strerror(errno));
		status = EXIT_USAGE;
	} else if (bundle_looks_like(sbuf_str(&text), text.len)) {
		*v = arena_alloc(a, sizeof(**v));
		**v = (struct subject){ .file = shown };
		*n = 1;
		status = load_bundle(a, d, o, NULL, &text, *v);
	} else {
		status = load_toml_all(a, sources, d, o, &text, shown, v, n);
	}
	sbuf_free(&text);
	return status;
}

int
subject_load(struct arena *a, struct sources *sources, struct diags *d,
    const struct profile_options *o, const char *file, struct subject *out)
{
	const char *profile = o->request.profile;
	struct sbuf text = SBUF_INIT;
	int status;

	file = split_name(a, file, &profile);
	*out = (struct subject){ .file = strcmp(file, "-") == 0 ? "<stdin>" : file };
	if (cmd_read_file(file, &text) != 0) {
		diag_add(d, D_IO, nowhere, "%s: %s", out->file, strerror(errno));
		status = EXIT_USAGE;
	} else if (bundle_looks_like(sbuf_str(&text), text.len)) {
		status = load_bundle(a, d, o, profile, &text, out);
	} else {
		status = load_toml(a, sources, d, o, profile, &text, out);
	}
	sbuf_free(&text);
	return status;
}

static bool
is_windows_path(const char *path)
{
	return path != NULL && path_windows_looks_like(path, strlen(path));
}

static bool
names_windows(const struct artifact_host *h)
{
	return is_windows_path(h->cwd) || is_windows_path(h->home) || is_windows_path(h->tmpdir);
}

enum target
artifact_host_target(const struct artifact_host *h)
{
	return h->facts != NULL ? h->facts->target : names_windows(h) ? TARGET_WINDOWS : TARGET_LINUX;
}

bool
artifact_host_is_here(const struct artifact_host *h)
{
	return h->bound && h->facts == NULL && !names_windows(h);
}

bool
host_is_of(const struct artifact_host *h, enum target target)
{
	if (h->facts != NULL)
		return h->facts->target == target;
	return names_windows(h) ? target == TARGET_WINDOWS : target != TARGET_WINDOWS;
}

struct bound_policy *
subject_bind(struct arena *a, const struct ir_policy *ir, enum target target,
    const struct artifact_host *h, struct bind_error *err)
{
	if (h == NULL || !h->bound || !host_is_of(h, target))
		return bind_generic(a, ir, target, err);
	const struct host_file *f = h->facts;
	bool here = artifact_host_is_here(h);
	struct bind_request request = {
		.ir = ir,
		.target = target,
		.cwd = h->cwd != NULL || here ? h->cwd : f != NULL ? f->cwd : "/@cwd",
		.home = h->home != NULL ? h->home : here ? getenv("HOME") : f != NULL ? f->home : "/@home",
		.tmpdir = h->tmpdir != NULL ? h->tmpdir : here ? getenv("TMPDIR") :
		    f != NULL ? f->tmpdir : "/@tmpdir",
		.tmp = h->tmpdir == NULL && f != NULL ? f->tmp : NULL,
		.network_off = ir->network.mode == NET_OFF,
		.pins_only = h->pins_only,
	};
	return f != NULL ? bind_policy(a, &request, f->host, err) :
	    here ? bind_policy(a, &request, host_real(a), err) : bind_made_up(a, &request, err);
}

void
subject_compile(struct arena *a, const struct backend *b, const struct bound_policy *bound,
    const struct bind_error *err, const struct backend_options *options, struct artifact *out)
{
	if (bound != NULL) {
		b->compile(a, bound, options, out);
		return;
	}
	out->refused = true;
	out->refusal = (struct refusal){ .reason = err->text, .origin = err->origin };
}

void
subject_note_rule(struct diags *d, struct diag *e, const struct ir_policy *ir,
    const struct ir_origin *o)
{
	if (o == NULL)
		return;
	if (o->span.line == 0)
		diag_note(d, e, nowhere, "the rule is \"%s\" of %s", o->text,
		    ir->sources.v[o->span.source].name);
	else
		diag_note(d, e, nowhere, "the rule is \"%s\", %s:%u:%u", o->text,
		    ir->sources.v[o->span.source].name, (unsigned)o->span.line,
		    (unsigned)o->span.column);
}
