/* SPDX-License-Identifier: Apache-2.0 */
/* stub_host.h - the host with our own mount points told from what is really there */
#ifndef CDXP_STUB_HOST_H
#define CDXP_STUB_HOST_H

struct arena;
struct host;

/*
 * A host that answers as `real' does, and marks what stubs_make() of this or
 * of another run has made (fact.stub), so that a policy is bound as if it
 * were missing.  `state_dir' may be NULL.  Lives in the arena.
 */
struct host *stub_host(struct arena *, struct host *real, const char *state_dir);

#endif
