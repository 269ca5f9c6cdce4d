# SPDX-License-Identifier: Apache-2.0
# CDXP_TAKES(TRY, IN, VARIABLE, FLAGS, WITH): append FLAGS to VARIABLE where TRY, one of
# autoconf's macros, does with these and WITH added to IN; cdxp_taken says whether
AC_DEFUN([CDXP_TAKES], [
AC_MSG_CHECKING([whether $CC accepts $4])
cdxp_saved=$$2
$2="$$2 $5 $4"
$1([AC_LANG_PROGRAM([], [])], [cdxp_taken=yes], [cdxp_taken=no])
$2=$cdxp_saved
AC_MSG_RESULT([$cdxp_taken])
AS_IF([test $cdxp_taken = yes], [AS_VAR_APPEND([$3], [" $4"])])])

# CDXP_FLAGS(TRY, IN, VARIABLE, FLAGS, WITH): the same with each flag for itself, where they
# are not taken all at once
AC_DEFUN([CDXP_FLAGS], [
CDXP_TAKES([$1], [$2], [$3], m4_normalize([$4]), [$5])
AS_IF([test $cdxp_taken = no],
    [for cdxp_flag in m4_normalize([$4]); do
	CDXP_TAKES([$1], [$2], [$3], [$cdxp_flag], [$5])
    done])
AC_SUBST([$3])])

# CDXP_COMPILE_FLAGS(VARIABLE, FLAGS): append each flag that $CC takes without a word
AC_DEFUN([CDXP_COMPILE_FLAGS], [CDXP_FLAGS([AC_COMPILE_IFELSE], [CFLAGS], [$1], [$2], [-Werror])])

# CDXP_LINK_FLAGS(VARIABLE, FLAGS): the same for the linker
AC_DEFUN([CDXP_LINK_FLAGS], [CDXP_FLAGS([AC_LINK_IFELSE], [LDFLAGS], [$1], [$2], [])])

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
