// SPDX-License-Identifier: Apache-2.0
//
// `ktstr bisect` over kernels: cached ones, packages that are fetched when it is their turn, and commits of a
// tree that a command builds. The runner does on each kernel what its manifest says.
#include <gmock/gmock.h>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;

/// Five kernels. "load" gets worse with 6.17.1, "young" fails from there on.
class KernelBisect : public ::testing::Test {
 protected:
  KernelBisect() {
    for (const char* version : {"6.12.3", "6.16.4", "6.17.1", "6.17.9"}) add_kernel(version);
    tests_of(R"("on_kernel": {"6.17.1": {"metrics": {"worst_gap_ms": 2000}},
                              "6.17.9": {"metrics": {"worst_gap_ms": 2000}},
                              "6.18.2": {"metrics": {"worst_gap_ms": 2000}}})");
  }
  void add_kernel(const std::string& version) const {
    project.tree.write(version, fake_bzimage(version + " (a@b) #1 SMP"));
    EXPECT_EQ(project.ktstr({"kernel", "add", (project.tree / version).string()}).exit_code, 0);
  }
  void tests_of(const std::string& load) const {
    project.write("tests/all.json", R"({"tests": [{"name": "load", "metrics": {"worst_gap_ms": 20}, )" +
                                        load + R"(}, {"name": "calm"}]})");
    project.commit("tests by kernel");
  }
  ProgramResult bisect(const Arguments& more, const Variables& variables = {}) const {
    Arguments all{"bisect", "load", "--deterministic", "--noise-adjust", "2"};
    all.insert(all.end(), more.begin(), more.end());
    return project.ktstr(all, variables);
  }
  static json::value checked(const ProgramResult& result) {
    const json::value document = parsed(result);
    expect_schemas({{"bisect", document}});
    return document;
  }
  static std::string verdicts(const json::value& document, const char* line) {
    std::string out;
    for (const json::value& one : document.at(line).as_array())
      out += one.at("verdict").is_null() ? '-' : one.at("verdict").as_string().front();
    return out;
  }
  Project project;
};

TEST_F(KernelBisect, FindsTheFirstKernelThatIsWorse) {
  const ProgramResult result = bisect({"--kernel", "6.12..6.18", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json::value document = checked(result);
  EXPECT_EQ(document.at("searched"), "kernels");
  EXPECT_EQ(document.at("first_bad"), "6.17.1");
  EXPECT_EQ(verdicts(document, "kernels"), "ggb-b") << "oldest first, and no more measured than needed";
  EXPECT_EQ(document.at("kernels").at(2).at("metric"), "worst_gap_ms");
  EXPECT_EQ(document.at("kernels").at(2).at("head").to_number<double>(), 2000);
  const ProgramResult text = bisect({"--kernel", "6.12", "--kernel", "6.16..6.17"});
  EXPECT_THAT(text.out, HasSubstr("first bad kernel: 6.17.1 6.17.1\n"));
  EXPECT_THAT(text.out, HasSubstr("next: ktstr perf-delta --axis kernel 6.16.4 6.17.1 -E '(test(~load))' "
                                  "--noise-adjust 2 --deterministic"))
      << "what can be typed";
}

TEST_F(KernelBisect, AFailureThatOthersDoNotHaveIsBad) {
  tests_of(R"("on_kernel": {"6.17.9": {"outcome": "failed", "message": "stalled"},
                            "6.18.2": {"outcome": "failed", "message": "stalled"}})");
  const ProgramResult result = bisect({"--kernel", "6.12..6.18", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json::value document = checked(result);
  EXPECT_EQ(document.at("first_bad"), "6.17.9");
  EXPECT_EQ(document.at("kernels").at(3).at("note"), "load failed in 2 of 2 runs");
}

TEST_F(KernelBisect, AKernelThatDoesNotBootIsSkipped) {
  const auto with = [&](const char* broken) {
    tests_of(R"("on_kernel": {")" + std::string(broken) +
             R"(": {"outcome": "error", "message": "the guest did not boot"},
                "6.17.9": {"metrics": {"worst_gap_ms": 2000}}, "6.18.2": {"metrics": {"worst_gap_ms": 2000}}})");
  };
  with("6.16.4");
  const ProgramResult aside = bisect({"--kernel", "6.12..6.18", "--json"});
  EXPECT_EQ(aside.exit_code, 0) << aside.err;
  EXPECT_EQ(parsed(aside).at("first_bad"), "6.17.9");
  with("6.17.1");
  const ProgramResult between = bisect({"--kernel", "6.12..6.18", "--json"});
  EXPECT_EQ(between.exit_code, 5) << between.out << between.err;
  const json::value document = checked(between);
  EXPECT_TRUE(document.at("first_bad").is_null());
  EXPECT_EQ(json::serialize(document.at("suspects")), R"(["6.17.1","6.17.9"])");
  EXPECT_EQ(verdicts(document, "kernels"), "ggsbb");
  EXPECT_EQ(bisect({"--kernel", "6.12..6.16", "--kernel", "6.17.9", "--strict"}).exit_code, 0);
  with("6.12.3");
  expect_error(bisect({"--kernel", "6.12..6.18"}), 3,
               {"kernel 6.18.2 cannot be compared with kernel 6.12.3"});
}

TEST_F(KernelBisect, GoesOnWhereItStopped) {
  const ProgramResult once = bisect({"--kernel", "6.12..6.18", "--json"});
  const ProgramResult again = bisect({"--kernel", "6.12..6.18", "--json", "--resume"});
  EXPECT_EQ(again.out, once.out);
  EXPECT_EQ(again.err.find("passes in"), std::string::npos) << "nothing is left to run\n" << again.err;
}

TEST_F(KernelBisect, EqualEndsAreInconclusiveAndMistakesAreNamed) {
  expect_error(bisect({"--kernel", "6.17..6.18"}), 5, {"kernel 6.18.2 is not worse than kernel 6.17.1"});
  expect_error(bisect({"--kernel", "6.18"}), 2, {"nothing to search in one kernel"});
  expect_error(bisect({"--kernel", "6.18..6.12"}), 2, {"begins behind its end"});
  expect_error(bisect({}), 2, {"what is to be searched?"});
  expect_error(bisect({"--good", "HEAD~1"}), 2, {"--bad is missing"});
  expect_error(bisect({"--good", "A", "--bad", "B", "--kernel", "6.17", "--kernel", "6.18"}), 2,
               {"--kernel is given twice"});
  expect_error(bisect({"--good", "A", "--bad", "B", "--kernel-git", "x"}), 2, {"belong together"});
  expect_error(project.ktstr({"bisect", "--kernel", "6.12..6.18"}), 2, {"which tests show it?"});
  expect_error(project.ktstr({"bisect", "laod", "--kernel", "6.12..6.18"}), 2,
               {"selects no performance_mode test"});
}

/// apt's programs with one package, whose kernel is worse; each download leaves a line.
void write_fake_apt(const Project& project) {
  project.tree.write("packaged", fake_bzimage("6.17.0-cloud-amd64 (a@b) #1 SMP"));
  const std::string root = project.tree.path().string();
  const auto program = [&](const std::string& name, const std::string& body) {
    project.tree.write("bin/" + name, "#!/bin/sh\n" + body + "\n");
    fs::permissions(project.tree / ("bin/" + name), fs::perms(0755));
  };
  program("apt-get", R"(for last; do :; done
case "$*" in *download*) echo "$last" >> )" +
                         root + R"(/downloads; : > "$last.deb";; esac)");
  program("apt-cache", "echo linux-image-6.17.0-cloud-amd64; echo linux-image-5.10.1-cloud-amd64");
  program("dpkg-deb",
          "mkdir -p \"$3/boot\"; cp " + root + "/packaged \"$3/boot/vmlinuz-6.17.0-cloud-amd64\"");
}

TEST_F(KernelBisect, FetchesAPackageWhenItIsItsTurn) {
  tests_of(R"("on_kernel": {"6.17.0": {"metrics": {"worst_gap_ms": 2000}},
                            "6.17.1": {"metrics": {"worst_gap_ms": 2000}},
                            "6.17.9": {"metrics": {"worst_gap_ms": 2000}}})");
  write_fake_apt(project);
  const Variables path{{"PATH", (project.tree / "bin").string() + ":" + std::getenv("PATH")}};
  const ProgramResult without = bisect({"--kernel", "6.12..6.17", "--json"}, path);
  EXPECT_EQ(parsed(without).at("first_bad"), "6.17.1") << without.err;
  const ProgramResult result = bisect({"--kernel", "6.12..6.17", "--fetch", "--json"}, path);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json::value document = checked(result);
  EXPECT_EQ(document.at("first_bad"), "6.17.0");
  EXPECT_EQ(document.at("kernels").at(2).at("summary"), "6.17.0-cloud-amd64");
  EXPECT_EQ(project.tree.read(project.tree / "downloads"), "linux-image-6.17.0-cloud-amd64\n")
      << "none outside of the range";
}

/// A git repository whose build command makes a kernel of the version that each commit says.
TEST_F(KernelBisect, BuildsTheCommitsOfAKernelTree) {
  const fs::path linux_tree = project.tree.directory("linux");
  const auto git = [&](const Arguments& arguments) {
    Arguments all{"-C", linux_tree.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return project.git(all);
  };
  git({"init", "-q", "-b", "main"});
  std::vector<std::string> commits;
  for (const char* version : {"6.12.3", "6.16.4", "broken", "6.17.1", "6.18.2"}) {
    const std::string name = version;
    project.tree.write("linux/image", name == "broken" ? name : fake_bzimage(name + " (a@b) #1 SMP"));
    project.tree.write("linux/release", name + "\n");
    git({"add", "-A"});
    git({"commit", "-q", "-m", "Linux " + name});
    commits.push_back(git({"rev-parse", "HEAD"}));
  }
  const std::string build =
      "grep -q '^6' release && mkdir -p arch/x86/boot include/config && cp image arch/x86/boot/bzImage && "
      "cp release include/config/kernel.release && echo built >> " +
      (project.tree / "builds").string();
  const Arguments arguments{"--kernel-git", linux_tree.string(), "--kernel-build", build,
                            "--good",       commits.front(),     "--bad",          commits.back(),
                            "--json"};
  const ProgramResult result = bisect(arguments);
  EXPECT_EQ(result.exit_code, 5) << result.out << result.err;
  const json::value document = checked(result);
  EXPECT_EQ(document.at("searched"), "kernel_commits");
  EXPECT_EQ(json::serialize(document.at("suspects")), json::serialize(json::array{commits[2], commits[3]}));
  EXPECT_EQ(verdicts(document, "commits"), "ggsbb");
  EXPECT_EQ(document.at("commits").at(3).at("summary"), "Linux 6.17.1");
  EXPECT_EQ(bisect(arguments).out, result.out);
  EXPECT_EQ(project.tree.read(project.tree / "builds"), "built\nbuilt\nbuilt\nbuilt\n")
      << "what was built once is in the cache";
}

}  // namespace
}  // namespace ktstr::testing
