// SPDX-License-Identifier: Apache-2.0
#include "dump/btf_types.hpp"

#include <algorithm>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <optional>

namespace ktstr::kvm {
namespace {

constexpr std::uint16_t kBtfMagic = 0xeb9f;
constexpr std::size_t kBtfHeader = 24, kBtfType = 12, kMostBtfTypes = 1 << 17;
constexpr int kDeepestType = 32;

std::uint32_t btf_word(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at <= bytes.size() && bytes.size() - at >= sizeof value)
    std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Bytes that follow a type; nothing for a kind that is not known.
std::optional<std::size_t> btf_extra(BtfTypes::Kind kind, std::size_t count) {
  using enum BtfTypes::Kind;
  switch (kind) {
    case kInt:
    case kVariable:
    case kDeclTag: return 4;
    case kArray: return 12;
    case kStruct:
    case kUnion:
    case kSection:
    case kEnum64: return count * 12;
    case kEnum:
    case kPrototype: return count * 8;
    case kVoid: return std::nullopt;
    default: return kind <= kEnum64 ? std::optional<std::size_t>(0) : std::nullopt;
  }
}

}  // namespace

BtfTypes::BtfTypes(std::string_view bytes) {
  if (bytes.size() < kBtfHeader || (btf_word(bytes, 0) & 0xffffU) != kBtfMagic) return;
  const std::uint64_t header = btf_word(bytes, 4);
  const auto section = [&](std::size_t at) {
    const std::uint64_t begin = header + btf_word(bytes, at), size = btf_word(bytes, at + 4);
    return begin > bytes.size() || size > bytes.size() - begin ? std::string_view()
                                                               : bytes.substr(begin, size);
  };
  data_ = section(8);
  strings_ = section(16);
  for (std::size_t at = 0; data_.size() - at >= kBtfType && types_.size() < kMostBtfTypes;) {
    const std::uint32_t info = word(at + 4);
    Type type{static_cast<Kind>(info >> 24U & 0x1fU),
              name_at(word(at)),
              info & 0xffffU,
              word(at + 8),
              (info >> 31U) != 0,
              at + kBtfType};
    const std::optional<std::size_t> extra = btf_extra(type.kind, type.count);
    if (!extra || data_.size() - at - kBtfType < *extra) return;
    types_.push_back(type);
    at += kBtfType + *extra;
    KTSTR_ASSERT(at <= data_.size());
  }
}

std::uint32_t BtfTypes::word(std::size_t at) const { return btf_word(data_, at); }

std::string_view BtfTypes::name_at(std::uint32_t offset) const {
  if (offset >= strings_.size()) return {};
  const std::string_view rest = strings_.substr(offset);
  return rest.substr(0, rest.find('\0'));
}

const BtfTypes::Type& BtfTypes::resolve(std::uint32_t id) const {
  for (int depth = 0; depth < kDeepestType; ++depth) {
    const Type& type = at(id);
    switch (type.kind) {
      case Kind::kTypedef:
      case Kind::kVolatile:
      case Kind::kConst:
      case Kind::kRestrict:
      case Kind::kTypeTag:
      case Kind::kVariable: id = type.size_or_type; break;
      default: return type;
    }
  }
  KTSTR_ASSERT(!types_.empty());  // the first stands for no type
  return types_[0];
}

BtfTypes::Member BtfTypes::member(const Type& type, std::uint32_t index) const {
  KTSTR_ASSERT(index < type.count);
  const std::size_t place = type.extra + index * 12ULL;
  if (type.kind == Kind::kSection) {
    const std::uint32_t variable = word(place);
    return {at(variable).name, variable, word(place + 4) * 8ULL, 0};
  }
  const std::uint32_t offset = word(place + 8);
  return {name_at(word(place)), word(place + 4), type.flag ? offset & 0xffffffU : offset,
          type.flag ? offset >> 24U : 0};
}

BtfTypes::Array BtfTypes::array(const Type& type) const {
  KTSTR_ASSERT(type.kind == Kind::kArray);
  return {word(type.extra), word(type.extra + 8)};
}

std::string_view BtfTypes::enumerator(const Type& type, std::uint64_t value) const {
  const bool wide = type.kind == Kind::kEnum64;
  for (std::uint32_t i = 0; i < type.count; ++i) {
    const std::size_t place = type.extra + i * (wide ? 12ULL : 8ULL);
    const std::uint64_t one =
        wide ? word(place + 4) | static_cast<std::uint64_t>(word(place + 8)) << 32U : word(place + 4);
    if (one == value) return name_at(word(place));
  }
  return {};
}

std::uint64_t BtfTypes::size_of(std::uint32_t id, int depth) const {
  const Type& type = resolve(id);
  switch (type.kind) {
    case Kind::kInt:
    case Kind::kStruct:
    case Kind::kUnion:
    case Kind::kEnum:
    case Kind::kEnum64:
    case Kind::kFloat:
    case Kind::kSection: return type.size_or_type;
    case Kind::kPointer: return 8;
    case Kind::kArray: {
      const Array items = array(type);
      const std::uint64_t one = depth < kDeepestType ? size_of(items.type, depth + 1) : 0;
      return std::min<std::uint64_t>(one, UINT32_MAX) * items.count;
    }
    default: return 0;
  }
}

}  // namespace ktstr::kvm
