// SPDX-License-Identifier: Apache-2.0
#include "plugin/options_schema.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/text.hpp>
#include <vector>

#include "support/json.hpp"

namespace ktstr {
namespace {

const json::value* keyword(const json::object& schema, std::string_view key) {
  return schema.if_contains({key.data(), key.size()});
}

const json::object* object_of(const json::value* value) {
  return value == nullptr ? nullptr : value->if_object();
}

bool has_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() && std::trunc(value.get_double()) == value.get_double());
  return true;  // of a later draft
}

std::string type_name(std::string_view type) {
  if (type == "boolean") return "true or false";
  const bool vowel = type == "integer" || type == "object" || type == "array";
  return (vowel ? "an " : "a ") + std::string(type);
}

class Checker {
 public:
  explicit Checker(std::string what) : what_(std::move(what)) {}

  /// `path`: "history.keep"; empty for the options as a whole.
  Status check(const json::value& value, const json::object& schema, const std::string& path) const {
    if (const json::value* allowed = keyword(schema, "enum"); allowed != nullptr && allowed->is_array()) {
      const json::array& list = allowed->get_array();
      if (std::find(list.begin(), list.end(), value) == list.end()) {
        std::vector<std::string> names;
        for (const json::value& one : list) names.push_back(to_text(one, 0));
        return must_be(path, "one of " + join(names, ", "));
      }
    }
    const json::value* type = keyword(schema, "type");
    if (type != nullptr && type->is_string() && !has_type(value, type->get_string()))
      return must_be(path, wanted(schema, std::string(type->get_string())));
    if (value.is_number() && !in_range(value.to_number<double>(), schema))
      return must_be(
          path,
          wanted(schema, type != nullptr && type->is_string() ? std::string(type->get_string()) : "number"));
    if (value.is_string() && value.get_string().size() < least(schema, "minLength"))
      return must_be(path, "a text that is not empty");
    if (value.is_array()) return check_items(value.get_array(), schema, path);
    if (value.is_object()) return check_members(value.get_object(), schema, path);
    return Ok{};
  }

  /// The members that the schema knows none of.
  Status check_names(const json::object& members, const json::object& schema) const {
    const json::object* properties = object_of(keyword(schema, "properties"));
    const json::value* more = keyword(schema, "additionalProperties");
    if (more == nullptr || !more->is_bool() || more->get_bool()) return Ok{};
    for (const json::key_value_pair& entry : members) {
      const std::string key(entry.key());
      if (properties == nullptr || !properties->contains(key)) return unknown(key, key, properties);
    }
    return Ok{};
  }

 private:
  Error must_be(const std::string& path, const std::string& wanted) const {
    return usage_error(what_ + ": " +
                       (path.empty() ? std::string("options") : "option \"" + printable(path) + "\"") +
                       " must be " + wanted);
  }
  static double number(const json::object& schema, std::string_view key, double otherwise) {
    const json::value* value = keyword(schema, key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : otherwise;
  }
  static std::size_t least(const json::object& schema, std::string_view key) {
    return static_cast<std::size_t>(std::clamp(number(schema, key, 0), 0.0, 1e9));
  }
  static bool in_range(double value, const json::object& schema) {
    return value >= number(schema, "minimum", -HUGE_VAL) && value <= number(schema, "maximum", HUGE_VAL) &&
           value > number(schema, "exclusiveMinimum", -HUGE_VAL) &&
           value < number(schema, "exclusiveMaximum", HUGE_VAL);
  }
  /// "an integer from 0 to 3600", "a number above 0 and below 1".
  static std::string wanted(const json::object& schema, const std::string& type) {
    std::vector<std::string> bounds;
    for (const auto& [key, word] : {std::pair{"minimum", "from "},
                                    {"exclusiveMinimum", "above "},
                                    {"maximum", "to "},
                                    {"exclusiveMaximum", "below "}}) {
      if (const json::value* bound = keyword(schema, key)) bounds.push_back(word + to_text(*bound, 0));
    }
    return type_name(type) + (bounds.empty() ? "" : " " + join(bounds, " "));
  }
  Status check_items(const json::array& items, const json::object& schema, const std::string& path) const {
    if (items.size() < least(schema, "minItems"))
      return must_be(path, "an array of at least " + std::to_string(least(schema, "minItems")) + " elements");
    const json::object* each = object_of(keyword(schema, "items"));
    for (std::size_t i = 0; each != nullptr && i < items.size(); ++i) {
      const Status fine = check(items[i], *each, path + "[" + std::to_string(i) + "]");
      if (!fine) return fine;
    }
    return Ok{};
  }
  Status check_members(const json::object& members, const json::object& schema,
                       const std::string& path) const {
    const json::object* properties = object_of(keyword(schema, "properties"));
    const json::value* more = keyword(schema, "additionalProperties");
    const std::string before = path.empty() ? "" : path + ".";
    for (const json::key_value_pair& entry : members) {
      const std::string key(entry.key());
      const json::object* rule = properties == nullptr ? nullptr : object_of(properties->if_contains(key));
      if (rule == nullptr) rule = object_of(more);
      const bool declared = properties != nullptr && properties->contains(key);
      if (!declared && more != nullptr && more->is_bool() && !more->get_bool())
        return unknown(before + key, key, properties);
      if (rule == nullptr) continue;
      if (const Status fine = check(entry.value(), *rule, before + key); !fine) return fine;
    }
    const json::value* required = keyword(schema, "required");
    for (const json::value& key :
         required != nullptr && required->is_array() ? required->get_array() : json::array()) {
      if (key.is_string() && !members.contains(key.get_string()))
        return usage_error(what_ + ": option \"" + printable(before + std::string(key.get_string())) +
                           "\" is missing");
    }
    return Ok{};
  }
  Error unknown(const std::string& path, const std::string& key, const json::object* properties) const {
    std::vector<std::string> known;
    for (const json::key_value_pair& each : properties == nullptr ? json::object() : *properties)
      known.emplace_back(each.key());
    return usage_error(
        what_ + ": unknown option \"" + printable(path) + "\"" + suggestion(key, known),
        known.empty() ? "it has no options" : "known options: " + printable(join(known, ", ")));
  }

  std::string what_;
};

}  // namespace

Status check_options(std::string_view schema, const std::string& options_json, const std::string& what) {
  const auto options = parse_json(options_json.empty() ? "{}" : options_json, "options of the " + what);
  if (!options) return usage_error(options.error().message);
  if (!options->is_object()) return usage_error(what + ": options must be an object");
  const auto rules =
      parse_json(schema.empty() ? R"({"additionalProperties": false})" : schema, "option schema");
  if (!rules || !rules->is_object()) {
    return plugin_error("the option schema of the " + what + " is no JSON object",
                        "that is the plugin's mistake: use another release of it");
  }
  return Checker(what).check(*options, rules->get_object(), "");
}

Status check_option_names(std::string_view schema, const std::string& options_json, const std::string& what) {
  const auto options = parse_json(options_json, "options of the " + what);
  const auto rules =
      parse_json(schema.empty() ? R"({"additionalProperties": false})" : schema, "option schema");
  if (!options || !options->is_object() || !rules || !rules->is_object())
    return Ok{};  // told when it is made
  return Checker(what).check_names(options->get_object(), rules->get_object());
}

std::string option_of_format(std::string_view schema, const std::string& options_json,
                             std::string_view format) {
  const auto rules = parse_json(schema.empty() ? "{}" : schema, "option schema"),
             options = parse_json(options_json, "options");
  if (!rules || !options || !rules->is_object() || !options->is_object()) return {};
  const json::object* properties = object_of(keyword(rules->get_object(), "properties"));
  for (const json::key_value_pair& entry : properties == nullptr ? json::object() : *properties) {
    const json::object* rule = object_of(&entry.value());
    const json::value* said = rule == nullptr ? nullptr : keyword(*rule, "format");
    const json::value* value = options->get_object().if_contains(entry.key());
    if (said != nullptr && said->is_string() && said->get_string() == format && value != nullptr &&
        value->is_string())
      return std::string(value->get_string());
  }
  return {};
}

}  // namespace ktstr
