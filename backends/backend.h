/* SPDX-License-Identifier: Apache-2.0 */
/* backend.h - what every backend offers: plan, print, and a model that reads the print */
#ifndef CDXP_BACKEND_H
#define CDXP_BACKEND_H

#include "base.h"
#include "bound.h"
#include "sbuf.h"

struct arena;
struct decide_fs;

enum deviation_direction { DEVIATION_NARROWER, DEVIATION_WIDER };

struct deviation {
	const char	*name;		/* "snapshot", "missing-grant", ...: spec/3 */
	enum deviation_direction direction;
	const char	*path;		/* where it applies, or NULL */
	const char	*detail;	/* one phrase */
	const struct ir_origin *origin;	/* the rule concerned, or NULL */
};

/* One more rule that a deviation concerns, for those that are listed once for all places. */
struct deviation_rule {
	const char	*name;
	const struct ir_origin *origin;
};

struct refusal {
	const char	*reason;	/* one line */
	const char	*witness;	/* "write /repo/.git/x", or NULL */
	const struct ir_origin *origin;
};

/*
 * A missing place that must not appear during the run (spec 3.1.2).  The
 * runtime makes it before the start, parents first as listed, and removes it
 * afterwards; the artifact mounts over it.
 */
struct stub_place {
	const char	*path;
	bool		 dir;
};

/*
 * A place with less access than its surroundings, which it loses when the host
 * puts something there: a mount stays with what had the name (spec 3.1.3).
 * The runtime mounts on that as well.
 */
struct mask_place {
	const char	*path;
	bool		 readable;	/* read-only; else denied */
	unsigned	 perms;		/* denied: of the empty directory, where what is there is one */
	bool		 missing;	/* nothing was there, so that nothing is mounted at first */
};

struct artifact {
	struct sbuf	 bytes;		/* the printed form; the model reads this and nothing else */
	bool		 is_json;	/* which is canonical JSON (json.h) */
	struct { struct stub_place *v; size_t len, cap; } stubs;
	struct { struct mask_place *v; size_t len, cap; } masks;
	/* As it was read back when it was proved, for who executes it: struct landlock_model, or NULL. */
	const void	*model;
	/* Host paths that are bound, to be checked again. */
	struct { const char **v; size_t len, cap; } sources;
	struct { struct deviation *v; size_t len, cap; } deviations;
	struct { struct deviation_rule *v; size_t len, cap; } deviation_rules;	/* may repeat */
	bool		 refused;
	struct refusal	 refusal;
};

struct backend_options {
	/*
	 * The runtime is real root and brings a user namespace with all ids
	 * mapped (spec 3.1): the artifact keeps four capabilities and leaves
	 * --unshare-user to the runtime's --userns.
	 */
	bool		 outer_userns;
	const struct decide_fs *decide;	/* of the policy, where the caller has it; or NULL */
	bool		 signals_leave;	/* this host cannot keep the command's signals in the sandbox */
	/* windows-unelevated: ask by variables, where nothing confines. */
	bool		 advisory_network;
	bool		 no_everyone;	/* Windows: Everyone is not among the restricting SIDs */
	unsigned	 landlock_abi;	/* the kernel's; 0: the latest that we know */
};

/* What can be looked up in an artifact. */
enum emitted_what { EMITTED_PATH, EMITTED_NETWORK, EMITTED_SOCKETS };

struct emitted {
	const char	*text;		/* its own words: "--ro-bind /a /a"; NULL: it has none for this */
	const char	*means;		/* in words of ours, one phrase */
	enum access	 access;	/* paths: what a command inside can do there */
};

/* Where a backend appears that nobody asked for by name. */
enum backend_use {
	BACKEND_BUNDLED,	/* in every bundle, and in reports */
	BACKEND_REPORTED,	/* in reports alone */
	BACKEND_BY_NAME,	/* nowhere: what it makes is that of another one */
};

struct backend {
	const char	*name;		/* "bwrap" */
	enum target	 target;
	const char	*systems;	/* "macOS 13 and later", where that is not all of the target; or NULL */
	enum backend_use use;
	bool		 for_few;	/* enforces few profiles: that it refuses one is worth no warning */
	/* That it refuses a profile is told, but who did not ask is not warned. */
	bool		 no_warning;
	/* A pattern covers names that appear later: it is not turned into paths. */
	bool		 live_patterns;
	/*
	 * Plan, print, read back, compare.  0: out->bytes is proved equal to
	 * the effective policy; -1: out->refused.  Never a third thing.  The
	 * caller frees out->bytes.
	 */
	int	(*compile)(struct arena *, const struct bound_policy *,
		    const struct backend_options *, struct artifact *out);
	/*
	 * Which part of the printed artifact decides a path (normal,
	 * canonical; else NULL), the network, or Unix sockets of the host.
	 * Found by the model in the artifact's bytes, never in a plan; only
	 * after a compile() that gave 0, of the same policy.  NULL: it cannot
	 * be looked up.
	 */
	void	(*emitted)(struct arena *, const struct bound_policy *,
		    const struct artifact *, enum emitted_what, const char *path,
		    struct emitted *out);
};

/* By name; NULL: there is none. */
const struct backend *backend_find(const char *name);
/* Those that reports on a profile are about; NULL past the end. */
const struct backend *backend_at(size_t i);
/* Those that every bundle has a part of; NULL past the end. */
const struct backend *backend_bundled(size_t i);

/* What artifacts are made with beside our own code: "libseccomp 2.5.4". */
const char *backend_tools(void);

/*
 * The system call filters that go with a policy on Linux (spec 3.1), of both
 * architectures, with a listing in words, as a bundle carries them.  The
 * caller deletes it; NULL where this program was built without.
 */
struct cJSON *backend_filters(const struct ir_policy *);

/* NULL: what a bundle carries (NULL: nothing) is what we have, to the byte; else why it cannot be used. */
const char *backend_filters_differ(struct arena *, const struct cJSON *carried,
	    const struct ir_policy *);

/*
 * Append what an administrator sets up once for windows-elevated: users, group,
 * firewall rules and filters, with the ports of the proxies where the policy
 * has any.
 * Canonical JSON and a final newline; schemas/windows-machine.schema.json.
 */
void	backend_windows_machine(struct arena *, const struct ir_policy *, const char *compiler,
	    struct sbuf *out);

/* The same for at most so many ports of loopback, other than 0, that can be reached without a network. */
enum { BACKEND_MACHINE_PORTS = 2 };
void	backend_windows_machine_ports(const unsigned *ports, size_t n, const char *compiler,
	    struct sbuf *out);

/* Append the filter for an architecture ("x86_64") as seccomp(2) and bwrap take it; false: there is none. */
bool	backend_filter_raw(const char *arch, const struct ir_policy *, struct sbuf *out);

#endif
