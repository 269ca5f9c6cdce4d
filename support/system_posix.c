/* SPDX-License-Identifier: Apache-2.0 */
/* system_posix.c - what is asked of a POSIX system */
#include <config.h>

#include "system.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"

/* Without it (another system) large blocks work as well, only slower. */
#ifdef MADV_HUGEPAGE
enum { HUGE_PAGES = MADV_HUGEPAGE };
#else
enum { HUGE_PAGES = MADV_NORMAL };
#endif

const char *
system_full_path(struct arena *a, const char *file)
{
	if (file != NULL && file[0] == '/')
		return file;
	char *here = getcwd(NULL, 0);
	if (here == NULL)
		return NULL;
	const char *full = file != NULL ? arena_printf(a, "%s/%s", here, file) :
	    arena_strdup(a, here);
	free(here);
	return full;
}

const char *
system_real_path(struct arena *a, const char *file)
{
	char real[PATH_MAX];

	return realpath(file, real) == NULL ? NULL : arena_strdup(a, real);
}

int
system_open(const char *file)
{
	return open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

bool
system_is_regular(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 && S_ISREG(st.st_mode);
}

bool
system_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool
system_fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

int
system_random(void *p, size_t n)
{
	return getentropy(p, n);
}

void
system_use_large_pages(void *p, size_t n)
{
	(void)madvise(p, n, HUGE_PAGES);
}

void
system_text_begin(struct system_text *t)
{
	*t = (struct system_text){ NULL, NULL, 0 };
	t->stream = open_memstream(&t->text, &t->len);
	if (t->stream == NULL)
		out_of_memory();
}

char *
system_text_done(struct system_text *t, size_t *len)
{
	if (fclose(t->stream) != 0)
		out_of_memory();
	*len = t->len;
	return t->text;
}
