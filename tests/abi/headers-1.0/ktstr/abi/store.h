/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ktstr.store/1: where sidecars live. A store knows runs (named by a key) and files in them; what the files
 * mean is the host's business, so a sidecar is opaque bytes here.
 *
 * Run keys and file names come validated from the host: no empty, "." or ".." component, no leading "/",
 * printable. A sidecar's name ends in ".ktstr.json". Names that a store lists may have one directory in front
 * ("job-1/x.ktstr.json").
 */
#ifndef KTSTR_ABI_STORE_H
#define KTSTR_ABI_STORE_H

#include <ktstr/abi/base.h>

typedef struct ktstr_run_entry {
  uint32_t size;
  uint32_t reserved;  /* 0 */
  ktstr_str key;      /* "6.14.2-abc1234-dirty" */
  int64_t mtime_ns;   /* last change of the run, nanoseconds since 1970, 0 when unknown */
  uint64_t sidecars;  /* number of sidecar files in it, KTSTR_NOT_COUNTED when counting would cost a walk */
  ktstr_str location; /* where a person finds it: a path or a URL */
  uint64_t stamp; /* another value whenever a sidecar of the run was made, replaced, renamed or removed; 0:
                     cannot be told */
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
typedef ktstr_status (*ktstr_run_visitor)(void* ctx, const ktstr_run_entry* entry) KTSTR_NOEXCEPT;
typedef ktstr_status (*ktstr_sidecar_visitor)(void* ctx, const ktstr_sidecar_entry* entry) KTSTR_NOEXCEPT;

/* Flags of a ktstr_run_request. */
#define KTSTR_RUN_PRECLEAR                                                                                  \
  1u                         /* what earlier invocations left at the top of the run goes: sidecars, failure \
                                dumps, manifests */
#define KTSTR_RUN_PARTIAL 2u /* the invocation means to write a part of the run only */

/* How a run is to be written. Results that follow from the same `inputs` may stand beside each other, others
 * may not. With KTSTR_RUN_PRECLEAR, once for each invocation:
 *
 *   other or unknown inputs   what is there goes at the first put
 *   the same inputs           each put replaces one file (a sidecar takes its failure dump with it); what is
 *                             left of earlier invocations goes at end_run with KTSTR_RUN_COMPLETE, and never
 *                             with KTSTR_RUN_PARTIAL */
typedef struct ktstr_run_request {
  uint32_t size;
  uint32_t flags; /* KTSTR_RUN_PRECLEAR, KTSTR_RUN_PARTIAL */
  ktstr_str key;  /* of a run, or ".sessions/{session}/{pass}" in a session that this instance holds: there a
                     pass is cleared at its first put */
  ktstr_str session; /* names the invocation, which several processes may share */
  ktstr_str inputs;  /* one opaque word for all that the results follow from; empty: not known */
} ktstr_run_request;

#define KTSTR_PUT_ARTIFACT 1u /* flag of a ktstr_put_request: no sidecar, but a file beside one */

/* One file to be stored. */
typedef struct ktstr_put_request {
  uint32_t size;
  uint32_t flags; /* KTSTR_PUT_ARTIFACT */
  ktstr_str name;
  ktstr_str bytes;
} ktstr_put_request;

/* One file of read_many: all of its bytes, or why there are none. */
typedef struct ktstr_file_read {
  uint32_t size;
  ktstr_status status;      /* of this file; what is gone since it was listed is KTSTR_NOT_FOUND */
  uint64_t index;           /* which of the names */
  ktstr_str bytes;          /* with KTSTR_OK */
  const ktstr_error* error; /* with any other status */
} ktstr_file_read;

/* A status other than KTSTR_OK stops read_many and becomes its result. The file is borrowed for the call.
 * Calls of one read_many come from any thread but one at a time, and not after it has returned. */
typedef ktstr_status (*ktstr_file_visitor)(void* ctx, const ktstr_file_read* file) KTSTR_NOEXCEPT;

#define KTSTR_RUN_COMPLETE 1u /* flag of end_run: the invocation did all that it meant to do */

#define KTSTR_RUN_OTHER_INPUTS 1u /* what was cleared followed from other, or from unknown, inputs */

/* What became of earlier results; allocated by the caller. */
typedef struct ktstr_run_changes {
  uint32_t size;
  uint32_t flags;   /* KTSTR_RUN_OTHER_INPUTS */
  uint64_t cleared; /* sidecars of earlier invocations that were removed or put aside */
} ktstr_run_changes;

#define KTSTR_SESSION_RESUME 1u /* flag of begin_session: go on with one that is there */
#define KTSTR_TIDY_DRY_RUN 1u   /* flag of tidy: only tell */

/* Capabilities of a store. */
#define KTSTR_STORE_RUNS_ROOT                                                                               \
  1u                                /* keeps its runs as files below runs_root, where the host may keep its \
                                       index */
#define KTSTR_STORE_OVERRIDE_DIR 2u /* KTSTR_SIDECAR_DIR: takes override_dir */
#define KTSTR_STORE_ARCHIVE_DIR 4u  /* --dir: takes archive_dir */

#define KTSTR_STORE_MOST_CALLS 64u /* into one instance at once */

typedef struct ktstr_store_v1 {
  uint32_t size;
  uint32_t capabilities; /* KTSTR_STORE_* */

  /* How many calls of [any-thread] functions into one instance may overlap: the host reads with so many
   * threads, which is what makes up for latency. 0: as many as the host has CPUs, for a store that does not
   * wait. At most KTSTR_STORE_MOST_CALLS are made, whatever it says. */
  uint32_t max_concurrency;
  uint32_t reserved; /* 0 */

  /* Every run, most recently changed first, then by key. A store without any run visits nothing. [serialised]
   * [may-block] */
  ktstr_status (*list_runs)(void* self, ktstr_run_visitor visit, void* ctx,
                            ktstr_error* error) KTSTR_NOEXCEPT;

  /* The sidecars of one run sorted by name; names and sizes only, nothing is parsed. KTSTR_NOT_FOUND for an
   * unknown run. What may hold sidecars and cannot be looked at (a closed directory, a link that is not
   * followed) is listed by its name with a stamp of 0, so that `read` of it fails and tells why: the host
   * then knows that something is hidden, not missing. [any-thread]: may overlap itself and reads, not a
   * write. [may-block] */
  ktstr_status (*list_sidecars)(void* self, ktstr_str run_key, ktstr_sidecar_visitor visit, void* ctx,
                                ktstr_error* error) KTSTR_NOEXCEPT;

  /* Writes the exact bytes of one file of a run. [any-thread]: may overlap itself and list_sidecars, not a
   * write. [may-block] */
  ktstr_status (*read)(void* self, ktstr_str run_key, ktstr_str name, const ktstr_writer* out,
                       ktstr_error* error) KTSTR_NOEXCEPT;

  /* Starts (or goes on with) writing a run. Nothing is cleared or made before the first put. While the run is
   * open, `remove` refuses it. [serialised] */
  ktstr_status (*begin_run)(void* self, const ktstr_run_request* request, void** run,
                            ktstr_error* error) KTSTR_NOEXCEPT;

  /* Stores a sidecar or an artifact (a failure dump, what the run meant to do); when it returns KTSTR_OK the
   * bytes are durable, and a reader never sees a part of them. Takes the lock of the run while it works;
   * KTSTR_CONFLICT names the holder. What can be tried again is tried again here: a file that is refused is
   * kept by the host, and put by a later `ktstr runs push` into a run of the same key, session and inputs,
   * without KTSTR_RUN_PRECLEAR. [serialised] [may-block] */
  ktstr_status (*put)(void* self, void* run, const ktstr_put_request* request,
                      ktstr_error* error) KTSTR_NOEXCEPT;

  /* Ends what begin_run started. Always called. `flags`: KTSTR_RUN_COMPLETE. `changes` may be null.
   * [serialised] */
  ktstr_status (*end_run)(void* self, void* run, uint32_t flags, ktstr_run_changes* changes,
                          ktstr_error* error) KTSTR_NOEXCEPT;

  /* Where a person finds a file of a run (a path or a URL); `name` empty: the run itself. [any-thread] */
  ktstr_status (*locate)(void* self, ktstr_str run_key, ktstr_str name, const ktstr_writer* out,
                         ktstr_error* error) KTSTR_NOEXCEPT;

  /* Whether runs can be written, found out before anything is built, booted or measured: a server that does
   * not answer, a disk that is read-only. Nothing of it stays. Null: the first put will tell. [serialised]
   * [may-block] */
  ktstr_status (*probe)(void* self, ktstr_error* error) KTSTR_NOEXCEPT;

  /* Hands each of `count` files of one run to `visit`, once and in any order. A file that cannot be read is
   * handed over with its error and does not keep others from being read; the call itself fails only when
   * none can be. The host asks for as many files as fit into memory, and divides more of them among
   * max_concurrency calls; a store may overlap what it does for one call, or spare its latency. Null: the
   * host calls `read` for each. [any-thread]: as read. [may-block] */
  ktstr_status (*read_many)(void* self, ktstr_str run_key, const ktstr_str* names, uint64_t count,
                            ktstr_file_visitor visit, void* ctx, ktstr_error* error) KTSTR_NOEXCEPT;

  /* What earlier invocations wrote under a key and a later one put aside instead of clearing it, newest
   * first. An entry's key is ".history/{run key}/{id}" and works in list_sidecars, read, locate and remove.
   * Null: this store keeps none. [serialised] [may-block] */
  ktstr_status (*list_history)(void* self, ktstr_run_visitor visit, void* ctx,
                               ktstr_error* error) KTSTR_NOEXCEPT;

  /* Removes a run, an entry of list_history or a session of list_sessions for good, but for files that no
   * store wrote. KTSTR_NOT_FOUND when there is none, KTSTR_CONFLICT while somebody writes it. [serialised]
   * [may-block] */
  ktstr_status (*remove)(void* self, ktstr_str key, ktstr_error* error) KTSTR_NOEXCEPT;

  /* What list_sidecars leaves out: the files that were put with KTSTR_PUT_ARTIFACT, sorted by name, read and
   * located like sidecars. Null: this store cannot tell. KTSTR_NOT_FOUND for an unknown run. [any-thread]: as
   * list_sidecars. [may-block] */
  ktstr_status (*list_artifacts)(void* self, ktstr_str run_key, ktstr_sidecar_visitor visit, void* ctx,
                                 ktstr_error* error) KTSTR_NOEXCEPT;

  /* Removes one artifact of an open run; one that is gone is no error. [serialised] [may-block] */
  ktstr_status (*remove_artifact)(void* self, void* run, ktstr_str name, ktstr_error* error) KTSTR_NOEXCEPT;

  /* Opens a session: a place outside of the list of runs for passes that belong together. Its key,
   * ".sessions/{name}-{id}", is written to `key`; no two sessions share one. With KTSTR_SESSION_RESUME the
   * newest session of that name is opened instead, when there is one; `name` may be the last part of a
   * session's key then. Held until end_session: KTSTR_CONFLICT for a session that somebody else holds.
   * [serialised] [may-block] */
  ktstr_status (*begin_session)(void* self, ktstr_str name, uint32_t flags, const ktstr_writer* key,
                                void** session, ktstr_error* error) KTSTR_NOEXCEPT;

  /* Lets the session go; then sessions that the store's options do not want to keep are removed, and
   * `removed` (may be null) says how many. Always called. [serialised] [may-block] */
  ktstr_status (*end_session)(void* self, void* session, uint64_t* removed,
                              ktstr_error* error) KTSTR_NOEXCEPT;

  /* Every session, most recently changed first. In list_sidecars, list_artifacts, read and locate a session
   * is a run whose passes are its directories. [serialised] [may-block] */
  ktstr_status (*list_sessions)(void* self, ktstr_run_visitor visit, void* ctx,
                                ktstr_error* error) KTSTR_NOEXCEPT;

  /* Removes what no run needs any more (locks of runs that are gone, what was left by killed writers) and
   * tells `visit` about each. [serialised] [may-block] */
  ktstr_status (*tidy)(void* self, uint32_t flags, ktstr_run_visitor visit, void* ctx,
                       ktstr_error* error) KTSTR_NOEXCEPT;
} ktstr_store_v1;

#endif
