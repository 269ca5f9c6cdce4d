/* SPDX-License-Identifier: Apache-2.0 */
/* stored_case_macos.c - the spelling of a name on the disk of a Mac: F_GETPATH */
#include <config.h>

#include "stored_case.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "path.h"

/* Other bytes than ASCII may be composed in another way, and then differ in number. */
static bool
is_spelling(const char *a, const char *b)
{
	for (; (unsigned char)*a < 0x80 && (unsigned char)*b < 0x80; a++, b++) {
		if (name_fold(*a) != name_fold(*b))
			return false;
		if (*a == '\0')
			return true;
	}
	return *a != '\0' && *b != '\0';
}

/*
 * The system hands out one name of a file that has several, perhaps not the
 * one that it was opened by; it is taken only where it spells the same one.
 */
const char *
stored_case(struct arena *a, const char *path, unsigned long long ino)
{
	char found[MAXPATHLEN];
	struct stat st;
	int saved = errno;

	/* What we may not open the command may not either. */
	int fd = open(path, O_EVTONLY | O_SYMLINK | O_NONBLOCK | O_CLOEXEC);
	bool told = fd != -1 && fcntl(fd, F_GETPATH, found) != -1;
	if (fd != -1)
		close(fd);
	errno = saved;
	if (!told || strcmp(path_base(found), path_base(path)) == 0 ||
	    !is_spelling(path_base(found), path_base(path)))
		return path;
	const char *stored = path_join(a, path_parent(a, path), path_base(found));
	bool same = fstatat(AT_FDCWD, stored, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == ino;
	errno = saved;
	return same ? stored : path;
}
