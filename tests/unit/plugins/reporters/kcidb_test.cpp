// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "kcidb/kcidb_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::keep;
using fakes::report;
using ::ktstr::testing::matches_golden;

TEST(Kcidb, TestsAndComparisons) {
  const std::string tests = report<KcidbReporter>(fakes::ordinary_tests()),
                    delta = report<KcidbReporter>(fakes::ordinary_delta());
  EXPECT_TRUE(matches_golden("reporters/kcidb-tests.json", tests));
  EXPECT_TRUE(matches_golden("reporters/kcidb-delta.json", delta));
  keep("kcidb/tests.json", tests);
  keep("kcidb/delta.json", delta);
}

TEST(Kcidb, WhatIsIncompleteIsNoPass) {
  const std::string text = report<KcidbReporter>(fakes::interrupted_tests());
  keep("kcidb/interrupted.json", text);
  std::size_t missing = 0;
  for (std::size_t at = text.find("\"MISS\""); at != std::string::npos; at = text.find("\"MISS\"", at + 1))
    ++missing;
  EXPECT_EQ(missing, 3U) << "two tests and the run\n" << text;
}

TEST(Kcidb, HostileAndHuge) {
  keep("kcidb/hostile-tests.json", report<KcidbReporter>(fakes::hostile_tests()));
  keep("kcidb/hostile-delta.json", report<KcidbReporter>(fakes::hostile_delta()));
  const std::string many = report<KcidbReporter>(fakes::many_tests());
  EXPECT_LT(many.size(), 40U << 20);
  keep("kcidb/many.json", many);
}

}  // namespace
}  // namespace ktstr::reporters
