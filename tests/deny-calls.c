/* SPDX-License-Identifier: Apache-2.0 */
/* deny-calls.c - a program under a system call filter as containers have them, for tests/run-doctor */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

#include "base.h"

static const struct { const char *name; int number; } errors[] = {
	{ "EPERM", EPERM }, { "EACCES", EACCES }, { "ENOSYS", ENOSYS }, { "EOPNOTSUPP", EOPNOTSUPP },
	{ "EINVAL", EINVAL }, { "ENOSPC", ENOSPC },
};

static int
error_of(const char *name)
{
	for (size_t i = 0; i < NELEMS(errors); i++)
		if (strcmp(name, errors[i].name) == 0)
			return errors[i].number;
	return -1;
}

/* "CALL=ERROR", or "CALL&MASK=ERROR" where a bit of the mask is set in the first argument. */
static int
add(scmp_filter_ctx ctx, char *word)
{
	char *error = strchr(word, '='), *mask;

	if (error == NULL)
		return -1;
	*error++ = '\0';
	if ((mask = strchr(word, '&')) != NULL)
		*mask++ = '\0';
	int call = seccomp_syscall_resolve_name(word), number = error_of(error);
	if (call == __NR_SCMP_ERROR || number < 0)
		return -1;
	if (mask == NULL)
		return seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)number), call, 0);
	uint64_t bit = strtoull(mask, NULL, 0);
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)number), call, 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (ctx == NULL || add(ctx, argv[i]) != 0) {
			fprintf(stderr, "deny-calls: no such rule: %s\n", argv[i]);
			return 2;
		}
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: deny-calls CALL[&MASK]=ERROR... -- COMMAND...\n");
		return 2;
	}
	if (seccomp_load(ctx) != 0) {
		fprintf(stderr, "deny-calls: no filter can be loaded here\n");
		return 2;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
