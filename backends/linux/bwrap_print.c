/* SPDX-License-Identifier: Apache-2.0 */
/* bwrap_print.c - the plan as arguments of bwrap */
#include <config.h>

#include "mount_plan.h"

#include <stdio.h>
#include <string.h>

struct printer {
	struct arena	*a;
	struct sbuf	*out;
};

/* Options and operands of each kind of operation. */
static const size_t op_args[] = {
	[MOUNT_BIND_RO] = 3, [MOUNT_BIND_RW] = 3, [MOUNT_BIND_DEV] = 3,
	[MOUNT_MASK_FILE] = 3, [MOUNT_TMPFS] = 4, [MOUNT_FREEZE] = 2,
	[MOUNT_SYMLINK] = 3, [MOUNT_PROC] = 2, [MOUNT_PROC_RO] = 3, [MOUNT_DEV] = 2,
};

static void
arg(struct printer *p, const char *s)
{
	sbuf_add(p->out, s, strlen(s) + 1);
}

static void
arg3(struct printer *p, const char *option, const char *x, const char *y)
{
	arg(p, option);
	arg(p, x);
	arg(p, y);
}

static void
print_base(struct printer *p, const struct mount_plan *plan)
{
	static const char *const keep[] = {
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
	};
	if (!plan->outer_userns)
		arg(p, "--unshare-user");
	arg(p, "--unshare-ipc");
	arg(p, "--unshare-pid");
	arg(p, "--unshare-uts");
	if (plan->unshare_net)
		arg(p, "--unshare-net");
	arg(p, "--die-with-parent");
	arg(p, "--cap-drop");
	arg(p, "ALL");
	for (size_t i = 0; plan->outer_userns && i < NELEMS(keep); i++) {
		arg(p, "--cap-add");
		arg(p, keep[i]);
	}
}

static void
print_op(struct printer *p, const struct mount_op *op)
{
	const char *path = mount_op_path(p->a, op);
	char perms[8];
	switch (op->kind) {
	case MOUNT_BIND_RO:
		arg3(p, "--ro-bind", path, path);
		break;
	case MOUNT_BIND_RW:
		arg3(p, "--bind", path, path);
		break;
	case MOUNT_BIND_DEV:
		arg3(p, "--dev-bind", path, path);
		break;
	case MOUNT_MASK_FILE:
		arg3(p, "--ro-bind", "/dev/null", path);
		break;
	case MOUNT_TMPFS:
		snprintf(perms, sizeof(perms), "%04o", op->perms & 07777u);
		arg(p, "--perms");
		arg(p, perms);
		arg(p, "--tmpfs");
		arg(p, path);
		break;
	case MOUNT_FREEZE:
		arg(p, "--remount-ro");
		arg(p, path);
		break;
	case MOUNT_SYMLINK:
		arg3(p, "--symlink", op->target, path);
		break;
	case MOUNT_PROC:
		arg(p, "--proc");
		arg(p, path);
		break;
	case MOUNT_PROC_RO:
		arg3(p, "--ro-bind-try", path, path);
		break;
	case MOUNT_DEV:
		arg(p, "--dev");
		arg(p, path);
		break;
	}
}

size_t
bwrap_count(const struct mount_plan *plan)
{
	enum { BASE_ARGS = 8, CAP_ARGS = 8 };
	size_t n = BASE_ARGS + (plan->outer_userns ? CAP_ARGS : 0);
	for (size_t i = 0; i < plan->ops.len; i++)
		n += op_args[plan->ops.v[i].kind];
	return n;
}

void
bwrap_print(struct arena *a, const struct mount_plan *plan, struct sbuf *out)
{
	struct printer p = { a, out };
	print_base(&p, plan);
	for (size_t i = 0; i < plan->ops.len; i++)
		print_op(&p, &plan->ops.v[i]);
}
