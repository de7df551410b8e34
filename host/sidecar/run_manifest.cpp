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

constexpr std::int64_t kManifestVersion = 1;
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

/// Reads the keys of one object; the first mistake ends it.
class Fields {
 public:
  Fields(const json::object& object, std::string where) : object_(object), where_(std::move(where)) {}

  Status text(const char* key, std::string& out, bool required) const {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr || value->is_null()) return required ? wrong(key, "is missing") : Status(Ok{});
    if (!value->is_string()) return wrong(key, "expected a string, found " + kind_name(*value));
    out = value->get_string();
    return required && out.empty() ? wrong(key, "is empty") : Status(Ok{});
  }
  Status flag(const char* key, bool& out) const {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr) return wrong(key, "is missing");
    if (!value->is_bool()) return wrong(key, "expected true or false, found " + kind_name(*value));
    out = value->get_bool();
    return Ok{};
  }
  Error wrong(const std::string& key, const std::string& what) const {
    return plugin_error(where_ + key + ": " + what);
  }

 private:
  const json::object& object_;
  std::string where_;
};

Result<PlannedTest> test_of(const json::value& value, const std::string& where) {
  if (!value.is_object()) return plugin_error(where + ": expected an object, found " + kind_name(value));
  const Fields fields(value.get_object(), where + ".");
  PlannedTest test;
  if (const Status read = fields.text("test", test.test, true); !read) return read.error();
  for (const TestText& text : kTestTexts) {
    if (const Status read = fields.text(text.key, test.*text.field, false); !read) return read.error();
  }
  if (const Status read = fields.flag("performance_mode", test.performance_mode); !read) return read.error();
  if (const Status read = fields.flag("selected", test.selected); !read) return read.error();
  if (const Status read = fields.text("outcome", test.outcome, false); !read) return read.error();
  if (const Status read = fields.text("reason", test.reason, false); !read) return read.error();
  if (!test.outcome.empty() &&
      std::find(kOutcomes.begin(), kOutcomes.end(), test.outcome) == kOutcomes.end()) {
    return fields.wrong("outcome", "there is no outcome \"" + printable(test.outcome) + "\"");
  }
  return test;
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
  const auto parsed = parse_json(text, file);
  if (!parsed) return plugin_error(parsed.error().message);
  if (!parsed->is_object()) return plugin_error(file + ": expected an object, found " + kind_name(*parsed));
  const json::object& object = parsed->get_object();
  const Fields fields(object, file + ": ");
  const json::value* version = object.if_contains("schema_version");
  if (version == nullptr || !version->is_int64() || version->get_int64() < 1)
    return fields.wrong("schema_version", "is missing or no number from 1");
  if (version->get_int64() > kManifestVersion) {
    return plugin_error(
        file + " was written by a newer ktstr (schema_version " + std::to_string(version->get_int64()) + ")",
        "read it with that version");
  }
  RunManifest manifest;
  if (const Status read = fields.text("session", manifest.session, true); !read) return read.error();
  if (const Status read = fields.text("started", manifest.started, true); !read) return read.error();
  for (const ManifestText& one : kManifestTexts) {
    if (const Status read = fields.text(one.key, manifest.*one.field, false); !read) return read.error();
  }
  const json::value* tests = object.if_contains("tests");
  if (tests == nullptr || !tests->is_array()) return fields.wrong("tests", "is missing or no array");
  for (const json::value& value : tests->get_array()) {
    auto test = test_of(value, file + ": tests[" + std::to_string(manifest.tests.size()) + "]");
    if (!test) return test.error();
    manifest.tests.push_back(std::move(*test));
  }
  return manifest;
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
