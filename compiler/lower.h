/* SPDX-License-Identifier: Apache-2.0 */
/* lower.h - a merged profile becomes the IR, table by table */
#ifndef CDXP_LOWER_H
#define CDXP_LOWER_H

#include "ir.h"
#include "profile.h"

struct sources;

struct lowering {
	struct config	*c;
	const struct sources *sources;
	struct strmap	*source_index;	/* name -> position + 1 */
	struct ir_policy *ir;
};

struct lowering lower_begin(struct config *, const struct sources *, const struct profile *);

/* Line, column and source in the place of an offset; the profile's name is never NULL. */
struct ir_origin lower_origin(struct lowering *, const struct origin *);

void	lower_fs(struct lowering *, const struct profile *);
void	lower_net(struct lowering *, const struct profile *);
void	lower_env(struct lowering *);

#endif
