/* SPDX-License-Identifier: Apache-2.0 */
/* test_report.h - results of assertions as TAP 14, JUnit's XML, or JSON */
#ifndef CDXP_TEST_REPORT_H
#define CDXP_TEST_REPORT_H

#include "sbuf.h"
#include "test_coverage.h"
#include "test_run.h"

enum test_format { TEST_TAP, TEST_JUNIT, TEST_JSON };

/* Append the whole report; coverage may be NULL: not measured.  The same input gives the same bytes. */
void	test_report(struct sbuf *out, const struct test_run *, const struct test_coverage *,
	    enum test_format);

#endif
