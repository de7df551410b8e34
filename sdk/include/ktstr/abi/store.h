/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ktstr.store/1: where sidecars live. A store knows runs (named by a key) and files in them; what the files mean is the host's
 * business, so a sidecar is opaque bytes here.
 *
 * Run keys and file names come validated from the host: no empty, "." or ".." component, no leading "/", printable. A sidecar's
 * name ends in ".ktstr.json". Names that a store lists may have one directory in front ("job-1/x.ktstr.json").
 */
#ifndef KTSTR_ABI_STORE_H
#define KTSTR_ABI_STORE_H

#include <ktstr/abi/base.h>

typedef struct ktstr_run_entry {
  uint32_t size;
  uint32_t reserved;   /* 0 */
  ktstr_str key;       /* "6.14.2-abc1234-dirty" */
  int64_t mtime_ns;    /* last change of the run, nanoseconds since 1970, 0 when unknown */
  uint64_t sidecars;   /* number of sidecar files in it, KTSTR_NOT_COUNTED when counting would cost a walk */
  ktstr_str location;  /* where a person finds it: a path or a URL */
  uint64_t stamp;      /* another value whenever a sidecar of the run was made, replaced, renamed or removed; 0: cannot be told */
} ktstr_run_entry;

#define KTSTR_NOT_COUNTED UINT64_MAX

typedef struct ktstr_sidecar_entry {
  uint32_t size;
  uint32_t reserved; /* 0 */
  ktstr_str name;
  uint64_t bytes;
  int64_t mtime_ns;
  uint64_t stamp; /* another value whenever the file was replaced or written to; 0: cannot be told */
} ktstr_sidecar_entry;

/* A status other than KTSTR_OK stops the walk and becomes its result. The entry is borrowed for the call. */
typedef ktstr_status (*ktstr_run_visitor)(void *ctx, const ktstr_run_entry *entry) KTSTR_NOEXCEPT;
typedef ktstr_status (*ktstr_sidecar_visitor)(void *ctx, const ktstr_sidecar_entry *entry) KTSTR_NOEXCEPT;

/* Flags of begin_run. */
#define KTSTR_RUN_PRECLEAR 1u /* before the first put of this run, put aside or remove top-level sidecars and their failure dumps */

typedef struct ktstr_store_v1 {
  uint32_t size;
  uint32_t reserved; /* 0 */

  /* Every run, most recently changed first, then by key. A store without any run visits nothing. [serialised] [may-block] */
  ktstr_status (*list_runs)(void *self, ktstr_run_visitor visit, void *ctx, ktstr_error *error) KTSTR_NOEXCEPT;

  /* The sidecars of one run sorted by name; names and sizes only, nothing is parsed. KTSTR_NOT_FOUND for an unknown run.
   * [any-thread]: may overlap itself and reads, not a write. [may-block] */
  ktstr_status (*list_sidecars)(void *self, ktstr_str run_key, ktstr_sidecar_visitor visit, void *ctx,
                                ktstr_error *error) KTSTR_NOEXCEPT;

  /* Writes the exact bytes of one file of a run. [any-thread]: may overlap itself and list_sidecars, not a write. [may-block] */
  ktstr_status (*read)(void *self, ktstr_str run_key, ktstr_str name, const ktstr_writer *out, ktstr_error *error) KTSTR_NOEXCEPT;

  /* Starts (or goes on with) writing a run: `session` names the invocation, so that with KTSTR_RUN_PRECLEAR several writers of
   * one invocation clear the old sidecars once between them. Nothing is cleared or made before the first put.
   * [serialised] */
  ktstr_status (*begin_run)(void *self, ktstr_str run_key, ktstr_str session, uint32_t flags, void **run,
                            ktstr_error *error) KTSTR_NOEXCEPT;

  /* Stores a sidecar; when it returns KTSTR_OK the bytes are durable, and a reader never sees a part of them. Takes the lock
   * of the run while it works; KTSTR_CONFLICT names the holder. [serialised] [may-block] */
  ktstr_status (*put)(void *self, void *run, ktstr_str name, ktstr_str bytes, ktstr_error *error) KTSTR_NOEXCEPT;

  /* The same for a file that is not a sidecar (a failure dump). [serialised] [may-block] */
  ktstr_status (*put_artifact)(void *self, void *run, ktstr_str name, ktstr_str bytes, ktstr_error *error) KTSTR_NOEXCEPT;

  /* Ends what begin_run started. Always called. [serialised] */
  ktstr_status (*end_run)(void *self, void *run, ktstr_error *error) KTSTR_NOEXCEPT;

  /* Where a person finds a file of a run (a path or a URL); `name` empty: the run itself. [any-thread] */
  ktstr_status (*locate)(void *self, ktstr_str run_key, ktstr_str name, const ktstr_writer *out, ktstr_error *error) KTSTR_NOEXCEPT;

  /* What earlier invocations wrote under a key and a later one put aside instead of clearing it, newest first. An entry's key is
   * ".history/{run key}/{id}" and works in list_sidecars, read, locate and remove_history. Null: this store keeps none.
   * [serialised] [may-block] */
  ktstr_status (*list_history)(void *self, ktstr_run_visitor visit, void *ctx, ktstr_error *error) KTSTR_NOEXCEPT;

  /* Removes one entry of list_history for good; KTSTR_INVALID_ARGUMENT for the key of a run. Null when list_history is.
   * [serialised] [may-block] */
  ktstr_status (*remove_history)(void *self, ktstr_str key, ktstr_error *error) KTSTR_NOEXCEPT;
} ktstr_store_v1;

#endif
