/* SPDX-License-Identifier: Apache-2.0 */
/* machine_win32.h - the machine plan on this computer; and the pieces of it for each other */
#ifndef CDXP_MACHINE_WIN32_H
#define CDXP_MACHINE_WIN32_H

#include "machine_store.h"

/* This computer; nothing is opened before it is asked for. */
struct machine_store *machine_win32(struct arena *);

/* ---- pieces: 0, or -1 with *why; as the operations of machine_store.h ---- */

/* Rules of the firewall. */
int	firewall_state(struct arena *, const char **off, const char **why);
int	firewall_look(struct arena *, const char *name, cJSON **found, const char **why);
int	firewall_make(struct arena *, const char *name, const cJSON *want, const char *tag, const char **why);
int	firewall_unmake(struct arena *, const char *name, const char **why);

/* Filters, in one transaction. */
int	filters_look(struct arena *, cJSON **found, const char **why);
int	filters_make(struct arena *, const cJSON *want, const char **why);
int	filters_unmake(struct arena *, const char **why);

/*
 * "O:LSD:(A;;CC;;;SID)", by which both say whom they are about, and the SID of
 * such a text; what is any other is given back as it is.
 */
char	*machine_sddl(struct arena *, const char *sid);
const char *machine_sddl_sid(struct arena *, const char *sddl);

#endif
