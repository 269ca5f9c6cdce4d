/* SPDX-License-Identifier: Apache-2.0 */
/* landlock-driver.c - a Landlock ruleset, asked of the model or run for real, for tests/run-landlock-model */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "exec_landlock.h"
#include "landlock_model.h"
#include "landlock_rights.h"
#include "sbuf.h"

extern char **environ;

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: landlock-driver abi\n"
	    "       landlock-driver ask RULESET        \"OP PATH\" lines in, \"OP PATH ok|no\" lines out\n"
	    "       landlock-driver run RULESET off|open CWD COMMAND...\n");
	exit(2);
}

static void
load(struct sbuf *text, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || sbuf_read(text, fd, LIMIT_BUNDLE_BYTES) != 0) {
		perror(file);
		exit(2);
	}
	close(fd);
}

struct answer { bool read, write, moved; };

static struct answer
look(const struct landlock_model *m, const char *path)
{
	bool exact;
	const struct region *r = region_find(m->root, path, &exact);
	enum access access = exact ? r->self : r->below;

	return (struct answer){ access != ACCESS_DENY, access == ACCESS_WRITE,
	    access == ACCESS_WRITE && !(exact && r->pinned) };
}

/* The operations of tests/probe.c. */
static bool
allows(struct arena *a, const struct landlock_model *m, char op, const char *path)
{
	struct answer x = look(m, path);

	switch (op) {
	case 'R':
	case 'L':
		return x.read;
	case 'W':
	case 'P':
		return x.write;
	case 'C':
	case 'M':
		return x.moved;		/* made and removed again */
	case 'V':
		return x.moved && look(m, arena_printf(a, "%s.moved", path)).moved;
	case 'H':
		return x.moved && look(m, arena_printf(a, "%s.linked", path)).moved;
	default:
		return true;		/* S: whoever knows the path can ask */
	}
}

static int
ask(struct arena *a, const struct sbuf *text)
{
	struct landlock_model m;
	const char *why;
	char line[8192];

	if (landlock_model_read(a, sbuf_str(text), text->len, &m, &why) != 0) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) > 2)
			printf("%s %s\n", line, allows(a, &m, line[0], line + 2) ? "ok" : "no");
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct sbuf text = SBUF_INIT;
	int status;

	if (argc == 2 && strcmp(argv[1], "abi") == 0) {
		const char *why = exec_landlock_unsupported(a);
		printf("%u%s%s\n", exec_landlock_abi(), why != NULL ? " " : "", why != NULL ? why : "");
		arena_free(a);
		return 0;
	}
	if (argc < 3)
		usage();
	load(&text, argv[2]);
	if (argc == 3 && strcmp(argv[1], "ask") == 0) {
		status = ask(a, &text);
	} else if (argc > 5 && strcmp(argv[1], "run") == 0) {
		struct landlock_model m;
		const char *why;
		if (landlock_model_read(a, sbuf_str(&text), text.len, &m, &why) != 0) {
			fprintf(stderr, "%s\n", why);
			return 1;
		}
		const struct landlock_request req = {
			.model = &m,
			.program = argv[5], .argv = (const char *const *)(argv + 5),
			.envp = (const char *const *)environ, .cwd = argv[4],
			.mode = strcmp(argv[3], "open") == 0 ? FILTER_OPEN : FILTER_OFF,
		};
		status = exec_landlock(a, &req);
	} else {
		usage();
	}
	sbuf_free(&text);
	arena_free(a);
	return status;
}
