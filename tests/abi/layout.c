/* SPDX-License-Identifier: Apache-2.0 */
#include <ktstr/abi/environment.h>
#include <ktstr/abi/library.h>
#include <ktstr/sdk.h>

#define KTSTR_CHECK(condition, message) _Static_assert(condition, message)
#include "layout.h"

/* KTSTR_HAS is what readers of another minor rely on. */
static const ktstr_error short_error = {8, 0, "", ""};
int ktstr_abi_has(void);
int ktstr_abi_has(void) {
  return KTSTR_HAS(ktstr_error, &short_error, code) && !KTSTR_HAS(ktstr_error, &short_error, message);
}
