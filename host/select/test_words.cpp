// SPDX-License-Identifier: Apache-2.0
#include "select/test_words.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

/// One text as a predicate's matcher.
std::string literal(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += (c == ')' || c == '\\') ? "\\" + std::string(1, c) : std::string(1, c);
  return escaped;
}

std::string any_of(const std::vector<std::string>& parts) { return "(" + join(parts, " or ") + ")"; }

}  // namespace

Result<Filter> filter_of(const TestWords& words) {
  std::vector<std::string> parts, names, schedulers;
  for (const std::string& name : words.names) {
    const bool glob = name.find_first_of("*?") != std::string::npos;
    names.push_back("test(" + std::string(glob ? "#" : "~") + literal(name) + ")");
  }
  for (const std::string& name : words.schedulers) schedulers.push_back("scheduler(=" + literal(name) + ")");
  if (!words.expression.empty()) {
    if (auto alone = Filter::parse(words.expression, "-E"); !alone || names.size() + schedulers.size() == 0)
      return alone;  // its places are those that were typed
    parts.push_back("(" + words.expression + ")");
  }
  if (!names.empty()) parts.push_back(any_of(names));
  if (!schedulers.empty()) parts.push_back(any_of(schedulers));
  return parts.empty() ? Result<Filter>(Filter()) : Filter::parse(join(parts, " and "), "the selection");
}

}  // namespace ktstr
