// SPDX-License-Identifier: Apache-2.0
#include "explore/trials.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/write_file.hpp>
#include <map>

namespace ktstr {
namespace {

/// Keeps how tests ended and lets go of what they leave.
class Ends : public RunEventsPort {
 public:
  Ends(const AppContext& context, Progress& progress, bool with_sidecars)
      : context_(context), progress_(progress), with_sidecars_(with_sidecars) {}

  void started(std::string_view test) override { progress_.started(printable(test)); }
  void progress(std::string_view test, std::string_view text, double) override {
    const std::string line = printable(text);
    if (!test.empty() || !progress_.is_news(line)) return;  // of the run as a whole: why KVM is not used, say
    progress_.around([&] { context_.inform(line); });
  }
  Result<ArtifactPort*> artifact(const ArtifactRequest&) override {
    return static_cast<ArtifactPort*>(&nowhere_);
  }
  Status finished(const TestEnd& end) override {
    progress_.finished(printable(end.test));
    const kit::Lock lock(mutex_);
    ends_.insert_or_assign(std::string(end.test), TrialEnd{end.outcome, std::string(end.message),
                                                           std::string(with_sidecars_ ? end.sidecar : "")});
    return Ok{};
  }

  TrialEnd of(const std::string& test) {
    const kit::Lock lock(mutex_);
    const auto found = ends_.find(test);
    if (found == ends_.end()) return {TestOutcome::kError, "the runner did not tell how it ended"};
    return found->second;
  }

 private:
  class Nowhere : public ArtifactPort {
   public:
    Status write(std::string_view) override { return Ok{}; }
  };
  const AppContext& context_;
  Progress& progress_;
  const bool with_sidecars_;
  Nowhere nowhere_;
  kit::Mutex mutex_;
  std::map<std::string, TrialEnd> ends_ KTSTR_GUARDED_BY(mutex_);
};

/// For the runner alone: what a crash leaves of it, nobody reads.
Status write_trial(const std::filesystem::path& file, const json::object& manifest) {
  const kit::Done written = kit::replace_file(file, to_text(manifest) + "\n", kit::Sync::kNone);
  return written ? Status(Ok{}) : to_error(written.error());
}

}  // namespace

Result<Trials> Trials::make(const AppContext& context, RunnerPort& runner, const Kernel& kernel,
                            std::uint64_t seed, unsigned jobs) {
  if (const Status made = make_directories(context.config.cache_dir); !made) return made.error();
  auto scratch = make_scratch_directory(context.config.cache_dir, "explore-");
  if (!scratch) return scratch.error();
  return Trials(context, runner, kernel, seed, jobs, std::move(*scratch));
}

Result<std::optional<TestEntry>> Trials::look(const Trial& trial, std::string& why) {
  const std::filesystem::path file = scratch_.path() / "look.json";
  if (const Status written = write_trial(file, trial.manifest); !written) return written.error();
  RunnerRequest request;
  request.project_dir = context_.config.project_dir;
  request.manifests = {file.string()};
  const auto tests = runner_.discover(runner_request(context_, request));
  if (!tests) {
    if (tests.error().code != ExitCode::kUsage) return tests.error();
    why = tests.error().message;
    return std::optional<TestEntry>();
  }
  const auto found = std::find_if(tests->begin(), tests->end(), [&](const TestEntry& test) {
    return test.test == trial.test && test.topology == trial.topology && test.scheduler == trial.scheduler;
  });
  if (found == tests->end()) why = "the runner has no such test in it";
  return found == tests->end() ? std::optional<TestEntry>() : std::optional(*found);
}

Result<std::vector<TrialEnd>> Trials::run(const std::vector<Trial>& trials, Progress& progress, RunAs as) {
  KTSTR_ASSERT(sides_ != nullptr || !as.base);
  std::vector<TrialEnd> ends(trials.size());
  std::vector<std::string> names(trials.size());
  RunnerRequest request;
  if (sides_ != nullptr) {
    if (const Status shown = sides_->show(as.base); !shown) return shown.error();
  }
  request.project_dir = sides_ != nullptr ? sides_->project_dir() : context_.config.project_dir;
  request.kernel = &kernel_;
  request.deterministic = true;
  request.seed = as.seed.value_or(seed_);
  request.jobs = jobs_;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    names[i] = trials[i].name;
    if (names[i].empty()) {
      const auto test = look(trials[i], ends[i].message);
      if (!test) return test.error();
      if (!*test) continue;
      names[i] = (*test)->name;
    }
    const std::filesystem::path file = scratch_.path() / (std::to_string(i) + ".json");
    if (const Status written = write_trial(file, trials[i].manifest); !written) return written.error();
    request.manifests.push_back(file.string());
    request.tests.push_back(names[i]);
  }
  if (request.tests.empty()) return ends;
  const std::size_t tests = request.tests.size();
  progress.total(tests);
  Ends told(context_, progress, sides_ != nullptr || as.sidecars);
  RunnerPort& running = runner_;
  context_.on_cancel([&running] { running.interrupt(); });
  const Status ran = runner_.run(runner_request(context_, request), told);
  context_.on_cancel({});
  progress.total(0);
  if (context_.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
  if (!ran) return ran.error();
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (!names[i].empty()) ends[i] = told.of(names[i]);
  }
  return ends;
}

}  // namespace ktstr
