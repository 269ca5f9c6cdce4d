/* SPDX-License-Identifier: Apache-2.0 */
/* backend.c - the table of backends */
#include <config.h>

#include "backend.h"

#include <string.h>

#include "bwrap.h"
#include "seatbelt.h"
#include "seccomp_filter.h"

static const struct backend *const table[] = { &backend_bwrap };

/*
 * Not part of every compile: what is in a bundle already, as bwrap; and
 * Seatbelt, whose proof takes too long where profiles are large, and does not
 * cover the rules for the network yet.
 */
static const struct backend *const on_request[] = { &backend_builtin, &backend_seatbelt };

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
	for (size_t i = 0; i < NELEMS(on_request); i++)
		if (strcmp(on_request[i]->name, name) == 0)
			return on_request[i];
	return NULL;
}

const char *
backend_tools(void)
{
	return seccomp_filter_version();
}
