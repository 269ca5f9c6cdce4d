/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_posix.c - the harmless attempts that POSIX has: files, links, sockets */
#include <config.h>

#include "self_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANY_PORT = 9, SECONDS = 2, LINK_BYTES = 4096 };

struct probe_result
probe_rc(int rc)
{
	return (struct probe_result){ .worked = rc >= 0, .error = rc >= 0 ? 0 : errno };
}

/* ---- files ---- */

/* Nothing that waits, becomes our terminal, or is what a link leads to. */
static struct probe_result
open_it(const struct probe *p, int flags)
{
	int fd = open(p->target, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct probe_result r = probe_rc(fd);
	struct stat st;

	if (fd < 0) {
		/* Somebody executes it: it would have been allowed. */
		r.worked = r.error == ETXTBSY;
		return r;
	}
	if (p->ino != 0 && (fstat(fd, &st) != 0 || st.st_dev != p->dev || st.st_ino != p->ino)) {
		r.worked = false;
		r.other = true;
	}
	close(fd);
	return r;
}

/* Where there are no files without a name: only what is expected to work is tried. */
struct probe_result
probe_make_named(const struct probe *p)
{
	char path[LINK_BYTES + 64];

	if (!p->expected)
		return (struct probe_result){ .unknown = true };
	snprintf(path, sizeof(path), "%s/.cdxp-self-test.%ld", p->target, (long)getpid());
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct probe_result r = probe_rc(fd);
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	return r;
}

struct probe_result
probe_link(const char *path, const char *want)
{
	char text[LINK_BYTES];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	struct probe_result r = probe_rc((int)n);

	if (n >= 0) {
		text[n] = '\0';
		r.other = strcmp(text, want) != 0;
		r.worked = !r.other;
	}
	return r;
}

/* ---- sockets ---- */

/* In a process that starts nothing meanwhile. */
static int
new_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static struct probe_result
connect_to(int type, const void *address, socklen_t len)
{
	const struct timeval limit = { .tv_sec = SECONDS };
	int fd = new_socket(((const struct sockaddr *)address)->sa_family, type);

	if (fd < 0)
		return probe_rc(fd);
	/* A full queue of the other side is waited for no longer. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	struct probe_result r = probe_rc(connect(fd, address, len));
	close(fd);
	return r;
}

/* "127.0.0.1", or "127.0.0.1:80"; or an address of version 6. */
static struct probe_result
connect_internet(const struct probe *p, int type)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(ANY_PORT) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(ANY_PORT) };
	const char *port = strrchr(p->target, ':');
	char host[64];

	if (inet_pton(AF_INET6, p->target, &six.sin6_addr) == 1)
		return connect_to(type, &six, sizeof(six));
	snprintf(host, sizeof(host), "%.*s", port != NULL ? (int)(port - p->target) : 63, p->target);
	if (port != NULL)
		four.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &four.sin_addr) != 1)
		return (struct probe_result){ .unknown = true };
	return connect_to(type, &four, sizeof(four));
}

static struct probe_result
connect_unix(const struct probe *p, bool abstract)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(p->target);

	if (len + 1 >= sizeof(un.sun_path))
		return (struct probe_result){ .unknown = true };
	memcpy(un.sun_path + (abstract ? 1 : 0), p->target, len);
	return connect_to(SOCK_STREAM, &un, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1));
}

static struct probe_result
own_loopback(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = new_socket(AF_INET, SOCK_STREAM);
	int rc = fd;

	if (rc >= 0)
		rc = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	if (rc >= 0)
		rc = listen(fd, 1);
	if (rc >= 0)
		rc = getsockname(fd, (struct sockaddr *)&at, &len);
	struct probe_result r = rc >= 0 ? connect_to(SOCK_STREAM, &at, sizeof(at)) : probe_rc(rc);
	if (fd >= 0)
		close(fd);
	return r;
}

/* ---- all ---- */

struct probe_result
probe_posix(const struct probe *p)
{
	switch (p->op) {
	case PROBE_READ:
		return open_it(p, O_RDONLY);
	case PROBE_LIST:
		return open_it(p, O_RDONLY | O_DIRECTORY);
	case PROBE_WRITE:
		return open_it(p, O_WRONLY);
	case PROBE_LINK:
		return probe_link(p->target, p->want);
	case PROBE_TCP:
		return connect_internet(p, SOCK_STREAM);
	case PROBE_UDP:
		return connect_internet(p, SOCK_DGRAM);
	case PROBE_LOOPBACK:
		return own_loopback();
	case PROBE_ABSTRACT:
		return connect_unix(p, true);
	case PROBE_SOCKET:
		return connect_unix(p, false);
	default:
		return (struct probe_result){ .unknown = true };
	}
}

static const char missing_outside[] = "which fails without a sandbox, too";

const char *
probe_void_posix(struct probe *p, bool root_keeps)
{
	struct stat st;

	switch (p->op) {
	case PROBE_WRITE:
		/* Not opened: somebody may wait for the end of a writing. */
		if (probe_may_write(p->target))
			break;
		p->outside = errno;
		return missing_outside;
	case PROBE_READ:
	case PROBE_LIST:
	case PROBE_CREATE: {
		const struct probe_result r = probe_make(p);
		if (r.unknown)
			return "as there is no harmless way to try it";
		p->outside = r.error;
		if (!r.worked)
			return missing_outside;
		break;
	}
	default:
		return NULL;
	}
	/* Root that loses its capabilities is a user like others. */
	if (p->expected && !root_keeps && stat(p->target, &st) == 0 && st.st_uid != 0)
		return "as root keeps no capabilities here";
	return NULL;
}

const char *
probe_shown(struct arena *a, const char *target)
{
	(void)a;
	return target;
}

bool
probe_may_write(const char *path)
{
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}
