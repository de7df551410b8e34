// SPDX-License-Identifier: Apache-2.0
#include "compare/conclusion.hpp"

#include <algorithm>
#include <iterator>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>

#include "compare/strictness.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kLongestReason = 160;
constexpr std::size_t kMostParts = 3;  // of a headline; the list below it has everything

struct Words {
  const char* name;
  const char* one;   // after "1 scenario"
  const char* many;  // after "2 scenarios"
};

Words words_of(ShortfallKind kind) {
  switch (kind) {
    case ShortfallKind::kCouldNotRun: return {"could_not_run", "could not run on", "could not run on"};
    case ShortfallKind::kDidNotPass: return {"did_not_pass", "did not pass on", "did not pass on"};
    case ShortfallKind::kUnfinished:
      return {"unfinished", "is missing because the run ended early on",
              "are missing because the run ended early on"};
    case ShortfallKind::kUnreadable: return {"unreadable", "cannot be read on", "cannot be read on"};
    case ShortfallKind::kNewer:
      return {"newer", "was written by a newer ktstr on", "were written by a newer ktstr on"};
    case ShortfallKind::kOtherTree:
      return {"other_tree", "ran from another state of the tree on", "ran from another state of the tree on"};
    case ShortfallKind::kOtherKernel:
      return {"other_kernel", "ran on another kernel on", "ran on another kernel on"};
    case ShortfallKind::kOtherMachine:
      return {"other_machine", "ran with another accelerator or clock on",
              "ran with another accelerator or clock on"};
    case ShortfallKind::kSkipped:
      return {"skipped", "was skipped or expected to fail on", "were skipped or expected to fail on"};
    case ShortfallKind::kLeftOut:
      return {"left_out", "was left out of the run of", "were left out of the run of"};
    case ShortfallKind::kUnpaired: return {"unpaired", "has no result on", "have no result on"};
    case ShortfallKind::kNoCgroup:
      return {"no_cgroup", "is not in the results of", "are not in the results of"};
    case ShortfallKind::kNoValue: return {"no_value", "has no value on", "have no value on"};
  }
  return {"unpaired", "has no result on", "have no result on"};
}

std::string cut(const std::string& text) {
  if (text.size() <= kLongestReason) return text;
  std::size_t length = kLongestReason;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
    --length;  // no half code point
  return text.substr(0, length) + "...";
}

/// What one side, or both, lack in the same way.
struct Group {
  std::set<std::string> what[2];  ///< by side: scenarios, files or metrics
  std::string reason;             ///< the first that is known
};

std::string counted(ShortfallKind kind, std::size_t n, const std::string& where) {
  const bool files = kind == ShortfallKind::kUnreadable || kind == ShortfallKind::kNewer;
  const std::string noun = files                              ? "result"
                           : kind == ShortfallKind::kNoValue  ? "metric"
                           : kind == ShortfallKind::kNoCgroup ? "cgroup"
                                                              : "scenario";
  const Words words = words_of(kind);
  return std::to_string(n) + " " + noun + (n == 1 ? " " : "s ") + (n == 1 ? words.one : words.many) + " " +
         where;
}

/// "HEAD ran on another kernel".
std::string whole_side(ShortfallKind kind, const std::string& side) {
  const std::string words = words_of(kind).one;
  return side + " " + words.substr(0, words.rfind(' '));
}

std::string text_of(ShortfallKind kind, const Group& group, const SideNames& names) {
  std::set<std::string> both;
  std::set_intersection(group.what[0].begin(), group.what[0].end(), group.what[1].begin(),
                        group.what[1].end(), std::inserter(both, both.end()));
  KTSTR_ASSERT(both.size() <= std::min(group.what[0].size(), group.what[1].size()));
  const std::string reason = group.reason.empty() ? "" : " (" + cut(group.reason) + ")";
  std::vector<std::string> parts;
  for (const bool head : {true, false}) {
    if (group.what[head ? 1 : 0].contains("")) return whole_side(kind, names.of(head)) + reason;
    if (const std::size_t n = group.what[head ? 1 : 0].size() - both.size(); n > 0)
      parts.push_back(counted(kind, n, names.of(head)));
  }
  if (!both.empty()) parts.push_back(counted(kind, both.size(), "either side"));
  KTSTR_ASSERT(!parts.empty());  // a group without anything is not made
  return join(parts, ", ") + reason;
}

/// No row at all.
Conclusion nothing_judged(const ConclusionFacts& facts) {
  const std::string why = shortfall_text(facts.shortfalls, true);
  if (facts.baseline_required && !facts.baseline_has_performance_tests) {
    return {Overall::kFail, ExitCode::kFailed,
            "there is no performance_mode sidecar of the baseline " + facts.baseline_label +
                ", and --require-baseline wants one" + (why.empty() ? "" : ": " + why)};
  }
  const bool could_not_run =
      std::any_of(facts.shortfalls.begin(), facts.shortfalls.end(),
                  [](const Shortfall& s) { return s.kind == ShortfallKind::kCouldNotRun; });
  if (!why.empty())
    return {Overall::kInconclusive, could_not_run ? ExitCode::kEnvironment : ExitCode::kInconclusive,
            "nothing was compared: " + why};
  if (!facts.baseline_has_performance_tests) {
    const std::string text =
        facts.baseline_is_known
            ? "the baseline " + facts.baseline_label + " has no performance_mode test"
            : "the pool has no performance_mode sidecar of the baseline " + facts.baseline_label;
    if (!facts.strict) return {Overall::kEmpty, ExitCode::kFine, text};
    return {Overall::kInconclusive, ExitCode::kInconclusive, text + ", and --strict wants a comparison"};
  }
  if (facts.scenarios > 0)
    return {Overall::kInconclusive, ExitCode::kInconclusive,
            "no metric has a value on both sides of any scenario"};
  const std::string text =
      facts.head_has_performance_tests
          ? "the two sides have no scenario in common"
          : "HEAD " + facts.head_label + " has no performance_mode test, the baseline has";
  return {Overall::kInconclusive, ExitCode::kInconclusive, text};
}

}  // namespace

const char* shortfall_name(ShortfallKind kind) { return words_of(kind).name; }

std::string shortfall_text(const std::vector<Shortfall>& shortfalls, bool minor, const SideNames& names) {
  std::map<ShortfallKind, Group> groups;
  for (const Shortfall& one : shortfalls) {
    if (one.minor && !minor) continue;
    Group& group = groups[one.kind];
    const bool is_part = one.kind == ShortfallKind::kNoValue || one.kind == ShortfallKind::kNoCgroup;
    group.what[one.head ? 1 : 0].insert(is_part ? one.reason : one.scenario);
    if (group.reason.empty()) group.reason = one.reason;
  }
  std::vector<std::string> parts;
  for (const auto& [kind, group] : groups) parts.push_back(text_of(kind, group, names));
  if (parts.size() > kMostParts) {
    parts.resize(kMostParts);
    parts.emplace_back("and more");
  }
  return join(parts, "; ");
}

Conclusion conclude(const ConclusionFacts& facts) {
  if (facts.judged == Overall::kEmpty) return nothing_judged(facts);
  const std::string missing = shortfall_text(facts.shortfalls, false);
  const std::string& found = facts.found;
  if (facts.judged == Overall::kFail)
    return {Overall::kFail, ExitCode::kFailed, found + (missing.empty() ? "" : "; besides, " + missing)};
  if (!missing.empty())
    return {Overall::kInconclusive, ExitCode::kInconclusive, missing + "; of the rest, " + found};
  if (facts.judged == Overall::kInconclusive) return {Overall::kInconclusive, ExitCode::kInconclusive, found};
  if (facts.strict) {
    const std::string why =
        strict_text({warnings_text(facts.warnings), shortfall_text(facts.shortfalls, true)});
    if (!why.empty()) return {Overall::kInconclusive, ExitCode::kInconclusive, found + ", but " + why};
  }
  return {Overall::kPass, ExitCode::kFine, found};
}

}  // namespace ktstr
