/* SPDX-License-Identifier: Apache-2.0 */
/* process_watch.c - forks and exits from a kqueue, children from libproc */
#include <config.h>

#include "process_watch.h"

#include <libproc.h>
#include <string.h>
#include <sys/proc_info.h>
#include <time.h>

#include "process_tree.h"

uint64_t
process_watch_now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/*
 * NOTE_EXIT without NOTE_EXITSTATUS, which only parents may ask for.
 * EV_RECEIPT: errors come back here, and no event is taken with them.
 */
static int
watch(void *arg, pid_t pid)
{
	const struct process_watch *w = arg;
	struct kevent change, receipt;

	EV_SET(&change, (uintptr_t)pid, EVFILT_PROC, EV_ADD | EV_CLEAR | EV_RECEIPT,
	    NOTE_FORK | NOTE_EXEC | NOTE_EXIT, 0, NULL);
	if (kevent(w->kq, &change, 1, &receipt, 1, NULL) != 1)
		return -1;
	return (receipt.flags & EV_ERROR) != 0 && receipt.data != 0 ? -1 : 0;
}

/*
 * proc_listchildpids() counts processes, and counted bytes in some versions:
 * what it did not fill is zero, and no process has that number.
 */
static size_t
children(void *arg, pid_t pid, pid_t *out, size_t max)
{
	size_t room = max < 65536 ? max : 65536, n = 0;
	int got;

	(void)arg;
	memset(out, 0, room * sizeof(*out));
	got = proc_listchildpids(pid, out, (int)(room * sizeof(*out)));
	if (got <= 0)
		return 0;
	while (n < room && out[n] > 0)
		n++;
	/* A full list may have been cut. */
	return n == room && room < 65536 ? room + 1 : n;
}

static pid_t
parent(void *arg, pid_t pid)
{
	struct proc_bsdinfo info;

	(void)arg;
	if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, (int)sizeof(info)) != (int)sizeof(info))
		return 0;
	return (pid_t)info.pbi_ppid;
}

void
process_watch_start(struct process_watch *w, int kq)
{
	const struct process_source source = { w, watch, children, parent };

	w->kq = kq;
	w->tree = process_tree_new(&source);
}

/* One event may say several things; a fork counts before an exit. */
void
process_watch_event(struct process_watch *w, const struct kevent *e)
{
	uint64_t now = process_watch_now();

	if ((e->fflags & NOTE_FORK) != 0)
		process_tree_event(w->tree, (pid_t)e->ident, PROCESS_FORKED, now);
	if ((e->fflags & NOTE_EXIT) != 0)
		process_tree_event(w->tree, (pid_t)e->ident, PROCESS_EXITED, now);
}
