// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace ktstr {

/// One line at the bottom of the terminal that says what is waited for, and for how long still where that is
/// known. Silent when stderr is none. Of several at once the one that was made last is seen. Safe from any
/// thread.
class Progress {
 public:
  Progress(bool enabled, unsigned width);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// "block 2 of 6, HEAD"; "" for none. `expected`: how long it took before.
  void phase(std::string text, std::optional<std::chrono::milliseconds> expected = {});
  /// How long the tests of `total` will take together.
  void expect(std::optional<std::chrono::milliseconds> all_tests);
  void total(std::size_t tests);
  void started(std::string test);
  void note(std::string text);
  /// True for the first time that this text is asked about.
  bool is_news(const std::string& text);
  void finished(const std::string& test);
  /// Runs `print` with the line taken away, so that other output starts at a fresh line.
  void around(const std::function<void()>& print);

 private:
  using Clock = std::chrono::steady_clock;
  struct Expectation {
    Clock::time_point begin;
    std::chrono::milliseconds time;
  };
  void draw() KTSTR_REQUIRES(mutex_);
  void end_phase() KTSTR_REQUIRES(mutex_);
  void clear() KTSTR_REQUIRES(mutex_);

  bool enabled_;
  unsigned width_;
  kit::Mutex mutex_;
  kit::Condition stop_;
  bool stopping_ KTSTR_GUARDED_BY(mutex_) = false;
  std::string phase_ KTSTR_GUARDED_BY(mutex_), note_ KTSTR_GUARDED_BY(mutex_);
  std::size_t total_ KTSTR_GUARDED_BY(mutex_) = 0;
  std::size_t done_ KTSTR_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> running_ KTSTR_GUARDED_BY(mutex_);
  std::set<std::string> told_ KTSTR_GUARDED_BY(mutex_);
  std::optional<Expectation> phase_expected_ KTSTR_GUARDED_BY(mutex_), tests_expected_
      KTSTR_GUARDED_BY(mutex_);
  Clock::time_point phase_begin_ KTSTR_GUARDED_BY(mutex_);
  const Clock::time_point begin_ = Clock::now();
  Progress* const below_;  ///< seen again when this one goes
  std::thread thread_;
};

}  // namespace ktstr
