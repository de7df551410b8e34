// SPDX-License-Identifier: Apache-2.0
//
// Several kernels of one version: their runs stay apart, and they can be compared with each other.
#include "project.hpp"

namespace ktstr::testing {
namespace {

class KernelsOfOneVersion : public ::testing::Test {
 protected:
  KernelsOfOneVersion() {
    // Which numbers a run gives lies in a file that git ignores: the commit stays the same.
    project.write("tests/all.json", R"({"tests": [{"name": "alpha", "metrics_file": "built.txt"}]})");
    label = project.commit("one commit");
  }
  fs::path image(const std::string& name, const std::string& release) {
    project.tree.write(name, fake_bzimage(release + " (a@b) #" + name + " SMP"));
    return project.tree / name;
  }
  void run_on(const std::string& kernel, const char* numbers) {
    project.write("built.txt", numbers);
    const ProgramResult result = project.ktstr({"test", "--kernel", kernel});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  std::vector<std::string> runs() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(project.directory() / "target/ktstr")) {
      const std::string name = entry.path().filename().string();
      if (name.front() != '.') names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  Project project;
  std::string label;
};

TEST_F(KernelsOfOneVersion, NamedOnesAreApartAndCompare) {
  for (const char* name : {"before", "after"}) {
    ASSERT_EQ(project.ktstr({"kernel", "add", image(name, "6.18.15").string(), "--name", name}).exit_code, 0);
    run_on(name, name[0] == 'b' ? Project::kGood : Project::kBad);
  }
  EXPECT_EQ(runs(), (std::vector<std::string>{"6.18.15-after-" + label, "6.18.15-before-" + label}));
  const ProgramResult delta =
      project.ktstr({"perf-delta", "--axis", "kernel", "before", "after", "--fail-threshold", "1", "--json"});
  EXPECT_EQ(delta.exit_code, 1) << delta.err;
  EXPECT_EQ(json::parse(delta.out).at("counts").at("regressed"), 2) << delta.out;
}

TEST_F(KernelsOfOneVersion, ImagesByPathAreToldApartByTheirBytes) {
  run_on(image("first", "6.18.15-local").string(), Project::kGood);
  run_on(image("second", "6.18.15-local").string(), Project::kBad);
  run_on(image("first", "6.18.15-local").string(), Project::kGood);
  ASSERT_EQ(runs().size(), 2U);
  EXPECT_TRUE(std::regex_match(runs()[0], std::regex("6[.]18[.]15-h[0-9a-f]{7}-" + label))) << runs()[0];
}

TEST_F(KernelsOfOneVersion, TheImageOfACachedKernelIsThatKernel) {
  ASSERT_EQ(project.ktstr({"kernel", "add", image("mine", "6.18.15").string(), "--name", "mine"}).exit_code,
            0);
  run_on((project.tree / "cache/kernels/mine/image").string(), Project::kGood);
  EXPECT_EQ(runs(), std::vector<std::string>{"6.18.15-mine-" + label});
}

}  // namespace
}  // namespace ktstr::testing
