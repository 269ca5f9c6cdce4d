/* SPDX-License-Identifier: Apache-2.0 */
/* placeholder_host.h - a host around another one, on which our placeholders are not there */
#ifndef CDXP_PLACEHOLDER_HOST_H
#define CDXP_PLACEHOLDER_HOST_H

struct arena;
struct host;
struct state_files;

/*
 * What a plan made because it was missing is missing for the next plan too
 * (fact.stub): so the same profile has the same plan before and after, and
 * what was added for it can be taken back by it.  A placeholder is one by the
 * journal, with its identity, and while nothing but placeholders is in it.
 * NULL with *why where the journal cannot be read.
 */
struct host *placeholder_host(struct arena *, struct host *, struct state_files *, const char **why);

#endif
