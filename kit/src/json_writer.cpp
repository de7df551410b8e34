// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>

#include "ktstr/kit/utf8.hpp"

namespace ktstr::kit {
namespace {

/// What stands for itself between quotes, byte for byte: nearly all there is.
constexpr std::array<bool, 256> kStandsForItself = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

/// \u202e, or two of them above U+FFFF.
void append_escape(std::string& out, std::uint32_t code) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto append_unit = [&](std::uint32_t unit) {
    out += {'\\',
            'u',
            kDigits[unit >> 12U & 15U],
            kDigits[unit >> 8U & 15U],
            kDigits[unit >> 4U & 15U],
            kDigits[unit & 15U]};
  };
  if (code < 0x10000) return append_unit(code);
  append_unit(0xD800U + ((code - 0x10000U) >> 10U));
  append_unit(0xDC00U + ((code - 0x10000U) & 0x3FFU));
}

/// The letter after a backslash, for what has one.
char short_escape(std::uint32_t code) {
  switch (code) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && kStandsForItself[static_cast<unsigned char>(text[plain])]) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    std::uint32_t code = 0;
    const std::size_t length = decode(text, code);
    if (length == 0) {
      append_escape(out, 0xFFFD);
    } else if (const char letter = short_escape(code); letter != 0) {
      out += {'\\', letter};
    } else if (is_unsafe(code)) {
      append_escape(out, code);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::string number_text(double value) {
  char buffer[40];
  const double shown = value == 0 ? 0.0 : value;  // no negative zero
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, shown).ptr);
  if (text.find_first_of(".en") == std::string::npos)
    text += ".0";  // a double stays one when it is read back
  return text;
}

void append_json_number(std::string& out, double value) {
  out += std::isfinite(value) ? number_text(value) : "null";
}

void JsonWriter::newline() {
  if (indent_ == 0) return;
  out_ += '\n';
  out_.append(items_.size() * indent_, ' ');
}

void JsonWriter::before_item() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (items_.empty()) return;
  KTSTR_ASSERT(brackets_.back() == ']');  // a value of an object has a key
  if (items_.back()++ > 0) out_ += ',';
  newline();
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  before_item();
  out_ += text;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  KTSTR_ASSERT(after_key_ || !items_.empty() || out_.empty());  // a document is one value
  before_item();
  out_ += bracket;
  items_.push_back(0);
  brackets_.push_back(bracket == '{' ? '}' : ']');
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  KTSTR_ASSERT(brackets_.size() == items_.size() && brackets_.ends_with(bracket));
  KTSTR_ASSERT(!items_.empty() && !after_key_);
  const bool empty = items_.back() == 0;
  items_.pop_back();
  brackets_.pop_back();
  if (!empty) newline();
  out_ += bracket;
  return *this;
}

JsonWriter& JsonWriter::begin_object() { return open('{'); }
JsonWriter& JsonWriter::end_object() { return close('}'); }
JsonWriter& JsonWriter::begin_array() { return open('['); }
JsonWriter& JsonWriter::end_array() { return close(']'); }

JsonWriter& JsonWriter::key(std::string_view name) {
  KTSTR_ASSERT(!items_.empty() && !after_key_ && brackets_.back() == '}');
  if (items_.back()++ > 0) out_ += ',';
  newline();
  append_json_string(out_, name);
  out_ += indent_ == 0 ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::null() { return raw("null"); }
JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonWriter& JsonWriter::value(double number) {
  before_item();
  append_json_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_item();
  append_json_string(out_, text);
  return *this;
}

std::string JsonWriter::finish() && {
  KTSTR_ASSERT(items_.empty() && !after_key_);  // what was opened was closed
  if (indent_ > 0) out_ += '\n';
  return std::move(out_);
}

}  // namespace ktstr::kit
