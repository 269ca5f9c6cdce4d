/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_denial.h - what the log says of a sandbox, in the words of all backends */
#ifndef CDXP_SEATBELT_DENIAL_H
#define CDXP_SEATBELT_DENIAL_H

#include "denial.h"
#include "denial_log.h"

/* Points to what the line's strings point to. */
struct denial	seatbelt_denial(const struct log_denial *);

#endif
