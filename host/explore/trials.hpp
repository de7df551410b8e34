// SPDX-License-Identifier: Apache-2.0
//
// Tests that are made up while we run: the runner is asked what they are, runs them side by side in virtual
// time, and tells how they ended. Nothing of them is stored.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "explore/sides.hpp"
#include "session/context.hpp"
#include "support/files.hpp"
#include "support/progress.hpp"

namespace ktstr {

/// A manifest of ours, and which of its tests is meant.
struct Trial {
  json::object manifest;
  std::string test, topology, scheduler;
  std::string name{};  ///< that the runner gave it when it was looked at; empty: it was not
};

struct TrialEnd {
  std::optional<TestOutcome> outcome;  ///< nothing: the runner does not take it for a test
  std::string message;
  std::string sidecar{};  ///< with sides, and when it is asked for
};

/// Which side's, with which seed of the guests (nothing: the one of all), and whether what they measured is
/// kept.
struct RunAs {
  bool base = false;
  std::optional<std::uint64_t> seed{};
  bool sidecars = false;
};

class Trials {
 public:
  /// `seed`: of the guests. The project is run as it lies there.
  static Result<Trials> make(const AppContext& context, RunnerPort& runner, const Kernel& kernel,
                             std::uint64_t seed, unsigned jobs);
  /// From here on HEAD is run as it was checked out beside the baseline. Null: there is none.
  void compare(Sides* sides) { sides_ = sides; }
  bool has_base() const { return sides_ != nullptr; }

  /// The test as the runner declares it; nothing: it refuses the manifest, or has no such test in it.
  Result<std::optional<TestEntry>> look(const Trial& trial, std::string& why);
  /// One end for each, in their order; their tests have different names. What an interruption cut short is an
  /// error.
  Result<std::vector<TrialEnd>> run(const std::vector<Trial>& trials, Progress& progress, RunAs as = {});

 private:
  Trials(const AppContext& context, RunnerPort& runner, const Kernel& kernel, std::uint64_t seed,
         unsigned jobs, kit::ScratchDirectory scratch)
      : context_(context),
        runner_(runner),
        kernel_(kernel),
        seed_(seed),
        jobs_(jobs),
        scratch_(std::move(scratch)) {}

  const AppContext& context_;
  RunnerPort& runner_;
  const Kernel& kernel_;
  std::uint64_t seed_;
  unsigned jobs_;
  kit::ScratchDirectory scratch_;
  Sides* sides_ = nullptr;
};

}  // namespace ktstr
