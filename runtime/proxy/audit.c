/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - decisions as JSON lines */
#include <config.h>

#include "audit.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "json.h"

enum { STAMP_BYTES = 64 };

static void
stamp(char out[STAMP_BYTES])
{
	struct timespec now;
	char day[32];

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", gmtime(&now.tv_sec));
	snprintf(out, STAMP_BYTES, "%s.%03ldZ", day, now.tv_nsec / 1000000);
}

void
audit_write(int fd, const struct judge *j, const struct judgement *d, const char *client)
{
	struct sbuf line = SBUF_INIT;
	char when[STAMP_BYTES];

	if (fd < 0)
		return;
	struct arena *a = arena_new();
	cJSON *o = json_new_object();
	stamp(when);
	json_put_text(o, "time", when);
	json_put_text(o, "scope", judge_scope(d));
	json_put_text(o, "decision", d->net.allow ? "allow" : "deny");
	json_put_text(o, "source", judge_source(d));
	json_put_text(o, "reason", judge_reason(d));
	json_put_text(o, "protocol", judge_protocol_name(d->protocol));
	json_put_text(o, "host", d->dest.host);
	json_put_number(o, "port", d->dest.port);
	json_put_text(o, "method", d->method);
	json_put_text(o, "client", client);
	json_put_text(o, "rule", judge_rule(a, j, d));
	if (json_write(&line, o) == 0) {
		sbuf_addc(&line, '\n');
		ptrdiff_t n = write(fd, line.p, (unsigned)line.len);
		(void)n;
	}
	sbuf_free(&line);
	cJSON_Delete(o);
	arena_free(a);
}
