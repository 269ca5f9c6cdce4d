/* SPDX-License-Identifier: Apache-2.0 */
/* learn_print.c - proposed entries as TOML, with what speaks for each in comments */
#include <config.h>

#include "learn.h"

#include <inttypes.h>
#include <string.h>

#include "toml_quote.h"
#include "utf8.h"

static struct slice
slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

/* A comment ends with its line, and TOML wants it in UTF-8. */
static void
put_comment(struct sbuf *out, const char *text)
{
	size_t n = strlen(text), good = utf8_check(text, n);

	for (size_t i = 0; i < n; i++)
		sbuf_addc(out, (unsigned char)text[i] < ' ' || text[i] == 0x7f || i >= good ? '?' : text[i]);
}

static void
put_header(struct sbuf *out, const char *name, const char *table, const char *place)
{
	sbuf_puts(out, "\n[permissions.");
	toml_quote_key(out, slice_of(name));
	if (table != NULL)
		sbuf_printf(out, ".%s", table);
	if (place != NULL) {
		sbuf_addc(out, '.');
		toml_quote_key(out, slice_of(place));
	}
	sbuf_puts(out, "]\n");
}

static void
put_evidence(struct sbuf *out, const struct proposal *p)
{
	const struct denial_line *d = p->sample;

	sbuf_printf(out, "\t# %" PRIu64 " time%s: ", p->count, p->count == 1 ? "" : "s");
	put_comment(out, d->process);
	sbuf_printf(out, ": %s ", d->action);
	put_comment(out, d->spelt);
	if (p->different > 1)
		sbuf_printf(out, " and %zu more", p->different - 1);
	sbuf_puts(out, d->rule_at[0] != '\0' ? ", denied by " : ": ");
	put_comment(out, d->rule_at[0] != '\0' ? d->rule_at : d->rule);
	if (p->missing)
		sbuf_puts(out, "; made by --create-missing");
	sbuf_addc(out, '\n');
}

static void
put_entry(struct sbuf *out, const char *key, const struct proposal *p)
{
	toml_quote_key(out, slice_of(key));
	sbuf_puts(out, " = ");
	toml_quote(out, slice_of(p->access));
	put_evidence(out, p);
}

static bool
same_key(const struct proposal *p, const struct proposal *q)
{
	return strcmp(p->table, q->table) == 0 && strcmp(p->path, q->path) == 0;
}

/* Rules apart, and so two proposals, are one key: the first has the greater access. */
static bool
is_repeat(const struct learned *l, size_t i)
{
	return i > 0 && same_key(&l->entries.v[i - 1], &l->entries.v[i]);
}

/* A place that has further entries below it is written as a table, itself as ".". */
static bool
has_table(const struct learned *l, const struct proposal *p)
{
	for (size_t i = 0; i < l->entries.len; i++)
		if (l->entries.v[i].subpath != NULL && strcmp(l->entries.v[i].place, p->place) == 0 &&
		    strcmp(l->entries.v[i].table, p->table) == 0)
			return true;
	return false;
}

static void
put_plain(const struct learned *l, const char *name, const char *table, const char *header, struct sbuf *out)
{
	bool first = true;

	for (size_t i = 0; i < l->entries.len; i++) {
		const struct proposal *p = &l->entries.v[i];
		if (strcmp(p->table, table) != 0 || p->subpath != NULL || is_repeat(l, i) || has_table(l, p))
			continue;
		if (first)
			put_header(out, name, header, NULL);
		first = false;
		put_entry(out, p->place, p);
	}
}

static void
put_scoped(const struct learned *l, const char *name, struct sbuf *out)
{
	const char *place = NULL;

	for (size_t i = 0; i < l->entries.len; i++) {
		const struct proposal *p = &l->entries.v[i];
		if (!has_table(l, p) || is_repeat(l, i))
			continue;
		if (place == NULL || strcmp(place, p->place) != 0)
			put_header(out, name, p->table, p->place);
		place = p->place;
		put_entry(out, p->subpath != NULL ? p->subpath : ".", p);
	}
}

static void
put_left(const struct learned *l, struct sbuf *out)
{
	if (l->left.len == 0)
		return;
	sbuf_puts(out, "\n# Not proposed:\n");
	for (size_t i = 0; i < l->left.len; i++) {
		const struct denial_line *d = l->left.v[i];
		sbuf_printf(out, "# %6" PRIu64 "  ", d->count);
		put_comment(out, d->process);
		sbuf_printf(out, ": %s ", strcmp(d->action, "other") == 0 ? d->operation : d->action);
		put_comment(out, d->spelt);
		sbuf_puts(out, ": ");
		put_comment(out, d->no_entry != NULL ? d->no_entry : "a destination; see --network");
		if (d->rule_at[0] != '\0') {
			sbuf_puts(out, " (");
			put_comment(out, d->rule_at);
			sbuf_addc(out, ')');
		}
		sbuf_addc(out, '\n');
	}
}

void
learn_print(const struct learned *l, const char *parent, const char *name, struct sbuf *out)
{
	sbuf_printf(out, "# Of %" PRIu64 " denials these entries would have allowed %" PRIu64 ".\n", l->denials,
	    l->covered);
	if (l->entries.len > 0) {
		sbuf_puts(out, "# Look at each, put this behind the profile, and run with -P ");
		put_comment(out, name);
		sbuf_puts(out, ".\n");
		put_header(out, name, NULL, NULL);
		sbuf_puts(out, "extends = ");
		toml_quote(out, slice_of(parent));
		sbuf_addc(out, '\n');
		put_plain(l, name, "filesystem", "filesystem", out);
		put_scoped(l, name, out);
		if (l->network) {
			put_header(out, name, "network", NULL);
			sbuf_puts(out, "enabled = true\n");
		}
		put_plain(l, name, "domains", "network.domains", out);
		put_plain(l, name, "unix_sockets", "network.unix_sockets", out);
	}
	put_left(l, out);
}
