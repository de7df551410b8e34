// SPDX-License-Identifier: Apache-2.0
//
// The one place that compiles Boost.JSON's event parser.
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <set>
#include <vector>

#include "ktstr/kit/json.hpp"
#include "ktstr/kit/utf8.hpp"

namespace ktstr::kit {
namespace {

std::string place_in(std::string_view text, std::size_t offset) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// Builds values like Boost's own parser, but reads every number to the nearest double, and ends at the first
/// key that an object has twice when it is told to.
class ValueBuilder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size(),
                               max_array_size = json::array::max_size(),
                               max_key_size = json::string::max_size(),
                               max_string_size = json::string::max_size();
  using Code = boost::system::error_code;

  void start(json::storage_ptr memory, bool unique) {
    stack_.reset(std::move(memory));
    unique_ = unique;
    open_.clear();
    key_.clear();
  }
  json::value take() {
    KTSTR_ASSERT(open_.empty() && !found_);
    return stack_.release();
  }
  const std::string& duplicate() const { return duplicate_; }
  bool found_duplicate() const { return found_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    if (unique_) open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, Code&) {
    KTSTR_ASSERT(!unique_ || !open_.empty());
    if (unique_) open_.pop_back();
    KTSTR_ASSERT(!unique_ || key_.empty());
    return stack_.push_object(n), true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t n, Code&) { return stack_.push_array(n), true; }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    if (unique_) key_.append(part.data(), part.size());
    return stack_.push_chars(part), true;
  }
  bool on_key(json::string_view part, std::size_t, Code& code) {
    if (unique_ && is_twice(part)) {
      code = json::make_error_code(json::error::extra_data);  // duplicate() says which data
      return false;
    }
    return stack_.push_key(part), true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return stack_.push_chars(part), true; }
  bool on_string(json::string_view part, std::size_t, Code&) { return stack_.push_string(part), true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, Code&) { return stack_.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, json::string_view, Code&) { return stack_.push_uint64(number), true; }
  bool on_double(double number, json::string_view text, Code&) {
    std::from_chars(text.data(), text.data() + text.size(),
                    number);  // out of range: leaves Boost's 0 or infinity
    return stack_.push_double(number), true;
  }
  bool on_bool(bool value, Code&) { return stack_.push_bool(value), true; }
  bool on_null(Code&) { return stack_.push_null(), true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

 private:
  bool is_twice(json::string_view part) {
    KTSTR_ASSERT(!open_.empty());
    key_.append(part.data(), part.size());
    found_ = !open_.back().insert(key_).second;
    if (found_) duplicate_ = key_;
    key_.clear();
    return found_;
  }

  json::value_stack stack_;
  bool unique_ = false, found_ = false;
  std::vector<std::set<std::string>> open_;
  std::string key_, duplicate_;
};

/// Boost.JSON refuses exponents beyond an int, where JSON knows no limit: 1e999999999999 is as infinite as
/// 1e999, and 0e999999999999 is 0.
std::string with_short_exponents(std::string_view text) {
  constexpr std::size_t kDigits = 6;
  std::string out;
  out.reserve(text.size());
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (in_text && text[i] == '\\' && i + 1 < text.size()) {
      out += text[++i];
    } else if (text[i] == '"') {
      in_text = !in_text;
    } else if (!in_text && (text[i] == 'e' || text[i] == 'E')) {
      std::size_t digits = i + 1;
      if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) out += text[digits++];
      std::size_t end = digits;
      while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
      while (end - digits > kDigits && text[digits] == '0') ++digits;
      out +=
          end - digits > kDigits ? std::string(kDigits, '9') : std::string(text.substr(digits, end - digits));
      i = end - 1;
    }
  }
  return out;
}

}  // namespace

JsonRules for_people() { return {.relaxed = true, .unique_keys = true, .max_depth = kPeoplesDepth}; }

json::value read_json(std::string_view text, std::string_view what, const JsonRules& rules) {
  const std::string place(what);
  if (text.size() > rules.max_bytes)
    throw Mistake(place + ": larger than " + std::to_string(rules.max_bytes) + " bytes");
  json::parse_options options;
  options.max_depth = rules.max_depth;
  options.allow_comments = rules.relaxed;
  options.allow_trailing_commas = rules.relaxed;
  json::basic_parser<ValueBuilder> parser(options);
  parser.handler().start(rules.memory, rules.unique_keys);
  boost::system::error_code error;
  std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  std::string shortened;
  if (error == json::error::exponent_overflow && !rules.relaxed) {
    shortened = with_short_exponents(text);
    text = shortened;
    parser.reset();
    parser.handler().start(rules.memory, rules.unique_keys);
    error.clear();
    used = parser.write_some(false, text.data(), text.size(), error);
  }
  if (!error && used < text.size())
    error = json::error::extra_data;  // white space and comments after the value were used up
  if (!error) return parser.handler().take();
  used = std::min(used, text.size());  // after a text that ends too early the parser counts one more
  const std::string where = place + ": " + place_in(text, used) + ": ";
  if (parser.handler().found_duplicate())
    throw Mistake(where + "the key \"" + printable_start(parser.handler().duplicate(), 60) +
                  "\" stands twice in one object");
  throw Mistake(where + "not valid JSON (" + error.message() + ")");
}

json::object object_or_empty(std::string_view text) {
  try {
    json::value value = read_json(text, "");
    return value.is_object() ? std::move(value.get_object()) : json::object();
  } catch (const Mistake&) {
    return {};
  }
}

}  // namespace ktstr::kit
