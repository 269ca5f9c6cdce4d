/* SPDX-License-Identifier: Apache-2.0 */
/* run_doctor.c - cdxp-run doctor: which backends work on this host, and what to do about the others */
#include <config.h>

#include "run_doctor.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "cdxp.h"
#include "doctor_try.h"
#include "json.h"
#include "launch.h"
#include "report.h"
#include "surroundings.h"
#include "trial.h"

/* Statuses of this command alone: nothing of the user's is executed. */
enum { DOCTOR_WORKS, DOCTOR_NOTHING_WORKS, DOCTOR_FAILED };

enum { DEFAULT_SECONDS = 10 };

struct options {
	bool		 json;
	unsigned	 seconds;
	const char	*backend;	/* this one alone; NULL: all */
	struct doctor_policy policy;	/* file: NULL, none was given */
};

struct backends { struct doctor_backend *v; size_t len, cap; };

/* But for what is said of a backend already. */
static bool
next_note(struct arena *a, const struct backends *list, size_t *i, struct doctor_cause *out)
{
	for (doctor_note(a, (*i)++, out); out->id != NULL; doctor_note(a, (*i)++, out)) {
		size_t k = 0;
		while (k < list->len && (list->v[k].why.id == NULL || strcmp(list->v[k].why.text, out->text) != 0))
			k++;
		if (k == list->len)
			return true;
	}
	return false;
}

static void
print_help(void)
{
	fputs("Usage: cdxp-run doctor [OPTION]... [FILE.cdxp|FILE.toml]\n"
	    "Start every backend of this system with small policies, for real; say which work,\n"
	    "what stands against each of the others, and the one thing to do about it.  With a\n"
	    "file, try the sandbox that it makes from inside, and write down what came of it.\n\n"
	    "  -P, --profile NAME     the profile of the file\n"
	    "  -C, --directory DIR    the working directory of that sandbox\n"
	    "      --backend NAME     try this one alone\n"
	    "      --timeout SECONDS  what takes longer is ended (10)\n"
	    "      --json             print one JSON document\n"
	    "  -h, --help             print this\n"
	    "      --version          print the version\n\n"
	    "The exit status is 0 if a backend works that cdxp-run takes by itself, and its\n"
	    "sandbox is as the file says; 1 if not, 2 if an option is wrong.\n", stdout);
}

/* ---- words ---- */

/* Nothing of a file's name gets to command a terminal. */
static void
put(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
		putchar(*c < 0x20 || *c == 0x7f ? '?' : *c);
}

static void
put_cause(const struct doctor_cause *c, const char *said)
{
	fputs("    why:  ", stdout);
	put(c->text);
	printf(" [%s]\n    do:   ", c->id);
	put(c->remedy);
	putchar('\n');
	if (*said != '\0' && strcmp(said, c->text) != 0) {
		fputs("    said: ", stdout);
		put(said);
		putchar('\n');
	}
}

static void
print_backend(struct arena *a, const struct doctor_backend *b)
{
	const char *limit;

	printf("%s: %s\n", b->name, b->writes ? "works" : b->works && b->why.id == NULL ?
	    "works; what writes was not tried, as no directory for it could be made" :
	    b->works ? "works where nothing is written" : "does not work here");
	if (b->why.id != NULL)
		put_cause(&b->why, b->said);
	for (size_t i = 0; (limit = doctor_limit(a, b->name, i)) != NULL; i++) {
		fputs(i == 0 ? "    cannot enforce:\n    - " : "    - ", stdout);
		put(limit);
		putchar('\n');
	}
}

static void
print_text(struct arena *a, const struct backends *list, const char *chosen, const char *receipt)
{
	struct doctor_fact fact;
	struct doctor_cause note;

	for (size_t i = 0; doctor_fact(a, i, &fact); i++) {
		printf("%s: ", fact.name);
		put(fact.value);
		putchar('\n');
	}
	for (size_t i = 0; i < list->len; i++) {
		putchar('\n');
		print_backend(a, &list->v[i]);
	}
	for (size_t i = 0, n = 0; next_note(a, list, &i, &note); n++) {
		if (n == 0)
			puts("\nnote");
		put_cause(&note, "");
	}
	if (chosen == NULL)
		puts("\nNo backend works here that cdxp-run would take: do what is said above for one of "
		    "them.");
	else if (!doctor_has_named(chosen))
		printf("\nWithout a name cdxp-run takes %s.\n", chosen);
	if (receipt != NULL)
		printf("\n%s", receipt);
}

/* ---- JSON ---- */

static cJSON *
cause_json(const struct doctor_cause *c)
{
	if (c->id == NULL)
		return json_must(cJSON_CreateNull());
	cJSON *o = json_new_object();
	json_put_text(o, "id", c->id);
	json_put_text(o, "text", c->text);
	json_put_text(o, "remedy", c->remedy);
	return o;
}

static cJSON *
backend_json(struct arena *a, const struct doctor_backend *b)
{
	cJSON *o = json_new_object(), *limits = json_new_array();
	const char *limit;

	for (size_t i = 0; (limit = doctor_limit(a, b->name, i)) != NULL; i++)
		json_append(limits, json_new_text(limit));
	json_put_text(o, "name", b->name);
	json_put_bool(o, "works", b->works);
	json_put_bool(o, "writes", b->writes);
	json_put(o, "cause", cause_json(&b->why));
	json_put_text(o, "said", b->said);
	json_put(o, "cannot", limits);
	return o;
}

/* The document of the test, or what was said instead of one. */
static cJSON *
receipt_json(const char *text)
{
	const char *why, *line = strstr(text, "{\"backend\":");
	size_t offset;
	cJSON *doc = line == NULL ? NULL : json_read(line, strcspn(line, "\n"), &why, &offset);

	if (doc != NULL)
		return doc;
	doc = json_new_object();
	json_put(doc, "refused", json_bytes(text, strcspn(text, "\n")));
	return doc;
}

static int
print_json(struct arena *a, const struct backends *list, const char *chosen, const char *receipt)
{
	cJSON *doc = json_new_object(), *backends = json_new_array(), *notes = json_new_array();
	cJSON *host = json_new_object();
	struct doctor_fact fact;
	struct doctor_cause note;
	struct sbuf out = SBUF_INIT;

	for (size_t i = 0; i < list->len; i++)
		json_append(backends, backend_json(a, &list->v[i]));
	for (size_t i = 0; doctor_fact(a, i, &fact); i++)
		json_put_text(host, fact.name, fact.value);
	for (size_t i = 0; next_note(a, list, &i, &note);)
		json_append(notes, cause_json(&note));
	json_put_number(doc, "doctor", 1);
	json_put_text(doc, "version", cdxp_version());
	json_put(doc, "host", host);
	json_put(doc, "backends", backends);
	json_put(doc, "notes", notes);
	json_put_text(doc, "auto", chosen != NULL && !doctor_has_named(chosen) ? chosen : NULL);
	json_put(doc, "self_test", receipt != NULL ? receipt_json(receipt) : json_must(cJSON_CreateNull()));
	int rc = json_write(&out, doc);
	if (rc == 0)
		puts(sbuf_str(&out));
	sbuf_free(&out);
	cJSON_Delete(doc);
	return rc;
}

/* ---- all together ---- */

/* Those that are tried in turn, and last one that has to be named and is. */
static const char *
name_at(size_t i, const struct options *o)
{
	const char *name = launch_backend_at(i);

	if (name != NULL || o->backend == NULL || !doctor_has_named(o->backend))
		return name;
	return i == 0 || launch_backend_at(i - 1) != NULL ? o->backend : NULL;
}

static int
examine(struct arena *a, const struct options *o, const struct surroundings *here)
{
	struct backends list = { NULL, 0, 0 };
	const char *name, *chosen = NULL, *dir = doctor_directory(a, here);

	for (size_t i = 0; (name = name_at(i, o)) != NULL; i++) {
		struct doctor_backend b;
		if (o->backend != NULL && strcmp(o->backend, name) != 0)
			continue;
		doctor_try(a, name, dir, o->seconds, here, &b);
		VEC_PUSH(a, &list, b);
		if (b.works && chosen == NULL)
			chosen = name;
	}
	if (dir != NULL && doctor_directory_remove(dir) != 0)
		report("doctor: %s cannot be removed: %s", dir, strerror(errno));
	if (list.len == 0 && o->backend != NULL)
		return report_fail(DOCTOR_FAILED, "doctor: --backend=%s: this system has no such backend",
		    o->backend);
	const char *receipt = NULL;
	bool good = chosen != NULL;
	if (chosen != NULL && o->policy.file != NULL)
		good = doctor_try_policy(a, &o->policy, chosen, o->seconds, here, &receipt);
	if (!o->json)
		print_text(a, &list, chosen, receipt);
	else if (print_json(a, &list, chosen, receipt) != 0)
		return report_fail(DOCTOR_FAILED, "doctor: the document cannot be written");
	if (fflush(stdout) == EOF || ferror(stdout))
		return report_fail(DOCTOR_FAILED, "doctor: standard output cannot be written");
	return good ? DOCTOR_WORKS : DOCTOR_NOTHING_WORKS;
}

static bool
read_seconds(const char *text, unsigned *out)
{
	char *end;

	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n == 0 || n > TRIAL_SECONDS_MOST)
		return false;
	*out = (unsigned)n;
	return true;
}

int
run_doctor(int argc, char **argv, const struct surroundings *here)
{
	enum { OPT_BACKEND = 256, OPT_TIMEOUT, OPT_JSON, OPT_VERSION };
	static const struct option longs[] = {
		{ "backend", required_argument, NULL, OPT_BACKEND },
		{ "timeout", required_argument, NULL, OPT_TIMEOUT },
		{ "profile", required_argument, NULL, 'P' },
		{ "directory", required_argument, NULL, 'C' },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	struct options o = { .seconds = DEFAULT_SECONDS };
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "P:C:h", longs, NULL)) != -1) {
		switch (c) {
		case OPT_BACKEND:
			o.backend = optarg;
			break;
		case OPT_TIMEOUT:
			if (!read_seconds(optarg, &o.seconds))
				return report_fail(DOCTOR_FAILED, "doctor: --timeout=%s: takes seconds, 1 to %d",
				    optarg, TRIAL_SECONDS_MOST);
			break;
		case 'P':
			o.policy.profile = optarg;
			break;
		case 'C':
			o.policy.directory = optarg;
			break;
		case OPT_JSON:
			o.json = true;
			break;
		case 'h':
			print_help();
			return fflush(stdout) == EOF ? DOCTOR_FAILED : DOCTOR_WORKS;
		case OPT_VERSION:
			printf("cdxp-run %s\n", cdxp_version());
			return fflush(stdout) == EOF ? DOCTOR_FAILED : DOCTOR_WORKS;
		default:
			return report_fail(DOCTOR_FAILED, "doctor: %s: no such option, or its argument is "
			    "missing; see cdxp-run doctor --help", argv[optind - 1]);
		}
	}
	o.policy.json = o.json;
	o.policy.file = optind < argc ? argv[optind++] : NULL;
	if (optind < argc)
		return report_fail(DOCTOR_FAILED, "doctor takes one file, and \"%s\" is another: no command is "
		    "executed", argv[optind]);
	if (o.policy.file == NULL && (o.policy.profile != NULL || o.policy.directory != NULL))
		return report_fail(DOCTOR_FAILED, "doctor: --profile and --directory are for a file, and none "
		    "is given");
	struct arena *a = arena_new();
	int status = examine(a, &o, here);
	arena_free(a);
	return status;
}
