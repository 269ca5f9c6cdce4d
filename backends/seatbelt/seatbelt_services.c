/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_services.c - what a profile may allow beside files and the network, as a closed list */
#include <config.h>

#include "seatbelt_net.h"

#include <string.h>

#include "arena.h"
#include "backend.h"
#include "seatbelt_rules.h"

enum { EQUAL, PREFIX };			/* as sb_filter.index of a name */
enum when { ALWAYS, NETWORK, NAMES };

/*
 * Written apart from base.sb, which has the reasons: whoever opens more there
 * has to say so here, and the text is held to this list, not to that file.
 * No filter: all of the operation.
 */
static const struct service {
	const char	*operation, *filter, *text;
	unsigned	 how;
	enum when	 when;
} list[] = {
	{ "process-fork", NULL, NULL, 0, ALWAYS },
	{ "process-info*", "target", "same-sandbox", 0, ALWAYS },
	{ "process-codesigning-status-get", "target", "same-sandbox", 0, ALWAYS },
	{ "signal", "target", "same-sandbox", 0, ALWAYS },
	{ "mach-task-name", "target", "same-sandbox", 0, ALWAYS },
	{ "pseudo-tty", NULL, NULL, 0, ALWAYS },
	{ "ipc-posix-sem*", NULL, NULL, 0, ALWAYS },
	{ "sysctl-read", "sysctl-name", "hw.", PREFIX, ALWAYS },
	{ "sysctl-read", "sysctl-name", "machdep.cpu.", PREFIX, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.argmax", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.bootargs", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.boottime", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.hostname", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.iossupportversion", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.maxfiles", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.maxfilesperproc", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.maxproc", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.maxprocperuid", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.ngroups", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.osproductversion", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.osproductversioncompat", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.osrelease", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.ostype", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.osvariant_status", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.osversion", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.secure_kernel", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.tcsm_available", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.tcsm_enable", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.usrstack64", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.version", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.willshutdown", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "security.mac.lockdown_mode_state", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "sysctl.name2oid", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "sysctl.oidfmt.0", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "sysctl.proc_cputype", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "sysctl.proc_translated", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "vm.loadavg", EQUAL, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.proc.pgrp.", PREFIX, ALWAYS },
	{ "sysctl-read", "sysctl-name", "kern.proc.pid.", PREFIX, ALWAYS },
	{ "sysctl-read", "sysctl-name", "net.routetable.", PREFIX, ALWAYS },
	{ "sysctl-write", "sysctl-name", "kern.grade_cputype", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.system.opendirectoryd.libinfo", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.system.opendirectoryd.membership", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.bsd.dirhelper", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.logd", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.system.logger", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.system.notification_center", EQUAL, ALWAYS },
	{ "ipc-posix-shm-read-data", "ipc-posix-name", "apple.shm.notification_center", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.cfprefsd.agent", EQUAL, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.cfprefsd.daemon", EQUAL, ALWAYS },
	{ "ipc-posix-shm-read-data", "ipc-posix-name", "apple.cfprefs.", PREFIX, ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.PowerManagement.control", EQUAL, ALWAYS },
	{ "iokit-open*", "iokit-registry-entry-class", "RootDomainUserClient", EQUAL, ALWAYS },
	{ "system-socket", "socket-domain", "AF_UNIX", 0, ALWAYS },
	{ "user-preference-read", "preference-domain", "kCFPreferencesAnyApplication", EQUAL,
	    ALWAYS },
	{ "mach-lookup", "global-name", "com.apple.trustd", EQUAL, NETWORK },
	{ "mach-lookup", "global-name", "com.apple.trustd.agent", EQUAL, NETWORK },
	{ "system-socket", "socket-domain", "AF_ROUTE", 0, NETWORK },
	{ "mach-lookup", "global-name", "com.apple.SystemConfiguration.configd", EQUAL, NAMES },
	{ "mach-lookup", "global-name", "com.apple.SystemConfiguration.DNSConfiguration", EQUAL,
	    NAMES },
	{ "mach-lookup", "global-name", "com.apple.dnssd.service", EQUAL, NAMES },
};

struct services_check {
	struct arena	*a;
	const struct seatbelt_net *net;
	struct refusal	*out;
	bool		 seen[NELEMS(list)];
};

static bool
applies(const struct services_check *c, const struct service *s)
{
	return s->when == ALWAYS || (s->when == NETWORK ? c->net->services : c->net->names);
}

/* "mach-lookup (global-name-prefix "x")"; all of it where there is no filter. */
static const char *
words(struct arena *a, const char *op, const char *filter, unsigned how, const char *text)
{
	static const char *const ending[] = { "", "-prefix", "-regex" };

	return filter == NULL ? op : arena_printf(a, "%s (%s%s %s)", op, filter, ending[how], text);
}

static bool
beyond(struct services_check *c, const struct sb_rule *r, const char *what)
{
	*c->out = (struct refusal){
		arena_printf(c->a, "line %u of the profile allows what no sandbox has", (unsigned)r->line),
		what, NULL,
	};
	return false;
}

static bool
is_listed(struct services_check *c, uint16_t op, const struct sb_filter *leaf)
{
	for (size_t i = 0; i < NELEMS(list); i++) {
		const struct service *s = &list[i];
		if (strcmp(s->operation, sb_op_name(op)) != 0 || !applies(c, s) ||
		    (s->filter == NULL) != (leaf == NULL))
			continue;
		if (leaf == NULL || (strcmp(leaf->word, s->filter) == 0 &&
		    leaf->index == s->how && strcmp(leaf->text, s->text) == 0)) {
			c->seen[i] = true;
			return true;
		}
	}
	return false;
}

/* Alternatives of names and symbols are all that there is.  Depth: LIMIT_SBPL_DEPTH. */
static bool
check_filter(struct services_check *c, const struct sb_rule *r, uint16_t op,
    const struct sb_filter *f)
{
	if (f->kind == SB_NAME || f->kind == SB_SYMBOL)
		return is_listed(c, op, f) ||
		    beyond(c, r, words(c->a, sb_op_name(op), f->word, f->index, f->text));
	if (f->kind != SB_ANY)
		return beyond(c, r, sb_op_name(op));
	for (const struct sb_filter *child = f->child; child != NULL; child = child->next)
		if (!check_filter(c, r, op, child))
			return false;
	return true;
}

static bool
check_rule(struct services_check *c, const struct sb_rule *r)
{
	for (size_t i = 0; i < r->nops; i++) {
		uint16_t op = r->op[i];
		if (sb_op_class(op) != SB_OTHER)
			continue;
		if (!r->allow)
			return beyond(c, r, arena_printf(c->a, "a rule that denies %s",
			    sb_op_name(op)));
		if (r->filter == NULL ? !is_listed(c, op, NULL) && !beyond(c, r, sb_op_name(op)) :
		    !check_filter(c, r, op, r->filter))
			return false;
	}
	return true;
}

static bool
lacks(struct services_check *c, const char *what)
{
	*c->out = (struct refusal){ "the profile lacks what every sandbox of its kind has", what, NULL };
	return false;
}

int
seatbelt_services_check(struct arena *a, const struct seatbelt_model *m,
    const struct seatbelt_net *net, struct refusal *out)
{
	struct services_check c = { .a = a, .net = net, .out = out };
	size_t n = m->rules.len;

	if (n == 0 || m->rules.v[0]->allow || !sb_op_is_default(m->rules.v[0]->op[0]))
		return lacks(&c, "(deny default) before all else"), -1;
	for (size_t i = 1; i < n; i++)
		if (!check_rule(&c, m->rules.v[i]))
			return -1;
	for (size_t i = 0; i < NELEMS(list); i++)
		if (!c.seen[i] && applies(&c, &list[i]))
			return lacks(&c, words(a, list[i].operation, list[i].filter, list[i].how,
			    list[i].text)), -1;
	return 0;
}
