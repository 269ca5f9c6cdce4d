/* SPDX-License-Identifier: Apache-2.0 */
/* send_fds.c - SCM_RIGHTS */
#include <config.h>

#include "send_fds.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { TRIES = 2000 };			/* of a millisecond */

union control {
	struct cmsghdr	 head;
	char		 space[CMSG_SPACE(SEND_FDS_MAX * sizeof(int))];
};

static ssize_t
send_patiently(int socket, const struct msghdr *h)
{
	const struct timespec pause = { 0, 1000000 };
	int tries = 0;

	for (;;) {
		ssize_t sent = sendmsg(socket, h, MSG_NOSIGNAL);
		if (sent >= 0 || (errno != EINTR && errno != ETOOMANYREFS))
			return sent;
		if (errno == ETOOMANYREFS && ++tries == TRIES)
			return -1;
		if (errno == ETOOMANYREFS)
			nanosleep(&pause, NULL);
	}
}

int
send_fds(int socket, const void *text, size_t len, const int *fds, size_t n)
{
	union control control;
	struct iovec part = { (void *)(uintptr_t)text, len };
	struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1 };

	if (n > SEND_FDS_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (n > 0) {
		memset(&control, 0, sizeof(control));
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.head = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(n * sizeof(int)),
			.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	}
	return send_patiently(socket, &h) == (ssize_t)len ? 0 : -1;
}
