/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox-facts.c - what a process finds in its sandbox: paths in, a line for each fact out */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base.h"

extern char **environ;

enum { LINE_BYTES = 8192, MAX_MOUNTS = 8192 };

struct mount {
	unsigned long long id;
	char		 root[1024], options[256], type[64];
};

static struct mount mounts[MAX_MOUNTS];
static size_t nmounts;

static void
read_mounts(void)
{
	static char line[LINE_BYTES];
	FILE *f = fopen("/proc/self/mountinfo", "r");
	while (f != NULL && nmounts < MAX_MOUNTS && fgets(line, sizeof(line), f) != NULL) {
		struct mount *m = &mounts[nmounts];
		const char *dash = strstr(line, " - ");
		if (dash != NULL && sscanf(line, "%llu %*s %*s %1023s %*s %255s", &m->id, m->root,
		    m->options) == 3 && sscanf(dash + 3, "%63s", m->type) == 1)
			nmounts++;
	}
	if (f != NULL)
		fclose(f);
}

static bool
has_option(const char *options, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = options; *p != '\0'; p += strcspn(p, ","), p += *p == ',')
		if (strncmp(p, word, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
}

/* The mount that shows a path, and what it shows there. */
static void
show_path(const char *path)
{
	static const char *const flags[] = { "ro", "nosuid", "nodev", "noexec" };
	struct statx x;
	if (syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW,
	    STATX_BASIC_STATS | STATX_MNT_ID, &x) != 0) {
		printf("path %s: %s\n", path, strerrorname_np(errno));
		return;
	}
	printf("path %s: mode %o user %u:%u device %u:%u", path, x.stx_mode, x.stx_uid, x.stx_gid,
	    x.stx_rdev_major, x.stx_rdev_minor);
	for (size_t i = 0; i < nmounts; i++) {
		const struct mount *m = &mounts[i];
		if (m->id != x.stx_mnt_id)
			continue;
		printf(" on %s %s", m->type, m->root);
		for (size_t k = 0; k < NELEMS(flags); k++)
			if (has_option(m->options, flags[k]))
				printf(" %s", flags[k]);
	}
	putchar('\n');
}

static int
by_name(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;
	return strcmp(*a, *b);
}

/* Names in a directory but for those of processes. */
static void
show_directory(const char *path, bool each)
{
	char *names[4096], full[LINE_BYTES];
	size_t n = 0;
	DIR *d = opendir(path);
	for (const struct dirent *e; d != NULL && n < NELEMS(names) && (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.' && strspn(e->d_name, "0123456789") != strlen(e->d_name))
			names[n++] = strdup(e->d_name);
	if (d != NULL)
		closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++) {
		char target[LINE_BYTES] = "";
		snprintf(full, sizeof(full), "%s/%s", path, names[i]);
		printf("entry %s\n", full);
		if (each)
			show_path(full);
		if (readlink(full, target, sizeof(target) - 1) > 0 && each)
			printf("link %s: %s\n", full, target);
		free(names[i]);
	}
}

/* All of it, or the lines that begin with one of these words. */
static void
show_file(const char *path, const char *const *words)
{
	char line[LINE_BYTES];
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		for (size_t i = 0; words == NULL || words[i] != NULL; i++) {
			if (words == NULL || strncmp(line, words[i], strlen(words[i])) == 0)
				printf("%s: %s", path, line);
			if (words == NULL)
				break;
		}
	if (f != NULL)
		fclose(f);
}

static void
show_process(void)
{
	static const char *const status[] = {
		"Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Umask", "SigBlk", "SigIgn",
		"NSpid", "TracerPid", NULL,
	};
	struct rlimit r;
	show_file("/proc/self/status", status);
	show_file("/proc/self/uid_map", NULL);
	show_file("/proc/self/gid_map", NULL);
	show_file("/proc/self/setgroups", NULL);
	printf("securebits %#x\n", (unsigned)prctl(PR_GET_SECUREBITS));
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	printf("parent %d, own group %d\n", (int)getppid(), getpid() == getpgrp());
	for (int i = 0; i < (int)RLIM_NLIMITS; i++)
		if (getrlimit((__rlimit_resource_t)i, &r) == 0)
			printf("limit %d %llu %llu\n", i, (unsigned long long)r.rlim_cur,
			    (unsigned long long)r.rlim_max);
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			printf("descriptor %d\n", fd);
	for (char **e = environ; *e != NULL; e++)
		printf("variable %s\n", *e);
	char cwd[LINE_BYTES];
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)) != NULL ? cwd : "none");
}

/* Which namespaces are those that the descriptors of the host's are of, given by number. */
static void
show_namespaces(int argc, char **argv)
{
	static const char *const names[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
	for (size_t i = 0; i < NELEMS(names); i++) {
		char path[64], target[64] = "";
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		if (readlink(path, target, sizeof(target) - 1) < 0)
			continue;
		bool host = false;
		for (int k = 1; k < argc; k++)
			host = host || strcmp(argv[k], target) == 0;
		printf("namespace %s %s\n", names[i], host ? "of the host" : "of its own");
	}
}

static void
show_system(void)
{
	struct utsname u;
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &r) == 0)
		printf("lo flags %#x\n", (unsigned short)r.ifr_flags);
	if (uname(&u) == 0)
		printf("host name %s\n", u.nodename);
	errno = 0;
	printf("new user namespace %s\n", unshare(CLONE_NEWUSER) == 0 ? "made" : strerrorname_np(errno));
	/* Without the filter's number: what remains when there is none. */
	show_file("/proc/sys/user/max_user_namespaces", NULL);
}

int
main(int argc, char **argv)
{
	char line[LINE_BYTES];
	read_mounts();
	show_process();
	show_namespaces(argc, argv);
	show_system();
	show_directory("/dev", true);
	show_directory("/dev/pts", true);
	show_directory("/proc", false);
	show_directory("/", true);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		show_path(line);
	}
	return 0;
}
