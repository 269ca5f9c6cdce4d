/* SPDX-License-Identifier: Apache-2.0 */
/* diff_json.c - the differences of two policies for programs */
#include <config.h>

#include "diff.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "why_json.h"

static const char *const side_key[2] = { "old", "new" };

static cJSON *
list_json(const char *const *v, size_t n)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < n; i++)
		json_append(list, json_bytes(v[i], strlen(v[i])));
	return list;
}

static cJSON *
parts_json(const struct fs_part *v, size_t n)
{
	cJSON *list = json_must(cJSON_CreateArray());
	for (size_t i = 0; i < n; i++) {
		cJSON *o = json_must(cJSON_CreateObject());
		json_put_text(o, "region", v[i].path);
		json_put_text(o, "scope", fs_scope_name(v[i].scope));
		json_append(list, o);
	}
	return list;
}

static cJSON *
view_json(const struct diff *d, const struct diff_row *row, int side)
{
	cJSON *o = json_must(cJSON_CreateObject());
	const struct diff_rule *r = &row->rule[side];
	cJSON *rule = json_must(cJSON_CreateObject());
	json_put_text(o, "says", row->value[side]);
	json_put_text(rule, "kind", r->kind);
	json_put_text(rule, "text", r->text);
	json_put(rule, "at", origin_json(d->side[side].bound->ir, r->origin));
	json_put(o, "rule", rule);
	return o;
}

static cJSON *
row_json(const struct diff *d, const struct diff_row *row)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "class", delta_class_name(row->class));
	json_put_text(o, "topic", row->topic);
	json_put_text(o, "region", row->region);
	if (row->path != NULL)
		json_put_text(o, "path", row->path);
	json_put_text(o, "scope", fs_scope_name(row->scope));
	json_put(o, "except", parts_json(row->except.v, row->except.len));
	json_put(o, "patterns", list_json(row->patterns.v, row->patterns.len));
	json_put_text(o, "sample", row->sample);
	if (row->sample_path != NULL)
		json_put_text(o, "sample_path", row->sample_path);
	for (int s = 0; s < 2; s++)
		json_put(o, side_key[s], view_json(d, row, s));
	return o;
}

static cJSON *
subject_json(const struct diff *d, int side)
{
	cJSON *o = json_must(cJSON_CreateObject());
	json_put_text(o, "file", d->side[side].subject->file);
	json_put_text(o, "profile", d->side[side].bound->ir->name);
	return o;
}

void
diff_json(const struct diff *d, struct sbuf *out)
{
	cJSON *o = json_must(cJSON_CreateObject());
	cJSON *count = json_must(cJSON_CreateObject());
	struct json_rows rows = JSON_ROWS_INIT;
	for (size_t i = 0; i < d->rows.len; i++)
		json_rows_add(&rows, row_json(d, &d->rows.v[i]));
	for (int c = DELTA_WIDER; c <= DELTA_CHANGED; c++)
		json_put_number(count, delta_class_name((enum delta_class)c), d->count[c]);
	json_put(o, "cdxp_diff", json_must(cJSON_CreateNumber(1)));
	json_put(o, "equal", json_must(cJSON_CreateBool(d->rows.len == 0)));
	for (int s = 0; s < 2; s++)
		json_put(o, side_key[s], subject_json(d, s));
	json_put(o, "count", count);
	json_put(o, "differences", json_rows_done(&rows));
	/* All numbers are counts: this cannot fail. */
	if (json_write(out, o) != 0)
		abort();
	sbuf_addc(out, '\n');
	cJSON_Delete(o);
}
