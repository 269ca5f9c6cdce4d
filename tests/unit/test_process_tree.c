/* SPDX-License-Identifier: Apache-2.0 */
/* test_process_tree.c - descendants told from synthetic streams of kernel events */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base.h"
#include "process_tree.h"
#include "prng.h"

enum { MANY = 4096, SECOND = 1000000 };

/* A made-up system: who is whose child now.  A parent of 0: no such process. */
struct system {
	pid_t	 parent[MANY];
	bool	 watched[MANY];
	size_t	 nwatched;
};

static int
watch(void *arg, pid_t pid)
{
	struct system *s = arg;

	if (s->parent[pid] == 0)
		return -1;
	s->watched[pid] = true;
	s->nwatched++;
	return 0;
}

static size_t
children(void *arg, pid_t pid, pid_t *out, size_t max)
{
	struct system *s = arg;
	size_t n = 0;

	for (pid_t p = 2; p < MANY; p++)
		if (s->parent[p] == pid && n++ < max)
			out[n - 1] = p;
	return n;
}

static pid_t
parent(void *arg, pid_t pid)
{
	struct system *s = arg;

	return pid > 0 && pid < MANY ? s->parent[pid] : 0;
}

static struct process_tree *
tree_of(struct system *s)
{
	const struct process_source source = { s, watch, children, parent };

	return process_tree_new(&source);
}

/* Orphans go to process 1. */
static void
end(struct system *s, pid_t pid)
{
	s->parent[pid] = 0;
	s->watched[pid] = false;
	for (pid_t p = 2; p < MANY; p++)
		if (s->parent[p] == pid)
			s->parent[p] = 1;
}

static void
test_follows_forks(void **state)
{
	struct system s = { 0 };
	struct process_tree *t = tree_of(&s);

	(void)state;
	s.parent[10] = 1;
	s.parent[20] = 1;
	process_tree_add(t, 10, 1 * SECOND);
	assert_true(process_tree_has(t, 10, 0));
	assert_false(process_tree_has(t, 20, 0));

	s.parent[11] = 10;
	s.parent[12] = 11;	/* forked before anybody watched 11 */
	process_tree_event(t, 10, PROCESS_FORKED, 2 * SECOND);
	assert_true(process_tree_has(t, 11, 0));
	assert_true(process_tree_has(t, 12, 0));
	assert_true(s.watched[12]);

	/* A daemon: its parents end, it stays. */
	end(&s, 11);
	process_tree_event(t, 11, PROCESS_EXITED, 3 * SECOND);
	end(&s, 10);
	process_tree_event(t, 10, PROCESS_EXITED, 3 * SECOND);
	s.parent[13] = 12;
	process_tree_event(t, 12, PROCESS_FORKED, 4 * SECOND);
	assert_true(process_tree_has(t, 13, 0));

	/* Somebody else's forks are nothing to us. */
	s.parent[21] = 20;
	process_tree_event(t, 20, PROCESS_FORKED, 5 * SECOND);
	assert_false(process_tree_has(t, 21, 0));

	pid_t living[8];
	assert_int_equal(process_tree_living(t, living, 8), 2);
	assert_int_equal(living[0], 12);
	assert_int_equal(living[1], 13);
	assert_int_equal(process_tree_living(t, living, 1), 2);
	process_tree_free(t);
}

static void
test_fork_and_end_in_one(void **state)
{
	struct system s = { 0 };
	struct process_tree *t = tree_of(&s);

	(void)state;
	s.parent[10] = 1;
	process_tree_add(t, 10, SECOND);
	/* What it did was ours, also when it is heard of after its end. */
	s.parent[11] = 10;
	process_tree_event(t, 10, PROCESS_FORKED, SECOND);
	end(&s, 11);
	process_tree_event(t, 11, PROCESS_EXITED, SECOND);
	assert_true(process_tree_has(t, 11, 0));
	assert_true(process_tree_has(t, 11, SECOND + 1));
	/* Events of what has ended change nothing. */
	process_tree_event(t, 11, PROCESS_FORKED, SECOND);
	process_tree_event(t, 11, PROCESS_EXITED, 9 * SECOND);
	assert_false(process_tree_has(t, 11, 8 * SECOND));
	process_tree_free(t);
}

static int
watch_nothing(void *arg, pid_t pid)
{
	(void)arg, (void)pid;
	return -1;
}

static void
test_gone_before_watched(void **state)
{
	struct system s = { 0 };
	const struct process_source source = { &s, watch_nothing, children, parent };
	struct process_tree *t = process_tree_new(&source);
	pid_t living;

	(void)state;
	s.parent[10] = 1;
	process_tree_add(t, 10, SECOND);
	assert_true(process_tree_has(t, 10, SECOND));
	assert_int_equal(process_tree_living(t, &living, 1), 0);
	process_tree_free(t);
}

/* The line about a process may be read before the event of the fork that made it. */
static void
test_asked_before_told(void **state)
{
	struct system s = { 0 };
	struct process_tree *t = tree_of(&s);

	(void)state;
	s.parent[10] = 1;
	process_tree_add(t, 10, SECOND);
	s.parent[11] = 10;
	s.parent[12] = 11;
	s.parent[13] = 12;
	assert_true(process_tree_has(t, 13, SECOND));
	assert_true(s.watched[13]);
	/* Not known, and nobody's child; a circle of numbers that were read at different times. */
	assert_false(process_tree_has(t, 99, SECOND));
	s.parent[30] = 31;
	s.parent[31] = 30;
	assert_false(process_tree_has(t, 30, SECOND));
	process_tree_free(t);
}

static void
test_numbers_used_again(void **state)
{
	struct system s = { 0 };
	struct process_tree *t = tree_of(&s);

	(void)state;
	s.parent[10] = 1;
	s.parent[11] = 10;
	process_tree_add(t, 10, SECOND);
	end(&s, 11);
	process_tree_event(t, 11, PROCESS_EXITED, 2 * SECOND);
	s.parent[11] = 20;	/* a stranger's now */
	assert_true(process_tree_has(t, 11, 2 * SECOND));
	assert_true(process_tree_has(t, 11, 3 * SECOND));
	assert_false(process_tree_has(t, 11, 3 * SECOND + 1));
	s.parent[11] = 10;	/* ours again */
	process_tree_event(t, 10, PROCESS_FORKED, 50 * SECOND);
	assert_true(process_tree_has(t, 11, 60 * SECOND));
	process_tree_free(t);
}

/* Many short-lived ones do not pile up; those that live are never forgotten. */
static void
test_forgets(void **state)
{
	struct system s = { 0 };
	struct process_tree *t = tree_of(&s);
	uint64_t now = 1000 * SECOND;
	static pid_t living[MANY];

	(void)state;
	s.parent[2] = 1;
	process_tree_add(t, 2, now);
	for (int round = 0; round < 40; round++) {
		for (pid_t p = 3; p < 300; p++) {
			s.parent[p + 300 * (round % 10)] = 2;
		}
		process_tree_event(t, 2, PROCESS_FORKED, now);
		for (pid_t p = 3; p < 300; p++) {
			pid_t pid = p + 300 * (round % 10);
			assert_true(process_tree_has(t, pid, now));
			end(&s, pid);
			process_tree_event(t, pid, PROCESS_EXITED, now);
		}
		now += 100 * SECOND;
		assert_int_equal(process_tree_living(t, living, MANY), 1);
		assert_true(process_tree_has(t, 2, now));
	}
	process_tree_free(t);
}

/* Against a plain record of who descends from whom, on random histories. */
static void
test_random(void **state)
{
	static struct system s;
	static bool ours[MANY];
	uint64_t rng = prng_seed();

	(void)state;
	for (int history = 0; history < 20; history++) {
		memset(&s, 0, sizeof(s));
		memset(ours, 0, sizeof(ours));
		struct process_tree *t = tree_of(&s);
		s.parent[2] = s.parent[3] = 1;
		ours[2] = true;
		process_tree_add(t, 2, SECOND);
		pid_t next = 4;
		for (int step = 0; step < 400 && next < 500; step++) {
			pid_t p = (pid_t)(2 + prng_below(&rng, (size_t)next - 2));
			if (s.parent[p] == 0)
				continue;
			if (prng_below(&rng, 3) > 0) {
				s.parent[next] = p;
				ours[next++] = ours[p];
				process_tree_event(t, p, PROCESS_FORKED, SECOND);
			} else if (p > 3) {
				end(&s, p);
				process_tree_event(t, p, PROCESS_EXITED, SECOND);
			}
		}
		for (pid_t p = 2; p < next; p++)
			if (process_tree_has(t, p, 0) != ours[p])
				fail_msg("process %d, history %d", (int)p, history);
		process_tree_free(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follows_forks),
		cmocka_unit_test(test_fork_and_end_in_one),
		cmocka_unit_test(test_gone_before_watched),
		cmocka_unit_test(test_asked_before_told),
		cmocka_unit_test(test_numbers_used_again),
		cmocka_unit_test(test_forgets),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
