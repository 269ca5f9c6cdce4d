/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_windows.h - the self-test with the rights of a command on Windows */
#ifndef CDXP_SELF_TEST_WINDOWS_H
#define CDXP_SELF_TEST_WINDOWS_H

#include <windows.h>

#include "base.h"

struct arena;

/* First argument of cdxp-run: try the list that the input is, which self_test_list() wrote. */
#define SELF_TEST_ROLE	":self-test"

/* What the role does; the exit status, 0 or STATUS_SETUP. */
int	self_test_role(void);

/* The list as a file that is gone when the handle is closed, to be read from its start; NULL with *why. */
HANDLE	self_test_input(struct arena *, const char *directory, const void *list, size_t len, const char **why);

#endif
