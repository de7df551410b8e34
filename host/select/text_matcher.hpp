// SPDX-License-Identifier: Apache-2.0
//
// What one predicate of a filter compares a test's property with. Pure, and the only user of RE2: expressions
// of strangers take time in proportion to the text that they are held against.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace ktstr {

/// Exactly this text, this text anywhere in it, or a pattern.
class TextMatcher {
 public:
  static TextMatcher exactly(std::string text) { return {Kind::kExact, std::move(text)}; }
  static TextMatcher containing(std::string text) { return {Kind::kContains, std::move(text)}; }
  /// The whole text; `*` any run of characters, `?` one, `[a-c]` and `[!a-c]` one of these or none of them,
  /// `{a,b}` either.
  struct Made;
  static Made glob(const std::string& pattern);
  /// Anywhere in the text, unless it says ^ or $.
  static Made regex(const std::string& pattern);

  bool matches(std::string_view text) const;
  /// As it was written, without what marks its kind.
  const std::string& pattern() const { return pattern_; }

 private:
  enum class Kind { kExact, kContains, kPattern };
  TextMatcher(Kind kind, std::string pattern) : kind_(kind), pattern_(std::move(pattern)) {}
  static Made compile(std::string pattern, const std::string& expression);

  Kind kind_;
  std::string pattern_;
  std::shared_ptr<const re2::RE2> compiled_;
};

/// A matcher, or what is wrong with the pattern and where in it (in bytes).
struct TextMatcher::Made {
  TextMatcher matcher;
  std::string mistake;  ///< empty: none
  std::size_t at = 0;
};

}  // namespace ktstr
