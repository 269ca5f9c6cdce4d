/* SPDX-License-Identifier: Apache-2.0 */
/* test_device.c - --device: what is bound of it, and what the plans of Linux make of that */
#include <config.h>

#include "bind_fixture.h"

#include "backend.h"
#include "decide_fs.h"

static const char *const lines[] = {
	"d /proc", "d /w", "v /dev/kvm", "v /dev/null", "v /dev/dri/card0", "v /dev/dri/renderD128",
	"l /dev/dri/by-path/pci-0 -> ../card0", "o /dev/dri/socket", "f /dev/dri/text x",
	"v /dev/bus/usb/001/002", "v /dev/a/b/c/d/e/f/deep", "d /dev/empty", "o /dev/log",
	"f /dev/file x", "l /dev/cdrom -> sr0", "v /dev/sr0", "l /dev/out -> /etc/passwd",
	"f /etc/passwd x", "v /dev/pts/3", "v /dev/ptmx", "d /dev/shm", "l /dev/stdin -> null",
	"l /dev/gone -> missing", "v /srv/node", "v /dev/terms/pts", "l /dev/tty9 -> pts/3",
};

static struct fixture *
host(void)
{
	struct fixture *x = FIXTURE(lines);

	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	return x;
}

static void
device(struct fixture *x, const char *path)
{
	VEC_PUSH(x->a, &x->ir.devices, ((struct ir_device){ path, { .text = path } }));
}

static void
refused(const char *path, const char *why)
{
	struct fixture *x = host();

	device(x, path);
	assert_null(bind_policy(x->a, &x->rq, x->host, &x->err));
	assert_ptr_equal(x->err.origin, &x->ir.devices.v[0].origin);
	if (strstr(x->err.text, why) == NULL)
		fail_msg("%s: %s", path, x->err.text);
	fixture_free(x);
}

static void
what_is_no_device(void **state)
{
	(void)state;
	refused("/dev", "/dev is not below /dev");
	refused("/srv/node", "/srv/node is not below /dev");
	refused("/dev/missing", "/dev/missing does not exist");
	refused("/dev/gone", "/dev/missing, to which /dev/gone leads, does not exist");
	refused("/dev/out", "/etc/passwd, to which /dev/out leads, is not below /dev");
	refused("/dev/file", "neither a device nor a directory of devices");
	refused("/dev/log", "neither a device nor a directory of devices");
	refused("/dev/empty", "/dev/empty holds no device");
	refused("/dev/a", "/dev/a holds no device");
}

static void
what_every_sandbox_has(void **state)
{
	(void)state;
	refused("/dev/pts", "every sandbox has its own");
	refused("/dev/pts/3", "every sandbox has its own");
	refused("/dev/tty9", "/dev/pts/3: every sandbox has its own");
	refused("/dev/ptmx", "every sandbox has its own");
	refused("/dev/shm", "every sandbox has its own");
	refused("/dev/stdin", "every sandbox has its own");
}

static void
other_systems(void **state)
{
	struct fixture *x = host();

	(void)state;
	x->rq.target = TARGET_MACOS;
	device(x, "/dev/kvm");
	assert_null(bind_policy(x->a, &x->rq, x->host, &x->err));
	assert_non_null(strstr(x->err.text, "on Linux only"));
	fixture_free(x);
}

/* Bound, decided and planned: `word' is in the artifact of `b', with NUL for each `|'. */
static bool
planned(struct fixture *x, const struct backend *b, const char *word)
{
	struct bound_policy *bound = bind_ok(x);
	struct artifact art = { .refused = false };
	const struct backend_options opt = { .landlock_abi = 5 };
	bool found = false;

	if (b->compile(x->a, bound, &opt, &art) != 0)
		fail_msg("%s: %s", b->name, art.refusal.reason);
	char *bytes = arena_strdup(x->a, word);
	for (char *p = bytes; *p != 0; p++)
		if (*p == '|')
			*p = '\0';
	for (size_t i = 0; i + strlen(word) <= art.bytes.len && !found; i++)
		found = memcmp(art.bytes.p + i, bytes, strlen(word)) == 0;
	sbuf_free(&art.bytes);
	return found;
}

static void
one_device(void **state)
{
	struct fixture *x = host();

	(void)state;
	device(x, "/dev/kvm");
	struct decide_fs *d = decide_fs_build(x->a, bind_ok(x));
	assert_true(decide_fs(d, "/dev/kvm").writable);
	assert_false(decide_fs(d, "/dev/sr0").writable);
	/* Its name stays what it is. */
	assert_true(decide_fs(d, "/dev/kvm").pinned);
	assert_true(planned(x, backend_find("builtin"), "--dev-bind|/dev/kvm"));
	assert_true(planned(x, backend_find("landlock"), "\"path\":\"/dev/kvm\",\"rights\":[\"execute\","
	    "\"write_file\",\"read_file\",\"truncate\",\"ioctl_dev\"]"));
	fixture_free(x);
}

static void
directories(void **state)
{
	struct fixture *x = host();

	(void)state;
	device(x, "/dev/dri");
	device(x, "/dev/bus");
	struct bound_policy *b = bind_ok(x);
	/* The devices alone: nothing is made or removed in the directory, which is the host's. */
	static const char *const want[] = {
		"/", "/dev/dri/card0", "/dev/dri/renderD128", "/dev/bus/usb/001/002",
	};
	assert_int_equal(b->entries.len, NELEMS(want));
	for (size_t i = 0; i < NELEMS(want); i++)
		assert_string_equal(b->entries.v[i].path, want[i]);
	assert_true(planned(x, backend_find("bwrap"), "--dev-bind|/dev/dri/card0"));
	assert_false(planned(x, backend_find("bwrap"), "bind|/dev/dri|"));
	fixture_free(x);
}

static void
links(void **state)
{
	struct fixture *x = host();

	(void)state;
	device(x, "/dev/cdrom");
	device(x, "/dev/dri/by-path/pci-0");
	assert_true(planned(x, backend_find("builtin"), "--symlink|sr0|/dev/cdrom"));
	assert_true(planned(x, backend_find("builtin"), "--symlink|../card0|/dev/dri/by-path/pci-0"));
	assert_true(planned(x, backend_find("builtin"), "--dev-bind|/dev/dri/card0"));
	fixture_free(x);
}

static void
other_entries(void **state)
{
	struct fixture *x = host();

	(void)state;
	device(x, "/dev/dri");
	entry(x, ANCHOR_ABS, "/dev/dri/card0", ACCESS_DENY);
	pattern(x, ANCHOR_ABS, "/dev/**/render*");
	assert_false(planned(x, backend_find("builtin"), "--dev-bind"));
	fixture_free(x);
}

/* Mounts cannot give a device to be read and not written. */
static void
reading_alone(void **state)
{
	static const char *const inside[] = { "/dev/kvm", "/dev/dri/card0" };

	(void)state;
	for (size_t i = 0; i < NELEMS(inside); i++) {
		struct fixture *x = host();
		struct artifact art = { .refused = false };
		const struct backend_options opt = { .landlock_abi = 5 };
		entry(x, ANCHOR_ABS, inside[i], ACCESS_READ);
		if (i == 1)
			entry(x, ANCHOR_ABS, "/dev/dri", ACCESS_WRITE);
		assert_int_equal(backend_find("builtin")->compile(x->a, bind_ok(x), &opt, &art), -1);
		assert_non_null(strstr(art.refusal.reason, "reading alone"));
		assert_ptr_equal(art.refusal.origin, &x->ir.entries.v[1].origin);
		sbuf_free(&art.bytes);
		fixture_free(x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_device),
		cmocka_unit_test(what_every_sandbox_has),
		cmocka_unit_test(other_systems),
		cmocka_unit_test(one_device),
		cmocka_unit_test(directories),
		cmocka_unit_test(links),
		cmocka_unit_test(other_entries),
		cmocka_unit_test(reading_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
