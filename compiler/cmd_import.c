/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_import.c - cdxpc import --from=legacy FILE: a profile from sandbox_mode settings */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "ir.h"
#include "ir_json.h"
#include "legacy_policy.h"
#include "legacy_toml.h"
#include "output.h"
#include "source.h"
#include "subject.h"

static const char name[] = "import";
static const struct span nowhere = { 0, 0 };

enum { OPT_FROM = OPT_OWN, OPT_NAME };

struct import_options {
	struct profile_options profile;
	const char	*from;
	const char	*name;		/* --name, or NULL: the mode's */
	const char	*out;
};

static void
print_help(void)
{
	fputs("usage: cdxpc import --from=legacy [OPTION]... FILE\n\n"
	    "Print a profile that means what the sandbox_mode and sandbox_workspace_write of\n"
	    "FILE mean, as TOML that can be used as it is.  \"-\" is standard input.\n\n"
	    "      --from=legacy         what FILE is in: a config.toml with a sandbox_mode\n"
	    "      --name=NAME           the profile's name; default: that of the mode\n"
	    "  -o FILE                   write FILE instead of standard output\n"
	    "  -c, --config=KEY=VALUE    set a key of the file, VALUE in TOML or plain text\n"
	    "      --full-auto           as if sandbox_mode were \"workspace-write\"\n"
	    "      --diagnostics=FORMAT  text, json, sarif or github\n"
	    "  -W[no-]ID, -Werror[=ID]   warnings by their id in brackets, as in gcc; -w: none\n"
	    "  -q, --quiet               errors only\n"
	    "  -h, --help                this text\n"
	    "      --version             versions of cdxpc and libseccomp\n", stdout);
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct import_options *o = arg;

	switch (opt) {
	case OPT_FROM:
		o->from = value;
		return 0;
	case OPT_NAME:
		o->name = value;
		return 0;
	case 'o':
		o->out = value;
		return 0;
	default:
		return 1;
	}
}

static int
check_usage(const struct import_options *o, int nfiles)
{
	if (o->from == NULL)
		return cmd_usage_error(name, "--from is missing: --from=legacy is what there is");
	if (strcmp(o->from, "legacy") != 0)
		return cmd_usage_error(name, "--from=%s: nothing can be imported from that; "
		    "--from=legacy is what there is", o->from);
	if (o->name != NULL && (o->name[0] == '\0' || o->name[0] == ':'))
		return cmd_usage_error(name, "--name=%s: a profile's name is not empty, "
		    "and does not begin with a colon", o->name);
	if (nfiles != 1)
		return cmd_usage_error(name, nfiles == 0 ? "no input file" :
		    "one file at a time");
	return EXIT_OK;
}

/* 0 and all options are in *o; -1: *status is the command's. */
static int
parse_options(struct import_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, OPT_FROM },
		{ "name", required_argument, NULL, OPT_NAME },
		{ "output", required_argument, NULL, 'o' },
		{ "config", required_argument, NULL, 'c' },
		{ "full-auto", no_argument, NULL, OPT_FULL_AUTO },
		{ "diagnostics", required_argument, NULL, OPT_DIAGNOSTICS },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":o:c:W:wqh", options, print_help, own_option, o, &o->profile,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	if (check_usage(o, argc - optind) != EXIT_OK)
		return -1;
	o->profile.request.legacy = true;
	return profile_options_done(&o->profile, name);
}

/* ---- is what is printed what was read? ---- */

static int
text_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
canonical(const cJSON *v)
{
	struct sbuf b = SBUF_INIT;
	/* Numbers of 32 bits, and text that went through json_bytes(). */
	if (json_write(&b, v) != 0)
		out_of_memory();
	return b.p;
}

/* "span", and "inherit_at" for a member that is no object: where a rule was written. */
static bool
is_place(const char *key)
{
	size_t len = key == NULL ? 0 : strlen(key);
	return len > 3 && (strcmp(key, "span") == 0 || strcmp(key + len - 3, "_at") == 0);
}

/* Places do not say what a rule means.  The depth is that of the IR. */
static void
strip_places(cJSON *v)
{
	for (cJSON *child = v->child, *next; child != NULL; child = next) {
		next = child->next;
		if (is_place(child->string))
			cJSON_Delete(cJSON_DetachItemViaPointer(v, child));
		else
			strip_places(child);
	}
}

/* All that a policy says but names and places in texts, its entries in one order. */
static const char *
bare_text(struct arena *a, const struct ir_policy *ir)
{
	static const char *const names[] = {
		"name", "description", "entries", "profiles", "sources", "spans",
	};
	const char *why;
	size_t offset;
	cJSON *printed = ir_print(ir);
	char *whole = canonical(printed);
	/* Printed, its lists cannot be looked into; read back they can. */
	cJSON *doc = json_must(json_read(whole, strlen(whole), &why, &offset));
	cJSON_Delete(printed);
	free(whole);
	strip_places(doc);
	const cJSON *entry, *entries = json_member(doc, "entries");
	size_t n = 0;
	char **v = arena_array(a, ir->entries.len + 1, sizeof(*v));
	cJSON_ArrayForEach(entry, entries)
		v[n++] = canonical(entry);
	qsort(v, n, sizeof(*v), text_cmp);
	for (size_t i = 0; i < NELEMS(names); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(doc, names[i]);
	struct sbuf b = SBUF_INIT;
	for (size_t i = 0; i < n; i++) {
		sbuf_printf(&b, "%s\n", v[i]);
		free(v[i]);
	}
	char *rest = canonical(doc);
	sbuf_puts(&b, rest);
	free(rest);
	cJSON_Delete(doc);
	const char *text = arena_strdup(a, sbuf_str(&b));
	sbuf_free(&b);
	return text;
}

/* Compile what is about to be printed; errors are the fault of this program. */
static bool
means_the_same(struct arena *a, const struct sbuf *toml, const struct ir_policy *ir)
{
	struct sources *sources = sources_new(a);
	struct diags *d = diags_new(a, sources);
	const struct compile_request request = { .file = "import", .text = toml->p, .len = toml->len };
	struct compiled again;
	return compile_policy(a, sources, d, &request, &again) == 0 &&
	    strcmp(bare_text(a, again.ir), bare_text(a, ir)) == 0;
}

/* ---- the command ---- */

static bool
replaces_input(const char *in, const char *out)
{
	struct stat x, y;
	return stat(in, &x) == 0 && stat(out, &y) == 0 && S_ISREG(x.st_mode) &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int
import(struct arena *a, struct diags *d, const struct import_options *o, const char *file,
    const struct subject *s)
{
	struct legacy_policy policy;
	const char *why;
	struct output out = { o->out != NULL ? o->out : "-", SBUF_INIT };
	int status = EXIT_USAGE;

	if (strcmp(out.path, "-") != 0 && replaces_input(file, out.path)) {
		diag_add(d, D_IO, nowhere, "%s: it is the input, and would be replaced", out.path);
		return EXIT_USAGE;
	}
	bool projected = legacy_policy_project(a, s->ir, &policy, &why);
	legacy_toml_write(a, &out.bytes, &policy, s->ir, o->name != NULL ? o->name :
	    legacy_kind_name(policy.kind), s->source_name);
	if (!projected || !means_the_same(a, &out.bytes, s->ir))
		diag_add(d, D_IO, nowhere, "%s: the profile that was made of it does not mean the "
		    "same, and is not written: please report this file as a bug", s->file);
	else if (output_write(a, &out, 1, &why) != 0)
		diag_add(d, D_IO, nowhere, "%s", why);
	else
		status = EXIT_OK;
	sbuf_free(&out.bytes);
	return status;
}

static int
load_and_import(struct arena *a, const struct import_options *o, const char *file)
{
	struct sources *sources = sources_new(a);
	struct diags *d = diags_new(a, sources);
	struct subject s;

	if (profile_options_warnings(&o->profile, name, d) != 0)
		return EXIT_USAGE;
	if (strchr(file, '#') != NULL && access(file, F_OK) != 0)
		return cmd_usage_error(name, "%s: there is no such file; the legacy form has no "
		    "profiles to choose from by \"#\"", file);
	int status = subject_load(a, sources, d, &o->profile, file, &s);
	if (status == EXIT_OK)
		status = import(a, d, o, file, &s);
	cmd_print_diags(d, o->profile.format);
	return status;
}

int
cmd_import(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct import_options o = { .profile.a = a };
	int status;

	if (parse_options(&o, argc, argv, &status) == 0)
		status = load_and_import(a, &o, argv[optind]);
	arena_free(a);
	return status;
}
