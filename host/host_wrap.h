/* SPDX-License-Identifier: Apache-2.0 */
/* host_wrap.h - a host that answers as another one does, but for what lies at a path */
#ifndef CDXP_HOST_WRAP_H
#define CDXP_HOST_WRAP_H

#include "host_facts.h"

/* First in whatever wraps: the callback gets the host back that it stands in. */
struct host_wrap {
	struct host	 host;
	struct host	*real;
};

/* Fill in `w'; all but `stat' asks `real', which must outlive it. */
void	host_wrap(struct host_wrap *w, struct host *real,
	    int (*stat)(struct host *, struct arena *, const char *path, struct fact *out));

#endif
