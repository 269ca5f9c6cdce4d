/* SPDX-License-Identifier: Apache-2.0 */
/* acl_object.c - one object: opened, looked at, changed and looked at again */
#include <config.h>

#include "acl_object.h"

#include <string.h>

#include "arena.h"
#include "win_path.h"

static enum acl_status
look(struct acl_store *s, struct arena *a, struct acl_seen *o)
{
	const char *why = NULL;
	enum acl_status status = s->ops->facts(s, a, o->handle, &o->facts);

	if (status == ACL_OK)
		status = s->ops->read(s, a, o->handle, &o->d);
	if (status != ACL_OK) {
		s->ops->close(s, o->handle);
		o->handle = NULL;
		return status;
	}
	o->path = win_path_final(a, o->facts.final_path, &why);
	if (o->path == NULL)
		s->why = why;
	return ACL_OK;
}

enum acl_status
acl_see(struct acl_store *s, struct arena *a, const char *path, enum acl_open how, struct acl_seen *o)
{
	*o = (struct acl_seen){ .store = s };
	enum acl_status status = s->ops->open(s, path, how, &o->handle);
	return status == ACL_OK ? look(s, a, o) : status;
}

enum acl_status
acl_see_id(struct acl_store *s, struct arena *a, uint64_t volume, const uint64_t id[2], struct acl_seen *o)
{
	*o = (struct acl_seen){ .store = s };
	enum acl_status status = s->ops->open_id(s, volume, id, &o->handle);
	return status == ACL_OK ? look(s, a, o) : status;
}

void
acl_unsee(struct acl_seen *o)
{
	if (o->handle != NULL)
		o->store->ops->close(o->store, o->handle);
	o->handle = NULL;
}

bool
acl_is(const struct acl_seen *o, uint64_t volume, const uint64_t id[2])
{
	return o->facts.volume == volume && o->facts.id[0] == id[0] && o->facts.id[1] == id[1];
}

enum acl_status
acl_put(struct arena *a, struct acl_seen *o, const struct ace_list *dacl)
{
	struct acl_store *s = o->store;
	struct descriptor now;
	enum acl_status status = s->ops->write(s, o->handle, dacl);

	if (status == ACL_OK)
		status = s->ops->read(s, a, o->handle, &now);
	if (status != ACL_OK)
		return status;
	bool same = !now.no_dacl && ace_lists_equal(&now.dacl, dacl);
	o->d = now;
	if (same)
		return ACL_OK;
	s->why = "the system accepted the entries and did not store them";
	return ACL_FAILED;
}
