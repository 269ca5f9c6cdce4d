/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_check.c - the model against a policy, and its two readings against each other */
#include <config.h>

#include "seatbelt_model.h"

#include <string.h>

#include "arena.h"
#include "automaton.h"
#include "backend.h"
#include "compare.h"
#include "intern.h"
#include "path_dfa.h"
#include "pattern_tree.h"
#include "sbuf.h"
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

/* What the walk marks paths by: patterns of the policy, and what is free. */
enum { MARK_DENIED, MARK_TERMINAL, MARK_LINK };
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
	struct seatbelt_model *m;
	struct sb_environment env[2 * 33];
	size_t		 nenv;
};

/* The terms that the readings differ about. */
static uint64_t
readings_differ(const struct readings *r, const struct sb_at *at, struct sb_answers *x)
{
	for (size_t i = 0; i < r->nenv; i++) {
		*x = sb_answer(r->m, at->residue, r->env[i]);
		if (x->kernel != x->flat)
			return x->kernel ^ x->flat;
	}
	return 0;
}

static bool
readings_agree(void *arg, const struct sb_at *at)
{
	struct sb_answers x;
	return readings_differ(arg, at, &x) == 0;
}

/* NULL, or how they differ on the shortest path. */
static const char *
compare_readings(struct arena *a, struct seatbelt_model *m)
{
	struct readings r = { .a = a, .m = m };
	struct sb_walk w = { m, NULL, NULL, readings_agree, &r };
	struct sb_answers x = { 0, 0 };
	struct sb_at at;
	bool wrong;

	r.nenv = environments(m, r.env);
	if (sb_walk(a, &w, &wrong, &at) != 0)
		return "the readings cannot be compared: there are too many states";
	if (!wrong)
		return NULL;
	enum sb_term t = first_term(readings_differ(&r, &at, &x));
	return arena_printf(a, "the two readings of precedence differ: %s %s is %s by the order of "
	    "operations, and %s by the order of rules alone", sb_term_name(t), at.path,
	    x.kernel & TERM(t) ? "allowed" : "denied", x.flat & TERM(t) ? "allowed" : "denied");
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
	const char *bad = mixed_operation(a, m);
	if (bad == NULL)
		bad = compare_readings(a, m);
	*why = bad;
	return bad == NULL ? m : NULL;
}

/* ---- against a policy ---- */

struct check {
	struct arena	*a;
	struct seatbelt_model *m;
	const struct compare_side *side;
	struct sb_environment env[2 * 33];
	size_t		 nenv;
	bool		 (*exists)(const void *, const struct region *);
	const void	*arg;
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
is_marked(const struct sb_at *at, unsigned mark)
{
	return (at->marks >> mark & 1) != 0;
}

static struct demand
demand_of(const struct check *c, const struct sb_at *at)
{
	bool denied = is_marked(at, MARK_DENIED), base = !denied && at->why.kind == WHY_BASE;
	enum access access = denied ? ACCESS_DENY : at->access;
	struct demand d = { .readable = access != ACCESS_DENY, .writable = access == ACCESS_WRITE };

	d.pinned = d.writable && at->node != NULL && at->node->pinned;
	d.way = d.readable || is_marked(at, MARK_LINK) || (at->node != NULL && !denied &&
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

/* What is wrong with a path, by one type of file and extension. */
struct fault {
	uint64_t	 terms;
	bool		 allowed;	/* and should not be */
	bool		 kernel, flat;	/* by which reading; of the first term */
	bool		 writable;
};

static bool
find_fault(const struct check *c, const struct sb_at *at, struct fault *out)
{
	struct demand d = demand_of(c, at);
	bool tty = is_marked(at, MARK_TERMINAL);

	if (tty)
		d.no &= ~(needs_way | TERM(T_IOCTL));
	for (size_t i = 0; i < c->nenv; i++) {
		if (tty && c->env[i].pty)
			continue;
		struct sb_answers x = sb_answer(c->m, at->residue, c->env[i]);
		uint64_t more[2] = { x.kernel & d.no, x.flat & d.no };
		uint64_t less[2] = { ~x.kernel & d.yes, ~x.flat & d.yes };
		uint64_t wrong = more[0] | more[1] | less[0] | less[1];
		if (wrong == 0)
			continue;
		uint64_t bit = TERM(first_term(wrong));
		bool allowed = ((more[0] | more[1]) & bit) != 0;
		const uint64_t *of = allowed ? more : less;
		*out = (struct fault){ wrong, allowed, (of[0] & bit) != 0, (of[1] & bit) != 0, d.writable };
		return true;
	}
	return false;
}

static bool
agrees(void *arg, const struct sb_at *at)
{
	struct fault f;
	return !find_fault(arg, at, &f);
}

/* The rule that decides a path on the policy's side. */
static const struct ir_origin *
origin_of(const struct check *c, const struct sb_at *at)
{
	for (size_t i = 0; is_marked(at, MARK_DENIED) && i < c->side->npatterns; i++)
		if (pattern_covers(c->side->pattern[i], 0, at->path))
			return c->side->pattern_why != NULL ? c->side->pattern_why[i].origin : NULL;
	return at->why.origin;
}

static struct refusal
refusal_of(const struct check *c, const struct sb_at *at)
{
	struct fault f = { .terms = 1 };

	find_fault(c, at, &f);
	enum sb_term t = first_term(f.terms);
	const char *verb = t <= T_EXEC_UPDATE || t == T_IOCTL || t == T_SEARCH ? "read" :
	    TERM(t) & (needs_loose | TERM(T_CREATE)) && f.writable ? "rename" : "write";
	return (struct refusal){
		arena_printf(c->a, "the profile %s %s%s, which the policy %s",
		    f.allowed ? "allows" : "refuses", sb_term_name(t),
		    f.kernel && f.flat ? "" : f.kernel ? " (by the order of operations)" :
		    " (by the order of rules alone)", f.allowed ? "refuses" : "allows"),
		arena_printf(c->a, "%s %s", verb, at->path),
		origin_of(c, at),
	};
}

/* ---- marks ---- */

/* Patterns that go on alike behind their literal parts have one automaton. */
static int
mark_pattern(struct arena *a, struct seatbelt_model *m, const struct pattern *p, struct strmap *known,
    struct region *marks, const char **why)
{
	struct sbuf key = SBUF_INIT;
	size_t n;
	const char *root = pattern_root(a, p, &n);

	for (size_t i = n; i < p->nsteps; i++) {
		sbuf_printf(&key, "/%d%d", (int)p->step[i].kind, p->step[i].spelling);
		if (p->step[i].kind == STEP_LITERAL)
			sbuf_add(&key, p->step[i].text.p, p->step[i].text.len);
		else
			sbuf_add(&key, (const char *)&p->step[i].glob, sizeof(p->step[i].glob));
	}
	uintptr_t dfa = (uintptr_t)strmap_get(known, sbuf_str(&key), key.len);
	if (dfa == 0) {
		const struct dfa *d = pattern_dfa(a, p, n, why);
		dfa = d != NULL ? sb_dfa_index(m, d) + (uintptr_t)1 : 0;
		strmap_put(known, sbuf_str(&key), key.len, (void *)dfa);
	}
	if (dfa != 0)
		sb_mark(a, marks, root, MARK_DENIED, (uint32_t)dfa - 1);
	sbuf_free(&key);
	return dfa != 0 ? 0 : -1;
}

/* NULL with *why where a pattern passes the limit. */
static const struct region *
make_marks(struct arena *a, struct seatbelt_model *m, const struct compare_side *side, const char **why)
{
	static const struct { const char *regex; size_t len; unsigned mark; } always[] = {
		{ terminal, sizeof(terminal) - 1, MARK_TERMINAL },
		{ free_link, sizeof(free_link) - 1, MARK_LINK },
	};
	struct region *marks = region_root(a);
	struct strmap *known = strmap_new(a);

	for (size_t i = 0; i < NELEMS(always); i++)
		sb_mark(a, marks, "/", always[i].mark,
		    sb_dfa_index(m, regex_dfa(a, always[i].regex, always[i].len, why)));
	for (size_t i = 0; i < side->npatterns; i++)
		if (mark_pattern(a, m, side->pattern[i], known, marks, why) != 0)
			return NULL;
	return marks;
}

int
seatbelt_model_check_with(struct arena *a, struct seatbelt_model *m,
    const struct compare_side *effective,
    bool (*exists)(const void *, const struct region *), const void *arg, struct refusal *out)
{
	struct check c = { .a = a, .m = m, .side = effective, .exists = exists, .arg = arg };
	const char *why = NULL;
	struct sb_at at;
	bool wrong;

	const struct region *marks = make_marks(a, m, effective, &why);
	if (marks == NULL) {
		*out = (struct refusal){ arena_printf(a, "a pattern %s", why), NULL, NULL };
		return -1;
	}
	c.nenv = environments(m, c.env);
	struct sb_walk w = { m, effective->root, marks, agrees, &c };
	if (sb_walk(a, &w, &wrong, &at) != 0) {
		*out = (struct refusal){ "the comparison passed its limit of states", NULL, NULL };
		return -1;
	}
	if (wrong)
		*out = refusal_of(&c, &at);
	return wrong ? -1 : 0;
}

int
seatbelt_model_check(struct arena *a, struct seatbelt_model *m,
    const struct compare_side *effective, struct refusal *out)
{
	return seatbelt_model_check_with(a, m, effective, NULL, NULL, out);
}
