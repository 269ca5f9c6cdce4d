/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_main.c - a fuzz target without a fuzzing engine: the files that are named, one by one */
#include <config.h>

#include "fuzz.h"

/* More than any reader takes, so that its own limit is reached. */
enum { MOST = 2 * LIMIT_SOURCE_BYTES + 1 };

/* A buffer of the file's exact size, so that a step over its end is seen; NULL with errno. */
static uint8_t *
read_whole(const char *name, size_t *len)
{
	FILE *f = fopen(name, "rb");
	uint8_t *data = NULL;
	long size = -1;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	if (size >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		*len = size < MOST ? (size_t)size : MOST;
		data = malloc(*len > 0 ? *len : 1);
	}
	if (data != NULL && fread(data, 1, *len, f) != *len) {
		free(data);
		data = NULL;
	}
	if (f != NULL)
		fclose(f);
	return data;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t len;
		uint8_t *data = read_whole(argv[i], &len);
		if (data == NULL) {
			perror(argv[i]);
			return 2;
		}
		LLVMFuzzerTestOneInput(data, len);
		free(data);
	}
	return 0;
}
