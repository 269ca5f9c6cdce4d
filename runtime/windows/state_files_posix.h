/* SPDX-License-Identifier: Apache-2.0 */
/* state_files_posix.h - state files where files are POSIX */
#ifndef CDXP_STATE_FILES_POSIX_H
#define CDXP_STATE_FILES_POSIX_H

#include "state_files.h"

/*
 * The directory, made if it is missing but not what it lies in; `dir' is
 * borrowed.  NULL with errno.
 */
struct state_files *state_files_posix(const char *dir);
void	state_files_posix_close(struct state_files *);

#endif
