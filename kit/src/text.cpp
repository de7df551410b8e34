// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/text.hpp"

#include <algorithm>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kit {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  KTSTR_ASSERT(!parts.empty());
  return parts;
}

std::vector<std::string> split_terminated(std::string_view text, char end) {
  std::vector<std::string> parts = split(text, end);
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

std::string_view without_margins(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  return text;
}

std::string_view first_line_of(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string_view last_line(std::string_view text) {
  text = without_margins(text);
  const std::size_t line = text.rfind('\n');
  return without_margins(line == std::string_view::npos ? text : text.substr(line + 1));
}

std::string_view tail(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  text.remove_prefix(text.size() - most);
  KTSTR_ASSERT(text.size() == most);
  const std::size_t line = text.find('\n');
  if (line != std::string_view::npos && line + 1 < text.size()) text.remove_prefix(line + 1);
  return text;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::optional<std::string> did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string_view close = sdk::closest_name(name, candidates);
  return close.empty() ? std::nullopt : std::optional(std::string(close));
}

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  const auto best = did_you_mean(name, candidates);
  return best ? " (did you mean \"" + printable(*best) + "\"?)" : std::string();
}

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))) {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+,@%^~";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos && text.front() != '~' &&
      text.front() != '=')
    return std::string(text);
  std::string out = "'";
  for (const char c : printable(text)) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string shell_line(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_word(word));
  return join(quoted, " ");
}

}  // namespace ktstr::kit
