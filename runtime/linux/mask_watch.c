/* SPDX-License-Identifier: Apache-2.0 */
/* mask_watch.c - which directories are watched, and what an event asks for */
#include <config.h>

#include "mask_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "clock_ms.h"
#include "intern.h"
#include "mask_cover.h"
#include "near_dir.h"
#include "path.h"
#include "report.h"

enum {
	IN_NAMES	= IN_CREATE | IN_MOVED_TO,
	IN_ITSELF	= IN_MOVE_SELF | IN_DELETE_SELF,
	EVENT_BYTES	= 64 * 1024,
	ROUNDS		= 8,	/* of masking, while the host goes on replacing */
};

/* A directory that holds masked places, or one above those up to what is mounted. */
struct watched_dir {
	const char	*path;
	size_t		 first, n;	/* the masks in it */
	int		 wd;		/* -1: is not watched */
	bool		 blind;		/* cannot be watched */
};

struct mask {
	const char	*name;		/* last component, points into the place's path */
	bool		 look;		/* its directory cannot be watched: looked at in turn */
	bool		 dirty;
};

struct mask_watch {
	struct arena	*arena;
	int		 init_fd;	/* a pidfd; the caller's */
	int		 error;		/* its namespaces could not be opened: errno */
	const struct artifact *artifact;
	struct mask_view view;
	struct mask_place *place;	/* by directory, then by name */
	struct mask	*mask;		/* the same */
	size_t		*todo;		/* indices */
	size_t		 n;
	struct { struct watched_dir *v; size_t len, cap; } dirs;
	struct { size_t *v; size_t len, cap; } by_wd;	/* index of the directory, + 1 */
	int		 fd;		/* inotify's; -1: not yet */
	int64_t		 start_at;	/* ms, monotonic; -1: it has begun */
	int64_t		 tick_at;
	size_t		 turn;		/* where looking goes on */
	bool		 some_looked;	/* some are not watched */
	bool		 gone;		/* a directory is not there at present, and may come back */
	bool		 lost;		/* a watched directory was renamed or removed */
};

static size_t
dir_len(const char *path)
{
	return (size_t)(strrchr(path, '/') - path);
}

static int
by_directory(const void *x, const void *y)
{
	const struct mask_place *a = x, *b = y;
	size_t m = dir_len(a->path), n = dir_len(b->path);
	int c = memcmp(a->path, b->path, m < n ? m : n);

	if (c == 0 && m != n)
		c = m < n ? -1 : 1;
	return c != 0 ? c : strcmp(a->path + m, b->path + n);
}

/* ---- which directories ---- */

/* The topmost mount that it is in: what it is on the host's side of that does not matter. */
static size_t
mounted_len(const struct strmap *sources, const char *path)
{
	if (strmap_get(sources, "/", 1) != NULL)
		return 1;
	for (size_t len = 1; path[len] != '\0'; len++)
		if (path[len] == '/' && strmap_get(sources, path, len) != NULL)
			return len;
	return strlen(path);
}

static struct watched_dir *
dir_of(struct mask_watch *w, struct strmap *known, const char *path, size_t len)
{
	size_t *at = strmap_get(known, path, len);

	if (at == NULL) {
		at = arena_alloc(w->arena, sizeof(*at));
		*at = w->dirs.len;
		const char *name = len == 0 ? "/" : arena_strndup(w->arena, path, len);
		strmap_put(known, arena_strndup(w->arena, path, len), len, at);
		VEC_PUSH(w->arena, &w->dirs, ((struct watched_dir){ .path = name, .wd = -1 }));
	}
	return &w->dirs.v[*at];
}

static void
list_dirs(struct mask_watch *w, const struct artifact *art)
{
	struct strmap *known = strmap_new(w->arena), *sources = strmap_new(w->arena);

	for (size_t i = 0; i < art->sources.len; i++)
		strmap_put(sources, art->sources.v[i], strlen(art->sources.v[i]), w);
	for (size_t i = 0; i < w->n; i++) {
		const char *path = w->place[i].path;
		size_t len = dir_len(path), top = mounted_len(sources, path);
		struct watched_dir *d = dir_of(w, known, path, len);
		bool first = d->n == 0;
		if (first)
			d->first = i;
		d->n++;
		/* Those above are listed with the first. */
		while (first && len > top && len > 0) {
			while (path[--len] != '/')
				continue;
			if (len > top || (len == 0 && top <= 1))
				dir_of(w, known, path, len);
		}
	}
}

/* ---- watching ---- */

/* Those that begin alike stand together.  Finds the first that may be within `dir'. */
static size_t
first_within(const struct mask_watch *w, const char *dir)
{
	size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir), low = 0, high = w->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2, n = dir_len(w->place[mid].path);
		int c = memcmp(w->place[mid].path, dir, n < len ? n : len);
		if (c < 0 || (c == 0 && n < len))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* All within the directory: look at them now, or in turn from now on. */
static void
mark_within(struct mask_watch *w, const char *dir, bool in_turn)
{
	size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	for (size_t i = first_within(w, dir); i < w->n; i++) {
		const char *path = w->place[i].path;
		if (strncmp(path, dir, len) != 0)
			break;
		if (path[len] != '/')
			continue;
		if (in_turn)
			w->mask[i].look = true;
		else
			w->mask[i].dirty = true;
	}
}

static void
set_wd(struct mask_watch *w, size_t dir, int wd)
{
	size_t none = 0;

	w->dirs.v[dir].wd = wd;
	if (wd < 0)
		return;
	while (w->by_wd.len <= (size_t)wd)
		VEC_PUSH(w->arena, &w->by_wd, none);
	w->by_wd.v[wd] = dir + 1;
}

static void
watch_dir(struct mask_watch *w, size_t i)
{
	struct watched_dir *d = &w->dirs.v[i];
	uint32_t what = (d->n > 0 ? IN_NAMES : 0u) | IN_ITSELF | IN_ONLYDIR | IN_DONT_FOLLOW;
	int wd = -1;

	if (i < MASK_WATCH_DIRS && w->fd >= 0)
		wd = inotify_add_watch(w->fd, d->path, what);
	else
		errno = ENOSPC;
	if (wd >= 0)
		mark_within(w, d->path, false);
	else if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		w->gone = true;
	else
		d->blind = true;
	set_wd(w, i, wd);
}

/* Watch each directory under its present name; what cannot be is looked at in turn. */
static void
watch_dirs(struct mask_watch *w)
{
	w->gone = w->some_looked = false;
	for (size_t i = 0; i < w->dirs.len; i++)
		if (w->dirs.v[i].wd < 0 && !w->dirs.v[i].blind)
			watch_dir(w, i);
	for (size_t i = 0; i < w->n; i++)
		w->mask[i].look = false;
	for (size_t i = 0; i < w->dirs.len; i++)
		if (w->dirs.v[i].wd < 0) {
			mark_within(w, w->dirs.v[i].path, true);
			w->some_looked = true;
		}
}

/* The places, sorted, and the directories: only now, as most commands have ended by then. */
static void
prepare(struct mask_watch *w)
{
	const struct artifact *art = w->artifact;

	w->place = arena_array(w->arena, w->n, sizeof(*w->place));
	w->mask = arena_array(w->arena, w->n, sizeof(*w->mask));
	w->todo = arena_array(w->arena, w->n, sizeof(*w->todo));
	memcpy(w->place, art->masks.v, w->n * sizeof(*w->place));
	qsort(w->place, w->n, sizeof(*w->place), by_directory);
	for (size_t i = 0; i < w->n; i++)
		w->mask[i] = (struct mask){ .name = strrchr(w->place[i].path, '/') + 1 };
	list_dirs(w, art);
}

static bool
has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

static void
give_up(struct mask_watch *w)
{
	mask_view_close(&w->view);
	w->n = 0;
	w->start_at = -1;
}

/* -1 with *why. */
static int
enter(struct mask_watch *w, const char **why)
{
	int error = w->error;

	w->start_at = -1;
	if (error == 0 && mask_view_enter(&w->view) == 0)
		return 0;
	if (error == 0)
		error = errno;
	give_up(w);
	if (has_ended(w->init_fd))
		return 0;
	if (error == ENOSYS) {
		report("warning: what the host replaces during the run is not denied to the "
		    "command again, which needs Linux 5.12");
		return 0;
	}
	*why = arena_printf(w->arena, "what the host replaces cannot be denied to the command "
	    "again: %s", strerror(error));
	return -1;
}

static void
start(struct mask_watch *w)
{
	prepare(w);
	/* Without one all are looked at in turn. */
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch_dirs(w);
	/* What was replaced before. */
	mark_within(w, "/", false);
}

/* A directory has another name, or none: whatever has its name now is watched in its stead. */
static void
forget(struct mask_watch *w, size_t dir)
{
	struct watched_dir *d = &w->dirs.v[dir];

	if (d->wd < 0)
		return;
	w->by_wd.v[d->wd] = 0;
	inotify_rm_watch(w->fd, d->wd);
	d->wd = -1;
	w->lost = true;
	/* So have those below it. */
	for (size_t i = 0; i < w->dirs.len; i++)
		if (i != dir && path_below(w->dirs.v[i].path, d->path))
			forget(w, i);
	mark_within(w, d->path, false);
}

static void
mark_name(struct mask_watch *w, const struct watched_dir *d, const char *name)
{
	size_t low = d->first, high = d->first + d->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(w->mask[mid].name, name);
		if (c == 0)
			w->mask[mid].dirty = true;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
}

static void
got_event(struct mask_watch *w, const struct inotify_event *e)
{
	if ((e->mask & IN_Q_OVERFLOW) != 0) {
		mark_within(w, "/", false);
		return;
	}
	if (e->wd < 0 || (size_t)e->wd >= w->by_wd.len || w->by_wd.v[e->wd] == 0)
		return;
	size_t dir = w->by_wd.v[e->wd] - 1;
	if ((e->mask & (IN_ITSELF | IN_IGNORED | IN_UNMOUNT)) != 0)
		forget(w, dir);
	else if (e->len > 0)
		mark_name(w, &w->dirs.v[dir], e->name);
}

static void
read_events(struct mask_watch *w)
{
	_Alignas(struct inotify_event) char buf[EVENT_BYTES];
	ssize_t n;

	while (w->fd >= 0 && (n = read(w->fd, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(buf + at);
			got_event(w, e);
			at += (ssize_t)sizeof(*e) + (ssize_t)e->len;
		}
}

/* ---- masking ---- */

/* Some of those that nobody tells us of. */
static void
look_in_turn(struct mask_watch *w)
{
	size_t looked = 0;

	for (size_t i = 0; i < w->n && looked < MASK_WATCH_LOOKS; i++) {
		w->turn = (w->turn + 1) % w->n;
		if (!w->mask[w->turn].look)
			continue;
		w->mask[w->turn].dirty = true;
		looked++;
	}
}

static size_t
find_bare(struct mask_watch *w)
{
	struct near_dir near;
	size_t found = 0;

	near_dir_begin(&near, w->view.root);
	for (size_t i = 0; i < w->n; i++) {
		if (!w->mask[i].dirty)
			continue;
		w->mask[i].dirty = false;
		if (mask_state(&near, w->place[i].path) == MASK_BARE)
			w->todo[found++] = i;
	}
	near_dir_end(&near);
	return found;
}

static int
mask_again(struct mask_watch *w, const char **why)
{
	size_t n = find_bare(w);

	for (int round = 0; n > 0; round++) {
		int error = mask_cover(&w->view, w->place, w->todo, n);
		for (size_t i = 0; i < n; i++)
			w->mask[w->todo[i]].dirty = true;
		n = find_bare(w);
		if (n > 0 && (error != 0 || round == ROUNDS)) {
			const struct mask_place *m = &w->place[w->todo[0]];
			*why = arena_printf(w->arena, "%s was replaced on the host and cannot be made %s "
			    "for the command again: %s", m->path, m->readable ? "read-only" : "denied",
			    error != 0 ? strerror(error) : "it is replaced all the time");
			return -1;
		}
	}
	return 0;
}

struct mask_watch *
mask_watch_new(struct arena *a, pid_t init, int init_fd, const struct artifact *art)
{
	if (art->masks.len == 0)
		return NULL;
	struct mask_watch *w = arena_alloc(a, sizeof(*w));
	*w = (struct mask_watch){
		.arena = a, .init_fd = init_fd, .artifact = art, .n = art->masks.len,
		.view = { -1, -1, -1 }, .fd = -1, .start_at = clock_ms() + MASK_WATCH_START_MS,
	};
	if (mask_view_open(&w->view, init) != 0)
		w->error = errno;
	return w;
}

void
mask_watch_started(struct mask_watch *w)
{
	if (w != NULL && w->start_at >= 0)
		w->start_at = clock_ms() + MASK_WATCH_START_MS;
}

int
mask_watch_fd(const struct mask_watch *w)
{
	return w == NULL ? -1 : w->fd;
}

int
mask_watch_timeout(const struct mask_watch *w)
{
	if (w == NULL || (w->start_at < 0 && !w->some_looked))
		return -1;
	int64_t left = (w->start_at >= 0 ? w->start_at : w->tick_at) - clock_ms();
	return left > 0 ? (int)left : 0;
}

int
mask_watch_serve(struct mask_watch *w, const char **why)
{
	if (w == NULL)
		return 0;
	int64_t now = clock_ms();
	if (w->start_at >= 0) {
		if (now < w->start_at)
			return 0;
		if (enter(w, why) != 0)
			return -1;
		if (w->n > 0)
			start(w);
	}
	if (w->n == 0)
		return 0;
	read_events(w);
	bool tick = w->some_looked && now >= w->tick_at;
	if (w->lost || (tick && w->gone))
		watch_dirs(w);
	w->lost = false;
	if (tick) {
		look_in_turn(w);
		w->tick_at = now + MASK_WATCH_TICK_MS;
	}
	if (mask_again(w, why) == 0)
		return 0;
	give_up(w);
	return -1;
}

/*
 * The kernel waits for a grace period in the last close, and so would we.  The
 * process that does it in our stead is nobody's child and holds nothing else.
 */
static void
leave_closing(int fd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		close(fd);
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		if (fork() == 0) {
			for (int i = 0; i <= STDERR_FILENO; i++)
				close(i);
			close(ends[1]);
			/* Ours must be the last one: until we have closed it. */
			while (read(ends[0], &c, 1) < 0 && errno == EINTR)
				continue;
		}
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

void
mask_watch_end(struct mask_watch *w)
{
	if (w == NULL)
		return;
	mask_view_close(&w->view);
	if (w->fd >= 0)
		leave_closing(w->fd);
	w->fd = -1;
}
