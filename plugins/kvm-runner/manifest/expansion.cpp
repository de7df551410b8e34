// SPDX-License-Identifier: Apache-2.0
#include "manifest/expansion.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <functional>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "manifest/canned_scenarios.hpp"
#include "manifest/names.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostVariants = 1024, kMostCopies = 1024, kMostValues = 200'000;

using Parameters = std::map<std::string, json::value>;

/// A parameter's value within a text.
std::string text_of(const json::value& value) {
  if (value.is_double()) return kit::number_text(value.get_double());  // 0.5, which Boost writes as 5E-1
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

bool is_scalar(const json::value& value) {
  return !value.is_array() && !value.is_object() && !value.is_null();
}

/// Puts values in the place of "$name" and "${name}".
class Substitution {
 public:
  /// `strict`: a name that is none of the parameters is a mistake.
  Substitution(const Parameters& parameters, std::string place, bool strict)
      : parameters_(parameters), place_(std::move(place)), strict_(strict) {}

  void apply(json::value& value) const {
    if (value.is_string()) {
      value = replaced(std::string(value.get_string()));
    } else if (value.is_array()) {
      for (json::value& item : value.get_array()) apply(item);
    } else if (value.is_object()) {
      for (auto& entry : value.get_object()) apply(entry.value());
    }
  }

 private:
  json::value replaced(const std::string& text) const {
    if (text.size() > 1 && text[0] == '$' &&
        text.find_first_not_of(kNameCharacters, 1) == std::string::npos) {
      if (const json::value* value = find(text.substr(1))) return *value;
      return json::value(text);
    }
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = text.find("${", at), end = text.find('}', begin);
      if (begin == std::string::npos || end == std::string::npos) {
        out += text.substr(at);
        break;
      }
      const json::value* value = find(text.substr(begin + 2, end - begin - 2));
      out += text.substr(at, begin - at) +
             (value != nullptr ? text_of(*value) : text.substr(begin, end + 1 - begin));
      at = end + 1;
    }
    return json::value(out);
  }

  const json::value* find(const std::string& name) const {
    const auto found = parameters_.find(name);
    if (found != parameters_.end()) return &found->second;
    if (!strict_ || name == "i") return nullptr;  // "i" is a repeat's
    std::vector<std::string> names;
    for (const auto& [known, value] : parameters_) names.push_back(known);
    refuse(place_, "\"$" + printable_start(name, 60) + "\" is no parameter" + sdk::did_you_mean(name, names),
           "parameters are named in \"params\" and \"matrix\"");
  }

  static constexpr const char* kNameCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const Parameters& parameters_;
  std::string place_;
  bool strict_;
};

/// Makes the copies of every {"repeat": n, …} in a list.
void repeat_all(json::value& value, const std::string& place, std::size_t& values) {
  if (++values > kMostValues) refuse(place, "grows beyond " + std::to_string(kMostValues) + " values");
  if (value.is_object()) {
    for (auto& entry : value.get_object())
      repeat_all(entry.value(), place + "." + std::string(entry.key()), values);
  }
  if (!value.is_array()) return;
  json::array copies;
  std::size_t index = 0;
  for (json::value& item : value.get_array()) {
    const std::string here = place + "[" + std::to_string(index++) + "]";
    const json::value* count = item.is_object() ? item.get_object().if_contains("repeat") : nullptr;
    const std::uint64_t times =
        count != nullptr ? Located{count, here + ".repeat"}.integer(1, kMostCopies) : 1;
    for (std::uint64_t i = 0; i < times; ++i) {
      json::value copy = item;
      if (count != nullptr) {
        copy.get_object().erase("repeat");
        Substitution(Parameters{{"i", json::value(i)}}, here, false).apply(copy);
      }
      repeat_all(copy, here, values);
      copies.push_back(std::move(copy));
    }
  }
  KTSTR_ASSERT(copies.size() >= value.get_array().size());  // each item once at least
  value = std::move(copies);
}

Parameters parse_params(const Located& located) {
  Parameters parameters;
  for (const auto& [name, value] : located.members()) {
    if (!is_scalar(*value.value)) wrong(value.place, "a number, a text, true or false", *value.value);
    parameters.emplace(name, *value.value);
  }
  return parameters;
}

/// Every combination of the matrix's lists, the last one fastest.
std::vector<Parameters> combinations(const Located& located, const Parameters& fixed) {
  std::vector<Parameters> all{fixed};
  for (const auto& [name, list] : located.members()) {
    if (fixed.contains(name)) refuse(list.place, "\"" + name + "\" is in \"params\" too");
    std::vector<Parameters> next;
    for (const Parameters& so_far : all) {
      for (const Located& item : list.items(1, kMostVariants)) {
        if (!is_scalar(*item.value)) wrong(item.place, "a number, a text, true or false", *item.value);
        next.push_back(so_far);
        next.back().emplace(name, *item.value);
      }
    }
    if (next.size() > kMostVariants) refuse(located.place, "stands for more than 1024 tests");
    all = std::move(next);
    KTSTR_ASSERT(!all.empty() && all.size() <= kMostVariants);
  }
  return all;
}

/// "${nice}" in the name says where the value goes; what is nowhere goes to its end.
std::string name_with(std::string name, const Located& matrix, const Parameters& parameters) {
  for (const auto& [parameter, list] : matrix.members()) {
    if (name.find("${" + parameter + "}") == std::string::npos) name += "-${" + parameter + "}";
  }
  json::value substituted(name);
  Substitution(parameters, matrix.place, true).apply(substituted);
  std::string text = text_of(substituted);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !is_name_character(c); }, '_');
  return text;
}

/// Puts the members of a canned scenario in the place of "scenario".
void add_canned(json::object& test, const std::string& place) {
  const json::value named = test.at("scenario");
  const Located located{&named, place + ".scenario"};
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const CannedScenario& row : kCannedScenarios) names.push_back(row.name);
    return names;
  }();
  const json::value* name = named.is_object() ? named.get_object().if_contains("name") : &named;
  if (name == nullptr) refuse(located.place, "\"name\" is missing");
  const std::string chosen = Located{name, located.place}.one_of(kNames, "scenario");
  const auto found = std::find_if(std::begin(kCannedScenarios), std::end(kCannedScenarios),
                                  [&](const auto& one) { return one.name == chosen; });
  KTSTR_ASSERT(found != std::end(kCannedScenarios));
  const CannedScenario& row = *found;
  const json::value defaults = kit::read_json(row.params, chosen, {});
  Parameters parameters = parse_params({&defaults, located.place});
  if (named.is_object()) {
    std::vector<std::string_view> keys{"name"};
    for (const auto& [parameter, value] : parameters) keys.push_back(parameter);
    const StrictObject object(located, keys);
    for (auto& [parameter, value] : parameters) {
      if (const Located* given = object.find(parameter)) value = *given->value;
    }
  }
  json::value text = kit::read_json(row.text, chosen, {});
  Substitution(parameters, located.place, true).apply(text);
  KTSTR_ASSERT(text.is_object() && !text.get_object().contains("scenario"));
  test.erase("scenario");
  for (auto& entry : text.get_object()) {
    if (test.contains(entry.key()))
      refuse(place + "." + std::string(entry.key()), "the scenario \"" + chosen + "\" says this already");
    test[entry.key()] = std::move(entry.value());
  }
}

}  // namespace

std::vector<json::value> expand_test(const Located& located) {
  if (!located.value->is_object()) return {*located.value};
  const json::object& given = located.value->get_object();
  const json::value nothing = json::object();
  const auto part = [&](const char* key) {
    const json::value* found = given.if_contains(key);
    return Located{found != nullptr ? found : &nothing, located.place + "." + key};
  };
  const Located matrix = part("matrix");
  const bool any = given.contains("params") || given.contains("matrix");
  const std::vector<Parameters> all = combinations(matrix, parse_params(part("params")));
  std::vector<json::value> tests;
  for (const Parameters& parameters : all) {
    json::value copy = *located.value;
    json::object& test = copy.get_object();
    test.erase("params");
    test.erase("matrix");
    const json::value* name = test.if_contains("name");
    if (given.contains("matrix") && name != nullptr && name->is_string())
      test["name"] = name_with(std::string(name->get_string()), matrix, parameters);
    if (any) Substitution(parameters, located.place, true).apply(copy);
    if (test.contains("scenario")) add_canned(test, located.place);
    std::size_t values = 0;
    repeat_all(copy, located.place, values);
    tests.push_back(std::move(copy));
  }
  KTSTR_ASSERT(tests.size() == all.size());
  return tests;
}

}  // namespace ktstr::kvm
