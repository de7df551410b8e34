// SPDX-License-Identifier: Apache-2.0
//
// What a runner tells of its tests becomes sidecars in the store and results for whoever watches. Nothing
// that the runner says can contradict itself: a sidecar of another test, or one that says something else than
// the outcome, makes the test an ERROR, as does a test that never ends.
#pragma once
#include <ktstr/kit/mutex.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "measure/artifact_file.hpp"
#include "measure/execution.hpp"
#include "measure/store_queue.hpp"

namespace ktstr {

class Listener : public RunEventsPort {
 public:
  /// `elsewhere`: the runner tells on what machines tests ran; `spool`: for what the store refuses.
  Listener(bool elsewhere, StorePort& store, StoreRunPort& run, Spool& spool, const ExecutionRequest& request,
           Progress& progress, const std::function<void(const TestResult&)>& on_result,
           ExecutionResult& result);

  void started(std::string_view test) override;
  void progress(std::string_view test, std::string_view text, double done) override;
  Result<ArtifactPort*> artifact(const ArtifactRequest& request) override;
  /// Returns before anything is stored.
  Status finished(const TestEnd& end) override;

  /// Tests that failed and may be run once more, in the request's order; then `started` begins anew for them.
  std::vector<TestEntry> to_run_again();

  /// After the run: waits until everything is stored. `all_ran`: what has not ended is the runner's mistake.
  void close(bool all_ran);

 private:
  /// An attempt that failed and was followed by another one.
  struct Attempt {
    std::string reason;
    std::vector<std::unique_ptr<ArtifactFile>> artifacts;
  };
  struct Ended {
    TestResult result;
    std::string sidecar;
    std::uint32_t attempt = 1;
    HostStamp stamp;
    std::vector<std::unique_ptr<ArtifactFile>> artifacts;
    std::vector<Attempt> earlier;
    std::optional<Error> refused;  ///< by the store: then nothing more of the test is offered to it
    bool lost = false;             ///< something of it could not be kept either
  };
  struct Name {
    std::string test, hash;
  };
  const TestEntry* find(std::string_view test) const;
  bool has_ended(const std::string& test);
  std::set<std::string> kept_tests();
  Status check_artifact(const ArtifactRequest& request) KTSTR_REQUIRES(mutex_);
  HostStamp stamp_of(std::string_view test) KTSTR_REQUIRES(mutex_);
  std::shared_ptr<Ended> ended_of(const TestEntry& entry, const TestEnd& end) KTSTR_REQUIRES(mutex_);
  bool may_run_again(const Ended& ended) const;
  void add_earlier(std::shared_ptr<Ended>& now) KTSTR_REQUIRES(mutex_);
  void give_up_retries();
  void tell_attempts(Ended& ended);
  void hand_over(std::shared_ptr<Ended> ended);
  void keep(Ended& ended);
  Result<Name> keep_sidecar(Ended& ended);
  enum class Kept { kStored, kSpooled, kLost };
  Kept put(Ended& ended, const StoredFile& file);
  void keep_artifacts(Ended& ended, const Name& name);
  void keep_artifact(Ended& ended, ArtifactFile& artifact, const Name& name, const std::string& prefix);
  void failed(Ended& ended, Error error, bool of_runner);

  const bool elsewhere_;
  StorePort& store_;
  StoreRunPort& run_;
  Spool& spool_;
  const ExecutionRequest& request_;
  Progress& progress_;
  const std::function<void(const TestResult&)>& on_result_;
  kit::Mutex mutex_;
  ExecutionResult& result_ KTSTR_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> running_ KTSTR_GUARDED_BY(mutex_), ended_ KTSTR_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<Ended>, std::less<>> failed_
      KTSTR_GUARDED_BY(mutex_);  ///< to run again
  /// Readings of the host when the test began.
  std::map<std::string, json::object, std::less<>> before_ KTSTR_GUARDED_BY(mutex_);
  /// Of tests that have not ended.
  std::vector<std::unique_ptr<ArtifactFile>> artifacts_ KTSTR_GUARDED_BY(mutex_);
  StoreQueue queue_;  ///< last: it ends before what its work uses
};

}  // namespace ktstr
