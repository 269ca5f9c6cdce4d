/* SPDX-License-Identifier: Apache-2.0 */
/* pipeline.c - read, parse, profiles, extends, select, amend, lower */
#include <config.h>

#include "pipeline.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "intern.h"
#include "json.h"
#include "lower.h"
#include "profile.h"
#include "source.h"
#include "toml.h"

struct compilation {
	struct arena	*a;
	struct sources	*sources;
	struct diags	*d;
	const struct compile_request *request;
	struct compiled	*out;

	const struct source *source;
	const struct toml_node **layers;	/* the file's tree, then each override's */
	size_t		 nlayers;
	struct config	*config;
	struct profile	*profile;	/* the chosen one, merged */
	size_t		 syntax_errors;
};

static bool
phase_read(struct compilation *c)
{
	const struct compile_request *r = c->request;
	if (r->text != NULL)
		c->source = sources_add(c->sources, c->d, r->file, r->text, r->len);
	else
		c->source = sources_read(c->sources, c->d, r->file, &c->out->io);
	if (c->source == NULL)
		return false;
	c->out->source = c->source;
	const char *slash = strrchr(c->source->name, '/');
	c->out->source_name = slash == NULL ? c->source->name : slash + 1;
	return true;
}

const char *
compiled_sha256(struct arena *a, const struct compiled *c)
{
	char *hex = arena_alloc(a, 65);

	sha256_hex(c->source->raw, c->source->raw_len, hex);
	return hex;
}

static bool
phase_parse(struct compilation *c)
{
	const struct compile_request *r = c->request;
	size_t before = diags_errors(c->d);

	c->layers = arena_array(c->a, r->noverrides + 1, sizeof(*c->layers));
	c->layers[c->nlayers++] = toml_parse(c->a, c->d, c->source);
	for (size_t i = 0; i < r->noverrides; i++) {
		const char *name = arena_printf(c->a, "-c#%zu", i + 1);
		const struct source *s = sources_add(c->sources, c->d, name, r->overrides[i],
		    strlen(r->overrides[i]));
		const struct toml_node *tree = s == NULL ? NULL :
		    toml_parse_override(c->a, c->d, s);
		if (tree != NULL)
			c->layers[c->nlayers++] = tree;
	}
	c->syntax_errors = diags_errors(c->d) - before;
	return c->layers[0] != NULL;
}

static bool
phase_profiles(struct compilation *c)
{
	c->config = config_new(c->a, c->d, c->request->allow_unknown_places);
	c->config->partial = c->syntax_errors > 0;
	for (size_t i = 0; i < c->nlayers; i++)
		profile_read(c->config, c->layers[i], (unsigned)i);
	return true;
}

static bool
phase_extends(struct compilation *c)
{
	profile_extend_check(c->config);
	return true;
}

static bool
phase_select(struct compilation *c)
{
	struct selection s = {
		c->request->profile, c->request->legacy, c->request->full_auto,
	};
	c->profile = profile_select(c->config, &s);
	return c->profile != NULL;
}

static void
add_place(struct compilation *c, struct item *it, enum access access)
{
	it->access = access;
	if (place_finish(c->config, it, it->origin.span) == 0)
		items_put(c->a, &c->profile->places, *it);
}

static void
amend(struct compilation *c, const struct addition *add)
{
	static const char *const option[] = {
		[ADD_WRITABLE] = "--add-writable",
		[ADD_READABLE] = "--add-readable",
		[ADD_WORKSPACE_ROOT] = "--add-workspace-root",
		[ADD_UNIX_SOCKET] = "--allow-unix-socket",
		[ADD_PROTECT] = "--protect",
	};
	struct config *config = c->config;
	const struct source *s = sources_add(c->sources, c->d, option[add->kind], add->value,
	    strlen(add->value));
	if (s == NULL)
		return;
	struct item it = {
		.origin = { { s->base, s->base + (uint32_t)s->len }, s->text, c->profile->name },
		.on = true,
	};
	if (add->kind == ADD_PROTECT) {
		protect_add(config, s->text, it.origin);
		return;
	}
	enum place_use use = add->kind == ADD_UNIX_SOCKET ? PLACE_SOCKET : PLACE_ROOT;
	if (place_read(config, use, s->text, it.origin.span, &it) != 0)
		return;
	switch (add->kind) {
	case ADD_WRITABLE:
		add_place(c, &it, ACCESS_WRITE);
		break;
	case ADD_READABLE:
		add_place(c, &it, ACCESS_READ);
		break;
	case ADD_WORKSPACE_ROOT:
		root_add(config, c->profile, it);
		break;
	default:
		socket_add(config, c->profile, it);
		break;
	}
}

static bool
phase_amend(struct compilation *c)
{
	for (size_t i = 0; i < c->request->nadditions; i++)
		amend(c, &c->request->additions[i]);
	return true;
}

static bool
phase_lower(struct compilation *c)
{
	struct lowering l = lower_begin(c->config, c->sources, c->profile);
	lower_fs(&l, c->profile);
	lower_net(&l, c->profile);
	lower_env(&l);
	c->out->ir = l.ir;
	return true;
}

/*
 * Each phase reports what it finds and leaves out what it does not
 * understand, so that the next one can go on; false where there is nothing to
 * go on with.
 */
static bool (*const phases[])(struct compilation *) = {
	phase_read,
	phase_parse,
	phase_profiles,
	phase_extends,
	phase_select,
	phase_amend,
	phase_lower,
};

/* Those before it concern the file, those from it on one profile of it. */
enum { FIRST_PHASE_OF_PROFILE = 4 };

int
compile_policy(struct arena *a, struct sources *sources, struct diags *d,
    const struct compile_request *request, struct compiled *out)
{
	size_t before = diags_errors(d);
	struct compilation c = {
		.a = a, .sources = sources, .d = d, .request = request, .out = out,
	};
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < NELEMS(phases); i++)
		if (!phases[i](&c))
			break;
	if (diags_errors(d) == before && out->ir != NULL)
		return 0;
	out->ir = NULL;
	return -1;
}

/* All phases after the text is parsed, for the profile of that name. */
static int
compile_named(const struct compilation *parsed, struct diags *scratch, const char *name,
    struct compiled *out)
{
	struct compile_request request = *parsed->request;
	struct compilation c = *parsed;

	request.profile = name;
	c.request = &request;
	*out = *parsed->out;
	c.out = out;
	/* What there is to say about the file as a whole has been said. */
	c.d = scratch;
	phase_profiles(&c);
	phase_extends(&c);
	c.d = c.config->d = parsed->d;
	c.config->errors_before = diags_errors(parsed->d);
	size_t before = diags_errors(parsed->d);
	for (size_t i = FIRST_PHASE_OF_PROFILE; i < NELEMS(phases); i++)
		if (!phases[i](&c))
			break;
	if (diags_errors(parsed->d) == before && out->ir != NULL)
		return 0;
	out->ir = NULL;
	return -1;
}

int
compile_profiles(struct arena *a, struct sources *sources, struct diags *d,
    const struct compile_request *request, struct compiled **out, size_t *n)
{
	static const struct span nowhere = { 0, 0 };
	size_t before = diags_errors(d);
	struct compiled first = { .ir = NULL };
	struct compilation c = {
		.a = a, .sources = sources, .d = d, .request = request, .out = &first,
	};
	for (size_t i = 0; i < FIRST_PHASE_OF_PROFILE; i++)
		if (!phases[i](&c))
			return -1;
	*n = c.config->profiles.len;
	if (*n == 0 && diags_errors(d) == before) {
		struct diag *e = diag_add(d, D_PROFILE_NONE, nowhere,
		    "%s: the file has no profiles", c.source->name);
		diag_hint(d, e, "leave out --all-profiles, or write a [permissions.NAME]");
	}
	if (diags_errors(d) != before)
		return -1;
	*out = arena_array(a, *n, sizeof(**out));
	struct diags *scratch = diags_new(a, sources);
	int status = 0;
	for (size_t i = 0; i < *n; i++)
		if (compile_named(&c, scratch, c.config->profiles.v[i]->name, &(*out)[i]) != 0)
			status = -1;
	return status;
}
