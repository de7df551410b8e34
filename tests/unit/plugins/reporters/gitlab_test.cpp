// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "gitlab/gitlab_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::report;
using ::ktstr::testing::matches_golden;

TEST(Gitlab, FindingsOfTestsAndMetrics) {
  for (const auto& [name, document] :
       {std::pair{"tests", fakes::ordinary_tests()}, {"delta", fakes::ordinary_delta()}}) {
    const std::string text = report<GitlabReporter>(document);
    EXPECT_TRUE(matches_golden("reporters/gitlab-" + std::string(name) + ".json", text));
    fakes::keep("codequality/" + std::string(name) + ".json", text);
  }
}

TEST(Gitlab, AnEmptyListIsAPassAndNothingElseIs) {
  fakes::FakeDocument good;
  good.tests = {{"steady", "", ""}};
  EXPECT_EQ(report<GitlabReporter>(good), "[]\n");
  for (const auto& document :
       {fakes::interrupted_tests(), fakes::FakeDocument(), fakes::ordinary_delta("inconclusive")})
    EXPECT_NE(report<GitlabReporter>(document).find("ktstr/verdict"), std::string::npos);
}

TEST(Gitlab, AFingerprintOutlivesTheNumber) {
  fakes::FakeDocument later = fakes::ordinary_delta();
  later.changes.front().head = {9000};
  const auto fingerprint = [](const std::string& text) {
    return boost::json::parse(text).as_array().at(1).at("fingerprint").as_string();
  };
  EXPECT_EQ(fingerprint(report<GitlabReporter>(fakes::ordinary_delta())),
            fingerprint(report<GitlabReporter>(later)));
}

TEST(Gitlab, HostileAndHuge) {
  const std::string hostile = report<GitlabReporter>(fakes::hostile_tests());
  EXPECT_EQ(hostile.find('\x1b'), std::string::npos);
  fakes::keep("codequality/hostile-tests.json", hostile);
  fakes::keep("codequality/hostile-delta.json", report<GitlabReporter>(fakes::hostile_delta()));
  const std::string many = report<GitlabReporter>(fakes::many_tests());
  fakes::keep("codequality/many.json", many);
  EXPECT_LT(many.size(), 8U << 20);
  EXPECT_NE(many.find("1 more findings are left out"), std::string::npos) << many.substr(many.size() - 600);
}

}  // namespace
}  // namespace ktstr::reporters
