// SPDX-License-Identifier: Apache-2.0
#include "guest/guest_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(GuestFiles, ADynamicProgramBringsItsLibraries) {
  const fs::path self = fs::read_symlink("/proc/self/exe");  // this test: dynamic, with libstdc++
  GuestFiles files;
  MachineError error;
  ASSERT_TRUE(collect_guest_files("/", self, FileRoot(), files, error)) << error.message;
  EXPECT_FALSE(files.from_project);
  EXPECT_EQ(files.program, "/opt/ktstr/bin/kvm-runner-test");
  EXPECT_EQ(files.sha256.size(), 64U);
  const auto has = [&](std::string_view suffix) {
    return std::any_of(files.files.begin(), files.files.end(), [&](const Blob& blob) {
      return blob.path.ends_with(suffix) && !blob.contents.empty();
    });
  };
  EXPECT_TRUE(has("/libc.so.6"));
  EXPECT_TRUE(has("/libstdc++.so.6"));
  EXPECT_TRUE(has("/ld-linux-x86-64.so.2"));
  EXPECT_EQ(files.files.front().path, files.program);
}

TEST(GuestFiles, PathsStayInsideTheProject) {
  const samples::TemporaryDirectory directory;
  directory.write("outside", "x");
  directory.write("project/inside", "x");
  const fs::path project = directory.path() / "project";
  fs::create_symlink(directory.path() / "outside", project / "link");
  fs::path resolved;
  MachineError error;
  EXPECT_TRUE(resolve_program(project, "inside", "the scheduler", resolved, error));
  EXPECT_FALSE(resolve_program(project, "../outside", "the scheduler", resolved, error));
  EXPECT_THAT(error.message, HasSubstr("lies outside the project"));
  EXPECT_FALSE(resolve_program(project, "link", "the scheduler", resolved, error));
  EXPECT_THAT(error.message, HasSubstr("lies outside the project"));
  EXPECT_TRUE(resolve_program(project, directory.path() / "outside", "the scheduler", resolved, error));
  EXPECT_FALSE(resolve_program(project, "missing", "the scheduler", resolved, error));
  EXPECT_THAT(error.message, HasSubstr("the scheduler missing does not exist"));
  EXPECT_THAT(error.hint, HasSubstr("build"));
}

TEST(GuestFiles, OnlyPrograms) {
  const samples::TemporaryDirectory directory;
  directory.write("notes", "text\n");
  GuestFiles files;
  MachineError error;
  EXPECT_FALSE(collect_guest_files(directory.path(), "notes", FileRoot(), files, error));
  EXPECT_EQ(error.message, "the scheduler notes is neither an x86-64 ELF program nor a script");
  EXPECT_THAT(error.hint, HasSubstr("#!/bin/sh"));
  EXPECT_FALSE(collect_guest_files(directory.path(), ".", FileRoot(), files, error));
  EXPECT_THAT(error.message, HasSubstr("is not a regular file"));
  ASSERT_EQ(::mkfifo((directory.path() / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(collect_guest_files(directory.path(), "pipe", FileRoot(), files,
                                   error));  // and does not wait for a writer
  EXPECT_THAT(error.message, HasSubstr("is not a regular file"));
}

TEST(GuestFiles, AScriptBringsItsInterpreter) {
  const samples::TemporaryDirectory directory;
  directory.write("wrapper", "#!/bin/sh -e\nexec /opt/ktstr/bin/scx_real\n");
  GuestFiles files;
  MachineError error;
  ASSERT_TRUE(collect_guest_files(directory.path(), "wrapper", FileRoot(), files, error)) << error.message;
  std::vector<std::string> paths;
  for (const Blob& blob : files.files) paths.push_back(blob.path);
  ASSERT_GE(paths.size(), 3U);
  EXPECT_EQ(paths[0], "/opt/ktstr/bin/wrapper");
  EXPECT_EQ(paths[1], "/bin/sh");
  EXPECT_THAT(paths, ::testing::Contains(::testing::EndsWith("/libc.so.6")));
}

}  // namespace
}  // namespace ktstr::kvm
