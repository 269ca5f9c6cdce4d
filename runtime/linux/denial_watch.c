/* SPDX-License-Identifier: Apache-2.0 */
/* denial_watch.c - what a call means, whether the policy says no to it, and whether it fails */
#include <config.h>

#include "denial_asked.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "arena.h"
#include "base_place.h"
#include "child_view.h"
#include "denial_caller.h"
#include "denials.h"

struct denial_watch *
denial_watch_new(struct arena *a, struct denials *denials, const struct decide_fs *decide,
    const struct landlock_model *rules)
{
	struct denial_watch *w = arena_alloc(a, sizeof(*w));

	w->denials = denials;
	w->decide = decide;
	w->view = (struct denial_view){ -1, rules };
	return w;
}

void
denial_watch_live(struct denial_watch *w)
{
	if (w != NULL)
		atomic_store(&w->live, true);
}

void
denial_watch_end(struct denial_watch *w)
{
	if (w == NULL)
		return;
	/* A thread that could not be ended may still come by. */
	atomic_store(&w->live, false);
	if (w->view.root >= 0)
		close(w->view.root);
	w->view.root = -1;
}

/* ---- saying it ---- */

static bool
still_waits(const struct asked *q)
{
	uint64_t id = q->id;

	return ioctl(q->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

void
denial_say(const struct asked *q, struct denial *d)
{
	char name[DENIAL_NAME_BYTES];

	/* A thread's number that was used again would be somebody else's name. */
	if (denial_process(q->tid, d, name) && still_waits(q))
		denials_add(q->w->denials, d);
}

/* As we see it, outside of the sandbox. */
static bool
exists_outside(const char *path)
{
	struct stat st;

	return fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0;
}

/* It fails with this, as far as can be told before; 0: it does not. */
static void
say_path(const struct asked *q, enum denial_action action, const struct denial_place *p, int error)
{
	struct denial d = {
		.action = action, .object = DENIAL_PATH, .known = DENIAL_PREDICTED, .error = error,
		.operation = q->call->name, .target = p->path, .itself = q->itself,
		.absent = p->fd < 0 && !exists_outside(p->path),
	};

	if (q->outcome != 0) {
		d.known = DENIAL_ANSWERED;
		d.error = q->outcome;
	}
	if (d.error != 0)
		denial_say(q, &d);
}

/* ---- the policy's word ---- */

enum need { NEED_READ, NEED_WRITE, NEED_MOVE };

static bool
allows(const struct denial_watch *w, const char *path, enum need need)
{
	struct fs_verdict v = decide_sandbox(w->decide, path);

	/* The kernel's own there, and what it refuses is not for a policy. */
	if (v.why.kind == WHY_BASE && strncmp(path, "/proc", 5) == 0)
		return true;
	return need == NEED_READ ? v.readable : need == NEED_WRITE ? v.writable : v.writable && !v.pinned;
}

bool
denial_is_hidden(const struct denial_watch *w, const char *path, const char *needed, int error)
{
	return !allows(w, path, NEED_READ) && ((error != ENOENT && error != ENOTDIR) || exists_outside(needed));
}

static void
missing(const struct asked *q, enum denial_action action, const struct denial_place *p)
{
	if (denial_is_hidden(q->w, p->path, p->path, p->error))
		say_path(q, action, p, p->error);
}

/* The same, of what was to be removed or moved. */
static void
nothing(const struct asked *q, const struct denial_place *p)
{
	if (denial_is_hidden(q->w, p->path, p->path, p->error))
		say_path(q, q->call->action, p, denial_nothing_error(&q->w->view, p));
}

/* The same, where it is the directory that is needed. */
static void
missing_directory(const struct asked *q, enum denial_action action, const struct denial_place *p)
{
	char dir[PATH_MAX];

	memcpy(dir, p->path, strlen(p->path) + 1);
	char *slash = strrchr(dir, '/');
	slash[slash == dir] = '\0';
	if (denial_is_hidden(q->w, p->path, dir, p->error))
		say_path(q, action, p, p->error);
}

/* ---- arguments ---- */

static int
int_arg(const struct asked *q, int i)
{
	return (int)(unsigned)q->args[i];
}

static unsigned
at_flags(const struct asked *q)
{
	return q->call->flags >= 0 ? (unsigned)q->args[q->call->flags] : 0;
}

static bool
place_at(const struct asked *q, int dir_arg, int path_arg, bool follow, bool with_dir, struct denial_place *p)
{
	char text[PATH_MAX];
	int dirfd = dir_arg >= 0 ? int_arg(q, dir_arg) : AT_FDCWD;

	/* utimensat(2) and its like take NULL, others an empty path, for the descriptor itself. */
	if (q->args[path_arg] == 0 || !denial_read_text(q->tid, q->args[path_arg], text, sizeof(text)))
		return q->args[path_arg] == 0 && dir_arg >= 0 && denial_place_of_fd(q->tid, dirfd, p);
	if (*text == '\0')
		return dir_arg >= 0 && (at_flags(q) & AT_EMPTY_PATH) != 0 && denial_place_of_fd(q->tid, dirfd, p);
	return denial_place_find(&q->w->view, q->tid, dirfd, text, follow, with_dir, p);
}

/* ---- each kind ---- */

static void
judge_read(const struct asked *q, const struct denial_place *p, bool execute)
{
	enum denial_action action = execute ? DENIAL_EXECUTE : DENIAL_READ;

	if (p->fd < 0) {
		missing(q, action, p);
		return;
	}
	if (allows(q->w, p->path, NEED_READ))
		return;
	say_path(q, action, p, denial_access_error(&q->w->view, p, execute ? TO_EXECUTE : TO_READ));
}

/* What was not there before the command keeps the place of what must not appear (spec 3.1.2). */
static bool
is_stub(const struct denial_watch *w, const char *path)
{
	const struct fact *f = bound_fact(w->decide->bound, path);

	return f != NULL && (f->kind == NODE_MISSING || f->stub) && !allows(w, path, NEED_WRITE);
}

static void
judge_make(const struct asked *q, enum denial_action action, const struct denial_place *p)
{
	if (p->fd >= 0) {
		/* Landlock hides no name. */
		if ((q->w->view.rules == NULL && !allows(q->w, p->path, NEED_READ)) || is_stub(q->w, p->path))
			say_path(q, action, p, EEXIST);
		return;
	}
	if (p->dir < 0) {
		missing_directory(q, action, p);
		return;
	}
	/* What may be made and cannot, as nothing was there to be granted, is the sandbox's doing as well. */
	const struct fact *f = bound_fact(q->w->decide->bound, p->path);
	if (!allows(q->w, p->path, NEED_WRITE) || (f != NULL && f->kind == NODE_MISSING))
		say_path(q, action, p, denial_name_error(&q->w->view, p));
}

static void
judge_write(const struct asked *q, const struct denial_place *p)
{
	if (allows(q->w, p->path, NEED_WRITE) || (denial_is_directory(p->fd) && allows(q->w, p->path, NEED_READ)))
		return;
	say_path(q, DENIAL_WRITE, p, denial_is_directory(p->fd) ? EISDIR :
	    denial_access_error(&q->w->view, p, TO_WRITE));
}

static void
judge_open(const struct asked *q, uint64_t flags)
{
	struct denial_place p;
	bool creates = (flags & O_CREAT) != 0, fresh = creates && (flags & O_EXCL) != 0;
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;

	if ((flags & O_PATH) != 0)
		creates = fresh = writes = false;	/* it counts for nothing then: a look */
	if (!place_at(q, q->call->dir, q->call->path, (flags & O_NOFOLLOW) == 0 && !fresh, creates, &p))
		return;
	struct asked itself = *q;
	itself.itself = (flags & O_TMPFILE) == O_TMPFILE || (!fresh && p.fd < 0 && exists_outside(p.path));
	if ((flags & O_PATH) != 0) {
		if (p.fd < 0 && q->w->view.rules == NULL)
			missing(q, DENIAL_STAT, &p);
	} else if ((flags & O_TMPFILE) == O_TMPFILE) {
		/* A file without a name: what is asked of is its directory. */
		if (p.fd >= 0 && !allows(q->w, p.path, NEED_WRITE))
			say_path(&itself, DENIAL_CREATE, &p, denial_inside_error(&q->w->view, &p));
	} else if (fresh || (creates && p.fd < 0)) {
		judge_make(&itself, DENIAL_CREATE, &p);
	} else if (writes && p.fd < 0) {
		missing(q, DENIAL_WRITE, &p);
	} else if (writes) {
		judge_write(q, &p);
	} else {
		judge_read(q, &p, false);
	}
	denial_place_close(&p);
}

static void
on_open(const struct asked *q)
{
	/* creat(2) has none. */
	judge_open(q, q->call->flags >= 0 ? (unsigned)q->args[q->call->flags] : O_CREAT | O_WRONLY | O_TRUNC);
}

static void
on_open_how(const struct asked *q)
{
	struct child_view v = { q->tid, -1 };
	struct open_how how;

	if (child_view_read(&v, q->args[2], &how, sizeof(how)) == 0)
		judge_open(q, how.flags);
}

/* It is found, and what it is started by may not be. */
static void
judge_interpreter(const struct asked *q, const struct denial_place *program)
{
	char link[40], name[PATH_MAX];
	struct denial_place p;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", program->fd);
	int fd = denial_is_file(program->fd) ? open(link, O_RDONLY | O_CLOEXEC) : -1;
	bool found = fd >= 0 && denial_interpreter(fd, name);
	if (fd >= 0)
		close(fd);
	if (!found || !denial_place_find(&q->w->view, q->tid, AT_FDCWD, name, true, false, &p))
		return;
	judge_read(q, &p, true);
	denial_place_close(&p);
}

static void
on_execute(const struct asked *q)
{
	struct denial_place p;

	if (!place_at(q, q->call->dir, q->call->path, (at_flags(q) & AT_SYMLINK_NOFOLLOW) == 0, false, &p))
		return;
	judge_read(q, &p, true);
	if (p.fd >= 0 && allows(q->w, p.path, NEED_READ))
		judge_interpreter(q, &p);
	denial_place_close(&p);
}

/* Asking is no doing; who asks, and is told no, does not try. */
static void
on_access(const struct asked *q)
{
	struct denial_place p;
	int mode = int_arg(q, q->call->path + 1);
	enum denial_action action = (mode & W_OK) != 0 ? DENIAL_WRITE : (mode & R_OK) != 0 ? DENIAL_READ :
	    (mode & X_OK) != 0 ? DENIAL_EXECUTE : DENIAL_STAT;

	/* Landlock has no say in it. */
	if (q->w->view.rules != NULL || !place_at(q, q->call->dir, q->call->path,
	    (at_flags(q) & AT_SYMLINK_NOFOLLOW) == 0, false, &p))
		return;
	if (p.fd < 0)
		missing(q, action, &p);
	else if (!allows(q->w, p.path, (mode & W_OK) != 0 ? NEED_WRITE : NEED_READ))
		say_path(q, action, &p, denial_asking_error(&p, mode));
	denial_place_close(&p);
}

/* Where there is something it is seen, be it a mask.  From the working directory: see seccomp_gen.c. */
static void
on_look(const struct asked *q)
{
	bool follow = !q->call->nofollow && (at_flags(q) & AT_SYMLINK_NOFOLLOW) == 0;
	char text[PATH_MAX];
	struct denial_place p;

	if (q->w->view.rules != NULL || !denial_read_text(q->tid, q->args[q->call->path], text, sizeof(text)) ||
	    *text == '\0' || (q->call->dir >= 0 && int_arg(q, q->call->dir) != AT_FDCWD) ||
	    denial_place_is_there(&q->w->view, q->tid, text, follow))
		return;
	if (!denial_place_find(&q->w->view, q->tid, AT_FDCWD, text, follow, false, &p))
		return;
	if (p.fd < 0)
		missing(q, q->call->action, &p);
	denial_place_close(&p);
}

static void
on_enter(const struct asked *q)
{
	struct denial_place p;

	if (q->w->view.rules != NULL || !place_at(q, q->call->dir, q->call->path, true, false, &p))
		return;
	if (p.fd < 0)
		missing(q, q->call->action, &p);
	else if (denial_is_directory(p.fd) && !allows(q->w, p.path, NEED_READ))
		say_path(q, q->call->action, &p, denial_asking_error(&p, X_OK));
	denial_place_close(&p);
}

static void
on_make(const struct asked *q)
{
	struct denial_place p;

	if (!place_at(q, q->call->dir, q->call->path, false, true, &p))
		return;
	judge_make(q, q->call->action, &p);
	denial_place_close(&p);
}

static void
on_remove(const struct asked *q)
{
	struct denial_place p;

	if (!place_at(q, q->call->dir, q->call->path, false, true, &p))
		return;
	if (p.fd < 0)
		nothing(q, &p);
	else if (!allows(q->w, p.path, NEED_MOVE))
		say_path(q, q->call->action, &p, denial_removal_error(&q->w->view, &p));
	denial_place_close(&p);
}

/* Onto what is there nothing can be linked, where a rename replaces it. */
static int
move_error(const struct asked *q, const struct denial_place *from, const struct denial_place *to)
{
	if (q->call->kind != WATCH_LINK)
		return denial_move_error(&q->w->view, from, to);
	if (to->fd < 0)
		return denial_link_error(&q->w->view, from, to);
	return allows(q->w, to->path, NEED_READ) ? 0 : EEXIST;
}

static void
judge_move(const struct asked *q, const struct denial_place *from, const struct denial_place *to)
{
	if (from->fd < 0) {
		nothing(q, from);
		return;
	}
	const struct denial_place *no = !allows(q->w, from->path, NEED_MOVE) ? from :
	    !allows(q->w, to->path, NEED_MOVE) ? to : NULL;
	if (no == NULL)
		return;
	if (to->dir < 0) {
		missing_directory(q, q->call->action, to);
		return;
	}
	say_path(q, q->call->action, no, move_error(q, from, to));
}

static void
on_move(const struct asked *q)
{
	struct denial_place from, to;
	bool follow = q->call->kind == WATCH_LINK && (at_flags(q) & AT_SYMLINK_FOLLOW) != 0;

	if (!place_at(q, q->call->dir, q->call->path, follow, true, &from))
		return;
	if (place_at(q, q->call->dir2, q->call->path2, false, true, &to)) {
		judge_move(q, &from, &to);
		denial_place_close(&to);
	}
	denial_place_close(&from);
}

static void
judge_change(const struct asked *q, const struct denial_place *p)
{
	if (p->fd < 0) {
		missing(q, q->call->action, p);
		return;
	}
	if (allows(q->w, p->path, NEED_WRITE))
		return;
	int error = q->call->action == DENIAL_WRITE ? denial_access_error(&q->w->view, p, TO_WRITE) : 0;
	say_path(q, q->call->action, p, error != 0 ? error : denial_change_error(&q->w->view, p));
}

static void
on_change(const struct asked *q)
{
	struct denial_place p;
	bool follow = !q->call->nofollow && (at_flags(q) & AT_SYMLINK_NOFOLLOW) == 0;

	if (!place_at(q, q->call->dir, q->call->path, follow, false, &p))
		return;
	judge_change(q, &p);
	denial_place_close(&p);
}

static void
on_change_fd(const struct asked *q)
{
	struct denial_place p;

	if (!denial_place_of_fd(q->tid, int_arg(q, 0), &p))
		return;
	judge_change(q, &p);
	denial_place_close(&p);
}

/* A socket file is made; other addresses are the kernel's affair. */
static void
on_bind(const struct asked *q)
{
	struct sockaddr_storage ss;
	struct denial_place p;
	size_t len = denial_address(q, q->args[1], q->args[2], &ss), head = offsetof(struct sockaddr_un, sun_path);
	char text[sizeof(ss) + 1] = "";

	if (len <= head || len > sizeof(struct sockaddr_un) || ss.ss_family != AF_UNIX)
		return;
	memcpy(text, (const char *)&ss + head, len - head);
	if (*text == '\0' || !denial_place_find(&q->w->view, q->tid, AT_FDCWD, text, false, true, &p))
		return;
	/* One that is there is in use, wherever it is. */
	if (p.fd < 0)
		judge_make(q, DENIAL_CREATE, &p);
	denial_place_close(&p);
}

static void
on_call(const struct asked *q)
{
	static void (*const on[])(const struct asked *) = {
		[WATCH_OPEN] = on_open, [WATCH_OPEN_HOW] = on_open_how, [WATCH_EXECUTE] = on_execute,
		[WATCH_ACCESS] = on_access, [WATCH_LOOK] = on_look, [WATCH_ENTER] = on_enter,
		[WATCH_MAKE] = on_make, [WATCH_REMOVE] = on_remove, [WATCH_MOVE] = on_move,
		[WATCH_LINK] = on_move, [WATCH_CHANGE] = on_change, [WATCH_CHANGE_FD] = on_change_fd,
		[WATCH_BIND] = on_bind, [WATCH_SEND] = denial_on_send,
		[WATCH_SEND_MESSAGE] = denial_on_send_message, [WATCH_SEND_MESSAGES] = denial_on_send_messages,
	};

	if (q->w->view.root < 0)
		q->w->view.root = denial_root(q->tid);
	if (q->w->view.root >= 0)
		on[q->call->kind](q);
}

/* False: it is none of ours. */
static bool
take(struct denial_watch *w, int listener, const struct seccomp_notif *n, uint64_t args[6], struct asked *q)
{
	for (int i = 0; i < 6; i++)
		args[i] = n->data.args[i];
	*q = (struct asked){
		.w = w, .call = watched_call(n->data.nr), .tid = (pid_t)n->pid, .args = args,
		.listener = listener, .id = n->id,
	};
	return q->call != NULL;
}

bool
denial_watch_call(struct denial_watch *w, int listener, const struct seccomp_notif *n, int *error)
{
	uint64_t args[6];
	struct asked q;
	bool live = atomic_load(&w->live);

	if (!take(w, listener, n, args, &q))
		return false;
	*error = 0;
	if (q.call->kind == WATCH_SOCKET || q.call->kind == WATCH_PAIR)
		*error = denial_on_socket(&q, live);
	else if (live)
		on_call(&q);
	return true;
}

void
denial_watch_answered(struct denial_watch *w, int listener, const struct seccomp_notif *n, int error)
{
	uint64_t args[6];
	struct asked q;

	if (error == 0 || !atomic_load(&w->live) || !take(w, listener, n, args, &q))
		return;
	q.outcome = error;
	on_call(&q);
}
