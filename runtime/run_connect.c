/* SPDX-License-Identifier: Apache-2.0 */
/* run_connect.c - cdxp-run connect: a ProxyCommand through the managed proxy */
#include <config.h>

#include "run_connect.h"

#include <stdio.h>
#include <string.h>

#include "cdxp.h"
#include "connect.h"
#include "report.h"

static int
print_help(void)
{
	fputs("Usage: cdxp-run connect HOST PORT\n"
	    "Within a sandbox whose network is proxied: connect to HOST through the managed\n"
	    "proxy, and join the connection to standard input and output.  For ssh:\n\n"
	    "  ssh -o ProxyCommand='cdxp-run connect %h %p' HOST\n"
	    "  GIT_SSH_COMMAND=\"ssh -o ProxyCommand='cdxp-run connect %h %p'\" git fetch\n\n"
	    "  -h, --help     print this\n"
	    "      --version  print the version\n\n"
	    "The exit status is 0 when the connection has ended, 1 if it was refused, 2 if\n"
	    "there is no proxy or an argument is wrong.\n", stdout);
	return fflush(stdout) == EOF ? CONNECT_FAILED : CONNECT_DONE;
}

int
run_connect(int argc, char **argv, char *const *environment)
{
	if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
		return print_help();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("cdxp-run %s\n", cdxp_version());
		return fflush(stdout) == EOF ? CONNECT_FAILED : CONNECT_DONE;
	}
	if (argc >= 2 && argv[1][0] == '-')
		return report_fail(CONNECT_FAILED, "connect: %s: no such option; see cdxp-run connect --help",
		    argv[1]);
	if (argc != 3)
		return report_fail(CONNECT_FAILED, "connect takes a host and a port (a profile of that name "
		    "is \"./connect\")");
	return connect_through_proxy(argv[1], argv[2], environment);
}
