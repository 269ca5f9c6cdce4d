/* SPDX-License-Identifier: Apache-2.0 */
/* artifacts.c - the IR as bundle, as JSON, or as one backend's artifact */
#include <config.h>

#include "artifacts.h"

#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "backend.h"
#include "bind.h"
#include "bundle_write.h"
#include "decide_fs.h"
#include "diag.h"
#include "ir.h"
#include "ir_json.h"
#include "json.h"
#include "legacy_verdict.h"
#include "pipeline.h"
#include "subject.h"

static const struct {
	const char	*name;
	const char	*ending;
} kinds[ARTIFACT_KINDS] = {
	[ARTIFACT_IR] = { "ir", ".ir.json" },
	[ARTIFACT_BWRAP] = { "bwrap", ".bwrap" },
	[ARTIFACT_LANDLOCK] = { "landlock", ".landlock.json" },
	[ARTIFACT_SEATBELT] = { "seatbelt", ".sb" },
	[ARTIFACT_SECCOMP] = { "seccomp", ".bpf" },
	[ARTIFACT_WINDOWS] = { "windows", ".acl.json" },
	[ARTIFACT_WINDOWS_MACHINE] = { "windows-machine", ".machine.json" },
	[ARTIFACT_BUNDLE] = { "bundle", ".cdxp" },
};

static const struct span nowhere = { 0, 0 };

const char *
artifact_kind_name(enum artifact_kind kind)
{
	return kinds[kind].name;
}

bool
artifact_is_bound(enum artifact_kind kind)
{
	return kind == ARTIFACT_BWRAP || kind == ARTIFACT_LANDLOCK || kind == ARTIFACT_SEATBELT ||
	    kind == ARTIFACT_WINDOWS;
}

const char *
artifact_compiler(struct arena *a)
{
	return arena_printf(a, "%s, %s", PACKAGE_STRING, backend_tools());
}

/* ---- backends ---- */

/* A binding that several ask for; NULL where the policy cannot be bound. */
struct binding {
	enum target	 target;
	struct bound_policy *bound;
	const struct decide_fs *decide;
	struct bind_error err;
};

static struct binding
bind_for(struct arena *a, const struct ir_policy *ir, enum target target,
    const struct artifact_host *h)
{
	struct binding b = { .target = target };
	struct artifact_host own = h != NULL ? *h : (struct artifact_host){ .bound = false };

	own.pins_only = true;
	b.bound = subject_bind(a, ir, target, &own, &b.err);
	if (b.bound != NULL)
		b.decide = decide_fs_build(a, b.bound);
	return b;
}

static void
compile_backend(struct arena *a, const struct backend *b, const struct binding *binding,
    const struct artifact_host *h, struct artifact *out)
{
	const struct backend_options options = { .decide = binding->decide,
	    .advisory_network = h != NULL && h->advisory_network,
	    .no_everyone = h != NULL && h->no_everyone };

	subject_compile(a, b, binding->bound, &binding->err, &options, out);
}

static void
make_single(struct arena *a, struct diags *d, const struct ir_policy *ir, const char *name,
    const struct artifact_host *h, struct sbuf *out)
{
	struct artifact art = { .bytes = SBUF_INIT };
	const struct backend *b = backend_find(name);
	const struct binding binding = bind_for(a, ir, b->target, h);
	compile_backend(a, b, &binding, h, &art);
	if (!art.refused) {
		/* A document; what it is read by takes it with and without. */
		if (art.is_json)
			sbuf_addc(&art.bytes, '\n');
		*out = art.bytes;
		return;
	}
	struct diag *e = diag_add(d, D_BACKEND_REFUSES, nowhere, "%s refuses profile \"%s\": %s", name,
	    ir->name, art.refusal.reason);
	subject_note_rule(d, e, ir, art.refusal.origin);
	sbuf_free(&art.bytes);
}

/* Without the final newline that documents of their own have. */
static void
put_refusal(struct arena *a, const struct ir_policy *ir, const struct refusal *r, struct sbuf *out)
{
	const struct ir_origin *o = r->origin;

	sbuf_puts(out, "{\"reason\":");
	json_write_text(out, r->reason);
	sbuf_puts(out, ",\"rule\":");
	if (o != NULL && o->span.source < ir->sources.len) {
		const char *name = ir->sources.v[o->span.source].name;
		sbuf_puts(out, "{\"at\":");
		json_write_text(out, o->span.line == 0 ? name : arena_printf(a, "%s:%u:%u", name,
		    (unsigned)o->span.line, (unsigned)o->span.column));
		sbuf_puts(out, ",\"text\":");
		json_write_text(out, o->text);
		sbuf_puts(out, "},\"status\":\"refused\",\"witness\":");
	} else {
		sbuf_puts(out, "null,\"status\":\"refused\",\"witness\":");
	}
	if (r->witness != NULL)
		json_write_text(out, r->witness);
	else
		sbuf_puts(out, "null");
	sbuf_addc(out, '}');
}

/* Both plans; a refusal is content, but where nothing is left of the other one. */
static void
make_windows(struct arena *a, struct diags *d, const struct ir_policy *ir,
    const struct artifact_host *h, struct sbuf *out)
{
	static const char *const names[] = { "windows-elevated", "windows-unelevated" };
	const struct binding binding = bind_for(a, ir, TARGET_WINDOWS, h);
	struct artifact art[NELEMS(names)];
	bool none = true;

	for (size_t i = 0; i < NELEMS(names); i++) {
		art[i] = (struct artifact){ .refused = false };
		compile_backend(a, backend_find(names[i]), &binding, h, &art[i]);
		none &= art[i].refused;
	}
	sbuf_puts(out, "{\"cdxp_windows\":1,\"compiler\":");
	json_write_text(out, artifact_compiler(a));
	for (size_t i = 0; i < NELEMS(names); i++) {
		sbuf_printf(out, "%s\"%s\":", i == 0 ? ",\"plans\":{" : ",", names[i]);
		if (art[i].refused) {
			put_refusal(a, ir, &art[i].refusal, out);
			struct diag *e = diag_add(d, none ? D_BACKEND_REFUSES : D_BACKEND_REFUSED, nowhere,
			    "%s refuses profile \"%s\": %s", names[i], ir->name, art[i].refusal.reason);
			subject_note_rule(d, e, ir, art[i].refusal.origin);
		} else {
			sbuf_add(out, art[i].bytes.p, art[i].bytes.len);
		}
		sbuf_free(&art[i].bytes);
	}
	sbuf_puts(out, "},\"profile\":");
	json_write_text(out, ir->name);
	sbuf_puts(out, "}\n");
}

static void
make_bundle(struct arena *a, struct diags *d, const struct compiled *c, struct sbuf *out)
{
	size_t n = 0;
	while (backend_bundled(n) != NULL)
		n++;
	struct binding binding = bind_for(a, c->ir, TARGET_LINUX, NULL);
	const struct legacy_verdict legacy = legacy_verdict(a, c->ir, binding.decide);
	struct artifact *art = arena_array(a, n, sizeof(*art));
	struct bundle_part *part = arena_array(a, n, sizeof(*part));
	for (size_t i = 0; i < n; i++) {
		const struct backend *b = backend_bundled(i);
		part[i] = (struct bundle_part){ b->name, &art[i] };
		if (binding.target != b->target)
			binding = bind_for(a, c->ir, b->target, NULL);
		compile_backend(a, b, &binding, NULL, &art[i]);
		if (!art[i].refused || c->ir->unsandboxed || b->for_few)
			continue;
		struct diag *w = diag_add(d, D_BACKEND_REFUSED, nowhere,
		    "%s refuses profile \"%s\": %s", part[i].backend, c->ir->name,
		    art[i].refusal.reason);
		subject_note_rule(d, w, c->ir, art[i].refusal.origin);
	}
	const struct bundle_content content = {
		artifact_compiler(a), c->ir, c->source_name, compiled_sha256(a, c), part, n,
		&legacy,
	};
	bundle_write(a, out, &content);
	for (size_t i = 0; i < n; i++)
		sbuf_free(&art[i].bytes);
}

static void
make_ir(const struct ir_policy *ir, struct sbuf *out)
{
	cJSON *json = ir_print(ir);
	/* Numbers of 32 bits, and text that went through json_bytes(). */
	if (json_write(out, json) != 0)
		out_of_memory();
	sbuf_addc(out, '\n');
	cJSON_Delete(json);
}

void
artifact_make(struct arena *a, struct diags *d, const struct compiled *c,
    enum artifact_kind kind, const struct artifact_host *h, struct sbuf *out)
{
	switch (kind) {
	case ARTIFACT_IR:
		make_ir(c->ir, out);
		break;
	case ARTIFACT_BWRAP:
	case ARTIFACT_LANDLOCK:
	case ARTIFACT_SEATBELT:
		make_single(a, d, c->ir, kinds[kind].name, h, out);
		break;
	case ARTIFACT_WINDOWS:
		make_windows(a, d, c->ir, h, out);
		break;
	case ARTIFACT_WINDOWS_MACHINE:
		backend_windows_machine(a, c->ir, artifact_compiler(a), out);
		break;
	case ARTIFACT_SECCOMP:
		if (!backend_filter_raw(h->arch, c->ir, out))
			diag_add(d, D_BACKEND_REFUSES, nowhere, "there is no system call filter for "
			    "the architecture \"%s\": x86_64 and aarch64 have one", h->arch);
		break;
	default:
		make_bundle(a, d, c, out);
		break;
	}
}

/* ---- names ---- */

static const char *
file_name(struct arena *a, const char *profile)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char *out = arena_strdup(a, profile);
	for (char *p = out; *p != '\0'; p++)
		if (strchr(plain, *p) == NULL || (p == out && *p == '.'))
			*p = '_';
	return out;
}

const char *
artifact_path(struct arena *a, const char *out, const char *input, const char *profile,
    enum artifact_kind kind)
{
	struct stat st;
	bool dir = out != NULL && strcmp(out, "-") != 0 && stat(out, &st) == 0 &&
	    S_ISDIR(st.st_mode);
	if (out != NULL && !dir)
		return out;

	const char *slash = strrchr(input, '/');
	const char *base = slash == NULL ? input : slash + 1;
	const char *stem = strcmp(input, "-") == 0 ? "stdin" : base;
	size_t len = strlen(stem);
	if (len > 5 && strcmp(stem + len - 5, ".toml") == 0)
		len -= 5;
	const char *where = dir ? arena_printf(a, "%s/", out) :
	    arena_strndup(a, input, (size_t)(base - input));
	return arena_printf(a, "%s%.*s.%s%s", where, (int)len, stem, file_name(a, profile),
	    kinds[kind].ending);
}
