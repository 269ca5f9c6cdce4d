/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_check.c - the model against a policy, and its two readings against each other */
#include <config.h>

#include "seatbelt_model.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "backend.h"
#include "compare.h"
#include "path_dfa.h"
#include "seatbelt_rules.h"
#include "seatbelt_walk.h"

/* Terms by what they need; the table is in seatbelt_model.h. */
static const uint64_t
    needs_read = TERM(T_READ_DATA) | TERM(T_READ_XATTR) | TERM(T_MAP) | TERM(T_CLONE) |
	TERM(T_EXEC_INTERPRETER) | TERM(T_EXEC_UPDATE),
    needs_way = TERM(T_READ_METADATA) | TERM(T_TEST),
    needs_write = TERM(T_WRITE_DATA) | TERM(T_WRITE_MODE) | TERM(T_WRITE_OWNER) |
	TERM(T_WRITE_FLAGS) | TERM(T_WRITE_TIMES) | TERM(T_WRITE_XATTR) | TERM(T_WRITE_ACL) |
	TERM(T_WRITE_SETUGID),
    needs_loose = TERM(T_UNLINK) | TERM(T_LINK),
    at_most_read = TERM(T_IOCTL) | TERM(T_SEARCH),
    at_most_write = TERM(T_CHROOT) | TERM(T_ISSUE) | TERM(T_MKNOD) | TERM(T_MOUNT) |
	TERM(T_MOUNT_UPDATE) | TERM(T_QUOTA) | TERM(T_REVOKE) | TERM(T_UNMOUNT) |
	TERM(T_FINDERINFO),
    base_held = TERM(T_READ_DATA) | TERM(T_READ_METADATA) | TERM(T_READ_XATTR) | TERM(T_TEST) |
	TERM(T_WRITE_DATA);

/* Paths of which something is free; the walk tells them from others by these. */
static const char terminal[] = "^/dev/ttys[0-9]+$";
static const char free_link[] = "^/(tmp|var|etc|dev/std(in|out|err))$";

/* Every combination of type and extension that the profile can tell apart. */
static size_t
environments(const struct seatbelt_model *m, struct sb_environment out[2 * 33])
{
	size_t n = 0;

	for (int pty = 0; pty <= (m->pty ? 1 : 0); pty++) {
		out[n++] = (struct sb_environment){ 0, pty != 0 };
		for (unsigned i = 0; i < 32; i++)
			if (m->vnodes >> i & 1)
				out[n++] = (struct sb_environment){ (uint32_t)1 << i, pty != 0 };
	}
	return n;
}

static enum sb_term
first_term(uint64_t terms)
{
	unsigned t = 0;
	while ((terms >> t & 1) == 0)
		t++;
	return (enum sb_term)t;
}

/* ---- one reading against the other ---- */

struct readings {
	struct arena	*a;
	const struct seatbelt_model *m;
	struct sb_environment env[2 * 33];
	size_t		 nenv;
	const char	*why;
};

static bool
readings_agree(void *arg, const struct sb_at *at)
{
	struct readings *r = arg;

	for (size_t i = 0; i < r->nenv; i++) {
		struct sb_answers x = sb_answer(r->m, at->residue, at->states, r->env[i]);
		if (x.kernel == x.flat)
			continue;
		enum sb_term t = first_term(x.kernel ^ x.flat);
		r->why = arena_printf(r->a, "the two readings of precedence differ: %s %s is "
		    "%s by the order of operations, and %s by the order of rules alone",
		    sb_term_name(t), at->path, x.kernel & TERM(t) ? "allowed" : "denied",
		    x.flat & TERM(t) ? "allowed" : "denied");
		return false;
	}
	return true;
}

/* Bits: some rule of the chain allows, some denies. */
static unsigned
verdicts(const struct seatbelt_model *m, uint16_t op)
{
	unsigned found = 0;

	for (; op != SB_NO_OP && !sb_op_is_default(op); op = sb_op_parent(op))
		for (size_t i = 0; i < m->rules.len; i++)
			for (size_t k = 0; k < m->rules.v[i]->nops; k++)
				if (m->rules.v[i]->op[k] == op)
					found |= m->rules.v[i]->allow ? 1 : 2;
	return found;
}

static const char *
mixed_operation(struct arena *a, const struct seatbelt_model *m)
{
	for (size_t i = 0; i < m->rules.len; i++) {
		const struct sb_rule *r = m->rules.v[i];
		for (size_t k = 0; k < r->nops; k++)
			if (sb_op_class(r->op[k]) != SB_FILE && verdicts(m, r->op[k]) == 3)
				return arena_printf(a, "line %u of the profile: %s is allowed by one "
				    "rule and denied by another, so the order of rules would matter",
				    r->line, sb_op_name(r->op[k]));
	}
	return NULL;
}

static bool
only_allows(const struct seatbelt_model *m)
{
	for (size_t i = 0; i < m->rules.len; i++) {
		const struct sb_rule *r = m->rules.v[i];
		if (!r->allow && !sb_op_is_default(r->op[0]))
			return false;
	}
	return true;
}

struct seatbelt_model *
seatbelt_model_read(struct arena *a, const char *text, size_t len, const char **why)
{
	struct seatbelt_model *m = seatbelt_model_load(a, text, len, why);

	/* Where nothing but the default denies, no order can matter. */
	if (m == NULL || only_allows(m))
		return m;
	struct readings r = { .a = a, .m = m, .why = mixed_operation(a, m) };
	r.nenv = environments(m, r.env);
	struct sb_walk w = { m, NULL, m->dfa.v, m->dfa.len, readings_agree, &r };
	if (r.why == NULL && sb_walk(a, &w) != 0)
		r.why = "the readings cannot be compared: there are too many states";
	*why = r.why;
	return r.why == NULL ? m : NULL;
}

/* ---- against a policy ---- */

struct check {
	struct arena	*a;
	const struct seatbelt_model *m;
	size_t		 terminal, free_link;	/* indices of these automata */
	const struct dfa *const *dfa;
	struct sb_environment env[2 * 33];
	size_t		 nenv;
	bool		 (*exists)(const void *, const struct region *);
	const void	*arg;
	struct refusal	*out;
	bool		 bad;
};

/* What the policy says of one path. */
struct demand {
	uint64_t	 yes, no;	/* terms that must be allowed, denied */
	bool		 readable, writable, pinned, way;
};

static bool
reopened_below(const struct region *r)
{
	for (size_t i = 0; i < r->nchild; i++) {
		const struct region *c = r->child[i];
		if (c->self != ACCESS_DENY || c->below != ACCESS_DENY || reopened_below(c))
			return true;
	}
	return r->folded != NULL && reopened_below(r->folded);
}

static bool
accepts(const struct check *c, size_t dfa, const struct sb_at *at)
{
	return c->dfa[dfa]->accept[at->states[dfa]];
}

static struct demand
demand_of(const struct check *c, const struct sb_at *at)
{
	struct demand d = { .readable = at->access != ACCESS_DENY,
	    .writable = at->access == ACCESS_WRITE };
	bool base = at->why.kind == WHY_BASE;

	d.pinned = d.writable && at->node != NULL && at->node->pinned;
	d.way = d.readable || accepts(c, c->free_link, at) || (at->node != NULL && !at->globbed &&
	    (at->node->link != NULL || reopened_below(at->node)));
	*(d.readable ? &d.yes : &d.no) |= needs_read;
	*(d.way ? &d.yes : &d.no) |= needs_way;
	*(d.writable ? &d.yes : &d.no) |= needs_write;
	*(d.writable && !d.pinned ? &d.yes : &d.no) |= needs_loose;
	if (!d.readable)
		d.no |= at_most_read;
	if (!d.writable || d.pinned)
		d.no |= at_most_write;
	if (!d.writable)
		d.no |= TERM(T_CREATE);
	else if (!d.pinned)
		d.yes |= TERM(T_CREATE);
	else if (c->exists != NULL)
		*(c->exists(c->arg, at->node) ? &d.no : &d.yes) |= TERM(T_CREATE);
	if (base) {
		d.yes &= base_held;
		d.no &= ~(d.writable ? needs_loose | TERM(T_CREATE) | at_most_write : 0);
	}
	return d;
}

static bool
report(struct check *c, const struct sb_at *at, const struct demand *d, uint64_t wrong,
    bool allowed, bool kernel, bool flat)
{
	enum sb_term t = first_term(wrong);
	const char *verb = t <= T_EXEC_UPDATE || t == T_IOCTL || t == T_SEARCH ? "read" :
	    TERM(t) & (needs_loose | TERM(T_CREATE)) && d->writable ? "rename" : "write";

	*c->out = (struct refusal){
		arena_printf(c->a, "the profile %s %s%s, which the policy %s",
		    allowed ? "allows" : "refuses", sb_term_name(t),
		    kernel && flat ? "" : kernel ? " (by the order of operations)" :
		    " (by the order of rules alone)", allowed ? "refuses" : "allows"),
		arena_printf(c->a, "%s %s", verb, at->path),
		at->why.origin,
	};
	c->bad = true;
	return false;
}

static bool
agrees(void *arg, const struct sb_at *at)
{
	struct check *c = arg;
	struct demand d = demand_of(c, at);
	bool tty = accepts(c, c->terminal, at);

	if (tty)
		d.no &= ~(needs_way | TERM(T_IOCTL));
	for (size_t i = 0; i < c->nenv; i++) {
		if (tty && c->env[i].pty)
			continue;
		struct sb_answers x = sb_answer(c->m, at->residue, at->states, c->env[i]);
		uint64_t more[2] = { x.kernel & d.no, x.flat & d.no };
		uint64_t less[2] = { ~x.kernel & d.yes, ~x.flat & d.yes };
		uint64_t wrong = more[0] | more[1] | less[0] | less[1];
		if (wrong == 0)
			continue;
		uint64_t bit = TERM(first_term(wrong));
		bool allowed = ((more[0] | more[1]) & bit) != 0;
		const uint64_t *of = allowed ? more : less;
		return report(c, at, &d, wrong, allowed, (of[0] & bit) != 0, (of[1] & bit) != 0);
	}
	return true;
}

/* The automata of the walk; NULL where a pattern passes the limit. */
static const struct dfa *const *
automata(struct arena *a, const struct seatbelt_model *m, const struct compare_side *side,
    const char **why)
{
	const struct dfa **v = arena_array(a, m->dfa.len + side->npatterns + 2, sizeof(*v));

	for (size_t i = 0; i < m->dfa.len; i++)
		v[i] = m->dfa.v[i];
	for (size_t i = 0; i < side->npatterns; i++) {
		v[m->dfa.len + i] = pattern_dfa(a, side->pattern[i], why);
		if (v[m->dfa.len + i] == NULL)
			return NULL;
	}
	const size_t n = m->dfa.len + side->npatterns;
	v[n] = regex_dfa(a, terminal, sizeof(terminal) - 1, why);
	v[n + 1] = regex_dfa(a, free_link, sizeof(free_link) - 1, why);
	return v;
}

int
seatbelt_model_check_with(struct arena *a, const struct seatbelt_model *m,
    const struct compare_side *effective,
    bool (*exists)(const void *, const struct region *), const void *arg, struct refusal *out)
{
	struct check c = { .a = a, .m = m, .exists = exists, .arg = arg, .out = out };
	const char *why = NULL;

	c.terminal = m->dfa.len + effective->npatterns;
	c.free_link = c.terminal + 1;
	c.dfa = automata(a, m, effective, &why);
	if (c.dfa == NULL) {
		*out = (struct refusal){ arena_printf(a, "a pattern %s", why), NULL, NULL };
		return -1;
	}
	c.nenv = environments(m, c.env);
	struct sb_walk w = { m, effective, c.dfa, c.free_link + 1, agrees, &c };
	if (sb_walk(a, &w) != 0) {
		*out = (struct refusal){ "the comparison passed its limit of states", NULL, NULL };
		return -1;
	}
	return c.bad ? -1 : 0;
}

int
seatbelt_model_check(struct arena *a, const struct seatbelt_model *m,
    const struct compare_side *effective, struct refusal *out)
{
	return seatbelt_model_check_with(a, m, effective, NULL, NULL, out);
}
