// SPDX-License-Identifier: Apache-2.0
//
// What an invocation meant to run, and what became of it. Sidecars tell of the tests that left a result; only
// the manifest of the run tells which tests should have left one, and whether the run came to its end. Pure:
// a value, its JSON text, and questions about it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// One test variant of the project's manifests as the invocation saw them.
struct PlannedTest {
  std::string test, topology, scheduler, work_type;
  bool performance_mode = false;
  bool selected = true;  ///< false: the manifests have it, the invocation's filter left it out
  std::string
      outcome;  ///< "passed", "failed", "flaky", "skipped", "inconclusive", "error"; empty: it had not ended
  std::string reason;  ///< first line of why it did not pass; empty for "passed"
};

/// Stored in the run directory twice: before the first test starts (`ended` is empty) and after the last one.
struct RunManifest {
  std::string session;  ///< names the invocation
  std::string started,
      ended;  ///< UTC timestamps; `ended` is empty while it runs, and for ever after a kill or a full disk
  std::string kernel, project_commit, accelerator, time_source;
  std::vector<PlannedTest> tests;  ///< every test of the manifests, selected or not
  /// Of a tree with changes: another word for each content of its files. Empty: no changes, or nobody can
  /// tell.
  std::string tree_state{};

  bool complete() const { return !ended.empty(); }
};

inline constexpr std::uint64_t kMaxRunManifest = 16 << 20;  ///< bytes of a file that is read

/// The file's JSON (run-manifest.schema.json).
std::string run_manifest_text(const RunManifest& manifest);
/// `file` is for messages. The text may be hostile: errors name the file and the key.
Result<RunManifest> parse_run_manifest(std::string_view text, const std::string& file);

/// "{id}.run-manifest.json": in a run directory each invocation has its own, so that shards do not overwrite
/// each other's.
std::string run_manifest_name(std::string_view id);
bool is_run_manifest_name(std::string_view name);

/// What several invocations of one run amount to: of each test variant the latest that selected it and knows
/// how it ended, else that it was selected at all. `ended` is empty while a selected test has no outcome; the
/// other fields are the latest invocation's.
RunManifest merge_run_manifests(std::vector<RunManifest> manifests);

/// Whether `later` ran everything that `earlier` meant to run and came to its end, so that nothing is lost
/// without `earlier`.
bool supersedes(const RunManifest& later, const RunManifest& earlier);

}  // namespace ktstr
