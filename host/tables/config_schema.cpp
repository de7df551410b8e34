// SPDX-License-Identifier: Apache-2.0
#include "tables/config_schema.hpp"

#include <array>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/text.hpp>

#include "config/key.hpp"
#include "config/metrics.hpp"
#include "config/plugin_choice.hpp"
#include "config/profiles.hpp"

namespace ktstr {
namespace {

using Kind = ValueShape::Kind;

json::object text_schema(const ValueShape& shape) {
  json::object schema{{"type", "string"}};
  if (shape.filled && !shape.list) schema["minLength"] = 1;
  if (shape.form != nullptr) schema["pattern"] = shape.form->pattern;
  return schema;
}

json::object number_schema(const ValueShape& shape) {
  json::object schema{{"type", "number"}, {"minimum", static_cast<std::int64_t>(shape.lowest)}};
  if (shape.highest < std::numeric_limits<double>::infinity())
    schema["maximum"] = static_cast<std::int64_t>(shape.highest);
  return schema;
}

json::object one_schema(const ValueShape& shape) {
  switch (shape.kind) {
    case Kind::kText: return text_schema(shape);
    case Kind::kFlag: return {{"type", "boolean"}};
    case Kind::kNumber: return number_schema(shape);
    case Kind::kChoice: return {{"enum", json::array(shape.names.begin(), shape.names.end())}};
    case Kind::kOptions: return {{"type", "object"}};
    case Kind::kObject: break;
  }
  return {{"$ref", "#/definitions/" + std::string(shape.object->name)}};
}

json::object value_schema(const ValueShape& shape) {
  if (shape.by_name != nullptr) {
    ValueShape of_member = shape;
    of_member.by_name = nullptr;
    return {{"type", "object"},
            {"propertyNames", {{"pattern", shape.by_name->pattern}}},
            {"additionalProperties", value_schema(of_member)}};
  }
  if (!shape.list) return one_schema(shape);
  json::object schema{{"type", "array"}};
  if (shape.filled) schema["minItems"] = 1;
  schema["items"] = one_schema(shape);
  return schema;
}

json::object object_schema(const ObjectShape& shape) {
  json::object properties;
  json::array required;
  for (const ConfigMember& member : shape.members) {
    json::object value = value_schema(member.shape);
    kit::describe(value, member.meaning, member.fallback == nullptr ? json::value() : member.fallback());
    properties[member.name] = std::move(value);
    if (member.needed) required.emplace_back(member.name);
  }
  json::object object{{"type", "object"},
                      {"required", std::move(required)},
                      {"additionalProperties", false},
                      {"properties", std::move(properties)}};
  if (shape.or_text.empty()) return object;
  return {{"oneOf", {one_schema({.filled = true}), std::move(object)}}};
}

/// What holds when nobody says it; null when that is no value.
json::value fallback_of(const ConfigKey& key) {
  if (key.value == nullptr) return nullptr;
  json::value value = key.value(Config{});
  const bool nothing = (value.is_string() && value.get_string().empty()) ||
                       (value.is_array() && value.get_array().empty()) ||
                       (value.is_object() && value.get_object().empty());
  return nothing ? json::value() : value;
}

constexpr std::string_view kNotOfProjects = "system and user configuration only";

std::string words(const ValueShape& shape) {
  switch (shape.kind) {
    case Kind::kText: return "text";
    case Kind::kFlag: return "`true` or `false`";
    case Kind::kNumber: {
      const std::string from = "number from " + std::to_string(static_cast<int>(shape.lowest));
      return shape.highest < std::numeric_limits<double>::infinity()
                 ? from + " to " + std::to_string(static_cast<int>(shape.highest))
                 : from;
    }
    case Kind::kChoice: return '`' + join(shape.names, "`, `") + '`';
    case Kind::kOptions: return "object";
    case Kind::kObject: break;
  }
  return std::string(shape.object->name);
}

std::string type_in_words(const ValueShape& shape) {
  if (shape.by_name != nullptr) return (shape.list ? "lists of " : "") + words(shape) + "s by name";
  if (!shape.list) return words(shape) + (shape.filled ? ", not empty" : "");
  return (shape.filled ? "list of at least one " : "list of ") + words(shape) + (shape.filled ? "" : "s");
}

/// In a cell of a table.
std::string code(const std::string& text) { return text.empty() ? "" : '`' + text + '`'; }

std::string sayer_in_words(Sayer sayer) {
  switch (sayer) {
    case Sayer::kAnybody: return "everybody";
    case Sayer::kProjectOnly: return "project";
    case Sayer::kNoProject: return "system, user";
  }
  return {};
}

std::string row_of(const ConfigMember& member, const json::value& fallback, const std::string& sayer) {
  json::object schema;
  kit::describe(schema, "", fallback);
  const json::value* otherwise = schema.if_contains("default");
  return "| `" + std::string(member.name) + "` | " + sayer + type_in_words(member.shape) + " | " +
         (member.needed          ? "has to be said"
          : otherwise == nullptr ? ""
                                 : code(to_text(*otherwise, 0))) +
         " | " + std::string(member.meaning) + " | " + code(std::string(member.example)) + " |\n";
}

std::string member_table(const ObjectShape& shape) {
  std::string out = "| key | type | default | meaning | example |\n|---|---|---|---|---|\n";
  for (const ConfigMember& member : shape.members)
    out += row_of(member, member.fallback == nullptr ? json::value() : member.fallback(), {});
  return out;
}

std::string example_of(std::string_view file, std::array<Sayer, 2> sayers) {
  std::string out = "<!-- schema: ktstr -->\n```jsonc\n// " + std::string(file) + "\n{\n";
  for (const ConfigKey& key : config_keys()) {
    if (std::find(sayers.begin(), sayers.end(), key.sayer) != sayers.end())
      out += "  \"" + std::string(key.name()) + "\": " + std::string(key.member.example) + ",\n";
  }
  return out + "}\n```\n";
}

}  // namespace

json::object config_schema() {
  json::object definitions, properties;
  for (const ObjectShape* shape : {&kPluginShape, &kReporterShape, &kMetricShape, &kProfileShape})
    definitions[shape->name] = object_schema(*shape);
  for (const ConfigKey& key : config_keys()) {
    json::object value = value_schema(key.member.shape);
    if (value.contains("$ref"))
      value = {{"allOf", json::array{std::move(value)}}};  // draft 7 ignores what is beside it
    std::string meaning(key.member.meaning);
    if (key.sayer == Sayer::kNoProject) meaning += "; " + std::string(kNotOfProjects);
    kit::describe(value, meaning, fallback_of(key));
    properties[key.name()] = std::move(value);
  }
  return {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "ktstr.json"},
      {"description",
       "Configuration of ktstr: of a project (ktstr.json), a user or a system. Comments and trailing commas "
       "are allowed. See docs/config.md."},
      {"type", "object"},
      {"additionalProperties", false},
      {"definitions", std::move(definitions)},
      {"properties", std::move(properties)}};
}

std::string config_key_table() {
  std::string out =
      "| key | who may say it | type | default | meaning | example |\n|---|---|---|---|---|---|\n";
  for (const ConfigKey& key : config_keys())
    out += row_of(key.member, fallback_of(key), sayer_in_words(key.sayer) + " | ");
  return out;
}

std::string config_plugin_table() { return member_table(kReporterShape); }
std::string config_metric_table() { return member_table(kMetricShape); }

std::string config_examples() {
  return example_of("ktstr.json", {Sayer::kAnybody, Sayer::kProjectOnly}) + "\n" +
         example_of("~/.config/ktstr/config.json", {Sayer::kNoProject, Sayer::kNoProject});
}

}  // namespace ktstr
