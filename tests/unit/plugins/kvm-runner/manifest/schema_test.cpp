// SPDX-License-Identifier: Apache-2.0
//
// The installed schema and the parser must know the same keys, and judge the manifests of
// tests/schema/test_manifests alike (tests/schema/corpus.py is the schema's half of that).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <ktstr/kit/json_reader.hpp>
#include <sstream>

#include "manifest/keys.hpp"
#include "manifest/manifest.hpp"
#include "protocol/work_actions.hpp"
#include "runner/options.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::UnorderedElementsAreArray;
using Names = std::vector<std::string_view>;

json::value read_json_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

json::object definitions() { return read_json_file(KTSTR_MANIFEST_SCHEMA).at("$defs").as_object(); }

std::vector<std::string> properties(const json::object& definition) {
  EXPECT_FALSE(definition.at("additionalProperties").as_bool());
  std::vector<std::string> names;
  for (const auto& entry : definition.at("properties").as_object()) names.emplace_back(entry.key());
  return names;
}

Names action_names() {
  Names names;
  for (const WorkAction& action : kWorkActions) names.push_back(action.name);
  return names;
}

/// Every object of a manifest, and the keys that the parser takes in it.
std::vector<std::pair<std::string, Names>> parsers_objects() {
  const auto list = [](Keys keys) { return Names(keys.begin(), keys.end()); };
  const auto with = [](Names names, std::initializer_list<std::string_view> more) {
    names.insert(names.end(), more);
    return names;
  };
  // The parser never sees "params", "matrix", "scenario" and "repeat": manifest/expansion.cpp makes others of
  // them.
  std::vector<std::pair<std::string, Names>> objects = {
      {"manifest", list(keys::kManifest)},
      {"test", with(list(keys::kTest), {"params", "matrix", "scenario"})},
      {"topology", list(keys::kTopology)},
      {"scheduler", list(keys::kScheduler)},
      {"scheduler_file", list(keys::kSchedulerFile)},
      {"cpuset_form", list(keys::kCpuset)},
      {"step", with(list(keys::kStep), {"repeat"})},
      {"perf_delta_assertion", list(keys::kPerfDeltaAssertion)},
      {"cgroup", with(keys::cgroup(), {"repeat"})},
      {"workers", with(keys::workers(), {"repeat"})},
      {"assert", keys::assertions()},
      {"payload", with(keys::payload(), {"repeat"})},
      {"payload_metric", list(keys::kPayloadMetric)},
      {"scheduler_metric", list(keys::kSchedulerMetric)},
      {"action", with(action_names(), {"repeat"})}};
  const auto without_name = [](Names names) {
    names.erase(std::find(names.begin(), names.end(), "name"));
    return names;
  };
  objects.emplace_back("gauntlet_choice", Names{"gauntlet"});
  objects.emplace_back("gauntlet", list(keys::kGauntlet));
  objects.emplace_back("expect_failure", list(keys::kExpectFailure));
  objects.emplace_back("defaults", without_name(objects.at(1).second));
  Names shared = without_name(list(keys::kScheduler));
  shared.insert(shared.end(), keys::kOfSchedulersTests.begin(), keys::kOfSchedulersTests.end());
  objects.emplace_back("shared_scheduler", std::move(shared));
  for (const ExpectationType& type : kExpectationTypes)
    objects.emplace_back("expectation_" + std::string(type.name), with(keys::expectation(type), {"repeat"}));
  for (const WorkType& type : kWorkTypes)
    objects.emplace_back("work_" + std::string(type.name), keys::work(type));
  for (const OperationType& type : kOperations)
    objects.emplace_back("operation_" + std::string(type.name), with(keys::operation(type), {"repeat"}));
  return objects;
}

TEST(ManifestSchema, HasTheParsersKeys) {
  const json::object found = definitions();
  const auto wanted = parsers_objects();
  for (const auto& [name, keys] : wanted)
    EXPECT_THAT(properties(found.at(name).as_object()), UnorderedElementsAreArray(keys)) << name;
  // Definitions without properties only choose among the others.
  const auto is_object = [](const auto& entry) { return entry.value().as_object().contains("properties"); };
  EXPECT_EQ(std::count_if(found.begin(), found.end(), is_object), static_cast<std::ptrdiff_t>(wanted.size()))
      << "a definition that the parser does not know";
}

TEST(ManifestSchema, NoKeyOfAnObjectMeansTwoThings) {
  for (const auto& [name, keys] : parsers_objects()) {
    Names sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end()) << name;
  }
}

void expect_text_descriptions(const json::value& value) {
  if (value.is_array()) {
    for (const json::value& item : value.get_array()) expect_text_descriptions(item);
  } else if (value.is_object()) {
    for (const auto& entry : value.get_object()) {
      if (entry.key() == "description") {
        EXPECT_TRUE(entry.value().is_string()) << json::serialize(entry.value());
      }
      expect_text_descriptions(entry.value());
    }
  }
}

TEST(ManifestSchema, DescribesInWords) { expect_text_descriptions(definitions()); }

/// What is wrong with it, or empty.
std::string refusal(const json::value& manifest) {
  const std::string found =
      samples::error_of([&] { parse_manifest(json::serialize(manifest), "a.json", "/p/a.json"); });
  return found == "(no error)" ? "" : found;
}

TEST(ManifestSchema, TheParserJudgesTheCorpusAsItDoes) {
  const std::filesystem::path corpus(KTSTR_MANIFEST_CORPUS);
  for (const char* name : {"accepted", "refused", "refused_by_the_reader"}) {
    const json::value rows = read_json_file(corpus / (std::string(name) + ".json"));
    for (const json::value& row : rows.as_array()) {
      const std::string problem = refusal(row.at("manifest"));
      EXPECT_EQ(problem.empty(), std::string_view(name) == "accepted") << row.at("what") << ": " << problem;
    }
  }
}

json::value least(std::size_t cgroups) {
  json::array list;
  for (std::size_t i = 0; i < cgroups; ++i)
    list.emplace_back(
        json::object{{"name", "g" + std::to_string(i)}, {"work", {{"type", "SpinWait"}}}, {"workers", 1}});
  return json::object{{"name", "t"}, {"cgroups", std::move(list)}};
}

TEST(ManifestSchema, HasTheParsersLimitsOfLists) {
  const json::object found = definitions();
  const auto most = [&](const char* key) {
    return found.at("test").at("properties").at(key).at("maxItems").to_number<std::size_t>();
  };
  EXPECT_EQ(refusal(least(most("cgroups"))), "");
  EXPECT_NE(refusal(least(most("cgroups") + 1)), "");
  for (const std::size_t more : {0, 1}) {
    json::value steps = least(1), root = least(1), operations = least(1);
    const std::size_t ops =
        found.at("step").at("properties").at("ops").at("maxItems").to_number<std::size_t>();
    steps.as_object()["steps"] = json::array(most("steps") + more, json::object{{"hold_ms", 1}});
    root.as_object()["root"] =
        json::array(most("root") + more, json::object{{"work", {{"type", "SpinWait"}}}});
    const json::array marks(ops + more, json::object{{"op", "mark"}, {"label", "x"}});
    operations.as_object()["steps"] = json::array{json::object{{"ops", marks}}};
    for (const json::value& manifest : {steps, root, operations})
      EXPECT_EQ(refusal(manifest).empty(), more == 0);
  }
}

TEST(OptionsSchema, EveryPropertyIsAnOption) {
  const json::value schema = json::parse({kOptionsSchema.data(), kOptionsSchema.size()});
  for (const auto& entry : schema.at("properties").as_object()) {
    const json::object& row = entry.value().as_object();
    const json::value* kind = row.if_contains("type");
    const bool is_object = kind != nullptr && *kind == json::value("object");
    json::value sample = is_object                 ? json::value(json::object())
                         : row.contains("default") ? row.at("default")
                                                   : json::value("/tmp/x");
    const std::string options = json::serialize(json::object{{entry.key(), sample}});
    EXPECT_NO_THROW(parse_options(options)) << options;
  }
}

}  // namespace
}  // namespace ktstr::kvm
