// SPDX-License-Identifier: Apache-2.0
//
// Running two sides by a plan: private checkouts, both built at one place before anything runs, every run
// stored with its place in the plan.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "measure/checkout.hpp"
#include "measure/execution.hpp"
#include "measure/workplace.hpp"
#include "plan/run_plan.hpp"
#include "sidecar/run_manifest.hpp"
#include "sidecar/sidecar.hpp"
#include "support/pace.hpp"
#include "support/progress.hpp"

namespace ktstr {

struct MeasureRequest {
  SideSpec baseline, head;
  std::string subdirectory;  ///< of the project below its repository's root
  Filter filter;
  PlanOptions plan;
  bool deterministic = false, cold = false, resume = false, cost = false;
  unsigned jobs = 0;
};

/// ".sessions/{session}/{side}-{commit label}-{block}"
std::string pass_key(const std::string& session, const std::string& side, const std::string& label,
                     std::uint64_t block);

class Measurement {
 public:
  /// Checks both sides out and finds their tests. `stored`: planned runs of earlier sessions, from which
  /// --resume takes its own.
  ~Measurement();  ///< lets the session go, and tells when the store removed old ones
  static Result<std::unique_ptr<Measurement>> prepare(const AppContext& context,
                                                      const MeasureRequest& request, BaselinePort& baseline,
                                                      const Kernel& kernel,
                                                      const std::vector<SidecarRecord>& stored);

  /// Measures the blocks [begin, end); `only`: of these tests, empty for all. What is complete already is not
  /// run again.
  Status run(std::uint64_t begin, std::uint64_t end, const std::set<std::string>& only = {});
  /// Takes the baseline's numbers from elsewhere: only HEAD runs from here on.
  void reuse_baseline(std::vector<SidecarRecord> records);

  const Checkout& baseline_side() const { return sides_[0]; }
  const Checkout& head_side() const { return sides_[1]; }
  const std::vector<SidecarRecord>& baseline() const { return records_[0]; }
  const std::vector<SidecarRecord>& head() const { return records_[1]; }
  /// What the side was to measure and what became of it. One run of several that could not start is an
  /// "error".
  RunManifest manifest(bool head) const;
  const std::vector<std::string>& notes() const { return notes_; }
  /// About the programs that the builds made.
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::string& plan() const { return plan_; }
  const std::string& session() const { return place_->key(); }  ///< where the store keeps the passes
  std::uint64_t resumed() const { return resumed_; }

 private:
  Measurement(const AppContext& context, const MeasureRequest& request, const Kernel& kernel,
              Workplace workplace);
  Status check_out_both(BaselinePort& baseline);
  const Kernel& kernel_of(const Checkout& side) const {
    return side.spec.kernel ? *side.spec.kernel : kernel_;
  }
  Status build_once();
  void look_at_programs(const Checkout& side, std::map<std::string, std::string>& programs);
  /// Stores what the session means to measure, so that one that was killed is known by it.
  Status keep_manifest(bool ended);
  json::object nodes_of_pairs(const PlanStep& step, const std::vector<TestEntry>& tests) const;
  RunnerRequest wish_for(const Checkout& side, const PlanStep& step,
                         const std::vector<TestEntry>& tests) const;
  Status run_step(const PlanStep& step, const std::set<std::string>& only);
  std::vector<TestEntry> tests_of(const PlanStep& step, const std::set<std::string>& only) const;
  bool complete(const PlanStep& step, const std::vector<TestEntry>& tests) const;
  void tell_plan(std::uint64_t blocks, std::size_t passes, std::chrono::milliseconds planned);
  Error interrupted() const;

  /// How the runs of one test of one side ended.
  struct Endings {
    std::uint64_t total = 0, errors = 0;
    TestOutcome worst = TestOutcome::kPassed;
    std::string reason;  ///< of the worst one
    void add(const TestResult& done);
  };

  const AppContext& context_;
  MeasureRequest request_;
  Kernel kernel_;
  Workplace workplace_;
  std::unique_ptr<RunnerPort> runner_;
  std::unique_ptr<StorePort> store_;
  std::unique_ptr<StoreSessionPort> place_;  ///< after the store, which it needs
  Checkout sides_[2];
  std::vector<SidecarRecord> records_[2];
  std::map<std::string, Endings> endings_[2];  ///< by test
  std::vector<std::string> notes_, warnings_;
  std::string plan_, session_, started_;  ///< `session_` names the invocation
  std::uint64_t passes_ = 0, resumed_ = 0;
  bool built_ = false, baseline_reused_ = false, same_files_ = false;
  Progress progress_;
  std::unique_ptr<Pace> pace_;
  std::chrono::steady_clock::time_point told_;  ///< when a line about the progress was last written to a pipe
};

/// The runs of every session in the store, for --resume, --reuse-baseline and the noise history.
Result<std::vector<SidecarRecord>> planned_runs(const AppContext& context);

}  // namespace ktstr
