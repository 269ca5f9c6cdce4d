/* SPDX-License-Identifier: Apache-2.0 */
/* confine.h - what the proxy itself does without */
#ifndef CDXP_CONFINE_H
#define CDXP_CONFINE_H

/*
 * It reads what anybody sends: it keeps no capability, changes no file and
 * executes nothing, whatever becomes of it.  Where the kernel has no Landlock
 * the last two are not held.  -1 with errno where it cannot be.
 */
int	confine_proxy(void);

#endif
