// SPDX-License-Identifier: Apache-2.0
//
// One invocation as one job array. Pure.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "options.hpp"
#include "request.hpp"

namespace ktstr::slurm {

struct ArrayPlan {
  std::string indices;                                      ///< of sbatch --array: "0-59%4"
  std::vector<std::pair<std::uint32_t, std::string>> pins;  ///< tasks that may run on one node only
};

/// `tests`: the task of each index, never none.
ArrayPlan plan_array(const FarmRequest& request, const std::vector<std::string>& tests, Pin pin);

/// The whole command line of sbatch, which reads the script from its standard input. `directory` is the
/// invocation's, its last name the job's.
std::vector<std::string> submission(const SlurmOptions& options, const ArrayPlan& plan,
                                    const std::filesystem::path& directory);

/// What a task runs.
std::string task_script(const std::string& ktstr, const std::filesystem::path& directory);

}  // namespace ktstr::slurm
