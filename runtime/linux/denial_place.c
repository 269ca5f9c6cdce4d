/* SPDX-License-Identifier: Apache-2.0 */
/* denial_place.c - paths of the command looked up in its own mount view, and questions about them */
#include <config.h>

#include "denial_place.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "landlock_model.h"

#ifndef SYS_faccessat2
#define SYS_faccessat2	439
#endif
#ifndef STATX_MNT_ID
#define STATX_MNT_ID	0x1000u
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT	0x2000
#endif

enum { RETRIES = 16 };		/* openat2(2): EAGAIN when something was renamed meanwhile */

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
denial_read_text(pid_t tid, uint64_t address, char *to, size_t size)
{
	/* In two pieces, as the page behind the one that it begins in may not be there. */
	enum { PAGE = 4096 };
	size_t first = PAGE - (size_t)(address % PAGE);
	const struct iovec local = { to, size };
	struct iovec remote[] = {
		{ (void *)(uintptr_t)address, first < size ? first : size },
		{ (void *)(uintptr_t)(address + first), first < size ? size - first : 0 },
	};
	ssize_t n = process_vm_readv(tid, &local, 1, remote, first < size ? 2 : 1, 0);

	return n > 0 && memchr(to, '\0', (size_t)n) != NULL;
}

int
denial_root(pid_t tid)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/root", (int)tid);
	return open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int
open_in(int root, const char *path, bool follow)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < RETRIES; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

/* A link of /proc as text; false where it names nothing in a file system. */
static bool
read_name(const char *link, char *to)
{
	ssize_t n = readlink(link, to, PATH_MAX - 1);

	if (n <= 0 || to[0] != '/')
		return false;
	to[n] = '\0';
	return true;
}

static bool
name_of(int fd, char *to)
{
	char link[40];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return read_name(link, to);
}

/*
 * What names a thread's own descriptors and directories in /proc, and what is
 * behind that name in the text; NULL: it is none of them.  Nothing else leads
 * to a place by other means than names.
 */
static const char *
own_link(pid_t tid, const char *text, char link[64])
{
	static const struct { const char *name, *link; } own[] = {
		{ "/proc/self/cwd", "cwd" }, { "/proc/thread-self/cwd", "cwd" },
		{ "/proc/self/fd/", "fd/" }, { "/proc/thread-self/fd/", "fd/" }, { "/dev/fd/", "fd/" },
		{ "/dev/stdin", "fd/0" }, { "/dev/stdout", "fd/1" }, { "/dev/stderr", "fd/2" },
	};

	for (size_t i = 0; i < NELEMS(own); i++) {
		size_t len = strlen(own[i].name), n = 0;
		if (strncmp(text, own[i].name, len) != 0)
			continue;
		if (own[i].name[len - 1] == '/' && (n = strspn(text + len, "0123456789")) == 0)
			continue;
		if (n > 9 || (text[len + n] != '\0' && text[len + n] != '/'))
			continue;
		snprintf(link, 64, "/proc/%d/%s%.*s", (int)tid, own[i].link, (int)n, text + len);
		return text + len + n;
	}
	return NULL;
}

/* Absolute, as it would be looked up: where the thread is, then the text. */
static bool
absolute(pid_t tid, int dirfd, const char *text, char *to, size_t size)
{
	char link[64], base[PATH_MAX];
	const char *rest = own_link(tid, text, link);

	if (rest != NULL)
		return read_name(link, base) && (size_t)snprintf(to, size, "%s%s", base, rest) < size;
	if (*text == '/')
		return (size_t)snprintf(to, size, "%s", text) < size;
	if (dirfd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", (int)tid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)tid, dirfd);
	return read_name(link, base) && (size_t)snprintf(to, size, "%s/%s", base, text) < size;
}

static void
cut_slashes(char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
}

/* Append a path to a normal one, "." and ".." by the text alone; false: too long. */
static bool
append(char *to, const char *rest)
{
	while (*rest != '\0') {
		size_t n = strcspn(rest, "/"), len = strlen(to);
		if (n == 2 && strncmp(rest, "..", 2) == 0) {
			char *slash = strrchr(to, '/');
			slash[slash == to] = '\0';
		} else if (n > 0 && !(n == 1 && *rest == '.')) {
			if (len + n + 2 > PATH_MAX)
				return false;
			if (len > 1)
				to[len++] = '/';
			memcpy(to + len, rest, n);
			to[len + n] = '\0';
		}
		rest += n + (rest[n] == '/');
	}
	return true;
}

/* Nothing is there: the deepest directory on the way that is, and the rest behind its name. */
static bool
find_above(int root, char *text, struct denial_place *p)
{
	char rest[PATH_MAX] = "";
	int dir = -1;

	cut_slashes(text);
	for (bool first = true; dir < 0; first = false) {
		char *slash = strrchr(text, '/'), longer[PATH_MAX];
		if (slash == NULL || slash[1] == '\0')
			return false;
		if (snprintf(longer, sizeof(longer), "%s%s%s", slash + 1, *rest != '\0' ? "/" : "", rest) >= PATH_MAX)
			return false;
		memcpy(rest, longer, strlen(longer) + 1);
		slash[slash == text] = '\0';
		dir = open_in(root, text, true);
		if (dir >= 0 && first)
			p->dir = dir;
		if (slash == text && dir < 0)
			return false;
	}
	bool known = name_of(dir, p->path) && append(p->path, rest);
	if (p->dir < 0)
		close(dir);
	return known;
}

static void
parent_of(const char *path, char parent[PATH_MAX])
{
	memcpy(parent, path, strlen(path) + 1);
	char *slash = strrchr(parent, '/');
	slash[slash == parent] = '\0';
}

/* Where it is; by its own name, so behind every link. */
static void
find_directory(int root, struct denial_place *p)
{
	char parent[PATH_MAX];

	parent_of(p->path, parent);
	p->dir = open_in(root, parent, false);
}

static bool
is_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) != 0 || st.st_nlink == 0;
}

static bool
place_of_link(const char *link, struct denial_place *p)
{
	p->dir = -1;
	p->error = 0;
	p->fd = open(link, O_PATH | O_CLOEXEC);
	if (p->fd >= 0 && !is_gone(p->fd) && name_of(p->fd, p->path))
		return true;
	denial_place_close(p);
	return false;
}

bool
denial_place_find(const struct denial_view *v, pid_t tid, int dirfd, const char *text, bool follow,
    bool with_dir, struct denial_place *p)
{
	char whole[2 * PATH_MAX], link[64];
	const char *rest = own_link(tid, text, link);

	/* A descriptor may be of a mount that the command has no other way to. */
	if (rest != NULL && *rest == '\0' && follow)
		return place_of_link(link, p);
	p->fd = p->dir = -1;
	p->error = 0;
	if (*text == '\0' || !absolute(tid, dirfd, text, whole, sizeof(whole)))
		return false;
	/* What ends in a slash is the directory that a link leads to. */
	size_t len = strlen(whole);
	p->fd = open_in(v->root, whole, follow || whole[len - 1] == '/');
	p->error = p->fd < 0 ? errno : 0;
	if (p->fd >= 0 && !is_gone(p->fd) && name_of(p->fd, p->path)) {
		if (with_dir)
			find_directory(v->root, p);
		return true;
	}
	if (p->fd < 0 && find_above(v->root, whole, p))
		return true;
	denial_place_close(p);
	return false;
}

bool
denial_place_is_there(const struct denial_view *v, pid_t tid, const char *text, bool follow)
{
	char whole[2 * PATH_MAX];
	int fd = absolute(tid, AT_FDCWD, text, whole, sizeof(whole)) ? open_in(v->root, whole, follow) : -1;

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool
denial_place_of_fd(pid_t tid, int fd, struct denial_place *p)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)tid, fd);
	return place_of_link(link, p);
}

void
denial_place_close(struct denial_place *p)
{
	close_fd(&p->fd);
	close_fd(&p->dir);
}

/* ---- questions ---- */

static int
access_error(int fd, int how)
{
	long rc = syscall(SYS_faccessat2, fd, "", how, AT_EMPTY_PATH | AT_EACCESS);

	if (rc != 0 && errno == ENOSYS) {
		char link[40];
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		rc = faccessat(AT_FDCWD, link, how, AT_EACCESS);
	}
	return rc == 0 ? 0 : errno;
}

/* What a ruleset grants; everything where there is none. */
static enum access
granted(const struct denial_view *v, const char *path)
{
	bool exact;

	if (v->rules == NULL)
		return ACCESS_WRITE;
	const struct region *r = region_find(v->rules->root, path, &exact);
	return exact ? r->self : r->below;
}

int
denial_access_error(const struct denial_view *v, const struct denial_place *p, enum denial_access access)
{
	struct stat st;
	struct statvfs vfs;

	if (granted(v, p->path) < (access == TO_WRITE ? ACCESS_WRITE : ACCESS_READ))
		return EACCES;
	if (fstat(p->fd, &st) != 0 || fstatvfs(p->fd, &vfs) != 0)
		return 0;
	/* How a file is masked where modes stop nobody: a device, without the right to use one. */
	if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) && (vfs.f_flag & ST_NODEV) != 0)
		return EACCES;
	return access_error(p->fd, (int)access);
}

int
denial_asking_error(const struct denial_place *p, int mode)
{
	return access_error(p->fd, mode);
}

static int
directory_error(const struct denial_view *v, int dir, const char *path)
{
	struct statvfs vfs;

	if (dir < 0)
		return 0;
	/* The order in which the kernel asks. */
	if (access_error(dir, X_OK) != 0)
		return EACCES;
	if (fstatvfs(dir, &vfs) == 0 && (vfs.f_flag & ST_RDONLY) != 0)
		return EROFS;
	return granted(v, path) < ACCESS_WRITE ? EACCES : access_error(dir, W_OK);
}

int
denial_name_error(const struct denial_view *v, const struct denial_place *p)
{
	char parent[PATH_MAX];

	parent_of(p->path, parent);
	return directory_error(v, p->dir, parent);
}

int
denial_inside_error(const struct denial_view *v, const struct denial_place *p)
{
	return directory_error(v, p->fd, p->path);
}

int
denial_change_error(const struct denial_view *v, const struct denial_place *p)
{
	struct statvfs vfs;

	if (fstatvfs(p->fd, &vfs) == 0 && (vfs.f_flag & ST_RDONLY) != 0)
		return EROFS;
	return granted(v, p->path) < ACCESS_WRITE ? EACCES : 0;
}

static bool
ask(int fd, struct statx *x)
{
	return fd >= 0 && statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID | STATX_TYPE, x) == 0;
}

static bool
is_mount_point(int fd)
{
	struct statx x;

	return ask(fd, &x) && (x.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

static bool
same_mount(int a, int b)
{
	struct statx x, y;

	/* Where the kernel does not say (before Linux 5.8) they are taken for one. */
	return !ask(a, &x) || !ask(b, &y) || (x.stx_mask & STATX_MNT_ID) == 0 || x.stx_mnt_id == y.stx_mnt_id;
}

int
denial_removal_error(const struct denial_view *v, const struct denial_place *p)
{
	int error = denial_name_error(v, p);

	return error != 0 ? error : is_mount_point(p->fd) ? EBUSY : 0;
}

/* A file system that cannot be written to says so before it looks. */
int
denial_nothing_error(const struct denial_view *v, const struct denial_place *p)
{
	return p->dir >= 0 && denial_name_error(v, p) == EROFS ? EROFS : p->error;
}

int
denial_move_error(const struct denial_view *v, const struct denial_place *from, const struct denial_place *to)
{
	int error;

	if (!same_mount(from->dir, to->dir))
		return EXDEV;
	if ((error = denial_removal_error(v, from)) != 0)
		return error;
	return to->fd >= 0 ? denial_removal_error(v, to) : denial_name_error(v, to);
}

int
denial_link_error(const struct denial_view *v, const struct denial_place *from, const struct denial_place *to)
{
	int error = denial_name_error(v, to);

	if (error != 0 && (error == EROFS || v->rules != NULL))
		return error;
	/* Landlock has this errno for a file that would get rights in another directory. */
	return !same_mount(from->fd, to->dir) || granted(v, from->path) < ACCESS_WRITE ? EXDEV : error;
}

bool
denial_is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
denial_is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
script_interpreter(char *line, char path[PATH_MAX])
{
	char *name = line + 2 + strspn(line + 2, " \t");

	name[strcspn(name, " \t\n")] = '\0';
	memcpy(path, name, strlen(name) + 1);
	return *name != '\0';
}

static bool
elf_interpreter(int fd, char path[PATH_MAX])
{
	enum { HEADERS = 64 };
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) || head.e_phnum > HEADERS)
		return false;
	for (unsigned i = 0; i < head.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part), (off_t)(head.e_phoff + i * sizeof(part))) != (ssize_t)sizeof(part))
			return false;
		if (part.p_type != PT_INTERP || part.p_filesz == 0 || part.p_filesz >= PATH_MAX)
			continue;
		ssize_t n = pread(fd, path, part.p_filesz, (off_t)part.p_offset);
		path[n > 0 ? n : 0] = '\0';
		return n > 0;
	}
	return false;
}

bool
denial_interpreter(int fd, char path[PATH_MAX])
{
	char line[256] = "";		/* the kernel reads no more */
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);

	if (n > 2 && memcmp(line, "#!", 2) == 0)
		return script_interpreter(line, path);
	return n > SELFMAG && memcmp(line, ELFMAG, SELFMAG) == 0 && line[EI_CLASS] == ELFCLASS64 &&
	    elf_interpreter(fd, path);
}
