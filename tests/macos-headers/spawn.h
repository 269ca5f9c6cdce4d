/* SPDX-License-Identifier: Apache-2.0 */
/* spawn.h - what runtime/macos/ uses of it on macOS, from posix_spawn(2) and posix_spawnattr_setflags(3) */
#ifndef TEST_MACOS_SPAWN_H
#define TEST_MACOS_SPAWN_H

#include <signal.h>
#include <sys/types.h>

#define POSIX_SPAWN_SETPGROUP		0x0002
#define POSIX_SPAWN_SETSIGDEF		0x0004
#define POSIX_SPAWN_SETSIGMASK		0x0008
#define POSIX_SPAWN_SETEXEC		0x0040
#define POSIX_SPAWN_START_SUSPENDED	0x0080
#define POSIX_SPAWN_CLOEXEC_DEFAULT	0x4000

typedef void *posix_spawn_file_actions_t;
typedef void *posix_spawnattr_t;

int	posix_spawn(pid_t *restrict, const char *restrict, const posix_spawn_file_actions_t *,
	    const posix_spawnattr_t *restrict, char *const [restrict], char *const [restrict]);
int	posix_spawn_file_actions_init(posix_spawn_file_actions_t *);
int	posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *);
int	posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *, int, int);
int	posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *, int);
int	posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *restrict);
int	posix_spawnattr_init(posix_spawnattr_t *);
int	posix_spawnattr_destroy(posix_spawnattr_t *);
int	posix_spawnattr_setflags(posix_spawnattr_t *, short);
int	posix_spawnattr_setpgroup(posix_spawnattr_t *, pid_t);
int	posix_spawnattr_setsigdefault(posix_spawnattr_t *restrict, const sigset_t *restrict);
int	posix_spawnattr_setsigmask(posix_spawnattr_t *restrict, const sigset_t *restrict);

#endif
