/* SPDX-License-Identifier: Apache-2.0 */
/* acl_fixture.h - plans as text, and a computer with a model store to apply them to */
#ifndef CDXP_TEST_ACL_FIXTURE_H
#define CDXP_TEST_ACL_FIXTURE_H

#include "acl_apply.h"
#include "arena.h"
#include "model_store.h"
#include "state_memory.h"

/* One entry of a plan that a test writes down: "deny", "carve-out", "0xD0156", "OICI", "capability:0". */
struct test_entry {
	const char	*path, *kind, *type, *purpose, *mask, *flags, *to;
	bool		 make;
};

struct test_plan {
	bool			 elevated;
	const char		*const *roots;		/* paths of directories, n_roots of them */
	size_t			 n_roots;
	const struct test_entry	*entries;		/* those of one path stand together */
	size_t			 n;
	const char		*audits;		/* JSON of the list; NULL: none */
	const char		*restricting;		/* more of JSON: ",\"everyone\"" */
};

/* The text of it, with the hashes that it needs; arena. */
const char *test_plan_text(struct arena *, const struct test_plan *);

/* The whole tree as canonical JSON, less identities; arena. */
const char *test_tree(struct arena *, struct model_store *);

extern const struct sid test_user, test_group, test_sandbox, test_logon;

struct test_computer {
	struct arena		*a;
	struct model_faults	 faults;
	struct model_store	*model;
	struct memory_files	 state;
	struct acl_context	 c;
};

/*
 * C:\ with Windows and Users\me, whose profile is protected and has a workspace
 * C:\Users\me\ws with .git (config, hooks\x), src\a.c and a few others.
 */
void	test_computer_init(struct test_computer *);
void	test_computer_free(struct test_computer *);

/* Give an explicit entry to what is there, and hand it on. */
void	test_grant(struct test_computer *, const char *path, uint8_t type, uint8_t flags, uint32_t mask,
	    const struct sid *);

/* The first finding with that code, or NULL. */
const struct acl_finding *test_finding(const struct acl_report *, const char *code);

/* A root with .git carved out and .agents to be made; and the same root with src carved out. */
#define TEST_WS	"C:\\Users\\me\\ws"
extern const struct test_plan test_standard, test_other;

/* Each fails the test that it is called from where it does not succeed, but for test_apply(), which says. */
struct win_plan *test_read_plan(struct test_computer *, const struct test_plan *);
int	test_apply(struct test_computer *, const struct win_plan *, struct acl_report *);
void	test_must_apply(struct test_computer *, const struct win_plan *);
void	test_must_undo(struct test_computer *, const char *plan_id);
void	test_must_verify(struct test_computer *, const struct win_plan *);
void	test_must_be(struct test_computer *, const char *tree);
void	test_must_be_forgotten(struct test_computer *);	/* the journal has nothing left */
void	test_restart(struct test_computer *);		/* a new process meets what a stopped one has left */
void	test_show(const struct acl_report *);

#endif
