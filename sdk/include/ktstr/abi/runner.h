/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ktstr.runner/1: how tests run. A runner finds tests in manifests, runs them and hands one sidecar (JSON
 * text) per test to the host, which completes it with what the host knows (commits, run id, timestamps, host
 * context) and stores it. A runner never writes sidecars itself, so every runner works with every store.
 *
 * Requests are JSON objects. Paths in them are absolute. Unknown keys are ignored, so that hosts may say more
 * later.
 *
 *   {"project_dir": "/src/my_sched",        where relative paths of manifests start
 *    "manifests": ["/src/my_sched/tests/a.json"],
 *    "cache_dir": "/home/me/.cache/ktstr",  the runner may keep things below cache_dir/runner-NAME
 *    "tests": ["wakeups"],                  names to run, in this order as far as one runs after the other;
 *                                           absent or empty: all
 *    "kernel": {"image": "/…/bzImage",      absent for discover
 *               "config": "/…/config",      the .config it was built with, or null
 *               "version": "6.18.12",
 *               "release": "6.18.12+deb14-cloud-amd64"},
 *    "performance_only": false,             run only performance_mode tests
 *    "seed": 7, "deterministic": false, "cold": false,
 *    "jobs": 0,                             tests side by side; 0: as the machine allows
 *    "label": "head"}                       for progress lines; may be empty
 */
#ifndef KTSTR_ABI_RUNNER_H
#define KTSTR_ABI_RUNNER_H

#include <ktstr/abi/base.h>

#define KTSTR_TEST_PERFORMANCE_MODE 1u /* takes part in perf-delta */

/* One test as a manifest declares it. */
typedef struct ktstr_test_entry {
  uint32_t size;
  uint32_t flags; /* KTSTR_TEST_* */
  ktstr_str name; /* unique; no slash: what requests and events call it */
  ktstr_str topology, scheduler, work_type;
  ktstr_str manifest;   /* path of the file that declares it */
  uint64_t duration_ms; /* planned length of the scenario, for estimates */
  ktstr_str test;    /* test_name of its sidecars, which variants of one test (another scheduler or topology)
                        share; empty: name */
  ktstr_str program; /* the scheduler's program, absolute or relative to the project; empty for the kernel's
                        own scheduler */
} ktstr_test_entry;

typedef ktstr_status (*ktstr_test_visitor)(void* ctx, const ktstr_test_entry* entry) KTSTR_NOEXCEPT;

/* Outcomes of one test. */
#define KTSTR_TEST_PASSED 0u
#define KTSTR_TEST_FAILED 1u       /* an assertion, the scheduler or the guest failed */
#define KTSTR_TEST_SKIPPED 2u      /* did not run; `message` says why */
#define KTSTR_TEST_INCONCLUSIVE 3u /* ran, but could not be judged */
#define KTSTR_TEST_ERROR 4u        /* the environment failed: not the test's fault, never a pass */

/* What the host offers to a running `run`; every function may be called from any thread of the runner.
 * [any-thread] */
typedef struct ktstr_run_events {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void* ctx;

  /* The test begins. */
  void (*started)(void* ctx, ktstr_str test) KTSTR_NOEXCEPT;

  /* One line of news for the progress display ("making a template"). `test` may be empty. */
  void (*note)(void* ctx, ktstr_str test, ktstr_str text) KTSTR_NOEXCEPT;

  /* The test's sidecar: a JSON object. At most once a test, before `finished`. A status other than KTSTR_OK
   * means that it could not be stored; the host has taken note and the runner goes on. */
  ktstr_status (*sidecar)(void* ctx, ktstr_str test, ktstr_str json) KTSTR_NOEXCEPT;

  /* A failure dump (JSON text) that the host stores beside the sidecar; after `sidecar` of the same test. */
  ktstr_status (*failure_dump)(void* ctx, ktstr_str test, ktstr_str json) KTSTR_NOEXCEPT;

  /* The test ended. `message`: empty when passed, else what failed, lines separated by line feeds, the most
   * important first. */
  void (*finished)(void* ctx, ktstr_str test, uint32_t outcome, uint64_t duration_ns,
                   ktstr_str message) KTSTR_NOEXCEPT;
} ktstr_run_events;

typedef struct ktstr_runner_v1 {
  uint32_t size;
  uint32_t capabilities; /* 0 */

  /* Writes a JSON object {"ready": bool, "items": [{"name", "ok", "detail", "hint"}]}: what is there, what is
   * missing and how to get it. [serialised] [may-block] */
  ktstr_status (*probe)(void* self, ktstr_str request, const ktstr_writer* out,
                        ktstr_error* error) KTSTR_NOEXCEPT;

  /* The tests of the manifests, sorted by name. A manifest with a mistake is KTSTR_INVALID_ARGUMENT, naming
   * file and place. [serialised] [may-block] */
  ktstr_status (*discover)(void* self, ktstr_str request, ktstr_test_visitor visit, void* ctx,
                           ktstr_error* error) KTSTR_NOEXCEPT;

  /* Runs tests; returns when all have ended. Failing tests are not an error of this call. [serialised]
   * [may-block] */
  ktstr_status (*run)(void* self, ktstr_str request, const ktstr_run_events* events,
                      ktstr_error* error) KTSTR_NOEXCEPT;

  /* Makes a running `run` return KTSTR_CANCELLED soon, having cleaned up. Returns at once. The one function
   * that may overlap another call of the same instance. [any-thread] */
  void (*interrupt)(void* self) KTSTR_NOEXCEPT;
} ktstr_runner_v1;

#endif
