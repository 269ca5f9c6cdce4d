/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c - tries operations inside a sandbox: "OP PATH" lines in, "OP PATH ok|ERRNAME" lines out */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 8192 };

static int
close_with(int fd, int error)
{
	close(fd);
	return error;
}

static int
try_read(const char *p)
{
	char b;
	int fd = open(p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	return close_with(fd, read(fd, &b, 1) < 0 ? errno : 0);
}

static int
try_write(const char *p)
{
	int fd = open(p, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? errno : close_with(fd, 0);
}

static int
try_create(const char *p)
{
	int fd = open(p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	close(fd);
	return unlink(p) != 0 ? errno : 0;
}

static int
try_mkdir(const char *p)
{
	if (mkdir(p, 0755) != 0)
		return errno;
	return rmdir(p) != 0 ? errno : 0;
}

static int
try_list(const char *p)
{
	DIR *d = opendir(p);
	if (d == NULL)
		return errno;
	errno = 0;
	readdir(d);
	int e = errno;
	closedir(d);
	return e;
}

/* There and back; what cannot come back would be noticed as residue. */
static int
try_rename(const char *p)
{
	char q[LINE_BYTES + 8];
	snprintf(q, sizeof(q), "%s.moved", p);
	if (rename(p, q) != 0)
		return errno;
	return rename(q, p) != 0 ? EXDEV : 0;
}

static int
try_chmod(const char *p)
{
	struct stat st;
	if (stat(p, &st) != 0)
		return errno;
	return chmod(p, st.st_mode & 07777) != 0 ? errno : 0;
}

static int
try_link(const char *p)
{
	char q[LINE_BYTES + 8];
	snprintf(q, sizeof(q), "%s.linked", p);
	if (link(p, q) != 0)
		return errno;
	return unlink(q) != 0 ? errno : 0;
}

static int
try_one(char op, const char *p)
{
	struct stat st;
	switch (op) {
	case 'R':
		return try_read(p);
	case 'W':
		return try_write(p);
	case 'C':
		return try_create(p);
	case 'M':
		return try_mkdir(p);
	case 'L':
		return try_list(p);
	case 'V':
		return try_rename(p);
	case 'P':
		return try_chmod(p);
	case 'H':
		return try_link(p);
	case 'S':
		return stat(p, &st) != 0 ? errno : 0;
	default:
		return EINVAL;
	}
}

int
main(void)
{
	char line[LINE_BYTES];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) < 3)
			continue;
		int e = try_one(line[0], line + 2);
		printf("%s %s\n", line, e != 0 ? strerrorname_np(e) : "ok");
	}
	return 0;
}
