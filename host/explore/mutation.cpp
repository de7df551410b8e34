// SPDX-License-Identifier: Apache-2.0
#include "explore/mutation.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <optional>

#include "explore/places.hpp"
#include "support/split_mix.hpp"

namespace ktstr {
namespace {

constexpr unsigned kPatience = 20;  ///< draws that may find no place

SplitMix random_of(const ScenarioId& id) {
  const std::string text =
      std::string(id.test) + '\n' + std::to_string(id.seed) + '\n' + std::to_string(id.attempt);
  return {std::stoull(kit::sha256_of(text).substr(0, 16), nullptr, 16)};
}

/// "$cgroups/*/name" is the text at one of these places, "$#" the number of the item that is being appended.
/// False where there is no such text.
bool fill_in(json::value& value, const json::value& document, std::uint64_t number, SplitMix& random) {
  if (value.is_array()) {
    for (json::value& item : value.get_array()) {
      if (!fill_in(item, document, number, random)) return false;
    }
  } else if (value.is_object()) {
    for (auto& entry : value.get_object()) {
      if (!fill_in(entry.value(), document, number, random)) return false;
    }
  } else if (value.is_string()) {
    std::string text(value.get_string());
    if (const std::size_t at = text.find("$#"); at != std::string::npos) {
      value = text.replace(at, 2, std::to_string(number));
    } else if (text.starts_with('$')) {
      const auto found = values_at(document, text.substr(1));
      if (found.empty() || !found.front()->is_string()) return false;
      value = json::value(*found[random.below(found.size())]);
    }
  }
  return true;
}

bool append(json::value& document, const Variation& variation, SplitMix& random) {
  KTSTR_ASSERT(variation.places.size() == 1);
  json::object& object = document.get_object();
  json::value item = variation.choices[random.below(variation.choices.size())];
  json::value* list = object.if_contains(variation.places.front());
  if (list != nullptr && (!list->is_array() || list->get_array().size() >= variation.at_most)) return false;
  const bool new_list = list == nullptr;
  const std::uint64_t number = new_list ? 0 : list->get_array().size();
  if (!fill_in(item, document, number, random)) return false;
  if (new_list) {
    list = &object[variation.places.front()];
    list->emplace_array();
    if (!variation.first.is_null()) list->get_array().push_back(variation.first);
  }
  list->get_array().push_back(std::move(item));
  return true;
}

bool change(json::value& document, const Variation& variation, SplitMix& random) {
  std::vector<json::value*> places;
  for (const std::string& pattern : variation.places) {
    for (json::value* place : values_at(document, pattern)) {
      if (place->is_object() && (variation.needs.empty() || place->get_object().contains(variation.needs)))
        places.push_back(place);
    }
  }
  if (places.empty()) return false;
  json::value* place = places[random.below(places.size())];
  merge_patch(*place, variation.choices[random.below(variation.choices.size())]);
  return true;
}

}  // namespace

void merge_patch(json::value& target, const json::value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = json::object();
  json::object& object = target.get_object();
  for (const auto& entry : patch.get_object()) {
    if (entry.value().is_null()) {
      object.erase(entry.key());
    } else {
      merge_patch(object[entry.key()], entry.value());
    }
  }
}

json::object mutated(const json::object& test, const Bounds& bounds, const std::set<std::string>& dimensions,
                     const ScenarioId& id, std::uint64_t most) {
  SplitMix random = random_of(id);
  json::value document(test);
  if (!has_member(document, bounds.set_unless)) merge_patch(document, bounds.set);
  merge_patch(document, bounds.always);
  // A dimension at a time, then one of its ways: one with many ways is not drawn more often.
  std::vector<std::string> names;
  for (const std::string& name : bounds.dimensions()) {
    if (dimensions.contains(name)) names.push_back(name);
  }
  KTSTR_ASSERT(!names.empty());
  std::uint64_t changes = 1 + random.below(most);
  for (unsigned draws = 0; changes > 0 && draws < kPatience; ++draws) {
    const std::string& name = names[random.below(names.size())];
    std::vector<const Variation*> ways;
    for (const Variation& variation : bounds.variations) {
      if (variation.dimension == name) ways.push_back(&variation);
    }
    const Variation& way = *ways[random.below(ways.size())];
    if (way.appends ? append(document, way, random) : change(document, way, random)) --changes;
  }
  return document.get_object();
}

}  // namespace ktstr
