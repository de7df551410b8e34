// SPDX-License-Identifier: Apache-2.0
//
// How texts and numbers stand in every JSON text of ours, and a writer of documents that needs no tree of
// values. Free of Boost.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ktstr::kit {

/// In quotes. What a terminal obeys or nobody sees (kit::is_unsafe) is written as \uXXXX, and each byte that
/// is no UTF-8 as U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Shortest text that reads back as the same double, always recognisable as one ("3.0"); negative zero is
/// zero. Infinity and NaN, which JSON lacks, are "inf" and "nan".
std::string number_text(double value);
/// The same, or null for what JSON lacks.
void append_json_number(std::string& out, double value);

/// Writes the same bytes for the same calls everywhere: keys in their order, integers as integers.
class JsonWriter {
 public:
  /// 0: all in one line, as `to_text` (json.hpp) has it.
  explicit JsonWriter(unsigned indent = 2) : indent_(indent) {}
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& null();
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& value(T number) {
    if constexpr (std::is_signed_v<T>) {
      return raw(std::to_string(static_cast<std::int64_t>(number)));
    } else {
      return raw(std::to_string(static_cast<std::uint64_t>(number)));
    }
  }
  template <typename T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }

  template <typename T>
  JsonWriter& member(std::string_view name, const T& item) {
    return key(name).value(item);
  }
  JsonWriter& null_member(std::string_view name) { return key(name).null(); }

  /// The document, with a line feed at its end if it is indented.
  std::string finish() &&;

 private:
  JsonWriter& raw(std::string_view text);
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_item();
  void newline();

  unsigned indent_;
  std::string out_;
  std::vector<std::uint64_t> items_;  ///< items so far of each open array or object
  std::string brackets_;              ///< which of both it is, by the bracket that closes it
  bool after_key_ = false;
};

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::JsonWriter;
using kit::number_text;
}  // namespace ktstr
