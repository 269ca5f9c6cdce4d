/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt.h - the macOS backend: one SBPL profile for sandbox-exec */
#ifndef CDXP_SEATBELT_H
#define CDXP_SEATBELT_H

#include "backend.h"

/* The first macOS that has every operation and filter that is printed. */
#define SEATBELT_OLDEST_MACOS 13

/*
 * The artifact is SBPL text, with a comment line ";; -D NAME=VALUE" for each
 * parameter in front, sorted by name; VALUE is escaped as in a string of SBPL.
 */
extern const struct backend backend_seatbelt;

#endif
