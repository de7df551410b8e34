// SPDX-License-Identifier: Apache-2.0
#include "explore/shrink.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <set>
#include <string>

namespace ktstr {
namespace {

using Path = std::vector<std::string>;  ///< keys, and indices of lists as texts

json::value& value_at(json::value& root, const Path& path) {
  json::value* value = &root;
  for (const std::string& step : path)
    value = value->is_array() ? &value->get_array().at(std::stoull(step)) : &value->get_object().at(step);
  return *value;
}

Path below(Path path, std::string step) {
  path.push_back(std::move(step));
  return path;
}

class Reductions {
 public:
  Reductions(const json::object& test, const Bounds& bounds) : root_(test), bounds_(bounds) {
    collect({}, root_);
  }

  std::vector<json::object> all() const {
    std::vector<json::object> out;
    // Halves of all lists before quarters of any.
    for (std::size_t parts = 2; parts <= 2 * longest(); parts *= 2) {
      for (const Path& list : lists_) leave_out_parts(list, parts, out);
    }
    for (const Path& member : members_) leave_out_member(member, out);
    for (const Path& number : numbers_) lower(number, out);
    return out;
  }

 private:
  void collect(const Path& path, const json::value& value) {
    if (value.is_array()) {
      const json::array& items = value.get_array();
      // Of plain values a list says one thing: [0, 0.5] is a range.
      const bool plain =
          std::none_of(items.begin(), items.end(), [](const json::value& item) { return item.is_object(); });
      if (plain) return;
      lists_.push_back(path);
      for (std::size_t at = 0; at < items.size(); ++at) collect(below(path, std::to_string(at)), items[at]);
    }
    if (!value.is_object()) return;
    for (const auto& entry : value.get_object()) {
      const std::string key(entry.key());
      const Path member = below(path, key);
      const auto least = bounds_.at_least.find(key);
      if (entry.value().is_number() && least != bounds_.at_least.end() &&
          !bounds_.untouched.contains(member.front()))
        numbers_.push_back(member);
      if (path.empty() && bounds_.keep.contains(key)) continue;
      members_.push_back(member);
      collect(member, entry.value());
    }
  }

  std::size_t longest() const {
    std::size_t most = 0;
    for (const Path& list : lists_) most = std::max(most, items_of(list).size());
    return most;
  }
  const json::array& items_of(const Path& list) const {
    return value_at(const_cast<json::value&>(root_), list).get_array();
  }

  /// Each of so many parts left out in turn.
  void leave_out_parts(const Path& list, std::size_t parts, std::vector<json::object>& out) const {
    const std::size_t count = items_of(list).size();
    if (count == 0 || parts / 2 > count) return;  // single items were left out already
    const std::size_t length = std::max<std::size_t>(1, count / parts);
    for (std::size_t begin = 0; begin < count; begin += length) {
      json::value copy = root_;
      json::array& items = value_at(copy, list).get_array();
      const auto first = items.begin() + static_cast<std::ptrdiff_t>(begin);
      items.erase(first, items.begin() + static_cast<std::ptrdiff_t>(std::min(count, begin + length)));
      out.push_back(std::move(copy.get_object()));
    }
  }
  void leave_out_member(const Path& member, std::vector<json::object>& out) const {
    json::value copy = root_;
    value_at(copy, Path(member.begin(), member.end() - 1)).get_object().erase(member.back());
    out.push_back(std::move(copy.get_object()));
  }
  void lower(const Path& number, std::vector<json::object>& out) const {
    const double now = value_at(const_cast<json::value&>(root_), number).to_number<double>();
    const auto least = static_cast<double>(bounds_.at_least.at(number.back()));
    if (!(now > least)) return;
    for (const double next : {least, (now + least) / 2, now - 1}) {
      const auto whole = static_cast<std::int64_t>(next);
      if (static_cast<double>(whole) >= now || static_cast<double>(whole) < least) continue;
      json::value copy = root_;
      value_at(copy, number) = whole;
      out.push_back(std::move(copy.get_object()));
    }
  }

  const json::value root_;
  const Bounds& bounds_;
  std::vector<Path> lists_, members_, numbers_;
};

}  // namespace

std::vector<json::object> smaller(const json::object& test, const Bounds& bounds) {
  return Reductions(test, bounds).all();
}

Result<Shrunk> shrink(json::object test, const Bounds& bounds, std::size_t at_once,
                      const StillFails& still_fails, const std::function<bool()>& stop) {
  KTSTR_ASSERT(at_once > 0);
  Shrunk shrunk{std::move(test)};
  std::set<std::string> seen{to_text(shrunk.test, 0)};
  while (!shrunk.minimal) {
    std::vector<json::object> candidates = smaller(shrunk.test, bounds);
    std::erase_if(candidates, [&](const json::object& one) { return !seen.insert(to_text(one, 0)).second; });
    shrunk.minimal = true;
    for (std::size_t begin = 0; begin < candidates.size(); begin += at_once) {
      if (stop() || shrunk.tried >= kMostTried) {
        shrunk.minimal = false;
        return shrunk;
      }
      const std::size_t end = std::min(candidates.size(), begin + at_once);
      std::vector<json::object> some(candidates.begin() + static_cast<std::ptrdiff_t>(begin),
                                     candidates.begin() + static_cast<std::ptrdiff_t>(end));
      shrunk.tried += some.size();
      const auto found = still_fails(some);
      if (!found) return found.error();
      if (!*found) continue;
      KTSTR_ASSERT(**found < some.size());
      shrunk.test = std::move(some[**found]);
      shrunk.minimal = false;
      // Those after it were not asked about yet.
      for (std::size_t at = begin + **found + 1; at < candidates.size(); ++at)
        seen.erase(to_text(candidates[at], 0));
      break;
    }
  }
  return shrunk;
}

}  // namespace ktstr
