// SPDX-License-Identifier: Apache-2.0
#include "agent/btf.hpp"

#include <algorithm>
#include <cstring>

namespace ktstr::agent {
namespace {

constexpr std::uint16_t kMagic = 0xeb9f;
constexpr std::size_t kHeader = 24, kType = 12, kMember = 12;
constexpr std::uint32_t kInteger = 1, kStruct = 4, kUnion = 5, kTypedef = 8, kVolatile = 9, kConst = 10,
                        kVariable = 14, kSection = 15;

/// Bytes that follow a type of this kind; nothing for a kind that is not known.
std::optional<std::size_t> extra_bytes(std::uint32_t kind, std::size_t count) {
  switch (kind) {
    case 2:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 16:
    case 18: return 0;  // pointers, modifiers, functions, floats
    case 1:
    case 14:
    case 17: return 4;  // integers, variables, tags
    case 3: return 12;  // arrays
    case 4:
    case 5:
    case 15:
    case 19: return count * 12;  // structs, unions, sections, 64-bit enums
    case 6:
    case 13: return count * 8;  // enums, prototypes
    default: return std::nullopt;
  }
}

std::uint32_t word_of(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at <= bytes.size() && bytes.size() - at >= sizeof value)
    std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

std::uint32_t Btf::word(std::size_t at) const { return word_of(types_, at); }

std::string_view Btf::name_at(std::uint32_t offset) const {
  if (offset >= strings_.size()) return {};
  const std::string_view rest = strings_.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

Btf::Btf(std::string_view bytes, const std::vector<std::string_view>& names) {
  if (bytes.size() < kHeader || (word_of(bytes, 0) & 0xffffU) != kMagic) return;
  const std::uint64_t header = word_of(bytes, 4);
  const auto section = [&](std::size_t at) {
    const std::uint64_t begin = header + word_of(bytes, at), size = word_of(bytes, at + 4);
    return begin > bytes.size() || size > bytes.size() - begin ? std::string_view()
                                                               : bytes.substr(begin, size);
  };
  types_ = section(8);
  strings_ = section(16);
  std::uint32_t id = 1;
  for (std::size_t at = 0; types_.size() - at >= kType; ++id) {
    const std::uint32_t info = word(at + 4), kind = info >> 24U & 0x1fU, count = info & 0xffffU;
    const std::optional<std::size_t> extra = extra_bytes(kind, count);
    if (!extra || types_.size() - at - kType < *extra) return;
    if (kind == kStruct) {
      const std::string_view name = name_at(word(at));
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        structs_.try_emplace(std::string(name), Struct{id, count, (info >> 31U) != 0, at + kType});
      }
    }
    at += kType + *extra;
  }
}

std::optional<std::uint32_t> Btf::struct_id(std::string_view name) const {
  const auto found = structs_.find(name);
  return found == structs_.end() ? std::nullopt : std::optional(found->second.id);
}

/// Where a type begins, by its number.
std::optional<std::size_t> Btf::type_at(std::uint32_t wanted) const {
  std::uint32_t id = 1;
  for (std::size_t at = 0; types_.size() - at >= kType && id <= wanted; ++id) {
    const std::uint32_t info = word(at + 4), kind = info >> 24U & 0x1fU, count = info & 0xffffU;
    const std::optional<std::size_t> extra = extra_bytes(kind, count);
    if (!extra || types_.size() - at - kType < *extra) return std::nullopt;
    if (id == wanted) return at;
    at += kType + *extra;
  }
  return std::nullopt;
}

/// A struct or union, which may come before or after what names it.
std::optional<Btf::Struct> Btf::struct_of(std::uint32_t wanted) const {
  const std::optional<std::size_t> at = type_at(wanted);
  if (!at) return std::nullopt;
  const std::uint32_t info = word(*at + 4), kind = info >> 24U & 0x1fU;
  return kind == kStruct || kind == kUnion
             ? std::optional(Struct{wanted, info & 0xffffU, (info >> 31U) != 0, *at + kType})
             : std::nullopt;
}

/// Behind type definitions, const and volatile.
bool Btf::is_signed(std::uint32_t id) const {
  constexpr int kDeepest = 16;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const std::optional<std::size_t> at = type_at(id);
    const std::uint32_t kind = at ? word(*at + 4) >> 24U & 0x1fU : 0;
    if (kind == kInteger) return (word(*at + kType) >> 24U & 1U) != 0;
    if (kind != kTypedef && kind != kVolatile && kind != kConst) return false;
    id = word(*at + 8);
  }
  return false;
}

std::vector<Btf::Variable> Btf::variables(std::uint32_t section) const {
  std::vector<Variable> found;
  const std::optional<std::size_t> at = type_at(section);
  const std::uint32_t info = at ? word(*at + 4) : 0;
  if ((info >> 24U & 0x1fU) != kSection) return found;
  for (std::uint32_t i = 0; i < (info & 0xffffU); ++i) {
    const std::size_t entry = *at + kType + i * kMember;
    const std::optional<std::size_t> variable = type_at(word(entry));
    if (!variable || (word(*variable + 4) >> 24U & 0x1fU) != kVariable) continue;
    found.push_back(
        {name_at(word(*variable)), word(entry + 4), word(entry + 8), is_signed(word(*variable + 8))});
  }
  return found;
}

std::optional<std::uint32_t> Btf::bits_to(const Struct& structure, std::string_view member, int depth,
                                          int& looks) const {
  const auto bits = [&](std::size_t at) {
    return structure.bit_fields ? word(at + 8) & 0xffffffU : word(at + 8);
  };
  for (std::uint32_t i = 0; i < structure.members; ++i) {
    const std::size_t at = structure.at + i * kMember;
    if (name_at(word(at)) == member) return bits(at);
  }
  for (std::uint32_t i = 0; i < structure.members && depth > 0 && looks > 0; ++i) {
    const std::size_t at = structure.at + i * kMember;
    if (!name_at(word(at)).empty()) continue;
    --looks;
    const std::optional<Struct> inner = struct_of(word(at + 4));
    const std::optional<std::uint32_t> more =
        inner ? bits_to(*inner, member, depth - 1, looks) : std::nullopt;
    if (more) return bits(at) + *more;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Btf::member_offset(std::string_view structure, std::string_view member) const {
  constexpr int kDepth = 3, kMostLooks = 256;  // into members without a name, of which the kernel has few
  const auto found = structs_.find(structure);
  if (found == structs_.end() || member.empty()) return std::nullopt;
  int looks = kMostLooks;
  const std::optional<std::uint32_t> bits = bits_to(found->second, member, kDepth, looks);
  return bits && *bits % 8 == 0 ? std::optional(*bits / 8) : std::nullopt;
}

}  // namespace ktstr::agent
