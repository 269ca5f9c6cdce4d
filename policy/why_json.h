/* SPDX-License-Identifier: Apache-2.0 */
/* why_json.h - the rule that decided, as every command writes it in JSON */
#ifndef CDXP_WHY_JSON_H
#define CDXP_WHY_JSON_H

#include "json.h"
#include "region.h"

struct arena;
struct bound_policy;
struct ir_origin;
struct ir_policy;

/*
 * Where a rule was written:
 *     {"rule":"src/gen","profile":"ci","file":"profile.toml","line":7,"column":1,"length":9}
 * without file, line, column and length where it is in no text (a built-in);
 * null where there is no rule.  `rule' may be in the tagged form of bytes.
 */
cJSON	*origin_json(const struct ir_policy *, const struct ir_origin *);

/* "entry", "pattern", ...: enum why_kind in lower case, without WHY_. */
const char *why_kind_name(enum why_kind);

/*
 * What decided: {"kind":"entry","text":"entry \"a/b\"","at":ORIGIN}.  The kinds
 * are those of why_kind_name(); `text' is why_text().
 */
cJSON	*why_json(struct arena *, const struct bound_policy *, const struct why *);

#endif
