/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_copy.c - a sealed copy of bwrap in memory, for whoever could change the file */
#include <config.h>

#include "bwrap_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"

#ifndef MFD_EXEC
#define MFD_EXEC	0x0010u		/* Linux 6.3 */
#endif

/* Kernels that do not know the flag make all such files executable. */
static int
memory_file(void)
{
	int fd = memfd_create("bwrap", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	return fd < 0 && errno == EINVAL ? memfd_create("bwrap", MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

static int
copy(int from, int to, off_t size)
{
	while (size > 0) {
		ssize_t n = sendfile(to, from, NULL, (size_t)size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;	/* shorter than it was */
		if (n <= 0)
			return -1;
		size -= n;
	}
	return fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

const char *
bwrap_copy(struct arena *a, const char *bwrap, int *fd)
{
	struct stat st;
	int from = open(bwrap, O_RDONLY | O_CLOEXEC);

	*fd = -1;
	/* What cannot be read can still be executed, and is somebody else's. */
	if (from < 0)
		return errno == EACCES ? bwrap : NULL;
	int rc = fstat(from, &st);
	if (rc == 0 && geteuid() != 0 && st.st_uid != geteuid() && access(bwrap, W_OK) != 0) {
		close(from);
		return bwrap;
	}
	*fd = rc != 0 ? -1 : memory_file();
	rc = *fd < 0 ? -1 : copy(from, *fd, st.st_size);
	int error = errno;
	close(from);
	if (rc == 0)
		return arena_printf(a, "/proc/self/fd/%d", *fd);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = error;
	return NULL;
}
