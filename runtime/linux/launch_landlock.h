/* SPDX-License-Identifier: Apache-2.0 */
/* launch_landlock.h - a launch through the Landlock executor */
#ifndef CDXP_LAUNCH_LANDLOCK_H
#define CDXP_LAUNCH_LANDLOCK_H

#include "launch.h"
#include "seccomp_filter.h"

bool	launch_is_landlock(const struct launch *);

/* What is seen of the command's calls. */
enum filter_log	launch_log(const struct launch_request *);

/* Execute and wait; the status for cdxp-run. */
int	launch_landlock(struct arena *, const struct launch *);

#endif
