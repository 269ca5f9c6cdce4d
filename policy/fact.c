/* SPDX-License-Identifier: Apache-2.0 */
/* fact.c - looking up what is known of a path */
#include <config.h>

#include "fact.h"

#include "path.h"

const struct fact *
fact_find(const struct fact *v, size_t n, const char *path)
{
	size_t lo = 0, hi = n;
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
