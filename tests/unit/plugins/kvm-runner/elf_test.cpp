// SPDX-License-Identifier: Apache-2.0
#include "guest/elf.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

namespace ktstr::kvm {
namespace {

void append(std::string& bytes, const auto& value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }

std::string note(const std::string& name, std::uint32_t type, const std::string& content) {
  std::string bytes;
  append(bytes, Elf64_Nhdr{static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(content.size()), type});
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
  EXPECT_EQ(build_id(note(kGnu, NT_GNU_ABI_TAG, "12345") + note("Other", NT_GNU_BUILD_ID, "no") + id), "01abff");
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

}  // namespace
}  // namespace ktstr::kvm
