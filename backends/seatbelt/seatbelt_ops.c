/* SPDX-License-Identifier: Apache-2.0 */
/* seatbelt_ops.c - the operations of Seatbelt, and which wildcard covers which */
#include <config.h>

#include "seatbelt_rules.h"

#include <string.h>

/*
 * A wildcard stands before what it covers: the parent of an operation is the
 * longest name with a star whose stem, up to a hyphen, it begins with.
 * Sources: sandbox profiles that macOS 13 has in /System/Library/Sandbox.
 */
static const char *const op_name[] = {
	"default",
	"appleevent-send", "authorization-right-obtain", "boot-arg-set",
	"darwin-notification-post",
	"device*", "device-camera", "device-microphone",
	"distributed-notification-post", "dynamic-code-generation",
	"file*", "file-chroot", "file-clone", "file-ioctl", "file-issue-extension",
	"file-link", "file-map-executable", "file-mknod", "file-mount", "file-mount-update",
	"file-quota-control",
	"file-read*", "file-read-data", "file-read-metadata", "file-read-xattr",
	"file-revoke", "file-search", "file-test-existence", "file-unmount",
	"file-write*", "file-write-acl", "file-write-create", "file-write-data",
	"file-write-finderinfo", "file-write-flags", "file-write-mode", "file-write-owner",
	"file-write-setugid", "file-write-times", "file-write-unlink", "file-write-xattr",
	"generic-issue-extension", "hid-control",
	"iokit*", "iokit-get-properties", "iokit-issue-extension",
	"iokit-open*", "iokit-open-service", "iokit-open-user-client",
	"iokit-set-properties",
	"ipc*", "ipc-posix*", "ipc-posix-issue-extension",
	"ipc-posix-sem*", "ipc-posix-sem-create", "ipc-posix-sem-open", "ipc-posix-sem-post",
	"ipc-posix-sem-unlink", "ipc-posix-sem-wait",
	"ipc-posix-shm*", "ipc-posix-shm-read-data",
	"ipc-posix-shm-write*", "ipc-posix-shm-write-create", "ipc-posix-shm-write-data",
	"ipc-posix-shm-write-unlink",
	"ipc-sysv*", "ipc-sysv-msg", "ipc-sysv-sem", "ipc-sysv-shm",
	"job-creation", "load-unsigned-code", "lsopen",
	"mach*", "mach-bootstrap", "mach-cross-domain-lookup", "mach-derive-port",
	"mach-host*", "mach-host-exception-port-set", "mach-host-special-port-set",
	"mach-issue-extension", "mach-kernel-endpoint", "mach-lookup", "mach-message-send",
	"mach-per-user-lookup",
	"mach-priv*", "mach-priv-host-port", "mach-priv-task-port",
	"mach-register",
	"mach-task*", "mach-task-inspect", "mach-task-name", "mach-task-read",
	"mach-task-special-port*",
	"managed-preference-read",
	"network*", "network-bind", "network-inbound", "network-outbound",
	"nvram*", "nvram-delete", "nvram-get", "nvram-set",
	"opendirectory-user-modify",
	"process*", "process-codesigning-status*", "process-codesigning-status-get",
	"process-codesigning-status-set",
	"process-exec*", "process-exec-interpreter", "process-exec-update-label",
	"process-fork",
	"process-info*", "process-info-codesignature", "process-info-dirtycontrol",
	"process-info-ledger", "process-info-listpids", "process-info-pidfdinfo",
	"process-info-pidfileportinfo", "process-info-pidinfo", "process-info-rusage",
	"process-info-setcontrol",
	"pseudo-tty", "qtn-download", "qtn-sandbox", "qtn-user", "sandbox-check", "signal",
	"socket-ioctl", "socket-option*", "socket-option-get", "socket-option-set",
	"syscall*", "syscall-mach", "syscall-mig", "syscall-unix",
	"sysctl*", "sysctl-read", "sysctl-write",
	"system*", "system-acct", "system-audit", "system-automount", "system-debug",
	"system-fcntl", "system-fsctl", "system-info",
	"system-kext*", "system-kext-load", "system-kext-query", "system-kext-unload",
	"system-mac-syscall", "system-memorystatus-control", "system-necp-client-action",
	"system-nfssvc", "system-package-check", "system-privilege", "system-reboot",
	"system-sched", "system-set-time", "system-socket", "system-suspend-resume",
	"system-swap", "system-write-bootstrap",
	"user-preference*", "user-preference-read", "user-preference-write",
};

static const struct { const char *name, *means; } alias[] = {
	{ "process-exec", "process-exec*" },
	{ "ipc-posix-sem", "ipc-posix-sem*" },
	{ "ipc-posix-shm", "ipc-posix-shm*" },
	{ "ipc-posix-shm-read*", "ipc-posix-shm-read-data" },
	{ "iokit-open", "iokit-open*" },
	{ "file-unlink", "file-write-unlink" },
};

static const char *const term_name[TERMS] = {
	[T_READ_DATA] = "file-read-data", [T_READ_METADATA] = "file-read-metadata",
	[T_READ_XATTR] = "file-read-xattr", [T_TEST] = "file-test-existence",
	[T_MAP] = "file-map-executable", [T_CLONE] = "file-clone",
	[T_EXEC_INTERPRETER] = "process-exec-interpreter",
	[T_EXEC_UPDATE] = "process-exec-update-label",
	[T_WRITE_DATA] = "file-write-data", [T_WRITE_MODE] = "file-write-mode",
	[T_WRITE_OWNER] = "file-write-owner", [T_WRITE_FLAGS] = "file-write-flags",
	[T_WRITE_TIMES] = "file-write-times", [T_WRITE_XATTR] = "file-write-xattr",
	[T_WRITE_ACL] = "file-write-acl", [T_WRITE_SETUGID] = "file-write-setugid",
	[T_CREATE] = "file-write-create", [T_UNLINK] = "file-write-unlink",
	[T_LINK] = "file-link", [T_FINDERINFO] = "file-write-finderinfo",
	[T_IOCTL] = "file-ioctl", [T_SEARCH] = "file-search", [T_CHROOT] = "file-chroot",
	[T_ISSUE] = "file-issue-extension", [T_MKNOD] = "file-mknod",
	[T_MOUNT] = "file-mount", [T_MOUNT_UPDATE] = "file-mount-update",
	[T_QUOTA] = "file-quota-control", [T_REVOKE] = "file-revoke",
	[T_UNMOUNT] = "file-unmount", [T_OUTBOUND] = "network-outbound",
	[T_INBOUND] = "network-inbound", [T_BIND] = "network-bind",
};

/* The levels that the terms are looked up on: themselves, then these. */
static const char *const wildcard_level[] = {
	"default", "file*", "file-read*", "file-write*", "process*", "process-exec*", "network*",
};
_Static_assert(TERMS + NELEMS(wildcard_level) <= 64, "levels are bits of a mask");

uint16_t
sb_op_find(const char *name)
{
	for (size_t i = 0; i < NELEMS(alias); i++)
		if (strcmp(name, alias[i].name) == 0)
			name = alias[i].means;
	for (size_t i = 0; i < NELEMS(op_name); i++)
		if (strcmp(name, op_name[i]) == 0)
			return (uint16_t)i;
	return SB_NO_OP;
}

const char *
sb_op_name(uint16_t op)
{
	return op_name[op];
}

bool
sb_op_is_default(uint16_t op)
{
	return op == 0;
}

uint16_t
sb_op_parent(uint16_t op)
{
	if (op == 0)
		return SB_NO_OP;
	/* What a wildcard covers stands right behind it, so the last one that does is the longest. */
	for (uint16_t i = (uint16_t)(op - 1); i > 0; i--) {
		size_t stem = strlen(op_name[i]) - 1;
		if (op_name[i][stem] == '*' && strncmp(op_name[op], op_name[i], stem) == 0 &&
		    op_name[op][stem] == '-')
			return i;
	}
	return 0;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

enum sb_class
sb_op_class(uint16_t op)
{
	if (begins(op_name[op], "file") || begins(op_name[op], "process-exec"))
		return SB_FILE;
	return begins(op_name[op], "network") ? SB_NETWORK : SB_OTHER;
}

uint64_t
sb_op_level(uint16_t op)
{
	for (size_t i = 0; i < TERMS; i++)
		if (strcmp(op_name[op], term_name[i]) == 0)
			return TERM(i);
	for (size_t i = 0; i < NELEMS(wildcard_level); i++)
		if (strcmp(op_name[op], wildcard_level[i]) == 0)
			return TERM(TERMS + i);
	return 0;
}

const char *
sb_term_name(enum sb_term t)
{
	return term_name[t];
}

uint16_t
sb_term_op(enum sb_term t)
{
	return sb_op_find(term_name[t]);
}
