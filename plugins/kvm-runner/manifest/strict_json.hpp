// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON that people write: every mistake is an error that says where it is, what was expected and what
// was found. Everything here throws ktstr::sdk::Error(KTSTR_INVALID_ARGUMENT).
#pragma once
#include <boost/json.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

using Keys = std::span<const std::string_view>;

/// Comments and trailing commas are welcome; duplicate keys and deep nesting are mistakes. `document` names
/// the text in errors.
boost::json::value parse_strict(std::string_view text, const std::string& document);

[[noreturn]] void refuse(const std::string& place, std::string_view message, std::string hint = {});
/// "PLACE: expected …, found …"
[[noreturn]] void wrong(const std::string& place, std::string_view expected, const boost::json::value& found);

/// A value and the place where it lies ("tests/a.json: tests[1].workers").
struct Located {
  const boost::json::value* value = nullptr;
  std::string place;

  bool is_null() const { return value->is_null(); }
  std::uint64_t integer(std::uint64_t lowest, std::uint64_t highest) const;
  double number(double lowest, double highest) const;
  bool boolean() const;
  std::string text(std::size_t longest) const;
  std::string one_of(std::span<const std::string_view> names, std::string_view what) const;
  std::vector<Located> items(std::size_t fewest, std::size_t most) const;
};

/// An object that may only have the keys of a table.
class StrictObject {
 public:
  /// `root`: the place is a document, so its keys are named "document: key" instead of "place.key".
  StrictObject(const Located& located, Keys keys, bool root = false);

  /// Nothing when the key is absent. Asking for a key outside the table is a bug and throws std::logic_error.
  const Located* find(std::string_view key) const;
  const Located& get(std::string_view key) const;  ///< absent is a mistake
  const std::string& place() const { return place_; }

 private:
  std::string place_;
  Keys keys_;
  std::vector<std::pair<std::string_view, Located>> found_;
};

}  // namespace ktstr::kvm
