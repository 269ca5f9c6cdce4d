/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_net.c - destinations and Unix sockets that a policy and its legacy policy differ on */
#include <config.h>

#include "legacy_ask.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_net.h"
#include "intern.h"
#include "ir.h"
#include "path.h"

enum { RULES_TRIED = 64 };

static const char connect[] = "connect";

static bool
differ(struct legacy_question *q, const char *what, struct legacy_side profile,
    struct legacy_side legacy)
{
	q->v->operation = connect;
	q->v->what = what;
	q->v->profile = profile;
	q->v->legacy = legacy;
	return false;
}

static struct legacy_side
side(bool allows, const char *words, const struct ir_origin *o)
{
	return (struct legacy_side){ allows, { WHY_NOTHING, o, NULL }, words };
}

/* ---- destinations ---- */

/* A destination that the pattern of an "allow" matches. */
static const char *
sample(struct arena *a, const struct ir_domain *d)
{
	const char *host = d->pattern;
	if (strcmp(host, "*") == 0)
		host = "example.com";
	else if (strncmp(host, "**.", 3) == 0)
		host += 3;
	else if (strncmp(host, "*.", 2) == 0)
		host = arena_printf(a, "a.%s", host + 2);
	if (d->port == 0)
		return host;
	return arena_printf(a, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
	    (unsigned)d->port);
}

/* Something that the proxy lets through; NULL: not found among the first rules. */
static const char *
let_through(struct arena *a, const struct ir_network *net, const struct ir_origin **rule)
{
	const struct net_rules *rules = net_rules_new(a, net);
	const char *why;
	size_t n = net->domains.len < RULES_TRIED ? net->domains.len : RULES_TRIED;

	for (size_t i = 0; rules != NULL && i < n; i++) {
		struct domain dest;
		const struct ir_domain *d = &net->domains.v[i];
		const char *text = d->allow ? sample(a, d) : NULL;
		if (text == NULL || domain_normalise(a, text, strlen(text), &dest, &why) != 0)
			continue;
		struct net_decision say = decide_net(rules, &dest, NULL);
		if (!say.allow)
			continue;
		*rule = say.origin;
		return text;
	}
	return NULL;
}

/*
 * Off and open are the legacy policy's own words.  What is proxied is neither,
 * whatever its rules: the proxy is reached, and UDP is not.
 */
bool
legacy_ask_hosts(struct legacy_question *q)
{
	struct arena *a = q->a;
	const struct ir_network *net = &q->v->ir->network;
	const struct ir_origin *rule = &net->origin;
	const char *what;

	if (net->mode != NET_PROXIED) {
		if (net->mode == NET_OFF || net->mitm == NULL)
			return true;
		/* What is reached is the same; what becomes of it there is not. */
		q->v->reason = "\"mitm\" is for a proxy, and legacy policies have none";
		q->v->profile = side(true, "the table \"mitm\"", rule);
		return false;
	}
	q->v->reason = "legacy policies have a network that is off or open, and no rules that "
	    "only a proxy can enforce";
	what = let_through(a, net, &rule);
	return differ(q, what != NULL ? what : net->proxy_url,
	    side(true, what != NULL ? arena_printf(a, "rule \"%s\" allows it", rule->text) :
	    "the managed proxy is there", rule),
	    side(false, "the network is off", &q->v->raised->network.origin));
}

/* ---- Unix sockets ---- */

/* Letters for a number: a, b, ..., z, aa, ... */
static const char *
name_of(struct arena *a, size_t n)
{
	char buf[16], *p = buf + sizeof(buf);
	*--p = '\0';
	do
		*--p = (char)('a' + n % 26);
	while ((n = n / 26) > 0 && n-- > 0 && p > buf + 1);
	return arena_printf(a, "/%s", p);
}

/* The first names of all rules; NULL: one of them is for "/". */
static struct strmap *
first_names(struct arena *a, const struct bound_policy *b)
{
	struct strmap *names = strmap_new(a);
	for (size_t i = 0; i < b->sockets.len; i++) {
		const char *path = b->sockets.v[i].path;
		struct slice c;
		if (!path_next(&path, &c))
			return NULL;
		strmap_put(names, c.p, c.len, names);
	}
	return names;
}

/* A socket that no rule covers, or NULL. */
static const char *
unnamed(struct arena *a, const struct bound_policy *b)
{
	const struct strmap *names = first_names(a, b);
	for (size_t i = 0; names != NULL; i++) {
		const char *path = name_of(a, i);
		if (strmap_get(names, path + 1, strlen(path + 1)) == NULL)
			return path;
	}
	return NULL;
}

/* The first rule that allows and is not below one that denies: deny wins at any depth. */
static const char *
allowed_socket(struct arena *a, const struct bound_policy *b)
{
	struct strmap *denied = strmap_new(a);
	for (size_t i = 0; i < b->sockets.len; i++)
		if (!b->sockets.v[i].allow)
			strmap_put(denied, b->sockets.v[i].path, strlen(b->sockets.v[i].path), denied);
	for (size_t i = 0; i < b->sockets.len; i++) {
		const char *path = b->sockets.v[i].path, *rest = path;
		bool covered = !b->sockets.v[i].allow || strmap_get(denied, "/", 1) != NULL;
		for (struct slice c; !covered && path_next(&rest, &c); )
			covered = strmap_get(denied, path, (size_t)(c.p + c.len - path)) != NULL;
		if (!covered)
			return path;
	}
	return NULL;
}

static const char *
denied_socket(const struct bound_policy *b)
{
	for (size_t i = 0; i < b->sockets.len; i++)
		if (!b->sockets.v[i].allow)
			return b->sockets.v[i].path;
	return NULL;
}

static struct legacy_side
socket_side(struct arena *a, const struct net_decision *d)
{
	const char *words = d->reason == NET_BY_RULE ?
	    arena_printf(a, "unix_sockets \"%s\" %s it", d->origin->text,
	    d->allow ? "allows" : "denies") :
	    d->reason == NET_BY_SWITCH ? "dangerously_allow_all_unix_sockets allows it" :
	    d->allow ? "the network is open" : "no rule of unix_sockets allows it";
	return side(d->allow, words, d->origin);
}

static bool
ask_socket(struct legacy_question *q, const char *path)
{
	struct net_decision mine = decide_net_socket(q->mine, path);
	struct net_decision legacy = decide_net_socket(q->legacy, path);
	if (mine.allow == legacy.allow)
		return true;
	return differ(q, arena_printf(q->a, "unix:%s", path), socket_side(q->a, &mine),
	    socket_side(q->a, &legacy));
}

bool
legacy_ask_sockets(struct legacy_question *q)
{
	const struct bound_policy *b = q->mine;
	bool legacy_all = q->v->raised->network.mode == NET_OPEN;

	/* The legacy policy lets all through, or none. */
	const char *path = legacy_all ? denied_socket(b) : allowed_socket(q->a, b);
	if (path != NULL && !ask_socket(q, path))
		return false;
	path = unnamed(q->a, b);
	return path == NULL || ask_socket(q, path);
}
