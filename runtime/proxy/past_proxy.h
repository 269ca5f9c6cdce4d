/* SPDX-License-Identifier: Apache-2.0 */
/* past_proxy.h - what goes past a proxy of the environment */
#ifndef CDXP_PAST_PROXY_H
#define CDXP_PAST_PROXY_H

#include "domain.h"

/*
 * Does NO_PROXY's list (or NULL) take this destination past the proxies?  An
 * item is "*", a name with all names below it (a dot or "*." before it changes
 * nothing), one with a port, an address, or a network ("10.0.0.0/8").
 */
bool	past_proxy(const char *list, const struct domain *);

#endif
