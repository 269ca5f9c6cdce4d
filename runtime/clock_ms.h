/* SPDX-License-Identifier: Apache-2.0 */
/* clock_ms.h - time for waits and timeouts (POSIX) */
#ifndef CDXP_CLOCK_MS_H
#define CDXP_CLOCK_MS_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some moment before: it is never set back (clock_gettime(2), CLOCK_MONOTONIC). */
static inline int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
