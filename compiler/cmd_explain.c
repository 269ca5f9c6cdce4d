/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_explain.c - cdxpc explain FILE WHAT... */
#include <config.h>

#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "arena.h"
#include "bind.h"
#include "ir.h"
#include "json.h"
#include "native_path.h"
#include "path.h"
#include "source.h"
#include "subject.h"

static const char name[] = "explain";
static const struct span nowhere = { 0, 0 };

enum { OPT_JSON = OPT_OWN, OPT_STDIN };

struct explain_options {
	struct profile_options profile;
	struct artifact_host host;
	bool		 json, in, nul;
	const char	*file;
	char		**what;
	size_t		 nwhat;
};

static void
print_help(void)
{
	fputs("usage: cdxpc explain [OPTION]... FILE.toml|BUNDLE WHAT...\n"
	    "       cdxpc explain --stdin [-0] [OPTION]... FILE.toml|BUNDLE\n\n"
	    "Say what the profile allows, which rule decided, and which rules did not and why.\n"
	    "WHAT is a path (/x, ~/x, x, :tmpdir/x), HOST or HOST:PORT, unix:PATH, env:NAME;\n"
	    "host: or path: before a word says which of the two it is.\n\n"
	    "      --json                one JSON document: an array with an answer for each\n"
	    "      --stdin               paths from standard input, one a line; for each a line:\n"
	    "                            access, tab, the rule's place, tab, the path\n"
	    "  -0, --null                with --stdin: NUL in the place of newline, both ways\n"
	    "      --host                on this host: its directories, links and files\n"
	    "      --cwd=DIR --home=DIR --tmpdir=DIR   the same with other directories\n"
	    "      --facts=FILE          on the host that is described there\n"
	    "      --advisory-network    Windows: ask by variables where nothing confines\n"
	    "      --no-everyone         Windows: Everyone is no restricting SID\n", stdout);
	fputs(profile_options_help, stdout);
}

static int
own_option(void *arg, int opt, const char *value)
{
	struct explain_options *o = arg;

	switch (opt) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_STDIN:
		o->in = true;
		return 0;
	case '0':
		o->nul = true;
		return 0;
	default:
		return host_option(&o->host, o->profile.a, name, opt, value);
	}
}

/* 0 and all options are in *o; -1: *status is the command's. */
static int
parse_options(struct explain_options *o, int argc, char **argv, int *status)
{
	static const struct option options[] = {
		PROFILE_LONG_OPTIONS,
		{ "json", no_argument, NULL, OPT_JSON },
		{ "stdin", no_argument, NULL, OPT_STDIN },
		{ "null", no_argument, NULL, '0' },
		HOST_LONG_OPTIONS,
		WINDOWS_LONG_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	const struct command_line line = {
		name, ":0" PROFILE_SHORT_OPTIONS, options, print_help, own_option, o, &o->profile,
	};
	if (cmd_options(&line, argc, argv, status) != 0)
		return -1;
	if (optind == argc)
		return cmd_usage_error(name, "no profile is named"), -1;
	o->file = argv[optind];
	o->what = argv + optind + 1;
	o->nwhat = (size_t)(argc - optind - 1);
	if (o->in && o->json)
		return cmd_usage_error(name, "--stdin has a form of its own: leave out --json"), -1;
	if (o->in && o->nwhat > 0)
		return cmd_usage_error(name, "--stdin asks for what it reads; \"%s\" is one too many",
		    o->what[0]), -1;
	if (o->in && strcmp(o->file, "-") == 0)
		return cmd_usage_error(name, "standard input cannot be both the profile and the "
		    "questions"), -1;
	if (o->nul && !o->in)
		return cmd_usage_error(name, "-0 is for --stdin"), -1;
	if (!o->in && o->nwhat == 0)
		return cmd_usage_error(name, "nothing is asked: name a path, HOST:PORT, unix:PATH "
		    "or env:NAME"), -1;
	return profile_options_done(&o->profile, name);
}

/* What everything below is said about, once. */
static void
print_header(const struct explainer *x)
{
	const struct bound_policy *b = x->bound;
	struct sbuf out = SBUF_INIT;

	sbuf_puts(&out, "profile \"");
	diag_show(&out, b->ir->name);
	sbuf_puts(&out, "\" of ");
	diag_show(&out, x->subject->file);
	if (b->generic) {
		sbuf_puts(&out, ", for no host in particular: it is assumed that every place exists, and\n"
		    "that no path goes through a symbolic link (--host asks this one)\n");
	} else {
		const char *native = b->target == TARGET_WINDOWS ? native_path_plain(x->a, b->cwd) : NULL;
		sbuf_puts(&out, ", on this host, in ");
		diag_show(&out, native != NULL ? native : b->cwd);
		sbuf_addc(&out, '\n');
	}
	for (size_t i = 0; i < x->nbackends; i++) {
		const struct artifact *art = &x->artifact[i];
		if (!art->refused || b->ir->unsandboxed)
			continue;
		sbuf_printf(&out, "%s refuses the profile: ", x->backend[i]->name);
		diag_show(&out, art->refusal.reason);
		sbuf_addc(&out, '\n');
	}
	fwrite(sbuf_str(&out), 1, out.len, stdout);
	sbuf_free(&out);
}

static void
print_answers(struct explainer *x, const struct explain_options *o, const struct question *q)
{
	cJSON *list = o->json ? json_must(cJSON_CreateArray()) : NULL;
	bool colour = cmd_colour(STDOUT_FILENO);
	struct sbuf out = SBUF_INIT;

	explainer_compile(x);
	if (!o->json && !o->profile.quiet)
		print_header(x);
	for (size_t i = 0; i < o->nwhat; i++) {
		struct answer answer;
		answer_make(x, &q[i], &answer);
		if (o->json) {
			json_append(list, answer_json(x, &answer));
			continue;
		}
		if (i > 0 || !o->profile.quiet)
			sbuf_addc(&out, '\n');
		answer_text(x, &answer, colour, &out);
	}
	if (o->json) {
		/* Numbers of 32 bits, and text that went through json_bytes(). */
		if (json_write(&out, list) != 0)
			out_of_memory();
		sbuf_addc(&out, '\n');
		cJSON_Delete(list);
	}
	fwrite(sbuf_str(&out), 1, out.len, stdout);
	sbuf_free(&out);
}

/*
 * An unquoted ~ is the shell's: it asks about a directory of this host, which
 * in a portable policy is not the place that `~' stands for.
 */
static void
hint_own_directory(const struct explainer *x, struct question *q)
{
	char cwd[LIMIT_PATH_BYTES + 1];
	const struct { const char *path, *place; } own[] = {
		{ getcwd(cwd, sizeof(cwd)), ":workspace_roots" }, { getenv("HOME"), "~" },
	};

	if (x->canon != NULL || q->kind != ASK_PATH || q->text[0] != '/')
		return;
	for (size_t i = 0; i < NELEMS(own) && q->hint == NULL; i++) {
		const char *top = own[i].path;
		if (top != NULL && top[0] == '/' && top[1] != '\0' && path_within(q->path, top))
			q->hint = arena_printf(x->a, "a portable policy knows no %s: ask for '%s%s' in "
			    "quotes, or about this host with --host", top, own[i].place,
			    q->path + strlen(top));
	}
}

static int
answer_words(struct explainer *x, struct diags *d, const struct explain_options *o)
{
	struct question *q = arena_array(x->a, o->nwhat, sizeof(*q));
	int status = EXIT_OK;

	for (size_t i = 0; i < o->nwhat; i++) {
		const char *why = NULL;
		if (question_read(x, o->what[i], &q[i], &why) == 0) {
			hint_own_directory(x, &q[i]);
			continue;
		}
		diag_add(d, D_QUESTION, nowhere, "\"%s\" %s", o->what[i], why);
		status = EXIT_INPUT;
	}
	if (status == EXIT_OK)
		print_answers(x, o, q);
	return status;
}

static int
explain(struct arena *a, struct sources *sources, struct diags *d, const struct explain_options *o)
{
	struct subject subject;
	struct bind_error err = { NULL, NULL };
	int status = subject_load(a, sources, d, &o->profile, o->file, &subject);
	if (status != EXIT_OK)
		return status;
	enum target target = artifact_host_target(&o->host);
	struct bound_policy *bound = subject_bind(a, subject.ir, target, &o->host, &err);
	if (bound == NULL) {
		struct diag *e = diag_add(d, D_BACKEND_REFUSES, nowhere,
		    "profile \"%s\" cannot be bound to this host: %s", subject.ir->name, err.text);
		subject_note_rule(d, e, subject.ir, err.origin);
		return EXIT_INPUT;
	}
	struct explainer x = explainer_new(a, &subject, sources, bound, &o->host);
	if (o->in) {
		/* What was found out about the profile comes before the answers. */
		cmd_print_diags(d, o->profile.format);
		return answer_stream(&x, STDIN_FILENO, STDOUT_FILENO, o->nul ? '\0' : '\n');
	}
	status = answer_words(&x, d, o);
	explainer_free(&x);
	return status;
}

int
cmd_explain(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct explain_options o = { .profile = { .a = a } };
	int status;

	if (parse_options(&o, argc, argv, &status) == 0) {
		struct sources *sources = sources_new(a);
		struct diags *d = diags_new(a, sources);
		status = EXIT_USAGE;
		if (profile_options_warnings(&o.profile, name, d) == 0) {
			status = explain(a, sources, d, &o);
			if (!o.in || diags_errors(d) > 0)
				cmd_print_diags(d, o.profile.format);
		}
	}
	arena_free(a);
	return status;
}
