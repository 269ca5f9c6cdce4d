/* SPDX-License-Identifier: Apache-2.0 */
/* attack_path.c - files outside the workspace, by every way that leads to a file */
#include <config.h>

#include "attack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OUTSIDE	"../outside/file"	/* readable, not writable */
#define HIDDEN	"../hidden/key"		/* not readable */

static enum outcome
write_outside(void)
{
	return writes(OUTSIDE);
}

static enum outcome
create_outside(void)
{
	return creates("../outside/new");
}

static enum outcome
remove_outside(void)
{
	return outcome_of(unlink(OUTSIDE) == 0);
}

static enum outcome
truncate_outside(void)
{
	return outcome_of(truncate(OUTSIDE, 0) == 0);
}

static enum outcome
take_outside(void)
{
	return outcome_of(rename(OUTSIDE, "taken") == 0);
}

static enum outcome
put_outside(void)
{
	return outcome_of(rename("file", "../outside/new") == 0);
}

static enum outcome
exchange_outside(void)
{
	return outcome_of(renameat2(AT_FDCWD, "file", AT_FDCWD, OUTSIDE, RENAME_EXCHANGE) == 0);
}

static enum outcome
move_workspace(void)
{
	return outcome_of(rename("../work", "../outside/work") == 0);
}

static enum outcome
chmod_outside(void)
{
	return outcome_of(chmod(OUTSIDE, 0777) == 0);
}

static enum outcome
fchmod_outside(void)
{
	int fd = open(OUTSIDE, O_RDONLY | O_CLOEXEC);

	return outcome_of(fd >= 0 && fchmod(fd, 0777) == 0);
}

static enum outcome
chown_outside(void)
{
	return outcome_of(chown(OUTSIDE, getuid(), getgid()) == 0);
}

static enum outcome
times_outside(void)
{
	return outcome_of(utimensat(AT_FDCWD, OUTSIDE, NULL, 0) == 0);
}

static enum outcome
xattr_outside(void)
{
	int rc = setxattr(OUTSIDE, "user.cdxp-attack", "x", 1, 0);

	return rc != 0 && errno == EOPNOTSUPP ? CANNOT : outcome_of(rc == 0);
}

static enum outcome
flags_outside(void)
{
	int fd = open(OUTSIDE, O_RDONLY | O_CLOEXEC), flags = 0;

	if (fd < 0)
		return BLOCKED;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
		return is_control() ? CANNOT : BLOCKED;
	flags |= FS_NODUMP_FL;
	return outcome_of(ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0);
}

static enum outcome
fifo_outside(void)
{
	return outcome_of(mkfifo("../outside/new", 0600) == 0);
}

static enum outcome
socket_outside(void)
{
	return outcome_of(mknod("../outside/new", S_IFSOCK | 0600, 0) == 0);
}

static enum outcome
symlink_outside(void)
{
	return outcome_of(symlink("file", "../outside/new") == 0);
}

static enum outcome
tmpfile_outside(void)
{
	char path[64];
	int fd = open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return is_control() ? CANNOT : BLOCKED;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return outcome_of(linkat(AT_FDCWD, path, AT_FDCWD, "../outside/new", AT_SYMLINK_FOLLOW) == 0);
}

static enum outcome
through_symlink(void)
{
	return symlink("../outside/new", "way") != 0 ? BLOCKED :
	    outcome_of(open("way", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
}

static enum outcome
reopen_path(void)
{
	char path[64];
	int fd = open(OUTSIDE, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return writes(path);
}

static enum outcome
reopen_readable(void)
{
	char path[64];
	int fd = open(OUTSIDE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	return writes(path);
}

static enum outcome
link_then_write(void)
{
	return link(OUTSIDE, "linked") != 0 ? BLOCKED : writes("linked");
}

static enum outcome
link_by_descriptor(void)
{
	char path[64];
	int fd = open(OUTSIDE, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, AT_FDCWD, "linked", AT_SYMLINK_FOLLOW) != 0)
		return BLOCKED;
	return writes("linked");
}

static enum outcome
link_empty_path(void)
{
	int fd = open(OUTSIDE, O_PATH | O_CLOEXEC);

	if (fd < 0 || linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH) != 0)
		return BLOCKED;
	return writes("linked");
}

static enum outcome
read_hidden(void)
{
	return secret_at(HIDDEN);
}

static enum outcome
list_hidden(void)
{
	DIR *d = opendir("../hidden");
	bool found = false;

	if (d == NULL)
		return BLOCKED;
	for (const struct dirent *e; !found && (e = readdir(d)) != NULL;)
		found = strcmp(e->d_name, "key") == 0;
	closedir(d);
	return outcome_of(found);
}

static enum outcome
hidden_by_descriptor(void)
{
	int fd = open("..", O_PATH | O_CLOEXEC);

	return fd < 0 ? BLOCKED : secret_in(openat(fd, "./hidden/../hidden/key", O_RDONLY));
}

static enum outcome
hidden_by_symlink(void)
{
	return symlink(HIDDEN, "way") != 0 ? BLOCKED : secret_at("way");
}

static enum outcome
hidden_by_link(void)
{
	return link(HIDDEN, "way") != 0 ? BLOCKED : secret_at("way");
}

static enum outcome
hidden_by_rename(void)
{
	return rename("../hidden", "../outside/seen") != 0 ? BLOCKED : secret_at("../outside/seen/key");
}

static enum outcome
hidden_by_own_root(void)
{
	char path[4096], cwd[4000];

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return BLOCKED;
	snprintf(path, sizeof(path), "/proc/self/root%s/%s", cwd, HIDDEN);
	return secret_at(path);
}

/* As a set-user-ID program or a script could be: found by nothing that looks at paths. */
static enum outcome
memfd_exec(void)
{
	char buffer[65536];
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), status;
	int fd = memfd_create("attack", MFD_CLOEXEC);
	ssize_t n;

	if (in < 0 || fd < 0)
		return BLOCKED;
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)n) != n)
			return BLOCKED;
	pid_t pid = fork();
	if (pid == 0) {
		char *argv[] = { (char[]){ "attack" }, (char[]){ "--read" }, (char[]){ HIDDEN }, NULL };
		fexecve(fd, argv, environ);
		_exit(BLOCKED);
	}
	return outcome_of(waitpid(pid, &status, 0) == pid && status == 0);
}

/* The handle of a hidden file can be guessed: it is little more than the inode's number. */
static enum outcome
open_handle(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = { .room = { 0 } };
	const char *text = given("ATTACK_HANDLE");
	int used = 0, fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (*text == '\0')
		return cannot(EOPNOTSUPP);
	if (fd < 0 || sscanf(text, "%d:%n", &u.h.handle_type, &used) != 1)
		return BLOCKED;
	for (text += used; text[0] != '\0' && text[1] != '\0'; text += 2) {
		char digits[] = { text[0], text[1], '\0' };
		u.h.f_handle[u.h.handle_bytes++] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return secret_in(open_by_handle_at(fd, &u.h, O_RDONLY));
}

static enum outcome
copy_outside(void)
{
	int from = open("file", O_RDONLY | O_CLOEXEC), to = open(OUTSIDE, O_RDWR | O_CLOEXEC);

	return outcome_of(from >= 0 && to >= 0 && copy_file_range(from, NULL, to, NULL, 1, 0) == 1);
}

static enum outcome
map_outside(void)
{
	int fd = open(OUTSIDE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return BLOCKED;
	char *p = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return BLOCKED;
	p[0] = 'X';
	return outcome_of(munmap(p, 1) == 0);
}

static enum outcome
policy_in_use(void)
{
	return writes(given("ATTACK_POLICY"));
}

static enum outcome
our_records(void)
{
	char path[4200];

	/* Those of root lie in the system, which is none of the test's. */
	if (given("ATTACK_STATE")[0] == '\0')
		return cannot(EACCES);
	snprintf(path, sizeof(path), "%s/cdxp/planted", given("ATTACK_STATE"));
	return creates(path);
}

const struct attack attacks_path[] = {
	{ "write-outside", "", "write to a file that may only be read", write_outside, 0 },
	{ "create-outside", "", "make a file outside the workspace", create_outside, 0 },
	{ "remove-outside", "", "remove a file outside the workspace", remove_outside, 0 },
	{ "truncate-outside", "", "truncate(2) a file that may only be read", truncate_outside, 0 },
	{ "take-outside", "", "rename a file from outside into the workspace", take_outside, 0 },
	{ "put-outside", "", "rename a file of the workspace to the outside", put_outside, 0 },
	{ "exchange-outside", "", "exchange a file of the workspace with one outside",
	    exchange_outside, 0 },
	{ "move-workspace", "", "rename the workspace itself", move_workspace, 0 },
	{ "chmod-outside", "", "change the mode of a file outside", chmod_outside, 0 },
	{ "fchmod-outside", "",
	    "change the mode through a descriptor for reading", fchmod_outside, 0 },
	{ "chown-outside", "", "give a file outside to its owner", chown_outside, 0 },
	{ "times-outside", "", "change the times of a file outside", times_outside, 0 },
	{ "xattr-outside", "", "set an extended attribute outside", xattr_outside, 0 },
	{ "flags-outside", "", "set an inode flag outside", flags_outside, 0 },
	{ "fifo-outside", "", "make a fifo outside", fifo_outside, 0 },
	{ "socket-outside", "", "make a socket file outside by mknod(2)", socket_outside, 0 },
	{ "symlink-outside", "", "make a symbolic link outside", symlink_outside, 0 },
	{ "tmpfile-outside", "", "give a nameless file of the workspace a name outside",
	    tmpfile_outside, 0 },
	{ "through-symlink", "", "make a file outside through a link in the workspace",
	    through_symlink, 0 },
	{ "reopen-path", "", "open an O_PATH descriptor again for writing", reopen_path, 0 },
	{ "reopen-readable", "", "open a descriptor for reading again for writing", reopen_readable, 0 },
	{ "link-then-write", "", "write to a file outside by a hard link inside", link_then_write, 0 },
	{ "link-by-descriptor", "", "hard link from /proc/self/fd, then write", link_by_descriptor, 0 },
	{ "link-empty-path", "", "hard link of a descriptor (AT_EMPTY_PATH), then write",
	    link_empty_path, 0 },
	{ "copy-outside", "", "copy_file_range(2) into a file outside", copy_outside, 0 },
	{ "map-outside", "", "write to a file outside through shared memory", map_outside, 0 },
	{ "read-hidden", "", "read a file that may not be read", read_hidden, 0 },
	{ "list-hidden", "", "list a directory that may not be read", list_hidden, 0 },
	{ "hidden-by-descriptor", "", "read it relative to a descriptor of its parent",
	    hidden_by_descriptor, 0 },
	{ "hidden-by-symlink", "", "read it through a symbolic link", hidden_by_symlink, 0 },
	{ "hidden-by-link", "", "read it through a hard link", hidden_by_link, 0 },
	{ "hidden-by-rename", "", "rename its directory, then read", hidden_by_rename, 0 },
	{ "hidden-by-own-root", "", "read it through /proc/self/root", hidden_by_own_root, 0 },
	{ "memfd-exec", "", "read it with a program that lies in memory only", memfd_exec, 0 },
	{ "open-handle", "root", "open a hidden file by its handle", open_handle, 0 },
	{ "policy-in-use", "", "write to the policy that confines us", policy_in_use, 0 },
	{ "our-records", "", "plant a file among the records of the runtime", our_records, 0 },
	{ .name = NULL },
};
