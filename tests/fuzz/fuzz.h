/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h - what a fuzz target is, to libFuzzer or to the main() that takes its place */
#ifndef CDXP_FUZZ_H
#define CDXP_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base.h"

/* One text: 0, or the process ends by a signal.  libFuzzer's interface (LLVM's documentation of it). */
int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What is promised of every text. */
static inline void
demand(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

#endif
