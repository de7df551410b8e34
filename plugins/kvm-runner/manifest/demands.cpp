// SPDX-License-Identifier: Apache-2.0
#include "manifest/demands.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/numbers.hpp>

namespace ktstr::kvm {
namespace {

constexpr int kDigits = 6;

/// "web/iteration_rate of after over before from 0.9 to 1.1"
std::string sentence_of(const Expectation& wanted) {
  std::string text = wanted.series + wanted.value;
  KTSTR_ASSERT(wanted.series.empty() != wanted.value.empty());  // it is of the one or of the other
  if (!wanted.at.empty()) text += " of " + wanted.at;
  if (!wanted.than.empty()) text += " over " + wanted.than;
  if (wanted.min) text += ", at least " + kit::significant(*wanted.min, kDigits);
  if (wanted.max) text += ", at most " + kit::significant(*wanted.max, kDigits);
  if (wanted.type->name == "settles") text += ", within " + std::to_string(wanted.within_ms) + " ms";
  if (wanted.for_ms > 0) text += ", or no longer than " + std::to_string(wanted.for_ms) + " ms";
  return text;
}

}  // namespace

std::string demands_json(const TestSpec& test) {
  JsonWriter json;
  json.begin_array();
  for (std::size_t i = 0; i < kAssertions.size(); ++i) {
    if (!test.assertions[i]) continue;
    const std::string name(kAssertions[i].name);
    KTSTR_ASSERT(*test.assertions[i] >= kAssertions[i].min && *test.assertions[i] <= kAssertions[i].max);
    json.begin_object().member("name", name).key("limit");
    if (kAssertions[i].kind == AssertionKind::kFlag) json.value(true);
    if (kAssertions[i].kind == AssertionKind::kCount)
      json.value(static_cast<std::uint64_t>(*test.assertions[i]));
    if (kAssertions[i].kind == AssertionKind::kNumber) json.value(*test.assertions[i]);
    const auto layer = test.assertion_layers.find(name);
    json.member("from", layer != test.assertion_layers.end() ? layer->second : "test").end_object();
  }
  for (const Expectation& wanted : test.expectations)
    json.begin_object()
        .member("name", "expect: " + std::string(wanted.type->name))
        .member("limit", sentence_of(wanted))
        .member("from", "test")
        .end_object();
  json.end_array();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
