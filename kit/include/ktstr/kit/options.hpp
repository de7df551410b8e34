// SPDX-License-Identifier: Apache-2.0
//
// The options of a plugin as one table, from which both the reader and the JSON Schema that `ktstr plugin
// show` prints come:
//
//   struct Options { double alpha = 0.05; bool strict = false; };
//   const auto kOptions = kit::OptionTable<Options>("gate x")
//       .number("alpha", &Options::alpha, {0, 1, kit::Ends::kOpen}, "level of the two-sided test")
//       .flag("strict", &Options::strict, "…");
//
// Defaults are those of a fresh Options. A row names a member, or a function (Options&, value) where the
// member holds something else than what people write; such a row shows no default. A member that is an
// std::chrono::duration is written in seconds.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <ktstr/kit/assert.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "ktstr/kit/json_reader.hpp"

namespace ktstr::kit {

enum class Ends { kClosed, kOpen, kOpenBelow, kOpenAbove };

/// What a number may be, its ends included unless they are open.
struct Range {
  double lowest = 0, highest = 0;
  Ends ends = Ends::kClosed;

  bool contains(double value) const;
  std::string text() const;  ///< "a number from 0 to 1000"
};

/// One row, free of the type that it fills in.
struct OptionRow {
  std::string name;
  json::object schema;
};

/// Ends a schema's row: default, then description.
void describe(json::object& schema, std::string_view description, const json::value& otherwise);
json::object number_schema(const Range& range);
json::object integer_schema(std::uint64_t lowest, std::uint64_t highest);
/// `format`: how the host reads a text of ktstr.json, "host-path" or "host-program"; may be empty.
json::object text_schema(std::string_view format);
json::object choice_schema(std::span<const std::string_view> names);
json::object object_schema(const std::vector<OptionRow>& rows);

double read_number(const Located& value, const Range& range, std::string_view hint);
std::string read_absolute_path(const Located& value);
/// The members of an object of options, each with the row that knows it. `prefix` stands before a name that
/// is a member of another option: "history.".
std::vector<std::pair<std::size_t, Located>> read_options(const json::value& object, const std::string& what,
                                                          const std::string& prefix,
                                                          const std::vector<OptionRow>& rows);
/// As a plugin gets them: a JSON object of the host's. Throws a Mistake.
json::value read_options_text(std::string_view text, const std::string& what);

template <typename T>
class OptionTable {
 public:
  /// `what` names the plugin in messages: "gate fdr". A table of an option's own members has no name.
  explicit OptionTable(std::string what = {}) : what_(std::move(what)) {}

  /// `hint` helps who wrote a wrong one.
  template <typename Field>
  OptionTable& number(std::string_view name, Field field, Range range, std::string_view description,
                      std::string hint = {}) {
    return add(name, number_schema(range), description, default_of(field),
               [=](T& options, const Located& value, const std::string&) {
                 put(options, field, read_number(value, range, hint));
               });
  }
  template <typename Field>
  OptionTable& integer(std::string_view name, Field field, std::uint64_t lowest, std::uint64_t highest,
                       std::string_view description) {
    return add(name, integer_schema(lowest, highest), description, default_of(field),
               [=](T& options, const Located& value, const std::string&) {
                 put(options, field, value.integer(lowest, highest));
               });
  }
  OptionTable& flag(std::string_view name, bool T::*field, std::string_view description) {
    return add(
        name, {{"type", "boolean"}}, description, default_of(field),
        [=](T& options, const Located& value, const std::string&) { options.*field = value.boolean(); });
  }
  /// A text of at least one byte. `format`: what it is to the host, which reads it as no path.
  template <typename Field>
  OptionTable& text(std::string_view name, Field field, std::string_view format,
                    std::string_view description) {
    KTSTR_ASSERT(!format.empty());
    return add(name, text_schema(format), description, default_of(field),
               [=](T& options, const Located& value, const std::string&) {
                 std::string found = value.text(kLongestText);
                 if (found.empty()) wrong(value.place, "a text that is not empty", *value.value);
                 put(options, field, std::move(found));
               });
  }
  /// A list of texts. What a project says may not look like a path.
  OptionTable& texts(std::string_view name, std::vector<std::string> T::*field,
                     std::string_view description) {
    return add(name, {{"type", "array"}, {"items", {{"type", "string"}}}}, description, nullptr,
               [=](T& options, const Located& value, const std::string&) { options.*field = value.texts(); });
  }
  /// A text of at least one byte, which the host reads as a program's name or path.
  template <typename Field>
  OptionTable& program(std::string_view name, Field field, std::string_view description) {
    return add(name, text_schema("host-program"), description, default_of(field),
               [=](T& options, const Located& value, const std::string&) {
                 std::string text = value.text(kLongestText);
                 if (text.empty()) wrong(value.place, "a program's name or path", *value.value);
                 put(options, field, std::move(text));
               });
  }
  /// An absolute path, which the host makes of a relative one in ktstr.json. `format`: what else it is to the
  /// host.
  template <typename Field>
  OptionTable& path(std::string_view name, Field field, std::string_view description,
                    std::string_view format = "host-path") {
    return add(name, text_schema(format), description, default_of(field),
               [=](T& options, const Located& value, const std::string&) {
                 put(options, field, read_absolute_path(value));
               });
  }
  /// One of some names. `what`: "accelerator".
  template <typename Value>
  OptionTable& choice(std::string_view name, Value T::*field, std::string_view what,
                      std::vector<std::pair<std::string_view, Value>> values, std::string_view description) {
    std::vector<std::string_view> names;
    json::value otherwise;
    for (const auto& [each, value] : values) {
      names.push_back(each);
      if (T{}.*field == value) otherwise = each;
    }
    KTSTR_ASSERT(!otherwise.is_null());  // the default has a name
    json::object schema = choice_schema(names);
    return add(name, std::move(schema), description, std::move(otherwise),
               [=, what = std::string(what)](T& options, const Located& value, const std::string&) {
                 const std::string found = value.one_of(names, what);
                 for (const auto& [each, meant] : values) {
                   if (each == found) options.*field = meant;
                 }
               });
  }
  /// An object whose members the plugin reads itself; `schema` says what they are.
  OptionTable& object(std::string_view name, json::object T::*field, json::object schema,
                      std::string_view description) {
    return add(name, std::move(schema), description, nullptr,
               [=](T& options, const Located& value, const std::string&) {
                 if (!value.value->is_object()) wrong(value.place, "an object", *value.value);
                 options.*field = value.value->get_object();
               });
  }
  /// An object of options.
  OptionTable& group(std::string_view name, std::string_view description, OptionTable members) {
    json::object schema = object_schema(members.rows_);
    return add(name, std::move(schema), description, nullptr,
               [name = std::string(name), members = std::move(members)](T& options, const Located& value,
                                                                        const std::string& what) {
                 members.fill(options, *value.value, what, name + ".");
               });
  }

  /// Throws a Mistake.
  T read(std::string_view text) const {
    T options;
    fill(options, read_options_text(text, what_), what_, "");
    return options;
  }
  /// The JSON Schema of the options: JSON text.
  std::string schema() const { return to_text(object_schema(rows_)); }

 private:
  static constexpr std::size_t kLongestText = 4096;
  using Reader = std::function<void(T&, const Located&, const std::string& what)>;

  OptionTable& add(std::string_view name, json::object schema, std::string_view description,
                   json::value otherwise, Reader reader) {
    KTSTR_ASSERT(!description.empty() && rows_.size() == readers_.size());
    for (const OptionRow& row : rows_) KTSTR_ASSERT(row.name != name);
    describe(schema, description, otherwise);
    rows_.push_back({std::string(name), std::move(schema)});
    readers_.push_back(std::move(reader));
    return *this;
  }
  void fill(T& options, const json::value& object, const std::string& what, const std::string& prefix) const {
    for (const auto& [row, value] : read_options(object, what, prefix, rows_))
      readers_[row](options, value, what);
  }

  template <typename Field, typename Value>
  static void put(T& options, const Field& field, Value&& value) {
    if constexpr (std::is_member_object_pointer_v<Field>) {
      using Member = std::remove_cvref_t<decltype(options.*field)>;
      if constexpr (requires { typename Member::rep; }) {
        options.*field = std::chrono::seconds(value);
      } else {
        options.*field = static_cast<Member>(std::forward<Value>(value));
      }
    } else {
      field(options, std::forward<Value>(value));
    }
  }
  template <typename Field>
  static json::value default_of(const Field& field) {
    if constexpr (std::is_member_object_pointer_v<Field>) {
      const T fresh;
      using Member = std::remove_cvref_t<decltype(fresh.*field)>;
      if constexpr (requires { typename Member::rep; }) {
        return json::value(std::chrono::duration_cast<std::chrono::seconds>(fresh.*field).count());
      } else if constexpr (std::is_same_v<Member, bool>) {
        return json::value(fresh.*field);
      } else if constexpr (std::is_arithmetic_v<Member>) {
        return json::value(fresh.*field);
      } else {
        const std::string text = std::filesystem::path(fresh.*field).string();
        return text.empty() ? json::value() : json::value(text);
      }
    } else {
      return {};
    }
  }

  std::string what_;
  std::vector<OptionRow> rows_;
  std::vector<Reader> readers_;
};

/// Of a plugin that has none: `read` refuses whatever it is given.
struct NoOptions {};

}  // namespace ktstr::kit
