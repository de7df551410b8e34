// SPDX-License-Identifier: Apache-2.0
#include "guest/scheduler_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "guest/elf_image.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TestSpec test_with(const std::string& scheduler) {
  return samples::test(
      R"({"name": "t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}], "scheduler": {"name": "s", "binary": "b", )" +
      scheduler + "}}");
}

TEST(SchedulerFiles, KeepTheirPathsOrGetOthers) {
  const samples::TemporaryDirectory project;
  project.write("conf/layers.json", "[]");
  project.write("run.sh", "#!");
  fs::permissions(project.path() / "run.sh", fs::perms::owner_all);
  const TestSpec test = test_with(
      R"("files": ["conf/layers.json", {"from": "run.sh", "to": "/etc/scx/run.sh"}, {"from": "run.sh", "to": "here"}])");
  GuestFiles taken;
  taken.sha256 = "of the program";
  MachineError error;
  ASSERT_TRUE(add_scheduler_files(project.path(), *test.scheduler, FileRoot(), taken, error))
      << error.message;
  const std::vector<Blob>& files = taken.files;
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].path, "/opt/ktstr/work/conf/layers.json");
  EXPECT_EQ(files[0].contents, "[]");
  EXPECT_EQ(files[0].mode, 0644U);
  EXPECT_EQ(files[1].path, "/etc/scx/run.sh");
  EXPECT_EQ(files[1].mode, 0755U);
  EXPECT_EQ(files[2].path, "/opt/ktstr/work/here");
}

TEST(SchedulerFiles, AnArgumentThatNamesAFileBringsIt) {
  const samples::TemporaryDirectory project;
  project.write("conf/layers.json", "[]");
  project.write("more.json", "{}");
  fs::create_symlink("/etc/passwd", project.path() / "link");
  const TestSpec test = test_with(
      R"("args": ["--config=conf/layers.json", "f:more.json", "conf/layers.json", "conf", "link", "../x", "/etc/passwd", "--box", "", "="],)"
      R"("files": [{"from": "more.json", "to": "/etc/more.json"}])");
  GuestFiles taken;
  MachineError error;
  ASSERT_TRUE(add_scheduler_files(project.path(), *test.scheduler, FileRoot(), taken, error))
      << error.message;
  ASSERT_EQ(taken.files.size(), 3U);
  EXPECT_EQ(taken.files[0].path, "/etc/more.json");
  EXPECT_EQ(taken.files[1].path, "/opt/ktstr/work/conf/layers.json");
  EXPECT_EQ(taken.files[2].path, "/opt/ktstr/work/more.json");
}

TEST(SchedulerFiles, OnlyFilesOfTheProject) {
  const samples::TemporaryDirectory project;
  fs::create_symlink("/etc/passwd", project.path() / "link");
  fs::create_directory(project.path() / "folder");
  const std::pair<const char*, const char*> kRows[] = {
      {"link", "lies outside the project"}, {"folder", "is not a file"}, {"none", "does not exist"}};
  for (const auto& [name, problem] : kRows) {
    GuestFiles files;
    MachineError error;
    EXPECT_FALSE(add_scheduler_files(project.path(),
                                     *test_with("\"files\": [\"" + std::string(name) + "\"]").scheduler,
                                     FileRoot(), files, error));
    EXPECT_THAT(error.message,
                HasSubstr("the file " + std::string(name) + " of the scheduler \"s\" " + problem));
  }
}

TEST(SchedulerFiles, AProgramBringsItsLibrariesAndCountsInTheHash) {
  const samples::TemporaryDirectory project;
  fs::create_directories(project.path() / "root/lib64");
  samples::ElfImage program{"/lib64/ld.so", {"libx.so"}};
  project.write("scx_real", program.bytes());
  project.write("root/lib64/ld.so", samples::ElfImage{}.bytes());
  project.write("root/lib64/libx.so", samples::ElfImage{}.bytes());
  const TestSpec test = test_with(R"("files": ["scx_real"])");
  const auto take = [&] {
    GuestFiles files;
    files.sha256 = "of the wrapper";
    files.files = {{"/opt/ktstr/bin/s", 0755, "#!/bin/sh\n"},
                   {"/lib64/ld.so", 0755, samples::ElfImage{}.bytes()}};
    MachineError error;
    EXPECT_TRUE(
        add_scheduler_files(project.path(), *test.scheduler, FileRoot(project.path() / "root"), files, error))
        << error.message;
    return files;
  };
  const GuestFiles first = take();
  ASSERT_EQ(first.files.size(), 4U);  // the loader was there already
  EXPECT_EQ(first.files[2].path, "/opt/ktstr/work/scx_real");
  EXPECT_EQ(first.files[3].path, "/lib/x86_64-linux-gnu/libx.so");
  EXPECT_EQ(take().sha256, first.sha256);
  program.runpath = "/elsewhere";
  project.write("scx_real", program.bytes());
  EXPECT_NE(take().sha256, first.sha256);
}

TEST(SchedulerFiles, ManifestsSayWhatIsWrong) {
  const std::pair<const char*, const char*> kRows[] = {
      {R"("files": ["../x"])",
       "files[0]: expected the path of a file, relative to the project and inside it"},
      {R"("files": ["/etc/passwd"])", "inside it"},
      {R"("files": [{"from": "a", "to": "/proc/x"}])", "nothing can be put at /proc/x"},
      {R"("files": [{"from": "a", "to": "/opt/ktstr/work/../bin/s"}])",
       "nothing can be put at /opt/ktstr/bin/s"},
      {R"("files": [{"form": "a", "to": "b"}])", "unknown key \"form\""},
      {R"("env": {"A-B": "x"})", "an environment variable is named"},
      {R"("env": {"A": 1})", "expected a string"},
      {R"("env": ["A=b"])", "an object of names and values"},
      {R"("watchdog_timeout_ms": 30001)", "an integer from 100 to 30000"}};
  for (const auto& [scheduler, problem] : kRows) {
    EXPECT_THAT(samples::error_of([&text = scheduler] { test_with(text); }), HasSubstr(problem)) << scheduler;
  }
}

TEST(KernelConfiguration, LiesBesideTheImage) {
  const samples::TemporaryDirectory kernels;
  std::vector<Blob> files;
  add_kernel_configuration(kernels.write("image", "bzImage"), "6.18", files);
  EXPECT_THAT(files, IsEmpty());
  kernels.write("config", "CONFIG_HZ=250\n");
  kernels.write("config-6.18", "CONFIG_HZ=1000\n");
  add_kernel_configuration(kernels.path() / "image", "6.18", files);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, "/boot/config");
  EXPECT_EQ(files[0].contents, "CONFIG_HZ=1000\n");
  files.clear();
  add_kernel_configuration(kernels.path() / "image", "6.19", files);
  EXPECT_EQ(files.at(0).contents, "CONFIG_HZ=250\n");
}

TEST(KernelConfiguration, GivesWayToAFileOfTheManifest) {
  const samples::TemporaryDirectory kernels, project;
  kernels.write("config", "CONFIG_HZ=250\n");
  project.write("mine", "CONFIG_MINE=y\n");
  project.write("run.sh", "#!/run\n");
  fs::permissions(project.path() / "run.sh", fs::perms::owner_all);
  const TestSpec test = test_with(R"("files": [{"from": "mine", "to": "/boot/config"}])");
  GuestFiles taken;
  MachineError error;
  ASSERT_TRUE(add_scheduler_files(project.path(), *test.scheduler, FileRoot(), taken, error))
      << error.message;
  add_kernel_configuration(kernels.path() / "image", "6.18", taken.files);
  ASSERT_EQ(taken.files.size(), 1U);
  EXPECT_EQ(taken.files[0].contents, "CONFIG_MINE=y\n");
  PayloadSpec payload;  // whose files come after it
  payload.name = "p";
  payload.binary = "run.sh";
  static_cast<void>(add_payload_files(project.path(), payload, FileRoot(), taken, error));
}

}  // namespace
}  // namespace ktstr::kvm
