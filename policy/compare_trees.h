/* SPDX-License-Identifier: Apache-2.0 */
/* compare_trees.h - do two trees without patterns agree everywhere? */
#ifndef CDXP_COMPARE_TREES_H
#define CDXP_COMPARE_TREES_H

#include "compare.h"

/*
 * On all paths and the operations of `ops' (1u << OP_READ and so on).  No
 * witness and nothing allocated, which is why it is asked first.  False also
 * where a tree reaches children by other spellings: that is not decided here.
 */
bool	compare_trees_agree(unsigned ops, const struct region *, const struct region *);

#endif
