// SPDX-License-Identifier: Apache-2.0
//
// One field of the sidecar as data: what it is for people, where the host has its value from, where readers
// put it, and what null means. Fields that metrics are read from are rows of metrics/metric_table.cpp
// instead.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/sidecar.hpp"

namespace ktstr {

enum class FieldKind {
  kVersion,  ///< of the format
  kText,
  kFlag,
  kWhole,   ///< a whole number
  kNumber,  ///< any finite number
  kTextOrWhole,
  kObject,   ///< its fields are rows of their own; open when there is none
  kTexts,    ///< an object of strings
  kWholes,   ///< an object of whole numbers
  kNumbers,  ///< an object of numbers
  kAnything,
};

using ReadFunction = void (*)(const json::value&, SidecarRecord&);
/// What a reader fills. A member of SidecarHead is part of what `stats list` reads of every file of a pool
/// and of what the index remembers. Values of another type are taken for missing.
using FieldTarget =
    std::variant<std::monostate, std::string SidecarHead::*, std::optional<std::uint64_t> SidecarHead::*,
                 std::optional<std::int64_t> SidecarHead::*, std::string SidecarRecord::*,
                 bool SidecarRecord::*, std::optional<std::uint64_t> SidecarRecord::*,
                 std::optional<std::int64_t> SidecarRecord::*, ReadFunction>;

using WriteFunction = json::value (*)(const HostStamp&);
/// Where the host has the value from; nothing: the runner writes it. An empty text becomes null.
using FieldSource =
    std::variant<std::monostate, std::string HostStamp::*, json::value HostStamp::*, WriteFunction>;

/// What null means to the person who finds it.
struct NullReason {
  unsigned place = 0;       ///< in the list of `stats explain-sidecar`, from 1; 0: it is not in there
  bool actionable = false;  ///< another environment would fill it; else null is the steady state
  std::array<std::string_view, 3> causes = {};
  std::string_view fix = {};  ///< empty: nothing to do
  bool own = false;           ///< written since schema 1; files without schema_version do not have it
};

struct SidecarField {
  std::string_view path;  ///< keys joined by dots, [] behind a list: "stats.cgroups[].name"
  FieldKind kind;
  std::string_view meaning;
  std::string_view unit = {};
  bool list = false;
  bool nullable = false;
  bool always = true;   ///< every writer of this version has the key
  bool needed = false;  ///< a file without it is refused
  bool not_empty = false;
  bool any_sign = false;  ///< numbers below 0 are allowed
  bool is_reading =
      false;               ///< of `host`: differs from minute to minute, so it says nothing about the machine
  bool by_runner = false;  ///< of a test that ran on another machine: the host has no value for it
  std::string_view pattern = {};
  std::array<std::string_view, 3> values = {};  ///< the only ones, where there are some
  FieldTarget target = {};
  FieldSource source = {};
  NullReason null = {};

 private:
  // Before those who call it: clang wants it defined where a row is made of it.
  template <typename Value>
  constexpr SidecarField with(Value SidecarField::*member, Value value) const {
    SidecarField row = *this;
    row.*member = value;
    return row;
  }

 public:
  // For rows of the table.
  constexpr SidecarField in(std::string_view of) const { return with(&SidecarField::unit, of); }
  constexpr SidecarField or_null() const { return with(&SidecarField::nullable, true); }
  constexpr SidecarField at_times() const { return with(&SidecarField::always, false); }
  constexpr SidecarField must() const { return with(&SidecarField::needed, true); }
  constexpr SidecarField filled() const { return with(&SidecarField::not_empty, true); }
  constexpr SidecarField signed_too() const { return with(&SidecarField::any_sign, true); }
  constexpr SidecarField reading() const { return with(&SidecarField::is_reading, true); }
  constexpr SidecarField like(std::string_view shape) const { return with(&SidecarField::pattern, shape); }
  constexpr SidecarField to(FieldTarget into) const { return with(&SidecarField::target, into); }
  constexpr SidecarField by_host(FieldSource from) const { return with(&SidecarField::source, from); }
  constexpr SidecarField or_runner_elsewhere() const { return with(&SidecarField::by_runner, true); }
  constexpr SidecarField one_of(std::array<std::string_view, 3> names) const {
    return with(&SidecarField::values, names);
  }
  constexpr SidecarField when_null(NullReason reason) const {
    SidecarField row = with(&SidecarField::null, reason);
    row.nullable = true;
    return row;
  }
};

/// Every field but those of metrics, in the order in which writers have them.
std::span<const SidecarField> sidecar_fields();  // field_table.cpp

/// Those that explain-sidecar knows, in its order.
std::span<const SidecarField* const> explained_fields();

/// The key at the top, and the one in the object behind it; empty: there is none.
struct FieldKeys {
  std::string_view top, inner;
};
FieldKeys keys_of(const SidecarField& field);

/// Hands out every member of a head that a row of the table fills, in its order: a head's index format.
template <typename Head, typename Take>
void each_head_field(Head& head, Take take) {
  for (const SidecarField& field : sidecar_fields()) {
    if (const auto* text = std::get_if<std::string SidecarHead::*>(&field.target)) take(head.**text);
    if (const auto* whole = std::get_if<std::optional<std::uint64_t> SidecarHead::*>(&field.target))
      take(head.**whole);
    if (const auto* number = std::get_if<std::optional<std::int64_t> SidecarHead::*>(&field.target))
      take(head.**number);
  }
}

/// Another number for another list of head fields: what was packed by one is not read by the other.
std::uint32_t head_format();

}  // namespace ktstr
