// SPDX-License-Identifier: Apache-2.0
#include "judge/host_load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/verdict.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(HostLoad, OnlyWhatOthersTookCounts) {
  const auto pct = [](int ran_ms, int waited_ms, std::uint32_t cpus, std::uint32_t cores) {
    return waited_for_others_pct({milliseconds(ran_ms), milliseconds(waited_ms)}, cpus, cores);
  };
  EXPECT_EQ(pct(0, 0, 2, 2), std::nullopt);  // the host counts nothing
  EXPECT_DOUBLE_EQ(pct(1000, 0, 2, 2).value(), 0);
  EXPECT_DOUBLE_EQ(pct(1000, 1000, 2, 2).value(), 50);  // somebody else had a CPU half of the time
  EXPECT_DOUBLE_EQ(pct(2000, 2000, 4, 2).value(), 0);   // four busy CPUs on two of the host
  EXPECT_DOUBLE_EQ(pct(1000, 3000, 4, 2).value(), 50);
  EXPECT_DOUBLE_EQ(pct(2000, 500, 4, 2).value(), 0);  // and never less than nothing
}

TEST(HostLoad, IsToldWithItsNumbers) {
  EXPECT_THAT(overload({milliseconds(900), milliseconds(290)}, 2, 2), IsEmpty());
  EXPECT_THAT(overload({milliseconds(1000), milliseconds(3100)}, 2, 2),
              HasSubstr("ran for 1.0 s of CPU time and waited 3.1 s for a CPU, 76 % of what it wanted"));
}

/// The sample's worst gap is 46 ms.
std::string with_gap_limit(int ms) {
  std::string text(samples::kManifest);
  const std::string key = "\"max_gap_ms\": ";
  const std::size_t at = text.find(key) + key.size();
  return text.replace(at, text.find(',', at) - at, std::to_string(ms));
}

class OverloadedHost : public ::testing::Test {
 protected:
  Verdict judged() const { return judge(test, machine, terms); }

  TestSpec test = samples::test(with_gap_limit(1));
  MachineOutcome machine = samples::completed(samples::result());
  RunTerms terms = samples::terms();
  OverloadedHost() {
    terms.host_cores = 8;
    machine.seen.scenario = {milliseconds(1000), milliseconds(3000)};
  }
};

TEST_F(OverloadedHost, AFailureThatItExplainsIsInconclusive) {
  const Verdict verdict = judged();
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  ASSERT_GE(verdict.lines.size(), 2U);
  EXPECT_THAT(verdict.lines[0], HasSubstr("the host was overloaded"));
  EXPECT_THAT(verdict.lines[1], HasSubstr("limit 1 ms"));
  machine.seen.scenario = {milliseconds(3000), milliseconds(100)};
  EXPECT_EQ(judged().outcome, Outcome::kFailed);
}

TEST_F(OverloadedHost, NeitherVirtualTimeNorAPanicKnowsIt) {
  terms.virtual_time = true;
  EXPECT_EQ(judged().outcome, Outcome::kFailed);
  terms.virtual_time = false;
  machine.end = MachineEnd::kGuestPanic;
  EXPECT_EQ(judged().outcome, Outcome::kFailed);
  machine.end = MachineEnd::kHung;
  EXPECT_EQ(judged().outcome, Outcome::kInconclusive);
}

TEST_F(OverloadedHost, APassStaysOne) {
  test = samples::test();
  EXPECT_EQ(judged().outcome, Outcome::kPassed);
}

}  // namespace
}  // namespace ktstr::kvm
