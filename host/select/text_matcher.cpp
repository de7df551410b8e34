// SPDX-License-Identifier: Apache-2.0
#include "select/text_matcher.hpp"

#include <re2/re2.h>

#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

/// A set of a glob from the bracket at `at` on, as a regular expression has it; npos for one without an end.
std::size_t add_set(const std::string& glob, std::size_t at, std::string& out) {
  std::size_t inside = at + 1;
  const bool none_of = inside < glob.size() && (glob[inside] == '!' || glob[inside] == '^');
  if (none_of) ++inside;
  const std::size_t end = glob.find(']', inside + 1);  // one that comes first is a member
  if (end == std::string::npos) return end;
  out += none_of ? "[^" : "[";
  for (std::size_t i = inside; i < end; ++i) {
    if (std::string_view("\\[]^&~").find(glob[i]) != std::string_view::npos) out += '\\';
    out += glob[i];
  }
  out += ']';
  return end;
}

struct Translated {
  std::string regex, mistake;
  std::size_t at = 0;
};

Translated regex_of_glob(const std::string& glob) {
  Translated made{"(?s)\\A(?:", {}, 0};
  std::size_t open = 0, opened_at = 0;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    if (c == '[') {
      const std::size_t end = add_set(glob, i, made.regex);
      if (end == std::string::npos) return {{}, "\"[\" has no \"]\"", i};
      KTSTR_ASSERT(end > i && end < glob.size());
      i = end;
    } else if (c == '{') {
      if (open++ == 0) opened_at = i;
      made.regex += "(?:";
    } else if (c == '}' && open > 0) {
      --open;
      made.regex += ")";
    } else if (c == ',' && open > 0) {
      made.regex += "|";
    } else if (c == '*' || c == '?') {
      made.regex += c == '*' ? ".*" : ".";
    } else {
      if (std::string_view("\\.+()|^${}]").find(c) != std::string_view::npos) made.regex += '\\';
      made.regex += c;
    }
  }
  if (open > 0) return {{}, "\"{\" has no \"}\"", opened_at};
  made.regex += ")\\z";
  return made;
}

}  // namespace

TextMatcher::Made TextMatcher::compile(std::string pattern, const std::string& expression) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  const auto compiled = std::make_shared<const re2::RE2>(expression, options);
  Made made{{Kind::kPattern, std::move(pattern)}, {}, 0};
  if (!compiled->ok()) {
    made.mistake = compiled->error();
    const std::size_t at =
        compiled->error_arg().empty() ? std::string::npos : made.matcher.pattern_.find(compiled->error_arg());
    made.at = at == std::string::npos ? 0 : at;
  }
  made.matcher.compiled_ = compiled;
  return made;
}

TextMatcher::Made TextMatcher::regex(const std::string& pattern) { return compile(pattern, pattern); }

TextMatcher::Made TextMatcher::glob(const std::string& pattern) {
  Translated translated = regex_of_glob(pattern);
  if (translated.mistake.empty()) return compile(pattern, translated.regex);
  return {{Kind::kPattern, pattern}, std::move(translated.mistake), translated.at};
}

bool TextMatcher::matches(std::string_view text) const {
  switch (kind_) {
    case Kind::kExact: return text == pattern_;
    case Kind::kContains: return text.find(pattern_) != std::string_view::npos;
    case Kind::kPattern: break;
  }
  return compiled_ != nullptr && re2::RE2::PartialMatch({text.data(), text.size()}, *compiled_);
}

}  // namespace ktstr
