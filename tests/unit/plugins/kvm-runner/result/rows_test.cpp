// SPDX-License-Identifier: Apache-2.0
//
// What the agent writes of a struct, the runner reads: both go through the same rows.
#include <gtest/gtest.h>

#include "agent/result_writer.hpp"
#include "result/rows_reader.hpp"

namespace ktstr::kvm {
namespace {

/// As it goes through the mailbox: as text.
boost::json::value sent(const boost::json::object& object) {
  return boost::json::parse(boost::json::serialize(object));
}

template <typename Struct>
Struct through(const Struct& from) {
  const boost::json::value object = sent(agent::object_of(from));
  return read_rows<Struct>(Field(object, "it"));
}

std::string problem_of(const boost::json::object& written) {
  const boost::json::value object = sent(written);
  try {
    read_rows<SchedulerReport>(Field(object, "it"));
  } catch (const ResultError& error) {
    return error.problem;
  }
  return "(no problem)";
}

TEST(ResultRows, ComeBackAsTheyWere) {
  const PayloadRun killed = through(PayloadRun{3, {}, 9, true, 17, 18, "out", "err"});
  EXPECT_EQ(killed.payload, 3U);
  EXPECT_FALSE(killed.exit_status);
  EXPECT_EQ(killed.signal, 9);
  EXPECT_TRUE(killed.stopped);
  EXPECT_EQ(killed.end_ns, 18U);
  EXPECT_EQ(killed.output + killed.errors, "outerr");
  SchedulerReport scheduler;
  scheduler.cause = SchedulerCause::kLeftForeground;
  scheduler.exit_status = 0;
  scheduler.log = "no UTF-8: \xff";
  scheduler = through(scheduler);
  EXPECT_EQ(scheduler.cause, SchedulerCause::kLeftForeground);
  EXPECT_EQ(scheduler.exit_status, 0);
  EXPECT_EQ(scheduler.log, "no UTF-8: \xef\xbf\xbd");
  EXPECT_EQ(through(GuestTask{7, -1, "sh", "D", 2, 6, "schedule", "a\nb"}).policy, 6U);
}

TEST(ResultRows, AreHeldToTheirBounds) {
  const boost::json::object fine = agent::object_of(SchedulerReport());
  const auto with = [&](const char* key, boost::json::value value) {
    boost::json::object other = fine;
    other[key] = std::move(value);
    return problem_of(other);
  };
  EXPECT_EQ(problem_of(fine), "(no problem)");
  EXPECT_NE(with("switched", kLargestCounter + 1).find("it.switched"), std::string::npos);
  EXPECT_NE(with("ops", boost::json::string(kLongestName + 1, 'x')).find("it.ops"), std::string::npos);
  EXPECT_NE(with("cause", "bad luck").find("is no cause: \"bad luck\""), std::string::npos);
  EXPECT_NE(with("switch_all", 1).find("it.switch_all"), std::string::npos);
  EXPECT_NE(with("exit_status", "0").find("it.exit_status"), std::string::npos);
  EXPECT_NE(with("more", 1).find("more"), std::string::npos);
  boost::json::object less = fine;
  less.erase("log");
  EXPECT_NE(problem_of(less).find("log"), std::string::npos);
}

}  // namespace
}  // namespace ktstr::kvm
