/* SPDX-License-Identifier: Apache-2.0 */
/* denial_lines.h - a log of denials as cdxp-run writes it, read back */
#ifndef CDXP_DENIAL_LINES_H
#define CDXP_DENIAL_LINES_H

#include "base.h"

struct arena;
struct diags;

enum { LIMIT_DENIAL_LINES = 1000000 };

/* Strings live in the arena; those that may hold any bytes are what the log says, tagged form resolved. */
struct denial_line {
	const char	*profile;
	const char	*process, *action, *operation;
	const char	*target;
	const char	*spelt;		/* ":workspace_roots/src/x" */
	bool		 is_path;	/* object "path" */
	uint64_t	 count;
	const char	*rule;		/* in words */
	const char	*rule_id;	/* the same for the same rule: kind, file, line, column */
	const char	*rule_at;	/* "profile.toml:7", or "" */
	int64_t		 rule_line;	/* 0: in no text */
	bool		 is_pattern;	/* the rule is a deny pattern */
	const char	*table, *place, *subpath, *access;	/* the entry; place NULL: none */
	const char	*no_entry;
};

struct denial_lines {
	struct denial_line *v;
	size_t		 len, cap;
	uint64_t	 lost;		/* that the run could not keep */
};

/*
 * Add what a file ("-": standard input) holds; each thing that was denied once
 * for a file, with the count of its last line.  EXIT_OK; or after an error in
 * the queue, which names file and line, EXIT_INPUT, EXIT_USAGE where the file
 * cannot be read.
 */
int	denial_lines_read(struct arena *, struct diags *, const char *file, struct denial_lines *);

#endif
