/* SPDX-License-Identifier: Apache-2.0 */
/* denial_net.c - sockets: what is sent and connected, and what is refused */
#include <config.h>

#include "denial_asked.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "bound.h"
#include "child_view.h"
#include "connector.h"
#include "decide_net.h"
#include "denial_caller.h"
#include "denials.h"
#include "seccomp_filter.h"

enum { ADDRESS_TEXT = 80 };

static bool
v4_outside(uint32_t address)
{
	return address != INADDR_ANY && address >> 24 != 127;
}

static bool
v6_outside(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_V4MAPPED(a)) {
		uint32_t v4;
		memcpy(&v4, a->s6_addr + 12, sizeof(v4));
		return v4_outside(ntohl(v4));
	}
	return !IN6_IS_ADDR_LOOPBACK(a) && !IN6_IS_ADDR_UNSPECIFIED(a);
}

/*
 * "1.2.3.4:443", "[2001:db8::1]:53"; false for what is no address beyond the
 * sandbox's own: its loopback, no address at all, another family.
 */
static bool
outside_text(const struct sockaddr *sa, size_t len, char out[ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN];
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (len >= sizeof(v4) && sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		if (!v4_outside(ntohl(v4.sin_addr.s_addr)) || v4.sin_port == 0)
			return false;
		inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
		snprintf(out, ADDRESS_TEXT, "%s:%u", host, (unsigned)ntohs(v4.sin_port));
		return true;
	}
	if (len >= offsetof(struct sockaddr_in6, sin6_scope_id) && sa->sa_family == AF_INET6) {
		memset(&v6, 0, sizeof(v6));
		memcpy(&v6, sa, len < sizeof(v6) ? len : sizeof(v6));
		if (!v6_outside(&v6.sin6_addr) || v6.sin6_port == 0)
			return false;
		inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
		snprintf(out, ADDRESS_TEXT, "[%s]:%u", host, (unsigned)ntohs(v6.sin6_port));
		return true;
	}
	return false;
}

/* "AF_PACKET", "AF_UNIX SOCK_DGRAM", "AF_NETLINK 7"; static or in `out'. */
static const char *
socket_text(const uint64_t *args, char out[ADDRESS_TEXT])
{
	static const struct { unsigned family; const char *name; } t[] = {
		{ AF_PACKET, "AF_PACKET" }, { AF_VSOCK, "AF_VSOCK" }, { AF_ALG, "AF_ALG" },
		{ AF_BLUETOOTH, "AF_BLUETOOTH" }, { AF_CAN, "AF_CAN" }, { AF_TIPC, "AF_TIPC" },
		{ AF_INET, "AF_INET" }, { AF_INET6, "AF_INET6" }, { AF_KEY, "AF_KEY" },
	};
	unsigned family = (unsigned)args[0];

	static const char *const local[] = {
		[SOCK_STREAM] = "AF_UNIX SOCK_STREAM", [SOCK_DGRAM] = "AF_UNIX SOCK_DGRAM",
		[SOCK_RAW] = "AF_UNIX SOCK_RAW", [SOCK_SEQPACKET] = "AF_UNIX SOCK_SEQPACKET",
	};
	unsigned type = (unsigned)args[1] & 0xf;

	if (family == AF_UNIX)
		return type < NELEMS(local) && local[type] != NULL ? local[type] : "AF_UNIX";
	if (family == AF_NETLINK) {
		snprintf(out, ADDRESS_TEXT, "AF_NETLINK %u", (unsigned)args[2]);
		return out;
	}
	for (size_t i = 0; i < NELEMS(t); i++)
		if (t[i].family == family)
			return t[i].name;
	snprintf(out, ADDRESS_TEXT, "address family %u", family);
	return out;
}

/* ---- calls ---- */

size_t
denial_address(const struct asked *q, uint64_t at, uint64_t len, struct sockaddr_storage *to)
{
	struct child_view v = { q->tid, -1 };

	len = (uint32_t)len;
	memset(to, 0, sizeof(*to));
	if (len < sizeof(to->ss_family) || len > sizeof(*to) || at == 0 ||
	    child_view_read(&v, at, to, (size_t)len) != 0)
		return 0;
	return (size_t)len;
}

static bool
network_is_open(const struct denial_watch *w)
{
	return w->decide->bound->ir->network.mode == NET_OPEN;
}

/* True: what is sent there is denied. */
static bool
send_to(const struct asked *q, uint64_t at, uint64_t address_len)
{
	struct sockaddr_storage ss;
	char text[ADDRESS_TEXT];
	size_t len = denial_address(q, at, address_len, &ss);

	if (len == 0 || network_is_open(q->w) || !outside_text((const struct sockaddr *)&ss, len, text))
		return false;
	struct denial d = {
		.action = DENIAL_SEND, .object = DENIAL_ADDRESS, .known = DENIAL_PREDICTED,
		.error = ENETUNREACH, .operation = q->call->name, .target = text,
	};
	denial_say(q, &d);
	return true;
}

void
denial_on_send(const struct asked *q)
{
	send_to(q, q->args[4], q->args[5]);
}

void
denial_on_send_message(const struct asked *q)
{
	struct child_view v = { q->tid, -1 };
	struct msghdr h;

	if (child_view_read(&v, q->args[1], &h, sizeof(h)) == 0)
		send_to(q, (uintptr_t)h.msg_name, h.msg_namelen);
}

/* They are sent in turn, up to the first that cannot be. */
void
denial_on_send_messages(const struct asked *q)
{
	enum { AT_ONCE = 16, MOST = 1024 };	/* UIO_MAXIOV: further ones are not sent */
	struct child_view v = { q->tid, -1 };
	struct mmsghdr h[AT_ONCE];
	uint64_t at = q->args[1];
	size_t left = (unsigned)q->args[2] < MOST ? (unsigned)q->args[2] : MOST;

	while (left > 0) {
		size_t n = left < AT_ONCE ? left : AT_ONCE;
		if (child_view_read(&v, at, h, n * sizeof(h[0])) != 0)
			return;
		for (size_t i = 0; i < n; i++)
			if (send_to(q, (uintptr_t)h[i].msg_hdr.msg_name, h[i].msg_hdr.msg_namelen))
				return;
		at += n * sizeof(h[0]);
		left -= n;
	}
}

int
denial_on_socket(const struct asked *q, bool live)
{
	bool pair = q->call->kind == WATCH_PAIR, landlock = q->w->view.rules != NULL;
	int error = landlock && !pair ? EPERM : seccomp_filter_socket_error(pair, q->args);
	char text[ADDRESS_TEXT];
	struct denial d = {
		.action = DENIAL_SOCKET, .object = DENIAL_THING, .known = DENIAL_ANSWERED, .error = error,
		.operation = q->call->name, .target = socket_text(q->args, text),
		.rule = landlock && !pair ? "the network is off, and Landlock has no other" :
		    "only an open network has such sockets",
	};

	if (live)
		denial_say(q, &d);
	return error;
}

/* ---- connect ---- */

/* As for files: nothing there is how things are, where the command may look. */
static bool
socket_is_denied(const struct denial_watch *w, const struct connection *c, const char *path, int error)
{
	if (decide_net_socket(w->decide->bound, path).allow)
		return false;
	return c->path_error == 0 ? error == EACCES : denial_is_hidden(w, path, path, error);
}

static void
connect_path(struct denial_watch *w, const struct connection *c, int error, struct denial *d)
{
	char link[64], path[PATH_MAX], name[DENIAL_NAME_BYTES];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", c->target);
	ssize_t n = c->target >= 0 ? readlink(link, path, sizeof(path) - 1) : -1;
	if (n > 0)
		path[n] = '\0';
	else
		snprintf(path, sizeof(path), "%s", c->address.path);
	if (path[0] != '/' || !socket_is_denied(w, c, path, error) || !denial_process(c->view.tid, d, name))
		return;
	d->object = DENIAL_UNIX_SOCKET;
	d->target = path;
	denials_add(w->denials, d);
}

static void
connect_address(struct denial_watch *w, const struct connection *c, struct denial *d)
{
	char text[ADDRESS_TEXT], name[DENIAL_NAME_BYTES];
	int type = 0;
	socklen_t size = sizeof(type);

	if (network_is_open(w) || !outside_text(&c->address.u.any, c->address.len, text) ||
	    !denial_process(c->view.tid, d, name))
		return;
	if (getsockopt(c->socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM)
		d->action = DENIAL_SEND;
	d->object = DENIAL_ADDRESS;
	d->target = text;
	denials_add(w->denials, d);
}

/* There is a socket of that name outside, where we are (proc_net_unix(5)). */
static bool
abstract_outside(const char *name)
{
	FILE *f = fopen("/proc/net/unix", "re");
	char line[256];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		char *at = strchr(line, '@');
		line[strcspn(line, "\n")] = '\0';
		found = at != NULL && strcmp(at, name) == 0;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

static void
connect_abstract(struct denial_watch *w, const struct connection *c, struct denial *d)
{
	const struct sockaddr_un *un = (const void *)&c->address.u;
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	char text[sizeof(un->sun_path) + 1] = "", name[DENIAL_NAME_BYTES];

	if (c->address.len <= head || c->address.len > sizeof(*un))
		return;
	/* As the kernel writes them: a byte of zero is "@". */
	for (size_t i = 0; i < c->address.len - head; i++)
		text[i] = un->sun_path[i] == '\0' ? '@' : un->sun_path[i];
	if (network_is_open(w) || !abstract_outside(text) || !denial_process(c->view.tid, d, name))
		return;
	d->object = DENIAL_UNIX_SOCKET;
	d->target = text;
	d->rule = "abstract sockets of the host are reached with an open network alone";
	denials_add(w->denials, d);
}

void
denial_watch_connect(struct denial_watch *w, const struct connection *c, int error)
{
	struct denial d = {
		.action = DENIAL_CONNECT, .known = DENIAL_ANSWERED, .error = error, .operation = "connect",
	};

	if (error == 0 || error == EINTR || error == EINPROGRESS || !atomic_load(&w->live))
		return;
	if (c->address.kind == CONNECT_PATH)
		connect_path(w, c, error, &d);
	else if (c->address.kind == CONNECT_KERNEL)
		connect_address(w, c, &d);
	else if (c->address.kind == CONNECT_ABSTRACT)
		connect_abstract(w, c, &d);
}
