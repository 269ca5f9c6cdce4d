/* SPDX-License-Identifier: Apache-2.0 */
/* machine_firewall.c - rules of the Windows firewall, by name */
#include <config.h>

#include "machine_win32.h"

#include <string.h>

#include <windows.h>
#define COBJMACROS
#include <initguid.h>
#include <netfw.h>

#include "arena.h"
#include "json.h"
#include "win32.h"

/* Of the class of rules; <netfw.h> of mingw-w64 has it not. */
DEFINE_GUID(class_of_rules, 0x2c5bc43e, 0x3369, 0x4c33, 0xab, 0x0c, 0xbe, 0x94, 0x69, 0x67, 0x7a, 0xf4);

enum { ALL_PROFILES = NET_FW_PROFILE2_DOMAIN | NET_FW_PROFILE2_PRIVATE | NET_FW_PROFILE2_PUBLIC };

/* Protocols by their numbers of the IANA; 256 is any. */
static const struct { const char *word; LONG number; } protocols[] = { { "any", 256 }, { "tcp", 6 }, { "udp", 17 } };

struct firewall {
	struct arena	*a;
	const char	**why;
	bool		 com;
	INetFwPolicy2	*policy;
	INetFwRules	*rules;
};

static bool
good(struct firewall *f, HRESULT hr, const char *what)
{
	if (SUCCEEDED(hr))
		return true;
	*f->why = arena_printf(f->a, "the firewall of Windows: %s: %s", what, win32_error_text(f->a, (DWORD)hr));
	return false;
}

static bool
open_firewall(struct firewall *f)
{
	HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
	void *p = NULL;

	f->com = SUCCEEDED(hr);
	if (!good(f, hr, "COM") ||
	    !good(f, CoCreateInstance(&CLSID_NetFwPolicy2, NULL, CLSCTX_INPROC_SERVER, &IID_INetFwPolicy2, &p), "its policy"))
		return false;
	f->policy = p;
	return good(f, INetFwPolicy2_get_Rules(f->policy, &f->rules), "its rules");
}

static int
close_firewall(struct firewall *f, bool ok)
{
	if (f->rules != NULL)
		INetFwRules_Release(f->rules);
	if (f->policy != NULL)
		INetFwPolicy2_Release(f->policy);
	if (f->com)
		CoUninitialize();
	return ok ? 0 : -1;
}

/* ---- whether it is at work ---- */

static const char *
off(struct firewall *f)
{
	static const struct { NET_FW_PROFILE_TYPE2 profile; const char *name; } profiles[] = {
		{ NET_FW_PROFILE2_DOMAIN, "domain" }, { NET_FW_PROFILE2_PRIVATE, "private" }, { NET_FW_PROFILE2_PUBLIC, "public" },
	};
	NET_FW_MODIFY_STATE state;
	VARIANT_BOOL on;

	for (size_t i = 0; i < NELEMS(profiles); i++)
		if (FAILED(INetFwPolicy2_get_FirewallEnabled(f->policy, profiles[i].profile, &on)) || on == VARIANT_FALSE)
			return arena_printf(f->a, "is off for networks of the kind \"%s\"", profiles[i].name);
	if (FAILED(INetFwPolicy2_get_LocalPolicyModifyState(f->policy, &state)))
		return "does not say whether it takes rules of this computer's own";
	return state == NET_FW_MODIFY_STATE_OK ? NULL : "does not go by rules of this computer's own, but by a group policy";
}

int
firewall_state(struct arena *a, const char **why_off, const char **why)
{
	struct firewall f = { .a = a, .why = why };
	bool ok = open_firewall(&f);

	if (ok)
		*why_off = off(&f);
	return close_firewall(&f, ok);
}

/* ---- looking ---- */

/* A string of a rule's; "" for none. */
static const char *
text_of(struct firewall *f, INetFwRule3 *r, HRESULT (STDMETHODCALLTYPE *get)(INetFwRule3 *, BSTR *))
{
	BSTR b = NULL;
	const char *text = good(f, get(r, &b), "a rule") && b != NULL ? win32_utf8(f->a, b) : NULL;

	SysFreeString(b);
	return text == NULL ? "" : text;
}

/* "a,b" as a list. */
static cJSON *
list_of(struct arena *a, const char *text)
{
	cJSON *list = json_new_array();

	for (size_t n; *text != '\0'; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		json_append(list, json_new_text(arena_strndup(a, text, n)));
	}
	return list;
}

static const char *
word_of(struct arena *a, LONG protocol)
{
	for (size_t i = 0; i < NELEMS(protocols); i++)
		if (protocols[i].number == protocol)
			return protocols[i].word;
	return arena_printf(a, "%ld", protocol);
}

/* Restrictions that ours have none of, since with one it would block less. */
static bool
has_more(struct firewall *f, INetFwRule3 *r)
{
	const INetFwRule3Vtbl *t = r->lpVtbl;
	const char *text[] = {
		text_of(f, r, t->get_ApplicationName), text_of(f, r, t->get_ServiceName), text_of(f, r, t->get_LocalPorts),
		text_of(f, r, t->get_LocalAddresses), text_of(f, r, t->get_InterfaceTypes),
		text_of(f, r, t->get_LocalAppPackageId), text_of(f, r, t->get_RemoteUserAuthorizedList),
		text_of(f, r, t->get_RemoteMachineAuthorizedList),
	};
	VARIANT v;

	for (size_t i = 0; i < NELEMS(text); i++)
		if (text[i][0] != '\0' && strcmp(text[i], "*") != 0 && strcmp(text[i], "All") != 0)
			return true;
	VariantInit(&v);
	bool more = FAILED(INetFwRule3_get_Interfaces(r, &v)) || V_VT(&v) != VT_EMPTY;
	VariantClear(&v);
	return more;
}

static cJSON *
describe(struct firewall *f, INetFwRule3 *r)
{
	const INetFwRule3Vtbl *t = r->lpVtbl;
	cJSON *o = json_new_object();
	LONG number = 0, profiles = 0;
	NET_FW_ACTION action = NET_FW_ACTION_ALLOW;
	NET_FW_RULE_DIRECTION direction = NET_FW_RULE_DIR_IN;
	VARIANT_BOOL on = VARIANT_FALSE;

	good(f, t->get_Action(r, &action), "an action");
	good(f, t->get_Direction(r, &direction), "a direction");
	good(f, t->get_Enabled(r, &on), "whether a rule is in force");
	good(f, t->get_Protocol(r, &number), "a protocol");
	good(f, t->get_Profiles(r, &profiles), "profiles");
	json_put_text(o, "action", action == NET_FW_ACTION_BLOCK ? "block" : "allow");
	json_put_text(o, "direction", direction == NET_FW_RULE_DIR_OUT ? "out" : "in");
	json_put_bool(o, "enabled", on != VARIANT_FALSE && !has_more(f, r));
	/* All is a number of its own, with the three that there are in it. */
	json_put_bool(o, "all_profiles", (profiles & ALL_PROFILES) == ALL_PROFILES);
	json_put_text(o, "protocol", word_of(f->a, number));
	json_put_text(o, "description", text_of(f, r, t->get_Description));
	json_put(o, "remote_addresses", list_of(f->a, text_of(f, r, t->get_RemoteAddresses)));
	json_put(o, "remote_ports", list_of(f->a, text_of(f, r, t->get_RemotePorts)));
	json_put_text(o, "user", machine_sddl_sid(f->a, text_of(f, r, t->get_LocalUserAuthorizedList)));
	return o;
}

/* All are looked at, since several may have one name. */
static bool
find_rules(struct firewall *f, const char *name, cJSON **found)
{
	IUnknown *unknown = NULL;
	void *p = NULL;
	uint64_t n = 0;
	VARIANT v;

	if (!good(f, INetFwRules_get__NewEnum(f->rules, &unknown), "its list"))
		return false;
	HRESULT hr = IUnknown_QueryInterface(unknown, &IID_IEnumVARIANT, &p);
	IUnknown_Release(unknown);
	if (!good(f, hr, "its list"))
		return false;
	IEnumVARIANT *all = p;
	*f->why = NULL;
	VariantInit(&v);
	while (*f->why == NULL && IEnumVARIANT_Next(all, 1, &v, NULL) == S_OK) {
		if (V_VT(&v) == VT_DISPATCH && V_DISPATCH(&v) != NULL &&
		    SUCCEEDED(IDispatch_QueryInterface(V_DISPATCH(&v), &IID_INetFwRule3, &p))) {
			INetFwRule3 *r = p;
			if (strcmp(text_of(f, r, r->lpVtbl->get_Name), name) == 0 && n++ == 0)
				*found = describe(f, r);
			INetFwRule3_Release(r);
		}
		VariantClear(&v);
	}
	IEnumVARIANT_Release(all);
	if (n > 1)
		json_put_number(*found, "many", n);
	return *f->why == NULL;
}

int
firewall_look(struct arena *a, const char *name, cJSON **found, const char **why)
{
	struct firewall f = { .a = a, .why = why };

	*found = NULL;
	return close_firewall(&f, open_firewall(&f) && find_rules(&f, name, found));
}

/* ---- making ---- */

static BSTR
bstr(struct firewall *f, const char *text)
{
	BSTR b = SysAllocString(win32_wide(f->a, text));

	if (b == NULL)
		out_of_memory();
	return b;
}

static BSTR
bstr_of_list(struct firewall *f, const cJSON *list)
{
	struct sbuf text = SBUF_INIT;
	const cJSON *row;

	cJSON_ArrayForEach(row, list)
		sbuf_printf(&text, "%s%s", text.len > 0 ? "," : "", row->valuestring);
	BSTR b = bstr(f, sbuf_str(&text));
	sbuf_free(&text);
	return b;
}

/* The protocol comes before the ports, which only some have. */
static bool
fill(struct firewall *f, INetFwRule3 *r, const char *name, const cJSON *want, const char *tag)
{
	const char *word = json_string(want, "protocol");
	const cJSON *ports = json_member(want, "remote_ports");
	bool in = strcmp(json_string(want, "direction"), "in") == 0;
	LONG protocol = 0;
	BSTR text[] = {
		bstr(f, name), bstr(f, tag), bstr(f, "cdxp"), bstr_of_list(f, json_member(want, "remote_addresses")),
		bstr_of_list(f, ports), bstr(f, machine_sddl(f->a, json_string(want, "user"))),
	};

	for (size_t i = 0; i < NELEMS(protocols); i++)
		if (strcmp(protocols[i].word, word) == 0)
			protocol = protocols[i].number;
	bool ok = good(f, INetFwRule3_put_Name(r, text[0]), "a name") &&
	    good(f, INetFwRule3_put_Description(r, text[1]), "a description") &&
	    good(f, INetFwRule3_put_Grouping(r, text[2]), "a group") &&
	    good(f, INetFwRule3_put_Direction(r, in ? NET_FW_RULE_DIR_IN : NET_FW_RULE_DIR_OUT), "a direction") &&
	    good(f, INetFwRule3_put_Action(r, NET_FW_ACTION_BLOCK), "an action") &&
	    good(f, INetFwRule3_put_Profiles(r, NET_FW_PROFILE2_ALL), "profiles") &&
	    good(f, INetFwRule3_put_Protocol(r, protocol), "a protocol") &&
	    good(f, INetFwRule3_put_RemoteAddresses(r, text[3]), "addresses") &&
	    (cJSON_GetArraySize(ports) == 0 || good(f, INetFwRule3_put_RemotePorts(r, text[4]), "ports")) &&
	    good(f, INetFwRule3_put_LocalUserAuthorizedList(r, text[5]), "a user") &&
	    good(f, INetFwRule3_put_Enabled(r, VARIANT_TRUE), "whether it is in force");
	for (size_t i = 0; i < NELEMS(text); i++)
		SysFreeString(text[i]);
	return ok;
}

static bool
add_rule(struct firewall *f, const char *name, const cJSON *want, const char *tag)
{
	void *p = NULL;

	if (!good(f, CoCreateInstance(&class_of_rules, NULL, CLSCTX_INPROC_SERVER, &IID_INetFwRule3, &p), "a new rule"))
		return false;
	INetFwRule3 *r = p;
	bool ok = fill(f, r, name, want, tag) && good(f, INetFwRules_Add(f->rules, (INetFwRule *)r), "a new rule");
	INetFwRule3_Release(r);
	return ok;
}

int
firewall_make(struct arena *a, const char *name, const cJSON *want, const char *tag, const char **why)
{
	struct firewall f = { .a = a, .why = why };

	return close_firewall(&f, open_firewall(&f) && add_rule(&f, name, want, tag));
}

int
firewall_unmake(struct arena *a, const char *name, const char **why)
{
	struct firewall f = { .a = a, .why = why };
	bool ok = open_firewall(&f);
	BSTR b = bstr(&f, name);

	ok = ok && good(&f, INetFwRules_Remove(f.rules, b), "a rule cannot be removed");
	SysFreeString(b);
	return close_firewall(&f, ok);
}
