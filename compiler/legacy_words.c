/* SPDX-License-Identifier: Apache-2.0 */
/* legacy_words.c - a legacy verdict as text and as JSON */
#include <config.h>

#include "legacy_verdict.h"

#include <string.h>

#include "arena.h"
#include "bound.h"
#include "decide_fs.h"
#include "ir.h"
#include "path.h"
#include "why_json.h"

/* A path of the generic binding in the words of the language. */
static const char *
spell(struct arena *a, const char *what)
{
	static const struct { const char *path, *name; } places[] = {
		{ "/@cwd", ":workspace_roots" }, { "/@home", "~" }, { "/@tmpdir", ":tmpdir" },
	};
	const char *front = strncmp(what, "unix:", 5) == 0 ? "unix:" : "";
	what += strlen(front);
	for (size_t i = 0; i < NELEMS(places); i++)
		if (what[0] == '/' && path_within(what, places[i].path))
			return arena_printf(a, "%s%s%s", front, places[i].name,
			    what + strlen(places[i].path));
	return arena_printf(a, "%s%s", front, what);
}

/* `entry "src", profile.toml:7': the rule of one side and its place. */
static const char *
side_text(struct arena *a, const struct ir_policy *ir, const struct legacy_side *s)
{
	const struct bound_policy of = { .ir = ir };
	const char *text = s->net != NULL ? s->net : why_text(a, &of, &s->why);
	const char *place = why_place(a, &of, &s->why);
	const struct ir_origin *o = s->why.origin;

	if (place[0] == '\0' && o != NULL && o->span.source < ir->sources.len)
		place = ir->sources.v[o->span.source].name;
	return place[0] == '\0' ? text : arena_printf(a, "%s, %s", text, place);
}

const char *
legacy_verdict_text(struct arena *a, const struct legacy_verdict *v)
{
	if (v->round_trips)
		return arena_printf(a, "round-trips as %s", legacy_policy_text(a, &v->policy));
	if (v->operation == NULL)
		return arena_printf(a, "does not round-trip: %s", v->reason);
	return arena_printf(a, "does not round-trip: \"%s %s\" %s the nearest legacy policy (%s)\n"
	    "  here: %s\n  there: %s%s%s", v->operation, spell(a, v->what),
	    v->profile.allows ? "is allowed here, and not by" : "is not allowed here, but by",
	    legacy_policy_text(a, &v->policy), side_text(a, v->ir, &v->profile),
	    side_text(a, v->raised, &v->legacy), v->reason != NULL ? "\n  " : "",
	    v->reason != NULL ? v->reason : "");
}

/* ---- JSON ---- */

static cJSON *
side_json(struct arena *a, const struct ir_policy *ir, const struct legacy_side *s)
{
	const struct bound_policy of = { .ir = ir };
	cJSON *o = json_must(cJSON_CreateObject()), *why;
	if (s->net == NULL) {
		why = why_json(a, &of, &s->why);
	} else {
		why = json_must(cJSON_CreateObject());
		json_put_text(why, "kind", "network");
		json_put_text(why, "text", s->net);
		json_put(why, "at", origin_json(ir, s->why.origin));
	}
	json_put(o, "allows", json_must(cJSON_CreateBool(s->allows)));
	json_put(o, "why", why);
	return o;
}

cJSON *
legacy_verdict_json(struct arena *a, const struct legacy_verdict *v)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put(o, "round_trips", json_must(cJSON_CreateBool(v->round_trips)));
	if (v->round_trips) {
		json_put(o, "policy", legacy_policy_json(a, &v->policy));
		return o;
	}
	cJSON *w = json_must(cJSON_CreateObject()), *legacy;
	json_put_text(w, "operation", v->operation);
	json_put_text(w, "what", v->what);
	json_put_text(w, "reason", v->reason);
	json_put(w, "profile", side_json(a, v->ir, &v->profile));
	legacy = side_json(a, v->raised, &v->legacy);
	json_put(legacy, "policy", legacy_policy_json(a, &v->policy));
	json_put(w, "legacy", legacy);
	json_put(o, "witness", w);
	return o;
}

bool
legacy_check_print(FILE *f, struct arena *a, const struct legacy_verdict *v, bool json, bool quiet)
{
	if (json) {
		struct sbuf b = SBUF_INIT;
		cJSON *o = json_must(cJSON_CreateObject());
		json_put_text(o, "profile", v->ir->name);
		json_put(o, "legacy", legacy_verdict_json(a, v));
		/* Numbers of 32 bits, and text that went through json_bytes(). */
		if (json_write(&b, o) != 0)
			out_of_memory();
		fprintf(f, "%s\n", sbuf_str(&b));
		cJSON_Delete(o);
		sbuf_free(&b);
	} else if (!quiet || !v->round_trips) {
		fprintf(f, "%s: %s\n", v->ir->name, legacy_verdict_text(a, v));
	}
	return v->round_trips;
}
