// SPDX-License-Identifier: Apache-2.0
#include "measure/progress.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>
#include <system_error>

#include "support/status_line.hpp"

namespace ktstr {

Progress::Progress(bool enabled, unsigned width) : enabled_(enabled), width_(width == 0 ? 80 : width) {
  if (!enabled_) return;
  try {
    thread_ = std::thread([this] {
      const kit::Lock lock(mutex_);
      while (!stopping_) {
        draw();
        stop_.wait_for(mutex_, std::chrono::milliseconds(100));
      }
      clear();
    });
  } catch (const std::system_error&) {
    enabled_ = false;  // no thread to be had: work goes on without the line
  }
}

Progress::~Progress() {
  if (!enabled_) return;
  {
    const kit::Lock lock(mutex_);
    stopping_ = true;
  }
  stop_.wake_all();
  thread_.join();
}

void Progress::phase(std::string text) {
  const kit::Lock lock(mutex_);
  phase_ = std::move(text);
}

void Progress::total(std::size_t tests) {
  const kit::Lock lock(mutex_);
  total_ = tests;
  done_ = 0;
  running_.clear();
}

void Progress::started(std::string test) {
  const kit::Lock lock(mutex_);
  running_.push_back(std::move(test));
}

bool Progress::is_news(const std::string& text) {
  const kit::Lock lock(mutex_);
  return told_.insert(text).second;
}

void Progress::note(std::string text) {
  const kit::Lock lock(mutex_);
  note_ = std::move(text);
}

void Progress::finished(const std::string& test) {
  const kit::Lock lock(mutex_);
  running_.erase(std::remove(running_.begin(), running_.end(), test), running_.end());
  note_.clear();
  ++done_;
}

void Progress::around(const std::function<void()>& print) {
  const kit::Lock lock(mutex_);
  clear();
  print();
}

void Progress::clear() {
  if (enabled_) clear_status_line();
}

void Progress::draw() {
  if (total_ == 0 && phase_.empty() && note_.empty()) return;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_).count();
  std::string line = "  [" + std::to_string(seconds) + " s] ";
  if (!phase_.empty()) line += phase_ + "  ";
  if (total_ > 0) line += std::to_string(done_) + "/" + std::to_string(total_) + "  ";
  line += join(running_, ", ");
  if (!note_.empty()) line += " (" + note_ + ")";
  line = printable(line);
  show_status_line(start_of_width(line, width_ - 1));
}

}  // namespace ktstr
