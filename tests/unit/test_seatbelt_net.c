/* SPDX-License-Identifier: Apache-2.0 */
/* test_seatbelt_net.c - the network of Seatbelt profiles: against the policy, and mutants of the text */
#include <config.h>

#include "bind_fixture.h"

#include "decide_net.h"
#include "seatbelt.h"
#include "seatbelt_effective.h"
#include "seatbelt_model.h"
#include "seatbelt_net.h"

/* ---- policies ---- */

struct network {
	const char	*label;
	enum ir_net_mode mode;
	bool		 local, no_socks, all;
	const char	*domains;	/* "+example.org -127.0.0.1" */
	const char	*sockets;	/* "+/a/b -/a/b/c"; NULL: no table */
};

static const struct network networks[] = {
	{ .label = "off", .mode = NET_OFF },
	{ .label = "off, a socket", .mode = NET_OFF, .sockets = "+/private/tmp/s -/private/tmp/s/no" },
	{ .label = "off, local", .mode = NET_OFF, .local = true },
	{ .label = "off, all sockets", .mode = NET_OFF, .all = true, .sockets = "-/x/y" },
	{ .label = "open", .mode = NET_OPEN },
	{ .label = "open, a table", .mode = NET_OPEN, .sockets = "" },
	{ .label = "open, all but one", .mode = NET_OPEN, .all = true, .sockets = "-/private/var/run/docker.sock" },
	{ .label = "open, names taken", .mode = NET_OPEN, .sockets = "+/x -/private/var/run/mDNSResponder" },
	{ .label = "open, names above", .mode = NET_OPEN, .sockets = "+/private/var -/private/var/run/mDNSResponder/x" },
	{ .label = "open, names below a deny", .mode = NET_OPEN, .sockets = "-/private/var +/private/var/run" },
	{ .label = "proxied", .mode = NET_PROXIED, .domains = "+*.example.org" },
	{ .label = "proxied, http alone", .mode = NET_PROXIED, .no_socks = true, .domains = "+*" },
	{ .label = "proxied, local", .mode = NET_PROXIED, .local = true, .domains = "+*.example.org",
	    .sockets = "+/x/agent +/x/agent/deep -/x/agent/deep" },
	{ .label = "proxied, local denied", .mode = NET_PROXIED, .local = true, .domains = "+* -127.0.0.1" },
	{ .label = "proxied, a name denied", .mode = NET_PROXIED, .local = true, .domains = "+* -**.localhost" },
	{ .label = "proxied, unspecified denied", .mode = NET_PROXIED, .local = true, .domains = "+* -0.0.0.0" },
	{ .label = "proxied, another denied", .mode = NET_PROXIED, .local = true, .domains = "+* -notlocalhost" },
};

static const char *
next_word(struct arena *a, const char **p)
{
	size_t n;
	*p += strspn(*p, " ");
	n = strcspn(*p, " ");
	const char *word = n > 0 ? arena_strndup(a, *p, n) : NULL;
	*p += n;
	return word;
}

static struct fixture *
fixture_of(const struct network *n)
{
	static const char *const lines[] = { "d /w", "d /w/src" };
	struct fixture *x = FIXTURE(lines);
	struct ir_network *net = &x->ir.network;

	x->rq.target = TARGET_MACOS;
	x->rq.network_off = n->mode == NET_OFF;
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	net->mode = n->mode;
	net->allow_local_binding = n->local;
	net->all_sockets = n->all;
	net->has_domains = n->domains != NULL;
	net->has_sockets = n->sockets != NULL;
	net->enable_socks5 = !n->no_socks;
	net->proxy_url = "http://127.0.0.1:3128";
	net->socks_url = "socks5h://localhost:8081";
	net->origin.text = "network";
	const char *word, *p = n->domains != NULL ? n->domains : "";
	while ((word = next_word(x->a, &p)) != NULL)
		VEC_PUSH(x->a, &net->domains, ((struct ir_domain){ .pattern = word + 1,
		    .allow = word[0] == '+', .origin = { .text = word + 1 } }));
	p = n->sockets != NULL ? n->sockets : "";
	while ((word = next_word(x->a, &p)) != NULL)
		VEC_PUSH(x->a, &net->sockets, ((struct ir_socket){ .path = word + 1,
		    .anchor = ANCHOR_ABS, .allow = word[0] == '+', .origin = { .text = word + 1 } }));
	return x;
}

/* ---- the text, and questions to it ---- */

struct subject {
	struct fixture	*x;
	struct bound_policy *b;
	struct seatbelt_effective e;
	struct artifact	 built;		/* deviations of the effective policy */
	const char	*text;
	const struct seatbelt_model *m;
};

static struct subject
subject_of(const struct network *n)
{
	const struct backend_options opt = { .outer_userns = false };
	struct subject s = { .x = fixture_of(n) };
	struct artifact out;

	s.b = bind_policy(s.x->a, &s.x->rq, s.x->host, &s.x->err);
	if (s.b == NULL)
		fail_msg("%s: %s", n->label, s.x->err.text);
	if (backend_seatbelt.compile(s.x->a, s.b, &opt, &out) != 0)
		fail_msg("%s: %s %s", n->label, out.refusal.reason,
		    out.refusal.witness != NULL ? out.refusal.witness : "");
	s.text = arena_strdup(s.x->a, out.bytes.p);
	sbuf_free(&out.bytes);
	const char *why = NULL;
	s.m = seatbelt_model_read(s.x->a, s.text, strlen(s.text), &why);
	assert_non_null(s.m);
	assert_int_equal(seatbelt_effective_build(s.x->a, decide_fs_build(s.x->a, s.b), &s.e,
	    &s.built), 0);
	return s;
}

/* NULL: the text is the policy. */
static const char *
refused(struct arena *a, const struct subject *s, const char *text)
{
	const struct compare_side side = seatbelt_effective_side(&s->e);
	struct refusal r = { NULL, NULL, NULL };
	const char *why = NULL;
	struct seatbelt_model *m = seatbelt_model_read(a, text, strlen(text), &why);

	if (m == NULL)
		return why;
	if (seatbelt_services_check(a, m, s->e.net, &r) == 0 &&
	    seatbelt_net_check(a, m, s->e.net, &r) == 0 &&
	    seatbelt_model_check(a, m, &side, &r) == 0)
		return NULL;
	assert_non_null(r.reason);
	return r.witness != NULL ? r.witness : r.reason;
}

static const char *const net_op[] = { "network-outbound", "network-inbound", "network-bind" };
static const char *const host[] = { "127.0.0.1", "::1", "93.184.216.34", "2606:2800::1", "10.0.0.1" };
static const char *const port[] = { "22", "80", "3128", "8081" };
static const char *const path[] = {
	"/", "/x", "/x/y", "/x/y/z", "/x/agent", "/x/agent/1", "/x/agent/deep", "/x/agent/deep/1", "/private/tmp/s",
	"/private/tmp/s/1", "/private/tmp/s/no", "/private/tmp/s/no/1", "/private/tmp/t",
	"/private/var/run/docker.sock", "/private/var/run/docker.sock2", "/private/var/run/mDNSResponder",
	"/private/var/run/mDNSResponder/x", "/private/var/run/other", "/private/var/1", "/private",
};

/* One of each question that tells meanings apart; `ask' ends the rest by false. */
static bool
each_question(bool (*ask)(void *, const struct seatbelt_query *), void *arg)
{
	static const char *const service[] = { "com.apple.trustd.agent", "com.apple.trustd", "com.apple.logd",
	    "com.apple.dnssd.service", "com.apple.SystemConfiguration.configd", "com.apple.cfprefsd.daemon",
	    "com.apple.SecurityServer", "com.apple.pasteboard.1" };
	static const char *const rest[][3] = { { "process-fork" }, { "pseudo-tty" }, { "job-creation" },
	    { "sysctl-read", "hw.ncpu" }, { "sysctl-read", "kern.ostype" }, { "sysctl-read", "kern.procargs2" },
	    { "sysctl-write", "kern.grade_cputype" }, { "sysctl-write", "kern.hostname" },
	    { "signal", NULL, "same-sandbox" }, { "signal", NULL, "others" },
	    { "process-info-pidinfo", NULL, "same-sandbox" }, { "process-info-pidinfo", NULL, "others" },
	    { "mach-task-name", NULL, "others" }, { "user-preference-read", "com.apple.Safari" },
	    { "user-preference-read", "kCFPreferencesAnyApplication" }, { "mach-register", "x" },
	    { "ipc-posix-shm-read-data", "apple.cfprefs.501v1" }, { "ipc-posix-shm-write-data", "x" },
	    { "ipc-posix-sem-open", "x" }, { "iokit-open-user-client", "x" }, { "system-privilege" } };

	for (size_t op = 0; op < NELEMS(net_op); op++) {
		for (size_t i = 0; i < NELEMS(host) * NELEMS(port) * 2; i++) {
			const struct seatbelt_query q = { .operation = net_op[op], .protocol = i % 2 ? "tcp" : "udp",
			    .host = host[i / 2 % NELEMS(host)], .port = port[i / 2 / NELEMS(host)] };
			if (!ask(arg, &q))
				return false;
		}
		for (size_t i = 0; i < NELEMS(path); i++) {
			const struct seatbelt_query q = { .operation = net_op[op], .unix_socket = true, .path = path[i] };
			if (!ask(arg, &q))
				return false;
		}
		const struct seatbelt_query none = { .operation = net_op[op] };
		if (!ask(arg, &none))
			return false;
	}
	for (size_t i = 0; i < NELEMS(service); i++) {
		const struct seatbelt_query q = { .operation = "mach-lookup", .name = service[i] };
		if (!ask(arg, &q))
			return false;
	}
	for (size_t i = 0; i < NELEMS(rest); i++) {
		const struct seatbelt_query q = { .operation = rest[i][0], .name = rest[i][1], .target = rest[i][2] };
		if (!ask(arg, &q))
			return false;
	}
	return true;
}

/* ---- against the policy, question by question, told in other words than the check ---- */

struct answered { const struct network *n; const struct subject *s; const struct seatbelt_model *m; };

static bool
is_local(const struct seatbelt_query *q)
{
	return strcmp(q->host, "127.0.0.1") == 0 || strcmp(q->host, "::1") == 0;
}

static bool
local_is_open(const struct network *n)
{
	return n->mode == NET_OPEN || (n->mode == NET_PROXIED && n->local &&
	    (strchr(n->domains, '-') == NULL || strstr(n->domains, "notlocalhost") != NULL));
}

static bool
expected(const struct answered *t, const struct seatbelt_query *q)
{
	const struct network *n = t->n;
	bool out = strcmp(q->operation, "network-outbound") == 0;

	if (q->path != NULL) {
		struct net_decision d = decide_net_socket(t->s->b, q->path);
		return d.allow || (out && n->mode == NET_OPEN && d.reason != NET_BY_RULE &&
		    strcmp(q->path, "/private/var/run/mDNSResponder") == 0);
	}
	if (q->host == NULL)
		return false;
	if (n->mode == NET_OPEN || (is_local(q) && local_is_open(n)))
		return true;
	return n->mode == NET_PROXIED && out && is_local(q) && (strcmp(q->port, "3128") == 0 ||
	    (!n->no_socks && strcmp(q->port, "8081") == 0));
}

static bool
answer_is_right(void *arg, const struct seatbelt_query *q)
{
	const struct answered *t = arg;

	for (int kernel = 0; kernel < 2; kernel++) {
		bool have = seatbelt_model_asks(t->m, q, kernel != 0);
		if (strncmp(q->operation, "network", 7) == 0 && have != expected(t, q))
			fail_msg("%s: %s %s %s:%s is %s", t->n->label, q->operation,
			    q->path != NULL ? q->path : q->protocol != NULL ? q->protocol : "another family",
			    q->host, q->port, have ? "allowed" : "denied");
	}
	return true;
}

static void
text_is_the_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(networks); i++) {
		struct subject s = subject_of(&networks[i]);
		const char *bad = refused(s.x->a, &s, s.text);
		if (bad != NULL)
			fail_msg("%s: %s", networks[i].label, bad);
		struct answered t = { &networks[i], &s, s.m };
		each_question(answer_is_right, &t);
		fixture_free(s.x);
	}
}

static bool
deviates(const struct subject *s, const char *name)
{
	for (size_t i = 0; i < s->built.deviations.len; i++)
		if (strcmp(s->built.deviations.v[i].name, name) == 0)
			return true;
	return false;
}

static void
deviations_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(networks); i++) {
		const struct network *n = &networks[i];
		struct subject s = subject_of(n);
		bool all = n->all || (n->mode == NET_OPEN && n->sockets == NULL);
		assert_int_equal(deviates(&s, "own-sockets"), !all);
		assert_int_equal(deviates(&s, "no-loopback"), !local_is_open(n));
		assert_int_equal(deviates(&s, "udp-destination"), n->mode == NET_PROXIED);
		fixture_free(s.x);
	}
}

/* ---- mutants ---- */

struct pair { const struct seatbelt_model *one, *two; };

static bool
same_answer(void *arg, const struct seatbelt_query *q)
{
	const struct pair *p = arg;
	return seatbelt_model_asks(p->one, q, true) == seatbelt_model_asks(p->two, q, true) &&
	    seatbelt_model_asks(p->one, q, false) == seatbelt_model_asks(p->two, q, false);
}

/* Whether some question has another answer; what cannot be read has no answers. */
static bool
means_other(struct arena *a, const struct subject *s, const char *mutant)
{
	const char *why = NULL;
	struct pair p = { s->m, seatbelt_model_load(a, mutant, strlen(mutant), &why) };

	return p.two == NULL || !each_question(same_answer, &p);
}

struct tally { size_t made, other, noticed; };

static void
try_mutant(const struct subject *s, const char *label, const char *mutant, bool must,
    const char *what, struct tally *t)
{
	struct arena *a = arena_new();
	const char *why = refused(a, s, mutant);
	bool other = means_other(a, s, mutant);

	t->made++;
	t->other += other;
	t->noticed += why != NULL;
	if (why == NULL && (must || other))
		fail_msg("%s: not noticed: %s", label, what);
	arena_free(a);
}

/* The end of the form that begins at p; strings and comments are passed over. */
static const char *
form_end(const char *p)
{
	int depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == ';') {
			p += strcspn(p, "\n");
		} else if (*p == '"') {
			for (p++; *p != '"'; p++)
				p += *p == '\\';
		} else if (*p == '(') {
			depth++;
		} else if (*p == ')' && --depth == 0) {
			return p + 1;
		}
	}
	return p;
}

static const char *
replaced(struct arena *a, const char *text, const char *from, const char *to, const char *with)
{
	return arena_printf(a, "%.*s%s%s", (int)(from - text), text, with, to);
}

static bool
begins(const char *p, const char *with)
{
	return strncmp(p, with, strlen(with)) == 0;
}

/* Every form within [p, end) but the first one left out, where its rule has something else left. */
static void
drop_leaves(const struct subject *s, const char *label, const char *p, const char *end, struct tally *t)
{
	for (const char *q = p + 1; q < end; q++) {
		if (*q == '"')
			for (q++; *q != '"'; q++)
				q += *q == '\\';
		else if (*q == '(')
			try_mutant(s, label, replaced(s->x->a, s->text, q, form_end(q), ""), false,
			    arena_printf(s->x->a, "without %.*s", (int)(form_end(q) - q), q), t);
	}
}

/* Each place of a word in [p, end) in other words. */
static void
swap_words(const struct subject *s, const char *label, const char *p, const char *end, struct tally *t)
{
	static const char *const swap[][2] = {
		{ "\"localhost:*\"", "\"*:*\"" }, { "\"localhost:*\"", "\"localhost:80\"" },
		{ "\"localhost:\"", "\"*:\"" }, { "(param \"PROXY_PORT\")", "\"*\"" },
		{ "(param \"PROXY_PORT\")", "\"80\"" }, { "(param \"SOCKS_PORT\")", "\"*\"" },
		{ "\"*:*\"", "\"localhost:*\"" }, { "\"*:*\"", "\"*:443\"" }, { "remote ip", "remote tcp" },
		{ "remote ip", "remote udp6" }, { "remote ip", "local ip" }, { "local ip", "remote ip" },
		{ "local ip", "local udp" }, { "literal", "subpath" }, { "subpath", "literal" },
		{ "subpath", "prefix" }, { "network-outbound", "network*" }, { "network-outbound", "network-bind" },
		{ "network-bind network-inbound", "network-inbound" }, { "network-inbound", "network-outbound" },
		{ "same-sandbox", "others" }, { "same-sandbox", "self" }, { "mach-lookup", "mach*" },
		{ "mach-lookup", "mach-register" }, { "sysctl-read", "sysctl*" }, { "sysctl-write", "sysctl-read" },
		{ "-prefix \"kern", "-prefix \"k" }, { "global-name \"com", "global-name-prefix \"com" },
		{ "process-info*", "process*" }, { "user-preference-read", "user-preference*" },
		{ "iokit-open", "iokit*" }, { "ipc-posix-sem", "ipc*" }, { "system-socket", "system*" },
		{ "allow", "deny" }, { "(require-not", "(require-all" },
	};

	for (size_t i = 0; i < NELEMS(swap); i++)
		for (const char *q = p; q < end; q++)
			if (begins(q, swap[i][0]))
				try_mutant(s, label, replaced(s->x->a, s->text, q, q + strlen(swap[i][0]), swap[i][1]),
				    false, arena_printf(s->x->a, "%s for %s in %.*s", swap[i][1], swap[i][0],
				    (int)(end - p), p), t);
	/* A path with its last component cut off. */
	for (const char *q = strstr(p, " \"/"); q != NULL && q < end; q = strstr(q + 1, " \"/")) {
		const char *close = strchr(q + 2, '"'), *cut = close;
		while (*cut != '/')
			cut--;
		if (cut > q + 2)
			try_mutant(s, label, replaced(s->x->a, s->text, cut, close, ""), false,
			    arena_printf(s->x->a, "a shorter %.*s", (int)(close - q), q), t);
	}
}

static void
mutants_of(const struct network *n, struct tally *t)
{
	struct subject s = subject_of(n);
	const char *profile = strstr(s.text, "what the profile allows");

	for (const char *p = strstr(s.text, "(version 1)"); *p != '\0'; p++) {
		if (*p == ';')
			p += strcspn(p, "\n");
		if (*p != '(')
			continue;
		const char *end = form_end(p), *net = strstr(p, "network-"), *file = strstr(p, "file-");
		bool is_net = net != NULL && net < end, is_file = file != NULL && file < end;
		/* The ports of a proxy are among all those of localhost. */
		const char *ports = strstr(p, "PROXY_PORT");
		bool within = n->local && ports != NULL && ports < end && s.e.net->loopback;
		try_mutant(&s, n->label, replaced(s.x->a, s.text, p, end, ""), !is_file && !within,
		    arena_printf(s.x->a, "without %.*s", (int)(end - p), p), t);
		/* What every sandbox has is the same in each of them. */
		if (!is_file && (p > profile || n == networks)) {
			drop_leaves(&s, n->label, p, end, t);
			swap_words(&s, n->label, p, end, t);
		}
		if (is_net) {
			const char *rest = p + strcspn(p, "\n");
			for (size_t i = 0; i < NELEMS(net_op); i++)
				try_mutant(&s, n->label, arena_printf(s.x->a, "%s(allow %s%.*s", s.text, net_op[i],
				    (int)(end - rest), rest), false, net_op[i], t);
		}
		p = end - 1;
	}
	fixture_free(s.x);
}

static void
mutants_are_noticed(void **state)
{
	struct tally t = { 0, 0, 0 };
	(void)state;
	for (size_t i = 0; i < NELEMS(networks); i++)
		mutants_of(&networks[i], &t);
	print_message("%zu mutants, %zu of another meaning by the questions, %zu refused\n", t.made, t.other,
	    t.noticed);
	assert_true(t.other > 500);
}

/* What no sandbox has, behind a good text. */
static void
further_rules_are_noticed(void **state)
{
	static const char *const rule[][2] = {
		{ "(allow mach-lookup)", "mach-lookup" },
		{ "(allow mach-lookup (global-name \"com.apple.SecurityServer\"))",
		    "mach-lookup (global-name com.apple.SecurityServer)" },
		{ "(allow mach-lookup (global-name-prefix \"com.apple.logd\"))",
		    "mach-lookup (global-name-prefix com.apple.logd)" },
		{ "(allow mach-lookup (global-name-regex \"^x\"))", "mach-lookup (global-name-regex ^x)" },
		{ "(allow mach-lookup (require-not (global-name \"x\")))", "mach-lookup" },
		{ "(allow mach* (global-name \"com.apple.logd\"))", "mach* (global-name com.apple.logd)" },
		{ "(allow default)", "default" },
		{ "(allow network*)", "connect tcp 10.0.0.1:80" },
		{ "(allow network-inbound)", "listen tcp 10.0.0.1:80" },
		{ "(allow network-outbound (remote tcp \"*:443\"))", "connect tcp 10.0.0.1:443" },
		{ "(allow network-outbound (local ip \"localhost:*\"))", "connect tcp 10.0.0.1:80" },
		{ "(allow network-outbound (remote udp \"localhost:53\"))", "connect udp 127.0.0.1:53" },
		{ "(allow network-bind (local tcp4))", "bind tcp 10.0.0.1:80" },
		{ "(allow network-outbound (remote ip6 \"*:9\"))", "connect tcp [2001:db8::1]:9" },
		{ "(allow network-outbound (require-not (remote ip)))", "connect a socket of another family" },
		{ "(allow network-outbound (remote unix-socket (subpath \"/private/var/run\")))",
		    "connect unix /private/var/run" },
		{ "(allow network-outbound (literal \"/private/var/run/docker.sock\"))",
		    "connect unix /private/var/run/docker.sock" },
		{ "(allow network-bind (local unix-socket (prefix \"/w/x.sock\")))", "bind unix /w/x.sock" },
		{ "(allow network-outbound (remote unix-socket (regex \"[.]sock$\")))", "connect unix /.sock" },
		{ "(allow process-info*)", "process-info*" },
		{ "(allow process*)", "process*" },
		{ "(allow process-info-pidinfo (target others))", "process-info-pidinfo (target others)" },
		{ "(allow signal)", "signal" },
		{ "(allow signal (target others))", "signal (target others)" },
		{ "(allow sysctl-write)", "sysctl-write" },
		{ "(allow sysctl-read (sysctl-name \"kern.procargs2\"))", "sysctl-read (sysctl-name kern.procargs2)" },
		{ "(allow ipc-posix-shm)", "ipc-posix-shm*" },
		{ "(allow iokit-open)", "iokit-open*" },
		{ "(allow user-preference-read)", "user-preference-read" },
		{ "(allow user-preference-write (preference-domain \"x\"))", "user-preference-write (preference-domain x)" },
		{ "(allow appleevent-send)", "appleevent-send" },
		{ "(allow job-creation)", "job-creation" },
		{ "(allow system-privilege)", "system-privilege" },
		{ "(allow system-socket)", "system-socket" },
		{ "(allow system-socket (socket-domain AF_SYSTEM))", "system-socket (socket-domain AF_SYSTEM)" },
		{ "(allow generic-issue-extension)", "generic-issue-extension" },
		{ "(allow mach-priv-task-port)", "mach-priv-task-port" },
		{ "(deny signal (target self))", "signal is allowed by one rule and denied by another" },
		{ "(deny job-creation)", "a rule that denies job-creation" },
		{ "(allow file-mknod (subpath \"/private/tmp\"))", "write /private/tmp" },
		{ "(allow file*)", "write /" },
	};
	struct subject s = subject_of(&networks[0]);
	(void)state;
	for (size_t i = 0; i < NELEMS(rule); i++) {
		const char *why = refused(s.x->a, &s, arena_printf(s.x->a, "%s%s\n", s.text, rule[i][0]));
		if (why == NULL || strstr(why, rule[i][1]) == NULL)
			fail_msg("%s: %s", rule[i][0], why != NULL ? why : "not noticed");
	}
	fixture_free(s.x);
}

/* ---- refused, and by the thousand ---- */

static void
proxies_elsewhere_are_refused(void **state)
{
	static const char *const url[] = { "http://127.0.0.1", "http://10.0.0.1:3128", "http://127.0.0.1.example.org:80",
	    "http://localhost:123456", "http://localhost:80x", "http://localhost:0", "http://localhost:99999" };
	const struct backend_options opt = { .outer_userns = false };
	(void)state;
	for (size_t i = 0; i < NELEMS(url); i++) {
		struct fixture *x = fixture_of(&networks[10]);
		struct artifact out;
		x->ir.network.proxy_url = url[i];
		struct bound_policy *b = bind_policy(x->a, &x->rq, x->host, &x->err);
		assert_non_null(b);
		assert_int_equal(backend_seatbelt.compile(x->a, b, &opt, &out), -1);
		assert_non_null(strstr(out.refusal.reason, "must listen on localhost"));
		fixture_free(x);
	}
}

static void
many_sockets(void **state)
{
	struct network n = { .label = "many", .mode = NET_OFF, .sockets = "" };
	struct fixture *x = fixture_of(&n);
	const struct backend_options opt = { .outer_userns = false };
	struct artifact out;
	(void)state;
	for (int i = 0; i < 3000; i++)
		VEC_PUSH(x->a, &x->ir.network.sockets, ((struct ir_socket){ .anchor = ANCHOR_ABS,
		    .path = arena_printf(x->a, "/s/%d/%d", i % 50, i), .allow = i % 3 != 0,
		    .origin = { .text = "s" } }));
	struct bound_policy *b = bind_policy(x->a, &x->rq, x->host, &x->err);
	assert_non_null(b);
	if (backend_seatbelt.compile(x->a, b, &opt, &out) != 0)
		fail_msg("%s", out.refusal.reason);
	sbuf_free(&out.bytes);
	fixture_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_the_policy),
		cmocka_unit_test(deviations_are_named),
		cmocka_unit_test(mutants_are_noticed),
		cmocka_unit_test(further_rules_are_noticed),
		cmocka_unit_test(proxies_elsewhere_are_refused),
		cmocka_unit_test(many_sockets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
