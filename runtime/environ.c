/* SPDX-License-Identifier: Apache-2.0 */
/* environ.c - the child's environment from the policy and the caller's */
#include <config.h>

#include "environ.h"

#include <string.h>

#include "arena.h"
#include "intern.h"
#include "ir.h"

static const char *const core_names[] = {
	"PATH", "SHELL", "TMPDIR", "TEMP", "TMP", "HOME", "LANG", "LC_ALL", "LC_CTYPE",
	"LOGNAME", "USER",
};
static const char *const default_excludes[] = { "*KEY*", "*SECRET*", "*TOKEN*" };

/* What a dynamic loader obeys; a caller's must not reach into the sandbox. */
static const char *const loader_names[] = { "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT" };

/* What the runtime adds. */
static const char name_sandbox[] = "CDXP_SANDBOX";
static const char name_network[] = "CODEX_SANDBOX_NETWORK_DISABLED";

struct strings { const char **v; size_t len, cap; };

struct building {
	struct arena	*arena;
	const struct ir_environment *policy;
	struct strmap	*place;		/* name -> slot of the entry in `out' */
	struct strings	 out;		/* NULL where a name was dropped again */
	struct strings	 dropped;
};

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/*
 * A class that begins at p[0] == '['.  Returns what follows it, with *hit
 * telling whether `c' is in it; NULL where it is never closed.  A `]' that
 * comes first is a member.
 */
static const char *
match_class(const char *p, unsigned char c, bool *hit)
{
	const char *s = p + 1;
	bool not = *s == '!' || *s == '^', in = false;

	if (not)
		s++;
	for (const char *first = s; *s != '\0' && (*s != ']' || s == first); s++) {
		unsigned char from = lower(*s), to = from;
		if (s[1] == '-' && s[2] != '\0' && s[2] != ']') {
			to = lower(s[2]);
			s += 2;
		}
		in |= c >= from && c <= to;
	}
	if (*s != ']')
		return NULL;
	*hit = in != not;
	return s + 1;
}

/* One element of the pattern against one byte; the rest of the pattern, or NULL. */
static const char *
match_one(const char *p, char c)
{
	bool hit;

	if (*p == '[') {
		const char *rest = match_class(p, lower(c), &hit);
		if (rest != NULL)
			return hit ? rest : NULL;
	}
	return *p == '?' || lower(*p) == lower(c) ? p + 1 : NULL;
}

/* The last `*' passed is the only place worth going back to. */
bool
environ_match(const char *pattern, const char *name)
{
	const char *p = pattern, *star = NULL, *from = NULL;

	while (*name != '\0') {
		if (*p == '*') {
			star = ++p;
			from = name;
			continue;
		}
		const char *rest = *p != '\0' ? match_one(p, *name) : NULL;
		if (rest != NULL) {
			p = rest;
			name++;
			continue;
		}
		if (star == NULL)
			return false;
		p = star;
		name = ++from;
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

/* The first pattern that matches; its index, or the length of the list. */
static size_t
match_any(const struct ir_strings *patterns, const char *name)
{
	size_t i = 0;

	while (i < patterns->len && !environ_match(patterns->v[i].text, name))
		i++;
	return i;
}

static bool
is_loader(const char *name)
{
	for (size_t i = 0; i < NELEMS(loader_names); i++)
		if (strcmp(name, loader_names[i]) == 0)
			return true;
	return strncmp(name, "DYLD_", 5) == 0;
}

static bool
is_core(const char *name)
{
	for (size_t i = 0; i < NELEMS(core_names); i++)
		if (strcmp(name, core_names[i]) == 0)
			return true;
	return false;
}

/* The caller's variable gets past everything but include_only, which comes last. */
static enum environ_reason
inherits(const struct ir_environment *policy, const char *name)
{
	if (policy->inherit == ENV_NONE)
		return ENVIRON_NONE;
	if (is_loader(name))
		return ENVIRON_LOADER;
	if (policy->inherit == ENV_CORE && !is_core(name))
		return ENVIRON_NOT_CORE;
	for (size_t i = 0; !policy->ignore_default_excludes && i < NELEMS(default_excludes); i++)
		if (environ_match(default_excludes[i], name))
			return ENVIRON_SECRET;
	return match_any(&policy->exclude, name) < policy->exclude.len ? ENVIRON_EXCLUDED :
	    ENVIRON_INHERITED;
}

static bool
included(const struct ir_environment *policy, const char *name)
{
	return policy->include_only.len == 0 ||
	    match_any(&policy->include_only, name) < policy->include_only.len;
}

struct environ_decision
environ_decide(const struct ir_environment *policy, bool network_off, const char *name)
{
	struct environ_decision d = { .reason = inherits(policy, name) };

	if (strcmp(name, name_sandbox) == 0 || (network_off && strcmp(name, name_network) == 0))
		return (struct environ_decision){ true, ENVIRON_OURS, NULL };
	if (d.reason == ENVIRON_EXCLUDED)
		d.origin = &policy->exclude.v[match_any(&policy->exclude, name)].origin;
	for (size_t i = 0; i < policy->set.len; i++)
		if (strcmp(policy->set.v[i].name, name) == 0)
			d = (struct environ_decision){ .reason = ENVIRON_SET,
			    .origin = &policy->set.v[i].origin };
	d.passes = d.reason == ENVIRON_INHERITED || d.reason == ENVIRON_SET;
	if (d.passes && !included(policy, name))
		return (struct environ_decision){ .reason = ENVIRON_NOT_INCLUDED };
	return d;
}

const char *
environ_reason_text(enum environ_reason reason)
{
	static const char *const text[] = {
		[ENVIRON_INHERITED] = "it is inherited, and nothing excludes it",
		[ENVIRON_SET] = "\"set\" gives it a value",
		[ENVIRON_OURS] = "every sandbox has it",
		[ENVIRON_NONE] = "inherit = \"none\"",
		[ENVIRON_NOT_CORE] = "inherit = \"core\", and it is not one of those",
		[ENVIRON_LOADER] = "the dynamic loader would obey it",
		[ENVIRON_SECRET] = "it is named like a secret (ignore_default_excludes = false)",
		[ENVIRON_EXCLUDED] = "\"exclude\" has a pattern for it",
		[ENVIRON_NOT_INCLUDED] = "no pattern of \"include_only\" matches it",
	};

	return text[reason];
}

/* Slots are stored plus one, as a map holds no NULL. */
static void
put(struct building *b, const char *name, const char *value)
{
	size_t len = strlen(name);
	const char *entry = arena_printf(b->arena, "%s=%s", name, value);
	void *slot = strmap_get(b->place, name, len);

	if (slot != NULL) {
		b->out.v[(uintptr_t)slot - 1] = entry;
		return;
	}
	VEC_PUSH(b->arena, &b->out, entry);
	strmap_put(b->place, name, len, (void *)(uintptr_t)b->out.len);
}

static void
inherit(struct building *b, const char *const *from)
{
	struct strmap *seen = strmap_new(b->arena);

	for (; *from != NULL; from++) {
		const char *equals = strchr(*from, '=');
		if (equals == NULL || equals == *from)
			continue;
		size_t len = (size_t)(equals - *from);
		if (strmap_put(seen, *from, len, b) != NULL)
			continue;
		const char *name = arena_strndup(b->arena, *from, len);
		if (inherits(b->policy, name) == ENVIRON_INHERITED && included(b->policy, name))
			put(b, name, equals + 1);
		else
			VEC_PUSH(b->arena, &b->dropped, name);
	}
}

void
environ_build(struct arena *a, const struct environ_request *req, struct child_environ *out)
{
	const struct ir_environment *policy = req->policy;
	struct building b = { .arena = a, .policy = policy, .place = strmap_new(a) };

	inherit(&b, req->from);
	for (size_t i = 0; i < policy->set.len; i++)
		if (included(policy, policy->set.v[i].name))
			put(&b, policy->set.v[i].name, policy->set.v[i].value);
	if (req->backend != NULL)
		put(&b, name_sandbox, req->backend);
	if (req->network_off)
		put(&b, name_network, "1");

	/* What `set' gave back was not dropped after all. */
	size_t n = 0;
	for (size_t i = 0; i < b.dropped.len; i++)
		if (strmap_get(b.place, b.dropped.v[i], strlen(b.dropped.v[i])) == NULL)
			b.dropped.v[n++] = b.dropped.v[i];
	out->dropped = b.dropped.v;
	out->ndropped = n;
	out->len = b.out.len;
	VEC_PUSH(a, &b.out, NULL);
	out->envp = b.out.v;
}

const char *
environ_get(const char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp != NULL; envp++)
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	return NULL;
}
