/* SPDX-License-Identifier: Apache-2.0 */
/* denial_proxy.c - reading back the decisions that the managed proxy wrote */
#include <config.h>

#include "denial_proxy.h"

#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "denials.h"
#include "json.h"
#include "proxy_plan.h"

enum { LIMIT_DECISIONS = 64 * 1024 * 1024 };	/* bytes that are looked at */

bool
denial_proxy_needed(const struct proxy_plan *plan)
{
	return plan != NULL && plan->audit_file == NULL && plan->audit_fd == 0;
}

struct proxy_plan *
denial_proxy_begin(struct arena *a, struct proxy_plan *plan, int fd)
{
	if (fd < 0)
		return plan;
	struct proxy_plan *own = arena_alloc(a, sizeof(*own));
	*own = *plan;
	own->audit_fd = fd;
	return own;
}

static void
one_decision(struct arena *a, struct denials *denials, const char *line, size_t len)
{
	const char *why;
	size_t offset;
	int64_t port;
	cJSON *o = json_read(line, len, &why, &offset);
	const char *decision = json_string(o, "decision"), *host = json_string(o, "host");
	const char *protocol = json_string(o, "protocol");

	if (decision != NULL && strcmp(decision, "deny") == 0 && host != NULL && protocol != NULL &&
	    json_int(o, "port", &port)) {
		bool v6 = strchr(host, ':') != NULL;
		const struct denial d = {
			.action = DENIAL_CONNECT, .object = DENIAL_ADDRESS, .known = DENIAL_ANSWERED,
			.operation = arena_strdup(a, protocol), .process = "cdxp-proxy",
			.target = arena_printf(a, "%s%s%s:%lld", v6 ? "[" : "", host, v6 ? "]" : "", (long long)port),
		};
		denials_add(denials, &d);
	}
	cJSON_Delete(o);
}

void
denial_proxy_end(int fd, struct denials *denials)
{
	struct sbuf text = SBUF_INIT;
	struct arena *a;

	if (fd < 0)
		return;
	if (denials != NULL && lseek(fd, 0, SEEK_SET) == 0 && sbuf_read(&text, fd, LIMIT_DECISIONS) == 0) {
		a = arena_new();
		for (size_t at = 0; at < text.len;) {
			const char *end = memchr(text.p + at, '\n', text.len - at);
			if (end == NULL)
				break;
			one_decision(a, denials, text.p + at, (size_t)(end - (text.p + at)));
			at = (size_t)(end - text.p) + 1;
		}
		arena_free(a);
	}
	sbuf_free(&text);
	close(fd);
}
