/* SPDX-License-Identifier: Apache-2.0 */
/* denials.c - denials on their way to whoever asked for them */
#include <config.h>

#include "denials.h"

#include <stdlib.h>

#include "arena.h"
#include "denials_system.h"
#include "sbuf.h"

enum { STDERR = 2 };

struct denials {
	struct denials_request request;
	struct denials_lock *lock;	/* of the report, and of what is written */
	struct denial_report *report;
	struct sbuf	 late;		/* lines that found no room */
};

struct denials *
denials_new(const struct denials_request *q, const struct decide_fs *decide)
{
	struct denials *x = calloc(1, sizeof(*x));

	if (x == NULL)
		out_of_memory();
	x->request = *q;
	x->lock = denials_lock_new();
	x->report = denial_report_new(decide);
	return x;
}

void
denials_add(struct denials *x, const struct denial *d)
{
	struct sbuf line = SBUF_INIT;

	denials_lock(x->lock);
	if (denial_report_add(x->report, d, x->request.fd > 0 ? &line : NULL) && x->request.fd > 0 &&
	    (x->late.len > 0 || !denials_write(x->request.fd, &line, false)))
		sbuf_add(&x->late, line.p, line.len);
	denials_unlock(x->lock);
	sbuf_free(&line);
}

void
denials_free(struct denials *x)
{
	if (x == NULL)
		return;
	sbuf_free(&x->late);
	denial_report_free(x->report);
	denials_lock_free(x->lock);
	free(x);
}

void
denials_end(struct denials *x)
{
	struct sbuf text = SBUF_INIT;

	if (x == NULL)
		return;
	if (x->request.fd > 0) {
		sbuf_add(&text, sbuf_str(&x->late), x->late.len);
		denial_report_print(x->report, DENIAL_JSON_AGAIN, &text);
		denials_write(x->request.fd, &text, true);
	} else {
		denial_report_print(x->report, x->request.json ? DENIAL_JSON :
		    x->request.table ? DENIAL_TABLE : DENIAL_TEXT, &text);
		denials_write(STDERR, &text, true);
	}
	sbuf_free(&text);
	denials_free(x);
}
