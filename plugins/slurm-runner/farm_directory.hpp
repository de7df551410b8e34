// SPDX-License-Identifier: Apache-2.0
//
// The directory of one invocation, which this machine and the nodes share:
//
//   ktstr-farm-x8Hk2p/task.json     what to run (docs/farm.md)
//                     log/7         what task 7 printed
//                     out/7.0/      what it left, when Slurm began it for the first time; 7.1: the second
//
// Its name is the job's, so that whoever finds a directory without an owner can cancel the job.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/scratch_directory.hpp>
#include <map>
#include <string>
#include <vector>

namespace ktstr::slurm {

/// By task: how often Slurm had begun it before, in ascending order.
using Attempts = std::map<std::uint32_t, std::vector<std::uint32_t>>;
/// From the names in out/, which the nodes made; others are left out.
Attempts attempts_of(const std::vector<std::string>& names, std::size_t tasks);

class FarmDirectory {
 public:
  /// Below `shared`, which is made. Throws sdk::Error.
  static FarmDirectory make(const std::filesystem::path& shared, const json::object& task);
  /// Removes directories whose owners were killed, after `cancel` got the name of the job of each.
  static void sweep(const std::filesystem::path& shared,
                    const std::function<void(const std::string&)>& cancel);

  const std::filesystem::path& path() const { return directory_.path(); }
  std::string job_name() const { return path().filename().string(); }
  Attempts attempts(std::size_t tasks) const;
  std::filesystem::path attempt(std::uint32_t task, std::uint32_t restart) const;
  /// The end of what a task printed.
  std::string log_of(std::uint32_t task) const;

 private:
  explicit FarmDirectory(kit::ScratchDirectory directory) : directory_(std::move(directory)) {}
  kit::ScratchDirectory directory_;
};

}  // namespace ktstr::slurm
