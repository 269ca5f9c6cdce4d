/* SPDX-License-Identifier: Apache-2.0 */
/* fact.c - looking up what is known of a path */
#include <config.h>

#include "fact.h"

#include "path.h"

static const struct fact some_directory = { .kind = NODE_DIR };

/* In [lo, hi); what is before and behind has been compared. */
static const struct fact *
find_between(const struct fact *v, size_t lo, size_t hi, const char *path)
{
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = path_order(path, v[mid].path);
		if (c == 0)
			return &v[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const struct fact *
fact_find(const struct fact_list *l, const char *path)
{
	return l->all_dirs ? &some_directory : find_between(l->v, 0, l->len, path);
}

const struct fact *
fact_near(const struct fact_list *l, const char *path, size_t *hint)
{
	const struct fact *f, *v = l->v;
	size_t n = l->len, at = *hint, step = 1;

	if (l->all_dirs)
		return &some_directory;
	if (at >= n)
		return NULL;
	int c = path_order(path, v[at].path);
	if (c < 0) {
		/* Steps that double until it is passed, backwards. */
		size_t hi = at;
		while (hi > step && (c = path_order(path, v[at = hi - step].path)) < 0) {
			hi = at;
			step *= 2;
		}
		f = c == 0 ? &v[at] : find_between(v, hi > step ? hi - step + 1 : 0, hi, path);
	} else if (c > 0) {
		size_t lo = at + 1;
		while (n - lo > step && (c = path_order(path, v[at = lo + step - 1].path)) > 0) {
			lo = at + 1;
			step *= 2;
		}
		f = c == 0 ? &v[at] : find_between(v, lo, n - lo > step ? lo + step - 1 : n, path);
	} else {
		f = &v[at];
	}
	if (f != NULL)
		*hint = (size_t)(f - v);
	return f;
}
