/* SPDX-License-Identifier: Apache-2.0 */
/* acl_journal_line.h - the lines of acl_journal.h as text */
#ifndef CDXP_ACL_JOURNAL_LINE_H
#define CDXP_ACL_JOURNAL_LINE_H

#include <cjson/cJSON.h>

#include "acl_journal.h"

/* Append one line; `o' is freed. */
void	line_print(struct sbuf *, cJSON *o);

/*
 * The object of the line at the beginning of text[0..len), and its length with
 * the newline.  NULL where it is cut off or has another hash.  The caller
 * frees.
 */
cJSON	*line_read(const char *text, size_t len, size_t *line_len);

/* Members of records, read and made. */
cJSON	*line_entries(const struct ace *, size_t n);
bool	line_read_entries(struct arena *, const cJSON *, struct ace_list *);
void	line_put_id(cJSON *, uint64_t volume, const uint64_t id[2]);
bool	line_read_id(const cJSON *, uint64_t *volume, uint64_t id[2]);
bool	line_read_hash(const cJSON *o, const char *name, char out[65]);

#endif
