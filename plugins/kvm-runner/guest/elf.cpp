// SPDX-License-Identifier: Apache-2.0
#include "guest/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kLongestBuildId = 64;
constexpr std::size_t kLongestName = 4096;         // PATH_MAX
constexpr std::size_t kMostDynamicEntries = 4096;  // real ones have some thirty
constexpr std::size_t kMostNeeded = 512;

std::size_t padded(std::uint32_t size) { return (std::size_t{size} + 3) / 4 * 4; }

/// The build id in a segment of notes; empty when there is none or the notes are damaged.
std::string build_id_of(std::string_view notes) {
  Elf64_Nhdr header{};
  while (notes.size() >= sizeof header) {
    std::memcpy(&header, notes.data(), sizeof header);
    notes.remove_prefix(sizeof header);
    if (notes.size() < padded(header.n_namesz) || notes.size() - padded(header.n_namesz) < header.n_descsz)
      return {};
    const std::string_view name = notes.substr(0, header.n_namesz),
                           id = notes.substr(padded(header.n_namesz), header.n_descsz);
    if (header.n_type == NT_GNU_BUILD_ID && name == std::string_view("GNU\0", 4) &&
        id.size() <= kLongestBuildId) {
      static constexpr char kHex[] = "0123456789abcdef";
      std::string text;
      for (const char c : id) {
        text += kHex[static_cast<unsigned char>(c) >> 4U];
        text += kHex[static_cast<unsigned char>(c) & 15U];
      }
      return text;
    }
    notes.remove_prefix(std::min(notes.size(), padded(header.n_namesz) + padded(header.n_descsz)));
  }
  return {};
}

/// A part of the file; nothing when it reaches beyond its end.
std::optional<std::string_view> slice(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.substr(offset, size);
}

template <typename T>
std::optional<T> record(std::string_view bytes, std::uint64_t offset) {
  const auto part = slice(bytes, offset, sizeof(T));
  if (!part) return std::nullopt;
  T value{};
  std::memcpy(&value, part->data(), sizeof value);
  return value;
}

/// Where in the file the byte lies that is mapped at `address`.
std::optional<std::uint64_t> offset_of(const std::vector<Elf64_Phdr>& segments, std::uint64_t address) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
        address - segment.p_vaddr >= segment.p_filesz)
      continue;
    const std::uint64_t within = address - segment.p_vaddr;
    if (segment.p_offset > UINT64_MAX - within) return std::nullopt;
    return segment.p_offset + within;
  }
  return std::nullopt;
}

/// The text that begins at `offset` of the string table and ends with a NUL in it.
std::optional<std::string> text_at(std::string_view strings, std::uint64_t offset) {
  if (offset >= strings.size()) return std::nullopt;
  const std::string_view rest = strings.substr(offset);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos || end > kLongestName) return std::nullopt;
  return std::string(rest.substr(0, end));
}

/// Reads the table that PT_DYNAMIC points to. False with `damage` filled in when it makes no sense.
bool read_dynamic(std::string_view bytes, std::string_view table, const std::vector<Elf64_Phdr>& segments,
                  ElfSummary& summary) {
  std::optional<std::uint64_t> strings_address;
  std::uint64_t strings_size = 0;
  std::vector<Elf64_Dyn> texts;
  const std::size_t count = table.size() / sizeof(Elf64_Dyn);
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = record<Elf64_Dyn>(table, i * sizeof(Elf64_Dyn));
    KTSTR_ASSERT(entry.has_value());
    if (entry->d_tag == DT_NULL) break;
    if (i == kMostDynamicEntries) return summary.damage = "its dynamic section has no end", false;
    if (entry->d_tag == DT_STRTAB) strings_address = entry->d_un.d_ptr;
    if (entry->d_tag == DT_STRSZ) strings_size = entry->d_un.d_val;
    if (entry->d_tag == DT_FLAGS_1) summary.no_default_directories = (entry->d_un.d_val & DF_1_NODEFLIB) != 0;
    if (entry->d_tag == DT_NEEDED || entry->d_tag == DT_RPATH || entry->d_tag == DT_RUNPATH)
      texts.push_back(*entry);
  }
  if (texts.empty()) return true;
  if (texts.size() > kMostNeeded)
    return summary.damage = "it needs more than " + std::to_string(kMostNeeded) + " libraries", false;
  const auto offset = strings_address ? offset_of(segments, *strings_address) : std::nullopt;
  const auto strings = offset ? slice(bytes, *offset, strings_size) : std::nullopt;
  if (!strings) return summary.damage = "its table of strings lies outside of the file", false;
  for (const Elf64_Dyn& entry : texts) {
    const auto text = text_at(*strings, entry.d_un.d_val);
    if (!text)
      return summary.damage = "a name in its dynamic section lies outside of its table of strings", false;
    if (entry.d_tag == DT_NEEDED && text->empty())
      return summary.damage = "it needs a library without a name", false;
    if (entry.d_tag == DT_NEEDED) summary.needed.push_back(*text);
    if (entry.d_tag == DT_RPATH) summary.rpath = split(*text, ':');
    if (entry.d_tag == DT_RUNPATH) summary.runpath = split(*text, ':');
  }
  return true;
}

/// The program headers; nothing when the table reaches beyond the file.
std::optional<std::vector<Elf64_Phdr>> read_segments(std::string_view bytes, const Elf64_Ehdr& header) {
  const auto table = slice(bytes, header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr));
  if (!table) return std::nullopt;
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!segments.empty()) std::memcpy(segments.data(), table->data(), table->size());
  return segments;
}

/// What one segment says. False with `damage` filled in when it makes no sense.
bool read_segment(std::string_view bytes, const Elf64_Phdr& segment, const std::vector<Elf64_Phdr>& segments,
                  ElfSummary& summary) {
  const auto content = slice(bytes, segment.p_offset, segment.p_filesz);
  if (segment.p_type == PT_NOTE) {
    if (content && summary.build_id.empty()) summary.build_id = build_id_of(*content);
  } else if (segment.p_type == PT_INTERP) {
    if (!content || content->size() > kLongestName)
      return summary.damage = "its loader's name lies outside of the file", false;
    summary.interpreter = std::string(content->substr(0, content->find('\0')));
    if (summary.interpreter.empty()) return summary.damage = "its loader has no name", false;
  } else if (segment.p_type == PT_DYNAMIC) {
    if (!content) return summary.damage = "its dynamic section lies outside of the file", false;
    return read_dynamic(bytes, *content, segments, summary);
  }
  return true;
}

}  // namespace

ElfSummary inspect_elf(std::string_view bytes) {
  ElfSummary summary;
  const auto header = record<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return summary;
  const bool known = header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB &&
                     header->e_machine == EM_X86_64 &&
                     (header->e_type == ET_EXEC || header->e_type == ET_DYN) &&
                     header->e_phentsize == sizeof(Elf64_Phdr);
  if (!known) {
    summary.damage = "it is built for another machine";
    return summary;
  }
  const auto segments = read_segments(bytes, *header);
  if (!segments) {
    summary.damage = "its program headers lie outside of the file";
    return summary;
  }
  for (const Elf64_Phdr& segment : *segments) {
    if (!read_segment(bytes, segment, *segments, summary)) return summary;
  }
  summary.is_x86_64_program = true;
  return summary;
}

}  // namespace ktstr::kvm
