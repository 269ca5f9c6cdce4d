/* SPDX-License-Identifier: Apache-2.0 */
/* machine_filters.c - block filters of the Windows Filtering Platform, with their provider and sublayer */
#include <config.h>

#include "machine_win32.h"

#include <string.h>

#include <windows.h>
#include <initguid.h>
#include <fwpmu.h>
#include <rpc.h>
#include <sddl.h>

#include "arena.h"
#include "json.h"
#include "win32.h"

/* Ours, of all versions; the last byte of the third is the number of a filter. */
DEFINE_GUID(key_provider, 0x6b1c8f14, 0x52f7, 0x4c0e, 0x9d, 0x3a, 0x1e, 0x86, 0x40, 0xd2, 0xa7, 0x01);
DEFINE_GUID(key_sublayer, 0x6b1c8f14, 0x52f7, 0x4c0e, 0x9d, 0x3a, 0x1e, 0x86, 0x40, 0xd2, 0xa7, 0x02);
DEFINE_GUID(key_filters, 0x6b1c8f14, 0x52f7, 0x4c0e, 0x9d, 0x3a, 0x1e, 0x86, 0x40, 0xd2, 0xa8, 0x00);

/* Those of Windows, which mingw-w64 has not. */
DEFINE_GUID(layer_connect_v4, 0xc38d57d1, 0x05a7, 0x4c33, 0x90, 0x4f, 0x7f, 0xbc, 0xee, 0xe6, 0x0e, 0x82);
DEFINE_GUID(layer_connect_v6, 0x4a72393b, 0x319f, 0x44bc, 0x84, 0xc3, 0xba, 0x54, 0xdc, 0xb3, 0xb6, 0xb4);
DEFINE_GUID(layer_assign_v4, 0x1247d66d, 0x0b60, 0x4a15, 0x8d, 0x44, 0x71, 0x55, 0xd0, 0xf5, 0x3a, 0x0c);
DEFINE_GUID(layer_assign_v6, 0x55a650e1, 0x5f0a, 0x4eca, 0xa6, 0x53, 0x88, 0xf5, 0x3b, 0x26, 0xaa, 0x8c);
DEFINE_GUID(condition_user, 0xaf043a0a, 0xb34d, 0x4f86, 0x97, 0x9c, 0xc9, 0x03, 0x71, 0xaf, 0x6e, 0x66);
DEFINE_GUID(condition_port, 0xc35a604d, 0xd22b, 0x4e1a, 0x91, 0xb4, 0x68, 0xf6, 0x74, 0xee, 0x67, 0x4b);
DEFINE_GUID(condition_protocol, 0x3971ef2b, 0x623e, 0x4f9a, 0x8c, 0xb1, 0x6e, 0x79, 0xb8, 0x06, 0xb9, 0xa7);

/*
 * Whoever runs commands looks at them, which only administrators can by
 * default: FWPM_ACTRL_READ and READ_CONTROL for everyone.
 */
static const wchar_t readable[] = L"O:BAG:BAD:(A;;GA;;;BA)(A;;GA;;;SY)(A;;0x20080;;;WD)";

enum {
	PERSISTENT = 1,			/* FWPM_*_FLAG_PERSISTENT, of all three kinds */
	DISABLED = 0x20,		/* FWPM_FILTER_FLAG_DISABLED */
	FILTERS = 64,
};

/* FWP_E_FILTER_NOT_FOUND and its like. */
static const DWORD no_filter = 0x80320003, no_provider = 0x80320005, no_sublayer = 0x80320007;

static const struct { const char *word; const GUID *key; } layers[] = {
	{ "ALE_AUTH_CONNECT_V4", &layer_connect_v4 }, { "ALE_AUTH_CONNECT_V6", &layer_connect_v6 },
	{ "ALE_RESOURCE_ASSIGNMENT_V4", &layer_assign_v4 }, { "ALE_RESOURCE_ASSIGNMENT_V6", &layer_assign_v6 },
};

struct engine {
	struct arena	*a;
	const char	**why;
	HANDLE		 h;
};

static bool
good(struct engine *e, DWORD error, const char *what)
{
	if (error == ERROR_SUCCESS)
		return true;
	*e->why = arena_printf(e->a, "the Windows Filtering Platform: %s: %s", what, win32_error_text(e->a, error));
	return false;
}

static bool
open_engine(struct engine *e)
{
	e->h = NULL;
	return good(e, FwpmEngineOpen0(NULL, RPC_C_AUTHN_WINNT, NULL, NULL, &e->h), "its engine");
}

static int
close_engine(struct engine *e, bool ok)
{
	if (e->h != NULL)
		FwpmEngineClose0(e->h);
	return ok ? 0 : -1;
}

static GUID
filter_key(size_t i)
{
	GUID key = key_filters;

	key.Data4[7] = (unsigned char)i;
	return key;
}

/* ---- looking ---- */

static const char *
name_text(struct engine *e, const wchar_t *name)
{
	const char *text = name == NULL ? NULL : win32_utf8(e->a, name);

	return text == NULL ? "" : text;
}

static void
describe_user(struct engine *e, const FWP_CONDITION_VALUE0 *v, cJSON *o)
{
	wchar_t *sddl = NULL;

	if (v->type != FWP_SECURITY_DESCRIPTOR_TYPE || v->sd == NULL || !ConvertSecurityDescriptorToStringSecurityDescriptorW(
	    v->sd->data, SDDL_REVISION_1, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &sddl, NULL))
		return;
	json_put_text(o, "user", machine_sddl_sid(e->a, name_text(e, sddl)));
	LocalFree(sddl);
}

/* A condition that ours have not got gives a member that is not wanted. */
static void
describe_condition(struct engine *e, const FWPM_FILTER_CONDITION0 *c, cJSON *o)
{
	const FWP_CONDITION_VALUE0 *v = &c->conditionValue;

	if (c->matchType != FWP_MATCH_EQUAL)
		json_put_bool(o, "other", true);
	else if (IsEqualGUID(&c->fieldKey, &condition_user))
		describe_user(e, v, o);
	else if (IsEqualGUID(&c->fieldKey, &condition_port) && v->type == FWP_UINT16)
		json_put_number(o, "remote_port", v->uint16);
	else if (IsEqualGUID(&c->fieldKey, &condition_protocol) && v->type == FWP_UINT8)
		json_put_number(o, "protocol", v->uint8);
	else
		json_put_bool(o, "other", true);
}

static cJSON *
describe_filter(struct engine *e, const FWPM_FILTER0 *f)
{
	cJSON *o = json_new_object();
	const char *layer = "another";

	for (size_t i = 0; i < NELEMS(layers); i++)
		if (IsEqualGUID(&f->layerKey, layers[i].key))
			layer = layers[i].word;
	json_put_text(o, "action", f->action.type == FWP_ACTION_BLOCK ? "block" : "another");
	json_put_text(o, "layer", layer);
	json_put_text(o, "name", name_text(e, f->displayData.name));
	for (UINT32 i = 0; i < f->numFilterConditions; i++)
		describe_condition(e, &f->filterCondition[i], o);
	/* It would be another filter: without the flag it goes with the next start, elsewhere others may go before it. */
	if (!(f->flags & PERSISTENT) || !IsEqualGUID(&f->subLayerKey, &key_sublayer) || (f->flags & DISABLED))
		json_put_bool(o, "other", true);
	return o;
}

static bool
look_at_filters(struct engine *e, cJSON *list)
{
	for (size_t i = 0; i < FILTERS; i++) {
		GUID key = filter_key(i);
		FWPM_FILTER0 *f = NULL;
		DWORD error = FwpmFilterGetByKey0(e->h, &key, &f);
		if (error == no_filter)
			continue;
		if (!good(e, error, "a filter"))
			return false;
		json_append(list, describe_filter(e, f));
		FwpmFreeMemory0((void **)&f);
	}
	return true;
}

static bool
look_at_sublayer(struct engine *e, cJSON *o, bool *any)
{
	FWPM_PROVIDER0 *p = NULL;
	FWPM_SUBLAYER0 *s = NULL;
	bool persistent = false;

	DWORD error = FwpmProviderGetByKey0(e->h, &key_provider, &p);
	if (error != no_provider && !good(e, error, "a provider"))
		return false;
	error = FwpmSubLayerGetByKey0(e->h, &key_sublayer, &s);
	if (error != no_sublayer && !good(e, error, "a sublayer"))
		return false;
	*any = p != NULL || s != NULL;
	if (p != NULL)
		json_put_text(o, "provider", name_text(e, p->displayData.name));
	if (s != NULL) {
		cJSON *layer = json_new_object();
		json_put_text(layer, "name", name_text(e, s->displayData.name));
		json_put_number(layer, "weight", s->weight);
		json_put(o, "sublayer", layer);
		persistent = p != NULL && (p->flags & PERSISTENT) && (s->flags & PERSISTENT);
	}
	json_put_bool(o, "persistent", persistent);
	FwpmFreeMemory0((void **)&p);
	FwpmFreeMemory0((void **)&s);
	return true;
}

static bool
look(struct engine *e, cJSON **found)
{
	cJSON *o = json_new_object(), *list = json_new_array();
	bool any = false;

	bool ok = look_at_sublayer(e, o, &any) && look_at_filters(e, list);
	any = any || cJSON_GetArraySize(list) > 0;
	json_put(o, "filters", list);
	*found = ok && any ? o : NULL;
	if (*found == NULL)
		cJSON_Delete(o);
	return ok;
}

int
filters_look(struct arena *a, cJSON **found, const char **why)
{
	struct engine e = { a, why, NULL };

	*found = NULL;
	return close_engine(&e, open_engine(&e) && look(&e, found));
}

/* ---- making ---- */

/* `sd' says who may look at it, `user' whom it is about. */
static bool
add_filter(struct engine *e, size_t i, const cJSON *want, PSECURITY_DESCRIPTOR sd, FWP_BYTE_BLOB *user)
{
	const char *layer = json_string(want, "layer");
	FWPM_FILTER_CONDITION0 condition[2] = { { .fieldKey = condition_user, .matchType = FWP_MATCH_EQUAL } };
	GUID provider = key_provider;
	FWPM_FILTER0 f = {
		.filterKey = filter_key(i), .flags = PERSISTENT, .providerKey = &provider, .subLayerKey = key_sublayer,
		.filterCondition = condition, .numFilterConditions = 2, .action = { .type = FWP_ACTION_BLOCK },
	};
	int64_t n = 0;

	for (size_t k = 0; k < NELEMS(layers); k++)
		if (strcmp(layers[k].word, layer) == 0)
			f.layerKey = *layers[k].key;
	f.displayData.name = win32_wide(e->a, json_string(want, "name"));
	f.weight.type = FWP_EMPTY;
	condition[0].conditionValue.type = FWP_SECURITY_DESCRIPTOR_TYPE;
	condition[0].conditionValue.sd = user;
	condition[1].matchType = FWP_MATCH_EQUAL;
	if (json_int(want, "remote_port", &n)) {
		condition[1].fieldKey = condition_port;
		condition[1].conditionValue.type = FWP_UINT16;
		condition[1].conditionValue.uint16 = (UINT16)n;
	} else {
		json_int(want, "protocol", &n);
		condition[1].fieldKey = condition_protocol;
		condition[1].conditionValue.type = FWP_UINT8;
		condition[1].conditionValue.uint8 = (UINT8)n;
	}
	return good(e, FwpmFilterAdd0(e->h, &f, sd, NULL), json_string(want, "name"));
}

static bool
add_all(struct engine *e, const cJSON *want, PSECURITY_DESCRIPTOR sd, FWP_BYTE_BLOB *user)
{
	wchar_t *name = win32_wide(e->a, json_string(want, "provider"));
	FWPM_PROVIDER0 p = { .providerKey = key_provider, .flags = PERSISTENT };
	GUID provider = key_provider;
	FWPM_SUBLAYER0 s = { .subLayerKey = key_sublayer, .flags = PERSISTENT, .providerKey = &provider };
	int64_t weight = 0;
	size_t i = 0;
	const cJSON *row;

	json_int(json_member(want, "sublayer"), "weight", &weight);
	s.weight = (UINT16)weight;
	p.displayData.name = s.displayData.name = name;
	if (!good(e, FwpmProviderAdd0(e->h, &p, sd), "a provider") || !good(e, FwpmSubLayerAdd0(e->h, &s, sd), "a sublayer"))
		return false;
	cJSON_ArrayForEach(row, json_member(want, "filters"))
		if (i >= FILTERS || !add_filter(e, i++, row, sd, user))
			return false;
	return true;
}

static bool
remove_all(struct engine *e)
{
	DWORD error;

	for (size_t i = 0; i < FILTERS; i++) {
		GUID key = filter_key(i);
		error = FwpmFilterDeleteByKey0(e->h, &key);
		if (error != no_filter && !good(e, error, "a filter cannot be removed"))
			return false;
	}
	error = FwpmSubLayerDeleteByKey0(e->h, &key_sublayer);
	if (error != no_sublayer && !good(e, error, "a sublayer cannot be removed"))
		return false;
	error = FwpmProviderDeleteByKey0(e->h, &key_provider);
	return error == no_provider || good(e, error, "a provider cannot be removed");
}

/* All or nothing; `want' NULL: remove. */
static bool
transact(struct engine *e, const cJSON *want, PSECURITY_DESCRIPTOR sd, FWP_BYTE_BLOB *user)
{
	if (!good(e, FwpmTransactionBegin0(e->h, 0), "a transaction"))
		return false;
	bool ok = want == NULL ? remove_all(e) : add_all(e, want, sd, user);
	if (ok && good(e, FwpmTransactionCommit0(e->h), "a transaction"))
		return true;
	FwpmTransactionAbort0(e->h);
	return false;
}

int
filters_make(struct arena *a, const cJSON *want, const char **why)
{
	struct engine e = { a, why, NULL };
	PSECURITY_DESCRIPTOR sd = NULL, who = NULL;
	ULONG size = 0;
	const char *user = json_string(json_member(want, "filters")->child, "user");

	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(readable, SDDL_REVISION_1, &sd, NULL) ||
	    !ConvertStringSecurityDescriptorToSecurityDescriptorW(win32_wide(a, machine_sddl(a, user)), SDDL_REVISION_1, &who,
	    &size)) {
		*why = arena_printf(a, "a security descriptor: %s", win32_error_text(a, GetLastError()));
		LocalFree(sd);
		return -1;
	}
	FWP_BYTE_BLOB blob = { size, who };
	int rc = close_engine(&e, open_engine(&e) && transact(&e, want, sd, &blob));
	LocalFree(sd);
	LocalFree(who);
	return rc;
}

int
filters_unmake(struct arena *a, const char **why)
{
	struct engine e = { a, why, NULL };

	return close_engine(&e, open_engine(&e) && transact(&e, NULL, NULL, NULL));
}
