// SPDX-License-Identifier: Apache-2.0
//
// `ktstr explore` on real guests: the demo's planted bug is found, and what is found shows it again to the
// digit.
#include "demo_project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;

class GuestExplore : public Demo {
 protected:
  ProgramResult replay(const std::string& manifest) const {
    return ktstr(
        {"test", "--manifest", manifest, "--deterministic", "--seed", "1", "--kernel", kernel_, "--json"});
  }
  static std::string message_of(const ProgramResult& result) {
    const json::value document = json::parse(result.out);
    const json::value& test = document.at("tests").at(0);
    return test.as_object().contains("message") ? std::string(test.at("message").as_string()) : std::string();
  }
};

TEST_F(GuestExplore, ThePlantedBugIsFoundAndShownAgainToTheDigit) {
  const ProgramResult result = ktstr(
      {"explore", "timers_under_load", "--seeds", "1..2", "--budget", "25s", "--kernel", kernel_, "--json"});
  ASSERT_EQ(result.exit_code, 1) << result.out << result.err;
  const json::value document = json::parse(result.out);
  const json::value& finding = document.at("findings").at(0);
  EXPECT_EQ(finding.at("kind"), "bounded starvation");
  EXPECT_EQ(finding.at("moment").at("state"), "found") << "the kernel's own scheduler does not do that";
  EXPECT_LT(finding.at("moment").at("averted_ms").to_number<int>(),
            finding.at("moment").at("inevitable_ms").to_number<int>());
  const std::string manifest(finding.at("manifest").as_string());
  const ProgramResult first = replay(manifest), second = replay(manifest);
  EXPECT_EQ(first.exit_code, 1) << first.out << first.err;
  EXPECT_THAT(message_of(first), HasSubstr(std::string(finding.at("message").as_string())));
  EXPECT_EQ(message_of(first), message_of(second));
  git_switch("main");
  const ProgramResult good = replay(manifest);
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
}

}  // namespace
}  // namespace ktstr::testing
