/* SPDX-License-Identifier: Apache-2.0 */
/* stub_ledger.c - reading, locking and rewriting the ledger of stubs */
#include <config.h>

#include "stub_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "hex.h"

/* {"id":"D:I","boot":"B","path":"P"} with D and I of 16 digits and B of 36 characters. */
#define HEAD		"{\"id\":\"%016" PRIx64 ":%016" PRIx64 "\",\"boot\":\"%s\",\"path\":\""
#define TAIL		"\"}\n"
enum {
	AT_DEV		= 7,
	AT_INO		= AT_DEV + 17,
	AT_BOOT		= AT_INO + 16 + 10,
	HEAD_LEN	= AT_BOOT + 36 + 10,
	TAIL_LEN	= 3,
	COMPACT_BYTES	= 16 * 1024,	/* then lines without a stub are dropped */
	MAX_BYTES	= 16 * 1024 * 1024,
	LOCK_TRIES	= 10000,	/* of a millisecond */
};

static void
encode(struct sbuf *out, const char *path)
{
	for (const unsigned char *c = (const unsigned char *)path; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f || strchr("\"\\%", *c) != NULL)
			sbuf_printf(out, "%%%02X", *c);
		else
			sbuf_addc(out, (char)*c);
	}
}

/* NULL where the text is none of ours. */
static const char *
decode(struct arena *a, const char *text, size_t len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '%') {
			if (len - i < 3)
				return NULL;
			int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	return n > 0 && out[0] == '/' ? out : NULL;
}

static bool
get_number(const char *text, uint64_t *out)
{
	*out = 0;
	for (int i = 0; i < 16; i++) {
		int digit = hex_digit(text[i]);
		if (digit < 0)
			return false;
		*out = *out << 4 | (uint64_t)digit;
	}
	return true;
}

/* A line that is not of our form is passed over, and gone after the next compaction. */
static void
take_line(struct arena *a, struct ledger *l, const char *text, size_t len, size_t at)
{
	struct ledger_line line = { .at = at };

	if (len < HEAD_LEN + TAIL_LEN || memcmp(text, "{\"id\":\"", AT_DEV) != 0 ||
	    !get_number(text + AT_DEV, &line.dev) || !get_number(text + AT_INO, &line.ino) ||
	    memcmp(text + len - TAIL_LEN, TAIL, TAIL_LEN) != 0)
		return;
	line.path = decode(a, text + HEAD_LEN, len - HEAD_LEN - TAIL_LEN);
	line.this_boot = memcmp(text + AT_BOOT, l->boot, 36) == 0;
	if (line.path != NULL)
		VEC_PUSH(a, &l->lines, line);
}

static int
read_all(struct arena *a, struct ledger *l)
{
	struct stat st;
	size_t done = 0;

	if (fstat(l->fd, &st) != 0)
		return -1;
	if (st.st_size > MAX_BYTES) {
		errno = EFBIG;
		return -1;
	}
	size_t size = (size_t)st.st_size;
	char *text = arena_alloc(a, size + 1);
	while (done < size) {
		ssize_t n = pread(l->fd, text + done, size - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	l->size = done;
	l->lines.len = 0;
	for (size_t at = 0; at < done;) {
		const char *end = memchr(text + at, '\n', done - at);
		if (end == NULL)
			break;
		size_t len = (size_t)(end - text) + 1 - at;
		take_line(a, l, text + at, len, at);
		at += len;
	}
	return 0;
}

static int
write_all(int fd, const char *p, size_t len, size_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Every missing directory of `dir'; what is ours alone is closed to others. */
static int
make_dirs(struct arena *a, const char *dir)
{
	char *path = arena_strdup(a, dir);

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

static int
lock(int fd)
{
	const struct timespec ms = { 0, 1000000 };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		nanosleep(&ms, NULL);
	}
	errno = ETIMEDOUT;
	return -1;
}

/* The locked ledger is still the one of that name: a compaction puts a new file in its place. */
static bool
is_current(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(path, &there) == 0 &&
	    mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static int
read_boot_id(char out[37])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, 36);

	if (fd >= 0)
		close(fd);
	out[36] = '\0';
	return n == 36 ? 0 : -1;
}

/* The name of what was synced is as lasting as its content. */
static int
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return rc;
}

/* Only lines that may have a stub behind them survive.  The new file is complete before it has the name. */
static int
compact(struct arena *a, struct ledger *l, const char *path)
{
	const char *tmp = arena_printf(a, "%s.new", path);
	struct sbuf text = SBUF_INIT;
	int fd, saved;

	for (size_t i = 0; i < l->lines.len; i++) {
		const struct ledger_line *line = &l->lines.v[i];
		if (!ledger_is_dirty(line))
			continue;
		sbuf_printf(&text, HEAD, line->dev, line->ino,
		    line->this_boot ? l->boot : "00000000-0000-0000-0000-000000000000");
		encode(&text, line->path);
		sbuf_puts(&text, TAIL);
	}
	fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(fd, sbuf_str(&text), text.len, 0) != 0 || lock(fd) != 0 ||
	    fsync(fd) != 0 || rename(tmp, path) != 0 || sync_dir(l->dir) != 0) {
		saved = errno;
		if (fd >= 0)
			close(fd);
		sbuf_free(&text);
		errno = saved;
		return -1;
	}
	sbuf_free(&text);
	close(l->fd);
	l->fd = fd;
	return read_all(a, l);
}

static int
open_locked(struct arena *a, const char *state_dir, const char *path, bool only_existing)
{
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (only_existing ? 0 : O_CREAT);

	for (;;) {
		int fd = open(path, flags, 0600);
		if (fd < 0 && errno == ENOENT && !only_existing) {
			if (make_dirs(a, state_dir) != 0)
				return -1;
			fd = open(path, flags, 0600);
		}
		if (fd < 0)
			return -1;
		if (lock(fd) != 0) {
			int saved = errno;
			close(fd);
			errno = saved;
			return -1;
		}
		if (is_current(fd, path))
			return fd;
		close(fd);
	}
}

int
ledger_open(struct arena *a, const char *state_dir, bool only_existing, struct ledger *l,
    const char **why)
{
	const char *path = arena_printf(a, "%s/stubs", state_dir);

	*l = (struct ledger){ .fd = -1, .dir = state_dir };
	l->fd = open_locked(a, state_dir, path, only_existing);
	if (l->fd < 0 && only_existing && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (l->fd < 0 || read_boot_id(l->boot) != 0 || read_all(a, l) != 0 ||
	    (l->size > COMPACT_BYTES && compact(a, l, path) != 0)) {
		*why = arena_printf(a, "the record of mount points, %s, cannot be used: %s%s", path,
		    strerror(errno), geteuid() != 0 ? " (XDG_STATE_HOME can name another place)" : "");
		ledger_close(l);
		return -1;
	}
	return 0;
}

void
ledger_close(struct ledger *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

struct ledger_line *
ledger_find(const struct ledger *l, const char *path)
{
	for (size_t i = 0; i < l->lines.len; i++)
		if (strcmp(l->lines.v[i].path, path) == 0)
			return &l->lines.v[i];
	return NULL;
}

bool
ledger_knows(const struct ledger *l, uint64_t dev, uint64_t ino)
{
	for (size_t i = 0; ino != 0 && i < l->lines.len; i++) {
		const struct ledger_line *line = &l->lines.v[i];
		if (line->this_boot && line->dev == dev && line->ino == ino)
			return true;
	}
	return false;
}

int
ledger_add(struct arena *a, struct ledger *l, const char *const *paths, size_t n)
{
	struct sbuf text = SBUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		if (ledger_find(l, paths[i]) != NULL)
			continue;
		sbuf_printf(&text, HEAD, UINT64_C(0), UINT64_C(0), l->boot);
		encode(&text, paths[i]);
		sbuf_puts(&text, TAIL);
	}
	/* Where the last write was torn, its rest is made a line that is passed over. */
	char last = '\n';
	if (text.len > 0 && l->size > 0 && pread(l->fd, &last, 1, (off_t)l->size - 1) == 1 && last != '\n')
		rc = write_all(l->fd, "\n", 1, l->size++);
	if (rc == 0 && text.len > 0 && (write_all(l->fd, text.p, text.len, l->size) != 0 ||
	    fsync(l->fd) != 0 || (l->size == 0 && sync_dir(l->dir) != 0) || read_all(a, l) != 0))
		rc = -1;
	sbuf_free(&text);
	return rc;
}

int
ledger_set(struct ledger *l, struct ledger_line *line, uint64_t dev, uint64_t ino)
{
	char head[HEAD_LEN + 1];

	snprintf(head, sizeof(head), HEAD, dev, ino, l->boot);
	if (write_all(l->fd, head, HEAD_LEN, line->at) != 0)
		return -1;
	line->dev = dev;
	line->ino = ino;
	line->this_boot = true;
	return 0;
}
