// SPDX-License-Identifier: Apache-2.0
//
// A project whose store is a bucket, for the tests of what goes well and of what does not.
#pragma once
#include <gmock/gmock.h>

#include "s3_project.hpp"

namespace ktstr::testing {

inline const std::vector<std::string> kAllPassed = {"alpha passed", "beta passed", "plain passed"};

class S3Case : public ::testing::Test {
 protected:
  /// Many tests that take a moment each.
  void many_tests(int count, int sleep_ms) const {
    json::array tests;
    for (int i = 0; i < count; ++i)
      tests.push_back(json::object{{"name", "t" + std::to_string(100 + i)}, {"sleep_ms", sleep_ms}});
    project.write("tests/all.json", json::serialize(json::object{{"tests", tests}}));
    project.commit("many tests");
  }
  void expect_no_secret(const ProgramResult& result) const {
    for (const std::string& text : {result.out, result.err}) {
      EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr(project.secret())));
      EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("AWS4-HMAC-SHA256")));
    }
  }

  S3Project project;
};

}  // namespace ktstr::testing
