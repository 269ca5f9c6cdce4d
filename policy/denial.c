/* SPDX-License-Identifier: Apache-2.0 */
/* denial.c - the denials of a run, each with the rule that is behind it */
#include <config.h>

#include "denial_report.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "explain.h"
#include "intern.h"
#include "native_path.h"
#include "path.h"
#include "why_json.h"

const char *
denial_action_name(enum denial_action action)
{
	static const char *const name[] = {
		[DENIAL_READ] = "read", [DENIAL_EXECUTE] = "execute", [DENIAL_STAT] = "stat",
		[DENIAL_WRITE] = "write", [DENIAL_CHANGE] = "change", [DENIAL_CREATE] = "create",
		[DENIAL_REMOVE] = "remove", [DENIAL_RENAME] = "rename", [DENIAL_LINK] = "link",
		[DENIAL_CONNECT] = "connect", [DENIAL_SEND] = "send", [DENIAL_BIND] = "bind",
		[DENIAL_ACCEPT] = "accept", [DENIAL_SOCKET] = "socket", [DENIAL_OTHER] = "",
	};
	return name[action];
}

const char *
denial_object_name(enum denial_object object)
{
	static const char *const name[] = {
		[DENIAL_PATH] = "path", [DENIAL_UNIX_SOCKET] = "unix-socket",
		[DENIAL_ADDRESS] = "address", [DENIAL_THING] = "other",
	};
	return name[object];
}

const char *
denial_known_name(enum denial_known known)
{
	static const char *const name[] = {
		[DENIAL_PREDICTED] = "predicted", [DENIAL_ANSWERED] = "answered", [DENIAL_LOGGED] = "logged",
		[DENIAL_OUTPUT] = "output", [DENIAL_STATUS] = "status",
	};
	return name[known];
}

const char *
denial_table_name(enum denial_table table)
{
	static const char *const name[] = {
		[DENIAL_FILESYSTEM] = "filesystem", [DENIAL_UNIX_SOCKETS] = "unix_sockets",
		[DENIAL_DOMAINS] = "domains",
	};
	return name[table];
}

const char *
denial_error_name(int error)
{
	static const struct { int error; const char *name; } t[] = {
		{ EACCES, "EACCES" }, { EPERM, "EPERM" }, { EROFS, "EROFS" }, { ENOENT, "ENOENT" },
		{ EBUSY, "EBUSY" }, { EXDEV, "EXDEV" }, { EEXIST, "EEXIST" }, { ENOTDIR, "ENOTDIR" },
		{ EISDIR, "EISDIR" }, { ENOTEMPTY, "ENOTEMPTY" }, { ELOOP, "ELOOP" }, { ENXIO, "ENXIO" },
		{ ECONNREFUSED, "ECONNREFUSED" }, { ENETUNREACH, "ENETUNREACH" },
		{ EHOSTUNREACH, "EHOSTUNREACH" }, { EAFNOSUPPORT, "EAFNOSUPPORT" },
		{ EPROTONOSUPPORT, "EPROTONOSUPPORT" }, { EADDRNOTAVAIL, "EADDRNOTAVAIL" },
		{ EINVAL, "EINVAL" }, { ETIMEDOUT, "ETIMEDOUT" },
	};

	for (size_t i = 0; i < NELEMS(t); i++)
		if (t[i].error == error)
			return t[i].name;
	return NULL;
}

/* ---- the rule ---- */

static const char allowed[] = "the profile allows it, a deviation of this system does not (see -v)";

static void
because(struct denial_report *r, struct kept_denial *k, const struct why *why)
{
	k->kind = why_kind_name(why->kind);
	k->rule = why_text(r->a, r->bound, why);
	k->origin = why->origin;
}

static void
say(struct kept_denial *k, const char *kind, const char *rule, const struct ir_origin *origin)
{
	k->kind = kind;
	k->rule = rule;
	k->origin = origin;
}

/* What the profile would have allowed was refused on account of a deviation. */
static void
explain_file(struct denial_report *r, struct kept_denial *k, const char *path)
{
	bool writes = k->d.action != DENIAL_READ && k->d.action != DENIAL_EXECUTE &&
	    k->d.action != DENIAL_STAT;
	bool moves = k->d.action == DENIAL_REMOVE || k->d.action == DENIAL_RENAME || k->d.action == DENIAL_LINK;
	struct path_explanation e;
	const struct fact *f;

	explain_path(r->a, r->decide, path, &e);
	const struct fs_verdict *v = &e.verdict;
	if (writes ? !v->writable : !v->readable)
		because(r, k, &v->why);
	else if (moves && v->pinned && e.pins.len > 0)
		say(k, "pin", pin_text(r->a, r->bound, &e.pins.v[0]),
		    e.pins.v[0].why.kind != WHY_NOTHING ? e.pins.v[0].why.origin : NULL);
	else if ((f = bound_fact(r->bound, path)) != NULL && f->kind == NODE_MISSING)
		say(k, "deviation", "the profile allows it, and it was not there to be granted: "
		    "--create-missing makes it first", v->why.origin);
	else
		say(k, "deviation", allowed, NULL);
}

static void
explain_unix(struct denial_report *r, struct kept_denial *k)
{
	const struct ir_network *n = &r->bound->ir->network;
	struct net_explanation e;

	explain_socket(r->a, r->bound, k->d.target, &e);
	say(k, "unix-socket", net_reason_text(r->a, n, &e.decision), e.decision.origin);
}

static void
explain_address(struct denial_report *r, struct kept_denial *k)
{
	const struct ir_network *n = &r->bound->ir->network;
	struct net_explanation e;
	struct domain dest;
	const char *why;

	switch (n->mode) {
	case NET_OFF:
		say(k, "network", "the network is off", &n->origin);
		return;
	case NET_OPEN:
		say(k, "deviation", allowed, NULL);
		return;
	case NET_PROXIED:
		break;
	}
	if (domain_normalise(r->a, k->d.target, strlen(k->d.target), &dest, &why) == 0 &&
	    (dest.kind == DOMAIN_HOST || dest.kind == DOMAIN_ADDRESS) &&
	    explain_net(r->a, n, &dest, &e) == 0 && !e.decision.allow)
		say(k, "network", net_reason_text(r->a, n, &e.decision), e.decision.origin);
	else
		say(k, "network", "only the managed proxy can be reached", &n->origin);
}

static void
explain(struct denial_report *r, struct kept_denial *k)
{
	const char *path, *why;

	say(k, "none", k->d.rule != NULL ? k->d.rule : "no profile opens this", NULL);
	if (k->d.rule != NULL) {
		if (k->d.action == DENIAL_SOCKET || k->d.object == DENIAL_UNIX_SOCKET)
			say(k, "network", k->d.rule, &r->bound->ir->network.origin);
		return;
	}
	switch (k->d.object) {
	case DENIAL_PATH:
		path = k->d.target[0] == '/' ? path_normal(r->a, k->d.target, &why) : NULL;
		if (path != NULL)
			explain_file(r, k, path);
		break;
	case DENIAL_UNIX_SOCKET:
		if (k->d.target[0] == '/')
			explain_unix(r, k);
		break;
	case DENIAL_ADDRESS:
		explain_address(r, k);
		break;
	case DENIAL_THING:
	case DENIAL_OBJECTS:
		break;
	}
}

/* ---- collecting ---- */

struct denial_report *
denial_report_new(const struct decide_fs *decide)
{
	struct arena *a = arena_new();
	struct denial_report *r = arena_alloc(a, sizeof(*r));

	r->a = a;
	r->bound = decide->bound;
	r->decide = decide;
	r->seen = strmap_new(a);
	return r;
}

void
denial_report_free(struct denial_report *r)
{
	if (r != NULL)
		arena_free(r->a);
}

size_t
denial_report_count(const struct denial_report *r)
{
	return r->list.len;
}

static void
spell(struct denial_report *r, struct kept_denial *k)
{
	const char *place, *rest;

	k->spelt = k->d.target;
	if (k->d.object != DENIAL_PATH || k->d.target[0] != '/')
		return;
	denial_spell(r->a, r->bound, k->d.target, &place, &rest);
	k->spelt = *rest != '\0' ? arena_printf(r->a, "%s/%s", place, rest) : place;
}

/* As people write paths there. */
static void
spell_native(struct denial_report *r, struct kept_denial *k)
{
	const char **paths[] = { &k->d.target, &k->spelt, &k->entry.place };

	for (size_t i = 0; i < NELEMS(paths); i++) {
		const char *native = *paths[i] != NULL ? native_path_plain(r->a, *paths[i]) : NULL;
		if (native != NULL)
			*paths[i] = native;
	}
}

static void
keep(struct denial_report *r, const struct denial *d, const char *key, size_t len)
{
	struct kept_denial k = { .d = *d, .count = 1 };
	size_t *index = arena_alloc(r->a, sizeof(*index));

	k.d.process = arena_strdup(r->a, d->process);
	k.d.operation = arena_strdup(r->a, d->operation);
	k.d.target = arena_strdup(r->a, d->target);
	explain(r, &k);
	spell(r, &k);
	k.entry = denial_entry(r->a, r->decide, &k.d);
	if (r->bound->target == TARGET_WINDOWS)
		spell_native(r, &k);
	*index = r->list.len;
	VEC_PUSH(r->a, &r->list, k);
	strmap_put(r->seen, key, len, index);
}

bool
denial_report_add(struct denial_report *r, const struct denial *d, struct sbuf *line)
{
	struct sbuf key = SBUF_INIT;

	sbuf_printf(&key, "%s\n%s%s\n%s", d->process, denial_action_name(d->action),
	    d->action == DENIAL_OTHER ? d->operation : "", d->target);
	const size_t *known = strmap_get(r->seen, sbuf_str(&key), key.len);
	bool room = known == NULL && r->list.len < LIMIT_DENIALS;
	if (known != NULL)
		r->list.v[*known].count++;
	else if (room)
		keep(r, d, sbuf_str(&key), key.len);
	else
		r->lost++;
	sbuf_free(&key);
	if (room && line != NULL) {
		r->list.v[r->list.len - 1].told = true;
		denial_line(r, &r->list.v[r->list.len - 1], line);
	}
	return room;
}
