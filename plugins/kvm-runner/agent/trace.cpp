// SPDX-License-Identifier: Apache-2.0
#include "agent/trace.hpp"

#include <unistd.h>

#include <algorithm>

#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

const std::string kTracing = "/sys/kernel/tracing/";
constexpr const char* kTraced[] = {"sched_switch", "sched_waking", "sched_wakeup_new"};

}  // namespace

Trace::Trace(bool wanted) {
  if (!wanted) return;
  constexpr std::size_t kAllKiB = 16 << 10, kMostKiB = 2 << 10;
  const auto cpus = static_cast<std::size_t>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
  const std::size_t size = std::min(kMostKiB, kAllKiB / cpus);
  std::string problem = write_text(kTracing + "trace_clock", "mono");
  if (problem.empty()) problem = write_text(kTracing + "buffer_size_kb", std::to_string(size));
  for (const char* event : kTraced) {
    if (problem.empty()) problem = write_text(kTracing + "events/sched/" + event + "/enable", "1");
  }
  started_ = problem.empty();
}

void Trace::stop() {
  if (started_) write_text(kTracing + "tracing_on", "0");
}

std::string Trace::text() const {
  constexpr std::size_t kMostRead = 64 << 20;
  return started_ ? newest_lines(read_text((kTracing + "trace").c_str(), kMostRead), kMostBytes)
                  : std::string();
}

std::string newest_lines(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t head = 0;
  while (head < text.size() && text[head] == '#') head = std::min(text.find('\n', head), text.size() - 1) + 1;
  if (head >= most) return {};
  const std::size_t begin = text.find('\n', text.size() - (most - head));
  return text.substr(0, head) + (begin == std::string::npos ? std::string() : text.substr(begin + 1));
}

}  // namespace ktstr::agent
