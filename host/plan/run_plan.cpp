// SPDX-License-Identifier: Apache-2.0
#include "plan/run_plan.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <utility>

#include "sidecar/variant_hash.hpp"
#include "support/split_mix.hpp"

namespace ktstr {

const char* order_name(RunOrder order) { return order == RunOrder::kAbba ? "abba" : "block"; }

Result<RunOrder> parse_order(const std::string& name) {
  if (name == "abba") return RunOrder::kAbba;
  if (name == "block") return RunOrder::kBlock;
  return usage_error(
      "--order: there is no order \"" + printable(name) + "\"" + suggestion(name, {"abba", "block"}),
      "abba alternates which side runs first, block always starts with the baseline");
}

std::vector<PlanStep> plan_steps(const PlanOptions& options, std::uint64_t begin, std::uint64_t end) {
  std::vector<PlanStep> steps;
  for (std::uint64_t block = begin; block < end; ++block) {
    const bool head_first = options.order == RunOrder::kAbba && block % 2 == 1;
    steps.push_back({head_first, block, 2 * block});
    steps.push_back({!head_first, block, 2 * block + 1});
  }
  KTSTR_ASSERT(begin > end || steps.size() == 2 * (end - begin));  // both sides equally often
  KTSTR_ASSERT(steps.empty() || (steps.front().slot == 2 * begin && steps.back().slot == 2 * end - 1));
  return steps;
}

std::vector<std::string> scenario_order(const PlanOptions& options, std::uint64_t block,
                                        std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (options.order == RunOrder::kBlock) return names;
  KTSTR_ASSERT(std::is_sorted(names.begin(), names.end()));  // what makes an order the seed's alone
  SplitMix random{options.seed};
  random.state = random.next() ^ block;
  for (std::size_t i = names.size(); i > 1; --i)
    std::swap(names[i - 1], names[random.below(i)]);  // Fisher-Yates
  return names;
}

std::string plan_identity(const std::vector<std::string>& parts) {
  std::string bytes;
  for (const std::string& part : parts) bytes += std::to_string(part.size()) + ":" + part;
  return kit::hex64(siphash13(bytes));
}

}  // namespace ktstr
