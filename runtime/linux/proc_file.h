/* SPDX-License-Identifier: Apache-2.0 */
/* proc_file.h - the small files of proc(5) */
#ifndef CDXP_PROC_FILE_H
#define CDXP_PROC_FILE_H

#include <sys/types.h>

#include "base.h"

enum { PROC_STATUS_BYTES = 4096 };	/* holds any /proc/PID/status up to its masks of signals */

/*
 * The beginning of a file, at most size - 1 bytes by one read(2), which is how
 * the kernel makes such files whole; with a NUL behind.  False, and "", where
 * there is none or it is empty: the process is gone.
 */
bool	proc_read(const char *path, char *text, size_t size);

/* The same of a descriptor, which is closed; one below 0 is no file. */
bool	proc_read_fd(int fd, char *text, size_t size);

/* /proc/PID/status, or of a thread. */
bool	proc_status(pid_t pid, char text[PROC_STATUS_BYTES]);

/*
 * What stands behind "KEY:" at the beginning of a line of a status text, blanks
 * passed over; NULL: no such line.
 */
const char *proc_field(const char *status, const char *key);

#endif
