// SPDX-License-Identifier: Apache-2.0
//
// What a value of a configuration file is like, as data: the reader holds values to it, and the schema and
// docs/config.md are made of it.
#pragma once
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "support/json.hpp"

namespace ktstr {

/// What a text has to be like beyond being one.
struct TextForm {
  std::string_view pattern;  ///< for the schema
  bool (*fits)(std::string_view text);
  std::string_view problem;  ///< "is not an absolute path"
  std::string_view hint = {};
};

struct ConfigMember;

/// An object, or the text that stands for one of its members alone.
struct ObjectShape {
  std::string_view name;  ///< of its definition in the schema: "plugin"
  std::span<const ConfigMember> members;
  std::string_view or_text = {};  ///< what a text alone is: "a plugin's name"; empty: no text will do
};

struct ValueShape {
  enum class Kind { kText, kFlag, kNumber, kChoice, kOptions, kObject };
  Kind kind = Kind::kText;
  bool list = false;                  ///< of such values
  const TextForm* by_name = nullptr;  ///< an object of such values, whose keys are like this
  bool filled = false;                ///< a text of at least a byte, a list of at least one value
  const TextForm* form = nullptr;
  double lowest = 0, highest = std::numeric_limits<double>::infinity();  ///< of a number
  std::span<const std::string_view> names = {};                          ///< of a choice
  const ObjectShape* object = nullptr;
};

/// A key of an object inside of a configuration file.
struct ConfigMember {
  std::string_view name;
  ValueShape shape;
  std::string_view meaning;
  std::string_view example;             ///< JSON
  bool needed = false;                  ///< the object is nothing without it
  json::value (*fallback)() = nullptr;  ///< what holds when it is left out, where that can be said as a value
};

/// As it is written: relative, and no part of it is "..". Links are followed when it is looked at.
bool stays_inside(std::string_view path);

inline constexpr std::string_view kOutside = "must stay inside the project";
extern const TextForm kAbsolutePath, kInsidePath;

/// Throws a Mistake when `value` is not of that shape. `hint` helps who left it empty.
void insist_on_shape(const ValueShape& shape, const Located& value, std::string_view hint = {});

/// The object, whose keys are those of the table and their values of the shapes that it says; else throws a
/// Mistake.
OpenObject read_members(const Located& value, const ObjectShape& shape);

}  // namespace ktstr
