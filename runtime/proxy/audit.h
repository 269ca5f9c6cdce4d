/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h - a line of JSON for each decision of the proxy */
#ifndef CDXP_AUDIT_H
#define CDXP_AUDIT_H

#include "judge.h"

/*
 * Append one line to `fd' (negative: none is kept): time, scope, decision,
 * source, reason, protocol, host, port, method, client, rule.  Never a URL, a
 * path or a body.  In one write, so that lines of several runs in one file
 * stay whole; what cannot be written is lost, and nothing waits for it.
 */
void	audit_write(int fd, const struct judge *, const struct judgement *, const char *client);

#endif
