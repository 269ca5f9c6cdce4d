/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_denial.c - operations of Seatbelt by what they are for a profile */
#include <config.h>

#include "seatbelt_denial.h"

#include <string.h>

/* The first prefix that fits counts. */
static const struct { const char *prefix; enum denial_action action; } actions[] = {
	{ "file-read-metadata", DENIAL_STAT },
	{ "file-test-existence", DENIAL_STAT },
	{ "file-read", DENIAL_READ },
	{ "file-map-executable", DENIAL_EXECUTE },
	{ "process-exec", DENIAL_EXECUTE },
	{ "file-clone", DENIAL_READ },
	{ "file-write-unlink", DENIAL_REMOVE },
	{ "file-link", DENIAL_LINK },
	{ "file-write", DENIAL_WRITE },
	{ "network-outbound", DENIAL_CONNECT },
	{ "network-bind", DENIAL_BIND },
	{ "network-inbound", DENIAL_ACCEPT },
};

static enum denial_action
action_of(const char *operation)
{
	for (size_t i = 0; i < NELEMS(actions); i++)
		if (strncmp(operation, actions[i].prefix, strlen(actions[i].prefix)) == 0)
			return actions[i].action;
	return DENIAL_OTHER;
}

static enum denial_object
object_of(enum denial_action action, const char *target)
{
	switch (action) {
	case DENIAL_OTHER:
		return DENIAL_THING;
	case DENIAL_CONNECT:
	case DENIAL_BIND:
	case DENIAL_ACCEPT:
		return target[0] == '/' ? DENIAL_UNIX_SOCKET : DENIAL_ADDRESS;
	default:
		return target[0] == '/' ? DENIAL_PATH : DENIAL_THING;
	}
}

struct denial
seatbelt_denial(const struct log_denial *l)
{
	enum denial_action action = action_of(l->operation);

	return (struct denial){
		.action = action, .object = object_of(action, l->target), .known = DENIAL_LOGGED,
		.pid = (int)l->pid, .operation = l->operation, .target = l->target,
		.process = l->process,
		/* What is written and what is made are one operation's name or two: both need the directory. */
		.absent = strncmp(l->operation, "file-write-create", strlen("file-write-create")) == 0,
	};
}
