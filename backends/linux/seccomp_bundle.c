/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_bundle.c - the system call filters of a policy, as bundles carry them and as a file */
#include <config.h>

#include <string.h>

#include <sodium.h>

#include "arena.h"
#include "backend.h"
#include "json.h"
#include "seccomp_filter.h"

/* linux/filter.h, in the order of both architectures, whatever machine writes it. */
static void
write_insns(struct sbuf *out, const struct filter_insn *f, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char bytes[] = {
			(char)(f[i].code & 0xff), (char)(f[i].code >> 8), (char)f[i].jt, (char)f[i].jf,
			(char)(f[i].k & 0xff), (char)(f[i].k >> 8 & 0xff), (char)(f[i].k >> 16 & 0xff),
			(char)(f[i].k >> 24),
		};
		sbuf_add(out, bytes, sizeof(bytes));
	}
}

static enum filter_mode
mode_of(const struct ir_policy *ir)
{
	static const enum filter_mode mode[] = {
		[NET_OFF] = FILTER_OFF, [NET_OPEN] = FILTER_OPEN, [NET_PROXIED] = FILTER_PROXIED,
	};

	return mode[ir->network.mode];
}

static cJSON *
print_bytes(const struct filter_insn *f, size_t len)
{
	enum { PIECE = 48, PIECE_TEXT = PIECE / 3 * 4 + 1 };	/* of whole groups, so that they can be joined */
	struct sbuf bytes = SBUF_INIT, text = SBUF_INIT;
	char piece[PIECE_TEXT];

	write_insns(&bytes, f, len);
	for (size_t at = 0; at < bytes.len; at += PIECE) {
		size_t n = bytes.len - at < PIECE ? bytes.len - at : PIECE;
		sodium_bin2base64(piece, sizeof(piece), (const unsigned char *)bytes.p + at, n,
		    sodium_base64_VARIANT_ORIGINAL);
		sbuf_puts(&text, piece);
	}
	cJSON *v = json_new_text(sbuf_str(&text));
	sbuf_free(&bytes);
	sbuf_free(&text);
	return v;
}

static cJSON *
print_words(const char *const *w)
{
	cJSON *words = json_new_array();

	for (; *w != NULL; w++)
		json_append(words, json_new_text(*w));
	return words;
}

static cJSON *
print_variant(enum filter_mode mode, bool no_debug)
{
	cJSON *v = json_new_object();
	size_t len;

	json_put(v, "words", print_words(seccomp_filter_words(mode, no_debug)));
	for (enum filter_arch a = 0; a < FILTER_ARCHES; a++) {
		const struct filter_insn *f = seccomp_filter_get(a, mode, no_debug, FILTER_WHOLE, &len);
		json_put(v, seccomp_filter_arch_name(a), print_bytes(f, len));
	}
	return v;
}

cJSON *
backend_filters(const struct ir_policy *ir)
{
	enum filter_mode mode = mode_of(ir);
	size_t len;

	if (seccomp_filter_get(0, mode, false, FILTER_WHOLE, &len) == NULL)
		return NULL;
	cJSON *v = json_new_object();
	json_put_text(v, "network", seccomp_filter_mode_name(mode));
	json_put(v, "default", print_variant(mode, false));
	json_put(v, "no_debug", print_variant(mode, true));
	return v;
}

const char *
backend_filters_differ(struct arena *a, const cJSON *carried, const struct ir_policy *ir)
{
	cJSON *ours = backend_filters(ir);

	/* A program that runs nothing on Linux has nothing to compare with. */
	if (ours == NULL)
		return NULL;
	bool same = carried != NULL && cJSON_Compare(ours, carried, true);
	cJSON_Delete(ours);
	if (same)
		return NULL;
	if (carried == NULL)
		return "it has no system call filters: compile the profile again";
	return arena_printf(a, "its system call filters are not those of this program (%s): "
	    "compile the profile again", seccomp_filter_version());
}

bool
backend_filter_raw(const char *arch, const struct ir_policy *ir, struct sbuf *out)
{
	for (enum filter_arch i = 0; i < FILTER_ARCHES; i++) {
		size_t len;
		const struct filter_insn *f = seccomp_filter_get(i, mode_of(ir), false, FILTER_WHOLE, &len);
		if (f != NULL && strcmp(seccomp_filter_arch_name(i), arch) == 0) {
			write_insns(out, f, len);
			return true;
		}
	}
	return false;
}
