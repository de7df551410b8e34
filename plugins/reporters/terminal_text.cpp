// SPDX-License-Identifier: Apache-2.0
#include "terminal_text.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>
#include <limits>

namespace ktstr::reporters {

namespace {

constexpr char kUnbroken = '\x1f';  // stands for a space; printable() text has no control characters

/// Columns of what is left without the sequences that set colours.
std::size_t visible(std::string_view word) {
  std::size_t width = 0;
  while (!word.empty()) {
    const std::size_t colour = std::min(word.find('\033'), word.size());
    width += display_width(word.substr(0, colour));
    word.remove_prefix(std::min(word.find('m', colour), word.size() - 1) + 1);
  }
  return width;
}

std::string with_spaces(std::string text) {
  std::replace(text.begin(), text.end(), kUnbroken, ' ');
  return text;
}

}  // namespace

std::string unbroken(std::string text) {
  std::replace(text.begin(), text.end(), ' ', kUnbroken);
  return text;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  if (width <= indent + 10) return with_spaces(text);
  std::string out;
  std::size_t column = indent;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (column > indent && column + 1 + visible(word) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (at > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += visible(word);
    at = end + 1;
  }
  return with_spaces(std::move(out));
}

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::vector<std::string> there;
  std::copy_if(parts.begin(), parts.end(), std::back_inserter(there),
               [](const std::string& part) { return !part.empty(); });
  return join(there, separator);
}

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? printable(value->get_string()) : std::string();
}

std::uint64_t count_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  boost::system::error_code error;
  const std::uint64_t count = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
  return error ? 0 : count;
}

bool flag_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> texts_in(const json::object& object, const char* key) {
  std::vector<std::string> texts;
  if (const json::value* value = object.if_contains(key); value != nullptr && value->is_array()) {
    for (const json::value& element : value->get_array()) {
      if (element.is_string()) texts.push_back(printable(element.get_string()));
    }
  }
  return texts;
}

json::object object_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

double number_in(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>()
                                                : std::numeric_limits<double>::quiet_NaN();
}

std::vector<json::object> objects_in(const json::object& object, const char* key) {
  std::vector<json::object> objects;
  if (const json::value* value = object.if_contains(key); value != nullptr && value->is_array()) {
    for (const json::value& element : value->get_array()) {
      if (element.is_object()) objects.push_back(element.get_object());
    }
  }
  return objects;
}

}  // namespace ktstr::reporters
