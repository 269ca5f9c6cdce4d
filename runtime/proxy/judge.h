/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - what the proxy says to a request, in the words of answers and of the audit */
#ifndef CDXP_JUDGE_H
#define CDXP_JUDGE_H

#include "decide_net.h"

struct arena;
struct ir_policy;

enum judge_protocol { JUDGE_HTTP, JUDGE_CONNECT, JUDGE_SOCKS_TCP, JUDGE_SOCKS_UDP, JUDGE_FORWARD };

struct judge {
	const struct ir_policy *ir;
	struct net_rules *rules;	/* NULL: there is no proxied network, only what is forwarded */
};

/* One request and what became of it. */
struct judgement {
	enum judge_protocol protocol;
	const char	*method;	/* of HTTP; "CONNECT"; NULL with SOCKS */
	struct domain	 dest;
	struct net_decision net;	/* by name; by address too once there is one */
	bool		 by_method;	/* refused as the mode is limited */
	bool		 mixed;		/* at other addresses of its name it would be refused */
};

/* false: the rules are not those of a checked IR. */
bool	judge_init(struct judge *, struct arena *, const struct ir_policy *);

/*
 * Host and port as a client wrote them; `port' counts where `host' has none,
 * and 0 means that it must have one.  -1 with *why, a static phrase.
 */
int	judge_dest(struct arena *, const char *host, size_t len, uint32_t port, struct domain *out,
	    const char **why);

/* Method and name; an address that is named is judged too. */
void	judge_request(const struct judge *, struct judgement *);

/* The name has this address: in *j, whether it is allowed there. */
void	judge_address(const struct judge *, struct judgement *, const struct net_address *);

/* "blocked-by-allowlist" and so on; NULL where it is allowed. */
const char *judge_header(const struct judgement *);

/* Why it is refused, and by which line of which file, for people; one line, in the arena. */
const char *judge_text(struct arena *, const struct judge *, const struct judgement *);

/* "host:port", "[v6]:port". */
const char *judge_dest_text(struct arena *, const struct domain *);

/* For the audit: "domain" or "non_domain"; why in one word; who decided. */
const char *judge_scope(const struct judgement *);
const char *judge_reason(const struct judgement *);
const char *judge_source(const struct judgement *);
const char *judge_protocol_name(enum judge_protocol);

/* "profile.toml:12 \"*.example.org\"", or NULL without a rule. */
const char *judge_rule(struct arena *, const struct judge *, const struct judgement *);

#endif
