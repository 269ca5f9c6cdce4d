/* SPDX-License-Identifier: Apache-2.0 */
/* win32.h - what every file for Windows needs: wide text, paths, errors in words */
#ifndef CDXP_WIN32_H
#define CDXP_WIN32_H

#include <windows.h>

#include "base.h"

struct arena;

/* Text of ours for Windows; NULL where it is not UTF-8. */
wchar_t	*win32_wide(struct arena *, const char *);
/* And back, of NUL-terminated text; NULL where a surrogate stands alone. */
char	*win32_utf8(struct arena *, const wchar_t *);

/* A path in our form (native_path.h) as "\\?\..."; NULL, with errno ENOENT, where no file can be meant. */
wchar_t	*win32_path(struct arena *, const char *path);

/* GetFinalPathNameByHandleW() in our form; NULL with errno, ENOTSUP for a volume without a letter. */
char	*win32_final_path(struct arena *, HANDLE);

/* An error of Windows as one of C: what is not there is ENOENT, what is not known EIO. */
int	win32_errno(DWORD error);
/* "Access is denied (5)", in the arena: what the system says, on one line. */
const char *win32_error_text(struct arena *, DWORD error);

#endif
