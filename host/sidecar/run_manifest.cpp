// SPDX-License-Identifier: Apache-2.0
#include "sidecar/run_manifest.hpp"

#include <algorithm>
#include <array>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>
#include <tuple>

#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kManifestVersion = 1;
constexpr std::string_view kSuffix = ".run-manifest.json";
constexpr std::array<std::string_view, 5> kOutcomes = {"passed", "failed", "skipped", "inconclusive",
                                                       "error"};

struct ManifestText {
  const char* key;
  std::string RunManifest::*field;
};
constexpr std::array kManifestTexts = {
    ManifestText{"ended", &RunManifest::ended},
    ManifestText{"kernel", &RunManifest::kernel},
    ManifestText{"project_commit", &RunManifest::project_commit},
    ManifestText{"accelerator", &RunManifest::accelerator},
    ManifestText{"time_source", &RunManifest::time_source},
    ManifestText{"tree_state", &RunManifest::tree_state},
};

struct TestText {
  const char* key;
  std::string PlannedTest::*field;
};
constexpr std::array kTestTexts = {
    TestText{"topology", &PlannedTest::topology},
    TestText{"scheduler", &PlannedTest::scheduler},
    TestText{"work_type", &PlannedTest::work_type},
};

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object object_of(const PlannedTest& test) {
  json::object object{{"test", test.test}};
  for (const TestText& text : kTestTexts) object[text.key] = test.*text.field;
  object["performance_mode"] = test.performance_mode;
  object["selected"] = test.selected;
  object["outcome"] = or_null(test.outcome);
  object["reason"] = or_null(test.reason);
  return object;
}

/// A string that may be missing or null.
std::string text_or_none(const OpenObject& object, std::string_view key) {
  const Located* located = object.find(key);
  return located == nullptr || located->is_null() ? std::string() : located->text();
}

std::string text_that_says_something(const Located& located) {
  std::string text = located.text();
  if (text.empty()) refuse(located.place, "is empty");
  return text;
}

PlannedTest test_of(const Located& located) {
  const OpenObject object(located);
  PlannedTest test;
  test.test = text_that_says_something(object.get("test"));
  for (const TestText& text : kTestTexts) test.*text.field = text_or_none(object, text.key);
  test.performance_mode = object.get("performance_mode").boolean();
  test.selected = object.get("selected").boolean();
  if (const Located* outcome = object.find("outcome"); outcome != nullptr && !outcome->is_null())
    test.outcome = outcome->one_of(kOutcomes, "outcome");
  test.reason = text_or_none(object, "reason");
  return test;
}

RunManifest manifest_of(const Located& top) {
  const OpenObject object(top, true);
  if (object.get("schema_version").integer(1, INT64_MAX) > kManifestVersion) {
    refuse(top.place,
           "written by a newer ktstr (schema_version " + to_text(*object.get("schema_version").value) + ")",
           "read it with that version");
  }
  RunManifest manifest;
  manifest.session = text_that_says_something(object.get("session"));
  manifest.started = text_that_says_something(object.get("started"));
  for (const ManifestText& one : kManifestTexts) manifest.*one.field = text_or_none(object, one.key);
  for (const Located& item : object.get("tests").items()) manifest.tests.push_back(test_of(item));
  return manifest;
}

using VariantKey = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
VariantKey variant_of(const PlannedTest& test) {
  return {test.test, test.topology, test.scheduler, test.work_type};
}

}  // namespace

std::string run_manifest_text(const RunManifest& manifest) {
  json::object object{
      {"schema_version", kManifestVersion}, {"session", manifest.session}, {"started", manifest.started}};
  for (const ManifestText& text : kManifestTexts) object[text.key] = or_null(manifest.*text.field);
  json::array tests;
  for (const PlannedTest& test : manifest.tests) tests.push_back(object_of(test));
  object["tests"] = std::move(tests);
  KTSTR_ASSERT(!manifest.session.empty() && !manifest.started.empty());  // the reader insists on both
  return to_text(object) + "\n";
}

Result<RunManifest> parse_run_manifest(std::string_view text, const std::string& file) {
  return read_document(text, file, {}, ExitCode::kPlugin, manifest_of);
}

std::string run_manifest_name(std::string_view id) { return std::string(id) + std::string(kSuffix); }

bool is_run_manifest_name(std::string_view name) {
  return name.size() > kSuffix.size() && name.ends_with(kSuffix);
}

RunManifest merge_run_manifests(std::vector<RunManifest> manifests) {
  if (manifests.empty()) return {};
  std::stable_sort(manifests.begin(), manifests.end(),
                   [](const RunManifest& a, const RunManifest& b) { return a.started > b.started; });
  RunManifest merged = manifests.front();
  merged.tests.clear();
  std::map<VariantKey, std::size_t> places;
  for (const RunManifest& one : manifests) {
    for (const ManifestText& text : kManifestTexts) {
      const bool own = text.field == &RunManifest::ended || text.field == &RunManifest::tree_state;
      if (!own && (merged.*text.field).empty()) merged.*text.field = one.*text.field;
    }
    merged.ended = std::max(merged.ended, one.ended);
    for (const PlannedTest& test : one.tests) {
      const auto [place, is_new] = places.emplace(variant_of(test), merged.tests.size());
      if (is_new) {
        merged.tests.push_back(test);
        continue;
      }
      PlannedTest& known = merged.tests[place->second];
      if (test.selected && known.outcome.empty() && (!known.selected || !test.outcome.empty())) known = test;
    }
  }
  KTSTR_ASSERT(places.size() == merged.tests.size());
  const bool open = std::any_of(merged.tests.begin(), merged.tests.end(),
                                [](const PlannedTest& t) { return t.selected && t.outcome.empty(); });
  if (open)
    merged.ended.clear();
  else if (merged.ended.empty())
    merged.ended = merged.started;  // interrupted ones, which together left nothing out
  return merged;
}

bool supersedes(const RunManifest& later, const RunManifest& earlier) {
  if (!later.complete()) return false;
  std::set<VariantKey> again;
  for (const PlannedTest& test : later.tests) {
    if (test.selected && !test.outcome.empty()) again.insert(variant_of(test));
  }
  return std::all_of(earlier.tests.begin(), earlier.tests.end(), [&](const PlannedTest& test) {
    return !test.selected || again.contains(variant_of(test));
  });
}

}  // namespace ktstr
