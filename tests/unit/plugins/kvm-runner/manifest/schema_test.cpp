// SPDX-License-Identifier: Apache-2.0
//
// The installed schema and the parser must know the same keys, limits of work parameters included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "manifest/keys.hpp"
#include "manifest/work_spec.hpp"
#include "protocol/work_types.hpp"
#include "runner/options.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::UnorderedElementsAreArray;

json::object definitions() {
  std::ifstream file(KTSTR_MANIFEST_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).at("$defs").as_object();
}

std::vector<std::string> properties(const json::object& definition) {
  EXPECT_FALSE(definition.at("additionalProperties").as_bool());
  std::vector<std::string> names;
  for (const auto& entry : definition.at("properties").as_object()) names.emplace_back(entry.key());
  return names;
}

TEST(ManifestSchema, HasTheParsersKeys) {
  const std::pair<const char*, Keys> kObjects[] = {{"manifest", keys::kManifest},
                                                   {"test", keys::kTest},
                                                   {"topology", keys::kTopology},
                                                   {"scheduler", keys::kScheduler},
                                                   {"scheduler_file", keys::kSchedulerFile},
                                                   {"cgroup", keys::kCgroup},
                                                   {"cpuset", keys::kCpuset},
                                                   {"assert", keys::kAssert},
                                                   {"perf_delta_assertion", keys::kPerfDeltaAssertion}};
  const json::object found = definitions();
  for (const auto& [name, wanted] : kObjects) {
    EXPECT_THAT(properties(found.at(name).as_object()),
                UnorderedElementsAreArray(std::vector<std::string>(wanted.begin(), wanted.end())))
        << name;
  }
  // Definitions without properties only choose among the others.
  const auto is_object = [](const auto& entry) { return entry.value().as_object().contains("properties"); };
  EXPECT_EQ(std::count_if(found.begin(), found.end(), is_object),
            static_cast<std::ptrdiff_t>(std::size(kObjects) + std::size(kWorkTypes)))
      << "a definition that the parser does not know";
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

TEST(ManifestSchema, HasTheWorkTypes) {
  const json::object found = definitions();
  for (const WorkType& type : kWorkTypes) {
    const json::object& definition = found.at("work_" + std::string(type.name)).as_object();
    std::vector<std::string> wanted = {"type"};
    for (const WorkParameter& parameter : type.parameters) {
      if (parameter.name.empty()) continue;
      wanted.emplace_back(parameter.name);
      const json::object& property = definition.at("properties").at(std::string(parameter.name)).as_object();
      EXPECT_EQ(property.at("minimum").to_number<std::uint64_t>(), parameter.min) << type.name;
      EXPECT_EQ(property.at("maximum").to_number<std::uint64_t>(), parameter.max) << type.name;
      EXPECT_EQ(property.at("default").to_number<std::uint64_t>(), parameter.default_value) << type.name;
    }
    EXPECT_THAT(properties(definition), UnorderedElementsAreArray(wanted)) << type.name;
    EXPECT_EQ(definition.at("properties").at("type").at("const").as_string(), std::string(type.name));
  }
}

TEST(OptionsSchema, EveryPropertyIsAnOption) {
  const json::value schema = json::parse({kOptionsSchema.data(), kOptionsSchema.size()});
  for (const auto& entry : schema.at("properties").as_object()) {
    json::value sample =
        entry.value().as_object().contains("default") ? entry.value().at("default") : json::value("/tmp/x");
    const std::string options = json::serialize(json::object{{entry.key(), sample}});
    EXPECT_NO_THROW(parse_options(options)) << options;
  }
}

}  // namespace
}  // namespace ktstr::kvm
