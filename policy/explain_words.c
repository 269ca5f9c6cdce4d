/* SPDX-License-Identifier: Apache-2.0 */
/* explain_words.c - reasons as words and as names for programs */
#include <config.h>

#include "explain.h"

#include <string.h>

#include "arena.h"
#include "path.h"

const char *
loss_name(enum loss l)
{
	static const char *const name[] = {
		[LOSS_NONE] = "none", [LOSS_DEEPER] = "deeper", [LOSS_STRONGER] = "stronger",
		[LOSS_WRITTEN] = "written", [LOSS_SAME] = "same", [LOSS_SHIELDED] = "shielded",
		[LOSS_PATTERN] = "pattern", [LOSS_LINK] = "link", [LOSS_BASE] = "base", [LOSS_LIFTED] = "lifted",
		[LOSS_NO_WRITE] = "no-write", [LOSS_REPLACED] = "replaced", [LOSS_DENY] = "deny", [LOSS_MODE] = "mode",
		[LOSS_ADDRESS] = "address",
	};
	return name[l];
}

const char *
loss_text(struct arena *a, const struct bound_policy *b, const struct explained_rule *r)
{
	const char *by = r->by_where != NULL ? explain_spell(a, b, r->by_where) : "";
	switch (r->loss) {
	case LOSS_NONE:
		return "";
	case LOSS_DEEPER:
		return arena_printf(a, "\"%s\" is less specific than \"%s\"",
		    explain_spell(a, b, r->where), by);
	case LOSS_STRONGER:
		return "deny beats write, and write beats read, for the same path";
	case LOSS_WRITTEN:
		return "a platform root yields to what is written for the same path";
	case LOSS_SAME:
		return r->by.kind != WHY_ENTRY ?
		    arena_printf(a, "%s already", why_text(a, b, &r->by)) :
		    arena_printf(a, "\"%s\" says the same", r->by.origin->text);
	case LOSS_SHIELDED:
		return arena_printf(a, "%s: writing is taken back", why_text(a, b, &r->by));
	case LOSS_PATTERN:
		return "a deny pattern beats everything";
	case LOSS_BASE:
		return "every sandbox has this of its own";
	case LOSS_LINK:
		return "a link that leads to what is granted is readable itself";
	case LOSS_LIFTED:
		return arena_printf(a, "%s = \"write\" lifts it from \"%s\" down",
		    why_text(a, b, &r->by), by);
	case LOSS_NO_WRITE:
		return "nothing to take back: writing is not granted here";
	case LOSS_REPLACED:
		return arena_printf(a, "replaced by \"%s\" of %s", r->by.origin->text,
		    why_place(a, b, &r->by)[0] != '\0' ? why_place(a, b, &r->by) :
		    r->by.origin->profile);
	case LOSS_DENY:
		return "deny beats allow";
	case LOSS_MODE:
		return b->ir->network.mode == NET_OFF ? "the network is off" :
		    "the network is open to everything";
	case LOSS_ADDRESS:
		return "it allows the name; an address that is not public needs a rule of its own "
		    "or allow_local_binding";
	}
	return "";
}

const char *
pin_name(enum pin_kind k)
{
	static const char *const name[] = {
		[PIN_ROOT] = "root", [PIN_TOP] = "top", [PIN_ENTRY] = "entry",
		[PIN_BELOW] = "below", [PIN_PATTERN] = "pattern", [PIN_MATCH] = "match",
		[PIN_PARTIAL] = "partial", [PIN_BASE] = "base",
	};
	return name[k];
}

const char *
pin_text(struct arena *a, const struct bound_policy *b, const struct explained_pin *p)
{
	const char *path = p->path != NULL ? explain_spell(a, b, p->path) : "";
	const char *text = p->why.origin != NULL ? p->why.origin->text : "";
	switch (p->kind) {
	case PIN_ROOT:
		return "it is the root directory";
	case PIN_TOP:
		return arena_printf(a, "it is the top of a grant: \"%s\" above it is not writable",
		    path);
	case PIN_ENTRY:
		return arena_printf(a, "entry \"%s\" is for this very path", text);
	case PIN_BELOW:
		return arena_printf(a, "\"%s\" below it is not writable: %s", path,
		    why_text(a, b, &p->why));
	case PIN_PATTERN:
		return arena_printf(a, "pattern \"%s\" holds from \"%s\" down", text, path);
	case PIN_MATCH:
		return arena_printf(a, "\"%s\" below it matches pattern \"%s\"", path, text);
	case PIN_PARTIAL:
		return arena_printf(a, "it matches the first part of pattern \"%s\"", text);
	case PIN_BASE:
		return "the sandbox keeps it in its place";
	}
	return "";
}

const char *
net_reason_text(struct arena *a, const struct ir_network *n, const struct net_decision *d)
{
	switch (d->reason) {
	case NET_BY_MODE:
		if (n->mode == NET_OPEN)
			return "the network is open to everything";
		return strcmp(d->origin->text, "enabled") == 0 ? "the network is off" :
		    "the network is off, as it is where nothing says enabled = true";
	case NET_BY_RULE:
		return arena_printf(a, "rule \"%s\" %s it", d->origin->text,
		    d->allow ? "allows" : "denies");
	case NET_BY_SWITCH:
		return d->kind != NULL ?
		    arena_printf(a, "allow_local_binding lets %s addresses through", d->kind) :
		    "dangerously_allow_all_unix_sockets is set";
	case NET_NO_RULE:
		return "no rule allows it";
	case NET_BY_ADDRESS:
		return arena_printf(a, "rule \"%s\" allows the name, but %s addresses need a rule "
		    "of their own or allow_local_binding", d->origin->text, d->kind);
	}
	return "";
}

const char *
explain_spell(struct arena *a, const struct bound_policy *b, const char *path)
{
	const struct { const char *base, *spelt; } anchor[] = {
		{ b->cwd, ":workspace_roots" }, { b->home != NULL ? b->home : "/@home", "~" },
		{ b->tmpdir != NULL ? b->tmpdir : "/@tmpdir", ":tmpdir" },
	};
	for (size_t i = 0; b->generic && i < NELEMS(anchor); i++)
		if (path_within(path, anchor[i].base))
			return arena_printf(a, "%s%s", anchor[i].spelt,
			    path + strlen(anchor[i].base));
	return path;
}
