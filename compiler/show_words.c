/* SPDX-License-Identifier: Apache-2.0 */
/* show_words.c - a policy in plain words: what all forms of cdxpc show say alike */
#include <config.h>

#include "show.h"

#include <string.h>

#include "arena.h"
#include "decide_net.h"
#include "ir.h"
#include "path.h"
#include "subject.h"
#include "utf8.h"

const char *
show_access(enum access access)
{
	static const char *const word[] = {
		[ACCESS_DENY] = "no access", [ACCESS_READ] = "read", [ACCESS_WRITE] = "write",
	};
	return word[access];
}

const char *
show_access_meaning(enum access access)
{
	static const char *const word[] = {
		[ACCESS_DENY] = "can be neither read nor changed",
		[ACCESS_READ] = "can be read and executed, not changed",
		[ACCESS_WRITE] = "can be read, executed and changed",
	};
	return word[access];
}

/* ---- rules and where they stand ---- */

const char *
show_rule(const struct show *s, const struct why *w)
{
	switch (w->kind) {
	case WHY_NOTHING:
		return "no entry";
	case WHY_NAME:
		return "protected name";
	case WHY_ENTRY:
	case WHY_PLATFORM:
	case WHY_PATTERN:
		return arena_printf(s->a, "\"%s\"", w->origin != NULL ? w->origin->text : "");
	default:
		return why_text(s->a, s->bound, w);
	}
}

/* A run of rows has one rule, or as many of one line. */
const char *
show_run_rule(const struct show *s, const struct view_row *first, size_t n)
{
	return n > 1 && first->group == GROUP_PROTECTED ? "protected names" :
	    show_rule(s, &first->why);
}

const char *
show_where(const struct show *s, const struct ir_origin *o)
{
	if (o == NULL || o->span.source >= s->bound->ir->sources.len)
		return "";
	const char *source = s->bound->ir->sources.v[o->span.source].name;
	if (o->span.line > 0)
		return arena_printf(s->a, "%s:%u", source, (unsigned)o->span.line);
	return source[0] != '\0' ? arena_printf(s->a, "built in, %s", source) : "by default";
}

uint32_t
show_line(const struct show *s, const struct ir_origin *o)
{
	if (o == NULL || s->subject->source == NULL ||
	    o->span.source >= s->bound->ir->sources.len ||
	    strcmp(s->bound->ir->sources.v[o->span.source].name, s->subject->source_name) != 0)
		return 0;
	return o->span.line;
}

const char *
show_binding(const struct show *s)
{
	const struct bound_policy *b = s->bound;
	if (b->generic)
		return "portable: bound to no host, so every place exists and is a directory";
	return arena_printf(s->a, "bound to this host: working directory %s%s%s%s%s", b->cwd,
	    b->home != NULL ? ", ~ is " : "", b->home != NULL ? b->home : "",
	    b->tmpdir != NULL ? ", :tmpdir is " : "", b->tmpdir != NULL ? b->tmpdir : "");
}

const char *
show_roots(const struct show *s)
{
	const struct ir_policy *ir = s->bound->ir;
	struct sbuf out = SBUF_INIT;
	if (!s->bound->generic || ir->roots.len == 0)
		return NULL;
	sbuf_puts(&out, ":workspace_roots above is the working directory; further roots:");
	for (size_t i = 0; i < ir->roots.len; i++)
		sbuf_printf(&out, "%s %s", i > 0 ? "," : "", ir->roots.v[i].origin.text);
	const char *text = arena_strndup(s->a, sbuf_str(&out), out.len);
	sbuf_free(&out);
	return text;
}

const char *
show_idle(const struct show *s, const struct view_idle *d)
{
	return arena_printf(s->a, "\"%s\" = \"%s\"%s", d->origin->text, access_name(d->access),
	    d->elsewhere ? ": for another system" : s->bound->generic ?
	    ": as its surroundings, or another rule decides" :
	    ": as its surroundings, another rule decides, or there is no such place");
}

/* ---- rows ---- */

const char *
show_labels(const struct show *s, const struct view_row *r, size_t i, size_t n)
{
	if (n == 1)
		return r->child[i]->label;
	struct sbuf out = SBUF_INIT;
	for (size_t k = i; k < i + n; k++) {
		if (k > i)
			sbuf_addc(&out, ' ');
		sbuf_puts(&out, r->child[k]->label);
	}
	const char *text = arena_strndup(s->a, sbuf_str(&out), out.len);
	sbuf_free(&out);
	return text;
}

bool
show_is_name(const struct view_row *r)
{
	return r->kind == VIEW_PLACE && r->why.kind == WHY_NAME;
}

bool
show_is_marked(const struct view_row *r)
{
	for (size_t i = 0; i < r->nchild; i++)
		if (show_is_name(r->child[i]))
			return true;
	return false;
}

/* The protected names of the rows below, where all have the same; *n counts them. */
static bool
same_names(const struct show *s, const struct view_row *r, const char **names, size_t *n)
{
	for (size_t i = 0; i < r->nchild; ) {
		size_t run = view_run(r, i);
		const struct view_row *c = r->child[i];
		if (show_is_name(c)) {
			const char *labels = show_labels(s, r, i, run);
			if (c->nchild > 0 || (*names != NULL && strcmp(*names, labels) != 0))
				return false;
			*names = labels;
			++*n;
		}
		for (size_t k = i; k < i + run; k++)
			if (!same_names(s, r->child[k], names, n))
				return false;
		i += run;
	}
	return true;
}

const char *
show_protected_once(const struct show *s)
{
	const char *names = NULL;
	size_t n = 0;
	for (size_t i = 0; i < s->view->ntop; i++)
		if (!same_names(s, s->view->top[i], &names, &n))
			return NULL;
	return n > SHOW_SAME ? names : NULL;
}

/* ---- network, sockets, environment ---- */

static void
say(const struct show *s, struct show_facts *f, enum show_tone tone, const char *text,
    const struct ir_origin *o)
{
	VEC_PUSH(s->a, f, ((struct show_fact){ tone, text, o }));
}

static void
say_domains(const struct show *s, struct show_facts *f)
{
	const struct ir_network *n = &s->bound->ir->network;
	bool any = false;
	for (size_t i = 0; i < n->domains.len; i++) {
		const struct ir_domain *d = &n->domains.v[i];
		bool v6 = strchr(d->pattern, ':') != NULL;
		const char *meaning = strncmp(d->pattern, "**.", 3) == 0 ?
		    " (the host and its subdomains)" :
		    strncmp(d->pattern, "*.", 2) == 0 ? " (its subdomains)" :
		    strcmp(d->pattern, "*") == 0 ? " (every host)" : "";
		const char *port = d->port != 0 ?
		    arena_printf(s->a, ", port %u", (unsigned)d->port) : "";
		any |= d->allow;
		say(s, f, d->allow ? TONE_ALLOW : TONE_DENY, arena_printf(s->a, "%s %s%s%s%s%s",
		    d->allow ? "allow" : "deny", v6 ? "[" : "", d->pattern, v6 ? "]" : "", port,
		    meaning), &d->origin);
	}
	if (!any)
		say(s, f, TONE_DENY, "no rule allows a host: nothing can be reached", &n->origin);
}

static void
say_proxy(const struct show *s, struct show_facts *f)
{
	const struct ir_network *n = &s->bound->ir->network;
	say(s, f, TONE_PLAIN, arena_printf(s->a, "HTTP proxy at %s", n->proxy_url), NULL);
	if (n->enable_socks5)
		say(s, f, TONE_PLAIN, arena_printf(s->a, "SOCKS proxy at %s%s", n->socks_url,
		    n->enable_socks5_udp ? ", UDP too" : ", no UDP"), NULL);
	if (n->allow_upstream_proxy)
		say(s, f, TONE_PLAIN, "the proxy itself may use a proxy of the caller", NULL);
	if (n->any_proxy_address)
		say(s, f, TONE_ALLOW, "the proxy may listen beyond the loopback "
		    "(dangerously_allow_non_loopback_proxy)", &n->origin);
}

struct show_facts
show_network(const struct show *s)
{
	const struct ir_network *n = &s->bound->ir->network;
	struct show_facts f = { NULL, 0, 0 };
	switch (n->mode) {
	case NET_OFF:
		say(s, &f, TONE_DENY, "off: nothing leaves the sandbox", &n->origin);
		return f;
	case NET_OPEN:
		say(s, &f, TONE_ALLOW, "open: every host can be reached", &n->origin);
		break;
	case NET_PROXIED:
		say(s, &f, TONE_PLAIN, "through the managed proxy only: what a rule allows and none "
		    "denies", &n->origin);
		say_domains(s, &f);
		break;
	}
	if (n->limited)
		say(s, &f, TONE_DENY, "limited: only the methods GET, HEAD and OPTIONS", &n->origin);
	if (n->allow_local_binding)
		say(s, &f, TONE_ALLOW, "the host's loopback and private addresses too "
		    "(allow_local_binding)", &n->origin);
	else if (n->mode == NET_PROXIED)
		say(s, &f, TONE_DENY, "no names that lead to loopback or private addresses",
		    &n->origin);
	if (n->mode == NET_PROXIED)
		say_proxy(s, &f);
	if (n->mitm != NULL)
		say(s, &f, TONE_ALLOW, arena_printf(s->a, "the proxy may look into TLS: mitm = %s",
		    n->mitm), &n->origin);
	return f;
}

struct show_facts
show_sockets(const struct show *s)
{
	const struct bound_policy *b = s->bound;
	struct show_facts f = { NULL, 0, 0 };
	/* Of rules only one for "/" covers "/": what is said here holds where no rule speaks. */
	struct net_decision general = decide_net_socket(b, "/");
	size_t n = b->sockets.len;
	say(s, &f, general.allow ? TONE_ALLOW : TONE_DENY, arena_printf(s->a, "%s%s",
	    general.allow ? "all of the host's" : "none of the host's",
	    general.reason == NET_BY_SWITCH ? " (dangerously_allow_all_unix_sockets)" :
	    n > 0 ? ", but for these" : ""), general.origin);
	for (size_t i = 0; i < n; i++) {
		const struct bound_socket *k = &b->sockets.v[i];
		say(s, &f, k->allow ? TONE_ALLOW : TONE_DENY, arena_printf(s->a, "%s %s",
		    k->allow ? "allow" : "deny", view_path(s->a, b, k->path)), k->origin);
	}
	return f;
}

static void
say_strings(const struct show *s, struct show_facts *f, enum show_tone tone, const char *what,
    const struct ir_strings *l)
{
	for (size_t i = 0; i < l->len; i++)
		say(s, f, tone, arena_printf(s->a, "%s %s", what, l->v[i].text), &l->v[i].origin);
}

struct show_facts
show_environment(const struct show *s)
{
	static const char *const inherit[] = {
		[ENV_ALL] = "inherited: all of the caller's variables",
		[ENV_CORE] = "inherited: the core only, PATH, SHELL, HOME, LANG, USER and the like",
		[ENV_NONE] = "inherited: nothing",
	};
	const struct ir_environment *e = &s->bound->ir->environment;
	struct show_facts f = { NULL, 0, 0 };
	say(s, &f, e->inherit == ENV_ALL ? TONE_ALLOW : TONE_DENY, inherit[e->inherit], NULL);
	if (e->inherit != ENV_NONE && !e->ignore_default_excludes)
		say(s, &f, TONE_DENY, "dropped: names like *KEY*, *SECRET*, *TOKEN*", NULL);
	else if (e->inherit == ENV_ALL)
		say(s, &f, TONE_ALLOW, "kept: names like *KEY*, *SECRET*, *TOKEN* as well", NULL);
	say_strings(s, &f, TONE_DENY, "dropped:", &e->exclude);
	for (size_t i = 0; i < e->set.len; i++)
		say(s, &f, TONE_PLAIN, arena_printf(s->a, "set: %s = %s", e->set.v[i].name,
		    e->set.v[i].value), &e->set.v[i].origin);
	say_strings(s, &f, TONE_DENY, "only kept where it matches:", &e->include_only);
	if (e->inherit != ENV_NONE)
		say(s, &f, TONE_DENY, "always dropped: the caller's LD_PRELOAD, LD_LIBRARY_PATH, "
		    "LD_AUDIT and DYLD_*", NULL);
	return f;
}

/* ---- backends ---- */

const char *
show_backend_words(struct arena *a, const struct show_backend *b)
{
	size_t n = b->artifact.deviations.len, wider = 0;
	if (b->artifact.refused)
		return arena_printf(a, "refuses it: %s", b->artifact.refusal.reason);
	for (size_t i = 0; i < n; i++)
		wider += b->artifact.deviations.v[i].direction == DEVIATION_WIDER;
	if (n == 0)
		return "enforces it exactly";
	return arena_printf(a, "enforces it, but for %zu deviation%s, %zu wider", n,
	    n == 1 ? "" : "s", wider);
}

const char *
show_deviation_words(const struct show *s, const struct deviation *d)
{
	return arena_printf(s->a, "%s (%s)%s%s%s%s", d->name,
	    d->direction == DEVIATION_WIDER ? "wider" : "narrower",
	    d->path != NULL ? " " : "", d->path != NULL ? view_path(s->a, s->bound, d->path) : "",
	    d->detail != NULL ? ": " : "", d->detail != NULL ? d->detail : "");
}

/* ---- text of others ---- */

size_t
show_safe(struct sbuf *out, const char *text, bool utf8)
{
	size_t n = strlen(text), columns = 0;
	while (n > 0) {
		uint32_t cp;
		size_t before = out->len, len = utf8_decode(text, n, &cp);
		if (len == 0)
			sbuf_printf(out, "\\x%02x", (unsigned char)*text);
		else if (utf8_is_harmful(cp) || (!utf8 && cp > 0x7e))
			sbuf_printf(out, cp > 0xffff ? "\\U%08X" : "\\u%04X", (unsigned)cp);
		else
			sbuf_add(out, text, len);
		columns += len > 0 && out->len == before + len && memcmp(out->p + before, text,
		    len) == 0 ? utf8_width(cp) : out->len - before;
		len = len > 0 ? len : 1;
		text += len;
		n -= len;
	}
	return columns;
}
