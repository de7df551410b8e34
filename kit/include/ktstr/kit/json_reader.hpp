// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON that people or other programs wrote: every mistake says where it is, what was expected and
// what was found ("tests/a.json: tests[1].workers: expected an integer from 1 to 1024, found 0"). Everything
// here throws Mistake.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ktstr/kit/json.hpp"

namespace ktstr::kit {

using Keys = std::span<const std::string_view>;

/// "PLACE: MESSAGE"
[[noreturn]] void refuse(std::string_view place, std::string_view message, std::string hint = {});
/// "PLACE: expected …, found …"
[[noreturn]] void wrong(std::string_view place, std::string_view expected, const json::value& found);

/// A value, which must outlive this, and the place where it lies ("tests/a.json: tests[1].workers").
struct Located {
  const json::value* value = nullptr;
  std::string place;

  bool is_null() const { return value->is_null(); }
  std::uint64_t integer(std::uint64_t lowest, std::uint64_t highest) const;
  double number() const;  ///< any finite one
  double number(double lowest, double highest) const;
  double not_negative() const;  ///< a finite one
  bool boolean() const;
  std::string text(std::size_t longest = SIZE_MAX) const;
  /// Which of the names of a `what` it is.
  std::size_t index_in(std::span<const std::string_view> names, std::string_view what) const;
  std::string one_of(std::span<const std::string_view> names, std::string_view what) const;
  std::vector<Located> items(std::size_t fewest = 0, std::size_t most = SIZE_MAX) const;
  /// Of an object whose keys are names of somebody else's.
  std::vector<std::pair<std::string, Located>> members() const;
  /// The strings of an array.
  std::vector<std::string> texts() const;
};

/// An object; keys that nobody asks for are left alone, since a later version may have written them.
class OpenObject {
 public:
  /// `root`: the place is a document, so its keys are named "document: key" instead of "place.key".
  explicit OpenObject(const Located& located, bool root = false) : OpenObject(located, nullptr, root) {}

  /// Nothing when the key is absent.
  const Located* find(std::string_view key) const;
  const Located& get(std::string_view key) const;  ///< absent is a mistake
  /// The string of a key that may be absent.
  std::string text(std::string_view key, std::string fallback = {}) const;
  const std::string& place() const { return place_; }

 protected:
  OpenObject(const Located& located, const Keys* only, bool root);

 private:
  std::string place_;
  std::optional<Keys> only_;
  std::vector<std::pair<std::string_view, Located>> found_;
};

/// An object that may only have the keys of a table, which must outlive this. Asking for another key is a bug
/// and throws std::logic_error.
class StrictObject : public OpenObject {
 public:
  StrictObject(const Located& located, Keys keys, bool root = false) : OpenObject(located, &keys, root) {}
};

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::Keys;
using kit::Located;
using kit::OpenObject;
using kit::refuse;
using kit::StrictObject;
using kit::wrong;
}  // namespace ktstr
