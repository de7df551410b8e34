// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/run_program.hpp"
#include "framework/temp_tree.hpp"
#include "images.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;
using testing::TempTree;

TEST(ReleaseOfImage, ReadsTheBootHeader) {
  EXPECT_EQ(release_of_image(fake_bzimage("6.18.12+deb14-cloud-amd64 (debian@x) #1 SMP")),
            "6.18.12+deb14-cloud-amd64");
  EXPECT_EQ(release_of_image(fake_bzimage("")), "");
  EXPECT_EQ(release_of_image(fake_bzimage("not-a-release")), "");
  EXPECT_EQ(release_of_image(fake_bzimage("6.1\x1b[1m")), "6.1");
}

TEST(ReleaseOfImage, SurvivesHostileHeaders) {
  EXPECT_EQ(release_of_image(""), "");
  EXPECT_EQ(release_of_image(std::string(0x206, 'x').replace(0x202, 4, "HdrS")), "");
  EXPECT_EQ(release_of_image(fake_bzimage("6.18", 0xffff)), "");
  EXPECT_EQ(release_of_image(fake_bzimage("6.18", 0)), "");
  std::string at_the_end = fake_bzimage("", 0x5fc);
  at_the_end.replace(0x7fc, 4, "6.18");  // no terminator
  EXPECT_EQ(release_of_image(at_the_end), "6.18");
  EXPECT_LE(release_of_image(fake_bzimage("6." + std::string(1000, '1'))).size(), 128U);
}

TEST(ReleaseOfImage, ReadsVmlinux) {
  EXPECT_EQ(release_of_image("\177ELF....Linux version %s\0Linux version 6.19.0-rc3 (x@y)"), "");
  EXPECT_EQ(
      release_of_image(std::string("\177ELF....Linux version %s") + '\0' + "Linux version 6.19.0-rc3 (x@y)"),
      "6.19.0-rc3");
  EXPECT_EQ(release_of_image("\177ELF no banner"), "");
  EXPECT_EQ(release_of_image("Linux version 6.19.0 "), "");
}

TEST(VersionOfRelease, TakesTheVersion) {
  EXPECT_EQ(version_of_release("6.18.12+deb14-cloud-amd64"), "6.18.12");
  EXPECT_EQ(version_of_release("6.19.0-rc3-00012-gabc"), "6.19.0-rc3");
  EXPECT_EQ(version_of_release("6.14.2"), "6.14.2");
  EXPECT_EQ(version_of_release("6.14."), "6.14");
  EXPECT_EQ(version_of_release("x"), "");
  EXPECT_EQ(version_of_release(""), "");
}

TEST(CompareVersions, ByValueWithCandidatesFirst) {
  EXPECT_EQ(compare_versions("6.9", "6.18"), -1);
  EXPECT_EQ(compare_versions("6.18.2", "6.18.12"), -1);
  EXPECT_EQ(compare_versions("6.18", "6.18.0"), 0);
  EXPECT_EQ(compare_versions("6.18.1", "6.18"), 1);
  EXPECT_EQ(compare_versions("6.19.0-rc3", "6.19"), -1);
  EXPECT_EQ(compare_versions("6.19-rc10", "6.19-rc9"), 1);
  EXPECT_EQ(compare_versions("6.19-rc1", "6.18.99"), 1);
  EXPECT_EQ(compare_versions("", "6.18"), -1);
  EXPECT_EQ(compare_versions("99999999999999999999", "1"), -1);  // absurd, but defined
}

TEST(VersionMatches, APrefixOfNumbers) {
  EXPECT_TRUE(version_matches("6.18", "6.18.12"));
  EXPECT_TRUE(version_matches("6.18", "6.18"));
  EXPECT_TRUE(version_matches("6", "6.18.12"));
  EXPECT_TRUE(version_matches("6.18.12", "6.18.12"));
  EXPECT_FALSE(version_matches("6.1", "6.18"));
  EXPECT_FALSE(version_matches("6.18.1", "6.18.12"));
  EXPECT_FALSE(version_matches("6.18.1", "6.18.1.2"));
  EXPECT_FALSE(version_matches("", "6.18"));
}

TEST(LooksLikeVersion, DigitsAndDots) {
  for (const char* good : {"6", "6.18", "6.18.12", "6.19-rc3"}) EXPECT_TRUE(looks_like_version(good)) << good;
  for (const char* bad : {"", ".", "6.", "v6.18", "6.18-cloud", "bzImage", "6.18 "})
    EXPECT_FALSE(looks_like_version(bad)) << bad;
}

TEST(KernelAtPath, ReadsAnImageWithItsConfig) {
  const TempTree tree;
  tree.write("boot/vmlinuz", fake_bzimage("6.18.12+deb14-cloud-amd64 x"));
  auto kernel = kernel_at_path(tree / "boot/vmlinuz");
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->version, "6.18.12");
  EXPECT_EQ(kernel->release, "6.18.12+deb14-cloud-amd64");
  EXPECT_EQ(kernel->image, tree / "boot/vmlinuz");
  EXPECT_EQ(kernel->sched_ext, std::nullopt);
  EXPECT_EQ(kernel->commit, "");
  tree.write("boot/config-6.18.12+deb14-cloud-amd64", "#\nCONFIG_SCHED_CLASS_EXT=y\n");
  EXPECT_EQ(kernel_at_path(tree / "boot/vmlinuz")->sched_ext, true);
  tree.write("boot/config-6.18.12+deb14-cloud-amd64", "#\n# CONFIG_SCHED_CLASS_EXT is not set\n");
  EXPECT_EQ(kernel_at_path(tree / "boot/vmlinuz")->sched_ext, false);
}

TEST(KernelAtPath, ReadsABuildTree) {
  const TempTree tree;
  tree.write("linux/arch/x86/boot/bzImage", fake_bzimage("6.19.0-rc1-old"));
  tree.write("linux/include/config/kernel.release", "6.19.0-rc3-new\n");
  tree.write("linux/.config", "CONFIG_A=y\nCONFIG_SCHED_CLASS_EXT=y\n");
  auto kernel = kernel_at_path(tree / "linux");
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(kernel->release, "6.19.0-rc3-new");
  EXPECT_EQ(kernel->version, "6.19.0-rc3");
  EXPECT_EQ(kernel->sched_ext, true);
  tree.write("linux/include/config/kernel.release", "\x1b[2J");
  EXPECT_EQ(kernel_at_path(tree / "linux")->release, "6.19.0-rc1-old");
}

TEST(KernelAtPath, KnowsTheCommitOfATree) {
  const TempTree tree;
  tree.write("linux/arch/x86/boot/bzImage", fake_bzimage("6.19.0"));
  tree.write("linux/Makefile", "a");
  const auto git = [&](std::vector<std::string> arguments) {
    std::vector<std::string> argv = {
        "git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return testing::run_program({argv,
                                 {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_SYSTEM", "/dev/null"}},
                                 {},
                                 false,
                                 (tree / "linux").string(),
                                 {},
                                 std::chrono::seconds(60)});
  };
  ASSERT_EQ(git({"init", "-q"}).exit_code, 0);
  EXPECT_EQ(kernel_at_path(tree / "linux")->commit, "");  // no commit yet
  ASSERT_EQ(git({"add", "Makefile"}).exit_code, 0);
  ASSERT_EQ(git({"commit", "-q", "-m", "x"}).exit_code, 0);
  const std::string head = git({"rev-parse", "HEAD"}).out.substr(0, 40);
  EXPECT_EQ(kernel_at_path(tree / "linux")->commit_full, head);
  EXPECT_EQ(kernel_at_path(tree / "linux")->commit, head.substr(0, 7));
  tree.write("linux/Makefile", "b");
  EXPECT_EQ(kernel_at_path(tree / "linux")->commit, head.substr(0, 7) + "-dirty");
}

TEST(KernelAtPath, SaysWhatIsWrong) {
  const TempTree tree;
  tree.write("text", "hello");
  tree.directory("linux");
  for (const auto& [path, message] :
       {std::pair{"none", "No such file"}, {"text", "is not a kernel image"}, {"linux", "no built kernel"}}) {
    const auto kernel = kernel_at_path(tree / path);
    ASSERT_FALSE(kernel);
    EXPECT_THAT(kernel.error().message, HasSubstr(message));
    EXPECT_EQ(kernel.error().code, ExitCode::kEnvironment);
  }
}

}  // namespace
}  // namespace ktstr
