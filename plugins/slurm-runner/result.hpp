// SPDX-License-Identifier: Apache-2.0
//
// What a task left in the shared directory. Nodes are not trusted: names, sizes and JSON are what they are
// until they have been read here.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::slurm {

inline constexpr std::uint64_t kLargestResult = 64U << 20U;

struct TaskResult {
  std::uint32_t outcome = 0;  ///< KTSTR_TEST_*
  std::uint32_t attempt = 1;  ///< of the runner on the node
  std::uint64_t duration_ns = 0;
  std::string message;
  std::string sidecar;  ///< JSON, with the node's `host`; empty: none
  std::string node;     ///< may be empty
  struct Artifact {
    std::string name, type;
    bool failure = false;
  };
  std::vector<Artifact> artifacts;  ///< the bytes of the i-th are in artifact-i
};

/// result.json; `what` names it in messages. Throws a Mistake for whatever is no result of `test`.
TaskResult read_result(std::string_view text, const std::string& what, const std::string& test);

/// progress.json.
struct TaskProgress {
  std::string text;
  double done;  ///< 0 to 1; NaN: not known
};
TaskProgress read_progress(std::string_view text);

}  // namespace ktstr::slurm
