/* SPDX-License-Identifier: Apache-2.0 */
/* acl_profile.c - what of a user's profile is private */
#include <config.h>

#include "acl_profile.h"

#include <string.h>

#include "acl_object.h"
#include "arena.h"
#include "path.h"

enum { CONFIG_BYTES = 1024 * 1024, CHILDREN = 100000 };

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* How much of s is `prefix', either slash for either, without regard to case; 0: not all of that. */
static size_t
prefix(const char *s, size_t len, const char *prefix_text)
{
	size_t n = strlen(prefix_text);

	if (len < n)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (name_fold(s[i]) != name_fold(prefix_text[i]) && !(is_slash(s[i]) && is_slash(prefix_text[i])))
			return 0;
	return n;
}

static void
one_word(const char *s, size_t len, const char *profile, void (*found)(void *, const char *, size_t), void *arg)
{
	const char *const starts[] = { "~", "%d", "${HOME}", "${USERPROFILE}", "%USERPROFILE%", profile };

	for (size_t i = 0; i < NELEMS(starts); i++) {
		size_t n = prefix(s, len, starts[i]), end;
		if (n == 0 || n == len || !is_slash(s[n]))
			continue;
		while (n < len && (is_slash(s[n]) || (s[n] == '.' && (n + 1 == len || is_slash(s[n + 1])))))
			n++;
		for (end = n; end < len && !is_slash(s[end]); end++)
			;
		if (end > n)
			found(arg, s + n, end - n);
		return;
	}
}

void
acl_ssh_names(const char *text, size_t len, const char *profile,
    void (*found)(void *arg, const char *name, size_t len), void *arg)
{
	for (size_t at = 0; at < len; ) {
		bool comment = false;
		size_t end = at;
		while (end < len && text[end] != '\n')
			end++;
		for (size_t i = at; i < end && !comment; ) {
			size_t from;
			bool quoted;
			while (i < end && strchr(" \t\r=,", text[i]) != NULL && text[i] != '\0')
				i++;
			comment = i < end && text[i] == '#';
			quoted = i < end && text[i] == '"';
			from = i += quoted;
			while (i < end && (quoted ? text[i] != '"' : strchr(" \t\r=,", text[i]) == NULL || text[i] == '\0'))
				i++;
			if (!comment)
				one_word(text + from, i - from, profile, found, arg);
			i += quoted;
		}
		at = end + 1;
	}
}

struct names {
	struct arena	*a;
	const char	**v;
	size_t		 len, cap;
};

static void
keep(void *arg, const char *name, size_t len)
{
	struct names *names = arg;

	VEC_PUSH(names->a, names, arena_strndup(names->a, name, len));
}

static int
ssh_config(struct acl_context *c, struct acl_report *r, const char *profile, struct names *private)
{
	struct acl_store *s = c->store;
	const char *path = win_path_join(r->a, profile, ".ssh\\config");
	struct sbuf text = SBUF_INIT;
	struct acl_object *o;

	enum acl_status status = s->ops->open(s, path, ACL_CONTENTS, &o);
	if (status == ACL_MISSING)
		return 0;
	if (status == ACL_OK) {
		status = s->ops->contents(s, o, CONFIG_BYTES, &text);
		s->ops->close(s, o);
	}
	if (status == ACL_OK)
		acl_ssh_names(sbuf_str(&text), text.len, profile, keep, private);
	else
		acl_find(r, ACL_ERROR, "not-reached", path, NULL, "cannot be read (%s), so that it is not known which "
		    "files of the profile it makes private", s->why);
	sbuf_free(&text);
	return status == ACL_OK ? 0 : -1;
}

int
acl_profile_children(struct acl_context *c, struct acl_report *r, const struct plan_place *p,
    struct acl_child **out, size_t *n)
{
	struct names private = { .a = r->a };
	struct acl_child *v = NULL;
	struct acl_seen o;
	size_t len = 0, kept = 0;
	bool more = false;

	for (size_t i = 0; i < p->but.len; i++)
		VEC_PUSH(r->a, &private, p->but.v[i]);
	if (ssh_config(c, r, p->path, &private) != 0)
		return -1;
	enum acl_status status = acl_see(c->store, r->a, p->path, ACL_LOOK, &o);
	if (status == ACL_OK) {
		status = c->store->ops->children(c->store, r->a, o.handle, CHILDREN, &v, &len, &more);
		acl_unsee(&o);
	}
	if (status != ACL_OK || more) {
		acl_find(r, ACL_ERROR, "not-reached", p->path, NULL, "cannot be listed: %s",
		    more ? "too many names" : c->store->why);
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		bool out_of_it = v[i].reparse;
		for (size_t k = 0; k < private.len && !out_of_it; k++)
			out_of_it = win_path_equal(v[i].name, private.v[k]);
		if (!out_of_it)
			v[kept++] = v[i];
	}
	*out = v;
	*n = kept;
	return 0;
}
