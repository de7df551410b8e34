// SPDX-License-Identifier: Apache-2.0
#include "cost/counts.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <unordered_map>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kMostCountedCalls = 1 << 20, kLongestCodeName = 200;

bool take_count(std::string_view& line, std::uint64_t& value) {
  const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (failed != std::errc{}) return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (line.starts_with(' ')) line.remove_prefix(1);
  return true;
}

/// The kernel calls a program bpf_prog_TAG_NAME, TAG being 16 digits made from its instructions, and what
/// calls an operation's program bpf__sched_ext_ops_NAME.
CountedCode code_of_symbol(std::string_view symbol) {
  constexpr std::string_view kProgram = "bpf_prog_", kOperation = "bpf__sched_ext_ops_";
  constexpr std::size_t kTag = 16;
  CountedCode code;
  if (symbol.starts_with(kOperation)) {
    code.kind = CodeKind::kOperation;
    symbol.remove_prefix(kOperation.size());
  } else if (symbol.starts_with(kProgram) && symbol.size() > kProgram.size() + kTag) {
    const std::string_view tag = symbol.substr(kProgram.size(), kTag);
    const bool is_tag = tag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    const std::string_view name = symbol.substr(kProgram.size() + kTag);
    if (is_tag && (name.size() > 1 && name[0] == '_')) {
      code.kind = CodeKind::kProgram;
      symbol = name.substr(1);
    }
  }
  code.name = printable_start(symbol, kLongestCodeName);
  return code;
}

class CountsReader {
 public:
  bool read(std::string_view text) {
    counts.code.emplace_back();
    counts.calls.emplace_back();
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return false;
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end + 1);
      if (line.starts_with("end ")) {
        line.remove_prefix(4);
        counts.overflowed = line.ends_with(" overflowed");
        return text.empty() && take_count(line, counts.calls.front().insns);
      }
      if (!take_call(line)) return false;
    }
    return false;
  }

  Counts counts;

 private:
  bool take_call(std::string_view line) {
    std::uint64_t id = 0, parent = 0;
    CountedCall call;
    if (!take_count(line, id) || !take_count(line, parent) || !take_count(line, call.calls) ||
        !take_count(line, call.insns) || line.empty() || counts.calls.size() >= kMostCountedCalls)
      return false;
    const auto caller = places_.find(parent);
    if (caller == places_.end() || !places_.try_emplace(id, counts.calls.size()).second) return false;
    call.parent = caller->second;
    const CountedCode code = code_of_symbol(line);
    const auto [known, fresh] = codes_.try_emplace({code.kind, code.name}, counts.code.size());
    if (fresh) counts.code.push_back(code);
    call.code = known->second;
    counts.calls.push_back(call);
    KTSTR_ASSERT(places_.size() == counts.calls.size() && call.code < counts.code.size());
    return true;
  }

  std::unordered_map<std::uint64_t, std::size_t> places_{{0, 0}};
  std::map<std::pair<CodeKind, std::string>, std::size_t> codes_;
};

/// Of each call, with everything that it called.
std::vector<std::uint64_t> call_totals(const Counts& counts) {
  std::vector<std::uint64_t> sums(counts.calls.size());
  for (std::size_t i = counts.calls.size(); i-- > 0;) {
    sums[i] += counts.calls[i].insns;
    KTSTR_ASSERT(counts.calls[i].parent < i || i == 0);
    if (i > 0) sums[counts.calls[i].parent] += sums[i];
  }
  return sums;
}

/// Whether one of these that wanted it is among the callers.
template <typename Wanted>
bool called_within(const Counts& counts, std::size_t call, const Wanted& wanted) {
  for (std::size_t at = counts.calls[call].parent; at != 0; at = counts.calls[at].parent) {
    if (wanted(counts.calls[at].code)) return true;
  }
  return false;
}

}  // namespace

std::optional<Counts> parse_counts(std::string_view text) {
  CountsReader reader;
  if (!reader.read(text)) return std::nullopt;
  return std::move(reader.counts);
}

std::vector<CostRow> cost_rows(const Counts& counts) {
  std::vector<CostRow> rows;
  for (const CountedCode& code : counts.code) rows.push_back({code, {}});
  const std::vector<std::uint64_t> sums = call_totals(counts);
  for (std::size_t i = 1; i < counts.calls.size(); ++i) {
    const CountedCall& call = counts.calls[i];
    CodeCost& cost = rows[call.code].cost;
    cost.calls += call.calls;
    cost.self_insns += call.insns;
    if (!called_within(counts, i, [&](std::size_t code) { return code == call.code; })) cost.insns += sums[i];
  }
  rows.erase(rows.begin());
  std::erase_if(rows, [](const CostRow& row) { return row.cost.calls == 0 && row.cost.insns == 0; });
  std::stable_sort(rows.begin(), rows.end(),
                   [](const CostRow& a, const CostRow& b) { return a.cost.insns > b.cost.insns; });
  return rows;
}

CodeCost cost_of(const Counts& counts, const std::function<bool(const CountedCode&)>& wanted) {
  std::vector<bool> takes(counts.code.size());
  for (std::size_t i = 1; i < counts.code.size(); ++i) takes[i] = wanted(counts.code[i]);
  const std::vector<std::uint64_t> sums = call_totals(counts);
  CodeCost cost;
  for (std::size_t i = 1; i < counts.calls.size(); ++i) {
    const CountedCall& call = counts.calls[i];
    if (!takes[call.code]) continue;
    cost.self_insns += call.insns;
    if (called_within(counts, i, [&](std::size_t code) { return takes[code]; })) continue;
    cost.calls += call.calls;
    cost.insns += sums[i];
  }
  return cost;
}

std::uint64_t counted_insns(const Counts& counts) {
  std::uint64_t sum = 0;
  for (const CountedCall& call : counts.calls) sum += call.insns;
  return sum;
}

std::string folded_stacks(const Counts& counts) {
  constexpr std::string_view kFrom[] = {"", "sched_ext ", "bpf "};
  std::string text;
  std::vector<std::string> stacks(counts.calls.size());
  for (std::size_t i = 1; i < counts.calls.size(); ++i) {
    const CountedCall& call = counts.calls[i];
    KTSTR_ASSERT(call.parent < i && call.code < counts.code.size());
    const CountedCode& code = counts.code[call.code];
    std::string name = std::string(kFrom[static_cast<std::size_t>(code.kind)]) + code.name;
    std::replace(name.begin(), name.end(), ';', ':');
    stacks[i] = stacks[call.parent] + (call.parent == 0 ? "" : ";") + name;
    if (call.insns > 0) text += stacks[i] + ' ' + std::to_string(call.insns) + '\n';
  }
  return text;
}

}  // namespace ktstr::kvm
