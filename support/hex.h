/* SPDX-License-Identifier: Apache-2.0 */
/* hex.h - hexadecimal digits, whatever the locale */
#ifndef CDXP_HEX_H
#define CDXP_HEX_H

/* The value of a digit, 0 to 15, in either case; -1: it is none. */
static inline int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
