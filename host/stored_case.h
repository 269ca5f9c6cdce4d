/* SPDX-License-Identifier: Apache-2.0 */
/* stored_case.h - how a name is spelt in its directory, where that takes other spellings too */
#ifndef CDXP_STORED_CASE_H
#define CDXP_STORED_CASE_H

struct arena;

/*
 * `path' with its last component as the directory has it; what is there is
 * `ino'.  The path as it is where the system compares names by bytes, or does
 * not tell.
 */
const char *stored_case(struct arena *, const char *path, unsigned long long ino);

#endif
