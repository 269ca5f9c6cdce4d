/* SPDX-License-Identifier: Apache-2.0 */
/* ir_json.h - the IR as JSON (ir_print.c), and back (ir_read.c) */
#ifndef CDXP_IR_JSON_H
#define CDXP_IR_JSON_H

#include "ir.h"
#include "json.h"

/*
 * A new object that the caller owns; it refers to the texts of the policy, which
 * must outlive it.  Its long lists can be written, not looked into.  Written and
 * read back, ir_read() makes of it what equals the policy member by member.
 */
cJSON	*ir_print(const struct ir_policy *);

/*
 * Trusts nothing: types, ranges, anchors, normal paths, pattern syntax, span
 * indices.  Returns NULL with *why naming the member ("entries[3].path is
 * not a normal path"); all in the arena.
 */
struct ir_policy *ir_read(struct arena *, const cJSON *, const char **why);

/* The JSON spelling: "off", "open", "proxied"; "all", "core", "none". */
const char	*ir_net_mode_name(enum ir_net_mode);
bool		 ir_net_mode_from_name(const char *, enum ir_net_mode *);
const char	*ir_env_inherit_name(enum ir_env_inherit);
bool		 ir_env_inherit_from_name(const char *, enum ir_env_inherit *);

#endif
