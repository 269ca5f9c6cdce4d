/* SPDX-License-Identifier: Apache-2.0 */
/* self_test_probe.c - one harmless attempt, on the host or in a sandbox */
#include <config.h>

#include "self_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "json.h"
#include "proc_file.h"

#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT	0x00002000
#endif

enum { ANY_PORT = 9, SECONDS = 2, LINK_BYTES = 4096 };

static const char *const names[PROBE_OPS] = {
	[PROBE_READ] = "read", [PROBE_LIST] = "list", [PROBE_WRITE] = "write",
	[PROBE_CREATE] = "create", [PROBE_LINK] = "link", [PROBE_PIN] = "pinned",
	[PROBE_NAMESPACE] = "namespace", [PROBE_STATUS] = "status", [PROBE_TCP] = "tcp",
	[PROBE_UDP] = "udp", [PROBE_LOOPBACK] = "loopback",
	[PROBE_ABSTRACT] = "abstract-socket", [PROBE_SOCKET] = "socket",
};

const char *
probe_op_name(enum probe_op op)
{
	return names[op];
}

static struct probe_result
result_of(int rc)
{
	return (struct probe_result){ .worked = rc >= 0, .error = rc >= 0 ? 0 : errno };
}

/* ---- files ---- */

/* Nothing that waits, becomes our terminal, or is what a link leads to. */
static struct probe_result
open_it(const struct probe *p, int flags)
{
	int fd = open(p->target, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct probe_result r = result_of(fd);
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
static struct probe_result
make_named(const struct probe *p)
{
	char path[LINK_BYTES + 64];

	if (!p->expected)
		return (struct probe_result){ .unknown = true };
	snprintf(path, sizeof(path), "%s/.cdxp-self-test.%ld", p->target, (long)getpid());
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct probe_result r = result_of(fd);
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	return r;
}

static struct probe_result
make_in(const struct probe *p)
{
	int fd = open(p->target, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	struct probe_result r = result_of(fd);

	if (fd >= 0)
		close(fd);
	if (r.error == EOPNOTSUPP || r.error == EISDIR || r.error == EINVAL)
		return make_named(p);
	return r;
}

static struct probe_result
read_link(const char *path, const char *want)
{
	char text[LINK_BYTES];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	struct probe_result r = result_of((int)n);

	if (n >= 0) {
		text[n] = '\0';
		r.other = strcmp(text, want) != 0;
		r.worked = !r.other;
	}
	return r;
}

static struct probe_result
is_mount_point(const struct probe *p)
{
	struct statx st;
	int rc = statx(AT_FDCWD, p->target, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st);
	struct probe_result r = result_of(rc);

	if (rc != 0)
		return r;
	r.unknown = (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0;
	r.worked = (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	return r;
}

/* ---- ourselves ---- */

static struct probe_result
in_namespace(const struct probe *p)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", p->target);
	return read_link(path, p->want);
}

static struct probe_result
status_says(const struct probe *p)
{
	char text[PROC_STATUS_BYTES];
	struct probe_result r = { .unknown = true };

	if (!proc_read("/proc/self/status", text, sizeof(text)))
		return r;
	const char *value = proc_field(text, p->target);
	if (value == NULL)
		return r;
	r.unknown = false;
	if (strncmp(p->target, "Cap", 3) == 0)
		r.worked = (strtoull(value, NULL, 16) & ~strtoull(p->want, NULL, 16)) == 0;
	else
		r.worked = strtol(value, NULL, 10) == strtol(p->want, NULL, 10);
	return r;
}

/* ---- sockets ---- */

static struct probe_result
connect_to(int type, const void *address, socklen_t len)
{
	const struct timeval limit = { .tv_sec = SECONDS };
	int fd = socket(((const struct sockaddr *)address)->sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return result_of(fd);
	/* A full queue of the other side is waited for no longer. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	struct probe_result r = result_of(connect(fd, address, len));
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
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = fd;

	if (rc >= 0)
		rc = bind(fd, (const struct sockaddr *)&at, sizeof(at));
	if (rc >= 0)
		rc = listen(fd, 1);
	if (rc >= 0)
		rc = getsockname(fd, (struct sockaddr *)&at, &len);
	struct probe_result r = rc >= 0 ? connect_to(SOCK_STREAM, &at, sizeof(at)) : result_of(rc);
	if (fd >= 0)
		close(fd);
	return r;
}

/* ---- all ---- */

struct probe_result
probe_make(const struct probe *p)
{
	switch (p->op) {
	case PROBE_READ:
		return open_it(p, O_RDONLY);
	case PROBE_LIST:
		return open_it(p, O_RDONLY | O_DIRECTORY);
	case PROBE_WRITE:
		return open_it(p, O_WRONLY);
	case PROBE_CREATE:
		return make_in(p);
	case PROBE_LINK:
		return read_link(p->target, p->want);
	case PROBE_PIN:
		return is_mount_point(p);
	case PROBE_NAMESPACE:
		return in_namespace(p);
	case PROBE_STATUS:
		return status_says(p);
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
	case PROBE_OPS:
		break;
	}
	return (struct probe_result){ .unknown = true };
}

/* ---- as JSON, from the runtime to the sandbox ---- */

/* A number of 64 bits is no number there. */
static void
put_hex(cJSON *o, const char *key, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%llx", (unsigned long long)n);
	json_put_text(o, key, text);
}

static uint64_t
get_hex(const cJSON *o, const char *key)
{
	const char *text = json_string(o, key);

	return text != NULL ? strtoull(text, NULL, 16) : 0;
}

cJSON *
probe_json(const struct probe *p)
{
	cJSON *o = json_new_object();

	json_put_number(o, "op", p->op);
	json_put_text(o, "target", p->target);
	json_put_text(o, "want", p->want);
	put_hex(o, "dev", p->dev);
	put_hex(o, "ino", p->ino);
	json_put_bool(o, "expected", p->expected);
	json_put_bool(o, "allowed_more", p->allowed_more);
	json_put_bool(o, "fleeting", p->fleeting);
	json_put_number(o, "outside", (uint64_t)p->outside);
	json_put_text(o, "void", p->void_because);
	json_put_text(o, "rule", p->rule);
	json_put_text(o, "at", p->at);
	json_put_text(o, "element", p->element);
	return o;
}

static const char *
text_of(struct arena *a, const cJSON *o, const char *key)
{
	const cJSON *value = json_member(o, key);
	size_t len;

	return value != NULL && !cJSON_IsNull(value) ? json_get_bytes(a, value, &len) : NULL;
}

bool
probe_of_json(struct arena *a, const cJSON *o, struct probe *p)
{
	int64_t op, outside;

	*p = (struct probe){ .target = text_of(a, o, "target"), .want = text_of(a, o, "want"),
	    .dev = get_hex(o, "dev"), .ino = get_hex(o, "ino"), .void_because = text_of(a, o, "void"),
	    .rule = text_of(a, o, "rule"), .at = text_of(a, o, "at"), .element = text_of(a, o, "element") };
	if (!json_int(o, "op", &op) || op < 0 || op >= PROBE_OPS || p->target == NULL || p->rule == NULL ||
	    p->at == NULL || p->element == NULL || !json_bool(o, "expected", &p->expected) ||
	    !json_bool(o, "fleeting", &p->fleeting) || !json_bool(o, "allowed_more", &p->allowed_more))
		return false;
	if (!json_int(o, "outside", &outside) || outside < 0 || outside > INT_MAX)
		return false;
	p->op = (enum probe_op)op;
	p->outside = (int)outside;
	return p->want != NULL || (p->op != PROBE_LINK && p->op != PROBE_NAMESPACE && p->op != PROBE_STATUS);
}
