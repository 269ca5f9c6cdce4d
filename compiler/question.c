/* SPDX-License-Identifier: Apache-2.0 */
/* question.c - what the words on the command line of cdxpc explain ask about */
#include <config.h>

#include "answer.h"

#include <string.h>

#include "arena.h"
#include "canon.h"
#include "path.h"
#include "path_windows.h"

static bool
starts(const char *s, const char *with, const char **rest)
{
	size_t n = strlen(with);
	if (strncmp(s, with, n) != 0)
		return false;
	*rest = s + n;
	return true;
}

/* "~/x" behind "~": the end of the word, or a slash. */
static bool
is_place(const char *what, const char *place, const char **rest)
{
	return starts(what, place, rest) && (**rest == '\0' || **rest == '/');
}

/* With the anchors of the language replaced, absolute but not normal; NULL with *why. */
static const char *
absolute(struct arena *a, const struct bound_policy *b, const char *what, const char **why)
{
	const char *rest;
	if (what[0] == '\0') {
		*why = "is empty";
		return NULL;
	}
	if (what[0] == '/')
		return what;
	if (b->target == TARGET_WINDOWS && path_windows_looks_like(what, strlen(what))) {
		const char *normal = path_windows_normal(a, what, why);
		return normal != NULL ? path_windows_as_posix(a, normal) : NULL;
	}
	if (b->target == TARGET_WINDOWS && strchr(what, '\\') != NULL) {
		char *forward = arena_strdup(a, what);
		for (char *p = forward; *p != '\0'; p++)
			if (*p == '\\')
				*p = '/';
		return absolute(a, b, forward, why);
	}
	if (is_place(what, "~", &rest)) {
		/* Where no entry needs the home directory, binding has not looked for it. */
		*why = "needs a home directory; give one with --home";
		const char *home = b->home != NULL ? b->home : b->generic ? "/@home" : NULL;
		return home == NULL ? NULL : arena_printf(a, "%s%s", home, rest);
	}
	if (is_place(what, ":tmpdir", &rest)) {
		*why = "needs $TMPDIR; give it with --tmpdir";
		const char *tmpdir = b->tmpdir != NULL ? b->tmpdir : b->generic ? "/@tmpdir" : NULL;
		return tmpdir == NULL ? NULL : arena_printf(a, "%s%s", tmpdir, rest);
	}
	if (is_place(what, ":root", &rest))
		return rest[0] == '\0' ? "/" : rest;
	if (is_place(what, ":slash_tmp", &rest))
		return arena_printf(a, "/tmp%s", rest);
	if (is_place(what, ":workspace_roots", &rest))
		return arena_printf(a, "%s%s", b->cwd, rest);
	if (what[0] == ':') {
		*why = "is no place that has one path; those are :root, :slash_tmp, :tmpdir and "
		    ":workspace_roots (a file of that name: put ./ before it)";
		return NULL;
	}
	return arena_printf(a, "%s/%s", b->cwd, what);
}

static int
resolve(struct arena *a, struct canon *canon, const char *path, struct question *q,
    const char **why)
{
	struct canon_way way;
	if (canon_resolve(canon, "/", path, &way, why) != 0)
		return -1;
	/* The message names the path already, as it was looked for. */
	q->path = way.end->path;
	q->link = way.links.v;
	q->nlinks = way.links.len;
	q->missing = !fact_exists(way.end);
	if (q->nlinks == 0)
		return 0;
	/* Without its last component the way has its last link only if it ends there. */
	const char *base = path_base(path);
	struct canon_way up;
	if (strcmp(base, "") == 0 || strcmp(base, ".") == 0 || strcmp(base, "..") == 0 ||
	    canon_resolve(canon, "/", path_parent(a, path), &up, why) != 0)
		return 0;
	const char *itself = path_join(a, up.end->path, base);
	const struct fact *f = canon_fact(canon, itself, why);
	if (f != NULL && f->kind == NODE_LINK)
		q->itself = itself;
	return 0;
}

int
question_path(struct arena *a, struct canon *canon, const struct bound_policy *b,
    const char *what, struct question *out, const char **why)
{
	*out = (struct question){ .kind = ASK_PATH, .text = what };
	const char *whole = absolute(a, b, what, why);
	if (whole == NULL)
		return -1;
	out->spelt = path_normal(a, whole, why);
	if (out->spelt == NULL)
		return -1;
	out->path = out->spelt;
	if (canon == NULL)
		return 0;
	/* Trailing slashes say nothing that is not known; ".." is left to the links before it. */
	size_t len = strlen(whole);
	while (len > 1 && whole[len - 1] == '/')
		len--;
	if (resolve(a, canon, arena_strndup(a, whole, len), out, why) != 0)
		return -1;
	/* Case is nothing to remark on where names have none. */
	if (b->target == TARGET_WINDOWS && out->nlinks == 0)
		out->spelt = out->path;
	return 0;
}

/* ---- a word that is no path for certain ---- */

static bool
has_port(const char *what)
{
	const char *colon = strrchr(what, ':');
	return colon != NULL && colon != what && colon[1] != '\0' &&
	    colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

/*
 * Names of files and of hosts look alike.  A word without a slash is a host
 * where it has a port, is an address or "localhost", or has a dot inside.
 */
static bool
looks_like_host(const char *what)
{
	struct net_address addr;
	const char *dot = strchr(what, '.');
	return what[0] == '[' || has_port(what) || strcmp(what, "localhost") == 0 ||
	    address_parse(what, strlen(what), &addr, NULL) ||
	    (dot != NULL && dot != what && dot[1] != '\0' && dot[1] != '.');
}

static int
read_host(struct arena *a, const char *what, struct question *out, const char **why)
{
	*out = (struct question){ .kind = ASK_HOST, .text = what };
	if (domain_normalise(a, what, strlen(what), &out->dest, why) != 0)
		return -1;
	if (out->dest.kind == DOMAIN_HOST || out->dest.kind == DOMAIN_ADDRESS)
		return 0;
	*why = "is a pattern; ask about one host";
	return -1;
}

/*
 * A word that looks like a host.  Where a file of that name lies in the
 * working directory it is the file; either way the answer says how it was taken.
 */
static int
read_word(const struct explainer *x, const char *what, struct question *out, const char **why)
{
	const char *ignored;
	bool sure = has_port(what) || what[0] == '[' || strcmp(what, "localhost") == 0;

	if (!sure && x->canon != NULL &&
	    question_path(x->a, x->canon, x->bound, what, out, &ignored) == 0 && !out->missing) {
		out->hint = arena_printf(x->a, "taken for the file; for the host write host:%s",
		    what);
		return 0;
	}
	if (read_host(x->a, what, out, why) != 0)
		return -1;
	if (!sure && out->dest.kind == DOMAIN_HOST)
		out->hint = arena_printf(x->a, "taken for a host; for the file write ./%s", what);
	return 0;
}

static int
read_url(struct arena *a, const char *what, const char *rest, const char **why)
{
	size_t len = strcspn(rest, "/?#");
	const char *at = memchr(rest, '@', len);
	if (at != NULL) {
		len -= (size_t)(at + 1 - rest);
		rest = at + 1;
	}
	const char *port = strncmp(what, "https:", 6) == 0 ? ":443" :
	    strncmp(what, "http:", 5) == 0 ? ":80" : "";
	const char *host = arena_strndup(a, rest, len);
	*why = arena_printf(a, "is a URL; ask about %s%s", host, has_port(host) ? "" : port);
	return -1;
}

static int
read_env(const char *what, const char *name, struct question *out, const char **why)
{
	*out = (struct question){ .kind = ASK_ENV, .text = what, .name = name };
	if (name[0] != '\0' && strchr(name, '=') == NULL)
		return 0;
	*why = "is no name of a variable";
	return -1;
}

int
question_read(const struct explainer *x, const char *what, struct question *out,
    const char **why)
{
	const char *rest, *scheme = strstr(what, "://");
	int rc;
	bool windows = x->bound->target == TARGET_WINDOWS && (strchr(what, '\\') != NULL ||
	    path_windows_looks_like(what, strlen(what)));
	if (windows && !starts(what, "path:", &rest) && !starts(what, "unix:", &rest) &&
	    !starts(what, "env:", &rest)) {
		rc = question_path(x->a, x->canon, x->bound, what, out, why);
		out->text = what;
		return rc;
	}
	if (starts(what, "env:", &rest))
		return read_env(what, rest, out, why);
	if (starts(what, "unix:", &rest)) {
		rc = question_path(x->a, x->canon, x->bound, rest, out, why);
		out->kind = ASK_SOCKET;
		out->itself = NULL;
	} else if (starts(what, "path:", &rest)) {
		rc = question_path(x->a, x->canon, x->bound, rest, out, why);
	} else if (starts(what, "host:", &rest) && (!has_port(what) || has_port(rest))) {
		/* "host:80" is the host of that name. */
		rc = read_host(x->a, rest, out, why);
	} else if (scheme != NULL && scheme != what && strchr(what, '/') == scheme + 1) {
		return read_url(x->a, what, scheme + 3, why);
	} else if (strchr(what, '/') == NULL && strchr("~:.", what[0]) == NULL &&
	    looks_like_host(what)) {
		rc = read_word(x, what, out, why);
	} else {
		rc = question_path(x->a, x->canon, x->bound, what, out, why);
	}
	out->text = what;
	return rc;
}
