/* SPDX-License-Identifier: Apache-2.0 */
/* outer.h - the sandbox or container that we are in, if any */
#ifndef CDXP_OUTER_H
#define CDXP_OUTER_H

#include "base.h"

struct arena;

/*
 * What is around this process, in words: "a Docker container", "another
 * sandbox of cdxp-run"; NULL where nothing is.  That something is there is a
 * matter of facts alone, which nobody can make up by setting a variable; what
 * it is called may be told by one.
 */
const char	*outer_sandbox(struct arena *);

/* It answers for system calls of ours, so that nothing further can. */
bool	outer_answers(void);

/* The network here is a loopback and nothing else. */
bool	outer_has_no_network(void);

#endif
