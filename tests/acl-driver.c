/* SPDX-License-Identifier: Apache-2.0 */
/* acl-driver.c - the evaluator of DACLs, asked over a pipe by tests/run-acl */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "acl_eval.h"
#include "acl_model.h"
#include "arena.h"
#include "sbuf.h"

/*
 * A question is numbers, in hexadecimal: reading (0 to 2), restricted, write
 * restricted, owner, how many principals and the role of each, how many
 * entries and of each deny, flags, mask, principal; 1 if the entries come from
 * the parent of a file, 2 of a directory, else 0.  Entries are put in
 * canonical order first unless the number is 3.  The answer is the rights.
 *
 * "acl-driver model" reads a plan instead and prints what its model makes of
 * it: "no WHY", or "breach PATH: WHY", or for each node what it says of itself,
 * of what is below, whether it is pinned, and its path.
 */
enum { MAX = 64 };

static bool
number(uint32_t *out)
{
	return scanf("%x", out) == 1;
}

static bool
question(void)
{
	uint32_t reading, restricted, write_restricted, owner, nroles, n, how;
	uint8_t role[MAX];
	struct acl_ace given[MAX], ordered[MAX], got[MAX];

	if (!number(&reading) || !number(&restricted) || !number(&write_restricted) ||
	    !number(&owner) || !number(&nroles) || nroles > MAX)
		return false;
	for (uint32_t i = 0; i < nroles; i++) {
		uint32_t r;
		if (!number(&r))
			return false;
		role[i] = (uint8_t)r;
	}
	if (!number(&n) || n > MAX)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t deny, flags;
		if (!number(&deny) || !number(&flags) || !number(&given[i].mask) ||
		    !number(&given[i].who))
			return false;
		given[i].deny = deny != 0;
		given[i].flags = (uint8_t)flags;
	}
	if (!number(&how))
		return false;
	const struct acl_token t = { role, nroles, restricted != 0, write_restricted != 0 };
	const struct acl_ace *v = given;
	size_t k = n;
	if (how != 3) {
		acl_canonical(given, n, ordered);
		v = ordered;
	}
	if (how == 1 || how == 2) {
		k = acl_inherit(v, n, how == 2, got);
		v = got;
	}
	printf("%x\n", (unsigned)acl_granted(v, k, owner, &t, (enum acl_reading)reading));
	return true;
}

static void
print_tree(struct arena *a, const struct region *r)
{
	static const char letter[] = { [ACCESS_DENY] = '-', [ACCESS_READ] = 'r', [ACCESS_WRITE] = 'w' };

	printf("%c%c%c %s\n", letter[r->self], letter[r->below], r->pinned ? 'p' : '-',
	    region_path(a, r));
	for (size_t i = 0; i < r->nchild; i++)
		print_tree(a, r->child[i]);
}

static int
model(void)
{
	struct arena *a = arena_new();
	struct sbuf text = SBUF_INIT;
	struct acl_model m;
	const char *why = NULL;

	if (sbuf_read(&text, 0, LIMIT_BUNDLE_BYTES) != 0)
		return 1;
	if (acl_model_read(a, sbuf_str(&text), text.len, &m, &why) != 0)
		printf("no %s\n", why);
	else if (m.breach != NULL)
		printf("breach %s: %s\n", m.breach, m.breach_what);
	else
		print_tree(a, m.root);
	sbuf_free(&text);
	arena_free(a);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "model") == 0)
		return model();
	while (question())
		;
	return 0;
}
