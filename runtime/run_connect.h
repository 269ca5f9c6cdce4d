/* SPDX-License-Identifier: Apache-2.0 */
/* run_connect.h - the command `cdxp-run connect' */
#ifndef CDXP_RUN_CONNECT_H
#define CDXP_RUN_CONNECT_H

/* argv[0] is "connect"; the environment ends with NULL.  Returns the exit status. */
int	run_connect(int argc, char **argv, char *const *environment);

#endif
