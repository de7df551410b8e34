// SPDX-License-Identifier: Apache-2.0
#include "manifest/parameter_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/work_actions.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Topology kTopology{2, 2, 1, 1};
const std::vector<std::uint32_t> kOnline = {0, 1};
const ScenarioTerms kTerms{kTopology, kOnline, {"web", "web/db"}, {"stress"}};

Value read_value(const Parameter& parameter, const std::string& text) {
  const boost::json::value value = boost::json::parse(text);
  return parse_parameter(parameter, {&value, "x"}, kTerms);
}
std::string wrong_value(const Parameter& parameter, const std::string& text) {
  return samples::error_of([&] { read_value(parameter, text); });
}
std::int64_t number_said(const Parameter& parameter, const std::string& text) {
  return *read_value(parameter, text).as<std::int64_t>();
}

TEST(ParameterReader, Counts) {
  constexpr Parameter kUnits{"units", ParameterKind::kCount, "", 5, 1, 10},
      kNice{"nice", ParameterKind::kCount, "", 0, -20, 19};
  EXPECT_EQ(number_said(kUnits, "10"), 10);
  EXPECT_EQ(number_said(kNice, "-20"), -20);
  EXPECT_THAT(wrong_value(kUnits, "11"), HasSubstr("x: expected an integer from 1 to 10, found 11"));
  EXPECT_THAT(wrong_value(kUnits, "1.5"), HasSubstr("expected an integer from 1 to 10, found 1.5"));
  EXPECT_THAT(wrong_value(kNice, "-21"), HasSubstr("x: expected an integer from -20 to 19, found -21"));
  EXPECT_THAT(wrong_value(kNice, "\"1\""), HasSubstr("expected an integer"));
}

TEST(ParameterReader, FlagsAndTexts) {
  constexpr Parameter kIdle{"idle", ParameterKind::kFlag, ""},
      kLabel{"label", ParameterKind::kText, "", 0, 0, 8};
  EXPECT_EQ(number_said(kIdle, "true"), 1);
  EXPECT_THAT(wrong_value(kIdle, "1"), HasSubstr("expected true or false"));
  EXPECT_EQ(*read_value(kLabel, "\"a b\"").as<std::string>(), "a b");
  EXPECT_THAT(wrong_value(kLabel, "\"\""), HasSubstr("expected a line of plain text"));
  EXPECT_THAT(wrong_value(kLabel, "\"a\\nb\""), HasSubstr("expected a line of plain text"));
  EXPECT_THAT(wrong_value(kLabel, "\"123456789\""), HasSubstr("x: longer than 8 bytes"));
}

TEST(ParameterReader, ChoicesNameTheNearest) {
  constexpr Parameter kPolicy{"policy", ParameterKind::kChoice, "", 0, 0, 0, "normal|batch|fifo"};
  EXPECT_EQ(*read_value(kPolicy, "\"fifo\"").as<std::string>(), "fifo");
  EXPECT_THAT(wrong_value(kPolicy, "\"fifi\""),
              HasSubstr("unknown policy \"fifi\" (did you mean \"fifo\"?)"));
  EXPECT_THAT(split_choices("a|b||c"), ElementsAre("a", "b", "", "c"));
}

TEST(ParameterReader, CgroupsBecomeIndices) {
  constexpr Parameter kCgroup{"cgroup", ParameterKind::kCgroup, ""};
  EXPECT_EQ(number_said(kCgroup, "\"web/db\""), 1);
  EXPECT_THAT(wrong_value(kCgroup, "\"web/bd\""),
              HasSubstr("\"web/bd\" is no cgroup of this test so far (did you mean \"web/db\"?)"));
}

TEST(ParameterReader, PayloadsBecomeIndices) {
  constexpr Parameter kPayload{"payload", ParameterKind::kPayload, ""};
  EXPECT_EQ(number_said(kPayload, "\"stress\""), 0);
  EXPECT_THAT(wrong_value(kPayload, "\"stres\""),
              HasSubstr("\"stres\" is no payload of this test so far (did you mean \"stress\"?)"));
}

TEST(ParameterReader, CpusAndNodes) {
  constexpr Parameter kCpus{"cpus", ParameterKind::kCpus, ""}, kNodes{"nodes", ParameterKind::kNodes, ""};
  EXPECT_THAT(*read_value(kCpus, R"({"node": 1})").as<std::vector<std::uint32_t>>(), ElementsAre(1));
  EXPECT_THAT(*read_value(kNodes, "[1, 0]").as<std::vector<std::uint32_t>>(), ElementsAre(1, 0));
  EXPECT_THAT(wrong_value(kNodes, "[2]"), HasSubstr("x[0]: expected an integer from 0 to 1, found 2"));
  EXPECT_THAT(wrong_value(kNodes, "[]"), HasSubstr("expected at least 1 item"));
}

TEST(ParameterReader, Actions) {
  constexpr Parameter kActions{"actions", ParameterKind::kActions, "", 0, 1, 3};
  const auto actions =
      *read_value(kActions, R"([{"sleep_us": 7}, {"barrier": true}, {"lock": 0}])").as<std::vector<Action>>();
  ASSERT_EQ(actions.size(), 3U);
  EXPECT_EQ(kWorkActions.at(actions[0].action).name, "sleep_us");
  EXPECT_EQ(actions[0].amount, 7U);
  EXPECT_EQ(actions[1].amount, 1U);
  EXPECT_EQ(actions[2].amount, 0U);
  const std::pair<const char*, const char*> kRows[] = {
      {"[]", "x: expected at least 1 item"},
      {R"([{"lock": 0}, {"lock": 0}, {"lock": 0}, {"lock": 0}])", "x: expected at most 3 items"},
      {"[{}]", "x[0]: expected an action, such as {\"run_us\": 500}"},
      {R"([{"run_us": 1, "sleep_us": 1}])", "x[0]: holds two actions"},
      {R"([{"run_us": 0}])", "x[0].run_us: expected an integer from 1"},
      {R"([{"run_us": true}])", "x[0].run_us: expected an integer from 1"},
      {R"([{"barrier": false}])", "x[0].barrier: expected an integer from 1 to 1"},
      {R"([{"slep_us": 1}])", "unknown key \"slep_us\" (did you mean \"sleep_us\"?)"}};
  for (const auto& [text, message] : kRows)
    EXPECT_THAT(wrong_value(kActions, text), HasSubstr(message)) << text;
}

TEST(ParameterReader, DefaultsAreOfWorkAndNotOfAttributes) {
  constexpr std::array kParameters = {Parameter{"units", ParameterKind::kCount, "", 5, 1, 10},
                                      Parameter{"wake", ParameterKind::kChoice, "", 0, 0, 0, "pipe|futex"},
                                      Parameter{"idle", ParameterKind::kFlag, ""},
                                      Parameter{"must", ParameterKind::kCount, "", 0, 0, 9, {}, false}};
  constexpr std::string_view kKeys[] = {"units", "wake", "idle", "must"};
  const boost::json::value value = boost::json::parse(R"({"must": 0})"), lacking = boost::json::object();
  const StrictObject object({&value, "x"}, kKeys);
  const Values work = parse_parameters(kParameters, object, kTerms, true);
  EXPECT_EQ(number_of(kParameters, work, "units"), 5);
  EXPECT_EQ(text_of(kParameters, work, "wake"), "pipe");
  EXPECT_TRUE(work[2].set());
  const Values attributes = parse_parameters(kParameters, object, kTerms, false);
  EXPECT_FALSE(attributes[0].set() || attributes[1].set() || attributes[2].set());
  EXPECT_TRUE(attributes[3].set());
  EXPECT_EQ(number_of(kParameters, attributes, "units", 77), 77) << "what is not set";
  const StrictObject empty({&lacking, "x"}, kKeys);
  EXPECT_THAT(samples::error_of([&] { parse_parameters(kParameters, empty, kTerms, true); }),
              HasSubstr("x: \"must\" is missing"));
}

TEST(Tables, DefaultsLieWithinTheirBounds) {
  const auto expect_sound = [](std::span<const Parameter> parameters, std::string_view whose) {
    for (const Parameter& parameter : parameters) {
      EXPECT_FALSE(parameter.description.empty()) << whose << ' ' << parameter.name;
      if (parameter.kind != ParameterKind::kCount) continue;
      EXPECT_LE(parameter.min, parameter.max) << whose << ' ' << parameter.name;
      EXPECT_LE(parameter.default_value, parameter.max) << whose << ' ' << parameter.name;
    }
  };
  for (const WorkType& type : kWorkTypes) {
    expect_sound(type.parameters, type.name);
    for (const Parameter& parameter : type.parameters) {
      if (parameter.kind == ParameterKind::kCount) {
        EXPECT_GE(parameter.default_value, parameter.min) << type.name << ' ' << parameter.name;
      }
    }
    for (const std::string_view more : type.group.plus)
      EXPECT_TRUE(more.empty() || find_parameter(type.parameters, more) < type.parameters.size())
          << type.name;
  }
  for (const OperationType& type : kOperations) expect_sound(type.parameters, type.name);
  expect_sound(cgroup_parameters(), "cgroups");
  expect_sound(kTaskAttributes, "workers");
}

}  // namespace
}  // namespace ktstr::kvm
