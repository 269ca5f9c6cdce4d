/* SPDX-License-Identifier: Apache-2.0 */
/* runner_request.c - a request as JSON, and back */
#include <config.h>

#include "runner_request.h"

#include <string.h>

#include "arena.h"
#include "json.h"
#include "win_path.h"

static cJSON *
sid_json(const struct sid *s)
{
	char text[SID_TEXT_MAX];

	return json_new_text(s->n == 0 ? "logon" : sid_text(s, text));
}

static void
put_words(cJSON *o, const char *key, const char *const *v, size_t n)
{
	cJSON *list = json_new_array();

	for (size_t i = 0; i < n; i++)
		json_append(list, json_new_text(v[i]));
	json_put(o, key, list);
}

void
runner_request_write(const struct runner_request *q, struct sbuf *out)
{
	cJSON *o = json_new_object(), *sids = json_new_array(), *dacl = json_new_array();
	struct sbuf text = SBUF_INIT;

	for (size_t i = 0; i < q->restricting.len; i++)
		json_append(sids, sid_json(&q->restricting.v[i]));
	for (size_t i = 0; i < q->dacl.len; i++) {
		cJSON *row = json_new_object();
		json_put(row, "to", sid_json(&q->dacl.v[i].sid));
		json_put_number(row, "mask", q->dacl.v[i].mask);
		json_append(dacl, row);
	}
	json_put(o, "restricting", sids);
	json_put(o, "dacl", dacl);
	json_put(o, "group", sid_json(&q->group));
	json_put_bool(o, "unconfined", q->unconfined);
	json_put_bool(o, "private_desktop", q->private_desktop);
	json_put_text(o, "program", q->program);
	json_put_text(o, "cwd", q->cwd);
	put_words(o, "argv", q->argv.v, q->argv.len);
	put_words(o, "envp", q->envp.v, q->envp.len);
	put_words(o, "canaries", q->canaries.v, q->canaries.len);
	json_put_text(o, "point", q->point);
	json_put_text(o, "target", q->target);
	/* All of it is text that was UTF-8, and numbers of 32 bits. */
	if (json_write(&text, o) != 0)
		out_of_memory();
	sbuf_printf(out, "%zu\n", text.len);
	sbuf_add(out, text.p, text.len);
	sbuf_free(&text);
	cJSON_Delete(o);
}

struct reader {
	struct arena	*a;
	const cJSON	*o;
	const char	*why;		/* the first thing that was wrong, or NULL */
};

static void
wrong(struct reader *r, const char *member)
{
	if (r->why == NULL)
		r->why = arena_printf(r->a, "the member \"%s\" is missing or of the wrong kind", member);
}

static void
read_sid(struct reader *r, const char *member, const char *text, struct sid *out)
{
	*out = (struct sid){ 0 };
	if (text == NULL || (strcmp(text, "logon") != 0 && sid_parse(text, strlen(text), out) != NULL))
		wrong(r, member);
}

static const char *
read_text(struct reader *r, const char *member, bool may_be_null)
{
	const char *text = json_string(r->o, member);

	if (text == NULL && !(may_be_null && cJSON_IsNull(json_member(r->o, member))))
		wrong(r, member);
	return text == NULL ? NULL : arena_strdup(r->a, text);
}

static bool
read_bool(struct reader *r, const char *member)
{
	bool is = false;

	if (!json_bool(r->o, member, &is))
		wrong(r, member);
	return is;
}

static const cJSON *
read_list(struct reader *r, const char *member)
{
	const cJSON *list = json_member(r->o, member);

	if (!cJSON_IsArray(list))
		wrong(r, member);
	return list;
}

#define READ_WORDS(r, member, to) do {								\
	const cJSON *word_;									\
	cJSON_ArrayForEach(word_, read_list((r), (member)))					\
		if (cJSON_IsString(word_))							\
			VEC_PUSH((r)->a, (to), arena_strdup((r)->a, word_->valuestring));	\
		else										\
			wrong((r), (member));							\
} while (0)

static void
read_token(struct reader *r, struct runner_request *q)
{
	const cJSON *e;
	struct sid sid;
	int64_t mask;

	cJSON_ArrayForEach(e, read_list(r, "restricting")) {
		read_sid(r, "restricting", cJSON_GetStringValue(e), &sid);
		VEC_PUSH(r->a, &q->restricting, sid);
	}
	cJSON_ArrayForEach(e, read_list(r, "dacl")) {
		read_sid(r, "dacl", json_string(e, "to"), &sid);
		if (!json_int(e, "mask", &mask) || mask < 0 || mask > UINT32_MAX)
			wrong(r, "dacl");
		else
			ace_add(r->a, &q->dacl, (struct ace){ .type = ACE_ALLOW, .mask = (uint32_t)mask, .sid = sid });
	}
	read_sid(r, "group", json_string(r->o, "group"), &q->group);
}

const char *
runner_request_read(struct arena *a, const char *text, size_t len, struct runner_request *q)
{
	struct reader r = { .a = a };
	size_t at;
	cJSON *o = json_read(text, len, &r.why, &at);

	*q = (struct runner_request){ .unconfined = false };
	if (o == NULL)
		return r.why;
	r = (struct reader){ a, o, NULL };
	read_token(&r, q);
	q->unconfined = read_bool(&r, "unconfined");
	q->private_desktop = read_bool(&r, "private_desktop");
	q->program = read_text(&r, "program", false);
	q->cwd = read_text(&r, "cwd", false);
	READ_WORDS(&r, "argv", &q->argv);
	READ_WORDS(&r, "envp", &q->envp);
	READ_WORDS(&r, "canaries", &q->canaries);
	q->point = read_text(&r, "point", true);
	q->target = read_text(&r, "target", true);
	cJSON_Delete(o);
	if (r.why == NULL && (q->restricting.len == 0 || q->argv.len == 0))
		return "there is no command, or nothing that confines it";
	if (r.why == NULL && !q->unconfined && (q->canaries.len == 0 || q->group.n == 0))
		return "there is nothing to check that it is confined by";
	if (r.why == NULL && ((q->point == NULL) != (q->target == NULL) ||
	    (q->point != NULL && (win_name_check(q->point, strlen(q->point)) != NULL || !win_path_within(q->cwd, q->target)))))
		return "the junction is not one to the directory of the command";
	return r.why;
}

const char *
runner_cwd(struct arena *a, const char *cwd, const char *target, const char *junction)
{
	const char *rest = cwd + strlen(target);

	rest += *rest == '\\';
	return *rest == '\0' ? junction : arena_printf(a, "%s\\%s", junction, rest);
}
