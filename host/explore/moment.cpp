// SPDX-License-Identifier: Apache-2.0
#include "explore/moment.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

#include "explore/mutation.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kParts = 100;

void fill_in(json::value& value, std::uint64_t before, std::uint64_t after) {
  if (value.is_array()) {
    for (json::value& item : value.get_array()) fill_in(item, before, after);
  } else if (value.is_object()) {
    for (auto& entry : value.get_object()) fill_in(entry.value(), before, after);
  } else if (value.is_string() && value.get_string() == "$before") {
    value = before;
  } else if (value.is_string() && value.get_string() == "$after") {
    value = after;
  }
}

/// Nothing: the test has none, or cannot have a takeover for another reason.
std::optional<std::uint64_t> length_of(const json::object& test, const Takeover& takeover) {
  if (takeover.length.empty() || has_member(json::value(test), takeover.unless)) return std::nullopt;
  const json::value* length = test.if_contains(takeover.length);
  if (length == nullptr || !length->is_number()) return std::nullopt;
  const double value = length->to_number<double>();
  return value >= 3 && value <= 1e9 ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

}  // namespace

std::optional<json::object> with_takeover(const json::object& test, const Takeover& takeover,
                                          std::uint64_t at_ms) {
  const auto length = length_of(test, takeover);
  if (!length || at_ms == 0 || at_ms >= *length) return std::nullopt;
  json::value changed(test), merge = takeover.merge;
  fill_in(merge, at_ms, *length - at_ms);
  merge_patch(changed, merge);
  return changed.get_object();
}

Result<Moment> find_moment(const json::object& test, const Takeover& takeover, std::size_t at_once,
                           const FailAlike& fail_alike, const std::function<bool()>& stop) {
  KTSTR_ASSERT(at_once > 0);
  const auto length = length_of(test, takeover);
  if (!length) return Moment{"no_takeover"};
  std::uint64_t averted = 0, inevitable = *length;  // without any takeover it fails
  while (inevitable - averted > std::max<std::uint64_t>(1, *length / kParts)) {
    if (stop()) return Moment{};
    std::vector<std::uint64_t> at;
    if (averted == 0) at.push_back(1);
    for (std::uint64_t i = 1; i <= at_once; ++i) {
      const std::uint64_t next = averted + (inevitable - averted) * i / (at_once + 1);
      if (next > (at.empty() ? averted : at.back()) && next < inevitable) at.push_back(next);
    }
    // A takeover that changes nothing any more has to fail like the test itself: it is made of more than the
    // takeover, which may lead the guest elsewhere.
    const bool first_look = averted == 0 && inevitable == *length;
    if (first_look && at.back() < *length - 1) at.push_back(*length - 1);
    if (at.empty()) break;
    std::vector<json::object> tests;
    for (const std::uint64_t ms : at) tests.push_back(*with_takeover(test, takeover, ms));
    const auto fails = fail_alike(tests);
    if (!fails) return fails.error();
    KTSTR_ASSERT(fails->size() == at.size());
    if (first_look && !fails->back()) return Moment{"no_takeover"};
    const auto first = std::find(fails->begin(), fails->end(), true);
    const auto index = static_cast<std::size_t>(first - fails->begin());
    if (first == fails->begin() && averted == 0) return Moment{"never", 0, at.front()};
    if (first != fails->end()) inevitable = at[index];
    if (index > 0) averted = at[index - 1];
  }
  return Moment{"found", averted, inevitable};
}

}  // namespace ktstr
