/* SPDX-License-Identifier: Apache-2.0 */
/* acl_read.h - a printed plan as a structure: for its model */
#ifndef CDXP_ACL_READ_H
#define CDXP_ACL_READ_H

#include "acl_eval.h"
#include "acl_names.h"

struct acl_read_entry { enum acl_purpose purpose; uint32_t who; };

struct acl_read_place {
	const char	*path;		/* in the form of bound paths, in lower case; "/" where the text is "@NAME\.." */
	const char	*text;		/* as it is printed */
	bool		 directory;	/* has entries with flags */
	bool		 link, make;
	struct { const char **v; size_t len, cap; } children_but;	/* in lower case */
	struct { struct acl_read_entry *v; size_t len, cap; } entries;
};

struct acl_read_plan {
	bool		 elevated;
	size_t		 nroots;
	const char	*const *root;	/* in lower case */
	const char	*identity;
	unsigned	 proxy_port[2];	/* 0: none */
	uint8_t		*restricting;	/* by principal: ACL_TO_CAPABILITY + nroots of them */
	struct { struct acl_read_place *v; size_t len, cap; } places;
};

/* As acl_model_read(). */
struct acl_read_plan *acl_read(struct arena *, const char *bytes, size_t len, const char **why);

#endif
