/* SPDX-License-Identifier: Apache-2.0 */
/* client_socks.c - SOCKS 5: the offer, the request, the answer */
#include <config.h>

#include "client.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "audit.h"
#include "net.h"
#include "socks.h"
#include "udp_relay.h"

static void
reply(struct client *s, enum socks_reply code)
{
	uint8_t bytes[SOCKS_MAX_MESSAGE];

	client_last_words(s, bytes, socks_reply_write(bytes, code, NULL, 0));
}

/* Of what is small and comes first there is always room. */
static bool
say(struct client *s, const void *bytes, size_t len)
{
	return net_send(s->fd, bytes, len) == (ptrdiff_t)len;
}

static void
read_offer(struct client *s)
{
	static const uint8_t no4[8] = { 0, 91 }, no[2] = { SOCKS_VERSION, 0xff };
	const bool login = s->proxy->config->token != NULL;
	const uint8_t yes[2] = { SOCKS_VERSION, login ? SOCKS_BY_PASSWORD : SOCKS_BY_NOTHING };
	bool offered;

	if (s->in[0] == 4) {
		client_last_words(s, no4, sizeof(no4));
		return;
	}
	ptrdiff_t n = socks_offer_read((const uint8_t *)s->in, s->nin, yes[1], &offered);
	if (n == 0)
		return;
	if (n < 0 || !offered) {
		client_last_words(s, no, sizeof(no));
		return;
	}
	client_used(s, (size_t)n);
	s->state = login ? CLIENT_LOGIN : CLIENT_REQUEST;
	if (!say(s, yes, sizeof(yes)))
		client_end(s);
	else if (s->nin > 0)
		client_socks_read(s);
}

static void
read_login(struct client *s)
{
	static const uint8_t yes[2] = { 1, 0 }, no[2] = { 1, 1 };
	struct slice user, password;
	ptrdiff_t n = socks_login_read((const uint8_t *)s->in, s->nin, &user, &password);

	if (n == 0)
		return;
	if (n < 0 || !client_knows(user, PROXY_USER) || !client_knows(password, s->proxy->config->token)) {
		client_last_words(s, no, sizeof(no));
		return;
	}
	client_used(s, (size_t)n);
	s->state = CLIENT_REQUEST;
	if (!say(s, yes, sizeof(yes)))
		client_end(s);
	else if (s->nin > 0)
		client_socks_read(s);
}

static int
dest_of(struct client *s, const struct socks_dest *d)
{
	const char *why;
	const char *host = d->is_name ? d->name : address_text(s->arena, &d->address);
	struct domain *dest = &s->judged.dest;

	if (strchr(host, ':') == NULL || !d->is_name)
		return d->port == 0 ? -1 : judge_dest(s->arena, host, strlen(host), d->port, dest, &why);
	/* A name with a colon is an IPv6 address in text, or none. */
	if (judge_dest(s->arena, host, strlen(host), d->port, dest, &why) != 0)
		return -1;
	return dest->kind == DOMAIN_ADDRESS && dest->port == d->port ? 0 : -1;
}

static void
associate(struct client *s)
{
	uint8_t bytes[SOCKS_MAX_MESSAGE];
	struct net_address address;
	uint16_t port;

	if (!udp_relay_join(s->proxy->udp, s, &address, &port)) {
		reply(s, SOCKS_NO_COMMAND);
		return;
	}
	s->state = CLIENT_UDP;
	event_del(&s->timer);
	if (!say(s, bytes, socks_reply_write(bytes, SOCKS_OK, &address, port)))
		client_end(s);
}

static void
connect_to(struct client *s, const struct socks_dest *d)
{
	char client[64];

	client_arena(s);
	client_address(s, client);
	s->judged = (struct judgement){ .protocol = JUDGE_SOCKS_TCP };
	if (dest_of(s, d) != 0) {
		reply(s, SOCKS_FAILED);
		return;
	}
	judge_request(&s->proxy->judge, &s->judged);
	if (!s->judged.net.allow) {
		audit_write(s->proxy->audit, &s->proxy->judge, &s->judged, client);
		reply(s, SOCKS_NOT_ALLOWED);
		return;
	}
	s->state = CLIENT_DIALLING;
	event_del(&s->readable);
	event_del(&s->timer);
	s->dial = dial_start(s->proxy, &s->judged, true, client, client_socks_dialed, s);
	if (s->dial == NULL)
		reply(s, SOCKS_FAILED);
}

static void
read_request(struct client *s)
{
	struct socks_dest d;
	enum socks_reply code;
	int command = 0;
	ptrdiff_t n = socks_request_read((const uint8_t *)s->in, s->nin, &command, &d, &code);

	if (n == 0)
		return;
	if (n < 0) {
		reply(s, code);
		return;
	}
	client_used(s, (size_t)n);
	if (command == SOCKS_CONNECT)
		connect_to(s, &d);
	else if (command == SOCKS_UDP_ASSOCIATE)
		associate(s);
	else
		reply(s, SOCKS_NO_COMMAND);
}

void
client_socks_read(struct client *s)
{
	if (s->state == CLIENT_OFFER)
		read_offer(s);
	else if (s->state == CLIENT_LOGIN)
		read_login(s);
	else
		read_request(s);
}

static enum socks_reply
reply_of(const struct dialed *r)
{
	switch (r->outcome) {
	case DIAL_CONNECTED:
		return SOCKS_OK;
	case DIAL_BLOCKED:
		return SOCKS_NOT_ALLOWED;
	case DIAL_NO_NAME:
		return SOCKS_HOST_UNREACHABLE;
	case DIAL_EXPIRED:
		return SOCKS_EXPIRED;
	case DIAL_UPSTREAM:
		return SOCKS_FAILED;
	case DIAL_FAILED:
		break;
	}
	return r->error == ECONNREFUSED ? SOCKS_REFUSED : r->error == ENETUNREACH ?
	    SOCKS_NET_UNREACHABLE : r->error == EHOSTUNREACH ? SOCKS_HOST_UNREACHABLE : SOCKS_FAILED;
}

/* Of SOCKS, and of what is forwarded, where nothing is said either way. */
void
client_socks_dialed(void *arg, const struct dialed *r)
{
	struct client *s = arg;
	uint8_t bytes[SOCKS_MAX_MESSAGE];

	s->dial = NULL;
	if (r->outcome != DIAL_CONNECTED && s->judged.protocol == JUDGE_FORWARD) {
		net_reset(s->fd);
		client_end(s);
		return;
	}
	if (r->outcome != DIAL_CONNECTED) {
		reply(s, reply_of(r));
		return;
	}
	if (s->judged.protocol != JUDGE_FORWARD && !say(s, bytes, socks_reply_write(bytes, SOCKS_OK, NULL, 0))) {
		net_close(r->fd);
		client_end(s);
		return;
	}
	client_tunnel(s, r);
}
