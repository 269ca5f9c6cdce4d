/* SPDX-License-Identifier: Apache-2.0 */
/* sys/event.h - what runtime/macos/ uses of it, from kqueue(2) */
#ifndef TEST_MACOS_EVENT_H
#define TEST_MACOS_EVENT_H

#include <stdint.h>
#include <time.h>

#define EVFILT_READ	(-1)
#define EVFILT_PROC	(-5)
#define EVFILT_SIGNAL	(-6)

#define EV_ADD		0x0001
#define EV_DELETE	0x0002
#define EV_CLEAR	0x0020
#define EV_RECEIPT	0x0040
#define EV_ERROR	0x4000

#define NOTE_EXIT	0x80000000U
#define NOTE_FORK	0x40000000U
#define NOTE_EXEC	0x20000000U

struct kevent {
	uintptr_t	ident;
	int16_t		filter;
	uint16_t	flags;
	uint32_t	fflags;
	intptr_t	data;
	void		*udata;
};

#define EV_SET(kevp, a, b, c, d, e, f) do {	\
	struct kevent *ev_set_ = (kevp);	\
	ev_set_->ident = (a);			\
	ev_set_->filter = (b);			\
	ev_set_->flags = (c);			\
	ev_set_->fflags = (d);			\
	ev_set_->data = (e);			\
	ev_set_->udata = (f);			\
} while (0)

int	kqueue(void);
int	kevent(int, const struct kevent *, int, struct kevent *, int, const struct timespec *);

#endif
