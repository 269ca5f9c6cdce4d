/* SPDX-License-Identifier: Apache-2.0 */
/* backend.c - the table of backends */
#include <config.h>

#include "backend.h"

#include <string.h>

#include "bwrap.h"
#include "seccomp_filter.h"

static const struct backend *const table[] = { &backend_bwrap };

const struct backend *
backend_at(size_t i)
{
	return i < NELEMS(table) ? table[i] : NULL;
}

const struct backend *
backend_find(const char *name)
{
	for (size_t i = 0; i < NELEMS(table); i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

const char *
backend_tools(void)
{
	return seccomp_filter_version();
}
