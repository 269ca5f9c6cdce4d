/* SPDX-License-Identifier: Apache-2.0 */
/* toml_date.c - dates and times as RFC 3339 writes them */
#include <config.h>

#include "toml_date.h"

#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "toml_ctx.h"
#include "toml_report.h"

struct when {
	const char	*p;
	size_t		 len;
	size_t		 i;
	bool		 date, time, offset;
	unsigned	 year, month, day, hour, minute, second;
	int		 offset_minutes;
	char		 why[64];	/* a range that is wrong, or "" */
};

static bool
digit_at(const struct when *w, size_t i)
{
	return i < w->len && w->p[i] >= '0' && w->p[i] <= '9';
}

bool
toml_date_looks_like(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && p[i] >= '0' && p[i] <= '9')
		i++;
	return i > 0 && i < len && (p[i] == '-' || p[i] == ':');
}

static bool
take(struct when *w, char c)
{
	if (w->i >= w->len || w->p[w->i] != c)
		return false;
	w->i++;
	return true;
}

static bool
take_digits(struct when *w, unsigned n, unsigned *value)
{
	*value = 0;
	for (; n > 0; n--, w->i++) {
		if (!digit_at(w, w->i))
			return false;
		*value = *value * 10 + (unsigned)(w->p[w->i] - '0');
	}
	return true;
}

static void
check(struct when *w, const char *what, unsigned value, unsigned low, unsigned high)
{
	if (w->why[0] == '\0' && (value < low || value > high))
		snprintf(w->why, sizeof(w->why), "%s %02u is not in %02u to %02u",
		    what, value, low, high);
}

static unsigned
days_in(unsigned year, unsigned month)
{
	static const unsigned char days[] =
	    { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool
take_date(struct when *w)
{
	w->date = true;
	if (!take_digits(w, 4, &w->year) || !take(w, '-') ||
	    !take_digits(w, 2, &w->month) || !take(w, '-') ||
	    !take_digits(w, 2, &w->day))
		return false;
	check(w, "month", w->month, 1, 12);
	if (w->why[0] == '\0')
		check(w, "day", w->day, 1, days_in(w->year, w->month));
	return true;
}

static bool
take_time(struct when *w)
{
	w->time = true;
	if (!take_digits(w, 2, &w->hour) || !take(w, ':') ||
	    !take_digits(w, 2, &w->minute) || !take(w, ':') ||
	    !take_digits(w, 2, &w->second))
		return false;
	if (take(w, '.')) {
		if (!digit_at(w, w->i))
			return false;
		while (digit_at(w, w->i))
			w->i++;
	}
	check(w, "hour", w->hour, 0, 23);
	check(w, "minute", w->minute, 0, 59);
	check(w, "second", w->second, 0, 60);
	return true;
}

static bool
take_offset(struct when *w)
{
	unsigned hour, minute;

	w->offset = true;
	if (take(w, 'Z') || take(w, 'z'))
		return true;
	bool minus = w->p[w->i] == '-';
	w->i++;
	if (!take_digits(w, 2, &hour) || !take(w, ':') || !take_digits(w, 2, &minute))
		return false;
	check(w, "offset hour", hour, 0, 23);
	check(w, "offset minute", minute, 0, 59);
	w->offset_minutes = (int)(hour * 60 + minute) * (minus ? -1 : 1);
	return true;
}

/* RFC 3339, 5.7: a second 60 is the last of a day in UTC. */
static void
check_leap_second(struct when *w)
{
	if (w->second != 60 || !w->offset || w->why[0] != '\0')
		return;
	int utc = (int)(w->hour * 60 + w->minute) - w->offset_minutes;
	if ((utc + 2 * 1440) % 1440 != 1439)
		snprintf(w->why, sizeof(w->why),
		    "a leap second is at 23:59:60 in UTC");
}

/* The whole text has the form of one of the four kinds. */
static bool
take_all(struct when *w)
{
	bool date = false;

	for (size_t i = 0; !date && i < w->len && w->p[i] != ':'; i++)
		date = w->p[i] == '-';
	if (!date)
		return take_time(w) && w->i == w->len;
	if (!take_date(w))
		return false;
	if (w->i == w->len)
		return true;
	if (!take(w, 'T') && !take(w, 't') && !take(w, ' '))
		return false;
	if (!take_time(w))
		return false;
	if (w->i < w->len && strchr("Zz+-", w->p[w->i]) != NULL && !take_offset(w))
		return false;
	return w->i == w->len;
}

bool
toml_date_read(struct toml_ctx *x, const char *p, size_t len, struct span span,
    struct toml_node *out)
{
	struct when w = { .p = p, .len = len };

	if (!take_all(&w)) {
		struct diag *d = toml_report_syntax(x, D_TOML_VALUE, span,
		    "invalid date or time %s",
		    toml_report_quote(x, (struct slice){ p, len }));
		toml_report_hint(x, d, "dates are written 2006-01-02, times 15:04:05, "
		    "both 2006-01-02T15:04:05Z");
		return false;
	}
	check_leap_second(&w);
	if (w.why[0] != '\0')
		toml_report_value(x, D_TOML_DATE, span, "%s", w.why);

	char *text = arena_strndup(x->arena, p, len);
	if (w.date && w.time)
		text[10] = 'T';
	if (text[len - 1] == 'z')
		text[len - 1] = 'Z';
	out->type = !w.date ? TOML_TIME_LOCAL : !w.time ? TOML_DATE_LOCAL :
	    w.offset ? TOML_DATETIME : TOML_DATETIME_LOCAL;
	out->string = (struct slice){ text, len };
	return true;
}
