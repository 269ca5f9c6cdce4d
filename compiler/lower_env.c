/* SPDX-License-Identifier: Apache-2.0 */
/* lower_env.c - shell_environment_policy into the IR */
#include <config.h>

#include "lower.h"

#include <string.h>

#include "arena.h"

static void
lower_words(struct lowering *l, struct ir_strings *out, const struct words *w)
{
	for (size_t i = 0; i < w->len; i++) {
		if (out->len == out->cap)
			out->v = arena_grow(l->c->a, out->v, out->len, &out->cap, out->len + 1,
			    sizeof(*out->v));
		out->v[out->len].text = w->v[i].text;
		out->v[out->len++].origin = lower_origin(l, &w->v[i].origin);
	}
}

void
lower_env(struct lowering *l)
{
	const struct environment *env = &l->c->environment;
	struct ir_environment *out = &l->ir->environment;
	const char *inherit = env->inherit.set ? env->inherit.text : "all";

	out->inherit = strcmp(inherit, "none") == 0 ? ENV_NONE :
	    strcmp(inherit, "core") == 0 ? ENV_CORE : ENV_ALL;
	out->ignore_default_excludes = !env->ignore_default_excludes.set ||
	    env->ignore_default_excludes.flag;
	if (env->inherit.set)
		out->inherit_origin = lower_origin(l, &env->inherit.origin);
	if (env->ignore_default_excludes.set)
		out->excludes_origin = lower_origin(l, &env->ignore_default_excludes.origin);
	lower_words(l, &out->exclude, &env->exclude);
	lower_words(l, &out->include_only, &env->include_only);
	for (size_t i = 0; i < env->set.len; i++) {
		const struct item *it = &env->set.v[i];
		if (!it->gone)
			VEC_PUSH(l->c->a, &out->set, ((struct ir_setting){ it->path, it->value,
			    lower_origin(l, &it->origin) }));
	}
}
