// SPDX-License-Identifier: Apache-2.0
//
// The example of payloads as it stands, with each of its programs.
#include <gmock/gmock.h>

#include <algorithm>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

bool installed(const std::string& program) {
  const fs::path places[] = {"/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin"};
  return std::any_of(std::begin(places), std::end(places),
                     [&](const fs::path& place) { return fs::exists(place / program); });
}

class PayloadExamples : public VmCase, public ::testing::WithParamInterface<const char*> {};

TEST_P(PayloadExamples, ItsNumbersAreMetrics) {
  const std::string program = GetParam();
  ASSERT_TRUE(installed(program)) << program << " is not installed: tools/setup";
  std::ifstream in(KTSTR_PAYLOAD_EXAMPLES);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  json::parse_options options;
  options.allow_comments = true;
  json::object manifest = json::parse(text, {}, options).as_object();
  json::array only;
  for (const json::value& test : manifest.at("tests").as_array()) {
    if (test.at("name").as_string() == program) only.push_back(test);
  }
  ASSERT_EQ(only.size(), 1U);
  const std::size_t metrics = only[0].at("payloads").at(0).at("metrics").as_object().size();
  manifest["tests"] = only;
  const TestRecord record = run_one(json::serialize(manifest), {{"deterministic", true}});
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  const json::object sidecar = record.document();
  const json::array& told = sidecar.at("metrics").at(0).at("metrics").as_array();
  EXPECT_EQ(told.size(), metrics);
  for (const json::value& metric : told) EXPECT_GT(metric.at("value").to_number<double>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Programs, PayloadExamples,
                         ::testing::Values("cyclictest", "hackbench", "stress-ng", "fio"),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace ktstr::vm
