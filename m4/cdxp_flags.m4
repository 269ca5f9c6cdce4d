# SPDX-License-Identifier: Apache-2.0
# CDXP_COMPILE_FLAGS(VARIABLE, FLAGS): append each flag that $CC takes without a word
AC_DEFUN([CDXP_COMPILE_FLAGS], [
for cdxp_flag in $2; do
	AC_MSG_CHECKING([whether $CC accepts $cdxp_flag])
	cdxp_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $cdxp_flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
	    [AC_MSG_RESULT([yes])
	    AS_VAR_APPEND([$1], [" $cdxp_flag"])],
	    [AC_MSG_RESULT([no])])
	CFLAGS=$cdxp_save_CFLAGS
done
AC_SUBST([$1])])

# CDXP_LINK_FLAGS(VARIABLE, FLAGS): the same for the linker
AC_DEFUN([CDXP_LINK_FLAGS], [
for cdxp_flag in $2; do
	AC_MSG_CHECKING([whether the linker accepts $cdxp_flag])
	cdxp_save_LDFLAGS=$LDFLAGS
	LDFLAGS="$LDFLAGS $cdxp_flag"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
	    [AC_MSG_RESULT([yes])
	    AS_VAR_APPEND([$1], [" $cdxp_flag"])],
	    [AC_MSG_RESULT([no])])
	LDFLAGS=$cdxp_save_LDFLAGS
done
AC_SUBST([$1])])

# CDXP_LINK_START(NAME, WHAT, LIBS, FLAGS): cdxp_NAME=yes where a program that uses both
# libraries of cdxp-run links so
AC_DEFUN([CDXP_LINK_START], [
AC_MSG_CHECKING([whether cdxp-run can be linked with $2])
cdxp_save_LIBS=$LIBS cdxp_save_CFLAGS=$CFLAGS cdxp_save_LDFLAGS=$LDFLAGS
LIBS="$3" CFLAGS="$CFLAGS $CJSON_CFLAGS $SODIUM_CFLAGS" LDFLAGS="$LDFLAGS $4"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <cjson/cJSON.h>
	#include <sodium.h>]],
	[[unsigned char h[crypto_hash_sha256_BYTES];
	return crypto_hash_sha256(h, h, 0) != 0 || cJSON_Parse("") != 0;]])],
    [cdxp_$1=yes], [cdxp_$1=no])
LIBS=$cdxp_save_LIBS CFLAGS=$cdxp_save_CFLAGS LDFLAGS=$cdxp_save_LDFLAGS
AC_MSG_RESULT([$cdxp_$1])])
