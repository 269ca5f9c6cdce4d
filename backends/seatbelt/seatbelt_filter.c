/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_filter.c - the filters of a Seatbelt profile: forms to conditions */
#include <config.h>

#include "seatbelt_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"
#include "sbpl.h"
#include "sbuf.h"
#include "source.h"

void *
sb_fail(struct sb_reader *r, const struct sbpl_form *f, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	if (r->why != NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	struct place_in_source p = source_locate(r->m->sources, f->span);
	r->why = arena_printf(r->m->a, "line %u, column %u of the profile: %s", p.line,
	    p.column, text);
	return NULL;
}

struct sb_filter *
sb_filter_new(struct arena *a, enum sb_kind kind)
{
	struct sb_filter *f = arena_alloc(a, sizeof(*f));
	f->kind = kind;
	return f;
}

void
sb_filter_adopt(struct sb_filter *parent, struct sb_filter *child)
{
	child->parent = parent;
	child->nth = parent->nchild++;
	child->next = parent->child;
	parent->child = child;
}

/* ---- strings ---- */

static const char *string_value(struct sb_reader *, const struct sbpl_form *);

static const char *
quoted(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, 2 * strlen(s) + 1), *p = out;

	for (; *s != '\0'; s++) {
		if (strchr("\\^.[]$()|*+?{}", *s) != NULL)
			*p++ = '\\';
		*p++ = *s;
	}
	return out;
}

static const char *
param_value(struct sb_reader *r, const struct sbpl_form *f)
{
	const struct sbpl_form *name = f->list.first->next;

	if (f->list.len != 2 || name->kind != SBPL_STRING)
		return sb_fail(r, f, "(param ...) takes one string");
	const char *v = strmap_get(r->m->params, name->text.p, name->text.len);
	return v != NULL ? v : sb_fail(r, f, "there is no parameter \"%s\"", name->text.p);
}

/* The forms from `c' up to `end', or NULL. */
static const char *
appended(struct sb_reader *r, const struct sbpl_form *f, const struct sbpl_form *c,
    const struct sbpl_form *end)
{
	const char *part[16];
	size_t n = 0, len = 0;

	for (; c != end; c = c->next) {
		if (n == NELEMS(part))
			return sb_fail(r, f, "(string-append ...) of more than %zu parts", n);
		part[n] = string_value(r, c);
		if (part[n] == NULL)
			return NULL;
		len += strlen(part[n++]);
	}
	char *out = arena_alloc(r->m->a, len + 1), *p = out;
	for (size_t i = 0; i < n; i++) {
		size_t l = strlen(part[i]);
		memcpy(p, part[i], l);
		p += l;
	}
	return out;
}

static const char *
below(struct sb_reader *r, const char *front, const char *rest)
{
	if (rest == NULL)
		return NULL;
	size_t m = strlen(front), n = strlen(rest) + 1;
	char *out = arena_alloc(r->m->a, m + n);

	memcpy(out, front, m);
	memcpy(out + m, rest, n);
	return out;
}

static const char *
string_value(struct sb_reader *r, const struct sbpl_form *f)
{
	if (f->kind == SBPL_STRING)
		return f->text.p;
	if (f->kind != SBPL_LIST || f->list.first == NULL ||
	    f->list.first->kind != SBPL_SYMBOL)
		return sb_fail(r, f, "a string is expected here");
	if (sbpl_is_symbol(f, "param"))
		return param_value(r, f);
	if (sbpl_is_symbol(f, "string-append"))
		return appended(r, f, f->list.first->next, NULL);
	const char *front = r->m->procedures == NULL ? NULL : strmap_get(r->m->procedures,
	    f->list.first->text.p, f->list.first->text.len);
	if (front != NULL && f->list.len == 2)
		return below(r, front, string_value(r, f->list.first->next));
	if (sbpl_is_symbol(f, "regex-quote") && f->list.len == 2) {
		const char *s = string_value(r, f->list.first->next);
		return s != NULL ? quoted(r->m->a, s) : NULL;
	}
	return sb_fail(r, f, "(%s ...) is not understood as a string", f->list.first->text.p);
}

/*
 * Its name begins as no word of the language does, so that none is given
 * another meaning.
 */
bool
sb_define(struct sb_reader *r, const struct sbpl_form *f)
{
	static const char shape[] = "no definition but (define (in-NAME ARGUMENT) "
	    "(string-append ... ARGUMENT)) is understood";
	const struct sbpl_form *head = f->list.first->next, *body = head != NULL ? head->next : NULL;

	if (f->list.len != 3 || head->kind != SBPL_LIST || head->list.len != 2 ||
	    body->kind != SBPL_LIST || body->list.len < 3 || !sbpl_is_symbol(body, "string-append"))
		return sb_fail(r, f, shape) != NULL;
	const struct sbpl_form *name = head->list.first, *argument = name->next;
	const struct sbpl_form *last = body->list.first;
	while (last->next != NULL)
		last = last->next;
	if (name->kind != SBPL_SYMBOL || strncmp(name->text.p, "in-", 3) != 0 ||
	    argument->kind != SBPL_SYMBOL || !sbpl_is_symbol(last, argument->text.p) ||
	    last->kind != SBPL_SYMBOL)
		return sb_fail(r, f, shape) != NULL;
	const char *front = appended(r, body, body->list.first->next, last);
	if (front == NULL)
		return false;
	if (r->m->procedures == NULL)
		r->m->procedures = strmap_new(r->m->a);
	if (strmap_put(r->m->procedures, name->text.p, name->text.len, (char *)(uintptr_t)front) != NULL)
		return sb_fail(r, f, "%s is defined twice", name->text.p) != NULL;
	return true;
}

/* ---- paths ---- */

static const char *
path_value(struct sb_reader *r, const struct sbpl_form *f)
{
	const char *s = string_value(r, f), *why = NULL;

	if (s == NULL)
		return NULL;
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return sb_fail(r, f, "a path with a control byte");
	if (path_is_normal(s))
		return s;
	if (path_normal(r->m->a, s, &why) == NULL)
		return sb_fail(r, f, "path \"%.200s\" %s", s, why);
	return sb_fail(r, f, "path \"%.200s\" is not normal and matches nothing", s);
}

static void
add_place(struct sb_reader *r, struct sb_filter *f, const char *path, bool below)
{
	struct sb_place p = { path, NULL, below ? SB_BELOW : SB_SELF };
	VEC_PUSH(r->m->a, &f->place, p);
}

static void
add_ancestors(struct sb_reader *r, struct sb_filter *f, const char *path)
{
	add_place(r, f, "/", false);
	for (const char *p = path + 1; (p = strchr(p, '/')) != NULL; p++)
		add_place(r, f, arena_strndup(r->m->a, path, (size_t)(p - path)), false);
}

static struct sb_filter *
path_filter(struct sb_reader *r, const struct sbpl_form *f)
{
	struct sb_filter *out = sb_filter_new(r->m->a, SB_PATH);
	bool below = sbpl_is_symbol(f, "subpath"), up = sbpl_is_symbol(f, "path-ancestors");

	for (const struct sbpl_form *c = f->list.first->next; c != NULL; c = c->next) {
		const char *path = path_value(r, c);
		if (path == NULL)
			return NULL;
		if (up)
			add_ancestors(r, out, path);
		else
			add_place(r, out, path, below);
	}
	return out;
}

static struct sb_filter *
one_regex(struct sb_reader *r, const struct sbpl_form *text, bool prefix)
{
	const char *s = string_value(r, text);

	if (s == NULL)
		return NULL;
	struct sb_filter *one = sb_filter_new(r->m->a, SB_REGEX);
	one->text = s;
	one->prefix = prefix;
	return one;
}

static struct sb_filter *
regex_filter(struct sb_reader *r, const struct sbpl_form *f)
{
	bool prefix = !sbpl_is_symbol(f, "regex");

	if (f->list.len == 2)
		return one_regex(r, f->list.first->next, prefix);
	struct sb_filter *any = sb_filter_new(r->m->a, SB_ANY);
	for (const struct sbpl_form *c = f->list.first->next; c != NULL; c = c->next) {
		struct sb_filter *one = one_regex(r, c, prefix);
		if (one == NULL)
			return NULL;
		sb_filter_adopt(any, one);
	}
	return any;
}

static struct sb_filter *
vnode_filter(struct sb_reader *r, const struct sbpl_form *f)
{
	static const char *const type[] = {
		"REGULAR-FILE", "DIRECTORY", "SYMLINK", "BLOCK-DEVICE", "CHARACTER-DEVICE",
		"SOCKET", "FIFO", "TTY",
	};
	struct sb_filter *out = sb_filter_new(r->m->a, SB_VNODE);

	for (const struct sbpl_form *c = f->list.first->next; c != NULL; c = c->next) {
		size_t i = 0;
		while (i < NELEMS(type) && !(c->kind == SBPL_SYMBOL &&
		    strcmp(c->text.p, type[i]) == 0))
			i++;
		if (i == NELEMS(type))
			return sb_fail(r, c, "this type of file is not known");
		out->index |= (uint32_t)1 << i;
	}
	r->m->vnodes |= out->index;
	return out;
}

static struct sb_filter *
extension_filter(struct sb_reader *r, const struct sbpl_form *f)
{
	const struct sbpl_form *c = f->list.first->next;

	if (f->list.len != 2 || c->kind != SBPL_STRING ||
	    strcmp(c->text.p, "com.apple.sandbox.pty") != 0)
		return sb_fail(r, f, "no extension but com.apple.sandbox.pty is understood");
	r->m->pty = true;
	return sb_filter_new(r->m->a, SB_PTY);
}

/* ---- names, symbols, addresses ---- */

static struct sb_filter *
name_filter(struct sb_reader *r, const struct sbpl_form *f, const char *kind, uint32_t how)
{
	struct sb_filter *any = sb_filter_new(r->m->a, SB_ANY);

	for (const struct sbpl_form *c = f->list.first->next; c != NULL; c = c->next) {
		struct sb_filter *one = sb_filter_new(r->m->a, SB_NAME);
		const char *why = NULL;
		one->word = kind;
		one->index = how;
		one->text = string_value(r, c);
		if (one->text == NULL)
			return NULL;
		if (how == 2) {
			one->dfa = regex_dfa(r->m->a, one->text, strlen(one->text), &why);
			if (one->dfa == NULL)
				return sb_fail(r, c, "the expression \"%.200s\" %s", one->text, why);
		}
		sb_filter_adopt(any, one);
	}
	return any;
}

static struct sb_filter *
symbol_filter(struct sb_reader *r, const struct sbpl_form *f, const char *const *known, size_t n)
{
	struct sb_filter *any = sb_filter_new(r->m->a, SB_ANY);

	for (const struct sbpl_form *c = f->list.first->next; c != NULL; c = c->next) {
		size_t i = 0;
		while (i < n && !(c->kind == SBPL_SYMBOL && strcmp(c->text.p, known[i]) == 0))
			i++;
		if (i == n)
			return sb_fail(r, c, "this word is not known here");
		struct sb_filter *one = sb_filter_new(r->m->a, SB_SYMBOL);
		one->word = f->list.first->text.p;
		one->text = known[i];
		sb_filter_adopt(any, one);
	}
	return any;
}

static bool
is_port(const char *s)
{
	unsigned n = 0;

	if (strcmp(s, "*") == 0)
		return true;
	if (*s == '0' || *s == '\0' || strlen(s) > 5)
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (unsigned)(*s - '0');
	}
	return n <= 65535;
}

/* (remote tcp "localhost:80"): host * or localhost, port * or a number. */
static struct sb_filter *
address_filter(struct sb_reader *r, const struct sbpl_form *f, const struct sbpl_form *protocol)
{
	static const char *const known[] = {
		"ip", "ip4", "ip6", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6",
	};
	struct sb_filter *out = sb_filter_new(r->m->a, SB_NET);
	size_t i = 0;

	while (i < NELEMS(known) && strcmp(protocol->text.p, known[i]) != 0)
		i++;
	if (i == NELEMS(known) || f->list.len > 3)
		return sb_fail(r, f, "this address is not understood");
	out->word = known[i];
	out->text = out->port = "*";
	if (protocol->next == NULL)
		return out;
	const char *s = string_value(r, protocol->next);
	if (s == NULL)
		return NULL;
	const char *colon = strrchr(s, ':');
	if (colon == NULL || !is_port(colon + 1))
		return sb_fail(r, protocol->next, "\"%.100s\" is no HOST:PORT", s);
	out->text = arena_strndup(r->m->a, s, (size_t)(colon - s));
	out->port = colon + 1;
	if (strcmp(out->text, "*") != 0 && strcmp(out->text, "localhost") != 0)
		return sb_fail(r, protocol->next, "a host can only be * or localhost");
	return out;
}

static struct sb_filter *
endpoint_filter(struct sb_reader *r, const struct sbpl_form *f, unsigned classes)
{
	const struct sbpl_form *what = f->list.first->next;
	struct sb_filter *out;

	if (what->kind != SBPL_SYMBOL)
		return sb_fail(r, what, "ip, tcp, udp or unix-socket is expected here");
	if (strcmp(what->text.p, "unix-socket") != 0) {
		out = address_filter(r, f, what);
	} else {
		out = sb_filter_new(r->m->a, SB_UNIX);
		if (f->list.len > 3)
			return sb_fail(r, f, "unix-socket takes one filter");
		if (what->next != NULL) {
			struct sb_filter *paths = sb_filter_read(r, what->next, classes);
			if (paths == NULL)
				return NULL;
			sb_filter_adopt(out, paths);
		}
	}
	if (out != NULL)
		out->remote = sbpl_is_symbol(f, "remote");
	return out;
}

/* ---- all of them ---- */

static struct sb_filter *
combined(struct sb_reader *r, const struct sbpl_form *f, enum sb_kind kind, unsigned classes)
{
	struct sb_filter *out = sb_filter_new(r->m->a, kind);

	if (kind == SB_NOT && f->list.len != 2)
		return sb_fail(r, f, "require-not takes one filter");
	for (const struct sbpl_form *c = f->list.first->next; c != NULL; c = c->next) {
		struct sb_filter *one = sb_filter_read(r, c, classes);
		if (one == NULL)
			return NULL;
		sb_filter_adopt(out, one);
	}
	if (kind == SB_ALL && !sb_anchor(r, f, out))
		return NULL;
	return out;
}

/* What names are compared by: NAME, NAME-prefix, NAME-regex. */
static const char *
name_kind(const char *word, uint32_t *how)
{
	static const char *const kind[] = {
		"global-name", "local-name", "xpc-service-name", "sysctl-name",
		"ipc-posix-name", "iokit-user-client-class", "iokit-registry-entry-class",
		"preference-domain", "control-name", "notification-name",
	};
	static const char *const ending[] = { "", "-prefix", "-regex" };

	for (size_t i = 0; i < NELEMS(kind); i++) {
		size_t n = strlen(kind[i]);
		for (*how = 0; *how < NELEMS(ending); ++*how)
			if (strncmp(word, kind[i], n) == 0 && strcmp(word + n, ending[*how]) == 0)
				return kind[i];
	}
	return NULL;
}

struct sb_filter *
sb_filter_read(struct sb_reader *r, const struct sbpl_form *f, unsigned classes)
{
	static const char *const target[] = { "self", "same-sandbox", "others", "children", "pgrp" };
	static const char *const domain[] = {
		"AF_UNIX", "AF_INET", "AF_INET6", "AF_ROUTE", "AF_SYSTEM",
	};
	uint32_t how;

	if (f->kind != SBPL_LIST || f->list.first == NULL || f->list.first->kind != SBPL_SYMBOL)
		return sb_fail(r, f, "a filter is expected here");
	const char *word = f->list.first->text.p;
	if (f->list.len < 2)
		return sb_fail(r, f, "(%s) needs an argument", word);
	if (strcmp(word, "require-all") == 0)
		return combined(r, f, SB_ALL, classes);
	if (strcmp(word, "require-any") == 0)
		return combined(r, f, SB_ANY, classes);
	if (strcmp(word, "require-not") == 0)
		return combined(r, f, SB_NOT, classes);

	bool paths = (classes & SB_OTHER) == 0, files = classes == SB_FILE;
	const char *kind = name_kind(word, &how);
	if (paths && (strcmp(word, "subpath") == 0 || strcmp(word, "literal") == 0 ||
	    strcmp(word, "path") == 0 || strcmp(word, "path-ancestors") == 0))
		return path_filter(r, f);
	if (paths && (strcmp(word, "regex") == 0 || strcmp(word, "prefix") == 0 ||
	    strcmp(word, "path-prefix") == 0))
		return regex_filter(r, f);
	if (files && strcmp(word, "vnode-type") == 0)
		return vnode_filter(r, f);
	if (files && strcmp(word, "extension") == 0)
		return extension_filter(r, f);
	if (classes == SB_NETWORK && (strcmp(word, "local") == 0 || strcmp(word, "remote") == 0))
		return endpoint_filter(r, f, classes);
	if (classes == SB_OTHER && kind != NULL)
		return name_filter(r, f, kind, how);
	if (classes == SB_OTHER && strcmp(word, "target") == 0)
		return symbol_filter(r, f, target, NELEMS(target));
	if (classes == SB_OTHER && strcmp(word, "socket-domain") == 0)
		return symbol_filter(r, f, domain, NELEMS(domain));
	return sb_fail(r, f, "the filter (%s ...) is not understood on these operations", word);
}

/* ---- parameters ---- */

static const char *
unescaped(struct arena *a, const char *p, const char *end, const char **why)
{
	struct sbuf b = SBUF_INIT;

	for (; p < end && *why == NULL; p++) {
		if (*p == '"') {
			*why = "a parameter has a quotation mark without its backslash";
		} else if (*p != '\\') {
			sbuf_addc(&b, *p);
		} else if (++p < end && (*p == '\\' || *p == '"')) {
			sbuf_addc(&b, *p);
		} else {
			*why = "a parameter has an escape that is not \\\\ or \\\"";
		}
	}
	const char *s = arena_strdup(a, sbuf_str(&b));
	sbuf_free(&b);
	return s;
}

/* Lines at the head are comments; one further down would be read by nobody. */
bool
sb_params_read(struct sb_reader *r, const char *text, size_t len)
{
	static const char mark[] = ";; -D ";
	const size_t n = sizeof(mark) - 1;
	bool head = true;

	for (const char *p = text, *end = text + len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if ((size_t)(nl - p) > n && memcmp(p, mark, n) == 0) {
			const char *eq = memchr(p + n, '=', (size_t)(nl - p) - n);
			if (!head)
				r->why = "a parameter stands behind the first form of the profile";
			else if (eq == NULL || eq == p + n)
				r->why = "a line for a parameter is not ;; -D NAME=VALUE";
			if (r->why != NULL)
				return false;
			const char *v = unescaped(r->m->a, eq + 1, nl, &r->why);
			if (r->why == NULL && strmap_put(r->m->params, p + n,
			    (size_t)(eq - p) - n, (char *)(uintptr_t)v) != NULL)
				r->why = "a parameter has two values";
			if (r->why != NULL)
				return false;
		} else if (p < nl && *p != ';') {
			head = false;
		}
		p = nl + 1;
	}
	return true;
}
