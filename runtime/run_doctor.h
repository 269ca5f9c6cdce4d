/* SPDX-License-Identifier: Apache-2.0 */
/* run_doctor.h - the command cdxp-run doctor */
#ifndef CDXP_RUN_DOCTOR_H
#define CDXP_RUN_DOCTOR_H

struct surroundings;

/* argv[0] is "doctor".  Returns the exit status. */
int	run_doctor(int argc, char **argv, const struct surroundings *);

#endif
