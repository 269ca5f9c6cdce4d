/* SPDX-License-Identifier: Apache-2.0 */
/* acl_machine.c - what an administrator sets up once: users, group, firewall, filters (spec 3.4) */
#include <config.h>

#include "backend.h"

#include <stdlib.h>

#include "address.h"
#include "ir.h"
#include "json.h"

static const char group[] = "cdxp-sandbox", offline[] = "cdxp-offline", online[] = "cdxp-online";

/* A provider and a sublayer of our own; the weight is the middle of what there is. */
enum { SUBLAYER_WEIGHT = 0x8000 };

static int
port_cmp(const void *a, const void *b)
{
	const unsigned *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* All ports but these. */
static void
put_other_ports(struct sbuf *out, unsigned *port, size_t n)
{
	unsigned from = 0;
	const char *gap = "";

	qsort(port, n, sizeof(*port), port_cmp);
	for (size_t i = 0; i <= n; i++) {
		unsigned end = i < n ? port[i] : 65536;
		if (from + 1 < end)
			sbuf_printf(out, "%s\"%u-%u\"", gap, from, end - 1);
		else if (from < end)
			sbuf_printf(out, "%s\"%u\"", gap, from);
		if (from < end)
			gap = ",";
		from = end + 1;
	}
}

static void
put_rule(struct sbuf *out, const char *name, const char *direction, const char *protocol, bool loopback,
    unsigned *port, size_t nports, bool ports)
{
	sbuf_printf(out, "{\"action\":\"block\",\"authorized_users\":\"O:LSD:(A;;CC;;;%%SID%%)\","
	    "\"direction\":\"%s\",\"name\":\"cdxp: %s\",\"protocol\":\"%s\",\"remote_addresses\":[%s],"
	    "\"remote_ports\":[", direction, name, protocol, loopback ? "\"127.0.0.0/8\",\"::/127\"" :
	    "\"0.0.0.0-126.255.255.255\",\"128.0.0.0-255.255.255.255\",\"::\","
	    "\"::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"");
	if (ports)
		put_other_ports(out, port, nports);
	sbuf_printf(out, "],\"user\":\"%s\"}", offline);
}

static void
put_firewall(struct sbuf *out, unsigned *port, size_t n)
{
	sbuf_puts(out, ",\"firewall\":[");
	put_rule(out, "nothing but loopback", "out", "any", false, port, n, false);
	sbuf_addc(out, ',');
	/* Else who is let in by a rule for a program would be answered. */
	put_rule(out, "nothing from elsewhere", "in", "any", false, port, n, false);
	sbuf_addc(out, ',');
	put_rule(out, "no UDP over loopback", "out", "udp", true, port, n, false);
	sbuf_addc(out, ',');
	put_rule(out, "no TCP over loopback but to the proxy", "out", "tcp", true, port, n, true);
	sbuf_addc(out, ']');
}

/*
 * To be started by whoever has the password they need to log on here, whatever
 * a policy says of other users; from elsewhere nobody logs on as they.
 */
static void
put_group(struct sbuf *out)
{
	sbuf_printf(out, ",\"group\":{\"comment\":\"users of the cdxp sandbox\",\"name\":\"%s\",\"rights\":["
	    "\"SeDenyNetworkLogonRight\",\"SeDenyRemoteInteractiveLogonRight\",\"SeInteractiveLogonRight\"]}",
	    group);
}

static void
put_filter(struct sbuf *out, const char *name, const char *layer, int version, const char *key,
    int value, bool last)
{
	/* Keys in their order: "protocol" comes before "remote_port", both before "user". */
	sbuf_printf(out, "{\"action\":\"block\",\"layer\":\"%s_V%d\",\"name\":\"cdxp: %s, IPv%d\","
	    "\"%s\":%d,\"user\":\"%s\"}%s", layer, version, name, version, key, value, offline,
	    last ? "" : ",");
}

/* Some of what the firewall's rules do not see: ICMP, and services that answer on behalf of others. */
static void
put_filters(struct sbuf *out)
{
	static const char connect[] = "ALE_AUTH_CONNECT", assign[] = "ALE_RESOURCE_ASSIGNMENT";
	static const struct { const char *name; int port; } ports[] = {
		{ "no DNS", 53 }, { "no DNS over TLS", 853 }, { "no SMB", 445 }, { "no NetBIOS", 139 },
	};
	static const struct { int version, protocol; } icmp[] = { { 4, 1 }, { 6, 58 } };

	sbuf_puts(out, ",\"wfp\":{\"filters\":[");
	for (size_t i = 0; i < NELEMS(icmp); i++) {
		put_filter(out, "no ICMP", connect, icmp[i].version, "protocol", icmp[i].protocol, false);
		put_filter(out, "no ICMP sockets", assign, icmp[i].version, "protocol", icmp[i].protocol,
		    false);
	}
	for (size_t i = 0; i < NELEMS(ports); i++)
		for (int version = 4; version <= 6; version += 2)
			put_filter(out, ports[i].name, connect, version, "remote_port", ports[i].port,
			    i + 1 == NELEMS(ports) && version == 6);
	sbuf_printf(out, "],\"persistent\":true,\"provider\":\"cdxp\",\"sublayer\":{\"name\":\"cdxp\","
	    "\"weight\":%d}}}\n", SUBLAYER_WEIGHT);
}

void
backend_windows_machine_ports(const unsigned *ports, size_t n, const char *compiler, struct sbuf *out)
{
	unsigned port[BACKEND_MACHINE_PORTS];

	for (size_t i = 0; i < n; i++)
		port[i] = ports[i];
	sbuf_puts(out, "{\"cdxp_machine\":1,\"compiler\":");
	json_write_text(out, compiler);
	put_firewall(out, port, n);
	put_group(out);
	sbuf_printf(out, ",\"users\":[{\"comment\":\"cdxp sandbox without a network\",\"groups\":[\"%s\"],"
	    "\"hidden\":true,\"identity\":\"offline\",\"name\":\"%s\"},"
	    "{\"comment\":\"cdxp sandbox with a network\",\"groups\":[\"%s\"],"
	    "\"hidden\":true,\"identity\":\"online\",\"name\":\"%s\"}]", group, offline, group, online);
	put_filters(out);
}

void
backend_windows_machine(struct arena *a, const struct ir_policy *ir, const char *compiler,
    struct sbuf *out)
{
	const struct ir_network *n = &ir->network;
	const char *url[BACKEND_MACHINE_PORTS] = { n->proxy_url, n->enable_socks5 ? n->socks_url : NULL };
	unsigned port[BACKEND_MACHINE_PORTS];
	size_t k = 0;

	(void)a;
	for (size_t i = 0; n->mode == NET_PROXIED && i < NELEMS(url); i++)
		if (url[i] != NULL && (port[k] = address_loopback_port(url[i])) != 0)
			k++;
	backend_windows_machine_ports(port, k, compiler, out);
}
