/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c - a few threads that call getaddrinfo(3) */
#include <config.h>

#include "resolve.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event_struct.h>

#include "net.h"

struct lookup {
	struct lookup	*next;
	char		*name;
	void		(*done)(void *, const struct resolved *);	/* NULL: forgotten */
	void		*arg;
	struct resolved	 result;
};

struct queue { struct lookup *first, **end; };

struct resolver {
	pthread_mutex_t	 lock;
	pthread_cond_t	 work;
	struct queue	 asked, answered;
	unsigned	 threads, idle, waiting, queued;
	evutil_socket_t	 bell[2];	/* something is answered: what is read, and rung */
	struct event	 event;
};

static void
queue_init(struct queue *q)
{
	q->first = NULL;
	q->end = &q->first;
}

static void
put(struct queue *q, struct lookup *l)
{
	l->next = NULL;
	*q->end = l;
	q->end = &l->next;
}

static struct lookup *
get(struct queue *q)
{
	struct lookup *l = q->first;

	if (l != NULL && (q->first = l->next) == NULL)
		q->end = &q->first;
	return l;
}

/* ---- in a thread ---- */

static void
add(struct resolved *r, const struct sockaddr *sa)
{
	struct net_address x;

	if (sa->sa_family == AF_INET)
		x = address_from_bytes((const uint8_t *)&((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    false);
	else if (sa->sa_family == AF_INET6)
		x = address_from_bytes((const uint8_t *)&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		    true);
	else
		return;
	for (size_t i = 0; i < r->n; i++)
		if (address_equal(&r->address[i], &x))
			return;
	if (r->n < RESOLVE_MAX_ADDRESSES)
		r->address[r->n++] = x;
}

static void
look_up(struct lookup *l)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(l->name, NULL, &hints, &list);

	for (const struct addrinfo *i = list; rc == 0 && i != NULL; i = i->ai_next)
		add(&l->result, i->ai_addr);
	if (list != NULL)
		freeaddrinfo(list);
	if (l->result.n == 0)
		l->result.error = rc != 0 ? net_name_error_text(rc) : "it has no address";
}

static void *
work(void *arg)
{
	struct resolver *r = arg;
	struct lookup *l;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		while ((l = get(&r->asked)) == NULL) {
			r->idle++;
			pthread_cond_wait(&r->work, &r->lock);
			r->idle--;
		}
		r->queued--;
		pthread_mutex_unlock(&r->lock);
		look_up(l);
		pthread_mutex_lock(&r->lock);
		put(&r->answered, l);
		/* Where there is no room for another ring it has been rung. */
		ptrdiff_t n = net_send(r->bell[1], "", 1);
		(void)n;
	}
	return NULL;
}

/* ---- in the event loop ---- */

static void
drop(struct lookup *l)
{
	free(l->name);
	free(l);
}

static void
rung(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;
	struct lookup *l;
	char rings[256];

	(void)what;
	if (net_recv(fd, rings, sizeof(rings)) <= 0)
		return;
	for (;;) {
		pthread_mutex_lock(&r->lock);
		l = get(&r->answered);
		r->waiting -= l != NULL;
		pthread_mutex_unlock(&r->lock);
		if (l == NULL)
			return;
		if (l->done != NULL)
			l->done(l->arg, &l->result);
		drop(l);
	}
}

struct resolver *
resolver_new(struct event_base *base)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	queue_init(&r->asked);
	queue_init(&r->answered);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->work, NULL);
	if (evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, r->bell) != 0 ||
	    evutil_make_socket_nonblocking(r->bell[0]) != 0 || evutil_make_socket_nonblocking(r->bell[1]) != 0 ||
	    event_assign(&r->event, base, r->bell[0], EV_READ | EV_PERSIST, rung, r) != 0 ||
	    event_add(&r->event, NULL) != 0)
		return NULL;
	return r;
}

/* With the lock held. */
static bool
add_thread(struct resolver *r)
{
	pthread_t thread;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 512 * 1024);
	bool made = pthread_create(&thread, &attr, work, r) == 0;
	pthread_attr_destroy(&attr);
	r->threads += made;
	return made;
}

struct lookup *
resolver_ask(struct resolver *r, const char *name, void (*done)(void *, const struct resolved *),
    void *arg)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL || (l->name = strdup(name)) == NULL) {
		free(l);
		return NULL;
	}
	l->done = done;
	l->arg = arg;
	pthread_mutex_lock(&r->lock);
	bool room = r->waiting < RESOLVE_MAX_WAITING;
	if (room && r->queued >= r->idle && r->threads < RESOLVE_MAX_THREADS)
		add_thread(r);
	room = room && r->threads > 0;
	if (room) {
		r->waiting++;
		r->queued++;
		put(&r->asked, l);
		pthread_cond_signal(&r->work);
	}
	pthread_mutex_unlock(&r->lock);
	if (room)
		return l;
	drop(l);
	return NULL;
}

void
resolver_forget(struct lookup *l)
{
	l->done = NULL;
}
