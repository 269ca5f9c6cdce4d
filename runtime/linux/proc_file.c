/* SPDX-License-Identifier: Apache-2.0 */
/* proc_file.c - the small files of proc(5) */
#include <config.h>

#include "proc_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
proc_read_fd(int fd, char *text, size_t size)
{
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool
proc_read(const char *path, char *text, size_t size)
{
	return proc_read_fd(open(path, O_RDONLY | O_CLOEXEC), text, size);
}

bool
proc_status(pid_t pid, char text[PROC_STATUS_BYTES])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return proc_read(path, text, PROC_STATUS_BYTES);
}

const char *
proc_field(const char *status, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = status; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}
