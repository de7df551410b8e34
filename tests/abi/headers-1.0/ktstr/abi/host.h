/* SPDX-License-Identifier: Apache-2.0 */
/* What the host offers to plugins. */
#ifndef KTSTR_ABI_HOST_H
#define KTSTR_ABI_HOST_H

#include <ktstr/abi/base.h>
#include <ktstr/abi/version.h>

#define KTSTR_LOG_DEBUG 0
#define KTSTR_LOG_INFO 1
#define KTSTR_LOG_WARNING 2
#define KTSTR_LOG_ERROR 3

/* The host as one instance sees it, or (in `init`) the plugin as a whole: what it says through it carries the
 * names of both. Valid until `deinit` returns. */
typedef struct ktstr_host {
  uint32_t size;
  uint16_t abi_major, abi_minor; /* of the host: KTSTR_ABI_MAJOR, KTSTR_ABI_MINOR it was built with */
  void* ctx;                     /* the host's; pass it back through `host` only */
  ktstr_str name, version;       /* "ktstr", its release */
  ktstr_str instance;            /* what messages call it: "gate fdr"; in `init` "plugin org.example.x" */

  /* One line for the log (stderr), without line feed; the host puts the names of instance and plugin in
   * front. Never write to stdout or stderr yourself. [any-thread] */
  void (*log)(const struct ktstr_host* host, int32_t level, ktstr_str message) KTSTR_NOEXCEPT;

  /* Non-zero once the user asked to stop; long calls return KTSTR_CANCELLED soon after. [any-thread] */
  int32_t (*cancelled)(const struct ktstr_host* host) KTSTR_NOEXCEPT;

  /* An optional host service by id, or null. None is defined in 1.0. [any-thread] */
  const void* (*extension)(const struct ktstr_host* host, const char* id)KTSTR_NOEXCEPT;
} ktstr_host;

#endif
