// SPDX-License-Identifier: Apache-2.0
#include "sidecar/run_manifest.hpp"

#include <algorithm>
#include <array>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>
#include <tuple>

#include "sidecar/run_manifest_field.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

constexpr std::string_view kSuffix = ".run-manifest.json";
constexpr std::array<std::string_view, 6> kOutcomes = {"passed",  "failed",       "flaky",
                                                       "skipped", "inconclusive", "error"};

constexpr RunManifestField<RunManifest> kManifestFields[] = {
    {"session", "names the invocation", &RunManifest::session, EmptyText::kRefused, {}, true},
    {"started",
     "before the first test, UTC: 2026-07-04T21:41:43Z",
     &RunManifest::started,
     EmptyText::kRefused,
     {},
     true},
    {"ended",
     "after the last test; null: the run is going on, or was ended before its end",
     &RunManifest::ended,
     EmptyText::kNull,
     {},
     true},
    {"kernel", "version of the kernel under test", &RunManifest::kernel},
    {"project_commit", "as in the sidecar", &RunManifest::project_commit},
    {"accelerator", "what ran the guests; null: no test told", &RunManifest::accelerator},
    {"time_source", "as in the sidecar", &RunManifest::time_source},
    {"tree_state",
     "of a tree with uncommitted changes: another word for each content of its files; null: no changes, or "
     "it cannot be told",
     &RunManifest::tree_state,
     EmptyText::kNull,
     {},
     true},
};

constexpr RunManifestField<PlannedTest> kTestFields[] = {
    {"test", "the test's name", &PlannedTest::test, EmptyText::kRefused},
    {"topology", "as in the sidecar", &PlannedTest::topology, EmptyText::kWritten},
    {"scheduler", "as in the sidecar", &PlannedTest::scheduler, EmptyText::kWritten},
    {"work_type", "as in the sidecar", &PlannedTest::work_type, EmptyText::kWritten},
    {"performance_mode", "takes part in perf-delta", &PlannedTest::performance_mode},
    {"selected", "false: the invocation's names and filter left it out", &PlannedTest::selected},
    {"outcome", "how it ended; error: it could not run or its sidecar not be stored; null: it had not ended",
     &PlannedTest::outcome, EmptyText::kNull, kOutcomes},
    {"reason", "first line of why it did not pass", &PlannedTest::reason},
};

template <typename Owner>
json::value written(const RunManifestField<Owner>& field, const Owner& owner) {
  if (const auto* flag = std::get_if<bool Owner::*>(&field.member)) return json::value(owner.*(*flag));
  const std::string& text = owner.*std::get<std::string Owner::*>(field.member);
  KTSTR_ASSERT(field.empty != EmptyText::kRefused || !text.empty());  // what the reader insists on
  KTSTR_ASSERT(field.values.empty() || text.empty() ||
               std::find(field.values.begin(), field.values.end(), text) != field.values.end());
  return text.empty() && field.empty == EmptyText::kNull ? json::value(nullptr) : json::value(text);
}

template <typename Owner>
void read_field(const RunManifestField<Owner>& field, const OpenObject& object, Owner& owner) {
  if (const auto* flag = std::get_if<bool Owner::*>(&field.member)) {
    owner.*(*flag) = object.get(field.name).boolean();
    return;
  }
  std::string& text = owner.*std::get<std::string Owner::*>(field.member);
  const Located* found = field.needed() ? &object.get(field.name) : object.find(field.name);
  if (found == nullptr || (!field.needed() && found->is_null())) return;
  text = field.values.empty() ? found->text() : found->one_of(field.values, field.name);
  if (field.needed() && text.empty()) refuse(found->place, "is empty");
}

json::object object_of(const PlannedTest& test) {
  json::object object;
  for (const auto& field : kTestFields) object[field.name] = written(field, test);
  return object;
}

PlannedTest test_of(const Located& located) {
  const OpenObject object(located);
  PlannedTest test;
  for (const auto& field : kTestFields) read_field(field, object, test);
  return test;
}

RunManifest manifest_of(const Located& top) {
  const OpenObject object(top, true);
  if (object.get("schema_version").integer(1, INT64_MAX) > kRunManifestVersion) {
    refuse(top.place,
           "written by a newer ktstr (schema_version " + to_text(*object.get("schema_version").value) + ")",
           "read it with that version");
  }
  RunManifest manifest;
  for (const auto& field : kManifestFields) read_field(field, object, manifest);
  for (const Located& item : object.get("tests").items()) manifest.tests.push_back(test_of(item));
  return manifest;
}

using VariantKey = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;
VariantKey variant_of(const PlannedTest& test) {
  return {test.test, test.topology, test.scheduler, test.work_type};
}

}  // namespace

std::span<const RunManifestField<RunManifest>> run_manifest_fields() { return kManifestFields; }
std::span<const RunManifestField<PlannedTest>> planned_test_fields() { return kTestFields; }

std::string run_manifest_text(const RunManifest& manifest) {
  json::object object{{"schema_version", kRunManifestVersion}};
  for (const auto& field : kManifestFields) object[field.name] = written(field, manifest);
  json::array tests;
  for (const PlannedTest& test : manifest.tests) tests.push_back(object_of(test));
  object["tests"] = std::move(tests);
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
    for (const auto& field : kManifestFields) {
      const auto member = std::get<std::string RunManifest::*>(field.member);
      if (!field.of_one && (merged.*member).empty()) merged.*member = one.*member;
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
