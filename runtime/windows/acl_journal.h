/* SPDX-License-Identifier: Apache-2.0 */
/* acl_journal.h - which entries and placeholders are ours, recorded before they are there */
#ifndef CDXP_ACL_JOURNAL_H
#define CDXP_ACL_JOURNAL_H

#include "acl_store.h"
#include "sbuf.h"
#include "state_files.h"

struct arena;
struct strmap;

/*
 * STATE/acl-journal: a JSON object on each line, behind 16 digits of its hash
 * and a blank.  Lines are added and synced before what they speak of is done,
 * so that after a kill at any point
 *
 *   - an entry of ours that is anywhere is in the journal;
 *   - a line that was cut off speaks of nothing that has been done.
 *
 * An entry that was there before, exactly the same, is not ours and is never
 * removed.  One that two plans need is recorded for both and stays until
 * neither does.
 *
 *   {"r":"apply","plan":ID,"name":...}	begins; ends with one of the next two
 *   {"r":"done"}
 *   {"r":"back"}			what was added since "apply" is gone again
 *   {"r":"undo","plan":ID}		begins; ends with
 *   {"r":"undone"}			all of that plan is gone
 *   {"r":"make","path":...,"temp":...}	a placeholder is about to be made, under the name `temp' first
 *   {"r":"made","path":...,"id":...}	so it is, with this identity; it gets its own name next
 *   {"r":"add","path":...,"entries":[...]}	entries are about to be added at an object, or are
 *					there and ours, and this plan needs them too
 *   {"r":"spread","plan":ID,"paths":[...]}	entries are still to be handed on below these, and nowhere else
 */
enum journal_state {
	JOURNAL_DONE,		/* nothing is under way */
	JOURNAL_APPLYING,	/* of journal.open: stopped in the middle, to be taken back */
	JOURNAL_UNDOING,	/* likewise, to be finished */
};

struct journal_plan {
	const char	*id;		/* win_plan.id; NULL: gone, the number stays */
	const char	*name;		/* what people know it by: "windows-unelevated C:\work" */
	bool		 done;		/* applied once */
	struct { const char **v; size_t len, cap; } spread;	/* still to be spread below these */
};

/*
 * Who needs something: numbers of plans, each once.  An apply that is under way
 * has brought the last of them, with `fresh'; if that is the only one it has
 * brought the thing itself.
 */
struct journal_claims {
	uint32_t	*v;
	size_t		 len, cap;
	bool		 fresh;
};

struct journal_entry {
	struct ace		 ace;
	struct journal_claims	 plans;		/* none: it is gone */
};

struct journal_object {
	const char	*path;
	enum acl_kind	 kind;
	uint64_t	 volume, id[2];
	char		 before[65];	/* hash of the whole descriptor before the first of ours */
	char		 base[65];	/* of its explicit part without ours, when the last of ours were added */
	struct { struct journal_entry *v; size_t len, cap; } entries;
};

struct journal_made {
	const char	*path, *temp;	/* temp: as it is called until it has its identity recorded */
	enum acl_kind	 kind;
	bool		 has_id;
	uint64_t	 volume, id[2];
	struct journal_claims	 plans;
};

struct journal {
	struct arena	*a;
	struct state_files *files;
	struct state_lock *lock;
	enum journal_state state;
	uint32_t	 open;		/* the plan that is being applied or undone */
	bool		 torn;		/* the file ends in a line that is none */
	size_t		 lines;		/* in the file */
	struct sbuf	 waiting;	/* lines that journal_sync() writes */
	size_t		 lines_waiting;
	struct strmap	*by_path;
	struct { struct journal_plan *v; size_t len, cap; } plans;
	struct { struct journal_object **v; size_t len, cap; } objects;
	struct { struct journal_made **v; size_t len, cap; } made;
};

/*
 * Lock and read.  0, or -1 with *why (arena): damaged, of another version,
 * locked for too long.  The end of a line that was cut off is passed over, and
 * cut off the file by the next journal_sync().
 */
int	journal_open(struct arena *, struct state_files *, struct journal *, const char **why);
void	journal_close(struct journal *);

/* The number of a plan; UINT32_MAX where there is none of that id. */
uint32_t journal_plan(const struct journal *, const char *id);

/* The object with that path and that identity; NULL. */
struct journal_object *journal_object(const struct journal *, const char *path, uint64_t volume,
	    const uint64_t id[2]);
struct journal_entry *journal_entry(const struct journal_object *, const struct ace *);
struct journal_made *journal_made(const struct journal *, const char *path);
bool	journal_needs(const struct journal_claims *, uint32_t plan);

/*
 * Record, in memory and as lines that wait for journal_sync().  All but
 * journal_spread() is about the plan that is open.
 */
void	journal_begin(struct journal *, const char *plan_id, const char *name);
void	journal_make(struct journal *, const char *path, const char *temp, enum acl_kind);
void	journal_made_is(struct journal *, struct journal_made *, uint64_t volume, const uint64_t id[2]);
/* Path, kind, identity and hashes of the object are taken from `o', which need not be in the journal. */
void	journal_add(struct journal *, const struct journal_object *o, const struct ace_list *);
void	journal_spread(struct journal *, uint32_t plan, const char *const *paths, size_t n);
void	journal_undo(struct journal *, uint32_t plan);

/*
 * What is under way ends.  `back': an apply is taken back; what it alone
 * needed is forgotten.
 */
void	journal_end(struct journal *, bool back);

/* Write what waits, synced: only then may it be done.  0, or -1 with *why. */
int	journal_sync(struct journal *, const char **why);

/* Write the file anew with what counts.  0, or -1 with *why. */
int	journal_compact(struct journal *, const char **why);

#endif
