/* SPDX-License-Identifier: Apache-2.0 */
/* backend.c - the table of backends */
#include <config.h>

#include "backend.h"

#include <string.h>

#include "bwrap.h"
#include "landlock.h"
#include "seatbelt.h"
#include "seccomp_filter.h"
#include "acl_backend.h"

static const struct backend *const table[] = {
	&backend_bwrap, &backend_builtin, &backend_landlock, &backend_seatbelt,
	&backend_windows_elevated, &backend_windows_unelevated,
};

/* The ith of those that appear at least so widely. */
static const struct backend *
used(enum backend_use use, size_t i)
{
	for (size_t k = 0; k < NELEMS(table); k++)
		if (table[k]->use <= use && i-- == 0)
			return table[k];
	return NULL;
}

const struct backend *
backend_at(size_t i)
{
	return used(BACKEND_REPORTED, i);
}

const struct backend *
backend_bundled(size_t i)
{
	return used(BACKEND_BUNDLED, i);
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
