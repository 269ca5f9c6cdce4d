/* SPDX-License-Identifier: Apache-2.0 */
/* sim.h - what a process of Linux looks like to the made-up macOS */
#ifndef CDXP_TEST_SIM_H
#define CDXP_TEST_SIM_H

#include <stddef.h>
#include <sys/types.h>

/* From /proc.  A process that has ended and was not waited for counts as gone. */
pid_t	sim_parent(pid_t);				/* 0: gone */
size_t	sim_children(pid_t, pid_t *out, size_t max);	/* at most max */
void	sim_program(pid_t, char *out, size_t size);	/* the file it executes, or "" */

#endif
