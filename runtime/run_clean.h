/* SPDX-License-Identifier: Apache-2.0 */
/* run_clean.h - the command cdxp-run clean */
#ifndef CDXP_RUN_CLEAN_H
#define CDXP_RUN_CLEAN_H

/* argv[0] is "clean".  Returns the exit status. */
int	run_clean(int argc, char **argv);

#endif
