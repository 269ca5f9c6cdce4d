/* SPDX-License-Identifier: Apache-2.0 */
/* toml_token.c - the scanner on its own, without the parser */
#include <config.h>

#include "toml_token.h"

#include "arena.h"
#include "source.h"
#include "toml_ctx.h"
#include "toml_parse.h"
#include "toml_scan.h"

/* The kind of what the scanner calls by `token'; -1: it has no place in a valid text. */
static int
kind_of(int token)
{
	switch (token) {
	case TOK_END:		return TOML_TOKEN_END;
	case TOK_KEY:		return TOML_TOKEN_KEY;
	case TOK_STRING:
	case TOK_INTEGER:
	case TOK_FLOAT:
	case TOK_BOOLEAN:
	case TOK_DATETIME:	return TOML_TOKEN_SCALAR;
	case TOK_DOT:		return TOML_TOKEN_DOT;
	case TOK_EQUALS:	return TOML_TOKEN_EQUALS;
	case TOK_COMMA:		return TOML_TOKEN_COMMA;
	case TOK_LBRACKET:	return TOML_TOKEN_OPEN_ARRAY;
	case TOK_RBRACKET:	return TOML_TOKEN_CLOSE_ARRAY;
	case TOK_LL:		return TOML_TOKEN_OPEN_ARRAY_HEADER;
	case TOK_RR:		return TOML_TOKEN_CLOSE_ARRAY_HEADER;
	case TOK_LBRACE:	return TOML_TOKEN_OPEN_TABLE;
	case TOK_RBRACE:	return TOML_TOKEN_CLOSE_TABLE;
	case TOK_NEWLINE:	return TOML_TOKEN_NEWLINE;
	default:		return -1;
	}
}

int
toml_tokens(struct arena *a, struct diags *d, const struct source *src, struct toml_tokens *out)
{
	struct toml_ctx x = { .arena = a, .diags = d, .src = src };
	int kind;

	*out = (struct toml_tokens){ NULL, 0, 0 };
	toml_scan_begin(&x, src->len);
	do {
		union TOML_YYSTYPE value = { .part = { .next = NULL } };
		struct toml_token t = { .span = { 0, 0 } };
		kind = kind_of(toml_yylex(&value, &t.span, x.scan.flex));
		if (kind < 0)
			break;
		t.kind = (enum toml_token_kind)kind;
		if (t.kind == TOML_TOKEN_KEY)
			t.name = value.part.name;
		else if (t.kind == TOML_TOKEN_SCALAR)
			t.scalar = value.value.node;
		VEC_PUSH(a, out, t);
	} while (kind != TOML_TOKEN_END);
	toml_scan_end(&x);
	return kind < 0 || x.errors > 0 ? -1 : 0;
}
