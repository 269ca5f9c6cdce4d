/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_check.c - cdxpc check: what a profile is worth, before anything runs under it */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "backend.h"
#include "bind.h"
#include "check.h"
#include "ir.h"
#include "lint.h"
#include "source.h"
#include "subject.h"
#include "suggest.h"

static const char name[] = "check";

enum { OPT_ALL = OPT_OWN, OPT_BACKEND, OPT_FORMAT, OPT_JSON };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_MARKDOWN };

struct request {
	struct arena	*a;
	struct profile_options o;
	struct artifact_host host;
	bool		 all, legacy, asked;
	enum format	 format;
	struct { const struct backend **v; size_t len, cap; } backends;
};

static void
print_help(void)
{
	printf("usage: cdxpc check [OPTION]... FILE[#PROFILE]\n\n"
	    "Say for a profile of a TOML file, or for a bundle, whether it round-trips through\n"
	    "the legacy model, how each backend enforces each rule, and what looks like a\n"
	    "mistake or a risk.  \"-\" is standard input.\n\n"
	    "      --all-profiles        every profile of the file, in its order\n"
	    "      --backend=NAME,...    these backends only; there is: ");
	for (size_t i = 0; backend_at(i) != NULL; i++)
		printf("%s%s", i > 0 ? ", " : "", backend_at(i)->name);
	printf("\n      --legacy              only whether it round-trips; exit status 1 if not\n"
	    "      --format=FORMAT       text, json or markdown\n"
	    "      --json                the same as --format=json\n"
	    "      --host                for this host, its files and its PATH\n"
	    "      --cwd=DIR, --home=DIR, --tmpdir=DIR  the same, with other directories\n"
	    "      --facts=FILE          for the host that is described there\n"
	    "      --advisory-network    Windows: ask by variables where nothing confines\n"
	    "      --no-everyone         Windows: Everyone is no restricting SID\n");
	const char *rest = strstr(profile_options_help, "      --full-auto");
	const char *chosen = profile_options_help;
	/* --legacy has a meaning of its own here. */
	const char *legacy = strstr(chosen, "      --legacy");
	printf("%.*s%s\n"
	    "Exit status: 0 fine, there may be warnings; 1 the input is wrong, a backend refuses\n"
	    "it, a warning is an error by -Werror, or with --legacy it does not round-trip;\n"
	    "2 bad usage or an I/O failure.\n", (int)(legacy - chosen), chosen, rest);
}

/* ---- options ---- */

static int
add_backend(struct request *r, const char *word)
{
	const struct backend *b = backend_find(word);
	if (b == NULL) {
		const char *names[16];
		size_t n = 0;
		for (; n < NELEMS(names) && backend_at(n) != NULL; n++)
			names[n] = backend_at(n)->name;
		const char *near = suggest(word, names, n);
		return cmd_usage_error(name, "there is no backend \"%s\"%s%s%s", word,
		    near != NULL ? ": did you mean \"" : "", near != NULL ? near : "",
		    near != NULL ? "\"?" : ""), -1;
	}
	for (size_t i = 0; i < r->backends.len; i++)
		if (r->backends.v[i] == b)
			return 0;
	VEC_PUSH(r->a, &r->backends, b);
	return 0;
}

static int
add_backends(struct request *r, const char *list)
{
	for (const char *p = list;; p++) {
		size_t n = strcspn(p, ",");
		if (add_backend(r, arena_strndup(r->a, p, n)) != 0)
			return -1;
		p += n;
		if (*p == '\0')
			return 0;
	}
}

static int
set_format(struct request *r, const char *word)
{
	static const char *const formats[] = {
		[FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", [FORMAT_MARKDOWN] = "markdown",
	};
	for (size_t i = 0; i < NELEMS(formats); i++)
		if (strcmp(word, formats[i]) == 0) {
			r->format = (enum format)i;
			return 0;
		}
	return cmd_usage_error(name, "--format takes text, json or markdown, not \"%s\"", word), -1;
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct request *r = arg;

	switch (opt) {
	case OPT_ALL:
		r->all = true;
		return 0;
	case OPT_BACKEND:
		return add_backends(r, value);
	case OPT_FORMAT:
		return set_format(r, value);
	case OPT_JSON:
		r->format = FORMAT_JSON;
		return 0;
	case OPT_LEGACY:
		r->legacy = true;
		return 0;
	default:
		return host_option(&r->host, r->o.a, name, opt, value);
	}
}

/* 0 and all options are in *r; -1: *status is the command's. */
static int
read_options(struct request *r, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		PROFILE_LONG_OPTIONS,
		HOST_LONG_OPTIONS,
		WINDOWS_LONG_OPTIONS,
		{ "all-profiles", no_argument, NULL, OPT_ALL },
		{ "backend", required_argument, NULL, OPT_BACKEND },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "json", no_argument, NULL, OPT_JSON },
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":" PROFILE_SHORT_OPTIONS, options, print_help, own_option, r, &r->o,
	};

	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	if (profile_options_done(&r->o, name) != 0)
		return -1;
	if (optind == argc)
		return cmd_usage_error(name, "no file is named"), -1;
	if (optind + 1 < argc)
		return cmd_usage_error(name, "one file at a time: \"%s\" is one too many",
		    argv[optind + 1]), -1;
	if (r->all && (r->o.request.profile != NULL || r->o.request.full_auto))
		return cmd_usage_error(name, "--all-profiles chooses the profiles: leave out %s",
		    r->o.request.profile != NULL ? "-P" : "--full-auto"), -1;
	if (r->legacy && r->format == FORMAT_MARKDOWN)
		return cmd_usage_error(name, "--legacy prints text or JSON"), -1;
	r->asked = r->backends.len > 0;
	/* Nothing is known of a host of another system. */
	for (size_t i = 0; !r->asked && backend_at(i) != NULL; i++)
		if (!r->host.bound || (artifact_host_is_here(&r->host) ?
		    backend_at(i)->target == TARGET_LINUX : host_is_of(&r->host, backend_at(i)->target)))
			VEC_PUSH(r->a, &r->backends, backend_at(i));
	return 0;
}

/* ---- the work ---- */

static void
report_refusals(struct diags *d, const struct check *c)
{
	const struct lint l = { .d = d, .subject = c->subject };
	for (size_t i = 0; i < c->nbackends; i++) {
		const struct refusal *why = &c->backend[i].artifact.refusal;
		if (!c->backend[i].artifact.refused ||
		    (!c->backend[i].asked && c->backend[i].backend->no_warning))
			continue;
		struct diag *e = diag_add(d, c->backend[i].asked ? D_BACKEND_REFUSES :
		    D_BACKEND_REFUSED, lint_span(&l, why->origin),
		    "%s refuses profile \"%s\": %s", c->backend[i].backend->name,
		    c->subject->ir->name, why->reason);
		if (why->witness != NULL)
			diag_note(d, e, (struct span){ 0, 0 }, "it would fail at: %s", why->witness);
		if (lint_span(&l, why->origin).end == 0)
			lint_note_rule(&l, e, why->origin, "the rule");
	}
}

static void
print_json(struct sbuf *out, struct request *r, const struct subject *s, cJSON *profiles)
{
	cJSON *doc = json_must(cJSON_CreateObject());
	json_put(doc, "binding", json_must(cJSON_CreateString(r->host.bound ? "host" : "generic")));
	json_put_text(doc, "source", s->source_name);
	json_put(doc, "profiles", profiles);
	/* Numbers are counts and lines; text went through json_bytes(). */
	if (json_write(out, doc) != 0)
		out_of_memory();
	sbuf_addc(out, '\n');
	cJSON_Delete(doc);
}

/* Whether some backend refuses one of them; the output is appended. */
static bool
check_all(struct request *r, struct diags *d, const struct subject *s, size_t n,
    struct sbuf *out)
{
	static const struct artifact_host none = { .bound = false };
	bool refused = false;
	cJSON *profiles = r->format == FORMAT_JSON ? json_must(cJSON_CreateArray()) : NULL;
	for (size_t i = 0; i < n; i++) {
		struct check c;
		check_policy(r->a, &s[i], &r->host, r->backends.v, r->backends.len, r->asked,
		    &c);
		c.first_diag = diags_count(d);
		if (c.bound != NULL)
			lint_policy(r->a, d, &s[i], c.bound,
			    artifact_host_is_here(&r->host) ? &r->host : &none);
		c.end_diag = diags_count(d);
		report_refusals(d, &c);
		refused |= check_refused(&c);
		if (out->len > 0)
			sbuf_addc(out, '\n');
		if (r->format == FORMAT_JSON)
			json_append(profiles, check_json(r->a, &c, d));
		else if (r->format == FORMAT_MARKDOWN)
			check_print_markdown(out, r->a, &c, d);
		else if (!r->o.quiet)
			check_print_text(out, r->a, &c, cmd_colour(STDOUT_FILENO));
		check_free(&c);
	}
	if (r->format == FORMAT_JSON)
		print_json(out, r, &s[0], profiles);
	return refused;
}

static bool
legacy_all(struct request *r, const struct subject *s, size_t n)
{
	bool fine = true;
	for (size_t i = 0; i < n; i++) {
		const struct legacy_verdict v = legacy_verdict(r->a, s[i].ir, NULL);
		fine &= legacy_check_print(stdout, r->a, &v, r->format == FORMAT_JSON, r->o.quiet);
	}
	return fine;
}

static int
run(struct request *r, const char *file)
{
	struct sources *sources = sources_new(r->a);
	struct diags *d = diags_new(r->a, sources);
	struct subject *s = arena_alloc(r->a, sizeof(*s));
	struct sbuf out = SBUF_INIT;
	size_t n = 1;

	if (profile_options_warnings(&r->o, name, d) != 0)
		return EXIT_USAGE;
	int status = r->all ? subject_load_all(r->a, sources, d, &r->o, file, &s, &n) :
	    subject_load(r->a, sources, d, &r->o, file, s);
	/* A warning that is made an error is no reason not to look further. */
	if (status == EXIT_OK && r->legacy)
		status = legacy_all(r, s, n) ? EXIT_OK : EXIT_INPUT;
	else if (status == EXIT_OK && check_all(r, d, s, n, &out))
		status = EXIT_INPUT;
	if (status == EXIT_OK && diags_errors(d) > 0)
		status = EXIT_INPUT;
	/* The warnings come last, where they are seen. */
	fwrite(sbuf_str(&out), 1, out.len, stdout);
	fflush(stdout);
	cmd_print_diags(d, r->o.format);
	sbuf_free(&out);
	return status;
}

int
cmd_check(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct request r = { .a = a, .o = { .a = a } };
	int status;

	if (read_options(&r, argc, argv, &status) == 0)
		status = run(&r, argv[optind]);
	arena_free(a);
	return status;
}
