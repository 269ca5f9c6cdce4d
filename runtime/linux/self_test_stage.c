/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_stage.c - in the sandbox on Linux: the test, and then the command in its place */
#include <config.h>

#include "self_test_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "sbuf.h"
#include "self_test.h"
#include "self_test_bait.h"

/*
 * argv: "/proc/self/fd/PROGRAM", the word, LIST, DONE, the command's path, its own argv.
 * Whoever gives us such words gains nothing that he does not have.
 */
static const char word[] = "\001self-test";
static const char by_descriptor[] = "/proc/self/fd/";

enum { ARG_PROGRAM, ARG_WORD, ARG_LIST, ARG_DONE, ARG_COMMAND, ARG_ARGV };

bool
self_test_is_stage(int argc, char **argv)
{
	return argc > ARG_ARGV && strcmp(argv[ARG_WORD], word) == 0 &&
	    strncmp(argv[ARG_PROGRAM], by_descriptor, strlen(by_descriptor)) == 0;
}

/* What cannot be read is no list. */
static int
try_list(int fd, bool *only)
{
	struct sbuf text = SBUF_INIT;

	bool arrived = lseek(fd, 0, SEEK_SET) == 0 && sbuf_read(&text, fd, LIMIT_BUNDLE_BYTES) == 0;
	int status = self_test_try(sbuf_str(&text), arrived ? text.len : 0, only);
	sbuf_free(&text);
	return status;
}

static int
become_command(char **argv)
{
	execvp(argv[ARG_COMMAND], argv + ARG_ARGV);
	return report_fail(errno == ENOENT ? STATUS_NOTFOUND : STATUS_NOEXEC,
	    "%s could not be executed in the sandbox: %s", argv[ARG_ARGV], strerror(errno));
}

void
self_test_stage(int argc, char **argv)
{
	int list = atoi(argv[ARG_LIST]), done = atoi(argv[ARG_DONE]),
	    program = atoi(argv[ARG_PROGRAM] + strlen(by_descriptor));
	bool only = false;

	(void)argc;
	int status = try_list(list, &only);
	bait_done(done);
	/* Nothing more of a library's, in a sandbox that may be anything. */
	if (status != 0 || only)
		_exit(status);
	close(done);
	close(list);
	close(program);
	_exit(become_command(argv));
}
