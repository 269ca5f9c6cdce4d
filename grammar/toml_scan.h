/* SPDX-License-Identifier: Apache-2.0 */
/* toml_scan.h - starting and ending the scanner; the parser calls the rest */
#ifndef CDXP_TOML_SCAN_H
#define CDXP_TOML_SCAN_H

#include "base.h"

struct toml_ctx;

/*
 * Scan x->src from its start; x->scan is zero but for what the caller wants to
 * choose there (first, raw).  `len' may leave out the end of the text.
 */
void	toml_scan_begin(struct toml_ctx *x, size_t len);
void	toml_scan_end(struct toml_ctx *x);

#endif
