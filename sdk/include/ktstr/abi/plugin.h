/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin is a shared object with one exported symbol, ktstr_plugin_entry_v1, and a manifest
 * NAME.ktstr-plugin.json beside it that says the same things, so that listing plugins never runs their code.
 * One plugin may offer several implementations, of one kind or of several.
 */
#ifndef KTSTR_ABI_PLUGIN_H
#define KTSTR_ABI_PLUGIN_H

#include <ktstr/abi/host.h>

/* One implementation: something the configuration can select by kind and name. */
typedef struct ktstr_impl {
  uint32_t size;
  uint32_t flags;           /* 0 */
  const char* interface_id; /* one of KTSTR_*_INTERFACE; NUL-terminated */
  ktstr_str name;           /* what a configuration says: "welch"; [a-z0-9-]+ */
  ktstr_str summary;        /* one line for `ktstr plugin list` */
  ktstr_str options_schema; /* JSON Schema of `options`, or empty when it takes none */

  /* Makes an instance. `options` is a JSON object ("{}" when the configuration has none); an unknown option
   * is KTSTR_INVALID_ARGUMENT with a message that names it. `*self` is set on success only. [any-thread] */
  ktstr_status (*create)(const ktstr_host* host, ktstr_str options, void** self,
                         ktstr_error* error) KTSTR_NOEXCEPT;

  /* Frees an instance; no call into it is running or will come. [any-thread] */
  void (*destroy)(void* self) KTSTR_NOEXCEPT;

  /* The table that interface_id names (ktstr_gate_v1 for "ktstr.gate/1"), valid until `deinit` returns. */
  const void* interface_table;

  /* Optional further interfaces of an instance by id, or null; the pointer itself may be null. [any-thread]
   */
  const void* (*extension)(void* self, const char* id)KTSTR_NOEXCEPT;
} ktstr_impl;

typedef struct ktstr_plugin {
  uint32_t size;
  uint16_t abi_major, abi_minor; /* of the SDK it was compiled with */
  ktstr_str id;                  /* reverse domain, as in the manifest: "org.ktstr.gate-welch" */
  ktstr_str version;             /* of the plugin; as in the manifest */
  ktstr_str vendor, license;
  ktstr_str sdk; /* what it was built with, for bug reports: "ktstr-sdk 1.0 (C++)" */
  uint32_t impl_count;
  uint32_t impl_stride; /* sizeof(ktstr_impl) as the plugin sees it: step through `impls` with this */
  const ktstr_impl* impls;

  /* Once, before any `create`. May be null. On failure the plugin is never called again. [any-thread] */
  ktstr_status (*init)(const ktstr_host* host, ktstr_error* error) KTSTR_NOEXCEPT;

  /* Once, after the last `destroy`. May be null. The library stays mapped. [any-thread] */
  void (*deinit)(void) KTSTR_NOEXCEPT;
} ktstr_plugin;

/* The one exported symbol. Returns a table that stays valid for the life of the process; must not allocate,
 * log, block or start anything: it may be called just to look. */
KTSTR_EXTERN_C KTSTR_EXPORT const ktstr_plugin* ktstr_plugin_entry_v1(void) KTSTR_NOEXCEPT;

#endif
