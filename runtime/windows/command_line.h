/* SPDX-License-Identifier: Apache-2.0 */
/* command_line.h - the one string that a program of Windows is started with */
#ifndef CDXP_COMMAND_LINE_H
#define CDXP_COMMAND_LINE_H

#include "base.h"

struct arena;

/* CreateProcessW() takes 32,767 units with the NUL; cmd.exe far less. */
enum { COMMAND_LINE_UNITS = 32767, BATCH_LINE_UNITS = 8191 };

/* It ends with .bat or .cmd, in any case: cmd.exe runs it, and reads the line by its own rules. */
bool	command_is_batch(const char *path);

/*
 * Quoted so that CommandLineToArgvW(), and the start-up code of C, give back
 * the same words, of any text.  argv[0] is read by simpler rules: one with a
 * quotation mark cannot be passed.  UTF-8, in the arena; NULL with *why.
 */
const char *command_line(struct arena *, const char *const *argv, const char **why);

/*
 * The line for cmd.exe that runs the batch file `path' (native, without
 * "\\?\") with the words behind argv[0], each in quotation marks.  NULL with
 * *why for those that cmd.exe would change or take for commands, which no
 * quoting prevents: '"', '%', line breaks and other controls.
 */
const char *command_line_batch(struct arena *, const char *path, const char *const *argv,
    const char **why);

#endif
