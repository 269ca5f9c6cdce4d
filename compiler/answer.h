/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - what cdxpc explain is asked, what it found, and how that is written */
#ifndef CDXP_ANSWER_H
#define CDXP_ANSWER_H

#include "backend.h"
#include "base.h"
#include "decide_env.h"
#include "explain.h"
#include "fact.h"
#include "json.h"
#include "subject.h"

struct arena;
struct canon;
struct artifact_host;
struct sources;

/* One policy under one binding, and everything that answers are made from. */
struct explainer {
	struct arena	*a;
	const struct subject *subject;
	const struct sources *sources;	/* texts to quote from */
	const struct bound_policy *bound;
	const struct decide_fs *fs;
	const struct artifact_host *host;
	struct canon	*canon;		/* NULL: the generic binding, no host is asked */
	/*
	 * Backends of the bound policy's system whose artifacts can be looked into; made when first needed.
	 * Those for few profiles only where they do.
	 */
	const struct backend **backend;
	struct artifact	*artifact;	/* one for each; or NULL */
	size_t		 nbackends;
};

/* A policy that is bound already, to this host. */
struct explainer explainer_new(struct arena *, const struct subject *, const struct sources *,
	    const struct bound_policy *, const struct artifact_host *);
/* What resolves the paths that are asked about, in the arena; NULL: they are taken as they are. */
struct canon *explainer_canon(struct arena *, const struct artifact_host *, const struct bound_policy *);
/* The artifacts are not in the arena. */
void	explainer_free(struct explainer *);

enum question_kind { ASK_PATH, ASK_HOST, ASK_SOCKET, ASK_ENV };

struct question {
	enum question_kind kind;
	const char	*text;		/* as asked */
	const char	*hint;		/* how to ask for something else that it could have meant, or NULL */
	const char	*path;		/* PATH, SOCKET: normal, absolute; on a host canonical */
	const char	*spelt;		/* before links were resolved; == path where there were none */
	const struct fact *const *link;	/* the links met on the way */
	size_t		 nlinks;
	const char	*itself;	/* PATH: the name of the link that the path ends in, or NULL */
	bool		 missing;	/* on a host: nothing is there */
	struct domain	 dest;		/* HOST */
	const char	*name;		/* ENV */
};

/*
 * WHAT of the command line: a path ("/x", "~/x", "x/y", ":tmpdir/x"), HOST,
 * HOST:PORT, "unix:PATH", "env:NAME", "host:HOST", "path:PATH".  -1 with *why,
 * a phrase to put behind the quoted text.  All in the arena.
 */
int	question_read(const struct explainer *, const char *what, struct question *out,
	    const char **why);
/* The same for what can only be a path.  `a', not the explainer's, for all that is made. */
int	question_path(struct arena *a, struct canon *, const struct bound_policy *,
	    const char *what, struct question *out, const char **why);

struct answer_backend {
	const struct backend *backend;
	const struct artifact *artifact;
	struct emitted	 emitted;	/* where it does not refuse */
	/* Where the artifact does something else than the policy says: the deviation's name, or NULL. */
	bool		 differs;
	const struct deviation *deviation;
};

struct answer {
	struct question	 q;
	struct path_explanation path;	/* PATH */
	struct fs_verdict itself;	/* PATH with q.itself: for renaming and removing the link */
	struct net_explanation net;	/* HOST, SOCKET */
	struct env_decision env;	/* ENV */
	/* ENV: what becomes of the caller's variable where env speaks for `set' or the runtime. */
	struct env_decision inherited;
	const struct ir_setting *setting;	/* ENV: the line of `set' for it, or NULL */
	struct answer_backend *backend;	/* not for ENV */
	size_t		 nbackends;
};

/*
 * Print and prove what every backend makes of the policy; answer_make() does
 * it where it has not been done.
 */
void	explainer_compile(struct explainer *);

/* Never fails: a question that was read has an answer. */
void	answer_make(struct explainer *, const struct question *, struct answer *out);

/* One phrase for the headline: "read, write", "nothing", ... */
const char *answer_verdict(struct arena *, const struct explainer *, const struct answer *);

/* The steps of inheritance from the policy's profile up to `profile'; 0: itself, or none of them. */
size_t	answer_chain(const struct ir_policy *, const char *profile);

/* For people, with a final newline. */
void	answer_text(const struct explainer *, const struct answer *, bool colour, struct sbuf *out);
/* The same for programs. */
cJSON	*answer_json(const struct explainer *, const struct answer *);

/*
 * Answer the paths that are read from `in', each ended by `end', one line
 * each: three letters of access, tab, the rule's place, tab, the path as
 * asked, and `end' again.  Returns an exit status; what is no path is answered
 * as such, and makes it EXIT_INPUT.
 */
int	answer_stream(const struct explainer *, int in, int out, char end);

#endif
