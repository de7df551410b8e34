// SPDX-License-Identifier: Apache-2.0
//
// Holds a plugin to what the headers promise of it, case by case.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "check/case.hpp"
#include "check/subject.hpp"
#include "support/result.hpp"

namespace ktstr {

struct CheckWish {
  std::vector<std::string> cases;              ///< names; empty: all. What they need is run too
  std::vector<std::string> names;              ///< of implementations; empty: all
  std::chrono::milliseconds deadline{20'000};  ///< of one case
  unsigned jobs = 1;                           ///< cases side by side
};

struct CheckResult {
  const CheckCase* of = nullptr;
  std::string subject;  ///< "gate welch", or "plugin ID"
  CaseEnd end;
};

/// The manifest of `file`: a manifest, or a library that one beside it names.
Result<Manifest> manifest_of_file(const std::filesystem::path& file);

/// Runs the cases, each in a process of its own. The caller has one thread and has loaded no plugin. An
/// error: nothing was checked, or `cancelled` became true.
Result<std::vector<CheckResult>> check_plugin(const CheckSubject& subject, const CheckWish& wish,
                                              const std::atomic<bool>& cancelled);

}  // namespace ktstr
