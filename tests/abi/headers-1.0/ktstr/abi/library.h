/* SPDX-License-Identifier: Apache-2.0 */
/* Where a plugin's own files lie: a service that the host hands out by `extension`. */
#ifndef KTSTR_ABI_LIBRARY_H
#define KTSTR_ABI_LIBRARY_H

#include <ktstr/abi/host.h>

#define KTSTR_LIBRARY_SERVICE "ktstr.library/1"

typedef struct ktstr_library_service {
  uint32_t size;
  uint32_t reserved;

  /* Where the library of the plugin with that id was found: an absolute path, empty when there is no such
   * plugin. This, not the dynamic linker, tells a plugin where to look for files beside itself: one that is
   * trusted by its hash is loaded from a copy in memory. The text is valid until `deinit` returns.
   * [any-thread] */
  ktstr_str (*path)(const ktstr_host* host, ktstr_str plugin_id) KTSTR_NOEXCEPT;
} ktstr_library_service;

#endif
