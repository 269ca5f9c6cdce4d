/* SPDX-License-Identifier: Apache-2.0 */
/* show_html.c - cdxpc show --format=html: one page that needs nothing but itself */
#include <config.h>

#include "show.h"

#include <inttypes.h>
#include <string.h>

#include "arena.h"
#include "artifacts.h"
#include "ir.h"
#include "show_page.h"
#include "show_style.h"
#include "subject.h"

/* More in one box of the answer, or deviations of one backend, are folded away or counted. */
enum { ANSWER_ITEMS = 10, OPEN_DEVIATIONS = 12 };

/* ---- the answer in four boxes ---- */

struct answer {
	struct { const char **v; size_t len, cap; } list[ACCESS_WRITE + 1];
	bool		 names, platform;
};

static void
collect(struct page *p, struct answer *q, const struct view_row *r)
{
	struct arena *a = p->s->a;
	if (r->group == GROUP_PROTECTED) {
		q->names = true;
	} else if (r->group == GROUP_PLATFORM) {
		if (!q->platform)
			VEC_PUSH(a, &q->list[r->access], r->why.origin->text);
		q->platform = true;
	} else if (r->kind != VIEW_WAY && strcmp(r->path, "/") != 0) {
		VEC_PUSH(a, &q->list[r->access], r->path);
	}
	for (size_t i = 0; i < r->nchild; i++)
		collect(p, q, r->child[i]);
}

static void
protected_names(struct page *p)
{
	const struct ir_policy *ir = p->s->bound->ir;
	page_put(p, "<li>protected names:");
	for (size_t i = 0; i < ir->protected.len; i++) {
		page_put(p, " <code>");
		page_text(p, ir->protected.v[i].name);
		page_put(p, "</code>");
	}
	page_put(p, "</li>\n");
}

static void
answer_box(struct page *p, const struct answer *q, enum access access, const char *head)
{
	const struct view *v = p->s->view;
	size_t n = q->list[access].len, shown = n > ANSWER_ITEMS ? ANSWER_ITEMS : n;
	bool rest = v->top[0]->access == access;
	bool names = access == ACCESS_READ && q->names;
	sbuf_printf(p->out, "<div class=\"%c\"><dt>%s</dt><dd><ul>\n", page_access_class(access), head);
	for (size_t i = 0; i < shown; i++) {
		page_put(p, "<li><code>");
		page_path(p, q->list[access].v[i]);
		page_put(p, "</code></li>\n");
	}
	if (n > shown)
		sbuf_printf(p->out, "<li><a href=\"#files\">and %zu more</a></li>\n", n - shown);
	if (names)
		protected_names(p);
	if (rest)
		page_put(p, v->nrow == 1 ? "<li>everything</li>\n" : "<li>everything else</li>\n");
	if (n == 0 && !rest && !names)
		page_put(p, "<li>nothing</li>\n");
	page_put(p, "</ul></dd></div>\n");
}

static void
network_box(struct page *p)
{
	struct show_facts net = show_network(p->s), sockets = show_sockets(p->s);
	sbuf_printf(p->out, "<div class=\"%c\"><dt>Network</dt><dd><ul>\n",
	    net.v[0].tone == TONE_DENY ? 'd' : net.v[0].tone == TONE_ALLOW ? 'w' : 'r');
	for (size_t i = 0; i < net.len && i < ANSWER_ITEMS; i++) {
		if (i > 0 && net.v[i].origin == NULL)
			continue;
		page_put(p, "<li>");
		page_text(p, net.v[i].text);
		page_put(p, "</li>\n");
	}
	if (net.len > ANSWER_ITEMS)
		page_put(p, "<li><a href=\"#network\">and more</a></li>\n");
	page_put(p, "<li>Unix sockets: ");
	page_text(p, sockets.v[0].text);
	for (size_t i = 1; i < sockets.len && i < ANSWER_ITEMS; i++) {
		page_put(p, i == 1 ? ": " : ", ");
		page_text(p, sockets.v[i].text);
	}
	page_put(p, "</li>\n</ul></dd></div>\n");
}

static void
answer(struct page *p)
{
	const struct view *v = p->s->view;
	struct answer q = { .names = false };
	for (size_t i = 0; i < v->ntop; i++)
		collect(p, &q, v->top[i]);
	page_put(p, "<dl class=\"answer\">\n");
	answer_box(p, &q, ACCESS_WRITE, "Can write");
	answer_box(p, &q, ACCESS_READ, "Can read, not write");
	answer_box(p, &q, ACCESS_DENY, "Cannot read or write");
	network_box(p);
	page_put(p, "</dl>\n");
}

/* ---- the tree ---- */

static void
access_word(struct page *p, enum access access, bool inherited)
{
	if (inherited)
		sbuf_printf(p->out, "<span class=\"acc as\" title=\"as around it\">%s</span>",
		    show_access(access));
	else
		sbuf_printf(p->out, "<span class=\"acc %c\">%s</span>", page_access_class(access),
		    show_access(access));
}

static void
row(struct page *p, const struct view_row *r, const char *labels, size_t run)
{
	page_put(p, "<span class=\"path\">");
	page_path(p, labels);
	page_put(p, "</span><span class=\"says\">");
	access_word(p, r->access, r->kind == VIEW_WAY);
	if (p->once != NULL && show_is_marked(r))
		page_put(p, " <a href=\"#protected\" title=\"with protected names\">*</a>");
	page_put(p, "</span><span class=\"rule\">");
	if (r->kind != VIEW_WAY) {
		page_text(p, show_run_rule(p->s, r, run));
		page_put(p, " ");
		page_where(p, r->why.origin);
	}
	if (r->kind == VIEW_LIFTED)
		page_put(p, " <strong class=\"note\">lifts a protection</strong>");
	if (r->pattern != NULL && r->pattern->matches.len > 0)
		sbuf_printf(p->out, " <span class=\"note\">%zu match%s now</span>",
		    r->pattern->matches.len, r->pattern->matches.len == 1 ? "" : "es");
	if (show_denied(p->s, r) > 0)
		sbuf_printf(p->out, " <a class=\"acc d\" href=\"#denied\">%" PRIu64 " denied</a>",
		    show_denied(p->s, r));
	page_put(p, "</span>");
}

static bool
said_once(const struct page *p, const struct view_row *r)
{
	return p->once != NULL && show_is_name(r);
}

static void
item(struct page *p, const struct view_row *r, const char *labels, size_t run)
{
	bool more = false;
	for (size_t i = 0; i < r->nchild; i++)
		more |= !said_once(p, r->child[i]);
	page_put(p, more ? "<li><details open><summary class=\"row\">" : "<li><div class=\"row\">");
	row(p, r, labels, run);
	if (!more) {
		page_put(p, "</div></li>\n");
		return;
	}
	page_put(p, "</summary>\n<ul>\n");
	for (size_t i = 0; i < r->nchild; ) {
		size_t n = view_run(r, i);
		if (!said_once(p, r->child[i]))
			item(p, r->child[i], show_labels(p->s, r, i, n), n);
		i += n;
	}
	page_put(p, "</ul>\n</details></li>\n");
}

static void
legend(struct page *p)
{
	page_put(p, "<p class=\"quiet\">Only places where access changes are listed: what is not, has "
	    "the access of the nearest place above it. A deny pattern beats every place.</p>\n"
	    "<ul class=\"legend\" aria-label=\"legend\">\n");
	for (enum access access = ACCESS_WRITE; ; access--) {
		page_put(p, "<li>");
		access_word(p, access, false);
		sbuf_printf(p->out, " %s</li>\n", show_access_meaning(access));
		if (access == ACCESS_DENY)
			break;
	}
	page_put(p, "<li><span class=\"acc as\">dashed</span> as around it, listed for what is below"
	    "</li>\n</ul>\n");
}

static void
idle_and_pins(struct page *p)
{
	const struct view *v = p->s->view;
	if (v->nidle > 0) {
		page_put(p, "<h3>Entries that change nothing</h3>\n<ul class=\"plain\">\n");
		for (size_t i = 0; i < v->nidle; i++) {
			page_put(p, "<li><code>");
			page_text(p, show_idle(p->s, &v->idle[i]));
			page_put(p, "</code> ");
			page_where(p, v->idle[i].origin);
			page_put(p, "</li>\n");
		}
		page_put(p, "</ul>\n");
	}
	if (v->npin == 0)
		return;
	sbuf_printf(p->out, "<details class=\"more\"><summary>%zu place%s that can be used but neither "
	    "moved nor removed</summary>\n<ul class=\"plain\">\n", v->npin, v->npin == 1 ? "" : "s");
	for (size_t i = 0; i < v->npin; i++) {
		page_put(p, "<li><code>");
		page_path(p, v->pin[i]);
		page_put(p, "</code></li>\n");
	}
	page_put(p, "</ul>\n</details>\n");
}

static void
files(struct page *p)
{
	const struct view *v = p->s->view;
	const char *roots = show_roots(p->s);
	page_put(p, "<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files</h2>\n");
	legend(p);
	page_put(p, "<ul class=\"tree\">\n");
	for (size_t i = 0; i < v->ntop; i++)
		item(p, v->top[i], v->top[i]->label, 1);
	page_put(p, "</ul>\n");
	if (p->once != NULL) {
		page_put(p, "<p id=\"protected\">* In such a place <code>");
		page_text(p, p->once);
		page_put(p, "</code> are protected: they can be read, not changed.</p>\n");
	}
	if (roots != NULL) {
		page_put(p, "<p>");
		page_text(p, roots);
		page_put(p, "</p>\n");
	}
	idle_and_pins(p);
	page_put(p, "</section>\n");
}

/* ---- tables ---- */

static void
table_head(struct page *p)
{
	page_put(p, "<table>\n<thead><tr><th scope=\"col\">What holds</th><th scope=\"col\">Rule</th>"
	    "</tr></thead>\n<tbody>\n");
}

static void
facts(struct page *p, const char *id, const char *head, struct show_facts f)
{
	sbuf_printf(p->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, head);
	table_head(p);
	for (size_t i = 0; i < f.len; i++) {
		page_put(p, "<tr><td>");
		page_text(p, f.v[i].text);
		page_put(p, "</td><td>");
		page_where(p, f.v[i].origin);
		page_put(p, "</td></tr>\n");
	}
	page_put(p, "</tbody>\n</table>\n</section>\n");
}

static void
deviations(struct page *p, const struct artifact *art)
{
	size_t n = art->deviations.len;
	if (n == 0)
		return;
	if (n > OPEN_DEVIATIONS)
		sbuf_printf(p->out, "<details class=\"more\"><summary>%zu deviations</summary>\n", n);
	table_head(p);
	for (size_t i = 0; i < n; i++) {
		page_put(p, "<tr><td>");
		page_text(p, show_deviation_words(p->s, &art->deviations.v[i]));
		page_put(p, "</td><td>");
		page_where(p, art->deviations.v[i].origin);
		page_put(p, "</td></tr>\n");
	}
	page_put(p, "</tbody>\n</table>\n");
	if (n > OPEN_DEVIATIONS)
		page_put(p, "</details>\n");
}

static void
status(struct page *p, const struct artifact *art)
{
	bool wider = false;
	for (size_t i = 0; i < art->deviations.len; i++)
		wider |= art->deviations.v[i].direction == DEVIATION_WIDER;
	page_put(p, art->refused ? "<span class=\"acc d\">refused</span> " :
	    wider ? "<span class=\"acc w\">wider</span> " :
	    art->deviations.len > 0 ? "<span class=\"acc r\">narrower</span> " :
	    "<span class=\"acc r\">exact</span> ");
}

static void
backends(struct page *p)
{
	page_put(p, "<section aria-labelledby=\"backends\">\n<h2 id=\"backends\">Backends</h2>\n");
	for (size_t i = 0; i < p->s->nbackend; i++) {
		const struct show_backend *b = &p->s->backend[i];
		page_put(p, "<h3>");
		page_text(p, b->name);
		page_put(p, "</h3>\n<p>");
		status(p, &b->artifact);
		page_text(p, show_backend_words(p->s->a, b));
		if (b->artifact.refused) {
			page_put(p, " ");
			page_where(p, b->artifact.refusal.origin);
		}
		page_put(p, "</p>\n");
		deviations(p, &b->artifact);
	}
	page_put(p, "</section>\n");
}

static void
denials(struct page *p)
{
	struct show_denied_lines d = show_denied_lines(p->s);
	if (p->s->denials == NULL)
		return;
	page_put(p, "<section aria-labelledby=\"denied\">\n<h2 id=\"denied\">Denied</h2>\n");
	if (d.len == 0) {
		page_put(p, "<p>Nothing was denied.</p>\n</section>\n");
		return;
	}
	page_put(p, "<table>\n<thead><tr><th scope=\"col\">What was tried</th><th scope=\"col\">Rule</th>"
	    "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < d.len; i++) {
		page_put(p, "<tr><td>");
		page_path(p, d.v[i].what);
		page_put(p, "</td><td>");
		page_text(p, d.v[i].rule);
		page_put(p, "</td></tr>\n");
	}
	page_put(p, "</tbody>\n</table>\n</section>\n");
}

/* ---- the page ---- */

static void
head(struct page *p)
{
	const struct ir_policy *ir = p->s->bound->ir;
	page_put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "
	    "style-src &#39;unsafe-inline&#39;\">\n<title>");
	/* A title holds text only. */
	struct sbuf title = SBUF_INIT;
	show_safe(&title, ir->name, true);
	page_text(p, sbuf_str(&title));
	sbuf_free(&title);
	page_put(p, " - permission profile</title>\n<style>\n");
	for (size_t i = 0; i < NELEMS(show_style); i++)
		page_put(p, show_style[i]);
	page_put(p, "</style>\n</head>\n<body>\n<header>\n<p class=\"kind\">Permission profile</p>\n<h1>");
	page_text(p, ir->name);
	page_put(p, "</h1>\n");
	if (ir->description != NULL) {
		page_put(p, "<p class=\"lead\">");
		page_text(p, ir->description);
		page_put(p, "</p>\n");
	}
	page_put(p, "<p class=\"meta\">");
	page_text(p, p->s->subject->source_name);
	page_put(p, ", ");
	page_text(p, show_binding(p->s));
	page_put(p, "</p>\n");
	if (ir->unsandboxed)
		page_put(p, "<p class=\"alarm\">No sandbox: commands run under this profile without any "
		    "restriction.</p>\n");
	page_put(p, "</header>\n<main>\n");
}

void
show_html(const struct show *s, struct sbuf *out)
{
	struct page p = { .s = s, .out = out, .once = show_protected_once(s) };
	page_index_source(&p);
	head(&p);
	answer(&p);
	files(&p);
	denials(&p);
	facts(&p, "network", "Network", show_network(s));
	facts(&p, "sockets", "Unix sockets", show_sockets(s));
	facts(&p, "environment", "Environment", show_environment(s));
	backends(&p);
	page_source(&p);
	page_put(&p, "</main>\n<footer class=\"quiet\">Made by ");
	page_text(&p, artifact_compiler(s->a));
	page_put(&p, ".</footer>\n</body>\n</html>\n");
}
