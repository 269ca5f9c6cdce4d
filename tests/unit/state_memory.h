/* SPDX-License-Identifier: Apache-2.0 */
/* state_memory.h - state files in memory, which stop working where a test wants that */
#ifndef CDXP_TEST_STATE_MEMORY_H
#define CDXP_TEST_STATE_MEMORY_H

#include "model_store.h"
#include "state_files.h"

struct memory_file {
	char	name[128];
	char	*p;
	size_t	 len;
	bool	 locked;
};

/*
 * Appends and replacements count among the faults' calls.  An append that is
 * stopped leaves the first half of its bytes, as a power failure may.
 */
struct memory_files {
	struct state_files	 files;		/* first */
	struct model_faults	*faults;
	struct memory_file	 v[64];
	size_t			 len;
	uint64_t		 random;
	size_t			 writes;	/* appends, replacements and removals that worked */
};

void	memory_files_init(struct memory_files *, struct model_faults *);
void	memory_files_free(struct memory_files *);
/* As after the death of a process: no lock is held. */
void	memory_files_unlock(struct memory_files *);
/* NULL where there is none. */
struct memory_file *memory_file(struct memory_files *, const char *name);
/* Replace or make one. */
void	memory_file_set(struct memory_files *, const char *name, const char *p, size_t len);

#endif
