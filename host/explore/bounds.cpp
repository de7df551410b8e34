// SPDX-License-Identifier: Apache-2.0
#include "explore/bounds.hpp"

#include <algorithm>

namespace ktstr {
namespace {

constexpr std::uint64_t kMost = 1'000'000'000;

std::set<std::string> set_of(const Located& list) {
  const std::vector<std::string> texts = list.texts();
  return {texts.begin(), texts.end()};
}

std::set<std::string> set_at(const OpenObject& object, std::string_view key) {
  const Located* list = object.find(key);
  return list == nullptr ? std::set<std::string>() : set_of(*list);
}

json::object object_at(const Located& located) {
  if (!located.value->is_object()) wrong(located.place, "an object", *located.value);
  return located.value->get_object();
}

Variation read_variation(const Located& located) {
  const OpenObject object(located);
  Variation variation;
  variation.dimension = object.get("vary").text();
  if (const Located* list = object.find("append_to")) {
    variation.appends = true;
    variation.places = {list->text()};
    if (const Located* first = object.find("first")) variation.first = *first->value;
    if (const Located* most = object.find("at_most")) variation.at_most = most->integer(1, 1000);
  } else {
    variation.places = object.get("at").texts();
    variation.needs = object.text("needs");
  }
  for (const Located& choice : object.get("one_of").items(1))
    variation.choices.emplace_back(object_at(choice));
  return variation;
}

Invariant read_invariant(const Located& located) {
  const OpenObject object(located);
  Invariant invariant;
  invariant.name = object.get("name").text();
  invariant.says = object.get("says").text();
  const Located* member = object.find("member");
  if (member == nullptr) return invariant;
  invariant.member = member->texts();
  if (invariant.member.empty()) refuse(member->place, "it names no member");
  invariant.limit = *object.get("limit").value;
  invariant.unless = set_at(object, "unless");
  if (const Located* own = object.find("own_too")) invariant.own_too = own->boolean();
  if (const Located* more = object.find("for_each")) {
    if (!invariant.limit.is_number()) wrong(object.get("limit").place, "a number", invariant.limit);
    const OpenObject growth(*more);
    invariant.for_each = growth.get("more").number(0, kMost);
    invariant.count = growth.get("count").text();
    invariant.count_in = growth.get("in").texts();
    if (const Located* absent = growth.find("absent")) invariant.count_absent = absent->integer(0, 1000);
  }
  return invariant;
}

}  // namespace

std::vector<std::string> Bounds::dimensions() const {
  std::vector<std::string> names;
  for (const Variation& variation : variations) {
    if (std::find(names.begin(), names.end(), variation.dimension) == names.end())
      names.push_back(variation.dimension);
  }
  return names;
}

Bounds read_bounds(const Located& document) {
  const OpenObject object(document);
  Bounds bounds;
  bounds.list = object.text("list");
  if (const Located* set = object.find("set")) bounds.set = object_at(*set);
  bounds.set_unless = set_at(object, "set_unless");
  if (const Located* always = object.find("always")) bounds.always = object_at(*always);
  if (const Located* takeover = object.find("takeover")) {
    const OpenObject said(*takeover);
    bounds.takeover = {object_at(said.get("merge")), said.get("length").text(), set_at(said, "unless")};
  }
  for (const Located& item : object.get("variations").items(1))
    bounds.variations.push_back(read_variation(item));
  for (const Located& item : object.get("invariants").items())
    bounds.invariants.push_back(read_invariant(item));
  bounds.keep = set_at(object, "keep");
  bounds.untouched = set_at(object, "untouched");
  if (const Located* least = object.find("at_least")) {
    for (const auto& [name, value] : least->members()) bounds.at_least[name] = value.integer(0, kMost);
  }
  return bounds;
}

bool has_member(const json::value& value, const std::set<std::string>& names) {
  if (value.is_array()) {
    const json::array& items = value.get_array();
    return std::any_of(items.begin(), items.end(),
                       [&](const json::value& item) { return has_member(item, names); });
  }
  if (!value.is_object()) return false;
  const json::object& object = value.get_object();
  return std::any_of(object.begin(), object.end(), [&](const auto& entry) {
    return names.contains(std::string(entry.key())) || has_member(entry.value(), names);
  });
}

}  // namespace ktstr
