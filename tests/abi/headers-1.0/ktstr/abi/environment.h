/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment of the process says, and what must not be shown: a service that the host hands out by
 * `extension`. For plugins that follow somebody else's conventions (AWS_PROFILE, HTTPS_PROXY); an option of
 * the plugin itself is better said in the configuration. */
#ifndef KTSTR_ABI_ENVIRONMENT_H
#define KTSTR_ABI_ENVIRONMENT_H

#include <ktstr/abi/host.h>

#define KTSTR_ENVIRONMENT_SERVICE "ktstr.environment/1"

#define KTSTR_VARIABLE_SECRET 1u /* nothing that ktstr shows has the value in it from now on */

typedef struct ktstr_environment_service {
  uint32_t size;
  uint32_t reserved;

  /* Writes the value of a variable; KTSTR_NOT_FOUND when it is unset, or when the process runs with raised
   * privileges. `flags`: KTSTR_VARIABLE_SECRET. [any-thread] */
  ktstr_status (*variable)(const ktstr_host* host, ktstr_str name, uint32_t flags,
                           const ktstr_writer* out) KTSTR_NOEXCEPT;

  /* A text that was got elsewhere (from a file, from a server) and is shown as "***" from now on, in whatever
   * a plugin says. [any-thread] */
  void (*conceal)(const ktstr_host* host, ktstr_str secret) KTSTR_NOEXCEPT;
} ktstr_environment_service;

#endif
