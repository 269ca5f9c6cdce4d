/* SPDX-License-Identifier: Apache-2.0 */
/* lookup_posix.c - what execvp(3) will find, and whether the kernel will start it */
#include <config.h>

#include "lookup.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "report.h"

/* execvp(3) searches this where there is no PATH: confstr(_CS_PATH) of the GNU C library. */
static const char default_path[] = "/bin:/usr/bin";

enum {
	MAX_INTERPRETERS	= 5,	/* a script's script's ...: execve(2) allows as many */
	HEAD_BYTES		= 4096,
	SHEBANG_BYTES		= 256,	/* BINPRM_BUF_SIZE: what the kernel looks at */
	MAX_PROGRAM_HEADERS	= 64,
};

struct looking {
	struct arena	*arena;
	const struct lookup_request *req;
};

static struct lookup_result
missing(const char *message)
{
	return (struct lookup_result){ .status = STATUS_NOTFOUND, .message = message };
}

static struct lookup_result
unusable(const char *message)
{
	return (struct lookup_result){ .status = STATUS_NOEXEC, .message = message };
}

/* NULL with errno where it leads nowhere. */
static const char *
canonical(struct looking *l, const char *path)
{
	char real[PATH_MAX];

	/* Most directories of a PATH lack the command: one call instead of one for each component. */
	if (access(path, F_OK) != 0)
		return NULL;
	return realpath(path, real) == NULL ? NULL : arena_strdup(l->arena, real);
}

static bool
visible(struct looking *l, const char *path)
{
	return l->req->readable == NULL || l->req->readable(l->req->arg, path);
}

/* The interpreter of "#! /bin/sh -e", or NULL where the text is none. */
static const char *
shebang(struct arena *a, const char *head, size_t len)
{
	size_t at = 2, end;

	if (len < 2 || head[0] != '#' || head[1] != '!')
		return NULL;
	if (len > SHEBANG_BYTES)
		len = SHEBANG_BYTES;
	while (at < len && (head[at] == ' ' || head[at] == '\t'))
		at++;
	end = at;
	while (end < len && strchr(" \t\n", head[end]) == NULL)
		end++;
	return end == at ? NULL : arena_strndup(a, head + at, end - at);
}

/*
 * The program's loader (PT_INTERP), or NULL for a static one and for what is
 * no ELF file of this machine's word size; the kernel will judge that.
 */
static const char *
elf_loader(struct arena *a, int fd, const char *head, size_t len)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (len < sizeof(eh) || memcmp(head, ELFMAG, SELFMAG) != 0 || head[EI_CLASS] != ELFCLASS64)
		return NULL;
	memcpy(&eh, head, sizeof(eh));
	if (eh.e_phentsize != sizeof(ph) || eh.e_phnum > MAX_PROGRAM_HEADERS || eh.e_phoff > INT32_MAX)
		return NULL;
	for (unsigned i = 0; i < eh.e_phnum; i++) {
		off_t at = (off_t)(eh.e_phoff + i * sizeof(ph));
		if (pread(fd, &ph, sizeof(ph), at) != (ssize_t)sizeof(ph))
			return NULL;
		if (ph.p_type != PT_INTERP)
			continue;
		if (ph.p_filesz < 2 || ph.p_filesz > PATH_MAX || ph.p_offset > INT32_MAX)
			return NULL;
		char *name = arena_alloc(a, ph.p_filesz + 1);
		if (pread(fd, name, ph.p_filesz, (off_t)ph.p_offset) != (ssize_t)ph.p_filesz)
			return NULL;
		return name;
	}
	return NULL;
}

/*
 * What else the kernel opens to start `path', or NULL.  A file that cannot
 * be read can still be executed; it is then no script.
 */
static const char *
interpreter_of(struct looking *l, const char *path, const char **kind)
{
	char head[HEAD_BYTES];
	const char *found;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

	*kind = "interpreter";
	if (n <= 0) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	found = shebang(l->arena, head, (size_t)n);
	if (found == NULL) {
		*kind = "loader";
		found = elf_loader(l->arena, fd, head, (size_t)n);
	}
	close(fd);
	return found;
}

/* `path' exists and may be executed; so may everything that it needs. */
static struct lookup_result
check_interpreters(struct looking *l, const char *path)
{
	const char *at = path, *kind, *needs;

	for (int i = 0; i < MAX_INTERPRETERS; i++) {
		if ((needs = interpreter_of(l, at, &kind)) == NULL)
			return (struct lookup_result){ .found = path };
		const char *name = needs;
		if (name[0] != '/')
			name = arena_printf(l->arena, "%s/%s", l->req->cwd, needs);
		const char *real = canonical(l, name);
		if (real == NULL)
			return missing(arena_printf(l->arena, "%s: its %s %s does not exist",
			    path, kind, needs));
		if (!visible(l, real))
			return missing(arena_printf(l->arena,
			    "%s: its %s %s is not readable under the policy", path, kind, needs));
		if (faccessat(AT_FDCWD, real, X_OK, AT_EACCESS) != 0)
			return unusable(arena_printf(l->arena, "%s: its %s %s is not executable",
			    path, kind, needs));
		if (strcmp(kind, "loader") == 0)
			return (struct lookup_result){ .found = path };
		at = real;
	}
	return unusable(arena_printf(l->arena, "%s: too many interpreters one behind another", path));
}

/*
 * One candidate, absolute.  A message of NULL: there is simply nothing.
 * execvp(3) goes on with the next directory after ENOENT, ENOTDIR and EACCES,
 * a missing interpreter included, so no outcome ends a search but success.
 */
static struct lookup_result
try_path(struct looking *l, const char *path)
{
	struct stat st;
	const char *real = canonical(l, path);

	if (real == NULL && (errno == ENOENT || errno == ENOTDIR))
		return missing(NULL);
	if (real == NULL || stat(real, &st) != 0)
		return unusable(arena_printf(l->arena, "%s: %s", path, strerror(errno)));
	if (!visible(l, real))
		return missing(arena_printf(l->arena, "%s is not readable under the policy", path));
	if (S_ISDIR(st.st_mode))
		return unusable(arena_printf(l->arena, "%s is a directory", path));
	if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, real, X_OK, AT_EACCESS) != 0)
		return unusable(arena_printf(l->arena, "%s is not executable", path));
	return check_interpreters(l, path);
}

static const char *
absolute(struct looking *l, const char *path)
{
	return path[0] == '/' ? path : arena_printf(l->arena, "%s/%s", l->req->cwd, path);
}

/* Of what cannot be used the first "not executable" is told, else the first of all. */
static struct lookup_result
search(struct looking *l, const char *path)
{
	struct lookup_result best = missing(NULL);

	for (const char *at = path;; at++) {
		/* An empty entry is the working directory. */
		size_t len = strcspn(at, ":");
		const char *dir = len == 0 ? l->req->cwd :
		    absolute(l, arena_strndup(l->arena, at, len));
		struct lookup_result r = try_path(l, arena_printf(l->arena, "%s/%s", dir,
		    l->req->name));
		if (r.status == 0)
			return r;
		if (r.message != NULL && (best.message == NULL ||
		    (r.status == STATUS_NOEXEC && best.status == STATUS_NOTFOUND)))
			best = r;
		at += len;
		if (*at == '\0')
			break;
	}
	if (best.message == NULL)
		best.message = arena_printf(l->arena, "%s: command not found", l->req->name);
	return best;
}

struct lookup_result
lookup_command(struct arena *a, const struct lookup_request *req)
{
	struct looking l = { a, req };
	struct lookup_result r;

	if (req->name[0] == '\0')
		return missing("the name of the command is empty");
	if (strchr(req->name, '/') == NULL)
		return search(&l, req->path != NULL ? req->path : default_path);
	r = try_path(&l, absolute(&l, req->name));
	if (r.status != 0 && r.message == NULL)
		r.message = arena_printf(a, "%s: no such file", req->name);
	return r;
}
