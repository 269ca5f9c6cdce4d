/* SPDX-License-Identifier: Apache-2.0 */
/* denial_entry.c - the narrowest entry of a profile that would allow what was denied */
#include <config.h>

#include "denial_report.h"

#include <string.h>

#include "arena.h"
#include "base_place.h"
#include "explain.h"
#include "path.h"
#include "sbuf.h"
#include "utf8.h"

static struct denial_entry
no_entry(enum denial_table table, const char *why)
{
	return (struct denial_entry){ .table = table, .none = why };
}

void
denial_spell(struct arena *a, const struct bound_policy *b, const char *path,
    const char **place, const char **rest)
{
	const struct { const char *base, *spelt; } anchor[] = {
		/* With further roots that place would be all of them. */
		{ b->roots.len == 0 ? b->cwd : NULL, ":workspace_roots" },
		{ b->tmpdir, ":tmpdir" }, { b->home, "~" },
	};
	size_t best = NELEMS(anchor);

	for (size_t i = 0; i < NELEMS(anchor); i++)
		if (anchor[i].base != NULL && strcmp(anchor[i].base, "/") != 0 &&
		    path_within(path, anchor[i].base) && (best == NELEMS(anchor) ||
		    path_depth(anchor[i].base) > path_depth(anchor[best].base)))
			best = i;
	*place = path;
	*rest = "";
	if (best == NELEMS(anchor))
		return;
	const char *after = path + strlen(anchor[best].base);
	*place = anchor[best].spelt;
	*rest = *after == '/' ? arena_strdup(a, after + 1) : "";
}

/* As a literal of the language: what would make a pattern of it is escaped (spec 1.3). */
static const char *
literal(struct arena *a, const char *path)
{
	char *out = arena_alloc(a, 2 * strlen(path) + 1), *to = out;

	for (; *path != '\0'; path++) {
		if (strchr("*?[]{}\\", *path) != NULL)
			*to++ = '\\';
		*to++ = *path;
	}
	*to = '\0';
	return out;
}

static bool
is_text(const char *path)
{
	size_t n = strlen(path);

	return utf8_check(path, n) == n;
}

static struct denial_entry
entry_for(struct arena *a, const struct bound_policy *b, const char *path, bool write)
{
	struct denial_entry e = { .table = DENIAL_FILESYSTEM, .access = write ? "write" : "read" };
	const char *place, *rest;

	if (!is_text(path))
		return no_entry(e.table, "its name is not UTF-8, which no profile can write");
	/* There "\\" parts names, and escapes nothing. */
	if (b->target == TARGET_WINDOWS && strpbrk(path, "[]{}") != NULL)
		return no_entry(e.table, "its name has what is a pattern in a profile");
	denial_spell(a, b, path, &place, &rest);
	if (strcmp(path, "/") == 0) {
		e.place = ":root";
	} else if (strcmp(place, ":workspace_roots") == 0) {
		e.place = place;
		e.subpath = *rest != '\0' ? literal(a, rest) : ".";
	} else if (strcmp(place, ":tmpdir") == 0 && *rest == '\0') {
		e.place = place;
	} else if (strcmp(place, "~") == 0) {
		e.place = *rest != '\0' ? arena_printf(a, "~/%s", literal(a, rest)) : "~";
	} else {
		e.place = literal(a, path);
	}
	return e;
}

static bool
needs_write(enum denial_action action)
{
	return action != DENIAL_READ && action != DENIAL_EXECUTE && action != DENIAL_STAT;
}

/* It needs its directory: names come, go and move there, and an entry for the path itself would pin it. */
static bool
needs_directory(const struct denial *d)
{
	switch (d->action) {
	case DENIAL_CREATE:
		return !d->itself;
	case DENIAL_REMOVE:
	case DENIAL_RENAME:
	case DENIAL_LINK:
	case DENIAL_BIND:
		return true;
	default:
		return needs_write(d->action) && d->absent;
	}
}

static bool
moves_away(enum denial_action action)
{
	return action == DENIAL_REMOVE || action == DENIAL_RENAME || action == DENIAL_LINK;
}

/* What denies in so many words is left to its author. */
static const char *
forbidden(const struct path_explanation *e)
{
	switch (e->verdict.why.kind) {
	case WHY_PATTERN:
		return "a deny pattern beats every entry";
	case WHY_POLICY:
		return "the policy file in use is protected from every command";
	case WHY_BASE:
		return "no entry changes what every sandbox has of its own";
	default:
		break;
	}
	if (e->decided.why.kind == WHY_ENTRY && e->decided.access == ACCESS_DENY)
		return "an entry denies it";
	if (path_within(e->path, "/proc") || path_within(e->path, "/dev"))
		return "no entry opens what is the kernel's";
	return NULL;
}

/*
 * Whatever its directory is granted, the path keeps a rule of its own, or
 * holds one: it cannot come, go or move.
 */
static bool
is_fixed(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->entries.len; i++) {
		const struct bound_entry *e = &b->entries.v[i];
		if (strcmp(e->path, path) == 0 || (e->access != ACCESS_WRITE && path_below(e->path, path)))
			return true;
	}
	for (size_t i = 0; i < b->shields.len; i++)
		if (path_within(b->shields.v[i].path, path))
			return true;
	for (size_t i = 0; i < b->patterns.len; i++) {
		const struct bound_pattern *p = &b->patterns.v[i];
		if (path_within(p->literal, path))
			return true;
		for (size_t k = 0; k < p->matches.len; k++)
			if (path_within(p->matches.v[k], path))
				return true;
		for (size_t k = 0; k < p->partial.len; k++)
			if (strcmp(p->partial.v[k], path) == 0)
				return true;
	}
	return false;
}

/* A grant of the directory would not reach it. */
static bool
has_protected_name(const struct bound_policy *b, const char *path)
{
	for (size_t i = 0; i < b->ir->protected.len; i++)
		if (strcmp(b->ir->protected.v[i].name, path_base(path)) == 0)
			return true;
	return false;
}

/* What is to be granted so that `path' can come, go or move; NULL with *why. */
static const char *
directory_of(struct arena *a, const struct decide_fs *d, const struct path_explanation *e, bool moves,
    const char **why)
{
	bool shield = e->verdict.why.kind == WHY_NAME || e->verdict.why.kind == WHY_GITDIR;
	struct path_explanation above;

	/* The entry that lifts a protection is at what is protected or below. */
	if (shield && strcmp(e->path, e->decided.where) == 0) {
		*why = moves ? "what is protected must stay where it is" : NULL;
		return e->path;
	}
	if (is_fixed(d->bound, e->path)) {
		*why = "it is, or holds, a place with a rule of its own, which must stay where it is";
		return NULL;
	}
	if (has_protected_name(d->bound, e->path)) {
		*why = "its name is protected in every writable directory";
		return NULL;
	}
	const char *dir = path_parent(a, e->path);
	explain_path(a, d, dir, &above);
	*why = forbidden(&above);
	return dir;
}

static struct denial_entry
path_entry(struct arena *a, const struct decide_fs *d, const struct denial *x)
{
	struct path_explanation e;
	const char *path = x->target;
	bool write = needs_write(x->action);

	explain_path(a, d, path, &e);
	const char *why = forbidden(&e);
	bool allowed = write ? e.verdict.writable && (!e.verdict.pinned || !moves_away(x->action)) :
	    e.verdict.readable;
	if (why == NULL && allowed)
		why = x->absent ? "the profile allows it, and --create-missing makes it" :
		    "the profile allows it";
	if (why == NULL && needs_directory(x) && strcmp(path, "/") != 0)
		path = directory_of(a, d, &e, moves_away(x->action), &why);
	return why != NULL ? no_entry(DENIAL_FILESYSTEM, why) : entry_for(a, d->bound, path, write);
}

static struct denial_entry
socket_entry(struct arena *a, const struct decide_fs *d, const struct denial *x)
{
	struct net_explanation e;

	explain_socket(a, d->bound, x->target, &e);
	if (e.decision.allow)
		return no_entry(DENIAL_UNIX_SOCKETS, "the profile allows it");
	if (e.decision.reason == NET_BY_RULE)
		return no_entry(DENIAL_UNIX_SOCKETS, "a rule denies it");
	if (!is_text(x->target))
		return no_entry(DENIAL_UNIX_SOCKETS, "its name is not UTF-8, which no profile can write");
	return (struct denial_entry){ .table = DENIAL_UNIX_SOCKETS, .place = x->target, .access = "allow" };
}

/* Destinations of an open network are not refused, and an enabled = false is an answer. */
static struct denial_entry
address_entry(struct arena *a, const struct decide_fs *d, const struct denial *x)
{
	const struct ir_network *n = &d->bound->ir->network;
	struct net_explanation e;
	struct domain dest;
	const char *why;

	if (n->mode == NET_OPEN)
		return no_entry(DENIAL_DOMAINS, "the profile allows it");
	if (n->mode == NET_OFF && n->origin.text != NULL && strcmp(n->origin.text, "enabled") == 0)
		return no_entry(DENIAL_DOMAINS, "the profile says that there is no network");
	if (x->action == DENIAL_SEND || domain_normalise(a, x->target, strlen(x->target), &dest, &why) != 0 ||
	    (dest.kind != DOMAIN_HOST && dest.kind != DOMAIN_ADDRESS))
		return no_entry(DENIAL_DOMAINS, "only TCP connections can be allowed one by one");
	if (n->mode == NET_PROXIED && explain_net(a, n, &dest, &e) == 0 &&
	    e.decision.reason == NET_BY_RULE && !e.decision.allow)
		return no_entry(DENIAL_DOMAINS, "a rule denies it");
	return (struct denial_entry){ .table = DENIAL_DOMAINS, .place = x->target, .access = "allow" };
}

struct denial_entry
denial_entry(struct arena *a, const struct decide_fs *d, const struct denial *x)
{
	const char *why;

	switch (x->object) {
	case DENIAL_PATH:
		if (x->target[0] == '/' && path_normal(a, x->target, &why) != NULL)
			return path_entry(a, d, x);
		break;
	case DENIAL_UNIX_SOCKET:
		if (x->target[0] == '/')
			return socket_entry(a, d, x);
		break;
	case DENIAL_ADDRESS:
		return address_entry(a, d, x);
	case DENIAL_THING:
		if (x->action == DENIAL_SOCKET)
			return no_entry(DENIAL_DOMAINS, "no single entry opens a kind of sockets");
		if (x->known == DENIAL_OUTPUT || x->known == DENIAL_STATUS)
			return no_entry(DENIAL_FILESYSTEM, "what it was denied is not known");
		break;
	case DENIAL_OBJECTS:
		break;
	}
	return no_entry(DENIAL_FILESYSTEM, "no profile opens this");
}
