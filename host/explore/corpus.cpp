// SPDX-License-Identifier: Apache-2.0
#include "explore/corpus.hpp"

#include <ktstr/kit/hash.hpp>

#include "explore/seed_set.hpp"
#include "support/split_mix.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kFromTestItself = 4;  ///< one scenario in so many

SplitMix random_of(std::string_view test, std::uint64_t seed) {
  const std::string text = "parent\n" + std::string(test) + '\n' + std::to_string(seed);
  return {std::stoull(kit::sha256_of(text).substr(0, 16), nullptr, 16)};
}

}  // namespace

void Corpus::take_in(Entry scenario, const std::set<std::string>& behaviours, bool keep) {
  const std::size_t before = seen_.size();
  seen_.insert(behaviours.begin(), behaviours.end());
  if (keep && seen_.size() > before) entries_.push_back(std::move(scenario));
}

const Corpus::Entry* Corpus::parent_of(std::string_view test, std::uint64_t seed) const {
  std::vector<const Entry*> earlier;
  for (const Entry& entry : entries_) {
    if (entry.test == test && entry.seed < generation_begin(seed)) earlier.push_back(&entry);
  }
  SplitMix random = random_of(test, seed);
  if (earlier.empty() || random.below(kFromTestItself) == 0) return nullptr;
  return earlier[random.below(earlier.size())];
}

const Corpus::Entry* Corpus::find(std::string_view test, std::uint64_t seed) const {
  for (const Entry& entry : entries_) {
    if (entry.test == test && entry.seed == seed) return &entry;
  }
  return nullptr;
}

json::object Corpus::to_json() const {
  json::array kept;
  for (const Entry& entry : entries_)
    kept.push_back(json::object{{"test", entry.test}, {"seed", entry.seed}, {"scenario", entry.scenario}});
  return {{"behaviours", json::array(seen_.begin(), seen_.end())}, {"kept", std::move(kept)}};
}

Corpus Corpus::from(const Located& located) {
  const OpenObject object(located);
  Corpus corpus;
  for (std::string& behaviour : object.get("behaviours").texts()) corpus.seen_.insert(std::move(behaviour));
  for (const Located& item : object.get("kept").items()) {
    const OpenObject entry(item);
    const Located& scenario = entry.get("scenario");
    if (!scenario.value->is_object()) refuse(scenario.place, "it is no scenario");
    corpus.entries_.push_back(
        {entry.get("test").text(), entry.get("seed").integer(0, kMostSeed), scenario.value->get_object()});
  }
  return corpus;
}

}  // namespace ktstr
