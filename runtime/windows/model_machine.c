/* SPDX-License-Identifier: Apache-2.0 */
/* model_machine.c - a model of the computer that a machine plan is for */
#include <config.h>

#include "model_machine.h"

#include <string.h>

#include "arena.h"
#include "json.h"

static struct model_machine *
of(struct machine_store *s)
{
	return (struct model_machine *)(void *)s;
}

static cJSON *
parts(struct machine_store *s)
{
	return cJSON_GetObjectItemCaseSensitive(of(s)->computer, "parts");
}

static int
says(struct machine_store *s, const char *why)
{
	s->why = why;
	return -1;
}

static int
facts(struct machine_store *s, struct arena *a, struct machine_facts *out)
{
	const char *wall = json_string(of(s)->computer, "firewall");

	out->firewall = wall == NULL ? NULL : arena_strdup(a, wall);
	out->administrator = cJSON_IsTrue(json_member(of(s)->computer, "administrator"));
	return 0;
}

static int
look(struct machine_store *s, struct arena *a, const struct machine_part *p, cJSON **found)
{
	const cJSON *o = json_member(parts(s), p->label);

	(void)a;
	*found = o == NULL ? NULL : json_must(cJSON_Duplicate(o, true));
	return 0;
}

static void
put_account(struct machine_store *s, const struct machine_part *p, const char *tag, cJSON *o)
{
	struct sbuf b = SBUF_INIT;
	int64_t next = 2000;

	json_int(of(s)->computer, "next", &next);
	sbuf_printf(&b, "S-1-5-21-0-0-0-%lld", (long long)next);
	json_put_text(o, "sid", sbuf_str(&b));
	sbuf_free(&b);
	sbuf_printf(&b, "%s [%s]", p->comment, tag);
	json_put_text(o, "comment", sbuf_str(&b));
	sbuf_free(&b);
	cJSON_DeleteItemFromObjectCaseSensitive(of(s)->computer, "next");
	json_put_number(of(s)->computer, "next", (uint64_t)next + 1);
}

/* What fails, or is killed in the middle, may have been done, and may not. */
static bool
works(struct model_machine *m, bool *done)
{
	const struct model_faults *f = m->faults;

	*done = f == NULL || model_fault(m->faults);
	if (*done)
		return true;
	*done = f->calls % 2 == 0 && (f->calls == f->stop_at || f->calls == f->fail_at);
	return false;
}

static int
make(struct machine_store *s, const struct machine_part *p, const cJSON *want, const char *tag, const char *secret)
{
	struct model_machine *m = of(s);
	bool done, good = works(m, &done);

	if (!done)
		return says(s, "the model fails here");
	if (json_member(parts(s), p->label) != NULL)
		return says(s, "it is there already");
	if ((p->kind == MACHINE_USER || p->kind == MACHINE_PASSWORD) && strlen(secret) < 20)
		return says(s, "the password is too short");
	if (m->faults != NULL && m->faults->hollow)
		return 0;
	cJSON *o = json_must(cJSON_Duplicate(want, true));
	if (p->kind == MACHINE_GROUP || p->kind == MACHINE_USER)
		put_account(s, p, tag, o);
	else if (p->kind == MACHINE_RULE)
		json_put_text(o, "description", tag);
	cJSON_AddItemToObject(parts(s), p->label, o);
	return good ? 0 : says(s, "the model has done it, and fails here");
}

/* With an account goes what it has; the rules that are about it stay. */
static int
unmake(struct machine_store *s, const struct machine_part *p)
{
	struct model_machine *m = of(s);
	cJSON *all = parts(s);
	struct sbuf member = SBUF_INIT;
	bool done, good = works(m, &done);

	if (!done)
		return says(s, "the model fails here");
	if (json_member(all, p->label) == NULL)
		return says(s, "it is not there");
	if (m->faults != NULL && m->faults->hollow)
		return 0;
	cJSON_DeleteItemFromObjectCaseSensitive(all, p->label);
	if (p->kind == MACHINE_USER) {
		sbuf_printf(&member, "member %s", p->name);
		cJSON_DeleteItemFromObjectCaseSensitive(all, sbuf_str(&member));
	}
	sbuf_free(&member);
	return good ? 0 : says(s, "the model has done it, and fails here");
}

static int
running(struct machine_store *s, const char *sid, uint64_t *pid)
{
	int64_t n = 0;

	(void)sid;
	json_int(of(s)->computer, "running", &n);
	*pid = (uint64_t)n;
	return 0;
}

/* Nobody has to be kept from foreseeing these. */
static int
random_bytes(struct machine_store *s, void *p, size_t n)
{
	uint64_t *r = &of(s)->random;

	for (size_t i = 0; i < n; i++) {
		*r = *r * 6364136223846793005u + 1442695040888963407u;
		((unsigned char *)p)[i] = (unsigned char)(*r >> 56);
	}
	return 0;
}

static const struct machine_store_ops ops = {
	.facts = facts,
	.look = look,
	.make = make,
	.unmake = unmake,
	.running = running,
	.random = random_bytes,
};

void
model_machine_init(struct model_machine *m, cJSON *computer, struct model_faults *faults)
{
	*m = (struct model_machine){ .store = { .ops = &ops }, .computer = computer, .faults = faults, .random = 1 };
	if (computer != NULL)
		return;
	m->computer = json_new_object();
	json_put_bool(m->computer, "administrator", true);
	json_put_text(m->computer, "firewall", NULL);
	json_put_number(m->computer, "next", 2000);
	json_put(m->computer, "parts", json_new_object());
	json_put_number(m->computer, "running", 0);
}

void
model_machine_free(struct model_machine *m)
{
	cJSON_Delete(m->computer);
}
