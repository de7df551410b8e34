// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <ktstr/kit/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::slurm {

/// Where the second side of a pair may run.
enum class Pin { kPair, kNone };

/// The options of the runners `slurm` and `slurm-host`, as ktstr.json gives them.
struct SlurmOptions {
  std::string runner = "kvm";
  json::object runner_options;
  std::filesystem::path shared_dir;  ///< empty: target/ktstr-farm of the project
  std::string ktstr;                 ///< empty: the program that runs
  std::string partition, account, constraint;
  std::vector<std::string> sbatch_args;
  bool exclusive = true;
  std::chrono::seconds time_limit{0};  ///< 0: the partition's
  Pin pin = Pin::kPair;
  std::chrono::seconds poll{2};
  std::chrono::seconds result_wait{60};  ///< for the file of a task that has ended
  std::chrono::seconds node_wait{600};   ///< for the one node that a test may run on
  std::chrono::seconds controller_wait{600};
};

extern const std::string kOptionsSchema;

/// Throws a Mistake that names the option.
SlurmOptions parse_options(std::string_view text);

}  // namespace ktstr::slurm
