/* SPDX-License-Identifier: Apache-2.0 */
/* why_json.c - origins and reasons as JSON */
#include <config.h>

#include "why_json.h"

#include <string.h>

#include "bound.h"
#include "decide_fs.h"
#include "ir.h"

static void
put_text(cJSON *o, const char *key, const char *text)
{
	json_put(o, key, json_bytes(text, strlen(text)));
}

static void
put_number(cJSON *o, const char *key, uint32_t n)
{
	json_put(o, key, json_must(cJSON_CreateNumber(n)));
}

cJSON *
origin_json(const struct ir_policy *ir, const struct ir_origin *origin)
{
	if (origin == NULL)
		return json_must(cJSON_CreateNull());
	const struct ir_span *s = &origin->span;
	cJSON *o = json_must(cJSON_CreateObject());
	put_text(o, "rule", origin->text != NULL ? origin->text : "");
	if (origin->profile != NULL)
		put_text(o, "profile", origin->profile);
	if (s->line == 0 || s->source >= ir->sources.len)
		return o;
	put_text(o, "file", ir->sources.v[s->source].name);
	put_number(o, "line", s->line);
	put_number(o, "column", s->column);
	put_number(o, "length", s->length);
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
	put_text(o, "kind", why_kind_name(why->kind));
	put_text(o, "text", why_text(a, b, why));
	json_put(o, "at", origin_json(b->ir, why->origin));
	return o;
}
