/* SPDX-License-Identifier: Apache-2.0 */
/* acl_store_win32.h - the files of Windows behind the interface of acl_store.h */
#ifndef CDXP_ACL_STORE_WIN32_H
#define CDXP_ACL_STORE_WIN32_H

#include "acl_store.h"

struct acl_store *acl_store_win32(void);
void	acl_store_win32_free(struct acl_store *);	/* NULL is allowed */

#endif
