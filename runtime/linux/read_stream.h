/* SPDX-License-Identifier: Apache-2.0 */
/* read_stream.h - standard streams that may be read, and must not be opened again for writing */
#ifndef CDXP_READ_STREAM_H
#define CDXP_READ_STREAM_H

#include "base.h"

/*
 * A file that a stream was redirected from is open on a mount of the caller's,
 * where whoever has the descriptor can open it once more, to write to it, and
 * change its mode: no mount of a sandbox is on that way.  Here it is opened
 * anew, on a read-only mount of its own.  The place in it is passed on at the
 * beginning and handed back in the end.
 */
struct read_streams {
	int	original[3];	/* -1: that stream is as it was */
};

/* There is one among the streams; a command that is started early would have the old one. */
bool	read_streams_needed(void);

/* Where no user namespace can be made nothing changes. */
void	read_streams_begin(struct read_streams *);
void	read_streams_end(struct read_streams *);

#endif
