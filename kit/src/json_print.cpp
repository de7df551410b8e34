// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ktstr/kit/json.hpp"
#include "ktstr/kit/json_writer.hpp"
#include "ktstr/kit/utf8.hpp"

namespace ktstr::kit {
namespace {

class Printer {
 public:
  explicit Printer(unsigned indent) : indent_(indent) {}
  std::string take() { return std::move(out_); }

  void value(const json::value& value, unsigned depth) {
    switch (value.kind()) {
      case json::kind::null: out_ += "null"; break;
      case json::kind::bool_: out_ += value.get_bool() ? "true" : "false"; break;
      case json::kind::int64: out_ += std::to_string(value.get_int64()); break;
      case json::kind::uint64: out_ += std::to_string(value.get_uint64()); break;
      case json::kind::double_: append_json_number(out_, value.get_double()); break;
      case json::kind::string: append_json_string(out_, std::string_view(value.get_string())); break;
      case json::kind::array: array(value.get_array(), depth); break;
      case json::kind::object: object(value.get_object(), depth); break;
    }
  }

 private:
  void line_break(unsigned depth) {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(std::size_t{indent_} * depth, ' ');
  }

  void array(const json::array& array, unsigned depth) {
    const bool nested =
        std::any_of(array.begin(), array.end(), [](const json::value& e) { return e.is_structured(); });
    out_ += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += nested || indent_ == 0 ? "," : ", ";
      if (nested) line_break(depth + 1);
      value(array[i], depth + 1);
    }
    if (nested) line_break(depth);
    out_ += ']';
  }

  void object(const json::object& object, unsigned depth) {
    out_ += '{';
    bool first = true;
    for (const json::key_value_pair& entry : object) {
      if (!first) out_ += ',';
      first = false;
      line_break(depth + 1);
      append_json_string(out_, std::string_view(entry.key()));
      out_ += indent_ == 0 ? ":" : ": ";
      value(entry.value(), depth + 1);
    }
    if (!first) line_break(depth);
    out_ += '}';
  }

  unsigned indent_;
  std::string out_;
};

}  // namespace

std::string to_text(const json::value& value, unsigned indent) {
  Printer printer(indent);
  printer.value(value, 0);
  return printer.take();
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

std::string found_text(const json::value& value) {
  switch (value.kind()) {
    case json::kind::string: return '"' + printable_start(value.get_string(), 60) + '"';
    case json::kind::array: return "an array of " + std::to_string(value.get_array().size());
    case json::kind::object: return "an object";
    case json::kind::double_: return number_text(value.get_double());
    default: return to_text(value, 0);
  }
}

}  // namespace ktstr::kit
