// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean": for messages about a name that is nearly right. Needs nothing of the host.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::sdk {

/// How many letters must be added, left out, changed or swapped with their neighbour to make one of the other
/// (optimal string alignment, after F. J. Damerau, CACM 7(3), 1964).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

/// The one of `names` (a range of texts) that `word` was probably meant to be: at most one letter in three is
/// wrong, or it is the beginning ("duration" for "duration_ms"). The first of equals; empty when none is
/// near. Borrowed from `names`.
template <typename Names>
std::string_view closest_name(std::string_view word, const Names& names) {
  constexpr std::size_t kLongest = 200;  // the distance is quadratic, and nothing of ours is that long
  std::string_view best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  if (word.size() > kLongest) return best;
  for (const auto& each : names) {
    const std::string_view name = each;
    if (name.size() > kLongest) continue;
    const bool abbreviated = word.size() >= 3 && name.substr(0, word.size()) == word;
    const std::size_t distance = abbreviated ? 1 : edit_distance(word, name);
    if (distance < least && distance < std::max(word.size(), name.size())) {
      best = name;
      least = distance;
    }
  }
  return best;
}

/// " (did you mean \"main\"?)", to follow the quoted name in a message, or empty. Nothing is escaped: the
/// host does that.
template <typename Names>
std::string did_you_mean(std::string_view word, const Names& names) {
  const std::string_view close = closest_name(word, names);
  return close.empty() ? std::string() : " (did you mean \"" + std::string(close) + "\"?)";
}

}  // namespace ktstr::sdk
