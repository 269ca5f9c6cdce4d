/* SPDX-License-Identifier: Apache-2.0 */
/* profile_net.c - network tables: scalars typed, domains and sockets in one spelling (spec 1.5) */
#include <config.h>

#include "profile.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "domain.h"
#include "suggest.h"

static const enum schema_key scalars[] = {
	KEY_ENABLED, KEY_MODE, KEY_ALLOW_LOCAL_BINDING, KEY_PROXY_URL, KEY_SOCKS_URL,
	KEY_ENABLE_SOCKS5, KEY_ENABLE_SOCKS5_UDP, KEY_ALLOW_UPSTREAM_PROXY,
	KEY_ANY_PROXY_ADDRESS, KEY_ALL_SOCKETS,
};

/* "allow" and "deny", for sockets "none" too. */
static bool
read_verdict(struct config *c, const struct toml_key *key, const char *what, bool none, bool *allow)
{
	static const char *const words[] = { "allow", "deny" };
	const struct toml_node *v = key->value;

	if (schema_blamed(c->d, v->span))
		return false;
	if (v->type != TOML_STRING) {
		struct diag *e = diag_add(c->d, D_KEY_TYPE, v->span,
		    "%s \"%s\" must be a string, not %s", what, key->name.p,
		    schema_type_phrase(v->type));
		diag_hint(c->d, e, "\"allow\" or \"deny\"");
		return false;
	}
	*allow = strcmp(v->string.p, "allow") == 0;
	if (*allow || strcmp(v->string.p, "deny") == 0 ||
	    (none && strcmp(v->string.p, "none") == 0))
		return schema_text(c->d, &v->string, v->span) != NULL;
	const char *near = suggest(v->string.p, words, NELEMS(words));
	struct diag *e = diag_add(c->d, D_WORD_UNKNOWN, v->span,
	    "%s \"%s\" takes \"allow\" or \"deny\", not \"%s\"", what, key->name.p, v->string.p);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	return false;
}

static void
read_domain(struct config *c, struct profile *p, const struct toml_key *key, unsigned layer)
{
	struct item it = { .layer = layer, .origin = { key->span, key->name.p, p->name } };
	struct domain dom;
	const char *why;
	struct diag *e;

	bool named = domain_normalise(c->a, key->name.p, key->name.len, &dom, &why) == 0;
	if (!named)
		diag_add(c->d, D_DOMAIN_SYNTAX, key->span, "domain \"%s\" %s", key->name.p, why);
	if (!read_verdict(c, key, "domain", false, &it.on) || !named)
		return;
	if (dom.kind == DOMAIN_ANY && !it.on) {
		e = diag_add(c->d, D_DOMAIN_ANY, key->span, "domain \"*\" takes only \"allow\"");
		diag_hint(c->d, e, "what no entry allows is denied already");
		return;
	}
	if (dom.zone && it.on) {
		e = diag_add(c->d, D_DOMAIN_SYNTAX, key->span,
		    "domain \"%s\" has a zone, which an entry cannot be limited to", key->name.p);
		diag_hint(c->d, e, "write \"%s\" to allow it on every interface", dom.pattern);
		return;
	}
	it.path = dom.pattern;
	it.port = dom.port;
	it.same[0] = arena_printf(c->a, "d%u %s", (unsigned)dom.port, dom.pattern);
	items_add(c, &p->network.domains, it, "domain");
}

static const char *
socket_key(struct config *c, const struct item *it)
{
	return arena_printf(c->a, "s%c%s", 'a' + (char)it->anchor, it->path);
}

void
socket_add(struct config *c, struct profile *p, struct item it)
{
	it.same[0] = socket_key(c, &it);
	p->network.has_sockets = true;
	items_put(c->a, &p->network.sockets, it);
}

static void
read_socket(struct config *c, struct profile *p, const struct toml_key *key, unsigned layer)
{
	const char *text = schema_text(c->d, &key->name, key->span);
	struct item it = { .layer = layer, .origin = { key->span, text, p->name } };

	bool named = text != NULL && place_read(c, PLACE_SOCKET, text, key->span, &it) == 0;
	if (!read_verdict(c, key, "socket", true, &it.on) || !named)
		return;
	it.same[0] = socket_key(c, &it);
	items_add(c, &p->network.sockets, it, "socket");
}

static bool
port_is_good(const char *s)
{
	size_t digits = strspn(s, "0123456789");
	if (digits == 0 || digits > 5 || s[digits] != '\0')
		return false;
	long port = strtol(s, NULL, 10);
	return port >= 1 && port <= 65535;
}

const char *
proxy_url_host(struct arena *a, const char *url, const char *const *schemes, size_t n,
    const char **why)
{
	const char *rest = strstr(url, "://");
	size_t scheme = 0;
	while (rest != NULL && scheme < n && (strlen(schemes[scheme]) != (size_t)(rest - url) ||
	    strncmp(url, schemes[scheme], (size_t)(rest - url)) != 0))
		scheme++;
	if (rest == NULL || scheme == n) {
		*why = n == 1 ? "does not begin with \"http://\"" :
		    "does not begin with \"socks5h://\" or \"socks5://\"";
		return NULL;
	}
	rest += strlen("://");
	size_t len = strcspn(rest, "/?#");
	if (rest[len] != '\0' && strcmp(rest + len, "/") != 0) {
		*why = "has more than a host and a port";
		return NULL;
	}
	char *host = arena_strndup(a, rest, len);
	if (strchr(host, '@') != NULL) {
		*why = "holds a user name, which a proxy of ours does not ask for";
		return NULL;
	}
	char *behind = host[0] == '[' ? strchr(host, ']') : NULL;
	char *colon = strchr(behind != NULL ? behind : host, ':');
	if (colon != NULL && !port_is_good(colon + 1)) {
		*why = "has a bad port";
		return NULL;
	}
	if (colon != NULL)
		*colon = '\0';
	struct domain dom;
	if (host[0] == '\0' || domain_normalise(a, host, strlen(host), &dom, why) != 0 ||
	    (dom.kind != DOMAIN_HOST && dom.kind != DOMAIN_ADDRESS)) {
		*why = "names no host";
		return NULL;
	}
	return dom.pattern;
}

static void
check_url(struct config *c, struct setting *s, const char *const *schemes, size_t n)
{
	const char *why;
	if (!s->set || proxy_url_host(c->a, s->text, schemes, n, &why) != NULL)
		return;
	diag_add(c->d, D_URL, s->value, "\"%s\" %s", s->text, why);
	s->set = false;
}

static void
check_mode(struct config *c, struct setting *s)
{
	static const char *const modes[] = { "full", "limited" };
	if (!s->set || strcmp(s->text, "full") == 0 || strcmp(s->text, "limited") == 0)
		return;
	const char *near = suggest(s->text, modes, NELEMS(modes));
	struct diag *e = diag_add(c->d, D_WORD_UNKNOWN, s->value,
	    "unknown network mode \"%s\"", s->text);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(c->d, e, "\"full\" or \"limited\"");
	s->set = false;
}

static void
read_mitm(struct config *c, struct profile *p, const struct toml_key *key)
{
	struct network *n = &p->network;
	if (n->mitm == NULL) {
		n->mitm = arena_alloc(c->a, sizeof(*n->mitm));
		n->mitm->type = TOML_TABLE;
		n->mitm->table = arena_alloc(c->a, sizeof(*n->mitm->table));
	}
	n->mitm_origin = (struct origin){ key->span, key->name.p, p->name };
	toml_merge(c->a, n->mitm, key->value);
}

void
profile_read_network(struct config *c, struct profile *p, const struct toml_key *table,
    unsigned layer)
{
	static const char *const http[] = { "http" };
	static const char *const socks[] = { "socks5h", "socks5" };
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };
	struct network *n = &p->network;

	n->written = true;
	n->origin = (struct origin){ table->span, table->name.p, p->name };
	schema_read(c->a, c->d, TABLE_NETWORK, UNKNOWN_ERROR, "a network table", table->value, found);
	for (size_t i = 0; i < NELEMS(scalars); i++)
		setting_read(&n->s[scalars[i]], found[scalars[i]], p->name);
	check_mode(c, &n->s[KEY_MODE]);
	check_url(c, &n->s[KEY_PROXY_URL], http, NELEMS(http));
	check_url(c, &n->s[KEY_SOCKS_URL], socks, NELEMS(socks));
	if (found[KEY_DOMAINS] != NULL) {
		n->has_domains = true;
		const struct toml_table *t = found[KEY_DOMAINS]->value->table;
		for (size_t i = 0; i < t->keys.len; i++)
			read_domain(c, p, &t->keys.v[i], layer);
	}
	if (found[KEY_UNIX_SOCKETS] != NULL) {
		n->has_sockets = true;
		const struct toml_table *t = found[KEY_UNIX_SOCKETS]->value->table;
		for (size_t i = 0; i < t->keys.len; i++)
			read_socket(c, p, &t->keys.v[i], layer);
	}
	if (found[KEY_MITM] != NULL)
		read_mitm(c, p, found[KEY_MITM]);
}
