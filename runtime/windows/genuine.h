/* SPDX-License-Identifier: Apache-2.0 */
/* genuine.h - is this Windows, or something that only answers as it does? */
#ifndef CDXP_GENUINE_H
#define CDXP_GENUINE_H

struct arena;

/*
 * NULL on Windows; else the name of what this is ("Wine 8.0").  Wine's calls
 * about entries, inheritance and restricted tokens return success and do
 * nothing, so that a command would run unconfined.
 */
const char *genuine_not(struct arena *);

#endif
