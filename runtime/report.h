/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - what cdxp-run says of its own, and the exit statuses that go with it */
#ifndef CDXP_REPORT_H
#define CDXP_REPORT_H

#include "base.h"

/* Exit statuses of our own (spec 4.2); every other one is the command's. */
enum {
	STATUS_SETUP	= 125,		/* the sandbox could not be set up */
	STATUS_NOEXEC	= 126,		/* found, but not executable */
	STATUS_NOTFOUND	= 127,
	STATUS_SIGNAL	= 128,		/* plus N: died of signal N */
};

/* "cdxp-run: ..." and a newline on standard error, in one write. */
void	report(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The same, returning `status', so that a failure is one statement. */
int	report_fail(int status, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
