/* SPDX-License-Identifier: Apache-2.0 */
/* env_block.c - a list of variables as one sorted block of UTF-16 */
#include <config.h>

#include "env_block.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "utf16.h"

/* Of one variable Windows takes 32,767 units; of all together there is no limit that is written down. */
enum { ENTRY_UNITS = 32767, BLOCK_UNITS = 1024 * 1024 };

struct variable {
	const uint16_t	*text;
	size_t		 len, name_len;
	size_t		 at;		/* in envp: the later one of a name counts */
};

/* Windows sorts by the upper case of its own tables; names have ASCII letters but for rare ones. */
static unsigned
fold(uint16_t u)
{
	return u >= 'a' && u <= 'z' ? u - 'a' + 'A' : u;
}

static int
compare_names(const struct variable *x, const struct variable *y)
{
	for (size_t i = 0; i < x->name_len && i < y->name_len; i++)
		if (fold(x->text[i]) != fold(y->text[i]))
			return fold(x->text[i]) < fold(y->text[i]) ? -1 : 1;
	return (x->name_len > y->name_len) - (x->name_len < y->name_len);
}

static int
compare_variables(const void *x, const void *y)
{
	const struct variable *a = x, *b = y;
	int c = compare_names(a, b);

	return c != 0 ? c : (a->at > b->at) - (a->at < b->at);
}

static bool
read_variable(struct arena *a, const char *entry, struct variable *v, const char **why)
{
	const char *equals = strchr(entry, '=');

	if (equals == NULL || equals == entry) {
		*why = arena_printf(a, "the variable \"%s\" has no name", entry);
		return false;
	}
	v->text = utf16_from_utf8(a, entry, &v->len);
	if (v->text == NULL) {
		*why = arena_printf(a, "the variable \"%.*s\" is not UTF-8, which is all that a program "
		    "of Windows can be given", (int)(equals - entry), entry);
		return false;
	}
	while (v->text[v->name_len] != '=')
		v->name_len++;
	if (v->len >= ENTRY_UNITS)
		*why = arena_printf(a, "the variable \"%.*s\" is longer than the 32,766 characters that "
		    "Windows takes", (int)(equals - entry), entry);
	return v->len < ENTRY_UNITS;
}

uint16_t *
env_block(struct arena *a, const char *const *envp, size_t *units, const char **why)
{
	size_t n = 0, total = 2;

	while (envp[n] != NULL)
		n++;
	struct variable *v = arena_array(a, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		if (!read_variable(a, envp[i], &v[i], why))
			return NULL;
		v[i].at = i;
		total += v[i].len + 1;
	}
	if (total > BLOCK_UNITS) {
		*why = "the environment is longer than a million characters";
		return NULL;
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), compare_variables);
	uint16_t *block = arena_array(a, total, sizeof(*block));
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && compare_names(&v[i], &v[i + 1]) == 0)
			continue;
		memcpy(block + at, v[i].text, v[i].len * sizeof(*block));
		at += v[i].len + 1;
	}
	*units = at == 0 ? 2 : at + 1;
	return block;
}

static bool
has_name(const char *entry, const char *name)
{
	for (; *name != '\0'; name++, entry++)
		if (fold((unsigned char)*entry) != fold((unsigned char)*name))
			return false;
	return *entry == '=';
}

const char **
env_with(struct arena *a, const char *const *envp, const char *name, const char *value)
{
	size_t n = 0, at = 0;

	while (envp[n] != NULL)
		n++;
	const char **out = arena_array(a, n + 2, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (!has_name(envp[i], name))
			out[at++] = envp[i];
	out[at] = arena_printf(a, "%s=%s", name, value);
	return out;
}
