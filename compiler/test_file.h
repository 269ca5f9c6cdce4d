/* SPDX-License-Identifier: Apache-2.0 */
/* test_file.h - assertions about profiles as TOML: what a test file says, before any profile is read */
#ifndef CDXP_TEST_FILE_H
#define CDXP_TEST_FILE_H

#include "assertion.h"
#include "base.h"

struct arena;
struct diags;
struct source;
struct sources;

/* A string of the file, where it was written; text NULL: it was not. */
struct test_text {
	const char	*text;
	struct span	 span;
};

struct test_case {
	const char	*name;		/* "" for what stands at the top of the file */
	struct span	 span;		/* its header, or the first assertion at the top */
	struct test_text profile;	/* as written: relative to the directory of the test file */
	struct test_text cwd, home;	/* absolute and normal */
	struct test_text tmpdir;	/* the same, or "": not set */
	bool		 host;		/* bind to the real host */
	struct test_assertions { struct assertion *v; size_t len, cap; } assertions;	/* allow, then deny */
	struct test_assertions except;	/* paths alone: what assertions about patterns leave out */
};

struct test_file {
	const char	*name;		/* as it was given; "<stdin>" */
	const char	*directory;	/* with its slash, or "" */
	const struct source *source;
	struct { struct test_case *v; size_t len, cap; } cases;		/* in the order of the file */
};

/*
 * Read one file ("-": standard input).  NULL after errors in the queue; *io is
 * then true where the file could not be read.  What a case leaves out it has
 * from the top of the file.  The source lives as long as the sources.
 */
struct test_file *test_file_read(struct arena *, struct sources *, struct diags *,
	    const char *path, bool *io);

#endif
