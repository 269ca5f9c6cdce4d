/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_args.c - reading bwrap's arguments for the executor that carries them out itself */
#include <config.h>

#include "bwrap_args.h"

#include <linux/capability.h>
#include <string.h>

#include "arena.h"

enum flag { FLAG_USER, FLAG_NET, FLAG_IPC, FLAG_PID, FLAG_UTS, FLAG_DIE, FLAG_DROP, FLAGS };

static const char *const flag_option[] = {
	[FLAG_USER] = "--unshare-user", [FLAG_NET] = "--unshare-net",
	[FLAG_IPC] = "--unshare-ipc", [FLAG_PID] = "--unshare-pid",
	[FLAG_UTS] = "--unshare-uts", [FLAG_DIE] = "--die-with-parent",
};

static const struct { const char *option; enum mount_op_kind kind; bool source; } mounts[] = {
	{ "--bind", OP_BIND, true },
	{ "--ro-bind", OP_RO_BIND, true },
	{ "--dev-bind", OP_DEV_BIND, true },
	{ "--ro-bind-try", OP_RO_BIND_TRY, true },
	{ "--tmpfs", OP_TMPFS, false },
	{ "--remount-ro", OP_REMOUNT_RO, false },
	{ "--symlink", OP_SYMLINK, true },
	{ "--proc", OP_PROC, false },
	{ "--dev", OP_DEV, false },
};

static const struct { const char *name; unsigned bit; } kept[] = {
	{ "CAP_CHOWN", CAP_CHOWN }, { "CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE },
	{ "CAP_FOWNER", CAP_FOWNER }, { "CAP_FSETID", CAP_FSETID },
};

enum { NO_PERMS = -1, DEFAULT_PERMS = 0755 };

struct reading {
	struct arena	*a;
	const char	*next, *end;
	struct bwrap_args *out;
	bool		 flag[FLAGS];
	int		 perms;		/* of --perms, for the very next option */
	const char	*why;
};

static int
fail(struct reading *r, const char *what, const char *word)
{
	r->why = arena_printf(r->a, "the built-in executor cannot carry out the plan: %s%s%s", what,
	    *word != '\0' ? ": " : "", word);
	return -1;
}

/* NULL at the end, and for a word without an end. */
static const char *
next_word(struct reading *r)
{
	const char *word = r->next;
	const char *nul = word < r->end ? memchr(word, '\0', (size_t)(r->end - word)) : NULL;

	if (nul == NULL)
		return NULL;
	r->next = nul + 1;
	return word;
}

static int
read_perms(struct reading *r)
{
	const char *word = next_word(r);
	int perms = 0;

	if (word == NULL || strlen(word) != 4)
		return fail(r, "--perms takes four octal digits", "");
	for (const char *c = word; *c != '\0'; c++) {
		if (*c < '0' || *c > '7')
			return fail(r, "--perms takes four octal digits", word);
		perms = perms * 8 + (*c - '0');
	}
	if (r->next >= r->end || strcmp(r->next, "--tmpfs") != 0)
		return fail(r, "--perms is not followed by --tmpfs", "");
	r->perms = perms;
	return 0;
}

/* Later ones overrule earlier ones, as bwrap has it. */
static int
read_cap(struct reading *r, bool drop)
{
	const char *word = next_word(r);

	if (word != NULL && drop && strcmp(word, "ALL") == 0) {
		r->flag[FLAG_DROP] = true;
		r->out->caps = 0;
		return 0;
	}
	for (size_t i = 0; word != NULL && !drop && i < NELEMS(kept); i++)
		if (strcmp(word, kept[i].name) == 0) {
			r->out->caps |= UINT64_C(1) << kept[i].bit;
			return 0;
		}
	return fail(r, "not a capability that a sandbox keeps", word != NULL ? word : "");
}

static int
read_mount(struct reading *r, size_t row)
{
	struct bwrap_op op = { .kind = mounts[row].kind };

	op.perms = r->perms != NO_PERMS ? (unsigned)r->perms : DEFAULT_PERMS;
	r->perms = NO_PERMS;
	if (mounts[row].source && (op.src = next_word(r)) == NULL)
		return fail(r, "an operand is missing", mounts[row].option);
	if ((op.dst = next_word(r)) == NULL)
		return fail(r, "an operand is missing", mounts[row].option);
	bool link = op.kind == OP_SYMLINK;
	if (op.dst[0] != '/' || (mounts[row].source && op.src[0] != '/' && !(link && op.src[0] != '\0')))
		return fail(r, "not an absolute path", mounts[row].option);
	VEC_PUSH(r->a, &r->out->ops, op);
	return 0;
}

static int
read_option(struct reading *r, const char *option)
{
	for (size_t i = 0; i < NELEMS(flag_option); i++)
		if (strcmp(option, flag_option[i]) == 0) {
			r->flag[i] = true;
			return 0;
		}
	if (strcmp(option, "--cap-drop") == 0)
		return read_cap(r, true);
	if (strcmp(option, "--cap-add") == 0)
		return read_cap(r, false);
	if (strcmp(option, "--perms") == 0)
		return read_perms(r);
	for (size_t i = 0; i < NELEMS(mounts); i++)
		if (strcmp(option, mounts[i].option) == 0)
			return read_mount(r, i);
	return fail(r, "it does not know the option", option);
}

static int
read_all(struct reading *r)
{
	*r->out = (struct bwrap_args){ .caps = 0 };
	while (r->next < r->end) {
		const char *option = next_word(r);
		if (option == NULL ? fail(r, "the last argument has no end", "") != 0 :
		    read_option(r, option) != 0)
			return -1;
	}
	r->out->user = r->flag[FLAG_USER];
	r->out->net = r->flag[FLAG_NET];
	return 0;
}

const char *
bwrap_args_mounts(struct arena *a, const char *args, size_t len, struct bwrap_args *out)
{
	struct reading r = { .a = a, .next = args, .end = args + len, .out = out, .perms = NO_PERMS };

	return read_all(&r) != 0 ? r.why : NULL;
}

const char *
bwrap_args_read(struct arena *a, const char *args, size_t len, struct bwrap_args *out)
{
	struct reading r = { .a = a, .next = args, .end = args + len, .out = out, .perms = NO_PERMS };
	static const enum flag always[] = { FLAG_IPC, FLAG_PID, FLAG_UTS, FLAG_DIE };

	if (read_all(&r) != 0)
		return r.why;
	for (size_t i = 0; i < NELEMS(always); i++)
		if (!r.flag[always[i]]) {
			fail(&r, "this option is missing", flag_option[always[i]]);
			return r.why;
		}
	if (!r.flag[FLAG_DROP]) {
		fail(&r, "this option is missing", "--cap-drop ALL");
		return r.why;
	}
	return NULL;
}
