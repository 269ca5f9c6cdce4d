/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_form.h - the form of a bundle's legacy verdict, for everybody who reads one */
#ifndef CDXP_LEGACY_FORM_H
#define CDXP_LEGACY_FORM_H

#include "json.h"

struct arena;

/*
 * `legacy' is what compiler/legacy_verdict.h writes: the members of one of its
 * two forms and no others, each of its type, words among those that exist.
 * Whether the verdict is true is not asked.  False with *why, which names the
 * member ("member \"legacy.policy.type\" is ..."); all in the arena.
 */
bool	legacy_form_check(struct arena *, const cJSON *legacy, const char **why);

#endif
