/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_ask.h - the parts of the legacy verdict, for legacy_verdict.c alone */
#ifndef CDXP_LEGACY_ASK_H
#define CDXP_LEGACY_ASK_H

#include "legacy_verdict.h"

struct legacy_question {
	struct arena	*a;
	struct legacy_verdict *v;
	const struct bound_policy *mine, *legacy;	/* P and raise(v->policy), generic */
};

/*
 * True: no difference found.  False: the operation of the verdict and its two
 * sides are filled in.  Destinations, and Unix sockets of the host.
 */
bool	legacy_ask_hosts(struct legacy_question *);
bool	legacy_ask_sockets(struct legacy_question *);

/*
 * Paths of Windows are bound on Windows only.  To compare two policies there
 * it is enough that equal paths are spelt alike: the view of a policy has its
 * Windows places as fixed ones, in lower case, and no fixed POSIX place but
 * ":root".  NULL where a policy has no Windows place.
 */
const struct ir_policy *legacy_windows_view(struct arena *, const struct ir_policy *);
/* A path of the view as people know it: "c:\x"; others stay as they are. */
const char *legacy_windows_path(struct arena *, const char *path);

#endif
