// SPDX-License-Identifier: Apache-2.0
#include "runner/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/keys.hpp"
#include "runner/host_resources.hpp"
#include "runner/request.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using samples::error_of;
using ::testing::HasSubstr;

TEST(Options, DefaultsAndValues) {
  EXPECT_EQ(parse_options("{}").accel, AcceleratorChoice::kAuto);
  EXPECT_EQ(parse_options("{}").template_budget_mib, 4096U);
  const RunnerOptions options = parse_options(
      R"({"accel": "tcg", "qemu": "/q", "memory_limit_mib": 9, "cold": true, "scratch_dir": "/s"})");
  EXPECT_EQ(options.accel, AcceleratorChoice::kTcg);
  EXPECT_EQ(options.qemu, "/q");
  EXPECT_EQ(options.memory_limit_mib, 9U);
  EXPECT_TRUE(options.cold);
  EXPECT_EQ(options.scratch_dir, "/s");
}

TEST(Options, SchedulersOfTheProjectAreReadAsManifestsHaveThem) {
  const RunnerOptions options = parse_options(R"({"schedulers": {"a": {"binary": "b", "args": ["-x"]}}})");
  EXPECT_EQ(options.schedulers.at("a").at("binary").as_string(), "b");
  EXPECT_TRUE(
      parse_options(R"({"schedulers": {"a": {"binary": "b", "metrics": {"m": {"map": "x", "key": 3}}}}})")
          .schedulers.contains("a"));
  EXPECT_THAT(error_of([] { parse_options(R"({"schedulers": []})"); }),
              HasSubstr("option \"schedulers\": expected an object"));
  std::vector<std::string> told, known(keys::kOfSchedulersTests.begin(), keys::kOfSchedulersTests.end());
  for (const std::string_view key : keys::kScheduler) {
    if (key != "name") known.emplace_back(key);
  }
  const boost::json::value schema = boost::json::parse(kOptionsSchema);
  for (const auto& entry :
       schema.at("properties").at("schedulers").at("additionalProperties").at("properties").as_object())
    told.emplace_back(entry.key());
  EXPECT_THAT(told, ::testing::UnorderedElementsAreArray(known));
}

TEST(Options, MistakesAreNamed) {
  EXPECT_THAT(error_of([] { parse_options(R"({"acel": "kvm"})"); }),
              HasSubstr("unknown option \"acel\" (did you mean \"accel\"?)"));
  EXPECT_THAT(error_of([] { parse_options(R"({"accel": "hvf"})"); }),
              HasSubstr("unknown accelerator \"hvf\""));
  EXPECT_THAT(error_of([] { parse_options(R"({"scratch_dir": "x"})"); }),
              HasSubstr("option \"scratch_dir\": expected an absolute path"));
  EXPECT_THAT(error_of([] { parse_options("[]"); }), HasSubstr("expected an object"));
}

TEST(Request, ReadsWhatTheHostSays) {
  const RunnerRequest request =
      parse_request(R"({"project_dir": "/p", "manifests": ["/p/a.json"], "cache_dir": "/c", "tests": ["x"],
    "kernel": {"image": "/k", "version": "6.18.12", "release": "6.18.12-r"}, "performance_only": true, "seed": 18446744073709551615,
    "deterministic": true, "cold": false, "trace": true, "jobs": 3, "label": "head", "later": {"a": 1}})");
  EXPECT_EQ(request.project_dir, "/p");
  EXPECT_EQ(request.manifests.at(0), "/p/a.json");
  EXPECT_EQ(request.tests.at(0), "x");
  EXPECT_EQ(request.kernel->release, "6.18.12-r");
  EXPECT_TRUE(request.performance_only && request.deterministic);
  EXPECT_EQ(request.seed, UINT64_MAX);
  EXPECT_EQ(request.jobs, 3U);
  EXPECT_FALSE(parse_request("{}").kernel);
  EXPECT_FALSE(parse_request(R"({"kernel": null})").kernel);
}

TEST(Request, RefusesNonsense) {
  EXPECT_THAT(error_of([] { parse_request(R"({"project_dir": "relative"})"); }),
              HasSubstr("expected an absolute path"));
  EXPECT_THAT(error_of([] { parse_request(R"({"kernel": {}})"); }), HasSubstr("\"image\" is missing"));
  EXPECT_THAT(error_of([] { parse_request(R"({"seed": -1})"); }), HasSubstr("seed"));
  EXPECT_THAT(error_of([] { parse_request("nope"); }), HasSubstr("not valid JSON"));
}

TEST(HostResources, ReadsQuotaAndMemory) {
  EXPECT_EQ(quota_cores("max 100000\n"), 0U);
  EXPECT_EQ(quota_cores("200000 100000\n"), 2U);
  EXPECT_EQ(quota_cores("50000 100000\n"), 1U);
  EXPECT_EQ(quota_cores("1 0"), 0U);
  EXPECT_EQ(quota_cores(""), 0U);
  EXPECT_EQ(available_bytes("MemTotal: 9 kB\nMemAvailable:   1024 kB\n"), 1024U * 1024U);
  EXPECT_EQ(available_bytes("nothing"), 0U);
  EXPECT_GE(host_resources().cores, 1U);
  EXPECT_GT(host_resources().memory_bytes, 0U);
}

}  // namespace
}  // namespace ktstr::kvm
