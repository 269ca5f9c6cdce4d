/* SPDX-License-Identifier: Apache-2.0 */
/* environ.c - the child's environment from the policy and the caller's */
#include <config.h>

#include "environ.h"

#include <string.h>

#include "arena.h"
#include "decide_env.h"
#include "intern.h"
#include "ir.h"
#include "proxy_plan.h"

struct strings { const char **v; size_t len, cap; };

struct building {
	struct arena	*arena;
	const struct ir_environment *policy;
	struct strmap	*place;		/* name -> slot of the entry in `out' */
	struct strings	 out;		/* NULL where a name was dropped again */
	struct strings	 dropped;
};

/* Slots are stored plus one, as a map holds no NULL. */
static void
put(struct building *b, const char *name, const char *value)
{
	size_t len = strlen(name);
	const char *entry = arena_printf(b->arena, "%s=%s", name, value);
	void *slot = strmap_get(b->place, name, len);

	if (slot != NULL) {
		b->out.v[(uintptr_t)slot - 1] = entry;
		return;
	}
	VEC_PUSH(b->arena, &b->out, entry);
	strmap_put(b->place, name, len, (void *)(uintptr_t)b->out.len);
}

static void
inherit(struct building *b, const char *const *from)
{
	struct strmap *seen = strmap_new(b->arena);

	for (; *from != NULL; from++) {
		const char *equals = strchr(*from, '=');
		if (equals == NULL || equals == *from)
			continue;
		size_t len = (size_t)(equals - *from);
		if (strmap_put(seen, *from, len, b) != NULL)
			continue;
		const char *name = arena_strndup(b->arena, *from, len);
		if (decide_env_inherited(b->policy, name).result == ENV_KEPT)
			put(b, name, equals + 1);
		else
			VEC_PUSH(b->arena, &b->dropped, name);
	}
}

static bool
is_set(const struct ir_environment *policy, const char *name)
{
	for (size_t i = 0; i < policy->set.len; i++)
		if (strcmp(policy->set.v[i].name, name) == 0)
			return true;
	return false;
}

static void
put_proxy(struct building *b, const struct proxy_variable *v)
{
	void *slot = strmap_get(b->place, v->name, strlen(v->name));
	const char *has = v->append && slot != NULL ? b->out.v[(uintptr_t)slot - 1] : NULL;

	put(b, v->name, has == NULL ? v->value : arena_printf(b->arena, "%s %s",
	    has + strlen(v->name) + 1, v->value));
}

void
environ_build(struct arena *a, const struct environ_request *req, struct child_environ *out)
{
	const struct ir_environment *policy = req->policy;
	struct building b = { .arena = a, .policy = policy, .place = strmap_new(a) };

	inherit(&b, req->from);
	for (size_t i = 0; i < policy->set.len; i++) {
		const struct env_decision set = decide_env_set(policy, &policy->set.v[i]);
		if (set.result == ENV_SET)
			put(&b, policy->set.v[i].name, set.value);
	}
	/* A shell that finds another place there takes it for what it is called; bwrap sets it too. */
	if (req->cwd != NULL)
		put(&b, "PWD", req->cwd);
	if (req->backend != NULL)
		put(&b, "CDXP_SANDBOX", req->backend);
	if (req->backend != NULL && strcmp(req->backend, "seatbelt") == 0)
		put(&b, "CODEX_SANDBOX", req->backend);
	if (req->network_off)
		put(&b, "CODEX_SANDBOX_NETWORK_DISABLED", "1");

	for (size_t i = 0; i < req->nproxy; i++)
		if (!is_set(policy, req->proxy[i].name))
			put_proxy(&b, &req->proxy[i]);

	/* What `set' gave back was not dropped after all. */
	size_t n = 0;
	for (size_t i = 0; i < b.dropped.len; i++)
		if (strmap_get(b.place, b.dropped.v[i], strlen(b.dropped.v[i])) == NULL)
			b.dropped.v[n++] = b.dropped.v[i];
	out->dropped = b.dropped.v;
	out->ndropped = n;
	out->len = b.out.len;
	VEC_PUSH(a, &b.out, NULL);
	out->envp = b.out.v;
}

const char *
environ_get(const char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp != NULL; envp++)
		if (strncmp(*envp, name, len) == 0 && (*envp)[len] == '=')
			return *envp + len + 1;
	return NULL;
}
