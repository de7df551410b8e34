// SPDX-License-Identifier: Apache-2.0
#include "support/progress.hpp"

#include <algorithm>
#include <atomic>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>
#include <system_error>

#include "support/details.hpp"
#include "support/pace.hpp"
#include "support/status_line.hpp"

namespace ktstr {

namespace {

constexpr std::chrono::milliseconds kUnseen{200};  // what is over that soon needs no line

std::atomic<Progress*> seen{nullptr};

/// ", about 20 s left" of what took some time before.
std::string left_of(std::chrono::milliseconds left) {
  if (left > std::chrono::milliseconds(0)) return ", about " + rough_duration(left) + " left";
  return ", longer than before";
}

}  // namespace

Progress::Progress(bool enabled, unsigned width)
    : enabled_(enabled), width_(width == 0 ? 80 : width), below_(seen.exchange(this)) {
  if (!enabled_) return;
  try {
    thread_ = std::thread([this] {
      const kit::Lock lock(mutex_);
      if (!stopping_) stop_.wait_for(mutex_, kUnseen);
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
  seen = below_;
  {
    const kit::Lock lock(mutex_);
    end_phase();
  }
  if (!enabled_) return;
  {
    const kit::Lock lock(mutex_);
    stopping_ = true;
  }
  stop_.wake_all();
  thread_.join();
}

void Progress::phase(std::string text, std::optional<std::chrono::milliseconds> expected) {
  const kit::Lock lock(mutex_);
  end_phase();
  phase_ = std::move(text);
  phase_begin_ = Clock::now();
  phase_expected_.reset();
  if (expected) phase_expected_ = Expectation{phase_begin_, *expected};
}

void Progress::expect(std::optional<std::chrono::milliseconds> all_tests) {
  const kit::Lock lock(mutex_);
  tests_expected_.reset();
  if (all_tests) tests_expected_ = Expectation{Clock::now(), *all_tests};
}

void Progress::end_phase() {
  if (phase_.empty() || !is_told(Detail::kStep)) return;
  const std::chrono::duration<double> took = Clock::now() - phase_begin_;
  tell_step(phase_ + ": took " + fixed(took.count(), 2) + " s");
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
  if (seen != this || (total_ == 0 && phase_.empty() && note_.empty())) return;
  const auto now = Clock::now();
  const auto left = [&](const Expectation& expected) {
    return left_of(expected.time -
                   std::chrono::duration_cast<std::chrono::milliseconds>(now - expected.begin));
  };
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begin_).count();
  std::string line = "  [" + std::to_string(seconds) + " s] ";
  if (!phase_.empty()) line += phase_ + (phase_expected_ ? left(*phase_expected_) : "") + "  ";
  if (total_ > 0) line += std::to_string(done_) + "/" + std::to_string(total_) + "  ";
  line += join(running_, ", ");
  if (total_ > 0 && tests_expected_) line += left(*tests_expected_);
  if (!note_.empty()) line += " (" + note_ + ")";
  line = printable(line);
  show_status_line(start_of_width(line, width_ - 1));
}

}  // namespace ktstr
