// SPDX-License-Identifier: Apache-2.0
#include "select/filter.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/utf8.hpp>
#include <ktstr/kit/width.hpp>
#include <optional>

#include "select/text_matcher.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

struct Filter::Node {
  enum class Kind { kAll, kNone, kMatch, kNot, kAnd, kMinus, kOr };
  Kind kind = Kind::kAll;
  std::shared_ptr<const Node> left, right;
  std::string_view FilterSubject::*field = nullptr;
  std::optional<TextMatcher> matcher;
};

namespace {

using Node = Filter::Node;
using NodePtr = std::shared_ptr<const Node>;

constexpr std::size_t kDeepest = 100, kLongest = 64 << 10;

const std::vector<std::string> kPredicates = {"test", "scheduler", "topology", "work_type", "all", "none"};

std::string_view FilterSubject::*field_of(std::string_view predicate) {
  if (predicate == "test") return &FilterSubject::test;
  if (predicate == "scheduler") return &FilterSubject::scheduler;
  if (predicate == "topology") return &FilterSubject::topology;
  if (predicate == "work_type") return &FilterSubject::work_type;
  return nullptr;
}

bool node_matches(const Node& node, const FilterSubject& subject) {
  switch (node.kind) {
    case Node::Kind::kAll: return true;
    case Node::Kind::kNone: return false;
    case Node::Kind::kNot: return !node_matches(*node.left, subject);
    case Node::Kind::kAnd: return node_matches(*node.left, subject) && node_matches(*node.right, subject);
    case Node::Kind::kMinus: return node_matches(*node.left, subject) && !node_matches(*node.right, subject);
    case Node::Kind::kOr: return node_matches(*node.left, subject) || node_matches(*node.right, subject);
    case Node::Kind::kMatch: break;
  }
  KTSTR_ASSERT(node.matcher.has_value() && node.field != nullptr);
  return node.matcher->matches(subject.*node.field);
}

/// The character that a backslash and `letter` stand for; nothing when it is that letter itself.
std::optional<char> escaped(char letter) {
  switch (letter) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return std::nullopt;
  }
}

/// Empty for a number that is no character.
std::string utf8_of(std::uint32_t code) {
  const auto rest = [&](unsigned shift) { return static_cast<char>(0x80U | ((code >> shift) & 0x3fU)); };
  std::string out;
  if (code < 0x80) {
    out = {static_cast<char>(code)};
  } else if (code < 0x800) {
    out = {static_cast<char>(0xc0U | (code >> 6U)), rest(0)};
  } else if (code < 0x10000) {
    out = {static_cast<char>(0xe0U | (code >> 12U)), rest(6), rest(0)};
  } else {
    out = {static_cast<char>(0xf0U | (code >> 18U)), rest(12), rest(6), rest(0)};
  }
  std::uint32_t same = 0;
  return decode(out, same) == out.size() && same == code ? out : std::string();
}

/// Recursive descent, binding ever tighter: or + |, then and & -, then not !, then ( ), predicate, word.
class Parser {
 public:
  Parser(const std::string& text, const std::string& what) : text_(text), what_(what) {}

  Result<NodePtr> parse() {
    if (text_.size() > kLongest) return usage_error(what_ + ": an expression has at most 64 KiB");
    auto node = parse_or(0);
    if (!node) return node;
    const std::string rest = word();
    if (at_ < text_.size()) {
      return fail("expected \"and\", \"or\" or the end" +
                  (rest.empty()
                       ? std::string()
                       : ", found \"" + printable(rest) + "\"" + suggestion(rest, {"and", "or", "not"})));
    }
    return node;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  /// The word that starts here, without taking it.
  std::string word() {
    skip_space();
    std::size_t end = at_;
    while (end < text_.size() && std::string_view(" \t\n()&|!").find(text_[end]) == std::string_view::npos)
      ++end;
    return text_.substr(at_, end - at_);
  }
  /// The operator that stands here, and goes on behind it; `\0` when it is none of `symbols`. Where an
  /// operator may stand no name can, so "-" and "+" need no blanks behind a predicate.
  char take(std::string_view keyword, std::string_view symbols) {
    KTSTR_ASSERT(!keyword.empty() && !symbols.empty());
    if (word() == keyword) {
      at_ += keyword.size();
      return symbols.front();
    }
    if (at_ >= text_.size() || symbols.find(text_[at_]) == std::string_view::npos) return '\0';
    const char symbol = text_[at_++];
    const bool doubled = (symbol == '&' || symbol == '|') && at_ < text_.size() && text_[at_] == symbol;
    if (doubled) ++at_;  // && and || as well
    return symbol;
  }
  Error fail(const std::string& message) const { return fail_at(at_, message); }
  Error fail_at(std::size_t at, const std::string& message) const {
    const std::size_t column = display_width(printable(text_.substr(0, at)));
    return usage_error(what_ + ": " + message + " at column " + std::to_string(column + 1),
                       printable(text_) + "\n" + std::string(column, ' ') + "^");
  }
  static NodePtr make(Node node) { return std::make_shared<const Node>(std::move(node)); }

  Result<NodePtr> parse_or(std::size_t depth) {
    auto left = parse_and(depth);
    while (left && take("or", "|+") != '\0') {
      auto right = parse_and(depth);
      if (!right) return right;
      left = make({Node::Kind::kOr, *left, *right, nullptr, {}});
    }
    return left;
  }
  Result<NodePtr> parse_and(std::size_t depth) {
    auto left = parse_not(depth);
    while (left) {
      const char symbol = take("and", "&-");
      if (symbol == '\0') break;
      auto right = parse_not(depth);
      if (!right) return right;
      left = make({symbol == '-' ? Node::Kind::kMinus : Node::Kind::kAnd, *left, *right, nullptr, {}});
    }
    return left;
  }
  Result<NodePtr> parse_not(std::size_t depth) {
    if (depth > kDeepest) return fail("nested too deeply");
    if (take("not", "!") != '\0') {
      auto inner = parse_not(depth + 1);
      if (!inner) return inner;
      return make({Node::Kind::kNot, *inner, nullptr, nullptr, {}});
    }
    return parse_primary(depth);
  }
  Result<NodePtr> parse_primary(std::size_t depth) {
    const std::string name = word();
    if (at_ >= text_.size())
      return fail("expected a test's name or a predicate such as test(NAME), found the end");
    if (text_[at_] == '(') {
      ++at_;
      auto inner = parse_or(depth + 1);
      if (!inner) return inner;
      skip_space();
      if (at_ >= text_.size() || text_[at_] != ')') return fail("expected \")\"");
      ++at_;
      return inner;
    }
    if (text_[at_] == '/') return parse_matcher(&FilterSubject::test, '\0');
    if (name.empty() || name == "and" || name == "or")
      return fail("expected a test's name or a predicate such as test(NAME), found \"" +
                  printable(name.empty() ? text_.substr(at_, 1) : name) + "\"");
    if (text_.compare(at_ + name.size(), 1, "(") != 0) {
      const std::size_t begin = at_;
      at_ += name.size();
      return matcher(&FilterSubject::test, name, begin);
    }
    if (std::find(kPredicates.begin(), kPredicates.end(), name) == kPredicates.end()) {
      return fail("there is no predicate \"" + printable(name) + "\"" + suggestion(name, kPredicates) +
                  "; known: " + join(kPredicates, ", "));
    }
    return parse_predicate(name);
  }
  Result<NodePtr> parse_predicate(const std::string& name) {
    const std::size_t begin = at_;
    at_ += name.size() + 1;
    skip_space();
    if (at_ < text_.size() && text_[at_] != ')' && (name == "all" || name == "none"))
      return fail_at(begin, name + "() takes no argument");
    if (at_ < text_.size() && text_[at_] == ')') {
      if (name != "all" && name != "none") return fail_at(begin, name + "() needs a text to look for");
      ++at_;
      return make({name == "all" ? Node::Kind::kAll : Node::Kind::kNone, nullptr, nullptr, nullptr, {}});
    }
    if (at_ >= text_.size()) return fail("\"" + name + "(\" has no closing \")\"");
    KTSTR_ASSERT(field_of(name) != nullptr);  // every predicate but those above looks at a field
    auto node = parse_matcher(field_of(name), ')');
    if (!node) return node;
    skip_space();
    if (at_ >= text_.size()) return fail("\"" + name + "(\" has no closing \")\"");
    if (text_[at_] != ')') return fail("expected \")\" behind the regular expression");
    ++at_;
    return node;
  }
  /// A regular expression, or a text up to `end`, which is left.
  Result<NodePtr> parse_matcher(std::string_view FilterSubject::*field, char end) {
    const std::size_t begin = at_;
    if (text_[at_] != '/') {
      const auto argument = parse_argument(end);
      if (!argument) return argument.error();
      return matcher(field, *argument, begin);
    }
    std::string regex;
    for (++at_; at_ < text_.size() && text_[at_] != '/'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[++at_] != '/') regex += '\\';
      regex += text_[at_];
    }
    if (at_ >= text_.size()) return fail_at(begin, "the regular expression has no closing \"/\"");
    ++at_;
    return patterned(field, TextMatcher::regex(regex), begin + 1, "the regular expression");
  }
  /// Up to `end`, without blanks at both ends; a backslash takes the next character as it is, but for \n, \r,
  /// \t and \u{263a}.
  Result<std::string> parse_argument(char end) {
    std::string argument;
    for (; at_ < text_.size() && text_[at_] != end; ++at_) {
      if (text_[at_] != '\\' || at_ + 1 >= text_.size()) {
        argument += text_[at_];
        continue;
      }
      ++at_;
      if (text_.compare(at_, 2, "u{") == 0) {
        const auto character = parse_code_point();
        if (!character) return character.error();
        argument += *character;
      } else {
        argument += escaped(text_[at_]).value_or(text_[at_]);
      }
    }
    const std::size_t first = argument.find_first_not_of(' ');
    return first == std::string::npos ? std::string()
                                      : argument.substr(first, argument.find_last_not_of(' ') - first + 1);
  }
  /// Behind the backslash of \u{263a}; stays at its closing brace.
  Result<std::string> parse_code_point() {
    const std::size_t begin = at_ + 2, end = text_.find('}', begin);
    std::uint32_t number = 0;
    if (end != std::string::npos && end > begin && end - begin <= 6) {
      const auto [stop, error] = std::from_chars(text_.data() + begin, text_.data() + end, number, 16);
      if (error == std::errc() && stop == text_.data() + end && number != 0) {
        if (std::string character = utf8_of(number); !character.empty()) {
          at_ = end;
          return character;
        }
      }
    }
    return fail("\"\\u{…}\" takes the number of a character in up to six hex digits");
  }
  Result<NodePtr> matcher(std::string_view FilterSubject::*field, const std::string& text,
                          std::size_t begin) {
    const char kind = text.empty() ? '\0' : text.front();
    const std::string rest = text.empty() ? text : text.substr(1);
    const bool marked = kind == '=' || kind == '~' || kind == '#';
    if (marked && rest.empty())
      return fail_at(begin, std::string("\"") + kind + "\" needs a text to look for behind it");
    if (kind == '=') return matching(field, TextMatcher::exactly(rest));
    if (kind == '~') return matching(field, TextMatcher::containing(rest));
    if (kind == '#') return patterned(field, TextMatcher::glob(rest), begin + 1, "the glob");
    if (text.find_first_of("*?") != std::string::npos)
      return patterned(field, TextMatcher::glob(text), begin, "the glob");
    return matching(field, TextMatcher::containing(text));
  }
  static Result<NodePtr> matching(std::string_view FilterSubject::*field, TextMatcher matcher) {
    return make({Node::Kind::kMatch, nullptr, nullptr, field, std::move(matcher)});
  }
  Result<NodePtr> patterned(std::string_view FilterSubject::*field, TextMatcher::Made made, std::size_t begin,
                            const std::string& what) {
    if (!made.mistake.empty()) return fail_at(begin + made.at, what + ": " + printable(made.mistake));
    return matching(field, std::move(made.matcher));
  }

  const std::string& text_;
  const std::string& what_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Filter> Filter::parse(const std::string& text, const std::string& what) {
  auto root = Parser(text, what).parse();
  if (!root) return root.error();
  Filter filter;
  filter.text_ = text;
  filter.root_ = std::move(*root);
  return filter;
}

bool Filter::matches(const FilterSubject& subject) const {
  return root_ == nullptr || node_matches(*root_, subject);
}

bool Filter::matches(const SidecarRecord& record) const {
  return matches(FilterSubject{record.test, record.topology, record.scheduler, record.work_type});
}

std::vector<std::string> Filter::names() const {
  std::vector<std::string> names;
  const std::function<void(const Node*)> collect = [&](const Node* node) {
    if (node == nullptr) return;
    if (node->kind == Node::Kind::kMatch && node->field == &FilterSubject::test)
      names.push_back(node->matcher->pattern());
    collect(node->left.get());
    collect(node->right.get());
  };
  collect(root_.get());
  return names;
}

}  // namespace ktstr
