// SPDX-License-Identifier: Apache-2.0
#include "guest/test_inputs.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

TEST(TestInputs, AreManifestProgramsAndFiles) {
  const samples::TemporaryDirectory project;
  project.write("conf.json", "{}");
  TestSpec test = samples::test(R"({"name": "t",
    "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}],
    "scheduler": {"name": "s", "binary": "build/s", "files": ["data/a"], "args": ["--config=conf.json"]}})");
  test.manifest = "/p/tests/t.json";
  const boost::json::value inputs = boost::json::parse(inputs_json(test, project.path()));
  EXPECT_EQ(inputs.at("files"), (boost::json::array{"/p/tests/t.json", "build/s", "data/a", "conf.json"}));
  EXPECT_EQ(inputs.at("schedulers"), boost::json::array{"s"});
}

}  // namespace
}  // namespace ktstr::kvm
