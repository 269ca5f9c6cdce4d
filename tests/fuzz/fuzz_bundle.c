/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_bundle.c - any bytes at all as a bundle: refused or read, never a crash */
#include <config.h>

#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "bundle_read.h"
#include "ir_json.h"
#include "json.h"
#include "sbuf.h"

/*
 * The digest keeps random bytes from the rest of the loader, so the content
 * is tried a second time with the digest put right.
 */
static void
read_sealed(const char *text, size_t len)
{
	const char *why;
	size_t offset;
	cJSON *doc = json_read(text, len, &why, &offset);
	struct sbuf out = SBUF_INIT;
	char digest[7 + 65] = "sha256:";
	if (cJSON_IsObject(doc)) {
		cJSON_DeleteItemFromObjectCaseSensitive(doc, "digest");
		if (json_write(&out, doc) == 0) {
			sha256_hex(sbuf_str(&out), out.len, digest + 7);
			sbuf_free(&out);
			cJSON_AddStringToObject(doc, "digest", digest);
			if (json_write(&out, doc) != 0)
				abort();
			struct arena *a = arena_new();
			if (bundle_read(a, sbuf_str(&out), out.len, &why) == NULL && why == NULL)
				abort();
			arena_free(a);
		}
	}
	sbuf_free(&out);
	cJSON_Delete(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *why = NULL;
	struct arena *a = arena_new();
	struct bundle *b = bundle_read(a, (const char *)data, len, &why);
	if (b == NULL && (why == NULL || *why == '\0'))
		abort();
	if (b != NULL && b->ir == NULL)
		abort();
	arena_free(a);
	read_sealed((const char *)data, len);
	return 0;
}
