// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "perf_feed/perf_feed_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::keep;
using fakes::report;
using ::ktstr::testing::matches_golden;

constexpr const char* kBigger = R"({"format": "customBiggerIsBetter"})";
constexpr const char* kBencher = R"({"format": "bmf"})";
constexpr const char* kMetrics = R"({"format": "openmetrics"})";

TEST(PerfFeed, EveryFormat) {
  const fakes::FakeDocument document = fakes::ordinary_delta();
  const std::string smaller = report<PerfFeedReporter>(document),
                    bencher = report<PerfFeedReporter>(document, kBencher),
                    metrics = report<PerfFeedReporter>(document, kMetrics);
  EXPECT_TRUE(matches_golden("reporters/feed-smaller.json", smaller));
  EXPECT_TRUE(matches_golden("reporters/feed-bmf.json", bencher));
  EXPECT_TRUE(matches_golden("reporters/feed-metrics.txt", metrics));
  keep("benchmark/smaller.json", smaller);
  keep("bmf/delta.json", bencher);
  keep("openmetrics/delta.txt", metrics);
  const auto bigger = boost::json::parse(report<PerfFeedReporter>(document, kBigger)).as_array();
  ASSERT_EQ(bigger.size(), 1U);
  EXPECT_EQ(bigger[0].at("value").to_number<double>(), 640);
  keep("benchmark/bigger.json", boost::json::serialize(bigger));
}

TEST(PerfFeed, HostileAndHuge) {
  for (const auto& [name, document] :
       {std::pair<std::string, fakes::FakeDocument>{"hostile", fakes::hostile_delta()},
        {"many", fakes::many_changes()}}) {
    keep("benchmark/" + name + ".json", report<PerfFeedReporter>(document));
    keep("benchmark/" + name + "-bigger.json", report<PerfFeedReporter>(document, kBigger));
    keep("bmf/" + name + ".json", report<PerfFeedReporter>(document, kBencher));
    keep("openmetrics/" + name + ".txt", report<PerfFeedReporter>(document, kMetrics));
  }
  const std::string json = report<PerfFeedReporter>(fakes::hostile_delta());
  EXPECT_EQ(json.find("null"), std::string::npos) << "what is no number is left out";
  EXPECT_NE(report<PerfFeedReporter>(fakes::hostile_delta(), kMetrics).find(" +Inf\n"), std::string::npos);
}

TEST(PerfFeed, NoHalfComparison) {
  fakes::FakeDocument partial = fakes::ordinary_delta();
  partial.status = KTSTR_REPORT_CANCELLED;
  EXPECT_THROW(report<PerfFeedReporter>(partial), sdk::Error);
  EXPECT_NE(report<PerfFeedReporter>(fakes::ordinary_delta("inconclusive"), kMetrics)
                .find("ktstr_perf_delta_passed 0\n"),
            std::string::npos);
}

}  // namespace
}  // namespace ktstr::reporters
