/* SPDX-License-Identifier: Apache-2.0 */
/* host_file.h - a host that is described in a file */
#ifndef CDXP_HOST_FILE_H
#define CDXP_HOST_FILE_H

#include "host_facts.h"
#include "place.h"

/* What schemas/facts.schema.json describes. */
struct host_file {
	enum target	 target;	/* the system of that host */
	struct host	*host;
	const char	*cwd, *home, *tmpdir, *tmp;	/* as that system spells them; NULL: not said */
};

/*
 * Read a description: canonical or not, but strict JSON, nothing unknown in
 * it, every path normal and each once.  Names are found in every case, and
 * keep the one that they are listed with, where the system is no Linux.  NULL
 * with *why; all in the arena.
 */
struct host_file *host_file_read(struct arena *, const char *text, size_t len, const char **why);

#endif
