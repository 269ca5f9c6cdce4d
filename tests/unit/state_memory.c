/* SPDX-License-Identifier: Apache-2.0 */
/* state_memory.c - state files in memory */
#include <config.h>

#include "state_memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"

struct state_lock {
	char	name[128];
};

static struct memory_files *
of(struct state_files *s)
{
	return (struct memory_files *)(void *)s;
}

static enum state_status
says(struct state_files *s, enum state_status status, const char *why)
{
	s->why = why;
	return status;
}

static bool
stopped(const struct memory_files *m)
{
	return m->faults != NULL && m->faults->stop_at != 0 && m->faults->calls >= m->faults->stop_at;
}

struct memory_file *
memory_file(struct memory_files *m, const char *name)
{
	for (size_t i = 0; i < m->len; i++)
		if (strcmp(m->v[i].name, name) == 0)
			return &m->v[i];
	return NULL;
}

void
memory_file_set(struct memory_files *m, const char *name, const char *p, size_t len)
{
	struct memory_file *f = memory_file(m, name);

	if (f == NULL) {
		assert(m->len < sizeof(m->v) / sizeof(m->v[0]) && strlen(name) < sizeof(f->name));
		f = &m->v[m->len++];
		memset(f, 0, sizeof(*f));
		strcpy(f->name, name);
	}
	free(f->p);
	f->p = malloc(len + 1);
	assert(f->p != NULL);
	if (len > 0)
		memcpy(f->p, p, len);
	f->len = len;
}

static enum state_status
lock(struct state_files *s, const char *name, unsigned ms, struct state_lock **out)
{
	struct memory_files *m = of(s);

	(void)ms;
	if (stopped(m))
		return says(s, STATE_FAILED, "stopped");
	if (memory_file(m, name) == NULL)
		memory_file_set(m, name, "", 0);
	if (memory_file(m, name)->locked)
		return says(s, STATE_LOCKED, "another process holds it");
	memory_file(m, name)->locked = true;
	*out = malloc(sizeof(**out));
	assert(*out != NULL);
	strcpy((*out)->name, name);
	return STATE_OK;
}

static void
unlock(struct state_files *s, struct state_lock *l)
{
	struct memory_file *f = memory_file(of(s), l->name);

	if (f != NULL)
		f->locked = false;
	free(l);
}

static enum state_status
read_file(struct state_files *s, const char *name, size_t limit, struct sbuf *out)
{
	struct memory_file *f = memory_file(of(s), name);

	if (stopped(of(s)))
		return says(s, STATE_FAILED, "stopped");
	if (f == NULL)
		return says(s, STATE_MISSING, "there is no such file");
	if (f->len > limit)
		return says(s, STATE_TOO_LARGE, "it is too large");
	sbuf_add(out, f->p, f->len);
	return STATE_OK;
}

static enum state_status
append(struct state_files *s, const char *name, const void *p, size_t n)
{
	struct memory_files *m = of(s);
	bool was = stopped(m), ok = model_fault(m->faults);
	size_t add = ok ? n : was ? 0 : n / 2;

	if (memory_file(m, name) == NULL && add > 0)
		memory_file_set(m, name, "", 0);
	if (add > 0) {
		struct memory_file *f = memory_file(m, name);
		f->p = realloc(f->p, f->len + add + 1);
		assert(f->p != NULL);
		memcpy(f->p + f->len, p, add);
		f->len += add;
	}
	m->writes += ok;
	return ok ? STATE_OK : says(s, STATE_FAILED, "the disk is full");
}

static enum state_status
replace(struct state_files *s, const char *name, const void *p, size_t n)
{
	struct memory_files *m = of(s);

	if (!model_fault(m->faults))
		return says(s, STATE_FAILED, "the disk is full");
	memory_file_set(m, name, p, n);
	m->writes++;
	return STATE_OK;
}

static enum state_status
list(struct state_files *s, const char *prefix, size_t limit, char ***out, size_t *n)
{
	struct memory_files *m = of(s);

	if (stopped(m))
		return says(s, STATE_FAILED, "stopped");
	*out = calloc(m->len + 1, sizeof(**out));
	assert(*out != NULL);
	*n = 0;
	for (size_t i = 0; i < m->len && *n < limit; i++)
		if (strncmp(m->v[i].name, prefix, strlen(prefix)) == 0)
			(*out)[(*n)++] = strdup(m->v[i].name);
	return STATE_OK;
}

static enum state_status
remove_file(struct state_files *s, const char *name)
{
	struct memory_files *m = of(s);
	struct memory_file *f = memory_file(m, name);

	if (stopped(m))
		return says(s, STATE_FAILED, "stopped");
	if (f == NULL)
		return STATE_OK;
	free(f->p);
	*f = m->v[--m->len];
	m->writes++;
	return STATE_OK;
}

static enum state_status
random_bytes(struct state_files *s, void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)p)[i] = (unsigned char)prng(&of(s)->random);
	return STATE_OK;
}

static const struct state_files_ops ops = {
	.lock = lock,
	.unlock = unlock,
	.read = read_file,
	.append = append,
	.replace = replace,
	.list = list,
	.remove = remove_file,
	.random = random_bytes,
};

void
memory_files_init(struct memory_files *m, struct model_faults *faults)
{
	*m = (struct memory_files){ .files = { .ops = &ops, .dir = "C:\\Users\\me\\AppData\\Local\\cdxp" },
	    .faults = faults, .random = prng_seed() };
}

void
memory_files_unlock(struct memory_files *m)
{
	for (size_t i = 0; i < m->len; i++)
		m->v[i].locked = false;
}

void
memory_files_free(struct memory_files *m)
{
	for (size_t i = 0; i < m->len; i++)
		free(m->v[i].p);
	m->len = 0;
}
