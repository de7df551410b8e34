// SPDX-License-Identifier: Apache-2.0
#include "show/explore.hpp"

#include <gtest/gtest.h>

namespace ktstr::testing {
namespace {

std::string told_with(const Moment& moment) {
  ExploreOutcome outcome;
  outcome.replay = "test --deterministic";
  Discovery finding;
  finding.test = "wakeups";
  finding.kind = "bounded starvation";
  finding.message = "a worker waited";
  finding.file = "target/explore/x.json";
  finding.count = 1;
  finding.moment = moment;
  outcome.state.findings.push_back(finding);
  return explore_text(outcome, 200);
}

TEST(ExploreText, TellsTheMomentOfWhatItIs) {
  EXPECT_NE(told_with({"found", 190, 192})
                .find("a worker waited; inevitable from +192 ms on: the kernel's own "
                      "scheduler, taking over at +190 ms, still averts it"),
            std::string::npos);
  EXPECT_NE(told_with({"found", 0, 5, true})
                .find("a worker waited; as it was found, inevitable from +5 ms on: a takeover"),
            std::string::npos);
  EXPECT_NE(told_with({"never", 0, 1, true})
                .find("as it was found, another scheduler that takes over at once does not"),
            std::string::npos);
  for (const char* state : {"no_takeover", "open"})
    EXPECT_EQ(told_with({state}).find("inevitable"), std::string::npos) << state;
}

}  // namespace
}  // namespace ktstr::testing
