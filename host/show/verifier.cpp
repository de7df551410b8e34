// SPDX-License-Identifier: Apache-2.0
#include "show/verifier.hpp"

#include <algorithm>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <optional>

#include "analysis/bpf_stats.hpp"
#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kLogLines = 40;

const VerifiedScheduler* find(const KernelVerification& kernel, const std::string& name) {
  const auto found = std::find_if(kernel.schedulers.begin(), kernel.schedulers.end(),
                                  [&](const VerifiedScheduler& one) { return one.name == name; });
  return found == kernel.schedulers.end() ? nullptr : &*found;
}

/// Programs of one name are counted together, as the metric `verified_insns` counts all.
std::map<std::string, std::uint64_t> counts_of(const VerifiedScheduler& scheduler) {
  std::map<std::string, std::uint64_t> counts;
  for (const VerifiedScheduler::Program& program : scheduler.programs)
    counts[program.name] += program.verified_insns;
  return counts;
}

std::optional<std::uint64_t> count_in(const KernelVerification& kernel, const std::string& scheduler,
                                      const std::string& program) {
  const VerifiedScheduler* found = find(kernel, scheduler);
  if (found == nullptr || !found->loaded) return std::nullopt;
  const auto counts = counts_of(*found);
  if (program.empty()) {
    std::uint64_t total = 0;
    for (const auto& [name, count] : counts) total += count;
    return total;
  }
  const auto count = counts.find(program);
  return count == counts.end() ? std::nullopt : std::optional(count->second);
}

/// "812", "812 (+3.2%)" against the first kernel, "-" where there is none.
std::string cell(std::optional<std::uint64_t> count, std::optional<std::uint64_t> first, bool is_first) {
  if (!count) return "-";
  std::string text = std::to_string(*count);
  if (is_first || !first || *first == 0 || *first == *count) return text;
  const double change = (static_cast<double>(*count) / static_cast<double>(*first) - 1) * 100;
  return text + " (" + (change > 0 ? "+" : "") + kit::fixed(change, 1) + "%)";
}

void add_rows(const std::vector<KernelVerification>& kernels, const std::string& scheduler,
              std::vector<std::vector<std::string>>& table) {
  std::map<std::string, int> programs;
  for (const KernelVerification& kernel : kernels) {
    const VerifiedScheduler* found = find(kernel, scheduler);
    if (found == nullptr || !found->loaded) continue;
    for (const auto& [name, count] : counts_of(*found)) programs[name] = 1;
  }
  const auto row = [&](const std::string& program, const std::string& shown) {
    const auto first = count_in(kernels.front(), scheduler, program);
    std::vector<std::string> cells{printable(scheduler), shown};
    for (std::size_t i = 0; i < kernels.size(); ++i)
      cells.push_back(cell(count_in(kernels[i], scheduler, program), first, i == 0));
    table.push_back(std::move(cells));
  };
  for (const auto& [program, unused] : programs) row(program, printable(program));
  row("", "all programs");
}

std::string failure_text(const KernelVerification& kernel, const VerifiedScheduler& scheduler,
                         std::size_t width) {
  std::string out = "\n" + hanging(printable(scheduler.name) + " does not load on " +
                                       printable(kernel.kernel) + ": " + printable(scheduler.message),
                                   width, 2);
  std::vector<std::string> lines = kit::lines(scheduler.log);
  const std::size_t skipped = lines.size() > kLogLines ? lines.size() - kLogLines : 0;
  if (skipped > 0) out += "  … " + counted(skipped, "line", "lines") + " before (all: --json)\n";
  for (std::size_t i = skipped; i < lines.size(); ++i) out += "  " + printable(lines[i]) + "\n";
  return out;
}

/// Close to what the kernel refuses.
std::string warning_text(const std::vector<KernelVerification>& kernels) {
  std::string out;
  for (const KernelVerification& kernel : kernels) {
    for (const VerifiedScheduler& scheduler : kernel.schedulers) {
      for (const VerifiedScheduler::Program& program : scheduler.programs) {
        if (!VerifiedProgram{program.name, program.verified_insns}.near_limit()) continue;
        out += "warning: " + printable(program.name) + " of " + printable(scheduler.name) + " on " +
               printable(kernel.kernel) + " is close to the verifier's limit of " +
               std::to_string(kVerifierLimit) + " instructions\n";
      }
    }
  }
  return out;
}

}  // namespace

bool all_loaded(const std::vector<KernelVerification>& kernels) {
  return std::all_of(kernels.begin(), kernels.end(), [](const KernelVerification& kernel) {
    return std::all_of(kernel.schedulers.begin(), kernel.schedulers.end(),
                       [](const VerifiedScheduler& one) { return one.loaded; });
  });
}

std::string verification_text(const std::vector<KernelVerification>& kernels, std::size_t width) {
  if (kernels.empty()) return {};
  std::vector<std::vector<std::string>> table{{"SCHEDULER", "PROGRAM"}};
  for (const KernelVerification& kernel : kernels) table.front().push_back(printable(kernel.kernel));
  for (const VerifiedScheduler& scheduler : kernels.front().schedulers)
    add_rows(kernels, scheduler.name, table);
  std::string out = "verified instructions\n" + text_table(table) + warning_text(kernels);
  for (const KernelVerification& kernel : kernels) {
    for (const VerifiedScheduler& scheduler : kernel.schedulers) {
      if (!scheduler.loaded) out += failure_text(kernel, scheduler, width);
    }
  }
  return out;
}

json::object verification_json(const std::vector<KernelVerification>& kernels) {
  json::array out;
  for (const KernelVerification& kernel : kernels) {
    json::array schedulers;
    for (const VerifiedScheduler& one : kernel.schedulers) {
      json::array programs;
      for (const VerifiedScheduler::Program& program : one.programs)
        programs.push_back(json::object{{"name", program.name}, {"verified_insns", program.verified_insns}});
      schedulers.push_back(json::object{{"name", one.name},
                                        {"loaded", one.loaded},
                                        {"message", one.message},
                                        {"log", one.log},
                                        {"programs", std::move(programs)}});
    }
    out.push_back(json::object{{"kernel", kernel.kernel}, {"schedulers", std::move(schedulers)}});
  }
  return document("verifier", {{"kernels", std::move(out)}});
}

}  // namespace ktstr
