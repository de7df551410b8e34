// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/json_reader.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>
#include <stdexcept>

#include "ktstr/kit/json_writer.hpp"
#include "ktstr/kit/text.hpp"

namespace ktstr::kit {
namespace {

/// "1 item", "3 items"
std::string count_of_items(std::size_t count) { return counted(count, "item", "items"); }

std::string meant(std::string_view word, Keys names) {
  const std::string_view close = sdk::closest_name(word, names);
  return close.empty() ? std::string() : " (did you mean \"" + printable(close) + "\"?)";
}

}  // namespace

void refuse(std::string_view place, std::string_view message, std::string hint) {
  KTSTR_ASSERT(!message.empty());
  throw Mistake(std::string(place) + ": " + std::string(message), std::move(hint));
}

void wrong(std::string_view place, std::string_view expected, const json::value& found) {
  refuse(place, "expected " + std::string(expected) + ", found " + found_text(found));
}

std::uint64_t Located::integer(std::uint64_t lowest, std::uint64_t highest) const {
  KTSTR_ASSERT(lowest <= highest);
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

double Located::number() const {
  if (!value->is_number()) wrong(place, "a number", *value);
  const auto found = value->to_number<double>();
  if (!std::isfinite(found)) wrong(place, "a finite number", *value);
  return found;
}

double Located::number(double lowest, double highest) const {
  KTSTR_ASSERT(lowest <= highest);
  if (!value->is_number()) wrong(place, "a number", *value);
  const auto found = value->to_number<double>();
  if (!(found >= lowest && found <= highest))
    wrong(place, "a number from " + number_text(lowest) + " to " + number_text(highest), *value);
  return found;
}

double Located::not_negative() const {
  const double found = number();
  if (found < 0) wrong(place, "a number of 0 or more", *value);
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

std::size_t Located::index_in(Keys names, std::string_view what) const {
  KTSTR_ASSERT(!names.empty());
  if (!value->is_string()) wrong(place, "the name of a " + std::string(what), *value);
  const std::string_view found = value->get_string();
  const auto name = std::find(names.begin(), names.end(), found);
  if (name == names.end()) {
    refuse(place,
           "unknown " + std::string(what) + " \"" + printable_start(found, 60) + '"' + meant(found, names),
           "known: " + join(names, ", "));
  }
  return static_cast<std::size_t>(name - names.begin());
}

std::string Located::one_of(Keys names, std::string_view what) const {
  return std::string(names[index_in(names, what)]);
}

std::vector<Located> Located::items(std::size_t fewest, std::size_t most) const {
  KTSTR_ASSERT(fewest <= most);
  if (!value->is_array()) wrong(place, "an array", *value);
  const json::array& array = value->get_array();
  if (array.size() < fewest)
    refuse(place, "expected at least " + count_of_items(fewest) + ", found " + std::to_string(array.size()));
  if (array.size() > most)
    refuse(place, "expected at most " + count_of_items(most) + ", found " + std::to_string(array.size()));
  std::vector<Located> found;
  found.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i)
    found.push_back({&array[i], place + '[' + std::to_string(i) + ']'});
  return found;
}

std::vector<std::pair<std::string, Located>> Located::members() const {
  if (!value->is_object()) wrong(place, "an object", *value);
  std::vector<std::pair<std::string, Located>> found;
  for (const json::key_value_pair& entry : value->get_object()) {
    const std::string_view key(entry.key());
    found.emplace_back(std::string(key), Located{&entry.value(), place + '.' + printable_start(key, 80)});
  }
  return found;
}

std::vector<std::string> Located::texts() const {
  if (!value->is_array()) wrong(place, "an array of strings", *value);
  std::vector<std::string> found;
  for (const Located& item : items()) found.push_back(item.text());
  return found;
}

OpenObject::OpenObject(const Located& located, const Keys* only, bool root) : place_(located.place) {
  if (only != nullptr) only_ = *only;
  KTSTR_ASSERT(located.value != nullptr);
  if (!located.value->is_object()) wrong(located.place, "an object", *located.value);
  for (const json::key_value_pair& entry : located.value->get_object()) {
    const std::string_view key(entry.key());
    if (only_ && std::find(only_->begin(), only_->end(), key) == only_->end()) {
      refuse(place_, "unknown key \"" + printable_start(key, 60) + '"' + meant(key, *only_),
             "known keys: " + join(*only_, ", "));
    }
    found_.emplace_back(key,
                        Located{&entry.value(), place_ + (root ? ": " : ".") + printable_start(key, 80)});
  }
}

const Located* OpenObject::find(std::string_view key) const {
  if (only_ && std::find(only_->begin(), only_->end(), key) == only_->end())
    throw std::logic_error("the key " + std::string(key) + " is in no table");
  for (const auto& [name, located] : found_) {
    if (name == key) return &located;
  }
  return nullptr;
}

const Located& OpenObject::get(std::string_view key) const {
  const Located* located = find(key);
  if (located == nullptr) refuse(place_, "\"" + std::string(key) + "\" is missing");
  return *located;
}

std::string OpenObject::text(std::string_view key, std::string fallback) const {
  const Located* located = find(key);
  return located == nullptr ? std::move(fallback) : located->text();
}

}  // namespace ktstr::kit
