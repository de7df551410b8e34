// SPDX-License-Identifier: Apache-2.0
#include "guest/elf.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "guest/elf_image.hpp"

namespace ktstr::kvm {
namespace {

void append(std::string& bytes, const auto& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string note(const std::string& name, std::uint32_t type, const std::string& content) {
  std::string bytes;
  append(bytes, Elf64_Nhdr{static_cast<std::uint32_t>(name.size()),
                           static_cast<std::uint32_t>(content.size()), type});
  for (std::string part : {name, content}) {
    part.resize((part.size() + 3) / 4 * 4);
    bytes += part;
  }
  return bytes;
}

/// A static program with one segment of notes, which is `size` bytes long whatever they are.
std::string program(const std::string& notes, std::size_t size) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_X86_64;
  header.e_type = ET_EXEC;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  header.e_phoff = sizeof header;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = size;
  std::string bytes;
  append(bytes, header);
  append(bytes, segment);
  return bytes + notes;
}

std::string build_id(const std::string& notes) {
  const ElfSummary summary = inspect_elf(program(notes, notes.size()));
  EXPECT_TRUE(summary.is_x86_64_program);
  return summary.build_id;
}

const std::string kGnu("GNU\0", 4);

TEST(BuildId, IsFoundAmongOtherNotes) {
  const std::string id = note(kGnu, NT_GNU_BUILD_ID, "\x01\xab\xff");
  EXPECT_EQ(build_id(id), "01abff");
  EXPECT_EQ(build_id(note(kGnu, NT_GNU_ABI_TAG, "12345") + note("Other", NT_GNU_BUILD_ID, "no") + id),
            "01abff");
  EXPECT_EQ(build_id(""), "");
  EXPECT_EQ(build_id(note(kGnu, NT_GNU_ABI_TAG, "1234")), "");
}

TEST(BuildId, DamagedNotesHaveNone) {
  const std::string id = note(kGnu, NT_GNU_BUILD_ID, "abcdefgh");
  for (std::size_t cut = 0; cut < id.size(); ++cut) EXPECT_EQ(build_id(id.substr(0, cut)), "") << cut;
  EXPECT_EQ(build_id(note(kGnu, NT_GNU_BUILD_ID, std::string(65, 'x'))), "");
  std::string huge = id;
  const std::uint32_t size = 0xFFFFFFFF;
  std::memcpy(huge.data(), &size, sizeof size);
  EXPECT_EQ(build_id(huge), "");
  EXPECT_EQ(inspect_elf(program(id, 1U << 30U)).build_id, "");
}

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Elf, TellsWhatAProgramNeeds) {
  samples::ElfImage image{
      "/lib64/ld.so", {"libelf.so.1", "libc.so.6"}, "/old", "$ORIGIN/../lib:/opt/lib", true};
  const ElfSummary summary = inspect_elf(image.bytes());
  ASSERT_TRUE(summary.is_x86_64_program) << summary.damage;
  EXPECT_EQ(summary.interpreter, "/lib64/ld.so");
  EXPECT_THAT(summary.needed, ElementsAre("libelf.so.1", "libc.so.6"));
  EXPECT_THAT(summary.rpath, ElementsAre("/old"));
  EXPECT_THAT(summary.runpath, ElementsAre("$ORIGIN/../lib", "/opt/lib"));
  EXPECT_TRUE(summary.no_default_directories);
  EXPECT_THAT(inspect_elf(samples::ElfImage{}.bytes()).needed, IsEmpty());
}

TEST(Elf, SaysWhyAFileIsNone) {
  EXPECT_EQ(inspect_elf("#!/bin/sh\n").damage, "");
  samples::ElfImage image{"/ld", {"libx.so"}};
  image.machine = EM_AARCH64;
  EXPECT_THAT(inspect_elf(image.bytes()).damage, HasSubstr("another machine"));
  image.machine = EM_X86_64;
  image.strings_size = 1U << 30U;
  EXPECT_THAT(inspect_elf(image.bytes()).damage, HasSubstr("table of strings"));
  image.strings_size = 3;
  EXPECT_THAT(inspect_elf(image.bytes()).damage, HasSubstr("a name in its dynamic section"));
  image.strings_size = 0;
  image.needed = {""};
  EXPECT_THAT(inspect_elf(image.bytes()).damage, HasSubstr("without a name"));
  image.needed.assign(600, "libx.so");
  EXPECT_THAT(inspect_elf(image.bytes()).damage, HasSubstr("more than 512 libraries"));
  image.needed = {"libx.so"};
  const std::string whole = image.bytes();
  EXPECT_THAT(inspect_elf(whole.substr(0, whole.size() - 8)).damage,
              HasSubstr("dynamic section lies outside"));
  EXPECT_THAT(inspect_elf(whole.substr(0, 70)).damage, HasSubstr("program headers"));
}

TEST(Elf, SurvivesEveryDamage) {
  std::ifstream self("/proc/self/exe", std::ios::binary);
  const std::string program((std::istreambuf_iterator<char>(self)), {});
  ASSERT_TRUE(inspect_elf(program).is_x86_64_program);
  EXPECT_EQ(inspect_elf(program).interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_THAT(inspect_elf(program).needed, ::testing::Contains("libc.so.6"));
  const std::string whole = samples::ElfImage{"/lib/ld", {"liba.so", "libb.so"}, "/r", "/s:$ORIGIN"}.bytes();
  ASSERT_TRUE(inspect_elf(whole).is_x86_64_program);
  for (std::size_t size = 0; size < whole.size(); ++size)
    inspect_elf(std::string_view(whole).substr(0, size));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\xff', '\x7f', '\0', '\1'}) {
      std::string changed = whole;
      changed[at] = byte;
      inspect_elf(changed);
    }
  }
}

}  // namespace
}  // namespace ktstr::kvm
