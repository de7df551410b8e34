// SPDX-License-Identifier: Apache-2.0
#include "manifest/expectation_reader.hpp"

#include <algorithm>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "manifest/keys.hpp"
#include "manifest/timeline.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kLongestFigure = 300;
constexpr double kHugeFigure = 1e15;
constexpr std::uint64_t kLongestTimeMs = 3'600'000;

/// What "at" and "than" can name.
struct Places {
  std::vector<std::string> phases, snapshots;
};

Places places_of(const TestSpec& test) {
  Places places;
  for (PlannedPhase& phase : planned_phases(test)) places.phases.push_back(std::move(phase.label));
  places.snapshots = planned_snapshots(test.scenario);
  return places;
}

std::string parse_place(const Located& located, const Places& places, bool snapshots_too) {
  const std::string name = located.text(64);
  std::vector<std::string> names = places.phases;
  if (snapshots_too) names.insert(names.end(), places.snapshots.begin(), places.snapshots.end());
  const auto count = std::count(names.begin(), names.end(), name);
  if (count == 0 || name.empty())
    refuse(located.place,
           "\"" + printable_start(name, 80) + "\" is no phase" + (snapshots_too ? " or snapshot" : "") +
               " of this test" + sdk::did_you_mean(name, names),
           "steps have names, and the operations \"mark\" and \"snapshot\" give some");
  if (count > 1)
    refuse(located.place, "\"" + printable_start(name, 80) + "\" is the name of several phases or snapshots");
  return name;
}

std::string parse_series(const Located& located) {
  std::vector<std::string_view> names;
  for (const SeriesType& row : kSeriesTypes) names.push_back(row.name);
  return located.one_of(names, "series");
}

void read_field(const ExpectationField& field, const Located& located, const Places& places,
                Expectation& expectation) {
  const bool of_series = !expectation.series.empty();
  switch (field.kind) {
    case ExpectationFieldKind::kFigure:
      expectation.value = located.text(kLongestFigure);
      if (expectation.value.empty()) wrong(located.place, "the name of a figure", *located.value);
      break;
    case ExpectationFieldKind::kSeries: expectation.series = parse_series(located); break;
    case ExpectationFieldKind::kPlace:
      (field.name == "at" ? expectation.at : expectation.than) = parse_place(located, places, !of_series);
      break;
    case ExpectationFieldKind::kNumber:
      (field.name == "min" ? expectation.min : expectation.max) = located.number(-kHugeFigure, kHugeFigure);
      break;
    case ExpectationFieldKind::kMilliseconds:
      (field.name == "for_ms" ? expectation.for_ms : expectation.within_ms) =
          located.integer(0, kLongestTimeMs);
      break;
  }
}

Expectation parse_expectation(const Located& located, const Places& places) {
  if (!located.value->is_object())
    wrong(located.place, "an expectation, such as {\"that\": \"between\", …}", *located.value);
  const boost::json::value* name = located.value->get_object().if_contains("that");
  if (name == nullptr) refuse(located.place, "\"that\" is missing");
  const std::string that =
      Located{name, located.place + ".that"}.one_of(keys::expectation_names(), "expectation");
  Expectation expectation;
  expectation.type = std::find_if(kExpectationTypes.begin(), kExpectationTypes.end(),
                                  [&](const ExpectationType& row) { return row.name == that; });
  KTSTR_ASSERT(expectation.type != kExpectationTypes.end());
  const std::vector<std::string_view> known = keys::expectation(*expectation.type);
  const StrictObject object(located, known);
  for (const std::string_view required : expectation.type->required) {
    KTSTR_ASSERT(expectation_field(required) < kExpectationFields.size());  // else nobody would read it
    object.get(required);
  }
  for (const ExpectationField& field : kExpectationFields) {
    const bool has = std::find(known.begin(), known.end(), field.name) != known.end();
    if (const Located* given = has ? object.find(field.name) : nullptr)
      read_field(field, *given, places, expectation);
  }
  if (expectation.type->needs_limit && !expectation.min && !expectation.max)
    refuse(located.place, "expected \"min\", \"max\", or both");
  if (expectation.min && expectation.max && *expectation.min > *expectation.max)
    refuse(located.place, "\"min\" is above \"max\"");
  return expectation;
}

}  // namespace

std::vector<Expectation> parse_expectations(const Located& located, const TestSpec& test) {
  constexpr std::size_t kMost = 64;
  const Places places = places_of(test);
  std::vector<Expectation> expectations;
  for (const Located& item : located.items(0, kMost)) expectations.push_back(parse_expectation(item, places));
  return expectations;
}

}  // namespace ktstr::kvm
