/* SPDX-License-Identifier: Apache-2.0 */
/* exec_bwrap.c - one command under bwrap: stubs, arguments, start, end */
#include <config.h>

#include "exec_bwrap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "all_ids.h"
#include "arena.h"
#include "backend.h"
#include "bwrap_args.h"
#include "bwrap_find.h"
#include "child.h"
#include "denial_watch.h"
#include "exec_start.h"
#include "mask_cover.h"
#include "proxy_listen.h"
#include "proxy_run.h"
#include "report.h"
#include "sandbox_check.h"
#include "sandbox_watch.h"
#include "sbuf.h"
#include "supervisor.h"

enum {
	MAX_ARGS	= 9000,		/* MAX_ARGS of bwrap: all it is given, however */
	OWN_ARGS	= 16,		/* at most, around the command */
};

struct run {
	struct arena	*arena;
	struct exec_request *req;
	struct exec_start *start;
	struct stubs	*stubs;
	const char	*no_proxy;	/* there should be a proxy and is none: why */
	bool		 listens;	/* the proxy has its sockets */
};

struct words { const char **v; size_t len, cap; };

bool
exec_bwrap_all_ids(void)
{
	return all_ids_possible();
}

const char *
exec_bwrap_unsupported(struct arena *a)
{
	struct utsname u;

	if (seccomp_filter_native() == FILTER_ARCHES)
		return "there is no system call filter for this architecture";
	if (uname(&u) == 0 && bwrap_is_wsl1(u.release))
		return arena_printf(a, "this is WSL 1 (%s), which has no namespaces: "
		    "convert the distribution with \"wsl --set-version NAME 2\"", u.release);
	return NULL;
}

static bool
artifact_has(const struct exec_request *req, const char *word)
{
	for (size_t at = 0; at < req->args_len; at += strnlen(req->args + at, req->args_len - at) + 1)
		if (strcmp(req->args + at, word) == 0)
			return true;
	return false;
}

static void
add_word(struct sbuf *out, const char *word)
{
	sbuf_add(out, word, strlen(word) + 1);
}

/* All that goes through `--args': what we add, the artifact, the environment. */
static void
hidden_arguments(struct run *r, struct sbuf *out)
{
	const struct exec_request *req = r->req;

	/* --sync-fd: bwrap would leave the descriptor of --userns to the command otherwise. */
	if (r->start->userns_fd >= 0) {
		char number[16];
		snprintf(number, sizeof(number), "%d", r->start->userns_fd);
		add_word(out, "--userns");
		add_word(out, number);
		add_word(out, "--sync-fd");
		add_word(out, number);
	}
	sbuf_add(out, req->args, req->args_len);
	if (req->args_len > 0 && req->args[req->args_len - 1] != '\0')
		sbuf_addc(out, '\0');
	add_word(out, "--chdir");
	add_word(out, req->cwd);
	for (const char *const *e = req->envp; *e != NULL; e++) {
		const char *equals = strchr(*e, '=');
		if (equals == NULL || equals == *e)
			continue;
		add_word(out, "--setenv");
		sbuf_add(out, *e, (size_t)(equals - *e));
		sbuf_addc(out, '\0');
		add_word(out, equals + 1);
	}
}

static size_t
count_hidden(const struct sbuf *args)
{
	size_t n = 0;

	for (size_t i = 0; i < args->len; i++)
		n += args->p[i] == '\0';
	return n;
}

static int
check_count(const struct exec_request *req, const struct sbuf *args)
{
	size_t command = 0, hidden = count_hidden(args);

	while (req->argv[command] != NULL)
		command++;
	if (hidden + command + OWN_ARGS <= MAX_ARGS)
		return 0;
	return report_fail(STATUS_SETUP, "bwrap takes at most %d arguments: the policy and the "
	    "environment need %zu, the command %zu", MAX_ARGS, hidden, command);
}

/* bwrap reads while we write.  Where it is gone already, or does not, the watch will find out. */
static void
feed(int fd, const struct sbuf *args)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (size_t done = 0; done < args->len;) {
		ssize_t n = write(fd, args->p + done, args->len - done);
		if (n < 0 && (errno == EINTR || (errno == EAGAIN && poll(&p, 1, SANDBOX_START_MS) > 0)))
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

static const char *
give_listeners(struct run *r, pid_t init)
{
	const struct proxy_config *c = &r->req->proxy->config;
	int fd[PROXY_MAX_LISTENERS];

	if (proxy_listen_inside(init, c->listener, c->nlisteners, fd) != 0)
		return arena_printf(r->arena, "the managed proxy cannot listen in the sandbox: %s",
		    strerror(errno));
	for (size_t i = 0; i < c->nlisteners; i++)
		proxy_run_give(r->start->sandbox.proxy, fd[i]);
	r->listens = true;
	return NULL;
}

/* While bwrap mounts, whose loopback may still be down; if it fails it is tried again. */
static void
born(void *arg, pid_t init)
{
	struct run *r = arg;

	if (r->req->proxy != NULL && r->no_proxy == NULL)
		give_listeners(r, init);
}

static const char *
check_writable(const struct run *r, int root)
{
	struct bwrap_args args;
	const char *wrong = bwrap_args_mounts(r->arena, r->req->args, r->req->args_len, &args);

	return wrong != NULL ? wrong : sandbox_check_writable(r->arena, root, r->start->sandbox.init, &args);
}

static bool
complete(void *arg, int root)
{
	struct run *r = arg;
	const char *wrong = sandbox_check(r->arena, root, r->req->checks, r->req->nchecks, r->req->cwd);
	const struct artifact *art = r->req->artifact;

	if (wrong == NULL && art != NULL)
		wrong = masks_check(r->arena, root, art->masks.v, art->masks.len);
	if (wrong == NULL)
		wrong = check_writable(r, root);
	/* From the next moment on the command could use a place whose stub has gone. */
	if (wrong == NULL && r->stubs != NULL && stubs_watch(r->stubs, r->start->sandbox.init_fd) != 0)
		wrong = arena_printf(r->arena, "the sandbox cannot be handed to the process that "
		    "removes mount points: %s", strerror(errno));
	if (wrong == NULL && r->req->proxy != NULL && !r->listens)
		wrong = r->no_proxy != NULL ? r->no_proxy : give_listeners(r, r->start->sandbox.init);
	if (wrong != NULL)
		report("%s", wrong);
	else
		denial_watch_live(r->req->watch);
	return wrong == NULL;
}

/* What mounts must have ended before a stub goes, or it would be made anew, and not as ours. */
static int
tell_janitor(struct run *r)
{
	int fd = (int)syscall(SYS_pidfd_open, r->start->pid, 0);
	int rc = fd < 0 || stubs_watch(r->stubs, fd) != 0 ||
	    stubs_watch_status(r->stubs, r->start->sandbox.status_fd) != 0 ? -1 : 0;
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return rc;
}

/* This executor is of no use on this host. */
static int
unavailable(const struct exec_request *req, const char *why)
{
	if (req->unavailable == NULL)
		return report_fail(STATUS_SETUP, "%s", why);
	*req->unavailable = why;
	return -1;
}

/* bwrap has ended.  Which of the ways was it? */
static int
outcome(struct run *r)
{
	const struct sandbox *s = &r->start->sandbox;
	const char *bwrap = r->start->bwrap;

	if (s->broken)
		return STATUS_SETUP;
	if (s->exit_code >= 0)
		return s->exit_code;
	if (s->refused)
		return STATUS_SETUP;
	if (s->stop_signal != 0)
		return STATUS_SIGNAL + s->stop_signal;
	if (s->late)
		return unavailable(r->req, arena_printf(r->arena, "%s did nothing for %d seconds (another "
		    "one than bubblewrap's? take it off PATH)", bwrap, SANDBOX_START_MS / 1000));
	if (s->unseen)
		return report_fail(STATUS_SETUP, "the sandbox cannot be looked into and so not be "
		    "verified: %s (is %s set-user-ID? it must not be)", strerror(s->error), bwrap);
	/* Killed, or the command's process before it was the command; bwrap's own failure is 1. */
	if (child_status(s->wait_status) > STATUS_SIGNAL)
		return child_status(s->wait_status);
	/* The root is there once the mounts were in order: only the exec was left. */
	if (s->root >= 0)
		return report_fail(STATUS_NOEXEC, "%s could not be executed in the sandbox (bwrap "
		    "says why on the line above)", r->req->argv[0]);
	bool here = false;
	const char *why = bwrap_why(r->arena, bwrap, r->req->args, r->req->args_len, &here);
	return here ? unavailable(r->req, why) : report_fail(STATUS_SETUP, "%s", why);
}

/*
 * The start we were given, unless the policy turns out to allow writing where
 * that bwrap lies, its artifact brings a user namespace of its own, or the
 * network is open, where nothing is supervised.
 */
static struct exec_start *
usable_start(struct run *r, const char **why)
{
	const struct exec_request *req = r->req;
	const struct exec_start_request q = {
		req->argv, req->keep_fds, req->nkeep, req->path, req->avoid, req->navoid,
		seccomp_filter_notifies(req->mode), req->log,
	};
	bool all_ids = geteuid() == 0 && !artifact_has(req, "--unshare-user");
	struct exec_start *s = req->start;

	if (s != NULL) {
		const char *bwrap = bwrap_find(r->arena, req->path, req->avoid, req->navoid, why);
		if (bwrap != NULL && strcmp(bwrap, s->bwrap) == 0 && (s->userns_fd >= 0) == all_ids &&
		    (s->sandbox.listener >= 0) == q.supervised && q.log == FILTER_SILENT)
			return s;
		exec_bwrap_abandon(s);
		if (bwrap == NULL)
			return NULL;
	}
	return exec_start(r->arena, &q, all_ids, why);
}

static int
supervise(struct run *r)
{
	struct sandbox *s = &r->start->sandbox;
	const struct supervisor_request q = {
		.listener = s->listener, .own_network = true,
		.allows = r->req->socket_allowed, .arg = r->req->socket_arg, .watch = r->req->watch,
	};

	s->listener = -1;
	s->supervisor = supervisor_new(&q);
	/* What is logged begins with bwrap itself, which waits for each answer. */
	return s->supervisor == NULL || (r->req->log != FILTER_SILENT && supervisor_serve(s->supervisor) != 0) ?
	    -1 : 0;
}

/* The stubs are there: let bwrap work, and watch. */
static int
run_command(struct run *r, const struct sbuf *args)
{
	struct sandbox *s = &r->start->sandbox;

	s->born = born;
	s->complete = complete;
	s->artifact = r->req->artifact;
	s->arena = r->arena;
	s->arg = r;
	s->filter = seccomp_filter_get(seccomp_filter_native(), r->req->mode, r->req->no_debug,
	    r->req->log != FILTER_SILENT ? FILTER_INNER_LOGGED : FILTER_INNER, &s->filter_len);
	if (s->listener >= 0 && supervise(r) != 0)
		return report_fail(STATUS_SETUP, "connections cannot be supervised: %s",
		    strerror(errno));
	if (r->req->nstubs > 0 && tell_janitor(r) != 0)
		return report_fail(STATUS_SETUP, "bwrap cannot be handed to the process that removes "
		    "mount points: %s", strerror(errno));
	/* EPIPE: it is gone already, and the watch finds out why. */
	if (stubs_lend(r->stubs, r->start->hold_fd) != 0 && errno != EPIPE)
		return report_fail(STATUS_SETUP, "mount points cannot be handed to bwrap: %s",
		    strerror(errno));
	if (sandbox_prime(s) != 0 && errno != EPIPE)
		return report_fail(STATUS_SETUP, "the filter cannot be handed over: %s", strerror(errno));
	feed(r->start->args_fd, args);
	close(r->start->args_fd);
	r->start->args_fd = -1;
	/* Where it fails complete() says so, and nothing is started. */
	if (r->req->proxy != NULL)
		s->proxy = proxy_run_new(r->arena, r->req->proxy, &r->no_proxy);
	all_ids_end(&r->start->ids);
	/* A stub must not go while anything lives that could take its place. */
	sandbox_watch(s, r->req->nstubs > 0 ? SANDBOX_EMPTY :
	    r->req->last ? SANDBOX_STATUS : SANDBOX_BWRAP);
	return outcome(r);
}

static int
run_with_stubs(struct run *r)
{
	const struct exec_request *req = r->req;
	struct sbuf args = SBUF_INIT;
	const char *why = NULL;
	int rc;

	hidden_arguments(r, &args);
	rc = check_count(req, &args);
	if (rc == 0 && req->nstubs > 0 && req->state_dir == NULL)
		rc = report_fail(STATUS_SETUP, "there is no place for the record of mount points: "
		    "set HOME or XDG_STATE_HOME to an absolute path");
	if (rc == 0 && req->state_dir != NULL)
		r->stubs = stubs_make(r->arena, req->stubs, req->nstubs, req->state_dir, &why);
	if (rc == 0 && why != NULL)
		rc = report_fail(STATUS_SETUP, "%s", why);
	if (rc == 0)
		rc = run_command(r, &args);
	/* Where it was not even told what to mount it is ended later, and makes nothing. */
	if (req->last)
		stubs_leave(r->stubs);
	else
		stubs_remove(r->stubs);
	sbuf_free(&args);
	return rc;
}

int
exec_bwrap(struct arena *a, struct exec_request *req)
{
	struct run r = { .arena = a, .req = req };
	const char *why = exec_bwrap_unsupported(a);
	int rc;

	if (why == NULL)
		r.start = usable_start(&r, &why);
	if (r.start == NULL)
		return unavailable(req, why);
	rc = run_with_stubs(&r);
	proxy_run_end(r.start->sandbox.proxy, req->last);
	if (r.start->sandbox.ended || (req->last && r.start->sandbox.exit_code >= 0))
		exec_start_drop(r.start);
	else
		exec_bwrap_abandon(r.start);
	return rc;
}

void
exec_request_words(struct arena *a, const struct exec_request *req, const char *first,
    const char ***argv, size_t *len)
{
	struct words out = { NULL, 0, 0 };

	VEC_PUSH(a, &out, first);
	for (size_t at = 0; at < req->args_len;) {
		size_t n = strnlen(req->args + at, req->args_len - at);
		VEC_PUSH(a, &out, arena_strndup(a, req->args + at, n));
		at += n + 1;
	}
	VEC_PUSH(a, &out, "--chdir");
	VEC_PUSH(a, &out, req->cwd);
	VEC_PUSH(a, &out, "--");
	for (const char *const *word = req->argv; *word != NULL; word++)
		VEC_PUSH(a, &out, *word);
	*len = out.len;
	VEC_PUSH(a, &out, NULL);
	*argv = out.v;
}

int
exec_bwrap_words(struct arena *a, const struct exec_request *req, const char **program,
    const char ***argv, size_t *len)
{
	const char *why = NULL;

	*program = bwrap_find(a, req->path, req->avoid, req->navoid, &why);
	if (*program == NULL)
		return report_fail(STATUS_SETUP, "%s", why);
	exec_request_words(a, req, "bwrap", argv, len);
	return 0;
}
