/* SPDX-License-Identifier: Apache-2.0 */
/* launch_seatbelt.c - what would be executed on macOS */
#include <config.h>

#include "launch_seatbelt.h"

#include "arena.h"
#include "profile_file.h"
#include "seatbelt_command.h"
#include "state_dir.h"

int
launch_seatbelt_words(struct arena *a, const struct launch *l, const char **program,
    const char ***argv, size_t *len, struct launch_error *err)
{
	const struct sbuf *text = &l->artifact.bytes;
	const char *state = state_dir(a), *why;

	*err = (struct launch_error){ LAUNCH_REFUSED, "there is no place for the profile: "
	    "set HOME or XDG_STATE_HOME to an absolute path" };
	if (state == NULL)
		return -1;
	*program = SANDBOX_EXEC;
	*argv = seatbelt_words(a, sbuf_str(text), text->len, profile_file_name(a, state),
	    l->command, l->request->argv, len, &why);
	if (*argv != NULL)
		return 0;
	err->text = why;
	return -1;
}
