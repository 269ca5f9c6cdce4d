/* SPDX-License-Identifier: Apache-2.0 */
/* ir.h - what a policy is, before it meets a host */
#ifndef CDXP_IR_H
#define CDXP_IR_H

#include "base.h"
#include "place.h"

struct arena;

/*
 * The IR is portable and complete: whoever has it needs neither the profile
 * nor its text.  Precedence is not resolved here but in decide_fs: the entry
 * with the most components wins, among equals deny before write before read,
 * a deny pattern beats every entry.  Everything lives in one arena.
 */

/* Where a rule was written.  line 0: not in a text (a built-in). */
struct ir_span {
	uint32_t	source;		/* index into ir_policy.sources */
	uint32_t	line;
	uint32_t	column;
	uint32_t	length;
};

struct ir_source {
	const char	*name;		/* "profile.toml", "-c#1", ":workspace" */
};

/* What the rule says, as its author spelt it, and how it got here. */
struct ir_origin {
	struct ir_span	 span;
	const char	*text;		/* the key as written, unquoted: "src/gen", ":root", "~/.ssh" */
	const char	*profile;	/* the profile that wrote it, in the extends chain */
};

struct ir_entry {
	enum anchor	 anchor;
	/*
	 * ANCHOR_ABS: a normal absolute path.  Others: a normal relative path
	 * below the anchor, "" for the anchor itself.  ANCHOR_WINDOWS: the
	 * path as normalised by compiler/, backslashes.
	 */
	const char	*path;
	enum access	 access;
	struct ir_origin origin;
};

/* Deny patterns; `glob' is the text after the anchor, escapes kept. */
struct ir_pattern {
	enum anchor	 anchor;	/* ANCHOR_ABS: glob begins with its "/" */
	const char	*glob;
	struct ir_origin origin;
};

/*
 * What a child, or the command line, replaced by naming the same place: of no
 * effect, kept for those who ask why.
 */
struct ir_replaced {
	bool		 pattern;
	enum access	 access;
	struct ir_origin origin;
	bool		 by_pattern;		/* `by' counts patterns, else entries */
	uint32_t	 by;
};

struct ir_root {			/* a workspace root beside the working directory */
	enum anchor	 anchor;	/* ABS, HOME or WINDOWS */
	const char	*path;
	struct ir_origin origin;
};

struct ir_device {			/* of a command line: a device, or a directory of them, below /dev */
	const char	*path;
	struct ir_origin origin;
};

struct ir_name {			/* a protected name */
	const char	*name;
	struct ir_origin origin;
};

enum ir_net_mode { NET_OFF, NET_OPEN, NET_PROXIED };

struct ir_domain {
	const char	*pattern;	/* normalised: "host", "*.host", "**.host", "*", "10.0.0.1", "2001:db8::1" */
	uint32_t	 port;		/* 0: any */
	bool		 allow;
	struct ir_origin origin;
};

struct ir_socket {
	const char	*path;		/* normal absolute; "~/..." allowed as ANCHOR_HOME */
	enum anchor	 anchor;
	bool		 allow;
	struct ir_origin origin;
};

struct ir_network {
	enum ir_net_mode mode;
	bool		 limited;	/* mode = "limited" */
	bool		 has_domains;	/* a domains table was written */
	bool		 has_sockets;	/* a unix_sockets table was written */
	struct { struct ir_domain *v; size_t len, cap; } domains;
	struct { struct ir_socket *v; size_t len, cap; } sockets;
	bool		 allow_local_binding;
	bool		 allow_upstream_proxy;
	bool		 enable_socks5, enable_socks5_udp;
	bool		 any_proxy_address;	/* dangerously_allow_non_loopback_proxy */
	bool		 all_sockets;		/* dangerously_allow_all_unix_sockets */
	const char	*proxy_url;
	const char	*socks_url;
	const char	*mitm;			/* canonical JSON of the table, or NULL */
	struct ir_origin origin;		/* the network table, or the `enabled' key */
};

enum ir_env_inherit { ENV_ALL, ENV_CORE, ENV_NONE };

struct ir_strings { struct { const char *text; struct ir_origin origin; } *v; size_t len, cap; };
struct ir_setting { const char *name, *value; struct ir_origin origin; };

struct ir_environment {
	enum ir_env_inherit inherit;
	bool		 ignore_default_excludes;
	struct ir_origin inherit_origin, excludes_origin;	/* text NULL: a default, not written */
	struct ir_strings exclude, include_only;
	struct { struct ir_setting *v; size_t len, cap; } set;
};

/* One step of inheritance: `profile' extends the profile of the next step, or the built-in `parent'. */
struct ir_parent {
	const char	*profile;
	const char	*parent;
	struct ir_origin origin;		/* its `extends' */
};

struct ir_policy {
	const char	*name;			/* "ci", ":workspace" */
	const char	*description;		/* or NULL */
	bool		 unsandboxed;		/* :danger-full-access: no restriction at all */
	struct { struct ir_source *v; size_t len, cap; } sources;
	struct { struct ir_parent *v; size_t len, cap; } parents;	/* from the profile itself up */
	struct { struct ir_entry *v; size_t len, cap; } entries;
	struct { struct ir_pattern *v; size_t len, cap; } patterns;
	struct { struct ir_replaced *v; size_t len, cap; } replaced;
	struct { struct ir_root *v; size_t len, cap; } roots;
	struct { struct ir_device *v; size_t len, cap; } devices;	/* never in a bundle */
	struct { struct ir_name *v; size_t len, cap; } protected;	/* .git .agents .codex, then added ones */
	uint32_t	 scan_depth;		/* glob_scan_max_depth; 0: unlimited */
	struct ir_origin scan_origin;
	struct ir_network network;
	struct ir_environment environment;
	struct { const char **v; size_t len, cap; } acknowledge;
};

#endif
