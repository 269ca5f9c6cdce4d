/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt.h - the macOS backend: one SBPL profile for sandbox-exec */
#ifndef CDXP_SEATBELT_H
#define CDXP_SEATBELT_H

#include "backend.h"

/* Every operation and filter that is printed is in each of these. */
#define SEATBELT_SYSTEMS "macOS 13 and later"

/*
 * The artifact is SBPL text, with a comment line ";; -D NAME=VALUE" for each
 * parameter in front, sorted by name; VALUE is escaped as in a string of SBPL.
 */
extern const struct backend backend_seatbelt;

#endif
