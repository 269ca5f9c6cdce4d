/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_main.c - a fuzz target without a fuzzing engine: the files that are named, one by one */
#include <config.h>

#include "fuzz.h"

/* More than any reader takes, so that its own limit is reached. */
enum { MOST = 2 * LIMIT_SOURCE_BYTES + 1 };

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (f == NULL) {
			perror(argv[i]);
			return 2;
		}
		uint8_t *data = malloc(MOST);
		size_t len = data == NULL ? 0 : fread(data, 1, MOST, f);
		fclose(f);
		/* A copy of the exact size, so that a step over its end is seen. */
		uint8_t *exact = data == NULL ? NULL : realloc(data, len > 0 ? len : 1);
		if (exact == NULL) {
			fputs("out of memory\n", stderr);
			return 2;
		}
		LLVMFuzzerTestOneInput(exact, len);
		free(exact);
	}
	return 0;
}
