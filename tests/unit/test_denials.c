/* SPDX-License-Identifier: Apache-2.0 */
/* test_denials.c - recorded lines of the unified log, and what is said of them */
#include <config.h>

#include "bind_fixture.h"
#include "decide_fs.h"
#include "denial_log.h"
#include "denial_words.h"
#include "host_facts.h"
#include "prng.h"
#include "sbuf.h"
#include "seatbelt_denial.h"

#define COMPACT	"2026-09-24 18:39:12.846 E  kernel[0:bf5e83] (Sandbox) "
#define NDJSON(message)	"{\"traceID\":20392398339244036,\"eventMessage\":\"" message "\"," \
	"\"eventType\":\"logEvent\",\"processID\":0,\"processImagePath\":\"\\/kernel\"," \
	"\"timestamp\":\"2026-02-28 23:59:59.500000+0130\",\"machTimestamp\":18446744073709551615}"

struct line { const char *line, *process; pid_t pid; const char *operation, *target; };

static void
test_lines(void **state)
{
	static const struct line t[] = {
		{ COMPACT "Sandbox: cat(14104) deny(1) file-read-data /private/etc/hosts",
		    "cat", 14104, "file-read-data", "/private/etc/hosts" },
		{ "2026-09-24 18:39:12.846 Df kernel[0:1] [com.apple.sandbox.reporting:violation] "
		    "Sandbox: cat(325) deny(1) file-read-data /repo/a b.txt",
		    "cat", 325, "file-read-data", "/repo/a b.txt" },
		{ COMPACT "[com.apple.sandbox:x] Sandbox: a(2) deny(1) file-write-create /x",
		    "a", 2, "file-write-create", "/x" },
		{ COMPACT "1 duplicate report for Sandbox: curl(3473) deny(1) mach-lookup com.apple.logd",
		    "curl", 3473, "mach-lookup", "com.apple.logd" },
		{ COMPACT "37 duplicate reports for Sandbox: curl(3473) deny(1) mach-lookup com.apple.logd",
		    "curl", 3473, "mach-lookup", "com.apple.logd" },
		{ NDJSON("Sandbox: touch(41575) deny(1) file-write-create \\/repo\\/.git\\/x"),
		    "touch", 41575, "file-write-create", "/repo/.git/x" },
		{ NDJSON("7 duplicate reports for Sandbox: x(1) deny(1) signal others [y(2)]"),
		    "x", 1, "signal", "others [y(2)]" },
		{ NDJSON("Sandbox: Google Chrome He(9) deny(12) process-fork"),
		    "Google Chrome He", 9, "process-fork", "" },
		{ NDJSON("Sandbox: odd(name)(9) deny(1) file-read-data \\/a(1) deny(2) b"),
		    "odd(name)", 9, "file-read-data", "/a(1) deny(2) b" },
		{ NDJSON("Sandbox: nc(4002) deny(1) network-outbound remote:*:443\\ncdxp"),
		    "nc", 4002, "network-outbound", "remote:*:443" },
		{ NDJSON("Sandbox: z\\u00fc(3) deny(1) file-read-data \\/\\u00e9"),
		    "z\xc3\xbc", 3, "file-read-data", "/\xc3\xa9" },
		/* Not denials, or not the kernel's. */
		{ "Filtering the log data using \"processID == 0\"", NULL, 0, NULL, NULL },
		{ "Timestamp               Ty Process[PID:TID]", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: cat(14104) allow file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "System Policy: ls(5) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "x Sandbox: ls(5) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "3 Sandbox: ls(5) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: (5) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: ls(0) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: ls(99999999999) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: ls(5) deny(1) ", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: ls(5) deny(1)", NULL, 0, NULL, NULL },
		{ COMPACT "Sandbox: garbage", NULL, 0, NULL, NULL },
		{ "2026-09-24 18:39:12.846 E  evil[77:1] (Sandbox) Sandbox: ls(5) deny(1) file-read-data /x",
		    NULL, 0, NULL, NULL },
		{ "Sandbox: ls(5) deny(1) file-read-data /x", NULL, 0, NULL, NULL },
		{ "{\"eventMessage\":\"Sandbox: ls(5) deny(1) file-read-data /x\",\"processID\":77}",
		    NULL, 0, NULL, NULL },
		{ "{\"eventMessage\":7}", NULL, 0, NULL, NULL },
		{ "{\"eventMessage\":\"Sandbox: ls(5) deny(1) file-read-data /x\"", NULL, 0, NULL, NULL },
		{ "{", NULL, 0, NULL, NULL },
		{ "", NULL, 0, NULL, NULL },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct log_denial d;
		bool got = denial_log_line(a, t[i].line, strlen(t[i].line), &d);
		if (got != (t[i].process != NULL))
			fail_msg("%s: %s", t[i].line, got ? "taken" : "not taken");
		if (!got)
			continue;
		assert_string_equal(d.process, t[i].process);
		assert_int_equal(d.pid, t[i].pid);
		assert_string_equal(d.operation, t[i].operation);
		assert_string_equal(d.target, t[i].target);
		/* 2026-02-28 22:29:59.5 UTC */
		assert_int_equal(d.time, t[i].line[0] == '{' ? UINT64_C(1772317799500000) : 0);
	}
	arena_free(a);
}

static void
test_times(void **state)
{
	static const struct { const char *text; uint64_t want; } t[] = {
		{ "1970-01-01 00:00:01.000001+0000", 1000001 },
		{ "2000-02-29 12:00:00.000000-0800", UINT64_C(951854400000000) },
		{ "2024-12-31 23:59:60.000000+0000", UINT64_C(1735689600000000) },
		{ "2026-01-31 10:00:00+0000", 0 }, { "2026-13-31 10:00:00.000000+0000", 0 },
		{ "2026-01-31 10:00:00.000000", 0 }, { "2026-01-31 10:00:00.000000+0000x", 0 },
		{ "1969-12-31 23:59:59.000000+0000", 0 }, { "", 0 },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		struct log_denial d;
		const char *line = arena_printf(a, "{\"timestamp\":\"%s\",\"eventMessage\":"
		    "\"Sandbox: a(2) deny(1) x\"}", t[i].text);
		assert_true(denial_log_line(a, line, strlen(line), &d));
		if (d.time != t[i].want)
			fail_msg("%s: %llu", t[i].text, (unsigned long long)d.time);
	}
	arena_free(a);
}

/* Any change of any byte is read, or is not; nothing is read beyond the line. */
static void
test_damaged_lines(void **state)
{
	static const char *const good[] = {
		COMPACT "1 duplicate report for Sandbox: curl(3473) deny(1) mach-lookup com.apple.logd",
		NDJSON("Sandbox: touch(41575) deny(1) file-write-create \\/repo\\/.git\\/x"),
	};
	uint64_t rng = prng_seed();

	(void)state;
	for (size_t i = 0; i < NELEMS(good); i++) {
		size_t len = strlen(good[i]);
		for (size_t cut = 0; cut <= len; cut++) {
			struct arena *a = arena_new();
			struct log_denial d;
			char *copy = malloc(cut + 1);
			assert_non_null(copy);
			memcpy(copy, good[i], cut);
			char *exact = realloc(copy, cut > 0 ? cut : 1);
			assert_non_null(exact);
			denial_log_line(a, exact, cut, &d);
			for (int n = 0; n < 8 && cut > 0; n++) {
				exact[prng_below(&rng, cut)] = (char)prng_below(&rng, 256);
				if (denial_log_line(a, exact, cut, &d))
					assert_true(d.pid > 0 && d.process[0] != '\0' &&
					    d.operation[0] != '\0');
			}
			free(exact);
			arena_free(a);
		}
	}
}

static void
test_long_line(void **state)
{
	struct arena *a = arena_new();
	struct log_denial d;
	struct sbuf line = SBUF_INIT;

	(void)state;
	sbuf_puts(&line, COMPACT "Sandbox: ls(5) deny(1) file-read-data /");
	while (line.len < LIMIT_LOG_LINE)
		sbuf_addc(&line, 'x');
	assert_true(denial_log_line(a, sbuf_str(&line), line.len, &d));
	sbuf_addc(&line, 'x');
	assert_false(denial_log_line(a, sbuf_str(&line), line.len, &d));
	sbuf_free(&line);
	arena_free(a);
}

static void
deny(struct denial_report *r, const char *process, const char *operation, const char *target)
{
	const struct log_denial l = { process, 7, operation, target, 0 };
	const struct denial d = seatbelt_denial(&l);

	denial_report_add(r, &d, NULL);
}

static struct fixture *
report_fixture(void)
{
	static const char *const host[] = {
		"d /w", "d /w/.git", "d /w/sub", "f /w/secret x", "d /home/u", "d /usr",
	};
	struct fixture *x = FIXTURE(host);

	VEC_PUSH(x->a, &x->ir.sources, ((struct ir_source){ "p.toml" }));
	entry(x, ANCHOR_ABS, "/", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "secret", ACCESS_DENY);
	for (size_t i = 0; i < x->ir.entries.len; i++)
		x->ir.entries.v[i].origin.span.line = (uint32_t)(10 + i);
	return x;
}

static void
expect_report(struct fixture *x, const char *const (*denials)[3], size_t n, enum denial_form form,
    const char *want)
{
	struct bound_policy *b = bind_ok(x);
	struct denial_report *r = denial_report_new(decide_fs_build(x->a, b));
	struct sbuf out = SBUF_INIT;

	for (size_t i = 0; i < n; i++)
		deny(r, denials[i][0], denials[i][1], denials[i][2]);
	denial_report_print(r, form, &out);
	assert_string_equal(sbuf_str(&out), want);
	sbuf_free(&out);
	denial_report_free(r);
}

static void
test_report(void **state)
{
	static const char *const denials[][3] = {
		{ "bash", "file-write-create", "/w/.git/hooks/x" },
		{ "bash", "file-write-data", "/w/.git/hooks/x" },	/* the same to a reader */
		{ "cat", "file-read-data", "/w/secret" },
		{ "cat", "file-read-metadata", "/w/secret" },
		{ "cp", "file-write-create", "/usr/x" },
		{ "mv", "file-write-unlink", "/w" },
		{ "rm", "file-write-unlink", "/w/sub" },
		{ "curl", "network-outbound", "1.2.3.4:443" },
		{ "curl", "mach-lookup", "com.apple.x" },
		{ "x\033y", "file-read-data", "relative\n" },
		{ "bash", "file-write-create", "/w/.git/hooks/x" },
	};
	struct fixture *x = report_fixture();

	(void)state;
	expect_report(x, denials, NELEMS(denials), DENIAL_TEXT,
	    "=== Sandbox denials ===\n"
	    "bash: write /w/.git/hooks/x  p.toml:11 \".git\" is protected below \"workspace\"\n"
	    "cat: read /w/secret  p.toml:12 entry \"secret\"\n"
	    "cat: stat /w/secret  p.toml:12 entry \"secret\"\n"
	    "cp: write /usr/x  p.toml:10 entry \"/\"\n"
	    "mv: remove /w  p.toml:10 it is the top of a grant: \"/\" above it is not writable\n"
	    "rm: remove /w/sub  the profile allows it, a deviation of this system does not (see -v)\n"
	    "curl: connect 1.2.3.4:443  the network is off\n"
	    "curl: mach-lookup com.apple.x  no profile opens this\n"
	    "x?y: read relative?  no profile opens this\n");
	fixture_free(x);
}

static void
test_report_json(void **state)
{
	static const char *const denials[][3] = {
		{ "bash", "file-write-create", "/w/.git/hooks/x\xff" },
		{ "curl", "network-outbound", "/private/var/run/x" },
	};
	struct fixture *x = report_fixture();

	(void)state;
	expect_report(x, denials, NELEMS(denials), DENIAL_JSON,
	    "{\"action\":\"write\",\"count\":1,\"entry\":{\"access\":\"write\",\"place\":\""
	    ":workspace_roots\",\"subpath\":\".git/hooks\",\"table\":\"filesystem\"},"
	    "\"known\":\"logged\",\"object\":\"path\",\"operation\":\"file-write-create\","
	    "\"pid\":7,\"process\":\"bash\",\"profile\":\"t\","
	    "\"rule\":{\"at\":{\"column\":0,\"file\":\"p.toml\",\"length\":0,\"line\":11,\""
	    "rule\":\"workspace\"},\"kind\":\"name\","
	    "\"text\":\"\\\".git\\\" is protected below \\\"workspace\\\"\"},"
	    "\"spelt\":{\"hex\":\"3a776f726b73706163655f726f6f74732f2e6769742f686f6f6b732f7"
	    "8ff\"},"
	    "\"target\":{\"hex\":\"2f772f2e6769742f686f6f6b732f78ff\"}}\n"
	    "{\"action\":\"connect\",\"count\":1,\"entry\":{\"access\":\"allow\",\"place\":"
	    "\"/private/var/run/x\",\"table\":\"unix_sockets\"},"
	    "\"known\":\"logged\",\"object\":\"unix-socket\",\"operation\":\"network-outbou"
	    "nd\",\"pid\":7,\"process\":\"curl\",\"profile\":\"t\","
	    "\"rule\":{\"at\":{\"rule\":\"\"},\"kind\":\"unix-socket\",\"text\":\"no rule a"
	    "llows it\"},"
	    "\"spelt\":\"/private/var/run/x\",\"target\":\"/private/var/run/x\"}\n");
	fixture_free(x);
}

static void
test_nothing(void **state)
{
	struct fixture *x = report_fixture();

	(void)state;
	expect_report(x, NULL, 0, DENIAL_TEXT, "=== Sandbox denials ===\nNone found.\n");
	expect_report(x, NULL, 0, DENIAL_JSON, "");
	fixture_free(x);
}

/* ---- what the output of a command on Windows says ---- */

struct said {
	struct fixture	*x;
	const struct decide_fs *decide;
	struct denial_report *report;
	struct denial_words *words;
};

/* As a file system that does not tell case apart would, for the names of the host below. */
static const char *
find_in_fake(void *arg, struct arena *a, const char *path, bool *exists)
{
	struct said *s = arg;
	struct fact f;
	char *folded = arena_strdup(a, path);

	(void)s;
	for (char *c = folded + 3; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	for (const char *at = folded; at != NULL; at = path_parent(a, at)) {
		assert_int_equal(s->x->host->stat(s->x->host, a, at, &f), 0);
		*exists = at == folded && f.kind != NODE_MISSING;
		if (*exists || (at != folded && f.kind == NODE_DIR && strcmp(at, path_parent(a, folded)) == 0))
			return folded;
		if (strlen(at) < 4)
			break;
	}
	return NULL;
}

/* Whatever is said: no path that the policy allows is called denied. */
static void
keep_said(void *arg, const struct denial *d)
{
	struct said *s = arg;

	if (d->object == DENIAL_PATH) {
		const struct fs_verdict v = decide_fs(s->decide, d->target);
		assert_true(!v.readable || !v.writable || v.pinned);
	}
	denial_report_add(s->report, d, NULL);
}

static struct said *
said_new(bool reads)
{
	static const char *const host[] = {
		"d /C:/w", "d /C:/w/docs", "f /C:/w/docs/a.txt x", "d /C:/w/src",
		"f /C:/w/src/s.c x", "d /C:/w/secret", "f /C:/w/secret/k x", "d /C:/users/me", "f /C:/w/.git/config x",
	};
	static const struct fact blank = { .path = "/C:/w/docs/my notes.txt", .kind = NODE_FILE };
	struct fixture *x = FIXTURE(host);
	struct said *s = arena_alloc(x->a, sizeof(*s));

	assert_true(host_fake_add(x->host, x->a, &blank, "x", false));
	entry(x, ANCHOR_ABS, "C:\\", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "", ACCESS_WRITE);
	entry(x, ANCHOR_WORKSPACE, "docs", ACCESS_READ);
	entry(x, ANCHOR_WORKSPACE, "secret", ACCESS_DENY);
	x->rq = (struct bind_request){ .ir = &x->ir, .cwd = "C:\\w", .home = "C:\\users\\me",
	    .target = TARGET_WINDOWS, .network_off = true };
	const struct decide_fs *decide = decide_fs_build(x->a, bind_ok(x));
	*s = (struct said){ x, decide, denial_report_new(decide), NULL };
	const struct denial_words_request q = {
		.decide = decide, .cwd = "/C:/w", .process = "p", .denied = { "Zugriff verweigert.\r\n" }, .reads = reads,
		.find = find_in_fake, .say = keep_said, .arg = s,
	};
	s->words = denial_words_new(&q);
	return s;
}

static void
said_free(struct said *s)
{
	denial_report_free(s->report);
	fixture_free(s->x);
}

/* What is reported of an output, a line each: "ACTION TARGET". */
static void
expect_said(const char *output, size_t piece, bool reads, const char *want)
{
	struct said *s = said_new(reads);
	struct sbuf text = SBUF_INIT;

	for (size_t i = 0, len = strlen(output); i < len; i += piece)
		denial_words_feed(s->words, 1, output + i, len - i < piece ? len - i : piece);
	denial_words_end(s->words);
	denial_report_print(s->report, DENIAL_TEXT, &text);
	if (strstr(sbuf_str(&text), want) == NULL || (*want == '\0' && strstr(sbuf_str(&text), "None found") == NULL))
		fail_msg("%s\n-- gives\n%s", output, sbuf_str(&text));
	sbuf_free(&text);
	said_free(s);
}
static void
test_output(void **state)
{
	static const struct { const char *output, *want; bool reads; } t[] = {
		/* cmd, del, icacls */
		{ "Access is denied.\r\n", "\np: access  its output says that access is denied, and not to what\n", false },
		{ "C:\\W\\docs\\a.txt\r\nAccess is denied.\r\n", "\np: write C:\\w\\docs\\a.txt  entry \"docs\"\n", false },
		{ "c:\\w\\docs\\A.TXT: Access is denied.\r\n", "\np: write C:\\w\\docs\\a.txt", false },
		{ "C:\\w\\docs\\my notes.txt - Access is denied.\n", "\np: write C:\\w\\docs\\my notes.txt", false },
		{ "C:\\w\\docs\\new one.txt - Access is denied.\n", "\np: create C:\\w\\docs\\new one.txt", false },
		{ "Zugriff verweigert - C:\\w\\docs\\a.txt\n", "\np: write C:\\w\\docs\\a.txt", false },
		{ "\033[31mC:\\w\\docs\\a.txt\033[0m: Access is denied.\n", "\np: write C:\\w\\docs\\a.txt", false },
		/* PowerShell, broken in the middle */
		{ "Set-Content : Access to the path 'C:\\w\\docs\\a.txt' is denied.\r\n", "\np: write C:\\w\\docs\\a.txt", false },
		{ "Set-Content : Access to the path 'C:\\w\\do\r\ncs\\a.txt' is denied.\r\n", "\np: write C:\\w\\docs\\a.txt", false },
		/* Python, Node, git, MSYS */
		{ "PermissionError: [Errno 13] Permission denied: 'C:\\\\w\\\\docs\\\\a.txt'\n", "\np: write C:\\w\\docs\\a.txt", false },
		{ "PermissionError: [WinError 5] Access is denied: 'docs\\\\new'\n", "\np: create C:\\w\\docs\\new", false },
		{ "Error: EPERM: operation not permitted, mkdir 'C:\\w\\docs\\new'\n", "\np: create C:\\w\\docs\\new", false },
		{ "Error: EPERM: operation not permitted, unlink 'C:\\w\\docs\\a.txt'\n", "\np: remove C:\\w\\docs\\a.txt", false },
		{ "Error: EPERM: operation not permitted, rename 'C:\\w\\src\\s.c' -> 'C:\\w\\docs\\s.c'\n",
		    "=\np: rename C:\\w\\docs\\s.c", false },
		{ "error: unable to create file docs/new: Permission denied\n", "\np: create C:\\w\\docs\\new", false },
		{ "touch: cannot touch '/c/w/docs/a.txt': Permission denied\n", "\np: write C:\\w\\docs\\a.txt", false },
		{ "sh: docs/a.txt: Permission denied", "\np: write C:\\w\\docs\\a.txt", false },
		{ "can't open 'docs/a.txt': Permission denied\n", "\np: write C:\\w\\docs\\a.txt", false },
		/* What cannot be read, where it is asked for */
		{ "cat: secret/k: Permission denied\n", "\np: read C:\\w\\secret\\k  entry \"secret\"\n", true },
		{ "cat: secret/k: Permission denied\n", "", false },
		/* The policy allows it, or it is no path, or no refusal */
		{ "src/s.c: Permission denied\n", "", true },
		{ "git@example.org: Permission denied (publickey).\n", "", true },
		{ "wrote docs/a.txt\nC:\\w\\docs\\a.txt: No such file or directory\n", "", true },
		{ "remote: and/or: Permission denied\n", "", true },
	};

	(void)state;
	for (size_t i = 0; i < NELEMS(t); i++) {
		expect_said(t[i].output, 8192, t[i].reads, t[i].want);
		expect_said(t[i].output, 1, t[i].reads, t[i].want);
	}
	/* A line without an end, and one of bytes that are no text. */
	struct sbuf line = SBUF_INIT;
	for (int i = 0; i < 5000; i++)
		sbuf_addc(&line, (char)(1 + i % 255 + (i % 255 == 9)));
	sbuf_puts(&line, "\nC:\\w\\docs\\a.txt: Access is denied.");
	expect_said(sbuf_str(&line), 777, false, "p: write C:\\w\\docs\\a.txt");
	sbuf_free(&line);
}

/* Pieces of such lines in any order. */
static void
test_random_output(void **state)
{
	static const char *const pieces[] = {
		"Access is denied.", "Permission denied", "EPERM: operation not permitted", "is denied", "Zugriff verweigert",
		"C:\\w\\docs\\a.txt", "c:/w/src/s.c", "\\\\server\\share\\x", "docs/a.txt", "src", "..", "/c/w/secret/k", "C:\\",
		"mkdir", "unlink", "rename", "'", "\"", "`", "\xe2\x80\x98", "\xe2\x80\x99", ":", " ", " - ", "\n", "\r\n", "\033[1m",
		"\033", "\xff", "\\\\", "\\", "/", "x", "\t", ",", "my notes.txt", "C:\\w\\docs\\my notes.txt",
	};
	uint64_t seed = prng_seed(), rng = seed;

	(void)state;
	struct said *s = said_new(true);
	for (int i = 0; i < 20000; i++) {
		const char *p = pieces[prng_below(&rng, NELEMS(pieces))];
		denial_words_feed(s->words, (int)prng_below(&rng, 2), p, strlen(p));
	}
	denial_words_end(s->words);
	if (denial_report_count(s->report) < 3)
		fail_msg("seed %llu: hardly anything was found", (unsigned long long)seed);
	said_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_damaged_lines),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_report_json),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_random_output),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
