// SPDX-License-Identifier: Apache-2.0
#include "agent/counters.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

using kvm::Counter, kvm::CounterSource;
constexpr std::size_t kLargestFile = 1 << 20;

/// Calls `see` with each line, without blanks in front.
template <typename See>
void each_line(std::string_view text, See see) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    see(line);
    begin = end + 1;
  }
}

/// The numbers of a line from `at` on, as far as they go.
std::vector<std::uint64_t> numbers_of(std::string_view line, std::size_t at) {
  std::vector<std::uint64_t> numbers;
  while (at < line.size()) {
    at = line.find_first_not_of(' ', at);
    if (at == std::string_view::npos || line[at] < '0' || line[at] > '9') break;
    std::uint64_t number = 0;
    for (; at < line.size() && line[at] >= '0' && line[at] <= '9'; ++at)
      number = number * 10 + static_cast<std::uint64_t>(line[at] - '0');
    numbers.push_back(number);
  }
  return numbers;
}

std::string_view first_word(std::string_view line) { return line.substr(0, line.find(' ')); }

/// "cpu3" and the like, not "cpu" itself.
bool is_cpu(std::string_view word) {
  return word.size() > 3 && word.starts_with("cpu") && word[3] >= '0' && word[3] <= '9';
}

std::optional<std::uint64_t> schedstat(const Counter& counter, const std::string& text) {
  std::optional<std::uint64_t> sum;
  each_line(text, [&](std::string_view line) {
    const std::string_view word = first_word(line);
    if (!is_cpu(word)) return;
    const std::vector<std::uint64_t> numbers = numbers_of(line, word.size());
    if (counter.field < numbers.size()) sum = sum.value_or(0) + numbers[counter.field];
  });
  return sum;
}

/// A number of the line that begins with this word.
std::optional<std::uint64_t> field_of(std::string_view name, std::size_t field, const std::string& text) {
  std::optional<std::uint64_t> found;
  each_line(text, [&](std::string_view line) {
    if (found || first_word(line) != name) return;
    const std::vector<std::uint64_t> numbers = numbers_of(line, name.size());
    if (field < numbers.size()) found = numbers[field];
  });
  return found;
}

std::optional<std::uint64_t> pressure(const Counter& counter, const std::string& text) {
  std::optional<std::uint64_t> found;
  each_line(text, [&](std::string_view line) {
    const std::size_t total = line.find("total=");
    if (!line.starts_with(counter.line) || total == std::string_view::npos) return;
    const std::vector<std::uint64_t> numbers = numbers_of(line, total + 6);
    if (!numbers.empty()) found = numbers[0];
  });
  return found;
}

std::vector<std::uint64_t> softirqs(const Counter& counter, const std::string& text) {
  std::vector<std::uint64_t> found;
  each_line(text, [&](std::string_view line) {
    if (line.starts_with(counter.line)) found = numbers_of(line, counter.line.size());
  });
  return found;
}

/// All lines together; the first one names the CPUs.
std::vector<std::uint64_t> interrupts(const std::string& text) {
  std::vector<std::uint64_t> sums;
  each_line(text, [&](std::string_view line) {
    if (sums.empty() && line.starts_with("CPU")) {
      sums.resize(static_cast<std::size_t>(std::count(line.begin(), line.end(), 'U')));
      return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::vector<std::uint64_t> numbers = numbers_of(line, colon + 1);
    for (std::size_t cpu = 0; cpu < std::min(numbers.size(), sums.size()); ++cpu) sums[cpu] += numbers[cpu];
  });
  return sums;
}

std::optional<std::uint64_t> sum_of(const std::vector<std::uint64_t>& numbers) {
  if (numbers.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const std::uint64_t number : numbers) sum += number;
  return sum;
}

}  // namespace

CounterFiles read_counter_files() {
  return {read_text("/proc/schedstat", kLargestFile),
          read_text("/proc/stat", kLargestFile),
          read_text("/proc/softirqs", kLargestFile),
          read_text("/proc/interrupts", kLargestFile),
          read_text("/proc/pressure/irq", kLargestFile),
          read_text("/proc/vmstat", kLargestFile),
          read_text("/sys/kernel/sched_ext/root/events", kLargestFile)};
}

CounterReading parse_counters(const CounterFiles& files, std::uint64_t ns_per_tick) {
  CounterReading reading;
  for (std::size_t i = 0; i < kvm::kCounters.size(); ++i) {
    const Counter& counter = kvm::kCounters[i];
    std::vector<std::uint64_t> by_cpu;
    std::optional<std::uint64_t>& total = reading.totals[i];
    switch (counter.source) {
      case CounterSource::kSchedstat: total = schedstat(counter, files.schedstat); break;
      case CounterSource::kStat:
        total = field_of("cpu", counter.field, files.stat);
        if (total) total = *total * ns_per_tick;
        break;
      case CounterSource::kStatTotal: total = field_of(counter.line, counter.field, files.stat); break;
      case CounterSource::kSoftirqs: by_cpu = softirqs(counter, files.softirqs); break;
      case CounterSource::kInterrupts: by_cpu = interrupts(files.interrupts); break;
      case CounterSource::kPressure: total = pressure(counter, files.irq_pressure); break;
      case CounterSource::kVmstat: total = field_of(counter.line, 0, files.vmstat); break;
      case CounterSource::kSchedExt: total = field_of(counter.line, 0, files.sched_ext_events); break;
    }
    if (!by_cpu.empty()) total = sum_of(by_cpu);
    if (counter.by_cpu) reading.by_cpu[i] = std::move(by_cpu);
  }
  return reading;
}

CounterReading read_counters() {
  const long ticks = ::sysconf(_SC_CLK_TCK);
  return parse_counters(read_counter_files(),
                        1'000'000'000ULL / static_cast<std::uint64_t>(ticks > 0 ? ticks : 100));
}

}  // namespace ktstr::agent
