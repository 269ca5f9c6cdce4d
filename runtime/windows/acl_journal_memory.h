/* SPDX-License-Identifier: Apache-2.0 */
/* acl_journal_memory.h - what a line of the journal changes in memory */
#ifndef CDXP_ACL_JOURNAL_MEMORY_H
#define CDXP_ACL_JOURNAL_MEMORY_H

#include "acl_journal.h"

/* Strings are copied.  Each is about the open plan; of the state that is asked for in acl_journal.h. */
void	memory_begin(struct journal *, const char *id, const char *name);
/* NULL where that changes nothing.  Another `temp' means that it is gone, and made again. */
struct journal_made *memory_make(struct journal *, const char *path, const char *temp, enum acl_kind);
struct journal_object *memory_object(struct journal *, const struct journal_object *from);
bool	memory_add(struct journal *, struct journal_object *, const struct ace *);	/* whether that is news */
void	memory_spread(struct journal *, uint32_t plan, const char *const *paths, size_t n);
void	memory_end(struct journal *, bool back);

#endif
