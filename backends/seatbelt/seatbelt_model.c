/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_model.c - a Seatbelt profile: text to rules, and one question at a time */
#include <config.h>

#include "seatbelt_model.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "diag.h"
#include "intern.h"
#include "path.h"
#include "path_dfa.h"
#include "sbpl.h"
#include "seatbelt_rules.h"
#include "source.h"

/* ---- rules ---- */

static bool
read_modifier(struct sb_reader *r, const struct sbpl_form *f)
{
	static const char *const plain[] = { "report", "no-report", "no-log" };
	const struct sbpl_form *what = f->list.first->next;

	if (what != NULL && what->kind == SBPL_SYMBOL) {
		for (size_t i = 0; i < NELEMS(plain); i++)
			if (f->list.len == 2 && strcmp(what->text.p, plain[i]) == 0)
				return true;
		if (f->list.len == 3 && strcmp(what->text.p, "message") == 0 &&
		    what->next->kind == SBPL_STRING)
			return true;
	}
	sb_fail(r, f, "this modifier is not understood");
	return false;
}

static bool
read_operation(struct sb_reader *r, const struct sbpl_form *f, struct sb_rule *rule,
    uint16_t *op, unsigned *classes)
{
	uint16_t n = sb_op_find(f->text.p);

	if (n == SB_NO_OP) {
		sb_fail(r, f, "the operation %.100s is not known", f->text.p);
		return false;
	}
	op[rule->nops++] = n;
	*classes |= sb_op_class(n);
	rule->levels |= sb_op_level(n);
	return true;
}

/* (allow OPERATION... FILTER... MODIFIER...), in any order but operations first. */
static bool
read_rule(struct sb_reader *r, const struct sbpl_form *f)
{
	struct arena *a = r->m->a;
	struct sb_rule *rule = arena_alloc(a, sizeof(*rule));
	uint16_t *op = arena_array(a, f->list.len, sizeof(*op));
	const struct sbpl_form *c = f->list.first->next;
	unsigned classes = 0;

	rule->allow = sbpl_is_symbol(f, "allow");
	rule->line = source_locate(r->m->sources, f->span).line;
	rule->op = op;
	for (; c != NULL && c->kind == SBPL_SYMBOL; c = c->next)
		if (!read_operation(r, c, rule, op, &classes))
			return false;
	if (rule->nops == 0)
		return sb_fail(r, f, "a rule without an operation") != NULL;
	for (; c != NULL; c = c->next) {
		if (sbpl_is_symbol(c, "with") && c->kind == SBPL_LIST) {
			if (!read_modifier(r, c))
				return false;
			continue;
		}
		struct sb_filter *one = sb_filter_read(r, c, classes);
		if (one == NULL)
			return false;
		if (rule->filter == NULL)
			rule->filter = sb_filter_new(a, SB_ANY);
		rule->filter->rule = rule;
		sb_filter_adopt(rule->filter, one);
	}
	if (rule->filter != NULL && !sb_anchor(r, f, rule->filter))
		return false;
	for (size_t i = 0; i < rule->nops; i++)
		if (sb_op_is_default(op[i]) && (rule->nops > 1 || rule->filter != NULL))
			return sb_fail(r, f, "default stands alone in its rule") != NULL;
	rule->form = f;
	rule->classes = classes;
	VEC_PUSH(a, &r->m->rules, rule);
	return true;
}

static bool
read_forms(struct sb_reader *r, const struct sbpl_form *list)
{
	const struct sbpl_form *f = list->list.first;

	if (f == NULL || f->kind != SBPL_LIST || !sbpl_is_symbol(f, "version") ||
	    f->list.len != 2 || f->list.first->next->kind != SBPL_NUMBER ||
	    f->list.first->next->number != 1)
		return sb_fail(r, f != NULL ? f : list, "a profile begins with (version 1)") != NULL;
	while ((f = f->next) != NULL) {
		if (f->kind != SBPL_LIST || f->list.first == NULL ||
		    f->list.first->kind != SBPL_SYMBOL)
			return sb_fail(r, f, "a rule is expected here") != NULL;
		if (sbpl_is_symbol(f, "define")) {
			if (!sb_define(r, f))
				return false;
			continue;
		}
		if (!sbpl_is_symbol(f, "allow") && !sbpl_is_symbol(f, "deny"))
			return sb_fail(r, f, "(%.100s ...) is not understood",
			    f->list.first->text.p) != NULL;
		if (!read_rule(r, f))
			return false;
	}
	return true;
}

static const char *
first_error(struct arena *a, const struct diags *d)
{
	for (size_t i = 0; i < diags_count(d); i++) {
		const struct diag *g = diags_at(d, i);
		if (g->severity != DIAG_ERROR)
			continue;
		struct place_in_source p = source_locate(diags_sources(d), g->span);
		return arena_printf(a, "line %u, column %u of the profile: %s", p.line, p.column,
		    g->text);
	}
	return "the profile cannot be read";
}

struct seatbelt_model *
seatbelt_model_load(struct arena *a, const char *text, size_t len, const char **why)
{
	struct seatbelt_model *m = arena_alloc(a, sizeof(*m));
	struct sb_reader r = { m, NULL };

	m->a = a;
	m->sources = sources_new(a);
	m->params = strmap_new(a);
	m->by_regex = strmap_new(a);
	struct diags *diags = diags_new(a, m->sources);
	const struct source *src = sources_add(m->sources, diags, "profile", text, len);
	struct sbpl_form *forms = src != NULL ? sbpl_parse(a, diags, src) : NULL;
	if (forms == NULL || diags_errors(diags) > 0) {
		*why = first_error(a, diags);
		return NULL;
	}
	if (!sb_params_read(&r, text, len) || !read_forms(&r, forms)) {
		*why = r.why;
		return NULL;
	}
	if (!sb_residues_build(m)) {
		*why = "the names in the profile's expressions are too many";
		return NULL;
	}
	return m;
}

struct seatbelt_model *
sb_model_part(const struct seatbelt_model *m, unsigned classes)
{
	struct seatbelt_model *part = arena_alloc(m->a, sizeof(*part));
	struct sb_reader r = { part, NULL };

	part->a = m->a;
	part->sources = m->sources;
	part->params = m->params;
	part->procedures = m->procedures;
	part->by_regex = strmap_new(m->a);
	/* Filters belong to one model, so they are read again. */
	for (size_t i = 0; i < m->rules.len; i++)
		if (((m->rules.v[i]->classes & classes) != 0 ||
		    sb_op_is_default(m->rules.v[i]->op[0])) &&
		    !read_rule(&r, m->rules.v[i]->form))
			return NULL;
	return sb_residues_build(part) ? part : NULL;
}

/* ---- one question ---- */

static const char *
default_name_kind(const char *operation)
{
	static const struct { const char *begin, *kind; } of[] = {
		{ "mach-", "global-name" }, { "sysctl", "sysctl-name" },
		{ "ipc-posix", "ipc-posix-name" },
		{ "iokit-open", "iokit-registry-entry-class" },
		{ "user-preference", "preference-domain" },
		{ "managed-preference", "preference-domain" },
		{ "system-socket", "control-name" },
		{ "distributed-notification", "notification-name" },
		{ "darwin-notification", "notification-name" },
	};

	for (size_t i = 0; i < NELEMS(of); i++)
		if (strncmp(operation, of[i].begin, strlen(of[i].begin)) == 0)
			return of[i].kind;
	return "";
}

static bool
path_holds(const struct sb_filter *f, const char *path)
{
	for (size_t i = 0; path != NULL && i < f->place.len; i++)
		if (sb_place_holds(&f->place.v[i], path))
			return true;
	return false;
}

static bool
dfa_holds(const struct dfa *d, const char *text)
{
	return text != NULL && d->accept[dfa_run(d, 0, text, strlen(text))];
}

static bool
vnode_holds(uint32_t mask, const char *vnode)
{
	static const char *const type[] = {
		"REGULAR-FILE", "DIRECTORY", "SYMLINK", "BLOCK-DEVICE", "CHARACTER-DEVICE",
		"SOCKET", "FIFO", "TTY",
	};

	if (vnode == NULL)
		return true;
	for (size_t i = 0; i < NELEMS(type); i++)
		if (strcmp(vnode, type[i]) == 0)
			return mask >> i & 1;
	return false;
}

static bool
name_holds(const struct sb_filter *f, const struct seatbelt_query *q)
{
	const char *kind = q->name_kind != NULL ? q->name_kind : default_name_kind(q->operation);

	if (q->name == NULL || strcmp(kind, f->word) != 0)
		return false;
	if (f->index == 2)
		return dfa_holds(f->dfa, q->name);
	return f->index == 1 ? strncmp(q->name, f->text, strlen(f->text)) == 0 :
	    strcmp(q->name, f->text) == 0;
}

static bool
symbol_holds(const struct sb_filter *f, const struct seatbelt_query *q)
{
	bool target = strcmp(f->word, "target") == 0;
	const char *have = target ? q->target : q->domain;

	if (have == NULL)
		return false;
	/* Oneself is in one's own sandbox, and the like. */
	if (target && strcmp(have, "self") == 0 && strcmp(f->text, "others") != 0)
		return true;
	return strcmp(have, f->text) == 0;
}

/*
 * The far end is what an outbound connection names; a socket that is bound or
 * listens has only its own.  An unbound end of one's own is at any address.
 */
static bool
address_holds(const struct sb_filter *f, const struct seatbelt_query *q)
{
	bool outbound = strcmp(q->operation, "network-outbound") == 0;
	const char *host = q->host, *port = q->port;
	size_t len = strcspn(f->word, "46");
	bool six = q->host != NULL && strchr(q->host, ':') != NULL;

	if (q->protocol == NULL)
		return false;
	if (f->remote != outbound) {
		if (f->remote)
			return false;
		host = six ? "::" : "0.0.0.0";
		port = "*";
	}
	if (strncmp(f->word, "ip", len) != 0 && strncmp(f->word, q->protocol, len) != 0)
		return false;
	if (f->word[len] != '\0' && (f->word[len] == '6') != six)
		return false;
	if (strcmp(f->port, "*") != 0 && strcmp(f->port, port) != 0)
		return false;
	return strcmp(f->text, "*") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	    strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0 ||
	    (!f->remote && (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0));
}

/* Depth: LIMIT_SBPL_DEPTH. */
static bool
holds(const struct seatbelt_model *m, const struct sb_filter *f, const struct seatbelt_query *q)
{
	const struct sb_filter *c = f->child;

	switch (f->kind) {
	case SB_ALL:
		while (c != NULL && holds(m, c, q))
			c = c->next;
		return c == NULL;
	case SB_ANY:
		while (c != NULL && !holds(m, c, q))
			c = c->next;
		return c != NULL;
	case SB_NOT:
		return !holds(m, c, q);
	case SB_PATH:
		return path_holds(f, q->path);
	case SB_TAIL:
		return sb_tail_holds(m, f, q->path);
	case SB_VNODE:
		return vnode_holds(f->index, q->vnode);
	case SB_PTY:
		return false;
	case SB_NAME:
		return name_holds(f, q);
	case SB_SYMBOL:
		return symbol_holds(f, q);
	case SB_NET:
		return address_holds(f, q);
	case SB_UNIX:
		return q->unix_socket && (c == NULL || holds(m, c, q));
	case SB_REGEX:
		break;		/* there are none left */
	}
	return false;
}

static bool
names(const struct sb_rule *r, uint16_t op)
{
	for (size_t i = 0; i < r->nops; i++)
		if (r->op[i] == op)
			return true;
	return false;
}

static bool
ask_kernel(const struct seatbelt_model *m, const struct seatbelt_query *q, uint16_t op)
{
	for (; op != SB_NO_OP; op = sb_op_parent(op)) {
		const struct sb_rule *bare = NULL;
		for (size_t i = m->rules.len; i-- > 0;) {
			const struct sb_rule *r = m->rules.v[i];
			if (!names(r, op))
				continue;
			if (r->filter != NULL && holds(m, r->filter, q))
				return r->allow;
			if (r->filter == NULL && bare == NULL)
				bare = r;
		}
		if (bare != NULL)
			return bare->allow;
	}
	return false;
}

static bool
ask_flat(const struct seatbelt_model *m, const struct seatbelt_query *q, uint16_t op)
{
	const struct sb_rule *last = NULL;

	for (size_t i = m->rules.len; i-- > 0;) {
		const struct sb_rule *r = m->rules.v[i];
		for (uint16_t o = op; o != SB_NO_OP; o = sb_op_parent(o)) {
			if (!names(r, o))
				continue;
			if (sb_op_is_default(o))
				last = last != NULL ? last : r;
			else if (r->filter == NULL || holds(m, r->filter, q))
				return r->allow;
		}
	}
	return last != NULL && last->allow;
}

bool
seatbelt_model_asks(const struct seatbelt_model *m, const struct seatbelt_query *q, bool kernel)
{
	uint16_t op = sb_op_find(q->operation);

	if (op == SB_NO_OP)
		return false;
	return kernel ? ask_kernel(m, q, op) : ask_flat(m, q, op);
}

bool
seatbelt_model_allows(const struct seatbelt_model *m, const char *operation, const char *path,
    bool kernel)
{
	struct seatbelt_query q = { .operation = operation, .path = path };

	return seatbelt_model_asks(m, &q, kernel);
}
