// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <ktstr/kit/json.hpp>
#include <string>
#include <vector>

namespace ktstr::reporters {

/// ANSI colours, or nothing at all.
class Paint {
 public:
  explicit Paint(bool enabled = false) : enabled_(enabled) {}
  std::string red(const std::string& text) const { return in("31", text); }
  std::string bold_red(const std::string& text) const { return in("1;31", text); }
  std::string green(const std::string& text) const { return in("32", text); }
  std::string yellow(const std::string& text) const { return in("33", text); }
  std::string dim(const std::string& text) const { return in("2", text); }
  std::string bold(const std::string& text) const { return in("1", text); }

 private:
  std::string in(const char* code, const std::string& text) const {
    return enabled_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
  }
  bool enabled_;
};

/// Text that `wrapped` keeps on one line: a number and its unit, an interval. Only for what goes through
/// `wrapped`.
std::string unbroken(std::string text);
/// Breaks `text` at spaces so that lines after the first start with `indent` spaces; width 0 leaves it on one
/// line. Colours take no room.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width);

std::string joined(const std::vector<std::string>& parts, const std::string& separator);

// What the host's objects hold, safe to show; nothing where a key is missing or of another kind.
std::string text_of(const json::object& object, const char* key);
std::uint64_t count_in(const json::object& object, const char* key);
double number_in(const json::object& object, const char* key);
bool flag_in(const json::object& object, const char* key);
std::vector<std::string> texts_in(const json::object& object, const char* key);
json::object object_in(const json::object& object, const char* key);
std::vector<json::object> objects_in(const json::object& object, const char* key);

}  // namespace ktstr::reporters
