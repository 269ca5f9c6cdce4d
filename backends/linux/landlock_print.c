/* SPDX-License-Identifier: Apache-2.0 */
/* landlock_print.c - the ruleset as canonical JSON */
#include <config.h>

#include "landlock_plan.h"

#include <string.h>

#include "arena.h"
#include "json.h"
#include "landlock_rights.h"

/*
 * Written piece by piece in the order of keys that canonical JSON has
 * (json.h), since there may be thousands of rules, each at every start.
 */

static void
put_names(struct sbuf *out, enum landlock_set set, uint64_t rights)
{
	bool any = false;

	sbuf_addc(out, '[');
	for (unsigned bit = 0; landlock_name(set, bit) != NULL; bit++) {
		if ((rights >> bit & 1) == 0)
			continue;
		sbuf_puts(out, any ? ",\"" : "\"");
		sbuf_puts(out, landlock_name(set, bit));
		sbuf_addc(out, '"');
		any = true;
	}
	sbuf_addc(out, ']');
}

/* The text of a set of rights stays the same from rule to rule, mostly. */
struct last_names {
	uint64_t	 rights;
	size_t		 start, len;	/* in the output; len 0: none yet */
};

static void
put_rights(struct sbuf *out, struct last_names *last, uint64_t rights)
{
	if (last->len > 0 && last->rights == rights) {
		for (size_t i = 0; i < last->len; i++)
			sbuf_addc(out, out->p[last->start + i]);
		return;
	}
	*last = (struct last_names){ rights, out->len, 0 };
	put_names(out, LANDLOCK_FS, rights);
	last->len = out->len - last->start;
}

static void
put_rule(struct arena *a, const struct bound_policy *b, const struct landlock_plan_rule *r,
    struct last_names *last, struct sbuf *out)
{
	const char *at = why_place(a, b, &r->place->why);

	sbuf_addc(out, '{');
	if (r->base) {
		sbuf_puts(out, "\"base\":true,");
	} else if (*at != '\0') {
		sbuf_puts(out, "\"at\":");
		json_write_text(out, at);
		sbuf_addc(out, ',');
	}
	sbuf_puts(out, "\"path\":");
	json_write_text(out, region_path(a, r->place));
	sbuf_puts(out, ",\"rights\":");
	put_rights(out, last, r->rights);
	sbuf_addc(out, '}');
}

void
landlock_print(struct arena *a, const struct bound_policy *b, const struct landlock_plan *plan,
    struct sbuf *out)
{
	struct last_names last = { .len = 0 };

	sbuf_printf(out, "{\"abi\":%u,\"handled\":{\"fs\":", plan->abi);
	put_names(out, LANDLOCK_FS, plan->fs);
	sbuf_puts(out, ",\"net\":");
	put_names(out, LANDLOCK_NET, plan->net);
	sbuf_printf(out, "},\"log\":%s,\"pinned\":[", plan->log ? "true" : "false");
	for (size_t i = 0; i < plan->pinned.len; i++) {
		sbuf_puts(out, i > 0 ? "," : "");
		json_write_text(out, region_path(a, plan->pinned.v[i]));
	}
	sbuf_puts(out, "],\"rules\":[");
	for (size_t i = 0; i < plan->rules.len; i++) {
		sbuf_puts(out, i > 0 ? "," : "");
		put_rule(a, b, &plan->rules.v[i], &last, out);
	}
	sbuf_puts(out, "],\"scoped\":");
	put_names(out, LANDLOCK_SCOPE, plan->scope);
	sbuf_addc(out, '}');
}
