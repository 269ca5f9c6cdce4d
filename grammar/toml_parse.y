/* SPDX-License-Identifier: Apache-2.0 */
/* toml_parse.y - the grammar of TOML 1.0; actions only build nodes */

%code top {
#include <config.h>
}

%code requires {
#include "toml_ctx.h"
}

%code provides {
/* The scanner has reported an error: recover, and say nothing. */
enum { TOK_REPORTED = TOK_TOML_YYerror };

int	toml_yylex(union TOML_YYSTYPE *, struct span *, void *scanner);
}

%code {
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "sbuf.h"
#include "source.h"
#include "toml_repair.h"
#include "toml_report.h"
#include "toml_scan.h"
#include "toml_tree.h"

static void	toml_yyerror(const struct span *, void *, struct toml_ctx *,
    const char *);

/* From the first symbol to the last; nothing is at the end of what is before. */
#define YYLLOC_DEFAULT(cur, rhs, n) do {				\
	(cur).start = (n) > 0 ? YYRHSLOC(rhs, 1).start : YYRHSLOC(rhs, 0).end; \
	(cur).end = YYRHSLOC(rhs, n).end;				\
} while (0)

/* A limit was met: the tree is of no use. */
#define TRY(call)	do { if (!(call)) YYABORT; } while (0)
}

%define api.pure full
%define api.prefix {toml_yy}
%define api.token.prefix {TOK_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%param {void *scanner}
%parse-param {struct toml_ctx *x}
%expect 0

%initial-action {
	@$ = (struct span){ x->src->base, x->src->base };
}

%union {
	struct toml_part	part;
	struct toml_path	path;
	struct toml_value	value;
}

/* In the order in which messages list them. */
%token END 0		"end of file"
%token <value> STRING	"string"
%token <value> INTEGER	"integer"
%token <value> FLOAT	"float"
%token <value> BOOLEAN	"boolean"
%token <value> DATETIME	"date or time"
%token <part> KEY	"key"
%token COMMA		","
%token RBRACKET		"]"
%token RR		"]]"
%token RBRACE		"}"
%token DOT		"."
%token EQUALS		"="
%token LBRACKET		"["
%token LL		"[["
%token LBRACE		"{"
%token NEWLINE		"newline"
/* A word where no value can stand; the scanner does not judge it. */
%token TEXT		"text"
/* What is parsed: a document, or one `KEY=VALUE' with a value or with text. */
%token OVERRIDE OVERRIDE_TEXT
%token <value> RAW

%type <path> path
%type <value> value scalar array items inline pairs

%%

input:	document
|	OVERRIDE path "=" value
		{ TRY(toml_tree_pair(x, &$2, $4)); }
|	OVERRIDE_TEXT path "=" RAW
		{ TRY(toml_tree_pair(x, &$2, $4)); }
;

document:
	line
|	document newline line
;

newline:
	NEWLINE			{ yyerrok; }
;

line:	%empty
|	path "=" value
		{ TRY(toml_tree_pair(x, &$1, $3)); }
|	"[" path "]"
		{ TRY(toml_tree_header(x, &$2, false, @$)); }
|	"[[" path "]]"
		{ TRY(toml_tree_header(x, &$2, true, @$)); }
|	"[" error
		{ TRY(toml_tree_header_lost(x, NULL, false, @$)); }
|	"[[" error
		{ TRY(toml_tree_header_lost(x, NULL, true, @$)); }
|	"[[" path error
		{ TRY(toml_tree_header_lost(x, &$2, true, @$)); }
|	error
;

path:	KEY
		{ $$ = (struct toml_path){ 0 }; TRY(toml_tree_part(x, &$$, $1)); }
|	path "." KEY
		{ $$ = $1; TRY(toml_tree_part(x, &$$, $3)); }
;

value:	scalar
|	array			{ $$ = $1; $$.node->span = @1; }
|	inline			{ $$ = $1; $$.node->span = @1; }
;

scalar:	STRING | INTEGER | FLOAT | BOOLEAN | DATETIME
;

array:	"[" "]"			{ $$ = toml_tree_array(x); }
|	"[" items "]"		{ $$ = $2; }
|	"[" items "," "]"	{ $$ = $2; }
|	"[" error junk "]"	{ $$ = toml_tree_array(x); }
;

items:	value
		{ $$ = toml_tree_array(x); TRY(toml_tree_array_item(x, &$$, $1)); }
|	items "," value
		{ $$ = $1; TRY(toml_tree_array_item(x, &$$, $3)); }
;

inline:	"{" "}"			{ $$ = toml_tree_inline(x); }
|	"{" pairs "}"		{ $$ = $2; }
|	"{" error junk "}"	{ $$ = toml_tree_inline(x); }
;

pairs:	path "=" value
		{
			$$ = toml_tree_inline(x);
			TRY(toml_tree_inline_pair(x, &$$, &$1, $3));
		}
|	pairs "," path "=" value
		{ $$ = $1; TRY(toml_tree_inline_pair(x, &$$, &$3, $5)); }
;

/*
 * What is skipped inside a bracket after a fault, up to its end.  The scanner
 * sees to it that brackets come in pairs (toml_repair.h).
 */
junk:	%empty
|	junk scalar
|	junk KEY
|	junk TEXT
|	junk ","
|	junk "."
|	junk "="
|	junk "[" junk "]"
|	junk "{" junk "}"
|	junk error
;

%%

/* Called only where the parser's own stack cannot grow. */
static void
toml_yyerror(const struct span *span, void *scanner, struct toml_ctx *x,
    const char *why)
{
	(void)span, (void)scanner, (void)x, (void)why;
	out_of_memory();
}

/* A set of symbols, as bison tells it. */
struct expected {
	bool	 has[YYNTOKENS];
	int	 n;
};

static bool
drop(struct expected *e, yysymbol_kind_t kind)
{
	bool had = e->has[kind];

	e->has[kind] = false;
	e->n -= had;
	return had;
}

static bool
is_punctuation(yysymbol_kind_t kind)
{
	return kind >= YYSYMBOL_COMMA && kind <= YYSYMBOL_LBRACE;
}

static void
list(struct sbuf *b, const char *quote, const char *item, int *left)
{
	if (b->len > 0)
		sbuf_puts(b, *left == 1 ? " or " : ", ");
	sbuf_printf(b, "%s%s%s", quote, item, quote);
	--*left;
}

/* Sets of tokens that mean one thing to the reader become one phrase. */
static void
list_expected(struct sbuf *b, struct expected e)
{
	bool value = drop(&e, YYSYMBOL_STRING);
	bool header = !value && drop(&e, YYSYMBOL_LL);
	bool key = drop(&e, YYSYMBOL_KEY);
	bool newline = drop(&e, YYSYMBOL_NEWLINE), eof = drop(&e, YYSYMBOL_YYEOF);
	bool end = (newline || eof) && !header;

	drop(&e, YYSYMBOL_OVERRIDE);
	drop(&e, YYSYMBOL_OVERRIDE_TEXT);
	if (value) {
		drop(&e, YYSYMBOL_INTEGER);
		drop(&e, YYSYMBOL_FLOAT);
		drop(&e, YYSYMBOL_BOOLEAN);
		drop(&e, YYSYMBOL_DATETIME);
		drop(&e, YYSYMBOL_LBRACE);
	}
	if (value || header)
		drop(&e, YYSYMBOL_LBRACKET);
	int left = e.n + value + header + key + end;
	if (value)
		list(b, "", "a value", &left);
	if (key)
		list(b, "", "a key", &left);
	if (header)
		list(b, "", "a [table]", &left);
	for (int i = 0; i < YYNTOKENS; i++)
		if (e.has[i])
			list(b, is_punctuation((yysymbol_kind_t)i) ? "'" : "",
			    yysymbol_name((yysymbol_kind_t)i), &left);
	if (end)
		list(b, "", "the end of the line", &left);
}

/* What was probably meant; NULL: nothing in particular. */
static const char *
hint(const struct expected *e, yysymbol_kind_t got, const char *begin,
    const char *end)
{
	bool line_end = got == YYSYMBOL_NEWLINE || got == YYSYMBOL_YYEOF;

	if (e->has[YYSYMBOL_EQUALS]) {
		if (line_end)
			return "write KEY = VALUE";
		end += strspn(end, " \t");
		if (got == YYSYMBOL_KEY && (*end == '=' || *end == '.'))
			return "quote a key as a whole";
		return got == YYSYMBOL_LBRACKET || got == YYSYMBOL_LBRACE ||
		    *begin == '"' || *begin == '\'' ?
		    "is a '=' missing before this?" : NULL;
	}
	if (e->has[YYSYMBOL_STRING]) {
		if (got == YYSYMBOL_EQUALS)
			return "one '=' joins key and value";
		return got == YYSYMBOL_COMMA && e->has[YYSYMBOL_RBRACKET] ?
		    "remove this comma" : NULL;
	}
	if (e->has[YYSYMBOL_RR])
		return got == YYSYMBOL_RBRACKET ? "close it with ]]" :
		    got == YYSYMBOL_KEY ? "quote a key as a whole" : NULL;
	if (e->has[YYSYMBOL_DOT] && got == YYSYMBOL_KEY)
		return "quote a key as a whole";
	if (got == YYSYMBOL_TEXT && begin[-1] == '"')
		return "inside a string, a quotation mark is written \\\"";
	if (e->has[YYSYMBOL_COMMA])
		return line_end ? NULL : "is a ',' missing before this?";
	if (e->has[YYSYMBOL_KEY])
		return got == YYSYMBOL_RBRACE ?
		    "an inline table must not end with a comma" :
		    got == YYSYMBOL_COMMA ? "remove this comma" :
		    got == YYSYMBOL_EQUALS ? "a key is missing before this" : NULL;
	if (e->has[YYSYMBOL_NEWLINE] && got == YYSYMBOL_COMMA)
		return "only inline tables and arrays have commas";
	if (e->has[YYSYMBOL_NEWLINE] && (got == YYSYMBOL_TEXT || got == YYSYMBOL_KEY))
		return "each pair and each header has a line of its own";
	return NULL;
}

static int
yyreport_syntax_error(const yypcontext_t *at, void *scanner, struct toml_ctx *x)
{
	yysymbol_kind_t got = yypcontext_token(at), kinds[YYNTOKENS];
	const struct span *span = yypcontext_location(at);
	struct expected e = { .n = 0 };
	struct sbuf b = SBUF_INIT;

	(void)scanner;
	if (span->start < x->quiet_until)
		return 0;
	int n = yypcontext_expected_tokens(at, kinds, YYNTOKENS);
	if (n < 0)
		out_of_memory();
	for (int i = 0; i < n; i++)
		e.has[kinds[i]] = true;
	e.n = n;
	list_expected(&b, e);

	const char *name = yysymbol_name(got), *quote = is_punctuation(got) ? "'" : "";
	if (got == YYSYMBOL_YYEOF && x->override)
		name = "end of the argument";
	struct diag *d = toml_report_syntax(x, D_TOML_SYNTAX, *span,
	    "unexpected %s%s%s, expected %s", quote, name, quote, sbuf_str(&b));
	const char *meant = hint(&e, got, x->src->text + (span->start - x->src->base),
	    x->src->text + (span->end - x->src->base));
	if (meant != NULL)
		toml_report_hint(x, d, "%s", meant);
	if (got == YYSYMBOL_NEWLINE)
		toml_repair_line_cut(x, span->end, e.has[YYSYMBOL_STRING]);
	sbuf_free(&b);
	return 0;
}

/*
 * One run over the first `len' bytes of the text.  `first' chooses what is
 * parsed, 0 is a document.  Returns the root, also where there were errors
 * (x->errors), or NULL after a limit.
 */
static struct toml_node *
run(struct toml_ctx *x, size_t len, int first)
{
	toml_tree_begin(x);
	toml_scan_begin(x, len);
	x->scan.first = first;
	x->scan.raw = first == TOK_OVERRIDE_TEXT;
	x->override = first != 0;
	/* The status says no more than x->errors and x->limit do. */
	toml_yyparse(x->scan.flex, x);
	toml_scan_end(x);
	return x->limit ? NULL : x->root;
}

struct toml_node *
toml_parse(struct arena *a, struct diags *diags, const struct source *src)
{
	struct toml_ctx x = { .arena = a, .diags = diags, .src = src };

	return run(&x, src->len, 0);
}

struct toml_node *
toml_parse_override(struct arena *a, struct diags *diags, const struct source *src)
{
	size_t len = src->len;

	while (len > 0 && strchr(" \t\r\n", src->text[len - 1]) != NULL)
		len--;

	/* What this attempt has to say is not wanted. */
	struct arena *scratch = arena_new();
	struct toml_ctx value = {
		.arena = a, .src = src, .only_one = true,
		.diags = diags_new(scratch, diags_sources(diags)),
	};
	struct toml_node *root = run(&value, len, TOK_OVERRIDE);
	arena_free(scratch);
	if (root != NULL && value.errors == 0)
		return root;

	struct toml_ctx text = {
		.arena = a, .src = src, .only_one = true, .diags = diags,
	};
	root = run(&text, len, TOK_OVERRIDE_TEXT);
	return text.errors == 0 ? root : NULL;
}
