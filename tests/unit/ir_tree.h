/* SPDX-License-Identifier: Apache-2.0 */
/* ir_tree.h - the IR as a JSON document that can be looked into and changed */
#ifndef CDXP_TEST_IR_TREE_H
#define CDXP_TEST_IR_TREE_H

#include "ir_json.h"

/* What ir_print() gives, written and read back; the caller frees it. */
static inline cJSON *
ir_tree(const struct ir_policy *ir)
{
	struct sbuf text = SBUF_INIT;
	cJSON *printed = ir_print(ir);
	const char *why;
	size_t offset;
	int failed = json_write(&text, printed);
	cJSON_Delete(printed);
	cJSON *tree = failed != 0 ? NULL : json_read(sbuf_str(&text), text.len, &why, &offset);
	sbuf_free(&text);
	return json_must(tree);
}

#endif
