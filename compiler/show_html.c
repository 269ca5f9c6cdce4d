#include <config.h>
#include "show.h"
void
show_html(const struct show *s, struct sbuf *out)
{
	(void)s; (void)out;
}
