/* SPDX-License-Identifier: Apache-2.0 */
/* sbpl_parse.y - the grammar of SBPL's forms; actions only build nodes */

%code top {
#include <config.h>
}

%code requires {
#include "sbpl_ctx.h"
}

%code provides {
/* The scanner has reported an error: recover, and say nothing. */
enum { TOK_REPORTED = TOK_SBPL_YYerror };

int	sbpl_yylex(union SBPL_YYSTYPE *, struct span *, void *scanner);
}

%code {
#include "arena.h"
#include "diag.h"
#include "source.h"

static void	sbpl_yyerror(const struct span *, void *, struct sbpl_ctx *,
    const char *);

/* From the first symbol to the last; nothing is at the end of what is before. */
#define YYLLOC_DEFAULT(cur, rhs, n) do {				\
	(cur).start = (n) > 0 ? YYRHSLOC(rhs, 1).start : YYRHSLOC(rhs, 0).end; \
	(cur).end = YYRHSLOC(rhs, n).end;				\
} while (0)

/* A limit was met: the forms are of no use. */
#define TRY(form)	do { if ((form) == NULL) YYABORT; } while (0)
}

%define api.pure full
%define api.prefix {sbpl_yy}
%define api.token.prefix {TOK_}
%define api.location.type {struct span}
%define parse.error custom
%param {void *scanner}
%parse-param {struct sbpl_ctx *x}
%expect 0

%initial-action {
	@$ = (struct span){ x->src->base, x->src->base };
}

%union {
	struct sbpl_form	*form;
	struct sbpl_chain	 chain;
	const char		*symbol;
}

%token END 0		"end of file"
%token OPEN		"("
%token CLOSE		")"
%token <symbol> QUOTE	"quote"
%token <form> ATOM	"form"
/* Never part of a text: the scanner met a limit. */
%token LIMIT		"limit"

%type <form> form
%type <chain> forms

%%

text:	forms
		{ x->root = sbpl_form_list(x, &$1, @$); TRY(x->root); }
;

forms:	%empty			{ $$ = (struct sbpl_chain){ .len = 0 }; }
|	forms form		{ $$ = $1; sbpl_form_append(&$$, $2); }
|	forms error		{ $$ = $1; if (x->limit) YYABORT; }
;

form:	ATOM
|	"(" forms ")"		{ $$ = sbpl_form_list(x, &$2, @$); TRY($$); }
|	QUOTE form		{ $$ = sbpl_form_quoted(x, $1, $2, @$); TRY($$); }
;

%%

/* Called only where the parser's own stack cannot grow. */
static void
sbpl_yyerror(const struct span *span, void *scanner, struct sbpl_ctx *x,
    const char *why)
{
	(void)scanner, (void)why;
	diag_add(x->diags, D_SBPL_DEPTH, *span, "too much is nested here");
	x->limit = true;
}

/* The scanner pairs parentheses; what is left is a quote before nothing. */
static int
yyreport_syntax_error(const yypcontext_t *at, void *scanner, struct sbpl_ctx *x)
{
	(void)scanner;
	if (!x->limit)
		diag_add(x->diags, D_SBPL_SYNTAX, *yypcontext_location(at),
		    "a quote must stand before a form");
	return 0;
}

struct sbpl_form *
sbpl_parse(struct arena *a, struct diags *diags, const struct source *src)
{
	struct sbpl_ctx x = { .arena = a, .diags = diags, .src = src };

	sbpl_scan_begin(&x);
	/* Where the status is bad the root was not made. */
	sbpl_yyparse(x.flex, &x);
	sbpl_scan_end(&x);
	return x.limit ? NULL : x.root;
}
