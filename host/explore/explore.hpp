// SPDX-License-Identifier: Apache-2.0
//
// `ktstr explore`: tests are varied within what their runner declares, in virtual time, in search of a
// scenario in which something breaks that holds for any scheduler. What is found is made small and saved.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "explore/search_state.hpp"
#include "measure/selection.hpp"
#include "session/context.hpp"

namespace ktstr {

struct ExploreRequest {
  TestSelection selection;
  std::string kernel;                    ///< as ktstr test takes it; empty: the default
  std::uint64_t first = 1, last = 1000;  ///< seeds of the scenarios
  std::optional<double> budget_seconds;
  std::vector<std::string> vary;  ///< dimensions; none: all
  std::uint64_t seed = 1;         ///< of the guests
  unsigned jobs = 0;
  std::string base;    ///< commit or ref that HEAD is compared with in each scenario; empty: none
  std::string output;  ///< directory of what is found; empty: beside the runs
  bool fresh = false;
  bool guided = false;  ///< vary further what showed something new
  /// Tests of files that somebody named are judged as they are.
  bool as_they_are() const { return !selection.manifests.empty(); }
};

struct ExploreOutcome {
  std::string kernel;
  std::string base;  ///< label of the baseline's commit; empty: none
  std::vector<std::string> tests, dimensions;
  SearchState state;                              ///< of all seeds that were ever searched with these inputs
  std::uint64_t seeds_asked = 0, seeds_done = 0;  ///< of those that were asked for
  std::uint64_t resumed = 0;                      ///< of them, before this call
  std::uint64_t now = 0;                          ///< scenarios of this call, without those of shrinking
  std::uint64_t shrinking = 0;                    ///< scenarios that shrinking ran
  double seconds = 0;                             ///< of this call's guests
  bool interrupted = false, out_of_time = false;
  std::string directory, replay;  ///< where findings lie; the command and options that replay one
  std::string sentence;           ///< printable: what it came to
  ExitCode code = ExitCode::kInconclusive;
};

Result<ExploreOutcome> run_explore(const AppContext& context, const ExploreRequest& request);

}  // namespace ktstr
