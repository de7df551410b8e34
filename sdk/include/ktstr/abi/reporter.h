/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ktstr.reporter/1: how results are shown. The host opens the output (a file, replaced atomically, or stdout)
 * and hands over a writer; a reporter never opens files and cannot change the exit code. begin, then all rows
 * in their final order, then end: begin and end exactly once a document, rows in as many calls as it takes;
 * one instance gets one document. `end` follows every begin that succeeded, also when the work was cancelled
 * or failed. For a test run rows arrive live, as tests end; a comparison has tens of thousands at once.
 */
#ifndef KTSTR_ABI_REPORTER_H
#define KTSTR_ABI_REPORTER_H

#include <ktstr/abi/gate.h>
#include <ktstr/abi/runner.h>

/* Documents, as bits: a reporter's `documents` says which it speaks. */
#define KTSTR_DOCUMENT_TEST_RUN 1u
#define KTSTR_DOCUMENT_PERF_DELTA 2u
#define KTSTR_DOCUMENT_CALIBRATE 4u /* this and what follows have no rows: `body_json` of the end is all */
#define KTSTR_DOCUMENT_BISECT 8u
#define KTSTR_DOCUMENT_STATS 16u

#define KTSTR_REPORT_COLOUR 1u /* ANSI colour is welcome (a terminal, or asked for) */
#define KTSTR_REPORT_ALL 2u    /* show unchanged rows too (--all-metrics) */

typedef struct ktstr_report_begin {
  uint32_t size;
  uint32_t document;                    /* one KTSTR_DOCUMENT_* bit */
  uint32_t flags;                       /* KTSTR_REPORT_* */
  uint32_t width;                       /* columns of the terminal, 0: not a terminal, do not fold */
  const ktstr_test_entry* const* tests; /* TEST_RUN: what is going to run, in no order */
  uint64_t test_count;
  ktstr_str extra_json; /* TEST_RUN: {"tests": n, "kernel", "run_key", "accelerator"…}; PERF_DELTA: {"mode",
                           "baseline", "head", "gates", "runs", "warnings": […]}; see docs/reports.md */
} ktstr_report_begin;

/* One gate's opinion within a row. */
typedef struct ktstr_gate_opinion {
  uint32_t size;
  uint32_t reserved; /* 0 */
  ktstr_str gate;
  const ktstr_verdict* verdict;
} ktstr_gate_opinion;

/* What a row of a comparison means for the verdict. */
#define KTSTR_ROW_COUNTS 1u        /* a regression is a finding */
#define KTSTR_ROW_INFORMATIONAL 2u /* shown; no finding, whatever its outcome */
#define KTSTR_ROW_DECLARED 4u      /* a test declares this gate: its regression alone fails */
#define KTSTR_ROW_MUST_FAIL 8u     /* --must-fail names it: its regression alone fails */

/* A result of one test, or one judged comparison: the other pointer is null. */
typedef struct ktstr_report_row {
  uint32_t size;
  uint32_t outcome;  /* comparison: the combined KTSTR_UNCHANGED …; test: KTSTR_TEST_* */
  uint32_t flags;    /* KTSTR_ROW_* */
  uint32_t reserved; /* 0 */
  const ktstr_comparison* comparison;
  const ktstr_verdict* verdict; /* the combined verdict: numbers of the first gate that gives them */
  const ktstr_gate_opinion* const* opinions;
  uint64_t opinion_count;
  const ktstr_test_entry* test;
  uint64_t duration_ns; /* test */
  ktstr_str message;    /* test: what failed; comparison: empty */
  ktstr_str location;   /* test: where its failure dump is, else empty */
  ktstr_str extra_json; /* "{}" in 1.0 */
} ktstr_report_row;

#define KTSTR_REPORT_COMPLETE 0u  /* everything that was to be done was */
#define KTSTR_REPORT_FAILED 1u    /* a gate or something else failed: rows may be missing */
#define KTSTR_REPORT_CANCELLED 2u /* the user stopped it: rows may be missing */

typedef struct ktstr_report_end {
  uint32_t size;
  int32_t exit_code;   /* what the process will return if every reporter succeeds */
  uint32_t status;     /* KTSTR_REPORT_COMPLETE … */
  uint32_t reserved;   /* 0 */
  ktstr_str body_json; /* documents without rows: all of it, as one JSON value */
  ktstr_str body_text; /* the same as a terminal shows it; hostile names in it are escaped */
  uint64_t rows;
  ktstr_str extra_json; /* TEST_RUN: {"passed", "failed", …, "run"}; PERF_DELTA: {"verdict", "counts",
                           "notes": […], "next": […]} */
} ktstr_report_end;

typedef struct ktstr_reporter_v1 {
  uint32_t size;
  uint32_t capabilities; /* 0 */
  uint32_t documents;    /* KTSTR_DOCUMENT_* bits */
  uint32_t reserved;     /* 0 */

  /* `out` stays valid until `end` returns. [serialised] */
  ktstr_status (*begin)(void* self, const ktstr_writer* out, const ktstr_report_begin* begin,
                        ktstr_error* error) KTSTR_NOEXCEPT;
  /* The next `count` rows, at least one. They and all that they point to are the caller's, until it returns.
     [serialised] */
  ktstr_status (*rows)(void* self, const ktstr_report_row* const* rows, uint64_t count,
                       ktstr_error* error) KTSTR_NOEXCEPT;
  ktstr_status (*end)(void* self, const ktstr_report_end* end, ktstr_error* error) KTSTR_NOEXCEPT;
} ktstr_reporter_v1;

/* An outcome of a test's row besides those that runners give: it failed, and passed when the host had it run
 * again. */
#define KTSTR_TEST_FLAKY 5u

#endif
