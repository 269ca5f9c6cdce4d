/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_messages.h - the library's side of messages */
#ifndef CDXP_MESSAGES_H
#define CDXP_MESSAGES_H

#include "base.h"
#include "cdxp.h"

struct diags;

/* "program: text"; does nothing where the messages are NULL. */
void	messages_add(struct cdxp_messages *, enum cdxp_severity, const char *fmt, ...)
	    PRINTF_LIKE(3, 4);

/* An error, and the status to return with it. */
enum cdxp_status messages_fail(struct cdxp_messages *, enum cdxp_status, const char *fmt, ...)
	    PRINTF_LIKE(3, 4);

/* The whole queue as one message, if there is anything in it. */
void	messages_add_diags(struct cdxp_messages *, const struct diags *);

#endif
