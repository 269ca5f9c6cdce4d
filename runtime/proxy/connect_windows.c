/* SPDX-License-Identifier: Apache-2.0 */
/* connect_windows.c - a connection to this computer, and standard input and output by a thread each */
#include <config.h>

#include "connect_system.h"

#include <string.h>

#include <winsock2.h>
#include <ws2tcpip.h>

#include "address.h"
#include "connect.h"
#include "win32.h"

enum { PIECE = 64 * 1024 };

static int
piece(size_t len)
{
	return (int)(len < PIECE ? len : PIECE);
}

intptr_t
connect_open(struct arena *a, const struct net_address *to, uint16_t port, const char **why)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	WSADATA data;

	int error = WSAStartup(MAKEWORD(2, 2), &data);
	if (error != 0) {
		*why = win32_error_text(a, (DWORD)error);
		return -1;
	}
	/* It is found when it is first called (ws2_32.def), and there may be an error by then. */
	WSAGetLastError();
	v4.sin_port = v6.sin6_port = htons(port);
	memcpy(&v4.sin_addr, to->b, 4);
	memcpy(&v6.sin6_addr, to->b, 16);
	SOCKET s = socket(to->v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (s != INVALID_SOCKET && (to->v6 ? connect(s, (struct sockaddr *)&v6, sizeof(v6)) :
	    connect(s, (struct sockaddr *)&v4, sizeof(v4))) == 0)
		return (intptr_t)s;
	*why = win32_error_text(a, (DWORD)WSAGetLastError());
	if (s != INVALID_SOCKET)
		closesocket(s);
	return -1;
}

void
connect_close(intptr_t s)
{
	closesocket((SOCKET)s);
}

ptrdiff_t
connect_read(intptr_t s, void *bytes, size_t len)
{
	return recv((SOCKET)s, bytes, piece(len), 0);
}

int
connect_write(intptr_t s, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		int n = send((SOCKET)s, p, piece(len), 0);
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/*
 * Nothing of it belongs to anybody else: where the connection ends first it is
 * left behind in a read that may never end, and ends with the process.
 */
static DWORD WINAPI
carry_input(void *arg)
{
	const intptr_t s = (intptr_t)arg;
	const HANDLE from = GetStdHandle(STD_INPUT_HANDLE);
	char buffer[PIECE / 4];
	DWORD n = 0;
	/* Nothing read is the end of a file; of a pipe it is an empty write, and the end an error. */
	const bool pipe = GetNamedPipeInfo(from, NULL, NULL, NULL, NULL);

	while (ReadFile(from, buffer, sizeof(buffer), &n, NULL) && (n > 0 || pipe))
		if (connect_write(s, buffer, n) != 0)
			return 0;
	shutdown((SOCKET)s, SD_SEND);
	return 0;
}

static bool
put(const char *p, size_t len)
{
	DWORD n = 0;

	while (len > 0 && WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), p, (DWORD)piece(len), &n, NULL)) {
		p += n;
		len -= n;
	}
	return len == 0;
}

int
connect_join(intptr_t s, const void *before, size_t len)
{
	char buffer[PIECE];
	ptrdiff_t n;

	HANDLE thread = put(before, len) ? CreateThread(NULL, 0, carry_input, (void *)s, 0, NULL) : NULL;
	if (thread == NULL)
		return CONNECT_FAILED;
	CloseHandle(thread);
	while ((n = connect_read(s, buffer, sizeof(buffer))) > 0)
		if (!put(buffer, (size_t)n))
			return CONNECT_FAILED;
	return n == 0 ? CONNECT_DONE : CONNECT_FAILED;
}
