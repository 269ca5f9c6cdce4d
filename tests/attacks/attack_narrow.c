/* SPDX-License-Identifier: Apache-2.0 */
/* attack_narrow.c - what is narrower inside the workspace: locked, secret, protected names, patterns */
#include <config.h>

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCKED	"a/b/locked/file"	/* read, in a directory of its own, in a workspace that is writable */

static int
exchange(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

static enum outcome
write_locked(void)
{
	return writes(LOCKED);
}

static enum outcome
create_locked(void)
{
	return creates("a/b/locked/new");
}

static enum outcome
remove_locked(void)
{
	return outcome_of(unlink(LOCKED) == 0);
}

static enum outcome
chmod_locked(void)
{
	return outcome_of(chmod("a/b/locked", 0777) == 0);
}

static enum outcome
rename_locked(void)
{
	return outcome_of(rename("a/b/locked", "a/b/moved") == 0);
}

static enum outcome
rename_parent(void)
{
	return outcome_of(rename("a/b", "a/moved") == 0);
}

static enum outcome
rename_grandparent(void)
{
	return outcome_of(rename("a", "moved") == 0);
}

static enum outcome
exchange_locked(void)
{
	return outcome_of(exchange("a/b/locked", "open") == 0);
}

static enum outcome
exchange_parent(void)
{
	return outcome_of(exchange("a/b", "open") == 0);
}

static enum outcome
exchange_grandparent(void)
{
	return outcome_of(exchange("a", "open") == 0);
}

static enum outcome
replace_locked(void)
{
	return outcome_of(rename("file", "a/b/locked/file") == 0);
}

static enum outcome
link_locked(void)
{
	return link(LOCKED, "open/linked") != 0 ? BLOCKED : writes("open/linked");
}

static enum outcome
link_into_locked(void)
{
	return outcome_of(link("file", "a/b/locked/new") == 0);
}

static enum outcome
read_secret(void)
{
	return secret_at("secret/key");
}

static enum outcome
link_secret(void)
{
	return link("secret/key", "open/linked") != 0 ? BLOCKED : secret_at("open/linked");
}

static enum outcome
rename_secret(void)
{
	return rename("secret", "open/moved") != 0 ? BLOCKED : secret_at("open/moved/key");
}

static enum outcome
exchange_secret(void)
{
	return exchange("secret", "open") != 0 ? BLOCKED : secret_at("open/key");
}

/* A mask is a mount: gone with its mount point, if that could go. */
static enum outcome
remove_mask(void)
{
	if (is_control())
		return outcome_of(unlink("secret/key") == 0 && rmdir("secret") == 0);
	return outcome_of(rmdir("secret") == 0);
}

static enum outcome
read_match(void)
{
	return secret_at("conf/.env");
}

static enum outcome
rename_match(void)
{
	return rename("conf/.env", "conf/env") != 0 ? BLOCKED : secret_at("conf/env");
}

static enum outcome
link_match(void)
{
	return link("conf/.env", "conf/env") != 0 ? BLOCKED : secret_at("conf/env");
}

static enum outcome
rename_match_parent(void)
{
	return rename("conf", "moved") != 0 ? BLOCKED : secret_at("moved/.env");
}

static enum outcome
replace_match(void)
{
	return outcome_of(rename("file", "conf/.env") == 0);
}

static enum outcome
remove_match(void)
{
	return outcome_of(unlink("conf/.env") == 0);
}

static enum outcome
rename_literal(void)
{
	return rename("vault", "moved") != 0 ? BLOCKED : secret_at("moved/x.pem");
}

static enum outcome
write_git(void)
{
	return writes(".git/config");
}

static enum outcome
create_hook(void)
{
	return creates(".git/hooks/post-commit");
}

static enum outcome
rename_git(void)
{
	return outcome_of(rename(".git", "open/git") == 0);
}

static enum outcome
exchange_git(void)
{
	return outcome_of(exchange(".git", "open") == 0);
}

static enum outcome
make_codex(void)
{
	return outcome_of(mkdir(".codex/sub", 0700) == 0 ||
	    (mkdir(".codex", 0700) == 0 && mkdir(".codex/sub", 0700) == 0));
}

static enum outcome
codex_link(void)
{
	rmdir(".codex");
	return outcome_of(symlink("open", ".codex") == 0);
}

static enum outcome
codex_fifo(void)
{
	rmdir(".codex");
	return outcome_of(mkfifo(".codex", 0600) == 0);
}

static enum outcome
codex_hard_link(void)
{
	rmdir(".codex");
	return outcome_of(link("file", ".codex") == 0);
}

static enum outcome
link_policy(void)
{
	return link("policy.toml", "linked") != 0 ? BLOCKED : writes("linked");
}

static enum outcome
codex_rename(void)
{
	return outcome_of(rename("open", ".codex") == 0);
}

static enum outcome
codex_exchange(void)
{
	if (is_control())
		mkdir(".codex", 0700);
	return outcome_of(exchange("open", ".codex") == 0);
}

static enum outcome
rename_policy(void)
{
	return outcome_of(rename(given("ATTACK_POLICY"), "policy.old") == 0);
}

static enum outcome
replace_policy(void)
{
	return outcome_of(rename("file", given("ATTACK_POLICY")) == 0);
}

const struct attack attacks_narrow[] = {
	{ "write-locked", "narrow", "write to a read-only file in the workspace", write_locked, 0 },
	{ "create-locked", "narrow", "make a file in a read-only directory of the workspace",
	    create_locked, 0 },
	{ "remove-locked", "narrow", "remove a file from it", remove_locked, 0 },
	{ "chmod-locked", "narrow", "change its mode", chmod_locked, 0 },
	{ "rename-locked", "narrow", "rename it", rename_locked, 0 },
	{ "rename-parent", "narrow", "rename its parent", rename_parent, 0 },
	{ "rename-grandparent", "narrow", "rename the parent of its parent", rename_grandparent, 0 },
	{ "exchange-locked", "narrow", "exchange it with a writable directory", exchange_locked, 0 },
	{ "exchange-parent", "narrow", "exchange its parent with a writable directory", exchange_parent, 0 },
	{ "exchange-grandparent", "narrow", "exchange the parent of its parent", exchange_grandparent, 0 },
	{ "replace-locked", "narrow", "rename a file over one in it", replace_locked, 0 },
	{ "link-locked", "narrow", "write to a file in it by a hard link", link_locked, 0 },
	{ "link-into-locked", "narrow", "hard link a file into it", link_into_locked, 0 },
	{ "read-secret", "narrow", "read a denied file in the workspace", read_secret, 0 },
	{ "link-secret", "narrow", "read it by a hard link", link_secret, 0 },
	{ "rename-secret", "narrow", "rename its directory, then read it", rename_secret, 0 },
	{ "exchange-secret", "narrow", "exchange its directory, then read it", exchange_secret, 0 },
	{ "remove-mask", "narrow", "remove the denied directory, and what masks it", remove_mask, 0 },
	{ "read-match", "narrow", "read a file that a pattern denies", read_match, 0 },
	{ "rename-match", "narrow", "rename it to what no pattern matches", rename_match, 0 },
	{ "link-match", "narrow", "hard link it to what no pattern matches", link_match, 0 },
	{ "rename-match-parent", "narrow", "rename its directory, then read it", rename_match_parent, 0 },
	{ "replace-match", "narrow", "rename another file over it", replace_match, 0 },
	{ "remove-match", "narrow", "remove it", remove_match, 0 },
	{ "rename-literal", "narrow", "rename the directory that a pattern names", rename_literal, 0 },
	{ "write-git", "narrow", "write to .git/config", write_git, 0 },
	{ "create-hook", "narrow", "make a hook in .git", create_hook, 0 },
	{ "rename-git", "narrow", "rename .git", rename_git, 0 },
	{ "exchange-git", "narrow", "exchange .git with a writable directory", exchange_git, 0 },
	{ "make-codex", "narrow", "make something in a .codex that did not exist", make_codex, 0 },
	{ "codex-link", "narrow", "make .codex a symbolic link", codex_link, 0 },
	{ "codex-fifo", "narrow", "make .codex a fifo", codex_fifo, 0 },
	{ "codex-hard-link", "narrow", "make .codex a hard link of a file", codex_hard_link, 0 },
	{ "link-policy", "narrow", "write to the policy that confines us by a hard link", link_policy, 0 },
	{ "codex-rename", "narrow", "rename a writable directory to .codex", codex_rename, 0 },
	{ "codex-exchange", "narrow", "exchange .codex with a writable directory", codex_exchange, 0 },
	{ "rename-policy", "narrow", "rename the policy that confines us", rename_policy, 0 },
	{ "replace-policy", "narrow", "rename a file over the policy that confines us",
	    replace_policy, 0 },
	{ .name = NULL },
};
