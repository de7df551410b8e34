// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>

#include "ktstr/kit/text.hpp"

namespace ktstr::kit {
namespace {

/// "1000", "0.5", "1e-6": as people write it.
std::string plain_text(double value) {
  char buffer[40];
  const auto end = value == std::floor(value) && std::fabs(value) < 1e15
                       ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(value)).ptr
                       : std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  const std::size_t zero = text.find("e-0");
  if (zero != std::string::npos) text.erase(zero + 2, 1);
  return text;
}

/// Whole numbers stand in a schema without a point.
json::value plain_number(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

bool open_below(Ends ends) { return ends == Ends::kOpen || ends == Ends::kOpenBelow; }
bool open_above(Ends ends) { return ends == Ends::kOpen || ends == Ends::kOpenAbove; }

}  // namespace

bool Range::contains(double value) const {
  return (open_below(ends) ? value > lowest : value >= lowest) &&
         (open_above(ends) ? value < highest : value <= highest);
}

std::string Range::text() const {
  const std::string low = plain_text(lowest), high = plain_text(highest);
  switch (ends) {
    case Ends::kOpen: return "a number between " + low + " and " + high;
    case Ends::kOpenBelow: return "a number above " + low + ", at most " + high;
    case Ends::kOpenAbove: return "a number from " + low + " to below " + high;
    case Ends::kClosed: break;
  }
  return "a number from " + low + " to " + high;
}

void describe(json::object& schema, std::string_view description, const json::value& otherwise) {
  if (!otherwise.is_null())
    schema["default"] = otherwise.is_double() ? plain_number(otherwise.get_double()) : otherwise;
  schema["description"] = description;
}

json::object number_schema(const Range& range) {
  KTSTR_ASSERT(range.lowest < range.highest);
  return {{"type", "number"},
          {open_below(range.ends) ? "exclusiveMinimum" : "minimum", plain_number(range.lowest)},
          {open_above(range.ends) ? "exclusiveMaximum" : "maximum", plain_number(range.highest)}};
}

json::object integer_schema(std::uint64_t lowest, std::uint64_t highest) {
  KTSTR_ASSERT(lowest <= highest);
  return {{"type", "integer"}, {"minimum", lowest}, {"maximum", highest}};
}

json::object text_schema(std::string_view format) {
  json::object schema = {{"type", "string"}};
  if (!format.empty()) schema["format"] = format;
  return schema;
}

json::object choice_schema(std::span<const std::string_view> names) {
  KTSTR_ASSERT(!names.empty());
  return {{"enum", json::array(names.begin(), names.end())}};
}

json::object object_schema(const std::vector<OptionRow>& rows) {
  json::object schema = {{"type", "object"}, {"additionalProperties", false}};
  if (rows.empty()) return schema;
  json::object properties;
  for (const OptionRow& row : rows) properties[row.name] = row.schema;
  schema["properties"] = std::move(properties);
  return schema;
}

double read_number(const Located& value, const Range& range, std::string_view hint) {
  const bool good = value.value->is_number() && range.contains(value.value->to_number<double>());
  if (!good)
    refuse(value.place, "expected " + range.text() + ", found " + found_text(*value.value),
           std::string(hint));
  return value.value->to_number<double>();
}

std::string read_absolute_path(const Located& value) {
  constexpr std::size_t kLongestPath = 4096;
  std::string text = value.text(kLongestPath);
  if (!text.starts_with('/') || text.find('\0') != std::string::npos)
    wrong(value.place, "an absolute path", *value.value);
  return text;
}

std::vector<std::pair<std::size_t, Located>> read_options(const json::value& object, const std::string& what,
                                                          const std::string& prefix,
                                                          const std::vector<OptionRow>& rows) {
  const auto place_of = [&](std::string_view name) {
    return what + ": option \"" + prefix + std::string(name) + '"';
  };
  if (!object.is_object()) {
    wrong(prefix.empty() ? what + ": options" : place_of("").substr(0, place_of("").size() - 2) + '"',
          "an object", object);
  }
  std::vector<std::string> names;
  for (const OptionRow& row : rows) names.push_back(row.name);
  std::vector<std::pair<std::size_t, Located>> found;
  for (const json::key_value_pair& entry : object.get_object()) {
    const std::string_view name(entry.key());
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) {
      throw Mistake(
          what + ": unknown option \"" + prefix + printable_start(name, 60) + '"' + suggestion(name, names),
          names.empty() ? "it has no options: remove them" : "known options: " + join(names, ", "));
    }
    found.emplace_back(static_cast<std::size_t>(known - names.begin()),
                       Located{&entry.value(), place_of(name)});
  }
  KTSTR_ASSERT(found.size() == object.get_object().size());
  return found;
}

json::value read_options_text(std::string_view text, const std::string& what) {
  return read_json(text, what + ": options", {.unique_keys = true, .max_depth = kPeoplesDepth});
}

}  // namespace ktstr::kit
