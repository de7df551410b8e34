// SPDX-License-Identifier: Apache-2.0
#include "result/result_fields.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
constexpr std::uint64_t kLargestCount = INT64_MAX;  // sums of a few of these are checked where they are made

}  // namespace

void Field::fail(std::string_view why) const {
  throw ResultError{(place_.empty() ? "the result" : place_) + ' ' + std::string(why)};
}

Field Field::operator[](std::string_view key) const {
  if (!value_->is_object()) fail("is not an object");
  const json::value* found = value_->get_object().if_contains({key.data(), key.size()});
  std::string place = place_.empty() ? std::string(key) : place_ + '.' + std::string(key);
  if (found == nullptr) throw ResultError{place + " is missing"};
  return {*found, std::move(place)};
}

bool Field::has(std::string_view key) const {
  const json::value* found =
      value_->is_object() ? value_->get_object().if_contains({key.data(), key.size()}) : nullptr;
  return found != nullptr && !found->is_null();
}

void Field::only(std::span<const std::string_view> keys) const {
  if (!value_->is_object()) fail("is not an object");
  for (const json::key_value_pair& entry : value_->get_object()) {
    const std::string_view key(entry.key().data(), entry.key().size());
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      fail("has an unknown key \"" + printable_start(key, 40) + '"');
  }
}

std::uint64_t Field::count() const {
  if (value_->is_int64() && value_->get_int64() >= 0) return static_cast<std::uint64_t>(value_->get_int64());
  fail(value_->is_uint64() && value_->get_uint64() > kLargestCount ? "is too large"
                                                                   : "is not a whole number");
}

std::int64_t Field::whole() const {
  if (!value_->is_int64()) fail("is not a whole number");
  return value_->get_int64();
}

std::uint32_t Field::cpu(std::uint32_t cpus) const {
  const std::uint64_t number = count();
  if (number >= cpus) fail("names CPU " + std::to_string(number) + " of " + std::to_string(cpus));
  return static_cast<std::uint32_t>(number);
}

bool Field::flag() const {
  if (!value_->is_bool()) fail("is not true or false");
  return value_->get_bool();
}

std::string Field::text(std::size_t longest) const {
  if (!value_->is_string()) fail("is not a string");
  if (value_->get_string().size() > longest) fail("is longer than " + std::to_string(longest) + " bytes");
  return std::string(value_->get_string());
}

std::vector<Field> Field::items(std::size_t most) const {
  if (!value_->is_array()) fail("is not an array");
  const json::array& array = value_->get_array();
  if (array.size() > most) fail("has more than " + std::to_string(most) + " items");
  std::vector<Field> found;
  found.reserve(array.size());
  for (std::size_t i = 0; i < array.size(); ++i)
    found.emplace_back(array[i], place_ + '[' + std::to_string(i) + ']');
  return found;
}

std::vector<std::pair<std::string, Field>> Field::members(std::size_t most) const {
  if (!value_->is_object()) fail("is not an object");
  const json::object& object = value_->get_object();
  if (object.size() > most) fail("has more than " + std::to_string(most) + " members");
  std::vector<std::pair<std::string, Field>> found;
  for (const auto& entry : object)
    found.emplace_back(entry.key(), Field(entry.value(), place_ + '.' + printable_start(entry.key(), 80)));
  return found;
}

std::vector<std::uint64_t> Field::counts(std::size_t most) const {
  if (!value_->is_array()) fail("is not an array");
  const json::array& array = value_->get_array();
  if (array.size() > most) fail("has more than " + std::to_string(most) + " items");
  std::vector<std::uint64_t> numbers;
  numbers.reserve(array.size());
  for (const json::value& item : array) {
    if (!item.is_int64() || item.get_int64() < 0) fail("holds something that is not a whole number");
    numbers.push_back(static_cast<std::uint64_t>(item.get_int64()));
  }
  return numbers;
}

std::vector<std::uint32_t> Field::cpu_list(std::uint32_t cpus) const {
  std::vector<std::uint32_t> list;
  for (const std::uint64_t number : counts(cpus)) {
    if (number >= cpus) fail("names CPU " + std::to_string(number) + " of " + std::to_string(cpus));
    if (!list.empty() && number <= list.back()) fail("is not in ascending order");
    list.push_back(static_cast<std::uint32_t>(number));
  }
  return list;
}

}  // namespace ktstr::kvm
