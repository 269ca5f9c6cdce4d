/* SPDX-License-Identifier: Apache-2.0 */
/* launch_ports.h - a launch whose managed proxy listens on this host's own loopback */
#ifndef CDXP_LAUNCH_PORTS_H
#define CDXP_LAUNCH_PORTS_H

#include "launch.h"

/*
 * The proxy of this launch has to be started first.  Where it has been, or
 * none is needed, not.
 */
bool	launch_ports_needed(const struct launch *);

/*
 * Start it, with a token of this run, plan the launch again with what it
 * listens on, proof included, have launch_exec() execute that, and end the proxy.  What the
 * plan of Windows says of ports is for its firewall, which was set up
 * beforehand, or binds nobody: that stays, and with it the plan's identity.
 */
int	launch_ports_run(struct arena *, const struct launch *, int *status, struct launch_error *err);

#endif
