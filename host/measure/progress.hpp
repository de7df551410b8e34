// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace ktstr {

/// One line at the bottom of the terminal that says what is running. Silent when stderr is none. Safe from
/// any thread.
class Progress {
 public:
  Progress(bool enabled, unsigned width);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void phase(std::string text);  ///< "block 2 of 6, HEAD"; "" for none
  void total(std::size_t tests);
  void started(std::string test);
  void note(std::string text);
  /// True for the first time that this text is asked about.
  bool is_news(const std::string& text);
  void finished(const std::string& test);
  /// Runs `print` with the line taken away, so that other output starts at a fresh line.
  void around(const std::function<void()>& print);

 private:
  void draw();
  void clear();

  bool enabled_;
  unsigned width_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false, shown_ = false;
  std::string phase_, note_;
  std::size_t total_ = 0, done_ = 0;
  std::vector<std::string> running_;
  std::set<std::string> told_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::thread thread_;
};

}  // namespace ktstr
