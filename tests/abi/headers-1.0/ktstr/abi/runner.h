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
 *    "trace": false,                        every test leaves a trace, as if its manifest asked for it
 *    "cost": false,                         every sidecar says what the kernel's functions cost (`cost`)
 *    "jobs": 0,                             tests side by side; 0: as the machine allows
 *    "nodes": {"wakeups": "kn2"},           for KTSTR_RUNNER_ELSEWHERE: `node` of the sidecar that this
 *                                           test's will be compared with; may be absent
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
  ktstr_str name; /* unique, not empty, printable, no slash: what requests and events call it */
  ktstr_str topology, scheduler, work_type;
  ktstr_str manifest;   /* path of the file that declares it */
  uint64_t duration_ms; /* planned length of the scenario, for estimates */
  ktstr_str test;    /* test_name of its sidecars, which variants of one test (another scheduler or topology)
                        share; empty: name */
  ktstr_str program; /* the scheduler's program, absolute or relative to the project; empty for the kernel's
                        own scheduler */
  ktstr_str demands; /* what is demanded of its result: a JSON array of {"name": "max_gap_ms", "limit": 500,
                        "from": "test"}; `limit` is a number, true or a text, `from` the layer that says it;
                        empty: the runner does not tell */
  ktstr_str inputs;  /* what it is made of: a JSON object {"files": ["tests/a.json", "/usr/bin/fio"],
                        "schedulers": ["mine"]}, paths absolute or relative to the project, names as
                        `scheduler` has them; empty: the runner does not tell */
} ktstr_test_entry;

typedef ktstr_status (*ktstr_test_visitor)(void* ctx, const ktstr_test_entry* entry) KTSTR_NOEXCEPT;

/* Outcomes of one test. */
#define KTSTR_TEST_PASSED 0u
#define KTSTR_TEST_FAILED 1u       /* an assertion, the scheduler or the guest failed */
#define KTSTR_TEST_SKIPPED 2u      /* did not run; `message` says why */
#define KTSTR_TEST_INCONCLUSIVE 3u /* ran, but could not be judged */
#define KTSTR_TEST_ERROR 4u        /* the environment failed: not the test's fault, never a pass */

/* News for the progress display ("making a template"). */
typedef struct ktstr_progress {
  uint32_t size;
  uint32_t reserved; /* 0 */
  ktstr_str test;    /* empty: of the run as a whole */
  ktstr_str text;    /* one line */
  double done;       /* part of the test that is done, 0 to 1; NaN: not known */
} ktstr_progress;

#define KTSTR_ARTIFACT_FAILURE                                             \
  1u /* explains what went wrong: reports say where it is, and its file is \
        TEST-HASH.failure-NAME instead of TEST-HASH.artifact-NAME */

/* A file that a test leaves beside its sidecar. */
typedef struct ktstr_artifact {
  uint32_t size;
  uint32_t flags; /* KTSTR_ARTIFACT_* */
  ktstr_str test; /* one that has started and not ended */
  ktstr_str name; /* "trace.json.gz": unique for the test; letters, digits, ".", "-", "_" and "+", at most 100
                     bytes, no "." first, and not the ending of a sidecar or run manifest */
  ktstr_str type; /* media type: "application/json" */
} ktstr_artifact;

/* How a test ended: everything in one struct, so that nothing can contradict it. */
typedef struct ktstr_test_end {
  uint32_t size;
  uint32_t outcome;  /* KTSTR_TEST_* */
  uint32_t attempt;  /* 1, or how often it was begun until it ended like this */
  uint32_t reserved; /* 0 */
  ktstr_str test;    /* one that was asked for and has not ended */
  ktstr_str sidecar; /* a JSON object of this test that says the same as `outcome`; empty: none, which a
                        test that passed may not have */
  ktstr_str message; /* empty when passed, else what failed, lines separated by line feeds, the most
                        important first */
  uint64_t duration_ns;
} ktstr_test_end;

/* What the host offers to a running `run`; every function may be called from any thread of the runner, and
 * none waits for the store. What comes back other than KTSTR_OK has been noted and told by the host: the
 * runner goes on. [any-thread] */
typedef struct ktstr_run_events {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void* ctx;

  /* The test begins. */
  void (*started)(void* ctx, ktstr_str test) KTSTR_NOEXCEPT;

  void (*progress)(void* ctx, const ktstr_progress* progress) KTSTR_NOEXCEPT;

  /* Opens an artifact: fills in `out` (the runner sets its `size`), which takes any number of bytes until the
   * test ends. It is stored when the test ends. KTSTR_INVALID_ARGUMENT for a name or test that will not do.
   */
  ktstr_status (*artifact)(void* ctx, const ktstr_artifact* artifact, ktstr_writer* out) KTSTR_NOEXCEPT;

  /* The test has ended; exactly once for each test that was asked for. The host makes an ERROR of a test that
   * never ends, and of one whose sidecar is of another test or contradicts its outcome. */
  ktstr_status (*finished)(void* ctx, const ktstr_test_end* end) KTSTR_NOEXCEPT;
} ktstr_run_events;

/* Capabilities of a runner. */
#define KTSTR_RUNNER_NO_KERNEL 1u /* tests run on the kernel of the host: requests have no kernel */
#define KTSTR_RUNNER_ELSEWHERE                                               \
  2u /* tests run on other machines: sidecars bring `host` and `host_before` \
        of these, which the host fills in for other runners */

typedef struct ktstr_runner_v1 {
  uint32_t size;
  uint32_t capabilities; /* KTSTR_RUNNER_* */

  /* Writes a JSON object {"checks": [{"name", "state", "found", "fix"}]} of texts: everything that running
   * tests needs of this machine, and whether it is there. `state` is "ok", "warn" (tests run, but slower,
   * noisier, or not all of them) or "fail" (none can run); `found` is one line; `fix` is the command or
   * change that helps, empty when nothing has to be done. What the request lacks ("kernel") is told, not
   * refused; what is found out by trying is tried. `ktstr doctor` shows it. [serialised] [may-block] */
  ktstr_status (*probe)(void* self, ktstr_str request, const ktstr_writer* out,
                        ktstr_error* error) KTSTR_NOEXCEPT;

  /* The tests of the manifests, sorted by name. A manifest with a mistake is KTSTR_INVALID_ARGUMENT, naming
   * file and place. [serialised] [may-block] */
  ktstr_status (*discover)(void* self, ktstr_str request, ktstr_test_visitor visit, void* ctx,
                           ktstr_error* error) KTSTR_NOEXCEPT;

  /* Runs tests; returns when all have ended, each told by `finished`. Failing tests are not an error of this
   * call. [serialised] [may-block] */
  ktstr_status (*run)(void* self, ktstr_str request, const ktstr_run_events* events,
                      ktstr_error* error) KTSTR_NOEXCEPT;

  /* Makes a running `run` return KTSTR_CANCELLED soon, having cleaned up. Returns at once. The one function
   * that may overlap another call of the same instance. [any-thread] */
  void (*interrupt)(void* self) KTSTR_NOEXCEPT;

  /* A shell where tests run. The request says more:
   *
   *   "shell": {"test": "wakeups",       the machine and the scheduler of this test; absent: of none
   *             "topology": "1n2l4c1t",  absent: the test's, or the runner's default
   *             "command": "uname -r",   absent: a shell on the terminal of this process
   *             "gdb": false,            a debugger can attach to the machine's kernel
   *             "dry_run": false,        starts nothing
   *             "as_test": false}        with dry_run: the machine that the test itself gets
   *
   * Without a command, descriptors 0 and 1 are the runner's own until it returns. Writes a JSON object
   * {"command_line": ["qemu-system-x86_64", "-m"], "exit_status": 0, "out": "", "err": ""}: what starts such
   * a machine, how shell or command ended, and what was printed elsewhere than on the terminal; the latter
   * three are absent with "dry_run". May be null; KTSTR_UNSUPPORTED: it has no shell.
   * [serialised] [may-block] */
  ktstr_status (*shell)(void* self, ktstr_str request, const ktstr_writer* out,
                        ktstr_error* error) KTSTR_NOEXCEPT;

  /* Loads schedulers on the request's kernel, each in a machine of its own. The request says more:
   *
   *   "schedulers": ["mine", "build/x"]  names that tests or options of the runner declare, or programs,
   *                                      absolute or relative to the project; absent: all declared ones
   *
   * Writes a JSON object {"schedulers": [{"name": "mine", "loaded": true, "message": "", "log": "",
   * "programs": [{"name": "mine_enqueue", "verified_insns": 812}]}]} in the order of the request. `message`
   * is one line: why it did not load; `log` what the scheduler and the kernel's verifier said then. May be
   * null; KTSTR_UNSUPPORTED: nothing is loaded by this runner. [serialised] [may-block] */
  ktstr_status (*verify)(void* self, ktstr_str request, const ktstr_writer* out,
                         ktstr_error* error) KTSTR_NOEXCEPT;
} ktstr_runner_v1;

#endif
