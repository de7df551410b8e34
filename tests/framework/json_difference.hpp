// SPDX-License-Identifier: Apache-2.0
//
// Where two documents differ, one line for each place: whole sidecars printed beside each other hide it, and
// the log of a machine that nobody can look at keeps only so much.
#pragma once
#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <string>

namespace ktstr::testing {

/// Adds a line to `lines` for each place at or beneath `path` where the two differ.
inline void add_differences(const std::string& path, const boost::json::value& a, const boost::json::value& b,
                            std::string& lines) {
  const auto both = [&](auto get) { return get(a) != nullptr && get(b) != nullptr; };
  if (both([](const auto& value) { return value.if_object(); })) {
    for (const auto& entry : a.get_object()) {
      const boost::json::value* other = b.get_object().if_contains(entry.key());
      const std::string place = path + "." + std::string(entry.key());
      if (other == nullptr) {
        lines += place + ": only the first has it\n";
      } else {
        add_differences(place, entry.value(), *other, lines);
      }
    }
    for (const auto& entry : b.get_object()) {
      if (!a.get_object().contains(entry.key()))
        lines += path + "." + std::string(entry.key()) + ": only the second has it\n";
    }
  } else if (both([](const auto& value) { return value.if_array(); }) &&
             a.get_array().size() == b.get_array().size()) {
    for (std::size_t i = 0; i < a.get_array().size(); ++i)
      add_differences(path + "[" + std::to_string(i) + "]", a.get_array()[i], b.get_array()[i], lines);
  } else if (a != b) {
    constexpr std::size_t kMost = 120;
    lines += path + ": " + boost::json::serialize(a).substr(0, kMost) + " and " +
             boost::json::serialize(b).substr(0, kMost) + "\n";
  }
}

/// Empty for equal documents. Texts that are no documents differ as a whole.
inline std::string differences(const std::string& first, const std::string& second) {
  boost::system::error_code first_error, second_error;
  const boost::json::value a = boost::json::parse(first, first_error),
                           b = boost::json::parse(second, second_error);
  if (first_error || second_error)
    return first == second
               ? ""
               : "no documents: '" + first.substr(0, 120) + "' and '" + second.substr(0, 120) + "'";
  std::string lines;
  add_differences("", a, b, lines);
  if (lines.empty() && first != second) lines = "the same values, written another way\n";
  constexpr std::size_t kMost = 4000;
  return lines.size() > kMost ? lines.substr(0, kMost) + "and more" : lines;
}

}  // namespace ktstr::testing
