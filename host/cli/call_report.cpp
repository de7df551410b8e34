// SPDX-License-Identifier: Apache-2.0
#include "cli/call_report.hpp"

#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "cli/command.hpp"
#include "cli/log.hpp"
#include "plugin/call_times.hpp"
#include "support/details.hpp"
#include "support/files.hpp"
#include "support/output.hpp"
#include "support/table.hpp"

namespace ktstr {

ExitCode report(const Error& error);  // cli/log.cpp

namespace {

constexpr std::size_t kMostRows = 20;

std::string short_time(std::chrono::nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds >= 1 ? fixed(seconds, 2) + " s" : fixed(seconds * 1000, seconds >= 0.1 ? 0 : 2) + " ms";
}

/// "runner 3.02 s, store 12 ms": what calls of each kind of plugin took together.
std::string by_kind(const std::vector<CallSum>& sums) {
  std::map<std::string, std::chrono::nanoseconds> kinds;
  std::vector<std::string> order;
  for (const CallSum& sum : sums) {
    const std::string kind = sum.what.substr(0, sum.what.find(' '));
    if (!kinds.contains(kind)) order.push_back(kind);
    kinds[kind] += sum.total;
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](const std::string& a, const std::string& b) { return kinds[a] > kinds[b]; });
  std::vector<std::string> parts;
  for (const std::string& kind : order)
    parts.push_back((kind == "plugin" ? "loading" : kind) + " " + short_time(kinds[kind]));
  return join(parts, ", ");
}

/// "plugin ID" are calls of a library before it has instances; the others are a kind and a name.
void tell_calls(const std::vector<CallSum>& sums) {
  if (sums.empty()) return;
  tell_step("time in plugins: " + by_kind(sums) + "; calls that overlap are added up");
  std::vector<std::vector<std::string>> table{{"PLUGIN", "CALL", "CALLS", "TOGETHER", "LONGEST"}};
  for (const CallSum& sum : sums) {
    if (table.size() > kMostRows) break;
    table.push_back({printable(sum.what), sum.function, std::to_string(sum.calls), short_time(sum.total),
                     short_time(sum.longest)});
  }
  for (const std::string& line : kit::lines(text_table(table, {2, 3, 4}))) tell_step("  " + line);
  if (sums.size() > kMostRows)
    tell_step("  and " + counted(sums.size() - kMostRows, "kind", "kinds") + " of calls that took less");
}

}  // namespace

Result<CallReport> CallReport::begin(const GlobalFlags& flags) {
  if (!flags.trace_plugins.empty()) {
    if (const std::string obstacle = output_obstacle(flags.trace_plugins); !obstacle.empty()) {
      return usage_error("--trace-plugins " + printable(flags.trace_plugins) + ": " + obstacle,
                         "name a file in a directory that is there and may be written to");
    }
  }
  if (!flags.trace_plugins.empty() || flags.verbose > 0) measure_calls(!flags.trace_plugins.empty());
  return CallReport(flags);
}

ExitCode CallReport::end(ExitCode code) const {
  if (!flags_.trace_plugins.empty()) {
    if (const Status written = write_output(flags_.trace_plugins, call_trace()); !written)
      code = worse(code, report(written.error()));
  }
  if (!is_told(Detail::kStep)) return code;
  tell_calls(call_sums());
  tell_step("ended with " + std::to_string(static_cast<int>(code)) + " after " +
            short_time(std::chrono::steady_clock::now() - begin_));
  return code;
}

}  // namespace ktstr
