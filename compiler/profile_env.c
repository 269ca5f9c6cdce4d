/* SPDX-License-Identifier: Apache-2.0 */
/* profile_env.c - shell_environment_policy (spec 1.6) */
#include <config.h>

#include "profile.h"

#include <string.h>

#include "arena.h"
#include "diag.h"
#include "suggest.h"

static void
check_inherit(struct config *c, struct setting *s)
{
	static const char *const words[] = { "all", "core", "none" };
	if (!s->set)
		return;
	for (size_t i = 0; i < NELEMS(words); i++)
		if (strcmp(s->text, words[i]) == 0)
			return;
	const char *near = suggest(s->text, words, NELEMS(words));
	struct diag *e = diag_add(c->d, D_WORD_UNKNOWN, s->value, "unknown inherit \"%s\"", s->text);
	if (near != NULL)
		diag_hint(c->d, e, "did you mean \"%s\"?", near);
	else
		diag_hint(c->d, e, "\"all\", \"core\" or \"none\"");
	s->set = false;
}

static void
check_patterns(struct config *c, const struct toml_key *key, const struct words *w)
{
	for (size_t i = 0; key != NULL && i < w->len; i++) {
		const char *text = w->v[i].text;
		const char *why = text[0] == '\0' ? "is empty" :
		    strchr(text, '=') != NULL ? "has a \"=\", which no name has" : NULL;
		if (why != NULL)
			diag_add(c->d, D_VARIABLE, w->v[i].origin.span,
			    "pattern \"%s\" %s", text, why);
	}
}

static void
read_variable(struct config *c, const struct toml_key *key, unsigned layer)
{
	const struct toml_node *v = key->value;
	const char *name = schema_text(c->d, &key->name, key->span);
	struct item it = { .layer = layer, .origin = { key->span, name, NULL }, .path = name };

	if (name != NULL && (name[0] == '\0' || strchr(name, '=') != NULL)) {
		diag_add(c->d, D_VARIABLE, key->span, "variable \"%s\" %s", name,
		    name[0] == '\0' ? "has no name" : "has a \"=\" in its name");
		name = NULL;
	}
	if (schema_blamed(c->d, v->span))
		return;
	if (v->type != TOML_STRING) {
		struct diag *e = diag_add(c->d, D_KEY_TYPE, v->span,
		    "variable \"%s\" must be a string, not %s", key->name.p,
		    schema_type_phrase(v->type));
		diag_hint(c->d, e, "put it in quotes");
		return;
	}
	it.value = schema_text(c->d, &v->string, v->span);
	if (name == NULL || it.value == NULL)
		return;
	it.same[0] = name;
	items_add(c, &c->environment.set, it, "variable");
}

void
profile_read_environment(struct config *c, const struct toml_node *node, unsigned layer)
{
	struct environment *env = &c->environment;
	const struct toml_key *found[SCHEMA_KEYS] = { NULL };

	schema_read(c->a, c->d, TABLE_ENVIRONMENT, UNKNOWN_ERROR, "shell_environment_policy",
	    node, found);
	setting_read(&env->inherit, found[KEY_INHERIT], NULL);
	check_inherit(c, &env->inherit);
	setting_read(&env->ignore_default_excludes, found[KEY_IGNORE_DEFAULT_EXCLUDES], NULL);
	words_read(c, &env->exclude, found[KEY_EXCLUDE], NULL);
	check_patterns(c, found[KEY_EXCLUDE], &env->exclude);
	words_read(c, &env->include_only, found[KEY_INCLUDE_ONLY], NULL);
	check_patterns(c, found[KEY_INCLUDE_ONLY], &env->include_only);
	if (found[KEY_SET] == NULL)
		return;
	const struct toml_table *t = found[KEY_SET]->value->table;
	for (size_t i = 0; i < t->keys.len; i++)
		read_variable(c, &t->keys.v[i], layer);
}
