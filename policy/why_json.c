/* SPDX-License-Identifier: Apache-2.0 */
/* why_json.c - origins and reasons as JSON */
#include <config.h>

#include "why_json.h"

#include <string.h>

#include "bound.h"
#include "decide_fs.h"
#include "ir.h"

cJSON *
origin_json(const struct ir_policy *ir, const struct ir_origin *origin)
{
	if (origin == NULL)
		return json_must(cJSON_CreateNull());
	const struct ir_span *s = &origin->span;
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "rule", origin->text != NULL ? origin->text : "");
	if (origin->profile != NULL)
		json_put_text(o, "profile", origin->profile);
	if (s->line == 0 || s->source >= ir->sources.len)
		return o;
	json_put_text(o, "file", ir->sources.v[s->source].name);
	json_put_number(o, "line", s->line);
	json_put_number(o, "column", s->column);
	json_put_number(o, "length", s->length);
	return o;
}

const char *
why_kind_name(enum why_kind k)
{
	static const char *const kind[] = {
		[WHY_NOTHING] = "nothing", [WHY_ENTRY] = "entry", [WHY_PLATFORM] = "platform",
		[WHY_NAME] = "name", [WHY_GITDIR] = "gitdir", [WHY_POLICY] = "policy",
		[WHY_PATTERN] = "pattern", [WHY_BASE] = "base", [WHY_ABSENT] = "absent",
		[WHY_ARTIFACT] = "artifact",
	};
	return kind[k];
}

cJSON *
why_json(struct arena *a, const struct bound_policy *b, const struct why *why)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "kind", why_kind_name(why->kind));
	json_put_text(o, "text", why_text(a, b, why));
	json_put(o, "at", origin_json(b->ir, why->origin));
	return o;
}
