/* SPDX-License-Identifier: Apache-2.0 */
/* net_windows.c - sockets of Windows, whose errors become those of POSIX */
#include <config.h>

#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy.h"
#include "win32.h"

static const struct { int windows, error; const char *text; } errors[] = {
	{ WSAEWOULDBLOCK, EAGAIN, "it would have to wait" },
	{ WSAEINTR, EINTR, "it was interrupted" },
	{ WSAEINPROGRESS, EINPROGRESS, "it is under way" },
	{ WSAECONNREFUSED, ECONNREFUSED, "connection refused" },
	{ WSAECONNRESET, ECONNRESET, "connection reset by the other side" },
	{ WSAECONNABORTED, ECONNABORTED, "connection aborted" },
	{ WSAENETRESET, ECONNRESET, "connection reset by the other side" },
	{ WSAETIMEDOUT, ETIMEDOUT, "connection timed out" },
	{ WSAENETUNREACH, ENETUNREACH, "the network is unreachable" },
	{ WSAEHOSTUNREACH, EHOSTUNREACH, "no route to the host" },
	{ WSAENETDOWN, ENETDOWN, "the network is down" },
	{ WSAEADDRINUSE, EADDRINUSE, "the address is in use" },
	{ WSAEADDRNOTAVAIL, EADDRNOTAVAIL, "the address is not of this machine" },
	{ WSAEAFNOSUPPORT, EAFNOSUPPORT, "this kind of address is not supported" },
	{ WSAEMFILE, EMFILE, "too many sockets" },
	{ WSAENOBUFS, ENOBUFS, "no room for it" },
	{ WSAEACCES, EACCES, "permission denied" },
};

static int
as_errno(int windows)
{
	for (size_t i = 0; i < NELEMS(errors); i++)
		if (errors[i].windows == windows)
			return errors[i].error;
	return EIO;
}

int
net_errno(void)
{
	return errno = as_errno(WSAGetLastError());
}

static ptrdiff_t
checked(int n)
{
	if (n < 0)
		net_errno();
	return n;
}

int
net_begin(void)
{
	WSADATA data;

	/* The streams carry what whoever started us says and is told. */
	if (_setmode(STDIN_FILENO, _O_BINARY) < 0 || _setmode(STDOUT_FILENO, _O_BINARY) < 0)
		return -1;
	return WSAStartup(MAKEWORD(2, 2), &data) == 0 ? 0 : -1;
}

int
net_connect(evutil_socket_t fd, const struct sockaddr *to, socklen_t len)
{
	int rc = (int)checked(connect(fd, to, len));

	/* Here that means "has begun". */
	if (rc != 0 && errno == EAGAIN)
		errno = EINPROGRESS;
	return rc;
}

int
net_outcome(evutil_socket_t fd)
{
	int error = 0, len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, (char *)&error, &len) != 0)
		return net_errno();
	return error == 0 ? 0 : as_errno(error);
}

static int
piece(size_t len)
{
	return (int)(len < PROXY_PIECE ? len : PROXY_PIECE);
}

ptrdiff_t
net_recv(evutil_socket_t fd, void *to, size_t len)
{
	return checked(recv(fd, to, piece(len), 0));
}

ptrdiff_t
net_recv_from(evutil_socket_t fd, void *to, size_t len, struct sockaddr_storage *from, socklen_t *from_len)
{
	return checked(recvfrom(fd, to, piece(len), 0, (struct sockaddr *)from, from_len));
}

ptrdiff_t
net_send_to(evutil_socket_t fd, const void *bytes, size_t len, const struct sockaddr *to, socklen_t to_len)
{
	return checked(sendto(fd, bytes, piece(len), 0, to, to_len));
}

void
net_shut(evutil_socket_t fd)
{
	shutdown(fd, SD_SEND);
}

void
net_alone(evutil_socket_t fd)
{
	const BOOL on = TRUE;

	setsockopt(fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const void *)&on, sizeof(on));
}

void
net_close(evutil_socket_t fd)
{
	closesocket(fd);
}

int
net_append(struct arena *a, const char *path)
{
	const wchar_t *name = win32_path(a, path);

	return name == NULL ? -1 : _wopen(name, _O_WRONLY | _O_APPEND | _O_CREAT | _O_BINARY | _O_NOINHERIT,
	    _S_IREAD | _S_IWRITE);
}

const char *
net_error_text(int error)
{
	for (size_t i = 0; i < NELEMS(errors); i++)
		if (errors[i].error == error)
			return errors[i].text;
	return error == ENOMEM ? "out of memory" : "the system refused";
}

const char *
net_name_error_text(int error)
{
	return error == WSAHOST_NOT_FOUND || error == WSANO_DATA ? "the name is not known" :
	    error == WSATRY_AGAIN ? "no server of names answered" : "names cannot be resolved";
}
