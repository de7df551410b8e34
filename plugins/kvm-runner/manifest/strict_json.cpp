// SPDX-License-Identifier: Apache-2.0
#include "manifest/strict_json.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/error.hpp>
#include <ktstr/cpp/names.hpp>
#include <stdexcept>

#include "manifest/duplicate_keys.hpp"
#include "report/json_writer.hpp"
#include "report/text.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;

std::string describe(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return value.get_bool() ? "true" : "false";
    case json::kind::int64: return std::to_string(value.get_int64());
    case json::kind::uint64: return std::to_string(value.get_uint64());
    case json::kind::double_: return number_text(value.get_double());
    case json::kind::string: return '"' + printable(value.get_string(), 60) + '"';
    case json::kind::array: return "an array of " + std::to_string(value.get_array().size());
    case json::kind::object: return "an object";
  }
  return "something else";
}

std::string join(Keys names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace

void refuse(const std::string& place, std::string_view message, std::string hint) {
  throw sdk::Error(KTSTR_INVALID_ARGUMENT, place + ": " + std::string(message), std::move(hint));
}

void wrong(const std::string& place, std::string_view expected, const json::value& found) {
  refuse(place, "expected " + std::string(expected) + ", found " + describe(found));
}

json::value parse_strict(std::string_view text, const std::string& document) {
  json::parse_options options;
  options.allow_comments = true;
  options.allow_trailing_commas = true;
  options.max_depth = 32;
  json::parser parser({}, options);
  json::error_code failure;
  const std::size_t used = parser.write_some(text.data(), text.size(), failure);
  if (!failure && used < text.size()) failure = json::make_error_code(json::error::extra_data);
  if (failure) {
    const std::string_view before = text.substr(0, std::min(used, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column =
        before.size() - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1) + 1;
    refuse(document, "line " + std::to_string(line) + ", column " + std::to_string(column) +
                         ": not valid JSON (" + failure.message() + ")");
  }
  if (const auto twice = duplicate_key(text, options))
    refuse(document, "the key \"" + printable(*twice, 60) + "\" is there twice in one object");
  return parser.release();
}

std::uint64_t Located::integer(std::uint64_t lowest, std::uint64_t highest) const {
  const std::string expected = "an integer from " + std::to_string(lowest) + " to " + std::to_string(highest);
  std::uint64_t number = 0;
  if (value->is_int64() && value->get_int64() >= 0) {
    number = static_cast<std::uint64_t>(value->get_int64());
  } else if (value->is_uint64()) {
    number = value->get_uint64();
  } else {
    wrong(place, expected, *value);
  }
  if (number < lowest || number > highest) wrong(place, expected, *value);
  return number;
}

double Located::number(double lowest, double highest) const {
  double found = 0;
  if (value->is_double()) {
    found = value->get_double();
  } else if (value->is_int64()) {
    found = static_cast<double>(value->get_int64());
  } else if (value->is_uint64()) {
    found = static_cast<double>(value->get_uint64());
  } else {
    wrong(place, "a number", *value);
  }
  if (!std::isfinite(found) || found < lowest || found > highest) {
    wrong(place, "a number from " + number_text(lowest) + " to " + number_text(highest), *value);
  }
  return found;
}

bool Located::boolean() const {
  if (!value->is_bool()) wrong(place, "true or false", *value);
  return value->get_bool();
}

std::string Located::text(std::size_t longest) const {
  if (!value->is_string()) wrong(place, "a string", *value);
  const json::string& found = value->get_string();
  if (found.size() > longest) refuse(place, "longer than " + std::to_string(longest) + " bytes");
  return std::string(found);
}

std::string Located::one_of(Keys names, std::string_view what) const {
  if (!value->is_string()) wrong(place, "the name of a " + std::string(what), *value);
  const std::string_view found = value->get_string();
  if (std::find(names.begin(), names.end(), found) == names.end()) {
    refuse(
        place,
        "unknown " + std::string(what) + " \"" + printable(found, 60) + '"' + sdk::did_you_mean(found, names),
        "known: " + join(names));
  }
  return std::string(found);
}

std::vector<Located> Located::items(std::size_t fewest, std::size_t most) const {
  if (!value->is_array()) wrong(place, "an array", *value);
  const json::array& array = value->get_array();
  if (array.size() < fewest)
    refuse(place, "expected at least " + std::to_string(fewest) + " item" + (fewest == 1 ? "" : "s") +
                      ", found " + std::to_string(array.size()));
  if (array.size() > most)
    refuse(place,
           "expected at most " + std::to_string(most) + " items, found " + std::to_string(array.size()));
  std::vector<Located> found;
  found.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i)
    found.push_back({&array[i], place + '[' + std::to_string(i) + ']'});
  return found;
}

StrictObject::StrictObject(const Located& located, Keys keys, bool root)
    : place_(located.place), keys_(keys) {
  if (!located.value->is_object()) wrong(located.place, "an object", *located.value);
  for (const json::key_value_pair& entry : located.value->get_object()) {
    const std::string_view key(entry.key().data(), entry.key().size());
    const auto known = std::find(keys.begin(), keys.end(), key);
    if (known == keys.end()) {
      refuse(place_, "unknown key \"" + printable(key, 60) + '"' + sdk::did_you_mean(key, keys),
             "known keys: " + join(keys));
    }
    found_.emplace_back(*known, Located{&entry.value(), place_ + (root ? ": " : ".") + std::string(key)});
  }
}

const Located* StrictObject::find(std::string_view key) const {
  if (std::find(keys_.begin(), keys_.end(), key) == keys_.end())
    throw std::logic_error("the key " + std::string(key) + " is in no table");
  for (const auto& [name, located] : found_) {
    if (name == key) return &located;
  }
  return nullptr;
}

const Located& StrictObject::get(std::string_view key) const {
  const Located* located = find(key);
  if (located == nullptr) refuse(place_, "\"" + std::string(key) + "\" is missing");
  return *located;
}

}  // namespace ktstr::kvm
