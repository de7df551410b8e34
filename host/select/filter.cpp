// SPDX-License-Identifier: Apache-2.0
#include "select/filter.hpp"

#include <algorithm>
#include <functional>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>
#include <optional>

namespace ktstr {

struct Filter::Node {
  enum class Kind { kAll, kNone, kMatch, kNot, kAnd, kOr };
  Kind kind = Kind::kAll;
  std::string_view FilterSubject::*field = nullptr;
  std::string pattern;
  bool exact = false;
  std::shared_ptr<const Node> left, right;
};

namespace {

using Node = Filter::Node;
using NodePtr = std::shared_ptr<const Node>;

constexpr std::size_t kDeepest = 100;

const std::vector<std::string> kPredicates = {"test", "scheduler", "topology", "work_type", "all", "none"};

std::string_view FilterSubject::*field_of(std::string_view predicate) {
  if (predicate == "test") return &FilterSubject::test;
  if (predicate == "scheduler") return &FilterSubject::scheduler;
  if (predicate == "topology") return &FilterSubject::topology;
  if (predicate == "work_type") return &FilterSubject::work_type;
  return nullptr;
}

bool is_pattern(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

bool node_matches(const Node& node, const FilterSubject& subject) {
  switch (node.kind) {
    case Node::Kind::kAll: return true;
    case Node::Kind::kNone: return false;
    case Node::Kind::kNot: return !node_matches(*node.left, subject);
    case Node::Kind::kAnd: return node_matches(*node.left, subject) && node_matches(*node.right, subject);
    case Node::Kind::kOr: return node_matches(*node.left, subject) || node_matches(*node.right, subject);
    case Node::Kind::kMatch: break;
  }
  const std::string_view text = subject.*node.field;
  if (node.exact) return text == node.pattern;
  return is_pattern(node.pattern) ? glob_match(node.pattern, text)
                                  : text.find(node.pattern) != std::string_view::npos;
}

/// Recursive descent: or < and < not < ( ), predicate, word.
class Parser {
 public:
  Parser(const std::string& text, const std::string& what) : text_(text), what_(what) {}

  Result<NodePtr> parse() {
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
  bool take(std::string_view keyword, char symbol) {
    if (word() == keyword) {
      at_ += keyword.size();
      return true;
    }
    if (at_ >= text_.size() || text_[at_] != symbol) return false;
    ++at_;
    if (symbol != '!' && at_ < text_.size() && text_[at_] == symbol) ++at_;  // && and || as well
    return true;
  }
  Error fail(const std::string& message) const {
    const std::size_t column = display_width(printable(text_.substr(0, at_)));
    return usage_error(what_ + ": " + message + " at column " + std::to_string(column + 1),
                       printable(text_) + "\n" + std::string(column, ' ') + "^");
  }
  static NodePtr make(Node node) { return std::make_shared<const Node>(std::move(node)); }

  Result<NodePtr> parse_or(std::size_t depth) {
    auto left = parse_and(depth);
    while (left && take("or", '|')) {
      auto right = parse_and(depth);
      if (!right) return right;
      left = make({Node::Kind::kOr, nullptr, {}, false, *left, *right});
    }
    return left;
  }
  Result<NodePtr> parse_and(std::size_t depth) {
    auto left = parse_not(depth);
    while (left && take("and", '&')) {
      auto right = parse_not(depth);
      if (!right) return right;
      left = make({Node::Kind::kAnd, nullptr, {}, false, *left, *right});
    }
    return left;
  }
  Result<NodePtr> parse_not(std::size_t depth) {
    if (depth > kDeepest) return fail("nested too deeply");
    if (take("not", '!')) {
      auto inner = parse_not(depth + 1);
      if (!inner) return inner;
      return make({Node::Kind::kNot, nullptr, {}, false, *inner, nullptr});
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
    if (name.empty() || name == "and" || name == "or")
      return fail("expected a test's name or a predicate such as test(NAME), found \"" +
                  printable(name.empty() ? text_.substr(at_, 1) : name) + "\"");
    if (text_.compare(at_ + name.size(), 1, "(") != 0) {
      at_ += name.size();
      return matcher(&FilterSubject::test, name);
    }
    if (std::find(kPredicates.begin(), kPredicates.end(), name) == kPredicates.end()) {
      return fail("there is no predicate \"" + printable(name) + "\"" + suggestion(name, kPredicates) +
                  "; known: " + join(kPredicates, ", "));
    }
    const std::size_t begin = at_;
    at_ += name.size() + 1;
    const auto argument = parse_argument();
    if (!argument) return fail("\"" + name + "(\" has no closing \")\"");
    if (name == "all" || name == "none") {
      if (argument->empty())
        return make(
            {name == "all" ? Node::Kind::kAll : Node::Kind::kNone, nullptr, {}, false, nullptr, nullptr});
      at_ = begin;
      return fail(name + "() takes no argument");
    }
    if (argument->empty() || *argument == "=") {
      at_ = begin;
      return fail(name + "() needs a text to look for");
    }
    return matcher(field_of(name), *argument);
  }
  /// Up to the closing parenthesis; a backslash takes the next character as it is.
  std::optional<std::string> parse_argument() {
    std::string argument;
    for (; at_ < text_.size() && text_[at_] != ')'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      argument += text_[at_];
    }
    if (at_ >= text_.size()) return std::nullopt;
    ++at_;
    const std::size_t first = argument.find_first_not_of(' ');
    return first == std::string::npos ? std::string()
                                      : argument.substr(first, argument.find_last_not_of(' ') - first + 1);
  }
  static Result<NodePtr> matcher(std::string_view FilterSubject::*field, const std::string& text) {
    const bool exact = text.starts_with('=') && text.size() > 1;
    return make({Node::Kind::kMatch, field, exact ? text.substr(1) : text, exact, nullptr, nullptr});
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

std::vector<std::string> Filter::names() const {
  std::vector<std::string> names;
  const std::function<void(const Node*)> collect = [&](const Node* node) {
    if (node == nullptr) return;
    if (node->kind == Node::Kind::kMatch && node->field == &FilterSubject::test)
      names.push_back(node->pattern);
    collect(node->left.get());
    collect(node->right.get());
  };
  collect(root_.get());
  return names;
}

}  // namespace ktstr
