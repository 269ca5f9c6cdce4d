/* SPDX-License-Identifier: Apache-2.0 */
/* all_ids.c - making a user namespace with a helper that only exists to own it */
#include <config.h>

#include "all_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sbuf.h"

enum { STACK_BYTES = 16 * 1024, MAP_BYTES = 16 * 1024 };

bool
all_ids_possible(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	/* user_namespaces(7): to map ids that are not one's own, and, since 5.12, id 0. */
	const uint32_t need = 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SETFCAP;

	memset(data, 0, sizeof(data));
	return geteuid() == 0 && syscall(SYS_capget, &head, data) == 0 &&
	    (data[0].effective & need) == need;
}

/*
 * Runs in our memory, but in the new namespace: nothing but system calls.
 * The limit is of the namespace of whoever opens the file.  Where /proc/sys is
 * read-only the system call filter is what keeps new ones from being made.
 */
static int
own_namespace(void *arg)
{
	struct all_ids *h = arg;
	char c;
	int fd;

	close(h->go[1]);
	while (read(h->go[0], &c, 1) < 0 && errno == EINTR)
		continue;
	fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, "0", 1) != 1;
}

/* One write, as the kernel takes a map only whole. */
static int
write_map(pid_t pid, const char *name, const struct sbuf *map)
{
	char path[64];
	int fd, saved;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, sbuf_str(map), map->len);
	saved = errno;
	close(fd);
	errno = n < 0 ? saved : EIO;
	return n == (ssize_t)map->len ? 0 : -1;
}

/* "inside outside count" of our own map becomes "inside inside count" of the child's. */
static int
copy_map(const char *from, pid_t pid, const char *name)
{
	char text[MAP_BYTES];
	struct sbuf map = SBUF_INIT;
	unsigned long inside, outside, count;
	int used, fd = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	for (const char *p = text; sscanf(p, "%lu %lu %lu%n", &inside, &outside, &count, &used) == 3;
	    p += used)
		sbuf_printf(&map, "%lu %lu %lu\n", inside, inside, count);
	int rc = write_map(pid, name, &map);
	int saved = errno;
	sbuf_free(&map);
	errno = saved;
	return rc;
}

int
all_ids_write(int pid)
{
	return copy_map("/proc/self/uid_map", pid, "uid_map") == 0 &&
	    copy_map("/proc/self/gid_map", pid, "gid_map") == 0 ? 0 : -1;
}

int
all_ids_begin(struct all_ids *h)
{
	char path[64];

	*h = (struct all_ids){ .pid = -1, .go = { -1, -1 } };
	if (pipe2(h->go, O_CLOEXEC) != 0)
		return -1;
	h->stack = aligned_alloc(64, STACK_BYTES);
	if (h->stack == NULL)
		errno = ENOMEM;
	else
		/* Shared memory spares the copy of ours; the helper sleeps until the maps are written. */
		h->pid = clone(own_namespace, (char *)h->stack + STACK_BYTES,
		    CLONE_VM | CLONE_NEWUSER | SIGCHLD, h);
	if (h->pid < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", h->pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int
all_ids_map(struct all_ids *h)
{
	int rc = h->pid > 0 ? all_ids_write(h->pid) : -1;
	int saved = errno;

	for (size_t i = 0; i < NELEMS(h->go); i++)
		if (h->go[i] >= 0)
			close(h->go[i]);
	h->go[0] = h->go[1] = -1;
	errno = saved;
	return rc;
}

void
all_ids_end(struct all_ids *h)
{
	for (size_t i = 0; i < NELEMS(h->go); i++)
		if (h->go[i] >= 0)
			close(h->go[i]);
	while (h->pid > 0 && waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(h->stack);
	*h = (struct all_ids){ .pid = -1, .go = { -1, -1 } };
}
