/* SPDX-License-Identifier: Apache-2.0 */
/* stub_ledger.h - the file that remembers which mount points are ours */
#ifndef CDXP_STUB_LEDGER_H
#define CDXP_STUB_LEDGER_H

#include "base.h"
#include "sbuf.h"

struct arena;

/*
 * STATE/stubs, a JSON object on each line, all with the same beginning:
 *
 *   {"id":"DEVICE:INODE","boot":"BOOT-ID","path":"/repo/.git"}
 *
 * A path's line is written, and synced, before a stub is first made there,
 * and stays; the identity in front of it is rewritten in place without a
 * sync, so that only a path seen for the first time costs one.  What a power
 * failure can take is the identity, which the extended attribute repeats.
 * In `path' every byte but printable ASCII, and `"', `\' and `%', is %XX.
 *
 *   0:0		nothing of ours is there; of an earlier boot: so it was when last synced
 *   PENDING:0		about to be made: a temporary name may exist
 *   DEVICE:INODE	made, valid for that boot alone
 */
#define LEDGER_PENDING	UINT64_MAX

struct ledger_line {
	const char	*path;		/* decoded; arena */
	uint64_t	 dev, ino;
	bool		 this_boot;
	size_t		 at;		/* offset in the file */
};

/* Something of ours may be there. */
static inline bool
ledger_is_dirty(const struct ledger_line *line)
{
	return line->dev != 0 || line->ino != 0 || !line->this_boot;
}

struct ledger {
	int		 fd;		/* locked while it is >= 0 */
	char		 boot[37];
	struct { struct ledger_line *v; size_t len, cap; } lines;
	size_t		 size;
	const char	*dir;		/* where it lies */
};

/*
 * Open, lock and read; the directory is made where it is missing.  With
 * `only_existing' there is nothing to make: 1 where there is no ledger.  0,
 * or -1 with *why.  Bounded in time: a lock that is not had in ten seconds
 * is an error.
 */
int	ledger_open(struct arena *, const char *state_dir, bool only_existing,
	    struct ledger *, const char **why);
void	ledger_close(struct ledger *);		/* unlocks */

/* NULL where the path has no line. */
struct ledger_line *ledger_find(const struct ledger *, const char *path);

/* Some stub with that identity is recorded in this boot. */
bool	ledger_knows(const struct ledger *, uint64_t dev, uint64_t ino);

/* Give each of these paths a line, synced.  Lines move.  -1 with errno. */
int	ledger_add(struct arena *, struct ledger *, const char *const *paths, size_t n);

/* Rewrite the identity in front of a path.  -1 with errno. */
int	ledger_set(struct ledger *, struct ledger_line *, uint64_t dev, uint64_t ino);

#endif
