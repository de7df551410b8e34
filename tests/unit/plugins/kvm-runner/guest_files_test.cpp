// SPDX-License-Identifier: Apache-2.0
#include "guest/guest_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "guest/elf.hpp"
#include "guest/library_list.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(GuestFiles, Sha256) {
  EXPECT_EQ(program_sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(GuestFiles, ADynamicProgramBringsItsLibraries) {
  const fs::path self = fs::read_symlink("/proc/self/exe");  // this test: dynamic, with libstdc++
  GuestFiles files;
  MachineError error;
  ASSERT_TRUE(collect_guest_files("/", self, files, error)) << error.message;
  EXPECT_FALSE(files.from_project);
  EXPECT_EQ(files.program, "/opt/ktstr/bin/kvm-runner-test");
  EXPECT_EQ(files.sha256.size(), 64U);
  const auto has = [&](std::string_view suffix) {
    return std::any_of(files.files.begin(), files.files.end(), [&](const Blob& blob) { return blob.path.ends_with(suffix) && !blob.contents.empty(); });
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
  EXPECT_TRUE(resolve_program(project, "inside", resolved, error));
  EXPECT_FALSE(resolve_program(project, "../outside", resolved, error));
  EXPECT_THAT(error.message, HasSubstr("lies outside the project"));
  EXPECT_FALSE(resolve_program(project, "link", resolved, error));
  EXPECT_THAT(error.message, HasSubstr("lies outside the project"));
  EXPECT_TRUE(resolve_program(project, directory.path() / "outside", resolved, error));
  EXPECT_FALSE(resolve_program(project, "missing", resolved, error));
  EXPECT_THAT(error.message, HasSubstr("the scheduler missing does not exist"));
  EXPECT_THAT(error.hint, HasSubstr("build"));
}

TEST(GuestFiles, OnlyPrograms) {
  const samples::TemporaryDirectory directory;
  directory.write("script", "#!/bin/sh\n");
  GuestFiles files;
  MachineError error;
  EXPECT_FALSE(collect_guest_files(directory.path(), "script", files, error));
  EXPECT_THAT(error.message, HasSubstr("is not an x86-64 ELF program"));
  EXPECT_FALSE(collect_guest_files(directory.path(), ".", files, error));
  EXPECT_THAT(error.message, HasSubstr("is not a readable file"));
}

TEST(Elf, SurvivesEveryDamage) {
  const std::string whole = slurp("/proc/self/exe").substr(0, 2000);
  ASSERT_TRUE(inspect_elf(whole).is_x86_64_program);
  EXPECT_EQ(inspect_elf(whole).interpreter, "/lib64/ld-linux-x86-64.so.2");
  for (std::size_t size = 0; size < whole.size(); ++size) inspect_elf(std::string_view(whole).substr(0, size));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(0xff);
    inspect_elf(changed);
  }
}

TEST(LibraryList, ReadsTheLoadersOutput) {
  std::vector<std::string> missing;
  const auto libraries = parse_library_list(
      "\tlinux-vdso.so.1 (0x00007fff)\n\tlibelf.so.1 => /lib/x86_64-linux-gnu/libelf.so.1 (0x00007f11)\n"
      "\tlibbpf.so.1 => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f22)\n\tgarbage\n\tstatically linked\n", missing);
  ASSERT_EQ(libraries.size(), 2U);
  EXPECT_EQ(libraries[0].name, "libelf.so.1");
  EXPECT_EQ(libraries[0].path, "/lib/x86_64-linux-gnu/libelf.so.1");
  EXPECT_EQ(libraries[1].path, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_THAT(missing, ElementsAre("libbpf.so.1"));
}

TEST(LibraryList, AFailingLoaderIsAnError) {
  std::vector<LibraryFile> libraries;
  MachineError error;
  EXPECT_FALSE(list_libraries("/bin/false", "/bin/true", libraries, error));
  EXPECT_THAT(error.message, HasSubstr("cannot be listed"));
  EXPECT_FALSE(list_libraries("/no/loader", "/bin/true", libraries, error));
  EXPECT_THAT(error.message, HasSubstr("cannot be started"));
}

}  // namespace
}  // namespace ktstr::kvm
