// SPDX-License-Identifier: Apache-2.0
#include "measure/timeline.hpp"

#include <gtest/gtest.h>

namespace ktstr {
namespace {

std::string timeline(const std::string& phases) {
  return to_text(timeline_of(R"({"stats": {"phases": )" + phases + "}}"), 0);
}

TEST(Timeline, PhasesByTime) {
  EXPECT_EQ(
      timeline(R"([{"label": "b", "start_ms": 5, "end_ms": 9}, {"label": "a", "start_ms": 0, "end_ms": 5}])"),
      R"([{"label":"a","begin_ms":0,"end_ms":5},{"label":"b","begin_ms":5,"end_ms":9}])");
}

TEST(Timeline, WhatIsNoPhaseIsLeftOut) {
  EXPECT_EQ(
      timeline(
          R"([7, {}, {"start_ms": 5, "end_ms": 4}, {"start_ms": -1, "end_ms": 4}, {"start_ms": "0", "end_ms": 4}])"),
      "[]");
  EXPECT_EQ(timeline(R"([{"label": "\u001b[1m", "start_ms": 0, "end_ms": 0}])"),
            R"([{"label":"\\x1b[1m","begin_ms":0,"end_ms":0}])");
  for (const char* text : {"", "{}", "[]", R"({"stats": 1})", R"({"stats": {"phases": {}}})"})
    EXPECT_TRUE(timeline_of(text).empty()) << text;
}

TEST(Timeline, IsNoLongerThanAllowed) {
  std::string phases;
  for (int i = 0; i < 150; ++i)
    phases += R"(,{"label": ")" + std::string(500, 'x') + R"(", "start_ms": 1, "end_ms": 2})";
  const json::array found = timeline_of(R"({"stats": {"phases": [)" + phases.substr(1) + "]}}");
  EXPECT_EQ(found.size(), 100U);
  EXPECT_LT(to_text(found, 0).size(), 20'000U);
}

}  // namespace
}  // namespace ktstr
