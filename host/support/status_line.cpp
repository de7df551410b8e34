// SPDX-License-Identifier: Apache-2.0
#include "support/status_line.hpp"

#include <unistd.h>

#include <ktstr/kit/mutex.hpp>
#include <string>

namespace ktstr {
namespace {

/// Never destroyed: threads print until the very end of the process.
struct Line {
  kit::Mutex mutex;
  bool shown KTSTR_GUARDED_BY(mutex) = false;
};
Line& line() {
  static Line& only = *new Line;
  return only;
}

void to_stderr(const std::string& text) {
  if (::write(2, text.data(), text.size()) < 0) return;  // a line that cannot be shown is no loss
}

void take_away(Line& at) KTSTR_REQUIRES(at.mutex) {
  if (at.shown) to_stderr("\r\033[K");
  at.shown = false;
}

}  // namespace

void show_status_line(std::string_view text) {
  Line& at = line();
  const kit::Lock lock(at.mutex);
  to_stderr("\r\033[K" + std::string(text));
  at.shown = true;
}

void clear_status_line() {
  Line& at = line();
  const kit::Lock lock(at.mutex);
  take_away(at);
}

detail::NoStatusLine::NoStatusLine() KTSTR_THREAD_SAFETY(no_thread_safety_analysis) {
  line().mutex.lock();
  take_away(line());
}
detail::NoStatusLine::~NoStatusLine() KTSTR_THREAD_SAFETY(no_thread_safety_analysis) {
  line().mutex.unlock();
}

}  // namespace ktstr
