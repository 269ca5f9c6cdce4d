/* SPDX-License-Identifier: Apache-2.0 */
/* state_dir.h - where cdxp-run keeps what must not be lost between two runs */
#ifndef CDXP_STATE_DIR_H
#define CDXP_STATE_DIR_H

struct arena;

/*
 * $XDG_STATE_HOME/cdxp, ~/.local/state/cdxp, as root /var/lib/cdxp (macOS:
 * /private/var/db/cdxp) where that is root's.  NULL where none can be named.  Shielded from every
 * command like a policy file: who can write it can make us remove empty
 * directories and files, or replace the text that confines another run.
 */
const char *state_dir(struct arena *);

#endif
