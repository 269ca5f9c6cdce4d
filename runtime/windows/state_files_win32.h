/* SPDX-License-Identifier: Apache-2.0 */
/* state_files_win32.h - state files on Windows */
#ifndef CDXP_STATE_FILES_WIN32_H
#define CDXP_STATE_FILES_WIN32_H

#include "state_files.h"

struct arena;

/* In a directory that exists, "C:\dir"; no state_files_win32_free() is needed: all is in the arena. */
struct state_files *state_files_win32(struct arena *, const char *dir);

#endif
