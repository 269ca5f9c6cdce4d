/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor.c - the threads that answer the notifications of connect(2) */
#include <config.h>

#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "connector.h"
#include "denial_caller.h"
#include "denial_watch.h"
#include "proc_file.h"
#include "seccomp_filter.h"

/*
 * One thread at a time, the leader, waits for a notification; the others wait
 * to be the leader.  Who has received one hands the lead on and connects, as
 * long as it takes: a full backlog blocks.  While any is busy, the leader
 * looks now and then whether the command still waits for it; where it does
 * not, or has a signal to handle, the thread is interrupted by a signal of
 * its own.
 */

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)	/* Linux 5.19 */
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS		SECCOMP_IOW(4, __u64)	/* Linux 6.6 */
#endif

enum {
	MAX_WORKERS	= 512,		/* connects that block at the same time; others wait */
	SPARE_WORKERS	= 3,		/* as many wait for the next ones, more end */
	LOOK_MS		= 20,		/* between looks at those that connect */
	END_MS		= 10,		/* between attempts to interrupt them at the end */
	END_TRIES	= 100,
	STACK_BYTES	= 256 * 1024,
	NOTICE_BYTES	= 512,		/* for structures that may grow; theirs are 80 and 24 */
	SYNC_WAKE_UP	= 1,		/* SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
};

struct worker {
	struct supervisor *s;
	pthread_t	 thread;
	bool		 busy;		/* with a notification: */
	bool		 counted;	/* among those that wait, since it was made */
	bool		 low;		/* has no more capabilities than the command: denial_low_rights() */
	uint64_t	 id;
	pid_t		 tid;
};

struct supervisor {
	int		 listener, stop;
	struct connector connector;
	struct denial_watch *watch;	/* or NULL */
	pthread_mutex_t	 lead;
	pthread_mutex_t	 lock;		/* of what follows */
	pthread_cond_t	 ended;		/* a worker */
	bool		 served, stopping;
	int		 dumpable;	/* what our process was before */
	unsigned	 workers, waiting;
	struct worker	*worker;	/* MAX_WORKERS of them, once it serves */
	struct sigaction old_action;
};

static int
wake_signal(void)
{
	return SIGRTMAX;
}

static void
on_wake(int signal)
{
	(void)signal;	/* there so that a system call is interrupted */
}

int
supervisor_filter(const struct filter_insn *filter, size_t len)
{
	const struct sock_fprog program = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)(uintptr_t)filter,
	};
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);

	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	return (int)fd;
}

/* ---- one notification ---- */

void
supervisor_let_pass(int listener)
{
	_Alignas(struct seccomp_notif) char bytes[NOTICE_BYTES] = { 0 };
	_Alignas(struct seccomp_notif_resp) char reply[NOTICE_BYTES] = { 0 };
	const struct seccomp_notif *n = (void *)bytes;
	struct seccomp_notif_resp *r = (void *)reply;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, bytes) != 0)
		return;
	r->id = n->id;
	r->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, r);
}

static bool
still_waits(const struct supervisor *s, uint64_t id)
{
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static void
send_answer(const struct supervisor *s, uint64_t id, int error, uint32_t flags)
{
	_Alignas(struct seccomp_notif_resp) char bytes[NOTICE_BYTES] = { 0 };
	struct seccomp_notif_resp *r = (void *)bytes;

	r->id = id;
	r->error = -error;
	r->flags = flags;
	/* ENOENT: nobody waits any more. */
	while (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, r) != 0 && errno == EINTR)
		continue;
}

static void
answer(const struct supervisor *s, uint64_t id, int error)
{
	send_answer(s, id, error, 0);
}

/*
 * A call that is logged: quick, so that the leader does it.  It goes on in
 * the command, which confines it as if it had not been asked about.  False:
 * it is to be served.
 */
static bool
log_one(struct worker *w, const struct seccomp_notif *n)
{
	struct supervisor *s = w->s;
	int error;

	if (s->watch == NULL)
		return false;
	if (!w->low)
		denial_low_rights(true);
	w->low = true;
	if (denial_watch_call(s->watch, s->listener, n, &error)) {
		send_answer(s, n->id, error, error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0);
		return true;
	}
	denial_low_rights(false);
	w->low = false;
	return false;
}

static void
set_busy(struct worker *w, bool busy)
{
	pthread_mutex_lock(&w->s->lock);
	w->busy = busy;
	pthread_mutex_unlock(&w->s->lock);
}

static void
serve_one(struct worker *w, const struct seccomp_notif *n)
{
	struct supervisor *s = w->s;
	struct connection c;
	const uint64_t args[] = { n->data.args[0], n->data.args[1], n->data.args[2] };
	int error = connection_take(&c, (pid_t)n->pid, args);

	/* A process id that was used again would mean somebody else's socket and memory. */
	if (still_waits(s, n->id)) {
		if (error == 0)
			error = connector_judge(&s->connector, &c);
		if (error == 0)
			error = connection_make(&c);
		if (s->watch != NULL)
			denial_watch_connect(s->watch, &c, error);
		/* Ours is gone first, so that a program that closes its socket has closed it. */
		connection_close(&c);
		answer(s, n->id, error);
	} else {
		connection_close(&c);
	}
	set_busy(w, false);
}

/* ---- those that block ---- */

static uint64_t
signals_in(const char *status, const char *key)
{
	const char *at = proc_field(status, key);

	return at != NULL ? strtoull(at, NULL, 16) : 0;
}

/* It would be interrupted by a signal that it handles, if it slept in its own call. */
static bool
has_signal(pid_t tid)
{
	char text[PROC_STATUS_BYTES];

	if (!proc_status(tid, text))
		return false;
	uint64_t pending = signals_in(text, "SigPnd") | signals_in(text, "ShdPnd");
	return (pending & ~signals_in(text, "SigBlk") & signals_in(text, "SigCgt")) != 0;
}

/* Returns how many are busy. */
static unsigned
look_at_workers(struct supervisor *s, bool end)
{
	unsigned n = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < MAX_WORKERS; i++) {
		struct worker *w = &s->worker[i];
		if (!w->busy)
			continue;
		n++;
		/* Again and again: one that comes before the thread sleeps is lost. */
		if (end || !still_waits(s, w->id) || has_signal(w->tid))
			pthread_kill(w->thread, wake_signal());
	}
	pthread_mutex_unlock(&s->lock);
	return n;
}

/* ---- workers ---- */

static void	*work(void *);

/* With the lock held.  -1 where there can be no more. */
static int
add_worker(struct supervisor *s)
{
	pthread_attr_t attr;
	sigset_t all, old;
	struct worker *w = s->worker;

	while (w < s->worker + MAX_WORKERS && w->s != NULL)
		w++;
	if (w == s->worker + MAX_WORKERS)
		return -1;
	*w = (struct worker){ .s = s, .counted = true };
	sigfillset(&all);
	sigdelset(&all, wake_signal());
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int error = pthread_create(&w->thread, &attr, work, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (error != 0) {
		w->s = NULL;
		errno = error;
		return -1;
	}
	s->workers++;
	s->waiting++;
	return 0;
}

/* Somebody takes the lead while this one connects; false where nobody can. */
static bool
has_successor(struct supervisor *s)
{
	pthread_mutex_lock(&s->lock);
	bool yes = s->waiting > 0 || add_worker(s) == 0;
	pthread_mutex_unlock(&s->lock);
	return yes;
}

/*
 * As leader: wait for a notification.  False when there will be none any more.
 * It is received only once somebody is there to lead after us.
 */
static bool
receive(struct worker *w, struct seccomp_notif *n)
{
	struct supervisor *s = w->s;

	for (;;) {
		struct pollfd p[] = {
			{ .fd = s->stop, .events = POLLIN },
			{ .fd = has_successor(s) ? s->listener : -1, .events = POLLIN },
		};
		unsigned busy = look_at_workers(s, false);
		int rc = poll(p, NELEMS(p), busy > 0 || p[1].fd < 0 ? LOOK_MS : -1);
		if (rc < 0 && errno != EINTR)
			return false;
		if (rc <= 0)
			continue;
		if (p[0].revents != 0)
			return false;
		if ((p[1].revents & POLLIN) == 0) {
			/* All that it could tell of have ended. */
			if (p[1].revents != 0)
				return false;
			continue;
		}
		memset(n, 0, NOTICE_BYTES);
		if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, n) == 0) {
			if (!log_one(w, n))
				return true;
			continue;
		}
		/* ENOENT: it was interrupted before we had it. */
		if (errno != EINTR && errno != ENOENT)
			return false;
	}
}

/* True: this one has something to do; false: it is not needed any more. */
static bool
lead(struct worker *w, struct seccomp_notif *n)
{
	struct supervisor *s = w->s;
	bool got = false;

	pthread_mutex_lock(&s->lock);
	bool enough = !w->counted && s->waiting >= SPARE_WORKERS;
	s->waiting += !enough && !w->counted;
	w->counted = false;
	pthread_mutex_unlock(&s->lock);
	if (enough)
		return false;

	pthread_mutex_lock(&s->lead);
	pthread_mutex_lock(&s->lock);
	s->waiting--;
	bool stopping = s->stopping;
	pthread_mutex_unlock(&s->lock);
	if (!stopping)
		got = receive(w, n);
	if (got) {
		/* Before the next leader looks, who would not wake up for it later. */
		w->id = n->id;
		w->tid = (pid_t)n->pid;
		set_busy(w, true);
	}
	if (!got) {
		pthread_mutex_lock(&s->lock);
		s->stopping = true;
		pthread_mutex_unlock(&s->lock);
	}
	pthread_mutex_unlock(&s->lead);
	return got;
}

static void *
work(void *arg)
{
	_Alignas(struct seccomp_notif) char bytes[NOTICE_BYTES];
	struct seccomp_notif *n = (void *)bytes;
	struct worker *w = arg;
	struct supervisor *s = w->s;

	while (lead(w, n))
		serve_one(w, n);
	pthread_mutex_lock(&s->lock);
	w->s = NULL;
	s->workers--;
	pthread_cond_signal(&s->ended);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- from outside ---- */

/* The kernel's structures fit into what we give it. */
static bool
sizes_fit(void)
{
	struct seccomp_notif_sizes sizes;

	return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	    sizes.seccomp_notif <= NOTICE_BYTES && sizes.seccomp_notif_resp <= NOTICE_BYTES;
}

struct supervisor *
supervisor_new(const struct supervisor_request *q)
{
	struct supervisor *s = calloc(1, sizeof(*s));
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);

	if (s == NULL || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		int saved = errno;
		free(s);
		close(q->listener);
		errno = saved;
		return NULL;
	}
	s->listener = q->listener;
	s->watch = q->watch;
	s->dumpable = dumpable;
	s->stop = -1;
	s->connector = (struct connector){
		.own_network = q->own_network, .allows = q->allows, .arg = q->arg,
	};
	connector_init(&s->connector);
	pthread_mutex_init(&s->lead, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ended, NULL);
	return s;
}

int
supervisor_fd(const struct supervisor *s)
{
	return s->served ? -1 : s->listener;
}

int
supervisor_serve(struct supervisor *s)
{
	const struct sigaction wake = { .sa_handler = on_wake };

	/* Faster where the kernel can; the same where it cannot. */
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
	s->worker = calloc(MAX_WORKERS, sizeof(*s->worker));
	s->stop = eventfd(0, EFD_CLOEXEC);
	if (!sizes_fit() || s->worker == NULL || s->stop < 0 || sigaction(wake_signal(), &wake, &s->old_action) != 0)
		return -1;
	s->served = true;
	pthread_mutex_lock(&s->lock);
	int rc = add_worker(s);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* False where one does not end: asleep in a file system that does not answer. */
static bool
end_workers(struct supervisor *s)
{
	const uint64_t one = 1;
	struct timespec until;

	if (write(s->stop, &one, sizeof(one)) != (ssize_t)sizeof(one))
		return false;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	for (int i = 0; s->workers > 0 && i < END_TRIES; i++) {
		pthread_mutex_unlock(&s->lock);
		look_at_workers(s, true);
		pthread_mutex_lock(&s->lock);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += END_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		if (s->workers > 0)
			pthread_cond_timedwait(&s->ended, &s->lock, &until);
	}
	bool all = s->workers == 0;
	pthread_mutex_unlock(&s->lock);
	return all;
}

void
supervisor_free(struct supervisor *s)
{
	if (s == NULL)
		return;
	if (s->served) {
		/* What such a thread still uses stays. */
		if (!end_workers(s))
			return;
		sigaction(wake_signal(), &s->old_action, NULL);
	}
	if (s->stop >= 0)
		close(s->stop);
	close(s->listener);
	if (s->dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	connector_end(&s->connector);
	pthread_cond_destroy(&s->ended);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->lead);
	free(s->worker);
	free(s);
}
