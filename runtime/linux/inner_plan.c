/* SPDX-License-Identifier: Apache-2.0 */
/* inner_plan.c - a plan as bytes, and the sockets that carry it */
#include <config.h>

#include "inner_plan.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "arena.h"
#include "sbuf.h"
#include "send_fds.h"

static void
put_number(struct sbuf *out, uint64_t n)
{
	sbuf_add(out, (const char *)&n, sizeof(n));
}

static void
put_bytes(struct sbuf *out, const char *p, size_t len)
{
	put_number(out, len);
	sbuf_add(out, p, len);
	sbuf_addc(out, '\0');
}

static void
put_strings(struct sbuf *out, const char *const *v)
{
	size_t n = 0;

	while (v[n] != NULL)
		n++;
	put_number(out, n);
	for (size_t i = 0; i < n; i++)
		put_bytes(out, v[i], strlen(v[i]));
}

void
inner_plan_write(const struct inner_plan *p, struct sbuf *out)
{
	put_number(out, (uint64_t)p->mode);
	put_number(out, p->no_debug);
	put_number(out, (uint64_t)p->log);
	put_number(out, p->empty);
	put_bytes(out, p->args, p->args_len);
	put_bytes(out, p->cwd, strlen(p->cwd));
	put_strings(out, p->argv);
	put_strings(out, p->envp);
	put_number(out, p->nchecks);
	for (size_t i = 0; i < p->nchecks; i++) {
		put_bytes(out, p->checks[i].path, strlen(p->checks[i].path));
		put_number(out, p->checks[i].dev);
		put_number(out, p->checks[i].ino);
	}
	put_number(out, p->nlisteners);
	for (size_t i = 0; i < p->nlisteners; i++)
		put_bytes(out, (const char *)&p->listeners[i], sizeof(p->listeners[i]));
}

struct reading {
	struct arena	*arena;
	const char	*next;
	size_t		 left;
	bool		 bad;
};

static uint64_t
get_number(struct reading *r)
{
	uint64_t n = 0;

	if (r->left < sizeof(n)) {
		r->bad = true;
		return 0;
	}
	memcpy(&n, r->next, sizeof(n));
	r->next += sizeof(n);
	r->left -= sizeof(n);
	return n;
}

static const char *
get_bytes(struct reading *r, size_t *len)
{
	uint64_t n = get_number(r);

	if (r->bad || n >= r->left || r->next[n] != '\0') {
		r->bad = true;
		*len = 0;
		return "";
	}
	const char *p = r->next;
	r->next += n + 1;
	r->left -= (size_t)n + 1;
	*len = (size_t)n;
	return p;
}

/* Each element takes at least a byte, so a count beyond what is left is none. */
static size_t
get_count(struct reading *r)
{
	uint64_t n = get_number(r);

	if (n > r->left)
		r->bad = true;
	return r->bad ? 0 : (size_t)n;
}

static const char *const *
get_strings(struct reading *r)
{
	size_t n = get_count(r), len;
	const char **v = arena_array(r->arena, n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = get_bytes(r, &len);
	return v;
}

/* A fork of ours reads what we wrote: the same structure. */
static void
get_listeners(struct reading *r, struct inner_plan *p)
{
	size_t n = get_count(r), len;
	struct proxy_listener *l = arena_array(r->arena, n + 1, sizeof(*l));

	for (size_t i = 0; i < n; i++) {
		const char *bytes = get_bytes(r, &len);
		if (len != sizeof(*l))
			r->bad = true;
		else
			memcpy(&l[i], bytes, len);
	}
	p->listeners = l;
	p->nlisteners = r->bad ? 0 : n;
}

struct inner_plan *
inner_plan_read(struct arena *a, const char *bytes, size_t len)
{
	struct reading r = { a, bytes, len, false };
	struct inner_plan *p = arena_alloc(a, sizeof(*p));
	size_t ignored;

	uint64_t mode = get_number(&r);
	r.bad = r.bad || mode >= FILTER_MODES;
	p->mode = r.bad ? FILTER_OFF : (enum filter_mode)mode;
	p->no_debug = get_number(&r) != 0;
	uint64_t log = get_number(&r);
	r.bad = r.bad || log >= FILTER_LOGS;
	p->log = r.bad ? FILTER_SILENT : (enum filter_log)log;
	p->empty = get_number(&r) != 0;
	p->args = get_bytes(&r, &p->args_len);
	p->cwd = get_bytes(&r, &ignored);
	p->argv = get_strings(&r);
	p->envp = get_strings(&r);
	p->nchecks = get_count(&r);
	struct exec_check *checks = arena_array(a, p->nchecks + 1, sizeof(*checks));
	for (size_t i = 0; i < p->nchecks; i++) {
		checks[i].path = get_bytes(&r, &ignored);
		checks[i].dev = get_number(&r);
		checks[i].ino = get_number(&r);
	}
	p->checks = checks;
	get_listeners(&r, p);
	return r.bad || r.left != 0 || p->argv[0] == NULL ? NULL : p;
}

static int
send_all(int fd, const void *bytes, size_t len)
{
	for (const char *p = bytes; len > 0;) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Not by sendmsg(2): a filter of our own may notify of it, and we may be who answers. */
int
inner_send(int fd, uint32_t kind, int32_t value, const void *bytes, size_t len)
{
	const struct inner_head head = { kind, value, len };

	return send_all(fd, &head, sizeof(head)) != 0 ? -1 : send_all(fd, bytes, len);
}

int
inner_receive(int fd, void *bytes, size_t len)
{
	for (char *p = bytes; len > 0;) {
		ssize_t n = recv(fd, p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? EPIPE : errno;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Room for one descriptor. */
union rights {
	struct cmsghdr	head;
	char		bytes[CMSG_SPACE(sizeof(int))];
};

int
inner_send_fd(int fd, int descriptor)
{
	return send_fds(fd, "", 1, &descriptor, 1);
}

int
inner_receive_fd(int fd)
{
	union rights rights;
	char byte;
	struct iovec part = { &byte, sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = rights.bytes, .msg_controllen = sizeof(rights.bytes),
	};
	int descriptor;
	ssize_t n;

	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&message) : NULL;
	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(descriptor))) {
		errno = n < 0 ? errno : EPROTO;
		return -1;
	}
	memcpy(&descriptor, CMSG_DATA(c), sizeof(descriptor));
	return descriptor;
}
