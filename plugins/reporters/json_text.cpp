// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace ktstr::reporters {
namespace {

/// The length of a valid UTF-8 sequence, 0 when it is none (RFC 3629).
std::size_t valid_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const unsigned a = at(0), b = at(1);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF && tail(1)) return 2;
  if (a >= 0xE0 && a <= 0xEF && tail(1) && tail(2) && !(a == 0xE0 && b < 0xA0) && !(a == 0xED && b > 0x9F)) return 3;
  if (a >= 0xF0 && a <= 0xF4 && tail(1) && tail(2) && tail(3) && !(a == 0xF0 && b < 0x90) && !(a == 0xF4 && b > 0x8F)) return 4;
  return 0;
}

class Writer {
 public:
  explicit Writer(unsigned indent) : indent_(indent) {}
  std::string take() { return std::move(out_); }

  void value(const json::value& v, unsigned depth) {
    switch (v.kind()) {
      case json::kind::null: out_ += "null"; break;
      case json::kind::bool_: out_ += v.get_bool() ? "true" : "false"; break;
      case json::kind::int64: out_ += std::to_string(v.get_int64()); break;
      case json::kind::uint64: out_ += std::to_string(v.get_uint64()); break;
      case json::kind::double_: real(v.get_double()); break;
      case json::kind::string: text(v.get_string()); break;
      case json::kind::array: array(v.get_array(), depth); break;
      case json::kind::object: object(v.get_object(), depth); break;
    }
  }

 private:
  void real(double v) {
    if (!std::isfinite(v)) {
      out_ += "null";
      return;
    }
    std::array<char, 64> buffer;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v);
    const std::string_view digits(buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data()));
    out_ += digits;
    if (digits.find_first_of(".e") == std::string_view::npos) out_ += ".0";  // a measured value stays a real number
  }

  void text(std::string_view v) {
    out_ += '"';
    while (!v.empty()) {
      const std::size_t length = valid_length(v);
      const char c = v.front();
      if (length == 0) {
        out_ += "\xEF\xBF\xBD";
      } else if (c == '"' || c == '\\') {
        out_ += {'\\', c};
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
        constexpr char kHex[] = "0123456789abcdef";
        out_ += std::string("\\u00") + kHex[static_cast<unsigned char>(c) >> 4] + kHex[c & 15];
      } else {
        out_ += v.substr(0, length);
      }
      v.remove_prefix(length == 0 ? 1 : length);
    }
    out_ += '"';
  }

  void line(unsigned depth) {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * indent_, ' ');
  }

  void array(const json::array& v, unsigned depth) {
    // Numbers of one side read better in one line.
    const bool flat = std::none_of(v.begin(), v.end(), [](const json::value& e) { return e.is_structured(); });
    out_ += '[';
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (i > 0) out_ += indent_ > 0 && flat ? ", " : ",";
      if (!flat) line(depth + 1);
      value(v[i], depth + 1);
    }
    if (!v.empty() && !flat) line(depth);
    out_ += ']';
  }

  void object(const json::object& v, unsigned depth) {
    out_ += '{';
    bool first = true;
    for (const json::key_value_pair& entry : v) {
      if (!first) out_ += ',';
      first = false;
      line(depth + 1);
      text(entry.key());
      out_ += indent_ > 0 ? ": " : ":";
      value(entry.value(), depth + 1);
    }
    if (!v.empty()) line(depth);
    out_ += '}';
  }

  unsigned indent_;
  std::string out_;
};

}  // namespace

std::string to_text(const json::value& value, unsigned indent) {
  Writer writer(indent);
  writer.value(value, 0);
  return writer.take();
}

json::object parse_object(std::string_view text) {
  boost::system::error_code error;
  json::value parsed = json::parse({text.data(), text.size()}, error);
  return !error && parsed.is_object() ? std::move(parsed.get_object()) : json::object();
}

}  // namespace ktstr::reporters
