/* SPDX-License-Identifier: Apache-2.0 */
/* attack_again.c - one run prepares what the next trips over */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool
is_first(void)
{
	return given_number("ATTACK_RUN") == 1;
}

static enum outcome
parent_renamed(void)
{
	if (is_first())
		return outcome_of(rename("a/b", "a/moved") == 0);
	return writes("a/moved/locked/file");
}

static enum outcome
parent_exchanged(void)
{
	if (is_first())
		return outcome_of(renameat2(AT_FDCWD, "a", AT_FDCWD, "open", RENAME_EXCHANGE) == 0);
	return writes("open/b/locked/file");
}

static enum outcome
secret_parent_renamed(void)
{
	if (is_first())
		return outcome_of(rename("deep", "shallow") == 0);
	return secret_at("shallow/secret/key");
}

/* `nest/out' is an entry of its own, writable in what is writable. */
static enum outcome
grant_becomes_link(void)
{
	if (is_first())
		return outcome_of(rename("nest", "nest.old") == 0 && mkdir("nest", 0755) == 0 &&
		    symlink("../../outside", "nest/out") == 0);
	return writes("nest/out/file");
}

static enum outcome
lock_becomes_link(void)
{
	if (is_first())
		return outcome_of(rename("a", "a.old") == 0 && symlink("open", "a") == 0);
	return writes("a.old/b/locked/file");
}

static enum outcome
git_becomes_link(void)
{
	if (is_first())
		return outcome_of(rename(".git", "git.old") == 0 && symlink("open", ".git") == 0);
	return writes("git.old/config");
}

static enum outcome
pattern_place_renamed(void)
{
	if (is_first())
		return outcome_of(rename("vault", "moved") == 0);
	return secret_at("moved/x.pem");
}

/* Where the command may write is on the PATH of whoever starts the second run. */
static enum outcome
plant(const char *path)
{
	static const char script[] = "#!/bin/sh\necho planted >> ../outside/file\n";

	if (is_first()) {
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
		return outcome_of(fd >= 0 && write(fd, script, sizeof(script) - 1) > 0);
	}
	if (is_control() && system("bwrap") != 0)
		return BLOCKED;
	struct stat st;
	errno = 0;
	return outcome_of(stat("../outside/file", &st) == 0 && st.st_size > given_number("ATTACK_SIZE"));
}

static enum outcome
planted_program(void)
{
	return plant("bin/bwrap");
}

static enum outcome
planted_elsewhere(void)
{
	return plant("../extra/bwrap");
}

/*
 * The first run, under a profile that knows nothing of nest/out, swaps it with
 * a link to the outside; the second, where it is a writable entry, starts
 * meanwhile, time and again.
 */
static enum outcome
swapped_at_start(void)
{
	if (!is_first())
		return writes("nest/out/file");
	if (symlink("../../outside", "nest/link") != 0)
		return BLOCKED;
	for (;;)
		if (renameat2(AT_FDCWD, "nest/out", AT_FDCWD, "nest/link", RENAME_EXCHANGE) != 0)
			return BLOCKED;
}

static enum outcome
parent_swapped_at_start(void)
{
	if (!is_first())
		return writes("nest/out/file");
	if (mkdir("other", 0755) != 0 || symlink("../../outside", "other/out") != 0)
		return BLOCKED;
	for (;;)
		if (renameat2(AT_FDCWD, "nest", AT_FDCWD, "other", RENAME_EXCHANGE) != 0)
			return BLOCKED;
}

/* Whoever swaps may be slower than one attempt. */
static enum outcome
reads_at_times(const char *path)
{
	for (int i = 0; i < (is_control() ? 1 : 2000); i++)
		if (secret_at(path) == DONE)
			return DONE;
	return BLOCKED;
}

/*
 * What the policy denies is a path, whatever is there now.  Right after a swap it
 * can be read for a moment (the deviation mask-gap); but not for long, since each of
 * the two is denied once it was seen there.  How long depends on what else the
 * machine does: here a time after which it certainly is.
 */
static enum outcome
reads_in_the_end(const char *path)
{
	const struct timespec settled = { 0, 400000000 };
	enum outcome out = reads_at_times(path);

	for (int i = 0; out == DONE && !is_control() && i < 25; i++) {
		nanosleep(&settled, NULL);
		out = reads_at_times(path);
	}
	return out;
}

static enum outcome
secret_swapped_at_start(void)
{
	if (!is_first())
		return reads_in_the_end("deep/secret/key");
	if (mkdir("other", 0755) != 0 || mkdir("other/secret", 0755) != 0 ||
	    creates("other/secret/key") != DONE)
		return BLOCKED;
	for (;;)
		if (renameat2(AT_FDCWD, "deep", AT_FDCWD, "other", RENAME_EXCHANGE) != 0)
			return BLOCKED;
}

/*
 * A link in its place is met on the way: what was to be mounted on the directory
 * would be on what the link leads to.  There is no second directory to be seen.
 */
static enum outcome
secret_linked_at_start(void)
{
	if (!is_first())
		return reads_at_times("deep/secret/key");
	if (symlink("open", "real") != 0)
		return BLOCKED;
	for (;;)
		if (renameat2(AT_FDCWD, "deep", AT_FDCWD, "real", RENAME_EXCHANGE) != 0)
			return BLOCKED;
}

const struct attack attacks_again[] = {
	{ "parent-renamed", "narrow twice", "run 1 renames the parent of a read-only directory, run 2 writes",
	    parent_renamed, 0 },
	{ "parent-exchanged", "narrow twice", "run 1 exchanges its grandparent, run 2 writes",
	    parent_exchanged, 0 },
	{ "secret-parent-renamed", "narrow twice", "run 1 renames the parent of a denied directory, run 2 reads",
	    secret_parent_renamed, 0 },
	{ "grant-becomes-link", "narrow twice", "run 1 puts a link in the place of a grant, run 2 writes through it",
	    grant_becomes_link, 0 },
	{ "lock-becomes-link", "narrow twice", "run 1 puts a link on the way to a read-only directory, run 2 writes",
	    lock_becomes_link, 0 },
	{ "git-becomes-link", "narrow twice", "run 1 puts a link in the place of .git, run 2 writes to the old one",
	    git_becomes_link, 0 },
	{ "pattern-place-renamed", "narrow twice", "run 1 renames the directory of a pattern, run 2 reads a match",
	    pattern_place_renamed, 0 },
	{ "planted-program", "path twice", "run 1 plants a bwrap in the workspace, run 2 is started with it on PATH",
	    planted_program, 0 },
	{ "planted-elsewhere", "path twice", "the same in a writable place that is no workspace",
	    planted_elsewhere, 0 },
	{ "swapped-at-start", "race", "a grant is swapped with a link to the outside while the sandbox starts",
	    swapped_at_start, 0 },
	{ "parent-swapped-at-start", "race", "the parent of a grant is swapped while the sandbox starts",
	    parent_swapped_at_start, 0 },
	{ "secret-swapped-at-start", "narrow race",
	    "the parent of a denied directory is swapped while the sandbox starts", secret_swapped_at_start, 0 },
	{ "secret-linked-at-start", "narrow race",
	    "the parent of a denied directory is swapped with a link while the sandbox starts",
	    secret_linked_at_start, 0 },
	{ .name = NULL },
};
