/* SPDX-License-Identifier: Apache-2.0 */
/* cdxp_policy.h - what the files of the library share about a loaded policy */
#ifndef CDXP_POLICY_H
#define CDXP_POLICY_H

#include "cdxp.h"

struct ir_policy;

/* The policy's own; lives as long as it does. */
const struct ir_policy *policy_ir(const struct cdxp_policy *);

#endif
