# SPDX-License-Identifier: Apache-2.0
# CDXP_DEPFILES: the empty dependency files that make's include lines ask for
#
# Automake's config.status makes them too, with several processes for each of
# some five hundred, and passes over what is there: half of configure's time.
AC_DEFUN([CDXP_DEPFILES], [
AS_IF([test "x$AMDEP_TRUE" = x],
    [sed -n 's/.*@am__quote@\(.*\)@am__quote@ # am--include-marker.*/\1/p' "$srcdir/Makefile.in" |
	sed "s/\$(DEPDIR)/$DEPDIR/" > conftest.deps
    sed 's,/@<:@^/@:>@*$,,' conftest.deps | sort -u | xargs mkdir -p
    awk '(getline line < @S|@0) < 0 { print "# dummy" > @S|@0 } { close(@S|@0) }' conftest.deps
    rm -f conftest.deps])])
