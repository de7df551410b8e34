// SPDX-License-Identifier: Apache-2.0
#include "json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ktstr/cpp/show.hpp>

#include "display.hpp"

namespace ktstr::reporters {
namespace {

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
    if (digits.find_first_of(".e") == std::string_view::npos)
      out_ += ".0";  // a measured value stays a real number
  }

  void text(std::string_view v) {
    out_ += '"';
    while (!v.empty()) {
      std::uint32_t code = 0;
      const std::size_t length = sequence_length(v, code);
      if (length == 0) {
        sdk::append_json_escape(out_, 0xFFFD);
      } else if (sdk::is_unsafe(
                     code)) {  // JSON would allow some of them, but the document may be read on a terminal
        sdk::append_json_escape(out_, code);
      } else {
        if (code == '"' || code == '\\') out_ += '\\';
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
    const bool flat =
        std::none_of(v.begin(), v.end(), [](const json::value& e) { return e.is_structured(); });
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
