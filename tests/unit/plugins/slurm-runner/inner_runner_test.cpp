// SPDX-License-Identifier: Apache-2.0
#include "inner_runner.hpp"

#include <gtest/gtest.h>

#include <ktstr/kit/mistake.hpp>

namespace ktstr::slurm {
namespace {

TEST(InnerRunner, TestsAreReadAsTheyWereTold) {
  const auto tests = parse_discovered(
      R"({"tests": [{"name": "a@x", "topology": "1n1l2c1t", "scheduler": "x", "work_type": "PipeIo", "manifest": "/p/a.json",
          "performance_mode": true, "test": "a", "duration_ms": 500, "program": "bin/x", "demands": "[]", "inputs": "{}"}]})");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].name, "a@x");
  EXPECT_EQ(tests[0].test, "a");
  EXPECT_TRUE(tests[0].performance_mode);
  EXPECT_EQ(tests[0].duration_ms, 500U);
  EXPECT_EQ(tests[0].inputs, "{}");
}

TEST(InnerRunner, ItsErrorsAreItsOwn) {
  const std::pair<int, ktstr_status> codes[] = {
      {2, KTSTR_INVALID_ARGUMENT}, {3, KTSTR_UNAVAILABLE}, {130, KTSTR_CANCELLED}, {4, KTSTR_INTERNAL}};
  for (const auto& [code, status] : codes) {
    try {
      parse_discovered(R"({"failure": {"code": )" + std::to_string(code) +
                       R"(, "message": "a.json: no such key", "hint": "mend it"}})");
      ADD_FAILURE() << code;
    } catch (const sdk::Error& error) {
      EXPECT_EQ(error.status(), status);
      EXPECT_EQ(error.message(), "a.json: no such key");
      EXPECT_EQ(error.hint(), "mend it");
    }
  }
  EXPECT_THROW(parse_discovered("{}"), Mistake);
  EXPECT_THROW(parse_discovered(R"({"tests": [{}]})"), Mistake);
}

TEST(InnerRunner, AFarmIsNotHandedToAFarm) {
  SlurmOptions options;
  EXPECT_EQ(task_document(options, {}).at("runner"), "kvm");
  options.runner = "slurm-host";
  EXPECT_THROW(task_document(options, {}), sdk::Error);
}

}  // namespace
}  // namespace ktstr::slurm
