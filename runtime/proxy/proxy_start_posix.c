/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_start_posix.c - through a socket pair */
#include <config.h>

#include "proxy_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "child.h"
#include "report.h"

struct proxy_child {
	pid_t	 pid;
	int	 control;
};

/* It is of our process group, whose signals are for the command: it has none of them. */
static pid_t
start(struct arena *a, const char *program, int control, int audit)
{
	static const char *const no_environ[] = { NULL };
	const int fds[] = { control, audit };
	const char *argv[] = {
		program, arena_printf(a, "%d", control), audit >= 0 ? arena_printf(a, "%d", audit) : NULL, NULL,
	};
	sigset_t all;

	sigfillset(&all);
	const struct child_start how = {
		.program = program, .argv = argv, .envp = no_environ, .fds = fds, .nfds = audit >= 0 ? 2 : 1,
		.mask = &all,
	};
	return child_start(&how);
}

static int
send_all(int fd, const char *bytes, size_t len)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	ptrdiff_t n = 0;

	sigaction(SIGPIPE, &ignore, &before);
	for (size_t at = 0; at < len && n >= 0; at += n > 0 ? (size_t)n : 0) {
		n = write(fd, bytes + at, len - at);
		if (n < 0 && errno == EINTR)
			n = 0;
	}
	sigaction(SIGPIPE, &before, NULL);
	return n < 0 ? -1 : 0;
}

static int
hear_ports(int fd, size_t n, uint16_t *ports)
{
	uint8_t told[2 * PROXY_MAX_LISTENERS];

	for (size_t at = 0; at < 2 * n;) {
		ptrdiff_t k = read(fd, told + at, 2 * n - at);
		if (k == 0 || (k < 0 && errno != EINTR))
			return -1;
		at += k > 0 ? (size_t)k : 0;
	}
	for (size_t i = 0; i < n; i++)
		ports[i] = (uint16_t)(told[2 * i] << 8 | told[2 * i + 1]);
	return 0;
}

static void
end(struct proxy_child *p)
{
	close(p->control);
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

struct proxy_child *
proxy_start(struct arena *a, const struct proxy_config *c, const char *program, int audit,
    uint16_t *ports, const char **why)
{
	struct proxy_child *p = arena_alloc(a, sizeof(*p));
	struct sbuf config = SBUF_INIT;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
		*why = arena_printf(a, "the managed proxy cannot be started: %s", strerror(errno));
		return NULL;
	}
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	fcntl(pair[1], F_SETFD, FD_CLOEXEC);
	*p = (struct proxy_child){ start(a, program, pair[1], audit), pair[0] };
	int error = errno;
	close(pair[1]);
	if (p->pid <= 0) {
		close(p->control);
		*why = arena_printf(a, "the managed proxy %s cannot be started: %s", program, strerror(error));
		return NULL;
	}
	proxy_config_write(c, false, &config);
	int rc = send_all(p->control, config.p, config.len);
	sbuf_free(&config);
	if (rc == 0 && hear_ports(p->control, c->nlisteners, ports) == 0)
		return p;
	end(p);
	*why = arena_printf(a, "the managed proxy %s ended before it listened", program);
	return NULL;
}

void
proxy_stop(struct proxy_child *p)
{
	int status;

	if (waitpid(p->pid, &status, WNOHANG) != p->pid) {
		end(p);
		return;
	}
	close(p->control);
	report("the managed proxy ended before the command did (%s %d): nothing was reached from then on",
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
