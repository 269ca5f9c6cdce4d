/* SPDX-License-Identifier: Apache-2.0 */
/* attack.h - attempts at getting past a sandbox, and what they stand on */
#ifndef CDXP_ATTACK_H
#define CDXP_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * An attempt runs in a workspace that the runner made (tests/run-attacks shows
 * the tree).  Whatever it changes lies in that tree or in processes of the
 * test, is made in namespaces of its own, or is the value that was there.
 *
 * It is run twice.  First free, as a control: it must get what it wants, or
 * it says nothing about a sandbox.  Then confined, where it must not.
 */
enum outcome {
	DONE	= 0,		/* it got what it wanted */
	BLOCKED	= 1,		/* it did not; errno says why */
	CANNOT	= 77,		/* this machine has nothing to try it on; errno says why */
};

struct attack {
	const char	*name;
	/*
	 * Words for the runner.  Who can do it when free: "root" that user
	 * alone, "ns" whoever may make namespaces, else everybody.  What has
	 * to be around it: "twice", "race", "fds", "dir", "stdin", "group", "pty", "late",
	 * "killed", "path".  "narrow" needs a policy that takes back part of a
	 * grant.  "NAME:REASON" is not forbidden under the backend NAME.
	 */
	const char	*how;
	const char	*tries;		/* one sentence */
	enum outcome	(*run)(void);
	int		 namespaces;	/* CLONE_NEW*, beside user and mounts, of a control with "ns" */
};

/* Each ends with a row without a name. */
extern const struct attack
    attacks_path[], attacks_narrow[], attacks_again[], attacks_proc[], attacks_signal[],
    attacks_mount[], attacks_kernel[], attacks_identity[], attacks_ipc[], attacks_device[],
    attacks_net[], attacks_unix[], attacks_left[], attacks_descriptor[], attacks_runtime[];

#define SECRET	"TOPSECRET"	/* all that must not be read begins so */

/* DONE where the condition holds, else BLOCKED with errno as it is. */
enum outcome	outcome_of(bool);
/* Nothing to try it on, with an error for the reason. */
enum outcome	cannot(int error);
/* A system call that refuses us with one of EPERM, EACCES, ENOSYS and EROFS; all else got through. */
enum outcome	reached(long rc);

/* Is this the control, free of any sandbox? */
bool		is_control(void);
/* A number and a text from the runner, 0 and "" where there is none. */
long		given_number(const char *name);
const char	*given(const char *name);
/* A process of the host: never one of the sandbox's. */
pid_t		outside_pid(void);
/* The first process of the sandbox; the control, which has none, takes the one outside. */
pid_t		first_pid(void);

/* Does what can be read there begin with SECRET?  The descriptor is closed. */
enum outcome	secret_in(int fd);
enum outcome	secret_at(const char *path);
/* Can the file that exists be written to?  It is, one byte at the end. */
enum outcome	writes(const char *path);
/* Can a file that does not exist be made? */
enum outcome	creates(const char *path);
/* The same bytes that are read are written back. */
enum outcome	writes_back(const char *path);
/* Opened with these flags, and no more. */
enum outcome	opens(const char *path, int flags);
/* Waits up to `ms' for the path to exist. */
bool		appears(const char *path, int ms);

/* The helper outside; prints what the attempts are given, and serves until it is killed. */
int		host_serve(void);
/* One more process of the same group, which makes ../seen when it is touched. */
int		host_stand_by(void);

#endif
