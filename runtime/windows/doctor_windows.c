/* SPDX-License-Identifier: Apache-2.0 */
/* doctor_windows.c - cdxp-run doctor where no backend executes anything yet */
#include <config.h>

#include "run_doctor.h"

#include "report.h"

int
run_doctor(int argc, char **argv, const struct surroundings *here)
{
	(void)argc, (void)argv, (void)here;
	return report_fail(1, "doctor: no backend executes commands on Windows in this version; "
	    "--print shows what one would do");
}
