/* SPDX-License-Identifier: Apache-2.0 */
/* kill-at.c - ends chosen processes of a run right before or after its Nth system call */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A system call stops the process twice, on the way in and out; each is a
 * step.  Counted are those of the command itself, or with -b those of all
 * processes that it starts: then the command cannot trace its own, and has
 * to do without.  With -j the janitor ends at a step of its own after that.
 */
enum { PATIENCE = 2 };		/* seconds */

struct tracer {
	pid_t	 command;
	bool	 all;
	long	 at, janitor_at;	/* 0: not at all */
	long	 steps, janitor_steps;
	const char *whom;
	bool	 killed;
	int	 status;		/* the command's */
};

struct process {
	pid_t	 pid, parent, group;
	char	 name[32];
};

static bool
look(pid_t pid, struct process *p)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	char *open_ = strchr(text, '('), *close_ = strrchr(text, ')');
	if (open_ == NULL || close_ == NULL)
		return false;
	*close_ = '\0';
	snprintf(p->name, sizeof(p->name), "%s", open_ + 1);
	p->pid = pid;
	return sscanf(close_ + 1, " %*c %d %d", &p->parent, &p->group) == 2;
}

static bool
descends(struct process p, pid_t from)
{
	for (int depth = 0; depth < 16 && p.parent > 1; depth++) {
		if (p.parent == from)
			return true;
		if (!look(p.parent, &p))
			return false;
	}
	return false;
}

static bool
is_janitor(const struct process *p)
{
	return strcmp(p->name, "cdxp-janitor") == 0;
}

struct found {
	struct process	 v[64];
	size_t		 n;
};

/* Before anything is killed: orphans are nobody's descendants. */
static void
find_descendants(const struct tracer *t, struct found *f)
{
	DIR *proc = opendir("/proc");

	f->n = 0;
	for (const struct dirent *e; proc != NULL && f->n < 64 && (e = readdir(proc)) != NULL;)
		if (atoi(e->d_name) > 0 && look(atoi(e->d_name), &f->v[f->n]) &&
		    descends(f->v[f->n], t->command))
			f->n++;
	if (proc != NULL)
		closedir(proc);
}

/* Names joined by commas, in that order. */
static void
kill_them(struct tracer *t)
{
	char *names = strdup(t->whom), *save = NULL;
	struct found found;

	t->killed = true;
	find_descendants(t, &found);
	for (char *w = strtok_r(names, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		if (strcmp(w, "group") == 0)
			kill(-t->command, SIGKILL);
		else if (strcmp(w, "run") == 0)
			kill(t->command, SIGKILL);
		/* All but the janitor are its sandbox. */
		for (size_t i = 0; i < found.n; i++)
			if (strcmp(w, is_janitor(&found.v[i]) ? "janitor" : "sandbox") == 0)
				kill(found.v[i].pid, SIGKILL);
	}
	free(names);
	alarm(PATIENCE);
}

/* Returns the signal that it is resumed with. */
static int
step(struct tracer *t, pid_t pid)
{
	struct process p;

	if (t->killed && t->janitor_at > 0 && look(pid, &p) && is_janitor(&p) &&
	    ++t->janitor_steps == t->janitor_at)
		return SIGKILL;
	if (!t->killed && (t->all || pid == t->command) && ++t->steps == t->at)
		kill_them(t);
	return 0;
}

static volatile sig_atomic_t tired;

static void
tire(int signal)
{
	(void)signal;
	tired = 1;
}

/*
 * Until all have ended; then, where bwrap's child waits for ever for a bwrap
 * that was killed, what is left ends with us.
 */
static void
follow(struct tracer *t)
{
	const struct sigaction alarmed = { .sa_handler = tire };
	bool started = false;
	int status;
	pid_t pid;

	sigaction(SIGALRM, &alarmed, NULL);
	while (!tired && ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)) {
		if (pid <= 0)
			continue;
		if (!WIFSTOPPED(status)) {
			if (pid == t->command)
				t->status = status;
			continue;
		}
		int signal = WSTOPSIG(status);
		if (signal == (SIGTRAP | 0x80)) {
			signal = started ? step(t, pid) : 0;
		} else if (status >> 16 != 0) {
			started = true;		/* the first is the exec */
			signal = 0;
		} else if (signal == SIGSTOP) {
			signal = 0;		/* a new process */
		}
		if (signal == SIGKILL)
			kill(pid, SIGKILL);
		else
			ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal);
	}
}

static _Noreturn void
usage(void)
{
	fputs("usage: kill-at [-b] [-j STEP] STEP group|run|sandbox|janitor[,...] COMMAND...\n", stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct tracer t = { .command = 0 };
	int opt, status;

	while ((opt = getopt(argc, argv, "+bj:")) != -1) {
		if (opt == 'b')
			t.all = true;
		else if (opt == 'j')
			t.janitor_at = atol(optarg);
		else
			usage();
	}
	if (argc - optind < 3)
		usage();
	t.at = atol(argv[optind]);
	t.whom = argv[optind + 1];
	t.command = fork();
	if (t.command == 0) {
		setpgid(0, 0);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		raise(SIGSTOP);
		execvp(argv[optind + 2], argv + optind + 2);
		_exit(127);
	}
	if (t.command < 0 || waitpid(t.command, &status, 0) != t.command || !WIFSTOPPED(status)) {
		puts("cannot trace");
		return 77;
	}
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL;
	if (t.all)
		options |= PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	ptrace(PTRACE_SETOPTIONS, t.command, NULL, (void *)options);
	ptrace(PTRACE_SYSCALL, t.command, NULL, NULL);
	follow(&t);
	printf("%s %ld %ld %s %d\n", t.killed ? "killed" : "ended", t.steps, t.janitor_steps,
	    tired ? "stuck" : "all", t.status);
	return 0;
}
