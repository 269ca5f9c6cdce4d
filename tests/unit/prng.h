/* SPDX-License-Identifier: Apache-2.0 */
/* prng.h - random numbers that a failing test can repeat: SEED=n in the environment */
#ifndef CDXP_TEST_PRNG_H
#define CDXP_TEST_PRNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The seed to start from, and to print where something fails. */
static inline uint64_t
prng_seed(void)
{
	const char *s = getenv("SEED");

	return s != NULL ? strtoull(s, NULL, 0) : 1;
}

/* splitmix64 */
static inline uint64_t
prng(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to n - 1 */
static inline size_t
prng_below(uint64_t *state, size_t n)
{
	return (size_t)(prng(state) % n);
}

#endif
