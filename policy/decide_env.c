/* SPDX-License-Identifier: Apache-2.0 */
/* decide_env.c - the environment filter, for one variable */
#include <config.h>

#include "decide_env.h"

#include <string.h>

#include "arena.h"

static const char *const core_names[] = {
	"PATH", "SHELL", "TMPDIR", "TEMP", "TMP", "HOME", "LANG", "LC_ALL", "LC_CTYPE",
	"LOGNAME", "USER",
};
static const char *const default_excludes[] = { "*KEY*", "*SECRET*", "*TOKEN*" };

/* What a dynamic loader obeys; a caller's must not reach into the sandbox. */
static const char *const loader_names[] = { "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT" };

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
decide_env_match(const char *pattern, const char *name)
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

static struct env_decision
dropped(enum env_reason reason, const struct ir_origin *o, const char *pattern)
{
	return (struct env_decision){ ENV_DROPPED, reason, o, pattern, NULL };
}

/* An origin that is there: where nobody wrote the key, a default holds. */
static const struct ir_origin *
written(const struct ir_origin *o)
{
	return o->text != NULL ? o : NULL;
}

/* It comes last, and for what `set' adds too. */
static bool
included(const struct ir_environment *e, const char *name)
{
	bool hit = e->include_only.len == 0;
	for (size_t i = 0; i < e->include_only.len && !hit; i++)
		hit = decide_env_match(e->include_only.v[i].text, name);
	return hit;
}

struct env_decision
decide_env_inherited(const struct ir_environment *e, const char *name)
{
	const struct ir_origin *inherit = written(&e->inherit_origin);

	if (e->inherit == ENV_NONE)
		return dropped(ENV_BY_INHERIT, inherit, NULL);
	if (is_loader(name))
		return dropped(ENV_BY_LOADER, NULL, NULL);
	if (e->inherit == ENV_CORE && !is_core(name))
		return dropped(ENV_BY_CORE, inherit, NULL);
	for (size_t i = 0; !e->ignore_default_excludes && i < NELEMS(default_excludes); i++)
		if (decide_env_match(default_excludes[i], name))
			return dropped(ENV_BY_DEFAULTS, written(&e->excludes_origin),
			    default_excludes[i]);
	for (size_t i = 0; i < e->exclude.len; i++)
		if (decide_env_match(e->exclude.v[i].text, name))
			return dropped(ENV_BY_EXCLUDE, &e->exclude.v[i].origin,
			    e->exclude.v[i].text);
	if (!included(e, name))
		return dropped(ENV_BY_INCLUDE_ONLY, &e->include_only.v[0].origin, NULL);
	return (struct env_decision){ ENV_KEPT, ENV_BY_INHERIT, inherit, NULL, NULL };
}

struct env_decision
decide_env_set(const struct ir_environment *e, const struct ir_setting *s)
{
	if (!included(e, s->name))
		return dropped(ENV_BY_INCLUDE_ONLY, &e->include_only.v[0].origin, NULL);
	return (struct env_decision){ ENV_SET, ENV_BY_SET, &s->origin, NULL, s->value };
}

struct env_decision
decide_env(const struct ir_environment *e, bool network_off, const char *name)
{
	if (strcmp(name, "CDXP_SANDBOX") == 0 || strcmp(name, "PWD") == 0)
		return (struct env_decision){ ENV_SET, ENV_BY_RUNTIME, NULL, NULL, NULL };
	if (network_off && strcmp(name, "CODEX_SANDBOX_NETWORK_DISABLED") == 0)
		return (struct env_decision){ ENV_SET, ENV_BY_RUNTIME, NULL, NULL, "1" };
	for (size_t i = e->set.len; i-- > 0;)
		if (strcmp(e->set.v[i].name, name) == 0)
			return decide_env_set(e, &e->set.v[i]);
	return decide_env_inherited(e, name);
}

const char *
decide_env_proxy(size_t i)
{
	static const char *const names[] = {
		"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy",
		"NO_PROXY", "no_proxy", "WS_PROXY", "ws_proxy", "WSS_PROXY", "wss_proxy",
		"npm_config_proxy", "npm_config_https_proxy", "npm_config_noproxy", "NODE_USE_ENV_PROXY",
		"JAVA_TOOL_OPTIONS",
	};
	return i < NELEMS(names) ? names[i] : NULL;
}

struct env_decision
decide_env_run(const struct ir_policy *ir, const char *name)
{
	const enum ir_net_mode mode = ir->network.mode;
	struct env_decision d = decide_env(&ir->environment, mode == NET_OFF, name);
	const char *of_proxy;

	if (mode != NET_PROXIED || d.reason == ENV_BY_SET || d.reason == ENV_BY_RUNTIME)
		return d;
	for (size_t i = 0; (of_proxy = decide_env_proxy(i)) != NULL; i++)
		if (strcmp(of_proxy, name) == 0)
			return (struct env_decision){ ENV_SET, ENV_BY_PROXY, NULL, NULL, NULL };
	return d;
}

const char *
decide_env_text(struct arena *a, const struct env_decision *e)
{
	switch (e->reason) {
	case ENV_BY_INHERIT:
		return e->result == ENV_KEPT ? "nothing drops it" : "inherit = \"none\"";
	case ENV_BY_LOADER:
		return "dynamic loaders obey it, so only \"set\" can give it";
	case ENV_BY_CORE:
		return "inherit = \"core\", and it is none of those";
	case ENV_BY_DEFAULTS:
		return arena_printf(a, "the default exclude \"%s\" matches", e->pattern);
	case ENV_BY_EXCLUDE:
		return arena_printf(a, "exclude \"%s\" matches", e->pattern);
	case ENV_BY_INCLUDE_ONLY:
		return "no pattern of include_only matches";
	case ENV_BY_SET:
		return "set gives it a value";
	case ENV_BY_RUNTIME:
		return "cdxp-run sets it in every sandbox";
	case ENV_BY_PROXY:
		return "cdxp-run sets it where the network is proxied";
	}
	return "";
}

const char *
decide_env_listed(size_t i)
{
	if (i < NELEMS(core_names))
		return core_names[i];
	i -= NELEMS(core_names);
	if (i < NELEMS(loader_names))
		return loader_names[i];
	return i == NELEMS(loader_names) ? "DYLD_INSERT_LIBRARIES" : NULL;
}

const char *
decide_env_default_exclude(size_t i)
{
	return i < NELEMS(default_excludes) ? default_excludes[i] : NULL;
}
