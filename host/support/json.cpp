// SPDX-License-Identifier: Apache-2.0
#include "support/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <ktstr/cpp/show.hpp>
#include <set>

#include "support/text.hpp"

namespace ktstr {
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

/// A second key of one name would silently win; this event handler finds it. Only names and nesting matter.
struct DuplicateFinder {
  static constexpr std::size_t max_object_size = std::size_t(-1), max_array_size = std::size_t(-1),
                               max_key_size = std::size_t(-1), max_string_size = std::size_t(-1);
  std::vector<std::set<std::string>> open;
  std::string key, duplicate;

  bool on_document_begin(boost::system::error_code&) { return true; }
  bool on_document_end(boost::system::error_code&) { return true; }
  bool on_object_begin(boost::system::error_code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, boost::system::error_code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(boost::system::error_code&) { return true; }
  bool on_array_end(std::size_t, boost::system::error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, boost::system::error_code&) {
    key += std::string_view(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, boost::system::error_code&) {
    key += std::string_view(part.data(), part.size());
    if (!open.back().insert(key).second && duplicate.empty()) duplicate = key;
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, boost::system::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, boost::system::error_code&) { return true; }
  bool on_number_part(json::string_view, boost::system::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, boost::system::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, boost::system::error_code&) { return true; }
  bool on_double(double, json::string_view, boost::system::error_code&) { return true; }
  bool on_bool(bool, boost::system::error_code&) { return true; }
  bool on_null(boost::system::error_code&) { return true; }
  bool on_comment_part(json::string_view, boost::system::error_code&) { return true; }
  bool on_comment(json::string_view, boost::system::error_code&) { return true; }
};

/// Builds values like Boost's own parser, but reads every number to the nearest double: Boost 1.81 may be a
/// bit off in the last place.
struct ValueBuilder {
  static constexpr std::size_t max_object_size = json::object::max_size(),
                               max_array_size = json::array::max_size(),
                               max_key_size = json::string::max_size(),
                               max_string_size = json::string::max_size();
  json::value_stack stack;
  using Code = boost::system::error_code;

  bool on_document_begin(Code&) {
    stack.reset();
    return true;
  }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t n, Code&) { return stack.push_object(n), true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t n, Code&) { return stack.push_array(n), true; }
  bool on_key_part(json::string_view part, std::size_t, Code&) { return stack.push_chars(part), true; }
  bool on_key(json::string_view part, std::size_t, Code&) { return stack.push_key(part), true; }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return stack.push_chars(part), true; }
  bool on_string(json::string_view part, std::size_t, Code&) { return stack.push_string(part), true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, Code&) { return stack.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, json::string_view, Code&) { return stack.push_uint64(number), true; }
  bool on_double(double number, json::string_view text, Code&) {
    std::from_chars(text.data(), text.data() + text.size(),
                    number);  // out of range: leaves Boost's 0 or infinity
    stack.push_double(number);
    return true;
  }
  bool on_bool(bool value, Code&) { return stack.push_bool(value), true; }
  bool on_null(Code&) { return stack.push_null(), true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

/// JSON allows characters that a terminal obeys; they are written as \uXXXX, and what is no UTF-8 as U+FFFD.
void print_string(std::string& out, std::string_view text) {
  const std::string quoted = json::serialize(json::string_view(text.data(), text.size()));
  for (std::string_view rest = quoted; !rest.empty();) {
    std::uint32_t code = 0;
    const std::size_t length = decode(rest, code);
    if (length > 0 && !is_unsafe(code)) {
      out += rest.substr(0, length);
    } else {
      sdk::append_json_escape(out, length > 0 ? code : 0xFFFDU);
    }
    rest.remove_prefix(length > 0 ? length : 1);
  }
}

void print(std::string& out, const json::value& value, unsigned indent, unsigned depth) {
  const auto line_break = [&](unsigned level) {
    if (indent == 0) return;
    out += '\n';
    out.append(std::size_t{indent} * level, ' ');
  };
  switch (value.kind()) {
    case json::kind::object: {
      const json::object& object = value.get_object();
      out += '{';
      bool first = true;
      for (const json::key_value_pair& entry : object) {
        if (!first) out += ',';
        first = false;
        line_break(depth + 1);
        print_string(out, {entry.key().data(), entry.key().size()});
        out += indent == 0 ? ":" : ": ";
        print(out, entry.value(), indent, depth + 1);
      }
      if (!first) line_break(depth);
      out += '}';
      break;
    }
    case json::kind::array: {
      const json::array& array = value.get_array();
      bool nested = false;
      for (const json::value& element : array) nested = nested || element.is_structured();
      out += '[';
      for (std::size_t i = 0; i < array.size(); ++i) {
        if (i > 0) out += nested || indent == 0 ? "," : ", ";
        if (nested) line_break(depth + 1);
        print(out, array[i], indent, depth + 1);
      }
      if (nested) line_break(depth);
      out += ']';
      break;
    }
    case json::kind::double_: {
      const double number = value.get_double();
      if (!std::isfinite(number)) {
        out += "null";
        break;
      }
      char text[40];
      const auto end = std::to_chars(text, text + sizeof text, number).ptr;
      const std::string_view printed(text, static_cast<std::size_t>(end - text));
      out += printed;
      if (printed.find_first_of(".e") == std::string_view::npos)
        out += ".0";  // a double stays one when it is read back
      break;
    }
    case json::kind::string: print_string(out, {value.get_string().data(), value.get_string().size()}); break;
    default: out += json::serialize(value);
  }
}

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

Result<json::value> parse_json(std::string_view text, const std::string& what, JsonOptions options) {
  json::parse_options rules;
  rules.max_depth = options.max_depth;
  rules.allow_comments = options.relaxed;
  rules.allow_trailing_commas = options.relaxed;
  json::basic_parser<ValueBuilder> parser(rules);
  boost::system::error_code error;
  std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  std::string shortened;
  if (error == json::error::exponent_overflow && !options.relaxed) {
    shortened = with_short_exponents(text);
    text = shortened;
    parser.reset();
    error.clear();
    used = parser.write_some(false, text.data(), text.size(), error);
  }
  if (!error && used < text.size())
    error = json::error::extra_data;  // white space and comments after the value were used up
  if (error) return usage_error(what + ": " + place_in(text, used) + ": " + error.message());
  if (options.relaxed) {
    json::basic_parser<DuplicateFinder> finder(rules);
    boost::system::error_code ignored;
    finder.write_some(false, text.data(), text.size(), ignored);
    if (!finder.handler().duplicate.empty())
      return usage_error(what + ": the key \"" + printable(finder.handler().duplicate) +
                         "\" stands twice in one object");
  }
  return parser.handler().stack.release();
}

std::string to_text(const json::value& value, unsigned indent) {
  std::string out;
  print(out, value, indent, 0);
  return out;
}

std::string kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object: return "an object";
    case json::kind::array: return "an array";
    case json::kind::string: return "a string";
    case json::kind::bool_: return "true or false";
    case json::kind::null: return "null";
    default: return "a number";
  }
}

Status ObjectReader::only(const std::vector<std::string>& known) const {
  for (const json::key_value_pair& entry : object_) {
    const std::string key(entry.key());
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return usage_error(where(printable(key)) + ": unknown key" + suggestion(key, known),
                         "known keys: " + join(known, ", "));
    }
  }
  return Ok{};
}

Result<std::string> ObjectReader::text(std::string_view key, std::string fallback) const {
  const json::value* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) return usage_error(where(key) + ": expected a string, found " + kind_name(*value));
  return std::string(value->get_string());
}

Result<std::vector<std::string>> ObjectReader::texts(std::string_view key) const {
  std::vector<std::string> out;
  const json::value* value = find(key);
  if (value == nullptr) return out;
  if (!value->is_array())
    return usage_error(where(key) + ": expected an array of strings, found " + kind_name(*value));
  for (const json::value& element : value->get_array()) {
    if (!element.is_string())
      return usage_error(where(key) + "[" + std::to_string(out.size()) + "]: expected a string, found " +
                         kind_name(element));
    out.emplace_back(element.get_string());
  }
  return out;
}

}  // namespace ktstr
