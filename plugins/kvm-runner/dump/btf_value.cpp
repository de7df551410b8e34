// SPDX-License-Identifier: Apache-2.0
#include "dump/btf_value.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

using Kind = BtfTypes::Kind;
constexpr std::uint32_t kMostArrayItems = 16;
constexpr int kDeepestValue = 12;
constexpr std::uint32_t kMostLooks = 10'000;  // structs of structs of nothing have more than any time allows
constexpr std::size_t kLongestFieldText = 128, kLongestFieldName = 80;

std::string address_text(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

class Formatter {
 public:
  Formatter(const BtfTypes& types, std::string_view bytes, std::size_t most)
      : types_(types), bytes_(bytes), most_(most) {}

  std::vector<BtfField> take(std::uint32_t type) {
    format(type, 0, 0, "", 0);
    KTSTR_ASSERT(fields_.size() <= most_);
    return std::move(fields_);
  }

 private:
  bool full() const { return fields_.size() >= most_ || looks_ >= kMostLooks; }
  void add(const std::string& path, std::string text) {
    if (!full()) fields_.push_back({path, std::move(text)});
  }

  /// The bits from there on as a number; false where the bytes end before.
  bool read(std::uint64_t bits, std::uint64_t bit_size, std::uint64_t& value) const {
    const std::uint64_t begin = bits / 8, shift = bits % 8, size = (shift + bit_size + 7) / 8;
    if (bit_size == 0 || bit_size > 64 || size > 8 || begin > bytes_.size() || bytes_.size() - begin < size)
      return false;
    value = 0;
    std::memcpy(&value, bytes_.data() + begin, size);
    value >>= shift;
    if (bit_size < 64) value &= (1ULL << bit_size) - 1;
    return true;
  }

  void number(const BtfTypes::Type& type, std::uint64_t bits, std::uint64_t bit_size,
              const std::string& path) {
    std::uint64_t value = 0;
    if (!read(bits, bit_size, value)) return;
    const std::uint32_t encoding = types_.encoding(type);
    if ((encoding & 1U) != 0 && bit_size < 64 && (value >> (bit_size - 1) & 1U) != 0)
      value |= ~((1ULL << bit_size) - 1);
    if ((encoding & 4U) != 0) return add(path, value != 0 ? "true" : "false");
    add(path,
        (encoding & 1U) != 0 ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value));
  }

  void enumerator(const BtfTypes::Type& type, std::uint64_t bits, std::uint64_t bit_size,
                  const std::string& path) {
    std::uint64_t value = 0;
    if (!read(bits, bit_size, value)) return;
    const std::string name = printable_start(types_.enumerator(type, value), kLongestFieldName);
    add(path, name.empty() ? std::to_string(value) : name);
  }

  void items(const BtfTypes::Type& type, std::uint64_t bits, const std::string& path, int depth) {
    const BtfTypes::Array array = types_.array(type);
    const std::uint64_t size = types_.size_of(array.type);
    const BtfTypes::Type& item = types_.resolve(array.type);
    if (item.kind == Kind::kInt && size == 1 && (item.name == "char" || (types_.encoding(item) & 2U) != 0))
      return text(bits / 8, array.count, path);
    const std::uint32_t shown = std::min(array.count, kMostArrayItems);
    for (std::uint32_t i = 0; size != 0 && i < shown && !full(); ++i)
      format(array.type, bits + i * size * 8, 0, path + '[' + std::to_string(i) + ']', depth + 1);
    if (array.count > shown && size != 0) add(path + "[…]", std::to_string(array.count - shown) + " more");
  }

  void text(std::uint64_t begin, std::uint64_t size, const std::string& path) {
    if (begin >= bytes_.size()) return;
    const std::string_view all = bytes_.substr(begin, size);
    add(path, '"' + printable_start(all.substr(0, all.find('\0')), kLongestFieldText) + '"');
  }

  void members(const BtfTypes::Type& type, std::uint64_t bits, const std::string& path, int depth) {
    for (std::uint32_t i = 0; i < type.count && !full(); ++i) {
      const BtfTypes::Member member = types_.member(type, i);
      const std::string name = printable_start(member.name, kLongestFieldName);
      const std::string inner = name.empty() ? path : path.empty() ? name : path + '.' + name;
      format(member.type, bits + member.bits, member.bit_size, inner, depth + 1);
    }
  }

  void format(std::uint32_t id, std::uint64_t bits, std::uint64_t bit_size, const std::string& path,
              int depth) {
    ++looks_;
    if (depth > kDeepestValue || full() || bits / 8 >= bytes_.size()) return;
    const BtfTypes::Type& type = types_.resolve(id);
    const std::uint64_t width = bit_size != 0 ? bit_size : types_.size_of(id) * 8;
    std::uint64_t value = 0;
    switch (type.kind) {
      case Kind::kInt: return number(type, bits, width, path);
      case Kind::kEnum:
      case Kind::kEnum64: return enumerator(type, bits, width, path);
      case Kind::kArray: return items(type, bits, path, depth);
      case Kind::kStruct:
      case Kind::kUnion:
      case Kind::kSection: return members(type, bits, path, depth);
      case Kind::kPointer:
      case Kind::kFloat:
        if (read(bits, width, value)) add(path, address_text(value));
        return;
      default:
        if (depth == 0)
          add(path, bytes_.size() == 8 && read(0, 64, value)
                        ? std::to_string(value)
                        : kit::hex(bytes_.substr(0, kLongestFieldText / 2)));
    }
  }

  const BtfTypes& types_;
  std::string_view bytes_;
  std::size_t most_;
  std::uint32_t looks_ = 0;
  std::vector<BtfField> fields_;
};

}  // namespace

std::vector<BtfField> format_value(const BtfTypes& types, std::uint32_t type, std::string_view bytes,
                                   std::size_t most) {
  return Formatter(types, bytes, most).take(type);
}

}  // namespace ktstr::kvm
