/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin is a shared object with one exported symbol, ktstr_plugin_entry_v1, and a manifest
 * NAME.ktstr-plugin.json beside it that says the same things, so that listing plugins never runs their code.
 * One plugin may offer several implementations, of one kind or of several.
 */
#ifndef KTSTR_ABI_PLUGIN_H
#define KTSTR_ABI_PLUGIN_H

#include <ktstr/abi/host.h>

#define KTSTR_CREATE_READ_ONLY 1u /* only to look at what is there: nothing is written or removed */

/* What an instance is made from. Paths are absolute; empty: does not apply. */
typedef struct ktstr_create_request {
  uint32_t size;
  uint32_t flags;         /* KTSTR_CREATE_* */
  ktstr_str options;      /* a JSON object, "{}" when the configuration has none; fits `options_schema` */
  ktstr_str project_dir;  /* the project that the command works on */
  ktstr_str cache_dir;    /* the host's: a plugin may keep things below a folder named after its id */
  ktstr_str runs_root;    /* where a store of files keeps its runs: an option with the format "runs-root", or
                             target/ktstr of the project */
  ktstr_str override_dir; /* store with KTSTR_STORE_OVERRIDE_DIR: the one run that is written and read */
  ktstr_str archive_dir;  /* store with KTSTR_STORE_ARCHIVE_DIR: somebody else's runs, instead of runs_root */
} ktstr_create_request;

/* One implementation: something the configuration can select by kind and name. An interface that the host
 * does not know ("ktstr.gate/2" on a host of today) is skipped. */
typedef struct ktstr_impl {
  uint32_t size;
  uint32_t reserved;        /* 0 */
  const char* interface_id; /* a KTSTR_*_INTERFACE, or one of another host; NUL-terminated */
  ktstr_str name;           /* what a configuration says: "welch"; [a-z0-9-]+ */
  ktstr_str summary;        /* one line for `ktstr plugin list` */
  ktstr_str options_schema; /* JSON Schema of the options (docs/writing-a-plugin.md says what is understood);
                               empty: it takes none */

  /* Makes an instance. The host has held the options to `options_schema`; what a schema cannot say is
   * KTSTR_INVALID_ARGUMENT with a message that names the option. `*self` is set on success only.
   * [any-thread] */
  ktstr_status (*create)(const ktstr_host* host, const ktstr_create_request* request, void** self,
                         ktstr_error* error) KTSTR_NOEXCEPT;

  /* Frees an instance; no call into it is running or will come. [any-thread] */
  void (*destroy)(void* self) KTSTR_NOEXCEPT;

  /* The table that interface_id names (ktstr_gate_v1 for "ktstr.gate/1"), valid until `deinit` returns. */
  const void* interface_table;

  /* Optional further interfaces of an instance by id, or null; the pointer may be null. [any-thread] */
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
